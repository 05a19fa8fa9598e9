//! The program: arguments in, exit code out.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use crate::adapters::guard;
use crate::cli::args::{Cli, Command, Refusal};
use crate::cli::commands::{
    apply, clean, completions, demo, doctor, init, list, logs, plan, prs, report, rerun, resume,
    run, status, stop,
};
use crate::cli::completing;
use crate::cli::exit::{Exit, Problem};
use crate::cli::onlooker::Onlooker;
use crate::cli::session::Session;
use crate::cli::settings::{self, Start};
use crate::cli::style::{self, Look, Tone, clean_lines};

/// Runs the program with these arguments, the first of them its own name.
#[must_use]
pub fn main(argv: Vec<OsString>) -> ExitCode {
    if argv.get(1).is_some_and(|word| word == guard::SUBCOMMAND) {
        return guard::main(argv.into_iter().skip(2));
    }
    if completing::answered(&argv) {
        return Exit::Done.into();
    }
    // Before anything is said: what is wrong with the rest of the line, too.
    let plain = argv.iter().any(|word| word == "--plain");
    if plain {
        style::speak();
    }
    let Start {
        cli,
        settings,
        listing,
    } = match Start::from_argv(argv) {
        Ok(start) => start,
        Err(Refusal::Clap(error)) if plain => return told_plainly(&error),
        Err(Refusal::Clap(error)) => error.exit(),
        Err(Refusal::Problem(problem)) => return told(&problem),
    };
    match (&cli.command, settings) {
        (Command::Doctor(args), Err(problem)) if args.settings => return told(&problem),
        (Command::Doctor(args), Ok(_)) if args.settings => {
            settings::show(&listing, cli.global.format);
            return Exit::Done.into();
        }
        // It tells of them beside all else.
        (Command::Doctor(_), Err(_)) | (_, Ok(_)) => {}
        (_, Err(problem)) => warn(&problem),
    }
    match carry_out(cli) {
        Ok(exit) => exit.into(),
        Err(problem) => told(&problem),
    }
}

/// Help, or what clap says of the command line, without its colours.
fn told_plainly(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    let _ = if error.use_stderr() {
        write!(std::io::stderr(), "{text}")
    } else {
        write!(std::io::stdout(), "{text}")
    };
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// One line for the problem, one for the remedy.
fn told(problem: &Problem) -> ExitCode {
    let shown = problem.render(Look::of_stderr());
    let _ = writeln!(std::io::stderr(), "{shown}");
    problem.exit.into()
}

/// Says what is wrong with settings that the command can do without.
fn warn(problem: &Problem) {
    let label = Look::of_stderr().paint(Tone::Caution, "warning:");
    let words = clean_lines(&problem.message);
    let _ = writeln!(
        std::io::stderr(),
        "{label} {words}; going on without any settings"
    );
}

fn carry_out(cli: Cli) -> Result<Exit, Problem> {
    let Cli { global, command } = cli;
    if global.plain {
        // It may come from the settings.
        style::speak();
    }
    match command {
        Command::Run(args) => work(async { run::run(&Session::open(global).await?, *args).await }),
        Command::Plan(args) => {
            work(async { plan::plan(&Session::open(global).await?, *args).await })
        }
        Command::Apply(args) => {
            work(async { apply::apply(&Session::open(global).await?, *args).await })
        }
        Command::Rerun(args) => {
            work(async { rerun::rerun(&Session::open(global).await?, *args).await })
        }
        Command::Resume(args) => {
            work(async { resume::resume(&Session::open(global).await?, *args).await })
        }
        Command::Stop(args) => {
            work(async { stop::stop(&Session::open(global).await?, args).await })
        }
        Command::Status(args) => status::status(global, &args),
        Command::List(args) => list::list(&Onlooker::open(global)?, &args),
        Command::Logs(args) => logs::logs(&Onlooker::open(global)?, &args),
        Command::Report(args) => report::report(&Onlooker::open(global)?, &args),
        Command::Prs(command) => {
            work(async { prs::prs(&Session::open(global).await?, command).await })
        }
        Command::Init(args) => {
            work(async { init::init(&Session::open(global).await?, args).await })
        }
        // It says so itself where there is no repository.
        Command::Doctor(args) => work(doctor::doctor(global, args)),
        Command::Completions(args) => completions::completions(&args),
        Command::Man(args) => completions::man(&args),
        Command::Clean(args) => {
            work(async { clean::clean(&Session::open(global).await?, &args).await })
        }
        // It makes the repository that it works in.
        Command::Demo(args) => work(demo::demo(global, args)),
    }
}

/// Carries out a command that does more than read what runs left: those have no use for a runtime and its threads.
fn work(command: impl Future<Output = Result<Exit, Problem>>) -> Result<Exit, Problem> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::new(Exit::NotReady, format!("cannot start: {error}")))?;
    let exit = runtime.block_on(command);
    // A blocking task cut off by an interrupt must not hold the exit up.
    runtime.shutdown_background();
    exit
}
