//! `batch logs`: what a unit's worker, tests and git printed, step by step; and what they print as it comes.

use std::io::IsTerminal as _;

use serde_json::json;

use crate::adapters::run_folder::RunFolder;
use crate::adapters::step_logs::{LogOf, StepLog, step_logs};
use crate::cli::args::{Format, LogsArgs};
use crate::cli::exit::{Exit, Problem};
use crate::cli::onlooker::{Onlooker, Seen};
use crate::cli::units;
use crate::model::history::History;
use crate::model::id::UnitId;

mod follow;
mod paper;

/// What the logs of the base itself are kept under; no unit can be called so.
const BASE: &str = "base";

/// The version of the document's format.
const VERSION: u32 = 1;

/// Shows them.
///
/// # Errors
/// [`Problem`] when there is no such run, unit, attempt or log.
pub fn logs(onlooker: &Onlooker, args: &LogsArgs) -> Result<Exit, Problem> {
    let is_json = onlooker.global.format == Format::Json;
    if is_json && args.follow {
        let why = "--follow shows logs as they come, which is no JSON document";
        return Err(Problem::new(Exit::Usage, why).hint("leave --follow out, or --format json"));
    }
    let folder = onlooker.find(args.run.as_deref())?;
    let mut seen = onlooker.look_at(folder)?;
    let wanted = Wanted::new(args, seen.history())?;
    if args.follow {
        return follow::follow(onlooker, &mut seen, &wanted);
    }
    let mut logs = wanted.logs(&seen.folder);
    if logs.is_empty() {
        wanted.why_none(onlooker, &seen)?;
    } else {
        // A step that printed nothing needs no heading.
        logs.retain(|log| std::fs::metadata(&log.path).is_ok_and(|file| file.len() > 0));
        if logs.is_empty() {
            onlooker.say("Nothing was printed.");
        }
    }
    if is_json {
        onlooker.answer(document(&seen, &wanted, &logs)?);
    } else {
        let mut paper = paper::Paper::new(std::io::stdout().is_terminal(), logs.len() > 1);
        for log in &logs {
            let bytes = read(log)?;
            if !onlooker.answer(paper.put(log, &bytes)) {
                break;
            }
        }
        onlooker.answer(paper.end());
    }
    Ok(Exit::Done)
}

/// Which logs are wanted.
struct Wanted<'a> {
    args: &'a LogsArgs,
    /// The unit; none for the base.
    unit: Option<UnitId>,
}

impl<'a> Wanted<'a> {
    fn new(args: &'a LogsArgs, history: &History) -> Result<Self, Problem> {
        if args.unit == BASE {
            return Ok(Self { args, unit: None });
        }
        let unit = UnitId::parse(&args.unit).ok();
        match unit.filter(|id| history.unit(id).is_some()) {
            Some(unit) => Ok(Self {
                args,
                unit: Some(unit),
            }),
            None => Err(units::unknown(history, &args.unit)),
        }
    }

    /// Those that there are now: of the attempt that was named, else of the latest.
    fn logs(&self, folder: &RunFolder) -> Vec<StepLog> {
        let mut logs = self.of_any_attempt(folder);
        if let Some(attempt) = self.args.attempt {
            logs.retain(|log| log.attempt == attempt);
        } else if self.unit.is_some() {
            let latest = step_logs(folder, &self.args.unit)
                .last()
                .map_or(1, |log| log.attempt);
            logs.retain(|log| log.attempt == latest);
        } else {
            // The base has no attempts: each step is counted for itself.
            let all = logs.clone();
            logs.retain(|log| {
                !all.iter()
                    .any(|other| other.of == log.of && other.attempt > log.attempt)
            });
            logs.sort_by_key(|log| log.of);
        }
        logs
    }

    fn of_any_attempt(&self, folder: &RunFolder) -> Vec<StepLog> {
        let mut logs = step_logs(folder, &self.args.unit);
        logs.retain(|log| match (log.of, self.args.step) {
            (LogOf::Agent, _) => self.args.transcript,
            (LogOf::Step(_), _) if self.args.transcript => false,
            (LogOf::Step(step), Some(wanted)) => step == wanted,
            (LogOf::Step(_), None) => true,
        });
        logs
    }

    /// Says why there is nothing to show; what was named and is not there is refused.
    fn why_none(&self, onlooker: &Onlooker, seen: &Seen) -> Result<(), Problem> {
        let whose = &self.args.unit;
        let all = step_logs(&seen.folder, whose);
        if all.is_empty() && self.args.attempt.is_none() && self.args.step.is_none() {
            onlooker.say(&format!("Nothing was logged of {whose} yet."));
            return Ok(());
        }
        let latest = all.last().map_or(0, |log| log.attempt);
        let attempt = self.args.attempt.unwrap_or(latest);
        if attempt > latest {
            let has = match latest {
                0 => "nothing was logged of it yet".to_owned(),
                latest => format!("its latest is {latest}"),
            };
            let why = format!("{whose} has no attempt {attempt}");
            return Err(Problem::new(Exit::Usage, why).hint(has));
        }
        let what = match (self.args.step, self.args.transcript) {
            (Some(step), _) => format!("log of step {step}"),
            (None, true) => "transcript of an agent".to_owned(),
            (None, false) => "log".to_owned(),
        };
        let steps: Vec<&str> = all
            .iter()
            .filter(|log| log.attempt == attempt)
            .map(|log| log.of.as_str())
            .collect();
        let why = format!("attempt {attempt} of {whose} has no {what}");
        let hint = if steps.is_empty() {
            "see `batch status` for its attempts".to_owned()
        } else {
            format!("there is {}", steps.join(", "))
        };
        Err(Problem::new(Exit::Usage, why).hint(hint))
    }
}

fn document(seen: &Seen, wanted: &Wanted<'_>, logs: &[StepLog]) -> Result<String, Problem> {
    let mut documents = Vec::with_capacity(logs.len());
    for log in logs {
        documents.push(json!({
            "attempt": log.attempt,
            "step": log.of.as_str(),
            "path": log.path.display().to_string(),
            "text": String::from_utf8_lossy(&read(log)?),
        }));
    }
    let document = json!({
        "version": VERSION,
        "run": seen.history().run,
        "unit": wanted.args.unit,
        "logs": documents,
    });
    Ok(format!("{document:#}\n"))
}

fn read(log: &StepLog) -> Result<Vec<u8>, Problem> {
    std::fs::read(&log.path).map_err(|error| cannot_read(log, &error))
}

fn cannot_read(log: &StepLog, error: &std::io::Error) -> Problem {
    let path = log.path.display();
    Problem::new(Exit::NotReady, format!("log {path}: {error}"))
}
