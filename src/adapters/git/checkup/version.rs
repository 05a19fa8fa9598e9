//! Which git there is, and whether it merges in memory.

use std::time::Duration;

use crate::adapters::git::git::{Git, failure, said};
use crate::adapters::git::ground::Place;
use crate::engine::ports::PortError;
use crate::model::checkup::Trial;
use crate::model::checkup::git::Program;

/// The git that is started.
pub async fn program(git: &Git) -> Program {
    let text = git.reading("starting git").arg("version").text().await;
    match git.require_version().await {
        Ok(()) => {
            let text = text.unwrap_or_default();
            Program::Good(
                text.strip_prefix("git version ")
                    .unwrap_or(&text)
                    .to_owned(),
            )
        }
        Err(error) => Program::Bad(error.to_string()),
    }
}

impl Place {
    /// Tries a merge in memory, of what is checked out with itself; none where there is no commit.
    pub async fn merges(&self, patience: Duration) -> Option<Trial> {
        let commit = self.head.commit()?;
        let doing = "merging a commit with itself";
        let output = self
            .git
            .reading(doing)
            .args([
                "merge-tree",
                "--write-tree",
                commit.as_str(),
                commit.as_str(),
            ])
            .timeout(patience)
            .output()
            .await;
        Some(match output {
            Ok(output) if output.status.success() => Trial::Passed,
            Ok(output) => Trial::Failed(said(failure(doing, &output))),
            Err(PortError::TimedOut { after, .. }) => Trial::TimedOut(after.as_secs()),
            Err(error) => Trial::Untold(error.to_string()),
        })
    }
}
