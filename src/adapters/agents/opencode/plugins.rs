//! The plugins that a repository brings along for opencode: it imports them at its start, whatever is switched off.
//!
//! Who has not agreed to anything yet is not to run them, so nothing is researched where there are any.

use std::fs;
use std::path::{Path, PathBuf};

/// Where plugins lie that need not be named.
const FOLDERS: [&str; 2] = [".opencode/plugin", ".opencode/plugins"];

/// Where they are named.
const FILES: [&str; 4] = [
    "opencode.json",
    "opencode.jsonc",
    ".opencode/opencode.json",
    ".opencode/opencode.jsonc",
];

/// The first place that brings plugins in, from the root.
pub(super) fn of_repository(root: &Path) -> Option<PathBuf> {
    let holds = |folder: &&&str| {
        let mut entries = fs::read_dir(root.join(folder)).into_iter().flatten();
        entries.next().is_some()
    };
    // With comments it is no JSON, so the key is looked for as a word: one too many is refused rather than run.
    let names = |file: &&&str| {
        let text = fs::read(root.join(file)).unwrap_or_default();
        memchr::memmem::find(&text, b"plugin").is_some()
            || memchr::memmem::find(&text, b"\\u").is_some()
    };
    let folder = FOLDERS.iter().find(holds);
    folder
        .or_else(|| FILES.iter().find(names))
        .map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::of_repository;

    #[test]
    fn plugins_are_found_where_they_lie_and_where_they_are_named() {
        for (path, text, found) in [
            (".opencode/plugin/a.js", "", Some(".opencode/plugin")),
            (".opencode/plugins/a.ts", "", Some(".opencode/plugins")),
            (
                "opencode.jsonc",
                "{ /* x */ \"plugin\": [\"x\"] }",
                Some("opencode.jsonc"),
            ),
            (
                "opencode.json",
                "{ \"pl\\u0075gin\": [\"x\"] }",
                Some("opencode.json"),
            ),
            (
                ".opencode/opencode.json",
                "{ \"plugins\": [] }",
                Some(".opencode/opencode.json"),
            ),
            (".opencode/opencode.json", "{ \"model\": \"m\" }", None),
            (".opencode/agent/a.md", "plugin", None),
        ] {
            let root = tempfile::tempdir().unwrap();
            let file = root.path().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
            let place = of_repository(root.path());
            assert_eq!(place.as_deref(), found.map(std::path::Path::new), "{path}");
        }
    }
}
