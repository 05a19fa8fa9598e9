//! Issues by REST, and what they share with pull requests: bodies, states, assignees, milestones, comments.

use jiff::Timestamp;
use serde_json::Value;

use super::pulls::is_short;
use super::reply::Reply;
use super::routes::{Ask, at_least};
use super::state::{Comment, Issue, Repo, Role, State};

impl State {
    pub(super) fn list_issues(&self, ask: &Ask, id: u64) -> Reply {
        let repo = &self.repos[&id];
        let is = |name: &str, usual: &str| {
            let value = ask.query.get(name).map_or(usual, String::as_str);
            value.to_owned()
        };
        let state = is("state", "open");
        let labels = ask
            .query
            .get("labels")
            .map(|labels| labels.split(',').collect::<Vec<_>>());
        let creator = ask.query.get("creator");
        let mut found: Vec<&Issue> = repo
            .issues
            .iter()
            .filter(|issue| match state.as_str() {
                "open" => issue.open,
                "closed" => !issue.open,
                _ => true,
            })
            .filter(|issue| creator.is_none_or(|login| login.eq_ignore_ascii_case(&issue.author)))
            .filter(|issue| {
                let has = |label: &&str| issue.labels.iter().any(|own| own == label);
                labels.as_ref().is_none_or(|labels| labels.iter().all(has))
            })
            .collect();
        if is("sort", "created") == "updated" {
            found.sort_by_key(|issue| (issue.updated, issue.number));
        }
        if is("direction", "desc") == "desc" {
            found.reverse();
        }
        let all = found.iter().map(|issue| self.issue(repo, issue));
        ask.page(
            &all.collect::<Vec<_>>(),
            &format!("{}/repositories/{id}/issues", self.api()),
        )
    }

    pub(super) fn make_issue(&mut self, ask: &Ask, id: u64, role: Role) -> Reply {
        if ask
            .text("title")
            .is_none_or(|title| title.trim().is_empty())
        {
            return Reply::invalid("Issue", "title", "missing_field");
        }
        if let Err(refusal) = is_short(ask.text("body"), "Issue") {
            return refusal;
        }
        let number = self.add_issue(id, ask.login(), &ask.body, None);
        let repo = self.repos.get_mut(&id).unwrap();
        if role >= Role::Triage {
            // Who may not is not told so.
            let assignees = ask.texts("assignees").unwrap_or_default();
            let known: Vec<String> = assignees
                .into_iter()
                .filter(|login| repo.is_collaborator(login))
                .collect();
            let issue = repo.issue_mut(number).unwrap();
            issue.assignees = known;
            issue.milestone = ask.body["milestone"].as_u64();
        }
        if let Some(labels) = ask.texts("labels").filter(|_| role >= Role::Triage) {
            self.put_labels(id, number, &labels);
        }
        let repo = &self.repos[&id];
        let body = self.issue(repo, repo.issue(number).unwrap());
        Reply::made(body, format!("issue {} {number}", repo.slug()))
    }

    pub(super) fn get_issue(&self, id: u64, number: u64) -> Reply {
        let repo = &self.repos[&id];
        let issue = repo.issue(number);
        issue.map_or_else(Reply::not_found, |issue| Reply::ok(self.issue(repo, issue)))
    }

    pub(super) fn patch_issue(&mut self, ask: &Ask, id: u64, number: u64, role: Role) -> Reply {
        match self.change_issue(ask, id, number, role) {
            Ok(()) => self.get_issue(id, number),
            Err(refusal) => refusal,
        }
    }

    fn change_issue(&mut self, ask: &Ask, id: u64, number: u64, role: Role) -> Result<(), Reply> {
        let repo = self.repos.get_mut(&id).unwrap();
        let milestones: Vec<u64> = repo.milestones.iter().map(|known| known.number).collect();
        let collaborators = collaborators(repo);
        let issue = repo.issue_mut(number).ok_or_else(Reply::not_found)?;
        if issue.author != ask.login() {
            at_least(role, Role::Triage)?;
        }
        is_short(ask.text("body"), "Issue")?;
        let milestone = &ask.body["milestone"];
        match milestone.as_u64() {
            Some(wanted) if !milestones.contains(&wanted) => {
                return Err(Reply::invalid("Issue", "milestone", "invalid"));
            }
            Some(wanted) if role >= Role::Triage => issue.milestone = Some(wanted),
            _ => {
                if milestone.is_null() && ask.body.get("milestone").is_some() {
                    issue.milestone = None;
                }
            }
        }
        if let Some(logins) = ask.texts("assignees") {
            let known = |login: &String| {
                collaborators
                    .iter()
                    .any(|other| other.eq_ignore_ascii_case(login))
            };
            if !logins.iter().all(known) {
                return Err(Reply::invalid("Issue", "assignees", "invalid"));
            }
            issue.assignees = logins;
        }
        if let Some(title) = ask.text("title") {
            title.clone_into(&mut issue.title);
        }
        if let Some(body) = ask.text("body") {
            issue.body = Some(body.to_owned());
        }
        if let Some(state) = ask.text("state") {
            issue.open = state == "open";
            issue.closed = (!issue.open).then(Timestamp::now);
        }
        issue.updated = Timestamp::now();
        if let Some(labels) = ask.texts("labels") {
            issue.labels.clear();
            self.put_labels(id, number, &labels);
        }
        Ok(())
    }

    pub(super) fn add_assignees(&mut self, ask: &Ask, id: u64, number: u64, role: Role) -> Reply {
        let repo = self.repos.get_mut(&id).unwrap();
        let collaborators = collaborators(repo);
        let Some(issue) = repo.issue_mut(number) else {
            return Reply::not_found();
        };
        if let Err(refusal) = at_least(role, Role::Triage) {
            return refusal;
        }
        for login in ask.texts("assignees").unwrap_or_default() {
            // Who cannot be assigned is left out without a word.
            let known = collaborators
                .iter()
                .any(|other| other.eq_ignore_ascii_case(&login));
            if known
                && !issue
                    .assignees
                    .iter()
                    .any(|other| other.eq_ignore_ascii_case(&login))
            {
                issue.assignees.push(login);
            }
        }
        let mut reply = self.get_issue(id, number);
        reply.status = 201;
        reply
    }

    pub(super) fn list_comments(&self, ask: &Ask, id: u64, number: u64) -> Reply {
        let repo = &self.repos[&id];
        let Some(issue) = repo.issue(number) else {
            return Reply::not_found();
        };
        let all = issue.comments.iter();
        let all: Vec<Value> = all
            .map(|comment| self.comment(repo, issue, comment))
            .collect();
        ask.page(
            &all,
            &format!("{}/repositories/{id}/issues/{number}/comments", self.api()),
        )
    }

    pub(super) fn make_comment(&mut self, ask: &Ask, id: u64, number: u64) -> Reply {
        let comment_id = self.id();
        let issue = self
            .repos
            .get_mut(&id)
            .and_then(|repo| repo.issue_mut(number));
        let Some(issue) = issue else {
            return Reply::not_found();
        };
        let Some(words) = ask.text("body").filter(|words| !words.trim().is_empty()) else {
            return Reply::invalid("IssueComment", "body", "missing_field");
        };
        if let Err(refusal) = is_short(Some(words), "IssueComment") {
            return refusal;
        }
        issue.comments.push(Comment {
            id: comment_id,
            author: ask.login().to_owned(),
            body: words.to_owned(),
            created: Timestamp::now(),
        });
        let repo = &self.repos[&id];
        let issue = repo.issue(number).unwrap();
        let body = self.comment(repo, issue, issue.comments.last().unwrap());
        Reply::made(body, format!("comment {} {number}", repo.slug()))
    }
}

/// Who can be assigned.
fn collaborators(repo: &Repo) -> Vec<String> {
    let given = repo.collaborators.keys();
    given.chain([&repo.owner]).cloned().collect()
}
