//! `batch prs publish`: opens the pull requests of units whose branches were pushed and that waited for others, for a cap
//! or for the forge. Opens nothing twice, and says what still waits for what.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use self::watch::{Told, rounds};
use super::document;
use crate::adapters::git::objects::GitObjects;
use crate::adapters::journal::{self, FileJournal};
use crate::adapters::run_folder::RunFolder;
use crate::cli::args::{Format, PublishArgs};
use crate::cli::execution::template;
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge;
use crate::cli::plan_reading::reread_plan;
use crate::cli::session::Session;
use crate::cli::style::{clean, clean_joined};
use crate::engine::ports::{Reporter, Stop};
use crate::engine::publish::{Desk, Patience};
use crate::engine::publish_later::{Below, LaterError, Round, Wait, publish_later};
use crate::engine::pull_text::Scribe;
use crate::engine::recorder::Recorder;
use crate::engine::text::Texts;
use crate::model::event::Record;
use crate::model::history::History;
use crate::model::standing::Verdict;

mod watch;

/// Opens what can be opened, again and again where that is wanted.
///
/// # Errors
/// [`Problem`] when there is no such run, or it is being worked on, or the forge does not say how things stand.
pub(super) async fn publish(session: &Session, args: &PublishArgs) -> Result<Exit, Problem> {
    let folder = session.store.find(args.run.as_deref())?;
    let history = journal::history(&folder.journal())?;
    let stop = Stop::default();
    // One for all rounds, for it keeps the pace.
    let forge = forge::of_run(session, &history, &stop).await?;
    let texts = session.texts()?;
    let desk = Desk {
        forge: forge.port(),
        scribe: Scribe {
            plan: Arc::new(reread_plan(&folder.plan())?),
            texts: texts.clone(),
            plan_id: folder.plan_id()?,
            template: template(&GitObjects::open(&session.place), &history.base.commit)?,
        },
        stop,
        clock: session.clock.clone(),
        patience: Patience::default(),
    };
    let interval = args.watch.then_some(args.interval);
    let one = async || round(session, &folder, args, &desk, &texts).await;
    let (opened, ended) = rounds(session, interval, one).await;
    session.warn_of_texts();
    if session.global.format == Format::Json && (ended.is_ok() || !opened.is_empty()) {
        session.answer(&format!("{:#}\n", Value::Array(opened)));
    }
    ended
}

/// Opens what can be opened now.
async fn round(
    session: &Session,
    folder: &RunFolder,
    args: &PublishArgs,
    desk: &Desk,
    texts: &Texts,
) -> Result<Told, Problem> {
    // Not held between rounds: others may work on the run then.
    let lock = session.store.lock(folder.run())?;
    let mut history = journal::history(&folder.journal())?;
    if let Some(pulls) = args.wishes.replacing(&history.pulls) {
        history.pulls = pulls;
    }
    let mut recorder = Recorder {
        journal: Box::new(FileJournal::open(&folder.journal())?),
        history,
        reporter: Box::new(Silent),
        clock: session.clock.clone(),
    };
    let round = until_stopped(session, &desk.stop, publish_later(desk, &mut recorder)).await;
    folder.write_reports(&texts.reports(&recorder.history)?)?;
    drop(lock);
    if desk.stop.asked.is_cancelled() {
        for (unit, link) in round.iter().flat_map(|round| &round.opened) {
            session.say(&format!("Opened #{} for {unit}.", link.number));
        }
        let words = "interrupted; what was opened is on record";
        let line = session
            .global
            .line(&format!("prs publish {}", folder.run()));
        return Err(Problem::new(Exit::Interrupted, words).hint(format!("to go on: {line}")));
    }
    let round = round?;
    let mut told = Told {
        wants_another: round.wants_another(),
        is_trouble: round.has_trouble(),
        ..Told::default()
    };
    for (unit, link) in &round.opened {
        let title = recorder.history.unit(unit).map(|unit| unit.title.as_str());
        match desk.forge.get(link.number).await {
            Ok(pull) => {
                told.said
                    .push(format!("Opened #{} {}.", pull.number, clean(&pull.title)));
                told.opened.push(document::of_pull(&pull));
            }
            // It is there all the same.
            Err(_) => told.said.push(format!(
                "Opened #{} {}.",
                link.number,
                clean(title.unwrap_or_default())
            )),
        }
    }
    told.said.extend(lines(&round, &recorder.history));
    if recorder.history.ended.is_none() {
        let run = folder.run();
        let line = |words: &str| session.global.line(&format!("{words} {run}"));
        told.said.push(format!(
            "Run {run} was cut off: `{}` finds what was delivered, `{}` does the rest.",
            line("prs adopt"),
            line("rerun")
        ));
    }
    Ok(told)
}

/// Sees the work to its end; an interrupt has it begin nothing more, a second one leaves what is on its way.
async fn until_stopped<T>(session: &Session, stop: &Stop, work: impl Future<Output = T>) -> T {
    let mut interrupts = session.interrupts.lock().await;
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            Some(()) = interrupts.recv() => {
                if stop.asked.is_cancelled() {
                    stop.now.cancel();
                }
                stop.asked.cancel();
            }
        }
    }
}

/// What else the round came to.
fn lines(round: &Round, history: &History) -> Vec<String> {
    let mut lines = Vec::new();
    for (unit, number) in &round.made_ready {
        lines.push(format!("{unit}: #{number} is ready for review."));
    }
    for (unit, wait) in &round.waiting {
        lines.push(match wait {
            Wait::Units(below) => {
                let below: Vec<String> = below.iter().map(in_words).collect();
                format!("{unit} waits for {}.", below.join(", "))
            }
            Wait::Held(hold) => format!("{unit}: {}", clean_joined(&hold.reason)),
            Wait::Checks(number, Verdict::Failed(_)) => {
                format!("{unit}: #{number} stays a draft, for its checks failed.")
            }
            Wait::Checks(number, _) => {
                format!("{unit}: #{number} stays a draft until its checks pass.")
            }
        });
    }
    lines.extend(round.troubles.iter().map(|trouble| clean(trouble)));
    if round.opened.is_empty() && lines.is_empty() {
        lines.push(format!(
            "Nothing to publish: no unit of run {} waits for others.",
            history.run
        ));
    }
    lines
}

fn in_words(below: &Below) -> String {
    match &below.pull {
        Some(pull) => format!("{} (#{}, {})", below.unit, pull.number, pull.state),
        None => format!("{} (no pull request yet)", below.unit),
    }
}

impl From<LaterError> for Problem {
    fn from(error: LaterError) -> Self {
        match error {
            LaterError::Record(error) => error.into(),
            LaterError::Forge(error) => error.into(),
        }
    }
}

/// Shows nothing: what was opened is said when all is done.
struct Silent;

impl Reporter for Silent {
    fn event(&mut self, _: &Record, _: &History) {}

    fn tick(&mut self, _: Timestamp, _: &History) {}
}
