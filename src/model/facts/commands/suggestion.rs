//! [`Commands`]: suggested commands of each kind, those a project most likely means first.

use crate::model::path::RepoPath;

/// What a command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandKind {
    /// Makes a fresh checkout fit for the others.
    Setup,
    /// Tells whether the project works.
    Test,
    /// Complains about style, and changes nothing.
    Lint,
    /// Puts sources into their form.
    Format,
}

/// How sure it is that the project means this command; the surest is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The project names it.
    Declared,
    /// It is what everybody runs with the tools that the project uses.
    Usual,
    /// It may work.
    Guessed,
}

/// A command that may be the project's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What it is for.
    pub kind: CommandKind,
    /// The text, for `sh -c` in the repository's root.
    pub command: String,
    /// The file that told of it.
    pub from: RepoPath,
    /// How sure it is.
    pub confidence: Confidence,
}

/// What was found, without doubles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Commands(Vec<Suggestion>);

impl Commands {
    /// Those of a kind, the surest first, and as they were found within that.
    pub fn of(&self, kind: CommandKind) -> impl Iterator<Item = &Suggestion> {
        self.0
            .iter()
            .filter(move |suggestion| suggestion.kind == kind)
    }

    /// The surest of a kind.
    #[must_use]
    pub fn best(&self, kind: CommandKind) -> Option<&Suggestion> {
        self.of(kind).next()
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes one more, unless the same command is there as the same kind and no less sure.
    pub(super) fn add(&mut self, new: Suggestion) {
        let same = |old: &Suggestion| old.kind == new.kind && old.command == new.command;
        if self
            .0
            .iter()
            .any(|old| same(old) && old.confidence <= new.confidence)
        {
            return;
        }
        self.0.retain(|old| !same(old));
        let at = self
            .0
            .partition_point(|old| (old.kind, old.confidence) <= (new.kind, new.confidence));
        self.0.insert(at, new);
    }
}
