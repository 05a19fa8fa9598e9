//! [`Controls`]: what other processes ask of the one that works on a run.

use crate::model::control::{Answer, Request, RequestId};

/// Brings the requests of other processes, and takes the answers to them.
pub trait Controls: Send {
    /// The requests that came since the last look, the oldest first. Each is brought once.
    fn take(&mut self) -> Vec<Request>;
    /// Answers a request. Who asked may be gone.
    fn answer(&mut self, id: &RequestId, answer: &Answer);
    /// Takes no request any more: whatever is still to be answered came too late.
    fn close(&mut self);
}
