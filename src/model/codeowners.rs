//! [`CodeOwners`]: who owns a path, by the rules of GitHub's CODEOWNERS file.
//!
//! The last rule that matches wins. The patterns look like those of `.gitignore` and are not: there is no `!`, no
//! `[ ]`, and case counts. Source: GitHub Docs, "About code owners". Finding and reading the file is the caller's;
//! sections, as GitLab has them, are reported as bad lines. Research asks it for the owner of each file.
//!
//! All patterns are compiled to one automaton ([`regex::bytes::RegexSet`]), so that a path is read once and not once
//! for each rule.

use regex::bytes::{RegexSet, RegexSetBuilder};

use crate::model::path::RepoPath;

/// Where the file may be; the first that exists counts. The first three are GitHub's ("CODEOWNERS file location"), the
/// last is GitLab's, for repositories that have only that.
pub const CODEOWNERS_FILES: [&str; 4] = [
    ".github/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".gitlab/CODEOWNERS",
];

/// What compiled patterns and their lazily built automaton may take, in bytes.
const COMPILED_MAX: usize = 64 << 20;

/// The rules of a CODEOWNERS file.
#[derive(Debug, Clone)]
pub struct CodeOwners {
    patterns: RegexSet,
    /// The owners of each pattern, joined by spaces; none when the rule clears ownership.
    owners: Vec<Option<String>>,
}

/// A line that is skipped, as GitHub skips it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadLine {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

impl Default for CodeOwners {
    fn default() -> Self {
        Self {
            patterns: RegexSet::empty(),
            owners: Vec::new(),
        }
    }
}

impl CodeOwners {
    /// Reads a file. Lines that are not understood are skipped and returned beside the rules.
    #[must_use]
    pub fn parse(file: impl AsRef<[u8]>) -> (Self, Vec<BadLine>) {
        let file = file.as_ref();
        let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
        let mut patterns = Vec::new();
        let mut owners = Vec::new();
        let mut bad = Vec::new();
        for (index, line) in file.split(|&byte| byte == b'\n').enumerate() {
            match rule(line) {
                Ok(None) => {}
                Ok(Some(rule)) => {
                    patterns.push(rule.regex);
                    owners.push(rule.owners);
                }
                Err(why) => bad.push(BadLine {
                    line: index + 1,
                    why,
                }),
            }
        }
        match RegexSetBuilder::new(patterns)
            .size_limit(COMPILED_MAX)
            .dfa_size_limit(COMPILED_MAX)
            .build()
        {
            Ok(patterns) => (Self { patterns, owners }, bad),
            Err(error) => {
                bad.push(BadLine {
                    line: 1,
                    why: format!("the file has too many patterns: {error}"),
                });
                (Self::default(), bad)
            }
        }
    }

    /// The owners of a file, joined by spaces; `None` when nobody owns it.
    #[must_use]
    pub fn owners(&self, path: &RepoPath) -> Option<&str> {
        let last = self.patterns.matches(path.as_bytes()).iter().next_back()?;
        self.owners[last].as_deref()
    }
}

struct Rule {
    regex: String,
    owners: Option<String>,
}

/// Reads a line; `None` when it is empty or a comment.
fn rule(line: &[u8]) -> Result<Option<Rule>, String> {
    let line = std::str::from_utf8(line).map_err(|_| "not UTF-8".to_owned())?;
    let line = line.trim_start();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (pattern, rest) = line.split_at(pattern_end(line));
    let mut owners = Vec::new();
    for owner in rest.split_whitespace() {
        if owner.starts_with('#') {
            break;
        }
        if !owner.contains('@') {
            return Err(format!(
                "`{}` is not an owner (@user, @org/team or an e-mail address)",
                owner.escape_debug()
            ));
        }
        owners.push(owner);
    }
    Ok(Some(Rule {
        regex: regex_of(pattern)?,
        owners: (!owners.is_empty()).then(|| owners.join(" ")),
    }))
}

/// Where the pattern at the line's start ends: at the first space that no `\` escapes.
fn pattern_end(line: &str) -> usize {
    let mut escaped = false;
    for (at, char) in line.char_indices() {
        if escaped {
            escaped = false;
        } else if char == '\\' {
            escaped = true;
        } else if char.is_whitespace() {
            return at;
        }
    }
    line.len()
}

/// Writes a pattern as a regular expression over whole paths.
fn regex_of(pattern: &str) -> Result<String, String> {
    if pattern.starts_with('!') {
        return Err("a pattern cannot be negated with `!`".to_owned());
    }
    if pattern.contains("***") {
        return Err("`***` means nothing".to_owned());
    }
    if pattern.chars().all(|char| char == '/') {
        return Err(format!("`{pattern}` matches no file"));
    }
    let (anchored, pattern) = match pattern.strip_prefix('/') {
        Some(rest) => (true, rest),
        None => (pattern.trim_end_matches('/').contains('/'), pattern),
    };
    let mut regex = String::from(r"(?s-u)\A");
    if !anchored {
        regex.push_str("(?:.*/)?");
    }
    let mut parts = pattern.split('/').peekable();
    while let Some(part) = parts.next() {
        match (part, parts.peek().is_some()) {
            ("**", true) => regex.push_str("(?:.*/)?"),
            ("**" | "", false) => regex.push_str(".+"),
            ("*", false) => regex.push_str("[^/]+"),
            (part, more) => {
                part_regex(part, &mut regex)?;
                regex.push_str(if more { "/" } else { "(?:/.*)?" });
            }
        }
    }
    regex.push_str(r"\z");
    Ok(regex)
}

/// Writes what stands between two slashes.
fn part_regex(part: &str, regex: &mut String) -> Result<(), String> {
    if part == "*" {
        regex.push_str("[^/]+");
        return Ok(());
    }
    let mut chars = part.chars();
    while let Some(char) = chars.next() {
        match char {
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("(?u:[^/])"),
            '[' | ']' => {
                return Err("`[` and `]` are not for ranges here; escape them as `\\[`".to_owned());
            }
            '\\' => literal(chars.next().unwrap_or('\\'), regex),
            _ => literal(char, regex),
        }
    }
    Ok(())
}

/// Writes a character by its UTF-8 bytes, as the expression works on bytes.
fn literal(char: char, regex: &mut String) {
    use std::fmt::Write as _;
    if char.is_ascii_alphanumeric() {
        regex.push(char);
        return;
    }
    for byte in char.encode_utf8(&mut [0; 4]).bytes() {
        write!(regex, "\\x{byte:02x}").expect("writing to a string cannot fail");
    }
}

#[cfg(test)]
mod tests {
    use super::{BadLine, CodeOwners};
    use crate::model::path::RepoPath;

    fn owners(file: &str, path: &str) -> Option<String> {
        let (owners, bad) = CodeOwners::parse(file);
        assert_eq!(bad, []);
        owners.owners(&RepoPath::from(path)).map(str::to_owned)
    }

    /// Asserts which of the paths a pattern matches: those before the bar, and not those after it.
    fn matches(pattern: &str, yes: &[&str], no: &[&str]) {
        let file = format!("{pattern} @o");
        for path in yes {
            assert_eq!(
                owners(&file, path).as_deref(),
                Some("@o"),
                "{pattern} {path}"
            );
        }
        for path in no {
            assert_eq!(owners(&file, path), None, "{pattern} {path}");
        }
    }

    #[test]
    fn the_last_match_wins() {
        let file = "* @all\n/src/ @src\n*.md @docs @org/writers\n";
        assert_eq!(owners(file, "Makefile").as_deref(), Some("@all"));
        assert_eq!(owners(file, "src/a/b.rs").as_deref(), Some("@src"));
        assert_eq!(
            owners(file, "src/a/b.md").as_deref(),
            Some("@docs @org/writers")
        );
    }

    #[test]
    fn a_pattern_without_owners_clears_ownership() {
        let file = "/apps/ @octocat\n/apps/github # nobody's\n";
        assert_eq!(owners(file, "apps/x").as_deref(), Some("@octocat"));
        assert_eq!(owners(file, "apps/github/x"), None);
    }

    #[test]
    fn a_bare_name_matches_files_and_folders_at_any_depth() {
        matches(
            "docs",
            &["docs", "docs/a/b", "x/docs/a", "x/docs"],
            &["mydocs", "docs.md"],
        );
        matches("docs/", &["docs/a/b", "x/docs/a"], &["docs", "x/docs"]);
        matches("*.js", &["a.js", "x/y/.js", "x.js/y"], &["a.jsx", "js"]);
        matches("*", &["a", "a/b/c"], &[]);
    }

    #[test]
    fn a_slash_at_the_start_or_within_ties_a_pattern_to_the_root() {
        matches("/docs", &["docs", "docs/a"], &["x/docs/a"]);
        matches("/docs/", &["docs/a", "docs/a/b"], &["docs", "x/docs/a"]);
        matches("src/docs", &["src/docs/a", "src/docs"], &["x/src/docs/a"]);
    }

    #[test]
    fn one_asterisk_stays_within_a_part() {
        matches("docs/*", &["docs/a.md"], &["docs/a/b.md", "x/docs/a.md"]);
        matches("/a/*/c", &["a/b/c", "a/b/c/d"], &["a/c", "a/b/b/c"]);
        matches("/a/x*z", &["a/xz", "a/xyz", "a/xyz/w"], &["a/x/z"]);
        matches("a?c", &["abc", "aéc"], &["ac", "a/c"]);
    }

    #[test]
    fn two_asterisks_cross_folders() {
        matches("**/logs", &["logs", "a/logs", "a/b/logs/c"], &["alogs"]);
        matches("a/**", &["a/b", "a/b/c"], &["a", "x/a/b"]);
        matches("/a/**/z", &["a/z", "a/b/z", "a/b/c/z/w"], &["z", "a/bz"]);
        matches("**", &["a", "a/b"], &[]);
    }

    #[test]
    fn case_counts_and_special_characters_are_literal() {
        matches("README.md", &["README.md"], &["readme.md", "READMExmd"]);
        matches("/a+b(c)", &["a+b(c)"], &["aab(c)"]);
        matches(r"/pages/\[id\].tsx", &["pages/[id].tsx"], &["pages/i.tsx"]);
        matches("größe/", &["größe/x"], &["grosse/x"]);
    }

    #[test]
    fn spaces_and_hashes_can_be_escaped() {
        matches(r"my\ file", &["my file", "a/my file"], &["my"]);
        matches(r"end\ ", &["end "], &["end"]);
        matches(r"\#notes", &["#notes"], &["notes"]);
        matches("c#", &["c#"], &["c"]);
        let file = "a @x # was @y\r\n# b @z\r\n\tc\t@w\r\n";
        assert_eq!(owners(file, "a").as_deref(), Some("@x"));
        assert_eq!(owners(file, "b"), None);
        assert_eq!(owners(file, "c").as_deref(), Some("@w"));
    }

    #[test]
    fn a_path_that_is_not_utf_8_is_matched_by_its_bytes() {
        let (owners, _) = CodeOwners::parse("\u{feff}/a/*.rs @o");
        assert_eq!(owners.owners(&RepoPath::new(*b"a/\xff\n.rs")), Some("@o"));
    }

    #[test]
    fn bad_lines_are_skipped_and_named() {
        let file =
            b"* @all\n!a @x\nb[12] @x\nc***d @x\n/ @x\nd nobody\n\xff @x\n[Section]\ne me@x.org\n";
        let (owners, bad) = CodeOwners::parse(file);
        assert_eq!(
            bad.iter().map(|bad| bad.line).collect::<Vec<_>>(),
            [2, 3, 4, 5, 6, 7, 8]
        );
        assert_eq!(
            bad[4],
            BadLine {
                line: 6,
                why: "`nobody` is not an owner (@user, @org/team or an e-mail address)".to_owned()
            }
        );
        assert_eq!(owners.owners(&"d".into()), Some("@all"));
        assert_eq!(owners.owners(&"e".into()), Some("me@x.org"));
    }

    #[test]
    fn without_a_file_nobody_owns_anything() {
        assert_eq!(CodeOwners::default().owners(&"a".into()), None);
        assert_eq!(owners("", "a"), None);
    }
}
