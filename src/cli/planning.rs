//! From a command line to a plan: ground first, then research. And from a plan file to a plan.

use std::path::Path;
use std::sync::Arc;

use crate::adapters::git::objects::GitObjects;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::git::source::{Source as Slicer, SourceError};
use crate::adapters::git::{BaseFound, RemoteChoice};
use crate::cli::args::{BaseArgs, ChangeArgs, ForgeChoice, How, VerifyArgs};
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge;
use crate::cli::session::Session;
use crate::engine::ports::{Clock, Objects, Repository};
use crate::engine::research::{Existing, Request, ResearchError, matching, research};
use crate::model::base_tree::BaseTree;
use crate::model::branch::branch_name;
use crate::model::change::{Change, Source};
use crate::model::id::{ObjectId, RunId, UnitId};
use crate::model::partition::Bounds;
use crate::model::plan::{Plan, TestPolicy};
use crate::model::plan_file::{self, Expression, PlanProblems};
use crate::model::rewrite::Rewrites;
use crate::model::tree::TreeFile;

/// What stands before anything is planned.
pub struct Ground {
    /// Where branches go.
    pub remote: RemoteChoice,
    /// What is known of the base.
    pub base: BaseFound,
}

impl Ground {
    /// Finds the base at the remote, as it is now.
    ///
    /// # Errors
    /// [`Problem`] when there is no such branch, or the remote cannot be read.
    pub async fn find(
        session: &Session,
        remote: RemoteChoice,
        args: &BaseArgs,
    ) -> Result<Self, Problem> {
        let base = async { Ok(session.place.base(&remote, args.base.as_deref()).await?) };
        let base = session.interrupts.guard(base).await?;
        Ok(Self { remote, base })
    }

    /// Refuses before any work what could not be delivered: nobody to commit as, branch names that are blocked, no right
    /// to push.
    ///
    /// # Errors
    /// [`Problem`] that names the branch, or has the remote's words.
    pub async fn check_delivery(
        &self,
        session: &Session,
        change: &str,
        run: &RunId,
        prefix: &str,
    ) -> Result<(), Problem> {
        // All branches of a run share a folder that no other run has, so any unit's name stands for all.
        let probe = UnitId::parse("unit").expect("it follows the rule");
        let branch = branch_name(prefix, change, run, &probe);
        let check = async {
            session.place.knows_committer().await?;
            Ok(session
                .place
                .may_push(&self.remote, &self.base, &[branch])
                .await?)
        };
        session.interrupts.guard(check).await
    }
}

/// A plan, and what it was made on.
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Remote and base.
    pub ground: Ground,
    /// The files of the base.
    pub files: Arc<[TreeFile]>,
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
) -> Result<Planned, Problem> {
    let bounds = change.bounds()?;
    let bounds = Bounds::new(bounds.min.get(), bounds.max.get())
        .map_err(|error| Problem::new(Exit::Usage, error.to_string()))?;
    let base = ground.base.base.clone();
    let work = async {
        let (source, existing) = match change.how()? {
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
        };
        let objects = GitObjects::open(&session.place);
        blocking(move || {
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
            Ok((plan, files))
        })
        .await
    };
    let (plan, files) = session.interrupts.guard(work).await?;
    Ok(Planned {
        plan,
        ground,
        files: files.into(),
    })
}

/// Reads a plan from its file, on the commit that it names.
///
/// # Errors
/// [`Problem`] with every problem of the file at once, or when its commit cannot be had.
pub async fn read_plan(
    session: &Session,
    path: &Path,
    remote: Option<&str>,
    forge: ForgeChoice,
    verify: &VerifyArgs,
) -> Result<Planned, Problem> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Problem::new(
            Exit::Usage,
            format!("the plan {} cannot be read: {error}", path.display()),
        )
        .hint("`batch plan \"…\" -o FILE` writes one")
    })?;
    let name = path.display().to_string();
    let base = plan_file::base(&text).map_err(|problems| plan_problem(&name, &problems))?;
    let remote = session.remote(remote).await?;
    forge::settle(session, &remote, forge).await?;
    let work = async {
        let found = session.place.ensure_commit(&remote, &base).await?;
        let objects = GitObjects::open(&session.place);
        let commit = found.base.commit.clone();
        let files = blocking(move || Ok(objects.files(&commit)?)).await?;
        Ok((found, files))
    };
    let (found, files) = session.interrupts.guard(work).await?;
    let mut plan = parse_plan(&text, &files).map_err(|problems| plan_problem(&name, &problems))?;
    plan.base = found.base.clone();
    if let Some(setup) = &verify.setup {
        plan.setup = Some(setup.clone());
    }
    plan.test = test_policy(verify, plan.test);
    if let Source::From { commit, name } = &plan.change.source {
        require_commit(session, commit, name).await?;
    }
    let ground = Ground {
        remote,
        base: found,
    };
    Ok(Planned {
        plan,
        ground,
        files: files.into(),
    })
}

/// Reads a plan's text against the files of its base.
///
/// # Errors
/// Every problem at once.
pub fn parse_plan(text: &str, files: &[TreeFile]) -> Result<Plan, PlanProblems> {
    plan_file::read(text, Some(&BaseTree::new(files)), &judge_expression)
}

/// Judges an expression of a plan file.
fn judge_expression(expression: Expression<'_>) -> Result<(), String> {
    match expression {
        Expression::Rewrite(rewrite) => Rewrites::parse(&[rewrite])
            .map(drop)
            .map_err(|error| error.to_string()),
        Expression::Matching(pattern) => matching(pattern)
            .map(drop)
            .map_err(|error| error.to_string()),
    }
}

fn plan_problem(name: &str, problems: &PlanProblems) -> Problem {
    let lines: Vec<String> = problems
        .0
        .iter()
        .map(|problem| match problem.line {
            Some(line) => format!("{name}:{line}: {}", problem.message),
            None => format!("{name}: {}", problem.message),
        })
        .collect();
    let text = lines.join("\n");
    match lines.len() {
        1 => Problem::new(Exit::Usage, text),
        n => Problem::new(Exit::Usage, format!("the plan has {n} problems\n{text}")),
    }
}

/// Refuses bad patterns before anything is asked of a remote.
///
/// # Errors
/// [`Problem`] with the position of what is wrong.
pub fn check_patterns(change: &ChangeArgs) -> Result<(), Problem> {
    if let How::Rewrite(expressions) = change.how()? {
        Rewrites::parse(&expressions).map_err(ResearchError::from)?;
    }
    if let Some(pattern) = &change.matching {
        matching(pattern)?;
    }
    Ok(())
}

/// The test that the command line wants, else the one that was there.
#[must_use]
pub fn test_policy(verify: &VerifyArgs, otherwise: TestPolicy) -> TestPolicy {
    match &verify.test {
        Some(test) => TestPolicy::Command(test.clone()),
        None if verify.no_test => TestPolicy::None,
        None => otherwise,
    }
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

async fn require_commit(session: &Session, commit: &ObjectId, name: &str) -> Result<(), Problem> {
    let repository = GitRepository::new(&session.place);
    match repository.tree_of(commit).await? {
        Some(_) => Ok(()),
        None => Err(Problem::new(
            Exit::Usage,
            format!(
                "the plan slices {name} at {}, which is not in this repository",
                commit.short()
            ),
        )
        .hint("fetch it, or make the plan again with `batch plan`")),
    }
}

impl From<SourceError> for Problem {
    fn from(error: SourceError) -> Self {
        let hint = match &error {
            SourceError::NoCommit { .. } => {
                Some("name a branch or a commit, or `worktree` for what is uncommitted")
            }
            SourceError::NothingUncommitted => {
                Some("name a branch or a commit that holds the change")
            }
            SourceError::Unmerged(_) => Some("finish the merge first"),
            SourceError::Conflict(_) => {
                Some("rebase the change onto the base, or merge the base into it, first")
            }
            SourceError::Git(error) => return Self::from(error.clone()),
        };
        let problem = Self::new(Exit::Usage, error.to_string());
        match hint {
            Some(hint) => problem.hint(hint),
            None => problem,
        }
    }
}

/// Sixteen bits that differ between runs of the same second: the system seeds each map's hasher at random.
fn random_salt() -> u16 {
    use std::hash::{BuildHasher, Hasher};
    let hash = std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish();
    u16::try_from(hash & 0xffff).expect("sixteen bits fit")
}

impl Session {
    /// A new run's id.
    #[must_use]
    pub fn new_run_id(&self) -> RunId {
        RunId::new(self.clock.now(), random_salt())
    }
}

/// Runs what reads many objects away from the loop.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
