//! [`Given`]: labels, assignees, milestone, reviewers and auto-merge of a pull request that is open, in as few writes as
//! GitHub allows. Whatever cannot be given is a warning.

use serde_json::{Value, json};

use super::api::{Answer, ApiError, Call, Kind, Method};
use super::failure::words;
use super::labels::{self, Labels};
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
            assignees: assignees.clone(),
            milestone,
        };
        fields.set(place, pull.number, &mut warnings).await;
        self.reviewers
            .ask(place, pull.number, reviewers, teams, &mut warnings)
            .await;
        if let Some(method) = auto_merge {
            let done = merging::auto_merge(place, pull, node, *method).await;
            warnings.extend(done.err().map(|error| error.to_string()));
        }
        warnings
    }
}

/// What an issue, as which GitHub keeps this part of a pull request, is given.
struct Fields {
    labels: Vec<String>,
    assignees: Vec<String>,
    milestone: Option<u64>,
}

impl Fields {
    /// By one write: what is added alone is added, and where several come together the whole is set.
    async fn set(&self, place: &Place, number: u64, warnings: &mut Vec<String>) {
        let Self {
            labels,
            assignees,
            milestone,
        } = self;
        let issue = place.path(&format!("/issues/{number}"));
        let doing = format!("labelling and assigning #{number}");
        let send = async |method, path, body| {
            let call = Call::write(&doing, Kind::Write, method, path, body);
            place.settle(call).await
        };
        let done: Result<Answer, ApiError> =
            match (labels.as_slice(), assignees.as_slice(), milestone) {
                ([], [], None) => return,
                (labels, [], None) => {
                    let path = format!("{issue}/labels");
                    send(Method::Post, path, json!({ "labels": labels })).await
                }
                ([], assignees, None) => {
                    let path = format!("{issue}/assignees");
                    send(Method::Post, path, json!({ "assignees": assignees })).await
                }
                ([], [], Some(milestone)) => {
                    send(Method::Patch, issue, json!({ "milestone": milestone })).await
                }
                (_, _, milestone) => match place.send(Call::read(&doing, &issue)).await {
                    Ok(there) => {
                        send(Method::Patch, issue, self.joined(&there.body, *milestone)).await
                    }
                    Err(error) => Err(error),
                },
            };
        match done {
            Ok(answer) => self.missing(&answer.body, warnings),
            Err(error) => {
                let what = self.names();
                warnings.push(format!("{what} not given: {}", words(&error)));
            }
        }
    }

    /// A change of several fields at once; it replaces, so what others gave meanwhile is given again.
    fn joined(&self, there: &Value, milestone: Option<u64>) -> Value {
        let mut body = json!({});
        let union = |had: Vec<&str>, wanted: &[String]| {
            let had: Vec<String> = had.into_iter().map(str::to_owned).collect();
            let more = lacking(wanted, &had);
            had.into_iter().chain(more).collect::<Vec<String>>()
        };
        if !self.labels.is_empty() {
            body["labels"] = union(label_names(&there["labels"]), &self.labels).into();
        }
        if !self.assignees.is_empty() {
            body["assignees"] = union(logins(&there["assignees"]), &self.assignees).into();
        }
        if let Some(milestone) = milestone {
            body["milestone"] = milestone.into();
        }
        body
    }

    /// Warns of what GitHub left out with no word: it does so with people who cannot be assigned, and with all fields
    /// where the token may not set them.
    fn missing(&self, answer: &Value, warnings: &mut Vec<String>) {
        // Labels that are added alone are answered by a list of labels.
        let labels = if answer.is_array() {
            answer
        } else {
            &answer["labels"]
        };
        let mut warn = |what: String, why: &str| {
            warnings.push(format!("{what} was left out by GitHub: {why}"));
        };
        if labels.is_array() {
            for name in lacking(&self.labels, &label_names(labels)) {
                warn(
                    format!("label `{name}`"),
                    "the token may not set labels here",
                );
            }
        }
        if answer["assignees"].is_array() {
            for login in lacking(&self.assignees, &logins(&answer["assignees"])) {
                let why = "nobody of this name can be assigned here, or the token may not assign";
                warn(format!("assignee `{login}`"), why);
            }
        }
        if let Some(number) = self.milestone
            && answer.get("milestone").is_some()
            && answer["milestone"]["number"] != number
        {
            warn(
                format!("milestone {number}"),
                "the token may not set it here",
            );
        }
    }

    fn names(&self) -> String {
        let all = [
            ("labels", !self.labels.is_empty()),
            ("assignees", !self.assignees.is_empty()),
            ("milestone", self.milestone.is_some()),
        ];
        let asked = all.into_iter().filter(|(_, asked)| *asked);
        let names: Vec<&str> = asked.map(|(name, _)| name).collect();
        names.join(" and ")
    }
}

/// Those of `wanted` that are not among `had`, whatever their case.
fn lacking<T: AsRef<str>>(wanted: &[String], had: &[T]) -> Vec<String> {
    let is_there = |name: &str| {
        let name = name.to_lowercase();
        had.iter().any(|had| had.as_ref().to_lowercase() == name)
    };
    let lacking = wanted.iter().filter(|name| !is_there(name));
    lacking.cloned().collect()
}

fn label_names(items: &Value) -> Vec<&str> {
    let items = items.as_array().into_iter().flatten();
    items.filter_map(labels::name).collect()
}

fn logins(items: &Value) -> Vec<&str> {
    let items = items.as_array().into_iter().flatten();
    items.filter_map(|item| item["login"].as_str()).collect()
}

#[cfg(test)]
mod tests;
