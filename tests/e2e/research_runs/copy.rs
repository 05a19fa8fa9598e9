//! The copy that research reads: what is written there goes nowhere, and it is gone afterwards.

use super::support::{answering, before, run, split};

#[test]
fn what_the_agent_writes_into_its_copy_is_warned_of_and_goes_nowhere() {
    let sandbox = answering(&[split(0..5)]);
    before(
        &sandbox,
        1,
        "chmod u+w . && echo stray > stray.txt && rm README.md",
    );
    let own = sandbox.users_own();
    let warning = "claude wrote to the copy that it was to read (README.md, stray.txt)";
    run(&sandbox, &[])
        .exits(0)
        .says(&format!("warning: {warning}"));
    sandbox.is_untouched(&own);
    sandbox.has_no_worktree_left();
    for commit in sandbox.delivered().values() {
        let files = sandbox.remote_git(["ls-tree", "-r", "--name-only", commit]);
        assert!(
            files.contains("README.md") && !files.contains("stray"),
            "{files}"
        );
    }
    assert!(sandbox.run_file("plan.toml").contains(warning));
}
