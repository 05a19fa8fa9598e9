//! The ownership rule against examples, and against a model that tries everything.

use super::Ownership;
use crate::model::base_tree::BaseTree;
use crate::model::fold::fold;
use crate::model::id::{ObjectId, UnitId};
use crate::model::order::Order;
use crate::model::path::RepoPath;
use crate::model::scope::{Entry, Refusal, Scope};
use crate::model::tree::{Mode, TreeFile};
use proptest::prelude::*;

fn units(scopes: &[&[&str]]) -> Vec<(UnitId, Scope)> {
    let scopes = scopes.iter().enumerate().map(|(at, entries)| {
        let entries = entries.iter().map(|text| Entry::parse(text).unwrap());
        (
            UnitId::parse(&format!("u{at}")).unwrap(),
            Scope::new(entries),
        )
    });
    scopes.collect()
}

fn ownership(units: &[(UnitId, Scope)]) -> Ownership {
    Ownership::new(units.iter().map(|(id, scope)| (id, scope)))
}

fn problems(scopes: &[&[&str]]) -> Vec<String> {
    let refused = ownership(&units(scopes)).problems(&BaseTree::default());
    refused.iter().map(ToString::to_string).collect()
}

fn owner(scopes: &[&[&str]], path: &str) -> Option<String> {
    let ownership = ownership(&units(scopes));
    ownership.owner(&path.into()).map(ToString::to_string)
}

#[test]
fn the_longest_match_owns() {
    let scopes: &[&[&str]] = &[&["src/"], &["src/auth/"], &["src/auth/token.ts"]];
    assert_eq!(owner(scopes, "src/main.ts").as_deref(), Some("u0"));
    assert_eq!(owner(scopes, "src/auth/login.ts").as_deref(), Some("u1"));
    assert_eq!(owner(scopes, "src/auth/token.ts").as_deref(), Some("u2"));
    assert_eq!(owner(scopes, "src/author.ts").as_deref(), Some("u0"));
    assert_eq!(owner(scopes, "src"), None);
    assert_eq!(owner(scopes, "srcs/x"), None);
    assert!(problems(scopes).is_empty());
}

#[test]
fn the_same_entry_in_two_units_is_refused_in_any_spelling() {
    assert_eq!(
        problems(&[&["src/a", "src/"], &["src/a"]]),
        ["unit `u1`: `src/a` is in unit `u0` as well"]
    );
    assert_eq!(
        problems(&[&["Src/A"], &["src/a"]]),
        ["unit `u1`: `src/a` and `Src/A` of unit `u0` differ in case or Unicode form only"]
    );
    assert_eq!(problems(&[&["\u{e9}/"], &["e\u{301}/"]]).len(), 1);
    assert_eq!(problems(&[&["a"], &["a"], &["a"]]).len(), 2);
}

#[test]
fn within_one_unit_case_is_free() {
    assert!(problems(&[&["README", "readme", "a/", "A/", "a/"]]).is_empty());
}

#[test]
fn folders_that_differ_in_case_alone_may_hold_different_files() {
    assert!(problems(&[&["Src/a"], &["src/b"]]).is_empty());
    assert!(problems(&[&["Src/"], &["src/b"]]).is_empty());
}

#[test]
fn a_file_where_another_unit_needs_a_folder_is_refused() {
    let refused = |file: &str, other: &str| problems(&[&[file], &[other]]);
    assert_eq!(
        refused("src/auth", "src/auth/x"),
        ["unit `u0`: `src/auth` is a file, and a folder of `src/auth/x` in unit `u1`"]
    );
    assert_eq!(refused("src/auth", "src/auth/").len(), 1);
    assert_eq!(refused("src", "src/auth/x/").len(), 1);
    assert!(refused("src/auth.ts", "src/auth/x").is_empty());
    assert!(problems(&[&["src/auth", "src/auth/x"]]).is_empty());
}

#[test]
fn entries_that_are_no_path_of_the_repository_are_refused() {
    for (text, why) in [
        ("", Refusal::Empty),
        ("/", Refusal::Absolute),
        ("/etc/passwd", Refusal::Absolute),
        ("a//b", Refusal::EmptyPart),
        ("a//", Refusal::EmptyPart),
        (".", Refusal::Dot),
        ("./a", Refusal::Dot),
        ("..", Refusal::DotDot),
        ("../", Refusal::DotDot),
        ("a/../../b", Refusal::DotDot),
        (".git", Refusal::DotGit),
        (".git/", Refusal::DotGit),
        ("vendor/x/.GIT/hooks/y", Refusal::DotGit),
        ("a\0b", Refusal::Nul),
    ] {
        let units = units(&[&[text]]);
        let refused = ownership(&units).problems(&BaseTree::default());
        assert_eq!(refused.len(), 1, "{text}");
        assert_eq!(refused[0].why, why, "{text}");
    }
    let fine: &[&str] = &[
        "...",
        ".github/x",
        ".gitignore",
        "a/.git.md",
        "a b",
        "\n",
        "-x",
    ];
    assert!(problems(&[fine]).is_empty());
}

#[test]
fn nothing_below_a_symlink_or_a_submodule_of_the_base_can_be_owned() {
    let files = [("link", Mode::Symlink), ("sub/m", Mode::Submodule)];
    let files = files.map(|(path, mode)| TreeFile {
        path: path.into(),
        mode,
        id: ObjectId::new("0"),
    });
    let units = units(&[&["sub/m", "link/a/b", "link/", "sub/m/x", "links/a"]]);
    let refused = ownership(&units).problems(&BaseTree::new(&files));
    let refused: Vec<_> = refused.iter().map(|r| (r.place.entry, &r.why)).collect();
    let link = Refusal::BelowSymlink("link".into());
    let submodule = Refusal::BelowSubmodule("sub/m".into());
    assert_eq!(refused, [(1, &link), (2, &link), (3, &submodule)]);
}

#[test]
fn a_folder_may_take_the_place_of_a_symlink_that_is_the_units_own() {
    let files = [TreeFile {
        path: "link".into(),
        mode: Mode::Symlink,
        id: ObjectId::new("0"),
    }];
    let own = units(&[&["link", "link/a"]]);
    assert!(ownership(&own).problems(&BaseTree::new(&files)).is_empty());
    let anothers = units(&[&["link"], &["link/a"]]);
    assert!(
        !ownership(&anothers)
            .problems(&BaseTree::new(&files))
            .is_empty()
    );
}

#[test]
fn a_file_inside_ones_folder_can_still_be_in_anothers_way() {
    let units = units(&[&["src/"], &["src/auth/x", "src/log"]]);
    let ownership = ownership(&units);
    let blocked = |path: &str| {
        let found = ownership.blocked_by(&path.into(), &units[0].0);
        found.map(|(unit, entry)| format!("{unit} {entry}"))
    };
    assert!(ownership.problems(&BaseTree::default()).is_empty());
    assert_eq!(ownership.owner(&"src/auth".into()), Some(&units[0].0));
    assert_eq!(blocked("src/auth").as_deref(), Some("u1 src/auth/x"));
    assert_eq!(blocked("src/log/y/z").as_deref(), Some("u1 src/log"));
    assert_eq!(blocked("src/auth/y"), None);
    assert_eq!(ownership.blocked_by(&"src/auth".into(), &units[1].0), None);
}

/// The ownership of units of which each waits for those at these places.
fn ordered(units: &[(UnitId, Scope)], parents: &[&[usize]]) -> Ownership {
    let parents = parents.iter().map(|parents| parents.to_vec()).collect();
    let scopes = units.iter().map(|(id, scope)| (id, scope));
    Ownership::ordered(scopes, Order::new(parents))
}

#[test]
fn units_that_wait_for_one_another_may_own_the_same_and_nest() {
    let scopes: &[&[&str]] = &[
        &["src/", "Docs", "link"],
        &["docs", "lib/x"],
        &["src/", "src/a", "docs/x", "link/y", "lib"],
    ];
    let units = units(scopes);
    let link = [TreeFile {
        path: "link".into(),
        mode: Mode::Symlink,
        id: ObjectId::new("0"),
    }];
    let chain = ordered(&units, &[&[], &[0], &[1]]);
    assert!(chain.problems(&BaseTree::new(&link)).is_empty());
    // The second and the third have no order here, the first and the third have.
    let refused = ordered(&units, &[&[], &[], &[0]]).problems(&BaseTree::new(&link));
    let refused: Vec<_> = refused.iter().map(ToString::to_string).collect();
    assert_eq!(
        refused,
        [
            "unit `u1`: `docs` and `Docs` of unit `u0` differ in case or Unicode form only",
            "unit `u2`: `lib` is a file, and a folder of `lib/x` in unit `u1`",
        ]
    );
}

#[test]
fn a_path_is_a_units_own_as_that_unit_sees_it() {
    // u1 and u3 wait for u0, u2 has no order with any.
    let units = units(&[
        &["src/"],
        &["src/deep/", "src/main.ts", "src/new.ts"],
        &["src/deep/apart/", "lib/"],
        &["src/deep2/"],
    ]);
    let ownership = ordered(&units, &[&[], &[0], &[], &[0]]);
    assert!(ownership.problems(&BaseTree::default()).is_empty());
    let owner = |unit: usize, path: &str| {
        let owner = ownership.owner_for(&units[unit].0, &path.into());
        owner.map(ToString::to_string)
    };
    assert_eq!(owner(0, "src/deep/x").as_deref(), Some("u0"));
    assert_eq!(owner(1, "src/deep/x").as_deref(), Some("u1"));
    assert_eq!(owner(1, "src/other").as_deref(), None);
    assert_eq!(owner(0, "src/deep/apart/x").as_deref(), Some("u2"));
    assert_eq!(owner(1, "src/deep/apart/x").as_deref(), Some("u2"));
    assert_eq!(owner(3, "src/deep/x").as_deref(), Some("u1"));
    let owners = |path: &str| ownership.owners_at(&path.into());
    assert_eq!(owners("src/deep/x"), [0, 1]);
    assert_eq!(owners("src/deep/apart/x"), [2]);
    assert_eq!(owners("src/main.ts"), [0, 1]);
    assert_eq!(owners("README"), Vec::<usize>::new());
    let files = ["lib/a", "src/deep/apart/x", "src/deep/x", "src/main.ts"];
    let files = files.map(|path| TreeFile {
        path: path.into(),
        mode: Mode::File,
        id: ObjectId::new("0"),
    });
    assert_eq!(ownership.file_counts(&files), [2, 3, 2, 0]);
}

#[test]
fn what_waits_for_a_unit_is_not_in_its_way() {
    let units = units(&[&["src/"], &["src/a/b"], &["src/c/d"]]);
    let ownership = ordered(&units, &[&[], &[0], &[]]);
    let blocked = |path: &str| ownership.blocked_by(&path.into(), &units[0].0).is_some();
    assert!(!blocked("src/a") && !blocked("src/a/b/c"));
    assert!(blocked("src/c") && blocked("src/c/d/e"));
    let around = |unit: usize| ownership.around(&units[unit].0, &"src/c/d".into());
    assert_eq!(around(2).map(|(unit, _)| unit), Some(&units[0].0));
    assert_eq!(around(1), None);
}

#[test]
fn three_hundred_units_that_wait_for_one_are_checked_in_one_pass() {
    let files = |unit: usize| {
        let paths = (0..330).map(move |n| format!("packages/p{unit}/src/{}/f{n}.ts", n % 97));
        let shared = (0..10).map(|n| format!("shared/{n}.ts"));
        let paths = paths.chain(shared.filter(|_| unit == 0 || unit == 299));
        let paths: Vec<String> = paths.collect();
        Scope::of_files(paths.iter().map(|path| RepoPath::from(path.as_str())))
    };
    let units: Vec<_> = (0..300)
        .map(|unit| (UnitId::parse(&format!("u{unit}")).unwrap(), files(unit)))
        .collect();
    let mut parents: Vec<Vec<usize>> = vec![vec![0]; 300];
    parents[0].clear();
    let started = std::time::Instant::now();
    let scopes = units.iter().map(|(id, scope)| (id, scope));
    let ownership = Ownership::ordered(scopes, Order::new(parents));
    assert!(ownership.problems(&BaseTree::default()).is_empty());
    assert_eq!(ownership.owners_at(&"shared/3.ts".into()), [0, 299]);
    assert!(started.elapsed().as_secs() < 20);
}

#[test]
fn a_hundred_thousand_entries_are_checked_in_one_pass() {
    let files = |unit: usize| {
        let paths = (0..10_000).map(move |n| format!("packages/p{unit}/src/{}/f{n}.ts", n % 97));
        Scope::of_files(paths.map(|path| RepoPath::from(path.as_str())))
    };
    let units: Vec<_> = (0..10)
        .map(|unit| (UnitId::parse(&format!("u{unit}")).unwrap(), files(unit)))
        .collect();
    let started = std::time::Instant::now();
    assert!(ownership(&units).problems(&BaseTree::default()).is_empty());
    // A quadratic pass takes minutes; this one a fraction of a second, also without optimisation.
    assert!(started.elapsed().as_secs() < 20);
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let part = prop::sample::select(vec!["a", "b", "A", "ab", "\u{e9}", "e\u{301}"]);
    (prop::collection::vec(part, 1..4), any::<bool>()).prop_map(|(parts, is_folder)| {
        let path = RepoPath::from(parts.join("/").as_str());
        if is_folder {
            Entry::Folder(path)
        } else {
            Entry::File(path)
        }
    })
}

fn any_units() -> impl Strategy<Value = Vec<(UnitId, Scope)>> {
    let scope = prop::collection::vec(any_entry(), 0..5).prop_map(Scope::new);
    prop::collection::vec(scope, 1..5).prop_map(|scopes| {
        let named = scopes.into_iter().enumerate();
        named
            .map(|(at, scope)| (UnitId::parse(&format!("u{at}")).unwrap(), scope))
            .collect()
    })
}

/// Units without the entries that clash with an earlier unit's.
fn sound_units() -> impl Strategy<Value = Vec<(UnitId, Scope)>> {
    any_units().prop_map(|units| {
        let mut sound: Vec<(UnitId, Scope)> = Vec::new();
        for (id, scope) in units {
            let earlier: Vec<_> = sound.iter().flat_map(|(_, s)| s.entries()).collect();
            let kept = scope
                .entries()
                .iter()
                .filter(|entry| !earlier.iter().any(|other| clash(entry, other)));
            let kept = Scope::new(kept.cloned());
            sound.push((id, kept));
        }
        sound
    })
}

fn is_below(path: &RepoPath, folder: &RepoPath) -> bool {
    let rest = path.as_bytes().strip_prefix(folder.as_bytes());
    rest.is_some_and(|rest| rest.starts_with(b"/"))
}

/// How many bytes of a path an entry matches, with one more for the exact file.
fn matched(entry: &Entry, path: &RepoPath) -> Option<usize> {
    let length = entry.path().as_bytes().len();
    match entry {
        Entry::File(file) => (file == path).then_some(length + 1),
        Entry::Folder(folder) => is_below(path, folder).then_some(length),
    }
}

fn owners<'a>(units: &'a [(UnitId, Scope)], path: &RepoPath) -> Vec<&'a UnitId> {
    let best = |scope: &Scope| {
        scope
            .entries()
            .iter()
            .filter_map(|e| matched(e, path))
            .max()
    };
    let longest = units.iter().filter_map(|(_, scope)| best(scope)).max();
    let tied = units
        .iter()
        .filter(|(_, scope)| longest.is_some() && best(scope) == longest);
    tied.map(|(id, _)| id).collect()
}

fn needs_folder(entry: &Entry, path: &RepoPath) -> bool {
    is_below(entry.path(), path) || *entry == Entry::Folder(path.clone())
}

fn clash(one: &Entry, other: &Entry) -> bool {
    let same_kind = matches!(one, Entry::File(_)) == matches!(other, Entry::File(_));
    let same = same_kind && fold(one.path().as_bytes()) == fold(other.path().as_bytes());
    let in_the_way = |a: &Entry, b: &Entry| matches!(a, Entry::File(f) if needs_folder(b, f));
    same || in_the_way(one, other) || in_the_way(other, one)
}

proptest! {
    #[test]
    fn the_owner_is_the_one_that_trying_everything_finds(
        units in sound_units(),
        paths in prop::collection::vec(any_entry(), 20),
    ) {
        let ownership = ownership(&units);
        for path in paths.iter().map(Entry::path) {
            let all = owners(&units, path);
            prop_assert!(all.len() <= 1);
            prop_assert_eq!(ownership.owner(path), all.first().copied());
        }
    }

    #[test]
    fn scopes_are_refused_exactly_when_two_units_clash(units in any_units()) {
        let ownership = ownership(&units);
        let mut clashes = false;
        for (at, (_, scope)) in units.iter().enumerate() {
            for (_, other) in &units[at + 1..] {
                let mut pairs = scope.entries().iter().flat_map(|a| other.entries().iter().map(move |b| (a, b)));
                clashes |= pairs.any(|(a, b)| clash(a, b));
            }
        }
        let problems = ownership.problems(&BaseTree::default());
        prop_assert_eq!(!problems.is_empty(), clashes, "{:?}", problems);
    }

    #[test]
    fn a_path_is_blocked_exactly_when_some_other_unit_is_in_the_way(
        units in sound_units(),
        paths in prop::collection::vec(any_entry(), 20),
    ) {
        let ownership = ownership(&units);
        for path in paths.iter().map(Entry::path) {
            let blocks = |entry: &Entry| needs_folder(entry, path)
                || matches!(entry, Entry::File(file) if is_below(path, file));
            let (me, _) = &units[0];
            let expected = units[1..].iter().any(|(_, scope)| scope.entries().iter().any(blocks));
            let found = ownership.blocked_by(path, me);
            prop_assert_eq!(found.is_some(), expected);
            if let Some((unit, entry)) = found {
                prop_assert!(unit != *me && blocks(&entry));
                let (_, scope) = units.iter().find(|(id, _)| *id == unit).unwrap();
                prop_assert!(scope.entries().contains(&entry));
            }
        }
    }
}
