//! [`Attempt`]: one pull request on GitHub on its way to be merged: asked about until it may be, or until waiting has no
//! use any more.

use std::time::{Duration, Instant};

use super::super::runs::{Runs, Whose, no_such, since};
use crate::adapters::forges::github::forge::GitHub;
use crate::cli::args::MergeArgs;
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;
use crate::cli::style::clean;
use crate::engine::merging::{Comes, Judgement, Missing, Waived, comes, in_words, judge};
use crate::engine::ports::{Clock as _, Forge as _};
use crate::model::standing::Standing;

/// How long the forge may take to work out whether a pull request fits its base, unless the user says.
const PATIENCE: Duration = Duration::from_secs(300);

/// The first pause between two questions.
const FIRST: Duration = Duration::from_secs(2);

/// The longest.
const LONGEST: Duration = Duration::from_secs(20);

/// One pull request that is to be merged.
pub(super) struct Attempt<'a> {
    pub(super) session: &'a Session,
    pub(super) runs: &'a Runs,
    pub(super) github: &'a GitHub,
    pub(super) args: &'a MergeArgs,
    pub(super) number: u64,
}

/// What waiting came to.
pub(super) enum Found {
    /// It may be merged now; the words are what a person should know.
    Ready(Box<Standing>, Vec<String>),
    /// It may not, for as long as is waited.
    Missing(Box<Standing>, Vec<Missing>),
}

impl<'a> Attempt<'a> {
    fn waived(&self) -> Waived {
        Waived {
            checks: self.args.skip_checks,
            review: self.args.skip_review,
            head: self.args.with_their_commits,
        }
    }

    /// The unit that it delivers.
    pub(super) fn whose(&self, standing: &Standing) -> Option<Whose<'a>> {
        self.runs.whose(&standing.pull)
    }

    /// How it stands now.
    ///
    /// # Errors
    /// [`Problem`] when there is none of that number, or GitHub does not say.
    pub(super) async fn standing(&self) -> Result<Standing, Problem> {
        let found = self.github.standings(&[self.number]).await?;
        let found = found.into_iter().next();
        found.ok_or_else(|| no_such(self.session, self.number))
    }

    /// Asks until it may be merged, or waiting has no use.
    ///
    /// # Errors
    /// As [`Attempt::standing`].
    pub(super) async fn wait(&self) -> Result<Found, Problem> {
        let deadline = Instant::now() + self.args.wait.unwrap_or(PATIENCE);
        let mut pause = FIRST;
        let mut told: Option<String> = None;
        loop {
            let standing = self.standing().await?;
            let whose = self.whose(&standing);
            let now = self.session.clock.now();
            let judged = judge(
                &standing,
                whose.and_then(Whose::recorded),
                self.waived(),
                since(&standing.pull, whose, now),
                now,
            );
            let missing = match judged {
                Judgement::Ready(notes) => return Ok(Found::Ready(Box::new(standing), notes)),
                Judgement::Missing(missing) => missing,
            };
            if !self.has_patience_for(&missing) || Instant::now() + pause > deadline {
                return Ok(Found::Missing(Box::new(standing), missing));
            }
            let words = in_words(&missing);
            if told.as_ref() != Some(&words) {
                let number = self.number;
                self.session
                    .say(&format!("Waiting for #{number}: {words}."));
                told = Some(words);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST);
        }
    }

    /// Whether what is missing is waited for: checks only where the user gave a time for it.
    fn has_patience_for(&self, missing: &[Missing]) -> bool {
        match comes(missing) {
            Comes::AtOnce => true,
            Comes::WithChecks => self.args.wait.is_some() && !self.args.auto,
            Comes::WithPeople | Comes::Never => false,
        }
    }

    /// The refusal of one that lacks these.
    pub(super) fn refusal(&self, standing: &Standing, missing: &[Missing]) -> Problem {
        let number = self.number;
        let why = in_words(missing);
        let problem = refused(number, &why);
        match self.hint(standing, missing) {
            Some(hint) => problem.hint(hint),
            None => problem,
        }
    }

    /// What would help against the first of these that anything helps against.
    fn hint(&self, standing: &Standing, missing: &[Missing]) -> Option<String> {
        let line = |words: &str| self.session.global.line(words);
        let number = self.number;
        missing.iter().find_map(|missing| match missing {
            Missing::NoConflict => Some(format!(
                "have the unit done again on the base: {}",
                line(&format!("prs update {number}"))
            )),
            Missing::UpToDate => Some(format!(
                "bring its branch up to the base: {}",
                line(&format!("prs update {number}"))
            )),
            Missing::OurHead { .. } => Some(
                "look at what was pushed there; --with-their-commits merges it as it is".to_owned(),
            ),
            Missing::Ready => Some("mark it as ready for review first".to_owned()),
            Missing::Finished { .. } | Missing::Checks => Some(
                "wait for checks with --wait 30m, have GitHub wait with --auto, or go without with --skip-checks"
                    .to_owned(),
            ),
            Missing::Green(_) => {
                Some("mend what fails, or merge it all the same with --skip-checks".to_owned())
            }
            Missing::Approval | Missing::ChangesMade => Some(
                "have GitHub merge it once it is approved with --auto; --skip-review tries without, which rules may forbid"
                    .to_owned(),
            ),
            Missing::Rules => standing.pull.url.as_deref().map(|url| {
                format!("its page says which: {}", clean(url))
            }),
            Missing::Open(_) | Missing::Worked => None,
        })
    }
}

/// The refusal of a pull request.
pub(super) fn refused(number: u64, why: &str) -> Problem {
    Problem::new(
        Exit::UnitFailed,
        format!("pull request #{number} cannot be merged: {why}"),
    )
}
