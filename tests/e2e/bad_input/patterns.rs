//! Patterns that do not compile, match nothing, or change nothing.

use super::{CHANGE, refused, refused_saying, rewrite};
use crate::support::sandbox::Sandbox;

#[test]
fn a_rewrite_that_cannot_be_used_is_shown_with_the_place() {
    let sandbox = Sandbox::frobs(5);
    let hint = "hint: the syntax is that of the regex crate: s/REGEX/REPLACEMENT/FLAGS";
    for (expression, wrong) in [
        (
            r"s/\bfrøb(/x/",
            r"`s/\bfrøb(/x/`, character 9: unclosed group",
        ),
        (
            "s/frob/$1nicate/",
            "`s/frob/$1nicate/`, character 8: `$1nicate` names a group that the regex does not have (it has 0)",
        ),
        (
            "s/frob/x/q",
            "`s/frob/x/q`, character 10: `q` is not a flag; there are g, i, m, s and x",
        ),
        (
            "s/frob/x",
            "`s/frob/x`, character 9: the `/` that ends the replacement is missing",
        ),
        (
            "frob",
            "`frob`, character 1: a rewrite has the form s/REGEX/REPLACEMENT/FLAGS",
        ),
        ("s/a\n(/x/", r"`s/a\n(/x/`, character 5: unclosed group"),
    ] {
        refused_saying(
            &sandbox,
            &[CHANGE, "--rewrite", expression, "--no-test"],
            2,
            &format!("error: {wrong}\n{hint}"),
        );
    }
}

#[test]
fn other_patterns_are_shown_with_the_place_too() {
    let sandbox = Sandbox::frobs(5);
    refused_saying(
        &sandbox,
        &[
            CHANGE,
            "--command",
            "true",
            "--matching",
            r"\w(x",
            "--no-test",
        ],
        2,
        "error: --matching `\\w(x`, character 3: unclosed group\n\
         hint: the syntax is that of the regex crate",
    );
    for (glob, wrong) in [
        (
            "src/[a",
            "pattern `src/[a`, character 5: unclosed character class; missing ']'",
        ),
        (
            "../src/**",
            "pattern `../src/**`, character 1: outside the repository: patterns begin at its root",
        ),
        ("", "pattern ``: empty"),
    ] {
        refused_saying(
            &sandbox,
            &rewrite(&["--no-test", "--paths", glob]),
            2,
            &format!("error: {wrong}"),
        );
    }
}

#[test]
fn patterns_are_refused_before_the_remote_is_asked() {
    let sandbox = Sandbox::frobs(5);
    sandbox.git(["remote", "set-url", "origin", "/no/such/remote.git"]);
    refused(&sandbox, &[CHANGE, "--rewrite", "s/(/x/", "--no-test"], 2).says("unclosed group");
}

#[test]
fn nothing_to_do_is_said_in_as_many_ways_as_there_are() {
    let sandbox = Sandbox::frobs(5);
    sandbox.write("bin.dat", b"frob\0");
    sandbox.write("latin.txt", b"frob \xe9\n");
    sandbox.commit_and_push("files that are not text");
    for (args, said) in [
        (
            &["--rewrite", "s/zork/y/"][..],
            "error: nothing matches in 13 files of main\n\
             hint: batch looks at the base commit, not at the checkout: check the pattern and --base",
        ),
        (
            &["--rewrite", "s/zork/y/", "--paths", "README.md"],
            "error: nothing matches in 1 file of main\n\
             hint: batch looks at the base commit, not at the checkout: check the pattern and --base",
        ),
        (
            &["--rewrite", "s/frob/x/", "--paths", "lib/**"],
            "error: no file of main matches lib/**\n\
             hint: globs count from the root, and `*` does not cross `/`: src/** is all below src",
        ),
        (
            &["--rewrite", "s/call/call/", "--paths", "src/part0/**"],
            "error: the rewrite matches in 2 files, and changes nothing there\n\
             hint: the replacement is what stands there already: check it",
        ),
        (
            &[
                "--rewrite",
                "s/frob/x/",
                "--paths",
                "bin.dat",
                "--paths",
                "latin.txt",
            ],
            "error: only files that are binary or not UTF-8 match, and those are left alone: bin.dat, latin.txt\n\
             hint: --command can change such files; name them with --paths",
        ),
        (
            &["--from", "main"],
            "error: main changes nothing that main does not have",
        ),
        (
            &["--from", "nope"],
            "error: --from `nope` is no commit\n\
             hint: name a branch or a commit, or `worktree` for what is uncommitted",
        ),
        (
            &["--from", "worktree"],
            "error: the checkout has no uncommitted changes\n\
             hint: name a branch or a commit that holds the change",
        ),
    ] {
        refused_saying(
            &sandbox,
            &[&[CHANGE, "--no-test", "--yes"], args].concat(),
            2,
            said,
        );
    }
}

#[test]
fn matching_narrows_what_a_rewrite_looks_at() {
    let sandbox = Sandbox::frobs(5);
    sandbox
        .batch(rewrite(&[
            "--matching",
            r"frob\([01]\)",
            "--no-test",
            "--yes",
        ]))
        .exits(0);
    let report = sandbox.report();
    let files: u64 = report["units"]
        .as_array()
        .unwrap()
        .iter()
        .map(|unit| {
            unit["files"]
                .as_u64()
                .unwrap_or_else(|| unit["files"].as_array().unwrap().len() as u64)
        })
        .sum();
    assert_eq!(files, 4, "{report:#}");
}
