//! `batch prs adopt`: puts on record what is there for a run on its remote and its forge, and its journal does not know,
//! because the process was killed or the journal cut. Changes nothing outside of the run's own folder.

use jiff::Timestamp;
use serde_json::json;

use super::runs::deliveries;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::journal::{self, FileJournal};
use crate::cli::args::Format;
use crate::cli::exit::{Exit, Problem};
use crate::cli::findings::Findings;
use crate::cli::forge;
use crate::cli::session::Session;
use crate::cli::style::clean;
use crate::engine::adopting::{Adoption, adopt as settle};
use crate::engine::ports::{Reporter, Stop};
use crate::engine::recorder::Recorder;
use crate::model::event::Record;
use crate::model::history::History;

/// Adopts what there is.
///
/// # Errors
/// [`Problem`] when there is no such run, it is being worked on, or remote or forge cannot be asked.
pub(super) async fn adopt(session: &Session, run: Option<&str>) -> Result<Exit, Problem> {
    let folder = session.store.find(run)?;
    let lock = session.store.lock(folder.run())?;
    let history = journal::history(&folder.journal())?;
    let forge = forge::of_run(session, &history, &Stop::default()).await?;
    let remote = deliveries(session, &history).await?;
    let repository = GitRepository::new(&session.place);
    let asking = Findings::look(&history, &forge, &remote, &repository);
    let findings = session.interrupts.guard(asking).await?;
    let mut recorder = Recorder {
        journal: Box::new(FileJournal::open(&folder.journal())?),
        history: history.clone(),
        reporter: Box::new(Silent),
        clock: session.clock.clone(),
    };
    let mut told = Vec::with_capacity(history.units.len());
    for unit in &history.units {
        let (word, words) = match settle(unit, &history, findings.of(unit)) {
            Adoption::Known => ("known", "the journal knows all that there is".to_owned()),
            Adoption::Nothing => ("nothing", "nothing is there".to_owned()),
            Adoption::Left(why) => ("left", format!("left alone: {why}")),
            Adoption::Adopted { events, what } => {
                for event in events {
                    recorder.record(event)?;
                }
                ("adopted", format!("adopted {what}"))
            }
        };
        session.say(&format!("{}: {}.", unit.id, clean(&words)));
        told.push(json!({ "unit": unit.id, "result": word, "words": words }));
    }
    folder.write_reports(&session.texts()?.reports(&recorder.history)?)?;
    session.warn_of_texts();
    drop(lock);
    if session.global.format == Format::Json {
        session.answer(&format!("{:#}\n", json!(told)));
    }
    Ok(Exit::Done)
}

/// Shows nothing: what was adopted is said unit by unit.
struct Silent;

impl Reporter for Silent {
    fn event(&mut self, _: &Record, _: &History) {}

    fn tick(&mut self, _: Timestamp, _: &History) {}
}
