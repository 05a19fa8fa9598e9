//! What Claude Code's numbers say was spent. The session's cost goes on from request to request; the listener wants this
//! request's alone.

use std::ops::Add;

use serde_json::{Map, Value};

use crate::adapters::agents::json_line::count;
use crate::model::spend::{Spend, Tokens, Usd};

/// What a result says was spent since the one before it, or since the program started; older versions do not say.
pub(super) fn since_last_result(result: &Value) -> Option<Spend> {
    let models = result.get("model_usage_since_last_result")?.as_object()?;
    Some(by_model(models))
}

/// The same from what every version says: the cost is the session's, the tokens are the request's own.
pub(super) fn by_totals(result: &Value, before: &Spend) -> Spend {
    let session = Spend {
        cost: dollars(result, "total_cost_usd"),
        ..Spend::default()
    };
    Spend {
        cost: session.since(before).cost,
        tokens: tokens(result, "/usage"),
        ..Spend::default()
    }
}

/// Tokens as the provider's interface counts them: what went into its cache was read anew.
pub(super) fn tokens(event: &Value, usage: &str) -> Tokens {
    let part = |name: &str| count(event, &format!("{usage}/{name}"));
    Tokens {
        input: part("input_tokens").saturating_add(part("cache_creation_input_tokens")),
        cached: part("cache_read_input_tokens"),
        output: part("output_tokens"),
    }
}

/// The sum over models, side calls and subagents included.
fn by_model(models: &Map<String, Value>) -> Spend {
    let nothing = Spend {
        cost: Some(Usd(0)),
        ..Spend::default()
    };
    models
        .values()
        .map(|model| Spend {
            cost: dollars(model, "costUSD"),
            estimated: false,
            tokens: Tokens {
                input: count(model, "/inputTokens")
                    .saturating_add(count(model, "/cacheCreationInputTokens")),
                cached: count(model, "/cacheReadInputTokens"),
                output: count(model, "/outputTokens"),
            },
        })
        .fold(nothing, Add::add)
}

fn dollars(value: &Value, member: &str) -> Option<Usd> {
    Usd::from_dollars(value.get(member)?.as_f64()?)
}
