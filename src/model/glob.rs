//! Patterns from people and agents: [`Pattern`] is one of them, [`PathFilter`] any of several (`--paths`).
//!
//! The syntax is globset's: `*` and `?` stop at `/`, `**` does not; `{a,b}`, `[a-z]`, `[!a]`; a backslash takes the next
//! character as it is. A pattern that exists at the base, though it looks like a glob, means that path
//! (`pages/[id].tsx`), and so does one that is C-quoted as git does it, whether it exists or not. Names are bytes:
//! `?` and `[…]` stand for one byte each, and `[!…]` also takes a `/`.

use std::collections::HashSet;
use std::fmt;

use globset::{Candidate, ErrorKind, GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};

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
        write!(f, "bad pattern `{}`: ", self.pattern.escape_debug())?;
        f.write_str(&self.why)?;
        match self.position {
            Some(position) => write!(f, " (at character {position})"),
            None => Ok(()),
        }
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
            let literal = Entry::parse(text).map_err(|error| bad(text, None, error));
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

fn bad(pattern: &str, position: Option<usize>, why: impl ToString) -> BadGlob {
    BadGlob {
        pattern: pattern.to_owned(),
        position,
        why: why.to_string(),
    }
}

fn from_root(pattern: &str) -> Result<&str, BadGlob> {
    if pattern.is_empty() {
        return Err(bad(pattern, None, "empty"));
    }
    if pattern.starts_with('/') || pattern.split('/').any(|part| part == "..") {
        let why = "outside the repository: patterns begin at its root";
        return Err(bad(pattern, Some(1), why));
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
mod tests {
    use super::{PathFilter, Pattern, literal};
    use crate::model::path::RepoPath;
    use crate::model::scope::Entry;
    use proptest::prelude::*;

    fn filter(patterns: &[&str], tracked: &[&str]) -> PathFilter {
        let patterns: Vec<_> = patterns.iter().map(ToString::to_string).collect();
        PathFilter::new(&patterns, |path| {
            tracked
                .iter()
                .any(|known| path.as_bytes() == known.as_bytes())
        })
        .unwrap()
    }

    fn matches(pattern: &str, path: &str) -> bool {
        filter(&[pattern], &[]).matches(&path.into())
    }

    #[test]
    fn a_star_stops_at_a_slash_and_two_do_not() {
        assert!(matches("src/*.ts", "src/a.ts"));
        assert!(matches("src/*", "src/.hidden"));
        assert!(!matches("src/*.ts", "src/a/b.ts"));
        assert!(!matches("src/*", "src/a/b"));
        assert!(!matches("src?a", "src/a"));
        assert!(matches("src/**", "src/a/b.ts"));
        assert!(matches("src/**/b.ts", "src/b.ts"));
        assert!(matches("**/*.ts", "a.ts"));
        assert!(!matches("*.ts", "a/b.ts"));
        assert!(!matches("src/**", "srcs/a"));
    }

    #[test]
    fn alternatives_classes_and_escapes_work() {
        assert!(matches("a.{ts,tsx}", "a.tsx"));
        assert!(matches("a{,.bak}", "a"));
        assert!(matches("[a-c]/x", "b/x"));
        assert!(!matches("[!a-c]x", "bx"));
        assert!(matches(r"a\*", "a*"));
        assert!(!matches(r"a\*", "ab"));
        assert!(matches(r"\[a\]*", "[a]b"));
    }

    #[test]
    fn a_pattern_without_metacharacters_means_a_file_or_all_below_a_folder() {
        for pattern in ["src", "src/", "./src", "././/src/"] {
            assert!(matches(pattern, "src"), "{pattern}");
            assert!(matches(pattern, "src/a/b"), "{pattern}");
            assert!(!matches(pattern, "srcs"), "{pattern}");
            assert!(!matches(pattern, "lib/src"), "{pattern}");
        }
        assert!(matches("packages/*/", "packages/a/b/c"));
        assert!(matches(".", "a/b") && matches("./", "a"));
        assert!(filter(&[], &[]).matches(&"a".into()));
    }

    #[test]
    fn a_glob_that_exists_means_that_path() {
        let filter = filter(
            &["pages/[id].tsx", "app/[slug]"],
            &["pages/[id].tsx", "app/[slug]"],
        );
        assert!(filter.matches(&"pages/[id].tsx".into()));
        assert!(!filter.matches(&"pages/i.tsx".into()));
        assert!(filter.matches(&"app/[slug]/page.tsx".into()));
        assert!(matches("pages/[id].tsx", "pages/i.tsx"));
    }

    #[test]
    fn names_are_bytes() {
        let odd = RepoPath::new(*b"src/caf\xe9\n.ts");
        assert!(filter(&["src/*.ts"], &[]).matches(&odd));
        assert!(filter(&["src"], &[]).matches(&odd));
        assert!(filter(&["src/caf?[\n].ts"], &[]).matches(&odd));
        assert!(filter(&[r#""src/caf\351\n.ts""#], &[]).matches(&odd));
        assert!(matches("\u{e9}/*", "\u{e9}/x"));
    }

    #[test]
    fn bad_patterns_are_shown_with_the_place() {
        for (pattern, position) in [
            ("src/[a", Some(5)),
            ("\u{e9}{a,b", Some(2)),
            ("*a}", Some(3)),
            ("[z-a]", Some(2)),
            ("a\\", Some(2)),
            ("[!]", Some(1)),
            ("/src", Some(1)),
            ("a/../b", Some(1)),
            ("", None),
            ("\"src", None),
        ] {
            let error = PathFilter::new(&[pattern.to_owned()], |_| false).unwrap_err();
            assert_eq!(error.pattern, pattern);
            assert_eq!(error.position, position, "{error}");
        }
        let error = PathFilter::new(&["src/[a".to_owned()], |_| false).unwrap_err();
        assert_eq!(
            error.to_string(),
            "bad pattern `src/[a`: unclosed character class; missing ']' (at character 5)"
        );
    }

    proptest! {
        #[test]
        fn a_literal_spelling_is_taken_literally_whatever_exists(
            bytes in prop_oneof![
                prop::collection::vec(1u8.., 0..20),
                "[]a\\[*?{}\"/]{0,8}".prop_map(String::into_bytes),
            ],
            exists in any::<bool>(),
        ) {
            let entry = Entry::new(RepoPath::new(bytes));
            match Pattern::parse(&literal(&entry), |_| exists) {
                Ok(Pattern::Literal(read)) => prop_assert_eq!(read, entry),
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }
}
