//! Rewrites as they are written, and what they make of files.

use super::{Rewrites, Rewritten};

fn rewritten(expressions: &[&str], contents: &str) -> String {
    match Rewrites::parse(expressions)
        .unwrap()
        .apply(contents.as_bytes())
    {
        Rewritten::Changed { bytes, .. } => String::from_utf8(bytes).unwrap(),
        Rewritten::NoMatch | Rewritten::Same => contents.to_owned(),
        Rewritten::NotText => panic!("not text"),
    }
}

fn refused(expression: &str) -> (usize, String) {
    let error = Rewrites::parse(&[expression]).unwrap_err();
    (error.column, error.problem)
}

fn touched(expression: &str, contents: &str) -> u64 {
    match Rewrites::parse(&[expression])
        .unwrap()
        .apply(contents.as_bytes())
    {
        Rewritten::Changed { lines, .. } => lines,
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_g_only_the_first_match_of_the_file_is_replaced() {
    assert_eq!(rewritten(&["s/a/b/"], "a a\na"), "b a\na");
    assert_eq!(rewritten(&["s/a/b/g"], "a a\na"), "b b\nb");
}

#[test]
fn flags_mean_what_they_mean_to_the_regex_crate() {
    assert_eq!(rewritten(&["s/^a$/b/gm"], "a\na\n"), "b\nb\n");
    assert_eq!(rewritten(&["s/^a$/b/g"], "a\na\n"), "a\na\n");
    assert_eq!(rewritten(&["s/A.B/x/is"], "a\nb"), "x");
    assert_eq!(rewritten(&["s/ a # letter\n b /x/x"], "ab"), "x");
}

#[test]
fn a_line_ends_before_crlf_too() {
    assert_eq!(rewritten(&["s/;$//gm"], "a;\r\nb;\n"), "a\r\nb\n");
    assert_eq!(rewritten(&["s/.+/x/g"], "a\r\nb\r\n"), "x\r\nx\r\n");
}

#[test]
fn any_delimiter_serves_and_can_be_escaped() {
    assert_eq!(rewritten(&["s|a\\|b|x\\|y|"], "a|b"), "x|y");
    assert_eq!(rewritten(&["s/a\\/b/c\\/d/"], "a/b"), "c/d");
    assert_eq!(rewritten(&["s<a\\<b<x<"], "a<b"), "x");
    assert_eq!(rewritten(&["s→a→b→"], "a"), "b");
    assert_eq!(rewritten(&["sxa\\xbxyx"], "axb"), "y");
}

#[test]
fn groups_are_named_by_number_and_by_name() {
    assert_eq!(
        rewritten(&[r"s/(\w+) (?<last>\w+)/$last ${1}s $$/"], "a b"),
        "b as $"
    );
    assert_eq!(rewritten(&["s/a/$ $/"], "a"), "$ $");
    assert_eq!(rewritten(&["s/(a)|b/<$1>/g"], "ab"), "<a><>");
}

#[test]
fn a_group_that_does_not_exist_is_refused_with_the_remedy() {
    let (column, problem) = refused("s/fr(ob)/$1nicate/");
    assert_eq!(column, 10);
    assert!(
        problem.contains("`$1nicate`") && problem.contains("`${1}nicate`"),
        "{problem}"
    );
    assert!(refused("s/a/$1/").1.contains("it has 0"));
    assert!(refused("s/(a)/\\1/").1.contains("${1}"));
    assert!(refused("s/a/${1/").1.contains('}'));
}

#[test]
fn what_is_wrong_is_shown_at_its_character() {
    assert_eq!(refused("s/a(b/x/"), (4, "unclosed group".to_owned()));
    assert_eq!(refused("s/é\\/é(b/x/").0, 7);
    assert_eq!(refused("s/a/b").0, 6);
    assert_eq!(refused("s/a/b/gq").0, 8);
    assert_eq!(refused("x/a/b/").0, 1);
    assert_eq!(refused("s//b/").1, "the regex is empty");
    assert!(refused("s/a\\").1.contains("missing"));
    assert!(refused("s/a/\\q/").1.contains("`\\q`"));
}

#[test]
fn a_byte_order_mark_stays_and_is_not_seen() {
    assert_eq!(rewritten(&["s/^a/b/"], "\u{feff}a"), "\u{feff}b");
}

#[test]
fn expressions_see_what_those_before_them_made() {
    assert_eq!(rewritten(&["s/a/b/g", "s/b/c/g"], "ab"), "cc");
    assert_eq!(rewritten(&["s/z/y/", "s/a/b/g"], "a"), "b");
}

#[test]
fn what_is_not_text_is_left_alone_only_if_it_would_match() {
    let rewrites = Rewrites::parse(&["s/a/b/g"]).unwrap();
    assert_eq!(rewrites.apply(b"a\0"), Rewritten::NotText);
    assert_eq!(rewrites.apply(b"a\xff"), Rewritten::NotText);
    assert_eq!(rewrites.apply(b"\xff\0"), Rewritten::NoMatch);
}

#[test]
fn replacing_by_the_same_is_no_change() {
    assert_eq!(
        Rewrites::parse(&["s/a/a/g"]).unwrap().apply(b"a"),
        Rewritten::Same
    );
    assert_eq!(
        Rewrites::parse(&["s/a/b/g", "s/b/a/g"])
            .unwrap()
            .apply(b"a"),
        Rewritten::Same
    );
}

#[test]
fn lines_are_counted_once_each() {
    assert_eq!(touched("s/a/b/g", "a a\nx\na\n"), 2);
    assert_eq!(touched("s/a\\nb/c/g", "a\nb\nx"), 2);
    assert_eq!(touched("s/a\\n/c/g", "a\na\n"), 2);
    assert_eq!(touched("s/^/> /gm", "1\n2\n3"), 3);
}
