//! Research: from a change to a plan. Finds the files that the change touches in the base commit's tree and has them
//! partitioned. It reads objects and nothing else; the checkout, dirty or elsewhere, plays no part.

use std::collections::HashSet;
use std::sync::Arc;

use regex::bytes::Regex;

use crate::engine::gate::{self, Violation};
use crate::engine::owners::code_owners;
use crate::engine::ports::{Objects, PortError};
use crate::engine::scan::scan;
use crate::model::base_tree::BaseTree;
use crate::model::change::{Change, Source};
use crate::model::clean::typed;
use crate::model::counted::counted;
use crate::model::glob::{BadGlob, PathFilter};
use crate::model::id::ObjectId;
use crate::model::named::named;
use crate::model::partition::{Bounds, Candidate, Partition, partition};
use crate::model::path::RepoPath;
use crate::model::plan::{Base, Plan, TestPolicy, Unit};
use crate::model::regex_problem::place;
use crate::model::rewrite::{RewriteError, Rewrites, Rewritten};
use crate::model::scope::Scope;
use crate::model::slices::{Difference, slices};
use crate::model::tree::{FileChange, TreeFile};

/// How many paths a note names before it only counts.
const NAMED: usize = 10;

/// What research is asked.
pub struct Request<'a> {
    /// The change.
    pub change: &'a Change,
    /// What the units start from.
    pub base: &'a Base,
    /// How many units.
    pub bounds: Bounds,
    /// The change that exists, for [`Source::From`].
    pub existing: Option<&'a Existing>,
    /// The setup command.
    pub setup: Option<String>,
    /// The test policy.
    pub test: TestPolicy,
}

/// A change that exists, merged onto the base.
pub struct Existing {
    /// The tree that all units together must come to.
    pub tree: ObjectId,
    /// How it differs from the base, renames found.
    pub differences: Vec<Difference>,
    /// The same, path by path, for the gate.
    pub changes: Vec<FileChange>,
}

/// Why research has no plan.
#[derive(Debug, thiserror::Error)]
pub enum ResearchError {
    /// A rewrite cannot be used.
    #[error(transparent)]
    Rewrite(#[from] RewriteError),
    /// A glob cannot be used.
    #[error(transparent)]
    Glob(#[from] BadGlob),
    /// `--matching` cannot be used.
    #[error("--matching `{pattern}`, character {column}: {problem}")]
    Matching {
        /// The regex.
        pattern: String,
        /// Where, counted from 1.
        column: usize,
        /// What is wrong there.
        problem: String,
    },
    /// No file is where it was told to look.
    #[error("no file of {base} matches {globs}")]
    NoFiles {
        /// The base branch.
        base: String,
        /// The globs.
        globs: String,
    },
    /// Files were looked into, and none matches.
    #[error("nothing matches in {} of {base}", counted(*files, "file"))]
    NothingMatches {
        /// How many were looked into.
        files: usize,
        /// The base branch.
        base: String,
    },
    /// Something matches, and nothing would change.
    #[error("the rewrite matches in {}, and changes nothing there", counted(*files, "file"))]
    NothingChanges {
        /// How many match.
        files: usize,
    },
    /// Only binary or non-UTF-8 files match.
    #[error("only files that are binary or not UTF-8 match, and those are left alone: {files}")]
    OnlyBinary {
        /// Their names.
        files: String,
    },
    /// The change that exists is the base already.
    #[error("{name} changes nothing that {base} does not have")]
    NothingNew {
        /// What the user named.
        name: String,
        /// The base branch.
        base: String,
    },
    /// The change that exists holds what must not be committed.
    #[error("{name} holds what a unit may not commit:{}", listed(violations))]
    Refused {
        /// What the user named.
        name: String,
        /// All of it.
        violations: Vec<Violation>,
    },
    /// The repository could not be read.
    #[error(transparent)]
    Port(#[from] PortError),
}

fn listed(violations: &[Violation]) -> String {
    let lines: Vec<String> = violations
        .iter()
        .map(|violation| format!("\n  {violation}"))
        .collect();
    lines.concat()
}

/// What is to be partitioned, and what a reader of the plan should know about how it was found.
#[derive(Default)]
struct Found {
    candidates: Vec<Candidate>,
    ties: Vec<Vec<usize>>,
    notes: Vec<String>,
}

/// Makes the plan for a change.
///
/// # Errors
/// [`ResearchError`] when a pattern is bad, nothing is to be done, or the repository cannot be read.
pub fn research(objects: &dyn Objects, request: Request<'_>) -> Result<Plan, ResearchError> {
    let files = objects.files(&request.base.commit)?;
    let mut found = match (&request.change.source, request.existing) {
        (Source::Rewrite(expressions), _) => {
            let rewrites = Rewrites::parse(expressions)?;
            let wanted = wanted(&files, request.change, request.base)?;
            rewritten(objects, &wanted, &rewrites, request.change, request.base)?
        }
        (Source::Command(_), _) => {
            let wanted = wanted(&files, request.change, request.base)?;
            commanded(objects, &wanted, request.change, request.base)?
        }
        (Source::From { name, .. }, Some(existing)) => sliced(
            objects,
            &files,
            existing,
            name,
            request.change,
            request.base,
        )?,
        (Source::From { .. }, None) => unreachable!("the caller reads the existing change first"),
        (Source::Agent, _) => unreachable!("the caller asks an agent"),
    };
    found
        .notes
        .extend(assign_owners(objects, &files, &mut found.candidates)?);
    let Partition { parts, remarks } = partition(&found.candidates, &found.ties, request.bounds);
    found.notes.extend(remarks);
    let units = parts
        .into_iter()
        .map(|part| {
            let mut paths: Vec<RepoPath> = part
                .files
                .iter()
                .map(|&index| found.candidates[index].path.clone())
                .collect();
            paths.sort_unstable();
            let task = task(request.change, &part.title, paths.len());
            Unit {
                owner: part.owner,
                lines: Some(part.weight),
                ..Unit::new(part.id, part.title, task, Scope::of_files(paths))
            }
        })
        .collect();
    Ok(Plan {
        setup: request.setup,
        test: request.test,
        notes: found.notes,
        ..Plan::new(request.change.clone(), request.base.clone(), units)
    })
}

fn task(change: &Change, title: &str, files: usize) -> String {
    let files = counted(files, "file");
    format!("{}: the part in {title} ({files}).", change.description)
}

/// The regular files of the base that the change looks at.
///
/// # Errors
/// [`ResearchError`] when a glob of `--paths` cannot be used, or no file is there.
pub(crate) fn wanted(
    files: &[TreeFile],
    change: &Change,
    base: &Base,
) -> Result<Vec<TreeFile>, ResearchError> {
    let filter = path_filter(files, &change.paths)?;
    let wanted: Vec<TreeFile> = files
        .iter()
        .filter(|file| file.mode.is_regular() && filter.matches(&file.path))
        .cloned()
        .collect();
    if wanted.is_empty() {
        let globs = if change.paths.is_empty() {
            "the search".to_owned()
        } else {
            change.paths.join(", ")
        };
        return Err(ResearchError::NoFiles {
            base: base.branch.clone(),
            globs,
        });
    }
    Ok(wanted)
}

/// The filter of `--paths` at this tree.
///
/// # Errors
/// [`BadGlob`] for the first glob that cannot be used.
pub fn path_filter(files: &[TreeFile], globs: &[String]) -> Result<PathFilter, BadGlob> {
    let tree = BaseTree::new(files);
    PathFilter::new(globs, |path| tree.contains(path))
}

/// The regex of `--matching`, on a whole file.
///
/// # Errors
/// [`ResearchError::Matching`] with the position of what is wrong.
pub fn matching(pattern: &str) -> Result<Regex, ResearchError> {
    let bad = |column: usize, problem: String| ResearchError::Matching {
        pattern: typed(pattern),
        column,
        problem,
    };
    let mut parser = regex_syntax::ParserBuilder::new()
        .utf8(false)
        .multi_line(true)
        .crlf(true)
        .build();
    if let Err(error) = parser.parse(pattern) {
        let (at, problem) = place(pattern, &error);
        return Err(bad(at + 1, problem));
    }
    regex::bytes::RegexBuilder::new(pattern)
        .multi_line(true)
        .crlf(true)
        .build()
        .map_err(|error| bad(1, error.to_string().replace('\n', " ")))
}

/// The files that the rewrite would change.
fn rewritten(
    objects: &dyn Objects,
    wanted: &[TreeFile],
    rewrites: &Rewrites,
    change: &Change,
    base: &Base,
) -> Result<Found, ResearchError> {
    let regex = change.matching.as_deref().map(matching).transpose()?;
    let mut found = Found::default();
    let mut skipped = Vec::new();
    let mut same = 0;
    let results = scan(objects, &base.commit, wanted, |_, contents| {
        if regex
            .as_ref()
            .is_some_and(|regex| !regex.is_match(contents))
        {
            return None;
        }
        match rewrites.apply(contents) {
            Rewritten::NoMatch => None,
            other => Some(other),
        }
    })?;
    for (index, result) in results {
        let path = &wanted[index].path;
        match result {
            Rewritten::NoMatch => {}
            Rewritten::Same => same += 1,
            Rewritten::NotText => skipped.push(path.clone()),
            Rewritten::Changed { lines, .. } => {
                found.candidates.push(candidate(path.clone(), lines));
            }
        }
    }
    if found.candidates.is_empty() {
        return Err(if same > 0 {
            ResearchError::NothingChanges { files: same }
        } else if !skipped.is_empty() {
            ResearchError::OnlyBinary {
                files: named(&skipped, NAMED),
            }
        } else {
            ResearchError::NothingMatches {
                files: wanted.len(),
                base: base.branch.clone(),
            }
        });
    }
    if !skipped.is_empty() {
        found.notes.push(format!(
            "binary or not UTF-8, and so left alone: {}",
            named(&skipped, NAMED)
        ));
    }
    Ok(found)
}

/// The files that the command is to be given.
fn commanded(
    objects: &dyn Objects,
    wanted: &[TreeFile],
    change: &Change,
    base: &Base,
) -> Result<Found, ResearchError> {
    let regex = change.matching.as_deref().map(matching).transpose()?;
    let candidates: Vec<Candidate> = scan(objects, &base.commit, wanted, |_, contents| {
        let matches = regex.as_ref().is_none_or(|regex| regex.is_match(contents));
        matches.then(|| memchr::memchr_iter(b'\n', contents).count() as u64)
    })?
    .into_iter()
    .map(|(index, lines)| candidate(wanted[index].path.clone(), lines))
    .collect();
    if candidates.is_empty() {
        return Err(ResearchError::NothingMatches {
            files: wanted.len(),
            base: base.branch.clone(),
        });
    }
    Ok(Found {
        candidates,
        ..Found::default()
    })
}

/// The paths of a change that exists.
fn sliced(
    objects: &dyn Objects,
    files: &[TreeFile],
    existing: &Existing,
    name: &str,
    change: &Change,
    base: &Base,
) -> Result<Found, ResearchError> {
    if existing.differences.is_empty() {
        return Err(ResearchError::NothingNew {
            name: name.to_owned(),
            base: base.branch.clone(),
        });
    }
    let violations = gate::judge_contents(&existing.changes, &mut *objects.reader()?)?;
    if !violations.is_empty() {
        return Err(ResearchError::Refused {
            name: name.to_owned(),
            violations,
        });
    }
    let mut found = Found::default();
    for (given, option) in [
        (!change.paths.is_empty(), "--paths"),
        (change.matching.is_some(), "--matching"),
    ] {
        if given {
            found.notes.push(format!(
                "{option} plays no part with --from: all that it changes is in the plan"
            ));
        }
    }
    let sliced = slices(&existing.differences, files.iter().map(|file| &file.path));
    found.candidates = sliced.candidates;
    found.ties = sliced.ties;
    Ok(found)
}

fn candidate(path: RepoPath, lines: u64) -> Candidate {
    Candidate {
        path,
        weight: lines.max(1),
        owner: None,
    }
}

/// Gives each candidate the owners that the base's CODEOWNERS names; notes on what is wrong with that file.
fn assign_owners(
    objects: &dyn Objects,
    files: &[TreeFile],
    candidates: &mut [Candidate],
) -> Result<Vec<String>, ResearchError> {
    let (owners, notes) = code_owners(objects, files)?;
    let Some(owners) = owners else {
        return Ok(notes);
    };
    let mut known: HashSet<Arc<str>> = HashSet::new();
    for candidate in candidates {
        candidate.owner = owners.owners(&candidate.path).map(|names| {
            let shared = known
                .get(names)
                .cloned()
                .unwrap_or_else(|| Arc::from(names));
            known.insert(Arc::clone(&shared));
            shared
        });
    }
    Ok(notes)
}
