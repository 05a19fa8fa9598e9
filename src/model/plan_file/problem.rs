//! [`Problem`]: one thing that is wrong with a plan file, and [`Problems`], which collects them while it is read.

use std::fmt;

/// One thing that is wrong with a plan file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The line, counted from 1; none when it is about the file as a whole.
    pub line: Option<usize>,
    /// What is wrong, as a fragment.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// All that is wrong with a plan file, by line; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanProblems(pub Vec<Problem>);

impl std::error::Error for PlanProblems {}

impl fmt::Display for PlanProblems {
    /// Writes one problem a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            let joint = if at == 0 { "" } else { "\n" };
            write!(f, "{joint}{problem}")?;
        }
        Ok(())
    }
}

/// Collects problems of one text, and knows its lines.
pub(super) struct Problems {
    line_ends: Vec<usize>,
    found: Vec<Problem>,
}

impl Problems {
    pub(super) fn of(text: &str) -> Self {
        Self {
            line_ends: text.match_indices('\n').map(|(at, _)| at).collect(),
            found: Vec::new(),
        }
    }

    /// The line of a byte of the text.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.line_ends.partition_point(|&end| end < offset) + 1
    }

    pub(super) fn add(&mut self, line: usize, message: impl Into<String>) {
        self.found.push(Problem {
            line: Some(line),
            message: message.into(),
        });
    }

    pub(super) fn add_overall(&mut self, message: impl Into<String>) {
        self.found.push(Problem {
            line: None,
            message: message.into(),
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All of them by line, in the order found within a line.
    pub(super) fn into_sorted(mut self) -> PlanProblems {
        self.found.sort_by_key(|problem| problem.line);
        PlanProblems(self.found)
    }
}
