//! [`Given`]: labels, assignees, milestone, reviewers and auto-merge of a pull request that is open, in as few writes as
//! GitHub allows. Whatever cannot be given is a warning.

use super::fields::{Fields, lacking};
use super::labels::Labels;
use super::merging;
use super::milestones::Milestones;
use super::place::Place;
use super::reviewers::Reviewers;
use crate::model::pull::Pull;
use crate::model::wishes::Extras;

/// Gives extras, and remembers what the repository has and refuses, so that the next pull request takes fewer calls.
#[derive(Default)]
pub(super) struct Given {
    labels: Labels,
    milestones: Milestones,
    reviewers: Reviewers,
    /// Who cannot be assigned here, in lower case.
    unassignable: Vec<String>,
}

impl Given {
    /// Gives what is asked for; what it could not give, and why. `node` is GraphQL's name of the pull request.
    pub(super) async fn give(
        &mut self,
        place: &Place,
        pull: &Pull,
        node: Option<&str>,
        extras: &Extras,
    ) -> Vec<String> {
        let Extras {
            labels,
            assignees,
            reviewers,
            teams,
            milestone,
            auto_merge,
        } = extras;
        let mut warnings = Vec::new();
        let labels = self.labels.found(place, labels, &mut warnings).await;
        let milestone = match milestone {
            Some(wanted) => self.milestones.found(place, wanted, &mut warnings).await,
            None => None,
        };
        let fields = Fields {
            labels: lacking(&labels, &pull.labels),
            assignees: lacking(assignees, &self.unassignable),
            milestone,
        };
        let left_out = fields.set(place, pull.number, &mut warnings).await;
        self.unassignable.extend(left_out);
        for name in assignees {
            if self.unassignable.contains(&name.to_lowercase()) {
                warnings.push(format!(
                    "`{name}` was not assigned: nobody of this name can be assigned here, or the token may not assign"
                ));
            }
        }
        self.reviewers
            .ask(place, pull.number, reviewers, teams, &mut warnings)
            .await;
        if let Some(method) = auto_merge {
            let done = merging::auto_merge(place, pull, node, *method).await;
            warnings.extend(done.err().map(|error| unmerged(&error.to_string())));
        }
        warnings
    }
}

/// Why GitHub is not to merge it by itself. That it could be merged at once is a reason for GitHub, and reads like none.
fn unmerged(error: &str) -> String {
    if error.contains("clean status") {
        format!("{error}; nothing holds it back, so it can be merged now")
    } else {
        error.to_owned()
    }
}

#[cfg(test)]
mod tests;
