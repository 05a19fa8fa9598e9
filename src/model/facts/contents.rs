//! [`Contents`]: the text of the few files of a tree that are looked into, whatever bytes they hold.

use std::collections::HashMap;

use crate::model::path::RepoPath;

/// The largest file that is looked into, in bytes.
pub const CONTENTS_MAX: u64 = 1 << 20;

/// Texts by path. A file that was too large, is missing or was not read has none.
#[derive(Debug, Clone, Default)]
pub struct Contents(HashMap<RepoPath, String>);

impl Contents {
    /// Takes a file's bytes: a byte order mark goes, what is not UTF-8 is replaced. Larger ones are not kept.
    pub fn insert(&mut self, path: RepoPath, bytes: &[u8]) {
        if bytes.len() as u64 > CONTENTS_MAX {
            return;
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.0.insert(path, text);
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, path: &RepoPath) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// The file as JSON, if it is.
    pub(super) fn json(&self, path: &RepoPath) -> Option<serde_json::Value> {
        serde_json::from_str(self.text(path)?).ok()
    }

    /// The file as TOML, if it is.
    pub(super) fn toml(&self, path: &RepoPath) -> Option<toml::Table> {
        self.text(path)?.parse().ok()
    }
}
