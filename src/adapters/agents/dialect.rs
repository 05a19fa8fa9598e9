//! [`Dialect`] and [`Listener`]: what differs from one coding agent to the next: its command line, and what it prints.
//!
//! A dialect starts nothing and decides nothing about units; `Headless` runs what it says.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use crate::engine::ports::{AgentRequest, CommandEnd};
use crate::model::agent::{AgentAbilities, AgentAnswer, AgentEvent};

/// The command line for a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Call {
    /// The program's arguments.
    pub args: Vec<OsString>,
    /// What it is given on standard input; nothing: it is closed.
    pub stdin: Option<Vec<u8>>,
    /// Variables that the program needs to behave headless.
    pub env: Vec<(String, OsString)>,
    /// The file into which the program writes its last message, if it does.
    pub last_message: Option<PathBuf>,
}

/// How one program is spoken to.
pub trait Dialect: Send + Sync {
    /// Its name, as `--agent` takes it.
    fn name(&self) -> &str;
    /// The program, to be looked for on PATH.
    fn program(&self) -> &str;
    /// How a person gets it and logs in, for the message that says that it is missing: a fragment.
    fn how_to_get(&self) -> &str;
    /// What it can do.
    fn abilities(&self) -> AgentAbilities;
    /// The variables that are its own: keys, endpoints, folders. A name that ends in `*` stands for all that begin so.
    fn variables(&self) -> &[&str];
    /// More of its own where it is set to a provider that needs them: one of the first names set, the second ones get in.
    /// The keys to a cloud open more than a model.
    fn variables_with(&self) -> &[(&[&str], &[&str])] {
        &[]
    }
    /// Variables that the user listed for it, let through by their exact names whatever they hold.
    fn listed(&self) -> &[String] {
        &[]
    }
    /// Whether it is started once more where it ended without having begun: two that start at the same moment may trip
    /// over each other.
    fn starts_again(&self) -> bool {
        false
    }
    /// The command line for a request; files that it needs are written into the request's temporary folder.
    ///
    /// # Errors
    /// When such a file cannot be written.
    fn call(&self, request: &AgentRequest<'_>) -> io::Result<Call>;
    /// Something that understands what the program prints in answer to this request.
    fn listener(&self, request: &AgentRequest<'_>) -> Box<dyn Listener>;
}

/// Makes sense of what a program prints, line by line. It must take anything: lines that are cut, not JSON, or of a
/// kind that a later version brought in.
pub trait Listener: Send {
    /// Takes a line of standard output, without its end.
    fn out(&mut self, line: &str, hear: &mut dyn FnMut(AgentEvent));
    /// Takes a line of standard error, without its end.
    fn err(&mut self, line: &str, hear: &mut dyn FnMut(AgentEvent));
    /// The turns of this request so far. Who can hold a program to a limit by its command line need not count them.
    fn turns(&self) -> u32 {
        0
    }
    /// What it all came to; `last_message` is what stands in the file that [`Call::last_message`] names.
    fn end(self: Box<Self>, end: CommandEnd, last_message: Option<String>) -> AgentAnswer;
}
