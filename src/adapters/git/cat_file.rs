//! [`CatFile`]: reads objects through the git executable, for repositories that libgit2 refuses.

use crate::adapters::git::git::{Git, records};
use crate::adapters::process::Conversation;
use crate::engine::ports::{BlobReader, PortError};
use crate::model::id::ObjectId;
use crate::model::path::RepoPath;
use crate::model::tree::{Mode, TreeFile};

/// One `git cat-file --batch`, asked blob after blob.
pub(super) struct CatFile(Conversation);

impl CatFile {
    pub(super) fn start(git: &Git) -> Result<Self, PortError> {
        let call = git.reading("reading blobs").args(["cat-file", "--batch"]);
        Conversation::start(&call.into_invocation()).map(Self)
    }
}

impl BlobReader for CatFile {
    fn read(&mut self, file: &TreeFile, into: &mut Vec<u8>) -> Result<(), PortError> {
        let failed = |words: String| PortError::failed(format!("reading {}", file.path), words);
        let header = self.0.ask(file.id.as_str())?;
        let mut words = header.split(' ').skip(1);
        match (words.next(), words.next().map(str::parse)) {
            (Some("blob"), Some(Ok(size))) => self.0.take(size, into),
            (Some("missing"), _) => Err(failed(format!("object {} is missing", file.id))),
            _ => Err(failed(format!("git answered `{header}`"))),
        }
    }
}

/// All leaves of a commit's or tree's tree.
pub(super) fn list_tree(git: &Git, tree: &ObjectId) -> Result<Vec<TreeFile>, PortError> {
    let doing = format!("reading tree {}", tree.short());
    let call = git
        .reading(&doing)
        .args(["ls-tree", "-r", "-z", "--full-tree", tree.as_str()]);
    let listed = Conversation::start(&call.into_invocation())?.rest()?;
    records(&listed)
        .map(|record| {
            entry(record).ok_or_else(|| {
                let text = String::from_utf8_lossy(record);
                PortError::failed(&doing, format!("git printed `{text}`"))
            })
        })
        .collect()
}

/// Reads `mode SP type SP id TAB path`.
pub(super) fn entry(record: &[u8]) -> Option<TreeFile> {
    let tab = record.iter().position(|&byte| byte == b'\t')?;
    let mut words = std::str::from_utf8(&record[..tab]).ok()?.split(' ');
    let (mode, _kind, id) = (words.next()?, words.next()?, words.next()?);
    Some(TreeFile {
        path: RepoPath::new(&record[tab + 1..]),
        mode: Mode::from_octal(mode)?,
        id: ObjectId::new(id),
    })
}

#[cfg(test)]
mod tests {
    use super::entry;
    use crate::model::tree::Mode;

    #[test]
    fn entries_keep_every_byte_of_their_paths() {
        let file = entry(b"120000 blob 0123\ta\tb\n\xff").unwrap();
        assert_eq!(file.path.as_bytes(), b"a\tb\n\xff");
        assert_eq!((file.mode, file.id.as_str()), (Mode::Symlink, "0123"));
        assert_eq!(entry(b"040000 tree 0123\ta"), None);
    }
}
