//! Which program the name `batch` starts: systems with `at` have another of that name.

use std::path::{Path, PathBuf};

use super::{Check, Finding};

/// What is on PATH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnPath {
    /// The folder of the program that runs now.
    pub own: PathBuf,
    /// The first `batch` on PATH, and whether it is ours.
    pub batch: Option<(PathBuf, bool)>,
    /// Whether the first `git-batch` on PATH is ours.
    pub git_batch: bool,
}

/// What is to be said of it. `quote` makes a word of a path as a shell takes it.
#[must_use]
pub fn judge(found: &OnPath, quote: &dyn Fn(&Path) -> String) -> Finding {
    let check = Check::Path;
    let words = match &found.batch {
        Some((path, true)) => return Finding::ok(check, format!("batch is {}", path.display())),
        Some((path, false)) => format!("batch starts another program: {}", path.display()),
        None => format!("batch is not on PATH; it is in {}", found.own.display()),
    };
    let finding = Finding::warning(check, words);
    if found.git_batch {
        return finding.advise("say `git batch` instead of `batch`: that is this program");
    }
    finding.run(format!("export PATH={}:\"$PATH\"", quote(&found.own)))
}

#[cfg(test)]
mod tests {
    use super::{OnPath, judge};
    use crate::model::checkup::Verdict;

    #[test]
    fn another_program_of_the_name_is_told_with_the_way_around_it() {
        let with = |batch: Option<(&str, bool)>, git_batch| {
            let found = OnPath {
                own: "/opt/batch".into(),
                batch: batch.map(|(path, ours)| (path.into(), ours)),
                git_batch,
            };
            judge(&found, &|path| path.display().to_string())
        };
        assert_eq!(
            with(Some(("/opt/batch/batch", true)), false).verdict,
            Verdict::Ok
        );
        let other = with(Some(("/usr/bin/batch", false)), true);
        assert_eq!(other.verdict, Verdict::Warning);
        assert!(other.advice.unwrap().contains("git batch"));
        for batch in [Some(("/usr/bin/batch", false)), None] {
            assert_eq!(
                with(batch, false).commands,
                ["export PATH=/opt/batch:\"$PATH\""]
            );
        }
    }
}
