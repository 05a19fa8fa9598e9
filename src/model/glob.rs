//! Patterns from people and agents: [`Pattern`] is one of them, [`PathFilter`] any of several (`--paths`).
//!
//! The syntax is globset's: `*` and `?` stop at `/`, `**` does not; `{a,b}`, `[a-z]`, `[!a]`; a backslash takes the next
//! character as it is. A pattern that exists at the base, though it looks like a glob, means that path
//! (`pages/[id].tsx`), and so does one that is C-quoted as git does it, whether it exists or not. Names are bytes:
//! `?` and `[…]` stand for one byte each, and `[!…]` also takes a `/`.

use std::collections::HashSet;
use std::fmt;

use globset::{Candidate, ErrorKind, GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};

use crate::model::clean::typed;
use crate::model::path::RepoPath;
use crate::model::scope::Entry;

/// A pattern that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadGlob {
    /// The pattern, as given.
    pub pattern: String,
    /// The character that is at fault, counted from 1, where one is.
    pub position: Option<usize>,
    /// What is wrong, as a fragment.
    pub why: String,
}

impl std::error::Error for BadGlob {}

impl fmt::Display for BadGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pattern `{}`", typed(&self.pattern))?;
        if let Some(position) = self.position {
            write!(f, ", character {position}")?;
        }
        write!(f, ": {}", self.why)
    }
}

/// What one pattern means.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// Exactly this file, or what is below this folder.
    Literal(Entry),
    /// Whatever matches.
    Glob(Glob),
}

/// A compiled glob.
#[derive(Debug, Clone)]
pub struct Glob(GlobMatcher);

impl Glob {
    /// Whether the glob matches the path.
    #[must_use]
    pub fn matches(&self, path: &RepoPath) -> bool {
        self.0
            .is_match_candidate(&Candidate::from_bytes(path.as_bytes()))
    }
}

impl Pattern {
    /// Reads a pattern; `exists` says whether a file or folder of that path is tracked at the base.
    ///
    /// # Errors
    /// [`BadGlob`] when it is neither a literal path nor a glob.
    pub fn parse(text: &str, exists: impl Fn(&RepoPath) -> bool) -> Result<Self, BadGlob> {
        if text.starts_with('"') {
            let literal = Entry::parse(text).map_err(|error| bad(text, None, &error));
            return literal.map(Self::Literal);
        }
        let verbatim = Entry::new(RepoPath::from(text));
        if !text.contains(SPECIAL) || exists(verbatim.path()) {
            return Ok(Self::Literal(verbatim));
        }
        if let Some(unescaped) = without_escapes(text) {
            return Ok(Self::Literal(Entry::new(RepoPath::from(
                unescaped.as_str(),
            ))));
        }
        let below = if text.ends_with('/') { "**" } else { "" };
        let glob = GlobBuilder::new(&format!("{text}{below}"))
            .literal_separator(true)
            .backslash_escape(true)
            .empty_alternates(true)
            .build();
        match glob {
            Ok(glob) => Ok(Self::Glob(Glob(glob.compile_matcher()))),
            Err(error) => Err(bad(text, position(text, error.kind()), error.kind())),
        }
    }
}

/// Spells an entry so that [`Pattern::parse`] takes it literally, whatever exists: C-quoted if it looks like a glob.
#[must_use]
pub fn literal(entry: &Entry) -> String {
    let path = entry.to_path();
    let text = path.to_text();
    if text.starts_with('"') || !text.contains(SPECIAL) {
        return text;
    }
    path.to_quoted()
}

/// The paths that any of several patterns means; with no pattern at all, every path.
#[derive(Debug, Clone)]
pub struct PathFilter {
    everything: bool,
    literals: HashSet<Box<[u8]>>,
    globs: GlobSet,
}

impl PathFilter {
    /// Compiles patterns from the root; `exists` says whether a file or folder of that path is tracked at the base.
    /// A literal path of a folder, with or without a trailing `/`, means everything below it; `.` is the root.
    ///
    /// # Errors
    /// [`BadGlob`] for the first pattern that cannot be understood or leaves the repository.
    pub fn new(patterns: &[String], exists: impl Fn(&RepoPath) -> bool) -> Result<Self, BadGlob> {
        let mut everything = patterns.is_empty();
        let mut literals = HashSet::new();
        let mut globs = GlobSetBuilder::new();
        for pattern in patterns {
            let text = from_root(pattern)?;
            match Pattern::parse(text, &exists)? {
                Pattern::Literal(entry) if entry.path().as_bytes().is_empty() => everything = true,
                Pattern::Literal(entry) => {
                    literals.insert(entry.path().as_bytes().into());
                }
                Pattern::Glob(Glob(matcher)) => {
                    globs.add(matcher.glob().clone());
                }
            }
        }
        let globs = globs.build();
        let globs = globs.map_err(|error| bad(error.glob().unwrap_or(""), None, error.kind()))?;
        Ok(Self {
            everything,
            literals,
            globs,
        })
    }

    /// Whether any pattern means that path.
    #[must_use]
    pub fn matches(&self, path: &RepoPath) -> bool {
        let names = |path: &[u8]| self.literals.contains(path);
        self.everything
            || names(path.as_bytes())
            || path.folders().any(names)
            || self
                .globs
                .is_match_candidate(&Candidate::from_bytes(path.as_bytes()))
    }
}

/// The characters without which a pattern is a path.
const SPECIAL: [char; 5] = ['*', '?', '[', '{', '\\'];

fn bad(pattern: &str, position: Option<usize>, why: &dyn fmt::Display) -> BadGlob {
    BadGlob {
        pattern: pattern.to_owned(),
        position,
        why: why.to_string(),
    }
}

fn from_root(pattern: &str) -> Result<&str, BadGlob> {
    if pattern.is_empty() {
        return Err(bad(pattern, None, &"empty"));
    }
    if pattern.starts_with('/') || pattern.split('/').any(|part| part == "..") {
        let why = "outside the repository: patterns begin at its root";
        return Err(bad(pattern, Some(1), &why));
    }
    let mut text = pattern;
    while let Some(rest) = text.strip_prefix("./") {
        text = rest.trim_start_matches('/');
    }
    Ok(if text == "." { "" } else { text })
}

/// The path that a pattern spells when all its special characters are escaped.
fn without_escapes(text: &str) -> Option<String> {
    let mut path = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(char) = rest.next() {
        path.push(match char {
            '\\' => rest.next()?,
            _ if SPECIAL.contains(&char) => return None,
            _ => char,
        });
    }
    Some(path)
}

/// Where globset's parser gave up, which it does not tell.
fn position(text: &str, kind: &ErrorKind) -> Option<usize> {
    if let ErrorKind::InvalidRange(from, to) = kind {
        let at = text.find(&format!("{from}-{to}"))?;
        return Some(text[..at].chars().count() + 1);
    }
    let mut open = Vec::new();
    let mut chars = text.chars().zip(1..).peekable();
    while let Some((char, at)) = chars.next() {
        match char {
            '\\' if chars.next().is_none() => return Some(at),
            '{' => open.push(at),
            '}' if open.pop().is_none() => return Some(at),
            '[' => {
                chars.next_if(|&(char, _)| matches!(char, '!' | '^'));
                chars.next_if(|&(char, _)| char == ']');
                if !chars.any(|(char, _)| char == ']') {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    open.last().copied()
}

#[cfg(test)]
mod tests;
