//! What programs read of a pull request: the fields of the contract, and on a server how far it is.

use serde_json::{Value, json};

use crate::model::history::{History, UnitHistory};
use crate::model::outcome::PullLink;
use crate::model::pull::Pull;
use crate::model::standing::{Check, CheckState, Standing, Verdict};

/// A pull request of a forge that knows no reviews and no checks, or of which only that is known.
pub(super) fn of_pull(pull: &Pull) -> Value {
    json!({
        "number": pull.number,
        "run": pull.run(),
        "unit": pull.unit(),
        "title": pull.title,
        "state": pull.state,
        "head": pull.head,
        "head_commit": pull.head_commit,
        "base": pull.base,
        "url": pull.url,
        "draft": pull.draft,
        "review": null,
        "checks": null,
        "mergeable": null,
        "head_is_ours": null,
        "auto_merge": null,
        "queued": null,
    })
}

/// A pull request of which only that is known what the journal says.
pub(super) fn of_link(link: &PullLink, unit: &UnitHistory, history: &History) -> Value {
    json!({
        "number": link.number,
        "run": history.run,
        "unit": unit.id,
        "title": unit.title,
        "state": null,
        "head": unit.branch,
        "head_commit": unit.delivered,
        "base": history.base.branch,
        "url": link.url,
        "draft": null,
        "review": null,
        "checks": null,
        "mergeable": null,
        "head_is_ours": null,
        "auto_merge": null,
        "queued": null,
    })
}

/// A pull request on a server; `ours` tells whether its head is the commit that its run left there.
pub(super) fn of_standing(standing: &Standing, ours: bool) -> Value {
    let mut document = of_pull(&standing.pull);
    let all: Vec<&Check> = standing.checks.iter().collect();
    let required = all.iter().copied().filter(|check| check.required);
    let required: Vec<&Check> = required.collect();
    let mut checks = of_checks(&all);
    checks["required"] = of_checks(&required);
    document["review"] = json!(standing.review);
    document["checks"] = checks;
    document["mergeable"] = json!(standing.way);
    document["head_is_ours"] = json!(ours);
    document["auto_merge"] = json!(standing.auto_merge);
    document["queued"] = json!(standing.queued);
    document
}

fn of_checks(checks: &[&Check]) -> Value {
    let count = |state: CheckState| checks.iter().filter(|check| check.state == state).count();
    let state = match Verdict::of(checks.iter().copied()) {
        Verdict::NoneYet => "none-yet",
        Verdict::Pending(_) => "pending",
        Verdict::Passed(_) => "passed",
        Verdict::Failed(_) => "failed",
    };
    json!({
        "state": state,
        "passed": count(CheckState::Passed),
        "pending": count(CheckState::Pending),
        "failed": count(CheckState::Failed),
    })
}
