//! Facts of made-up repositories.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::engine::facts::gather;
use crate::engine::ports::{BlobReader, Objects, PortError};
use crate::engine::research::ResearchError;
use crate::model::change::{Change, Source};
use crate::model::facts::{Candidates, CommandKind, Facts};
use crate::model::id::ObjectId;
use crate::model::path::RepoPath;
use crate::model::sample::base;
use crate::model::tree::{Mode, TreeFile};

/// Objects in memory; remembers what was read.
#[derive(Default)]
struct Store {
    blobs: HashMap<RepoPath, Vec<u8>>,
    read: Mutex<Vec<String>>,
}

impl Store {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let blobs = files
            .iter()
            .map(|(path, bytes)| (RepoPath::from(*path), bytes.to_vec()));
        Self {
            blobs: blobs.collect(),
            read: Mutex::default(),
        }
    }

    fn read(&self) -> Vec<String> {
        let mut read = self.read.lock().unwrap().clone();
        read.sort_unstable();
        read
    }
}

impl Objects for Store {
    fn files(&self, _: &ObjectId) -> Result<Vec<TreeFile>, PortError> {
        let file = |path: &RepoPath| TreeFile {
            path: path.clone(),
            mode: if path.as_bytes().starts_with(b"link") {
                Mode::Submodule
            } else {
                Mode::File
            },
            id: ObjectId::new("0"),
        };
        let mut files: Vec<TreeFile> = self.blobs.keys().map(file).collect();
        files.sort_unstable();
        Ok(files)
    }

    fn sizes(&self, files: &[TreeFile]) -> Result<Vec<Option<u64>>, PortError> {
        let size = |file: &TreeFile| {
            file.mode
                .is_regular()
                .then(|| self.blobs[&file.path].len() as u64)
        };
        Ok(files.iter().map(size).collect())
    }

    fn reader(&self) -> Result<Box<dyn BlobReader + '_>, PortError> {
        Ok(Box::new(Reader(self)))
    }
}

struct Reader<'a>(&'a Store);

impl BlobReader for Reader<'_> {
    fn read(&mut self, file: &TreeFile, into: &mut Vec<u8>) -> Result<(), PortError> {
        self.0.read.lock().unwrap().push(file.path.to_string());
        into.clone_from(&self.0.blobs[&file.path]);
        Ok(())
    }
}

fn facts(store: &Store, paths: &[&str], matching: Option<&str>) -> Result<Facts, ResearchError> {
    let change = Change {
        paths: paths.iter().map(|&path| path.to_owned()).collect(),
        matching: matching.map(str::to_owned),
        ..Change::new("move the forms", Source::Command("true".to_owned()))
    };
    gather(store, &base(), &change)
}

#[test]
fn an_empty_tree_can_be_asked_about() {
    let facts = facts(&Store::default(), &[], None).unwrap();
    assert_eq!(facts.candidates, Candidates::Open { files: 0 });
}

#[test]
fn without_filters_only_files_that_tell_something_are_read() {
    let large = vec![b' '; 2 << 20];
    let store = Store::with(&[
        ("a.ts", b"x"),
        (
            "package.json",
            b"\xef\xbb\xbf{\"scripts\":{\"test\":\"jest\"}}",
        ),
        ("src/index.ts", b"export * from './a';"),
        ("web/package.json", &large),
        ("link", b"of another repository"),
        ("yarn.lock", b""),
    ]);
    let facts = facts(&store, &[], None).unwrap();
    assert_eq!(store.read(), ["package.json", "src/index.ts"]);
    assert_eq!(facts.candidates, Candidates::Open { files: 4 });
    assert_eq!(
        facts.commands.best(CommandKind::Test).unwrap().command,
        "yarn test"
    );
    assert_eq!(facts.submodules, ["link".into()]);
    assert!(facts.tree.root().bytes.unwrap() > 2 << 20);
}

#[test]
fn filters_select_the_candidates() {
    let store = Store::with(&[
        ("src/a.ts", b"class A\nb"),
        ("src/b.ts", b"function b\n"),
        ("src/c.ts", b"class C\0"),
        ("docs/d.md", b"class D"),
    ]);
    let given = |paths: &[&str], matching| {
        let Candidates::Given(given) = facts(&store, paths, matching).unwrap().candidates else {
            panic!("filters were given");
        };
        let told = given
            .iter()
            .map(|file| (file.path.to_string(), file.lines, file.bytes));
        told.collect::<Vec<_>>()
    };
    assert_eq!(
        given(&["src/"], Some("class [A-Z]")),
        [
            ("src/a.ts".to_owned(), Some(2), 9),
            ("src/c.ts".to_owned(), None, 8)
        ]
    );
    assert_eq!(given(&["**/*.md"], None).len(), 1);
    assert_eq!(given(&[], Some("function")).len(), 1);
}

#[test]
fn filters_that_select_nothing_are_an_error() {
    let store = Store::with(&[("a", b"b")]);
    assert!(matches!(
        facts(&store, &["src/"], None),
        Err(ResearchError::NoFiles { .. })
    ));
    assert!(matches!(
        facts(&store, &[], Some("x")),
        Err(ResearchError::NothingMatches { files: 1, .. })
    ));
    assert!(matches!(
        facts(&store, &[], Some("(")),
        Err(ResearchError::Matching { .. })
    ));
}
