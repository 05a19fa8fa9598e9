//! `batch` takes one large change, described in a sentence, and turns it into small pull requests that can each be
//! reviewed and merged on its own. This page is the map of the crate.
//!
//! # How a run flows
//!
//! ```text
//!  arguments, and all layers of settings beneath them
//!      │            cli::app, cli::settings → cli::commands::{run, plan, apply, rerun, resume}
//!      ▼
//!   ground          what the work starts from: repository, remote, base, the right to push
//!      │            cli::ground, adapters::git::{ground, base, rights}
//!      ▼
//!   research        what the change touches at the base commit, and its units
//!      │            cli::planning  →  model::plan::Plan
//!      │                 ├─ by an agent    facts gathered, the agent asked, its answer judged and asked about again
//!      │                 │                 cli::inquiring, engine::facts, engine::inquiry, model::answer
//!      │                 └─ by our code    files found, and partitioned
//!      │                                   engine::research, model::partition
//!      ▼
//!   approval        the plan is shown and asked about; before the yes nothing is written but the plan itself
//!      │            cli::consent, cli::approval, cli::plan_view; words of the user's go back to the agent of research
//!      ▼
//!   run             a loop around a synchronous state machine
//!      │            cli::execution, cli::tools → engine::run  ⇄  engine::dispatch
//!      │                 ├─ base        setup and test on the base itself      engine::base
//!      │                 ├─ workers     a bounded pool, one unit each          engine::worker
//!      │                 └─ publisher   pull requests, one after another       engine::publish
//!      ▼
//!   report          what became of each unit, as a fold over the journal
//!                   cli::closing, model::report, engine::text, cli::summary
//! ```
//!
//! Workers, the publisher and signals send inputs over one channel. [`Dispatcher`](engine::dispatch::Dispatcher) answers
//! each with events to record and actions to carry out, and [`run`](engine::run::run) has both done. The
//! [`Recorder`](engine::recorder::Recorder) gives every event, in this order, to the journal, to the
//! [`History`](model::history::History) that is folded from it, and to the reporter.
//! Report, failures log and rerun are folds over the same journal: none keeps a truth of its own. An intent is on the
//! disk before the effect that it announces.
//!
//! # A unit's steps
//!
//! A worker is a function of one [`Job`](engine::job::Job) and answers only in events. It borrows a worktree, has its
//! [`Maker`](engine::worker::Maker) edit (*implement*), stages and writes the tree, holds it to the *gate*, and only then
//! runs *check* and *test*: the tree is fixed before it is tested, and what the tests leave behind is never committed.
//! Where an agent made the edits, what does not pass goes back to it, in the same session, a few times. The worker
//! *commits* the tree that passed, merges it in memory with all units that finished before
//! ([`Union`](engine::union::Union)), *pushes*, and asks the remote whether the branch is there. Then it hands the
//! worktree back; *open-pr* is the publisher's.
//!
//! # Layers
//!
//! Imports point down only, and a test holds them to it.
//!
//! | layer | what it may do |
//! |---|---|
//! | [`cli`] | wires, asks and shows; the only one that knows exit codes, hints and colours |
//! | [`adapters`] | one outside thing a file: git, processes, the disk, agents, forges, the clock |
//! | [`engine`] | decides; reaches the world only through the traits in [`engine::ports`] |
//! | [`model`] | values and rules without a clock, a disk, a process or a terminal |
//!
//! # Where each rule lives
//!
//! | rule | where |
//! |---|---|
//! | no path has two units; the longest match owns | [`model::scope`] |
//! | which files make a unit, how many units, their names | [`model::partition`] |
//! | what a plan file may say, every problem with its line | [`model::plan_file`] |
//! | what a rewrite does to a file | [`model::rewrite`] |
//! | what names and a few contents tell of a repository | [`model::facts`] |
//! | whether all is ready for a run, and what mends it | [`model::checkup`], [`adapters::git::checkup`] |
//! | what a first `batch.toml` says | [`model::first_settings`] |
//! | what of an existing change must land together | [`model::slices`] |
//! | the signs of a bad plan | [`model::signs`] |
//! | what may be committed | [`engine::gate`] |
//! | whether an agent can be asked for research, and how often | [`engine::inquiry`] |
//! | what is made of its answer, and what is wrong with it | [`model::answer`] |
//! | what an agent is told of its unit | [`engine::prompt`] |
//! | how often it is asked again, and with what | [`engine::worker`] |
//! | which agents there are, and which is the first | [`adapters::agents::roster`] |
//! | how one program is spoken to, and what it prints | [`adapters::agents::dialect`] and a file for each |
//! | the same for a program that only its user knows | [`adapters::agents::recipe`], [`adapters::agents::custom`] |
//! | how every agent is run, logged and ended | [`adapters::agents::headless`] |
//! | which variables an agent finds | [`adapters::agents::surroundings`] |
//! | that the git inside it cannot push | [`adapters::agents::no_push`] |
//! | what it changed outside its worktree | [`adapters::agents::outside`] |
//! | that no hook or setting counts that changed meanwhile | [`adapters::git::seal`], [`adapters::agents::sealing`] |
//! | what research may read | [`adapters::git::research_copy`] |
//! | what to do about a failed unit | [`engine::remedy`] |
//! | which units a go takes up, as which attempt | [`engine::go`] |
//! | how the units of a run that was cut off go on | [`engine::resume`], [`cli::findings`] |
//! | who waits for whom; what a unit that waited stands on | [`model::order`], [`model::foundation`] |
//! | when a pull request is opened, and against what | [`engine::publication`], [`engine::landed`], [`engine::caps`] |
//! | what a unit is without its pull request | [`engine::hold`] |
//! | what a pull request says, in the repository's own form | [`engine::pull_text`], [`engine::pull_template`] |
//! | what a plan means for the forge, for CI and for people | [`engine::preflight`], [`engine::workflows`] |
//! | what the tracking issue says, and where | [`engine::tracking`] |
//! | which texts a user can replace, and what is wrong with a template | [`engine::text`], [`engine::trial`], [`adapters::templates`] |
//! | which unit starts when, and what an interrupt means | [`engine::dispatch`] |
//! | which units go first, and what the rest will take by what they took | [`engine::canary`], [`engine::outlook`], [`cli::canary`] |
//! | what another process may ask of a run, and how it gets there | [`model::control`], [`adapters::control`], [`cli::asking`] |
//! | what a run may spend, and what of it a unit gets | [`engine::budget`], [`engine::forecast`] |
//! | what a provider's limits do to the pool | [`engine::pace`] |
//! | what tokens cost; where a request ends that costs too much | [`model::prices`], [`adapters::agents::priced`] |
//! | what becomes of events; which exit code they come to | [`model::history`], [`model::report`] |
//! | how git is called so that nothing of the user's moves | [`adapters::git::git`], [`adapters::git::worktrees`] |
//! | that everything started is ended | [`adapters::process`], [`adapters::guard`] |
//! | what goes to GitHub, how fast, and what of it is tried again | [`adapters::forges::github::gateway`] |
//! | where GitHub's interface is, and by which token it knows the user | [`adapters::forges::github::settings`], [`adapters::forges::github::token`] |
//! | how a unit stands, in the words a person thinks in | [`model::condition`] |
//! | what is told of a run without work: nothing written, no process started | [`cli::onlooker`] |
//! | a journal that another process writes, followed | [`adapters::journal::Follower`] |
//! | what may be removed of a run, and why the rest stays | [`engine::cleaning`] |
//! | one run at a time; how a run is found again | [`adapters::run_lock`], [`adapters::store`] |
//! | which options are settings, and which layer of them holds | [`cli::args::settable`], [`cli::settings`] |
//! | what a shell completes a command line with | [`cli::completing`] |
//! | how much a terminal is asked for, and when a text is paged | [`cli::style`], [`cli::paging`] |
//! | who is told that a run has ended | [`cli::notice`] |
//! | a command's failure as an exit code | [`cli::exit`] |
//!
//! # Words
//!
//! One word for one thing, in code, messages and files.
//!
//! | word | meaning |
//! |---|---|
//! | change | what the user asked for, and how it is made: an agent, a rewrite, a command, a change that exists |
//! | plan | the partition of a change into units, with base, setup and test |
//! | unit | one slice of the change: one scope, one branch, one pull request |
//! | scope | the paths that a unit owns |
//! | run | one execution of a plan, with an id, a journal, logs and a report |
//! | go | one pass over units of a run: all at first, in a rerun those that are unfinished |
//! | attempt | one try at a unit; a rerun begins a new one |
//! | step | prepare, implement, gate, check, test, commit, push, open-pr |
//! | gate | the rule on what may be committed |
//! | check, test | a unit's own verification, and the plan's test command |
//! | outcome | how a unit ended: opened, pushed, unchanged, failed, cancelled |
//! | workspace | the worktree that a worker uses, lent from a pool |
//! | agent | a coding agent: a program with a model behind it, that does research or implements a unit |
//! | codemod | what makes edits without a model: a rewrite, a command, a slice of a change that exists |
//! | request | one prompt to an agent, up to its end |
//! | session | an agent's conversation of several requests, kept by its program |
//! | turn | one answer of an agent's model within a request; where that is not told, one use of a tool |
//! | fix round | a failing check or test, given back to the agent in its session |
//! | forge | where pull requests live |
//! | journal | the append-only record of a run's events |
//! | report, failures log | what a run leaves for people and for programs |

#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test may fail by panicking")
)]

pub mod adapters;
pub mod cli;
pub mod engine;
pub mod model;
