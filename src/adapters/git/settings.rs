//! [`GitSettings`]: settings for the git that commands and agents start, as the variables that carry them to it.
//!
//! Our own git takes its settings as arguments; see [`Git`](super::git::Git).

use std::ffi::OsString;

/// Settings that count for every git below a process, whatever the user's and the repository's say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitSettings(Vec<(OsString, OsString)>);

impl GitSettings {
    /// As ours has them: nothing of it works on in the background, in a repository that all worktrees share.
    #[must_use]
    pub fn quiet() -> Self {
        Self(Vec::new())
            .with("maintenance.auto", "false")
            .with("gc.auto", "0")
    }

    /// Adds a setting; one that may have several values gets another.
    #[must_use]
    pub fn with(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    /// The variables, as git-config(1) describes them.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, OsString)> {
        let count = ("GIT_CONFIG_COUNT".to_owned(), self.0.len().to_string());
        let mut variables = vec![(count.0, count.1.into())];
        for (number, (name, value)) in self.0.iter().enumerate() {
            variables.push((format!("GIT_CONFIG_KEY_{number}"), name.clone()));
            variables.push((format!("GIT_CONFIG_VALUE_{number}"), value.clone()));
        }
        variables
    }
}
