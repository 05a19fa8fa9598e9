//! [`InquiryEvent`]: what happens on the way to a plan, for whoever shows it.

use jiff::Timestamp;

use crate::model::agent::AgentEvent;
use crate::model::spend::Spend;

/// What happens on the way to a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InquiryEvent {
    /// The login is tried out.
    Probing,
    /// The agent is asked, for the first time or again.
    Asking {
        /// Which ask this is, from 1.
        ask: u32,
    },
    /// The agent tells something; its texts are not cleaned.
    Agent(AgentEvent),
    /// So much was spent on this research up to now.
    Spent(Spend),
    /// The provider takes no calls before then.
    Waiting {
        /// When it is asked again.
        until: Timestamp,
    },
    /// The answer has these problems, and is asked for again.
    Problems(Vec<String>),
    /// Something that cannot hurt, and should be known.
    Warning(String),
}

/// Whoever shows what happens.
pub type Tell<'a> = &'a mut (dyn FnMut(InquiryEvent) + Send);
