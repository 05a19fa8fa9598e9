//! Which options settings can speak for, and of which commands; and [`description`], the command line with the hidden
//! options that take such a word back: `--no-draft`, `--no-max-cost`, `--progress`.
//!
//! A new option of a command that works or plans is a setting without any more being said. What is about one occasion
//! alone is named here.

use clap::{Arg, ArgAction, Args as _, Command, CommandFactory};

use super::{AgentArgs, Cli, WishArgs};

/// The commands whose options make the list of settings.
const WORK: [&str; 5] = ["run", "plan", "apply", "rerun", "resume"];

/// Those that take further settings, beside what every command understands.
const FOLLOWING: [&[&str]; 2] = [&["prs", "publish"], &["prs", "update"]];

/// Options of other commands that are worth a default: the command, the option, and the key that it has.
const OWN: [(&[&str], &str, &str); 4] = [
    (&["prs", "merge"], "method", "merge-method"),
    (&["prs", "merge"], "wait", "merge-wait"),
    (&["prs", "publish"], "interval", "publish-interval"),
    (&["clean"], "worktrees", "worktrees"),
];

/// What is said for one occasion.
const OCCASIONAL: [&str; 5] = ["saved", "unit", "note", "on-top", "output"];

/// What makes a change the change that it is: a saved recipe may say it, and nothing that is for all changes.
pub const OF_A_CHANGE: [&str; 5] = ["rewrite", "command", "from", "paths", "matching"];

/// What makes the edits, each in the place of the others.
pub const SOURCES: [&str; 3] = ["rewrite", "command", "from"];

/// What a plan says of how it is carried out, beside its agent.
const OF_A_PLAN: [&str; 3] = ["setup", "test", "no-test"];

/// The program's command line, hidden options included.
#[must_use]
pub fn description() -> Command {
    let batch = Cli::command();
    let globals: Vec<Arg> = batch
        .get_arguments()
        .filter_map(|arg| back(&batch, arg))
        .collect();
    let mut batch = batch.args(globals);
    for path in WORK.iter().map(std::slice::from_ref).chain(FOLLOWING) {
        batch = at(batch, path, &|command| {
            let hidden: Vec<Arg> = command
                .get_arguments()
                .filter_map(|arg| back(&command, arg))
                .collect();
            command.args(hidden)
        });
    }
    batch
}

/// Changes the command of that path; one that is not there is no matter.
pub fn at(command: Command, path: &[&str], change: &dyn Fn(Command) -> Command) -> Command {
    let Some((name, below)) = path.split_first() else {
        return change(command);
    };
    if command.find_subcommand(name).is_none() {
        return command;
    }
    command.mut_subcommand(name, |command| at(command, below, change))
}

/// The options that are settings, each once: those of every command first.
#[must_use]
pub fn options(batch: &Command) -> Vec<Arg> {
    let mut options: Vec<Arg> = settable(batch).cloned().collect();
    for command in WORK.iter().filter_map(|name| batch.find_subcommand(name)) {
        for arg in settable(command) {
            if !options.iter().any(|seen| seen.get_long() == arg.get_long()) {
                options.push(arg.clone());
            }
        }
    }
    for (path, long, key) in OWN {
        let command = path
            .iter()
            .try_fold(batch, |command, name| command.find_subcommand(name));
        let arg =
            command.and_then(|command| settable(command).find(|arg| arg.get_long() == Some(long)));
        let known = options.iter().any(|seen| seen.get_long() == Some(key));
        options.extend(arg.filter(|_| !known).map(|arg| arg.clone().long(key)));
    }
    options
}

/// Whether settings reach all options of that command, and not only those of every command.
#[must_use]
pub fn is_reached(path: &[&str]) -> bool {
    matches!(path, [name] if WORK.contains(name)) || FOLLOWING.contains(&path)
}

/// The key of an option of that command; none where settings do not reach it.
#[must_use]
pub fn key_of<'a>(path: &[&str], long: &'a str) -> Option<&'a str> {
    let own = OWN
        .into_iter()
        .find(|(of, name, _)| *of == path && *name == long);
    match own {
        Some((_, _, key)) => Some(key),
        None => is_reached(path).then_some(long),
    }
}

/// What is settled for that command before any setting: by the run that it takes up, or by its plan.
#[must_use]
pub fn settled(path: &[&str]) -> Vec<String> {
    let names = |args: Command| -> Vec<String> {
        let longs = args.get_arguments().filter_map(Arg::get_long);
        longs.map(str::to_owned).collect()
    };
    let of_plan = || {
        let mut all = names(AgentArgs::augment_args(Command::new("agent")));
        all.extend(OF_A_PLAN.map(str::to_owned));
        all
    };
    let of_run = || names(WishArgs::augment_args(Command::new("wishes")));
    match path {
        ["apply"] => of_plan(),
        ["prs", "publish"] => of_run(),
        ["rerun" | "resume"] | ["prs", "update"] => {
            let mut all = of_plan();
            all.extend(of_run());
            // There it means whether earlier edits are taken up.
            all.push("fresh".to_owned());
            all
        }
        _ => Vec::new(),
    }
}

/// The hidden option that takes back what settings say of this one.
pub fn taking_back(long: &str) -> String {
    long.strip_prefix("no-")
        .map_or_else(|| format!("no-{long}"), str::to_owned)
}

fn back(command: &Command, arg: &Arg) -> Option<Arg> {
    let long = is_settable(arg).then(|| arg.get_long()).flatten()?;
    let name = taking_back(long);
    let taken = |other: &Arg| other.get_long() == Some(&name);
    if command.get_arguments().any(taken) {
        return None;
    }
    // Its id is the name with its dashes, which no field of a struct has.
    let hidden = Arg::new(name.clone())
        .long(name)
        .action(ArgAction::SetTrue)
        .hide(true)
        .global(arg.is_global_set())
        .conflicts_with(arg.get_id());
    Some(hidden)
}

fn settable(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| is_settable(arg))
}

fn is_settable(arg: &Arg) -> bool {
    let acts = matches!(
        arg.get_action(),
        ArgAction::Set | ArgAction::Append | ArgAction::SetTrue
    );
    let named = |long: &str| !OCCASIONAL.contains(&long);
    acts && !arg.is_hide_set() && arg.get_long().is_some_and(named)
}

#[cfg(test)]
mod tests {
    use clap::{Arg, CommandFactory as _};

    use super::{OCCASIONAL, WORK, description, options, taking_back};
    use crate::cli::args::Cli;

    #[test]
    fn every_option_of_a_command_that_works_is_a_setting_or_is_for_one_occasion() {
        let batch = Cli::command();
        let settings = options(&description());
        let mut looked_at = 0;
        for name in WORK {
            let Some(command) = batch.find_subcommand(name) else {
                continue;
            };
            for long in command.get_arguments().filter_map(Arg::get_long) {
                let is_set = settings.iter().any(|arg| arg.get_long() == Some(long));
                assert_ne!(is_set, OCCASIONAL.contains(&long), "{name} --{long}");
                looked_at += 1;
            }
        }
        assert!(looked_at > 150);
    }

    #[test]
    fn each_setting_can_be_taken_back() {
        let batch = description();
        let commands = WORK.iter().filter_map(|name| batch.find_subcommand(name));
        for command in commands.chain([&batch]) {
            let has = |long: &str| {
                command
                    .get_arguments()
                    .any(|arg| arg.get_long() == Some(long))
            };
            for arg in options(&batch) {
                let long = arg.get_long().unwrap();
                assert!(!has(long) || has(&taking_back(long)), "--{long}");
            }
        }
    }
}
