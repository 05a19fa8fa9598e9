//! Units that an agent implements, and all that a run leaves of them.

use super::support::{asked_for, delivered, plan, work};
use crate::support::sandbox::Sandbox;

const WELL: &str = r#"
case "$BATCH_UNIT" in
  part3) ends 'There was nothing to do.' ;;
esac
writes "src/$BATCH_UNIT/one.txt" "frobnicated by $model"
writes "src/$BATCH_UNIT/new/deep.txt" 'a new file'
runs 'rm src/'"$BATCH_UNIT"'/two.txt'
ends "Did $BATCH_UNIT.
Look at *one*."
"#;

#[test]
fn each_unit_becomes_a_pull_request_that_says_what_its_agent_did() {
    let sandbox = Sandbox::frobs(5);
    let before = sandbox.users_own();
    let said = work(&sandbox, 5, WELL, &["-j5"]).exits(0);
    assert!(!said.stderr.contains('\u{1b}'), "{}", said.stderr);

    let outcomes: Vec<String> = sandbox.outcomes().into_values().collect();
    assert_eq!(
        outcomes,
        ["opened", "opened", "opened", "unchanged", "opened"]
    );
    assert_eq!(
        delivered(&sandbox, "part1", "src/part1/one.txt"),
        "frobnicated by default\n"
    );
    assert_eq!(
        sandbox.changed(&sandbox.delivered()["part1"]),
        [
            "src/part1/new/deep.txt",
            "src/part1/one.txt",
            "src/part1/two.txt"
        ]
    );

    let pull = sandbox.pull("part1");
    let number = pull["number"].to_string();
    let shown = sandbox.batch(["prs", "show", &number]).exits(0).stdout;
    for words in [
        "made by the agent `claude`",
        "> Did part1.\n> Look at \\*one\\*.",
        "src/part1/new/deep.txt",
    ] {
        assert!(shown.contains(words), "no {words:?} in\n{shown}");
    }

    let unit = sandbox.unit("part1");
    assert_eq!(unit["agent"], "claude");
    assert_eq!(unit["summary"], "Did part1.\nLook at *one*.");
    assert_eq!(unit["spend"]["cost_usd"], 0.01, "{unit:#}");
    assert_eq!(unit["spend"]["tokens"]["input"], 400, "{unit:#}");
    let spend = &sandbox.report()["summary"]["spend"];
    assert_eq!(spend["cost_usd"], 0.05, "{spend:#}");
    assert_eq!(sandbox.unit("part3")["summary"], "There was nothing to do.");

    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}

#[test]
fn what_an_agent_printed_is_kept_raw_and_readable() {
    let sandbox = Sandbox::frobs(1);
    work(&sandbox, 1, WELL, &[]).exits(0);
    let raw = sandbox.run_file("logs/part0/1-agent.jsonl");
    for line in raw.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    assert!(raw.contains("total_cost_usd"), "{raw}");
    let readable = sandbox.run_file("logs/part0/1-implement.log");
    for words in [
        "Write",
        "edits: src/part0/one.txt\n",
        "says: Did part0.",
        "ended: completed",
    ] {
        assert!(readable.contains(words), "no {words:?} in\n{readable}");
    }
}

#[test]
fn the_agent_is_told_its_task_its_files_and_its_checks() {
    let sandbox = Sandbox::frobs(2);
    sandbox.claude(WELL);
    let text = plan(
        &sandbox,
        2,
        "test = '''test -d src/$BATCH_UNIT'''\nsummary = \"by hand\"\nconventions = [\"tabs\"]",
        "agent = \"claude\"\nmodel = \"opus\"",
    )
    .replace(
        "task = \"Change what part 1 says.\"",
        "task = \"Change what part 1 says.\"\ncheck = \"grep -q frobnicated {files}\"\n\
         context = \"one.txt is first\"\ncontracts = [\"say frobnicated\"]\nconstraints = [\"not the README\"]",
    );
    super::support::apply(&sandbox, &text, &[]).exits(0);
    let asked = asked_for(&sandbox, "part1");
    assert_eq!(asked.len(), 1);
    for words in [
        "frobnicate all parts",
        "> Change what part 1 says.",
        "`src/part1/`",
        "`src/part1/two.txt`",
        "test -d src/$BATCH_UNIT",
        "grep -q frobnicated src/part1/one.txt src/part1/two.txt",
        "one.txt is first",
        "say frobnicated",
        "not the README",
        "by hand",
        "tabs",
    ] {
        let prompt = asked[0].prompt();
        assert!(prompt.contains(words), "no {words:?} in\n{prompt}");
    }
    let args = asked[0].all.lines().next().unwrap();
    assert!(args.contains("--model opus"), "{args}");
    assert!(args.contains("Bash(test -d src/$BATCH_UNIT)"), "{args}");
    assert_eq!(
        delivered(&sandbox, "part0", "src/part0/one.txt"),
        "frobnicated by opus\n"
    );
}
