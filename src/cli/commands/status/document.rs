//! What programs read of a run's status: the same facts that people see.

use serde_json::{Value, json};

use super::now::{Now, UnitNow};
use crate::cli::condition_view::counted;
use crate::cli::run_state::RunState;
use crate::model::life::Life;
use crate::model::outcome::Outcome;

/// The version of the document's format.
const VERSION: u32 = 1;

/// The whole of it.
pub(super) fn document(now: &Now<'_>) -> Value {
    let history = now.history;
    let spend = history.spend();
    let paused = history
        .paused
        .as_ref()
        .map(|(reason, until)| json!({ "reason": reason, "until": until }));
    let forge_paused = history
        .forge_paused
        .as_ref()
        .map(|(reason, until)| json!({ "reason": reason, "until": until }));
    json!({
        "version": VERSION,
        "run": history.run,
        "change": history.change,
        "base": history.base,
        "state": RunState::of(now.life, history.exit_code),
        "pid": now.pid,
        "stopping": now.life == Life::Going && history.interrupted,
        "started": history.started,
        "ended": history.ended,
        "exit_code": history.exit_code,
        "elapsed_ms": now.elapsed_ms(),
        "last_event": now.last,
        "counts": counted(&now.tally()),
        "spend": (!spend.is_nothing()).then_some(spend),
        "paused": paused,
        "forge_paused": forge_paused,
        "base_step": history.base_step.as_ref().map(|(step, since)| json!({ "step": step, "since": since })),
        "base_refused": history.base_refused.as_ref().map(|refusal| json!({
            "step": refusal.step, "cause": refusal.cause, "log": refusal.log,
        })),
        "units": now.units.iter().map(unit).collect::<Vec<_>>(),
    })
}

fn unit(now: &UnitNow<'_>) -> Value {
    let unit = now.unit;
    let (failure, reason) = match &unit.outcome {
        Some(Outcome::Failed(failure)) => (
            Some(json!({
                "step": failure.step,
                "kind": failure.kind,
                "cause": failure.cause,
                "log": failure.log,
            })),
            None,
        ),
        Some(Outcome::Pushed { reason, .. } | Outcome::Cancelled { reason }) => {
            (None, Some(reason))
        }
        Some(Outcome::Opened { .. } | Outcome::Unchanged) | None => (None, None),
    };
    json!({
        "id": unit.id,
        "title": unit.title,
        "state": now.condition,
        "step": unit.step.map(|(step, _)| step),
        "attempt": unit.attempt,
        "started": unit.started,
        "elapsed_ms": now.elapsed_ms,
        "quiet_ms": now.quiet_ms,
        "last_line": now.last_line,
        "log": unit.log,
        "agent": unit.agent,
        "spend": (!unit.spend.is_nothing()).then_some(unit.spend),
        "branch": unit.branch,
        "pr": unit.pull(),
        "failure": failure,
        "reason": reason,
        "waits_for": now.waits_for,
    })
}
