//! How the units of a plan are verified: the command line's word, else the plan's, else the answer of whoever can be
//! asked.

use crate::cli::args::{ConsentArgs, Otherwise, VerifyArgs};
use crate::cli::exit::{Exit, Problem};
use crate::cli::prompt::{TestAnswer, ask_test_command};
use crate::cli::style::Look;
use crate::model::plan::{Plan, TestPolicy};

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

/// Asks for a test command where none was given and the plan is to be run.
///
/// # Errors
/// [`Problem`] when there is nobody to ask, or Ctrl-C was the answer.
pub fn decide_test(
    test: TestPolicy,
    consent: &ConsentArgs,
    look: Look,
) -> Result<TestPolicy, Problem> {
    match test {
        TestPolicy::Undecided if !consent.dry_run => match ask_test_command(look) {
            TestAnswer::Command(command) => Ok(TestPolicy::Command(command)),
            TestAnswer::NoTest => Ok(TestPolicy::None),
            TestAnswer::NotAsked => Err(undecided()),
            TestAnswer::Interrupted => Err(Problem::interrupted()),
        },
        TestPolicy::Undecided | TestPolicy::Command(_) | TestPolicy::None => Ok(test),
    }
}

/// What is said when nobody decided about a test.
#[must_use]
pub fn undecided() -> Problem {
    Problem::new(
        Exit::Usage,
        "there is no test command, and a unit is only delivered when its test passes",
    )
    .hint("give one with --test CMD, or do without by --no-test")
}
