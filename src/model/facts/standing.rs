//! [`Standing`]: whether a file is the project's own, brought in from elsewhere, or made by a program.
//!
//! Judged by names alone, so it can be wrong. All that is looked at is tracked: `build`, `target` and `coverage` are no
//! signs, for where a program writes such a folder it is ignored, and where one is tracked it mostly holds scripts.

use crate::model::path::RepoPath;

/// Whose a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The project's, edited by hand.
    Own,
    /// A copy of somebody else's.
    Vendored,
    /// The output of a program.
    Generated,
}

const VENDORED: [&[u8]; 10] = [
    b"node_modules",
    b"bower_components",
    b"jspm_packages",
    b"vendor",
    b"vendored",
    b"third_party",
    b"third-party",
    b"thirdparty",
    b"Pods",
    b".yarn",
];

const GENERATED: [&[u8]; 6] = [
    b"__generated__",
    b"generated",
    b"__snapshots__",
    b"__pycache__",
    b".next",
    b"dist",
];

/// What marks a file name as a program's output.
const GENERATED_MARKS: [&str; 14] = [
    ".min.js",
    ".min.css",
    ".min.mjs",
    ".bundle.js",
    ".js.map",
    ".css.map",
    "_pb2.py",
    "_pb2_grpc.py",
    ".pb.go",
    ".g.dart",
    ".freezed.dart",
    ".designer.cs",
    "_generated.go",
    "_gen.go",
];

/// Whose a file is, by its path.
#[must_use]
pub fn standing(path: &RepoPath) -> Standing {
    match folder_standing(path.folder()) {
        Standing::Own if has_generated_name(path) => Standing::Generated,
        other => other,
    }
}

/// Whose the files below a folder are, by its path without a trailing `/`.
pub(super) fn folder_standing(folder: &[u8]) -> Standing {
    let mut within_source = false;
    for part in folder.split(|&byte| byte == b'/') {
        if VENDORED.contains(&part) && !(within_source && part == b"vendor") {
            return Standing::Vendored;
        }
        if GENERATED.contains(&part) && !(within_source && part == b"dist") {
            return Standing::Generated;
        }
        within_source |= part == b"src";
    }
    Standing::Own
}

/// Whether the file's own name says that a program wrote it.
pub(super) fn has_generated_name(path: &RepoPath) -> bool {
    let name = name(path).to_ascii_lowercase();
    GENERATED_MARKS.iter().any(|mark| name.ends_with(mark))
        || name.contains(".generated.")
        || name.contains(".gen.")
        || name.starts_with("zz_generated")
}

/// Whether a folder holds tests, or what tests, readers and measurements are fed with. What has a telling name there (a
/// `package.json` among fixtures) tells nothing about the project.
pub(super) fn is_test_matter(folder: &[u8]) -> bool {
    folder.split(|&byte| byte == b'/').any(|part| {
        matches!(
            part,
            b"test"
                | b"tests"
                | b"__tests__"
                | b"spec"
                | b"specs"
                | b"e2e"
                | b"fixtures"
                | b"__fixtures__"
                | b"testdata"
                | b"test-data"
                | b"test_data"
                | b"snapshots"
                | b"__snapshots__"
                | b"example"
                | b"examples"
                | b"benchmark"
                | b"benchmarks"
                | b"benches"
        )
    })
}

/// The last part of a path, as text.
pub(super) fn name(path: &RepoPath) -> String {
    let bytes = path.as_bytes();
    let from = bytes
        .iter()
        .rposition(|&byte| byte == b'/')
        .map_or(0, |slash| slash + 1);
    String::from_utf8_lossy(&bytes[from..]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Standing, is_test_matter, standing};

    #[test]
    fn what_is_not_the_projects_own_is_known_by_its_name() {
        for (path, whose) in [
            ("src/app.js", Standing::Own),
            ("web/node_modules/x/index.js", Standing::Vendored),
            ("vendor/a.go", Standing::Vendored),
            ("dist/app.js", Standing::Generated),
            ("src/app.min.js", Standing::Generated),
            ("api/v1/zz_generated.deepcopy.go", Standing::Generated),
            ("web/routeTree.gen.ts", Standing::Generated),
            ("scripts/build/plan.js", Standing::Own),
            ("src/dist/plan.rs", Standing::Own),
            ("src/main/java/com/x/target/Aim.java", Standing::Own),
            ("src/vendor/Contract.php", Standing::Own),
            ("build", Standing::Own),
            ("distance/a.c", Standing::Own),
        ] {
            assert_eq!(standing(&path.into()), whose, "{path}");
        }
    }

    #[test]
    fn test_matter_is_known_by_any_folder_above() {
        assert!(is_test_matter(b"pkg/tests/fixtures/a"));
        assert!(!is_test_matter(b"src/testing") && !is_test_matter(b""));
    }
}
