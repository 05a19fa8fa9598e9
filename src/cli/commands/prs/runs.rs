//! [`Runs`]: what the journals of this repository say of pull requests: whose each is, and the commit that its branch was
//! left at. Reads, and asks no forge.

use jiff::Timestamp;

use crate::adapters::git::remote::Deliveries;
use crate::adapters::journal;
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::{self, RunForge};
use crate::cli::session::Session;
use crate::engine::ports::Stop;
use crate::model::history::{History, UnitHistory};
use crate::model::id::ObjectId;
use crate::model::pull::Pull;
use crate::model::site::Site;

/// The runs of this repository, the latest first.
pub(super) struct Runs(Vec<History>);

/// The unit that a pull request delivers, by a journal of this repository.
#[derive(Clone, Copy)]
pub(super) struct Whose<'a> {
    /// Its run.
    pub(super) history: &'a History,
    /// The unit.
    pub(super) unit: &'a UnitHistory,
}

impl Runs {
    /// All that there are. One whose journal cannot be read is passed over, and said.
    ///
    /// # Errors
    /// [`Problem`] when the folder of runs cannot be read.
    pub(super) fn all(session: &Session) -> Result<Self, Problem> {
        let mut histories = Vec::new();
        for run in session.store.runs()?.iter().rev() {
            match journal::history(&session.store.run(run).journal()) {
                Ok(history) => histories.push(history),
                Err(error) => session.say(&format!("Run {run} is passed over: {error}")),
            }
        }
        Ok(Self(histories))
    }

    /// The latest, or the one that is named.
    ///
    /// # Errors
    /// [`Problem`] when there is none, or its journal cannot be read.
    pub(super) fn one(session: &Session, run: Option<&str>) -> Result<History, Problem> {
        let folder = session.store.find(run)?;
        Ok(journal::history(&folder.journal())?)
    }

    /// The histories, the latest first.
    pub(super) fn histories(&self) -> &[History] {
        &self.0
    }

    /// The unit that a pull request delivers. A mark alone proves nothing, for anybody can write one: the branch must be
    /// the unit's.
    pub(super) fn whose(&self, pull: &Pull) -> Option<Whose<'_>> {
        let mark = pull.mark.as_ref()?;
        let history = self.0.iter().find(|history| history.run == mark.run)?;
        let unit = history.unit(&mark.unit)?;
        (unit.branch == pull.head).then_some(Whose { history, unit })
    }

    /// The forge that holds these: that of the latest run which opened one of them, else that of the latest run.
    ///
    /// # Errors
    /// [`Problem`] when the forge cannot be spoken to.
    pub(super) async fn forge_of(
        &self,
        session: &Session,
        numbers: &[u64],
    ) -> Result<RunForge, Problem> {
        let opened = self.0.iter().find(|history| {
            numbers_of(history)
                .iter()
                .any(|number| numbers.contains(number))
        });
        match opened.or(self.0.first()) {
            Some(history) => forge::of_run(session, history, &Stop::default()).await,
            None => Ok(RunForge::Local(forge::local(session))),
        }
    }
}

impl<'a> Whose<'a> {
    /// The commit that this run left the branch at.
    pub(super) fn recorded(self) -> Option<&'a ObjectId> {
        self.unit.delivered.as_ref()
    }
}

/// The numbers of a run's pull requests, as its journal knows them, each once.
pub(super) fn numbers_of(history: &History) -> Vec<u64> {
    let links = history.units.iter().filter_map(UnitHistory::pull);
    let mut numbers: Vec<u64> = links.map(|link| link.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Where the branches of a run are.
///
/// # Errors
/// [`Problem`] when its remote is no more, or its fork cannot be named.
pub(super) async fn deliveries(
    session: &Session,
    history: &History,
) -> Result<Deliveries, Problem> {
    let deliveries = Deliveries::new(&session.place, session.remote_of(history).await?);
    let fork = history.site.as_ref().zip(history.fork.as_ref());
    match fork.and_then(|(site, fork)| Site::of(&site.host, fork)) {
        Some(fork) => Ok(deliveries.to_fork(fork)),
        None => Ok(deliveries),
    }
}

/// When the branch came to be as it is, as far as can be told: no check of it is older. Now, where others pushed to it.
pub(super) fn since(pull: &Pull, whose: Option<Whose<'_>>, now: Timestamp) -> Timestamp {
    let is_ours = whose.and_then(Whose::recorded) == Some(&pull.head_commit);
    let delivered = whose.and_then(|whose| whose.unit.delivered_at);
    match delivered {
        Some(delivered) if is_ours => delivered.max(pull.created),
        Some(_) | None => now,
    }
}

/// The refusal where nobody has a pull request of that number.
pub(super) fn no_such(session: &Session, number: u64) -> Problem {
    Problem::new(Exit::Usage, format!("there is no pull request #{number}")).hint(format!(
        "list them with: {}",
        session.global.line("prs list --all")
    ))
}
