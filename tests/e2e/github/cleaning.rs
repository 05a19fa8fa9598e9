//! `batch clean` after runs whose pull requests are on GitHub.

use super::runs::run;
use crate::support::github::hub::Hub;

#[test]
fn what_was_squashed_and_its_branch_deleted_counts_as_merged_and_goes() {
    let hub = Hub::start();
    let sandbox = hub.frobs(3);
    run(&sandbox, &[]).exits(0);
    let repository = hub.repository("octo/sample");
    repository.deletes_merged();
    repository.merge(1, "squash");
    repository.merge(2, "squash");
    let kept = sandbox.batch(["clean"]).exits(0);
    assert!(
        kept.stdout.contains("pull request #3 is open"),
        "{}",
        kept.stdout
    );
    repository.merge(3, "merge");
    // Nobody but the forge can say of a squashed commit that it is merged.
    let token = ("GH_ENTERPRISE_TOKEN", "");
    let mut without = sandbox.batch_command();
    let output = without.arg("clean").env(token.0, token.1).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("whether its pull requests are open is not known"),
        "{text}"
    );
    let done = sandbox.batch(["clean"]).exits(0);
    assert!(!done.stdout.contains("Kept:"), "{}", done.stdout);
    assert_eq!(sandbox.refs("refs/batch/"), [""; 0]);
    assert!(sandbox.delivered().is_empty());
}

#[test]
fn with_force_a_run_is_let_go_and_what_was_squashed_stays_where_no_forge_can_be_asked() {
    let hub = Hub::start();
    let mut sandbox = hub.frobs(2);
    // The first pull request is the first unit's then.
    run(&sandbox, &["--jobs=1"]).exits(0);
    let repository = hub.repository("octo/sample");
    repository.deletes_merged();
    repository.merge(1, "squash");
    sandbox.set("GH_ENTERPRISE_TOKEN", "");
    sandbox.batch(["clean", "--force"]).exits(0);
    // The other one has its branch.
    let mut left = sandbox.refs("refs/batch/");
    left.retain(|name| name.ends_with("/commit"));
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].ends_with("/src-part0/commit"), "{left:?}");
}
