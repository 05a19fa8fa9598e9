//! [`ScriptedForge`]: a forge in memory for tests, which notes what it is asked and fails where it is told to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use crate::engine::ports::{Forge, ForgeError, NewIssue};
use crate::model::id::ObjectId;
use crate::model::outcome::IssueLink;
use crate::model::pull::{NewPull, Pull, PullState};
use crate::model::sample;
use crate::model::standing::{Check, CheckState, Review, Standing, Way};
use crate::model::wishes::Extras;

/// A forge in memory.
#[derive(Clone, Default)]
pub(crate) struct ScriptedForge(Arc<Mutex<Script>>);

/// What it holds, and how it behaves.
#[derive(Default)]
pub(crate) struct Script {
    /// Its pull requests.
    pub(crate) pulls: Vec<Pull>,
    /// The checks of each, by number.
    pub(crate) checks: HashMap<u64, Vec<CheckState>>,
    /// The bodies of its issues, by number.
    pub(crate) issues: HashMap<u64, String>,
    /// What it was asked.
    pub(crate) calls: Vec<String>,
    /// The calls that fail, by how they begin.
    pub(crate) fails: Vec<(&'static str, ForgeError)>,
    /// What it answers as the head commit, so many times, before the true one.
    pub(crate) stale: Option<(ObjectId, u32)>,
    /// What it says that could not be given.
    pub(crate) not_given: Vec<String>,
    /// Whether it knows no drafts.
    pub(crate) no_drafts: bool,
    /// A call that never ends, by how it begins.
    pub(crate) hangs: Option<&'static str>,
}

impl ScriptedForge {
    /// Looks at it, or changes it.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut Script) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    /// Has it hold this one, under the next number.
    pub(crate) fn holds(&self, new: &NewPull, state: PullState) -> u64 {
        self.with(|script| {
            let number = script.pulls.len() as u64 + 1;
            let mut pull = sample::pull(number, new);
            pull.state = state;
            script.pulls.push(pull);
            number
        })
    }

    /// What it was asked, by the words that calls begin with.
    pub(crate) fn asked(&self, of: &[&str]) -> Vec<String> {
        self.with(|script| {
            let wanted = |call: &&String| of.iter().any(|begin| call.starts_with(begin));
            script.calls.iter().filter(wanted).cloned().collect()
        })
    }

    async fn call(&self, call: String) -> Result<(), ForgeError> {
        let (failure, hangs) = self.with(|script| {
            script.calls.push(call.clone());
            let failure = script
                .fails
                .iter()
                .find(|(begin, _)| call.starts_with(begin));
            let hangs = script.hangs.is_some_and(|begin| call.starts_with(begin));
            (failure.map(|(_, error)| error.clone()), hangs)
        });
        if hangs {
            std::future::pending::<()>().await;
        }
        failure.map_or(Ok(()), Err)
    }

    fn shown(&self, number: u64) -> Pull {
        self.with(|script| {
            let mut pull = script.pulls[usize::try_from(number).unwrap() - 1].clone();
            if let Some((commit, times)) = script.stale.take().filter(|(_, times)| *times > 0) {
                pull.head_commit = commit.clone();
                script.stale = Some((commit, times - 1));
            }
            pull
        })
    }
}

#[async_trait]
impl Forge for ScriptedForge {
    fn name(&self) -> &'static str {
        "scripted"
    }
    async fn find(&self, head: &str) -> Result<Option<Pull>, ForgeError> {
        self.call(format!("find {head}")).await?;
        Ok(self.with(|script| {
            let same = script.pulls.iter().filter(|pull| pull.head == head);
            same.max_by_key(|pull| (pull.state == PullState::Open, pull.number))
                .cloned()
        }))
    }
    async fn get(&self, number: u64) -> Result<Pull, ForgeError> {
        self.call(format!("get {number}")).await?;
        Ok(self.shown(number))
    }
    async fn open(&self, new: &NewPull) -> Result<Pull, ForgeError> {
        self.call(format!("open {} into {}", new.head, new.base))
            .await?;
        let number = self.holds(new, PullState::Open);
        self.with(|script| {
            let pull = script.pulls.last_mut().unwrap();
            pull.draft &= !script.no_drafts;
        });
        Ok(self.shown(number))
    }
    async fn refresh(&self, number: u64, new: &NewPull) -> Result<Pull, ForgeError> {
        self.call(format!("refresh {number}")).await?;
        self.with(|script| {
            let pull = &mut script.pulls[usize::try_from(number).unwrap() - 1];
            pull.title.clone_from(&new.title);
            pull.body.clone_from(&new.body);
            pull.head_commit = new.head_commit.clone();
            pull.mark = Some(new.mark.clone());
        });
        Ok(self.shown(number))
    }
    async fn give(&self, pull: &Pull, _: &Extras) -> Vec<String> {
        let _ = self.call(format!("give {}", pull.number)).await;
        self.with(|script| script.not_given.clone())
    }
    async fn standings(&self, numbers: &[u64]) -> Result<Vec<Standing>, ForgeError> {
        self.call(format!("standings {numbers:?}")).await?;
        Ok(self.with(|script| {
            let pulls = script
                .pulls
                .iter()
                .filter(|pull| numbers.contains(&pull.number));
            let standing = |pull: &Pull| {
                let check = |state: &CheckState| Check {
                    name: "ci".to_owned(),
                    state: *state,
                    required: false,
                };
                let checks = script.checks.get(&pull.number);
                Standing {
                    pull: pull.clone(),
                    node: String::new(),
                    review: Review::NotRequired,
                    checks: checks.into_iter().flatten().map(check).collect(),
                    way: Way::Unknown,
                    auto_merge: false,
                    queued: false,
                }
            };
            pulls.map(standing).collect()
        }))
    }
    async fn make_ready(&self, standing: &Standing) -> Result<(), ForgeError> {
        self.call(format!("ready {}", standing.pull.number)).await?;
        self.with(|script| {
            let same = |pull: &&mut Pull| pull.number == standing.pull.number;
            script.pulls.iter_mut().find(same).unwrap().draft = false;
        });
        Ok(())
    }
    async fn open_issue(&self, issue: &NewIssue) -> Result<IssueLink, ForgeError> {
        self.call("issue".to_owned()).await?;
        self.with(|script| script.issues.insert(100, issue.body.clone()));
        Ok(link(100))
    }
    async fn issue_body(&self, number: u64) -> Result<(IssueLink, String), ForgeError> {
        self.call(format!("read issue {number}")).await?;
        let body = self.with(|script| script.issues.get(&number).cloned());
        body.map(|body| (link(number), body))
            .ok_or_else(|| ForgeError::refused("reading the issue", "there is none"))
    }
    async fn set_issue_body(&self, number: u64, body: &str) -> Result<(), ForgeError> {
        self.call(format!("write issue {number}")).await?;
        self.with(|script| script.issues.insert(number, body.to_owned()));
        Ok(())
    }
}

fn link(number: u64) -> IssueLink {
    IssueLink { number, url: None }
}
