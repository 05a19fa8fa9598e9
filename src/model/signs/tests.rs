//! The signs, each on a plan that shows it and on one that does not.

use super::{signs, words_of_paths};
use crate::model::base_tree::BaseTree;
use crate::model::change::{Change, Source};
use crate::model::id::{ObjectId, UnitId};
use crate::model::plan::{Base, Plan, TestPolicy, Unit};
use crate::model::scope::{Entry, Scope};
use crate::model::tree::{Mode, TreeFile};

fn unit(id: &str, paths: &[&str]) -> Unit {
    let scope = Scope::new(paths.iter().map(|path| Entry::parse(path).unwrap()));
    Unit::new(UnitId::parse(id).unwrap(), id, "do it", scope)
}

fn plan(units: Vec<Unit>) -> Plan {
    let base = Base {
        branch: "main".into(),
        commit: ObjectId::new("0"),
    };
    let change = Change::new("rename frob", Source::Command("c".into()));
    Plan {
        test: TestPolicy::Command("make test".into()),
        ..Plan::new(change, base, units)
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
    for (text, path) in [
        ("see ./a/b.ts:3:14, please", "a/b.ts"),
        ("(see c.d)", "c.d"),
        ("it's \"e f\"", "e"),
        ("Ends with x:y...", "x:y"),
        ("look at [id].tsx", "[id].tsx"),
        ("look at (group)/page.tsx.", "(group)/page.tsx"),
    ] {
        assert!(words_of_paths(text).any(|word| word == path), "{path}");
    }
    assert_eq!(words_of_paths(" , ./ ").count(), 0);
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

/// Units `u0`, `u1` and so on, each of which waits for those at these places.
fn ordered(parents: &[&[usize]]) -> Plan {
    let units = parents.iter().enumerate().map(|(at, parents)| {
        let mut unit = unit(&format!("u{at}"), &[&format!("src/{at}/")]);
        let after = parents.iter().map(|parent| format!("u{parent}"));
        unit.after = after.map(|id| UnitId::parse(&id).unwrap()).collect();
        unit
    });
    plan(units.collect())
}

#[test]
fn long_chains_and_much_waiting_are_signs() {
    assert_eq!(shown(&ordered(&[&[], &[], &[], &[0, 1]]), &[], 0), [""; 0]);
    let few: &[&[usize]] = &[&[], &[0], &[1], &[], &[], &[]];
    assert_eq!(shown(&ordered(few), &[], 0), [""; 0]);
    assert_eq!(
        shown(&ordered(&[&[], &[0], &[0]]), &[], 0),
        ["2 of 3 units wait for others: they cannot be merged in any order"]
    );
    let chain: &[&[usize]] = &[&[], &[0], &[1], &[2], &[], &[], &[]];
    assert_eq!(
        shown(&ordered(chain), &[], 0),
        ["4 units wait for one another in a chain: `u0`, `u1`, `u2`, `u3`"]
    );
}

#[test]
fn what_units_that_wait_for_one_another_share_is_no_sign() {
    let mut plan = ordered(&[&[], &[0], &[], &[]]);
    plan.units[1].scope = Scope::new([Entry::parse("src/0/x").unwrap()]);
    plan.units[1].task = "Use src/0/y".into();
    assert_eq!(shown(&plan, &["src/0/x", "src/0/y"], 0), [""; 0]);
    plan.units[1].after.clear();
    assert_eq!(shown(&plan, &["src/0/x", "src/0/y"], 0).len(), 2);
}
