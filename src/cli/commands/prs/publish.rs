//! `batch prs publish`: opens the pull requests of units whose branches were pushed and that waited for others to be
//! merged. Asks the forge where those stand; opens nothing twice, and leaves what still waits as it is.

use std::sync::Arc;

use jiff::Timestamp;

use self::watch::{Round, rounds};
use super::document;
use crate::adapters::journal::{self, FileJournal};
use crate::adapters::run_folder::RunFolder;
use crate::cli::args::{Format, PublishArgs, WishArgs};
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge;
use crate::cli::plan_reading::reread_plan;
use crate::cli::session::Session;
use crate::cli::style::clean;
use crate::engine::ports::{Forge, Reporter, Stop};
use crate::engine::publication::Publication;
use crate::engine::publish::Delivered;
use crate::engine::publish_later::publish_later;
use crate::engine::pull_text::PullWriter;
use crate::engine::recorder::Recorder;
use crate::engine::text::Texts;
use crate::model::counted::counted;
use crate::model::event::Record;
use crate::model::foundation::stands_on;
use crate::model::history::{History, UnitHistory};
use crate::model::id::UnitId;
use crate::model::outcome::Outcome;
use crate::model::pull::PullState;

mod watch;

/// Opens what can be opened, again and again where that is wanted.
///
/// # Errors
/// [`Problem`] when there is no such run, or it is being worked on; or when a pull request could not be opened.
pub(super) async fn publish(session: &Session, args: &PublishArgs) -> Result<Exit, Problem> {
    let folder = session.store.find(args.run.as_deref())?;
    let history = journal::history(&folder.journal())?;
    // One for all rounds, for it keeps the pace.
    let forge = forge::of_run(session, &history, &Stop::default()).await?;
    let forge = forge.port();
    let interval = args.watch.then_some(args.interval);
    let one = async || round(session, &folder, &args.wishes, &forge).await;
    let (opened, ended) = rounds(session, interval, one).await;
    if session.global.format == Format::Json && (ended.is_ok() || !opened.is_empty()) {
        session.answer(&format!("{:#}\n", serde_json::Value::Array(opened)));
    }
    ended
}

/// Opens what can be opened now.
async fn round(
    session: &Session,
    folder: &RunFolder,
    wishes: &WishArgs,
    forge: &Arc<dyn Forge>,
) -> Result<Round, Problem> {
    // Not held between rounds: others may work on the run then.
    let lock = session.store.lock(folder.run())?;
    let history = journal::history(&folder.journal())?;
    let mut round = Round::default();
    let Standing { ready, waiting } = standing(&history, &**forge).await?;
    if ready.is_empty() && waiting.is_empty() {
        let run = folder.run();
        let nothing = format!("Nothing to publish: no unit of run {run} waits for others.");
        round.said.push(nothing);
    }
    if !ready.is_empty() {
        open(session, folder, history, &ready, wishes, forge, &mut round).await?;
    }
    // Those that were opened just now have a number to be named by.
    let history = journal::history(&folder.journal())?;
    let Standing { waiting, .. } = standing(&history, &**forge).await?;
    drop(lock);
    for (unit, below) in &waiting {
        let in_vain = below.iter().any(Unmerged::is_closed);
        round.is_trouble |= in_vain;
        round.wants_another |= !in_vain;
        let below: Vec<String> = below.iter().map(Unmerged::in_words).collect();
        let waits = format!("{unit} waits for {}.", below.join(", "));
        round.said.push(waits);
    }
    Ok(round)
}

fn is_pushed(unit: &UnitHistory) -> bool {
    matches!(unit.outcome, Some(Outcome::Pushed { .. }))
}

/// Where the pushed units of a run stand.
struct Standing {
    /// Those whose pull requests can be opened.
    ready: Vec<UnitId>,
    /// Those that wait, each with what it waits for.
    waiting: Vec<(UnitId, Vec<Unmerged>)>,
}

async fn standing(history: &History, forge: &dyn Forge) -> Result<Standing, Problem> {
    let (mut ready, mut waiting) = (Vec::new(), Vec::new());
    for unit in history.units.iter().filter(|unit| is_pushed(unit)) {
        let below = unmerged(unit, history, forge).await?;
        if below.is_empty() {
            ready.push(unit.id.clone());
        } else {
            waiting.push((unit.id.clone(), below));
        }
    }
    Ok(Standing { ready, waiting })
}

/// A unit that another one stands on and that is not merged.
struct Unmerged {
    unit: UnitId,
    pull: Option<(u64, PullState)>,
}

impl Unmerged {
    fn in_words(&self) -> String {
        match &self.pull {
            Some((number, state)) => format!("{} (#{number}, {state})", self.unit),
            None => format!("{} (no pull request yet)", self.unit),
        }
    }

    fn is_closed(&self) -> bool {
        matches!(self.pull, Some((_, PullState::Closed)))
    }
}

/// The units below a pushed one that are not merged.
async fn unmerged(
    unit: &UnitHistory,
    history: &History,
    forge: &dyn Forge,
) -> Result<Vec<Unmerged>, Problem> {
    let mut unmerged = Vec::new();
    for below in stands_on(&unit.id, history) {
        let pull = forge.find(&below.branch).await?;
        let pull = pull.map(|pull| (pull.number, pull.state));
        if !matches!(pull, Some((_, PullState::Merged))) {
            let unit = below.id.clone();
            unmerged.push(Unmerged { unit, pull });
        }
    }
    Ok(unmerged)
}

/// Opens the pull requests of these units, records it, and writes the reports anew.
async fn open(
    session: &Session,
    folder: &RunFolder,
    history: History,
    ready: &[UnitId],
    wishes: &WishArgs,
    forge: &Arc<dyn Forge>,
    round: &mut Round,
) -> Result<(), Problem> {
    let plan = reread_plan(&folder.plan())?;
    let texts = Texts::new()?;
    let mut told = history.clone();
    if let Some(pulls) = wishes.replacing(&history.pulls) {
        told.pulls = pulls;
    }
    let plan_id = folder.plan_id()?;
    let writer = PullWriter {
        plan: &plan,
        history: &told,
        texts: &texts,
        plan_id: &plan_id,
    };
    let mut delivered = Vec::with_capacity(ready.len());
    for id in ready {
        let Some((unit, commit)) = history
            .unit(id)
            .and_then(|unit| Some((unit, unit.delivered.clone()?)))
        else {
            continue;
        };
        delivered.push(Delivered {
            unit: id.clone(),
            attempt: unit.attempt,
            pull: writer.pull(id, commit)?,
            // What it stands on has just been asked for.
            publication: Publication::Now,
        });
    }
    let mut recorder = Recorder {
        journal: Box::new(FileJournal::open(&folder.journal())?),
        history: history.clone(),
        reporter: Box::new(Silent),
        clock: session.clock.clone(),
    };
    let publishing = async {
        publish_later(delivered, Arc::clone(forge), &mut recorder)
            .await
            .map_err(Problem::from)
    };
    let failures = session.interrupts.guard(publishing).await?;
    folder.write_reports(&texts.reports(&recorder.history)?)?;
    for id in ready {
        let link = recorder.history.unit(id).and_then(UnitHistory::pull);
        if let Some(link) = link {
            let pull = forge.get(link.number).await?;
            let opened = format!("Opened #{} {}.", pull.number, clean(&pull.title));
            round.said.push(opened);
            round.opened.push(document::of_pull(&pull));
        }
    }
    for (unit, cause) in &failures {
        round.said.push(format!("{unit}: {}", clean(cause)));
    }
    if !failures.is_empty() {
        let how_many = counted(failures.len(), "pull request");
        round.said.push(format!("{how_many} could not be opened."));
        round.is_trouble = true;
    }
    Ok(())
}

/// Shows nothing: what was opened is said when all is done.
struct Silent;

impl Reporter for Silent {
    fn event(&mut self, _: &Record, _: &History) {}

    fn tick(&mut self, _: Timestamp, _: &History) {}
}
