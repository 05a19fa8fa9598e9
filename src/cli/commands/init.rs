//! `batch init`: writes a commented `batch.toml` with what is found in the repository. One that is there is never lost.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;

use crate::adapters::atomic;
use crate::adapters::git::RemoteChoice;
use crate::adapters::git::ground::Head;
use crate::adapters::git::objects::GitObjects;
use crate::adapters::settings_file::REPOSITORY_FILE;
use crate::cli::agents::to_look_for;
use crate::cli::args::{Format, InitArgs};
use crate::cli::blocking::away_from_the_loop;
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;
use crate::engine::facts::commands;
use crate::model::facts::{CommandKind, Commands};
use crate::model::first_settings::{Found, first_settings};

/// How long a remote may take to say which branch is its default one.
const PATIENCE: Duration = Duration::from_secs(15);

/// Writes the file.
///
/// # Errors
/// [`Problem`] when there is one already, or it cannot be written.
pub async fn init(session: &Session, args: InitArgs) -> Result<Exit, Problem> {
    let file = session.place.root.join(REPOSITORY_FILE);
    let there = file.symlink_metadata().is_ok();
    if there && !args.force && !args.stdout {
        return Err(exists(&file));
    }
    let looking = async {
        let commands = found_commands(session).await?;
        let base = base(session, args.remote.as_deref()).await;
        Ok((commands, base))
    };
    let (commands, base) = session.interrupts.guard(looking).await?;
    let agent = to_look_for(&session.place.root)
        .ok()
        .and_then(|roster| roster.first_on_path().ok());
    let text = first_settings(Found {
        commands: &commands,
        base: base.as_deref(),
        agent: agent.as_ref().map(|agent| agent.dialect.name()),
    });
    let kept = if there && !args.stdout {
        Some(keep_beside(&file)?)
    } else {
        None
    };
    if !args.stdout {
        write(&file, &text, kept.is_some())?;
    }
    match session.global.format {
        Format::Json => {
            let document = json!({
                "path": (!args.stdout).then(|| file.display().to_string()),
                "kept": kept.as_ref().map(|kept| kept.display().to_string()),
                "text": text,
            });
            session.answer(&format!("{document:#}\n"));
        }
        Format::Text if args.stdout => session.answer(&text),
        Format::Text => tell(session, &file, kept.as_deref(), &commands),
    }
    Ok(Exit::Done)
}

fn tell(session: &Session, file: &Path, kept: Option<&Path>, commands: &Commands) {
    session.say(&format!("wrote {}", file.display()));
    if let Some(kept) = kept {
        session.say(&format!("the old one is {}", kept.display()));
    }
    let said = |kind, what: &str| match commands.best(kind) {
        Some(found) => format!("{what}  {} ({})", found.command, found.from.to_text()),
        None => format!("{what}  none found"),
    };
    session.say(&said(CommandKind::Test, "  test "));
    session.say(&said(CommandKind::Setup, "  setup"));
    let doctor = session.global.line("doctor");
    session.say(&format!(
        "look it over and commit it; whether all else is ready says: {doctor}"
    ));
}

/// The commands that the files of what is checked out tell of.
async fn found_commands(session: &Session) -> Result<Commands, Problem> {
    let Some(commit) = session.place.head.commit().cloned() else {
        return Ok(Commands::default());
    };
    let objects = GitObjects::open(&session.place);
    away_from_the_loop(move || Ok(commands(&objects, &commit)?)).await
}

/// The branch that a run would start from; none where nobody says.
async fn base(session: &Session, named: Option<&str>) -> Option<String> {
    let place = &session.place;
    match place.choose_remote(named).await.ok()? {
        RemoteChoice::Here => match &place.head {
            Head::Branch { name, .. } => Some(name.clone()),
            Head::Detached { .. } | Head::Unborn { .. } => None,
        },
        RemoteChoice::Named(remote) => {
            let asked = timeout(PATIENCE, place.ask(&remote, "batch/")).await;
            asked.ok()?.ok()?.answered.default
        }
    }
}

fn exists(file: &Path) -> Problem {
    let words = format!("{} is there already", file.display());
    Problem::new(Exit::Usage, words).hint(
        "see what would be written with --stdout; write it anew with --force, which keeps the old one",
    )
}

/// Keeps what the old file says under a name that no other file has.
fn keep_beside(file: &Path) -> Result<PathBuf, Problem> {
    let old = std::fs::read(file).map_err(|error| unreadable(file, &error))?;
    let mut number = 1_u32;
    loop {
        let beside = file.with_file_name(match number {
            1 => format!("{REPOSITORY_FILE}.old"),
            _ => format!("{REPOSITORY_FILE}.old-{number}"),
        });
        match atomic::create(&beside, &old) {
            Ok(()) => return Ok(beside),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(unwritable(&beside, &error)),
        }
    }
}

fn write(file: &Path, text: &str, anew: bool) -> Result<(), Problem> {
    let written = if anew {
        atomic::replace(file, text.as_bytes())
    } else {
        atomic::create(file, text.as_bytes())
    };
    match written {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(exists(file)),
        Err(error) => Err(unwritable(file, &error)),
    }
}

fn unreadable(file: &Path, error: &std::io::Error) -> Problem {
    let words = format!("{} cannot be read: {error}", file.display());
    Problem::new(Exit::NotReady, words).hint("remove it, and nothing has to be kept")
}

fn unwritable(file: &Path, error: &std::io::Error) -> Problem {
    let words = format!("{} cannot be written: {error}", file.display());
    Problem::new(Exit::NotReady, words).hint("see what would be written with --stdout")
}
