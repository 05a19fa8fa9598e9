//! What is removed of runs in every state, and what never is.

use std::path::PathBuf;

use super::{
    BranchFacts, Decision, Holds, Named, PullFacts, RunFacts, Safety, State, Thing, UnitFacts,
    Verdict, WorktreeFacts, decide,
};
use crate::engine::cleaning::why::Why;
use crate::model::outcome::Outcome;
use crate::model::pull::PullState;
use crate::model::sample;

fn unit(outcome: Option<Outcome>, safety: Safety, pull: Option<PullFacts>) -> UnitFacts {
    UnitFacts {
        outcome,
        delivered: Some((sample::commit("c"), safety)),
        pull: pull.map(|pull| (7, pull)),
    }
}

fn merged() -> UnitFacts {
    let merged = Some(PullFacts::Known(PullState::Merged));
    unit(Some(sample::opened(7)), Safety::Safe, merged)
}

fn named(below: &str, safety: Safety) -> Named {
    Named {
        name: format!("refs/batch/{}/{below}", sample::run()),
        object: sample::commit("c"),
        safety,
    }
}

fn facts(state: State, units: Vec<UnitFacts>) -> RunFacts {
    RunFacts {
        run: sample::run(),
        state,
        units,
        refs: vec![
            named("base", Safety::OnlyHere),
            named("plan.toml", Safety::OnlyHere),
            named("unit-1/commit", Safety::Safe),
        ],
        branches: Vec::new(),
        worktrees: Vec::new(),
    }
}

fn with_worktree(mut facts: RunFacts, holds: Holds) -> RunFacts {
    facts.worktrees.push(WorktreeFacts {
        path: PathBuf::from("/cache/w"),
        unit: None,
        holds,
    });
    facts
}

/// What is removed, by its last name.
fn removed(decisions: &[Decision]) -> Vec<String> {
    let gone = decisions.iter().filter(|decision| !decision.is_kept());
    gone.map(|decision| match &decision.thing {
        Thing::Run => "run".to_owned(),
        Thing::Worktree(path) => path.display().to_string(),
        Thing::Branch(name, _) | Thing::Ref(name, _) => {
            let prefix = format!("refs/batch/{}/", sample::run());
            name.strip_prefix(&prefix).unwrap_or(name).to_owned()
        }
    })
    .collect()
}

fn reasons(decisions: &[Decision]) -> Vec<Why> {
    let kept = decisions
        .iter()
        .filter_map(|decision| match &decision.verdict {
            Verdict::Keep(why) => Some(why.clone()),
            Verdict::Remove | Verdict::SaveAndRemove => None,
        });
    kept.collect()
}

#[test]
fn all_of_a_run_goes_whose_work_is_merged_and_its_folder_last() {
    let decisions = decide(&facts(State::Ended, vec![merged()]), false);
    assert_eq!(
        removed(&decisions),
        ["base", "plan.toml", "unit-1/commit", "run"]
    );
}

#[test]
fn nothing_of_a_run_goes_that_goes_on_or_cannot_be_read_whatever_is_wished() {
    for state in [
        State::Going,
        State::Unreadable("line 3 is damaged".to_owned()),
    ] {
        let facts = with_worktree(facts(state, vec![merged()]), Holds::Nothing);
        for force in [false, true] {
            let decisions = decide(&facts, force);
            assert_eq!(removed(&decisions), [""; 0]);
            assert_eq!(decisions.len(), 1);
        }
    }
}

#[test]
fn of_a_run_that_was_cut_off_only_worktrees_go_and_only_by_force() {
    let facts = with_worktree(facts(State::CutOff, vec![merged()]), Holds::Edits);
    assert_eq!(reasons(&decide(&facts, false)), [Why::CutOff]);
    let forced = decide(&facts, true);
    assert_eq!(forced[0].verdict, Verdict::SaveAndRemove);
    assert_eq!(reasons(&forced), [Why::CutOff]);
}

#[test]
fn a_run_is_kept_while_something_is_to_be_done_for_it() {
    let open = |number| {
        let mut unit = merged();
        unit.pull = Some((number, PullFacts::Known(PullState::Open)));
        unit
    };
    let unknown = || {
        unit(
            Some(sample::opened(7)),
            Safety::Safe,
            Some(PullFacts::Unknown("no token".to_owned())),
        )
    };
    let failed = unit(Some(sample::failed("x", &[])), Safety::Safe, None);
    let cases = [
        (vec![merged(), failed], Why::Unfinished { units: 1, of: 2 }),
        (
            vec![unit(None, Safety::Safe, None)],
            Why::Unfinished { units: 1, of: 1 },
        ),
        (
            vec![unit(Some(sample::pushed()), Safety::Safe, None)],
            Why::PullsToCome(1),
        ),
        (vec![open(9), merged(), open(8)], Why::PullsOpen(vec![8, 9])),
        (vec![unknown()], Why::PullsUnknown("no token".to_owned())),
    ];
    for (units, why) in cases {
        let decisions = decide(&facts(State::Ended, units.clone()), false);
        assert_eq!(reasons(&decisions), [why]);
        assert_eq!(removed(&decisions), [""; 0]);
        let forced = decide(&facts(State::Ended, units), true);
        assert_eq!(removed(&forced).last().map(String::as_str), Some("run"));
    }
}

#[test]
fn commits_that_are_nowhere_else_stay_with_force_too() {
    let closed = Some(PullFacts::Known(PullState::Closed));
    for safety in [Safety::OnlyHere, Safety::Unknown("offline".to_owned())] {
        let one = unit(Some(sample::opened(7)), safety.clone(), closed.clone());
        let mut facts = facts(State::Ended, vec![one]);
        facts.refs = vec![
            named("unit-1/commit", safety.clone()),
            named("unit-1/attempt-1", safety),
        ];
        assert_eq!(removed(&decide(&facts, false)), [""; 0]);
        let forced = decide(&facts, true);
        assert_eq!(removed(&forced), ["run"]);
        assert_eq!(reasons(&forced).len(), 2);
    }
}

#[test]
fn edits_that_were_never_pushed_and_refs_that_are_not_known_stay() {
    let mut facts = facts(State::Ended, vec![merged()]);
    facts.refs = vec![
        named("unit-1/attempt-1", Safety::OnlyHere),
        named("mine", Safety::OnlyHere),
        named("unit-2/base", Safety::OnlyHere),
    ];
    let decisions = decide(&facts, true);
    assert_eq!(reasons(&decisions), [Why::NeverPushed, Why::OnlyHere]);
    assert_eq!(removed(&decisions), ["unit-2/base", "run"]);
}

#[test]
fn a_branch_that_is_checked_out_or_not_merged_stays() {
    let branch = |safety, checked_out: Option<&str>| BranchFacts {
        named: Named {
            name: "refs/heads/batch/x-0a1b/unit-1".to_owned(),
            object: sample::commit("c"),
            safety,
        },
        checked_out: checked_out.map(PathBuf::from),
    };
    let mut facts = facts(State::Ended, vec![merged()]);
    facts.refs.clear();
    facts.branches = vec![
        branch(Safety::Safe, Some("/repo")),
        branch(Safety::OnlyHere, None),
        branch(Safety::Safe, None),
    ];
    let decisions = decide(&facts, false);
    assert_eq!(
        reasons(&decisions),
        [Why::CheckedOut(PathBuf::from("/repo")), Why::OnlyHere]
    );
    assert_eq!(
        removed(&decisions),
        ["refs/heads/batch/x-0a1b/unit-1", "run"]
    );
}

#[test]
fn a_worktree_goes_unless_somebody_needs_it_and_holds_its_run_while_it_stays() {
    let ended = || facts(State::Ended, vec![merged()]);
    let decisions = decide(&with_worktree(ended(), Holds::Nothing), false);
    assert_eq!(removed(&decisions)[0], "/cache/w");
    let in_use = Holds::Process {
        pid: 7,
        name: "vim".to_owned(),
    };
    for holds in [in_use, Holds::NotOurs, Holds::Unknown("x".to_owned())] {
        for force in [false, true] {
            let decisions = decide(&with_worktree(ended(), holds.clone()), force);
            assert_eq!(removed(&decisions), [""; 0], "{holds:?}");
            assert_eq!(reasons(&decisions)[1], Why::HasWorktrees(1));
        }
    }
    let decisions = decide(&with_worktree(ended(), Holds::Edits), false);
    assert_eq!(reasons(&decisions), [Why::Edits, Why::HasWorktrees(1)]);
    let forced = decide(&with_worktree(ended(), Holds::Edits), true);
    assert_eq!(forced[0].verdict, Verdict::SaveAndRemove);
}

#[test]
fn a_run_without_its_folder_stays_while_it_can_be_made_again() {
    let lost = facts(State::Lost { resumable: true }, Vec::new());
    assert_eq!(reasons(&decide(&lost, false)), [Why::Lost]);
    let refs = ["base", "plan.toml", "unit-1/commit"];
    assert_eq!(removed(&decide(&lost, true)), refs);
    let mut let_go = facts(State::Lost { resumable: false }, Vec::new());
    let_go
        .refs
        .push(named("unit-1/attempt-1", Safety::OnlyHere));
    let decisions = decide(&let_go, false);
    assert_eq!(removed(&decisions), refs);
    assert_eq!(reasons(&decisions), [Why::NeverPushed]);
}

#[test]
fn each_reason_is_a_fragment_and_names_the_way_on() {
    let run = sample::run();
    let open = |numbers: &[u64]| Why::PullsOpen(numbers.to_vec()).words();
    assert_eq!(open(&[3]), "pull request #3 is open");
    assert_eq!(
        open(&[1, 2, 3, 4, 5, 6]),
        "pull requests #1, #2, #3, #4, #5 and #6 are open"
    );
    assert_eq!(
        open(&[1, 2, 3, 4, 5, 6, 7]),
        "pull requests #1, #2, #3, #4, #5 and 2 more are open"
    );
    assert_eq!(
        Why::Unfinished { units: 1, of: 5 }.words(),
        "1 of 5 units is not done"
    );
    assert_eq!(
        Why::CutOff.command(&run).as_deref(),
        Some("resume 20260102T030405Z-0a1b")
    );
}
