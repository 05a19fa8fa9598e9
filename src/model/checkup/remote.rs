//! Whether the remote's branches are such that a run can start from one and add its own.

use super::{Check, Finding};

/// What a remote that answered has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Its name.
    pub remote: String,
    /// The branch that its HEAD names, where that exists.
    pub default: Option<String>,
    /// How many branches it has.
    pub branches: usize,
    /// A branch that stands in the way of a run's.
    pub blocking: Option<String>,
    /// What the names of a run's branches begin with.
    pub prefix: String,
}

/// What is to be said of it.
#[must_use]
pub fn judge(answered: &Answered) -> Finding {
    let Answered {
        remote,
        default,
        branches,
        blocking,
        prefix,
    } = answered;
    let check = Check::Remote;
    if *branches == 0 {
        return Finding::problem(check, format!("{remote} is empty: it has no branch"))
            .run(format!("git push {remote} HEAD"));
    }
    if let Some(blocking) = blocking {
        return Finding::problem(
            check,
            format!("branch `{blocking}` on {remote} blocks every branch below `{prefix}`"),
        )
        .advise("choose another --branch-prefix, or rename the branch that is there");
    }
    match default {
        Some(default) => Finding::ok(check, format!("{remote}, default branch {default}")),
        None => Finding::warning(
            check,
            format!("{remote} has no default branch: its HEAD names none that exists"),
        )
        .advise("name the base with --base, or set the default branch on the server"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Answered, judge};
    use crate::model::checkup::Verdict;

    fn answered() -> Answered {
        Answered {
            remote: "origin".to_owned(),
            default: Some("main".to_owned()),
            branches: 3,
            blocking: None,
            prefix: "batch/".to_owned(),
        }
    }

    #[test]
    fn a_remote_must_have_a_branch_to_start_from_and_room_for_others() {
        assert_eq!(judge(&answered()).words, "origin, default branch main");
        let empty = Answered {
            branches: 0,
            default: None,
            ..answered()
        };
        assert_eq!(judge(&empty).commands, ["git push origin HEAD"]);
        let headless = Answered {
            default: None,
            ..answered()
        };
        assert_eq!(judge(&headless).verdict, Verdict::Warning);
        let blocked = Answered {
            blocking: Some("batch".to_owned()),
            ..answered()
        };
        assert_eq!(judge(&blocked).verdict, Verdict::Problem);
    }
}
