//! `batch stop` of a unit that an agent works on.

use super::support::{Working, kept, until};
use crate::agent_runs::support::{alive, asked_for, delivered, plan};
use crate::support::sandbox::Sandbox;

#[test]
fn an_agent_is_ended_with_all_it_started_and_its_session_is_gone_on_with() {
    let sandbox = Sandbox::frobs(2);
    let before = sandbox.users_own();
    sandbox.claude(
        r#"
        if [ -e "$here/go" ]; then writes "src/$BATCH_UNIT/two.txt" done; ends done; fi
        writes "src/$BATCH_UNIT/one.txt" half
        if [ "$BATCH_UNIT" = part0 ]; then
            trap '' INT TERM
            setsid sleep 5001 > /dev/null 2>&1 &
        fi
        : > "$here/at-work-$BATCH_UNIT"
        until [ -e "$here/go" ]; do sleep 0.02; done
        ends done"#,
    );
    let text = plan(&sandbox, 2, "no-test = true", "agent = \"claude\"");
    let path = sandbox.path("plan.toml");
    std::fs::write(&path, text).unwrap();
    let args = ["apply", path.to_str().unwrap(), "--yes", "--jobs=2"];
    let run = Working::start(&sandbox, &args);
    for unit in ["part0", "part1"] {
        let mark = sandbox.bin().join(format!("at-work-{unit}"));
        until("the agents are at work", || mark.exists());
    }
    let stop = sandbox.batch(["stop", "part0"]).exits(0);
    assert!(
        stop.stdout.contains("part0  working  cancelled"),
        "{}",
        stop.stdout
    );
    let left = alive(&sandbox);
    assert!(!left.iter().any(|line| line.contains("5001")), "{left:?}");
    assert_eq!(kept(&sandbox, "part0"), "half");
    std::fs::write(sandbox.bin().join("go"), "").unwrap();
    run.ended().exits(1);
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
    assert_eq!(delivered(&sandbox, "part1", "src/part1/one.txt"), "half\n");

    sandbox.batch_with_agent(&["rerun"]).exits(0);
    assert_eq!(delivered(&sandbox, "part0", "src/part0/one.txt"), "half\n");
    assert_eq!(asked_for(&sandbox, "part0").len(), 2);
    assert_eq!(asked_for(&sandbox, "part1").len(), 1);
}
