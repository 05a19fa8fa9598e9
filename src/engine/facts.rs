//! Gathers the [`Facts`] of a base commit: reads its tree, the few files that tell something, and the candidates that the
//! user's filters select. The checkout plays no part. Research hands the result to a coding agent.

use crate::engine::ports::Objects;
use crate::engine::research::{ResearchError, matching, wanted};
use crate::engine::scan::scan;
use crate::model::change::Change;
use crate::model::facts::{
    CONTENTS_MAX, Commands, Contents, Facts, FileCandidate, detect, wanted_files,
};
use crate::model::id::ObjectId;
use crate::model::plan::Base;
use crate::model::tree::TreeFile;

/// What can be said of the base before anybody reads it for the change.
///
/// # Errors
/// [`ResearchError`] when a filter is bad or selects nothing, or the repository cannot be read.
pub fn gather(objects: &dyn Objects, base: &Base, change: &Change) -> Result<Facts, ResearchError> {
    let files = objects.files(&base.commit)?;
    let sizes = sizes(objects, &files)?;
    let contents = contents(objects, &base.commit, &files, &sizes)?;
    let filtered = !change.paths.is_empty() || change.matching.is_some();
    let given = filtered
        .then(|| candidates(objects, base, change, &files))
        .transpose()?;
    Ok(Facts::of(&files, &sizes, &contents, given))
}

/// The commands that the files of a commit tell of.
///
/// # Errors
/// [`ResearchError`] when the repository cannot be read.
pub fn commands(objects: &dyn Objects, commit: &ObjectId) -> Result<Commands, ResearchError> {
    let files = objects.files(commit)?;
    let sizes = sizes(objects, &files)?;
    Ok(detect(&files, &contents(objects, commit, &files, &sizes)?))
}

/// The files' sizes; what is no file has none to speak of.
fn sizes(objects: &dyn Objects, files: &[TreeFile]) -> Result<Vec<Option<u64>>, ResearchError> {
    let known = objects.sizes(files)?.into_iter();
    let sizes = files.iter().zip(known);
    Ok(sizes
        .map(|(file, size)| {
            if file.mode.is_regular() {
                size
            } else {
                Some(0)
            }
        })
        .collect())
}

fn contents(
    objects: &dyn Objects,
    commit: &ObjectId,
    files: &[TreeFile],
    sizes: &[Option<u64>],
) -> Result<Contents, ResearchError> {
    let is_large = |file: &TreeFile| {
        let at = files.binary_search_by(|other| other.path.cmp(&file.path));
        at.is_ok_and(|at| sizes[at].is_some_and(|size| size > CONTENTS_MAX))
    };
    let (wanted, _) = wanted_files(files);
    let wanted: Vec<TreeFile> = wanted
        .into_iter()
        .filter(|file| !is_large(file))
        .cloned()
        .collect();
    let read = scan(objects, commit, &wanted, |_, bytes| Some(bytes.to_vec()))?;
    let mut contents = Contents::default();
    for (index, bytes) in read {
        contents.insert(wanted[index].path.clone(), &bytes);
    }
    Ok(contents)
}

/// The files that `--paths` and `--matching` select, sorted by path.
fn candidates(
    objects: &dyn Objects,
    base: &Base,
    change: &Change,
    files: &[TreeFile],
) -> Result<Vec<FileCandidate>, ResearchError> {
    let regex = change.matching.as_deref().map(matching).transpose()?;
    let wanted = wanted(files, change, base)?;
    let found = scan(objects, &base.commit, &wanted, |file, contents| {
        let matches = regex.as_ref().is_none_or(|regex| regex.is_match(contents));
        matches.then(|| FileCandidate::of(file.path.clone(), contents))
    })?;
    if found.is_empty() {
        return Err(ResearchError::NothingMatches {
            files: wanted.len(),
            base: base.branch.clone(),
        });
    }
    Ok(found.into_iter().map(|(_, candidate)| candidate).collect())
}

#[cfg(test)]
mod tests;
