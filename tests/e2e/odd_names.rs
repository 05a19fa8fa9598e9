//! File names that break careless programs, through whole runs.

use std::collections::BTreeSet;
use std::ffi::OsString;

use crate::support::findings::os;
use crate::support::sandbox::Sandbox;

/// Names that a shell, git's quoting, a glob, a placeholder or a file system that folds case could take for another.
const NAMES: &[&[u8]] = &[
    b"a space.txt",
    b" leading and trailing ",
    b"quo'te\"s.txt",
    b"\"quoted\"",
    b"new\nline.txt",
    b"tab\tand\\backslash.txt",
    b"-dash.txt",
    b"--version",
    b"[brackets].txt",
    b"star*question?.txt",
    b"$HOME `id` ;&|.txt",
    b"{files} {unit}.txt",
    b"latin\xe9\xff.txt",
    "emoji\u{1f389}.txt".as_bytes(),
    "decomposed-e\u{301}.txt".as_bytes(),
    "decomposed-\u{e9}.txt".as_bytes(),
    b"Case.txt",
    b"case.txt",
    b":(top)magic.txt",
    b"!bang #hash.txt",
    b"folder with space/-x/[id].txt",
    b"folder with space/-x/i.txt",
];

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::local(&[("README.md", "# Sample\n")]);
    for name in NAMES {
        sandbox.write(os(name), "frob\n");
    }
    sandbox.commit("odd names");
    sandbox.publish();
    sandbox
}

#[track_caller]
fn all_are_renamed(sandbox: &Sandbox) {
    let union = sandbox.union();
    for name in NAMES {
        let text = sandbox.blob(&union, os(name));
        assert_eq!(text, b"frobnicate\n", "{}", name.escape_ascii());
    }
    let in_union: BTreeSet<OsString> = sandbox.remote_paths(&union).into_iter().collect();
    assert_eq!(in_union.len(), NAMES.len() + 1);
}

#[test]
fn a_rewrite_takes_any_file_name_to_the_remote() {
    let sandbox = sandbox();
    let before = sandbox.users_own();
    sandbox
        .rename_frob(&[
            "--test",
            "for file in {files}; do test -f \"$file\" || exit 1; done",
        ])
        .exits(0);
    all_are_renamed(&sandbox);
    let quoted: Vec<String> = sandbox.report()["units"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|unit| unit["files"].as_array().unwrap().clone())
        .map(|file| file.as_str().unwrap().to_owned())
        .collect();
    for name in [r#""latin\351\377.txt""#, r#""\"quoted\"""#, "emoji🎉.txt"] {
        assert!(
            quoted.iter().any(|file| file == name),
            "{name} in {quoted:?}"
        );
    }
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}

#[test]
fn a_command_gets_any_file_name_as_it_is() {
    let sandbox = sandbox();
    let tool = sandbox.tool(
        "codemod",
        r#"test $# -gt 0; for file; do test -f "$file" || exit 3; sed -i s/frob/frobnicate/ "$file" || exit 4; done"#,
    );
    sandbox
        .batch([
            "rename frob to frobnicate",
            "--command",
            &format!("{tool} {{files}}"),
            "--matching=frob",
            "--no-test",
            "--yes",
        ])
        .exits(0);
    all_are_renamed(&sandbox);
}

#[test]
fn the_list_of_files_tells_any_name_apart() {
    let sandbox = sandbox();
    // Reads the list as git does: a line that begins with a quote is C-quoted, any other is the path itself.
    let tool = sandbox.tool(
        "codemod",
        r#"git rm -q --cached --pathspec-from-file="$BATCH_FILES_FROM" || exit 1
        git ls-files -z --others | xargs -0 sed -i s/frob/frobnicate/ --"#,
    );
    let ran = sandbox.batch([
        "rename frob to frobnicate",
        "--command",
        &format!("GIT_LITERAL_PATHSPECS=1 {tool}"),
        "--matching=frob",
        "--no-test",
        "--yes",
    ]);
    ran.exits(0);
    all_are_renamed(&sandbox);
}

#[test]
fn a_plan_file_holds_any_file_name() {
    let sandbox = sandbox();
    let plan = sandbox.path("plan.toml");
    sandbox
        .batch([
            "plan",
            "rename frob to frobnicate",
            "--rewrite=s/frob/frobnicate/",
            "--no-test",
            "-o",
            plan.to_str().unwrap(),
        ])
        .exits(0);
    sandbox
        .batch(["apply", plan.to_str().unwrap(), "--yes"])
        .exits(0);
    all_are_renamed(&sandbox);
    let numbers: Vec<String> = sandbox
        .pulls()
        .iter()
        .map(|pull| pull["number"].to_string())
        .collect();
    let union = sandbox.union();
    sandbox
        .batch(
            ["prs", "merge"]
                .into_iter()
                .chain(numbers.iter().map(String::as_str)),
        )
        .exits(0);
    assert_eq!(sandbox.remote_git(["rev-parse", "main^{tree}"]), union);
}

#[test]
fn names_that_differ_in_case_only_are_one_units() {
    let sandbox = Sandbox::new(&[
        ("src/Makefile", "frob\n"),
        ("src/makefile", "frob\n"),
        ("src/b", "frob\n"),
        ("SRC/b", "frob\n"),
        ("lib/c", "frob\n"),
    ]);
    sandbox
        .rename_frob(&["--no-test", "--min-units=5"])
        .exits(0);
    let union = sandbox.union();
    for path in ["src/Makefile", "src/makefile", "src/b", "SRC/b", "lib/c"] {
        assert_eq!(sandbox.blob(&union, path), b"frobnicate\n", "{path}");
    }
    let unit_of = |path: &str| {
        let report = sandbox.report();
        let units = report["units"].as_array().unwrap().clone();
        units.iter().position(|unit| {
            unit["files"]
                .as_array()
                .unwrap()
                .iter()
                .any(|file| file == path)
        })
    };
    assert_eq!(unit_of("src/Makefile"), unit_of("src/makefile"));
    assert_eq!(unit_of("src/b"), unit_of("SRC/b"));
    assert_ne!(unit_of("src/b"), unit_of("lib/c"));
}
