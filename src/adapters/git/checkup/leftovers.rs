//! The worktrees of batch's that are registered, and those whose making was killed.

use std::path::{Path, PathBuf};

use crate::adapters::git::ground::Place;
use crate::adapters::git::killed_adds::killed;
use crate::adapters::git::worktree::place_of;
use crate::adapters::git::worktrees::LOCK_REASON;

/// Worktrees of batch's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnWorktrees {
    /// Those that were made.
    pub whole: Vec<PathBuf>,
    /// Those whose making was killed.
    pub killed: Vec<PathBuf>,
}

impl Place {
    /// Looks for them where git registers them.
    #[must_use]
    pub fn own_worktrees(&self) -> OwnWorktrees {
        let common = &self.common_dir;
        let killed = killed(common);
        let entries = std::fs::read_dir(common.join("worktrees"));
        let admins = entries.into_iter().flatten().flatten().map(|e| e.path());
        let whole = admins.filter(|admin| is_ours(admin) && !killed.contains(admin));
        let places = |admins: Vec<PathBuf>| {
            let places = admins.iter().filter_map(|admin| place_of(admin, common));
            let mut places: Vec<PathBuf> = places.collect();
            places.sort();
            places
        };
        OwnWorktrees {
            whole: places(whole.collect()),
            killed: places(killed.clone()),
        }
    }
}

fn is_ours(admin: &Path) -> bool {
    std::fs::read_to_string(admin.join("locked")).is_ok_and(|why| why.trim() == LOCK_REASON)
}
