//! Reads what `git diff-tree -r -z` prints, with and without renames and line counts.

use std::collections::HashMap;

use crate::adapters::git::git::records;
use crate::model::id::ObjectId;
use crate::model::path::RepoPath;
use crate::model::tree::{FileChange, Mode, Version};

/// One record of a diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Changed {
    /// Where it was before, if that is elsewhere.
    pub(super) from: Option<RepoPath>,
    /// Where it is, or was when it is removed.
    pub(super) path: RepoPath,
    /// Before; none when it is added.
    pub(super) old: Option<Version>,
    /// After; none when it is removed.
    pub(super) new: Option<Version>,
    /// Lines added and removed; none where they were not counted, and for binary files.
    pub(super) lines: Option<u64>,
}

/// Reads the output of `--raw`, perhaps followed by that of `--numstat`. None when it is not such an output.
pub(super) fn read(output: &[u8]) -> Option<Vec<Changed>> {
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
            lines.insert(
                path,
                added.zip(removed).map(|(added, removed)| added + removed),
            );
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
            path,
            old: version(old_mode, old_id),
            new: version(new_mode, new_id),
            lines: None,
        });
    }
    for change in &mut changed {
        change.lines = lines.get(change.path.as_bytes()).copied().flatten();
    }
    changed.sort_by(|a, b| a.path.cmp(&b.path));
    Some(changed)
}

/// The same without renames.
pub(super) fn read_changes(output: &[u8]) -> Option<Vec<FileChange>> {
    let changes = read(output)?.into_iter().map(|change| FileChange {
        path: change.path,
        old: change.old,
        new: change.new,
    });
    Some(changes.collect())
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
    use super::read;

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
        let read = read(output).unwrap();
        let paths: Vec<&[u8]> = read.iter().map(|change| change.path.as_bytes()).collect();
        assert_eq!(paths, [&b"gone\xff"[..], b"link", b"new\nname", b"pic"]);
        let lines: Vec<_> = read.iter().map(|change| change.lines).collect();
        assert_eq!(lines, [Some(2), Some(1), Some(7), None]);
        assert_eq!(read[2].from.as_ref().unwrap().as_bytes(), b"old\tname");
        assert!(read[0].new.is_none() && read[1].old.is_none());
    }

    #[test]
    fn nothing_is_read_from_what_git_does_not_print() {
        assert_eq!(read(b""), Some(Vec::new()));
        assert_eq!(read(b"nonsense\0"), None);
        assert_eq!(read(b":100644 100644 1 2 M\0"), None);
    }
}
