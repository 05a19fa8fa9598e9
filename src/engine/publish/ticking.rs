//! [`Ticking`]: keeps a run's tracking issue: makes it, or takes the one that was named, and brings its section up to date
//! now and then. What goes wrong with it is told once, and costs no unit its pull request.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::Desk;
use crate::engine::ports::ForgeError;
use crate::engine::teller::Teller;
use crate::engine::text::TextError;
use crate::engine::tracking::{Board, Full};
use crate::model::event::Event;
use crate::model::history::History;
use crate::model::outcome::IssueLink;
use crate::model::wishes::Tracking;

/// The state of the tracking issue.
pub(super) struct Ticking {
    every: Duration,
    board: watch::Receiver<Board>,
    wish: Wish,
    issue: Option<IssueLink>,
    /// The pull requests that are known to be merged.
    merged: BTreeSet<u64>,
    /// What the issue was last told, and when.
    told: Option<(Board, Instant)>,
}

/// When the issue is looked after.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tick {
    /// Before anything else of a unit, so that its pull request can name it.
    First,
    /// Between units, when it was left alone for long enough.
    InTime,
    /// When nothing more is going to change.
    Last,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    None,
    New,
    Issue(u64),
    /// It went wrong, and was told.
    GivenUp,
}

/// Why the issue could not be kept.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Forge(#[from] ForgeError),
    #[error(transparent)]
    Text(#[from] TextError),
    #[error(transparent)]
    Full(#[from] Full),
}

impl Ticking {
    pub(super) fn new(every: Duration, board: watch::Receiver<Board>) -> Self {
        Self {
            every,
            board,
            wish: Wish::None,
            issue: None,
            merged: BTreeSet::new(),
            told: None,
        }
    }

    /// Learns what the user wants, and which issue the run has already.
    pub(super) fn wished(&mut self, history: &History) {
        if self.wish != Wish::None {
            return;
        }
        let known = history.tracked_by.as_ref();
        self.wish = match (history.pulls.tracking, known) {
            (None, _) => Wish::None,
            (Some(Tracking::New), Some(known)) => Wish::Issue(known.number),
            (Some(Tracking::New), None) => Wish::New,
            (Some(Tracking::Issue(number)), _) => Wish::Issue(number),
        };
        if let Wish::Issue(number) = self.wish {
            self.issue = known.filter(|known| known.number == number).cloned();
        }
    }

    /// Learns which pull requests are merged.
    pub(super) fn merged(&mut self, merged: BTreeSet<u64>) {
        self.merged.extend(merged);
    }

    /// The issue, once it is there.
    pub(super) fn issue(&self) -> Option<&IssueLink> {
        self.issue.as_ref()
    }

    /// Returns when there is something to tell and it is time for it; never where nothing is wanted.
    pub(super) async fn due(&mut self) {
        if self.wish == Wish::GivenUp {
            std::future::pending::<()>().await;
        }
        if self.is_up_to_date() && self.board.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        match &self.told {
            Some((_, at)) => tokio::time::sleep_until(*at + self.every).await,
            // Before the first unit is delivered there is nothing to be kept.
            None => std::future::pending().await,
        }
    }

    /// Brings it up to date, as far as that is to be done now.
    pub(super) async fn tick(&mut self, tick: Tick, desk: &Desk, teller: &Teller) {
        let is_now = match (tick, &self.told) {
            (Tick::First, told) => told.is_none(),
            (Tick::InTime, Some((_, at))) => !self.is_up_to_date() && at.elapsed() >= self.every,
            (Tick::Last, Some(_)) => !self.is_up_to_date(),
            (Tick::InTime | Tick::Last, None) => false,
        };
        if is_now {
            self.keep(desk, teller).await;
        }
    }

    fn is_up_to_date(&self) -> bool {
        self.told
            .as_ref()
            .is_some_and(|(told, _)| *told == *self.board.borrow())
    }

    async fn keep(&mut self, desk: &Desk, teller: &Teller) {
        let board = self.board.borrow_and_update().clone();
        let kept = match self.wish {
            Wish::None | Wish::GivenUp => return,
            Wish::New => self.make(&board, desk).await,
            Wish::Issue(number) => self.write(&board, number, desk).await,
        };
        match kept {
            Ok(issue) => {
                self.told = Some((board, Instant::now()));
                self.wish = Wish::Issue(issue.number);
                if self.issue.as_ref() != Some(&issue) {
                    self.issue = Some(issue.clone());
                    teller.tell(Event::TrackedBy { issue }).await;
                }
            }
            Err(Trouble::Forge(ForgeError::Stopped)) => self.wish = Wish::GivenUp,
            Err(trouble) => {
                self.wish = Wish::GivenUp;
                let text = format!("the tracking issue is not kept up to date: {trouble}");
                teller.tell(Event::Warning { unit: None, text }).await;
            }
        }
    }

    async fn make(&self, board: &Board, desk: &Desk) -> Result<IssueLink, Trouble> {
        let issue = board.new_issue(&desk.scribe.texts, &self.merged)?;
        Ok(desk.forge.open_issue(&issue).await?)
    }

    async fn write(&self, board: &Board, number: u64, desk: &Desk) -> Result<IssueLink, Trouble> {
        let (issue, body) = desk.forge.issue_body(number).await?;
        let placed = board.placed(&body, &desk.scribe.texts, &self.merged)??;
        if placed != body {
            desk.forge.set_issue_body(number, &placed).await?;
        }
        Ok(issue)
    }
}
