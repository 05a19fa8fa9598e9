//! [`Hold`]: why a delivered unit has no pull request yet, in words and by kind. The publisher says it; the dispatcher and
//! later publishing make an outcome of it.

use crate::engine::ports::ForgeError;
use crate::model::outcome::Outcome;

/// Why a delivered unit has no pull request yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// What kind of reason it is.
    pub why: Why,
    /// The reason as a lowercase fragment; what can be done about it stands in a line below it.
    pub reason: String,
}

/// What keeps a pull request from being opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It comes after others, which are not merged yet.
    Order,
    /// So many are open, or have checks that are not done, as the user allows.
    Cap,
    /// The forge could not be reached.
    Unreachable,
    /// The forge refuses it, or what is there already is in its way.
    Refused,
    /// The user stopped the run.
    Stopped,
}

/// What is said of a unit that was in the queue when the user stopped.
const STOPPED: &str = "stopped before its pull request was opened";

impl Hold {
    /// For this reason.
    pub fn new(why: Why, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { why, reason }
    }

    /// The user stopped before anything was asked.
    #[must_use]
    pub fn stopped() -> Self {
        Self::new(Why::Stopped, STOPPED)
    }

    /// What the forge's answer means for a unit.
    #[must_use]
    pub fn of(error: &ForgeError) -> Self {
        match error {
            ForgeError::Refused { doing, words, hint }
            | ForgeError::Barred { doing, words, hint } => Self::new(
                Why::Refused,
                with_hint(while_doing(words, doing), hint.as_deref()),
            ),
            ForgeError::Unreachable { doing, words } => {
                Self::new(Why::Unreachable, while_doing(words, doing))
            }
            ForgeError::Stopped => Self::stopped(),
        }
    }

    /// What it means for all units after those that met it.
    #[must_use]
    pub fn of_all(error: &ForgeError) -> Self {
        match error {
            ForgeError::Refused { words, hint, .. } | ForgeError::Barred { words, hint, .. } => {
                Self::new(Why::Refused, with_hint(words.clone(), hint.as_deref()))
            }
            ForgeError::Unreachable { words, .. } => Self::new(Why::Unreachable, words.clone()),
            ForgeError::Stopped => Self::stopped(),
        }
    }

    /// Whether that is as the plan and the user want it.
    #[must_use]
    pub fn as_planned(&self) -> bool {
        match self.why {
            Why::Order | Why::Cap => true,
            Why::Unreachable | Why::Refused | Why::Stopped => false,
        }
    }

    /// How the unit ends by it.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        Outcome::Pushed {
            as_planned: self.as_planned(),
            reason: self.reason,
        }
    }
}

/// The words before what was being done: a narrow column shows their beginning only.
fn while_doing(words: &str, doing: &str) -> String {
    match words.split_once('\n') {
        Some((first, further)) => format!("{first} ({doing})\n{further}"),
        None => format!("{words} ({doing})"),
    }
}

fn with_hint(words: String, hint: Option<&str>) -> String {
    match hint {
        Some(hint) => format!("{words}\n{hint}"),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::Hold;
    use crate::engine::ports::ForgeError;

    #[test]
    fn the_reason_stands_before_what_was_being_done_and_advice_below() {
        let refused = |words: &str, hint: Option<&str>| {
            Hold::of(&ForgeError::Refused {
                doing: "looking for it".to_owned(),
                words: words.to_owned(),
                hint: hint.map(str::to_owned),
            })
            .reason
        };
        assert_eq!(
            refused("Bad credentials", Some("log in")),
            "Bad credentials (looking for it)\nlog in"
        );
        assert_eq!(refused("one\ntwo", None), "one (looking for it)\ntwo");
    }
}
