//! How a pull request is opened exactly once, and held to the commit that was tested.
//!
//! A create is sent a second time only after lists have shown that the first did nothing. What GitHub answers counts only
//! when it shows the right commit.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::api::{ApiError, Call, Kind, Method, Refusal};
use super::failure::{of_kind, words};
use super::once::{BEFORE_LIST, SENT_MAX};
use super::place::Place;
use super::pulls::{Seen, best, get, of_head};
use crate::engine::ports::ForgeError;
use crate::model::mark::Mark;
use crate::model::pull::{NewPull, PullState};

/// How long GitHub is given to notice a push, in first waits, before it is looked at again.
const NOTICE: [u32; 4] = [1, 2, 4, 8];

/// What is done after a create that brought no pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// It is looked for: it may be there.
    Look,
    /// The one that is there is taken.
    Take,
    /// It is sent again, not as a draft.
    WithoutDraft,
    /// It is sent again, once: GitHub may not have noticed the push yet.
    WaitForBranch,
    /// That is the end.
    GiveUp,
}

impl Next {
    fn after(error: &ApiError, draft: bool) -> Self {
        match error {
            ApiError::Unknown { .. } => Self::Look,
            ApiError::Refused(refusal) if refusal.status == 422 => {
                Self::after_refusal(refusal, draft)
            }
            ApiError::Refused(_) | ApiError::Unreachable { .. } | ApiError::Stopped => Self::GiveUp,
        }
    }

    fn after_refusal(refusal: &Refusal, draft: bool) -> Self {
        let is_of_branch = |field: &str| matches!(field, "head" | "base");
        if refusal.says("pull request already exists") {
            Self::Take
        } else if draft && refusal.says("draft pull requests are not supported") {
            Self::WithoutDraft
        } else if refusal
            .errors
            .iter()
            .any(|error| is_of_branch(&error.field))
        {
            Self::WaitForBranch
        } else {
            Self::GiveUp
        }
    }
}

/// Opens one. Whether the repository has `no_drafts` is found out at the first that is to be one.
pub(super) async fn open(
    place: &Place,
    new: &NewPull,
    no_drafts: &AtomicBool,
) -> Result<Seen, ForgeError> {
    let doing = format!("opening a pull request for {}", new.head);
    let (mut sent, mut waited) = (0, false);
    loop {
        let draft = new.draft && !no_drafts.load(Ordering::Relaxed);
        let error = match place.send(create(place, new, draft, &doing)).await {
            Ok(answer) => match Seen::read(&answer.body) {
                Ok(seen) => return confirm(place, seen, new).await,
                Err(missing) => ApiError::Unknown {
                    doing: doing.clone(),
                    words: format!("GitHub's answer has no {missing}"),
                },
            },
            Err(error) => error,
        };
        let next = Next::after(&error, draft);
        match next {
            Next::Look | Next::Take => {
                if let Some(seen) = look(place, new, &doing, &error).await? {
                    return confirm(place, seen, new).await;
                }
                sent += 1;
                if next == Next::Take || sent == SENT_MAX {
                    return Err(error.into());
                }
            }
            Next::WithoutDraft => no_drafts.store(true, Ordering::Relaxed),
            Next::WaitForBranch if !waited => {
                waited = true;
                if let Some(seen) = look(place, new, &doing, &error).await? {
                    return confirm(place, seen, new).await;
                }
            }
            Next::WaitForBranch | Next::GiveUp => return Err(of_kind(error)),
        }
    }
}

fn create(place: &Place, new: &NewPull, draft: bool, doing: &str) -> Call {
    let mut body = json!({
        "title": new.title,
        "head": new.head,
        "base": new.base,
        "body": new.body,
        "draft": draft,
    });
    if place.is_forked() {
        body["head"] = format!("{}:{}", place.head_owner, new.head).into();
        body["maintainer_can_modify"] = true.into();
    }
    Call::write(
        doing,
        Kind::Content,
        Method::Post,
        place.path("/pulls"),
        body,
    )
}

/// Looks for what a create may have brought, and once more a little later: a list can lag behind.
async fn look(
    place: &Place,
    new: &NewPull,
    doing: &str,
    error: &ApiError,
) -> Result<Option<Seen>, ForgeError> {
    for late in [false, true] {
        if late {
            place.wait(BEFORE_LIST).await?;
        }
        let pulls = match of_head(place, &new.head).await {
            Ok(pulls) => pulls,
            Err(ApiError::Stopped) => return Err(ForgeError::Stopped),
            Err(failed) => {
                let (first, then) = (words(error), words(&failed));
                return Err(ForgeError::Unreachable {
                    doing: doing.to_owned(),
                    words: format!("{first}; then no list of pull requests could be had: {then}"),
                });
            }
        };
        if let Some(seen) = taken(pulls, new, doing)? {
            return Ok(Some(seen));
        }
    }
    Ok(None)
}

/// Which of a branch's pull requests is this unit's: an open one into the same base, or of the same mark, that nobody
/// else's run opened; or one of its own that was merged at the tested commit.
fn taken(pulls: Vec<Seen>, new: &NewPull, doing: &str) -> Result<Option<Seen>, ForgeError> {
    let is_own = |seen: &Seen| seen.pull.mark.as_ref().is_some_and(|mark| is_of(mark, new));
    let is_open = |seen: &Seen| {
        seen.pull.state == PullState::Open && (seen.pull.base == new.base || is_own(seen))
    };
    let (open, others): (Vec<Seen>, Vec<Seen>) = pulls.into_iter().partition(is_open);
    if let Some(seen) = best(open) {
        hold_to_mark(&seen, new, doing)?;
        return Ok(Some(seen));
    }
    let is_merged = |seen: &Seen| {
        is_own(seen)
            && seen.pull.state == PullState::Merged
            && seen.pull.head_commit == new.head_commit
    };
    Ok(best(others.into_iter().filter(is_merged).collect()))
}

/// Whether the mark is of the same unit of the same run.
fn is_of(mark: &Mark, new: &NewPull) -> bool {
    mark.run == new.mark.run && mark.unit == new.mark.unit
}

/// Refuses one that belongs to another unit.
fn hold_to_mark(seen: &Seen, new: &NewPull, doing: &str) -> Result<(), ForgeError> {
    match &seen.pull.mark {
        Some(mark) if !is_of(mark, new) => Err(ForgeError::Refused {
            doing: doing.to_owned(),
            words: format!(
                "#{} of this branch is open for unit {} of run {}",
                seen.pull.number, mark.unit, mark.run
            ),
            hint: Some("close it, or choose another `--branch-prefix`".to_owned()),
        }),
        Some(_) | None => Ok(()),
    }
}

/// Gives an open one its title and body as they are now, unless a person wrote them, and holds it to the tested commit.
pub(super) async fn refresh(place: &Place, number: u64, new: &NewPull) -> Result<Seen, ForgeError> {
    let doing = format!("updating pull request #{number}");
    let mut seen = get(place, number).await?;
    hold_to_mark(&seen, new, &doing)?;
    // GitHub may keep other line ends than it was given, and no blanks at the end.
    let is_same = |ours: &str, theirs: &str| ours.trim_end().lines().eq(theirs.trim_end().lines());
    let pull = &seen.pull;
    if pull.mark.is_some()
        && !(is_same(new.title.trim(), &pull.title) && is_same(&new.body, &pull.body))
    {
        let path = place.path(&format!("/pulls/{number}"));
        let body = json!({ "title": new.title, "body": new.body });
        let call = Call::write(&doing, Kind::Write, Method::Patch, path, body);
        let answer = place.settle(call).await?;
        seen = Seen::read_answer(&doing, &answer.body)?;
    }
    confirm(place, seen, new).await
}

/// Waits until GitHub shows the tested commit as its head.
async fn confirm(place: &Place, mut seen: Seen, new: &NewPull) -> Result<Seen, ForgeError> {
    let number = seen.pull.number;
    for wait in NOTICE {
        if seen.pull.head_commit == new.head_commit {
            return Ok(seen);
        }
        place.wait(wait).await?;
        seen = get(place, number).await?;
    }
    if seen.pull.head_commit == new.head_commit {
        return Ok(seen);
    }
    let words = format!(
        "GitHub shows it at commit {}, and {} was tested",
        seen.pull.head_commit.short(),
        new.head_commit.short()
    );
    Err(ForgeError::Refused {
        doing: format!("confirming pull request #{number}"),
        words,
        hint: Some(
            "see who pushed to its branch since; `batch prs publish` looks again".to_owned(),
        ),
    })
}

#[cfg(test)]
mod tests;
