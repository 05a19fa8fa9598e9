//! `batch rerun` of units that an agent implements: what it is told of the attempt before, and what it begins from.

use super::support::{NOT_BROKEN, apply, asked_for, delivered, failed, plan};
use crate::support::sandbox::Sandbox;

/// Two units that leave a good file and a broken one; where the broken one is mended, `$here/mended` is there.
fn failing() -> Sandbox {
    let sandbox = Sandbox::frobs(2);
    sandbox.claude(
        r#"
        runs 'cat "src/$BATCH_UNIT/two.txt" > "'"$here"'/found-$BATCH_UNIT"'
        if [ -e "$here/mended" ]; then writes "src/$BATCH_UNIT/one.txt" "by $model"; ends mended; fi
        writes "src/$BATCH_UNIT/two.txt" good
        writes "src/$BATCH_UNIT/one.txt" BROKEN
        ends tried"#,
    );
    let text = plan(
        &sandbox,
        2,
        NOT_BROKEN,
        "agent = \"claude\"\nmodel = \"opus\"",
    );
    apply(&sandbox, &text, &["--fixes=0", "-j2"]).exits(1);
    std::fs::write(sandbox.bin().join("mended"), "").unwrap();
    sandbox
}

#[test]
fn a_rerun_tells_what_went_wrong_and_begins_from_the_edits_before() {
    let sandbox = failing();
    let before = sandbox.users_own();
    let said = sandbox
        .batch_with_agent(&["rerun", "--note", "use the *new* name", "--model=haiku"])
        .exits(0);
    let asked = asked_for(&sandbox, "part0");
    assert_eq!(asked.len(), 2);
    let prompt = asked[1].prompt();
    for words in [
        "An earlier attempt",
        "`src/part0/one.txt`",
        "the step `test`",
        "exit code 1",
        "src/part0/one.txt:1:BROKEN",
        "> use the *new* name",
    ] {
        assert!(prompt.contains(words), "no {words:?} in\n{prompt}");
    }
    assert_eq!(asked[1].variable("BATCH_ATTEMPT").unwrap_or("2"), "2");
    let found = std::fs::read_to_string(sandbox.bin().join("found-part0")).unwrap();
    assert_eq!(found, "good\n");
    assert_eq!(
        delivered(&sandbox, "part0", "src/part0/one.txt"),
        "by haiku\n"
    );
    assert_eq!(delivered(&sandbox, "part0", "src/part0/two.txt"), "good\n");
    let unit = sandbox.unit("part0");
    assert_eq!(unit["attempt"], 2);
    assert_eq!(unit["spend"]["cost_usd"], 0.02, "{unit:#}");
    assert!(
        said.stderr.contains("began from the edits"),
        "{}",
        said.stderr
    );
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}

#[test]
fn a_fresh_rerun_begins_at_the_base_and_still_knows_what_went_wrong() {
    let sandbox = failing();
    sandbox
        .batch_with_agent(&["rerun", "--fresh", "--unit=part1"])
        .exits(1);
    let found = std::fs::read_to_string(sandbox.bin().join("found-part1")).unwrap();
    assert!(found.contains("and frob again"), "{found}");
    let asked = asked_for(&sandbox, "part1");
    assert!(
        asked[1].prompt().contains("You begin anew"),
        "{}",
        asked[1].prompt()
    );
    assert!(
        asked[1].prompt().contains("BROKEN"),
        "{}",
        asked[1].prompt()
    );
    assert_eq!(sandbox.unit("part1")["outcome"], "opened");
    assert_eq!(asked_for(&sandbox, "part0").len(), 1);
}

#[test]
fn a_rerun_may_take_another_agent_and_more_turns() {
    let sandbox = failing();
    sandbox.write(
        "batch.toml",
        "[agents.scribe]\ncommand = [\"scribe\", \"{prompt-file}\"]\nprompt = \"file\"\n",
    );
    sandbox.agent(
        "scribe",
        "#!/bin/sh\ncp \"$1\" \"$(dirname \"$0\")/told-$BATCH_UNIT\"\necho by scribe > src/$BATCH_UNIT/one.txt\necho 'Wrote one.txt.'\n",
    );
    sandbox
        .batch_with_agent(&["rerun", "--agent=scribe", "--unit=part0"])
        .exits(1);
    assert_eq!(
        delivered(&sandbox, "part0", "src/part0/one.txt"),
        "by scribe\n"
    );
    assert_eq!(sandbox.unit("part0")["agent"], "scribe");
    let told = std::fs::read_to_string(sandbox.bin().join("told-part0")).unwrap();
    assert!(told.contains("An earlier attempt"), "{told}");

    sandbox
        .batch_with_agent(&["rerun", "--max-turns=7"])
        .exits(0);
    let asked = asked_for(&sandbox, "part1");
    let args = asked[1].all.lines().next().unwrap();
    assert!(args.contains("--max-turns 7"), "{args}");
    assert!(!asked[0].all.lines().next().unwrap().contains("--max-turns"));
}

#[test]
fn edits_that_were_out_of_scope_are_not_taken_over() {
    let sandbox = Sandbox::frobs(1);
    sandbox.claude(
        r#"
        [ -e "$here/mended" ] || writes README.md theirs
        writes src/part0/one.txt "$([ -e src/part0/new ] && echo found)"
        writes src/part0/new new
        ends tried"#,
    );
    let text = plan(&sandbox, 1, "no-test = true", "agent = \"claude\"");
    apply(&sandbox, &text, &[]).exits(1);
    assert_eq!(failed(&sandbox, "part0")[0], "scope");
    std::fs::write(sandbox.bin().join("mended"), "").unwrap();
    sandbox.batch_with_agent(&["rerun"]).exits(0);
    assert_eq!(delivered(&sandbox, "part0", "src/part0/one.txt"), "found\n");
    let commit = &sandbox.delivered()["part0"];
    assert_eq!(
        sandbox.changed(commit),
        ["src/part0/new", "src/part0/one.txt"]
    );
}
