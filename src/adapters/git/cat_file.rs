//! [`CatFile`]: reads objects through the git executable, for repositories that libgit2 refuses.

use std::collections::{BTreeSet, HashSet};

use crate::adapters::git::fetching::fetching;
use crate::adapters::git::git::{Git, records};
use crate::adapters::process::Conversation;
use crate::engine::ports::{BlobReader, PortError};
use crate::model::id::ObjectId;
use crate::model::path::RepoPath;
use crate::model::tree::{Mode, TreeFile};

/// The settings that mark the remotes which hold what a partial clone lacks.
const PROMISOR: &str = r"^remote\..*\.promisor$";

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

/// Fetches, in one go, those blobs that a partial clone lacks: reading would fetch them one by one.
pub(super) fn fetch_missing(
    git: &Git,
    tree: &ObjectId,
    files: &[TreeFile],
) -> Result<(), PortError> {
    let doing = "fetching missing blobs";
    let say = |args: &[&str]| {
        let call = git.reading(doing).args(args);
        Conversation::start(&call.into_invocation())?.rest()
    };
    let listed = say(&[
        "rev-list",
        "--objects",
        "--missing=print",
        "--no-walk",
        tree.as_str(),
    ])?;
    let missing: HashSet<&[u8]> = listed
        .split(|&byte| byte == b'\n')
        .filter_map(|line| line.strip_prefix(b"?"))
        .collect();
    let wanted: BTreeSet<&str> = files
        .iter()
        .map(|file| file.id.as_str())
        .filter(|id| missing.contains(id.as_bytes()))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let promisors = say(&["config", "--name-only", "--get-regexp", PROMISOR])?;
    let promisors = String::from_utf8_lossy(&promisors);
    let remote = promisors
        .lines()
        .find_map(|name| name.strip_prefix("remote.")?.strip_suffix(".promisor"))
        .unwrap_or("origin");
    let call = fetching(git.call(doing), remote)
        // As git itself does when it fetches what it lacks.
        .setting("fetch.negotiationAlgorithm=noop")
        .args(["--filter=blob:none", "--stdin", "--", remote]);
    let mut conversation = Conversation::start(&call.into_invocation())?;
    for id in wanted {
        conversation.tell(id)?;
    }
    conversation.rest().map(drop)
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
