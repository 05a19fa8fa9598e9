//! Surveys a plan at a commit: the files that each unit is to look at there.
//!
//! A file that a unit's scope names is the unit's, whatever the change's filters say. Below a folder of the scope, the
//! change's `--paths` and `--matching` choose. What no unit has to wait for is surveyed at the plan's base, all units at
//! once; a unit that waits for others, at the commit that it then starts from.

use std::sync::Arc;

use crate::engine::ports::Objects;
use crate::engine::research::{ResearchError, matching, path_filter};
use crate::engine::scan::scan;
use crate::model::id::ObjectId;
use crate::model::plan::Plan;
use crate::model::scope::Ownership;
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
    let at = Place {
        objects,
        plan,
        ownership,
        commit: &plan.base.commit,
    };
    let of_units = at.files(|_| true)?;
    Ok(of_units.into_iter().map(Arc::from).collect())
}

/// The files for the unit at this place of the plan, at the commit that it starts from.
///
/// # Errors
/// As [`survey`].
pub fn survey_unit(
    objects: &dyn Objects,
    plan: &Plan,
    ownership: &Ownership,
    unit: usize,
    commit: &ObjectId,
) -> Result<Arc<[TreeFile]>, ResearchError> {
    let at = Place {
        objects,
        plan,
        ownership,
        commit,
    };
    let mut of_units = at.files(|other| other == unit)?;
    Ok(Arc::from(of_units.swap_remove(unit)))
}

/// What is surveyed, and where.
struct Place<'a> {
    objects: &'a dyn Objects,
    plan: &'a Plan,
    ownership: &'a Ownership,
    commit: &'a ObjectId,
}

impl Place<'_> {
    /// The files of each unit that is wanted.
    fn files(&self, wanted: impl Fn(usize) -> bool) -> Result<Vec<Vec<TreeFile>>, ResearchError> {
        let change = &self.plan.change;
        let files = self.objects.files(self.commit)?;
        let filter = path_filter(&files, &change.paths)?;
        let mut of_units: Vec<Vec<TreeFile>> = vec![Vec::new(); self.plan.units.len()];
        let mut to_look_into = Vec::new();
        let mut lookers = Vec::new();
        for file in files.iter().filter(|file| file.mode.is_regular()) {
            let mut owners = self.ownership.owners_at(&file.path);
            owners.retain(|&unit| wanted(unit));
            let (naming, looking): (Vec<_>, Vec<_>) = owners
                .into_iter()
                .partition(|&unit| self.ownership.names(unit, &file.path));
            for unit in naming {
                of_units[unit].push(file.clone());
            }
            if !looking.is_empty() && filter.matches(&file.path) {
                to_look_into.push(file.clone());
                lookers.push(looking);
            }
        }
        let matching = match &change.matching {
            Some(pattern) => {
                let regex = matching(pattern)?;
                let found = scan(self.objects, self.commit, &to_look_into, |_, contents| {
                    regex.is_match(contents).then_some(())
                })?;
                found.into_iter().map(|(index, ())| index).collect()
            }
            None => (0..to_look_into.len()).collect::<Vec<_>>(),
        };
        for index in matching {
            for &unit in &lookers[index] {
                of_units[unit].push(to_look_into[index].clone());
            }
        }
        for files in &mut of_units {
            files.sort_unstable();
        }
        Ok(of_units)
    }
}
