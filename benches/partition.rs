//! How long it takes to cut a change into units, beside the naive way: sort the paths and cut them into equal chunks.

use std::fmt::Write as _;
use std::sync::Arc;

use batch::model::codeowners::CodeOwners;
use batch::model::partition::{Bounds, Candidate, partition};
use batch::model::path::RepoPath;
use divan::{Bencher, black_box};

const SIZES: [u64; 3] = [1_000, 10_000, 100_000];

fn main() {
    divan::main();
}

/// A small deterministic generator (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// Paths as in a monorepo: packages of very different size, two to six folders deep, some 10 files in a folder.
fn paths(count: u64) -> Vec<RepoPath> {
    let mut random = Random(1);
    let kinds = ["src", "test", "docs", "examples"];
    let ends = ["ts", "tsx", "css", "md", "rs"];
    let mut paths = Vec::new();
    let mut folder = String::new();
    for file in 0..count {
        if file % 10 == 0 {
            let package = random.below(40) * random.below(10) / 5;
            let kind = kinds[usize::try_from(random.below(6) % 4).expect("below 4")];
            folder = format!("packages/package-{package:02}/{kind}");
            for _ in 0..random.below(5) {
                write!(folder, "/part-{}", random.below(6)).expect("writing to a string");
            }
        }
        let end = ends[usize::try_from(random.below(5)).expect("below 5")];
        paths.push(RepoPath::new(format!("{folder}/module-{file}.{end}")));
    }
    paths.sort();
    paths
}

/// A file of 300 rules: most of them folders, as real ones are.
fn codeowners() -> CodeOwners {
    let mut file =
        String::from("* @org/all\n*.md @org/docs\n*.css @org/design\n**/test/ @org/quality\n");
    for rule in 0..296 {
        let (package, team) = (rule % 80, rule % 25);
        let pattern = match rule % 4 {
            0 => format!("/packages/package-{package:02}/"),
            1 => format!("/packages/package-{package:02}/src/part-{}/", rule % 6),
            2 => format!("packages/package-{package:02}/**/part-{}", rule % 6),
            _ => format!("module-{rule}*.rs"),
        };
        writeln!(file, "{pattern} @org/team-{team}").expect("writing to a string");
    }
    let (owners, bad) = CodeOwners::parse(file);
    assert!(bad.is_empty());
    owners
}

fn candidates(count: u64) -> Vec<Candidate> {
    let mut random = Random(2);
    let owners = codeowners();
    let candidate = |path: RepoPath| Candidate {
        weight: 1 + random.below(40) * random.below(20),
        owner: owners.owners(&path).map(Arc::from),
        path,
    };
    paths(count).into_iter().map(candidate).collect()
}

#[divan::bench(args = SIZES)]
fn partition_files(bencher: Bencher<'_, '_>, count: u64) {
    let candidates = candidates(count);
    bencher.bench_local(|| partition(black_box(&candidates), &[], Bounds::default()));
}

#[divan::bench(args = SIZES)]
fn sort_and_chunk(bencher: Bencher<'_, '_>, count: u64) {
    let candidates = candidates(count);
    bencher.bench_local(|| {
        let mut order: Vec<usize> = (0..candidates.len()).collect();
        order.sort_by(|&a, &b| candidates[a].path.cmp(&candidates[b].path));
        let size = order.len().div_ceil(30);
        order
            .chunks(size)
            .map(<[usize]>::to_vec)
            .collect::<Vec<_>>()
    });
}

#[divan::bench(args = SIZES)]
fn owners_by_300_rules(bencher: Bencher<'_, '_>, count: u64) {
    let paths = paths(count);
    let owners = codeowners();
    bencher.bench_local(|| {
        paths
            .iter()
            .filter(|path| owners.owners(path).is_some())
            .count()
    });
}

#[divan::bench]
fn read_300_rules() -> CodeOwners {
    codeowners()
}
