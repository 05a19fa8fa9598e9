//! [`Seal`]: holds our own git to the hooks and settings that were there before agents worked. What git runs for a
//! commit or a push has the user's environment, keys and tokens included; an agent must not choose it.
//!
//! Settings that run nothing and lead nowhere may change meanwhile: the user works in the same repository.

use std::collections::BTreeMap;

use tokio::sync::OnceCell;

use crate::adapters::git::git::Git;
use crate::adapters::git::ground::Place;
use crate::adapters::git::own_settings::{hooks, info, own_settings};
use crate::engine::ports::{PortError, Stop};
use crate::model::clean::clean;
use crate::model::named::named;

/// How many names an error tells.
const NAMED: usize = 5;

/// What the names of settings begin with that have git run a program, read another file or talk to another place.
const TRUSTED: [&str; 16] = [
    "alias.",
    "core.",
    "credential.",
    "diff.",
    "filter.",
    "gpg.",
    "http.",
    "include.",
    "includeif.",
    "merge.",
    "protocol.",
    "push.",
    "remote.",
    "submodule.",
    "url.",
    "user.",
];

/// What git may be led by at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lead {
    settings: BTreeMap<String, Vec<String>>,
    hooks: BTreeMap<String, String>,
    /// What is left out of commits, and what filters files, beside what the tree itself says.
    info: BTreeMap<String, Vec<u8>>,
}

/// A repository's hooks and settings, as they were when it was taken.
#[derive(Debug)]
pub struct Seal {
    git: Git,
    before: OnceCell<Lead>,
}

impl Seal {
    /// A seal that is still to be taken.
    #[must_use]
    pub fn of(place: &Place) -> Self {
        Self {
            // A unit that is stopped is still to be told whether it may commit.
            git: place.git().clone().stopping_at(Stop::default()),
            before: OnceCell::new(),
        }
    }

    /// Takes what is there now for right; later calls change nothing.
    ///
    /// # Errors
    /// [`PortError`] when git cannot be asked.
    pub async fn take(&self) -> Result<(), PortError> {
        self.before.get_or_try_init(|| lead(&self.git)).await?;
        Ok(())
    }

    /// Makes sure that nothing of it is other by now; one that was not taken holds.
    ///
    /// # Errors
    /// [`PortError::Failed`] that names what changed.
    pub async fn holds(&self, doing: &str) -> Result<(), PortError> {
        let Some(before) = self.before.get() else {
            return Ok(());
        };
        let now = lead(&self.git).await?;
        let mut changed = differing(&before.settings, &now.settings);
        let hooks = differing(&before.hooks, &now.hooks);
        changed.extend(hooks.iter().map(|hook| format!("hook {hook}")));
        changed.extend(differing(&before.info, &now.info));
        if changed.is_empty() {
            return Ok(());
        }
        let words = format!(
            "{} of the repository changed while agents worked, and git would go by that; look at it, then rerun the unit",
            named(&changed, NAMED)
        );
        Err(PortError::failed(doing, words))
    }
}

async fn lead(git: &Git) -> Result<Lead, PortError> {
    let mut settings = own_settings(git).await?;
    settings.retain(|name, _| TRUSTED.iter().any(|prefix| name.starts_with(prefix)));
    Ok(Lead {
        settings,
        hooks: hooks(git).await?,
        info: info(git).await?,
    })
}

/// The names whose values are not the same in both.
fn differing<V: PartialEq>(before: &BTreeMap<String, V>, now: &BTreeMap<String, V>) -> Vec<String> {
    let new = now.keys().filter(|name| !before.contains_key(*name));
    let other = before
        .iter()
        .filter(|(name, value)| now.get(*name) != Some(value));
    let names = other.map(|(name, _)| name).chain(new);
    names.map(|name| clean(name)).collect()
}
