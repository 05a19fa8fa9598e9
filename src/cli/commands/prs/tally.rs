//! [`Tally`]: what came of a verb that is done to several pull requests: one that refuses does not stop the others.

use std::io::Write as _;

use serde_json::Value;

use crate::cli::args::Format;
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;

/// What came of each so far.
pub(super) struct Tally<'a> {
    session: &'a Session,
    /// Whether only one was asked for: its refusal is then the command's.
    single: bool,
    done: Vec<Value>,
    refused: Vec<Problem>,
}

impl<'a> Tally<'a> {
    /// For so many pull requests.
    pub(super) fn of(session: &'a Session, asked: usize) -> Self {
        Self {
            session,
            single: asked == 1,
            done: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// It was done to one, which programs read of as this.
    pub(super) fn done(&mut self, document: Value) {
        self.done.push(document);
    }

    /// One refused.
    ///
    /// # Errors
    /// The problem itself, when the user wants to stop.
    pub(super) fn refused(&mut self, problem: Problem) -> Result<(), Problem> {
        if problem.exit == Exit::Interrupted {
            self.answer();
            return Err(problem);
        }
        if !self.single {
            let shown = problem.render(self.session.look());
            // A closed standard error takes nothing away from what was done.
            let _ = writeln!(std::io::stderr(), "{shown}");
        }
        self.refused.push(problem);
        Ok(())
    }

    /// Takes in what came of one.
    ///
    /// # Errors
    /// As [`Tally::refused`].
    pub(super) fn take(&mut self, result: Result<Value, Problem>) -> Result<(), Problem> {
        match result {
            Ok(document) => {
                self.done(document);
                Ok(())
            }
            Err(problem) => self.refused(problem),
        }
    }

    /// Gives programs their answer; the exit is that of a failed unit when one refused.
    ///
    /// # Errors
    /// The refusal of the only one.
    pub(super) fn end(mut self) -> Result<Exit, Problem> {
        self.answer();
        match self.refused.pop() {
            None => Ok(Exit::Done),
            Some(problem) if self.single => Err(problem),
            Some(_) => Ok(Exit::UnitFailed),
        }
    }

    fn answer(&mut self) {
        if self.session.global.format == Format::Json {
            let done = Value::Array(std::mem::take(&mut self.done));
            self.session.answer(&format!("{done:#}\n"));
        }
    }
}
