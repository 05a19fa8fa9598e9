//! [`Findings`]: what is wrong with an answer, and what of it our own code has mended, while it is judged.

/// How much is asked of an answer, and how much mended instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Nothing was said against an answer yet: all that could be better is said.
    First,
    /// The agent was told once: only what makes no plan is said again.
    Again,
    /// Nothing can be asked any more: what our own code can mend, it mends.
    Last,
}

/// The most problems that are told at once; more are counted.
const TOLD: usize = 40;

/// Problems for the agent, and notes for whoever reads the plan.
#[derive(Debug)]
pub(super) struct Findings {
    patience: Patience,
    problems: Vec<String>,
    notes: Vec<String>,
}

impl Findings {
    pub(super) fn new(patience: Patience) -> Self {
        Self {
            patience,
            problems: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// What only the agent can put right.
    pub(super) fn wrong(&mut self, problem: impl Into<String>) {
        self.problems.push(problem.into());
    }

    /// What the agent had better put right, and our code can: true when it now must, and the note was taken.
    pub(super) fn mend(&mut self, problem: impl Into<String>, note: impl Into<String>) -> bool {
        let last = self.patience == Patience::Last;
        if last {
            self.notes.push(note.into());
        } else {
            self.problems.push(problem.into());
        }
        last
    }

    /// What could be better, and is said once.
    pub(super) fn advise(&mut self, problem: impl Into<String>) {
        if self.advises() {
            self.problems.push(problem.into());
        }
    }

    pub(super) fn advises(&self) -> bool {
        self.patience == Patience::First
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// The notes, when nothing is wrong.
    ///
    /// # Errors
    /// All problems.
    pub(super) fn settle(self) -> Result<Vec<String>, Vec<String>> {
        if self.problems.is_empty() {
            return Ok(self.notes);
        }
        let mut problems = self.problems;
        let more = problems.len().saturating_sub(TOLD);
        if more > 0 {
            problems.truncate(TOLD);
            problems.push(format!("and {more} more problems of these kinds"));
        }
        Err(problems)
    }
}
