//! Whether this machine's git is one that works.

use super::{Check, Finding, Trial};

/// The git executable that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// New enough, of this version.
    Good(String),
    /// None, or too old a one, in the words of who asked.
    Bad(String),
}

/// What is to be said of it; `merging` is the trial of a merge in memory, where there was something to merge.
#[must_use]
pub fn judge(program: &Program, merging: Option<&Trial>) -> Finding {
    let version = match program {
        Program::Good(version) => version,
        Program::Bad(words) => {
            return Finding::problem(Check::Git, words)
                .advise("install git 2.39 or newer: https://git-scm.com/downloads");
        }
    };
    match merging {
        None | Some(Trial::Passed) => Finding::ok(Check::Git, format!("git {version}")),
        Some(Trial::Failed(words)) => Finding::problem(
            Check::Git,
            format!("git {version} cannot merge in memory (merge-tree --write-tree): {words}"),
        )
        .advise("install git 2.39 or newer: https://git-scm.com/downloads"),
        Some(Trial::TimedOut(seconds)) => Finding::untold(
            Check::Git,
            format!("git {version} took over {seconds} s to merge a commit with itself"),
        ),
        Some(Trial::Untold(words)) => {
            Finding::untold(Check::Git, format!("git {version}: {words}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Program, judge};
    use crate::model::checkup::{Trial, Verdict};

    #[test]
    fn only_a_git_that_works_is_well() {
        let good = Program::Good("2.47.3".to_owned());
        assert_eq!(judge(&good, None).words, "git 2.47.3");
        assert_eq!(judge(&good, Some(&Trial::Passed)).verdict, Verdict::Ok);
        let old = Program::Bad("git 2.30 is too old".to_owned());
        assert_eq!(judge(&old, None).verdict, Verdict::Problem);
        let cannot = Trial::Failed("usage".to_owned());
        assert_eq!(judge(&good, Some(&cannot)).verdict, Verdict::Problem);
        for unknown in [Trial::TimedOut(5), Trial::Untold("no disk".to_owned())] {
            let found = judge(&good, Some(&unknown));
            assert_eq!(found.verdict, Verdict::Warning);
            assert!(found.words.starts_with("could not be told: "), "{found:?}");
        }
    }
}
