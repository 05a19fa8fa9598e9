//! Whether git knows who commits.

use super::{Check, Finding};

/// Who commits, as far as git knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Why git does not know, in its words; none when it does.
    pub refusal: Option<String>,
    /// Who it is.
    pub who: String,
    /// Whether a name is set.
    pub name: bool,
    /// Whether an address is set.
    pub email: bool,
    /// Whether it is asked outside a repository.
    pub everywhere: bool,
}

/// What is to be said of it.
#[must_use]
pub fn judge(identity: &Identity) -> Finding {
    let check = Check::Identity;
    let Some(refusal) = &identity.refusal else {
        return Finding::ok(check, format!("commits as {}", identity.who));
    };
    let words = format!("git does not know who commits here: {refusal}");
    let mut finding = Finding::problem(check, words);
    let to = if identity.everywhere { " --global" } else { "" };
    if !identity.name {
        finding = finding.run(format!("git config{to} user.name 'Your Name'"));
    }
    if !identity.email {
        finding = finding.run(format!("git config{to} user.email you@example.com"));
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::{Identity, judge};

    #[test]
    fn only_what_is_missing_is_asked_for() {
        let known = Identity {
            refusal: None,
            who: "Ada <ada@example.com>".to_owned(),
            name: true,
            email: true,
            everywhere: false,
        };
        assert_eq!(judge(&known).words, "commits as Ada <ada@example.com>");
        let unknown = Identity {
            refusal: Some("no email was given".to_owned()),
            email: false,
            ..known
        };
        assert_eq!(
            judge(&unknown).commands,
            ["git config user.email you@example.com"]
        );
        let nowhere = Identity {
            name: false,
            everywhere: true,
            ..unknown
        };
        assert_eq!(
            judge(&nowhere).commands,
            [
                "git config --global user.name 'Your Name'",
                "git config --global user.email you@example.com"
            ]
        );
    }
}
