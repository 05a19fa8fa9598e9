//! [`run_started`]: the first record of a run's journal, by its plan and by what the user told of where it goes.

use crate::cli::forge::Destination;
use crate::engine::forecast::Asks;
use crate::model::branch::branch_name;
use crate::model::event::{Event, JOURNAL_VERSION, UnitHeader};
use crate::model::id::{RunId, UnitId};
use crate::model::plan::{Plan, Unit};
use crate::model::site::Site;
use crate::model::spend::Spend;
use crate::model::wishes::Wishes;

/// What a run is told besides its plan.
pub struct Told<'a> {
    /// The remote that branches go to; none where there is none.
    pub remote: Option<&'a str>,
    /// Where pull requests go.
    pub destination: &'a Destination,
    /// What is asked of them.
    pub pulls: Wishes,
    /// The units that go first, if not all go at once.
    pub canary: Vec<UnitId>,
}

/// The run's first record; its branches begin with `prefix`.
#[must_use]
pub fn run_started(run: &RunId, plan: &Plan, prefix: &str, told: Told<'_>) -> Event {
    let change = &plan.change.description;
    let header = |unit: &Unit| UnitHeader {
        id: unit.id.clone(),
        title: unit.title.clone(),
        branch: branch_name(prefix, change, run, &unit.id),
        lines: unit.lines,
        asks: Asks::of(plan, unit) == Asks::Surely,
        after: unit.after.clone(),
    };
    Event::RunStarted {
        version: JOURNAL_VERSION,
        run: run.clone(),
        change: change.clone(),
        base: plan.base.clone(),
        remote: told.remote.map(str::to_owned),
        forge: told.destination.name().to_owned(),
        site: told.destination.site().cloned(),
        fork: told.destination.fork().map(Site::slug),
        pulls: told.pulls,
        research: plan
            .research
            .as_ref()
            .map_or_else(Spend::default, |research| research.spend),
        units: plan.units.iter().map(header).collect(),
        canary: told.canary,
    }
}
