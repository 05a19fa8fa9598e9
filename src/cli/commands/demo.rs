//! `batch demo`: the whole job on a sample repository, with one unit that fails on purpose, its mending and the rerun.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::adapters::process::{Invocation, Processes};
use crate::cli::args::{Cli, Command, DemoArgs, Format, GlobalArgs, Refusal};
use crate::cli::commands::{rerun, run};
use crate::cli::copyable;
use crate::cli::demo_sample::{Sample, SampleError, make};
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::{Session, own_program};
use crate::cli::style::{Look, Tone};
use crate::engine::ports::{PortError, Stop};

/// How long git may take for one step of making the sample.
const GIT: Duration = Duration::from_secs(60);

/// Makes the sample and does the job on it.
///
/// # Errors
/// [`Problem`] when the sample cannot be made, or the run does not go as staged.
pub async fn demo(global: GlobalArgs, args: DemoArgs) -> Result<Exit, Problem> {
    let processes = Processes::new(own_program()?);
    let sample = make(
        &std::env::temp_dir(),
        async |cwd: &Path, words: Vec<OsString>| git(&processes, cwd, words).await,
    )
    .await?;
    let stage = Stage::new(&global, &sample);
    stage.scene("A sample repository, made for this demo");
    stage.tell(&format!("  checkout  {}", sample.checkout.display()));
    stage.tell(&format!("  remote    {}", sample.remote.display()));

    let session = Session::open(GlobalArgs {
        directory: Some(sample.checkout.clone()),
        ..global.clone()
    })
    .await?
    .with_embedded_texts()?;
    let words = [
        "run",
        Sample::DESCRIPTION,
        "--rewrite",
        Sample::REWRITE,
        "--test",
        Sample::TEST,
    ];
    stage.scene("One change, planned and carried out");
    stage.command(&words);
    let Command::Run(mut run_args) = parsed(&words)? else {
        unreachable!("`run` is the run command")
    };
    // Here alone: nobody to ask counts as a yes, for the repository is the demo's own.
    run_args.carrying.consent.yes = args.yes || !can_ask();
    match run::run(&session, *run_args).await? {
        Exit::UnitFailed => {}
        Exit::Done => {
            return Err(not_as_staged(
                "every unit succeeded, and one should have failed",
            ));
        }
        other => return Ok(other),
    }

    let folder = session.store.find(None)?;
    stage.scene("One unit failed on purpose. The failures log says why");
    let failures = std::fs::read_to_string(folder.failures())
        .map_err(|error| not_as_staged(&format!("the failures log cannot be read: {error}")))?;
    for line in failures.lines() {
        stage.tell(&format!("  {line}"));
    }

    stage.scene("The cause is mended, and what failed runs again");
    let mended = sample
        .mend()
        .map_err(|error| not_as_staged(&format!("the sample cannot be mended: {error}")))?;
    stage.tell(&format!("  {mended}"));
    stage.command(&["rerun"]);
    let Command::Rerun(rerun_args) = parsed(&["rerun"])? else {
        unreachable!("`rerun` is the rerun command")
    };
    match rerun::rerun(&session, *rerun_args).await? {
        Exit::Done => {}
        Exit::UnitFailed => {
            return Err(not_as_staged("the rerun should have delivered what failed"));
        }
        other => return Ok(other),
    }
    stage.close(&folder.report());
    Ok(Exit::Done)
}

async fn git(processes: &Processes, cwd: &Path, words: Vec<OsString>) -> Result<(), PortError> {
    let call = words
        .first()
        .map(|word| word.to_string_lossy().into_owned());
    let invocation = Invocation::new("git", cwd)
        .args(words)
        .doing(format!("git {}", call.unwrap_or_default()));
    processes
        .capture(&invocation, GIT, &Stop::default())
        .await?
        .success()
        .map(drop)
}

fn can_ask() -> bool {
    use std::io::IsTerminal as _;
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// The command line as if the user had typed it, so that the demo shows what the program does and nothing else.
fn parsed(words: &[&str]) -> Result<Command, Problem> {
    let argv = std::iter::once("batch")
        .chain(words.iter().copied())
        .map(OsString::from);
    match Cli::from_argv(argv) {
        Ok(cli) => Ok(cli.command),
        Err(Refusal::Problem(problem)) => Err(problem),
        Err(Refusal::Clap(error)) => Err(not_as_staged(&error.to_string())),
    }
}

fn not_as_staged(what: &str) -> Problem {
    Problem::new(
        Exit::UnitFailed,
        format!("the demo did not go as staged: {what}"),
    )
}

impl From<SampleError> for Problem {
    fn from(error: SampleError) -> Self {
        Self::new(
            Exit::NotReady,
            format!("the sample repository could not be made: {error}"),
        )
    }
}

/// Tells what happens, on standard error: standard output is the commands' own.
struct Stage<'a> {
    sample: &'a Sample,
    look: Look,
    quiet: bool,
}

impl<'a> Stage<'a> {
    fn new(global: &GlobalArgs, sample: &'a Sample) -> Self {
        let quiet = global.quiet || global.format == Format::Json;
        Self {
            sample,
            look: Look::of_stderr(),
            quiet,
        }
    }

    fn tell(&self, line: &str) {
        use std::io::Write as _;
        if !self.quiet {
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }

    fn scene(&self, title: &str) {
        self.tell("");
        self.tell(&self.look.paint(Tone::Strong, &format!("== {title}")));
    }

    fn command(&self, words: &[&str]) {
        let line = copyable::line(words.iter().copied());
        self.tell(&self.look.paint(Tone::Faint, &format!("$ batch {line}")));
    }

    /// Where everything is, and what to type next.
    fn close(&self, report: &Path) {
        let program = own_words();
        let checkout = copyable::path(&self.sample.checkout);
        self.scene("Done. It is all still there");
        self.tell(&format!(
            "  repository     {}",
            self.sample.checkout.display()
        ));
        self.tell(&format!("  report         {}", report.display()));
        self.tell("");
        self.tell("Try next:");
        self.tell(&format!("  {program} -C {checkout} prs list"));
        self.tell(&format!("  {program} -C {checkout} prs show 1"));
        self.tell(&format!("  {program} -C {checkout} prs merge 1"));
        self.tell(&format!("  git -C {checkout} log --oneline --graph --all"));
        self.tell("");
        self.tell(&format!(
            "Remove it all with: rm -rf {}",
            copyable::path(&self.sample.folder)
        ));
    }
}

/// How the user can start this program again: through cargo if cargo started it, else by its own path.
fn own_words() -> String {
    if std::env::var_os("CARGO").is_some() && std::env::var_os("CARGO_MANIFEST_DIR").is_some() {
        return "cargo run --release --".to_owned();
    }
    std::env::args_os()
        .next()
        .map_or_else(|| "batch".to_owned(), |own| copyable::path(Path::new(&own)))
}
