//! The guard as a program: its arguments, the start of what it guards, and its own end in the same way.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::process::{Pid, Resource, Rlimit, WaitStatus, setrlimit, setsid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::family::Family;
use super::vigil::Vigil;

/// As a shell says "not found".
const NOT_FOUND: u8 = 127;
/// As a shell says "found, but it cannot be run".
const NOT_EXECUTABLE: u8 = 126;
/// As `env` and `timeout` say that they failed themselves.
const GUARD_FAILED: u8 = 125;

/// Why there is no program to watch over.
struct Refusal {
    code: u8,
    words: String,
}

impl Refusal {
    fn of_guard(error: impl Into<io::Error>) -> Self {
        Self {
            code: GUARD_FAILED,
            words: error.into().to_string(),
        }
    }
}

/// Runs the guard with the arguments after its name, to the end of everything that it started. Its exit code, or the
/// signal that it dies of, is the program's.
#[must_use]
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    match start(args) {
        Ok(program) => end_like(Vigil::over(program).keep()),
        Err(refusal) => {
            // Standard error is the log of the command.
            let _ = writeln!(io::stderr(), "batch: {}", refusal.words);
            ExitCode::from(refusal.code)
        }
    }
}

fn start(mut args: impl Iterator<Item = OsString>) -> Result<Pid, Refusal> {
    ignore_signals().map_err(Refusal::of_guard)?;
    // Without a controlling terminal whoever asks on /dev/tty fails at once, and Ctrl-C reaches us alone.
    setsid().map_err(Refusal::of_guard)?;
    Family::prepare().map_err(Refusal::of_guard)?;

    let mut word = args.next();
    let mut stdin = Stdio::null();
    if word.as_deref().is_some_and(|word| word == "--stdin") {
        let path = args.next().unwrap_or_default();
        stdin = File::open(path).map_err(Refusal::of_guard)?.into();
        word = args.next();
    }
    let (Some("--"), Some(program)) = (word.as_deref().and_then(|word| word.to_str()), args.next())
    else {
        return Err(Refusal::of_guard(io::Error::other(
            "the guard wants `-- PROGRAM ARG...`",
        )));
    };
    let child = Command::new(&program)
        .args(args)
        .stdin(stdin)
        .process_group(0)
        .spawn()
        .map_err(|error| Refusal {
            code: if error.kind() == ErrorKind::NotFound {
                NOT_FOUND
            } else {
                NOT_EXECUTABLE
            },
            words: format!("{}: {error}", program.to_string_lossy()),
        })?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    Ok(pid.expect("a process id is a positive number"))
}

/// Only the line from the parent ends the guard. A handler, unlike an ignored signal, is not inherited.
fn ignore_signals() -> io::Result<()> {
    for signal in [SIGTERM, SIGINT, SIGHUP] {
        signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false)))?;
    }
    Ok(())
}

fn end_like(status: Option<WaitStatus>) -> ExitCode {
    let Some(status) = status else {
        return ExitCode::from(GUARD_FAILED);
    };
    if let Some(code) = status.exit_status() {
        return ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX));
    }
    let Some(signal) = status.terminating_signal() else {
        return ExitCode::from(GUARD_FAILED);
    };
    leave_no_core();
    // Returns only for signals that end no process by default, or that it does not know, such as real-time ones.
    let _ = signal_hook::low_level::emulate_default_handler(signal);
    ExitCode::from(u8::try_from(128 + signal).unwrap_or(u8::MAX))
}

/// The program may have left one; the guard's own would only mislead.
fn leave_no_core() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}
