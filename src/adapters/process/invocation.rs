//! [`Invocation`]: a program to start, with all that it is given. It starts nothing.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::Processes;
use super::environment::{self, ForgeTokens};
use crate::engine::ports::PortError;

/// A command line longer than this many characters is cut in errors.
const SHOWN_CHARS: usize = 160;

/// A program to start, with all that it is given.
#[derive(Debug, Clone)]
pub struct Invocation {
    program: OsString,
    args: Vec<OsString>,
    cwd: PathBuf,
    inherits: bool,
    tokens: ForgeTokens,
    env: Vec<(OsString, Option<OsString>)>,
    stdin: Option<Vec<u8>>,
    doing: Option<String>,
}

impl Invocation {
    /// A program, found on PATH unless it is a path, run in the folder `cwd` with null standard input.
    pub fn new(program: impl Into<OsString>, cwd: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            cwd: cwd.into(),
            inherits: true,
            tokens: ForgeTokens::Withheld,
            env: Vec::new(),
            stdin: None,
            doing: None,
        }
    }

    /// Appends an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Appends arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets a variable on top of the environment, even one that is not inherited.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), Some(value.into())));
        self
    }

    /// Starts from an empty environment: it has the variables that are set here, and no others.
    #[must_use]
    pub fn without_inheritance(mut self) -> Self {
        self.inherits = false;
        self
    }

    /// Lets it inherit the tokens of a forge, which no other child does.
    #[must_use]
    pub fn with_forge_tokens(mut self) -> Self {
        self.tokens = ForgeTokens::Inherited;
        self
    }

    /// Removes a variable from the environment.
    #[must_use]
    pub fn env_remove(mut self, name: impl Into<OsString>) -> Self {
        self.env.push((name.into(), None));
        self
    }

    /// Gives it these bytes on standard input.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Says what is being done, as a fragment for errors ("pushing batch/x/y"); otherwise they show the command line.
    #[must_use]
    pub fn doing(mut self, doing: impl Into<String>) -> Self {
        self.doing = Some(doing.into());
        self
    }

    /// The bytes for standard input.
    pub(super) fn input(&self) -> Option<&[u8]> {
        self.stdin.as_deref()
    }

    /// The command that starts the program itself.
    pub(super) fn command(&self, processes: Option<&Processes>) -> Command {
        let mut command = self.surroundings(&self.program, processes);
        command.args(&self.args);
        command
    }

    /// The command that starts it under the guard, with standard input from a file.
    pub(super) fn guarded_command(&self, processes: &Processes, stdin: Option<&Path>) -> Command {
        let mut command = self.surroundings(processes.guard().as_os_str(), Some(processes));
        command.arg(crate::adapters::guard::SUBCOMMAND);
        if let Some(path) = stdin {
            command.arg("--stdin").arg(path);
        }
        command.arg("--").arg(&self.program).args(&self.args);
        command
    }

    /// The error for a program that could not be started.
    pub(super) fn not_started(&self, error: &io::Error) -> PortError {
        // The system says "no such file" for a missing program and for a missing folder alike.
        if self.cwd.is_dir() {
            self.failed(error)
        } else {
            self.failed(format!("{} is not a folder", self.cwd.display()))
        }
    }

    /// The error for something that went wrong while it ran.
    pub(super) fn failed(&self, words: impl ToString) -> PortError {
        PortError::failed(self.to_string(), words)
    }

    fn surroundings(&self, program: &OsStr, processes: Option<&Processes>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.cwd);
        if self.inherits {
            environment::clean(&mut command, self.tokens);
        } else {
            command.env_clear();
        }
        if let Some((name, run)) = processes.and_then(Processes::mark) {
            command.env(name, run);
        }
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }
}

/// What is being done, or else the command line, cut when it is long.
impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(doing) = &self.doing {
            return f.write_str(doing);
        }
        let mut line = self.program.to_string_lossy().into_owned();
        for arg in &self.args {
            line.push(' ');
            line.push_str(&arg.to_string_lossy());
        }
        match line.char_indices().nth(SHOWN_CHARS) {
            Some((end, _)) => write!(f, "{}…", &line[..end]),
            None => f.write_str(&line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_show_the_command_line_unless_told_what_is_being_done() {
        let bare = Invocation::new("git", "/").args(["rev-parse", "HEAD"]);
        assert_eq!(bare.to_string(), "git rev-parse HEAD");
        assert_eq!(bare.doing("reading HEAD").to_string(), "reading HEAD");
    }

    #[test]
    fn a_long_command_line_is_cut_between_characters() {
        let shown = Invocation::new("é", "/").arg("é".repeat(500)).to_string();
        assert_eq!(shown.chars().count(), SHOWN_CHARS + 1);
        assert!(shown.ends_with("é…"));
    }
}
