//! Whether a file only passes on what others hold: a barrel, a package's front, a list of modules.
//!
//! Each unit that adds or renames a module would edit such a file. Looked at line by line, not parsed: a wrong answer
//! costs a reader one line.

use crate::model::facts::standing::name;
use crate::model::path::RepoPath;

/// Whether a file of this name is worth looking into.
pub(super) fn may_be_barrel(path: &RepoPath) -> bool {
    let name = name(path);
    match name.rsplit_once('.') {
        Some(("index", ending)) => is_script(ending),
        Some(("__init__", "py" | "pyi") | ("mod" | "lib", "rs")) => true,
        Some(_) | None => false,
    }
}

/// Whether the text of such a file passes on and does nothing else.
pub(super) fn is_barrel(path: &RepoPath, text: &str) -> bool {
    let name = name(path);
    match name.as_str() {
        "__init__.py" | "__init__.pyi" => text.lines().any(|line| {
            line.starts_with("from ") || line.starts_with("import ") || line.starts_with("__all__")
        }),
        "mod.rs" | "lib.rs" => text.lines().any(declares_module),
        _ => only_reexports(text),
    }
}

fn is_script(ending: &str) -> bool {
    matches!(
        ending,
        "ts" | "tsx" | "mts" | "cts" | "js" | "jsx" | "mjs" | "cjs"
    )
}

/// `mod name;` at the left margin, whatever its visibility.
fn declares_module(line: &str) -> bool {
    let line = match line.strip_prefix("pub") {
        Some(rest) => match rest.strip_prefix('(') {
            Some(rest) => rest
                .split_once(')')
                .map_or("", |(_, rest)| rest)
                .trim_start(),
            None => rest.trim_start(),
        },
        None => line,
    };
    line.starts_with("mod ") && line.trim_end().ends_with(';')
}

/// Whether a script consists of imports and exports from elsewhere, at least one of them an export.
fn only_reexports(text: &str) -> bool {
    let mut passes_on = false;
    let mut in_comment = false;
    let mut in_list = false;
    for line in text.lines().map(str::trim) {
        if in_comment || line.starts_with("/*") {
            in_comment = !line.contains("*/");
            continue;
        }
        if in_list {
            in_list = !line.contains('}');
            continue;
        }
        if line.is_empty() || line.starts_with("//") || is_directive(line) {
            continue;
        }
        let from_elsewhere = is_passing_on(line);
        if !from_elsewhere && !line.starts_with("import ") {
            return false;
        }
        passes_on |= from_elsewhere;
        in_list = line.contains('{') && !line.contains('}');
    }
    passes_on
}

fn is_directive(line: &str) -> bool {
    let line = line.trim_end_matches(';');
    line.len() > 2 && line.starts_with(['"', '\'']) && line.ends_with(['"', '\''])
}

fn is_passing_on(line: &str) -> bool {
    let braced = |rest: &str| rest.trim_start().starts_with(['{', '*']);
    if let Some(rest) = line.strip_prefix("export ") {
        let name = rest
            .strip_prefix("default ")
            .unwrap_or("")
            .trim_end_matches(';');
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        return braced(rest) || rest.strip_prefix("type ").is_some_and(braced) || is_name;
    }
    if !line.starts_with("module.exports") && !line.starts_with("exports.") {
        return false;
    }
    let value = line.rsplit_once('=').map_or("", |(_, value)| value.trim());
    value.starts_with("require(") || value == "{"
}

#[cfg(test)]
mod tests {
    use super::{is_barrel, may_be_barrel};

    #[test]
    fn what_only_passes_on_is_a_barrel() {
        for text in [
            "export * from './a';\nexport { b } from './b'\n",
            "/* licence\n */\n'use strict';\n\nimport x from './x';\nexport default x;",
            "export {\n  a,\n  b as c,\n} from './d';\r\nexport type { T } from './t';",
            "module.exports = require('./lib/express');\n",
            "module.exports = {\n  a: require('./a'),\n};",
        ] {
            assert!(is_barrel(&"src/index.ts".into(), text), "{text}");
        }
    }

    #[test]
    fn what_does_something_is_none() {
        for text in [
            "",
            "import './side-effect';",
            "export function f() {}",
            "import { a } from './a';\na();\nexport { a };",
            "export default { a: 1 }.a;\nrun()",
            "module.exports = function () {}",
        ] {
            assert!(!is_barrel(&"index.js".into(), text), "{text}");
        }
    }

    #[test]
    fn packages_and_modules_count_when_they_name_others() {
        assert!(is_barrel(&"a/__init__.py".into(), "from .b import c\n"));
        assert!(!is_barrel(&"a/__init__.py".into(), "\"\"\"Docs.\"\"\"\n"));
        assert!(is_barrel(&"src/lib.rs".into(), "pub(crate) mod a;\n"));
        assert!(is_barrel(&"src/mod.rs".into(), "pub mod a;"));
        assert!(!is_barrel(
            &"src/lib.rs".into(),
            "fn f() {}\nmod tests {\n}"
        ));
        assert!(may_be_barrel(&"x/index.tsx".into()) && !may_be_barrel(&"index.html".into()));
        assert!(!may_be_barrel(&"index".into()) && !may_be_barrel(&"src/main.rs".into()));
    }
}
