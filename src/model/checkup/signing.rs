//! Whether a commit can be signed while nobody is there to type a passphrase.

use super::{Check, Finding, Trial};

/// How commits are signed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// `gpg.format`: `openpgp`, `ssh` or `x509`.
    pub format: String,
    /// `user.signingkey`, as a shell takes it.
    pub key: Option<String>,
    /// What came of signing one.
    pub trial: Trial,
}

/// What is to be said of it; none when commits are not to be signed.
#[must_use]
pub fn judge(signing: Option<&Signing>) -> Finding {
    let check = Check::Signing;
    let Some(signing) = signing else {
        return Finding::ok(
            check,
            "commits are not to be signed (commit.gpgsign is off)",
        );
    };
    let format = &signing.format;
    let why = match &signing.trial {
        Trial::Passed => {
            return Finding::ok(
                check,
                format!("a commit is signed without asking ({format})"),
            );
        }
        Trial::Untold(words) => return Finding::untold(check, words),
        Trial::Failed(words) => words.clone(),
        Trial::TimedOut(seconds) => {
            format!("no signature after {seconds} s, so somebody is waited for")
        }
    };
    let finding = Finding::problem(
        check,
        format!("commits are to be signed ({format}), and no worker could: {why}"),
    );
    let unlocked = match (format.as_str(), &signing.key) {
        ("ssh", Some(key)) => format!("ssh-add {key}"),
        ("ssh", None) => "ssh-add".to_owned(),
        ("x509", _) => "gpgsm --sign --output /dev/null /dev/null".to_owned(),
        (_, Some(key)) => format!("gpg --local-user {key} --clearsign < /dev/null"),
        (_, None) => "gpg --clearsign < /dev/null".to_owned(),
    };
    finding.run(unlocked).advise(
        "that hands the key to its agent, which then signs for workers too; name another key with `git config user.signingkey KEY`, or have commits here unsigned with `git config commit.gpgsign false`",
    )
}

#[cfg(test)]
mod tests {
    use super::{Signing, judge};
    use crate::model::checkup::{Trial, Verdict};

    #[test]
    fn a_signature_that_somebody_must_type_for_is_a_problem() {
        assert_eq!(judge(None).verdict, Verdict::Ok);
        let signed = |format: &str, trial| {
            let format = format.to_owned();
            let key = Some("0xABC".to_owned());
            judge(Some(&Signing { format, key, trial }))
        };
        assert_eq!(signed("ssh", Trial::Passed).verdict, Verdict::Ok);
        let waiting = signed("openpgp", Trial::TimedOut(10));
        assert_eq!(waiting.verdict, Verdict::Problem);
        assert!(waiting.words.contains("no signature after 10 s"));
        assert_eq!(
            waiting.commands,
            ["gpg --local-user 0xABC --clearsign < /dev/null"]
        );
        let refused = signed("ssh", Trial::Failed("no such key".to_owned()));
        assert_eq!(refused.commands, ["ssh-add 0xABC"]);
        let unknown = signed("ssh", Trial::Untold("no disk".to_owned()));
        assert_eq!(unknown.verdict, Verdict::Warning);
    }
}
