//! From a command line to a plan: research, on the ground that was found.

use std::path::Path;
use std::sync::Arc;

use crate::adapters::git::objects::GitObjects;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::git::source::Slicer;
use crate::cli::args::{ChangeArgs, How};
use crate::cli::blocking::away_from_the_loop;
use crate::cli::exit::Problem;
use crate::cli::ground::Ground;
use crate::cli::inquiring::{Research, Wanted};
use crate::cli::session::Session;
use crate::engine::ports::{Objects, Repository};
use crate::engine::research::{Existing, Request, ResearchError, matching, research};
use crate::model::answer::NotSplit;
use crate::model::change::{Change, Source};
use crate::model::id::ObjectId;
use crate::model::path::RepoPath;
use crate::model::plan::{Plan, TestPolicy};
use crate::model::rewrite::Rewrites;
use crate::model::spend::Allowance;
use crate::model::tree::TreeFile;

/// A plan, and what it was made on.
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Remote and base.
    pub ground: Ground,
    /// The files of the base.
    pub files: Arc<[TreeFile]>,
    /// What an existing change touches, unless a part of it was asked for; else nothing.
    pub touched: Vec<RepoPath>,
    /// The conversation with the agent that made the plan, if one did.
    pub research: Option<Research>,
    /// Why the change should not be split, where research says so, and what can be done instead.
    pub advice: Option<NotSplit>,
}

/// Makes a plan for a change.
///
/// # Errors
/// [`Problem`] when a pattern is bad, or there is nothing to do.
pub async fn plan_change(
    session: &Session,
    ground: Ground,
    change: &ChangeArgs,
    setup: Option<String>,
    test: TestPolicy,
    allowance: Allowance,
    worktrees: Option<&Path>,
) -> Result<Planned, Problem> {
    let bounds = change.bounds()?;
    let base = ground.base.base.clone();
    if change.how() == How::Agent {
        let wanted = Wanted {
            change,
            base,
            bounds,
            setup,
            test,
            allowance,
            worktrees,
        };
        let researched = Research::make(session, wanted).await?;
        return Ok(Planned {
            plan: researched.plan,
            ground,
            files: researched.files,
            touched: Vec::new(),
            research: Some(researched.research),
            advice: researched.advice,
        });
    }
    let work = async {
        let (source, existing) = match change.how() {
            How::Agent => unreachable!("an agent does the research of its change"),
            How::Rewrite(expressions) => (Source::Rewrite(expressions), None),
            How::Command(command) => (Source::Command(command), None),
            How::From(name) => {
                let slicer = Slicer::new(&session.place);
                let commit = slicer.pin(&name).await?;
                let existing = existing(session, &slicer, &base.commit, &commit).await?;
                (Source::From { name, commit }, Some(existing))
            }
        };
        let change = Change {
            description: change.description.clone(),
            source,
            paths: change.paths.clone(),
            matching: change.matching.clone(),
            agent: change.agent.choice(),
        };
        let objects = GitObjects::open(&session.place);
        away_from_the_loop(move || {
            let request = Request {
                change: &change,
                base: &base,
                bounds,
                existing: existing.as_ref(),
                setup,
                test,
            };
            let plan = research(&objects, request)?;
            let files = objects.files(&plan.base.commit)?;
            let touched = existing.map_or_else(Vec::new, |existing| touched(&plan, existing));
            Ok((plan, files, touched))
        })
        .await
    };
    let (plan, files, touched) = session.interrupts.guard(work).await?;
    Ok(Planned {
        plan,
        ground,
        files: files.into(),
        touched,
        research: None,
        advice: None,
    })
}

/// The paths of a change that exists; none when the plan says which part of it is meant.
pub(super) fn touched(plan: &Plan, existing: Existing) -> Vec<RepoPath> {
    if !plan.change.paths.is_empty() || plan.change.matching.is_some() {
        return Vec::new();
    }
    let changes = existing.changes.into_iter();
    changes.map(|change| change.path).collect()
}

/// Refuses bad patterns before anything is asked of a remote.
///
/// # Errors
/// [`Problem`] with the position of what is wrong.
pub fn check_patterns(change: &ChangeArgs) -> Result<(), Problem> {
    if let How::Rewrite(expressions) = change.how() {
        Rewrites::parse(&expressions).map_err(ResearchError::from)?;
    }
    if let Some(pattern) = &change.matching {
        matching(pattern)?;
    }
    Ok(())
}

/// The change that a commit holds, merged onto the base.
///
/// # Errors
/// [`Problem`] when they conflict.
pub async fn existing(
    session: &Session,
    slicer: &Slicer,
    base: &ObjectId,
    commit: &ObjectId,
) -> Result<Existing, Problem> {
    let tree = slicer.merged_tree(base, commit).await?;
    let differences = slicer.differences(base, &tree).await?;
    let changes = GitRepository::new(&session.place)
        .changes(base, &tree)
        .await?;
    Ok(Existing {
        tree,
        differences,
        changes,
    })
}
