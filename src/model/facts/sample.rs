//! Made-up trees for this folder's tests.

use crate::model::facts::contents::Contents;
use crate::model::id::ObjectId;
use crate::model::tree::{Mode, TreeFile};

/// Regular files at these paths, in the order given.
pub(super) fn tree(paths: &[&str]) -> Vec<TreeFile> {
    let file = |path: &&str| TreeFile {
        path: (*path).into(),
        mode: Mode::File,
        id: ObjectId::new("0"),
    };
    paths.iter().map(file).collect()
}

/// The same, sorted as git lists them, with the texts of those that have one.
pub(crate) fn with_texts(files: &[(&str, &str)]) -> (Vec<TreeFile>, Contents) {
    let mut paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    paths.sort_unstable();
    let mut contents = Contents::default();
    for (path, text) in files {
        contents.insert((*path).into(), text.as_bytes());
    }
    (tree(&paths), contents)
}
