//! What is written is what is read, whatever plan it is; and no text makes the reader panic.

use super::{any_expression, tree};
use crate::model::base_tree::BaseTree;
use crate::model::change::{Change, Source};
use crate::model::id::{ObjectId, UnitId};
use crate::model::path::RepoPath;
use crate::model::plan::{Base, Plan, TestPolicy, Unit};
use crate::model::plan_file::{base, read, write};
use crate::model::scope::{Entry, Scope};
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
        prop::collection::vec(any_text(), 1..4).prop_map(Source::Rewrite),
        said().prop_map(Source::Command),
        (said(), any_id()).prop_map(|(name, commit)| Source::From { name, commit }),
    ]
}

fn any_change() -> impl Strategy<Value = Change> {
    let paths = prop::collection::vec("[a-z]{1,5}/\\*", 0..5);
    (said(), any_source(), paths, prop::option::of(said())).prop_map(
        |(description, source, paths, matching)| Change {
            description,
            source,
            paths,
            matching,
        },
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
    (said(), said(), scope, optional).prop_map(
        |(title, task, scope, (check, owner, notes, lines))| Unit {
            id: UnitId::parse("u").unwrap(),
            title,
            task,
            scope,
            check,
            after: vec![],
            owner,
            notes,
            lines,
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
    (
        any_change(),
        base,
        prop::option::of(said()),
        test,
        units,
        notes,
    )
        .prop_map(|(change, base, setup, test, units, notes)| Plan {
            change,
            base,
            setup,
            test,
            units: sound(units),
            notes,
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
