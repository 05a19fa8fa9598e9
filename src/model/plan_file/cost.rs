//! The table `research`: which agent made the plan, and what that cost.

use crate::model::plan::Research;
use crate::model::plan_file::fields::Fields;
use crate::model::plan_file::problem::Problems;
use crate::model::spend::{Spend, Tokens, Usd};

const KEYS: [&str; 7] = [
    "agent",
    "model",
    "cost-usd",
    "estimated",
    "input-tokens",
    "cached-tokens",
    "output-tokens",
];

/// The research that the file tells of, if it does.
pub(super) fn research(top: &Fields<'_>, problems: &mut Problems) -> Option<Research> {
    if !top.has("research") {
        return None;
    }
    let table = top.table("research", problems)?;
    table.refuse_others(&KEYS, problems);
    let agent = table.needed_text("agent", problems);
    let cost = table.amount("cost-usd", problems).and_then(|dollars| {
        let cost = Usd::from_dollars(dollars);
        if cost.is_none() {
            let line = table.line_at("cost-usd", problems);
            problems.add(line, "`research.cost-usd` is no amount of money");
        }
        cost
    });
    let mut count = |key| table.count(key, problems).map_or(0, |count| count.value);
    let tokens = Tokens {
        input: count("input-tokens"),
        cached: count("cached-tokens"),
        output: count("output-tokens"),
    };
    Some(Research {
        model: table.said_text("model", problems).map(|model| model.value),
        spend: Spend {
            cost,
            estimated: table.flag("estimated", problems) == Some(true),
            tokens,
        },
        agent: agent?.value,
    })
}
