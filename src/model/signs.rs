//! Signs of a bad plan: what a reviewer of a plan should be warned of at approval, though it may be run.
//!
//! They follow the rules of a good partition: units that are verified, of a like size, told apart by folders, and with
//! tasks that stay inside their scopes. What a plan must not do is refused elsewhere.

use std::collections::BTreeMap;

use crate::model::base_tree::BaseTree;
use crate::model::counted::counted;
use crate::model::id::UnitId;
use crate::model::named::named;
use crate::model::path::RepoPath;
use crate::model::plan::{Plan, Unit};
use crate::model::scope::{Entry, Ownership};

/// A warning about a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// The unit that it concerns; none for the plan as a whole.
    pub unit: Option<UnitId>,
    /// What is odd, as a fragment that goes with the unit's id.
    pub text: String,
}

/// How many names a warning spells out before it counts.
const NAMED: usize = 3;

/// How many units may wait for one another in a chain.
const CHAIN: usize = 3;

/// From how many times the median on a unit's size is odd.
pub(super) const TIMES_MEDIAN: u64 = 10;

/// All signs that a plan shows; `left_over` is the number of files that the change touches and no unit has.
#[must_use]
pub fn signs(plan: &Plan, base: &BaseTree<'_>, left_over: usize) -> Vec<Sign> {
    let ownership = plan.ownership();
    let mut signs = Vec::new();
    signs.extend(left_over_files(left_over));
    signs.extend(unverified(plan));
    signs.extend(wired_up_twice(plan));
    signs.extend(nested_scopes(plan, &ownership));
    signs.extend(far_above_the_median(plan, base, &ownership));
    signs.extend(much_order(plan));
    let strays = plan.units.iter();
    signs.extend(strays.filter_map(|unit| names_others_files(unit, base, &ownership)));
    signs
}

fn about(unit: &Unit, text: String) -> Sign {
    Sign {
        unit: Some(unit.id.clone()),
        text,
    }
}

fn overall(text: String) -> Sign {
    Sign { unit: None, text }
}

fn left_over_files(count: usize) -> Option<Sign> {
    match count {
        0 => None,
        1 => Some(overall(
            "1 file that the change touches is in no unit".into(),
        )),
        _ => Some(overall(format!(
            "{count} files that the change touches are in no unit"
        ))),
    }
}

fn unverified(plan: &Plan) -> Vec<Sign> {
    if plan.test.command().is_some() {
        return Vec::new();
    }
    let bare = plan.units.iter().filter(|unit| unit.check.is_none());
    let bare: Vec<_> = bare.collect();
    if bare.len() == plan.units.len() && !bare.is_empty() {
        return vec![overall(
            "nothing verifies the units: no test command and no checks".into(),
        )];
    }
    let text = "nothing verifies it: no test command and no check of its own";
    bare.into_iter()
        .map(|unit| about(unit, text.into()))
        .collect()
}

fn wired_up_twice(plan: &Plan) -> Option<Sign> {
    if says_wire_up(&plan.change.description) {
        return None;
    }
    let wirers = plan.units.iter();
    let wirers = wirers.filter(|unit| says_wire_up(&unit.title) || says_wire_up(&unit.task));
    let ids: Vec<_> = wirers.map(|unit| format!("`{}`", unit.id)).collect();
    (ids.len() > 1).then(|| {
        let units = named(&ids, NAMED);
        overall(format!(
            "{units} each wire something up: is it the same thing?"
        ))
    })
}

fn says_wire_up(text: &str) -> bool {
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let words: Vec<_> = words.map(str::to_lowercase).collect();
    let wires = ["wire", "wires", "wired", "wiring"];
    words
        .windows(2)
        .any(|pair| wires.contains(&pair[0].as_str()) && pair[1] == "up")
}

fn nested_scopes(plan: &Plan, ownership: &Ownership) -> Vec<Sign> {
    let mut nested: BTreeMap<(usize, &Entry), Vec<String>> = BTreeMap::new();
    let positions = plan.units.iter().enumerate();
    let positions: BTreeMap<_, _> = positions.map(|(at, unit)| (&unit.id, at)).collect();
    for unit in &plan.units {
        for entry in unit.scope.entries() {
            if let Some((outer, folder)) = ownership.around(&unit.id, entry.path())
                && *outer != unit.id
            {
                let inner = format!("`{entry}` of `{}`", unit.id);
                nested
                    .entry((positions[outer], folder))
                    .or_default()
                    .push(inner);
            }
        }
    }
    let signs = nested.into_iter().map(|((outer, folder), inner)| {
        let text = format!("its `{folder}` has {} inside it", named(&inner, NAMED));
        about(&plan.units[outer], text)
    });
    signs.collect()
}

/// Compares lines where every unit has them, else the files of each.
fn far_above_the_median(plan: &Plan, base: &BaseTree<'_>, ownership: &Ownership) -> Vec<Sign> {
    let lines: Option<Vec<u64>> = plan.units.iter().map(|unit| unit.lines).collect();
    let files = || {
        let counts = ownership.file_counts(base.files());
        counts.into_iter().map(|count| count as u64).collect()
    };
    let what = if lines.is_some() { "lines" } else { "files" };
    let sizes = lines.unwrap_or_else(files);
    let mut sorted = sizes.clone();
    sorted.sort_unstable();
    let Some(&median) = sorted.get(sorted.len().saturating_sub(1) / 2) else {
        return Vec::new();
    };
    let odd = plan
        .units
        .iter()
        .zip(sizes)
        .filter(|&(_, size)| median > 0 && size >= median.saturating_mul(TIMES_MEDIAN));
    let signs = odd.map(|(unit, size)| {
        let text = format!("{size} {what}, where the median of the units is {median}");
        about(unit, text)
    });
    signs.collect()
}

/// Units that wait are worked on, reviewed and merged one after another, which a change was to be cut up to avoid.
fn much_order(plan: &Plan) -> Vec<Sign> {
    let chain: Vec<_> = plan.order().longest_chain();
    let mut signs = Vec::new();
    if chain.len() > CHAIN {
        let ids = chain.iter().map(|&at| format!("`{}`", plan.units[at].id));
        let ids: Vec<_> = ids.collect();
        signs.push(overall(format!(
            "{} wait for one another in a chain: {}",
            counted(chain.len(), "unit"),
            ids.join(", ")
        )));
    }
    let waiting = plan.units.iter().filter(|unit| !unit.after.is_empty());
    let waiting = waiting.count();
    if waiting * 2 > plan.units.len() {
        signs.push(overall(format!(
            "{waiting} of {} wait for others: they cannot be merged in any order",
            counted(plan.units.len(), "unit")
        )));
    }
    signs
}

fn names_others_files(unit: &Unit, base: &BaseTree<'_>, ownership: &Ownership) -> Option<Sign> {
    let mut others: Vec<String> = Vec::new();
    for word in words_of_paths(&unit.task) {
        let path = RepoPath::from(word);
        let owner = ownership.owner_for(&unit.id, &path);
        let owner = owner.filter(|owner| **owner != unit.id);
        if let Some(owner) = owner.filter(|_| base.is_tracked(&path)) {
            let other = format!("`{path}` of `{owner}`");
            if !others.contains(&other) {
                others.push(other);
            }
        }
    }
    let names = (!others.is_empty()).then(|| named(&others, NAMED))?;
    Some(about(unit, format!("its task names {names}")))
}

/// The words of a text that could be paths, each as it stands and without line numbers and punctuation around it.
pub(super) fn words_of_paths(text: &str) -> impl Iterator<Item = &str> {
    let between = |c: char| c.is_whitespace() || "`\"',;<>|".contains(c);
    let words = text.split(between).flat_map(|word| {
        let tail_cut = without_line(word.trim_end_matches(['.', ':', '!', '?', ')', ']']));
        let both_cut = tail_cut.trim_start_matches(['(', '[']);
        [word, tail_cut, both_cut].map(|word| word.trim_start_matches("./"))
    });
    words.filter(|word| !word.is_empty())
}

/// `a/b.ts` of `a/b.ts:12` and `a/b.ts:12:5`.
fn without_line(word: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match word.split_once(':') {
        Some((path, line)) if line.split(':').all(is_number) => path,
        _ => word,
    }
}

#[cfg(test)]
mod tests;
