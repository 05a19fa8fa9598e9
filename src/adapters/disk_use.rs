//! What lies below folders, in bytes on the disk. Follows no link.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// All that lies below a folder; nothing where there is none.
pub(super) fn used_below(folder: &Path) -> u64 {
    let mut sum = 0;
    add(folder, u64::MAX, &mut sum);
    sum
}

/// Adds what lies below a folder, and looks no further once that is more than `enough`. What vanishes meanwhile, or cannot
/// be looked at, counts as nothing.
pub(in crate::adapters) fn add(folder: &Path, enough: u64, sum: &mut u64) {
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.filter_map(io::Result::ok) {
            // Of a symlink itself, not of what it leads to.
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            *sum = sum.saturating_add(metadata.blocks().saturating_mul(512));
            if *sum > enough {
                return;
            }
            if metadata.is_dir() {
                left.push(entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::used_below;

    #[test]
    fn what_lies_below_is_counted_and_no_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        let empty = used_below(folder.path());
        std::fs::write(deep.join("f"), vec![1; 1 << 20]).unwrap();
        let full = used_below(folder.path());
        assert!(full - empty >= 1 << 20, "{empty} {full}");
        std::os::unix::fs::symlink(folder.path(), deep.join("up")).unwrap();
        assert!(used_below(folder.path()) - full <= 1 << 16);
        assert_eq!(used_below(Path::new("/no/such/folder")), 0);
    }
}
