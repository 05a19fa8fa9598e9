//! The built-in rewrite, from the expression to the bytes on the remote.

use crate::support::sandbox::Sandbox;

#[test]
fn a_rewrite_keeps_line_endings_modes_byte_order_marks_and_missing_final_newlines() {
    let sandbox = Sandbox::local(&[
        ("dos.txt", "frob one\r\nkeep\r\nfrob two\r\n"),
        ("mixed.txt", "frob\r\nfrob\nfrob\r"),
        ("bom.txt", "\u{feff}frob\n"),
        ("open.txt", "a\nfrob"),
        ("none.txt", "nothing here\r\n"),
    ]);
    sandbox.write_script("run.sh", "#!/bin/sh\nfrob\n");
    std::os::unix::fs::symlink("frob-target", sandbox.repo().join("link")).unwrap();
    sandbox.commit("second");
    sandbox.publish();

    sandbox.rename_frob(&["--no-test"]).exits(0);

    let union = sandbox.union();
    for (path, expected) in [
        ("dos.txt", "frobnicate one\r\nkeep\r\nfrobnicate two\r\n"),
        ("mixed.txt", "frobnicate\r\nfrobnicate\nfrobnicate\r"),
        ("bom.txt", "\u{feff}frobnicate\n"),
        ("open.txt", "a\nfrobnicate"),
        ("none.txt", "nothing here\r\n"),
        ("run.sh", "#!/bin/sh\nfrobnicate\n"),
        ("link", "frob-target"),
    ] {
        let found = String::from_utf8(sandbox.blob(&union, path)).unwrap();
        assert_eq!(found, expected, "{path}");
    }
    let modes: Vec<(String, Vec<u8>)> = sandbox
        .listing(&sandbox.path("remote.git"), &union)
        .into_iter()
        .filter(|(mode, ..)| mode != "100644")
        .map(|(mode, _, path)| (mode, path))
        .collect();
    assert_eq!(
        modes,
        [
            ("120000".to_owned(), b"link".to_vec()),
            ("100755".to_owned(), b"run.sh".to_vec())
        ]
    );
}

#[test]
fn line_endings_that_git_converts_are_converted_back() {
    let sandbox = Sandbox::new(&[
        (".gitattributes", "*.win text eol=crlf\n"),
        ("a.txt", "one frob\ntwo frob\n"),
        ("b.win", "one frob\ntwo frob\n"),
    ]);
    sandbox.git(["config", "core.autocrlf", "true"]);
    sandbox
        .batch([
            "end the lines",
            "--rewrite",
            r"s/frob$/frobnicate;/gm",
            "--no-test",
            "--yes",
        ])
        .exits(0);
    let union = sandbox.union();
    for path in ["a.txt", "b.win"] {
        assert_eq!(
            sandbox.blob(&union, path),
            b"one frobnicate;\ntwo frobnicate;\n",
            "{path}"
        );
    }
}

#[test]
fn line_endings_that_were_committed_against_gits_advice_stay() {
    for setting in ["true", "input", "false"] {
        let sandbox = Sandbox::local(&[
            ("dos.txt", "frob\r\nkeep\r\n"),
            ("unix.txt", "frob\nkeep\n"),
        ]);
        sandbox.write(".gitattributes", "* text=auto\n");
        sandbox.git(["add", ".gitattributes"]);
        sandbox.git(["commit", "-q", "-m", "attributes"]);
        sandbox.publish();
        sandbox.git(["config", "core.autocrlf", setting]);
        sandbox.rename_frob(&["--no-test"]).exits(0);
        let union = sandbox.union();
        let text = |path: &str| String::from_utf8(sandbox.blob(&union, path)).unwrap();
        assert_eq!(text("dos.txt"), "frobnicate\r\nkeep\r\n", "{setting}");
        assert_eq!(text("unix.txt"), "frobnicate\nkeep\n", "{setting}");
    }
}

#[test]
fn several_rewrites_are_applied_in_order_with_flags_and_any_delimiter() {
    let sandbox = Sandbox::new(&[
        ("a.txt", "Frob(1, 2)\r\nfrob(3, 4)\r\n"),
        ("b.txt", "path/to/frob\nfrob()\n"),
    ]);
    sandbox
        .batch([
            "swap the arguments",
            "--rewrite",
            r"s|(frob)\((\d), (\d)\)$|${1}_${3}_$2|gim",
            "--rewrite",
            "s#path/to#way#",
            "--rewrite",
            "s/frob/once/",
            "--no-test",
            "--yes",
        ])
        .exits(0);
    let union = sandbox.union();
    assert_eq!(
        String::from_utf8(sandbox.blob(&union, "a.txt")).unwrap(),
        "Frob_2_1\r\nonce_4_3\r\n"
    );
    assert_eq!(
        String::from_utf8(sandbox.blob(&union, "b.txt")).unwrap(),
        "way/once\nfrob()\n"
    );
}

#[test]
fn binary_and_non_utf8_files_are_left_alone_and_named_in_the_notes() {
    let sandbox = Sandbox::local(&[("a.txt", "frob\n"), ("b.txt", "frob\n")]);
    sandbox.write("data.bin", b"frob\0frob");
    sandbox.write("latin.txt", b"caf\xe9 frob\n");
    sandbox.commit("binaries");
    sandbox.publish();
    sandbox
        .rename_frob(&["--no-test"])
        .exits(0)
        .says("left alone: data.bin, latin.txt");
    let union = sandbox.union();
    assert_eq!(sandbox.blob(&union, "data.bin"), b"frob\0frob");
    assert_eq!(sandbox.blob(&union, "latin.txt"), b"caf\xe9 frob\n");
    assert_eq!(sandbox.blob(&union, "a.txt"), b"frobnicate\n");
    assert!(sandbox.run_file("plan.toml").contains("latin.txt"));
}

#[test]
fn expressions_see_what_is_committed_whatever_line_endings_the_checkout_has() {
    let sandbox = Sandbox::frobs(5);
    sandbox.git(["config", "core.autocrlf", "true"]);
    sandbox
        .batch([
            "end a line of frob differently",
            "--rewrite",
            r"s/frob again\nend/frobnicate\nend/",
            "--no-test",
            "--yes",
        ])
        .exits(0);
    let report = sandbox.report();
    assert_eq!(report["summary"]["opened"], report["summary"]["total"]);
    for commit in sandbox.delivered().values() {
        let diff = sandbox.git(["diff", "--numstat", &format!("{commit}^"), commit]);
        assert!(
            diff.lines().all(|line| line.starts_with("1\t1\t")),
            "{diff}"
        );
    }
}
