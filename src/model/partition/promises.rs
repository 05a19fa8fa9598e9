//! Tests of what the [module](super) promises: on random trees, and on one that can be checked by eye.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use proptest::prelude::*;

use super::{Bounds, Candidate, Part, Partition, partition};
use crate::model::id::UnitId;
use crate::model::path::RepoPath;

fn candidate(path: &str, weight: u64, owner: Option<&str>) -> Candidate {
    Candidate {
        path: path.into(),
        weight,
        owner: owner.map(Arc::from),
    }
}

fn bounds(min: usize, max: usize) -> Bounds {
    Bounds::new(min, max).unwrap()
}

/// The paths of each part.
fn paths(candidates: &[Candidate], partition: &Partition) -> Vec<Vec<String>> {
    let path = |&file: &usize| candidates[file].path.to_text();
    let paths = |part: &Part| part.files.iter().map(path).collect();
    partition.parts.iter().map(paths).collect()
}

/// Paths of few short names, so that folders have siblings, depth, and collisions of case.
fn any_path() -> impl Strategy<Value = String> {
    proptest::collection::vec("[abcABC]|d\\.rs|-é|日", 1..5).prop_map(|parts| parts.join("/"))
}

fn any_owner() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("@[xyz]( @w)?")
}

fn any_candidates(max: usize) -> impl Strategy<Value = Vec<Candidate>> {
    let weight = prop_oneof![9 => 0u64..50, 1 => 0u64..5000];
    let files = proptest::collection::btree_map(any_path(), (weight, any_owner()), 0..max);
    files.prop_map(|files| {
        let candidates = files.into_iter();
        candidates
            .map(|(path, (weight, owner))| candidate(&path, weight, owner.as_deref()))
            .collect()
    })
}

fn any_bounds() -> impl Strategy<Value = Bounds> {
    (1usize..8, 0usize..20).prop_map(|(min, more)| bounds(min, min + more))
}

/// Groups of indices that must stay together, by brute force over the documented rule.
fn atoms(candidates: &[Candidate], ties: &[Vec<usize>]) -> Vec<BTreeSet<usize>> {
    let key = |index: usize| candidates[index].path.to_text().to_lowercase();
    let mut atoms: Vec<BTreeSet<usize>> = (0..candidates.len()).map(|i| [i].into()).collect();
    let mut join = |a: usize, b: usize| {
        let at = |atoms: &Vec<BTreeSet<usize>>, i| atoms.iter().position(|atom| atom.contains(&i));
        let (a, b) = (at(&atoms, a).unwrap(), at(&atoms, b).unwrap());
        if a != b {
            let moved = std::mem::take(&mut atoms[b]);
            atoms[a].extend(moved);
        }
    };
    for tie in ties {
        for &index in tie {
            join(tie[0], index);
        }
    }
    for a in 0..candidates.len() {
        for b in 0..candidates.len() {
            if key(a) == key(b) || key(b).starts_with(&format!("{}/", key(a))) {
                join(a, b);
            }
        }
    }
    atoms.retain(|atom| !atom.is_empty());
    atoms
}

/// The order in which a person would walk the tree.
fn tree_order(path: &str) -> Vec<(bool, String)> {
    let mut parts: Vec<(bool, String)> = path
        .split('/')
        .map(|part| (true, format!("{part}/")))
        .collect();
    if let Some((folder, name)) = parts.last_mut() {
        *folder = false;
        name.pop();
    }
    parts
}

fn weight(candidates: &[Candidate], files: impl IntoIterator<Item = usize>) -> u64 {
    files
        .into_iter()
        .map(|file| candidates[file].weight.max(1))
        .sum()
}

/// All pairs of a number of folders and of files in each that the promise is for.
fn folders_a_little_below_the_wanted_number() -> Vec<(usize, usize)> {
    let pairs = (5..31).flat_map(|folders| (1..15).map(move |files| (folders, files)));
    pairs
        .filter(|&(folders, files)| {
            let all = folders * files;
            let wanted = Bounds::default().wanted(all, all as u64 * 10);
            folders * 3 >= wanted * 2 && folders <= wanted
        })
        .collect()
}

proptest! {
    #[test]
    fn every_candidate_is_in_one_part_within_the_bounds_and_ties_hold(
        candidates in any_candidates(80),
        bounds in any_bounds(),
        ties in proptest::collection::vec(proptest::collection::vec(any::<prop::sample::Index>(), 0..4), 0..5),
    ) {
        let ties: Vec<Vec<usize>> = ties
            .iter()
            .filter(|_| !candidates.is_empty())
            .map(|tie| tie.iter().map(|index| index.index(candidates.len())).collect())
            .collect();
        let partition = partition(&candidates, &ties, bounds);
        let mut files: Vec<usize> = partition.parts.iter().flat_map(|part| part.files.clone()).collect();
        files.sort_unstable();
        prop_assert_eq!(files, (0..candidates.len()).collect::<Vec<_>>());

        let atoms = atoms(&candidates, &ties);
        let count = partition.parts.len();
        prop_assert!(count <= bounds.max());
        prop_assert!(count >= bounds.min().min(atoms.len()));
        let all = weight(&candidates, 0..candidates.len());
        for part in &partition.parts {
            prop_assert!(!part.files.is_empty());
            prop_assert_eq!(part.weight, weight(&candidates, part.files.iter().copied()));
            let inside = atoms.iter().filter(|atom| part.files.iter().any(|file| atom.contains(file)));
            let inside: Vec<_> = inside.collect();
            prop_assert_eq!(inside.iter().map(|atom| atom.len()).sum::<usize>(), part.files.len());
            prop_assert!(
                inside.len() == 1 || u128::from(part.weight) * count as u128 <= 2 * u128::from(all),
                "{} of {all} in {count}", part.weight
            );
        }
    }

    #[test]
    fn ids_are_unique_and_valid_and_titles_short_and_harmless(
        files in proptest::collection::btree_map("([a-z0-9日\u{1b}\"-]{1,30}/){0,4}[a-z0-9.\n]{1,30}", 1u64..9, 1..30),
        bounds in any_bounds(),
    ) {
        let candidates: Vec<Candidate> = files.iter().map(|(path, weight)| candidate(path, *weight, None)).collect();
        let partition = partition(&candidates, &[], bounds);
        let ids: HashSet<&UnitId> = partition.parts.iter().map(|part| &part.id).collect();
        prop_assert_eq!(ids.len(), partition.parts.len());
        for part in &partition.parts {
            prop_assert!(UnitId::parse(part.id.as_str()).is_ok());
            prop_assert!(part.id.as_str().starts_with(|first: char| first.is_ascii_lowercase()));
            prop_assert!(!part.title.is_empty() && part.title.chars().count() <= 60, "{}", part.title);
            prop_assert!(!part.title.chars().any(char::is_control), "{:?}", part.title);
        }
    }

    #[test]
    fn the_order_of_the_candidates_does_not_matter(
        (candidates, shuffled) in any_candidates(60).prop_flat_map(|candidates| {
            (Just(candidates.clone()), Just(candidates).prop_shuffle())
        }),
        bounds in any_bounds(),
    ) {
        let straight = partition(&candidates, &[], bounds);
        let mixed = partition(&shuffled, &[], bounds);
        prop_assert_eq!(paths(&candidates, &straight), paths(&shuffled, &mixed));
        for (a, b) in straight.parts.iter().zip(&mixed.parts) {
            prop_assert_eq!((&a.id, &a.title, &a.owner), (&b.id, &b.title, &b.owner));
        }
    }

    #[test]
    fn a_part_is_one_stretch_of_the_tree(
        files in proptest::collection::btree_map("([a-d]/){0,4}[x-z-][.]rs", (1u64..99, any_owner()), 0..80),
        bounds in any_bounds(),
    ) {
        let files = files.iter();
        let candidates: Vec<Candidate> =
            files.map(|(path, (weight, owner))| candidate(path, *weight, owner.as_deref())).collect();
        let partition = partition(&candidates, &[], bounds);
        let walked: Vec<String> = paths(&candidates, &partition).concat();
        let mut expected = walked.clone();
        expected.sort_by_key(|path| tree_order(path));
        prop_assert_eq!(walked, expected);
    }

    #[test]
    fn equal_files_of_one_folder_are_shared_out_evenly(
        count in prop_oneof![7 => 1usize..250, 1 => 250usize..2000],
        bounds in any_bounds(),
    ) {
        let candidates: Vec<Candidate> = (0..count).map(|n| candidate(&format!("f/{n:04}"), 7, None)).collect();
        let partition = partition(&candidates, &[], bounds);
        let sizes = partition.parts.iter().map(|part| part.files.len());
        let (least, most) = (sizes.clone().min().unwrap(), sizes.max().unwrap());
        let spare = if count <= 640 { 1 } else { count / 200 };
        prop_assert!(most - least <= spare, "{least} to {most} of {count}");
    }

    #[test]
    fn folders_light_enough_are_never_cut(sizes in proptest::collection::vec(1usize..8, 12..40)) {
        let mut candidates = Vec::new();
        for (folder, &files) in sizes.iter().enumerate() {
            for file in 0..files {
                candidates.push(candidate(&format!("m{folder:02}/f{file}"), 10, None));
            }
        }
        let partition = partition(&candidates, &[], bounds(2, 10));
        let mut parts_of: BTreeMap<String, usize> = BTreeMap::new();
        for part in paths(&candidates, &partition) {
            let folders: BTreeSet<&str> = part.iter().map(|path| path.split('/').next().unwrap()).collect();
            for folder in folders {
                *parts_of.entry(folder.to_owned()).or_default() += 1;
            }
        }
        prop_assert!(parts_of.values().all(|&parts| parts == 1), "{parts_of:?}");
    }

    #[test]
    fn owners_of_whole_folders_are_not_mixed(sizes in proptest::collection::vec(3usize..6, 5..24)) {
        let mut candidates = Vec::new();
        for (folder, &files) in sizes.iter().enumerate() {
            let owner = format!("@team-{folder}");
            for file in 0..files {
                candidates.push(candidate(&format!("m{folder:02}/f{file}"), 10, Some(&owner)));
            }
        }
        let partition = partition(&candidates, &[], Bounds::default());
        for part in &partition.parts {
            let owner = part.owner.as_deref().unwrap();
            prop_assert!(!owner.contains(' '), "{owner} have {}", part.title);
        }
    }
}

#[test]
fn equal_folders_of_little_less_than_the_wanted_number_are_the_parts() {
    for (folders, files) in folders_a_little_below_the_wanted_number() {
        let mut candidates = Vec::new();
        for folder in 0..folders {
            for file in 0..files {
                candidates.push(candidate(&format!("src/m{folder:02}/f{file}"), 10, None));
            }
        }
        let partition = partition(&candidates, &[], Bounds::default());
        assert_eq!(partition.parts.len(), folders, "{files} files each");
        assert!(partition.parts.iter().all(|part| part.files.len() == files));
    }
}

/// Asserts ids, titles and numbers of files.
fn assert_parts(partition: &Partition, expected: &[(&str, &str, usize)]) {
    let parts = partition.parts.iter();
    let parts: Vec<(&str, &str, usize)> = parts
        .map(|part| (part.id.as_str(), part.title.as_str(), part.files.len()))
        .collect();
    assert_eq!(parts, expected);
}

#[test]
fn one_heavy_file_does_not_hold_the_others_together() {
    let mut candidates = vec![candidate("src/m07/heavy", 500, None)];
    for folder in 0..15 {
        for file in 0..10 {
            candidates.push(candidate(&format!("src/m{folder:02}/f{file}"), 5, None));
        }
    }
    let partition = partition(&candidates, &[], Bounds::default());
    let heavy = partition
        .parts
        .iter()
        .find(|part| part.files.contains(&0))
        .unwrap();
    assert_eq!(heavy.files, [0]);
    assert!(
        (15..=20).contains(&partition.parts.len()),
        "{}",
        partition.parts.len()
    );
}

#[test]
fn a_project_of_sixty_files_is_cut_as_a_person_would() {
    let tree = [
        ("", "README.md package.json tsconfig.json"),
        (".github/workflows/", "ci.yml"),
        ("docs/", "guide.md api.md faq.md"),
        ("scripts/", "build.sh release.sh"),
        ("src/", "index.ts app.ts"),
        (
            "src/auth/",
            "login.ts logout.ts session.ts token.ts validate.ts",
        ),
        ("src/billing/", "cart.ts invoice.ts price.ts tax.ts"),
        (
            "src/components/",
            "button card dialog form header icon input list menu modal nav table tabs toast",
        ),
        ("src/hooks/", "useForm.ts useModal.ts useToast.ts"),
        ("src/pages/", "home login settings"),
        ("src/pages/users/", "edit list show"),
        ("src/store/", "cart.ts index.ts user.ts"),
        ("src/util/", "date.ts format.ts http.ts log.ts"),
        ("test/", "auth billing hooks pages store util setup"),
        ("test/components/", "button form table"),
    ];
    let candidates: Vec<Candidate> = tree
        .iter()
        .flat_map(|(folder, names)| names.split(' ').map(move |name| format!("{folder}{name}")))
        .map(|path| candidate(&path, 20, None))
        .collect();
    let whole = partition(&candidates, &[], Bounds::default());
    assert_parts(
        &whole,
        &[
            (
                "readme-md-to-github",
                "README.md, package.json, tsconfig.json and .github",
                4,
            ),
            ("docs-and-scripts", "docs and scripts", 5),
            ("src", "src (app.ts and index.ts)", 2),
            ("src-auth", "src/auth", 5),
            ("src-billing", "src/billing", 4),
            ("src-components", "src/components (button to input)", 7),
            ("src-components-2", "src/components (list to toast)", 7),
            ("src-hooks", "src/hooks", 3),
            ("src-pages", "src/pages", 6),
            ("src-store", "src/store", 3),
            ("src-util", "src/util", 4),
            ("test", "test", 10),
        ],
    );
    assert!(whole.remarks.is_empty());
    let few = partition(&candidates, &[], bounds(6, 6));
    assert_parts(
        &few,
        &[
            ("readme-md-to-scripts", "README.md to scripts", 9),
            (
                "src-app-ts-to-billing",
                "src/{app.ts,index.ts,auth,billing}",
                11,
            ),
            ("src-components", "src/components", 14),
            ("src-hooks-and-pages", "src/hooks and src/pages", 9),
            ("src-store-and-util", "src/store and src/util", 7),
            ("test", "test", 10),
        ],
    );
}

#[test]
fn a_heavy_file_is_alone_and_the_others_are_still_shared_out() {
    let mut candidates = vec![candidate("src/generated.rs", 100_000, None)];
    for name in ["a", "b", "c", "d", "e", "f", "g", "h", "i"] {
        candidates.push(candidate(&format!("src/{name}.rs"), 10, None));
    }
    let partition = partition(&candidates, &[], bounds(3, 3));
    assert_parts(
        &partition,
        &[
            ("src", "src (a.rs to g.rs)", 7),
            ("src-generated-rs", "src/generated.rs", 1),
            ("src-2", "src (h.rs and i.rs)", 2),
        ],
    );
}

#[test]
fn both_ends_of_a_rename_are_where_the_heavier_is() {
    let candidates = [
        candidate("a/one", 5, None),
        candidate("a/two", 5, None),
        candidate("b/one", 9, None),
        candidate("b/three", 5, None),
    ];
    let partition = partition(&candidates, &[vec![0, 2]], bounds(2, 2));
    assert_eq!(
        paths(&candidates, &partition),
        [vec!["a/two"], vec!["a/one", "b/one", "b/three"]]
    );
}

#[test]
fn the_owners_of_a_part_are_those_of_the_most_files_first() {
    let owners = ["@b", "@c @a", "@a", "@d", "@e @a"];
    let files = owners.iter().enumerate();
    let candidates: Vec<Candidate> = files
        .map(|(n, owner)| candidate(&format!("f{n}"), 1, Some(owner)))
        .collect();
    let partition = partition(&candidates, &[], bounds(1, 1));
    assert_eq!(partition.parts[0].owner.as_deref(), Some("@a @b @c +2"));
    let nobody = super::partition(&[candidate("a", 1, None)], &[], bounds(1, 1));
    assert_eq!(nobody.parts[0].owner, None);
}

#[test]
fn small_changes_are_remarked_on() {
    let candidates: Vec<Candidate> = ["a", "A", "b"]
        .iter()
        .map(|path| candidate(path, 50, None))
        .collect();
    assert_eq!(
        partition(&candidates, &[], Bounds::default()).remarks,
        [
            "2 files that can be separated: 2 units, fewer than the minimum of 5",
            "3 files and 150 lines: one pull request may serve better"
        ]
    );
    assert_eq!(partition(&[], &[], Bounds::default()), Partition::default());
}

#[test]
fn a_large_tree_in_blocks_keeps_its_promises() {
    let mut candidates = Vec::new();
    for n in 0..8_000_u64 {
        let owner = (n % 3 > 0).then(|| format!("@t{}", n % 7));
        let path = format!("p{}/s{}/m{}/f{n}", n % 11, n % 13, n % 5);
        candidates.push(candidate(&path, n % 97, owner.as_deref()));
    }
    // A staircase of folders, each with one file, that blocks cannot follow.
    for depth in 0..700 {
        candidates.push(candidate(&format!("{}f", "d/".repeat(depth)), 300, None));
    }
    for (min, max) in [(1, 1), (5, 30), (200, 300)] {
        let partition = partition(&candidates, &[], bounds(min, max));
        assert!((min..=max).contains(&partition.parts.len()));
        let files: HashSet<usize> = partition
            .parts
            .iter()
            .flat_map(|part| part.files.clone())
            .collect();
        assert_eq!(files.len(), candidates.len());
        let all: u64 = partition.parts.iter().map(|part| part.weight).sum();
        for part in &partition.parts {
            assert!(
                part.weight * partition.parts.len() as u64 <= 2 * all,
                "{}",
                part.title
            );
        }
    }
}

#[test]
fn a_path_that_is_not_utf_8_and_one_of_great_depth_do_no_harm() {
    let mut candidates = vec![candidate(&"x/".repeat(2_000), 1, None)];
    candidates.push(Candidate {
        path: RepoPath::new(*b"\xff/\xfe"),
        weight: u64::MAX,
        owner: None,
    });
    candidates.push(candidate("", u64::MAX, None));
    let partition = partition(&candidates, &[], bounds(3, 3));
    assert_eq!(partition.parts.len(), 3);
}
