//! What GraphQL's answers about a pull request mean: from JSON to [`Standing`]. No call is made here.

use serde_json::Value;

use crate::adapters::forges::github::pulls::{object, time};
use crate::model::mark::Mark;
use crate::model::pull::{Pull, PullState};
use crate::model::standing::{Check, CheckState, Review, Standing, Way};

/// One check for all, where the token may not read them one by one.
const ALL: &str = "all checks together";

/// Of one pull request, with its first page of checks; else the name of what the answer lacks.
pub(super) fn standing(item: &Value) -> Result<Standing, &'static str> {
    let text = |key: &'static str| item[key].as_str().ok_or(key);
    let body = item["body"].as_str().unwrap_or_default();
    let state = match text("state")? {
        "OPEN" => PullState::Open,
        "MERGED" => PullState::Merged,
        _ => PullState::Closed,
    };
    let labels = item["labels"]["nodes"].as_array().into_iter().flatten();
    let labels = labels.filter_map(|label| label["name"].as_str());
    let pull = Pull {
        number: item["number"].as_u64().ok_or("number")?,
        mark: Mark::find(body),
        title: text("title")?.to_owned(),
        body: body.to_owned(),
        state,
        draft: item["isDraft"] == true,
        head: text("headRefName")?.to_owned(),
        head_commit: object(&item["headRefOid"]).ok_or("headRefOid")?,
        base: text("baseRefName")?.to_owned(),
        labels: labels.map(str::to_owned).collect(),
        created: time(&item["createdAt"]).ok_or("createdAt")?,
        merge_commit: object(&item["mergeCommit"]["oid"]),
        url: item["url"].as_str().map(str::to_owned),
    };
    let rollup = rollup(item);
    Ok(Standing {
        node: text("id")?.to_owned(),
        review: review(&item["reviewDecision"]),
        checks: checks(rollup).unwrap_or_else(|| all_in_one(rollup)),
        way: way(item),
        auto_merge: item["autoMergeRequest"].is_object(),
        queued: item["isInMergeQueue"] == true,
        pull,
    })
}

/// What was reported of the head commit; null where nothing was. Just after a push the last of the commits may still be
/// the one before: what was reported of that counts for nothing.
pub(super) fn rollup(item: &Value) -> &Value {
    let commit = &item["commits"]["nodes"][0]["commit"];
    if commit["oid"] == item["headRefOid"] {
        &commit["statusCheckRollup"]
    } else {
        &Value::Null
    }
}

/// Where the next page of checks begins.
pub(super) fn next_page(rollup: &Value) -> Option<String> {
    let page = &rollup["contexts"]["pageInfo"];
    let cursor = page["endCursor"].as_str();
    cursor
        .filter(|_| page["hasNextPage"] == true)
        .map(str::to_owned)
}

/// The checks of a page; none where some of them may not be read.
pub(super) fn checks(rollup: &Value) -> Option<Vec<Check>> {
    if rollup.is_null() {
        return Some(Vec::new());
    }
    let nodes = rollup["contexts"]["nodes"].as_array()?;
    nodes.iter().map(check).collect()
}

/// What all checks come to, as one that a rule may want.
pub(super) fn all_in_one(rollup: &Value) -> Vec<Check> {
    let check = |state: &str| Check {
        name: ALL.to_owned(),
        state: of_status(state),
        required: true,
    };
    rollup["state"].as_str().map(check).into_iter().collect()
}

fn check(node: &Value) -> Option<Check> {
    let (name, state) = match node["__typename"].as_str()? {
        "CheckRun" => ("name", of_run(node)),
        _ => ("context", of_status(node["state"].as_str()?)),
    };
    Some(Check {
        name: node[name].as_str()?.to_owned(),
        state,
        required: node["isRequired"] == true,
    })
}

fn of_run(node: &Value) -> CheckState {
    if node["status"] != "COMPLETED" {
        return CheckState::Pending;
    }
    match node["conclusion"].as_str() {
        Some("SUCCESS" | "NEUTRAL" | "SKIPPED") => CheckState::Passed,
        Some(_) => CheckState::Failed,
        None => CheckState::Pending,
    }
}

fn of_status(state: &str) -> CheckState {
    match state {
        "SUCCESS" => CheckState::Passed,
        "PENDING" | "EXPECTED" => CheckState::Pending,
        _ => CheckState::Failed,
    }
}

fn review(decision: &Value) -> Review {
    match decision.as_str() {
        Some("APPROVED") => Review::Approved,
        Some("CHANGES_REQUESTED") => Review::ChangesRequested,
        Some(_) => Review::Required,
        None => Review::NotRequired,
    }
}

fn way(item: &Value) -> Way {
    if item["mergeable"] == "CONFLICTING" {
        return Way::Conflict;
    }
    match item["mergeStateStatus"].as_str() {
        Some("DIRTY") => Way::Conflict,
        _ if item["isDraft"] == true => Way::Draft,
        Some("CLEAN" | "HAS_HOOKS") => Way::Clear,
        Some("UNSTABLE") => Way::Unstable,
        Some("BLOCKED") => Way::Blocked,
        Some("BEHIND") => Way::Behind,
        Some("DRAFT") => Way::Draft,
        _ => Way::Unknown,
    }
}
