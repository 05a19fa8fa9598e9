//! What each field of each object comes to, from the hub's state.

use git2::Oid;
use serde_json::{Map, Value, json};

use super::node::{Found, Node, Page};
use crate::support::github::objects::{node, stamp};
use crate::support::github::standing::Way;
use crate::support::github::state::{Check, Issue, Repo, Role, State, Verdict};
use crate::support::github::tokens::{Token, TokenKind};

type Arguments = Map<String, Value>;

impl State {
    /// What a field of an object comes to.
    pub(super) fn field(
        &self,
        of: &Node,
        name: &str,
        arguments: &Arguments,
        token: &Token,
    ) -> Found {
        let text = |name: &str| {
            arguments
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        match (of, name) {
            (Node::Query, "viewer") => Found::Node(Node::User(token.login.clone())),
            (Node::Query, "rateLimit") => Found::Node(Node::RateLimit),
            (Node::Query, "repository") => self.repository_of(text("owner"), text("name"), token),
            (Node::Query, "node") => self.node_of(text("id"), token),
            (Node::User(login) | Node::Organization(login), _) => self.account_field(login, name),
            (Node::Repository(id), _) => {
                self.repository_field(&self.repos[id], name, arguments, token)
            }
            (Node::Pull(id, number), _) => {
                let repo = &self.repos[id];
                self.pull_field(repo, repo.issue(*number).unwrap(), name, arguments)
            }
            (Node::PullCommit(id, number), "commit") => {
                let (_, pull) = self.repos[id].pull(*number).unwrap();
                Found::Node(Node::Commit(*id, pull.head_oid))
            }
            (Node::Commit(id, commit), _) => commit_field(&self.repos[id], *commit, name),
            (Node::Rollup(id, commit), _) => {
                rollup_field(&self.repos[id], *commit, name, arguments)
            }
            (Node::Check(id, commit, at) | Node::Status(id, commit, at), _) => {
                let repo = &self.repos[id];
                check_field(repo, *commit, &repo.checks[commit][*at], name, arguments)
            }
            (Node::AutoMerge(id, number), _) => self.auto_merge_field(*id, *number, name),
            (Node::Connection(_, page), "nodes") => Found::Nodes(page.nodes.clone()),
            (Node::Connection(_, page), "pageInfo") => Found::Node(Node::PageInfo(page.clone())),
            (Node::Connection(_, page), "totalCount") => Found::value(page.total),
            (Node::PageInfo(page), _) => page_field(page, name),
            (Node::Payload(_, id, number) | Node::Entry(id, number), "pullRequest") => {
                Found::Node(Node::Pull(*id, *number))
            }
            (Node::Payload(_, id, number), "mergeQueueEntry") => {
                Found::Node(Node::Entry(*id, *number))
            }
            (Node::Payload(..), "clientMutationId") => Found::Value(Value::Null),
            (Node::Entry(id, number), "id") => Found::value(format!("MQE_{id}_{number}")),
            (Node::Entry(..), "position") => Found::value(1),
            (Node::Entry(..), "state") => Found::value("AWAITING_CHECKS"),
            (Node::Queue(id, branch), "id") => Found::value(format!("MQ_{id}_{branch}")),
            (Node::Queue(id, branch), "url") => Found::value(format!(
                "{}/{}/queue/{branch}",
                self.html(),
                self.repos[id].slug()
            )),
            (Node::Ref(_, name_of, _), "name") => Found::value(name_of.as_str()),
            (Node::Ref(id, name_of, _), "id") => Found::value(format!("REF_{id}_{name_of}")),
            (Node::Ref(id, _, commit), "target") => Found::Node(Node::Commit(*id, *commit)),
            (Node::Label(id, label), _) => {
                let label = self.repos[id]
                    .labels
                    .iter()
                    .find(|known| known.id == *label)
                    .unwrap();
                Found::value(match name {
                    "name" => label.name.clone(),
                    "color" => label.color.clone(),
                    _ => format!("LA_{}", label.id),
                })
            }
            (Node::Milestone(id, number), _) => {
                let milestone = self.repos[id]
                    .milestones
                    .iter()
                    .find(|known| known.number == *number)
                    .unwrap();
                match name {
                    "number" => Found::value(milestone.number),
                    "title" => Found::value(milestone.title.clone()),
                    _ => Found::value(format!("MI_{}", milestone.id)),
                }
            }
            (Node::RateLimit, _) => Found::value(match name {
                "limit" => json!(self.limits.hourly),
                "remaining" => json!(self.limits.hourly.saturating_sub(self.limits.used)),
                "used" => json!(self.limits.used),
                "cost" => json!(1),
                _ => json!("2038-01-19T03:14:07Z"),
            }),
            _ => panic!("the hub has no answer for {}.{name}", of.type_name()),
        }
    }

    /// Why an item of a list is not shown to who asks: fine-grained tokens see no checks.
    pub(super) fn hidden(node: &Node, token: &Token) -> Option<&'static str> {
        let TokenKind::FineGrained(given) = &token.kind else {
            return None;
        };
        let may = |permission: &str| given.iter().any(|(known, _)| *known == permission);
        let hides = match node {
            Node::Check(..) => !may("checks"),
            Node::Status(..) => !may("statuses"),
            _ => false,
        };
        hides.then_some("Resource not accessible by personal access token")
    }

    fn repository_of(&self, owner: &str, name: &str, token: &Token) -> Found {
        let slug = format!("{owner}/{name}");
        let id = self.repo_id(&slug).filter(|id| {
            let repo = &self.repos[id];
            repo.role(&token.login).is_some() && repo.appears_in == 0
        });
        if let Some(id) = id {
            Found::Node(Node::Repository(id))
        } else {
            let words = format!("Could not resolve to a Repository with the name '{slug}'.");
            Found::Refused("NOT_FOUND", words)
        }
    }

    fn node_of(&self, id: &str, token: &Token) -> Found {
        match self.pull_by_node(id) {
            Some((repo, number)) if self.repos[&repo].role(&token.login).is_some() => {
                Found::Node(Node::Pull(repo, number))
            }
            _ => Found::Refused(
                "NOT_FOUND",
                format!("Could not resolve to a node with the global id of '{id}'."),
            ),
        }
    }

    /// The pull request of a GraphQL name.
    pub(super) fn pull_by_node(&self, id: &str) -> Option<(u64, u64)> {
        self.repos.values().find_map(|repo| {
            let found = repo
                .issues
                .iter()
                .find(|issue| issue.pull.is_some() && node(issue) == id)?;
            Some((repo.id, found.number))
        })
    }

    fn as_node(&self, login: &str) -> Node {
        if self.organisations.contains(login) {
            Node::Organization(login.to_owned())
        } else {
            Node::User(login.to_owned())
        }
    }

    fn account_field(&self, login: &str, name: &str) -> Found {
        Found::value(match name {
            "login" => login.to_owned(),
            "url" => format!("{}/{login}", self.html()),
            _ => format!("U_{login}"),
        })
    }

    fn repository_field(
        &self,
        repo: &Repo,
        name: &str,
        arguments: &Arguments,
        token: &Token,
    ) -> Found {
        let text = |name: &str| arguments.get(name).and_then(Value::as_str);
        let at = |branch: &str| {
            let commit = repo.bare.branch(branch)?;
            Some(Node::Ref(repo.id, branch.to_owned(), commit))
        };
        match name {
            "id" => Found::value(format!("R_{}", repo.id)),
            "name" => Found::value(repo.name.clone()),
            "nameWithOwner" => Found::value(repo.slug()),
            "url" => Found::value(format!("{}/{}", self.html(), repo.slug())),
            "owner" => Found::Node(self.as_node(&repo.owner)),
            "isArchived" => Found::value(repo.archived),
            "isDisabled" => Found::value(repo.disabled),
            "isFork" => Found::value(repo.fork_of.is_some()),
            "isPrivate" => Found::value(repo.private),
            "hasIssuesEnabled" => Found::value(repo.has_issues),
            "autoMergeAllowed" => Found::value(repo.allow_auto_merge),
            "mergeCommitAllowed" => Found::value(repo.methods.contains("merge")),
            "squashMergeAllowed" => Found::value(repo.methods.contains("squash")),
            "rebaseMergeAllowed" => Found::value(repo.methods.contains("rebase")),
            "defaultBranchRef" => Found::some(at(&repo.default_branch)),
            "ref" => {
                let wanted = text("qualifiedName").unwrap_or_default();
                Found::some(at(wanted.strip_prefix("refs/heads/").unwrap_or(wanted)))
            }
            "viewerPermission" => Found::value(match repo.role(&token.login) {
                None => Value::Null,
                Some(role) => json!(match role {
                    Role::Read => "READ",
                    Role::Triage => "TRIAGE",
                    Role::Write => "WRITE",
                    Role::Maintain => "MAINTAIN",
                    Role::Admin => "ADMIN",
                }),
            }),
            "mergeQueue" => {
                let branch = text("branch").unwrap_or(&repo.default_branch);
                let has = repo.rule(branch).queue;
                Found::some(has.then(|| Node::Queue(repo.id, branch.to_owned())))
            }
            "pullRequest" => {
                let number = arguments["number"].as_u64().unwrap_or_default();
                if repo.pull(number).is_some() {
                    Found::Node(Node::Pull(repo.id, number))
                } else {
                    let words =
                        format!("Could not resolve to a PullRequest with the number of {number}.");
                    Found::Refused("NOT_FOUND", words)
                }
            }
            "pullRequests" => pulls_of(repo, arguments),
            _ => panic!("the hub has no answer for Repository.{name}"),
        }
    }

    fn pull_field(&self, repo: &Repo, issue: &Issue, name: &str, arguments: &Arguments) -> Found {
        let pull = issue.pull.as_ref().unwrap();
        let (id, number) = (repo.id, issue.number);
        let merged = pull.merged.as_ref();
        match name {
            "id" => Found::value(node(issue)),
            "number" => Found::value(number),
            "title" => Found::value(issue.title.clone()),
            "body" => Found::value(issue.body.clone().unwrap_or_default()),
            "url" => Found::value(format!("{}/{}/pull/{number}", self.html(), repo.slug())),
            "closed" => Found::value(!issue.open),
            "merged" => Found::value(merged.is_some()),
            "mergedAt" => Found::value(merged.map(|merged| stamp(merged.at))),
            "state" => Found::value(match (issue.open, merged) {
                (true, _) => "OPEN",
                (false, Some(_)) => "MERGED",
                (false, None) => "CLOSED",
            }),
            "isDraft" => Found::value(pull.draft),
            "createdAt" => Found::value(stamp(issue.created)),
            "updatedAt" => Found::value(stamp(issue.updated)),
            "author" => Found::Node(self.as_node(&issue.author)),
            "headRefName" => Found::value(pull.head.clone()),
            "headRefOid" => Found::value(pull.head_oid.to_string()),
            "headRepositoryOwner" => Found::Node(self.as_node(&pull.head_owner)),
            "headRepository" => Found::Node(Node::Repository(pull.head_repo)),
            "isCrossRepository" => Found::value(pull.head_repo != id),
            "baseRefName" => Found::value(pull.base.clone()),
            "baseRefOid" => Found::value(pull.base_oid.to_string()),
            "mergeCommit" => Found::some(merged.map(|merged| Node::Commit(id, merged.commit))),
            "milestone" => Found::some(issue.milestone.map(|number| Node::Milestone(id, number))),
            "reviewDecision" => Found::value(match pull.review {
                Verdict::Approved => json!("APPROVED"),
                Verdict::ChangesRequested => json!("CHANGES_REQUESTED"),
                Verdict::Nothing if repo.rule(&pull.base).review => json!("REVIEW_REQUIRED"),
                Verdict::Nothing => Value::Null,
            }),
            "mergeable" => Found::value(match self.way(repo, issue, pull).mergeable() {
                None => "UNKNOWN",
                Some(true) => "MERGEABLE",
                Some(false) => "CONFLICTING",
            }),
            "mergeStateStatus" => {
                let way: Way = self.way(repo, issue, pull);
                Found::value(way.as_rest().to_uppercase())
            }
            "isInMergeQueue" => Found::value(pull.queued),
            "mergeQueueEntry" => Found::some(pull.queued.then_some(Node::Entry(id, number))),
            "autoMergeRequest" => Found::some(
                pull.auto_merge
                    .as_ref()
                    .map(|_| Node::AutoMerge(id, number)),
            ),
            "statusCheckRollup" => rollup_of(repo, pull.head_oid),
            "labels" => {
                let labels = repo
                    .labels
                    .iter()
                    .filter(|label| issue.labels.contains(&label.name));
                let all: Vec<Node> = labels.map(|label| Node::Label(id, label.id)).collect();
                Found::page("labels", "LabelConnection", &all, arguments)
            }
            "commits" => {
                // Only the last is known: the head.
                let all = [Node::PullCommit(id, number)];
                Found::page("commits", "PullRequestCommitConnection", &all, arguments)
            }
            _ => panic!("the hub has no answer for PullRequest.{name}"),
        }
    }

    fn auto_merge_field(&self, id: u64, number: u64, name: &str) -> Found {
        let (_, pull) = self.repos[&id].pull(number).unwrap();
        let auto = pull.auto_merge.as_ref().unwrap();
        match name {
            "enabledAt" => Found::value(stamp(auto.at)),
            "enabledBy" => Found::Node(self.as_node(&auto.by)),
            "mergeMethod" => Found::value(auto.method.to_uppercase()),
            _ => Found::Node(Node::Pull(id, number)),
        }
    }
}

/// A repository's pull requests, as asked for.
fn pulls_of(repo: &Repo, arguments: &Arguments) -> Found {
    let text = |name: &str| arguments.get(name).and_then(Value::as_str);
    let states = arguments.get("states").and_then(Value::as_array);
    let order = arguments.get("orderBy");
    let mut found: Vec<&Issue> = repo
        .issues
        .iter()
        .filter(|issue| {
            let Some(pull) = &issue.pull else {
                return false;
            };
            let state = match (issue.open, &pull.merged) {
                (true, _) => "OPEN",
                (false, Some(_)) => "MERGED",
                (false, None) => "CLOSED",
            };
            states.is_none_or(|states| states.iter().any(|wanted| wanted == state))
                && text("headRefName").is_none_or(|name| name == pull.head)
                && text("baseRefName").is_none_or(|name| name == pull.base)
        })
        .collect();
    if order.is_some_and(|order| order["field"] == "UPDATED_AT") {
        found.sort_by_key(|issue| (issue.updated, issue.number));
    }
    if order.is_some_and(|order| order["direction"] == "DESC") {
        found.reverse();
    }
    let all: Vec<Node> = found
        .iter()
        .map(|issue| Node::Pull(repo.id, issue.number))
        .collect();
    Found::page("pullRequests", "PullRequestConnection", &all, arguments)
}

fn commit_field(repo: &Repo, commit: Oid, name: &str) -> Found {
    match name {
        "oid" => Found::value(commit.to_string()),
        "messageHeadline" => Found::value(repo.bare.title(commit)),
        "statusCheckRollup" => rollup_of(repo, commit),
        _ => Found::value(format!("C_{commit}")),
    }
}

fn rollup_of(repo: &Repo, commit: Oid) -> Found {
    let has = repo
        .checks
        .get(&commit)
        .is_some_and(|checks| !checks.is_empty());
    Found::some(has.then_some(Node::Rollup(repo.id, commit)))
}

fn rollup_field(repo: &Repo, commit: Oid, name: &str, arguments: &Arguments) -> Found {
    let checks = &repo.checks[&commit];
    match name {
        "state" => {
            let is = |state: &str| checks.iter().any(|check| check.state.as_status() == state);
            Found::value(match (is("FAILURE"), is("PENDING")) {
                (true, _) => "FAILURE",
                (false, true) => "PENDING",
                (false, false) => "SUCCESS",
            })
        }
        "contexts" => {
            let node = |(at, check): (usize, &Check)| {
                if check.is_status {
                    Node::Status(repo.id, commit, at)
                } else {
                    Node::Check(repo.id, commit, at)
                }
            };
            let all: Vec<Node> = checks.iter().enumerate().map(node).collect();
            Found::page(
                "contexts",
                "StatusCheckRollupContextConnection",
                &all,
                arguments,
            )
        }
        _ => Found::value(format!("SCR_{commit}")),
    }
}

fn check_field(
    repo: &Repo,
    commit: Oid,
    check: &Check,
    name: &str,
    arguments: &Arguments,
) -> Found {
    let (status, conclusion) = check.state.as_run();
    match name {
        "name" | "context" => Found::value(check.name.clone()),
        "status" => Found::value(status),
        "conclusion" => Found::value(conclusion),
        "state" => Found::value(check.state.as_status()),
        "isRequired" => {
            let by_number = arguments.get("pullRequestNumber").and_then(Value::as_u64);
            let by_node = arguments.get("pullRequestId").and_then(Value::as_str);
            let is_it = |issue: &&Issue| {
                Some(issue.number) == by_number || Some(node(issue).as_str()) == by_node
            };
            let pull = repo
                .issues
                .iter()
                .find(is_it)
                .and_then(|issue| issue.pull.as_ref());
            let Some(pull) = pull else {
                return Found::Refused(
                    "UNPROCESSABLE",
                    "A pull request is needed to tell what is required.".to_owned(),
                );
            };
            let checks = repo.checks_of(commit, &pull.base);
            Found::value(
                checks
                    .iter()
                    .any(|other| other.id == check.id && other.required),
            )
        }
        _ => Found::value(format!("CR_{}", check.id)),
    }
}

fn page_field(page: &Page, name: &str) -> Found {
    let cursor = |place: usize| (!page.nodes.is_empty()).then(|| format!("c{place}"));
    match name {
        "hasNextPage" => Found::value(page.to < page.total),
        "hasPreviousPage" => Found::value(page.from > 0),
        "endCursor" => Found::value(cursor(page.to)),
        _ => Found::value(cursor(page.from + 1)),
    }
}
