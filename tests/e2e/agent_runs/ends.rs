//! The ways in which an agent ends without success: each fails its unit alone, with its kind and what to do next.

use std::time::Instant;

use super::support::{asked_for, failed, work};
use crate::support::sandbox::Sandbox;

#[test]
fn each_end_fails_its_unit_with_its_kind_and_the_next_command() {
    let sandbox = Sandbox::frobs(11);
    let before = sandbox.users_own();
    let body = r#"
        writes "src/$BATCH_UNIT/two.txt" half
        case "$BATCH_UNIT" in
          part0) git checkout -q .; ends 'I may not.' "$(denied Bash),$(denied WebFetch)" ;;
          part1) runs_out error_max_turns ;;
          part2) runs_out error_max_budget_usd ;;
          part3) refused 500 ;;
          part4) echo 'Segmentation fault in the agent' >&2; exit 139 ;;
          part5) exit 0 ;;
          part6) kill -9 $$ ;;
          part7) printf '{"type":"assistant","message":{"id":"m","cont'; exit 0 ;;
          part8) result '"subtype":"error_during_execution","is_error":true,"errors":["no such tool"]'; exit 0 ;;
          part9) writes src/part9/one.txt done; ends 'Not all.' "$(denied Bash)" ;;
          *) writes src/part10/one.txt done; ends 'All.' ;;
        esac"#;
    let said = work(&sandbox, 11, body, &["--jobs=6"]).exits(1);
    let outcomes = sandbox.outcomes();
    for (unit, kind, words, remedy) in [
        (
            "part0",
            "permission",
            "was refused Bash, WebFetch",
            "--unit part0",
        ),
        (
            "part1",
            "turns",
            "used up its turns",
            "--unit part1 --max-turns",
        ),
        (
            "part2",
            "budget",
            "used up what it may spend",
            "--unit part2 --max-cost",
        ),
        ("part3", "crash", "API Error: 500 scripted", "--unit part3"),
        (
            "part4",
            "crash",
            "Segmentation fault in the agent",
            "--unit part4",
        ),
        ("part5", "crash", "", "--unit part5"),
        ("part6", "crash", "signal 9", "--unit part6"),
        ("part7", "crash", "", "--unit part7"),
        ("part8", "crash", "no such tool", "--unit part8"),
    ] {
        assert_eq!(outcomes[unit], "failed", "{unit}");
        let [was, step, cause] = failed(&sandbox, unit);
        assert_eq!((&*was, &*step), (kind, "implement"), "{unit}: {cause}");
        assert!(cause.contains(words), "{unit}: {cause}");
        let log = sandbox.run_file("failures.md");
        assert!(log.contains(&format!("Kind of failure: {kind}")), "{log}");
        assert!(log.contains(remedy), "no {remedy:?} in\n{log}");
        assert!(said.stderr.contains(unit), "{unit}\n{}", said.stderr);
    }
    assert_eq!(outcomes["part9"], "opened");
    assert_eq!(outcomes["part10"], "opened");
    let kept = sandbox.refs("refs/batch/*/part4/attempt-1");
    assert_eq!(kept.len(), 1, "{:?}", sandbox.refs("refs/batch"));
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}

#[test]
fn who_is_not_logged_in_ends_the_run_and_a_rerun_takes_all_of_it_up() {
    let sandbox = Sandbox::frobs(4);
    let body = r#"
        [ -e "$here/logged-in" ] || [ "$BATCH_UNIT" = part0 ] || refused 401
        writes "src/$BATCH_UNIT/one.txt" done
        ends done"#;
    let said = work(&sandbox, 4, body, &["--jobs=1"]).exits(1);
    let outcomes: Vec<String> = sandbox.outcomes().into_values().collect();
    assert_eq!(outcomes, ["opened", "failed", "cancelled", "cancelled"]);
    let [kind, _, cause] = failed(&sandbox, "part1");
    assert_eq!(kind, "unauthorised");
    assert!(cause.contains("not logged in"), "{cause}");
    let log = sandbox.run_file("failures.md");
    assert!(
        log.contains("Log the agent in, then: `batch rerun "),
        "{log}"
    );
    assert!(said.stdout.contains("batch rerun"), "{}", said.stdout);
    std::fs::write(sandbox.bin().join("logged-in"), "").unwrap();
    sandbox.batch_with_agent(&["rerun"]).exits(0);
    assert_eq!(sandbox.delivered().len(), 4);
    assert_eq!(asked_for(&sandbox, "part0").len(), 1);
}

#[test]
fn a_rate_limit_is_waited_for_and_the_session_goes_on() {
    let sandbox = Sandbox::frobs(2);
    let body = r#"
        writes "src/$BATCH_UNIT/one.txt" "${resumed:-half}"
        [ "$BATCH_UNIT" = part1 ] || [ "$resumed" ] || refused 429 $(($(date +%s) + 2))
        ends done"#;
    let begun = Instant::now();
    let said = work(&sandbox, 2, body, &["--jobs=1"]).exits(0);
    assert!(begun.elapsed().as_secs() >= 1, "{:?}", begun.elapsed());
    assert!(said.stderr.contains("rate limit"), "{}", said.stderr);
    let asked = asked_for(&sandbox, "part0");
    assert_eq!(asked.len(), 2);
    assert!(asked[1].all.contains("resumed: yes"), "{}", asked[1].all);
    assert!(
        asked[1].prompt().contains("lifted now"),
        "{}",
        asked[1].prompt()
    );
    assert_eq!(sandbox.unit("part0")["attempt"], 1);
    assert_eq!(sandbox.unit("part0")["outcome"], "opened");
    let journal = sandbox.run_file("journal.jsonl");
    assert!(
        journal.contains("\"paused\"") && journal.contains("\"resumed\""),
        "{journal}"
    );
}
