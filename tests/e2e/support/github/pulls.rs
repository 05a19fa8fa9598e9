//! Pull requests by REST: listed, opened, shown, changed, and given reviewers.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::reply::Reply;
use super::routes::{Ask, at_least};
use super::state::{Issue, Pull, Repo, Role, State, Verdict};

/// The most characters of a body, by GitHub's own refusal.
const BODY_MAX: usize = 65_536;

impl State {
    pub(super) fn list_pulls(&self, ask: &Ask, id: u64) -> Reply {
        let repo = &self.repos[&id];
        let is = |name: &str, usual: &str| {
            let value = ask.query.get(name).map_or(usual, String::as_str);
            value.to_owned()
        };
        let (state, base) = (is("state", "open"), ask.query.get("base"));
        // A head without its owner is not looked at.
        let head = ask.query.get("head").and_then(|head| head.split_once(':'));
        let mut found: Vec<(&Issue, &Pull)> = repo
            .issues
            .iter()
            .filter_map(|issue| Some((issue, issue.pull.as_ref()?)))
            .filter(|(issue, _)| match state.as_str() {
                "open" => issue.open,
                "closed" => !issue.open,
                _ => true,
            })
            .filter(|(_, pull)| base.is_none_or(|base| *base == pull.base))
            .filter(|(_, pull)| {
                head.is_none_or(|(owner, name)| {
                    owner.eq_ignore_ascii_case(&pull.head_owner) && name == pull.head
                })
            })
            .collect();
        if is("sort", "created") == "updated" {
            found.sort_by_key(|(issue, _)| (issue.updated, issue.number));
        }
        let usual = if ask.query.contains_key("sort") {
            "asc"
        } else {
            "desc"
        };
        if is("direction", usual) == "desc"
            || !ask.query.contains_key("sort") && !ask.query.contains_key("direction")
        {
            found.reverse();
        }
        let all = found.iter();
        let all = all.map(|(issue, pull)| self.pull_of_list(repo, issue, pull, ask.login()));
        ask.page(
            &all.collect::<Vec<_>>(),
            &format!("{}/repositories/{id}/pulls", self.api()),
        )
    }

    pub(super) fn create_pull(&mut self, ask: &Ask, id: u64) -> Reply {
        match self.judge_new_pull(ask, id) {
            Ok((head_repo, head)) => self.open_pull(ask, id, head_repo, &head),
            Err(refusal) => refusal,
        }
    }

    /// The head repository and branch of a pull request that may be opened.
    fn judge_new_pull(&self, ask: &Ask, id: u64) -> Result<(u64, String), Reply> {
        let repo = &self.repos[&id];
        let missing = |field: &str| Reply::invalid("PullRequest", field, "missing_field");
        let head = ask.text("head").ok_or_else(|| missing("head"))?;
        let base = ask.text("base").ok_or_else(|| missing("base"))?;
        let title = ask.text("title").ok_or_else(|| missing("title"))?;
        if title.trim().is_empty() {
            return Err(missing("title"));
        }
        is_short(ask.text("body"), "PullRequest")?;
        let base_at = repo.bare.branch(base);
        let base_at = base_at.ok_or_else(|| Reply::invalid("PullRequest", "base", "invalid"))?;
        let (owner, name) = head.split_once(':').unwrap_or((&repo.owner, head));
        let none = || Reply::invalid("PullRequest", "head", "invalid");
        let of = self.in_network(repo, owner).ok_or_else(none)?;
        let head_at = of.bare.branch(name).ok_or_else(none)?;
        let open: Vec<&Issue> = repo.issues.iter().filter(|issue| issue.open).collect();
        let is_same = |issue: &&Issue| {
            let pull = issue.pull.as_ref();
            pull.is_some_and(|pull| {
                pull.head == name && pull.head_repo == of.id && pull.base == base
            })
        };
        if open.iter().any(is_same) {
            let words = format!("A pull request already exists for {}:{name}.", of.owner);
            return Err(Reply::custom("PullRequest", &words));
        }
        if repo.bare.ahead(base_at, head_at).is_empty() {
            let words = format!("No commits between {base} and {name}");
            return Err(Reply::custom("PullRequest", &words));
        }
        if of.role(ask.login()).is_none_or(|role| role < Role::Write) {
            return Err(Reply::refused(
                403,
                "Resource not accessible by personal access token",
            ));
        }
        let own = open
            .iter()
            .filter(|issue| issue.pull.is_some() && issue.author == ask.login());
        if repo.max_open.is_some_and(|most| own.count() >= most) {
            let words = "You have reached the limit of open pull requests in this repository.";
            return Err(Reply::custom("PullRequest", words));
        }
        Ok((of.id, name.to_owned()))
    }

    /// The repository of an owner that shares its commits with another.
    fn in_network<'a>(&'a self, repo: &'a Repo, owner: &str) -> Option<&'a Repo> {
        if repo.owner.eq_ignore_ascii_case(owner) {
            return Some(repo);
        }
        let is_it = |other: &&Repo| {
            other.fork_of == Some(repo.id) && other.owner.eq_ignore_ascii_case(owner)
        };
        self.repos.values().find(is_it)
    }

    fn open_pull(&mut self, ask: &Ask, id: u64, head_repo: u64, head: &str) -> Reply {
        let number = self.add_pull(id, ask.login(), &ask.body, head_repo, head);
        let repo = &self.repos[&id];
        let what = format!("pull {} {head}", repo.slug());
        let (issue, pull) = repo.pull(number).unwrap();
        Reply::made(self.pull_alone(repo, issue, pull, ask.login()), what)
    }

    /// Adds a pull request by a request's title, body, base and draft; its number.
    pub fn add_pull(
        &mut self,
        id: u64,
        author: &str,
        sent: &Value,
        head_repo: u64,
        head: &str,
    ) -> u64 {
        let of = &self.repos[&head_repo];
        let (head_owner, head_oid) = (of.owner.clone(), of.bare.branch(head).unwrap());
        let base = sent["base"].as_str().unwrap().to_owned();
        let base_oid = self.repos[&id].bare.branch(&base).unwrap();
        let pull = Pull {
            head_repo,
            head_owner,
            head: head.to_owned(),
            head_oid,
            base,
            base_oid,
            draft: sent["draft"] == true,
            merged: None,
            reviewers: Vec::new(),
            teams: Vec::new(),
            review: Verdict::Nothing,
            auto_merge: None,
            queued: false,
            asked: 0,
        };
        let number = self.add_issue(id, author, sent, Some(pull));
        let refs = format!("refs/pull/{number}/head");
        self.repos[&id].bare.point(&refs, head_oid);
        number
    }

    /// Adds an issue, or a pull request, by a request's title and body; its number.
    pub fn add_issue(&mut self, id: u64, author: &str, sent: &Value, pull: Option<Pull>) -> u64 {
        let now = Timestamp::now();
        let issue_id = self.id();
        let text = |name: &str| sent[name].as_str();
        let repo = self.repos.get_mut(&id).unwrap();
        let number = repo.issues.last().map_or(1, |issue| issue.number + 1);
        repo.issues.push(Issue {
            id: issue_id,
            number,
            title: text("title").unwrap_or_default().trim().to_owned(),
            body: text("body").map(str::to_owned),
            open: true,
            author: author.to_owned(),
            labels: Vec::new(),
            assignees: Vec::new(),
            milestone: None,
            comments: Vec::new(),
            created: now,
            updated: now,
            closed: None,
            pull,
        });
        number
    }

    pub(super) fn get_pull(&mut self, ask: &Ask, id: u64, number: u64) -> Reply {
        let repo = &self.repos[&id];
        let Some((issue, pull)) = repo.pull(number) else {
            return Reply::not_found();
        };
        let reply = Reply::ok(self.pull_alone(repo, issue, pull, ask.login()));
        self.asked(id, number);
        reply
    }

    /// Notes that mergeability was asked for.
    pub(super) fn asked(&mut self, id: u64, number: u64) {
        let issue = self
            .repos
            .get_mut(&id)
            .and_then(|repo| repo.issue_mut(number));
        if let Some(pull) = issue.and_then(|issue| issue.pull.as_mut()) {
            pull.asked += 1;
        }
    }

    pub(super) fn patch_pull(&mut self, ask: &Ask, id: u64, number: u64, role: Role) -> Reply {
        match self.change_pull(ask, id, number, role) {
            Ok(()) => {
                let repo = &self.repos[&id];
                let (issue, pull) = repo.pull(number).unwrap();
                Reply::ok(self.pull_alone(repo, issue, pull, ask.login()))
            }
            Err(refusal) => refusal,
        }
    }

    fn change_pull(&mut self, ask: &Ask, id: u64, number: u64, role: Role) -> Result<(), Reply> {
        let repo = self.repos.get_mut(&id).unwrap();
        let bare = repo.bare.clone();
        let (issue, mut pull) = repo.pull_mut(number).ok_or_else(Reply::not_found)?;
        if issue.author != ask.login() {
            at_least(role, Role::Write)?;
        }
        is_short(ask.text("body"), "PullRequest")?;
        if let Some(base) = ask.text("base") {
            let invalid = || Reply::invalid("PullRequest", "base", "invalid");
            pull.base_oid = bare.branch(base).ok_or_else(invalid)?;
            base.clone_into(&mut pull.base);
        }
        if let Some(state) = ask.text("state") {
            let opens = state == "open";
            if opens && (pull.merged.is_some() || bare.branch(&pull.head).is_none()) {
                return Err(Reply::custom(
                    "PullRequest",
                    "state cannot be changed. The pull request cannot be reopened.",
                ));
            }
            issue.closed = (!opens).then(|| issue.closed.unwrap_or_else(Timestamp::now));
            issue.open = opens;
        }
        if let Some(title) = ask.text("title") {
            title.clone_into(&mut issue.title);
        }
        if !ask.body["body"].is_null() {
            issue.body = ask.text("body").map(str::to_owned);
        }
        issue.pull = Some(pull);
        issue.updated = Timestamp::now();
        Ok(())
    }

    pub(super) fn request_reviewers(
        &mut self,
        ask: &Ask,
        id: u64,
        number: u64,
        role: Role,
    ) -> Reply {
        match self.add_reviewers(ask, id, number, role) {
            Ok(()) => {
                let repo = &self.repos[&id];
                let (issue, pull) = repo.pull(number).unwrap();
                let body = self.pull_of_list(repo, issue, pull, ask.login());
                Reply::made(body, format!("review request {} {number}", repo.slug()))
            }
            Err(refusal) => refusal,
        }
    }

    fn add_reviewers(&mut self, ask: &Ask, id: u64, number: u64, role: Role) -> Result<(), Reply> {
        let repo = &self.repos[&id];
        let (issue, _) = repo.pull(number).ok_or_else(Reply::not_found)?;
        at_least(role, Role::Write)?;
        let reviewers = ask.texts("reviewers").unwrap_or_default();
        let teams = ask.texts("team_reviewers").unwrap_or_default();
        let teams: Vec<String> = teams
            .iter()
            .map(|team| format!("{}/{team}", repo.owner))
            .collect();
        let refused = |words: &str| Err(Reply::refused(422, words));
        if reviewers
            .iter()
            .any(|login| login.eq_ignore_ascii_case(&issue.author))
        {
            return refused("Review cannot be requested from pull request author.");
        }
        let known = reviewers.iter().all(|login| repo.is_collaborator(login))
            && teams.iter().all(|team| repo.teams.contains(team));
        if !known {
            let words = format!(
                "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a \
                 collaborator of the {} repository.",
                repo.slug()
            );
            return refused(&words);
        }
        let (_, mut pull) = repo
            .pull(number)
            .map(|(issue, pull)| (issue, pull.clone()))
            .unwrap();
        for (new, known) in [(reviewers, &mut pull.reviewers), (teams, &mut pull.teams)] {
            for name in new {
                if !known.iter().any(|other| other.eq_ignore_ascii_case(&name)) {
                    known.push(name);
                }
            }
        }
        let issue = self.repos.get_mut(&id).unwrap().issue_mut(number).unwrap();
        issue.pull = Some(pull);
        Ok(())
    }
}

/// That a body is not too long; else GitHub's refusal.
pub fn is_short(body: Option<&str>, resource: &str) -> Result<(), Reply> {
    let length = body.map_or(0, |body| body.chars().count());
    let words = format!("body is too long (maximum is {BODY_MAX} characters)");
    let error: Value =
        json!({ "resource": resource, "code": "custom", "field": "body", "message": words });
    (length <= BODY_MAX)
        .then_some(())
        .ok_or_else(|| Reply::validation(&error))
}
