//! [`Repository`]: a repository of the hub as a test sets it up and looks into it.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

use super::hub::Hub;
use super::state::{Check, CheckState, Issue, Milestone, Pull, Repo, Role, Rule, Verdict};
use super::views::IssueView;

/// A repository of a hub. What is set can be chained.
#[derive(Clone, Copy)]
pub struct Repository<'a> {
    pub(super) hub: &'a Hub,
    pub(super) id: u64,
}

impl Repository<'_> {
    fn set(self, set: impl FnOnce(&mut Repo)) -> Self {
        set(self.hub.state().repos.get_mut(&self.id).unwrap());
        self
    }

    fn rule(self, branch: &str, set: impl FnOnce(&mut Rule)) -> Self {
        self.set(|repo| set(repo.rules.entry(branch.to_owned()).or_default()))
    }

    fn issue(self, number: u64, set: impl FnOnce(&mut Issue)) -> Self {
        self.set(|repo| set(repo.issue_mut(number).unwrap()))
    }

    fn pull(self, number: u64, set: impl FnOnce(&mut Pull)) -> Self {
        self.issue(number, |issue| set(issue.pull.as_mut().unwrap()))
    }

    /// `owner/name`, as it is now.
    pub fn slug(self) -> String {
        self.hub.state().repos[&self.id].slug()
    }

    /// The bare repository on the disk.
    pub fn path(self) -> PathBuf {
        self.hub.state().repos[&self.id].bare.path.clone()
    }

    /// Runs git in the bare repository; trimmed output.
    #[track_caller]
    pub fn git<A: AsRef<OsStr>>(self, args: impl IntoIterator<Item = A>) -> String {
        let args: Vec<_> = args
            .into_iter()
            .map(|arg| arg.as_ref().to_owned())
            .collect();
        let output = Command::new("git")
            .arg("-C")
            .arg(self.path())
            .args(&args)
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {words}");
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }

    /// The commit that a branch is at; none where there is no such branch.
    pub fn branch(self, name: &str) -> Option<String> {
        let bare = self.hub.state().repos[&self.id].bare.clone();
        bare.branch(name).map(|commit| commit.to_string())
    }

    /// A person pushes a commit that writes a file to a branch, which begins at the default branch where there is none;
    /// the commit.
    pub fn push(self, branch: &str, path: &str, text: &str) -> String {
        let (bare, default) = {
            let state = self.hub.state();
            let repo = &state.repos[&self.id];
            (repo.bare.clone(), repo.default_branch.clone())
        };
        let parent = bare.branch(branch).or_else(|| bare.branch(&default));
        let commit = bare.grown(parent, path, text, "ada");
        bare.point(&format!("refs/heads/{branch}"), commit);
        commit.to_string()
    }

    /// Gives somebody a role in it.
    pub fn collaborator(self, login: &str, role: Role) -> Self {
        self.hub.user(login);
        self.set(|repo| {
            repo.collaborators.insert(login.to_owned(), role);
        })
    }

    /// Somebody has no part in it any more.
    pub fn stranger(self, login: &str) -> Self {
        self.set(|repo| {
            repo.collaborators.remove(login);
        })
    }

    /// Gives a team, `organisation/team`, access.
    pub fn team(self, slug: &str) -> Self {
        self.set(|repo| {
            repo.teams.insert(slug.to_owned());
        })
    }

    pub fn private(self) -> Self {
        self.set(|repo| repo.private = true)
    }

    pub fn archived(self) -> Self {
        self.set(|repo| repo.archived = true)
    }

    pub fn disabled(self) -> Self {
        self.set(|repo| repo.disabled = true)
    }

    pub fn without_issues(self) -> Self {
        self.set(|repo| repo.has_issues = false)
    }

    pub fn without_auto_merge(self) -> Self {
        self.set(|repo| repo.allow_auto_merge = false)
    }

    pub fn without_forks(self) -> Self {
        self.set(|repo| repo.allow_forks = false)
    }

    /// The only ways of merging: `merge`, `squash`, `rebase`.
    pub fn methods(self, methods: &[&'static str]) -> Self {
        self.set(|repo| repo.methods = methods.iter().copied().collect())
    }

    /// Branches are deleted once they are merged.
    pub fn deletes_merged(self) -> Self {
        self.set(|repo| repo.delete_merged = true)
    }

    /// Only who has this role may make labels.
    pub fn labels_by(self, role: Role) -> Self {
        self.set(|repo| repo.labels_by = role)
    }

    /// One user can have so many pull requests open.
    pub fn max_open(self, most: usize) -> Self {
        self.set(|repo| repo.max_open = Some(most))
    }

    /// Adds a label.
    pub fn label(self, name: &str) -> Self {
        self.hub.state().new_label(self.id, name, "ededed", None);
        self
    }

    /// Adds a milestone.
    pub fn milestone(self, title: &str) -> Self {
        let id = self.hub.state().id();
        self.set(|repo| {
            let number = repo.milestones.len() as u64 + 1;
            repo.milestones.push(Milestone {
                id,
                number,
                title: title.to_owned(),
                open: true,
            });
        })
    }

    /// A branch that cannot be pushed to.
    pub fn protected(self, branch: &str) -> Self {
        let hook = self.path().join("hooks/pre-receive");
        std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
        let list = self.path().join("protected");
        let mut protected = std::fs::read_to_string(&list).unwrap_or_default();
        protected.push_str(&format!("refs/heads/{branch}\n"));
        std::fs::write(list, protected).unwrap();
        std::fs::write(&hook, PROTECT).unwrap();
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(hook, executable).unwrap();
        self.rule(branch, |rule| rule.protected = true)
    }

    /// What is merged into a branch must hold all that the branch holds.
    pub fn strict(self, branch: &str) -> Self {
        self.rule(branch, |rule| rule.strict = true)
    }

    /// What is merged into a branch needs an approval.
    pub fn requires_review(self, branch: &str) -> Self {
        self.rule(branch, |rule| rule.review = true)
    }

    /// What is merged into a branch needs this check to pass.
    pub fn requires_check(self, branch: &str, name: &str) -> Self {
        self.rule(branch, |rule| {
            rule.checks.insert(name.to_owned());
        })
    }

    /// A branch has a merge queue, which merges as soon as all is well.
    pub fn merge_queue(self, branch: &str) -> Self {
        self.rule(branch, |rule| rule.queue = true)
    }

    /// Gives it another name; the old one leads to it.
    pub fn renamed(self, slug: &str) -> Self {
        let (owner, name) = slug.split_once('/').unwrap();
        self.hub
            .state()
            .names
            .insert(slug.to_ascii_lowercase(), self.id);
        self.set(|repo| (repo.owner, repo.name) = (owner.to_owned(), name.to_owned()))
    }

    /// Takes it away.
    pub fn gone(self) {
        self.hub.state().names.retain(|_, id| *id != self.id);
    }

    /// Reports a check of a commit, or of the head of a pull request given as `#7`; a check of this name is replaced.
    pub fn check(self, of: &str, name: &str, state: CheckState, required: bool) -> Self {
        self.report(of, name, state, required, false)
    }

    /// As [`Repository::check`], by the older commit statuses.
    pub fn status(self, of: &str, name: &str, state: CheckState, required: bool) -> Self {
        self.report(of, name, state, required, true)
    }

    fn report(
        self,
        of: &str,
        name: &str,
        state: CheckState,
        required: bool,
        is_status: bool,
    ) -> Self {
        let id = self.hub.state().id();
        self.hub.state().refresh(self.id);
        self.set(|repo| {
            let commit = match of.strip_prefix('#') {
                Some(number) => repo.pull(number.parse().unwrap()).unwrap().1.head_oid,
                None => of.parse().unwrap(),
            };
            let checks = repo.checks.entry(commit).or_default();
            checks.retain(|check| check.name != name);
            checks.push(Check {
                id,
                name: name.to_owned(),
                state,
                required,
                is_status,
            });
        })
    }

    /// A reviewer approves a pull request, or wants changes.
    pub fn review(self, number: u64, verdict: Verdict) -> Self {
        self.pull(number, |pull| pull.review = verdict)
    }

    /// A person closes an issue or a pull request.
    pub fn close(self, number: u64) -> Self {
        self.issue(number, |issue| issue.open = false)
    }

    /// A person edits a body.
    pub fn edit_body(self, number: u64, body: &str) -> Self {
        self.issue(number, |issue| issue.body = Some(body.to_owned()))
    }

    /// A person merges a pull request; the merge commit.
    #[track_caller]
    pub fn merge(self, number: u64, method: &'static str) -> String {
        let mut state = self.hub.state();
        state.refresh(self.id);
        let commit = state.merge_pull(self.id, number, method, None, "ada");
        commit.expect("it does not fit its base").to_string()
    }

    /// A person opens an issue; its number.
    pub fn open_issue(self, title: &str, body: &str) -> u64 {
        let ask = serde_json::json!({ "title": title, "body": body });
        self.hub.state().add_issue(self.id, "ada", &ask, None)
    }

    /// A person opens a pull request for a branch, to be merged into `main`; its number.
    pub fn open_pull(self, head: &str, title: &str) -> u64 {
        let ask = serde_json::json!({ "title": title, "body": "By hand.", "base": "main" });
        let mut state = self.hub.state();
        state.add_pull(self.id, "ada", &ask, self.id, head)
    }

    /// Its issues that are no pull requests, oldest first.
    pub fn issues(self) -> Vec<IssueView> {
        let state = self.hub.state();
        let issues = state.repos[&self.id].issues.iter();
        issues
            .filter(|issue| issue.pull.is_none())
            .map(IssueView::of)
            .collect()
    }
}

/// Refuses a push to what is listed as protected, in GitHub's words.
const PROTECT: &str = r#"#!/bin/sh
refused=0
while read -r old new ref; do
    if grep -qxF -- "$ref" protected; then
        echo "error: GH006: Protected branch update failed for $ref." >&2
        echo "error: Changes must be made through a pull request." >&2
        refused=1
    fi
done
exit $refused
"#;
