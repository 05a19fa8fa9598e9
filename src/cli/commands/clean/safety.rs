//! [`Commits`]: which commits of runs are elsewhere too: on a branch where pushes go, or without a remote on a branch of the
//! user's. One question for each remote.

use std::collections::{BTreeMap, BTreeSet};

use super::standing::Pulls;
use crate::adapters::git::RemoteChoice;
use crate::adapters::git::remote::Deliveries;
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;
use crate::engine::cleaning::Safety;
use crate::model::history::History;
use crate::model::id::ObjectId;
use crate::model::pull::PullState;
use crate::model::site::Site;

/// Where branches go: the remote, and the fork beside it.
type Where = (Option<String>, Option<String>);

/// What a remote has of the commits that were asked for; or why it could not be asked.
type Has = Result<BTreeSet<ObjectId>, String>;

/// A run's journal, where there is one, and its refs.
pub(super) type Kept<'a> = (Option<&'a History>, &'a [(String, ObjectId)]);

/// Which commits are elsewhere too.
pub(super) struct Commits {
    has: BTreeMap<Where, Has>,
    heads_here: BTreeMap<String, ObjectId>,
    /// Those whose pull request was merged.
    merged: BTreeSet<ObjectId>,
    /// Where the branches of a run go that is only known by its refs.
    otherwise: Where,
}

/// What is to be asked of one remote.
#[derive(Default)]
struct Question<'a> {
    commits: BTreeSet<ObjectId>,
    /// The branches that merges go to.
    bases: BTreeSet<String>,
    history: Option<&'a History>,
}

impl Commits {
    /// Asks for the commits of these runs. Branches of any run are no place of the user's.
    ///
    /// # Errors
    /// [`Problem`] when this repository cannot be read: a remote that cannot be asked is an answer.
    pub(super) async fn ask<'a>(
        session: &Session,
        runs: &[Kept<'_>],
        all: impl Iterator<Item = &'a History>,
        pulls: &Pulls,
    ) -> Result<Self, Problem> {
        let otherwise = match session.place.choose_remote(None).await {
            Ok(choice) => (choice.name().map(str::to_owned), None),
            Err(_) => (None, None),
        };
        let here = Deliveries::new(&session.place, RemoteChoice::Here);
        let heads_here = here.heads_below("").await?;
        let mut questions: BTreeMap<Where, Question> = BTreeMap::new();
        let mut merged = BTreeSet::new();
        for (history, refs) in runs {
            let place = history.map_or_else(|| otherwise.clone(), place_of);
            let question = questions.entry(place).or_default();
            let objects = refs.iter().filter(|(name, _)| !is_file(name));
            question
                .commits
                .extend(objects.map(|(_, object)| object.clone()));
            let Some(history) = history else { continue };
            question.history.get_or_insert(history);
            question.bases.insert(history.base.branch.clone());
            for unit in &history.units {
                question.commits.extend(unit.delivered.clone());
                if history.remote.is_none() {
                    question
                        .commits
                        .extend(heads_here.get(&unit.branch).cloned());
                }
                if let Some(pull) = pulls.of(history, unit)
                    && pull.state == Ok(PullState::Merged)
                {
                    merged.extend(pull.head);
                }
            }
        }
        let own: BTreeSet<&str> = all
            .filter(|history| history.remote.is_none())
            .flat_map(|history| history.units.iter().map(|unit| unit.branch.as_str()))
            .collect();
        let mut has = BTreeMap::new();
        for (place, question) in questions {
            let there = match question.tips(session, &place, &heads_here, &own).await {
                Ok(tips) => Ok(question.there(session, &place, &tips).await?),
                Err(problem) if problem.exit == Exit::Interrupted => return Err(problem),
                Err(problem) => Err(problem.message),
            };
            has.insert(place, there);
        }
        Ok(Self {
            has,
            heads_here,
            merged,
            otherwise,
        })
    }

    /// Whether a commit of a run is elsewhere too.
    pub(super) fn safety(&self, history: Option<&History>, commit: &ObjectId) -> Safety {
        if self.merged.contains(commit) {
            return Safety::Safe;
        }
        let place = history.map_or_else(|| self.otherwise.clone(), place_of);
        match self.has.get(&place) {
            Some(Ok(has)) if has.contains(commit) => Safety::Safe,
            Some(Ok(_)) => Safety::OnlyHere,
            Some(Err(words)) => Safety::Unknown(words.clone()),
            None => Safety::Unknown("it was not asked".to_owned()),
        }
    }

    /// The branches of this repository.
    pub(super) fn heads_here(&self) -> &BTreeMap<String, ObjectId> {
        &self.heads_here
    }
}

impl Question<'_> {
    /// What the branches are at that keep commits.
    async fn tips(
        &self,
        session: &Session,
        place: &Where,
        heads_here: &BTreeMap<String, ObjectId>,
        own: &BTreeSet<&str>,
    ) -> Result<BTreeMap<String, ObjectId>, Problem> {
        let Some(remote) = &place.0 else {
            let mut heads = heads_here.clone();
            heads.retain(|branch, _| !own.contains(branch.as_str()));
            return Ok(heads);
        };
        let choice = session.place.choose_remote(Some(remote)).await?;
        let deliveries = Deliveries::new(&session.place, choice);
        let mut heads = deliveries.heads_below("").await?;
        let site = self.history.and_then(|history| history.site.as_ref());
        let fork = site.zip(place.1.as_ref());
        if let Some(fork) = fork.and_then(|(site, fork)| Site::of(&site.host, fork)) {
            // What was merged is in the repository itself, under a name that the fork may have for something else.
            let there = deliveries.to_fork(fork).heads_below("").await?;
            heads.extend(
                there
                    .into_iter()
                    .map(|(name, commit)| (format!("fork:{name}"), commit)),
            );
        }
        Ok(heads)
    }

    /// Which of the commits can be reached from these branches.
    async fn there(
        &self,
        session: &Session,
        place: &Where,
        heads: &BTreeMap<String, ObjectId>,
    ) -> Result<BTreeSet<ObjectId>, Problem> {
        let tips: BTreeSet<ObjectId> = heads.values().cloned().collect();
        let mut lacking = session.place.not_reached(&self.commits, &tips).await?;
        if let Some(remote) = place.0.clone().filter(|_| !lacking.is_empty()) {
            // They may be merged into a base that was not fetched since.
            let remote = RemoteChoice::Named(remote);
            for base in &self.bases {
                if let Some(tip) = heads.get(base) {
                    let from = [format!("refs/heads/{base}")];
                    session.place.bring(&remote, &from, tip).await?;
                }
            }
            lacking = session.place.not_reached(&self.commits, &tips).await?;
        }
        Ok(self.commits.difference(&lacking).cloned().collect())
    }
}

/// Whether a ref keeps a file of the run, and no commit.
fn is_file(name: &str) -> bool {
    name.ends_with("/plan.toml") || name.ends_with("/start.json")
}

fn place_of(history: &History) -> Where {
    (history.remote.clone(), history.fork.clone())
}
