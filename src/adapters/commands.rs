//! [`ShellCommands`]: the user's own commands (setup, check, test), as `sh -c` under the guard.
//!
//! It says nothing about what an exit code means. The engine calls it.

use async_trait::async_trait;

use crate::adapters::git::settings::GitSettings;
use crate::adapters::process::{Invocation, Processes};
use crate::engine::ports::{CommandEnd, Commands, PortError, ShellCommand, Watch};

/// Runs shell commands.
#[derive(Debug, Clone)]
pub struct ShellCommands {
    processes: Processes,
}

impl ShellCommands {
    /// Runs them through `processes`.
    #[must_use]
    pub fn new(processes: Processes) -> Self {
        Self { processes }
    }
}

#[async_trait]
impl Commands for ShellCommands {
    async fn run(&self, command: &ShellCommand, watch: &Watch) -> Result<CommandEnd, PortError> {
        // git inside a test fails rather than waits for a name or a password. `CI` is left as it is: it changes what
        // test runners do, and the test is to do what it does for the user.
        let mut invocation = Invocation::new("sh", &command.cwd)
            .arg("-c")
            .arg(&command.text)
            .env("GIT_TERMINAL_PROMPT", "0")
            .doing(format!("running `{}`", command.text.to_string_lossy()));
        for (name, value) in GitSettings::quiet().variables().iter().chain(&command.env) {
            invocation = invocation.env(name, value);
        }
        self.processes.logged(&invocation, watch).await
    }
}
