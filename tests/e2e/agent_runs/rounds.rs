//! What goes back to the agent: a failing test with its output, and edits that are not its unit's.

use super::support::{NOT_BROKEN, apply, asked_for, delivered, failed, plan, work};
use crate::support::sandbox::Sandbox;

/// Broken at first; `part0` is mended when that is told, `part1` never, and `part2` is right at once.
const MENDS: &str = r#"
file=src/$BATCH_UNIT/one.txt
case "$BATCH_UNIT-$resumed" in
  part0-|part1-|part1-yes) writes "$file" "BROKEN here" ;;
  *) writes "$file" fine ;;
esac
ends "Tried it."
"#;

#[test]
fn a_failing_test_goes_back_to_the_same_session_until_the_rounds_are_used_up() {
    let sandbox = Sandbox::frobs(3);
    sandbox.claude(MENDS);
    let text = plan(&sandbox, 3, NOT_BROKEN, "agent = \"claude\"");
    let said = apply(&sandbox, &text, &["--jobs=3"]).exits(1);
    let outcomes: Vec<String> = sandbox.outcomes().into_values().collect();
    assert_eq!(outcomes, ["opened", "failed", "opened"]);

    let asked = asked_for(&sandbox, "part0");
    assert_eq!(asked.len(), 2);
    let session = asked[0].all.lines().next().unwrap();
    assert!(!session.contains("--resume"), "{session}");
    assert!(asked[1].all.contains("resumed: yes"), "{}", asked[1].all);
    for words in [
        "Your edits do not pass yet",
        "src/part0/one.txt:1:BROKEN here",
        "exit code 1",
    ] {
        let prompt = asked[1].prompt();
        assert!(prompt.contains(words), "no {words:?} in\n{prompt}");
    }
    assert!(!asked[1].prompt().contains("frobnicate all parts"));
    assert_eq!(delivered(&sandbox, "part0", "src/part0/one.txt"), "fine\n");
    let cost = &sandbox.unit("part0")["spend"]["cost_usd"];
    assert_eq!(cost, 0.02);

    let asked = asked_for(&sandbox, "part1");
    assert_eq!(asked.len(), 3);
    assert!(asked[2].prompt().contains("the last time"));
    let [kind, step, _] = failed(&sandbox, "part1");
    assert_eq!((&*kind, &*step), ("tests", "test"));
    let log = sandbox.run_file("failures.md");
    for words in [
        "Kind of failure: tests",
        "BROKEN here",
        "--unit part1 --note",
    ] {
        assert!(log.contains(words), "no {words:?} in\n{log}");
    }
    assert!(said.stderr.contains("part1"), "{}", said.stderr);
    let kept = sandbox.refs("refs/batch/*/part1/attempt-1");
    assert_eq!(kept.len(), 1);
}

#[test]
fn without_rounds_the_first_failure_is_the_last() {
    let sandbox = Sandbox::frobs(1);
    sandbox.claude(MENDS);
    let text = plan(&sandbox, 1, NOT_BROKEN, "agent = \"claude\"");
    apply(&sandbox, &text, &["--fixes=0"]).exits(1);
    assert_eq!(asked_for(&sandbox, "part0").len(), 1);
    assert_eq!(failed(&sandbox, "part0")[0], "tests");
}

#[test]
fn a_check_of_the_unit_goes_back_too_and_long_output_is_cut() {
    let sandbox = Sandbox::frobs(1);
    sandbox.claude(
        r#"[ "$resumed" ] || { writes src/part0/one.txt first; ends one; }
        writes src/part0/one.txt second; ends two"#,
    );
    let check = "check = '''echo THE-HEAD; seq 200000; printf 'x\\033[31m\\n'; echo THE-TAIL; grep second src/part0/one.txt'''\ntask =";
    let text = plan(&sandbox, 1, "no-test = true", "agent = \"claude\"").replace("task =", check);
    apply(&sandbox, &text, &[]).exits(0);
    let asked = asked_for(&sandbox, "part0");
    assert_eq!(asked.len(), 2);
    let prompt = asked[1].prompt();
    assert!(
        prompt.contains("THE-HEAD") && prompt.contains("THE-TAIL"),
        "{prompt}"
    );
    assert!(prompt.len() < 12_000, "{} bytes", prompt.len());
    assert!(!prompt.contains('\u{1b}'), "{prompt}");
}

#[test]
fn what_is_out_of_scope_is_put_back_and_told_once_and_fails_the_unit_the_second_time() {
    let sandbox = Sandbox::frobs(4);
    let before = sandbox.users_own();
    let body = r#"
        writes "src/$BATCH_UNIT/one.txt" mine
        case "$BATCH_UNIT-$resumed" in
          part0-|part1-*) writes README.md theirs; writes 'a b/ü.txt' stray ;;
          part2-) rm src/part2/one.txt; git mv src/part3/two.txt src/part2/taken.txt ;;
        esac
        ends done"#;
    let said = work(&sandbox, 4, body, &["--jobs=4"]).exits(1);
    let outcomes: Vec<String> = sandbox.outcomes().into_values().collect();
    assert_eq!(outcomes, ["opened", "failed", "opened", "opened"]);
    assert_eq!(
        sandbox.changed(&sandbox.delivered()["part0"]),
        ["src/part0/one.txt"]
    );
    let asked = asked_for(&sandbox, "part0");
    assert_eq!(asked.len(), 2);
    for words in ["Your edits are refused", "`README.md`", "`a b/ü.txt`"] {
        let prompt = asked[1].prompt();
        assert!(prompt.contains(words), "no {words:?} in\n{prompt}");
    }
    assert_eq!(
        sandbox.changed(&sandbox.delivered()["part3"]),
        ["src/part3/one.txt"]
    );
    let [kind, step, cause] = failed(&sandbox, "part1");
    assert_eq!((&*kind, &*step), ("scope", "gate"));
    assert!(cause.contains("README.md"), "{cause}");
    assert!(
        sandbox
            .run_file("failures.md")
            .contains("Kind of failure: scope")
    );
    assert!(said.stderr.contains("README.md"), "{}", said.stderr);
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}
