//! The ledger of an answer: every candidate in one unit or among the exclusions, and every shared file one unit's.

use std::collections::{BTreeMap, HashMap};

use crate::model::answer::findings::Findings;
use crate::model::answer::names::Names;
use crate::model::answer::paths::Paths;
use crate::model::answer::shape::{Excluded, SharedFile};
use crate::model::answer::texts::{REASON_MAX, block, line};
use crate::model::base_tree::BaseTree;
use crate::model::clean::typed;
use crate::model::counted::counted;
use crate::model::id::UnitId;
use crate::model::named::named;
use crate::model::partition::Candidate;
use crate::model::path::RepoPath;
use crate::model::plan::{Exclusion, Plan};
use crate::model::scope::{Entry, Ownership, Scope};
use crate::model::signs::words_of_paths;

/// How many paths a problem or a note names.
const NAMED: usize = 20;
/// How many shared files a plan's notes name.
const SHARED_NOTED: usize = 12;
/// The longest reason in a note or a constraint, in characters.
const WHY_MAX: usize = 300;
/// The reason of what our own code excludes.
const NOT_PLACED: &str = "not placed by research";

/// The files that are left alone. Those that exist nowhere need no reason and are dropped.
pub(super) fn exclusions(
    excluded: &[Excluded],
    paths: &mut Paths<'_>,
    tree: &BaseTree<'_>,
    findings: &mut Findings,
) -> Vec<Exclusion> {
    let lists = excluded.iter().filter_map(|list| {
        let mut entries = paths.entries("exclusions", &list.paths, findings);
        entries.retain(|entry| tree.contains(entry.path()));
        let reason = block(&list.reason, REASON_MAX);
        if entries.is_empty() {
            return None;
        }
        if reason.is_empty() {
            let first = &entries[0];
            findings.mend(
                format!("exclusions: `{first}` has no reason"),
                format!("research gave no reason to leave `{first}` alone"),
            );
        }
        let reason = if reason.is_empty() {
            "no reason given".to_owned()
        } else {
            reason
        };
        Some(Exclusion {
            scope: Scope::new(entries),
            reason,
        })
    });
    lists.collect()
}

/// Gives shared files that no unit names to the unit that `shared_files` says, and holds the others against it.
pub(super) fn share(
    shared: &[SharedFile],
    names: &Names,
    paths: &Paths<'_>,
    scopes: &mut [(String, Vec<Entry>)],
    findings: &mut Findings,
) {
    let mut named_by: HashMap<RepoPath, usize> = HashMap::new();
    for (unit, (_, entries)) in scopes.iter().enumerate() {
        for entry in entries {
            if let Entry::File(path) = entry {
                named_by.entry(path.clone()).or_insert(unit);
            }
        }
    }
    for (number, file) in shared.iter().enumerate() {
        let text = paths.below_root(&file.path);
        let (path, shown) = (RepoPath::from(text), typed(text));
        if text.is_empty() || text.ends_with('/') {
            continue;
        }
        let Some(unit) = names.place(&file.unit) else {
            let (unit, hint) = (file.unit.escape_debug(), names.hint(&file.unit));
            findings.mend(
                format!("shared_files: `{shown}` belongs to `{unit}`, which is no unit{hint}"),
                format!("research gave `{shown}` to `{unit}`, which is no unit"),
            );
            continue;
        };
        match named_by.get(&path) {
            None => {
                named_by.insert(path.clone(), unit);
                scopes[unit].1.push(Entry::File(path));
            }
            Some(&owner) if owner != unit && !scopes[unit].1.contains(&Entry::File(path)) => {
                let (said, has) = (names.id(unit), names.id(owner));
                findings.mend(
                    format!("`{shown}` belongs to `{said}` in shared_files, and is among the paths of `{has}`"),
                    format!("research gave `{shown}` to `{said}` and to `{has}`; it stays with `{has}`"),
                );
                continue;
            }
            Some(_) => {}
        }
        let why = line(&file.reason, WHY_MAX);
        if number < SHARED_NOTED {
            let why = if why.is_empty() {
                why
            } else {
                format!(": {why}")
            };
            findings.note(format!(
                "`{shown}` is shared, and changed by `{}` alone{why}",
                names.id(unit)
            ));
        }
    }
}

/// Says once which of the files that tend to be shared several units' tasks name.
pub(super) fn shared_tasks(
    plan: &Plan,
    shared: impl Iterator<Item = RepoPath>,
    findings: &mut Findings,
) {
    if !findings.advises() {
        return;
    }
    let mut naming: BTreeMap<RepoPath, Vec<&UnitId>> =
        shared.map(|path| (path, Vec::new())).collect();
    for unit in &plan.units {
        for word in words_of_paths(&unit.task) {
            if let Some(units) = naming.get_mut(&RepoPath::from(word))
                && units.last() != Some(&&unit.id)
            {
                units.push(&unit.id);
            }
        }
    }
    for (path, units) in naming.into_iter().filter(|(_, units)| units.len() > 1) {
        let ids: Vec<_> = units.iter().map(|id| format!("`{id}`")).collect();
        findings.advise(format!(
            "the tasks of {} name `{path}`, which only one unit can change: give that work to one of them, and \
             tell the others in `constraints` to leave the file alone",
            named(&ids, NAMED)
        ));
    }
}

/// Sees to it that every candidate has its place, and that nothing has two.
pub(super) fn cover(
    plan: &mut Plan,
    tree: &BaseTree<'_>,
    candidates: &[Candidate],
    findings: &mut Findings,
) {
    undo_contradictions(plan, tree, findings);
    let left: Vec<&RepoPath> = left_over(plan, candidates);
    if left.is_empty() {
        return;
    }
    let problem = format!(
        "{} in no unit and not among the exclusions: {}",
        counted(left.len(), "candidate file"),
        named(&left, NAMED)
    );
    if !findings.mend(
        problem,
        format!("research placed {} nowhere", counted(left.len(), "file")),
    ) {
        return;
    }
    let left: Vec<RepoPath> = left.into_iter().cloned().collect();
    place(plan, tree, &left, findings);
}

fn left_over<'c>(plan: &Plan, candidates: &'c [Candidate]) -> Vec<&'c RepoPath> {
    let (owned, excluded) = (plan.ownership(), excluded_by(plan));
    let paths = candidates.iter().map(|candidate| &candidate.path);
    let left = paths.filter(|path| owned.owner(path).is_none() && excluded.owner(path).is_none());
    left.collect()
}

/// Each list of exclusions as if it were a unit.
fn excluded_by(plan: &Plan) -> Ownership {
    let stand_in = UnitId::parse("excluded").expect("a word is an id");
    let lists = plan.excluded.iter().map(|list| (&stand_in, &list.scope));
    Ownership::new(lists)
}

/// A file that a unit names cannot be left alone; one that merely lies in a unit's folder can, and the unit is told.
fn undo_contradictions(plan: &mut Plan, tree: &BaseTree<'_>, findings: &mut Findings) {
    if plan.excluded.is_empty() {
        return;
    }
    let (owned, excluded) = (plan.ownership(), excluded_by(plan));
    let mut in_folders: BTreeMap<(usize, usize), Vec<&RepoPath>> = BTreeMap::new();
    let mut by_name = Vec::new();
    for file in tree.files() {
        let Some(&list) = excluded.owners_at(&file.path).first() else {
            continue;
        };
        for unit in owned.owners_at(&file.path) {
            if owned.names(unit, &file.path) {
                by_name.push((unit, &file.path));
            } else {
                in_folders.entry((unit, list)).or_default().push(&file.path);
            }
        }
    }
    for ((unit, list), files) in in_folders {
        let why = line(&plan.excluded[list].reason, WHY_MAX);
        let constraint = format!("Leave alone: {} ({why})", named(&files, NAMED));
        plan.units[unit].constraints.push(constraint);
    }
    if let Some(&(unit, path)) = by_name.first() {
        let id = &plan.units[unit].id;
        let more = match by_name.len() - 1 {
            0 => String::new(),
            more => format!(", and so {more} more"),
        };
        findings.mend(
            format!("`{path}` is in unit `{id}` and among the exclusions{more}"),
            format!(
                "research gave `{path}` to `{id}` and excluded it{more}: units keep what they name"
            ),
        );
    }
}

/// Puts files into the unit that has the most of their folder, the others among the exclusions.
fn place(plan: &mut Plan, tree: &BaseTree<'_>, left: &[RepoPath], findings: &mut Findings) {
    let owned = plan.ownership();
    let mut owners: HashMap<&[u8], BTreeMap<usize, usize>> = HashMap::new();
    for file in tree.files() {
        for unit in owned.owners_at(&file.path) {
            *owners
                .entry(file.path.folder())
                .or_default()
                .entry(unit)
                .or_default() += 1;
        }
    }
    let mut placed: BTreeMap<usize, Vec<&RepoPath>> = BTreeMap::new();
    let mut alone = Vec::new();
    for path in left {
        let most = owners.get(path.folder()).and_then(|units| {
            // Of two with as many files, the first of the plan.
            units
                .iter()
                .max_by_key(|&(&unit, &files)| (files, std::cmp::Reverse(unit)))
        });
        match most {
            Some((&unit, _)) => placed.entry(unit).or_default().push(path),
            None => alone.push(path.clone()),
        }
    }
    for (unit, files) in placed {
        let unit = &mut plan.units[unit];
        findings.note(format!(
            "`{}` got {}, since it has most of their folder",
            unit.id,
            named(&files, NAMED)
        ));
        let entries = unit.scope.entries().iter().cloned();
        let more = files.into_iter().map(|path| Entry::File(path.clone()));
        unit.scope = Scope::new(entries.chain(more));
    }
    if !alone.is_empty() {
        plan.excluded.push(Exclusion {
            scope: Scope::of_files(alone),
            reason: NOT_PLACED.to_owned(),
        });
    }
}
