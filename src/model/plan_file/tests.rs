//! Plan files written, read back, and full of mistakes.

use super::{Expression, PlanProblems, base, read, write};
use crate::model::base_tree::BaseTree;
use crate::model::change::{Change, Source};
use crate::model::id::{ObjectId, UnitId};
use crate::model::path::RepoPath;
use crate::model::plan::{Base, Plan, TestPolicy, Unit};
use crate::model::scope::{Entry, Scope};
use crate::model::tree::{Mode, TreeFile};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands in for a judge that may object"
)]
fn any_expression(_: Expression<'_>) -> Result<(), String> {
    Ok(())
}

fn tree(paths: &[&str]) -> Vec<TreeFile> {
    let files = paths.iter().map(|&path| TreeFile {
        path: path.into(),
        mode: if path == "link" {
            Mode::Symlink
        } else {
            Mode::File
        },
        id: ObjectId::new(COMMIT),
    });
    files.collect()
}

fn read_at(text: &str, paths: &[&str]) -> Result<Plan, PlanProblems> {
    read(text, Some(&BaseTree::new(&tree(paths))), &any_expression)
}

fn problems(text: &str, paths: &[&str]) -> Vec<String> {
    let PlanProblems(problems) = read_at(text, paths).expect_err("the plan should be refused");
    problems.iter().map(ToString::to_string).collect()
}

/// A sound file around these units.
fn around(units: &str) -> String {
    format!(
        "version = 1\n[change]\ndescription = 'd'\ncommand = 'c'\n[base]\nref = 'main'\ncommit = '{COMMIT}'\n{units}"
    )
}

fn unit(id: &str, paths: &str) -> String {
    format!("[[units]]\nid = '{id}'\ntitle = 't'\ntask = 't'\npaths = {paths}\n")
}

fn paths_of(plan: &Plan, unit: usize) -> Vec<String> {
    let entries = plan.units[unit].scope.entries().iter();
    entries.map(Entry::to_text).collect()
}

fn sample() -> Plan {
    let change = Change {
        paths: vec!["src/**".into()],
        matching: Some("frob".into()),
        ..Change::new(
            "rename frob to frobnicate",
            Source::Rewrite(vec![r"s/\bfrob\b/frobnicate/g".into()]),
        )
    };
    let base = Base {
        branch: "main".into(),
        commit: ObjectId::new(COMMIT),
    };
    let scope = Scope::new([
        Entry::File("src/auth/login.ts".into()),
        Entry::File("src/auth/[id].tsx".into()),
        Entry::Folder("src/auth/tokens".into()),
        Entry::File(RepoPath::new(*b"src/auth/caf\xe9")),
    ]);
    let unit = Unit {
        owner: Some("@team/auth".into()),
        lines: Some(120),
        ..Unit::new(
            UnitId::parse("src-auth").unwrap(),
            "src/auth",
            "Rename it here.\nLeave `src/log` alone.\n",
            scope,
        )
    };
    Plan {
        test: TestPolicy::Command("make test".into()),
        notes: vec!["2 binary files were skipped".into()],
        ..Plan::new(change, base, vec![unit])
    }
}

#[test]
fn a_plan_is_written_to_be_read_by_people() {
    let written = write(&sample());
    let (_, body) = written.split_once("\n\n").unwrap();
    assert!(written.contains("batch apply FILE"));
    assert_eq!(
        body,
        r#"version = 1
test = "make test"
notes = ["2 binary files were skipped"]

[change]
description = "rename frob to frobnicate"
rewrite = ['s/\bfrob\b/frobnicate/g']
paths = ["src/**"]
matching = 'frob'

[base]
ref = "main"
commit = "0123456789abcdef0123456789abcdef01234567"

[[units]]
id = "src-auth"
title = "src/auth"
task = """
Rename it here.
Leave `src/log` alone.
"""
paths = [
    "src/auth/login.ts",
    '"src/auth/[id].tsx"',
    "src/auth/tokens/",
    '"src/auth/caf\351"',
]
owner = "@team/auth"
lines = 120
"#
    );
    assert_eq!(read(&written, None, &any_expression), Ok(sample()));
}

#[test]
fn globs_are_expanded_at_the_base() {
    let files = [
        "lib/a.rs",
        "pages/[id].tsx",
        "pages/i.tsx",
        "src/a.ts",
        "src/b/c.ts",
        "src/x.md",
    ];
    let text = around(
        &[
            unit("a", "['src/**/*.ts', 'src/a.ts', 'new.ts']"),
            unit("b", "['pages/[id].tsx', 'lib/']"),
        ]
        .concat(),
    );
    let plan = read_at(&text, &files).unwrap();
    assert_eq!(
        paths_of(&plan, 0),
        ["src/a.ts", "src/b/c.ts", "src/a.ts", "new.ts"]
    );
    assert_eq!(paths_of(&plan, 1), ["pages/[id].tsx", "lib/"]);
    assert_eq!(
        problems(&text, &[]),
        [
            "line 12: `src/**/*.ts` matches no file of the base",
            "line 17: `pages/[id].tsx` matches no file of the base",
        ]
    );
}

#[test]
fn without_the_base_a_glob_is_a_problem_and_the_base_can_still_be_read() {
    let text = around(&unit("a", "['src/*', '\"src/[a]\"']"));
    let PlanProblems(found) = read(&text, None, &any_expression).unwrap_err();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].line, Some(12));
    let expected = Base {
        branch: "main".into(),
        commit: ObjectId::new(COMMIT),
    };
    assert_eq!(base(&text), Ok(expected));
    assert!(base("version = 1").is_err());
}

#[test]
fn every_problem_is_named_at_once_with_its_line() {
    let text = r#"version = 1
setup = 3
tets = "make test"
[change]
description = " "
rewrite = ["s/(/"]
command = "x"
matching = "["
paths = ["src/[a"]
[base]
ref = "main"
commit = "abc"
[[units]]
id = "Src"
title = "t"
pahts = ["a"]
[[units]]
id = "b"
title = "t"
task = "t"
paths = []
lines = -1
[[units]]
id = "b"
title = "t"
task = "t"
paths = [
    "src/a",
    "../x",
    7,
    "src/[",
]
after = ["nope", "b"]
"#;
    let judge = |expression: Expression<'_>| match expression {
        Expression::Rewrite(text) => Err(format!("bad rewrite {text}")),
        Expression::Matching(text) => Err(format!("bad regex {text}")),
    };
    let PlanProblems(found) = read(text, None, &judge).unwrap_err();
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "line 2: `setup` takes a text, not the number 3",
            "line 3: unknown key `tets`; did you mean `test`?",
            "line 5: `change.description` is empty",
            "line 6: bad rewrite s/(/",
            "line 7: only one of `rewrite`, `command` can make a change",
            "line 8: bad regex [",
            "line 9: pattern `src/[a`, character 5: unclosed character class; missing ']'",
            "line 12: `abc` is not a full commit id (40 or 64 hexadecimal digits)",
            "line 13: `units.paths` is missing",
            "line 13: `units.task` is missing",
            "line 14: `Src` is not a unit id: lower-case letters and digits in groups joined by `-`, at most 48 characters",
            "line 16: unknown key `units.pahts`; did you mean `paths`?",
            "line 21: unit `b` owns no paths",
            "line 22: `units.lines` takes a whole number from 0, not the number -1",
            "line 24: the unit at line 18 is called `b` already",
            "line 29: unit `b`: `../x` has a part `..`",
            "line 30: `units.paths` takes a text, not the number 7",
            "line 31: pattern `src/[`, character 5: unclosed character class; missing ']'",
            "line 33: unit `b` waits for `nope`, which is no unit",
            "line 33: a circle: unit `b` waits for unit `b`",
        ]
    );
}

#[test]
fn a_bare_file_lacks_everything_that_is_needed() {
    assert_eq!(
        problems("", &[]),
        [
            "`version` is missing",
            "`change` is missing",
            "`base` is missing",
            "the plan has no units"
        ]
    );
    assert_eq!(
        problems("version = 1\nunits = []\n[change]\n[base]\n", &[]),
        [
            "the plan has no units",
            "line 3: `change.description` is missing",
            "line 3: nothing makes the change: one of `agent`, `rewrite`, `command`, `from` is needed",
            "line 4: `base.ref` is missing",
            "line 4: `base.commit` is missing",
        ]
    );
}

#[test]
fn a_syntax_error_is_the_only_problem_and_has_its_line() {
    let found = read_at("version = 1\nsetup = \n[change", &[]).unwrap_err();
    assert_eq!(found.0.len(), 1);
    assert_eq!(found.0[0].line, Some(2));
    let found = read_at("version = 1\nversion = 1\n", &[]).unwrap_err();
    assert_eq!(found.0.len(), 1);
    assert_eq!(found.0[0].line, Some(2));
}

#[test]
fn another_version_is_not_judged_by_the_rules_of_this_one() {
    assert_eq!(
        problems("version = 2\nwhatever = 1", &[]),
        ["line 1: plan version 2 is newer than this program, which reads version 1"]
    );
    assert_eq!(
        problems("version = 0", &[]),
        ["line 1: unknown plan version 0: this program reads version 1"]
    );
}

#[test]
fn sources_and_tests_that_contradict_each_other_are_refused() {
    let head = format!(
        "version = 1\ntest = 'x'\nno-test = true\n[base]\nref = '-x'\ncommit = '{COMMIT}'\n{}[change]\ndescription = 'd'\n",
        unit("a", "['a']")
    );
    assert_eq!(
        problems(&format!("{head}from = 'x'\n"), &[]),
        [
            "line 3: `test` and `no-test` contradict each other",
            "line 5: `-x` is not the name of a branch",
            "line 12: `change.from` and `change.from-commit` belong together",
        ]
    );
    let found = problems(&format!("{head}rewrite = []\nfrom-commit = 'x'\n"), &[]);
    assert_eq!(found.len(), 5, "{found:?}");
}

#[test]
fn the_ownership_rule_is_told_with_the_lines_of_both_entries() {
    let text = around(
        &[
            unit("a", "[\n'src/a',\n'src/log',\n'link/x',\n]"),
            unit("b", "[\n'src/A',\n'src/log/x',\n'src/**',\n'docs',\n]"),
        ]
        .concat(),
    );
    assert_eq!(
        problems(&text, &["docs/a", "link", "src/a", "src/b", "src/c"]),
        [
            "line 14: unit `a`: `src/log` is a file, and a folder of `src/log/x` in unit `b` (line 23)",
            "line 15: unit `a`: `link/x` is below the symlink `link`",
            "line 22: unit `b`: `src/A` and `src/a` of unit `a` differ in case or Unicode form only (line 13)",
            "line 24: unit `b`: `src/a` is in unit `a` as well (line 13)",
            "line 25: unit `b`: `docs` is a folder of the base; `docs/` owns what is below it",
        ]
    );
}

#[test]
fn globs_that_overlap_are_one_problem_not_one_for_each_file() {
    let text = around(
        &[
            unit("a", "['src/']"),
            unit("b", "['src/*']"),
            unit("c", "['src/**']"),
        ]
        .concat(),
    );
    assert_eq!(
        problems(&text, &["src/a", "src/b", "src/c"]),
        [
            "line 22: unit `c`: `src/a` is in unit `b` as well (line 17), and so for 2 more of its files"
        ]
    );
}

#[test]
fn a_folder_may_become_a_file_of_the_unit_that_owns_what_is_below() {
    let text = around(&unit("a", "['src/auth', 'src/auth/x']"));
    assert!(read_at(&text, &["src/auth/x"]).is_ok());
}

#[test]
fn circles_are_named() {
    let with =
        |id: &str, after: &str| format!("{}after = ['{after}']\n", unit(id, &format!("['{id}']")));
    let text = around(
        &[
            with("a", "b"),
            with("b", "c"),
            with("c", "b"),
            with("d", "a"),
        ]
        .concat(),
    );
    let found = problems(&text, &[]);
    let circles: Vec<_> = found
        .iter()
        .filter(|problem| problem.contains("circle"))
        .collect();
    assert_eq!(
        circles,
        ["line 19: a circle: unit `b` waits for unit `c` waits for unit `b`"]
    );
    assert_eq!(found.len(), 1);
}

#[test]
fn duplicates_on_one_line_and_crlf_and_a_byte_order_mark_are_read() {
    let item = "{ id = 'a', title = 't', task = 't', paths = ['a'] }";
    let text = format!(
        "version = 1\nunits = [{item}, {item}]\n[change]\ndescription = 'd'\ncommand = 'c'\n[base]\nref = 'm'\ncommit = '{COMMIT}'\n"
    );
    assert_eq!(problems(&text, &[]).len(), 2);
    let windows = format!("\u{feff}{}", write(&sample()).replace('\n', "\r\n"));
    assert!(read(&windows, None, &any_expression).is_ok());
}

mod round_trip;
