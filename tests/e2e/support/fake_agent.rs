//! A stand-in for a coding agent: a shell script on PATH that speaks as Claude Code does, and does what a test says.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use super::sandbox::{Ran, Sandbox, ran};

const PRELUDE: &str = include_str!("fake_claude.sh");

/// Something that a fake agent was asked.
#[derive(Debug)]
pub struct Asked {
    /// The unit; empty in research.
    pub unit: String,
    /// All of it: arguments, environment, prompt.
    pub all: String,
}

impl Asked {
    /// Its prompt alone.
    pub fn prompt(&self) -> &str {
        self.all.split_once("--- prompt\n").unwrap().1
    }

    /// The value of a variable in its environment.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.all.split_once("--- environment\n").unwrap();
        let (environment, _) = rest.split_once("--- prompt\n").unwrap();
        let begins = format!("{name}=");
        environment
            .lines()
            .find_map(|line| line.strip_prefix(&begins))
    }
}

/// The functions of `fake_claude.sh`, on a sandbox.
impl Sandbox {
    /// Puts a `claude` on PATH that does what these lines of shell say.
    pub fn claude(&self, body: &str) {
        self.agent("claude", &format!("{PRELUDE}\n{body}\n"));
    }

    /// Puts a program of that name on PATH.
    pub fn agent(&self, name: &str, script: &str) {
        std::fs::create_dir_all(self.bin()).unwrap();
        let path = self.bin().join(name);
        // Renamed into place: a script that is open for writing cannot be run.
        let draft = self.bin().join(format!(".{name}"));
        std::fs::write(&draft, script).unwrap();
        std::fs::set_permissions(&draft, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::rename(draft, path).unwrap();
    }

    /// What the fake answers research with.
    pub fn research(&self, answer: &serde_json::Value) {
        std::fs::create_dir_all(self.bin()).unwrap();
        std::fs::write(self.bin().join("research.json"), answer.to_string()).unwrap();
    }

    /// The folder that comes first on PATH for [`Sandbox::batch_with_agent`].
    pub fn bin(&self) -> PathBuf {
        self.path("bin")
    }

    /// The built program, with the sandbox's agents on PATH.
    pub fn agent_command(&self) -> Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.bin()).chain(std::env::split_paths(&path));
        let mut command = self.batch_command();
        command.env("PATH", std::env::join_paths(folders).unwrap());
        command
    }

    /// A folder for PATH with what the program needs and no agent.
    pub fn path_without_agents(&self) -> PathBuf {
        let tools = self.path("tools");
        std::fs::create_dir(&tools).unwrap();
        for tool in ["git", "sh"] {
            let found = std::env::split_paths(&std::env::var_os("PATH").unwrap())
                .map(|folder| folder.join(tool))
                .find(|path| path.exists());
            std::os::unix::fs::symlink(found.unwrap(), tools.join(tool)).unwrap();
        }
        tools
    }

    /// Runs the built program with the sandbox's agents on PATH.
    pub fn batch_with_agent(&self, args: &[&str]) -> Ran {
        ran(&self.agent_command().args(args).output().unwrap())
    }

    /// All that the fake was asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        let Ok(folder) = std::fs::read_dir(self.bin().join("asked")) else {
            return Vec::new();
        };
        let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let read = |path| {
            let all = std::fs::read_to_string(path).unwrap();
            let unit = all.lines().find_map(|line| line.strip_prefix("unit: "));
            Asked {
                unit: unit.unwrap().to_owned(),
                all,
            }
        };
        paths.into_iter().map(read).collect()
    }
}
