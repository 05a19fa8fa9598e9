//! Labels and milestones by REST.

use super::reply::Reply;
use super::routes::Ask;
use super::state::{Label, Repo, Role, State};

impl State {
    pub(super) fn list_labels(&self, ask: &Ask, id: u64) -> Reply {
        let repo = &self.repos[&id];
        let all = repo.labels.iter().map(|label| self.label(repo, label));
        ask.page(
            &all.collect::<Vec<_>>(),
            &format!("{}/repositories/{id}/labels", self.api()),
        )
    }

    pub(super) fn get_label(&self, id: u64, name: &str) -> Reply {
        let repo = &self.repos[&id];
        let found = find(repo, name);
        found.map_or_else(Reply::not_found, |label| Reply::ok(self.label(repo, label)))
    }

    pub(super) fn make_label(&mut self, ask: &Ask, id: u64, role: Role) -> Reply {
        let repo = &self.repos[&id];
        let Some(name) = ask.text("name").filter(|name| !name.trim().is_empty()) else {
            return Reply::invalid("Label", "name", "missing_field");
        };
        if role < repo.labels_by || role < Role::Triage {
            return cannot_make();
        }
        if find(repo, name).is_some() {
            return Reply::invalid("Label", "name", "already_exists");
        }
        let color = ask.text("color").unwrap_or("ededed");
        if color.len() != 6 || !color.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Reply::invalid("Label", "color", "invalid");
        }
        let (color, description) = (color.to_owned(), ask.text("description").map(str::to_owned));
        let label = self.new_label(id, name, &color, description);
        let repo = &self.repos[&id];
        Reply::made(
            self.label(repo, &label),
            format!("label {} {}", repo.slug(), label.name),
        )
    }

    /// Adds a label to a repository.
    pub fn new_label(
        &mut self,
        id: u64,
        name: &str,
        color: &str,
        description: Option<String>,
    ) -> Label {
        let label = Label {
            id: self.id(),
            name: name.to_owned(),
            color: color.to_owned(),
            description,
        };
        self.repos.get_mut(&id).unwrap().labels.push(label.clone());
        label
    }

    pub(super) fn labels_of(&self, id: u64, number: u64) -> Reply {
        let repo = &self.repos[&id];
        let Some(issue) = repo.issue(number) else {
            return Reply::not_found();
        };
        let labels = repo
            .labels
            .iter()
            .filter(|label| issue.labels.contains(&label.name));
        Reply::ok(labels.map(|label| self.label(repo, label)).collect())
    }

    pub(super) fn add_labels(&mut self, ask: &Ask, id: u64, number: u64, role: Role) -> Reply {
        let repo = &self.repos[&id];
        if repo.issue(number).is_none() {
            return Reply::not_found();
        }
        if role < Role::Triage {
            return cannot_make();
        }
        let labels = ask.texts("labels").unwrap_or_default();
        let unknown = labels.iter().any(|name| find(repo, name).is_none());
        if unknown && role < repo.labels_by {
            return cannot_make();
        }
        self.put_labels(id, number, &labels);
        self.labels_of(id, number)
    }

    /// Gives an issue labels, making those that are missing.
    pub(super) fn put_labels(&mut self, id: u64, number: u64, names: &[String]) {
        for name in names {
            let known = find(&self.repos[&id], name).map(|label| label.name.clone());
            let name = known.unwrap_or_else(|| self.new_label(id, name, "ededed", None).name);
            let issue = self.repos.get_mut(&id).unwrap().issue_mut(number).unwrap();
            if !issue.labels.contains(&name) {
                issue.labels.push(name);
            }
        }
    }

    pub(super) fn list_milestones(&self, ask: &Ask, id: u64) -> Reply {
        let repo = &self.repos[&id];
        let state = ask.query.get("state").map_or("open", String::as_str);
        let all = repo.milestones.iter().filter(|milestone| match state {
            "open" => milestone.open,
            "closed" => !milestone.open,
            _ => true,
        });
        let all = all.map(|milestone| self.milestone(repo, milestone));
        ask.page(
            &all.collect::<Vec<_>>(),
            &format!("{}/repositories/{id}/milestones", self.api()),
        )
    }
}

/// The label of a name; case does not count.
fn find<'a>(repo: &'a Repo, name: &str) -> Option<&'a Label> {
    repo.labels
        .iter()
        .find(|label| label.name.eq_ignore_ascii_case(name))
}

fn cannot_make() -> Reply {
    let mut reply = Reply::refused(
        403,
        "You do not have permission to create labels on this repository.",
    );
    reply.body["errors"] = serde_json::json!([{
        "resource": "Repository", "field": "label", "code": "unauthorized",
    }]);
    reply
}
