//! Signs a commit as a worker would: without a terminal, and with nobody there to type. The commit goes into an object
//! store of its own, which is removed again.

use std::path::Path;
use std::time::Duration;

use crate::adapters::git::checkup::setting::{is_on, setting};
use crate::adapters::git::git::{failure, said};
use crate::adapters::git::ground::Place;
use crate::engine::ports::{PortError, Stop, Watch};
use crate::model::checkup::Trial;
use crate::model::checkup::signing::Signing;

/// What tells a key's agent where a person could be asked.
const ASKING: [&str; 3] = ["GPG_TTY", "DISPLAY", "WAYLAND_DISPLAY"];

impl Place {
    /// Tries it, for so long, where commits are to be signed; `quote` makes a word as a shell takes it.
    ///
    /// # Errors
    /// [`PortError`] when git cannot be asked for its settings.
    pub async fn signing(
        &self,
        patience: Duration,
        quote: &(dyn Fn(&str) -> String + Sync),
    ) -> Result<Option<Signing>, PortError> {
        if !is_on(&self.git, "commit.gpgsign").await? {
            return Ok(None);
        }
        let format = setting(&self.git, "gpg.format").await?;
        let format = format.unwrap_or_else(|| "openpgp".to_owned());
        let key = setting(&self.git, "user.signingkey").await?;
        let key = match (format.as_str(), key) {
            // A key that is written out there is the agent's already.
            ("ssh", Some(key)) if !Path::new(&key).is_file() => None,
            ("ssh", Some(key)) => Some(key.strip_suffix(".pub").unwrap_or(&key).to_owned()),
            (_, key) => key,
        };
        Ok(Some(Signing {
            format,
            key: key.map(|key| quote(&key)),
            trial: self.sign(patience).await,
        }))
    }

    async fn sign(&self, patience: Duration) -> Trial {
        let doing = "signing a commit";
        let signed = async {
            let folder = tempfile::tempdir().map_err(|error| PortError::failed(doing, error))?;
            let watch = Watch {
                log: folder.path().join("log"),
                timeout: patience,
                stop: Stop::default(),
            };
            let tree = self.git.reading(doing);
            let tree = tree.args(["hash-object", "-t", "tree", "/dev/null"]);
            let tree = tree.id().await?;
            let mut call = self
                .git
                .call(doing)
                .args(["commit-tree", "-S", "-m", "signed by batch doctor"])
                .arg(tree.as_str())
                .env("GIT_OBJECT_DIRECTORY", folder.path());
            for name in ASKING {
                call = call.env(name, "");
            }
            call.logged_output(&watch).await
        };
        match signed.await {
            Ok(output) if output.status.success() => Trial::Passed,
            Ok(output) => Trial::Failed(reason(&said(failure(doing, &output)))),
            Err(PortError::TimedOut { after, .. }) => Trial::TimedOut(after.as_secs()),
            Err(error) => Trial::Untold(error.to_string()),
        }
    }
}

/// The last of what was said to a person: gpg says much besides, and the same again for programs.
fn reason(words: &str) -> String {
    let mut lines = words.lines().filter(|line| !line.starts_with("[GNUPG:]"));
    lines.next_back().unwrap_or(words).to_owned()
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn the_reason_is_the_last_that_was_said_to_a_person() {
        let words = "gpg: keybox created\n[GNUPG:] FAILURE sign 17\ngpg: signing failed: No secret key\n[GNUPG:] X";
        assert_eq!(reason(words), "gpg: signing failed: No secret key");
        assert_eq!(reason(""), "");
    }
}
