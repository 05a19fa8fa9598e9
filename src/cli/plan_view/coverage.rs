//! [`Coverage`]: the ledger of a plan, that says of each candidate file where it is, as [`PlanView`](super::PlanView)
//! shows it.

use super::entry_name;
use crate::cli::style::clean;
use crate::engine::headline::cut;
use crate::model::counted::counted;
use crate::model::ledger::Ledger;
use crate::model::plan::{Exclusion, Plan};

/// So many paths of a list of exclusions are named.
const PATHS_SHOWN: usize = 3;
/// The longest reason, in characters; the plan has all of it.
const REASON_SHOWN: usize = 200;
/// So many lists are shown; the plan has all of them.
const LISTS_SHOWN: usize = 12;

/// What is known of the files that a change looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// The change names its candidates, and these were counted.
    Candidates(Ledger),
    /// It names none: all files that a unit or an exclusion has were counted.
    Files(Ledger),
}

impl Coverage {
    /// The lines about it; none where there is nothing to tell.
    pub(super) fn fact(&self, plan: &Plan) -> Option<String> {
        let (ledger, sum) = match self {
            Self::Candidates(ledger) => {
                let all = ledger.in_units + ledger.all_left_alone() + ledger.nowhere;
                (
                    ledger,
                    Some(format!("{}: ", counted(all, "candidate file"))),
                )
            }
            Self::Files(_) if plan.excluded.is_empty() => return None,
            Self::Files(ledger) => (ledger, None),
        };
        let mut text = match sum {
            Some(sum) => format!("{sum}{} in units", ledger.in_units),
            None => format!("{} in units", counted(ledger.in_units, "file")),
        };
        text += &format!(", {} left alone", ledger.all_left_alone());
        if ledger.nowhere > 0 && matches!(self, Self::Candidates(_)) {
            text += &format!(", {} in neither", ledger.nowhere);
        }
        for (list, count) in plan
            .excluded
            .iter()
            .zip(&ledger.left_alone)
            .take(LISTS_SHOWN)
        {
            text += &format!("\n- {}", line(list, *count));
        }
        let more = plan.excluded.len().saturating_sub(LISTS_SHOWN);
        if more > 0 {
            text += &format!("\n- and {} more", counted(more, "list"));
        }
        Some(text)
    }
}

/// `docs/a.md, docs/gen/ (12 files): they are generated`; the count is left out where the paths say it.
fn line(list: &Exclusion, count: usize) -> String {
    let entries = list.scope.entries();
    let paths: Vec<String> = entries.iter().take(PATHS_SHOWN).map(entry_name).collect();
    let mut shown = paths.join(", ");
    if entries.len() > PATHS_SHOWN {
        shown += ", …";
    }
    if count > 0 && (count != entries.len() || entries.len() > PATHS_SHOWN) {
        shown += &format!(" ({})", counted(count, "file"));
    }
    format!("{shown}: {}", cut(&clean(&list.reason), REASON_SHOWN))
}
