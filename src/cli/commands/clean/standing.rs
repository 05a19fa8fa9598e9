//! [`Pulls`]: how the pull requests of the runs stand that may be cleaned up; one question for each forge.

use std::collections::BTreeMap;

use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::{self, RunForge};
use crate::cli::session::Session;
use crate::engine::cleaning::PullFacts;
use crate::engine::ports::{Forge as _, Stop};
use crate::model::history::{History, UnitHistory};
use crate::model::id::ObjectId;
use crate::model::pull::{Pull, PullState};
use crate::model::site::Site;

/// What a forge has said, by number; or why it did not.
type Told = Result<BTreeMap<u64, (PullState, ObjectId)>, String>;

/// How the pull requests stand.
#[derive(Default)]
pub(super) struct Pulls(BTreeMap<String, Told>);

/// One of them.
pub(super) struct Standing {
    /// Its number.
    pub(super) number: u64,
    /// Its state, or why it is not known.
    pub(super) state: Result<PullState, String>,
    /// The commit that its branch was at.
    pub(super) head: Option<ObjectId>,
}

impl Standing {
    pub(super) fn facts(self) -> PullFacts {
        match self.state {
            Ok(state) => PullFacts::Known(state),
            Err(words) => PullFacts::Unknown(words),
        }
    }
}

impl Pulls {
    /// Asks for all that these runs opened.
    ///
    /// # Errors
    /// [`Problem`] when the user wants to stop: a forge that cannot be asked is an answer.
    pub(super) async fn ask(session: &Session, histories: &[&History]) -> Result<Self, Problem> {
        let mut numbers: BTreeMap<String, (&History, Vec<u64>)> = BTreeMap::new();
        for history in histories {
            let opened = history.units.iter().filter_map(UnitHistory::pull);
            let opened: Vec<u64> = opened.map(|link| link.number).collect();
            if !opened.is_empty() {
                let (_, known) = numbers
                    .entry(key(history))
                    .or_insert_with(|| (history, Vec::new()));
                known.extend(opened);
            }
        }
        let mut told = BTreeMap::new();
        for (key, (history, mut numbers)) in numbers {
            numbers.sort_unstable();
            numbers.dedup();
            let pulls = match pulls(session, history, &numbers).await {
                Ok(pulls) => {
                    let pulls = pulls.into_iter();
                    Ok(pulls
                        .map(|pull| (pull.number, (pull.state, pull.head_commit)))
                        .collect())
                }
                Err(problem) if problem.exit == Exit::Interrupted => return Err(problem),
                Err(problem) => Err(problem.message),
            };
            told.insert(key, pulls);
        }
        Ok(Self(told))
    }

    /// How that of a unit stands, if it has one.
    pub(super) fn of(&self, history: &History, unit: &UnitHistory) -> Option<Standing> {
        let number = unit.pull()?.number;
        let (state, head) = match self.0.get(&key(history)) {
            Some(Ok(pulls)) => match pulls.get(&number) {
                Some((state, head)) => (Ok(*state), Some(head.clone())),
                None => (Err(format!("the forge has no #{number}")), None),
            },
            Some(Err(words)) => (Err(words.clone()), None),
            None => (Err("it was not asked for".to_owned()), None),
        };
        Some(Standing {
            number,
            state,
            head,
        })
    }
}

/// What tells forges apart.
fn key(history: &History) -> String {
    let site = history.site.as_ref().map(Site::to_string);
    format!("{} {}", history.forge, site.unwrap_or_default())
}

async fn pulls(
    session: &Session,
    history: &History,
    numbers: &[u64],
) -> Result<Vec<Pull>, Problem> {
    match forge::of_run(session, history, &Stop::default()).await? {
        RunForge::Local(local) => Ok(local.list().await?),
        RunForge::GitHub(github) => {
            let asking = async { Ok(github.standings(numbers).await?) };
            let standings = session.interrupts.guard(asking).await?;
            Ok(standings
                .into_iter()
                .map(|standing| standing.pull)
                .collect())
        }
    }
}
