//! What an event is in words, the same for the bars and for plain lines.
//!
//! Pure. All text from outside is cleaned here, and causes are cut to their first line.

use crate::cli::style::{Look, Tone, clean};
use crate::model::counted::counted;
use crate::model::event::{Ask, Event, Record};
use crate::model::foundation::in_words;
use crate::model::history::{History, UnitHistory};
use crate::model::id::{ObjectId, UnitId};
use crate::model::outcome::{Outcome, PullLink, Step};
use crate::model::report::duration_text;

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Failures alone.
    Quiet,
    /// What a person waits for.
    Normal,
    /// Each step as well.
    Verbose,
}

/// An event in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Telling {
    /// The unit it concerns; none for the run.
    pub(super) unit: Option<UnitId>,
    /// The words, one line, in the look that was asked for.
    pub(super) text: String,
    /// From which detail on it is told.
    pub(super) from: Detail,
}

impl Telling {
    fn run(from: Detail, text: impl Into<String>) -> Self {
        Self {
            unit: None,
            text: text.into(),
            from,
        }
    }

    /// What is done with how many units.
    fn units(before: &str, units: &[UnitId], after: &str) -> Self {
        let count = counted(units.len(), "unit");
        Self::run(Detail::Normal, format!("{before} {count}{after}"))
    }

    fn goes_on(unit: &UnitId, commit: &ObjectId) -> Self {
        let words = format!("goes on from its commit {}", commit.short());
        Self::unit(unit, Detail::Normal, words)
    }

    fn unit(unit: &UnitId, from: Detail, text: impl Into<String>) -> Self {
        Self {
            unit: Some(unit.clone()),
            text: text.into(),
            from,
        }
    }

    /// What to say of a record, if anything is to be said of it.
    pub(super) fn of(record: &Record, history: &History, look: Look) -> Option<Self> {
        use Detail::{Normal, Quiet, Verbose};
        Some(match &record.event {
            Event::RunStarted { .. } => Self::run(Normal, begun(history)),
            Event::CanarySettled { go_on: true, .. } => Self::run(Normal, "going on with the rest"),
            Event::CanarySettled { go_on: false, .. } => Self::run(Normal, "the rest is not begun"),
            Event::RerunStarted { units, .. } => Self::units("taking up", units, " again"),
            Event::ResumeStarted { units, .. } => Self::units("going on with", units, ""),
            Event::UnitResumed { unit, commit, .. } => Self::goes_on(unit, commit),
            Event::UnitRequeued { unit, .. } => Self::unit(unit, Normal, "in the queue again"),
            Event::BaseStepStarted { step, .. } => Self::run(Normal, format!("base: {step}")),
            Event::BaseAccepted { green: true } => Self::run(Verbose, "base: fit to build on"),
            Event::BaseAccepted { green: false } => Self::run(Normal, "base: red, and accepted so"),
            Event::BaseRefused { step, cause, .. } => Self::run(
                Quiet,
                format!("base: failed at {step}: {}", first_line(cause)),
            ),
            Event::UnitStarted { attempt: 1, .. }
            | Event::Intended { .. }
            | Event::PullOpened { adopted: false, .. }
            | Event::BaseMade { .. }
            | Event::Spent { .. }
            | Event::ProcessStarted { .. }
            | Event::Activity { .. }
            | Event::Summarised { .. }
            | Event::SlotFreed { .. }
            // What is shown then says it.
            | Event::CanaryEnded
            | Event::RunEnded { .. } => return None,
            Event::AgentAsked {
                unit, agent, about, ..
            } => Self::unit(unit, Verbose, format!("{} {}", clean(agent), asked(*about))),
            Event::AgentAnswered { unit, end, .. } => Self::unit(unit, Verbose, clean(end)),
            Event::Paused { reason, until } => {
                let until = until.map_or_else(String::new, |until| {
                    format!(" until {}", until.strftime("%H:%M:%S UTC"))
                });
                Self::run(Normal, format!("paused{until}: {}", clean(reason)))
            }
            Event::Resumed { jobs } => Self::run(
                Normal,
                format!("going on, {} at a time", counted(*jobs, "agent")),
            ),
            Event::UnitStarted { unit, attempt, .. } => {
                Self::unit(unit, Normal, format!("attempt {attempt}"))
            }
            Event::StepStarted { unit, step, .. } => {
                Self::unit(unit, step_detail(*step), step.as_str())
            }
            Event::Warning { unit, text } => Self {
                unit: unit.clone(),
                text: format!("{} {}", look.paint(Tone::Caution, "warning:"), clean(text)),
                from: Normal,
            },
            Event::TreeFixed { unit, files, .. } => Self::unit(
                unit,
                Verbose,
                format!("{} changed", counted(files.len(), "file")),
            ),
            Event::Committed { unit, commit, .. } => {
                Self::unit(unit, Verbose, format!("commit {}", commit.short()))
            }
            Event::Pushed {
                unit,
                branch,
                adopted,
                ..
            } => {
                let how = if *adopted { "found at" } else { "pushed to" };
                Self::unit(unit, Verbose, format!("{how} {}", clean(branch)))
            }
            Event::PullOpened {
                unit,
                pr,
                adopted: true,
                ..
            } => Self::unit(unit, Verbose, format!("found pull request #{}", pr.number)),
            Event::BranchUpdated { unit, commit, .. } => {
                Self::unit(unit, Normal, format!("updated to {}", commit.short()))
            }
            Event::TrackedBy { issue } => {
                Self::run(Normal, format!("tracked in issue #{}", issue.number))
            }
            Event::ForgePaused { reason, until } => Self::run(Normal, forge_pause(reason, *until)),
            Event::ForgeResumed => Self::run(Normal, "pull requests go on"),
            Event::EditsKept { unit, .. } | Event::WorktreeKept { unit, .. } => {
                Self::unit(unit, Verbose, kept(&record.event))
            }
            Event::UnitEnded { unit, outcome, .. } => {
                Self::ended(history.unit(unit)?, outcome, look)
            }
            Event::Interrupted => Self::run(Quiet, stopping("", "again ", history)),
            Event::StopAsked { units } => Self::run(Quiet, asked_to_stop(units, history)),
        })
    }

    fn ended(unit: &UnitHistory, outcome: &Outcome, look: Look) -> Self {
        let after = unit
            .duration_ms()
            .map(|duration| format!(" in {}", duration_text(duration)))
            .unwrap_or_default();
        let cost = unit.spend.short().map(|cost| format!(" for {cost}"));
        let after = after + &cost.unwrap_or_default();
        let (from, rest) = match outcome {
            Outcome::Opened { pr } => (Detail::Normal, format!(" {}{after}", pull_name(pr))),
            Outcome::Pushed { reason, .. } => (
                Detail::Normal,
                format!("{after}; no pull request yet: {}", first_line(reason)),
            ),
            Outcome::Unchanged => (Detail::Normal, after),
            Outcome::Failed(failure) => (
                Detail::Quiet,
                format!(
                    " at {}{after}: {}",
                    failure.step,
                    first_line(&failure.cause)
                ),
            ),
            Outcome::Cancelled { reason } => {
                // Those that were not begun are all cancelled at once, and counted where the whole is.
                let from = if unit.started.is_some() {
                    Detail::Normal
                } else {
                    Detail::Verbose
                };
                (from, format!(": {}", first_line(reason)))
            }
        };
        let word = look.paint(Tone::of(Some(outcome)), &look.outcome(Some(outcome)));
        Self::unit(&unit.id, from, format!("{word}{rest}"))
    }
}

fn begun(history: &History) -> String {
    let units = counted(history.units.len(), "unit");
    let base = &history.base;
    let (branch, commit) = (clean(&base.branch), base.commit.short());
    let first = match history.canary.len() {
        0 => String::new(),
        first => format!(", {first} of them first"),
    };
    format!(
        "run {}: {units} on {branch} at {commit}{first}",
        history.run
    )
}

fn forge_pause(reason: &str, until: jiff::Timestamp) -> String {
    let until = until.strftime("%H:%M:%S UTC");
    format!("no pull request before {until}: {}", clean(reason))
}

/// What a Ctrl-C does now is said while it can still be pressed.
fn stopping(why: &str, again: &str, history: &History) -> String {
    match history
        .units
        .iter()
        .filter(|unit| unit.slot.is_some())
        .count()
    {
        0 => format!("stopping{why}"),
        busy => format!(
            "stopping{why}: ending {}; press Ctrl-C {again}to kill",
            counted(busy, "worker")
        ),
    }
}

fn asked_to_stop(units: &[UnitId], history: &History) -> String {
    if units.is_empty() {
        stopping(", as `batch stop` asks", "", history)
    } else {
        format!("`batch stop` ends {}", in_words(units))
    }
}

fn asked(about: Ask) -> String {
    match about {
        Ask::Implement => "begins".to_owned(),
        Ask::TakeOver => "takes over what the codemod left".to_owned(),
        Ask::Fix { round } => format!("mends what failed (round {round})"),
        Ask::Scope => "goes on without what lay outside its scope".to_owned(),
        Ask::GoOn => "goes on".to_owned(),
    }
}

/// The steps that take time are told, the others only to who asks.
fn step_detail(step: Step) -> Detail {
    match step {
        Step::Implement | Step::Check | Step::Test | Step::Push => Detail::Normal,
        Step::Prepare | Step::Gate | Step::Commit | Step::OpenPr => Detail::Verbose,
    }
}

/// `#3`, and its address where that is one that a browser opens.
fn pull_name(pr: &PullLink) -> String {
    match pr.url.as_deref().map(clean) {
        Some(url) if url.starts_with("http") => format!("#{} {url}", pr.number),
        Some(_) | None => format!("#{}", pr.number),
    }
}

fn first_line(text: &str) -> String {
    text.lines()
        .map(clean)
        .find(|line| !line.is_empty())
        .unwrap_or_default()
}
/// What is kept of a failed attempt, and where.
fn kept(event: &Event) -> String {
    if let Event::WorktreeKept { path, .. } = event {
        format!("worktree kept at {}", clean(path))
    } else if let Event::EditsKept { reference, .. } = event {
        format!("edits kept at {}", clean(reference))
    } else {
        String::new()
    }
}
