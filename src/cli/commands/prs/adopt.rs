//! `batch prs adopt`: puts on record what is there for a run on its remote and its forge, and its journal does not know,
//! because the process was killed or the journal cut. Changes nothing outside of the run's own folder.

use jiff::Timestamp;
use serde_json::json;

use super::runs::deliveries;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::journal::{self, FileJournal};
use crate::cli::args::Format;
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::{self, RunForge};
use crate::cli::session::Session;
use crate::cli::style::clean;
use crate::engine::adopting::{Adoption, Found, adopt as settle};
use crate::engine::ports::{Remote as _, Reporter, Stop};
use crate::engine::recorder::Recorder;
use crate::model::event::Record;
use crate::model::history::{History, UnitHistory};
use crate::model::pull::Pull;

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
    let asking = async {
        let pulls = pulls(&forge, &history).await?;
        let mut heads = Vec::with_capacity(history.units.len());
        for unit in &history.units {
            heads.push(remote.head(&unit.branch).await?);
        }
        Ok((pulls, heads))
    };
    let (pulls, heads) = session.interrupts.guard(asking).await?;
    let repository = GitRepository::new(&session.place);
    let mut recorder = Recorder {
        journal: Box::new(FileJournal::open(&folder.journal())?),
        history: history.clone(),
        reporter: Box::new(Silent),
        clock: session.clock.clone(),
    };
    let mut told = Vec::with_capacity(history.units.len());
    for (unit, head) in history.units.iter().zip(&heads) {
        let kept = repository.commit_at(&reference(&history, unit)).await?;
        let of_branch: Vec<Pull> = pulls
            .iter()
            .filter(|pull| pull.head == unit.branch)
            .cloned()
            .collect();
        let found = Found {
            head: head.as_ref(),
            kept: kept.as_ref(),
            pulls: &of_branch,
        };
        let (word, words) = match settle(unit, &history, found) {
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

/// All pull requests whose branches may be the run's.
async fn pulls(forge: &RunForge, history: &History) -> Result<Vec<Pull>, Problem> {
    match forge {
        RunForge::Local(local) => Ok(local.list().await?),
        RunForge::GitHub(github) => {
            let branches = history.units.iter().map(|unit| unit.branch.as_str());
            Ok(github.pulls_below(&shared_beginning(branches)).await?)
        }
    }
}

/// The ref that keeps a unit's commit.
fn reference(history: &History, unit: &UnitHistory) -> String {
    format!("refs/batch/{}/{}/commit", history.run, unit.id)
}

/// What these names all begin with, up to a `/`.
fn shared_beginning<'a>(mut names: impl Iterator<Item = &'a str>) -> String {
    let Some(first) = names.next() else {
        return String::new();
    };
    let mut shared = first.rfind('/').map_or("", |end| &first[..=end]);
    for name in names {
        while !name.starts_with(shared) {
            let shorter = shared.trim_end_matches('/');
            shared = shorter.rfind('/').map_or("", |end| &shorter[..=end]);
        }
    }
    shared.to_owned()
}

/// Shows nothing: what was adopted is said unit by unit.
struct Silent;

impl Reporter for Silent {
    fn event(&mut self, _: &Record, _: &History) {}

    fn tick(&mut self, _: Timestamp, _: &History) {}
}

#[cfg(test)]
mod tests {
    use super::shared_beginning;

    #[test]
    fn branches_share_the_folders_that_they_begin_with() {
        let of = |names: &[&str]| shared_beginning(names.iter().copied());
        assert_eq!(of(&["batch/x-0a1b/a", "batch/x-0a1b/b"]), "batch/x-0a1b/");
        assert_eq!(of(&["batch/x-0a1b/a", "batch/y-0a1b/a"]), "batch/");
        assert_eq!(of(&["batch/x/a", "other/x/a"]), "");
        assert_eq!(of(&["a", "b"]), "");
        assert_eq!(of(&[]), "");
    }
}
