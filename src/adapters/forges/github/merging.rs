//! How a pull request comes to its base: merged now, merged by GitHub once it may be, or by the base's merge queue. Each
//! only at the commit that was looked at.

use serde_json::json;

use super::api::{ApiError, Call, Kind, Method};
use super::failure::{UNDEFINED_FIELD, unusable};
use super::place::Place;
use super::pulls::{get, object};
use crate::engine::ports::ForgeError;
use crate::model::id::ObjectId;
use crate::model::pull::{Pull, PullState};
use crate::model::wishes::MergeMethod;

/// How often a merge is tried when the base moves under it; GitHub works it out anew within seconds.
const TRIES_MAX: u32 = 4;

const ENABLE_AUTO_MERGE: &str = "\
mutation($pull: ID!, $method: PullRequestMergeMethod!, $head: GitObjectID!) {
  enablePullRequestAutoMerge(
    input: { pullRequestId: $pull, mergeMethod: $method, expectedHeadOid: $head }
  ) {
    pullRequest { number }
  }
}";

const ENQUEUE: &str = "\
mutation($pull: ID!, $head: GitObjectID!) {
  enqueuePullRequest(input: { pullRequestId: $pull, expectedHeadOid: $head }) {
    mergeQueueEntry { id }
  }
}";

const MERGE_QUEUE: &str = "\
query($owner: String!, $name: String!, $branch: String!) {
  repository(owner: $owner, name: $name) {
    mergeQueue(branch: $branch) { id }
  }
}";

const MARK_READY: &str = "\
mutation($pull: ID!) {
  markPullRequestReadyForReview(input: { pullRequestId: $pull }) {
    pullRequest { number }
  }
}";

/// Merges now; the commit on the base.
pub(super) async fn merge(
    place: &Place,
    number: u64,
    method: MergeMethod,
    title: Option<&str>,
    head: &ObjectId,
) -> Result<ObjectId, ForgeError> {
    let doing = format!("merging #{number}");
    let mut body = json!({ "sha": head.as_str(), "merge_method": method.as_str() });
    if let Some(title) = title {
        body["commit_title"] = title.into();
    }
    let path = place.path(&format!("/pulls/{number}/merge"));
    let call = Call::write(&doing, Kind::Write, Method::Put, path, body);
    let (mut tried, mut unknown) = (0, false);
    loop {
        tried += 1;
        let error = match place.send(call.clone()).await {
            Ok(answer) => match object(&answer.body["sha"]) {
                Some(commit) => return Ok(commit),
                None => ApiError::Unknown {
                    doing: doing.clone(),
                    words: "GitHub's answer has no sha".to_owned(),
                },
            },
            Err(error) => error,
        };
        unknown |= matches!(error, ApiError::Unknown { .. });
        // What is refused after one that nobody knows of may be refused because that one merged it.
        if unknown && !matches!(error, ApiError::Stopped) {
            let pull = get(place, number).await?.pull;
            if pull.state == PullState::Merged {
                let commit = pull.merge_commit;
                return commit.ok_or_else(|| unusable(doing, "merge_commit_sha"));
            }
        }
        match error {
            ApiError::Unknown { .. } if tried < TRIES_MAX => {}
            ApiError::Refused(refusal)
                if tried < TRIES_MAX
                    && refusal.status == 405
                    && refusal.says("base branch was modified") =>
            {
                place.wait(tried * 2).await?;
            }
            ApiError::Refused(mut refusal) => {
                if refusal.hint.is_none() {
                    refusal.hint = hint(refusal.status, head);
                }
                return Err(ApiError::Refused(refusal).into());
            }
            ApiError::Unknown { .. } | ApiError::Unreachable { .. } | ApiError::Stopped => {
                return Err(error.into());
            }
        }
    }
}

fn hint(status: u16, head: &ObjectId) -> Option<String> {
    match status {
        405 => Some(
            "see on its page what the base's rules still want, and which ways of merging they allow"
                .to_owned(),
        ),
        409 => Some(format!(
            "somebody pushed to its branch: it is no longer at {}; look at what came, then merge again",
            head.short()
        )),
        _ => None,
    }
}

/// Has GitHub merge it once it may be.
pub(super) async fn auto_merge(
    place: &Place,
    pull: &Pull,
    node: Option<&str>,
    method: MergeMethod,
) -> Result<(), ForgeError> {
    let doing = format!("having GitHub merge #{} once it may be", pull.number);
    let node = match node {
        Some(node) => node.to_owned(),
        None => get(place, pull.number).await?.node,
    };
    let variables = json!({
        "pull": node,
        "method": method.as_str().to_uppercase(),
        "head": pull.head_commit.as_str(),
    });
    let call = Call::graphql(doing, Kind::Write, ENABLE_AUTO_MERGE, variables);
    place.settle(call).await?;
    Ok(())
}

/// Puts it into its base's merge queue.
pub(super) async fn enqueue(place: &Place, pull: &Pull, node: &str) -> Result<(), ApiError> {
    let doing = format!("putting #{} into the merge queue", pull.number);
    let variables = json!({ "pull": node, "head": pull.head_commit.as_str() });
    place
        .graphql(doing, Kind::Write, ENQUEUE, variables)
        .await?;
    Ok(())
}

/// Whether the branch takes its merges from a queue.
pub(super) async fn has_queue(place: &Place, branch: &str) -> Result<bool, ForgeError> {
    let doing = format!("asking whether {branch} has a merge queue");
    let variables = json!({
        "owner": place.site.owner,
        "name": place.site.name,
        "branch": branch,
    });
    let asked = place.graphql(doing, Kind::Read, MERGE_QUEUE, variables);
    match asked.await {
        Ok(data) => Ok(data["repository"]["mergeQueue"].is_object()),
        // A server from before there were queues.
        Err(ApiError::Refused(refusal)) if refusal.has_code(UNDEFINED_FIELD) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Ends its being a draft.
pub(super) async fn mark_ready(place: &Place, number: u64, node: &str) -> Result<(), ForgeError> {
    let doing = format!("marking #{number} as ready for review");
    let call = Call::graphql(doing, Kind::Write, MARK_READY, json!({ "pull": node }));
    match place.send(call.clone()).await {
        // A second time GitHub would refuse what is ready already.
        Err(ApiError::Unknown { .. }) if get(place, number).await?.pull.draft => {
            place.send(call).await?;
        }
        Err(ApiError::Unknown { .. }) => {}
        known => drop(known?),
    }
    Ok(())
}

#[cfg(test)]
mod tests;
