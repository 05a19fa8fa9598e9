//! Forks and branches by REST.

use serde_json::{Value, json};

use super::reply::Reply;
use super::routes::Ask;
use super::state::{Repo, State};

impl State {
    pub(super) fn list_branches(&self, ask: &Ask, id: u64) -> Reply {
        let url = format!("{}/repositories/{id}", self.api());
        let branches = self.repos[&id].bare.branches().into_iter();
        let all: Vec<Value> = branches
            .map(|(name, at)| {
                let commit = json!({ "sha": at.to_string(), "url": format!("{url}/commits/{at}") });
                json!({ "name": name, "commit": commit, "protected": false })
            })
            .collect();
        ask.page(&all, &format!("{url}/branches"))
    }

    pub(super) fn list_forks(&self, ask: &Ask, id: u64) -> Reply {
        let is_fork = |repo: &&Repo| repo.fork_of == Some(id) && repo.appears_in == 0;
        let forks = self.repos.values().filter(is_fork);
        let all = forks.map(|repo| self.repository(repo, ask.login()));
        ask.page(
            &all.collect::<Vec<_>>(),
            &format!("{}/repositories/{id}/forks", self.api()),
        )
    }

    pub(super) fn make_fork(&mut self, ask: &Ask, id: u64) -> Reply {
        let parent = &self.repos[&id];
        let owner = ask.text("organization").unwrap_or(ask.login());
        if !parent.allow_forks {
            return Reply::refused(403, "The repository exists, but forking is disabled.");
        }
        let (Some(owner), name) = (
            self.account(owner),
            ask.text("name").unwrap_or(&parent.name),
        ) else {
            return Reply::invalid("Fork", "organization", "invalid");
        };
        let (owner, name) = (owner.to_owned(), name.to_owned());
        let is_it = |repo: &&Repo| repo.fork_of == Some(id) && repo.owner == owner;
        let there = self.repos.values().find(is_it).map(|repo| repo.id);
        let mut created = None;
        let fork = match there {
            Some(fork) => fork,
            None if parent.owner == owner => {
                return Reply::refused(403, "You cannot fork your own repository.");
            }
            None => {
                // A name that is taken gets a number.
                let mut free = name.clone();
                let mut count = 0;
                while self.repo_id(&format!("{owner}/{free}")).is_some() {
                    count += 1;
                    free = format!("{name}-{count}");
                }
                let fork = self.make_repo(&owner, &free, Some(id));
                self.repos.get_mut(&fork).unwrap().appears_in = self.fork_takes;
                created = Some(format!("fork {owner}/{free}"));
                fork
            }
        };
        let mut reply = Reply::new(202, self.repository(&self.repos[&fork], ask.login()));
        reply.created = created;
        reply
    }
}
