//! Signs of a bad plan: what a reviewer of a plan should be warned of at approval, though it may be run.
//!
//! They follow the rules of a good partition: units that are verified, of a like size, told apart by folders, and with
//! tasks that stay inside their scopes. What a plan must not do is refused elsewhere.

use std::collections::BTreeMap;

use crate::model::base_tree::BaseTree;
use crate::model::id::UnitId;
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

/// From how many times the median on a unit's size is odd.
const TIMES_MEDIAN: u64 = 10;

/// All signs that a plan shows; `left_over` is the number of files that the change touches and no unit has.
#[must_use]
pub fn signs(plan: &Plan, base: &BaseTree<'_>, left_over: usize) -> Vec<Sign> {
    let ownership = Ownership::new(plan.units.iter().map(|unit| (&unit.id, &unit.scope)));
    let mut signs = Vec::new();
    signs.extend(left_over_files(left_over));
    signs.extend(unverified(plan));
    signs.extend(wired_up_twice(plan));
    signs.extend(nested_scopes(plan, &ownership));
    signs.extend(far_above_the_median(plan, base, &ownership));
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
        let units = named(&ids);
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
            if let Some((outer, folder)) = ownership.around(entry.path())
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
        let text = format!("its `{folder}` has {} inside it", named(&inner));
        about(&plan.units[outer], text)
    });
    signs.collect()
}

/// Compares lines where every unit has them, else the files that each owns at the base.
fn far_above_the_median(plan: &Plan, base: &BaseTree<'_>, ownership: &Ownership) -> Vec<Sign> {
    let lines: Option<Vec<u64>> = plan.units.iter().map(|unit| unit.lines).collect();
    let (sizes, what) = match lines {
        Some(lines) => (lines, "lines"),
        None => (files_owned(plan, base, ownership), "files"),
    };
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

fn files_owned(plan: &Plan, base: &BaseTree<'_>, ownership: &Ownership) -> Vec<u64> {
    let mut counts: BTreeMap<&UnitId, u64> = BTreeMap::new();
    for owner in base.files().filter_map(|file| ownership.owner(&file.path)) {
        *counts.entry(owner).or_default() += 1;
    }
    let counts = plan.units.iter().map(|unit| counts.get(&unit.id).copied());
    counts.map(Option::unwrap_or_default).collect()
}

fn names_others_files(unit: &Unit, base: &BaseTree<'_>, ownership: &Ownership) -> Option<Sign> {
    let mut others: Vec<String> = Vec::new();
    for word in words_of_paths(&unit.task) {
        let path = RepoPath::from(word);
        let owner = ownership.owner(&path).filter(|owner| **owner != unit.id);
        if let Some(owner) = owner.filter(|_| base.is_tracked(&path)) {
            let other = format!("`{path}` of `{owner}`");
            if !others.contains(&other) {
                others.push(other);
            }
        }
    }
    let names = (!others.is_empty()).then(|| named(&others))?;
    Some(about(unit, format!("its task names {names}")))
}

/// The words of a text that could be paths, without quotes, punctuation around them, and line numbers.
fn words_of_paths(text: &str) -> impl Iterator<Item = &str> {
    let between = |c: char| c.is_whitespace() || "`\"',;<>|".contains(c);
    let words = text.split(between).map(|word| {
        let word = word.trim_start_matches("./");
        let bare = word.trim_end_matches(['.', ':', '!', '?', ')', ']']);
        let bare = bare.trim_start_matches(['(', '[']);
        let is_line = |line: &str| !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit());
        match bare.split_once(':') {
            Some((path, line)) if line.split(':').all(is_line) => path,
            _ => bare,
        }
    });
    words.filter(|word| !word.is_empty())
}

fn named(names: &[String]) -> String {
    match names.len().checked_sub(NAMED) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..NAMED].join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{signs, words_of_paths};
    use crate::model::base_tree::BaseTree;
    use crate::model::change::{Change, Source};
    use crate::model::id::{ObjectId, UnitId};
    use crate::model::plan::{Base, Plan, TestPolicy, Unit};
    use crate::model::scope::{Entry, Scope};
    use crate::model::tree::{Mode, TreeFile};

    fn unit(id: &str, paths: &[&str]) -> Unit {
        Unit {
            id: UnitId::parse(id).unwrap(),
            title: id.into(),
            task: "do it".into(),
            scope: Scope::new(paths.iter().map(|path| Entry::parse(path).unwrap())),
            check: None,
            after: vec![],
            owner: None,
            notes: vec![],
            lines: None,
        }
    }

    fn plan(units: Vec<Unit>) -> Plan {
        Plan {
            change: Change {
                description: "rename frob".into(),
                source: Source::Command("c".into()),
                paths: vec![],
                matching: None,
            },
            base: Base {
                branch: "main".into(),
                commit: ObjectId::new("0"),
            },
            setup: None,
            test: TestPolicy::Command("make test".into()),
            units,
            notes: vec![],
        }
    }

    fn shown(plan: &Plan, files: &[&str], left_over: usize) -> Vec<String> {
        let files = files.iter().map(|&path| TreeFile {
            path: path.into(),
            mode: Mode::File,
            id: ObjectId::new("0"),
        });
        let files: Vec<_> = files.collect();
        let signs = signs(plan, &BaseTree::new(&files), left_over);
        let signs = signs.into_iter().map(|sign| match sign.unit {
            Some(unit) => format!("{unit}: {}", sign.text),
            None => sign.text,
        });
        signs.collect()
    }

    #[test]
    fn a_good_plan_shows_no_sign() {
        let plan = plan(vec![unit("a", &["src/a/"]), unit("b", &["src/b/"])]);
        assert_eq!(shown(&plan, &["src/a/x", "src/b/x"], 0), [""; 0]);
        assert_eq!(shown(&self::plan(vec![]), &[], 0), [""; 0]);
    }

    #[test]
    fn units_that_nothing_verifies_are_named_or_counted_as_one() {
        let mut plan = plan(vec![unit("a", &["a"]), unit("b", &["b"])]);
        plan.test = TestPolicy::None;
        assert_eq!(
            shown(&plan, &[], 0),
            ["nothing verifies the units: no test command and no checks"]
        );
        plan.units[0].check = Some("true".into());
        assert_eq!(
            shown(&plan, &[], 0),
            ["b: nothing verifies it: no test command and no check of its own"]
        );
    }

    #[test]
    fn two_units_that_wire_something_up_are_named_unless_that_is_the_change() {
        let mut plan = plan(vec![
            unit("a", &["a"]),
            unit("b", &["b"]),
            unit("c", &["c"]),
        ]);
        plan.units[0].task = "Wire up\nthe router".into();
        plan.units[1].title = "haywire upgrades".into();
        assert_eq!(shown(&plan, &[], 0), [""; 0]);
        plan.units[2].title = "wiring up of the router".into();
        assert_eq!(
            shown(&plan, &[], 0),
            ["`a`, `c` each wire something up: is it the same thing?"]
        );
        plan.change.description = "wire up the metrics".into();
        assert_eq!(shown(&plan, &[], 0), [""; 0]);
    }

    #[test]
    fn a_scope_inside_anothers_is_told_once_for_each_folder() {
        let inner = [
            "src/b/1", "src/b/2", "src/b/3", "src/b/4", "src/b/c/", "lib/x",
        ];
        let plan = plan(vec![unit("a", &["src/", "src/b/5"]), unit("b", &inner)]);
        assert_eq!(
            shown(&plan, &[], 0),
            [
                "a: its `src/` has `src/b/1` of `b`, `src/b/2` of `b`, `src/b/3` of `b` and 2 more inside it"
            ]
        );
    }

    #[test]
    fn a_unit_of_ten_times_the_median_is_named() {
        let mut plan = plan(vec![
            unit("a", &["a/"]),
            unit("b", &["b/"]),
            unit("c", &["c/"]),
        ]);
        let files: Vec<_> = (0..10).map(|n| format!("c/{n}")).collect();
        let mut files: Vec<_> = files.iter().map(String::as_str).collect();
        files.extend(["a/x", "b/x"]);
        assert_eq!(
            shown(&plan, &files, 0),
            ["c: 10 files, where the median of the units is 1"]
        );
        assert_eq!(shown(&plan, &files[1..], 0), [""; 0]);
        for (unit, lines) in plan.units.iter_mut().zip([30, 400, 40]) {
            unit.lines = Some(lines);
        }
        assert_eq!(
            shown(&plan, &[], 0),
            ["b: 400 lines, where the median of the units is 40"]
        );
    }

    #[test]
    fn a_task_that_names_another_units_file_is_told() {
        let mut plan = plan(vec![
            unit("a", &["src/a.ts"]),
            unit("b", &["src/b.ts", "src/new.ts"]),
        ]);
        plan.units[0].task =
            "Change src/a.ts, (./src/b.ts:12), `src/b.ts`. Not src/none.ts nor src/new.ts.".into();
        assert_eq!(
            shown(&plan, &["src/a.ts", "src/b.ts", "src/none.ts"], 0),
            ["a: its task names `src/b.ts` of `b`"]
        );
    }

    #[test]
    fn words_are_stripped_to_the_paths_that_they_may_be() {
        let words: Vec<_> =
            words_of_paths("see ./a/b.ts:3:14, (c.d): \"e\"; it's x:y... [id].tsx").collect();
        assert_eq!(
            words,
            ["see", "a/b.ts", "c.d", "e", "it", "s", "x:y", "id].tsx"]
        );
    }

    #[test]
    fn files_in_no_unit_are_counted() {
        let plan = plan(vec![unit("a", &["a"])]);
        assert_eq!(
            shown(&plan, &[], 1),
            ["1 file that the change touches is in no unit"]
        );
        assert_eq!(
            shown(&plan, &[], 12),
            ["12 files that the change touches are in no unit"]
        );
    }
}
