//! Names that break tools: in the repository, and of the folder that it is in.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::{CHANGE, REWRITE, rewrite};
use crate::support::sandbox::{Sandbox, ran};

/// Paths with what shells, git's pathspecs, globs, TOML and terminals take for something else.
const NAMES: &[&[u8]] = &[
    b"a b/c d.txt",
    b"q\"uo'te/x.txt",
    b"new\nline/f\n.txt",
    b"-dash/-x.txt",
    b"--opt.txt",
    b"br[a]/{x,y}*?.txt",
    b"non\xff\xfe/\xe9.txt",
    "emoji\u{1f980}/\u{fc}.txt".as_bytes(),
    b"$(touch PWNED)/`touch PWNED`.txt",
    b"back\\slash/a\\b.txt",
    b"tab\t/x.txt",
    b"esc\x1b[31m/x.txt",
    b":(top)magic/x",
    b"!bang/x",
    b"#hash/x",
    b"\"quoted\"/x",
    b" lead/ trail ",
    b"~/x",
    b"{files}/{root}.txt",
];

/// A sandbox with those files, all of them with `frob`, and one that has none.
fn named(names: &[&[u8]]) -> Sandbox {
    let sandbox = Sandbox::new(&[("README.md", "# Sample\n")]);
    for name in names {
        sandbox.write(OsStr::from_bytes(name), "call frob\n");
    }
    sandbox.commit_and_push("names");
    sandbox
}

/// What all delivered units change together, each path once, and that no two change the same.
fn delivered_paths(sandbox: &Sandbox) -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    for commit in sandbox.delivered().values() {
        let output = sandbox
            .command("git")
            .current_dir(sandbox.path("remote.git"))
            .args(["diff", "--name-only", "-z", "main", commit])
            .output()
            .unwrap();
        paths.extend(
            output
                .stdout
                .split(|&byte| byte == 0)
                .filter(|path| !path.is_empty())
                .map(<[u8]>::to_vec),
        );
    }
    paths.sort();
    paths
}

fn sorted(names: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = names.iter().map(|name| name.to_vec()).collect();
    names.sort();
    names
}

#[test]
fn any_name_is_rewritten_by_one_unit() {
    let sandbox = named(NAMES);
    let before = sandbox.users_own();
    let ran = sandbox
        .batch(rewrite(&[
            "--test",
            "test -s \"$BATCH_FILES_FROM\"",
            "--yes",
        ]))
        .exits(0);
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'));
    sandbox.is_untouched(&before);
    assert_eq!(delivered_paths(&sandbox), sorted(NAMES));
}

#[test]
fn a_plan_file_holds_any_name() {
    let sandbox = named(NAMES);
    sandbox
        .batch(
            [
                &["plan"],
                &REWRITE[..],
                &["--no-test", "-o", "../plan.toml"],
            ]
            .concat(),
        )
        .exits(0);
    sandbox
        .batch(["apply", "../plan.toml", "--no-test", "--yes"])
        .exits(0);
    assert_eq!(delivered_paths(&sandbox), sorted(NAMES));
}

#[test]
fn a_command_is_given_any_name_quoted() {
    let sandbox = named(NAMES);
    sandbox
        .batch([
            CHANGE,
            "--command",
            "sed -i s/frob/frobnicate/ {files}",
            "--matching",
            "frob",
            "--test",
            "for f in {files}; do grep -q frobnicate \"$f\" || exit 1; done",
            "--allow-red-base",
            "--yes",
        ])
        .exits(0);
    assert_eq!(delivered_paths(&sandbox), sorted(NAMES));
    assert!(!sandbox.repo().join("PWNED").exists());
}

#[test]
fn names_that_differ_in_case_or_form_only_stay_apart() {
    let names: &[&[u8]] = &[
        b"case/Name.txt",
        b"case/name.txt",
        b"Case2/x.txt",
        b"case2/x.txt",
        b"nfd/e\xcc\x81",
        b"nfd/\xc3\xa9",
    ];
    let sandbox = named(names);
    sandbox.batch(rewrite(&["--no-test", "--yes"])).exits(0);
    assert_eq!(delivered_paths(&sandbox), sorted(names));
}

#[test]
fn the_checkout_may_be_in_a_folder_of_any_name() {
    for name in [&b"my repo'\xc3\xa9"[..], b"-new\nline$(x)", b"non\xff"] {
        let sandbox = Sandbox::frobs(5);
        let folder = sandbox.path("").join(OsStr::from_bytes(name));
        std::fs::rename(sandbox.repo(), &folder).unwrap();
        let run = |args: &[&str]| {
            let output = sandbox
                .batch_command()
                .current_dir(&folder)
                .args(args)
                .output();
            ran(&output.unwrap())
        };
        run(&rewrite(&[
            "--setup",
            "test -d .",
            "--test",
            "test -d {root} && test -s \"$BATCH_FILES_FROM\"",
            "--yes",
        ]))
        .exits(0);
        assert_eq!(sandbox.delivered().len(), 5);
        let listed = run(&["prs", "list"]).exits(0);
        assert_eq!(
            listed.stdout.matches("open").count(),
            5,
            "{}",
            listed.stdout
        );
    }
}

#[test]
fn a_unit_may_delete_every_file_that_it_owns() {
    let sandbox = Sandbox::frobs(5);
    sandbox
        .batch([
            "remove the parts",
            "--command",
            "rm {files}",
            "--paths",
            "src/**",
            "--test",
            "test -f README.md",
            "--yes",
        ])
        .exits(0);
    let delivered = sandbox.delivered();
    assert_eq!(delivered.len(), 5);
    for (unit, commit) in delivered {
        let left = sandbox.remote_git(["ls-tree", "-r", "--name-only", &commit]);
        assert_eq!(left.lines().count(), 9, "{unit}: {left}");
    }
}
