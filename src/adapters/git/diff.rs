//! Reads what `git diff-tree -r -z` prints, with and without renames and line counts.

use std::collections::HashMap;

use crate::adapters::git::git::records;
use crate::model::id::ObjectId;
use crate::model::path::RepoPath;
use crate::model::slices::{Difference, DifferenceKind};
use crate::model::tree::{FileChange, Mode, Version};

/// One record of a diff.
struct Changed {
    /// Where it was before, if that is elsewhere.
    from: Option<RepoPath>,
    change: FileChange,
}

/// By path, how many lines were added and removed.
type LineCounts<'a> = HashMap<&'a [u8], u64>;

/// Reads the output of `--raw --no-renames`, sorted by path. None when it is not such an output.
pub(super) fn read_changes(output: &[u8]) -> Option<Vec<FileChange>> {
    let (changed, _) = read(output)?;
    Some(changed.into_iter().map(|changed| changed.change).collect())
}

/// Reads the output of `--raw -M` followed by that of `--numstat`, sorted by path. None when it is not such an output.
pub(super) fn read_renamed(output: &[u8]) -> Option<Vec<Difference>> {
    let (changed, lines) = read(output)?;
    let differences = changed.into_iter().map(|Changed { from, change }| {
        let lines = lines.get(change.path.as_bytes()).copied().unwrap_or(0);
        let kind = match (change.old, change.new, from) {
            (Some(old), Some(new), Some(from)) => DifferenceKind::Renamed { from, old, new },
            (Some(old), Some(new), None) => DifferenceKind::Modified { old, new },
            (None, Some(new), _) => DifferenceKind::Added(new),
            (Some(old), None, _) => DifferenceKind::Deleted(old),
            (None, None, _) => return None,
        };
        Some(Difference {
            path: change.path,
            kind,
            lines,
        })
    });
    differences.collect()
}

/// The records, sorted by path, and the lines added and removed of each path for which they are counted.
fn read(output: &[u8]) -> Option<(Vec<Changed>, LineCounts<'_>)> {
    let mut records = records(output).filter(|record| !record.is_empty());
    let mut changed = Vec::new();
    let mut lines = HashMap::new();
    while let Some(record) = records.next() {
        let Some(head) = record.strip_prefix(b":") else {
            // `added TAB removed TAB path`; with a rename the path is empty and two follow.
            let mut parts = record.splitn(3, |&byte| byte == b'\t');
            let (added, removed) = (number(parts.next()?), number(parts.next()?));
            let path = match parts.next()? {
                [] => {
                    records.next()?;
                    records.next()?
                }
                path => path,
            };
            if let (Some(added), Some(removed)) = (added, removed) {
                lines.insert(path, added.saturating_add(removed));
            }
            continue;
        };
        let mut words = std::str::from_utf8(head).ok()?.split(' ');
        let (old_mode, new_mode) = (words.next()?, words.next()?);
        let (old_id, new_id) = (words.next()?, words.next()?);
        let kind = words.next()?;
        let first = RepoPath::new(records.next()?);
        let (from, path) = if kind.starts_with(['R', 'C']) {
            (Some(first), RepoPath::new(records.next()?))
        } else {
            (None, first)
        };
        changed.push(Changed {
            from,
            change: FileChange {
                path,
                old: version(old_mode, old_id),
                new: version(new_mode, new_id),
            },
        });
    }
    changed.sort_by(|a, b| a.change.path.cmp(&b.change.path));
    Some((changed, lines))
}

fn version(mode: &str, id: &str) -> Option<Version> {
    Some(Version {
        mode: Mode::from_octal(mode)?,
        id: ObjectId::new(id),
    })
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{read_changes, read_renamed};
    use crate::model::slices::DifferenceKind;

    #[test]
    fn renames_binaries_and_odd_names_are_told_apart() {
        let output = b":100644 100755 1111 2222 R090\0old\tname\0new\nname\0\
            :000000 120000 0000 3333 A\0link\0\
            :100644 000000 4444 0000 D\0gone\xff\0\
            :100644 100644 5555 6666 M\0pic\0\
            3\t4\t\0old\tname\0new\nname\0\
            1\t0\tlink\0\
            0\t2\tgone\xff\0\
            -\t-\tpic\0";
        let read = read_renamed(output).unwrap();
        let told: Vec<_> = read
            .iter()
            .map(|difference| {
                let kind = match &difference.kind {
                    DifferenceKind::Added(new) => format!("added {:?}", new.mode),
                    DifferenceKind::Deleted(_) => "deleted".to_owned(),
                    DifferenceKind::Modified { .. } => "modified".to_owned(),
                    DifferenceKind::Renamed { from, .. } => format!("was {}", from.to_text()),
                };
                (difference.path.as_bytes(), kind, difference.lines)
            })
            .collect();
        let expected: [(&[u8], &str, u64); 4] = [
            (b"gone\xff", "deleted", 2),
            (b"link", "added Symlink", 1),
            (b"new\nname", "was old\tname", 7),
            (b"pic", "modified", 0),
        ];
        assert_eq!(
            told,
            expected.map(|(path, kind, lines)| (path, kind.to_owned(), lines))
        );
    }

    #[test]
    fn nothing_is_read_from_what_git_does_not_print() {
        assert_eq!(read_changes(b""), Some(Vec::new()));
        assert_eq!(read_changes(b"nonsense\0"), None);
        assert_eq!(read_changes(b":100644 100644 1 2 M\0"), None);
    }
}
