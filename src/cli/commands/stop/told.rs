//! [`Told`]: what became of what was to stop, as a table and as JSON.

use serde_json::{Value, json};

use crate::cli::page::stdout_width;
use crate::cli::style::{Look, Tone};
use crate::cli::table::{Cell, Column, Table};
use crate::model::control::Doing;
use crate::model::foundation::in_words;
use crate::model::history::{History, UnitHistory};
use crate::model::id::{RunId, UnitId};
use crate::model::order::Order;
use crate::model::outcome::Outcome;
use crate::model::report::closing_sentence;

/// What became of what was to stop.
pub(super) struct Told {
    run: Option<RunId>,
    /// Whether the run still goes on.
    pub(super) goes_on: bool,
    exit_code: Option<u8>,
    /// What the whole run came to.
    sentence: Option<String>,
    units: Vec<Stopped>,
}

/// A unit that was to stop, or that ended because another one was.
struct Stopped {
    id: UnitId,
    was: Doing,
    /// As it is known so far.
    now: Option<UnitHistory>,
}

impl Told {
    /// There was nothing to stop.
    pub(super) fn nothing() -> Self {
        Self {
            run: None,
            goes_on: false,
            exit_code: None,
            sentence: None,
            units: Vec::new(),
        }
    }

    /// The whole run.
    pub(super) fn of_run(history: &History, goes_on: bool) -> Self {
        Self {
            run: Some(history.run.clone()),
            goes_on,
            exit_code: history.exit_code.filter(|_| !goes_on),
            sentence: history.ended.map(|_| closing_sentence(history)),
            units: Vec::new(),
        }
    }

    /// These units, and with them those that wait for them and had not ended before.
    pub(super) fn of_units(before: &History, named: Vec<(UnitId, Doing)>) -> Self {
        let all = &before.units;
        let order = Order::by_id(all.iter().map(|unit| (&unit.id, unit.after.as_slice())));
        let stops = |at: usize| {
            let is_it = |(id, doing): &(UnitId, Doing)| *id == all[at].id && *doing != Doing::Ended;
            named.iter().any(is_it)
        };
        let is_named = |at: usize| named.iter().any(|(id, _)| *id == all[at].id);
        let dependents = (0..all.len()).filter(|&at| {
            !is_named(at)
                && all[at].outcome.is_none()
                && (0..all.len()).any(|first| stops(first) && order.is_before(first, at))
        });
        let dependents = dependents.map(|at| (all[at].id.clone(), Doing::Waiting));
        let dependents: Vec<(UnitId, Doing)> = dependents.collect();
        let units = named
            .into_iter()
            .chain(dependents)
            .map(|(id, was)| Stopped { id, was, now: None });
        Self {
            units: units.collect(),
            ..Self::of_run(before, true)
        }
    }

    /// Takes in what the journal says by now.
    pub(super) fn look(&mut self, history: &History) {
        for unit in &mut self.units {
            unit.now = history.unit(&unit.id).cloned();
        }
        self.exit_code = history.exit_code;
    }

    /// Whether there is still something to wait for.
    pub(super) fn is_open(&self) -> bool {
        self.units.iter().any(|unit| unit.outcome().is_none())
    }

    /// What is waited for.
    pub(super) fn waiting(&self) -> String {
        let open = self.units.iter().filter(|unit| unit.outcome().is_none());
        format!(
            "Waiting for {} to end.",
            in_words(open.map(|unit| &unit.id))
        )
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        if self.units.is_empty() {
            let sentence = self.sentence.as_deref();
            return sentence.map_or_else(String::new, |sentence| format!("{sentence}\n"));
        }
        let look = Look::of_stdout();
        let mut table = Table::new([
            Column::text("UNIT").giving_way(2, 12),
            Column::text("WAS"),
            Column::text("OUTCOME"),
            Column::text("NOTE").giving_way(1, 10),
        ]);
        let mut kept = String::new();
        for unit in &self.units {
            let outcome = unit.outcome();
            let word = match outcome {
                Some(_) => look.outcome(outcome),
                None => "being ended".to_owned(),
            };
            table.row([
                Cell::from(unit.id.as_str()),
                Cell::from(unit.was.as_str()),
                Cell::toned(Tone::of(outcome), &word),
                Cell::from(unit.note()),
            ]);
            if let Some(reference) = unit.kept() {
                kept.push_str(&format!("edits kept  {reference}\n"));
            }
        }
        table.render(Some(stdout_width()), look) + &kept
    }

    /// For programs.
    pub(super) fn document(&self) -> Value {
        let units = self.units.iter().map(|unit| {
            json!({
                "id": unit.id,
                "was": unit.was.as_str(),
                "outcome": unit.outcome().map(Outcome::as_str),
                "reason": unit.reason(),
                "kept": unit.kept(),
            })
        });
        json!({
            "run": self.run,
            "goes_on": self.goes_on,
            "exit_code": self.exit_code.filter(|_| !self.goes_on),
            "units": units.collect::<Vec<Value>>(),
        })
    }
}

impl Stopped {
    fn outcome(&self) -> Option<&Outcome> {
        self.now.as_ref()?.outcome.as_ref()
    }

    fn reason(&self) -> Option<&str> {
        match self.outcome()? {
            Outcome::Cancelled { reason } | Outcome::Pushed { reason, .. } => Some(reason),
            Outcome::Failed(failure) => Some(&failure.cause),
            Outcome::Opened { .. } | Outcome::Unchanged => None,
        }
    }

    fn note(&self) -> String {
        match self.outcome() {
            Some(Outcome::Failed(failure)) => format!("at {}", failure.step),
            Some(Outcome::Opened { pr }) => format!("#{}", pr.number),
            Some(Outcome::Pushed { .. } | Outcome::Cancelled { .. }) => {
                let first = self.reason().and_then(|reason| reason.lines().next());
                first.unwrap_or_default().to_owned()
            }
            Some(Outcome::Unchanged) | None => String::new(),
        }
    }

    /// Where the edits of a unit are that was stopped at work.
    fn kept(&self) -> Option<&str> {
        let at_work = matches!(self.was, Doing::Working);
        let kept = self.now.as_ref()?.kept.as_deref();
        kept.filter(|_| at_work)
    }
}
