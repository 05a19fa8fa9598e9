//! What kind of repository it is.

use std::collections::BTreeMap;

use crate::adapters::git::git::Git;
use crate::adapters::git::ground::Place;
use crate::adapters::git::own_settings::settings;
use crate::engine::ports::PortError;
use crate::model::checkup::kind::{Kind, Lfs};

impl Place {
    /// Looks at its settings; what was found when the place was is taken from there.
    ///
    /// # Errors
    /// [`PortError`] when git cannot be asked.
    pub async fn kind(&self, remote: Option<&str>) -> Result<Kind, PortError> {
        let listed = self
            .git
            .reading("reading the repository's format")
            .args([
                "config",
                "-z",
                "--get-regexp",
                r"^(extensions\.|filter\.lfs\.)",
            ])
            .output()
            .await?;
        let mut set = BTreeMap::new();
        settings(&listed.stdout, &mut set);
        let value = |name: &str, usual: &str| {
            let values: Option<&Vec<String>> = set.get(name);
            let last = values.and_then(|values| values.last());
            last.map_or_else(|| usual.to_owned(), |value| value.to_ascii_lowercase())
        };
        let lfs = if self.facts.lfs {
            Some(Lfs {
                program: has_lfs(&self.git).await?,
                filters: set.contains_key("filter.lfs.clean")
                    || set.contains_key("filter.lfs.process"),
            })
        } else {
            None
        };
        Ok(Kind {
            shallow: self.facts.shallow,
            partial: self.facts.partial,
            sparse: self.facts.sparse,
            submodules: self.facts.submodules,
            lfs,
            refs: value("extensions.refstorage", "files"),
            objects: value("extensions.objectformat", "sha1"),
            worktree_config: value("extensions.worktreeconfig", "false") == "true",
            commit: self.head.commit().is_some(),
            remote: remote.map(str::to_owned),
        })
    }
}

async fn has_lfs(git: &Git) -> Result<bool, PortError> {
    let asked = git.reading("looking for git-lfs").args(["lfs", "version"]);
    Ok(asked.output().await?.status.success())
}
