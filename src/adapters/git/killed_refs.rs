//! What a git of ours leaves that was killed while it set a ref: the lock beside it, by which no later one can set it.
//!
//! Only below the run's own refs, and beside the branches that the run makes, also in a remote on this machine's disks:
//! what takes a push there was started by ours. A lock of the user's is never touched.
//! Called when a run is taken up whose process died, and nothing of it is left.

use std::fs;
use std::path::Path;

use crate::model::id::RunId;

/// Removes them; what stays is told by the git that meets it.
pub fn remove_killed_refs<'a>(
    common_dir: &Path,
    run: &RunId,
    branches: impl Iterator<Item = &'a str>,
) {
    remove_below(&common_dir.join("refs/batch").join(run.as_str()));
    for branch in branches {
        let _ = fs::remove_file(common_dir.join(format!("refs/heads/{branch}.lock")));
    }
}

fn remove_below(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() {
            remove_below(&path);
        } else if path.extension().is_some_and(|end| end == "lock") {
            let _ = fs::remove_file(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::remove_killed_refs;
    use crate::model::sample;

    #[test]
    fn locks_of_the_run_go_and_all_others_stay() {
        let git = tempfile::tempdir().unwrap();
        let run = sample::run();
        let ours = [
            format!("refs/batch/{run}/a/commit.lock"),
            format!("refs/batch/{run}/base.lock"),
            "refs/heads/batch/x/a.lock".to_owned(),
        ];
        let others = [
            format!("refs/batch/{run}/a/commit"),
            "refs/batch/20200102T030405Z-ffff/a/commit.lock".to_owned(),
            "refs/heads/main.lock".to_owned(),
            "index.lock".to_owned(),
        ];
        for name in ours.iter().chain(&others) {
            let path = git.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        remove_killed_refs(git.path(), &run, ["batch/x/a"].into_iter());
        let there = |name: &String| git.path().join(name).exists();
        assert!(!ours.iter().any(there));
        assert!(others.iter().all(there));
    }
}
