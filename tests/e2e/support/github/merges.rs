//! Merges by REST: a pull request into its base, and the base into a pull request's branch.

use git2::Oid;
use serde_json::json;

use super::reply::Reply;
use super::routes::{Ask, at_least};
use super::standing::Way;
use super::state::{Role, State};

impl State {
    pub(super) fn put_merge(&mut self, ask: &Ask, id: u64, number: u64, role: Role) -> Reply {
        let method = ask.text("merge_method").unwrap_or("merge").to_owned();
        if let Err(refusal) = self.judge_merge(ask, id, number, &method, role) {
            return refusal;
        }
        let title = ask.text("commit_title");
        match self.merge_pull(id, number, &method, title, ask.login()) {
            Some(commit) => Reply::ok(json!({
                "sha": commit.to_string(), "merged": true, "message": "Pull Request successfully merged",
            })),
            None => Reply::refused(405, "Pull Request is not mergeable"),
        }
    }

    fn judge_merge(
        &self,
        ask: &Ask,
        id: u64,
        number: u64,
        method: &str,
        role: Role,
    ) -> Result<(), Reply> {
        let repo = &self.repos[&id];
        let (issue, pull) = repo.pull(number).ok_or_else(Reply::not_found)?;
        at_least(role, Role::Write)?;
        let no = |words: &str| Err(Reply::refused(405, words));
        if !issue.open {
            return no("Pull Request is not mergeable");
        }
        if !repo.methods.contains(method) {
            return no(match method {
                "squash" => "Squash merges are not allowed on this repository.",
                "rebase" => "Rebase merges are not allowed on this repository.",
                _ => "Merge commits are not allowed on this repository.",
            });
        }
        let head = pull.head_oid.to_string();
        if ask.text("sha").is_some_and(|sha| sha != head) {
            let words = "Head branch was modified. Review and try the merge again.";
            return Err(Reply::refused(409, words));
        }
        if repo.rule(&pull.base).queue {
            return no(
                "Repository rule violations found\n\nChanges must be made through the merge queue\n\n",
            );
        }
        let asked = self.unknown_asks > pull.asked;
        match self.way(repo, issue, pull) {
            Way::Clean | Way::Unstable => Ok(()),
            Way::Unknown if asked => {
                no("Base branch was modified. Review and try the merge again.")
            }
            Way::Unknown | Way::Dirty => no("Pull Request is not mergeable"),
            Way::Draft => no("Pull Request is still a draft"),
            Way::Behind => {
                let words = format!(
                    "Head branch {} is not up to date with the base branch",
                    pull.head
                );
                no(&words)
            }
            Way::Blocked => {
                let rule = repo.rule(&pull.base);
                let words = if rule.review {
                    "At least 1 approving review is required by reviewers with write access."
                } else {
                    "Required status check is expected."
                };
                no(words)
            }
        }
    }

    pub(super) fn update_branch(&mut self, ask: &Ask, id: u64, number: u64, role: Role) -> Reply {
        match self.bring_up(ask, id, number, role) {
            Ok(()) => {
                let url = format!("{}/{}/pull/{number}", self.html(), self.repos[&id].slug());
                Reply::new(
                    202,
                    json!({ "message": "Updating pull request branch.", "url": url }),
                )
            }
            Err(refusal) => refusal,
        }
    }

    fn bring_up(&mut self, ask: &Ask, id: u64, number: u64, role: Role) -> Result<(), Reply> {
        let repo = &self.repos[&id];
        let (_, pull) = repo.pull(number).ok_or_else(Reply::not_found)?;
        at_least(role, Role::Write)?;
        let head: Oid = pull.head_oid;
        let expected = ask.text("expected_head_sha");
        if expected.is_some_and(|expected| expected != head.to_string()) {
            let words = "expected_head_sha does not match the current head of the pull request";
            return Err(Reply::refused(422, words));
        }
        let base = repo.bare.branch(&pull.base).ok_or_else(Reply::not_found)?;
        if repo.bare.holds(head, base) {
            return Err(Reply::refused(
                422,
                "There are no new commits on the base branch.",
            ));
        }
        let conflict = || Reply::refused(422, "merge conflict between base and head");
        let tree = repo.bare.merged_tree(base, head).ok_or_else(conflict)?;
        let words = format!("Merge branch '{}' into {}", pull.base, pull.head);
        let commit = repo.bare.commit(tree, &[head, base], &words, ask.login());
        let of = &self.repos[&pull.head_repo].bare;
        of.point(&format!("refs/heads/{}", pull.head), commit);
        self.refresh(id);
        Ok(())
    }
}
