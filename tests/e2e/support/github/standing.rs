//! What stands between a pull request and its base, worked out from commits, rules and checks; and what happens by itself:
//! heads that move or vanish, pull requests that merge once they may.

use git2::Oid;
use jiff::Timestamp;

use super::state::{CheckState, Issue, Merged, Pull, Repo, State, Verdict};

/// What stands between a pull request and its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Unknown,
    Dirty,
    Draft,
    Blocked,
    Behind,
    Unstable,
    Clean,
}

impl Way {
    /// As `mergeable_state`.
    pub fn as_rest(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Dirty => "dirty",
            Self::Draft => "draft",
            Self::Blocked => "blocked",
            Self::Behind => "behind",
            Self::Unstable => "unstable",
            Self::Clean => "clean",
        }
    }

    pub fn mergeable(self) -> Option<bool> {
        (self != Self::Unknown).then_some(self != Self::Dirty)
    }
}

impl State {
    /// How far a pull request is. Of one that is merged or closed GitHub does not say.
    pub fn way(&self, repo: &Repo, issue: &Issue, pull: &Pull) -> Way {
        if !issue.open || pull.asked < self.unknown_asks {
            return Way::Unknown;
        }
        let rule = repo.rule(&pull.base);
        let Some(base) = repo.bare.branch(&pull.base) else {
            return Way::Unknown;
        };
        if repo.bare.merged_tree(base, pull.head_oid).is_none() {
            return Way::Dirty;
        }
        if pull.draft {
            return Way::Draft;
        }
        let checks = repo.checks_of(pull.head_oid, &pull.base);
        let passed = |state: CheckState| state.as_status() == "SUCCESS";
        let met = |name: &String| {
            checks
                .iter()
                .any(|check| check.name == *name && passed(check.state))
        };
        let required = checks.iter().filter(|check| check.required);
        let reviewed = match pull.review {
            Verdict::Approved => true,
            Verdict::Nothing | Verdict::ChangesRequested => !rule.review,
        };
        if !reviewed
            || !rule.checks.iter().all(met)
            || !required.clone().all(|check| passed(check.state))
        {
            return Way::Blocked;
        }
        if rule.strict && !repo.bare.holds(pull.head_oid, base) {
            return Way::Behind;
        }
        if checks.iter().any(|check| !passed(check.state)) {
            return Way::Unstable;
        }
        Way::Clean
    }

    /// Brings a repository's open pull requests up to what was pushed, and merges those that merge by themselves.
    pub fn refresh(&mut self, id: u64) {
        let numbers: Vec<u64> = {
            let repo = &self.repos[&id];
            let open = repo
                .issues
                .iter()
                .filter(|issue| issue.open && issue.pull.is_some());
            open.map(|issue| issue.number).collect()
        };
        for number in numbers {
            self.follow(id, number);
            self.merge_by_itself(id, number);
        }
    }

    /// One pull request up to what was pushed.
    fn follow(&mut self, id: u64, number: u64) {
        let (_, pull) = self.repos[&id].pull(number).unwrap();
        let head = self
            .repos
            .get(&pull.head_repo)
            .and_then(|repo| repo.bare.branch(&pull.head));
        let mut pull = pull.clone();
        let repo = self.repos.get_mut(&id).unwrap();
        let base = repo.bare.branch(&pull.base);
        if base.is_none() {
            // A base that was merged and deleted hands its pull requests on to its own.
            let merged = |issue: &&Issue| {
                let pull_of = issue.pull.as_ref().filter(|other| other.merged.is_some());
                pull_of.is_some_and(|other| other.head == pull.base && other.head_repo == id)
            };
            let next = repo.issues.iter().rev().find(merged);
            if let Some(next) = next.and_then(|issue| issue.pull.as_ref()) {
                pull.base.clone_from(&next.base);
            }
        }
        let base = repo.bare.branch(&pull.base);
        let mut open = true;
        match (base, head) {
            (Some(base), Some(head)) => {
                if head != pull.head_oid {
                    pull.head_oid = head;
                    pull.asked = 0;
                }
                repo.bare.point(&format!("refs/pull/{number}/head"), head);
                if base != pull.base_oid && repo.bare.holds(base, head) {
                    open = false;
                    pull.merged = Some(Merged {
                        commit: head,
                        by: repo.owner.clone(),
                        at: Timestamp::now(),
                    });
                }
                pull.base_oid = base;
            }
            (None, _) | (_, None) => open = false,
        }
        let issue = repo.issue_mut(number).unwrap();
        issue.pull = Some(pull);
        if !open {
            issue.open = false;
            issue.closed = Some(Timestamp::now());
        }
    }

    fn merge_by_itself(&mut self, id: u64, number: u64) {
        let repo = &self.repos[&id];
        let (issue, pull) = repo.pull(number).unwrap();
        let way = self.way(repo, issue, pull);
        if !issue.open || !matches!(way, Way::Clean | Way::Unstable) {
            return;
        }
        let (method, by) = match &pull.auto_merge {
            Some(auto) => (auto.method, auto.by.clone()),
            None if pull.queued => ("merge", issue.author.clone()),
            None => return,
        };
        self.merge_pull(id, number, method, None, &by);
    }

    /// Merges one that fits; the merge commit, or none where it conflicts after all.
    pub fn merge_pull(
        &mut self,
        id: u64,
        number: u64,
        method: &str,
        title: Option<&str>,
        by: &str,
    ) -> Option<Oid> {
        let repo = self.repos.get_mut(&id).unwrap();
        let bare = repo.bare.clone();
        let delete = repo.delete_merged;
        let (issue, mut pull) = repo.pull_mut(number)?;
        let base = bare.branch(&pull.base)?;
        let commit = match method {
            "rebase" => bare.rebased(base, pull.head_oid, by)?,
            "squash" => {
                let tree = bare.merged_tree(base, pull.head_oid)?;
                let usual = format!("{} (#{number})", issue.title);
                bare.commit(tree, &[base], title.unwrap_or(&usual), by)
            }
            _ => {
                let tree = bare.merged_tree(base, pull.head_oid)?;
                let usual = format!(
                    "Merge pull request #{number} from {}/{}",
                    pull.head_owner, pull.head
                );
                let words = format!("{}\n\n{}", title.unwrap_or(&usual), issue.title);
                bare.commit(tree, &[base, pull.head_oid], &words, by)
            }
        };
        bare.point(&format!("refs/heads/{}", pull.base), commit);
        let now = Timestamp::now();
        pull.merged = Some(Merged {
            commit,
            by: by.to_owned(),
            at: now,
        });
        (pull.queued, pull.auto_merge) = (false, None);
        let (head, head_repo) = (pull.head.clone(), pull.head_repo);
        issue.pull = Some(pull);
        issue.open = false;
        issue.closed = Some(now);
        issue.updated = now;
        if delete && head_repo == id {
            bare.delete(&head);
        }
        Some(commit)
    }
}
