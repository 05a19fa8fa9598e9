//! A run from one described change to its pull requests.

use crate::support::sandbox::Sandbox;

#[test]
fn a_rewrite_becomes_tested_branches_with_a_pull_request_each() {
    let sandbox = Sandbox::frobs(6);
    let before = sandbox.users_own();
    let ran = sandbox.rename_frob(&[
        "--paths",
        "src/**",
        "--test",
        "! grep -rw frob src/$BATCH_SRC",
    ]);
    // The test names a folder that no unit has, so it looks at all of src, and every unit alone fails it.
    ran.exits(4);
    sandbox
        .rename_frob(&["--paths", "src/**", "--test", "test -d src"])
        .exits(0);

    let delivered = sandbox.delivered();
    assert_eq!(delivered.len(), 5, "{delivered:?}");
    let report = sandbox.report();
    assert_eq!(report["summary"]["opened"], 5);
    for unit in report["units"].as_array().unwrap() {
        assert_eq!(
            delivered[unit["id"].as_str().unwrap()],
            unit["commit"].as_str().unwrap()
        );
    }
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}
