//! The gate: what may be committed for a unit. A pure rule over the paths that a tree changes, with a reader for the
//! few blobs it must look into. It names every violation at once; it never repairs anything.

use std::fmt;

use crate::engine::ports::{BlobReader, PortError};
use crate::model::id::UnitId;
use crate::model::path::RepoPath;
use crate::model::scope::Ownership;
use crate::model::tree::{FileChange, Mode, TreeFile, Version};

/// Something that must not be committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// The unit does not own the path.
    OutOfScope {
        /// The path.
        path: RepoPath,
        /// The unit that does, if any.
        owner: Option<UnitId>,
    },
    /// A file stands where another unit's entry needs a folder, or lies below another unit's file.
    Blocks {
        /// The path.
        path: RepoPath,
        /// The other unit.
        unit: UnitId,
    },
    /// A commit of another repository: a nested repository or a submodule's new commit.
    Submodule {
        /// The path.
        path: RepoPath,
    },
    /// A new symlink that leads out of the repository, or into its `.git`.
    EscapingLink {
        /// The path.
        path: RepoPath,
        /// Where it leads.
        target: RepoPath,
    },
    /// A new symlink whose text has `..` after a name: where it leads depends on what the name is.
    WindingLink {
        /// The path.
        path: RepoPath,
        /// Its text.
        target: RepoPath,
    },
    /// A file that `.worktreeinclude` brought into the worktree.
    Included {
        /// The path.
        path: RepoPath,
    },
    /// Conflict markers that were not there before.
    Markers {
        /// The path.
        path: RepoPath,
        /// The first line with one, counted from 1.
        line: usize,
    },
}

impl Violation {
    /// The path that it is about.
    #[must_use]
    pub fn path(&self) -> &RepoPath {
        match self {
            Self::OutOfScope { path, .. }
            | Self::Blocks { path, .. }
            | Self::Submodule { path }
            | Self::EscapingLink { path, .. }
            | Self::WindingLink { path, .. }
            | Self::Included { path }
            | Self::Markers { path, .. } => path,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfScope {
                path,
                owner: Some(owner),
            } => {
                write!(f, "{path}: outside the unit's scope (it is {owner}'s)")
            }
            Self::OutOfScope { path, owner: None } => write!(f, "{path}: outside the unit's scope"),
            Self::Blocks { path, unit } => {
                write!(f, "{path}: in the way of a path that {unit} owns")
            }
            Self::Submodule { path } => {
                write!(f, "{path}: a nested repository or a submodule's commit")
            }
            Self::EscapingLink { path, target } => {
                write!(f, "{path}: a symlink out of the repository (to {target})")
            }
            Self::WindingLink { path, target } => write!(
                f,
                "{path}: a symlink with `..` after a name, by which it may lead out of the repository (to {target})"
            ),
            Self::Included { path } => write!(f, "{path}: brought in by .worktreeinclude"),
            Self::Markers { path, line } => write!(f, "{path}:{line}: a conflict marker"),
        }
    }
}

/// Judges the changes of one unit: the paths by the ownership of the whole plan as this unit sees it, then the contents.
///
/// # Errors
/// [`PortError`] when a blob cannot be read.
pub fn judge(
    unit: &UnitId,
    ownership: &Ownership,
    included: &[RepoPath],
    changes: &[FileChange],
    reader: &mut dyn BlobReader,
) -> Result<Vec<Violation>, PortError> {
    let mut violations = Vec::new();
    for change in changes {
        let path = &change.path;
        let owner = ownership.owner_for(unit, path);
        if owner != Some(unit) {
            // One that this unit waits for, or that waits for it, is named where nobody else has the path.
            let owner = owner.or_else(|| ownership.owner(path));
            violations.push(Violation::OutOfScope {
                path: path.clone(),
                owner: owner.cloned(),
            });
        } else if change.new.is_some()
            && let Some((other, _)) = ownership.blocked_by(path, unit)
        {
            violations.push(Violation::Blocks {
                path: path.clone(),
                unit: other.clone(),
            });
        }
        if change.new.is_some() && included.contains(path) {
            violations.push(Violation::Included { path: path.clone() });
        }
    }
    violations.extend(judge_contents(changes, reader)?);
    Ok(violations)
}

/// Judges what the changed files hold, whoever owns them.
///
/// # Errors
/// [`PortError`] when a blob cannot be read.
pub fn judge_contents(
    changes: &[FileChange],
    reader: &mut dyn BlobReader,
) -> Result<Vec<Violation>, PortError> {
    let mut violations = Vec::new();
    let mut contents = Vec::new();
    for change in changes {
        let Some(new) = &change.new else { continue };
        let path = change.path.clone();
        match new.mode {
            Mode::Submodule => violations.push(Violation::Submodule { path }),
            Mode::Symlink => {
                read(&change.path, new, reader, &mut contents)?;
                let target = || RepoPath::new(contents.as_slice());
                if escapes(&path, &contents) {
                    let target = target();
                    violations.push(Violation::EscapingLink { path, target });
                } else if winds(&contents) {
                    let target = target();
                    violations.push(Violation::WindingLink { path, target });
                }
            }
            Mode::File | Mode::Executable => {
                read(&change.path, new, reader, &mut contents)?;
                let after = Markers::count(&contents);
                let Some(line) = after.first_line() else {
                    continue;
                };
                let before = match &change.old {
                    Some(old) if old.mode.is_regular() => {
                        read(&change.path, old, reader, &mut contents)?;
                        Markers::count(&contents)
                    }
                    Some(_) | None => Markers::default(),
                };
                if after.opening > before.opening && after.closing > before.closing {
                    violations.push(Violation::Markers { path, line });
                }
            }
        }
    }
    Ok(violations)
}

fn read(
    path: &RepoPath,
    version: &Version,
    reader: &mut dyn BlobReader,
    into: &mut Vec<u8>,
) -> Result<(), PortError> {
    let file = TreeFile {
        path: path.clone(),
        mode: version.mode,
        id: version.id.clone(),
    };
    reader.read(&file, into)
}

/// The conflict markers of a file. A `=======` alone underlines headings, and is none.
#[derive(Debug, Clone, Copy, Default)]
struct Markers {
    opening: usize,
    closing: usize,
    first: usize,
}

impl Markers {
    fn count(contents: &[u8]) -> Self {
        let mut markers = Self::default();
        for (number, line) in contents.split(|&byte| byte == b'\n').enumerate() {
            if line.starts_with(b"<<<<<<< ") {
                markers.opening += 1;
                if markers.first == 0 {
                    markers.first = number + 1;
                }
            } else if line.starts_with(b">>>>>>> ") {
                markers.closing += 1;
            }
        }
        markers
    }

    /// The line of the first opening marker, counted from 1, if there are markers of both kinds.
    fn first_line(self) -> Option<usize> {
        (self.opening > 0 && self.closing > 0).then_some(self.first)
    }
}

/// Whether a link at `path` leads out of the repository or into a `.git`, judged by its text alone.
fn escapes(path: &RepoPath, target: &[u8]) -> bool {
    if target.starts_with(b"/") {
        return true;
    }
    let mut depth = parts(path.folder()).count();
    for part in parts(target) {
        if part == b".." {
            let Some(above) = depth.checked_sub(1) else {
                return true;
            };
            depth = above;
        } else if part.eq_ignore_ascii_case(b".git") {
            // Not at the top alone: a name before it may be a link to the top.
            return true;
        } else {
            depth += 1;
        }
    }
    false
}

/// Whether `..` comes after a name. The system goes up from where the name leads, which the text does not tell: through
/// a link to the top, `p/q/up/../x` is outside. Without it a text stays inside as long as all other links do.
fn winds(target: &[u8]) -> bool {
    parts(target)
        .skip_while(|&part| part == b"..")
        .any(|part| part == b"..")
}

fn parts(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|&byte| byte == b'/')
        .filter(|part| !matches!(*part, b"" | b"."))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{Violation, judge};
    use crate::engine::ports::{BlobReader, PortError};
    use crate::model::id::{ObjectId, UnitId};
    use crate::model::path::RepoPath;
    use crate::model::scope::{Entry, Ownership, Scope};
    use crate::model::tree::{FileChange, Mode, TreeFile, Version};

    #[derive(Default)]
    struct Blobs(HashMap<ObjectId, Vec<u8>>);

    impl BlobReader for Blobs {
        fn read(&mut self, file: &TreeFile, into: &mut Vec<u8>) -> Result<(), PortError> {
            into.clone_from(&self.0[&file.id]);
            Ok(())
        }
    }

    impl Blobs {
        #[expect(clippy::unnecessary_wraps, reason = "an end of a change is an option")]
        fn version(&mut self, mode: Mode, contents: &str) -> Option<Version> {
            let id = ObjectId::new(format!("{:040x}", self.0.len()));
            self.0.insert(id.clone(), contents.as_bytes().to_vec());
            Some(Version { mode, id })
        }
    }

    fn change(path: &str, old: Option<Version>, new: Option<Version>) -> FileChange {
        FileChange {
            path: RepoPath::from(path),
            old,
            new,
        }
    }

    fn scope(entries: &[&str]) -> Scope {
        Scope::new(entries.iter().map(|entry| Entry::parse(entry).unwrap()))
    }

    fn verdict(changes: &[FileChange], blobs: &mut Blobs) -> Vec<String> {
        let (a, b) = (UnitId::parse("a").unwrap(), UnitId::parse("b").unwrap());
        let mine = scope(&["src/", "README"]);
        let theirs = scope(&["src/theirs/", "src/one", "src/deep/x/y"]);
        let ownership = Ownership::new([(&a, &mine), (&b, &theirs)]);
        let included = [RepoPath::from("src/.env")];
        judge(&a, &ownership, &included, changes, blobs)
            .unwrap()
            .iter()
            .map(Violation::to_string)
            .collect()
    }

    #[test]
    fn what_the_unit_owns_may_change() {
        let mut blobs = Blobs::default();
        let text = blobs.version(Mode::File, "x\n=======\n");
        let changes = [
            change("README", text.clone(), None),
            change("src/new.rs", None, text),
        ];
        assert_eq!(verdict(&changes, &mut blobs), Vec::<String>::new());
    }

    #[test]
    fn each_stray_path_is_named_with_its_owner() {
        let mut blobs = Blobs::default();
        let text = blobs.version(Mode::File, "x");
        let changes = [
            change("other", None, text.clone()),
            change("src/theirs/f", text.clone(), None),
            change("src/one", text, None),
        ];
        assert_eq!(
            verdict(&changes, &mut blobs),
            [
                "other: outside the unit's scope",
                "src/theirs/f: outside the unit's scope (it is b's)",
                "src/one: outside the unit's scope (it is b's)",
            ]
        );
    }

    #[test]
    fn a_file_may_not_stand_where_another_unit_needs_a_folder() {
        let mut blobs = Blobs::default();
        let text = blobs.version(Mode::File, "x");
        let changes = [
            change("src/deep/x", None, text.clone()),
            change("src/one/below", None, text),
        ];
        assert_eq!(
            verdict(&changes, &mut blobs),
            [
                "src/deep/x: in the way of a path that b owns",
                "src/one/below: in the way of a path that b owns",
            ]
        );
    }

    #[test]
    fn links_may_not_lead_out() {
        let mut blobs = Blobs::default();
        let targets = [
            "/etc/passwd",
            "../../x",
            "../x",
            "a/../../../x",
            "../.git/config",
            "../src/x",
            "./../src/./x/",
        ];
        let changes: Vec<_> = targets
            .iter()
            .map(|target| change("src/link", None, blobs.version(Mode::Symlink, target)))
            .collect();
        let verdict = verdict(&changes, &mut blobs);
        assert_eq!(
            verdict,
            [
                "src/link: a symlink out of the repository (to /etc/passwd)",
                "src/link: a symlink out of the repository (to ../../x)",
                "src/link: a symlink out of the repository (to a/../../../x)",
                "src/link: a symlink out of the repository (to ../.git/config)",
            ]
        );
    }

    #[test]
    fn links_may_not_lead_out_by_way_of_another_link() {
        let mut blobs = Blobs::default();
        let links = [
            ("src/p/q/up", "../../.."),
            ("src/evil", "p/q/up/../hosts"),
            ("src/config", "p/q/up/.GIT/config"),
            ("src/harmless", "p/q/up/README"),
        ];
        let changes: Vec<_> = links
            .iter()
            .map(|(path, target)| change(path, None, blobs.version(Mode::Symlink, target)))
            .collect();
        assert_eq!(
            verdict(&changes, &mut blobs),
            [
                "src/evil: a symlink with `..` after a name, by which it may lead out of the repository (to p/q/up/../hosts)",
                "src/config: a symlink out of the repository (to p/q/up/.GIT/config)",
            ]
        );
    }

    #[test]
    fn markers_count_only_when_new_and_in_pairs() {
        let mut blobs = Blobs::default();
        let marked = blobs.version(Mode::File, "a\n<<<<<<< ours\n=======\n>>>>>>> theirs\n");
        let half = blobs.version(Mode::File, "<<<<<<< ours\n");
        let plain = blobs.version(Mode::File, "a\n");
        let changes = [
            change("src/new", None, marked.clone()),
            change("src/grown", plain.clone(), marked.clone()),
            change("src/was", marked.clone(), marked),
            change("src/half", plain, half),
        ];
        assert_eq!(
            verdict(&changes, &mut blobs),
            [
                "src/new:2: a conflict marker",
                "src/grown:2: a conflict marker"
            ]
        );
    }

    #[test]
    fn nested_repositories_and_included_files_are_refused() {
        let mut blobs = Blobs::default();
        let nested = blobs.version(Mode::Submodule, "");
        let text = blobs.version(Mode::File, "SECRET=1");
        let changes = [
            change("src/.env", None, text),
            change("src/nested", None, nested),
        ];
        assert_eq!(
            verdict(&changes, &mut blobs),
            [
                "src/.env: brought in by .worktreeinclude",
                "src/nested: a nested repository or a submodule's commit",
            ]
        );
    }
}
