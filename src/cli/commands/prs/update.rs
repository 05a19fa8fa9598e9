//! `batch prs update`: brings branches up to a base that has moved. By a merge that GitHub makes, where that is clean; else
//! the unit goes onto the base as it is now, which is `again`'s. What others pushed is never overwritten.

use serde_json::Value;

use super::heads::{Heads, bring};
use super::runs::{Runs, Whose};
use super::tally::Tally;
use super::{choice, document};
use crate::adapters::forges::github::forge::GitHub;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::journal::FileJournal;
use crate::cli::args::UpdateArgs;
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::RunForge;
use crate::cli::session::Session;
use crate::cli::style::clean;
use crate::engine::ports::{Clock as _, Forge as _, Journal as _, Merged, Repository as _};
use crate::engine::updating::{Branch, Course, Fit, Wanted, course};
use crate::model::event::{Event, Record};
use crate::model::id::{ObjectId, RunId, UnitId};
use crate::model::path::RepoPath;
use crate::model::pull::{Pull, PullState};

mod again;

/// Updates those that are chosen.
///
/// # Errors
/// [`Problem`] when nothing could be begun, or the only one refused.
pub(super) async fn update(session: &Session, args: UpdateArgs) -> Result<Exit, Problem> {
    let runs = Runs::all(session)?;
    let (forge, numbers) = choice::of(session, &runs, &args.pulls).await?;
    let RunForge::GitHub(github) = forge else {
        return Err(Problem::new(
            Exit::Usage,
            "the embedded forge merges onto a base that has moved: there is nothing to update",
        )
        .hint("where a merge conflicts, merge the branch by hand"));
    };
    if numbers.is_empty() {
        return choice::nothing(session);
    }
    let mut tally = Tally::of(session, numbers.len());
    let updating = Updating {
        session,
        runs: &runs,
        github: &github,
        wanted: Wanted {
            rebase: args.rebase,
            on_top: args.on_top,
        },
    };
    let mut onto = Vec::new();
    for number in numbers {
        match updating.one(number.get()).await {
            Ok(Done::Here(document)) => tally.done(document),
            Ok(Done::Onto(unit)) => onto.push(*unit),
            Err(problem) => tally.refused(problem)?,
        }
    }
    let mut exit = Exit::Done;
    for result in again::again(session, &runs, &args, onto).await? {
        match result {
            Ok(Exit::Done) => {}
            Ok(other) => exit = other,
            Err(problem) => tally.refused(problem)?,
        }
    }
    match tally.end()? {
        Exit::Done => Ok(exit),
        other => Ok(other),
    }
}

/// What came of one.
enum Done {
    /// It is up to date now.
    Here(Value),
    /// Its unit is to go onto the base as it is now.
    Onto(Box<Onto>),
}

/// A unit that goes onto the base as it is now.
struct Onto {
    run: RunId,
    unit: UnitId,
    /// The base, as it is now.
    base: ObjectId,
    /// What its branch is at, which is what the run left there.
    head: ObjectId,
    /// The paths at which the two conflict; none where they do not.
    conflict: Vec<RepoPath>,
}

struct Updating<'a> {
    session: &'a Session,
    runs: &'a Runs,
    github: &'a GitHub,
    wanted: Wanted,
}

impl Updating<'_> {
    async fn one(&self, number: u64) -> Result<Done, Problem> {
        let session = self.session;
        let asked = async { Ok(self.github.get(number).await?) };
        let pull = session.interrupts.guard(asked).await?;
        let whose = self.own(&pull)?;
        let recorded = whose.recorded().ok_or_else(|| {
            refused(number, "no journal here says where its branch was left").hint(format!(
                "put that on record: {}",
                session.global.line("prs adopt")
            ))
        })?;
        bring(session, whose.history, &pull).await?;
        let remote = session.remote_of(whose.history).await?;
        let finding = async { Ok(session.place.base(&remote, Some(&pull.base)).await?) };
        let base = session.interrupts.guard(finding).await?.base.commit;
        let branch = if *recorded == pull.head_commit {
            Branch::Ours
        } else {
            let heads = Heads::new(session);
            let head = &pull.head_commit;
            match heads.on_top(whose, recorded, &pull).await {
                Some(commits) => Branch::Others { commits, head },
                None => Branch::Elsewhere { head },
            }
        };
        let conflict = self.conflict(&base, &pull.head_commit).await?;
        let fit = match &conflict {
            None => Fit::UpToDate,
            Some(paths) if paths.is_empty() => Fit::Clean,
            Some(paths) => Fit::Conflict(paths),
        };
        let title = clean(&pull.title);
        match course(branch, fit, self.wanted) {
            Course::Nothing => {
                session.say(&format!(
                    "#{number} {title} holds all of {} already.",
                    clean(&pull.base)
                ));
                Ok(Done::Here(document::of_pull(&pull)))
            }
            Course::Merge => self.merge(whose, &pull).await.map(Done::Here),
            Course::CarryOver | Course::Redo => {
                self.is_on_its_runs_base(whose, &pull).await?;
                Ok(Done::Onto(Box::new(Onto {
                    run: whose.history.run.clone(),
                    unit: whose.unit.id.clone(),
                    base,
                    head: pull.head_commit.clone(),
                    conflict: conflict.unwrap_or_default(),
                })))
            }
            Course::Refuse { why, on_top_helps } => {
                let problem = refused(number, &why);
                let line = session
                    .global
                    .line(&format!("prs update {number} --on-top"));
                Err(if on_top_helps {
                    problem.hint(format!("look at them; to go on top of them: {line}"))
                } else {
                    problem
                })
            }
        }
    }

    /// The unit of an open pull request.
    fn own(&self, pull: &Pull) -> Result<Whose<'_>, Problem> {
        match pull.state {
            PullState::Open => {}
            PullState::Merged | PullState::Closed => {
                return Err(refused(pull.number, &format!("it is {}", pull.state)));
            }
        }
        let whose = self.runs.whose(pull);
        whose.ok_or_else(|| refused(pull.number, "no run of this repository opened it"))
    }

    /// The paths at which the base conflicts with a branch; none when the branch holds the base.
    async fn conflict(
        &self,
        base: &ObjectId,
        head: &ObjectId,
    ) -> Result<Option<Vec<RepoPath>>, Problem> {
        let repository = GitRepository::new(&self.session.place);
        if repository.holds(head, base).await? {
            return Ok(None);
        }
        let merged = repository
            .merge(head, base, "the base, into the branch")
            .await?;
        Ok(Some(match merged {
            Merged::Clean(_) => Vec::new(),
            Merged::Conflict(paths) => paths,
        }))
    }

    /// Has GitHub merge the base into the branch, and puts the new head on record.
    async fn merge(&self, whose: Whose<'_>, pull: &Pull) -> Result<Value, Problem> {
        let session = self.session;
        let number = pull.number;
        let lock = session.store.lock(&whose.history.run)?;
        // Not to be dropped in the middle: what GitHub did is to be on record.
        let commit = self.github.update_branch(number, &pull.head_commit).await?;
        let updated = Pull {
            head_commit: commit.clone(),
            ..pull.clone()
        };
        // Later goes merge it in memory with what others deliver.
        bring(session, whose.history, &updated).await?;
        let repository = GitRepository::new(&session.place);
        let parents = repository.parents(&commit).await?;
        if parents.len() != 2 || parents.first() != Some(&pull.head_commit) {
            let why = format!(
                "somebody pushed to its branch meanwhile; it is at {} now, which is not put on record",
                commit.short()
            );
            return Err(refused(number, &why));
        }
        let reference = format!("refs/batch/{}/{}/commit", whose.history.run, whose.unit.id);
        repository.set_ref(&reference, &commit).await?;
        let folder = session.store.run(&whose.history.run);
        let mut journal = FileJournal::open(&folder.journal())?;
        journal.append(&Record {
            at: session.clock.now(),
            event: Event::BranchUpdated {
                unit: whose.unit.id.clone(),
                attempt: whose.unit.attempt,
                commit: commit.clone(),
            },
        })?;
        drop(lock);
        session.say(&format!(
            "Merged {} into the branch of #{number} {}, which is at {} now; its checks begin anew.",
            clean(&pull.base),
            clean(&pull.title),
            commit.short()
        ));
        Ok(document::of_pull(&updated))
    }

    /// Refuses a unit that stands on others whose changes are not in the base yet: it would be done without them.
    async fn is_on_its_runs_base(&self, whose: Whose<'_>, pull: &Pull) -> Result<(), Problem> {
        let number = pull.number;
        if pull.base != whose.history.base.branch {
            let why = format!(
                "it is stacked on {}, and is updated once that is merged",
                clean(&pull.base)
            );
            return Err(refused(number, &why));
        }
        for below in &whose.unit.after {
            let link = whose.history.unit(below).and_then(|unit| unit.pull());
            let Some(link) = link else { continue };
            let state = self.github.get(link.number).await?.state;
            if state != PullState::Merged {
                let why = format!(
                    "it stands on `{below}` (#{}), which is {state} and must be merged first",
                    link.number
                );
                return Err(refused(number, &why));
            }
        }
        Ok(())
    }
}

fn refused(number: u64, why: &str) -> Problem {
    Problem::new(
        Exit::UnitFailed,
        format!("pull request #{number} cannot be updated: {why}"),
    )
}
