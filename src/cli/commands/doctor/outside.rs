//! The checks that ask others: the remote, whether it takes a push, and the forge with its token.

use std::time::Duration;

use tokio::time::timeout;

use super::of_problem;
use crate::adapters::git::RemoteChoice;
use crate::adapters::git::ground::GroundError;
use crate::cli::args::{DoctorArgs, RunArgs};
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::{Destination, settle};
use crate::cli::github::Access;
use crate::cli::rights;
use crate::cli::session::Session;
use crate::model::checkup::{Check, Finding, remote};
use crate::model::id::ObjectId;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// What is known of the remote.
pub(super) struct Remote {
    pub(super) findings: Vec<Finding>,
    /// Which it is, where that is settled.
    pub(super) choice: Option<RemoteChoice>,
    /// The commit that a run would start from, where it is here.
    pub(super) base: Option<ObjectId>,
}

/// Looks at the remote, its default branch, and whether it takes a push.
pub(super) async fn remote(
    session: &Session,
    named: Option<&str>,
    offline: bool,
    options: &RunArgs,
) -> Remote {
    let mut found = Remote {
        findings: Vec::new(),
        choice: None,
        base: None,
    };
    let choice = match session.place.choose_remote(named).await {
        Ok(choice) => choice,
        Err(error) => {
            found.findings.push(refused(Check::Remote, error));
            return found;
        }
    };
    match &choice {
        RemoteChoice::Here => found.findings.push(Finding::ok(
            Check::Remote,
            "none: branches and pull requests stay in this repository",
        )),
        RemoteChoice::Named(name) if offline => found.findings.push(Finding::ok(
            Check::Remote,
            format!("{name}, not asked (--offline)"),
        )),
        RemoteChoice::Named(name) => ask(session, name, options, &mut found).await,
    }
    found.choice = Some(choice);
    found
}

async fn ask(session: &Session, name: &str, options: &RunArgs, found: &mut Remote) {
    let place = &session.place;
    let prefix = &options.carrying.pulls.branch_prefix;
    let asked =
        match timeout(PATIENCE, place.ask(name, prefix)).await {
            Ok(Ok(asked)) => asked,
            Ok(Err(error)) => {
                found.findings.push(refused(Check::Remote, error));
                return;
            }
            Err(_) => {
                let words = format!("{name} did not answer within {} s", PATIENCE.as_secs());
                let finding = Finding::problem(Check::Remote, words);
                found.findings.push(finding.advise(
                    "check that you can reach it: a password or passphrase is not asked for",
                ));
                return;
            }
        };
    found.findings.push(remote::judge(&asked.answered));
    if let Some(base) = options.base.base.as_deref().filter(|base| !asked.has(base)) {
        let words = format!("the settings want `{base}` as the base, which is no branch on {name}");
        found.findings.push(Finding::problem(Check::Remote, words));
    }
    if let Some(base) = asked.base()
        && place.holds(base).await.unwrap_or(false)
    {
        found.base = Some(base.clone());
    }
    if asked.answered.branches == 0 || asked.answered.blocking.is_some() {
        return;
    }
    found
        .findings
        .push(match timeout(PATIENCE, place.would_take(&asked)).await {
            Ok(Ok(())) => Finding::ok(Check::Push, format!("{name} would take a push of yours")),
            Ok(Err(error @ GroundError::NoRight { .. })) => refused(Check::Push, error)
                .advise("ask for the right to push, or push to a fork of yours with --fork"),
            Ok(Err(error)) => Finding::untold(Check::Push, error),
            Err(_) => {
                let why = format!("{name} did not answer within {} s", PATIENCE.as_secs());
                Finding::untold(Check::Push, why)
            }
        });
}

fn refused(check: Check, error: GroundError) -> Finding {
    of_problem(check, &Problem::from(error))
}

/// Looks at where pull requests would go, at the token, and at the rights that it gives.
pub(super) async fn forge(
    session: &Session,
    remote: Option<&RemoteChoice>,
    args: &DoctorArgs,
    options: &RunArgs,
) -> Result<Option<Finding>, Problem> {
    let Some(remote) = remote else {
        return Ok(None);
    };
    let looked = timeout(PATIENCE, look(session, remote, args.offline, options)).await;
    let finding = match looked {
        Ok(Ok(finding)) => finding,
        Ok(Err(problem)) if problem.exit == Exit::Interrupted => return Err(problem),
        Ok(Err(problem)) => of_problem(Check::Forge, &problem),
        Err(_) => {
            let why = format!("no answer within {} s", PATIENCE.as_secs());
            Finding::untold(Check::Forge, why)
        }
    };
    Ok(Some(finding))
}

async fn look(
    session: &Session,
    remote: &RemoteChoice,
    offline: bool,
    options: &RunArgs,
) -> Result<Finding, Problem> {
    let destination = settle(session, remote, &options.carrying.pulls).await?;
    let site = match &destination {
        Destination::Local => {
            let words = "local: pull requests are kept in this repository, and no token is needed";
            return Ok(Finding::ok(Check::Forge, words));
        }
        Destination::GitHub(there) => there.site.clone(),
    };
    let access = Access::find(session, &site.host).await?;
    let source = access.source().clone();
    if offline {
        let words = format!("{site}, not asked (--offline); its token is from {source}");
        return Ok(Finding::ok(Check::Forge, words));
    }
    rights::allowed(session, destination).await?;
    let words = format!("pull requests can be opened in {site}; the token is from {source}");
    Ok(Finding::ok(Check::Forge, words))
}
