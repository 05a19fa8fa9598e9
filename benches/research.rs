//! How long research takes to find what a rewrite changes in a repository of 20,000 files, beside `git grep -c` of the
//! same pattern in the same commit; prints the ratio.
//!
//! Both read the base commit: once with nothing checked out, so that research unpacks blobs as git does, and once with
//! a clean checkout, which research reads instead.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use batch::adapters::git::git::Git;
use batch::adapters::git::ground::Place;
use batch::adapters::git::objects::GitObjects;
use batch::adapters::process::Processes;
use batch::engine::research::{Request, research};
use batch::model::change::{Change, Source};
use batch::model::id::ObjectId;
use batch::model::partition::Bounds;
use batch::model::plan::{Base, TestPolicy};

const FILES: usize = 20_000;
/// One file of so many names what is looked for.
const HIT_EVERY: usize = 40;
/// Taken in turn, so that whatever else the machine does falls on both.
const ROUNDS: usize = 7;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let commit = repository(folder.path());
    #[expect(clippy::print_stdout, reason = "a benchmark's answer")]
    for checked_out in [false, true] {
        if checked_out {
            git(folder.path(), &["reset", "-q", "--hard"]);
        }
        let place = place(folder.path());
        let mut times = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            times.0.push(timed(|| grep(folder.path(), &commit)));
            times.1.push(timed(|| plan(&place, &commit)));
        }
        let (grep, research) = (median(times.0), median(times.1));
        println!(
            "{FILES} files, {}: git grep {} ms, research {} ms, ratio {:.2}",
            if checked_out {
                "checked out"
            } else {
                "objects only"
            },
            grep.as_millis(),
            research.as_millis(),
            research.as_secs_f64() / grep.as_secs_f64(),
        );
    }
}

/// Modules of some 100 lines each, ten in a folder; packed, and nothing checked out.
fn repository(root: &Path) -> String {
    git(root, &["init", "-q", "-b", "main"]);
    for file in 0..FILES {
        let folder = root.join(format!("src/part{}/m{}", file / 200, file / 10 % 20));
        fs::create_dir_all(&folder).expect("a folder");
        let mut text = String::new();
        for line in 0..100 {
            let word = if file % HIT_EVERY == 0 && line == 50 {
                "frob"
            } else {
                "frobber"
            };
            text.push_str(&format!(
                "    let value_{line} = {word}({file}, {line}) + 1;\n"
            ));
        }
        fs::write(folder.join(format!("f{file}.rs")), text).expect("a file");
    }
    git(root, &["add", "-A"]);
    let author = ["-c", "user.name=bench", "-c", "user.email=bench@invalid"];
    let commit = ["commit", "-q", "-m", "files"];
    git(root, &[&author[..], &commit[..]].concat());
    git(root, &["repack", "-q", "-a", "-d"]);
    fs::remove_dir_all(root.join("src")).expect("the folder is there");
    fs::remove_file(root.join(".git/index")).expect("the index is there");
    git(root, &["rev-parse", "HEAD"])
}

fn git(root: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(root)
        .args(args)
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {args:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn place(root: &Path) -> Place {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let processes = Processes::new(env!("CARGO_BIN_EXE_batch"));
    let git = Git::new(processes, root);
    runtime
        .block_on(Place::find(&git, root))
        .expect("a repository")
}

/// How many files have a match.
fn grep(root: &Path, commit: &str) -> usize {
    let counts = git(root, &["grep", "-c", "-w", "frob", commit]);
    counts.lines().count()
}

/// How many files a plan to rename it has.
fn plan(place: &Place, commit: &str) -> usize {
    let change = Change {
        description: "rename frob to frobnicate".to_owned(),
        source: Source::Rewrite(vec![r"s/\bfrob\b/frobnicate/g".to_owned()]),
        paths: Vec::new(),
        matching: None,
        agent: None,
    };
    let base = Base {
        branch: "main".to_owned(),
        commit: ObjectId::new(commit),
    };
    let request = Request {
        change: &change,
        base: &base,
        bounds: Bounds::default(),
        existing: None,
        setup: None,
        test: TestPolicy::None,
    };
    // Opened anew, as each command does: what is learnt of the checkout is part of the cost.
    let plan = research(&GitObjects::open(place), request).expect("a plan");
    let files = |unit: &batch::model::plan::Unit| unit.scope.entries().len();
    plan.units.iter().map(files).sum()
}

fn timed(work: impl Fn() -> usize) -> Duration {
    let began = Instant::now();
    assert_eq!(work(), FILES / HIT_EVERY);
    began.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
