//! What `batch clean` removes, and why it keeps the rest: a pure decision on facts that its caller gathered.
//!
//! Unpushed work is never removed, with or without force: force lets go of a run that could be taken up again, and of
//! worktrees whose edits are then kept in a ref first.

use std::path::PathBuf;

use crate::engine::cleaning::why::Why;
use crate::model::id::{ObjectId, RunId, UnitId};
use crate::model::outcome::Outcome;
use crate::model::pull::PullState;

pub mod why;

/// What is known of one run.
#[derive(Debug, Clone)]
pub struct RunFacts {
    /// The run.
    pub run: RunId,
    /// How it stands.
    pub state: State,
    /// Its units, as its journal tells them.
    pub units: Vec<UnitFacts>,
    /// The refs below `refs/batch/<run>/`.
    pub refs: Vec<Named>,
    /// The local branches of its units, where there is no remote.
    pub branches: Vec<BranchFacts>,
    /// Its worktrees.
    pub worktrees: Vec<WorktreeFacts>,
}

/// How a run stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// A process works on it.
    Going,
    /// Its process is gone, and it has not ended.
    CutOff,
    /// It ended.
    Ended,
    /// Its journal cannot be read, for this reason.
    Unreadable(String),
    /// Its folder is gone; `resumable` where it can be made again from what is kept in refs.
    Lost {
        /// Whether it can.
        resumable: bool,
    },
}

/// What is known of a unit.
#[derive(Debug, Clone)]
pub struct UnitFacts {
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The commit that its branch was left at, and where else that is.
    pub delivered: Option<(ObjectId, Safety)>,
    /// Its pull request's number, and how that stands.
    pub pull: Option<(u64, PullFacts)>,
}

/// How a pull request stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullFacts {
    /// As the forge says.
    Known(PullState),
    /// The forge could not be asked, for this reason.
    Unknown(String),
}

/// Whether a commit is where it does not depend on this repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Safety {
    /// A branch of the remote has it (without a remote: a branch of the user's), or its pull request is merged.
    Safe,
    /// Only this repository has it.
    OnlyHere,
    /// The remote could not be asked, for this reason.
    Unknown(String),
}

/// A ref or branch, and its commit.
#[derive(Debug, Clone)]
pub struct Named {
    /// Its name in full.
    pub name: String,
    /// What it names.
    pub object: ObjectId,
    /// Whether what it names is elsewhere too.
    pub safety: Safety,
}

/// A branch of this repository that delivers a unit.
#[derive(Debug, Clone)]
pub struct BranchFacts {
    /// What it is.
    pub named: Named,
    /// Where it is checked out, if it is.
    pub checked_out: Option<PathBuf>,
}

/// A worktree of a run.
#[derive(Debug, Clone)]
pub struct WorktreeFacts {
    /// Where it is.
    pub path: PathBuf,
    /// The unit that was worked on there last, if that is known.
    pub unit: Option<UnitId>,
    /// What it holds.
    pub holds: Holds,
}

/// What a worktree holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// Nothing that is not in a commit or a ref.
    Nothing,
    /// Edits or commits that are nowhere else.
    Edits,
    /// A process that works in it.
    Process {
        /// Its id.
        pid: u32,
        /// Its name.
        name: String,
    },
    /// It is not locked as ours are: somebody made it his own.
    NotOurs,
    /// It cannot be looked at, for this reason.
    Unknown(String),
}

/// One thing, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The run that it is of.
    pub run: RunId,
    /// The thing.
    pub thing: Thing,
    /// What becomes of it.
    pub verdict: Verdict,
}

/// What can be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thing {
    /// A worktree, with its folder for temporary files.
    Worktree(PathBuf),
    /// A branch of this repository.
    Branch(String, ObjectId),
    /// A ref below `refs/batch/`.
    Ref(String, ObjectId),
    /// The run's folder: plan, journal, logs, report. Kept, it stands for all that is not told beside it.
    Run,
}

/// What becomes of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is removed.
    Remove,
    /// What it holds is kept in a ref, then it is removed.
    SaveAndRemove,
    /// It stays.
    Keep(Why),
}

/// What becomes of a run and all that belongs to it, in the order in which it is to be done: the folder last, so that
/// what was cut off is found again and finished.
#[must_use]
pub fn decide(facts: &RunFacts, force: bool) -> Vec<Decision> {
    let decision = |thing, verdict| Decision {
        run: facts.run.clone(),
        thing,
        verdict,
    };
    let all_of_it = |why| vec![decision(Thing::Run, Verdict::Keep(why))];
    let worktrees = || {
        let each = facts.worktrees.iter();
        each.map(|worktree| {
            let verdict = of_worktree(&worktree.holds, force);
            decision(Thing::Worktree(worktree.path.clone()), verdict)
        })
    };
    match &facts.state {
        State::Going => all_of_it(Why::GoesOn),
        State::Unreadable(words) => all_of_it(Why::Unreadable(words.clone())),
        State::CutOff if !force => all_of_it(Why::CutOff),
        State::Lost { resumable: true } if !force => all_of_it(Why::Lost),
        State::CutOff => worktrees().chain(all_of_it(Why::CutOff)).collect(),
        State::Ended | State::Lost { .. } => {
            let mut decisions: Vec<Decision> = worktrees().collect();
            let kept = decisions.iter().filter(|kept| kept.is_kept()).count();
            let held = match facts.state {
                State::Ended => holding(&facts.units, force),
                State::Going | State::CutOff | State::Unreadable(_) | State::Lost { .. } => None,
            };
            let held = held.or((kept > 0).then_some(Why::HasWorktrees(kept)));
            if let Some(why) = held {
                decisions.extend(all_of_it(why));
                return decisions;
            }
            decisions.extend(facts.branches.iter().map(|branch| {
                let named = &branch.named;
                let thing = Thing::Branch(named.name.clone(), named.object.clone());
                let verdict = match &branch.checked_out {
                    Some(place) => Verdict::Keep(Why::CheckedOut(place.clone())),
                    None => of_commit(&named.safety),
                };
                decision(thing, verdict)
            }));
            decisions.extend(facts.refs.iter().map(|named| {
                let thing = Thing::Ref(named.name.clone(), named.object.clone());
                decision(thing, of_ref(&facts.run, named))
            }));
            if facts.state == State::Ended {
                decisions.push(decision(Thing::Run, Verdict::Remove));
            }
            decisions
        }
    }
}

impl Decision {
    /// Whether the thing stays.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        match self.verdict {
            Verdict::Remove | Verdict::SaveAndRemove => false,
            Verdict::Keep(_) => true,
        }
    }
}

fn of_worktree(holds: &Holds, force: bool) -> Verdict {
    match holds {
        Holds::Nothing => Verdict::Remove,
        Holds::Edits if force => Verdict::SaveAndRemove,
        Holds::Edits => Verdict::Keep(Why::Edits),
        Holds::Process { pid, name } => Verdict::Keep(Why::InUse {
            pid: *pid,
            name: name.clone(),
        }),
        Holds::NotOurs => Verdict::Keep(Why::NotOurs),
        Holds::Unknown(words) => Verdict::Keep(Why::Unlooked(words.clone())),
    }
}

/// Why an ended run is still wanted: something is to be done for it, or its commits are nowhere else.
fn holding(units: &[UnitFacts], force: bool) -> Option<Why> {
    if force {
        return None;
    }
    let undone = |unit: &&UnitFacts| unit.outcome.as_ref().is_none_or(Outcome::wants_rerun);
    let undone = units.iter().filter(undone).count();
    if undone > 0 {
        return Some(Why::Unfinished {
            units: undone,
            of: units.len(),
        });
    }
    let to_come = |unit: &&UnitFacts| matches!(unit.outcome, Some(Outcome::Pushed { .. }));
    let to_come = units.iter().filter(to_come).count();
    if to_come > 0 {
        return Some(Why::PullsToCome(to_come));
    }
    let pulls = || units.iter().filter_map(|unit| unit.pull.as_ref());
    let mut open: Vec<u64> = pulls()
        .filter(|(_, pull)| *pull == PullFacts::Known(PullState::Open))
        .map(|(number, _)| *number)
        .collect();
    if !open.is_empty() {
        open.sort_unstable();
        return Some(Why::PullsOpen(open));
    }
    let unknown = pulls().find_map(|(_, pull)| match pull {
        PullFacts::Unknown(words) => Some(words.clone()),
        PullFacts::Known(_) => None,
    });
    if let Some(words) = unknown {
        return Some(Why::PullsUnknown(words));
    }
    let delivered = || units.iter().filter_map(|unit| unit.delivered.as_ref());
    let unknown = delivered().find_map(|(_, safety)| match safety {
        Safety::Unknown(words) => Some(Why::RemoteUnknown(words.clone())),
        Safety::Safe | Safety::OnlyHere => None,
    });
    let only_here = delivered()
        .filter(|(_, safety)| *safety == Safety::OnlyHere)
        .count();
    unknown.or((only_here > 0).then_some(Why::CommitsOnlyHere(only_here)))
}

fn of_commit(safety: &Safety) -> Verdict {
    match safety {
        Safety::Safe => Verdict::Remove,
        Safety::OnlyHere => Verdict::Keep(Why::OnlyHere),
        Safety::Unknown(words) => Verdict::Keep(Why::RemoteUnknown(words.clone())),
    }
}

/// A ref of the run's own goes with it; one of a unit goes when what it names is elsewhere.
fn of_ref(run: &RunId, named: &Named) -> Verdict {
    let below = named.name.strip_prefix(&format!("refs/batch/{run}/"));
    match below {
        Some("base" | "source" | "plan.toml" | "start.json") => Verdict::Remove,
        Some(name) => match name.split_once('/') {
            // What a unit that waited started from: a merge of commits that are looked at for themselves.
            Some((_, "base")) => Verdict::Remove,
            Some((_, edits)) if edits.starts_with("attempt-") => match of_commit(&named.safety) {
                Verdict::Keep(Why::OnlyHere) => Verdict::Keep(Why::NeverPushed),
                other => other,
            },
            Some(_) | None => of_commit(&named.safety),
        },
        None => Verdict::Keep(Why::NotOurs),
    }
}

#[cfg(test)]
mod tests;
