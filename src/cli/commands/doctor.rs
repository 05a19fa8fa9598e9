//! `batch doctor`: looks at what a run needs, and says of each thing whether it is well and what mends it.
//!
//! The facts come from the adapters, the judgements are `model::checkup`'s, and here is who is asked in which order.
//! One check that fails never stops the others, and nothing is changed.

mod machine;
mod outside;
mod repository;
mod showing;

use std::path::Path;

use crate::adapters::git::git::Git;
use crate::adapters::process::Processes;
use crate::cli::args::{Cli, Command, DoctorArgs, GlobalArgs, Refusal, RunArgs};
use crate::cli::copyable;
use crate::cli::exit::{Exit, Problem};
use crate::cli::interrupts::Interrupts;
use crate::cli::session::{Session, own_program};
use crate::cli::settings::Start;
use crate::model::checkup::{Check, Finding, Verdict};

/// Looks at everything, and answers.
///
/// # Errors
/// [`Problem`] when it was interrupted, or nothing at all can be started.
pub async fn doctor(global: GlobalArgs, args: DoctorArgs) -> Result<Exit, Problem> {
    let findings = match Session::open(global.clone()).await {
        Ok(session) => in_repository(&session, &args).await?,
        Err(problem) if problem.exit == Exit::Interrupted => return Err(problem),
        Err(problem) => outside_repository(&problem).await?,
    };
    showing::show(&global, &findings);
    let worst = findings.iter().map(|found| found.verdict).max();
    Ok(match worst {
        Some(Verdict::Problem) => Exit::NotReady,
        Some(Verdict::Ok | Verdict::Warning) | None => Exit::Done,
    })
}

async fn in_repository(session: &Session, args: &DoctorArgs) -> Result<Vec<Finding>, Problem> {
    let (options, wrong) = as_a_run_has_them()?;
    let remote = args.remote.as_deref().or(options.base.remote.as_deref());
    let root = &session.place.root;
    let looking = async {
        let asking = outside::remote(session, remote, args.offline, &options);
        let (remote, git, kind, identity, signing, hooks, agents, path) = tokio::join!(
            asking,
            repository::git(session),
            repository::kind(session, remote),
            machine::identity(session.place.git(), false),
            repository::signing(session),
            repository::hooks(session),
            machine::agents(&session.processes, root, &options),
            async { machine::path() },
        );
        let base = remote.base.as_ref().or(session.place.head.commit());
        let (disk, test) = tokio::join!(
            repository::disk(session, base, &options),
            repository::test(session, base, &options),
        );
        let told = [
            git,
            kind,
            remote.findings,
            identity,
            signing,
            hooks,
            disk,
            machine::folders(Some(session)),
            repository::leftovers(session),
            machine::settings(root, wrong.as_ref()),
            test,
            agents,
            path,
        ];
        Ok((told.concat(), remote.choice))
    };
    let (mut findings, choice) = session.interrupts.guard(looking).await?;
    // It guards itself against an interrupt, so it cannot be looked at beside the others.
    let forge = outside::forge(session, choice.as_ref(), args, &options).await?;
    let after = |found: &Finding| matches!(found.check, Check::Remote | Check::Push);
    let place = findings.iter().rposition(after).map_or(0, |at| at + 1);
    findings.splice(place..place, forge);
    Ok(findings)
}

/// What can be told where there is no repository to work in, for this reason.
async fn outside_repository(problem: &Problem) -> Result<Vec<Finding>, Problem> {
    let here = std::env::current_dir().unwrap_or_else(|_| Path::new("/").to_owned());
    let processes = Processes::new(own_program()?);
    let git = Git::new(processes.clone(), &here);
    let (options, wrong) = as_a_run_has_them()?;
    let looking = async {
        let (program, identity, agents) = tokio::join!(
            machine::git(&git),
            machine::identity(&git, true),
            machine::agents(&processes, &here, &options),
        );
        let told = [
            program,
            vec![of_problem(Check::Repository, problem)],
            identity,
            machine::folders(None),
            machine::settings(&here, wrong.as_ref()),
            agents,
            machine::path(),
        ];
        Ok(told.concat())
    };
    Interrupts::listen()?.guard(looking).await
}

/// The options of a run that names none, as the settings have them; and what is wrong with those, if anything is.
fn as_a_run_has_them() -> Result<(RunArgs, Option<Problem>), Problem> {
    let words = || ["batch", "run", "doctor"].map(Into::into);
    let (cli, wrong) = match Start::from_argv(words()) {
        Ok(start) => (Ok(start.cli), None),
        Err(Refusal::Problem(problem)) => (Cli::from_argv(words()), Some(problem)),
        Err(clap @ Refusal::Clap(_)) => (Err(clap), None),
    };
    match cli.map(|cli| cli.command) {
        Ok(Command::Run(args)) => Ok((*args, wrong)),
        Ok(_) | Err(_) => Err(Problem::new(
            Exit::Usage,
            "the options of a run cannot be understood",
        )),
    }
}

/// A command's refusal as a finding.
fn of_problem(check: Check, problem: &Problem) -> Finding {
    let found = Finding::problem(check, &problem.message);
    match &problem.hint {
        Some(hint) => found.advise(hint),
        None => found,
    }
}

/// A path as a shell takes it.
fn quote(path: &Path) -> String {
    copyable::path(path)
}
