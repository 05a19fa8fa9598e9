//! Comments on a pull request. A hidden mark of its own in each tells whether one that GitHub gave no answer for is there.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::api::{Call, Kind, Method};
use super::once::{Marked, make_once};
use super::place::Place;
use crate::adapters::random;
use crate::engine::ports::ForgeError;

/// Writes a comment once; where a person can look at it.
pub(super) async fn write(place: &Place, number: u64, body: &str) -> Result<String, ForgeError> {
    let doing = format!("commenting on #{number}");
    let mark = format!("<!-- batch comment={:016x} -->", random::bits());
    let path = place.path(&format!("/issues/{number}/comments"));
    let body = json!({ "body": format!("{}\n\n{mark}\n", body.trim_end()) });
    let call = Call::write(&doing, Kind::Content, Method::Post, path, body);
    make_once(place, call, &Comment { number, mark }).await
}

/// A comment that is to be known again.
struct Comment {
    number: u64,
    mark: String,
}

#[async_trait]
impl Marked for Comment {
    type Taken = String;
    const FIELD: &'static str = "html_url";

    fn taken(item: &Value) -> Option<String> {
        item["html_url"].as_str().map(str::to_owned)
    }

    async fn find(&self, place: &Place) -> Result<Option<String>, ForgeError> {
        let Self { number, mark } = self;
        let path = place.path(&format!("/issues/{number}/comments?per_page=100"));
        let doing = format!("looking for a comment on #{number}");
        let items = place.list(Call::read(doing, path)).await?;
        let is_it = |item: &&Value| {
            item["body"]
                .as_str()
                .is_some_and(|body| body.contains(mark))
        };
        Ok(items.iter().rev().find(is_it).and_then(Self::taken))
    }
}
