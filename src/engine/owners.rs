//! Who reviews what, by the base's CODEOWNERS; and what else a plan's table says of units that an agent cut: their
//! owners and lines. Research by patterns and by agents both call it.

use std::collections::BTreeSet;

use crate::engine::ports::{Objects, PortError};
use crate::engine::scan::scan;
use crate::model::codeowners::{CODEOWNERS_FILES, CodeOwners};
use crate::model::plan::Plan;
use crate::model::tree::TreeFile;

/// The rules of the base's CODEOWNERS, if it has that file; notes on what is wrong with it.
///
/// # Errors
/// [`PortError`] when the repository cannot be read.
pub fn code_owners(
    objects: &dyn Objects,
    files: &[TreeFile],
) -> Result<(Option<CodeOwners>, Vec<String>), PortError> {
    let place = CODEOWNERS_FILES.iter().find_map(|place| {
        files
            .iter()
            .find(|file| file.path.as_bytes() == place.as_bytes())
    });
    let Some(file) = place.filter(|file| file.mode.is_regular()) else {
        return Ok((None, Vec::new()));
    };
    let mut contents = Vec::new();
    objects.reader()?.read(file, &mut contents)?;
    let (owners, bad) = CodeOwners::parse(&contents);
    if bad.is_empty() {
        return Ok((Some(owners), Vec::new()));
    }
    let lines: Vec<String> = bad
        .iter()
        .map(|bad| format!("{} ({})", bad.line, bad.why))
        .collect();
    let note = format!(
        "{}: lines that cannot be read are left out: {}",
        file.path,
        lines.join(", ")
    );
    Ok((Some(owners), vec![note]))
}

/// Gives each unit the owners of its files at the base, and their lines.
///
/// # Errors
/// [`PortError`] when the repository cannot be read.
pub fn describe_units(
    plan: &mut Plan,
    objects: &dyn Objects,
    files: &[TreeFile],
) -> Result<(), PortError> {
    let (owners, notes) = code_owners(objects, files)?;
    let ownership = plan.ownership();
    let owned: Vec<(usize, &TreeFile)> = files
        .iter()
        .filter(|file| file.mode.is_regular())
        .filter_map(|file| {
            let unit = ownership.owner(&file.path)?;
            let at = plan.units.iter().position(|other| other.id == *unit)?;
            Some((at, file))
        })
        .collect();
    let mut reviewers: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); plan.units.len()];
    if let Some(owners) = &owners {
        for (at, file) in &owned {
            let names = owners.owners(&file.path).unwrap_or_default();
            reviewers[*at].extend(names.split_whitespace());
        }
    }
    let wanted: Vec<TreeFile> = owned.iter().map(|(_, file)| (*file).clone()).collect();
    let counted = scan(objects, &plan.base.commit, &wanted, |_, contents| {
        Some(memchr::memchr_iter(b'\n', contents).count() as u64)
    })?;
    let mut lines = vec![0; plan.units.len()];
    for (index, count) in counted {
        lines[owned[index].0] += count;
    }
    for (at, unit) in plan.units.iter_mut().enumerate() {
        let names: Vec<&str> = reviewers[at].iter().copied().collect();
        unit.owner = (!names.is_empty()).then(|| names.join(" "));
        unit.lines = (lines[at] > 0).then_some(lines[at]);
    }
    plan.notes.extend(notes);
    Ok(())
}
