//! [`Fields`]: the labels, assignees and milestone of a pull request, which GitHub keeps as those of an issue, set by one
//! write where it can be one.

use serde_json::{Value, json};

use super::api::{ApiError, Call, Kind, Method};
use super::failure::words;
use super::labels;
use super::place::Place;

/// What an issue is given.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    pub(super) labels: Vec<String>,
    pub(super) assignees: Vec<String>,
    pub(super) milestone: Option<u64>,
}

impl Fields {
    /// By one write, where GitHub takes it. Who could not be assigned, in lower case.
    ///
    /// One who cannot be assigned makes GitHub refuse a change of several fields, but is passed over where people are
    /// added alone.
    pub(super) async fn set(
        self,
        place: &Place,
        number: u64,
        warnings: &mut Vec<String>,
    ) -> Vec<String> {
        let refused = match self.send(place, number).await {
            Ok(answer) => return self.left_out(&answer, warnings),
            Err(error) => error,
        };
        if !is_about_assignees(&refused) {
            warnings.push(format!("{} not given: {}", self.names(), words(&refused)));
            return Vec::new();
        }
        let people = Self {
            assignees: self.assignees.clone(),
            ..Self::default()
        };
        let rest = Self {
            assignees: Vec::new(),
            ..self
        };
        let mut left_out = Vec::new();
        for part in [rest, people] {
            match part.send(place, number).await {
                Ok(answer) => left_out.extend(part.left_out(&answer, warnings)),
                Err(error) => {
                    warnings.push(format!("{} not given: {}", part.names(), words(&error)));
                }
            }
        }
        left_out
    }

    /// What is added alone is added; where several come together, the whole is set. The answer's body.
    async fn send(&self, place: &Place, number: u64) -> Result<Value, ApiError> {
        let issue = place.path(&format!("/issues/{number}"));
        let doing = format!("labelling and assigning #{number}");
        let Self {
            labels,
            assignees,
            milestone,
        } = self;
        let (method, path, body) = match (labels.as_slice(), assignees.as_slice(), milestone) {
            ([], [], None) => return Ok(Value::Null),
            (labels, [], None) => {
                let path = format!("{issue}/labels");
                (Method::Post, path, json!({ "labels": labels }))
            }
            ([], assignees, None) => {
                let path = format!("{issue}/assignees");
                (Method::Post, path, json!({ "assignees": assignees }))
            }
            ([], [], Some(milestone)) => (Method::Patch, issue, json!({ "milestone": milestone })),
            (_, _, milestone) => {
                let there = place.send(Call::read(&doing, &issue)).await?;
                (Method::Patch, issue, self.joined(&there.body, *milestone))
            }
        };
        let call = Call::write(&doing, Kind::Write, method, path, body);
        Ok(place.settle(call).await?.body)
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

    /// Warns of labels and a milestone that GitHub left out with no word, as it does where the token may not set them;
    /// who was not assigned, in lower case.
    fn left_out(&self, answer: &Value, warnings: &mut Vec<String>) -> Vec<String> {
        // Labels that are added alone are answered by a list of labels.
        let labels = if answer.is_array() {
            answer
        } else {
            &answer["labels"]
        };
        if labels.is_array() {
            for name in lacking(&self.labels, &label_names(labels)) {
                warnings.push(format!(
                    "label `{name}` not given: GitHub left it out; the token may not label here"
                ));
            }
        }
        if let Some(number) = self.milestone
            && answer.get("milestone").is_some()
            && answer["milestone"]["number"] != number
        {
            warnings.push(format!(
                "milestone {number} not set: GitHub left it out; the token may not set it here"
            ));
        }
        let people = &answer["assignees"];
        if !people.is_array() {
            return Vec::new();
        }
        let lacking = lacking(&self.assignees, &logins(people)).into_iter();
        lacking.map(|login| login.to_lowercase()).collect()
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

/// Whether GitHub refuses because of somebody who cannot be assigned.
fn is_about_assignees(error: &ApiError) -> bool {
    let ApiError::Refused(refusal) = error else {
        return false;
    };
    let mut errors = refusal.errors.iter();
    refusal.status == 422 && errors.any(|error| error.field.starts_with("assignee"))
}

/// Those of `wanted` that are not among `had`, whatever their case.
pub(super) fn lacking<T: AsRef<str>>(wanted: &[String], had: &[T]) -> Vec<String> {
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
mod tests {
    use serde_json::json;

    use super::Fields;

    fn fields() -> Fields {
        Fields {
            labels: vec!["batch".to_owned(), "bug".to_owned()],
            assignees: vec!["ann".to_owned()],
            milestone: Some(3),
        }
    }

    #[test]
    fn what_others_gave_meanwhile_is_given_again() {
        let there = json!({
            "labels": [{ "name": "size/S" }, { "name": "Bug" }],
            "assignees": [{ "login": "bob" }],
        });
        let body = fields().joined(&there, Some(3));
        let wanted = json!({
            "labels": ["size/S", "Bug", "batch"],
            "assignees": ["bob", "ann"],
            "milestone": 3,
        });
        assert_eq!(body, wanted);
    }

    #[test]
    fn what_github_leaves_out_with_no_word_is_found() {
        let mut warnings = Vec::new();
        let answer = json!({ "labels": [{ "name": "BATCH" }], "assignees": [], "milestone": null });
        assert_eq!(fields().left_out(&answer, &mut warnings), ["ann"]);
        let about: Vec<&str> = warnings
            .iter()
            .filter_map(|text| text.split(" not ").next())
            .collect();
        assert_eq!(about, ["label `bug`", "milestone 3"]);
        warnings.clear();
        let labels_alone = json!([{ "name": "batch" }, { "name": "bug" }]);
        fields().left_out(&labels_alone, &mut warnings);
        assert!(warnings.is_empty(), "{warnings:?}");
    }
}
