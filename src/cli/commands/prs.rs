//! `batch prs`: the pull requests of a run, and what can be done with them on the local forge.

use std::num::NonZeroU64;

use crate::adapters::forges::local::LocalForge;
use crate::adapters::git::RemoteChoice;
use crate::adapters::git::remote::Deliveries;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::journal;
use crate::cli::args::{Format, PrsCommand};
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge;
use crate::cli::page::stdout_width;
use crate::cli::session::Session;
use crate::cli::style::{Look, Tone, clean, clean_lines};
use crate::cli::table::{Cell, Column, Table};
use crate::engine::ports::{Merged, Remote, Repository, Stop, Watch};
use crate::model::pull::{Pull, PullState};

/// How long the push of a merge may take, hooks included.
const MERGE_PUSH: std::time::Duration = std::time::Duration::from_secs(600);

/// Carries out one of the `prs` commands.
///
/// # Errors
/// [`Problem`] when there is no such pull request, or it cannot be merged or closed.
pub async fn prs(session: &Session, command: PrsCommand) -> Result<Exit, Problem> {
    let forge = forge::of(session);
    match command {
        PrsCommand::List { run, all } => list(session, &forge, run.as_deref(), all).await,
        PrsCommand::Show { number } => show(session, &forge, number).await,
        PrsCommand::Merge { numbers } => {
            each(session, numbers, async |number| {
                merge(session, &forge, number).await
            })
            .await
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
    let pull = forge
        .set_state(number.get(), PullState::Closed, None)
        .await?;
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
            pulls.retain(|pull| pull.run == *folder.run());
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
    let mut table = Table::new([
        Column::number("PR"),
        Column::text("STATE"),
        Column::text("UNIT").giving_way(2, 10),
        Column::text("TITLE").giving_way(1, 20),
        Column::text("COMMIT"),
    ]);
    let shared = shared_beginning(pulls);
    for pull in pulls {
        let tone = match pull.state {
            PullState::Open => Tone::Good,
            PullState::Merged => Tone::Normal,
            PullState::Closed => Tone::Caution,
        };
        table.row([
            Cell::from(format!("#{}", pull.number)),
            Cell::toned(tone, &pull.state.to_string()),
            Cell::from(pull.unit.as_str()),
            Cell::from(&pull.title[shared..]),
            Cell::from(pull.head_commit.short()),
        ]);
    }
    table.render(Some(stdout_width()), Look::of_stdout())
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
                "run": pull.run,
                "unit": pull.unit,
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
    let pull = forge.get(number.get()).await?;
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
                    "{}, {} into {}, at {}, by run {}",
                    pull.state,
                    clean(&pull.head),
                    clean(&pull.base),
                    pull.head_commit.short(),
                    pull.run
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
    let folder = session.store.run(&pull.run);
    let history = journal::history(&folder.journal()).ok();
    let base = history
        .as_ref()
        .and_then(|history| history.unit(&pull.unit))
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

async fn merge(session: &Session, forge: &LocalForge, number: NonZeroU64) -> Result<Pull, Problem> {
    let pull = forge.get(number.get()).await?;
    match pull.state {
        PullState::Open => {}
        PullState::Merged | PullState::Closed => {
            return Err(refused(number, &format!("it is {}", pull.state)));
        }
    }
    let folder = session.store.run(&pull.run);
    let history = journal::history(&folder.journal())?;
    let remote = session.remote_of(&history).await?;
    let repository = GitRepository::new(&session.place);
    if remote == RemoteChoice::Here {
        refuse_where_checked_out(&repository, number, &pull).await?;
    }
    let base = session.place.base(&remote, Some(&pull.base)).await?;
    let base = base.base.commit;
    let deliveries = Deliveries::new(&session.place, remote);
    refuse_where_moved(&deliveries, number, &pull).await?;
    // A merge that was cut off between its push and its record, or one by hand.
    if repository.holds(&base, &pull.head_commit).await? {
        let merged = forge
            .set_state(number.get(), PullState::Merged, None)
            .await?;
        session.say(&format!(
            "#{number} {} is in {} already; it is recorded as merged.",
            clean(&pull.title),
            pull.base
        ));
        return Ok(merged);
    }
    let message = format!(
        "Merge pull request #{number} from {}\n\n{}\n",
        pull.head, pull.title
    );
    let commit = match repository.merge(&base, &pull.head_commit, &message).await? {
        Merged::Clean(commit) => commit,
        Merged::Conflict(paths) => {
            let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
            let why = format!("it conflicts with {} in {}", pull.base, paths.join(", "));
            return Err(refused(number, &why));
        }
    };
    let logs = folder.logs_folder().join(pull.unit.as_str());
    let watch = Watch {
        log: logs.join("merge.log"),
        timeout: MERGE_PUSH,
        stop: Stop::default(),
    };
    deliveries
        .push(&commit, &pull.base, Some(&base), None, &watch)
        .await?;
    let merged = forge
        .set_state(number.get(), PullState::Merged, Some(commit.clone()))
        .await?;
    session.say(&format!(
        "Merged #{number} {} into {} as {}.",
        clean(&pull.title),
        pull.base,
        commit.short()
    ));
    Ok(merged)
}

/// Without a remote the merge would move the branch below somebody's files.
async fn refuse_where_checked_out(
    repository: &GitRepository,
    number: NonZeroU64,
    pull: &Pull,
) -> Result<(), Problem> {
    let Some(place) = repository.checked_out_at(&pull.base).await? else {
        return Ok(());
    };
    let why = format!(
        "there is no remote, and its base {} is checked out in {}",
        pull.base,
        place.display()
    );
    let hint = format!("merge it there with git: git merge {}", pull.head);
    Err(refused(number, &why).hint(hint))
}

/// What is merged is the commit that was tested, and nothing that came to the branch since.
async fn refuse_where_moved(
    deliveries: &Deliveries,
    number: NonZeroU64,
    pull: &Pull,
) -> Result<(), Problem> {
    let branch = &pull.head;
    let why = match deliveries.head(branch).await? {
        Some(head) if head == pull.head_commit => return Ok(()),
        Some(head) => format!(
            "its branch {branch} moved to {} since it was tested",
            head.short()
        ),
        None => format!("its branch {branch} is gone"),
    };
    Err(refused(number, &why))
}

fn refused(number: NonZeroU64, why: &str) -> Problem {
    Problem::new(
        Exit::UnitFailed,
        format!("pull request {number} cannot be merged: {why}"),
    )
}

#[cfg(test)]
mod tests {
    use super::shared_beginning;
    use crate::model::id::{ObjectId, UnitId};
    use crate::model::pull::{Pull, PullState};

    fn pulls(titles: &[&str]) -> Vec<Pull> {
        let pull = |title: &&str| Pull {
            number: 1,
            run: "20260102T030405Z-0a1b".parse().unwrap(),
            unit: UnitId::parse("a").unwrap(),
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
