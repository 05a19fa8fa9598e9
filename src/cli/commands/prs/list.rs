//! `batch prs list`: the pull requests of a run, or of all, and where each stands. How they are shown is `rows`' and, for
//! the embedded forge, `local_rows`'. Where the forge cannot be asked, what the journals know is shown.

use serde_json::Value;

use super::document;
use super::heads::Heads;
use super::rows::{self, Row};
use super::runs::{Runs, Whose, numbers_of};
use super::{local_rows, waiting};
use crate::adapters::forges::github::forge::GitHub;
use crate::adapters::forges::local::LocalForge;
use crate::cli::args::{Format, ListArgs};
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::{self, RunForge};
use crate::cli::page::stdout_width;
use crate::cli::session::Session;
use crate::cli::style::Look;
use crate::engine::ports::{Forge as _, Stop};
use crate::model::history::History;
use crate::model::standing::Standing;

/// Lists them.
///
/// # Errors
/// [`Problem`] when there is no such run.
pub(super) async fn list(session: &Session, args: &ListArgs) -> Result<Exit, Problem> {
    let runs = Runs::all(session)?;
    let chosen: Vec<&History> = if args.all {
        runs.histories().iter().collect()
    } else if runs.histories().is_empty() && args.run.is_none() {
        Vec::new()
    } else {
        let found = session.store.find(args.run.as_deref())?;
        let history = runs.histories().iter().find(|run| run.run == *found.run());
        // Its journal cannot be read: say why.
        vec![
            history
                .ok_or(())
                .or_else(|()| unreadable(session, args.run.as_deref()))?,
        ]
    };
    let mut answer = Answer::default();
    for history in one_a_forge(&chosen) {
        match forge::of_run(session, history, &Stop::default()).await {
            Ok(RunForge::Local(local)) => answer.local(session, &local, &chosen, args.all).await?,
            Ok(RunForge::GitHub(github)) => {
                let here = same_forge(&chosen, history);
                let asked = async { Ok(standings(&github, &here).await) };
                match session.interrupts.guard(asked).await? {
                    Ok(standings) => answer.github(session, &runs, standings).await?,
                    Err(problem) if problem.exit == Exit::Interrupted => return Err(problem),
                    Err(problem) => answer.known(session, &problem, &here),
                }
            }
            Err(problem) if problem.exit == Exit::Interrupted => return Err(problem),
            Err(problem) => answer.known(session, &problem, &same_forge(&chosen, history)),
        }
    }
    // What the embedded forge holds is listed even where no run is left that opened it.
    if args.all && !chosen.iter().any(|history| history.forge == "local") {
        let local = forge::local(session);
        answer.local(session, &local, &chosen, true).await?;
    }
    Ok(answer.give(session, &chosen))
}

fn unreadable<'a>(session: &Session, run: Option<&str>) -> Result<&'a History, Problem> {
    let problem = Runs::one(session, run).err();
    Err(problem.unwrap_or_else(|| Problem::new(Exit::NotReady, "the run's journal cannot be read")))
}

/// One run of each forge that these went to.
fn one_a_forge<'a>(chosen: &[&'a History]) -> Vec<&'a History> {
    let mut kept: Vec<&History> = Vec::new();
    for history in chosen {
        if same_forge(&kept, history).is_empty() {
            kept.push(history);
        }
    }
    kept
}

/// Those of these runs that went to the same forge as this one.
fn same_forge<'a>(chosen: &[&'a History], history: &History) -> Vec<&'a History> {
    let same = |other: &&&History| other.forge == history.forge && other.site == history.site;
    chosen.iter().filter(same).copied().collect()
}

async fn standings(github: &GitHub, histories: &[&History]) -> Result<Vec<Standing>, Problem> {
    let mut numbers: Vec<u64> = histories.iter().flat_map(|run| numbers_of(run)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    Ok(github.standings(&numbers).await?)
}

/// What is listed so far.
#[derive(Default)]
struct Answer {
    documents: Vec<Value>,
    tables: Vec<String>,
    /// Whether a forge could not be asked.
    incomplete: bool,
}

impl Answer {
    async fn local(
        &mut self,
        session: &Session,
        local: &LocalForge,
        chosen: &[&History],
        all: bool,
    ) -> Result<(), Problem> {
        let mut pulls = local.list().await?;
        if !all {
            pulls.retain(|pull| {
                chosen
                    .iter()
                    .any(|history| pull.run() == Some(&history.run))
            });
        }
        self.documents.extend(pulls.iter().map(document::of_pull));
        if !pulls.is_empty() && session.global.format == Format::Text {
            self.tables.push(local_rows::table(&pulls));
        }
        Ok(())
    }

    async fn github(
        &mut self,
        session: &Session,
        runs: &Runs,
        standings: Vec<Standing>,
    ) -> Result<(), Problem> {
        let mut rows = Vec::with_capacity(standings.len());
        let heads = Heads::new(session);
        for standing in &standings {
            let whose = runs.whose(&standing.pull);
            let recorded = whose.and_then(Whose::recorded);
            let head = heads.of(standing, whose).await;
            let ours = recorded == Some(&standing.pull.head_commit);
            self.documents.push(document::of_standing(standing, ours));
            rows.push(Row::of(standing, head));
        }
        if !rows.is_empty() {
            self.tables
                .push(rows::table(&rows, stdout_width(), Look::of_stdout()));
        }
        Ok(())
    }

    /// What the journals know, because their forge could not be asked.
    fn known(&mut self, session: &Session, problem: &Problem, histories: &[&History]) {
        self.incomplete = true;
        session.say(&problem.render(session.look()));
        session.say(
            "What follows is what the journal knows; how the pull requests stand is not known.",
        );
        let mut links = Vec::new();
        for history in histories {
            for unit in &history.units {
                let Some(link) = unit.pull() else { continue };
                self.documents.push(document::of_link(link, unit, history));
                links.push((link, &unit.id));
            }
        }
        if !links.is_empty() {
            let table = rows::known(&links, stdout_width(), Look::of_stdout());
            self.tables.push(table);
        }
    }

    fn give(self, session: &Session, chosen: &[&History]) -> Exit {
        let waiting = waiting::lines(chosen, stdout_width(), Look::of_stdout());
        match session.global.format {
            Format::Json => {
                let documents = Value::Array(self.documents);
                session.answer(&format!("{documents:#}\n"));
            }
            Format::Text => {
                if self.tables.is_empty() && waiting.is_empty() {
                    session.say("No pull requests.");
                }
                let mut parts = self.tables;
                parts.extend((!waiting.is_empty()).then_some(waiting));
                session.answer(&parts.join("\n"));
            }
        }
        if self.incomplete {
            Exit::NotReady
        } else {
            Exit::Done
        }
    }
}
