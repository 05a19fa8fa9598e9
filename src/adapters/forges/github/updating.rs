//! What is done to an open pull request beside merging it: its branch brought up to its base, another base, and closing.

use serde_json::json;

use super::api::{ApiError, Call, Kind, Method};
use super::place::Place;
use super::pulls::{Seen, get};
use crate::engine::ports::ForgeError;
use crate::model::id::ObjectId;

/// How long GitHub is given to make the merge, in first waits.
const UPDATED: [u32; 10] = [1, 1, 2, 2, 4, 5, 5, 10, 15, 15];

/// Has GitHub merge the base into the branch, if it is at `expected`; the branch's new commit.
pub(super) async fn update_branch(
    place: &Place,
    number: u64,
    expected: &ObjectId,
) -> Result<ObjectId, ForgeError> {
    let doing = format!("updating the branch of #{number}");
    let path = place.path(&format!("/pulls/{number}/update-branch"));
    let body = json!({ "expected_head_sha": expected.as_str() });
    let call = Call::write(&doing, Kind::Write, Method::Put, path, body);
    if let Err(error) = place.send(call.clone()).await {
        let ApiError::Unknown { .. } = error else {
            return Err(error.into());
        };
        let head = get(place, number).await?.pull.head_commit;
        if head != *expected {
            return Ok(head);
        }
        // Done twice it comes to the same: where the first was done after all, the second finds another commit than it
        // expects.
        if let Err(error) = place.send(call).await {
            let head = get(place, number).await?.pull.head_commit;
            return if head == *expected {
                Err(error.into())
            } else {
                Ok(head)
            };
        }
    }
    for wait in UPDATED {
        let head = get(place, number).await?.pull.head_commit;
        if head != *expected {
            return Ok(head);
        }
        place.wait(wait).await?;
    }
    Err(ForgeError::Unreachable {
        doing,
        words: format!(
            "GitHub took it on, but a minute later the branch is still at {}",
            expected.short()
        ),
    })
}

/// Has it go to another base branch.
pub(super) async fn retarget(place: &Place, number: u64, base: &str) -> Result<Seen, ForgeError> {
    let doing = format!("having #{number} go to {base}");
    let path = place.path(&format!("/pulls/{number}"));
    let body = json!({ "base": base });
    let call = Call::write(&doing, Kind::Write, Method::Patch, path, body);
    let answer = place.settle(call).await?;
    Seen::read_answer(&doing, &answer.body)
}

/// Closes it without a merge.
pub(super) async fn close(place: &Place, number: u64) -> Result<Seen, ForgeError> {
    let doing = format!("closing #{number}");
    let path = place.path(&format!("/pulls/{number}"));
    let call = Call::write(
        &doing,
        Kind::Write,
        Method::Patch,
        path,
        json!({ "state": "closed" }),
    );
    let answer = place.settle(call).await?;
    Seen::read_answer(&doing, &answer.body)
}
