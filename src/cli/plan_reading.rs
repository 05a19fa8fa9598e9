//! From a plan's file to a plan: what `batch apply` begins with, and how an edited or a rerun plan is read again.

use std::path::Path;

use crate::adapters::git::objects::GitObjects;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::git::source::Slicer;
use crate::cli::args::CarryingArgs;
use crate::cli::blocking::away_from_the_loop;
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::Destination;
use crate::cli::ground::Ground;
use crate::cli::planning::{Planned, existing, touched};
use crate::cli::rights;
use crate::cli::session::Session;
use crate::cli::verification;
use crate::engine::ports::{Objects, Repository};
use crate::engine::research::matching;
use crate::model::base_tree::BaseTree;
use crate::model::change::Source;
use crate::model::id::ObjectId;
use crate::model::plan::Plan;
use crate::model::plan_file::{self, Expression, PlanProblems};
use crate::model::rewrite::Rewrites;
use crate::model::tree::TreeFile;

/// Reads a plan from its file, on the commit that it names; and settles where its pull requests go.
///
/// # Errors
/// [`Problem`] with every problem of the file at once, or when its commit cannot be had.
pub async fn read_plan(
    session: &Session,
    path: &Path,
    remote: Option<&str>,
    args: &CarryingArgs,
) -> Result<(Planned, Destination), Problem> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        unreadable(Exit::Usage, path, &error).hint("`batch plan \"…\" -o FILE` writes one")
    })?;
    let unsound = |problems: PlanProblems| unsound(path, &problems);
    let base = plan_file::base(&text).map_err(unsound)?;
    let remote = session.remote(remote).await?;
    let destination = rights::settled(session, &remote, args).await?;
    let work = async {
        let found = session.place.ensure_commit(&remote, &base).await?;
        let objects = GitObjects::open(&session.place);
        let commit = found.base.commit.clone();
        let files = away_from_the_loop(move || Ok(objects.files(&commit)?)).await?;
        Ok((found, files))
    };
    let (found, files) = session.interrupts.guard(work).await?;
    let mut plan = parse_plan(&text, &files).map_err(unsound)?;
    plan.base = found.base.clone();
    verification::overrule(&mut plan, &args.verify);
    let mut paths = Vec::new();
    if let Source::From { commit, name } = &plan.change.source {
        let work = async {
            require_commit(session, commit, name).await?;
            let slicer = Slicer::new(&session.place);
            existing(session, &slicer, &plan.base.commit, commit).await
        };
        paths = touched(&plan, session.interrupts.guard(work).await?);
    }
    let ground = Ground {
        remote,
        base: found,
    };
    let planned = Planned {
        plan,
        ground,
        files: files.into(),
        touched: paths,
        research: None,
        advice: None,
    };
    Ok((planned, destination))
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

/// Reads the plan of a run again, as it was approved.
///
/// # Errors
/// [`Problem`] when it is gone, or was spoiled since.
pub fn reread_plan(path: &Path) -> Result<Plan, Problem> {
    let text =
        std::fs::read_to_string(path).map_err(|error| unreadable(Exit::NotReady, path, &error))?;
    plan_file::read(&text, None, &|_| Ok(())).map_err(|problems| unsound(path, &problems))
}

fn unreadable(exit: Exit, path: &Path, error: &std::io::Error) -> Problem {
    let path = path.display();
    Problem::new(exit, format!("the plan {path} cannot be read: {error}"))
}

/// All that is wrong with a plan's file, each with its line.
fn unsound(path: &Path, problems: &PlanProblems) -> Problem {
    let name = path.display();
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
