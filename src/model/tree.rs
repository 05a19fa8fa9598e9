//! Files of a git tree as values: [`TreeFile`], its [`Mode`], and how two trees differ ([`FileChange`]).

use crate::model::id::ObjectId;
use crate::model::path::RepoPath;

/// What a tree entry is; git knows no other modes for leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// 100644 (and the historical 100664).
    File,
    /// 100755.
    Executable,
    /// 120000: the blob is the target.
    Symlink,
    /// 160000: a commit of another repository.
    Submodule,
}

impl Mode {
    /// Reads the octal number that git prints; `None` for a folder or for no file at all.
    #[must_use]
    pub fn from_octal(octal: &str) -> Option<Self> {
        match octal {
            "100644" | "100664" => Some(Self::File),
            "100755" => Some(Self::Executable),
            "120000" => Some(Self::Symlink),
            "160000" => Some(Self::Submodule),
            _ => None,
        }
    }

    /// The octal number as git reads it.
    #[must_use]
    pub fn as_octal(self) -> &'static str {
        match self {
            Self::File => "100644",
            Self::Executable => "100755",
            Self::Symlink => "120000",
            Self::Submodule => "160000",
        }
    }

    /// Whether the entry holds text or bytes that a change may rewrite.
    #[must_use]
    pub fn is_regular(self) -> bool {
        match self {
            Self::File | Self::Executable => true,
            Self::Symlink | Self::Submodule => false,
        }
    }
}

/// A leaf of a tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeFile {
    /// Where it is.
    pub path: RepoPath,
    /// What it is.
    pub mode: Mode,
    /// The blob, or the commit of a submodule.
    pub id: ObjectId,
}

/// One end of a [`FileChange`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// What it is.
    pub mode: Mode,
    /// The blob, or the commit of a submodule.
    pub id: ObjectId,
}

/// A path at which two trees differ. A rename is a removal and an addition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileChange {
    /// The path.
    pub path: RepoPath,
    /// Before; none when it is added.
    pub old: Option<Version>,
    /// After; none when it is removed.
    pub new: Option<Version>,
}
