//! [`make_once`]: sends what makes something, and looks for what it made before it sends it again.

use async_trait::async_trait;
use serde_json::Value;

use super::api::{ApiError, Call};
use super::failure::unusable;
use super::place::Place;
use crate::engine::ports::ForgeError;

/// How long a list is given to show what was made, in first waits.
pub(super) const BEFORE_LIST: u32 = 2;
/// How often one is sent of which nobody knows whether it was made.
pub(super) const SENT_MAX: u32 = 2;

/// What is made, and known again.
#[async_trait]
pub(super) trait Marked: Sync {
    /// What is taken of it.
    type Taken: Send;
    /// The field that an answer must have for that.
    const FIELD: &'static str;

    /// Takes it from an answer, or from an item of a list.
    fn taken(item: &Value) -> Option<Self::Taken>;
    /// Looks for it.
    async fn find(&self, place: &Place) -> Result<Option<Self::Taken>, ForgeError>;
}

/// Makes something once.
pub(super) async fn make_once<M: Marked>(
    place: &Place,
    call: Call,
    marked: &M,
) -> Result<M::Taken, ForgeError> {
    let mut sent = 0;
    loop {
        let unknown = match place.send(call.clone()).await {
            Ok(answer) => match M::taken(&answer.body) {
                Some(taken) => return Ok(taken),
                None => unusable(&call.doing, M::FIELD),
            },
            Err(error @ ApiError::Unknown { .. }) => error.into(),
            Err(error) => return Err(error.into()),
        };
        sent += 1;
        for late in [false, true] {
            if late {
                place.wait(BEFORE_LIST).await?;
            }
            if let Some(there) = marked.find(place).await? {
                return Ok(there);
            }
        }
        if sent == SENT_MAX {
            return Err(unknown);
        }
    }
}
