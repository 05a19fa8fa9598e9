//! [`InquiryLimits`]: how much research may take of time, money and disk, and how patient it is.

use std::time::Duration;

use crate::model::spend::Usd;

/// Where research ends at the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InquiryLimits {
    /// The turns of one ask.
    pub turns: Option<u32>,
    /// What all asks together may cost.
    pub cost: Option<Usd>,
    /// How many tokens all asks together may spend.
    pub tokens: Option<u64>,
    /// How long the agent may print nothing.
    pub idle: Duration,
    /// How long one ask may take.
    pub timeout: Duration,
    /// How much one ask may print, in bytes.
    pub output: u64,
    /// By how much files may grow, in bytes.
    pub disk: u64,
    /// The longest that a rate limit's end is waited for.
    pub patience: Duration,
    /// How long to wait where a rate limit does not say when it ends.
    pub backoff: Duration,
}

impl Default for InquiryLimits {
    fn default() -> Self {
        Self {
            turns: Some(200),
            cost: None,
            tokens: None,
            idle: Duration::from_secs(10 * 60),
            timeout: Duration::from_secs(60 * 60),
            output: 256 << 20,
            disk: 1 << 30,
            patience: Duration::from_secs(15 * 60),
            backoff: Duration::from_secs(60),
        }
    }
}
