//! [`detect`]: looks for commands in the root, and one level down when the root tells of no test.

use std::collections::BTreeMap;

use crate::model::facts::commands::folder::{Finder, Folder};
use crate::model::facts::commands::suggestion::{CommandKind, Commands};
use crate::model::facts::commands::{javascript, python, targets, toolchains};
use crate::model::facts::contents::Contents;
use crate::model::facts::standing::{Standing, folder_standing, is_test_matter, name};
use crate::model::path::RepoPath;
use crate::model::tree::TreeFile;

/// How many folders of the root are looked into.
const FOLDERS_MAX: usize = 40;

/// Whether commands may be read from a file of that path.
pub(in crate::model::facts) fn is_to_be_read(path: &RepoPath) -> bool {
    let depth = memchr::memchr_iter(b'/', path.as_bytes()).count();
    depth <= 1
        && matches!(
            name(path).as_str(),
            "package.json"
                | "deno.json"
                | "deno.jsonc"
                | "Cargo.toml"
                | "pyproject.toml"
                | "setup.cfg"
                | "tox.ini"
                | "noxfile.py"
                | "composer.json"
                | "Makefile"
                | "makefile"
                | "GNUmakefile"
                | "justfile"
                | "Justfile"
                | ".justfile"
                | "Taskfile.yml"
                | "Taskfile.yaml"
                | "pubspec.yaml"
        )
}

/// The commands that these files tell of; `contents` holds at least those that [`super::super::wanted_files`] names.
/// The files are sorted by path.
#[must_use]
pub fn detect(files: &[TreeFile], contents: &Contents) -> Commands {
    let mut commands = Commands::default();
    let root = Folder::new(b"", files.iter(), contents);
    look(&root, &mut Finder::new(&mut commands, String::new()));
    if commands.best(CommandKind::Test).is_some() {
        return commands;
    }
    let mut below: BTreeMap<&[u8], Vec<&TreeFile>> = BTreeMap::new();
    for file in files {
        let path = file.path.as_bytes();
        let Some(slash) = memchr::memchr(b'/', path) else {
            continue;
        };
        let folder = &path[..slash];
        if folder_standing(folder) == Standing::Own && !is_test_matter(folder) {
            below.entry(folder).or_default().push(file);
        }
    }
    for (name, files) in below.iter().take(FOLDERS_MAX) {
        let quoted = std::str::from_utf8(name)
            .ok()
            .and_then(|name| shlex::try_quote(name).ok());
        if let Some(quoted) = quoted {
            let folder = Folder::new(name, files.iter().copied(), contents);
            look(
                &folder,
                &mut Finder::new(&mut commands, format!("cd {quoted} && ")),
            );
        }
    }
    commands
}

/// What a project wrote for people to run comes before what its package manager and its languages bring.
fn look(folder: &Folder<'_>, finder: &mut Finder<'_>) {
    javascript::look(folder, finder);
    targets::look(folder, finder);
    python::look(folder, finder);
    toolchains::look(folder, finder);
}
