//! [`Preflight`]: what a plan's pull requests mean for the forge, for CI and for people, told before the approval: how many
//! writes at which pace, how many runs of workflows, who is notified how often. Pure; the words are the caller's.

use std::time::Duration;

use crate::engine::caps::Caps;
use crate::engine::workflows::{Trigger, Workflow};
use crate::model::plan::Plan;
use crate::model::wishes::{Tracking, Wishes};

/// How fast the forge is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WritePace {
    /// So long from one write to the next.
    pub interval: Duration,
    /// At most so many in a minute.
    pub per_minute: u32,
    /// At most so many in an hour.
    pub per_hour: u32,
}

/// What a plan's pull requests mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preflight {
    /// The pull requests, if every unit has something to change.
    pub pulls: usize,
    /// How many of them wait for a cap at first, if nobody merges anything meanwhile.
    pub held_back: usize,
    /// The writes to the forge, as far as they can be told beforehand: it is asked to read more often.
    pub writes: usize,
    /// How long these writes take at least, each by itself at once.
    pub at_least: Duration,
    /// The workflows that run for each pull request, by name or file.
    pub workflows: Vec<String>,
    /// How often workflows run for all of them together; a push and a pull request count both.
    pub ci_runs: usize,
    /// Who the forge notifies as an owner of files, by CODEOWNERS, with the number of pull requests; the most first.
    pub owners: Vec<(String, usize)>,
}

impl Preflight {
    /// Of a plan with these wishes, in a repository with these workflows. `branch` is a head branch such as the units will
    /// have.
    #[must_use]
    pub fn of(
        plan: &Plan,
        wishes: &Wishes,
        workflows: &[Workflow],
        branch: &str,
        pace: WritePace,
    ) -> Self {
        let pulls = plan.units.len();
        let writes: usize = plan
            .units
            .iter()
            .map(|unit| writes_of(wishes, unit.owner.as_deref()))
            .sum();
        // Made or found, and brought up to date at the end.
        let writes = writes
            + match wishes.tracking {
                Some(Tracking::New | Tracking::Issue(_)) => 2,
                None => 0,
            };
        let run: Vec<&Workflow> = workflows
            .iter()
            .filter(|workflow| runs_of(workflow, plan, branch) > 0)
            .collect();
        let runs: usize = run
            .iter()
            .map(|workflow| runs_of(workflow, plan, branch))
            .sum();
        let at_once = at_once(wishes, run.is_empty());
        Self {
            pulls,
            held_back: pulls.saturating_sub(at_once.unwrap_or(pulls)),
            writes,
            at_least: pace.least(writes),
            workflows: run.iter().map(|workflow| workflow.name.clone()).collect(),
            ci_runs: runs * pulls,
            owners: owners(plan),
        }
    }
}

impl WritePace {
    /// How long so many writes take at least.
    #[must_use]
    pub fn least(self, writes: usize) -> Duration {
        let between = u32::try_from(writes.saturating_sub(1)).unwrap_or(u32::MAX);
        let whole = |cap: u32, seconds: u64| match between.checked_div(cap) {
            Some(times) => Duration::from_secs(seconds * u64::from(times)),
            None => Duration::ZERO,
        };
        self.interval
            .saturating_mul(between)
            .max(whole(self.per_minute, 60))
            .max(whole(self.per_hour, 3600))
    }
}

/// The writes for one pull request: itself, one for labels, assignees and milestone together, one for reviewers, and one
/// each for auto-merge and for marking a draft as ready.
fn writes_of(wishes: &Wishes, owners: Option<&str>) -> usize {
    let extras = wishes.extras(owners);
    let described =
        !extras.labels.is_empty() || !extras.assignees.is_empty() || extras.milestone.is_some();
    let reviewed = !extras.reviewers.is_empty() || !extras.teams.is_empty();
    let ready = wishes.draft && wishes.ready_when_green;
    1 + usize::from(described)
        + usize::from(reviewed)
        + usize::from(extras.auto_merge.is_some())
        + usize::from(ready)
}

/// How often a workflow runs for one pull request when it is opened.
fn runs_of(workflow: &Workflow, plan: &Plan, branch: &str) -> usize {
    let runs = |trigger: &&Trigger| match trigger {
        Trigger::PullRequest(branches) => branches.take(&plan.base.branch),
        Trigger::Push(branches) => branches.take(branch),
    };
    workflow.triggers.iter().filter(runs).count()
}

/// The most that are opened before one has to wait.
fn at_once(wishes: &Wishes, without_ci: bool) -> Option<usize> {
    let caps = Caps::of(wishes);
    let caps = Caps {
        // Where nothing checks them, nothing is pending for long.
        pending: caps.pending.filter(|_| !without_ci),
        ..caps
    };
    caps.at_once().and_then(|most| usize::try_from(most).ok())
}

fn owners(plan: &Plan) -> Vec<(String, usize)> {
    let mut counted: Vec<(String, usize)> = Vec::new();
    for unit in &plan.units {
        let owners = unit.owner.as_deref().unwrap_or_default();
        for owner in owners.split_whitespace() {
            match counted.iter_mut().find(|(known, _)| known == owner) {
                Some((_, count)) => *count += 1,
                None => counted.push((owner.to_owned(), 1)),
            }
        }
    }
    counted.sort_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
    counted
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Preflight, WritePace};
    use crate::engine::workflows::Workflow;
    use crate::model::sample;
    use crate::model::wishes::{MergeMethod, Tracking, Wishes};

    const PACE: WritePace = WritePace {
        interval: Duration::from_secs(2),
        per_minute: 60,
        per_hour: 450,
    };

    fn preflight(wishes: &Wishes, workflows: &[&str]) -> Preflight {
        let mut plan = sample::plan(6);
        plan.units[0].owner = Some("@org/core @ada".to_owned());
        plan.units[1].owner = Some("@bob @org/core".to_owned());
        let workflows = workflows.iter().map(|text| Workflow::read("ci.yml", text));
        let workflows: Vec<Workflow> = workflows.collect();
        Preflight::of(&plan, wishes, &workflows, "batch/rename/unit-1", PACE)
    }

    #[test]
    fn what_is_wished_for_costs_writes_and_writes_take_time() {
        let plain = preflight(&Wishes::default(), &[]);
        assert_eq!((plain.pulls, plain.writes), (6, 6));
        assert_eq!(plain.at_least, Duration::from_secs(10));
        assert_eq!((plain.held_back, plain.ci_runs), (0, 0));
        let all = Wishes {
            draft: true,
            ready_when_green: true,
            labels: vec!["batch".to_owned()],
            milestone: Some("1".to_owned()),
            code_owners: true,
            auto_merge: Some(MergeMethod::Squash),
            tracking: Some(Tracking::New),
            ..Wishes::default()
        };
        // Two units alone have owners that are asked for a review.
        assert_eq!(preflight(&all, &[]).writes, 6 * 4 + 2 + 2);
    }

    #[test]
    fn caps_of_a_minute_and_an_hour_count_where_they_are_slower_than_the_interval() {
        let least = |writes| PACE.least(writes).as_secs();
        assert_eq!((least(0), least(1), least(2)), (0, 0, 2));
        assert_eq!(least(452), 3600);
        let slow = WritePace {
            per_minute: 10,
            ..PACE
        };
        assert_eq!(slow.least(11).as_secs(), 60);
    }

    #[test]
    fn owners_are_counted_and_the_busiest_is_first() {
        let owners = preflight(&Wishes::default(), &[]).owners;
        let owners: Vec<(&str, usize)> = owners.iter().map(|(name, n)| (&**name, *n)).collect();
        assert_eq!(owners, [("@org/core", 2), ("@ada", 1), ("@bob", 1)]);
    }

    #[test]
    fn each_workflow_that_a_push_or_a_pull_request_starts_runs_for_each() {
        let both = preflight(
            &Wishes::default(),
            &[
                "name: CI\non: [push, pull_request]\n",
                "on: workflow_dispatch\n",
            ],
        );
        assert_eq!(both.workflows, ["CI"]);
        assert_eq!(both.ci_runs, 12);
    }

    #[test]
    fn what_is_beyond_a_cap_is_held_back_and_pending_checks_hold_nothing_back_without_ci() {
        let wishes = Wishes {
            max_open: Some(4),
            max_pending_checks: Some(1),
            ..Wishes::default()
        };
        assert_eq!(preflight(&wishes, &[]).held_back, 2);
        assert_eq!(preflight(&wishes, &["on: pull_request\n"]).held_back, 5);
    }
}
