//! Merges pull requests on GitHub, by GitHub: each when checks and reviews let it, at the commit that was looked at, and
//! one after another, since each merge moves the base below the next. Goes by merge queue and auto-merge where asked.

use std::collections::HashMap;
use std::num::NonZeroU64;

use serde_json::Value;

use super::super::document;
use super::super::runs::{Runs, Whose};
use super::super::tally::Tally;
use super::one::{Attempt, Found, refused};
use super::{parents_first, stacked_on};
use crate::adapters::forges::github::forge::GitHub;
use crate::cli::args::MergeArgs;
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;
use crate::cli::style::clean;
use crate::engine::merging::{Comes, Missing, comes, in_words};
use crate::engine::ports::{Forge as _, ForgeError};
use crate::model::foundation;
use crate::model::id::UnitId;
use crate::model::pull::{Pull, PullState};
use crate::model::standing::Standing;
use crate::model::wishes::MergeMethod;

/// Merges them.
///
/// # Errors
/// [`Problem`] when nothing could be begun, or the only one refused.
pub(super) async fn merge(
    session: &Session,
    runs: &Runs,
    github: &GitHub,
    numbers: &[NonZeroU64],
    args: &MergeArgs,
    mut tally: Tally<'_>,
) -> Result<Exit, Problem> {
    let plain: Vec<u64> = numbers.iter().map(|number| number.get()).collect();
    let begin = async {
        let method = match args.method {
            Some(method) => method,
            None => usual(github).await?,
        };
        let standings = github.standings(&plain).await?;
        Ok((method, standings))
    };
    let (method, standings) = session.interrupts.guard(begin).await?;
    let pulls: Vec<Pull> = standings
        .into_iter()
        .map(|standing| standing.pull)
        .collect();
    let mut merging = Merging {
        session,
        runs,
        github,
        args,
        method,
        queues: HashMap::new(),
    };
    for number in parents_first(numbers, &pulls) {
        let one = merging.one(number.get());
        let result = session.interrupts.guard(one).await.map_err(|problem| {
            if problem.exit == Exit::Interrupted {
                // Others may be merged by now.
                return Problem::new(Exit::Interrupted, "interrupted");
            }
            problem
        });
        tally.take(result)?;
    }
    tally.end()
}

/// The first method that the repository allows.
async fn usual(github: &GitHub) -> Result<MergeMethod, Problem> {
    let allowed = github.repository().await?.merge_methods;
    let usual = [MergeMethod::Merge, MergeMethod::Squash, MergeMethod::Rebase];
    let first = usual.into_iter().find(|method| allowed.contains(method));
    Ok(first.unwrap_or(MergeMethod::Merge))
}

struct Merging<'a> {
    session: &'a Session,
    runs: &'a Runs,
    github: &'a GitHub,
    args: &'a MergeArgs,
    method: MergeMethod,
    /// Which base branches have a merge queue.
    queues: HashMap<String, bool>,
}

impl Merging<'_> {
    async fn one(&mut self, number: u64) -> Result<Value, Problem> {
        let attempt = Attempt {
            session: self.session,
            runs: self.runs,
            github: self.github,
            args: self.args,
            number,
        };
        let before = attempt.standing().await?;
        self.off_the_stack(&before).await?;
        match attempt.wait().await? {
            Found::Ready(standing, notes) => self.merge(&attempt, *standing, &notes).await,
            Found::Missing(standing, missing) if self.may_be_left_to_github(&missing) => {
                self.leave_to_github(&attempt, *standing, &missing).await
            }
            Found::Missing(standing, missing) => Err(attempt.refusal(&standing, &missing)),
        }
    }

    async fn merge(
        &mut self,
        attempt: &Attempt<'_>,
        standing: Standing,
        notes: &[String],
    ) -> Result<Value, Problem> {
        let number = attempt.number;
        let title = clean(&standing.pull.title);
        let base = clean(&standing.pull.base);
        let noted = if notes.is_empty() {
            String::new()
        } else {
            format!(" ({})", clean(&notes.join("; ")))
        };
        if self.has_queue(&standing.pull.base).await? {
            if !standing.queued {
                self.github.enqueue(&standing).await?;
            }
            self.session.say(&format!(
                "#{number} {title} is in the merge queue of {base}{noted}; GitHub merges it from there."
            ));
            return Ok(self
                .told(attempt)
                .await
                .unwrap_or_else(|| of(attempt, &standing)));
        }
        let head = standing.pull.head_commit.clone();
        let merged = self.github.merge(&standing, self.method, None, &head).await;
        let commit = match merged {
            Ok(commit) => commit,
            Err(error) => return self.in_vain(attempt, error).await,
        };
        self.session.say(&format!(
            "Merged #{number} {title} into {base} as {} ({}){noted}.",
            commit.short(),
            self.method
        ));
        self.tell_those_above(&standing);
        Ok(self
            .told(attempt)
            .await
            .unwrap_or_else(|| of(attempt, &standing)))
    }

    /// The merge was refused, or nobody knows whether it was done: GitHub is asked how the pull request stands.
    async fn in_vain(&self, attempt: &Attempt<'_>, error: ForgeError) -> Result<Value, Problem> {
        let now = attempt.standing().await?;
        if now.pull.state == PullState::Merged {
            self.session.say(&format!(
                "Merged #{} {} into {}.",
                attempt.number,
                clean(&now.pull.title),
                clean(&now.pull.base)
            ));
            self.tell_those_above(&now);
            return Ok(of(attempt, &now));
        }
        // That it was to be merged is said already.
        let why = match &error {
            ForgeError::Refused { words, .. } | ForgeError::Barred { words, .. } => words.clone(),
            ForgeError::Unreachable { .. } | ForgeError::Stopped => error.to_string(),
        };
        let problem = Problem::from(error);
        if problem.exit == Exit::Interrupted {
            return Err(problem);
        }
        let hint = problem.hint.as_deref();
        Err(refused(attempt.number, &why).hint_if(hint))
    }

    /// How it stands after what was done; none where GitHub does not say now, which undoes nothing.
    async fn told(&self, attempt: &Attempt<'_>) -> Option<Value> {
        let standing = attempt.standing().await.ok()?;
        Some(of(attempt, &standing))
    }

    fn may_be_left_to_github(&self, missing: &[Missing]) -> bool {
        self.args.auto && comes(missing) <= Comes::WithPeople
    }

    async fn leave_to_github(
        &self,
        attempt: &Attempt<'_>,
        standing: Standing,
        missing: &[Missing],
    ) -> Result<Value, Problem> {
        if !standing.auto_merge {
            self.github
                .enable_auto_merge(&standing, self.method)
                .await?;
        }
        self.session.say(&format!(
            "GitHub merges #{} {} by itself once it may ({}).",
            attempt.number,
            clean(&standing.pull.title),
            clean(&in_words(missing))
        ));
        Ok(self
            .told(attempt)
            .await
            .unwrap_or_else(|| of(attempt, &standing)))
    }

    async fn has_queue(&mut self, base: &str) -> Result<bool, Problem> {
        if let Some(known) = self.queues.get(base) {
            return Ok(*known);
        }
        let has = self.github.has_merge_queue(base).await?;
        self.queues.insert(base.to_owned(), has);
        Ok(has)
    }

    /// One that was opened against the branch of another goes to where that one was merged; until then it waits.
    async fn off_the_stack(&self, standing: &Standing) -> Result<(), Problem> {
        let pull = &standing.pull;
        if pull.state != PullState::Open || !self.is_a_units(&pull.base) {
            return Ok(());
        }
        let Some(below) = self.github.find(&pull.base).await? else {
            return Ok(());
        };
        let number = pull.number;
        let why = stacked_on(&below);
        match below.state {
            PullState::Open => {
                let both = format!("prs merge {} {number}", below.number);
                let line = self.session.global.line(&both);
                Err(refused(number, &format!("{why}: it waits for that one"))
                    .hint(format!("merge that one first: {line}")))
            }
            PullState::Closed => Err(refused(number, &why).hint(format!(
                "its branch {} holds the commits of both: merge that by hand, or close it too",
                pull.head
            ))),
            PullState::Merged => self.retarget(pull, below.base).await,
        }
    }

    /// Whether a branch is one that a run of this repository made: only those are asked about.
    fn is_a_units(&self, branch: &str) -> bool {
        let units = self.runs.histories().iter().flat_map(|run| &run.units);
        units.into_iter().any(|unit| unit.branch == branch)
    }

    async fn retarget(&self, pull: &Pull, base: String) -> Result<(), Problem> {
        let now = self.github.retarget(pull.number, &base).await?;
        if now.base == base {
            return Ok(());
        }
        let why = format!("its base is {} and not {base}", now.base);
        Err(refused(pull.number, &why))
    }

    /// After a squash or a rebase the base holds other commits than those that the units above were built on.
    fn tell_those_above(&self, standing: &Standing) {
        match self.method {
            MergeMethod::Merge => return,
            MergeMethod::Squash | MergeMethod::Rebase => {}
        }
        let Some(Whose { history, unit }) = self.runs.whose(&standing.pull) else {
            return;
        };
        let above = history
            .units
            .iter()
            .filter(|above| above.after.contains(&unit.id));
        let above: Vec<(&UnitId, u64)> = above
            .filter_map(|above| Some((&above.id, above.pull()?.number)))
            .collect();
        if above.is_empty() {
            return;
        }
        let names = foundation::in_words(above.iter().map(|(id, _)| *id));
        let numbers: Vec<String> = above.iter().map(|(_, number)| number.to_string()).collect();
        let line = format!("prs update {}", numbers.join(" "));
        self.session.say(&format!(
            "{names} stood on its commits, which the base has as others now: {}",
            self.session.global.line(&line)
        ));
    }
}

/// What programs read of it.
fn of(attempt: &Attempt<'_>, standing: &Standing) -> Value {
    let recorded = attempt.whose(standing).and_then(Whose::recorded);
    document::of_standing(standing, recorded == Some(&standing.pull.head_commit))
}
