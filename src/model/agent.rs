//! What a coding agent is chosen by ([`AgentChoice`]), tells on its way ([`AgentEvent`]) and comes to ([`AgentAnswer`]),
//! whichever program it is.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::spend::Spend;

/// Which agent, and which of its models; what is not said is left to whoever asks, or to the program.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AgentChoice {
    /// The agent's name (`claude`).
    pub name: Option<String>,
    /// The model, as the program names it.
    pub model: Option<String>,
}

/// What an agent can do besides editing files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an ability of its own"
)]
pub struct AgentAbilities {
    /// Whether its answer can be held to a JSON Schema by the program itself.
    pub schema: bool,
    /// Whether a session can be gone on with.
    pub sessions: bool,
    /// Whether it looks for files by itself, so that it can do research.
    pub research: bool,
    /// Whether it holds itself to a limit on its turns; where not, they are counted as it tells of them.
    pub turns: bool,
}

/// A conversation that the program has kept and can go on with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentSession {
    /// Its id, as the program gave it.
    pub id: String,
    /// What it has cost so far: some programs count on from there.
    #[serde(default)]
    pub spend: Spend,
}

impl AgentSession {
    /// The session to go on with after an answer: what another one cost is no part of it.
    #[must_use]
    pub fn after(known: Option<Self>, answer: &AgentAnswer) -> Option<Self> {
        let Some(id) = &answer.session else {
            return known;
        };
        let before = known.filter(|known| known.id == *id);
        let before = before.map_or_else(Spend::default, |known| known.spend);
        Some(Self {
            id: id.clone(),
            spend: before + answer.spend,
        })
    }
}

/// Something that an agent tells while it works. Texts are as the program wrote them: escapes and control characters
/// are for whoever shows them to clean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentEvent {
    /// The session has begun, or goes on.
    Session(String),
    /// The model that answers, as the program names it.
    Model(String),
    /// It says something.
    Text(String),
    /// It uses a tool.
    Tool {
        /// The tool, as the program names it (`Bash`).
        name: String,
        /// What with, in a few words: a command, a path, a pattern.
        with: String,
    },
    /// It says that it changed a file; where, as it spelled the path.
    File(String),
    /// So much more was spent.
    Spent(Spend),
    /// A tool was refused to it.
    Denied {
        /// The tool.
        tool: String,
    },
    /// The program tries a failed call to its model again.
    Retrying {
        /// The HTTP status of the failure, where one is known.
        status: Option<u16>,
        /// Which try this will be.
        attempt: u32,
        /// How long it waits before.
        delay: Option<Duration>,
    },
    /// The provider's limit has been reached, or soon will be.
    Limit {
        /// When it is lifted.
        resets: Option<Timestamp>,
        /// Whether calls are refused already.
        reached: bool,
    },
}

/// How a request to an agent ended. Never an exit code alone: programs exit with 0 after failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentEnd {
    /// The agent said that it was done. Whether it is, the diff and the tests tell.
    Completed,
    /// Its turns were used up.
    OutOfTurns,
    /// Its limit on cost or tokens was reached.
    OutOfBudget,
    /// It came to its end, and was refused these tools on the way.
    Denied(Vec<String>),
    /// The provider takes no more calls for a while.
    RateLimited {
        /// When it will again, if it said so.
        resets: Option<Timestamp>,
    },
    /// The program is not logged in, or its key is not taken; what it said.
    Unauthorised(String),
    /// The account has no credit or quota left; what it said.
    NoQuota(String),
    /// It ended otherwise; what it said.
    Failed(String),
    /// It was ended after it had printed nothing for so long.
    Silent(Duration),
    /// It was ended at the time limit.
    TimedOut(Duration),
    /// It was ended because it printed more than so many bytes.
    TooMuchOutput(u64),
    /// It was ended because its files grew by more than so many bytes.
    TooMuchDisk(u64),
}

/// What an agent's answer comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentAnswer {
    /// How it ended.
    pub end: AgentEnd,
    /// Its last message, as it wrote it.
    pub text: Option<String>,
    /// Its answer by the schema, where the program was held to one.
    pub structured: Option<serde_json::Value>,
    /// The session's id.
    pub session: Option<String>,
    /// What this request cost: nothing of what the session cost before.
    pub spend: Spend,
    /// How many turns it took.
    pub turns: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::{AgentAnswer, AgentEnd, AgentSession};
    use crate::model::spend::{Spend, Usd};

    fn cost(cents: u64) -> Spend {
        Spend {
            cost: Some(Usd(cents * 10_000)),
            ..Spend::default()
        }
    }

    #[test]
    fn a_session_costs_what_it_cost_and_not_what_another_did() {
        let session = |id: &str, cents| {
            let (id, spend) = (id.to_owned(), cost(cents));
            Some(AgentSession { id, spend })
        };
        let answer = |id: Option<&str>| AgentAnswer {
            end: AgentEnd::Completed,
            text: None,
            structured: None,
            session: id.map(str::to_owned),
            spend: cost(2),
            turns: None,
        };
        for (known, told, after) in [
            (None, Some("one"), session("one", 2)),
            (session("one", 5), Some("one"), session("one", 7)),
            (session("one", 5), Some("two"), session("two", 2)),
            (session("one", 5), None, session("one", 5)),
            (None, None, None),
        ] {
            assert_eq!(AgentSession::after(known, &answer(told)), after);
        }
    }
}
