//! How the units of a plan are verified: the command line's word, else the plan's, else the answer of whoever can be
//! asked.

use crate::adapters::git::objects::GitObjects;
use crate::cli::args::{ConsentArgs, Otherwise, VerifyArgs};
use crate::cli::blocking::away_from_the_loop;
use crate::cli::copyable;
use crate::cli::exit::{Exit, Problem};
use crate::cli::prompt::{Proposed, TestAnswer, ask_test_command};
use crate::cli::session::Session;
use crate::engine::facts::commands;
use crate::model::facts::CommandKind;
use crate::model::id::ObjectId;
use crate::model::plan::{Plan, TestPolicy};

/// How many commands are proposed.
const PROPOSED: usize = 6;

/// The test that the command line wants, else the one that was there.
#[must_use]
pub fn test_policy(verify: &VerifyArgs, otherwise: TestPolicy) -> TestPolicy {
    match &verify.test {
        Some(test) => TestPolicy::Command(test.clone()),
        None if verify.no_test => TestPolicy::None,
        None => otherwise,
    }
}

/// Puts what the command line wants in the place of what the plan says.
pub fn overrule(plan: &mut Plan, verify: &VerifyArgs) {
    if let Some(setup) = &verify.setup {
        plan.setup = Some(setup.clone());
    }
    plan.test = test_policy(
        verify,
        std::mem::replace(&mut plan.test, TestPolicy::Undecided),
    );
}

/// Puts what is set where the plan says nothing.
pub fn fill(plan: &mut Plan, otherwise: &Otherwise) {
    if plan.setup.is_none() {
        plan.setup.clone_from(&otherwise.setup);
    }
    plan.test = match (&plan.test, &otherwise.test) {
        (TestPolicy::Undecided, Some(test)) => TestPolicy::Command(test.clone()),
        (TestPolicy::Undecided, None) if otherwise.no_test => TestPolicy::None,
        (test, _) => test.clone(),
    };
}

/// Asks for a test command where none was given and the plan is to be run, with what the files of the base tell of.
///
/// # Errors
/// [`Problem`] when there is nobody to ask, or Ctrl-C was the answer.
pub async fn decide_test(
    session: &Session,
    test: TestPolicy,
    consent: &ConsentArgs,
    base: &ObjectId,
) -> Result<TestPolicy, Problem> {
    match test {
        TestPolicy::Undecided if !consent.dry_run => {
            let proposed = proposed(session, base).await?;
            match ask_test_command(session.look(), &proposed) {
                TestAnswer::Command(command) => Ok(TestPolicy::Command(command)),
                TestAnswer::NoTest => Ok(TestPolicy::None),
                TestAnswer::NotAsked => Err(undecided(proposed.first())),
                TestAnswer::Interrupted => Err(Problem::interrupted()),
            }
        }
        TestPolicy::Undecided | TestPolicy::Command(_) | TestPolicy::None => Ok(test),
    }
}

/// The test commands that the files of a commit tell of; none where they cannot be read.
async fn proposed(session: &Session, commit: &ObjectId) -> Result<Vec<Proposed>, Problem> {
    let objects = GitObjects::open(&session.place);
    let commit = commit.clone();
    let looking = away_from_the_loop(move || Ok(commands(&objects, &commit).ok()));
    let found = session.interrupts.guard(looking).await?.unwrap_or_default();
    let tests = found.of(CommandKind::Test).take(PROPOSED);
    Ok(tests
        .map(|found| Proposed {
            command: found.command.clone(),
            from: found.from.to_text(),
        })
        .collect())
}

/// What is said when nobody decided about a test; `proposed` is what may be the repository's.
#[must_use]
pub fn undecided(proposed: Option<&Proposed>) -> Problem {
    let problem = Problem::new(
        Exit::Usage,
        "there is no test command, and a unit is only delivered when its test passes",
    );
    match proposed {
        Some(Proposed { command, from }) => problem.hint(format!(
            "{from} tells of one: --test {}; or do without by --no-test",
            copyable::word(command)
        )),
        None => problem.hint("give one with --test CMD, or do without by --no-test"),
    }
}
