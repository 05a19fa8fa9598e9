//! `batch rerun --unit ID` while the run goes on: asks the process that works on it to put units back in its queue.

use serde_json::{Value, json};

use crate::cli::args::{Cli, Command, Format, RerunArgs};
use crate::cli::asking::{Going, Heard};
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;
use crate::cli::units;
use crate::model::control::{Answer, Doing, Requeued, Wish};
use crate::model::foundation::in_words;
use crate::model::history::History;
use crate::model::id::UnitId;
use crate::model::outcome::Outcome;

/// Puts the named units back in the queue.
///
/// # Errors
/// [`Problem`] when none is named, something else was asked for that cannot be had on the way, or it came too late.
pub(super) async fn requeue(
    session: &Session,
    going: &Going,
    args: RerunArgs,
) -> Result<Exit, Problem> {
    let history = going.history()?;
    if args.units.is_empty() {
        let hint = "wait for it to end, end it with `batch stop`, or name with --unit what is to go \
                    back in its queue";
        return Err(going.busy().hint(hint));
    }
    units::known(&history, &args.units)?;
    if has_more(&args) {
        let run = going.run();
        let why = format!("run {run} goes on, and takes a --note beside --unit, nothing else");
        let hint = "leave the other options out, or wait for it to end";
        return Err(Problem::new(Exit::Usage, why).hint(hint));
    }
    let wish = Wish::Requeue {
        units: args.units.clone(),
        note: args.note,
    };
    let again = || {
        let units = args.units.iter().map(|unit| format!(" --unit {unit}"));
        let line = format!("rerun {}{}", going.run(), units.collect::<String>());
        session.global.line(&line)
    };
    let too_late = |why: &str| {
        let why = format!("run {} {why}, and takes nothing up any more", going.run());
        let hint = format!("once it has ended: {}", again());
        Problem::new(Exit::NotReady, why).hint(hint)
    };
    match going.ask(session, wish).await? {
        Heard::Answer(Answer::Requeued { units }) => {
            match session.global.format {
                Format::Text => {
                    for (unit, requeued) in &units {
                        session.answer(&format!("{}\n", words(unit, *requeued, &history)));
                    }
                }
                Format::Json => {
                    session.answer(&format!("{:#}\n", document(going, &units)));
                }
            }
            Ok(Exit::Done)
        }
        Heard::Answer(Answer::Missing { units }) => {
            let (are, them) = if units.len() == 1 {
                ("is", "it")
            } else {
                ("are", "them")
            };
            let why = format!(
                "{} cannot go back in the queue: {} must be done first, and {are} not",
                in_words(&args.units),
                in_words(&units)
            );
            let more = units.iter().map(|unit| format!(" --unit {unit}"));
            let hint = format!(
                "take {them} up too: {}{}",
                again(),
                more.collect::<String>()
            );
            Err(Problem::new(Exit::Usage, why).hint(hint))
        }
        Heard::Answer(Answer::Stopping) => Err(too_late("is being stopped")),
        Heard::Answer(Answer::Ending) => Err(too_late("is ending")),
        Heard::Gone => Err(too_late("has just ended")),
        Heard::Answer(Answer::NotUnderstood { why }) => Err(going.misunderstood(&why)),
        Heard::Answer(Answer::UnitsStopped { .. }) => Err(going.misunderstood("it stopped units")),
        Heard::Interrupted => {
            let why = "not waited for any longer; the request stays";
            Err(Problem::new(Exit::Interrupted, why))
        }
    }
}

/// Whether the command line says more than the process that works on the run can be told. Settings do not count: it has
/// its own.
fn has_more(args: &RerunArgs) -> bool {
    let of = |argv: Vec<std::ffi::OsString>| {
        let cli = Cli::from_argv(argv).ok()?;
        if let Command::Rerun(args) = cli.command {
            return Some(*args);
        }
        None
    };
    let bare = of(["batch", "rerun"].map(Into::into).to_vec());
    let (Some(bare), Some(given)) = (bare, of(std::env::args_os().collect())) else {
        return false;
    };
    let bare = RerunArgs {
        run: given.run.clone(),
        units: args.units.clone(),
        note: given.note.clone(),
        ..bare
    };
    bare != given
}

fn words(unit: &UnitId, requeued: Requeued, history: &History) -> String {
    match requeued {
        Requeued::Queued { attempt } => {
            format!("{unit} is in the queue again, as attempt {attempt}")
        }
        Requeued::Already { doing } => match doing {
            Doing::Waiting => format!("{unit} is in the queue already"),
            Doing::Working => format!("{unit} is being worked on already"),
            Doing::Publishing => format!("{unit} is delivered, and its pull request comes next"),
            Doing::Ended => {
                let outcome = history.unit(unit).and_then(|unit| unit.outcome.as_ref());
                let outcome = outcome.map_or("ended", Outcome::as_str);
                format!("{unit} has nothing left to do: {outcome}")
            }
        },
    }
}

fn document(going: &Going, units: &[(UnitId, Requeued)]) -> Value {
    let units = units.iter().map(|(unit, requeued)| match requeued {
        Requeued::Queued { attempt } => json!({"id": unit, "queued": true, "attempt": attempt}),
        Requeued::Already { doing } => json!({"id": unit, "queued": false, "is": doing.as_str()}),
    });
    json!({"run": going.run(), "units": units.collect::<Vec<Value>>()})
}
