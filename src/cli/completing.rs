//! Completes a command line for a shell: commands and options from clap's description, values from the repository that the
//! user stands in: runs, units, pull requests, agents and saved changes.
//!
//! A shell waits for it at each press of a key, so it starts no program, asks nobody, and is silent about what is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Arg, Command, CommandFactory};
use clap_complete::CompletionCandidate;
use clap_complete::engine::ArgValueCandidates;
use clap_complete::env::{EnvCompleter, Shells};

use crate::adapters::git::common_dir::common_dir;
use crate::adapters::journal;
use crate::adapters::store::Store;
use crate::cli::agents::to_look_for;
use crate::cli::args::{Cli, Shell};
use crate::model::history::History;
use crate::model::id::RunId;
use crate::model::outcome::Outcome;

/// The variable by which the script of a shell asks; its value is the shell's name.
const VARIABLE: &str = "_BATCH_COMPLETE";

/// How many runs are offered, the youngest first.
const RUNS: usize = 30;

/// Whether a shell asks for a completion: then the answer is given, and there is nothing else to do.
#[must_use]
pub fn answered(argv: &[OsString]) -> bool {
    let asked = std::env::var(VARIABLE).ok();
    let shells = Shells::builtins();
    let Some(shell) = asked.and_then(|name| shells.completer(&name)) else {
        return false;
    };
    // The shell's script gives the words after a `--` of its own.
    let words = argv.iter().skip_while(|word| *word != "--").skip(1);
    let words: Vec<OsString> = words.cloned().collect();
    let mut answer = Vec::new();
    if !words.is_empty() && complete(shell, words, &mut answer).is_ok() {
        let _ = std::io::stdout().write_all(&answer);
    }
    true
}

fn complete(
    shell: &dyn EnvCompleter,
    words: Vec<OsString>,
    answer: &mut Vec<u8>,
) -> std::io::Result<()> {
    let here = standpoint(&words);
    let known = Known::of(&here, &words);
    let mut batch = with_values(Cli::command(), &known);
    if begins_a_change(&batch, &words)
        && let Some(run) = batch.find_subcommand("run")
    {
        // `batch <CHANGE>` has the options of `batch run`.
        batch = run.clone();
    }
    batch.build();
    shell.write_complete(&mut batch, words, Some(&here), answer)
}

/// The folder that `-C` leads to, else the one that the user stands in.
fn standpoint(words: &[OsString]) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let mut named = words.windows(2).filter(|pair| pair[0] == "-C");
    match named.next() {
        Some(pair) => here.join(&pair[1]),
        None => here,
    }
}

/// Whether the first word is the description of a change: several words, and no command.
fn begins_a_change(batch: &Command, words: &[OsString]) -> bool {
    let Some(first) = words.get(1).map(|word| word.to_string_lossy()) else {
        return false;
    };
    first.contains(' ') && words.len() > 2 && batch.find_subcommand(&*first).is_none()
}

/// What the values of arguments can be, here and now.
#[derive(Debug, Clone, Default)]
struct Known {
    runs: Vec<(String, String)>,
    units: Vec<(String, String)>,
    pulls: Vec<(String, String)>,
    agents: Vec<(String, String)>,
    saved: Vec<(String, String)>,
}

impl Known {
    fn of(here: &Path, words: &[OsString]) -> Self {
        let mut known = Self {
            agents: agents(here),
            saved: saved(here),
            ..Self::default()
        };
        let Ok(common) = common_dir(here) else {
            return known;
        };
        let store = Store::new(&common);
        let mut runs = store.runs().unwrap_or_default();
        runs.reverse();
        let named = words.iter().rev().find_map(|word| {
            let word = word.to_str()?;
            runs.iter().find(|run| run.as_str() == word)
        });
        if let Some(history) = history(&store, named) {
            known.units = units(&history);
            known.pulls = pulls(&history);
        }
        let runs = runs.into_iter().take(RUNS);
        known.runs = runs.map(|run| (run.to_string(), String::new())).collect();
        known
    }

    /// What an argument of that name takes; none where that is not known here.
    fn for_argument(&self, name: &str) -> Option<&Vec<(String, String)>> {
        match name {
            "run" => Some(&self.runs),
            "unit" | "units" => Some(&self.units),
            "numbers" => Some(&self.pulls),
            "agent" | "research_agent" => Some(&self.agents),
            "saved" => Some(&self.saved),
            _ => None,
        }
    }
}

/// The run that was named among the words, else the last one.
fn history(store: &Store, named: Option<&RunId>) -> Option<History> {
    let folder = match named {
        Some(run) => store.run(run),
        None => store.find(None).ok()?,
    };
    journal::history(&folder.journal()).ok()
}

fn units(history: &History) -> Vec<(String, String)> {
    let units = history.units.iter();
    units
        .map(|unit| (unit.id.to_string(), unit.title.clone()))
        .collect()
}

fn pulls(history: &History) -> Vec<(String, String)> {
    let opened = history.units.iter().filter_map(|unit| match &unit.outcome {
        Some(Outcome::Opened { pr }) => Some((pr.number, unit.title.clone())),
        Some(
            Outcome::Pushed { .. }
            | Outcome::Unchanged
            | Outcome::Failed(_)
            | Outcome::Cancelled { .. },
        )
        | None => None,
    });
    // By number, for units end in any order.
    let opened: BTreeMap<u64, String> = opened.collect();
    let opened = opened.into_iter();
    opened
        .map(|(number, title)| (number.to_string(), title))
        .collect()
}

fn agents(here: &Path) -> Vec<(String, String)> {
    let Ok(roster) = to_look_for(&root(here)) else {
        return Vec::new();
    };
    let names = roster.names();
    names.map(|name| (name.to_owned(), String::new())).collect()
}

/// The names of the tables `[saved.NAME]` of both settings files.
fn saved(here: &Path) -> Vec<(String, String)> {
    use crate::adapters::settings_file::{REPOSITORY_FILE, user_file};
    let files = [Some(root(here).join(REPOSITORY_FILE)), user_file()];
    let mut names = BTreeSet::new();
    for file in files.into_iter().flatten() {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let settings: toml::Table = text.parse().unwrap_or_default();
        let saved = settings.get("saved").and_then(toml::Value::as_table);
        for (name, recipe) in saved.into_iter().flatten() {
            let words = recipe.get("description").and_then(toml::Value::as_str);
            names.insert((name.clone(), words.unwrap_or_default().to_owned()));
        }
    }
    names.into_iter().collect()
}

/// The top of the checkout, as far as its folders tell.
fn root(here: &Path) -> PathBuf {
    let top = here.ancestors().find(|folder| folder.join(".git").exists());
    top.unwrap_or(here).to_owned()
}

/// Gives each argument of each command what its values can be.
fn with_values(command: Command, known: &Known) -> Command {
    let of_argument = |arg: Arg| match known.for_argument(arg.get_id().as_str()) {
        Some(values) => arg.add(candidates(values.clone())),
        None => arg,
    };
    command
        .mut_args(of_argument)
        .mut_subcommands(|below| with_values(below, known))
}

fn candidates(values: Vec<(String, String)>) -> ArgValueCandidates {
    ArgValueCandidates::new(move || {
        let values = values.iter().enumerate();
        values
            .map(|(at, (value, about))| {
                let about = (!about.is_empty()).then(|| about.clone().into());
                CompletionCandidate::new(value)
                    .help(about)
                    .display_order(Some(at))
            })
            .collect()
    })
}

/// What a shell is to read so that it asks here: for `batch`, and for `git-batch` where that is typed.
///
/// # Errors
/// What the script cannot be written for.
pub fn script(shell: Shell, program: &str) -> std::io::Result<Vec<u8>> {
    let name = match shell {
        Shell::Bash => "bash",
        Shell::Zsh => "zsh",
        Shell::Fish => "fish",
        Shell::Elvish => "elvish",
        Shell::Powershell => "powershell",
    };
    let shells = Shells::builtins();
    let completer = shells.completer(name).expect("it is a built-in one");
    let mut text = Vec::new();
    for typed in ["batch", "git-batch"] {
        completer.write_registration(VARIABLE, typed, typed, program, &mut text)?;
    }
    if shell == Shell::Bash {
        text.extend_from_slice(GIT_IN_BASH.as_bytes());
    }
    Ok(text)
}

/// `git batch …` in bash: git's own completion calls a function of this name.
const GIT_IN_BASH: &str = r#"
_git_batch() {
    local at=1
    while [[ $at -lt $COMP_CWORD && "${COMP_WORDS[at]}" != batch ]]; do
        at=$((at + 1))
    done
    local COMP_WORDS=(batch "${COMP_WORDS[@]:at+1}") COMP_CWORD=$((COMP_CWORD - at))
    _clap_complete_batch batch "${COMP_WORDS[COMP_CWORD]}"
}
"#;
