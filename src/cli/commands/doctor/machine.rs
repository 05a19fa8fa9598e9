//! The checks that need no repository: git, who commits, agents, folders, settings and the program's own name.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::future::join_all;

use super::{of_problem, quote};
use crate::adapters::agents::roster::{FoundAgent, Roster};
use crate::adapters::disk;
use crate::adapters::git::checkup;
use crate::adapters::git::git::Git;
use crate::adapters::git::pool_folder::default_root;
use crate::adapters::process::{Invocation, Processes};
use crate::adapters::programs::on_path;
use crate::adapters::settings_file::{REPOSITORY_FILE, user_file, user_state_folder};
use crate::cli::agents::{built_in_names, to_look_for, way};
use crate::cli::args::RunArgs;
use crate::cli::exit::Problem;
use crate::cli::session::Session;
use crate::engine::ports::{PortError, Stop};
use crate::model::checkup::agents::Seen;
use crate::model::checkup::programs::OnPath;
use crate::model::checkup::{Check, Finding, Trial, agents, git, identity, programs};
use crate::model::clean::clean;

/// How long an agent's program may take to say its version.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much of a version is shown.
const VERSION_CHARS: usize = 32;

pub(super) async fn git(git: &Git) -> Vec<Finding> {
    vec![git::judge(&checkup::program(git).await, None)]
}

pub(super) async fn identity(git: &Git, everywhere: bool) -> Vec<Finding> {
    vec![match checkup::identity(git, everywhere).await {
        Ok(found) => identity::judge(&found),
        Err(error) => Finding::untold(Check::Identity, error),
    }]
}

pub(super) async fn agents(processes: &Processes, root: &Path, options: &RunArgs) -> Vec<Finding> {
    let roster: Roster = match to_look_for(root) {
        Ok(roster) => roster,
        Err(error) => {
            let why = format!("the settings are wrong ({error})");
            return vec![Finding::untold(Check::Agents, why)];
        }
    };
    let (mut found, mut ways) = (Vec::new(), Vec::new());
    for each in roster.each() {
        match each {
            Ok(agent) => found.push(agent),
            Err(looked_for) => ways.push(way(&looked_for)),
        }
    }
    let seen = found.iter().map(|agent| started(processes, root, agent));
    let mut findings = agents::judge(&join_all(seen).await, &ways);
    let wanted = options.change.agent.agent.as_deref();
    if let Some(Err(missing)) = wanted.map(|name| roster.find(name)) {
        let words = format!("the settings want one that is not there: {missing}");
        findings.push(Finding::problem(Check::Agents, words));
    }
    findings
}

async fn started(processes: &Processes, root: &Path, agent: &FoundAgent) -> Seen {
    let name = agent.dialect.name().to_owned();
    let program = agent.program.clone();
    if !built_in_names().contains(&&*name) {
        // What a stranger does with `--version` nobody knows.
        let (version, start) = (String::new(), Trial::Passed);
        return Seen {
            name,
            program,
            version,
            start,
        };
    }
    let asked = Invocation::new(&program, root).arg("--version");
    let (version, start) = match processes.capture(&asked, PATIENCE, &Stop::default()).await {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout);
            let line = clean(text.lines().next().unwrap_or_default());
            (line.chars().take(VERSION_CHARS).collect(), Trial::Passed)
        }
        Ok(output) => (String::new(), Trial::Failed(words(output.failure()))),
        Err(PortError::TimedOut { after, .. }) => (String::new(), Trial::TimedOut(after.as_secs())),
        Err(error) => (String::new(), Trial::Failed(words(error))),
    };
    Seen {
        name,
        program,
        version,
        start,
    }
}

/// The first line of what was said.
fn words(error: PortError) -> String {
    let words = match error {
        PortError::Failed { words, .. } => words,
        other @ (PortError::TimedOut { .. } | PortError::Stopped) => other.to_string(),
    };
    clean(words.lines().next().unwrap_or_default())
}

/// The folders that are written to: in the repository where there is one, the cache's, and that of what outlives a run.
pub(super) fn folders(session: Option<&Session>) -> Vec<Finding> {
    let mut wanted: Vec<(&str, PathBuf)> = Vec::new();
    if let Some(session) = session {
        wanted.push(("runs and plans", session.store.root().to_owned()));
        wanted.push(("worktrees", default_root(&session.place)));
    }
    if let Some(state) = user_state_folder() {
        wanted.push(("what GitHub's limits have used up", state.join("batch")));
    }
    let refused: Vec<Finding> = wanted
        .iter()
        .filter_map(|(what, folder)| {
            let error = disk::is_writable(folder).err()?;
            let words = format!(
                "{} cannot be written to, for {what}: {error}",
                folder.display()
            );
            let finding = Finding::problem(Check::Folders, words);
            Some(finding.advise("have it, or the folder above it, be yours to write to"))
        })
        .collect();
    if refused.is_empty() {
        let words = "all that is written to can be written to";
        return vec![Finding::ok(Check::Folders, words)];
    }
    refused
}

/// The settings files, and what is wrong with them.
pub(super) fn settings(root: &Path, wrong: Option<&Problem>) -> Vec<Finding> {
    let check = Check::Settings;
    if let Some(problem) = wrong {
        return vec![of_problem(check, problem)];
    }
    let files = user_file().into_iter().chain([root.join(REPOSITORY_FILE)]);
    let there: Vec<String> = files
        .filter(|file| file.is_file())
        .map(|file| file.display().to_string())
        .collect();
    if there.is_empty() {
        let words = format!("no {REPOSITORY_FILE} here, and none of yours");
        return vec![
            Finding::ok(check, words).advise("`batch init` writes one with what it finds"),
        ];
    }
    vec![Finding::ok(check, format!("read: {}", there.join(", ")))]
}

/// Which program the name `batch` starts.
pub(super) fn path() -> Vec<Finding> {
    let own = std::env::current_exe().and_then(|own| own.canonicalize());
    let Some(own) = own.ok().and_then(|own| Some(own.parent()?.to_owned())) else {
        let why = "the system does not say where this program is";
        return vec![Finding::untold(Check::Path, why)];
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let first = |name: &str| {
        let found = on_path(name, &path)?;
        let real = found.canonicalize().ok();
        let ours = real.is_some_and(|real| real.parent() == Some(&own));
        Some((found, ours))
    };
    let found = OnPath {
        batch: first("batch"),
        git_batch: first("git-batch").is_some_and(|(_, ours)| ours),
        own,
    };
    vec![programs::judge(&found, &quote)]
}
