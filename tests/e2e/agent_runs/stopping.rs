//! Ctrl-C while agents are at work.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::support::{alive, applying, asked_for, delivered, plan};
use crate::support::sandbox::{Sandbox, ran};

#[test]
fn an_interrupt_ends_agents_with_all_they_started_and_keeps_their_edits() {
    let sandbox = Sandbox::frobs(3);
    let before = sandbox.users_own();
    sandbox.claude(
        r#"
        if [ -e "$here/go" ]; then writes "src/$BATCH_UNIT/two.txt" done; ends done; fi
        writes "src/$BATCH_UNIT/one.txt" half
        trap '' INT TERM
        setsid sleep 5001 > /dev/null 2>&1 &
        : > "$here/at-work-$BATCH_UNIT"
        sleep 5002; sleep 5003"#,
    );
    let text = plan(&sandbox, 3, "no-test = true", "agent = \"claude\"");
    let child = applying(&sandbox, &text, &["--jobs=2"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let limit = Instant::now() + Duration::from_secs(60);
    while ["part0", "part1"]
        .iter()
        .any(|unit| !sandbox.bin().join(format!("at-work-{unit}")).exists())
    {
        assert!(Instant::now() < limit, "no agent is at work");
        thread::sleep(Duration::from_millis(10));
    }
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let said = ran(&child.wait_with_output().unwrap()).exits(130);
    assert!(said.stdout.contains("batch resume"), "{}", said.stdout);
    assert_eq!(alive(&sandbox), [""; 0]);
    for unit in ["part0", "part1"] {
        let kept = sandbox.refs(&format!("refs/batch/*/{unit}/attempt-1"));
        assert_eq!(kept.len(), 1, "{:?}", sandbox.refs("refs/batch"));
        let text = sandbox.git(["show", &format!("{}:src/{unit}/one.txt", kept[0])]);
        assert_eq!(text, "half");
    }
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();

    std::fs::write(sandbox.bin().join("go"), "").unwrap();
    sandbox.batch_with_agent(&["rerun"]).exits(0);
    assert_eq!(sandbox.delivered().len(), 3);
    assert_eq!(delivered(&sandbox, "part0", "src/part0/one.txt"), "half\n");
    assert_eq!(asked_for(&sandbox, "part2").len(), 1);
}
