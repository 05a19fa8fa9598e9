//! Which hooks the repository has, and where it looks for them.

use std::path::Path;

use crate::adapters::git::checkup::setting::setting;
use crate::adapters::git::ground::Place;
use crate::adapters::git::own_settings::place;
use crate::adapters::programs::is_executable;
use crate::engine::ports::PortError;
use crate::model::checkup::hooks::Hooks;

/// Those that git runs while a unit is checked out, committed and pushed (githooks(5)).
const HOOKS: [&str; 6] = [
    "post-checkout",
    "pre-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "pre-push",
];

impl Place {
    /// Looks at them, as this checkout has them.
    ///
    /// # Errors
    /// [`PortError`] when git cannot be asked.
    pub async fn hooks(&self) -> Result<Hooks, PortError> {
        let setting = setting(&self.git, "core.hooksPath").await?;
        let folder = place(&self.git, "hooks").await?;
        let tracked = match folder.strip_prefix(&self.root) {
            Ok(below) => self.tracks(below).await?,
            Err(_) => false,
        };
        let there = |name: &&str| folder.join(name).is_file();
        let (awake, asleep) = HOOKS
            .iter()
            .copied()
            .filter(there)
            .map(str::to_owned)
            .partition(|name| is_executable(&folder.join(name)));
        Ok(Hooks {
            setting,
            tracked,
            exists: folder.is_dir(),
            folder,
            awake,
            asleep,
        })
    }

    async fn tracks(&self, below: &Path) -> Result<bool, PortError> {
        let listed = self
            .git
            .reading("looking for hooks that are committed")
            .args(["ls-files", "-z", "--"])
            .arg(below)
            .bytes()
            .await?;
        Ok(!listed.is_empty())
    }
}
