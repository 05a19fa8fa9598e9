//! A codemod first and an agent for what it leaves; and units that say for themselves who makes them.

use super::support::{apply, asked_for, delivered, plan};
use crate::support::sandbox::Sandbox;

const AGENT: &str = r#"
writes "src/${BATCH_UNIT#src-}/one.txt" "by $model"
ends "Mended $BATCH_UNIT."
"#;

#[test]
fn after_a_rewrite_the_agent_is_asked_only_where_the_test_fails() {
    let sandbox = Sandbox::frobs(4);
    sandbox.claude(AGENT);
    let said = sandbox
        .batch_with_agent(&[
            "rename frob to frobnicate",
            "--rewrite=s/frob/frobnicate/g",
            "--agent=claude",
            "--paths=src/**",
            "--min-units=4",
            "--max-units=4",
            "--test=test \"$BATCH_UNIT\" != src-part2 || ! grep -n 'frobnicate.2' src/part2/one.txt",
            "--yes",
        ])
        .exits(0);
    let asked = sandbox.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].unit, "src-part2");
    for words in [
        "A rewrite, `s/frob/frobnicate/g`, has worked",
        "1:call frobnicate(2)",
    ] {
        let prompt = asked[0].prompt();
        assert!(prompt.contains(words), "no {words:?} in\n{prompt}");
    }
    assert!(
        said.stderr.contains("claude took over: test failed"),
        "{}",
        said.stderr
    );
    assert_eq!(
        delivered(&sandbox, "src-part2", "src/part2/one.txt"),
        "by default\n"
    );
    assert_eq!(
        delivered(&sandbox, "src-part2", "src/part2/two.txt"),
        "call frobnicate(2)\nand frobnicate again\nend\n"
    );
}

#[test]
fn what_a_command_leaves_is_the_agents() {
    let sandbox = Sandbox::frobs(3);
    sandbox.claude(
        r#"file=src/${BATCH_UNIT#src-}/one.txt; writes "$file" "$(cat "$file") and claude"; ends "Mended it.""#,
    );
    let before = sandbox.users_own();
    let command = "case {unit} in src-part1) echo the parser gave up; exit 3;; esac; for f in {files}; do echo codemod > $f; done";
    sandbox
        .batch_with_agent(&[
            "write a word",
            "--command",
            command,
            "--agent=claude",
            "--model=opus",
            "--paths=src/**",
            "--min-units=3",
            "--max-units=3",
            "--test=test \"$BATCH_UNIT\" != src-part2 || grep claude src/part2/one.txt || { echo no claude; exit 1; }",
            "--yes",
        ])
        .exits(0);
    let mut asked: Vec<String> = sandbox
        .asked()
        .into_iter()
        .map(|asked| asked.unit)
        .collect();
    asked.sort();
    assert_eq!(asked, ["src-part1", "src-part2"]);
    assert_eq!(
        delivered(&sandbox, "src-part0", "src/part0/one.txt"),
        "codemod\n"
    );
    assert_eq!(
        delivered(&sandbox, "src-part2", "src/part2/one.txt"),
        "codemod and claude\n"
    );
    let told = &asked_for(&sandbox, "src-part1")[0];
    assert!(
        told.prompt().contains("the parser gave up"),
        "{}",
        told.prompt()
    );
    let told = &asked_for(&sandbox, "src-part2")[0];
    for words in [
        "no claude",
        "`src/part2/one.txt`",
        "has worked on your part",
    ] {
        assert!(
            told.prompt().contains(words),
            "no {words:?} in\n{}",
            told.prompt()
        );
    }
    assert!(sandbox.unit("src-part0")["agent"].is_null());
    assert_eq!(sandbox.unit("src-part2")["agent"], "claude");
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}

#[test]
fn units_may_say_for_themselves_who_makes_them() {
    let sandbox = Sandbox::frobs(5);
    sandbox.claude(AGENT);
    sandbox.agent("codex", "#!/bin/sh\nexit 7\n");
    sandbox.write(
        "batch.toml",
        "[agents.scribe]\ncommand = [\"scribe\"]\nprompt = \"stdin\"\n",
    );
    sandbox.agent(
        "scribe",
        "#!/bin/sh\ncat > /dev/null\necho by scribe > src/$BATCH_UNIT/one.txt\n",
    );
    let own = |text: String, unit: usize, line: &str| {
        let id = format!("id = \"part{unit}\"\n");
        text.replace(&id, &format!("{id}{line}\n"))
    };
    let mut text = plan(
        &sandbox,
        5,
        "no-test = true",
        "agent = \"claude\"\nmodel = \"opus\"",
    );
    text = own(text, 1, "model = \"haiku\"");
    text = own(text, 2, "rewrite = [\"s/frob/frobnicate/g\"]");
    text = own(text, 3, "agent = \"scribe\"");
    text = own(text, 4, "command = \"echo by command > src/part4/one.txt\"");
    apply(&sandbox, &text, &[]).exits(0);
    for (unit, words) in [
        (0, "by opus\n"),
        (1, "by haiku\n"),
        (2, "call frobnicate(2)\nand frobnicate again\nend\n"),
        (3, "by scribe\n"),
        (4, "by command\n"),
    ] {
        let path = format!("src/part{unit}/one.txt");
        assert_eq!(delivered(&sandbox, &format!("part{unit}"), &path), words);
    }
}
