//! The user's own templates on the disk: below `.batch/templates` of the checkout, and beside the user's settings. The
//! repository's win. Reads them and nothing more; what they may say is `engine::trial`'s.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::adapters::settings_file::user_file;
use crate::engine::text::{Replacement, replaceable};

/// The folder within a checkout.
const FOLDER: &str = ".batch/templates";

/// A longer file is no template; in bytes.
const LONGEST: u64 = 1 << 20;

/// What was found.
#[derive(Debug, Default)]
pub struct Templates {
    /// The templates, one for each name.
    pub replacements: Vec<Replacement>,
    /// Files that replace nothing, as a person is told where they are.
    pub strangers: Vec<String>,
}

/// A template cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("template {place}: {words}")]
pub struct Unreadable {
    place: String,
    words: String,
}

impl Templates {
    /// Those for the checkout at `root`.
    ///
    /// # Errors
    /// [`Unreadable`] when one is there and cannot be read, or is no text.
    pub fn read(root: &Path) -> Result<Self, Unreadable> {
        let beside = user_file().and_then(|file| Some(file.parent()?.join("templates")));
        Self::of(root, beside.as_deref())
    }

    fn of(root: &Path, users: Option<&Path>) -> Result<Self, Unreadable> {
        let mut found = BTreeMap::new();
        let mut strangers = Vec::new();
        let repositorys = root.join(FOLDER);
        for folder in users.into_iter().chain([repositorys.as_path()]) {
            for path in files(folder)? {
                let place = path.strip_prefix(root).unwrap_or(&path);
                let place = place.display().to_string();
                let name = path.file_name().and_then(|name| name.to_str());
                let Some(name) = name.filter(|name| replaceable().any(|known| known == *name))
                else {
                    strangers.push(place);
                    continue;
                };
                let source = read(&path).map_err(|words| Unreadable {
                    place: place.clone(),
                    words,
                })?;
                let replacement = Replacement {
                    name: name.to_owned(),
                    place,
                    source,
                };
                found.insert(name.to_owned(), replacement);
            }
        }
        Ok(Self {
            replacements: found.into_values().collect(),
            strangers,
        })
    }
}

/// What is in a folder, sorted, without what editors and systems put there.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Unreadable> {
    let unreadable = |error: io::Error| Unreadable {
        place: folder.display().to_string(),
        words: error.to_string(),
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !name.starts_with('.') && !name.ends_with('~') {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<String, String> {
    let about = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !about.is_file() {
        return Err("it is not a file".to_owned());
    }
    if about.len() > LONGEST {
        return Err("it is longer than 1 MiB".to_owned());
    }
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        format!("line {line}: it is not UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(text.replace("\r\n", "\n"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Templates;

    #[test]
    fn the_repositorys_goes_before_the_users_and_what_replaces_nothing_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let (root, users) = (dir.path().join("repo"), dir.path().join("own"));
        let folder = root.join(".batch/templates");
        fs::create_dir_all(&folder).unwrap();
        fs::create_dir(&users).unwrap();
        fs::write(folder.join("report.md"), "\u{feff}ours\r\n").unwrap();
        fs::write(users.join("report.md"), "mine").unwrap();
        fs::write(users.join("pr-title.txt"), "mine").unwrap();
        fs::write(folder.join("reprot.md"), "").unwrap();
        fs::write(folder.join(".DS_Store"), "").unwrap();
        let found = Templates::of(&root, Some(&users)).unwrap();
        let told: Vec<(&str, &str)> = found
            .replacements
            .iter()
            .map(|one| (one.name.as_str(), one.source.as_str()))
            .collect();
        assert_eq!(told, [("pr-title.txt", "mine"), ("report.md", "ours\n")]);
        assert_eq!(found.replacements[1].place, ".batch/templates/report.md");
        assert_eq!(found.strangers, [".batch/templates/reprot.md"]);
    }

    #[test]
    fn what_cannot_be_a_template_is_refused_with_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join(".batch/templates");
        fs::create_dir_all(folder.join("report.md")).unwrap();
        let told = || Templates::of(dir.path(), None).unwrap_err().to_string();
        assert_eq!(
            told(),
            "template .batch/templates/report.md: it is not a file"
        );
        fs::remove_dir(folder.join("report.md")).unwrap();
        fs::write(folder.join("report.md"), b"one\n\xff").unwrap();
        assert_eq!(
            told(),
            "template .batch/templates/report.md: line 2: it is not UTF-8"
        );
    }

    #[test]
    fn without_folders_there_is_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let found = Templates::of(dir.path(), None).unwrap();
        assert!(found.replacements.is_empty() && found.strangers.is_empty());
    }
}
