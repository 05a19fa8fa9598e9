//! `batch prs`: the pull requests of a run on the local forge: listed, shown and closed. Merging is `merge`'s, and opening
//! what waited is `publish`'s.

use std::num::NonZeroU64;

use crate::adapters::forges::local::LocalForge;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::journal;
use crate::cli::args::{Format, PrsCommand};
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge;
use crate::cli::page::stdout_width;
use crate::cli::session::Session;
use crate::cli::style::{Look, Tone, clean, clean_lines};
use crate::cli::table::{Cell, Column, Table};
use crate::engine::ports::Repository;
use crate::model::id::UnitId;
use crate::model::pull::{Pull, PullState};

mod merge;
mod publish;

/// Carries out one of the `prs` commands.
///
/// # Errors
/// [`Problem`] when there is no such pull request, or it cannot be merged or closed.
pub async fn prs(session: &Session, command: PrsCommand) -> Result<Exit, Problem> {
    let forge = forge::local(session);
    match command {
        PrsCommand::List { run, all } => list(session, &forge, run.as_deref(), all).await,
        PrsCommand::Show { number } => show(session, &forge, number).await,
        PrsCommand::Merge { numbers } => {
            let numbers = merge::parents_first(&numbers, &forge.list().await?);
            each(session, numbers, async |number| {
                merge::merge(session, &forge, number).await
            })
            .await
        }
        PrsCommand::Publish { run, labels } => {
            publish::publish(session, forge, run.as_deref(), &labels).await
        }
        PrsCommand::Close { numbers } => {
            each(session, numbers, async |number| {
                close(session, &forge, number).await
            })
            .await
        }
    }
}

/// Does the same to each, up to the first that refuses; the answer holds those to which it was done.
async fn each(
    session: &Session,
    numbers: Vec<NonZeroU64>,
    act: impl AsyncFn(NonZeroU64) -> Result<Pull, Problem>,
) -> Result<Exit, Problem> {
    let mut done = Vec::new();
    let mut refused = None;
    for number in numbers {
        match act(number).await {
            Ok(pull) => done.push(pull),
            Err(problem) => {
                refused = Some(problem);
                break;
            }
        }
    }
    if session.global.format == Format::Json {
        session.answer(&listed(&done));
    }
    refused.map_or(Ok(Exit::Done), Err)
}

async fn close(session: &Session, forge: &LocalForge, number: NonZeroU64) -> Result<Pull, Problem> {
    let pull = forge.close(number.get()).await?;
    session.say(&format!(
        "Closed #{number} {}; its branch {} stays.",
        clean(&pull.title),
        pull.head
    ));
    Ok(pull)
}

async fn list(
    session: &Session,
    forge: &LocalForge,
    run: Option<&str>,
    all: bool,
) -> Result<Exit, Problem> {
    let mut pulls = forge.list().await?;
    if !all {
        let runs = session.store.runs()?;
        if runs.is_empty() && run.is_none() {
            pulls.clear();
        } else {
            let folder = session.store.find(run)?;
            pulls.retain(|pull| pull.run() == Some(folder.run()));
        }
    }
    match session.global.format {
        Format::Json => session.answer(&listed(&pulls)),
        Format::Text if pulls.is_empty() => session.say("No pull requests."),
        Format::Text => session.answer(&table(&pulls)),
    }
    Ok(Exit::Done)
}

fn table(pulls: &[Pull]) -> String {
    let columns = || {
        [
            Column::number("PR"),
            Column::text("STATE"),
            Column::text("UNIT").giving_way(2, 10),
            Column::text("TITLE").giving_way(1, 20),
            Column::text("COMMIT"),
        ]
    };
    let shared = shared_beginning(pulls);
    let rows = pulls.iter().map(|pull| {
        let tone = match pull.state {
            PullState::Open => Tone::Good,
            PullState::Merged => Tone::Normal,
            PullState::Closed => Tone::Caution,
        };
        [
            Cell::from(format!("#{}", pull.number)),
            Cell::toned(tone, &pull.state.to_string()),
            Cell::from(pull.unit().map_or("", UnitId::as_str)),
            Cell::from(&pull.title[shared..]),
            Cell::from(pull.head_commit.short()),
        ]
    });
    let (width, look) = (Some(stdout_width()), Look::of_stdout());
    // Where all go to one branch, a column of it tells nothing.
    if pulls.windows(2).all(|pair| pair[0].base == pair[1].base) {
        let mut table = Table::new(columns());
        rows.for_each(|cells| table.row(cells));
        return table.render(width, look);
    }
    let [number, state, unit, title, commit] = columns();
    let base = Column::text("BASE").giving_way(3, 6);
    let mut table = Table::new([number, state, unit, title, base, commit]);
    for (pull, [number, state, unit, title, commit]) in pulls.iter().zip(rows) {
        table.row([
            number,
            state,
            unit,
            title,
            base_name(pull, pulls).into(),
            commit,
        ]);
    }
    table.render(width, look)
}

/// What a pull request is merged into: a branch, or the number of the one that it is stacked on.
fn base_name(pull: &Pull, pulls: &[Pull]) -> String {
    let below = pulls.iter().rfind(|other| other.head == pull.base);
    below.map_or_else(|| pull.base.clone(), |below| format!("#{}", below.number))
}

/// How many bytes of all titles are the same change, named first: in a column of them that tells nothing.
fn shared_beginning(pulls: &[Pull]) -> usize {
    let [first, others @ ..] = pulls else {
        return 0;
    };
    let is_shared = |end: &usize| {
        let mut others = others.iter();
        !others.as_slice().is_empty()
            && others.all(|other| other.title.starts_with(&first.title[..*end]))
    };
    let ends = first
        .title
        .match_indices(": ")
        .map(|(at, joint)| at + joint.len());
    ends.filter(is_shared).last().unwrap_or(0)
}

/// The document of `prs list --format json`.
fn listed(pulls: &[Pull]) -> String {
    let items: Vec<serde_json::Value> = pulls
        .iter()
        .map(|pull| {
            serde_json::json!({
                "number": pull.number,
                "run": pull.run(),
                "unit": pull.unit(),
                "title": pull.title,
                "state": pull.state,
                "head": pull.head,
                "head_commit": pull.head_commit,
                "base": pull.base,
                "url": pull.url,
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::Array(items))
}

async fn show(session: &Session, forge: &LocalForge, number: NonZeroU64) -> Result<Exit, Problem> {
    let pull = forge.pull(number.get()).await?;
    let diff = diff(session, &pull).await?;
    match session.global.format {
        Format::Json => {
            let mut document = serde_json::to_value(&pull).map_err(|error| {
                Problem::new(Exit::NotReady, format!("pull request {number}: {error}"))
            })?;
            document["diff"] = String::from_utf8_lossy(&diff).into_owned().into();
            session.answer(&format!("{document:#}\n"));
        }
        Format::Text => {
            let look = Look::of_stdout();
            let mut text = format!("#{} {}\n", pull.number, clean(&pull.title));
            text.push_str(&look.paint(
                Tone::Faint,
                &format!(
                    "{}, {} into {}, at {}{}",
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
            text.push_str(&format!("\n{}\n\n", clean_lines(pull.body.trim_end())));
            session.answer(&text);
            session.answer_bytes(&diff);
        }
    }
    Ok(Exit::Done)
}

/// What the pull request changes: its commit against the commit it was made on.
async fn diff(session: &Session, pull: &Pull) -> Result<Vec<u8>, Problem> {
    let repository = GitRepository::new(&session.place);
    let history = pull.run().and_then(|run| {
        let folder = session.store.run(run);
        journal::history(&folder.journal()).ok()
    });
    let base = history
        .as_ref()
        .and_then(|history| history.unit(pull.unit()?))
        .and_then(|unit| unit.base.clone());
    if repository.tree_of(&pull.head_commit).await?.is_none() {
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
            history
                .as_ref()
                .and_then(|history| history.remote.as_deref())
                .unwrap_or("origin"),
            pull.head
        )));
    }
    let coloured = match session.global.format {
        Format::Text => Look::of_stdout() == Look::Colours,
        Format::Json => false,
    };
    Ok(repository
        .diff(base.as_ref(), &pull.head_commit, coloured)
        .await?)
}

#[cfg(test)]
mod tests {
    use super::shared_beginning;
    use crate::model::id::ObjectId;
    use crate::model::pull::{Pull, PullState};

    fn pulls(titles: &[&str]) -> Vec<Pull> {
        let pull = |title: &&str| Pull {
            number: 1,
            mark: None,
            draft: false,
            title: (*title).to_owned(),
            body: String::new(),
            state: PullState::Open,
            head: "batch/a".to_owned(),
            head_commit: ObjectId::new("0"),
            base: "main".to_owned(),
            labels: Vec::new(),
            created: jiff::Timestamp::UNIX_EPOCH,
            merge_commit: None,
            url: None,
        };
        titles.iter().map(pull).collect()
    }

    #[test]
    fn what_all_titles_begin_with_is_told_once_by_the_change_and_not_in_each_row() {
        let shared = |titles: &[&str]| shared_beginning(&pulls(titles));
        assert_eq!(
            shared(&["fix: it: src", "fix: it: docs"]),
            "fix: it: ".len()
        );
        assert_eq!(shared(&["fix: src", "mend: docs"]), 0);
        assert_eq!(shared(&["fix: src"]), 0);
        assert_eq!(shared(&[]), 0);
    }
}
