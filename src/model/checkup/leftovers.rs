//! What runs that died have left.

use std::path::{Path, PathBuf};

use super::{Check, Finding};
use crate::model::counted::counted;
use crate::model::id::RunId;
use crate::model::named::named;

/// How many names a finding lists.
const NAMED: usize = 3;

/// What was left.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Leftovers {
    /// Runs whose process is gone, and whose journal does not say that they ended; the oldest first.
    pub cut_off: Vec<RunId>,
    /// Worktrees of batch's that no process works in.
    pub worktrees: Vec<PathBuf>,
    /// Worktrees whose making was killed: while one is there, every fetch fails.
    pub killed_adds: Vec<PathBuf>,
    /// The run that goes on now, whose worktrees are not known from others.
    pub going: Option<RunId>,
    /// Runs whose journal cannot be read.
    pub unreadable: Vec<RunId>,
}

/// What is to be said of it. `quote` makes a word of a path as a shell takes it.
#[must_use]
pub fn judge(left: &Leftovers, quote: &dyn Fn(&Path) -> String) -> Vec<Finding> {
    let check = Check::Leftovers;
    let mut findings = Vec::new();
    if let Some(going) = &left.going {
        findings.push(
            Finding::ok(check, format!("run {going} is going on"))
                .advise(format!("watch it with: batch status {going}")),
        );
    }
    if !left.killed_adds.is_empty() {
        let words = format!(
            "{} whose making was killed: every fetch fails while it is there",
            counted(left.killed_adds.len(), "worktree")
        );
        let commands = left.killed_adds.iter().map(|path| {
            // Once for what is not clean, and once more for what is locked.
            format!("git worktree remove --force --force {}", quote(path))
        });
        let finding = Finding::problem(check, words);
        findings.push(commands.fold(finding, Finding::run));
    }
    for run in &left.cut_off {
        findings.push(
            Finding::warning(check, format!("run {run} was cut off"))
                .run(format!("batch resume {run}")),
        );
    }
    // What a run that was cut off left is taken up by its resume.
    if left.cut_off.is_empty() && left.going.is_none() && !left.worktrees.is_empty() {
        let paths: Vec<String> = left
            .worktrees
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let words = format!(
            "{} of runs that ended: {}",
            counted(left.worktrees.len(), "worktree"),
            named(&paths, NAMED)
        );
        findings.push(Finding::warning(check, words).run("batch clean"));
    }
    if !left.unreadable.is_empty() {
        let runs: Vec<String> = left.unreadable.iter().map(RunId::to_string).collect();
        findings.push(Finding::untold(
            check,
            format!("the journal cannot be read of {}", named(&runs, NAMED)),
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(check, "none of earlier runs"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Leftovers, judge};
    use crate::model::checkup::{Finding, Verdict};
    use crate::model::sample;

    fn judged(left: &Leftovers) -> Vec<Finding> {
        judge(left, &|path| path.display().to_string())
    }

    #[test]
    fn each_leftover_has_the_command_that_takes_it_up() {
        assert_eq!(judged(&Leftovers::default())[0].verdict, Verdict::Ok);
        let run = sample::run();
        let left = Leftovers {
            cut_off: vec![run.clone()],
            worktrees: vec!["/c/w".into()],
            killed_adds: vec!["/c/k".into()],
            ..Leftovers::default()
        };
        let commands: Vec<String> = judged(&left).into_iter().flat_map(|f| f.commands).collect();
        assert_eq!(
            commands,
            [
                "git worktree remove --force --force /c/k".to_owned(),
                format!("batch resume {run}"),
            ]
        );
        let ended = Leftovers {
            worktrees: vec!["/c/w".into()],
            ..Leftovers::default()
        };
        assert_eq!(judged(&ended)[0].commands, ["batch clean"]);
    }

    #[test]
    fn the_worktrees_of_a_run_that_goes_on_are_no_leftovers() {
        let left = Leftovers {
            worktrees: vec!["/c/w".into()],
            going: Some(sample::run()),
            ..Leftovers::default()
        };
        let found = judged(&left);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].verdict, Verdict::Ok);
    }
}
