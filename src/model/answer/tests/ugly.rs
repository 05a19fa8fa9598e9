//! Answers that no plan should come of, or only one that was mended.

use proptest::prelude::*;

use super::{answer, by_folder, candidates, judged, judged_with, part, plan};
use crate::model::answer::{Answer, Excluded, Part, Patience, Phase, SharedFile, Verdict};

fn problems(answer: &Answer) -> Vec<String> {
    let first = judged(answer, Patience::First).unwrap_err();
    assert!(!first.is_empty());
    assert!(
        first
            .iter()
            .all(|problem| !problem.contains(|c: char| c.is_control())),
        "{first:?}"
    );
    first
}

#[test]
fn no_units_and_far_too_many_are_refused_in_a_word() {
    assert_eq!(
        problems(&answer(Vec::new())),
        [
            "the verdict is `split`, and there are no units: name them, or answer `do-not-split` with the reason"
        ]
    );
    let many: Vec<Part> = (0..300)
        .map(|n| part(&format!("u{n}"), &[&format!("src/a/{n}.ts")]))
        .collect();
    assert_eq!(
        problems(&answer(many)),
        ["300 units, where 30 are the most: combine those that belong together"]
    );
    let some: Vec<Part> = (0..40)
        .map(|n| part(&format!("u{n}"), &[&format!("src/a/{n}.ts")]))
        .collect();
    assert!(judged(&answer(some), Patience::Last).is_err());
}

#[test]
fn few_units_want_a_reason() {
    let mut answer = by_folder();
    answer.units = vec![part("all", &["src/"])];
    assert!(judged(&answer, Patience::First).is_ok());
    answer.reason = "\n".into();
    assert_eq!(
        problems(&answer),
        ["1 unit, where 5 are wanted: split further, or say in `reason` why not"]
    );
    assert_eq!(plan(judged(&answer, Patience::Last)).notes.len(), 1);
}

#[test]
fn overlaps_are_refused_to_the_last() {
    let mut answer = by_folder();
    answer.units[0].paths.push("src/b/1.ts".into());
    answer.units[1].paths = vec!["src/b/*".into(), "SRC/C/".into()];
    let expected = [
        "unit `b`: `SRC/C/` does not exist, nor does its folder; did you mean `src/`? (a unit that makes the folder owns `SRC/`)",
        "unit `b`: `src/b/1.ts` is in unit `a` as well",
    ];
    assert_eq!(problems(&answer), expected);
    assert_eq!(judged(&answer, Patience::Last).unwrap_err(), expected[1..]);
}

#[test]
fn circles_and_unknown_names_in_after_are_told() {
    let mut answer = by_folder();
    answer.units[0].after = vec!["a".into(), "b".into()];
    answer.units[1].after = vec!["c".into()];
    answer.units[2].after = vec!["a".into()];
    answer.units[3].after = vec!["setup\u{1b}[2J".into()];
    assert_eq!(
        problems(&answer),
        [
            "unit `d` waits for `setup\\u{1b}[2J`, which is no unit",
            "units wait for each other in a circle: `a` waits for `b` waits for `c` waits for `a`",
        ]
    );
    answer.units[0].after.clear();
    let plan = plan(judged(&answer, Patience::Last));
    assert!(plan.units[3].after.is_empty());
}

#[test]
fn paths_that_leave_the_repository_are_refused() {
    let mut answer = by_folder();
    for odd in [
        "/etc/passwd",
        "../x",
        ".git/config",
        "src//a",
        "link/x",
        "src/./a",
    ] {
        answer.units[0].paths = vec!["src/a/".into(), odd.into()];
        assert_eq!(problems(&answer).len(), 1, "{odd}: {:?}", problems(&answer));
        assert!(judged(&answer, Patience::Last).is_err(), "{odd}");
    }
}

#[test]
fn a_unit_of_nothing_but_made_up_paths_is_refused_to_the_last() {
    let mut answer = by_folder();
    answer.units.push(part("ghost", &["lib/ghosts/boo.ts"]));
    assert!(judged(&answer, Patience::Last).is_err());
    answer.units[6].paths.push("docs/ghosts.md".into());
    assert!(judged(&answer, Patience::First).is_err());
    answer.units[6].paths[1] = "GHOSTS.md".into();
    let plan = plan(judged(&answer, Patience::Last));
    assert_eq!(plan.units[6].scope.entries().len(), 1);
}

#[test]
fn escapes_never_reach_the_plan_and_odd_commands_are_left_out() {
    let mut answer = by_folder();
    let nasty = "\u{1b}]0;owned\u{7}\u{202e}text\u{1b}[2J\r\u{0}";
    answer.summary = nasty.into();
    answer.reason = nasty.into();
    answer.conventions = vec![nasty.into()];
    answer.units[0] = Part {
        title: nasty.repeat(50),
        task: nasty.repeat(5_000),
        context: nasty.into(),
        contracts: vec![nasty.into(); 500],
        constraints: vec![nasty.into()],
        ..part("a", &["src/a/"])
    };
    let mended = plan(judged(&answer, Patience::First));
    let unit = &mended.units[0];
    assert!(unit.task.chars().count() <= 4_000 && unit.contracts.len() <= 24);
    let texts = [
        unit.title.as_str(),
        &unit.task,
        &unit.contracts[0],
        mended.summary.as_deref().unwrap(),
    ];
    for text in texts {
        assert!(
            !text.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'),
            "{text:?}"
        );
    }
    answer.units[0].check = Some("true \u{1b}[8m; rm -rf ~".into());
    assert_eq!(
        problems(&answer),
        ["the check of unit `a` holds control characters: give a plain shell command, or null"]
    );
    assert_eq!(plan(judged(&answer, Patience::Last)).units[0].check, None);
}

#[test]
fn a_unit_without_a_task_or_a_title_is_asked_for_and_at_last_given_one() {
    let mut answer = by_folder();
    answer.units[2].task = " ".into();
    answer.units[2].title = "\u{1b}[0m".into();
    assert_eq!(problems(&answer), ["unit `c` has no task"]);
    let plan = plan(judged(&answer, Patience::Last));
    assert_eq!(plan.units[2].task, "make forms functional: the part in c.");
}

#[test]
fn problems_without_end_are_counted() {
    let mut answer = by_folder();
    answer.units[0].paths = (0..5_000).map(|n| format!("nowhere/{n}/x.ts")).collect();
    let problems = problems(&answer);
    assert!(problems.len() <= 41, "{}", problems.len());
    assert!(problems.last().unwrap().starts_with("and "), "{problems:?}");
}

fn any_path() -> impl Strategy<Value = String> {
    prop_oneof![
        "(src|lib|\\*\\*|src/[a-g])/?[a-g]?/?[12*]?(\\.ts)?/?",
        "[\\x00-\\x7f]{0,12}",
        Just("package.json".to_owned()),
        Just("link/x".to_owned()),
    ]
}

fn any_part() -> impl Strategy<Value = Part> {
    let paths = proptest::collection::vec(any_path(), 0..4);
    let after = proptest::collection::vec("[a-h]", 0..2);
    ("[a-hA-H]{0,2}", "(?s).{0,90}", paths, after).prop_map(|(id, text, paths, after)| Part {
        id,
        title: text.clone(),
        task: text.clone(),
        paths,
        context: text.clone(),
        contracts: vec![text.clone()],
        constraints: vec![text.clone()],
        check: Some(text),
        after,
    })
}

fn any_answer() -> impl Strategy<Value = Answer> {
    let units = proptest::collection::vec(any_part(), 0..9);
    let excluded = proptest::collection::vec(any_path(), 0..3);
    let phases = proptest::collection::vec(any_path(), 0..3);
    (
        any::<bool>(),
        "(?s).{0,9}",
        units,
        excluded,
        phases,
        "[a-h]",
        any_path(),
    )
        .prop_map(
            |(split, text, units, excluded, phases, unit, path)| Answer {
                verdict: if split {
                    Verdict::Split
                } else {
                    Verdict::DoNotSplit
                },
                exclusions: vec![Excluded {
                    paths: excluded,
                    reason: text.clone(),
                }],
                shared_files: vec![SharedFile {
                    path,
                    unit,
                    reason: text.clone(),
                }],
                phases: phases
                    .into_iter()
                    .map(|path| Phase {
                        title: text.clone(),
                        task: text.clone(),
                        paths: vec![path],
                    })
                    .collect(),
                ..answer(units)
            },
        )
}

proptest! {
    /// `judged` holds every plan that comes of it to what must be true of plans.
    #[test]
    fn whatever_is_answered_a_plan_is_sound_or_there_is_none(answer in any_answer(), given in any::<bool>(), round in 0..3) {
        let patience = [Patience::First, Patience::Again, Patience::Last][usize::try_from(round).unwrap()];
        let candidates = if given { candidates() } else { Vec::new() };
        if let Err(problems) = judged_with(&answer, &candidates, patience) {
            prop_assert!(!problems.is_empty());
        }
    }

    #[test]
    fn at_last_an_answer_with_sound_scopes_is_mended(mut answer in any_answer(), given in any::<bool>()) {
        let texts = by_folder();
        answer.verdict = Verdict::Split;
        answer.units.truncate(6);
        for (unit, sound) in answer.units.iter_mut().zip(texts.units) {
            unit.paths = sound.paths;
            unit.after.clear();
        }
        answer.shared_files.clear();
        prop_assume!(!answer.units.is_empty());
        let candidates = if given { candidates() } else { Vec::new() };
        prop_assert!(judged_with(&answer, &candidates, Patience::Last).is_ok());
    }
}
