//! What GraphQL changes: auto-merge, drafts, the merge queue.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::node::Node;
use crate::support::github::standing::Way;
use crate::support::github::state::{AutoMerge, Role, State};
use crate::support::github::tokens::{Token, TokenKind};

/// The type of an error, and its words.
type Refusal = (&'static str, String);

impl State {
    /// Makes a change; what it answers.
    pub(super) fn mutate(
        &mut self,
        name: &str,
        arguments: &Map<String, Value>,
        token: &Token,
    ) -> Result<Node, Refusal> {
        let input = &arguments["input"];
        let text = |name: &str| input[name].as_str().unwrap_or_default();
        let key = if name == "dequeuePullRequest" {
            "id"
        } else {
            "pullRequestId"
        };
        let node = text(key);
        let gone = || {
            (
                "NOT_FOUND",
                format!("Could not resolve to a node with the global id of '{node}'."),
            )
        };
        let (id, number) = self.pull_by_node(node).ok_or_else(gone)?;
        self.may(id, name, token)?;
        let repo = &self.repos[&id];
        let (issue, pull) = repo.pull(number).unwrap();
        let no = |words: &str| Err(("UNPROCESSABLE", words.to_owned()));
        let expected = input["expectedHeadOid"].as_str();
        if expected.is_some_and(|expected| expected != pull.head_oid.to_string()) {
            return no("Head branch was modified. Review and try the merge again.");
        }
        if !issue.open {
            return no("Pull request is closed");
        }
        let mut pull = pull.clone();
        match name {
            "enablePullRequestAutoMerge" => {
                if !repo.allow_auto_merge {
                    return no("Pull request Auto merge is not allowed for this repository");
                }
                let method = match text("mergeMethod") {
                    "SQUASH" => "squash",
                    "REBASE" => "rebase",
                    _ => "merge",
                };
                if !repo.methods.contains(method) {
                    return no("Pull request Merge method is not allowed on this repository");
                }
                match self.way(repo, issue, &pull) {
                    Way::Clean => return no("Pull request Pull request is in clean status"),
                    Way::Unstable => return no("Pull request Pull request is in unstable status"),
                    Way::Dirty => return no("Pull request Pull request is in dirty status"),
                    Way::Draft => return no("Pull request Pull request is in draft state"),
                    Way::Unknown | Way::Blocked | Way::Behind => {}
                }
                pull.auto_merge = Some(AutoMerge {
                    by: token.login.clone(),
                    method,
                    at: Timestamp::now(),
                });
            }
            "disablePullRequestAutoMerge" => {
                if pull.auto_merge.take().is_none() {
                    return no("Can't disable auto-merge for this pull request.");
                }
            }
            "markPullRequestReadyForReview" => pull.draft = false,
            "convertPullRequestToDraft" => {
                pull.draft = true;
                pull.auto_merge = None;
            }
            "enqueuePullRequest" => {
                if !repo.rule(&pull.base).queue {
                    return no("Merge queue is not enabled for the base branch");
                }
                if matches!(
                    self.way(repo, issue, &pull),
                    Way::Dirty | Way::Draft | Way::Blocked
                ) {
                    return no("Pull request is not in a mergeable state");
                }
                pull.queued = true;
            }
            "dequeuePullRequest" => pull.queued = false,
            _ => panic!("the hub has no answer for Mutation.{name}"),
        }
        let issue = self.repos.get_mut(&id).unwrap().issue_mut(number).unwrap();
        issue.pull = Some(pull);
        let (first, rest) = name.split_at(1);
        Ok(Node::Payload(
            format!("{}{rest}Payload", first.to_uppercase()),
            id,
            number,
        ))
    }

    /// Whether who asks may change that.
    fn may(&self, id: u64, name: &str, token: &Token) -> Result<(), Refusal> {
        let repo = &self.repos[&id];
        match &token.kind {
            TokenKind::Classic(scopes) => {
                let enough =
                    scopes.contains(&"repo") || (!repo.private && scopes.contains(&"public_repo"));
                if !enough {
                    let words = format!(
                        "Your token has not been granted the required scopes to execute this query. The '{name}' field requires \
                         one of the following scopes: ['public_repo', 'repo'], but your token has only been granted the: \
                         {scopes:?} scopes. Please modify your token's scopes at: https://github.com/settings/tokens.",
                    );
                    return Err(("INSUFFICIENT_SCOPES", words));
                }
            }
            TokenKind::FineGrained(given) => {
                if !given.contains(&("pull_requests", "write")) {
                    return Err((
                        "FORBIDDEN",
                        "Resource not accessible by personal access token".to_owned(),
                    ));
                }
            }
        }
        let role = repo.role(&token.login);
        let words = || {
            let (first, rest) = name.split_at(1);
            let name = format!("{}{rest}", first.to_uppercase());
            (
                "FORBIDDEN",
                format!(
                    "{} does not have the correct permissions to execute `{name}`",
                    token.login
                ),
            )
        };
        (role >= Some(Role::Write)).then_some(()).ok_or_else(words)
    }
}
