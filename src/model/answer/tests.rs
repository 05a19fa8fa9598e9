//! Answers, good and ugly, and what comes of them.

use super::{
    Answer, Excluded, NotSplit, Part, Patience, Phase, Proposal, SharedFile, Terms, Verdict, judge,
};
use crate::model::agent::AgentChoice;
use crate::model::base_tree::BaseTree;
use crate::model::change::{Change, Source};
use crate::model::id::ObjectId;
use crate::model::partition::{Bounds, Candidate};
use crate::model::plan::Plan;
use crate::model::plan_file;
use crate::model::sample;
use crate::model::scope::Entry;
use crate::model::tree::{Mode, TreeFile};

mod ugly;

pub(super) fn files(paths: &[&str]) -> Vec<TreeFile> {
    let files = paths.iter().map(|&path| TreeFile {
        path: path.into(),
        mode: if path == "link" {
            Mode::Symlink
        } else {
            Mode::File
        },
        id: ObjectId::new("0"),
    });
    files.collect()
}

pub(super) fn part(id: &str, paths: &[&str]) -> Part {
    Part {
        id: id.to_owned(),
        title: "part".to_owned(),
        task: "Do it.".to_owned(),
        paths: paths.iter().map(|&path| path.to_owned()).collect(),
        context: String::new(),
        contracts: Vec::new(),
        constraints: Vec::new(),
        check: None,
        after: Vec::new(),
    }
}

pub(super) fn answer(units: Vec<Part>) -> Answer {
    Answer {
        verdict: Verdict::Split,
        reason: "by folder".to_owned(),
        summary: "Forms become functions.".to_owned(),
        conventions: Vec::new(),
        end_to_end_check: None,
        units,
        exclusions: Vec::new(),
        shared_files: Vec::new(),
        phases: Vec::new(),
    }
}

/// Six folders of two files each, and what is shared by all.
const BASE: [&str; 14] = [
    "link",
    "package.json",
    "src/a/1.ts",
    "src/a/2.ts",
    "src/b/1.ts",
    "src/b/2.ts",
    "src/c/1.ts",
    "src/c/2.ts",
    "src/d/1.ts",
    "src/d/2.ts",
    "src/e/1.ts",
    "src/e/2.ts",
    "src/f/1.ts",
    "src/f/2.ts",
];

fn candidate(path: &str, weight: u64) -> Candidate {
    Candidate {
        path: path.into(),
        weight,
        owner: None,
    }
}

fn candidates() -> Vec<Candidate> {
    let sources = BASE.iter().filter(|path| path.starts_with("src/"));
    sources.map(|path| candidate(path, 10)).collect()
}

fn by_folder() -> Answer {
    let folders = ["a", "b", "c", "d", "e", "f"];
    answer(
        folders
            .iter()
            .map(|folder| part(folder, &[&format!("src/{folder}/")]))
            .collect(),
    )
}

fn judged_with(answer: &Answer, candidates: &[Candidate], patience: Patience) -> super::Judged {
    let files = files(&BASE);
    let change = Change {
        agent: Some(AgentChoice::default()),
        ..Change::new("make forms functional", Source::Agent)
    };
    let blank = Plan::new(change, sample::base(), Vec::new());
    let terms = Terms {
        blank: &blank,
        tree: &BaseTree::new(&files),
        candidates,
        shared: &["package.json".into()],
        bounds: Bounds::default(),
        root: None,
    };
    let judged = judge(answer, &terms, patience);
    if let Ok(proposal) = &judged {
        for plan in proposal.clone().plans_mut() {
            sound(plan, &terms);
        }
    }
    judged
}

/// What must hold of every plan that is let through, whatever the answer was.
fn sound(plan: &Plan, terms: &Terms<'_>) {
    assert_eq!(plan.ownership().problems(terms.tree), []);
    let excluded: Vec<&Entry> = plan
        .excluded
        .iter()
        .flat_map(|list| list.scope.entries())
        .collect();
    for candidate in terms.candidates {
        let is_excluded = excluded.iter().any(|entry| match entry {
            Entry::File(path) => *path == candidate.path,
            Entry::Folder(path) => candidate
                .path
                .folders()
                .any(|folder| folder == path.as_bytes()),
        });
        let owned = plan.ownership().owner(&candidate.path).is_some();
        assert!(owned || is_excluded, "{} in {plan:#?}", candidate.path);
    }
    let known: Vec<_> = plan.units.iter().map(|unit| &unit.id).collect();
    for unit in &plan.units {
        assert!(
            !unit.scope.entries().is_empty() && !unit.task.is_empty() && !unit.title.is_empty()
        );
        assert!(unit.title.chars().count() <= 80);
        assert!(unit.after.iter().all(|id| known.contains(&id)));
    }
    let written = plan_file::write(plan);
    assert!(!written.contains('\u{1b}'));
    let read = plan_file::read(&written, Some(terms.tree), &|_| Ok(()));
    assert_eq!(read.as_ref(), Ok(plan), "{written}");
}

fn judged(answer: &Answer, patience: Patience) -> super::Judged {
    judged_with(answer, &candidates(), patience)
}

fn plan(judged: super::Judged) -> Plan {
    match judged {
        Ok(Proposal::Split(plan)) => *plan,
        other => panic!("{other:#?}"),
    }
}

fn not_split(judged: super::Judged) -> NotSplit {
    match judged {
        Ok(Proposal::Whole(not_split)) => *not_split,
        other => panic!("{other:#?}"),
    }
}

fn paths(plan: &Plan, unit: usize) -> Vec<String> {
    plan.units[unit]
        .scope
        .entries()
        .iter()
        .map(Entry::to_text)
        .collect()
}

#[test]
fn a_good_answer_becomes_the_plan_that_it_describes() {
    let mut answer = by_folder();
    answer.conventions = vec!["Tests stand beside sources.".into()];
    answer.end_to_end_check = Some("npm test".into());
    answer.units[1] = Part {
        title: "The \u{1b}[1mB\u{1b}[0m forms".into(),
        context: "B is used by all.".into(),
        contracts: vec!["exports `b(): void`".into()],
        constraints: vec!["leave package.json alone".into()],
        check: Some("npm test src/b".into()),
        after: vec!["A".into()],
        ..part("b", &["src/b/*.ts", "src/b/new.ts"])
    };
    let plan = plan(judged(&answer, Patience::First));
    assert_eq!(plan.summary.as_deref(), Some("Forms become functions."));
    assert_eq!(plan.conventions, ["Tests stand beside sources."]);
    assert_eq!(plan.end_to_end.as_deref(), Some("npm test"));
    let unit = &plan.units[1];
    assert_eq!(unit.title, "The B forms");
    assert_eq!(unit.context.as_deref(), Some("B is used by all."));
    assert_eq!(unit.contracts, ["exports `b(): void`"]);
    assert_eq!(unit.check.as_deref(), Some("npm test src/b"));
    assert_eq!(unit.after, [sample::id("a")]);
    assert_eq!(
        paths(&plan, 1),
        ["src/b/1.ts", "src/b/2.ts", "src/b/new.ts"]
    );
    assert_eq!(plan.notes, Vec::<String>::new());
}

#[test]
fn a_shared_file_goes_to_the_unit_that_is_said_to_have_it() {
    let mut answer = by_folder();
    answer.shared_files = vec![SharedFile {
        path: "./package.json".into(),
        unit: "A".into(),
        reason: "adds the hook library".into(),
    }];
    let plan = plan(judged(&answer, Patience::First));
    assert_eq!(paths(&plan, 0), ["src/a/", "package.json"]);
    assert_eq!(
        plan.notes,
        ["`package.json` is shared, and changed by `a` alone: adds the hook library"]
    );
    answer.units[1].paths.push("package.json".into());
    assert_eq!(
        judged(&answer, Patience::First).unwrap_err(),
        ["`package.json` belongs to `a` in shared_files, and is among the paths of `b`"]
    );
    answer.shared_files[0].unit = "ab".into();
    assert_eq!(
        judged(&answer, Patience::First).unwrap_err(),
        ["shared_files: `package.json` belongs to `ab`, which is no unit; did you mean `a`?"]
    );
}

#[test]
fn two_tasks_that_name_a_shared_file_are_told_of_once() {
    let mut answer = by_folder();
    answer.units[0].task = "Add it to `package.json`.".into();
    answer.units[3].task = "Add that to package.json, too.".into();
    let problems = judged(&answer, Patience::First).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].starts_with("the tasks of `a`, `d` name `package.json`"),
        "{problems:?}"
    );
    assert!(judged(&answer, Patience::Again).is_ok());
}

#[test]
fn candidates_that_no_unit_has_are_asked_for_and_at_last_placed() {
    let mut answer = by_folder();
    answer.units[0].paths = vec!["src/a/1.ts".into()];
    answer.units.truncate(5);
    for patience in [Patience::First, Patience::Again] {
        assert_eq!(
            judged(&answer, patience).unwrap_err(),
            [
                "3 candidate files in no unit and not among the exclusions: src/a/2.ts, src/f/1.ts, src/f/2.ts"
            ]
        );
    }
    let plan = plan(judged(&answer, Patience::Last));
    assert_eq!(paths(&plan, 0), ["src/a/1.ts", "src/a/2.ts"]);
    assert_eq!(plan.excluded.len(), 1);
    assert_eq!(plan.excluded[0].reason, "not placed by research");
    assert_eq!(
        plan.notes,
        [
            "research placed 3 files nowhere",
            "`a` got src/a/2.ts, since it has most of their folder",
        ]
    );
}

#[test]
fn what_is_excluded_has_its_place_and_units_are_told_of_it() {
    let mut answer = by_folder();
    answer.units.pop();
    answer.exclusions = vec![Excluded {
        paths: vec!["src/f".into(), "src/a/2.ts".into(), "gone.ts".into()],
        reason: "generated".into(),
    }];
    let plan = plan(judged(&answer, Patience::First));
    assert_eq!(plan.excluded[0].reason, "generated");
    assert_eq!(
        plan.units[0].constraints,
        ["Leave alone: src/a/2.ts (generated)"]
    );
    answer.units[0].paths.push("src/a/2.ts".into());
    assert_eq!(
        judged(&answer, Patience::First).unwrap_err(),
        ["`src/a/2.ts` is in unit `a` and among the exclusions"]
    );
    assert!(judged(&answer, Patience::Last).is_ok());
    answer.exclusions[0].reason = " ".into();
    assert!(judged(&answer, Patience::First).unwrap_err()[0].ends_with("has no reason"));
}

#[test]
fn a_unit_far_above_the_median_is_asked_for_anew_and_then_split() {
    let mut candidates = candidates();
    for candidate in &mut candidates[..2] {
        candidate.weight = 100;
    }
    let mut answer = by_folder();
    answer.units[1].after = vec!["a".into()];
    assert_eq!(
        judged_with(&answer, &candidates, Patience::First).unwrap_err(),
        ["unit `a` has 200 lines, where the median of the units is 20: split it along a boundary"]
    );
    let plan = plan(judged_with(&answer, &candidates, Patience::Again));
    let ids: Vec<_> = plan.units.iter().map(|unit| unit.id.to_string()).collect();
    assert_eq!(ids.len(), 7);
    assert_eq!(paths(&plan, 0), ["src/a/"]);
    assert_eq!(paths(&plan, 1), ["src/a/2.ts"]);
    assert_eq!(
        plan.units[2].after,
        [plan.units[0].id.clone(), plan.units[1].id.clone()]
    );
    assert!(
        plan.notes[0].contains("split by folders into 2"),
        "{:?}",
        plan.notes
    );
}

#[test]
fn a_change_that_should_not_be_split_is_one_unit_or_a_row_of_them() {
    let mut answer = answer(Vec::new());
    answer.verdict = Verdict::DoNotSplit;
    answer.reason = "each file needs the one before".into();
    let phase = |title: &str, paths: &[&str]| Phase {
        title: title.to_owned(),
        task: "Do it.".to_owned(),
        paths: paths.iter().map(|&path| path.to_owned()).collect(),
    };
    answer.phases = vec![
        phase("Types", &["src/a/"]),
        phase("Uses", &["src/b", "src/c/", "src/a/1.ts"]),
    ];
    answer.exclusions = vec![Excluded {
        paths: vec!["src/d/".into(), "src/e/".into()],
        reason: "old".into(),
    }];
    let mut some = candidates();
    some.truncate(10);
    let found = not_split(judged_with(&answer, &some, Patience::First));
    assert_eq!(found.reason, "each file needs the one before");
    assert_eq!(found.whole.units.len(), 1);
    assert_eq!(
        paths(&found.whole, 0),
        ["src/a/", "src/b/", "src/c/", "src/a/1.ts"]
    );
    assert!(found.whole.units[0].task.contains("2. Uses: Do it."));
    let phases = found.phases.unwrap();
    assert_eq!(phases.units[1].id, sample::id("2-uses"));
    assert_eq!(phases.units[1].after, [sample::id("1-types")]);
}

#[test]
fn without_paths_a_change_that_is_not_split_has_its_candidates() {
    let mut answer = answer(Vec::new());
    answer.verdict = Verdict::DoNotSplit;
    let found = not_split(judged(&answer, Patience::First));
    assert_eq!(paths(&found.whole, 0).len(), 12);
    assert_eq!(found.phases, None);
    let problems = judged_with(&answer, &[], Patience::First).unwrap_err();
    assert!(problems[0].contains("name in `phases`"), "{problems:?}");
    answer.reason = String::new();
    assert_eq!(
        judged(&answer, Patience::First).unwrap_err(),
        ["`reason` does not say why the change should not be split"]
    );
}
