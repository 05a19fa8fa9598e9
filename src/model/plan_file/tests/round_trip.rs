//! What is written is what is read, whatever plan it is; and no text makes the reader panic.

use super::{any_expression, tree};
use crate::model::agent::AgentChoice;
use crate::model::base_tree::BaseTree;
use crate::model::change::{Change, Source};
use crate::model::id::{ObjectId, UnitId};
use crate::model::path::RepoPath;
use crate::model::plan::{Base, Exclusion, Plan, Research, TestPolicy, Unit};
use crate::model::plan_file::{base, read, write};
use crate::model::scope::{Entry, Scope};
use crate::model::spend::{Spend, Tokens, Usd};
use proptest::prelude::*;

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z ]{0,8}",
        ".{0,8}",
        "(?s-u:[a\"'\\\\\n\r\t#=\x00\x1f\x7f]){0,8}",
        Just("\"\"\"\r\n'''\\".to_owned()),
    ]
}

/// A text that says something.
fn said() -> impl Strategy<Value = String> {
    any_text().prop_map(|text| text + "x")
}

fn any_path() -> impl Strategy<Value = RepoPath> {
    prop_oneof![
        prop::collection::vec(1u8.., 1..12),
        "[]a\\[*?{}!\"'\n]{1,8}".prop_map(String::into_bytes),
        "[a-c]/[a-c]".prop_map(String::into_bytes),
    ]
    .prop_map(RepoPath::new)
}

fn any_entry() -> impl Strategy<Value = Entry> {
    (any_path(), any::<bool>()).prop_map(|(path, folder)| {
        if folder {
            Entry::Folder(path)
        } else {
            Entry::new(path)
        }
    })
}

fn any_id() -> impl Strategy<Value = ObjectId> {
    prop_oneof!["[0-9a-f]{40}", "[0-9a-f]{64}"].prop_map(ObjectId::new)
}

fn any_source() -> impl Strategy<Value = Source> {
    prop_oneof![
        Just(Source::Agent),
        prop::collection::vec(any_text(), 1..4).prop_map(Source::Rewrite),
        said().prop_map(Source::Command),
        (said(), any_id()).prop_map(|(name, commit)| Source::From { name, commit }),
    ]
}

fn any_change() -> impl Strategy<Value = Change> {
    let paths = prop::collection::vec("[a-z]{1,5}/\\*", 0..5);
    let agent = prop::option::of(any_choice());
    (said(), any_source(), agent, paths, prop::option::of(said())).prop_map(
        |(description, source, agent, paths, matching)| Change {
            description,
            agent: agent_beside(&source, agent),
            source,
            paths,
            matching,
        },
    )
}

fn any_choice() -> impl Strategy<Value = AgentChoice> {
    let name =
        prop::option::of("[a-z]{3,8}".prop_filter("a word of its own", |name| name != "auto"));
    (name, prop::option::of(said())).prop_map(|(name, model)| AgentChoice { name, model })
}

/// The agent as a file can say it: one that exists has none, and an agent's change has one, said or not.
fn agent_beside(source: &Source, agent: Option<AgentChoice>) -> Option<AgentChoice> {
    match source {
        Source::Agent => Some(agent.unwrap_or_default()),
        Source::Rewrite(_) | Source::Command(_) => agent,
        Source::From { .. } => None,
    }
}

fn any_part() -> impl Strategy<Value = Option<Source>> {
    prop::option::of(prop_oneof![
        prop::collection::vec(any_text(), 1..4).prop_map(Source::Rewrite),
        said().prop_map(Source::Command),
    ])
}

fn any_research() -> impl Strategy<Value = Option<Research>> {
    let spend =
        (prop::option::of(0..1_000_000_u64), 0..u64::from(u32::MAX)).prop_map(|(cost, input)| {
            Spend {
                cost: cost.map(Usd),
                estimated: cost.is_some_and(|cost| cost % 2 == 0),
                tokens: Tokens {
                    input,
                    cached: input / 3,
                    output: input / 7,
                },
            }
        });
    prop::option::of(
        (said(), prop::option::of(said()), spend).prop_map(|(agent, model, spend)| Research {
            agent,
            model,
            spend,
        }),
    )
}

fn any_excluded() -> impl Strategy<Value = Vec<Exclusion>> {
    let scope = prop::collection::vec(any_entry(), 1..3).prop_map(Scope::new);
    prop::collection::vec(
        (scope, said()).prop_map(|(scope, reason)| Exclusion { scope, reason }),
        0..2,
    )
}

fn any_unit() -> impl Strategy<Value = Unit> {
    let scope = prop::collection::vec(any_entry(), 1..6).prop_map(Scope::new);
    let optional = (
        prop::option::of(said()),
        prop::option::of(any_text()),
        prop::collection::vec(any_text(), 0..5),
        prop::option::of(any::<u64>()),
    );
    let told = (
        prop::option::of(said()),
        prop::collection::vec(any_text(), 0..3),
        prop::collection::vec(any_text(), 0..3),
        any_part(),
        prop::option::of(any_choice()),
    );
    (said(), said(), scope, optional, told).prop_map(
        |(title, task, scope, (check, owner, notes, lines), told)| {
            let (context, contracts, constraints, source, agent) = told;
            Unit {
                context,
                contracts,
                constraints,
                source,
                agent,
                check,
                owner,
                notes,
                lines,
                ..Unit::new(UnitId::parse("u").unwrap(), title, task, scope)
            }
        },
    )
}

fn any_plan() -> impl Strategy<Value = Plan> {
    let test = prop_oneof![
        said().prop_map(TestPolicy::Command),
        Just(TestPolicy::None),
        Just(TestPolicy::Undecided),
    ];
    let base = any_id().prop_map(|commit| Base {
        branch: "release/é".into(),
        commit,
    });
    let notes = prop::collection::vec(any_text(), 0..4);
    let units = prop::collection::vec(any_unit(), 1..4);
    let told = (
        prop::option::of(said()),
        prop::option::of(said()),
        prop::collection::vec(any_text(), 0..3),
        any_research(),
        any_excluded(),
    );
    (
        any_change(),
        base,
        prop::option::of(said()),
        test,
        units,
        notes,
        told,
    )
        .prop_map(|(change, base, setup, test, units, notes, told)| {
            let (end_to_end, summary, conventions, research, excluded) = told;
            Plan {
                setup,
                test,
                end_to_end,
                summary,
                conventions,
                research,
                excluded,
                notes,
                ..Plan::new(change, base, sound(units))
            }
        })
}

/// Units whose paths are in folders of their own, so that whatever the paths are, the scopes are fit.
fn sound(units: Vec<Unit>) -> Vec<Unit> {
    let in_folder = |at: usize, entry: &Entry| {
        let parts = entry.path().as_bytes().split(|&byte| byte == b'/');
        let fit = |part: &&[u8]| !part.is_empty() && *part != b"." && *part != b"..";
        let folder = format!("u{at}").into_bytes();
        let parts: Vec<_> = std::iter::once(folder.as_slice())
            .chain(parts.filter(fit))
            .collect();
        let path = RepoPath::new(parts.join(&b'/'));
        match entry {
            Entry::File(_) => Entry::File(path),
            Entry::Folder(_) => Entry::Folder(path),
        }
    };
    let named = units.into_iter().enumerate().map(|(at, unit)| Unit {
        id: UnitId::parse(&format!("u{at}")).unwrap(),
        scope: Scope::new(
            unit.scope
                .entries()
                .iter()
                .map(|entry| in_folder(at, entry)),
        ),
        ..unit
    });
    named.collect()
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(plan in any_plan()) {
        let written = write(&plan);
        prop_assert_eq!(read(&written, None, &any_expression), Ok(plan.clone()), "{}", written);
        let elsewhere = tree(&["a", "b/c"]);
        let elsewhere = BaseTree::new(&elsewhere);
        prop_assert_eq!(read(&written, Some(&elsewhere), &any_expression), Ok(plan));
    }

    #[test]
    fn no_text_whatever_makes_the_reader_panic(text in "(\\[\\[?(units|base|change)\\]\\]?\n|[a-z]{1,7} = (1|'x'|\\['a/\\*'\\]|\\{\\})\n|.){0,12}") {
        let _ = read(&text, None, &any_expression);
        let _ = base(&text);
    }
}
