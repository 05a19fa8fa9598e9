//! Whether a test command is known.

use super::{Check, Finding};
use crate::model::facts::{CommandKind, Commands, Confidence};
use crate::model::plan::TestPolicy;

/// What is to be said of it: `set` is what the settings say, `found` what the files tell.
#[must_use]
pub fn judge(set: &TestPolicy, found: &Commands) -> Finding {
    let check = Check::Test;
    match set {
        TestPolicy::Command(command) => {
            return Finding::ok(check, format!("{command} (by the settings)"));
        }
        TestPolicy::None => return Finding::ok(check, "none is wanted (by the settings)"),
        TestPolicy::Undecided => {}
    }
    match found.best(CommandKind::Test) {
        Some(test) if test.confidence == Confidence::Guessed => Finding::warning(
            check,
            format!("perhaps {} (a guess from {})", test.command, test.from),
        )
        .run("batch init")
        .advise("then set the right one as `test` in batch.toml, or give it with --test"),
        Some(test) => Finding::ok(check, format!("{} ({})", test.command, test.from)),
        None => Finding::warning(check, "no test command was found in the repository's files")
            .run("batch init")
            .advise("then set it as `test` in batch.toml; or give --test CMD, or --no-test"),
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::model::checkup::Verdict;
    use crate::model::facts::{Commands, Contents, detect};
    use crate::model::id::ObjectId;
    use crate::model::plan::TestPolicy;
    use crate::model::tree::{Mode, TreeFile};

    fn found(path: &str) -> Commands {
        let file = TreeFile {
            path: path.into(),
            mode: Mode::File,
            id: ObjectId::new("1"),
        };
        detect(&[file], &Contents::default())
    }

    #[test]
    fn a_command_that_is_set_comes_first_and_a_guess_is_called_one() {
        let go = found("go.mod");
        let undecided = TestPolicy::Undecided;
        assert_eq!(judge(&undecided, &go).words, "go test ./... (go.mod)");
        let set = judge(&TestPolicy::Command("make test".to_owned()), &go);
        assert_eq!(set.words, "make test (by the settings)");
        assert_eq!(judge(&TestPolicy::None, &go).verdict, Verdict::Ok);
        let guess = judge(&undecided, &found("tox.ini"));
        assert_eq!(guess.verdict, Verdict::Warning);
        assert_eq!(guess.words, "perhaps tox (a guess from tox.ini)");
        let none = judge(&undecided, &found("README.md"));
        assert_eq!(none.verdict, Verdict::Warning);
    }
}
