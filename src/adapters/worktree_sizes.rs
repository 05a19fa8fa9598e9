//! How large a run's worktrees are, and how much room is left beside them. Only looks; the execution asks after a canary.

use std::path::Path;

use crate::adapters::disk::free_bytes;
use crate::adapters::disk_use::used_below;
use crate::engine::outlook::Worktrees;

/// The worktrees in a run's folder, each with its folder for temporary files.
#[must_use]
pub fn measured(folder: &Path) -> Worktrees {
    let mut sizes = Vec::new();
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        if path.join(".git").exists() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let beside = path.with_file_name(format!("{name}.tmp"));
            sizes.push(used_below(&path) + used_below(&beside));
        }
    }
    Worktrees {
        sizes,
        free: free_bytes(folder).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::measured;

    #[test]
    fn each_worktree_counts_with_its_temporary_files() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["0a1b-1-x", "0a1b-2-x"] {
            let tree = dir.path().join(name);
            std::fs::create_dir(&tree).unwrap();
            std::fs::write(tree.join(".git"), "gitdir: /x").unwrap();
            std::fs::write(tree.join("large"), vec![1; 1 << 20]).unwrap();
        }
        let tmp = dir.path().join("0a1b-1-x.tmp");
        std::fs::create_dir(&tmp).unwrap();
        std::fs::write(tmp.join("larger"), vec![1; 1 << 21]).unwrap();
        let mut found = measured(dir.path());
        found.sizes.sort_unstable();
        assert_eq!(found.sizes.len(), 2);
        assert!(found.sizes[0] >= 1 << 20 && found.sizes[1] >= 3 << 20);
        assert!(found.free.is_some());
        assert!(measured(&dir.path().join("none")).sizes.is_empty());
    }
}
