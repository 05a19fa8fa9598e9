//! [`Ownership`]: who owns which path among all units of a plan, and what the ownership rule refuses.
//!
//! Built once from all scopes; every question costs one look-up for each folder of the path asked about. Plans are
//! checked with it, workers' files are chosen by it, and the gate asks it about every changed path. Units that wait for
//! one another never change a path at the same time, so they may own the same: what is a unit's is asked as that unit
//! sees it, without those that come before or after it.

use std::collections::HashMap;

use crate::model::base_tree::BaseTree;
use crate::model::fold::fold;
use crate::model::id::UnitId;
use crate::model::order::Order;
use crate::model::path::RepoPath;
use crate::model::scope::{Entry, Place, Refusal, Refused, Scope};
use crate::model::tree::{Mode, TreeFile};

/// Who owns what. The longest match owns: a file entry before any folder, an inner folder before an outer one.
#[derive(Debug, Clone, Default)]
pub struct Ownership {
    units: Vec<(UnitId, Scope)>,
    numbers: HashMap<UnitId, usize>,
    order: Order,
    files: HashMap<Box<[u8]>, Places>,
    folders: HashMap<Box<[u8]>, Places>,
    needed: HashMap<Box<[u8]>, Places>,
}

/// Entries that say the same, the first of each unit; mostly there is one.
#[derive(Debug, Clone)]
struct Places {
    first: Place,
    others: Vec<Place>,
}

impl Places {
    fn of(first: Place) -> Self {
        let others = Vec::new();
        Self { first, others }
    }

    /// Takes a further entry, unless it is of the unit that came last; whether it was taken.
    fn add(&mut self, place: Place) -> bool {
        let last = self.others.last().unwrap_or(&self.first);
        let is_new = last.unit != place.unit;
        if is_new {
            self.others.push(place);
        }
        is_new
    }

    fn iter(&self) -> impl Iterator<Item = Place> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }
}

impl Ownership {
    /// Takes all units' scopes, in plan order, where none waits for another.
    #[must_use]
    pub fn new<'a>(units: impl IntoIterator<Item = (&'a UnitId, &'a Scope)>) -> Self {
        Self::ordered(units, Order::default())
    }

    /// Takes all units' scopes, in plan order, and who waits for whom.
    #[must_use]
    pub fn ordered<'a>(
        units: impl IntoIterator<Item = (&'a UnitId, &'a Scope)>,
        order: Order,
    ) -> Self {
        let mut ownership = Self {
            order,
            ..Self::default()
        };
        for (id, scope) in units {
            let unit = ownership.units.len();
            for (entry, what) in scope.entries().iter().enumerate() {
                ownership.add(what, Place { unit, entry });
            }
            ownership.numbers.entry(id.clone()).or_insert(unit);
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
        add_place(owners, path.as_bytes(), place);
        for folder in itself.into_iter().chain(path.folders()) {
            if !add_place(&mut self.needed, folder, place) {
                // Who came before said the same of all folders above.
                break;
            }
        }
    }

    /// A unit that owns a path; of several that wait for one another, the first one.
    #[must_use]
    pub fn owner(&self, path: &RepoPath) -> Option<&UnitId> {
        let owners = self.innermost(path, |_| true)?;
        Some(&self.units[owners.unit].0)
    }

    /// The unit that owns a path as `unit` sees it: itself or one that it has no order with. Another one's file entry or
    /// inner folder takes a path out of its scope only then.
    #[must_use]
    pub fn owner_for(&self, unit: &UnitId, path: &RepoPath) -> Option<&UnitId> {
        let seen_by = self.numbers.get(unit).copied();
        let place = self.innermost(path, |place| {
            seen_by.is_none_or(|unit| !self.order.are_related(unit, place.unit))
        })?;
        Some(&self.units[place.unit].0)
    }

    /// Whether the unit at this place of the plan has a path in its scope.
    fn is_owned_by(&self, unit: usize, path: &RepoPath) -> bool {
        let sees = |place: Place| !self.order.are_related(unit, place.unit);
        self.innermost(path, sees)
            .is_some_and(|place| place.unit == unit)
    }

    /// The units that own a path, by their places counted from 0: at most one, and more only where they wait for one
    /// another.
    #[must_use]
    pub fn owners_at(&self, path: &RepoPath) -> Vec<usize> {
        if self.order.is_flat() {
            let only = self.innermost(path, |_| true);
            return only.map(|place| place.unit).into_iter().collect();
        }
        let mut owners: Vec<usize> = self.around_all(path).map(|place| place.unit).collect();
        owners.sort_unstable();
        owners.dedup();
        owners.retain(|&unit| self.is_owned_by(unit, path));
        owners
    }

    /// Whether the unit at this place of the plan names the file itself.
    #[must_use]
    pub fn names(&self, unit: usize, path: &RepoPath) -> bool {
        let named = self.files.get(path.as_bytes());
        named.is_some_and(|places| places.iter().any(|place| place.unit == unit))
    }

    /// All entries that match a path, the longest first.
    fn around_all(&self, path: &RepoPath) -> impl Iterator<Item = Place> {
        let files = self.files.get(path.as_bytes());
        let folders = path.folders().filter_map(|above| self.folders.get(above));
        files.into_iter().chain(folders).flat_map(Places::iter)
    }

    fn innermost(&self, path: &RepoPath, counts: impl Fn(Place) -> bool) -> Option<Place> {
        self.around_all(path).find(|&place| counts(place))
    }

    /// How many files each unit has, in the order given: those that it names, which may not exist yet, and those of the
    /// base below its folders.
    #[must_use]
    pub fn file_counts<'a>(&self, base: impl IntoIterator<Item = &'a TreeFile>) -> Vec<usize> {
        let mut counts = vec![0; self.units.len()];
        for place in self.files.values().flat_map(Places::iter) {
            counts[place.unit] += 1;
        }
        if self.folders.is_empty() {
            return counts;
        }
        for file in base {
            for unit in self.owners_at(&file.path) {
                counts[unit] += usize::from(!self.names(unit, &file.path));
            }
        }
        counts
    }

    /// The unit and folder entry that a path of `unit` lies in when its own entry does not count: the innermost one around
    /// it, of the unit itself or one that it has no order with.
    #[must_use]
    pub fn around(&self, unit: &UnitId, path: &RepoPath) -> Option<(&UnitId, &Entry)> {
        let inside = self.numbers.get(unit).copied();
        let mut around = path.folders().filter_map(|above| self.folders.get(above));
        let place = around.find_map(|places| {
            places
                .iter()
                .find(|place| inside.is_none_or(|unit| !self.order.are_related(unit, place.unit)))
        })?;
        Some((&self.units[place.unit].0, self.entry(place)))
    }

    /// An entry that a file of `unit` at `path` would be in the way of, of a unit that it has no order with: one that needs
    /// a folder there, or a file entry that the path is below. Complete where [`Ownership::problems`] finds none.
    #[must_use]
    pub fn blocked_by(&self, path: &RepoPath, unit: &UnitId) -> Option<(UnitId, Entry)> {
        let me = self.numbers.get(unit).copied();
        let is_other = |place: &Place| {
            me.is_none_or(|me| me != place.unit && !self.order.are_related(me, place.unit))
        };
        let needs_folder = self.needed.get(path.as_bytes());
        let files = path.folders().filter_map(|folder| self.files.get(folder));
        let mut in_the_way = needs_folder.into_iter().chain(files).flat_map(Places::iter);
        let place = in_the_way.find(is_other)?;
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
                    .or_else(|| {
                        below_barrier(what, base).filter(|why| !self.is_replaced(why, unit))
                    })
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

    /// Whether the units may not have the same: they are two, and neither waits for the other.
    fn collide(&self, one: usize, other: usize) -> bool {
        one != other && !self.order.are_related(one, other)
    }

    fn shared(
        &self,
        entry: &Entry,
        place: Place,
        spellings: &mut HashMap<Box<[u8]>, Places>,
    ) -> Option<Refusal> {
        // A folder is told from a file by the `/` that no folded path ends in.
        let mut spelling = fold(entry.path().as_bytes()).into_owned();
        if matches!(entry, Entry::Folder(_)) {
            spelling.push(b'/');
        }
        let first = spellings.get(spelling.as_slice()).and_then(|known| {
            let mut known = known.iter();
            known.find(|other| self.collide(other.unit, place.unit))
        });
        add_place(spellings, &spelling, place);
        first.map(|first| Refusal::SameEntry {
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
        let other = needed
            .iter()
            .find(|other| self.collide(other.unit, place.unit))?;
        Some(Refusal::FolderOf {
            unit: self.units[other.unit].0.clone(),
            entry: self.entry(other).clone(),
            place: other,
        })
    }

    /// Whether the symlink in the way is the unit's own, or of one that comes before it, so that a folder may take its
    /// place.
    fn is_replaced(&self, why: &Refusal, unit: usize) -> bool {
        let Refusal::BelowSymlink(link) = why else {
            return false;
        };
        let owners = self.files.get(link.as_bytes());
        let mut owners = owners.into_iter().flat_map(Places::iter);
        owners.any(|place| place.unit == unit || self.order.is_before(place.unit, unit))
    }
}

/// Notes that an entry says something of a path; whether it is the first of its unit to do so.
fn add_place(places: &mut HashMap<Box<[u8]>, Places>, path: &[u8], place: Place) -> bool {
    if let Some(known) = places.get_mut(path) {
        return known.add(place);
    }
    places.insert(path.into(), Places::of(place));
    true
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
