//! Looks into many files of a tree at once: one reader for each processor, results in the order of the files.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::engine::ports::{Objects, PortError};
use crate::model::id::ObjectId;
use crate::model::tree::TreeFile;

/// How many files a thread takes at a time: enough that the counter costs nothing, few enough to share out evenly.
const HANDFUL: usize = 64;

/// Calls `look` with the contents of each of these files of `tree`, and collects what it finds, with the file's place in the list.
///
/// # Errors
/// The first [`PortError`] of any thread.
pub fn scan<T: Send>(
    objects: &dyn Objects,
    tree: &ObjectId,
    files: &[TreeFile],
    look: impl Fn(&TreeFile, &[u8]) -> Option<T> + Sync,
) -> Result<Vec<(usize, T)>, PortError> {
    objects.want(tree, files);
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(files.len().div_ceil(HANDFUL)).max(1);
    let scan_some = || -> Result<Vec<(usize, T)>, PortError> {
        let mut reader = objects.reader()?;
        let mut contents = Vec::new();
        let mut found = Vec::new();
        loop {
            let from = next.fetch_add(HANDFUL, Ordering::Relaxed);
            if from >= files.len() {
                return Ok(found);
            }
            let to = files.len().min(from + HANDFUL);
            for (offset, file) in files[from..to].iter().enumerate() {
                reader.read(file, &mut contents)?;
                if let Some(result) = look(file, &contents) {
                    found.push((from + offset, result));
                }
            }
        }
    };
    let mut found = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(scan_some)).collect();
        let mut all = Vec::new();
        for worker in workers {
            match worker.join() {
                Ok(found) => all.extend(found?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok::<_, PortError>(all)
    })?;
    found.sort_unstable_by_key(|(place, _)| *place);
    Ok(found)
}
