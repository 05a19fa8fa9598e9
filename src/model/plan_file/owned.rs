//! What `paths` says: the entries that each unit owns, globs expanded at the base, held against the ownership rule.

use std::collections::{BTreeMap, HashSet};

use crate::model::base_tree::BaseTree;
use crate::model::glob::Pattern;
use crate::model::id::UnitId;
use crate::model::order::Order;
use crate::model::path::RepoPath;
use crate::model::plan::Exclusion;
use crate::model::plan_file::draft::{DraftExclusion, DraftUnit};
use crate::model::plan_file::fields::Lined;
use crate::model::plan_file::problem::Problems;
use crate::model::scope::{Entry, Ownership, Refused, Scope};
use crate::model::tree::TreeFile;

/// An entry and where it comes from.
pub(super) struct Owned {
    entry: Entry,
    line: usize,
    by_glob: bool,
}

/// The entries of one unit, in the order of its paths.
pub(super) fn by_unit(
    unit: &DraftUnit,
    tree: Option<&BaseTree<'_>>,
    problems: &mut Problems,
) -> Vec<Owned> {
    let Some(paths) = &unit.paths else {
        return Vec::new();
    };
    if paths.value.is_empty() {
        problems.add(paths.line, format!("{} owns no paths", unit.name));
    }
    named(&paths.value, tree, problems)
}

/// The files that are left alone, each list with its reason.
pub(super) fn excluded(
    drafts: Vec<DraftExclusion>,
    tree: Option<&BaseTree<'_>>,
    problems: &mut Problems,
) -> Vec<Exclusion> {
    let excluded = drafts.into_iter().filter_map(|draft| {
        let owned = named(&draft.paths, tree, problems);
        Some(Exclusion {
            scope: Scope::new(owned.into_iter().map(|owned| owned.entry)),
            reason: draft.reason?,
        })
    });
    excluded.collect()
}

/// The entries that a list of paths and globs stands for.
fn named(
    paths: &[Lined<String>],
    tree: Option<&BaseTree<'_>>,
    problems: &mut Problems,
) -> Vec<Owned> {
    let exists = |path: &RepoPath| tree.is_some_and(|tree| tree.contains(path));
    let mut owned: Vec<Owned> = Vec::with_capacity(paths.len());
    let mut seen = HashSet::new();
    for Lined { line, value: text } in paths {
        let (entries, by_glob) = match Pattern::parse(text, exists) {
            Ok(Pattern::Literal(entry)) => (vec![entry], false),
            Ok(Pattern::Glob(glob)) => {
                let found = expanded(text, |path| glob.matches(path), tree);
                let found = found.map_err(|why| problems.add(*line, why));
                (found.unwrap_or_default(), true)
            }
            Err(error) => {
                problems.add(*line, error.to_string());
                continue;
            }
        };
        for entry in entries {
            // A file that two globs of a unit match is one entry; what was written twice stays written twice.
            if seen.insert(entry.clone()) || !by_glob {
                let line = *line;
                owned.push(Owned {
                    entry,
                    line,
                    by_glob,
                });
            }
        }
    }
    owned
}

fn expanded(
    glob: &str,
    matches: impl Fn(&RepoPath) -> bool,
    tree: Option<&BaseTree<'_>>,
) -> Result<Vec<Entry>, String> {
    let name = glob.escape_debug();
    let Some(tree) = tree else {
        return Err(format!(
            "`{name}` is a glob, and there is no base to expand it at"
        ));
    };
    let files = tree.files().filter(|file| matches(&file.path));
    let entries: Vec<_> = files.map(|file| Entry::File(file.path.clone())).collect();
    if entries.is_empty() {
        return Err(format!("`{name}` matches no file of the base"));
    }
    Ok(entries)
}

/// The scopes, after every breach of the ownership rule has been noted at the line of its entry.
pub(super) fn check(
    units: &[(UnitId, Vec<Owned>)],
    order: Order,
    tree: Option<&BaseTree<'_>>,
    problems: &mut Problems,
) -> Vec<Scope> {
    let scopes = units.iter().map(|(_, owned)| {
        let entries = owned.iter().map(|owned| owned.entry.clone());
        Scope::new(entries)
    });
    let scopes: Vec<_> = scopes.collect();
    let ownership = Ownership::ordered(units.iter().map(|(id, _)| id).zip(&scopes), order);
    let empty = BaseTree::default();
    let refused = ownership.problems(tree.unwrap_or(&empty));
    note_refused(&refused, units, problems);
    if let Some(tree) = tree {
        note_bare_folders(&ownership, units, tree, problems);
    }
    scopes
}

/// Notes refused entries; what a glob brought in is noted once for each line that it collides with.
fn note_refused(refused: &[Refused], units: &[(UnitId, Vec<Owned>)], problems: &mut Problems) {
    let mut noted: Vec<(usize, String, usize)> = Vec::new();
    let mut of_globs = BTreeMap::new();
    for refused in refused {
        let owned = &units[refused.place.unit].1[refused.place.entry];
        let other = refused.why.other();
        let other = other.map(|other| units[other.unit].1[other.entry].line);
        let next = noted.len();
        let at = if owned.by_glob {
            *of_globs.entry((owned.line, other)).or_insert(next)
        } else {
            next
        };
        if at == next {
            let at_line = other.map(|line| format!(" (line {line})"));
            let message = format!("{refused}{}", at_line.unwrap_or_default());
            noted.push((owned.line, message, 0));
        } else {
            noted[at].2 += 1;
        }
    }
    for (line, message, more) in noted {
        match more {
            0 => problems.add(line, message),
            _ => problems.add(
                line,
                format!("{message}, and so for {more} more of its files"),
            ),
        }
    }
}

/// Notes file entries that name a folder of the base, unless the unit owns what is below: then the folder is to
/// become a file.
fn note_bare_folders(
    ownership: &Ownership,
    units: &[(UnitId, Vec<Owned>)],
    tree: &BaseTree<'_>,
    problems: &mut Problems,
) {
    for (id, owned) in units {
        for owned in owned {
            let Entry::File(path) = &owned.entry else {
                continue;
            };
            let mut below = tree.below(path).peekable();
            let is_own = |file: &TreeFile| ownership.owner_for(id, &file.path) == Some(id);
            if below.peek().is_some() && !below.any(is_own) {
                let message = format!(
                    "unit `{id}`: `{path}` is a folder of the base; `{path}/` owns what is below it"
                );
                problems.add(owned.line, message);
            }
        }
    }
}
