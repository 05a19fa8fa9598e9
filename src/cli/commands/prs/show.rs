//! `batch prs show`: one pull request: what it says, how far it is, and what it changes.

use std::num::NonZeroU64;

use serde_json::{Value, json};

use super::document;
use super::runs::{Runs, no_such};
use crate::adapters::forges::github::forge::GitHub;
use crate::adapters::git::repository::GitRepository;
use crate::cli::args::Format;
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::RunForge;
use crate::cli::session::Session;
use crate::cli::style::{Look, Tone, clean, clean_lines};
use crate::engine::ports::{Forge as _, Repository as _};
use crate::model::pull::Pull;
use crate::model::standing::{Check, CheckState, Review, Standing};

/// Shows one.
///
/// # Errors
/// [`Problem`] when there is none of that number, or its commits are not here.
pub(super) async fn show(session: &Session, number: NonZeroU64) -> Result<Exit, Problem> {
    let number = number.get();
    let runs = Runs::all(session)?;
    match runs.forge_of(session, &[number]).await? {
        RunForge::Local(local) => {
            let pull = local.pull(number).await?;
            let diff = diff(session, &runs, &pull).await?;
            answer(session, &pull, None, &diff)
        }
        RunForge::GitHub(github) => {
            let asked = standing(session, &github, number);
            let standing = session.interrupts.guard(asked).await?;
            let diff = match diff(session, &runs, &standing.pull).await {
                Ok(diff) => diff,
                // The page on the server shows it as well.
                Err(problem) => {
                    session.say(&problem.render(session.look()));
                    Vec::new()
                }
            };
            let whose = runs.whose(&standing.pull);
            let recorded = whose.and_then(super::runs::Whose::recorded);
            let ours = recorded == Some(&standing.pull.head_commit);
            answer(session, &standing.pull, Some((&standing, ours)), &diff)
        }
    }
}

async fn standing(session: &Session, github: &GitHub, number: u64) -> Result<Standing, Problem> {
    let found = github.standings(&[number]).await?;
    let mut standing = found
        .into_iter()
        .next()
        .ok_or_else(|| no_such(session, number))?;
    if standing.pull.body.is_empty() {
        standing.pull = github.get(number).await?;
    }
    Ok(standing)
}

fn answer(
    session: &Session,
    pull: &Pull,
    standing: Option<(&Standing, bool)>,
    diff: &[u8],
) -> Result<Exit, Problem> {
    match session.global.format {
        Format::Json => {
            let mut all = serde_json::to_value(pull).map_err(|error| {
                Problem::new(
                    Exit::NotReady,
                    format!("pull request {}: {error}", pull.number),
                )
            })?;
            let listed = match standing {
                Some((standing, ours)) => document::of_standing(standing, ours),
                None => document::of_pull(pull),
            };
            if let (Value::Object(all), Value::Object(listed)) = (&mut all, listed) {
                all.extend(listed);
            }
            if let Some((standing, _)) = standing {
                all["checks"]["each"] = json!(standing.checks);
            }
            all["diff"] = String::from_utf8_lossy(diff).into_owned().into();
            session.answer(&format!("{all:#}\n"));
        }
        Format::Text => {
            let look = Look::of_stdout();
            let mut text = headed(pull, look);
            if let Some((standing, _)) = standing {
                text.push_str(&progress(standing, look));
            }
            text.push_str(&format!("\n{}\n\n", clean_lines(pull.body.trim_end())));
            session.answer(&text);
            session.answer_bytes(diff);
        }
    }
    Ok(Exit::Done)
}

fn headed(pull: &Pull, look: Look) -> String {
    let mut text = format!("#{} {}\n", pull.number, clean(&pull.title));
    let draft = if pull.draft { " draft" } else { "" };
    text.push_str(&look.paint(
        Tone::Faint,
        &format!(
            "{}{draft}, {} into {}, at {}{}",
            pull.state,
            clean(&pull.head),
            clean(&pull.base),
            pull.head_commit.short(),
            pull.run().map_or_else(String::new, |run| format!(", by run {run}"))
        ),
    ));
    text.push('\n');
    if !pull.labels.is_empty() {
        text.push_str(&format!("labels: {}\n", clean(&pull.labels.join(", "))));
    }
    text
}

/// Where it is, what reviewers say, and each check by its name.
fn progress(standing: &Standing, look: Look) -> String {
    let mut text = String::new();
    if let Some(url) = &standing.pull.url {
        text.push_str(&format!("{}\n", clean(url)));
    }
    let review = match standing.review {
        Review::NotRequired => "no rule wants one",
        Review::Required => "wanted",
        Review::Approved => "approved",
        Review::ChangesRequested => "changes wanted",
    };
    text.push_str(&format!("review: {review}\n"));
    if standing.queued {
        text.push_str("it is in the merge queue\n");
    } else if standing.auto_merge {
        text.push_str("it is merged by itself once it may be\n");
    }
    if standing.checks.is_empty() {
        text.push_str("checks: none yet\n");
    } else {
        text.push_str("checks:\n");
        for check in &standing.checks {
            text.push_str(&line_of(check, look));
        }
    }
    text
}

fn line_of(check: &Check, look: Look) -> String {
    let (word, tone) = match check.state {
        CheckState::Passed => ("passed ", Tone::Good),
        CheckState::Pending => ("pending", Tone::Caution),
        CheckState::Failed => ("failed ", Tone::Bad),
    };
    let required = if check.required { " (required)" } else { "" };
    format!(
        "  {} {}{required}\n",
        look.paint(tone, word),
        clean(&check.name)
    )
}

/// What the pull request changes: its commit against the commit it was made on.
async fn diff(session: &Session, runs: &Runs, pull: &Pull) -> Result<Vec<u8>, Problem> {
    let repository = GitRepository::new(&session.place);
    let whose = runs.whose(pull);
    if repository.tree_of(&pull.head_commit).await?.is_none() {
        let remote = whose.and_then(|whose| whose.history.remote.as_deref());
        return Err(Problem::new(
            Exit::NotReady,
            format!(
                "commit {} of pull request {} is not in this repository",
                pull.head_commit.short(),
                pull.number
            ),
        )
        .hint(format!(
            "fetch its branch: git fetch {} {}",
            remote.unwrap_or("origin"),
            pull.head
        )));
    }
    let base = whose.and_then(|whose| whose.unit.base.as_ref());
    let coloured = match session.global.format {
        Format::Text => Look::of_stdout() == Look::Colours,
        Format::Json => false,
    };
    Ok(repository.diff(base, &pull.head_commit, coloured).await?)
}
