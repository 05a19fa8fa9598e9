//! [`Ownership`]: who owns which path among all units of a plan, and what the ownership rule refuses.
//!
//! Built once from all scopes; every question costs one look-up for each folder of the path asked about. Plans are
//! checked with it, workers' files are chosen by it, and the gate asks it about every changed path.

use std::collections::HashMap;
use std::collections::hash_map;

use crate::model::base_tree::BaseTree;
use crate::model::fold::fold;
use crate::model::id::UnitId;
use crate::model::path::RepoPath;
use crate::model::scope::{Entry, Place, Refusal, Refused, Scope};
use crate::model::tree::{Mode, TreeFile};

/// Who owns what. The longest match owns: a file entry before any folder, an inner folder before an outer one.
#[derive(Debug, Clone, Default)]
pub struct Ownership {
    units: Vec<(UnitId, Scope)>,
    files: HashMap<Box<[u8]>, Place>,
    folders: HashMap<Box<[u8]>, Place>,
    needed: HashMap<Box<[u8]>, Needed>,
}

/// The first entry that needs a folder, and the first of any other unit: enough to find one that is not a given unit's.
#[derive(Debug, Clone, Copy)]
struct Needed {
    first: Place,
    second: Option<Place>,
}

impl Ownership {
    /// Takes all units' scopes, in plan order. An entry that two units share counts as the first one's.
    #[must_use]
    pub fn new<'a>(units: impl IntoIterator<Item = (&'a UnitId, &'a Scope)>) -> Self {
        let mut ownership = Self::default();
        for (id, scope) in units {
            let unit = ownership.units.len();
            for (entry, what) in scope.entries().iter().enumerate() {
                ownership.add(what, Place { unit, entry });
            }
            ownership.units.push((id.clone(), scope.clone()));
        }
        ownership
    }

    fn add(&mut self, entry: &Entry, place: Place) {
        let path = entry.path();
        let (owners, itself) = match entry {
            Entry::File(_) => (&mut self.files, None),
            Entry::Folder(_) => (&mut self.folders, Some(path.as_bytes())),
        };
        owners.entry(path.as_bytes().into()).or_insert(place);
        for folder in itself.into_iter().chain(path.folders()) {
            let Some(needed) = self.needed.get_mut(folder) else {
                let needed = Needed {
                    first: place,
                    second: None,
                };
                self.needed.insert(folder.into(), needed);
                continue;
            };
            if needed.first.unit == place.unit || needed.second.is_some() {
                // Who came before said the same of all folders above.
                break;
            }
            needed.second = Some(place);
        }
    }

    /// The unit that owns a path.
    #[must_use]
    pub fn owner(&self, path: &RepoPath) -> Option<&UnitId> {
        Some(&self.units[self.owner_at(path)?].0)
    }

    /// The place of the unit that owns a path, counted from 0 in the order given.
    #[must_use]
    pub fn owner_at(&self, path: &RepoPath) -> Option<usize> {
        let file = self.files.get(path.as_bytes());
        let place = file.or_else(|| path.folders().find_map(|above| self.folders.get(above)))?;
        Some(place.unit)
    }

    /// How many files each unit has, in the order given: those that it names, which may not exist yet, and those of the
    /// base below its folders.
    #[must_use]
    pub fn file_counts<'a>(&self, base: impl IntoIterator<Item = &'a TreeFile>) -> Vec<usize> {
        let mut counts = vec![0; self.units.len()];
        for named in self.files.values() {
            counts[named.unit] += 1;
        }
        if self.folders.is_empty() {
            return counts;
        }
        for file in base {
            if !self.files.contains_key(file.path.as_bytes())
                && let Some(unit) = self.owner_at(&file.path)
            {
                counts[unit] += 1;
            }
        }
        counts
    }

    /// The unit and folder entry that a path lies in when its own entry does not count: the innermost one around it.
    #[must_use]
    pub fn around(&self, path: &RepoPath) -> Option<(&UnitId, &Entry)> {
        let place = path.folders().find_map(|above| self.folders.get(above))?;
        Some((&self.units[place.unit].0, self.entry(*place)))
    }

    /// Another unit's entry that a file of `unit` at `path` would be in the way of: one that needs a folder there, or
    /// a file entry that the path is below. Complete where [`Ownership::problems`] finds none.
    #[must_use]
    pub fn blocked_by(&self, path: &RepoPath, unit: &UnitId) -> Option<(UnitId, Entry)> {
        let is_other = |place: &Place| self.units[place.unit].0 != *unit;
        let needs_folder = self.needed.get(path.as_bytes()).and_then(|needed| {
            let mut places = [Some(needed.first), needed.second].into_iter().flatten();
            places.find(is_other)
        });
        let place = needs_folder.or_else(|| {
            let mut above = path.folders().filter_map(|folder| self.files.get(folder));
            above.find(|place| is_other(place)).copied()
        })?;
        Some((self.units[place.unit].0.clone(), self.entry(place).clone()))
    }

    /// Every entry that the ownership rule refuses, in plan order; none means that no path has two owners and no file
    /// entry of one unit stands where another unit's entry needs a folder.
    #[must_use]
    pub fn problems(&self, base: &BaseTree<'_>) -> Vec<Refused> {
        let mut refused = Vec::new();
        let mut spellings = HashMap::new();
        for (unit, (id, scope)) in self.units.iter().enumerate() {
            for (entry, what) in scope.entries().iter().enumerate() {
                let place = Place { unit, entry };
                let why = malformed(what)
                    .or_else(|| below_barrier(what, base).filter(|why| !is_replaced(why, scope)))
                    .or_else(|| self.shared(what, place, &mut spellings))
                    .or_else(|| self.folder_of(what, place));
                refused.extend(why.map(|why| Refused {
                    unit: id.clone(),
                    entry: what.clone(),
                    place,
                    why,
                }));
            }
        }
        refused
    }

    fn entry(&self, place: Place) -> &Entry {
        &self.units[place.unit].1.entries()[place.entry]
    }

    fn shared(
        &self,
        entry: &Entry,
        place: Place,
        spellings: &mut HashMap<(bool, Vec<u8>), Place>,
    ) -> Option<Refusal> {
        let is_folder = matches!(entry, Entry::Folder(_));
        let first = match spellings.entry((is_folder, fold(entry.path().as_bytes()).into_owned())) {
            hash_map::Entry::Vacant(vacant) => {
                vacant.insert(place);
                return None;
            }
            hash_map::Entry::Occupied(first) => *first.get(),
        };
        (first.unit != place.unit).then(|| Refusal::SameEntry {
            unit: self.units[first.unit].0.clone(),
            entry: self.entry(first).clone(),
            place: first,
        })
    }

    fn folder_of(&self, entry: &Entry, place: Place) -> Option<Refusal> {
        let Entry::File(path) = entry else {
            return None;
        };
        let needed = self.needed.get(path.as_bytes())?;
        let mut places = [Some(needed.first), needed.second].into_iter().flatten();
        let other = places.find(|other| other.unit != place.unit)?;
        Some(Refusal::FolderOf {
            unit: self.units[other.unit].0.clone(),
            entry: self.entry(other).clone(),
            place: other,
        })
    }
}

fn malformed(entry: &Entry) -> Option<Refusal> {
    let path = entry.path().as_bytes();
    if path.starts_with(b"/") || *entry == Entry::Folder("".into()) {
        return Some(Refusal::Absolute);
    }
    if path.is_empty() {
        return Some(Refusal::Empty);
    }
    path.split(|&byte| byte == b'/')
        .find_map(|part| match part {
            b"" => Some(Refusal::EmptyPart),
            b"." => Some(Refusal::Dot),
            b".." => Some(Refusal::DotDot),
            _ if part.eq_ignore_ascii_case(b".git") => Some(Refusal::DotGit),
            _ if part.contains(&0) => Some(Refusal::Nul),
            _ => None,
        })
}

/// Whether the symlink in the way is the unit's own, so that a folder may take its place.
fn is_replaced(why: &Refusal, scope: &Scope) -> bool {
    match why {
        Refusal::BelowSymlink(link) => scope
            .entries()
            .iter()
            .any(|entry| matches!(entry, Entry::File(path) if path == link)),
        _ => false,
    }
}

fn below_barrier(entry: &Entry, base: &BaseTree<'_>) -> Option<Refusal> {
    let itself = match entry {
        Entry::File(_) => None,
        Entry::Folder(path) => Some(path.as_bytes()),
    };
    let mut folders = itself.into_iter().chain(entry.path().folders());
    let barrier = folders.find_map(|folder| base.barrier_at(folder))?;
    match barrier.mode {
        Mode::Symlink => Some(Refusal::BelowSymlink(barrier.path.clone())),
        Mode::Submodule => Some(Refusal::BelowSubmodule(barrier.path.clone())),
        Mode::File | Mode::Executable => None,
    }
}

#[cfg(test)]
mod tests;
