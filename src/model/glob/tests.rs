//! Patterns against paths, good and bad ones.

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
        "pattern `src/[a`, character 5: unclosed character class; missing ']'"
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
