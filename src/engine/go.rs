//! [`Go`]: one go at a run's units, all of them or those that a rerun takes up; and what the journal has to say of each.

use std::sync::Arc;

use crate::engine::job::{Evidence, Rules};
use crate::engine::pool::Pool;
use crate::model::control::Wish;
use crate::model::foundation::missing_before;
use crate::model::history::History;
use crate::model::id::{ObjectId, RunId, UnitId};
use crate::model::plan::Plan;
use crate::model::spend::Allowance;
use crate::model::tree::TreeFile;

/// One go at a run's units.
pub struct Go {
    /// The run.
    pub run: RunId,
    /// The plan.
    pub plan: Arc<Plan>,
    /// The units of this go.
    pub units: Vec<UnitGo>,
    /// The files of all units of the plan, in its order: any of them may be taken up on the way.
    pub files: Vec<Arc<[TreeFile]>>,
    /// The bounds of the pool.
    pub pool: Pool,
    /// The bounds of each unit.
    pub rules: Rules,
    /// The plan's file as git names it, for the pull requests to tell.
    pub plan_id: ObjectId,
    /// The repository's own template for pull requests, as the base has it.
    pub template: Option<Arc<str>>,
    /// What the run may spend, all its goes and its research together.
    pub cap: Allowance,
    /// Whether what stands on one other unit gets its pull request at once, against that one's branch.
    pub stack: bool,
}

/// What a go has to do for a unit before its pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// All of it, in a new attempt.
    Anew,
    /// To deliver this commit, which its latest attempt came to: its tree is the one that was tested.
    AtCommit(ObjectId),
    /// Nothing: its branch is at this commit.
    AtPull(ObjectId),
}

/// A unit that is wanted in a go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The unit.
    pub unit: UnitId,
    /// What there is to do.
    pub begin: Begin,
}

/// One unit of a go.
#[derive(Debug)]
pub struct UnitGo {
    /// Its place in the plan.
    pub index: usize,
    /// What there is to do.
    pub begin: Begin,
    /// The attempt that this is.
    pub attempt: u32,
    /// The commit to start from.
    pub base: ObjectId,
    /// Its branch.
    pub branch: String,
    /// Its files at the base.
    pub files: Arc<[TreeFile]>,
    /// What an earlier attempt delivered and has no pull request yet.
    pub delivered: Option<ObjectId>,
    /// The units that must be done first.
    pub after: Vec<UnitId>,
    /// What earlier attempts left.
    pub evidence: Evidence,
}

/// A unit of a go, as the dispatcher knows it.
#[derive(Debug, Clone)]
pub struct Start {
    /// The unit.
    pub unit: UnitId,
    /// What there is to do.
    pub begin: Begin,
    /// The attempt that this go is.
    pub attempt: u32,
    /// The commit that it starts from.
    pub base: ObjectId,
    /// What an earlier attempt delivered and has no pull request yet.
    pub delivered: Option<ObjectId>,
    /// The units that must be done first; those that are not of this go are done.
    pub after: Vec<UnitId>,
}

impl Go {
    /// Its units.
    pub fn ids(&self) -> impl Iterator<Item = &UnitId> {
        let units = self.units.iter();
        units.map(|unit| &self.plan.units[unit.index].id)
    }

    /// Leaves these units out.
    pub fn leave_out(&mut self, is_left: impl Fn(&UnitId) -> bool) {
        let plan = &self.plan;
        self.units
            .retain(|unit| !is_left(&plan.units[unit.index].id));
    }

    /// Has the worker of each unit know this.
    pub fn tell_all(&mut self, note: &str) {
        for unit in &mut self.units {
            unit.evidence.note = Some(note.to_owned());
        }
    }

    /// The units as the dispatcher knows them.
    pub(super) fn starts(&self) -> Vec<Start> {
        self.units.iter().map(|unit| self.start(unit)).collect()
    }

    /// One of them, or one that is taken up on the way.
    fn start(&self, unit: &UnitGo) -> Start {
        Start {
            unit: self.plan.units[unit.index].id.clone(),
            begin: unit.begin.clone(),
            attempt: unit.attempt,
            base: unit.base.clone(),
            delivered: unit.delivered.clone(),
            after: unit.after.clone(),
        }
    }

    /// What a request to put units back in the queue is about, as far as plan and history tell: those of them that are
    /// not done, each as its next attempt.
    pub(super) fn again(&self, wish: &Wish, history: &History) -> (Vec<UnitGo>, Again) {
        let Wish::Requeue { units, note } = wish else {
            return (Vec::new(), Again::default());
        };
        let is_planned = |id: &UnitId| self.plan.units.iter().any(|unit| unit.id == *id);
        let unfinished = history.unfinished().map(|unit| &unit.id);
        let wanted = unfinished.filter(|id| units.contains(id) && is_planned(id));
        let wanted: Vec<UnitId> = wanted.cloned().collect();
        let anew: Vec<Wanted> = wanted.iter().cloned().map(Wanted::anew).collect();
        let files = self.files.clone();
        let taken_up = take_up(&anew, &self.plan, history, files, note.as_deref());
        // They are the plan's and the history's, both.
        let taken_up = taken_up.unwrap_or_default();
        let again = Again {
            starts: taken_up.iter().map(|unit| self.start(unit)).collect(),
            before: (missing_before(&wanted, history).iter())
                .map(|unit| unit.id.clone())
                .collect(),
        };
        (taken_up, again)
    }
}

/// What units that are to be put back in the queue need, as plan and history tell it.
#[derive(Debug, Default)]
pub struct Again {
    /// Those of them that are not done.
    pub starts: Vec<Start>,
    /// The others that must be done first and are not.
    pub before: Vec<UnitId>,
}

/// Plan and journal of a run do not have the same units: the plan was edited into another one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the plan of run {0} no longer has the units that its journal tells of")]
pub struct OtherUnits(pub RunId);

impl Wanted {
    /// A unit as a new attempt.
    #[must_use]
    pub fn anew(unit: UnitId) -> Self {
        Self {
            unit,
            begin: Begin::Anew,
        }
    }
}

/// Takes up these units; `files` are those of all units of the plan, in its order.
///
/// # Errors
/// [`OtherUnits`] when plan or journal lacks one of them.
pub fn take_up(
    wanted: &[Wanted],
    plan: &Plan,
    history: &History,
    files: Vec<Arc<[TreeFile]>>,
    note: Option<&str>,
) -> Result<Vec<UnitGo>, OtherUnits> {
    let other_units = || OtherUnits(history.run.clone());
    let mut units = Vec::with_capacity(wanted.len());
    for (index, (unit, files)) in plan.units.iter().zip(files).enumerate() {
        let Some(Wanted { begin, .. }) = wanted.iter().find(|wanted| wanted.unit == unit.id) else {
            continue;
        };
        let told = history.unit(&unit.id).ok_or_else(other_units)?;
        let goes_on = *begin != Begin::Anew;
        units.push(UnitGo {
            index,
            begin: begin.clone(),
            attempt: if goes_on {
                told.attempt.max(1)
            } else {
                told.attempt + 1
            },
            // What waits for others has its base made of what they delivered, when it starts anew.
            base: match &told.base {
                Some(base) if goes_on || told.after.is_empty() => base.clone(),
                Some(_) | None => plan.base.commit.clone(),
            },
            branch: told.branch.clone(),
            files,
            // Who has something to say to the agent wants more than the pull request that is still to come.
            delivered: (told.delivered.clone())
                .filter(|_| told.pr.is_none() && (note.is_none() || told.agent.is_none())),
            after: told.after.clone(),
            evidence: Evidence {
                pushes: told.pushes.clone(),
                failure: told.last_failure.clone(),
                note: note.map(str::to_owned),
                kept: told.edits.clone(),
            },
        });
    }
    if units.len() == wanted.len() {
        Ok(units)
    } else {
        Err(other_units())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Begin, OtherUnits, Wanted, take_up};
    use crate::model::history::History;
    use crate::model::sample;

    fn anew(unit: &str) -> Wanted {
        Wanted::anew(sample::id(unit))
    }

    #[test]
    fn what_goes_on_from_its_commit_keeps_attempt_and_base() {
        let mut history = sample::history(vec![None, None]);
        history.units[0].attempt = 2;
        history.units[0].base = Some(sample::commit("e"));
        history.units[0].after = vec![sample::id("unit-2")];
        let begin = Begin::AtCommit(sample::commit("c"));
        let unit = |unit: &str| Wanted {
            unit: sample::id(unit),
            begin: begin.clone(),
        };
        let wanted = ["unit-1", "unit-2"].map(unit);
        let files = vec![Arc::from([]); 2];
        let units = take_up(&wanted, &sample::plan(2), &history, files, None).unwrap();
        assert_eq!(
            (units[0].attempt, &units[0].base),
            (2, &sample::commit("e"))
        );
        assert_eq!(
            (units[1].attempt, &units[1].base),
            (1, &sample::commit("b"))
        );
    }

    #[test]
    fn a_unit_is_taken_up_as_its_next_attempt_with_what_earlier_ones_left() {
        let mut history = sample::history(vec![
            Some(sample::opened(1)),
            Some(sample::failed("no space left on device", &[])),
            None,
        ]);
        history.units[1].delivered = Some(sample::commit("d"));
        history.units[1].pushes = vec![sample::commit("d")];
        let wanted = ["unit-2", "unit-3"].map(anew);
        let files = vec![Arc::from([]); 3];
        let units = take_up(&wanted, &sample::plan(3), &history, files, Some("mind")).unwrap();
        let [second, third] = &units[..] else {
            panic!("not two units: {units:?}");
        };
        assert_eq!((second.index, second.attempt), (1, 2));
        assert_eq!(second.delivered, Some(sample::commit("d")));
        assert_eq!(second.evidence.pushes, [sample::commit("d")]);
        assert_eq!(second.evidence.note.as_deref(), Some("mind"));
        assert_eq!((third.index, third.attempt), (2, 1));
        assert_eq!(third.delivered, None);
    }

    #[test]
    fn a_note_to_the_agent_is_not_passed_over_for_a_branch_that_only_lacks_its_pull_request() {
        let mut history = sample::history(vec![Some(sample::failed("no forge", &[]))]);
        history.units[0].delivered = Some(sample::commit("d"));
        let delivered = |history: &History, note: Option<&str>| {
            let wanted = [anew("unit-1")];
            let files = vec![Arc::from([])];
            let units = take_up(&wanted, &sample::plan(1), history, files, note).unwrap();
            units[0].delivered.clone()
        };
        assert!(delivered(&history, Some("mind")).is_some());
        history.units[0].agent = Some("claude".to_owned());
        assert!(delivered(&history, None).is_some());
        assert_eq!(delivered(&history, Some("mind")), None);
    }

    #[test]
    fn a_delivered_commit_that_has_its_pull_request_is_not_published_again() {
        let mut history = sample::history(vec![Some(sample::opened(1))]);
        history.units[0].delivered = Some(sample::commit("d"));
        let wanted = [anew("unit-1")];
        let files = vec![Arc::from([])];
        let units = take_up(&wanted, &sample::plan(1), &history, files, None).unwrap();
        assert_eq!(units[0].delivered, None);
    }

    #[test]
    fn what_waits_for_others_begins_at_the_plans_base_again() {
        let mut history = sample::history(vec![Some(sample::opened(1)), Some(sample::cancelled())]);
        history.units[1].after = vec![sample::id("unit-1")];
        history.units[1].base = Some(sample::commit("e"));
        let wanted = [anew("unit-2")];
        let files = vec![Arc::from([]); 2];
        let units = take_up(&wanted, &sample::plan(2), &history, files, None).unwrap();
        assert_eq!(units[0].base, sample::commit("b"));
        assert_eq!(units[0].after, [sample::id("unit-1")]);
    }

    #[test]
    fn a_plan_without_the_units_of_its_journal_is_refused() {
        let history = sample::history(vec![None, None]);
        let wanted = ["unit-1", "unit-2"].map(anew);
        let files = vec![Arc::from([])];
        let refused = take_up(&wanted, &sample::plan(1), &history, files, None);
        assert_eq!(refused.unwrap_err(), OtherUnits(sample::run()));
    }
}
