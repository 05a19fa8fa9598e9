//! Surveys a plan at its base: the files that each unit is to look at.
//!
//! A file that a scope names is the unit's, whatever the change's filters say. Below a folder of the scope, the
//! change's `--paths` and `--matching` choose.

use std::collections::HashSet;
use std::sync::Arc;

use crate::engine::ports::Objects;
use crate::engine::research::{ResearchError, matching, path_filter};
use crate::engine::scan::scan;
use crate::model::path::RepoPath;
use crate::model::plan::Plan;
use crate::model::scope::{Entry, Ownership};
use crate::model::tree::TreeFile;

/// The files at the base for each unit, in plan order.
///
/// # Errors
/// [`ResearchError`] when a filter is bad or the repository cannot be read.
pub fn survey(
    objects: &dyn Objects,
    plan: &Plan,
    ownership: &Ownership,
) -> Result<Vec<Arc<[TreeFile]>>, ResearchError> {
    let files = objects.files(&plan.base.commit)?;
    let filter = path_filter(&files, &plan.change.paths)?;
    let named: HashSet<&RepoPath> = plan
        .units
        .iter()
        .flat_map(|unit| unit.scope.entries())
        .filter_map(|entry| match entry {
            Entry::File(path) => Some(path),
            Entry::Folder(_) => None,
        })
        .collect();
    let mut chosen = Vec::new();
    let mut to_look_into = Vec::new();
    for file in &files {
        if !file.mode.is_regular() || ownership.owner(&file.path).is_none() {
            continue;
        }
        if named.contains(&file.path) {
            chosen.push(file.clone());
        } else if filter.matches(&file.path) {
            to_look_into.push(file.clone());
        }
    }
    if let Some(pattern) = &plan.change.matching {
        let regex = matching(pattern)?;
        let matches = scan(objects, &plan.base.commit, &to_look_into, |_, contents| {
            regex.is_match(contents).then_some(())
        })?;
        to_look_into = matches
            .into_iter()
            .map(|(index, ())| to_look_into[index].clone())
            .collect();
    }
    chosen.append(&mut to_look_into);
    chosen.sort_unstable();
    let mut of_units: Vec<Vec<TreeFile>> = vec![Vec::new(); plan.units.len()];
    for file in chosen {
        if let Some(unit) = ownership.owner_at(&file.path) {
            of_units[unit].push(file);
        }
    }
    Ok(of_units.into_iter().map(Arc::from).collect())
}
