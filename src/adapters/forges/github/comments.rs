//! Comments on a pull request. A hidden mark of its own in each tells whether one that GitHub gave no answer for is there.

use serde_json::{Value, json};

use super::api::{ApiError, Call, Kind, Method};
use super::failure::unusable;
use super::place::Place;
use crate::adapters::random;
use crate::engine::ports::ForgeError;

/// How long a list is given to show what was made, in first waits.
const BEFORE_LIST: u32 = 2;
/// How often one is sent of which nobody knows whether it was made.
const SENT_MAX: u32 = 2;

/// Writes a comment once; where a person can look at it.
pub(super) async fn write(place: &Place, number: u64, body: &str) -> Result<String, ForgeError> {
    let doing = format!("commenting on #{number}");
    let mark = format!("<!-- batch comment={:016x} -->", random::bits());
    let path = place.path(&format!("/issues/{number}/comments"));
    let body = json!({ "body": format!("{}\n\n{mark}\n", body.trim_end()) });
    let call = Call::write(&doing, Kind::Content, Method::Post, path, body);
    let mut sent = 0;
    loop {
        let unknown = match place.send(call.clone()).await {
            Ok(answer) => match url(&answer.body) {
                Some(url) => return Ok(url),
                None => unusable(&doing, "html_url"),
            },
            Err(error @ ApiError::Unknown { .. }) => error.into(),
            Err(error) => return Err(error.into()),
        };
        sent += 1;
        for late in [false, true] {
            if late {
                place.wait(BEFORE_LIST).await?;
            }
            if let Some(url) = find(place, number, &mark).await? {
                return Ok(url);
            }
        }
        if sent == SENT_MAX {
            return Err(unknown);
        }
    }
}

async fn find(place: &Place, number: u64, mark: &str) -> Result<Option<String>, ForgeError> {
    let path = place.path(&format!("/issues/{number}/comments?per_page=100"));
    let doing = format!("looking for a comment on #{number}");
    let items = place.list(Call::read(doing, path)).await?;
    let is_it = |item: &&Value| {
        item["body"]
            .as_str()
            .is_some_and(|body| body.contains(mark))
    };
    Ok(items.iter().rev().find(is_it).and_then(url))
}

fn url(item: &Value) -> Option<String> {
    item["html_url"].as_str().map(str::to_owned)
}
