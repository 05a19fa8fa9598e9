//! What bad input gets: a clear error, a hint where there is a remedy, its exit code, and an untouched repository. What
//! only looks bad is worked with.

mod checkouts;
mod commands;
mod environment;
mod names;
mod patterns;
mod places;
mod plans;
mod remotes;
mod repositories;
mod usage;

use crate::support::sandbox::{Ran, Sandbox};

/// The change that most of these ask for.
const CHANGE: &str = "rename frob to frobnicate";

/// The rewrite that makes it.
const REWRITE: [&str; 3] = [CHANGE, "--rewrite", r"s/\bfrob\b/frobnicate/g"];

/// Runs what cannot be begun: it must exit so, say one error and perhaps a hint, and change nothing anywhere.
#[track_caller]
fn refused(sandbox: &Sandbox, args: &[&str], code: i32) -> Ran {
    let before = sandbox.users_own();
    let ran = sandbox.batch(args).exits(code);
    assert_eq!(ran.stdout, "", "{args:?}");
    assert!(
        ran.stderr
            .lines()
            .any(|line| line.starts_with("error: ") && line.len() > "error: ".len()),
        "{args:?}: {}",
        ran.stderr
    );
    assert_eq!(ran.stderr.matches("error: ").count(), 1, "{}", ran.stderr);
    sandbox.is_untouched(&before);
    if sandbox.repo().join(".git").exists() {
        assert_eq!(sandbox.git(["for-each-ref", "refs/batch"]), "");
        assert!(!sandbox.repo().join(".git/batch/runs").exists());
    }
    if sandbox.path("remote.git").exists() {
        assert_eq!(sandbox.delivered().len(), 0);
    }
    ran
}

/// As [`refused`], with all that it must say.
#[track_caller]
fn refused_saying(sandbox: &Sandbox, args: &[&str], code: i32, said: &str) {
    let ran = refused(sandbox, args, code);
    assert_eq!(ran.stderr.trim_end(), said, "{args:?}");
}

/// The rewrite with `more` arguments.
fn rewrite<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&REWRITE[..], more].concat()
}
