//! Whether the hooks that a person knows from the checkout run in a worktree too.

use std::path::PathBuf;

use super::{Check, Finding};
use crate::model::named::named;

/// How many names a finding lists.
const NAMED: usize = 5;

/// The hooks of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hooks {
    /// `core.hooksPath`, as it is set.
    pub setting: Option<String>,
    /// Whether the commit that is checked out holds files below it, so that a worktree has them too.
    pub tracked: bool,
    /// The folder that hooks are looked for in, from this checkout.
    pub folder: PathBuf,
    /// Whether that folder is there.
    pub exists: bool,
    /// The hooks in it that git runs, by name.
    pub awake: Vec<String>,
    /// Those that git passes over because they are not executable.
    pub asleep: Vec<String>,
}

/// What is to be said of them. `quote` makes a word of a path as a shell takes it.
#[must_use]
pub fn judge(hooks: &Hooks, quote: &dyn Fn(&std::path::Path) -> String) -> Vec<Finding> {
    let check = Check::Hooks;
    let mut findings = Vec::new();
    let relative = hooks
        .setting
        .as_deref()
        .filter(|setting| !setting.is_empty() && !setting.starts_with(['/', '~']));
    if let Some(setting) = relative {
        let words = if hooks.tracked {
            format!(
                "core.hooksPath is `{setting}`, which each worktree resolves for itself: a unit's own copy of the hooks runs"
            )
        } else {
            format!(
                "core.hooksPath is `{setting}`, which each worktree resolves for itself and has nothing at: no hook runs for a unit"
            )
        };
        findings.push(Finding::warning(check, words).run(format!(
            "git config core.hooksPath {}",
            quote(&hooks.folder)
        )));
    } else if let Some(setting) = hooks.setting.as_deref().filter(|_| !hooks.exists) {
        let words =
            format!("core.hooksPath is `{setting}`, and no such folder is there: no hook runs");
        findings.push(Finding::warning(check, words).advise(
            "make the folder, or take the setting away: git config --unset core.hooksPath",
        ));
    }
    if !hooks.asleep.is_empty() {
        let names = named(&hooks.asleep, NAMED);
        let paths: Vec<String> = hooks
            .asleep
            .iter()
            .map(|name| quote(&hooks.folder.join(name)))
            .collect();
        findings.push(
            Finding::warning(
                check,
                format!("not executable, so git passes over it: {names}"),
            )
            .run(format!("chmod +x {}", paths.join(" "))),
        );
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            check,
            if hooks.awake.is_empty() {
                "none".to_owned()
            } else {
                format!("{} will run for each unit", named(&hooks.awake, NAMED))
            },
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Hooks, judge};
    use crate::model::checkup::Verdict;

    fn said(hooks: &Hooks) -> Vec<(Verdict, Vec<String>)> {
        let findings = judge(hooks, &|path| path.display().to_string());
        findings
            .into_iter()
            .map(|found| (found.verdict, found.commands))
            .collect()
    }

    fn hooks(setting: Option<&str>) -> Hooks {
        Hooks {
            setting: setting.map(str::to_owned),
            folder: "/r/.husky/_".into(),
            exists: true,
            ..Hooks::default()
        }
    }

    #[test]
    fn a_relative_folder_is_warned_of_and_an_absolute_one_taken() {
        let command = "git config core.hooksPath /r/.husky/_".to_owned();
        assert_eq!(
            said(&hooks(Some(".husky/_"))),
            [(Verdict::Warning, vec![command])]
        );
        for fine in [None, Some("/r/hooks"), Some("~/hooks")] {
            assert_eq!(said(&hooks(fine)), [(Verdict::Ok, Vec::new())]);
        }
    }

    #[test]
    fn hooks_that_git_passes_over_are_woken() {
        let asleep = Hooks {
            asleep: vec!["pre-commit".to_owned(), "commit-msg".to_owned()],
            ..hooks(None)
        };
        let command = "chmod +x /r/.husky/_/pre-commit /r/.husky/_/commit-msg".to_owned();
        assert_eq!(said(&asleep), [(Verdict::Warning, vec![command])]);
    }

    #[test]
    fn a_folder_that_is_not_there_runs_nothing() {
        let gone = Hooks {
            exists: false,
            ..hooks(Some("/gone"))
        };
        assert_eq!(said(&gone), [(Verdict::Warning, Vec::new())]);
        let usual = Hooks {
            exists: false,
            ..hooks(None)
        };
        assert_eq!(said(&usual), [(Verdict::Ok, Vec::new())]);
    }
}
