//! How long `batch status` and `batch list` take in a repository with 1,000 finished runs of 30 units, beside `git status`
//! there, which many a shell prompt calls; and beside adding up every journal, which `list` does without.
//!
//! Each is a whole process, started anew; the commands take turns, so that whatever else the machine does falls on all.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use batch::adapters::journal;
use batch::adapters::store::Store;
use batch::model::event::{Event, JOURNAL_VERSION, Record, UnitHeader};
use batch::model::history::History;
use batch::model::id::{ObjectId, RunId, Slot, UnitId};
use batch::model::outcome::{Outcome, PullLink, Step};
use batch::model::plan::Base;
use batch::model::report::Summary;
use batch::model::spend::Spend;
use batch::model::wishes::Wishes;
use jiff::{SignedDuration, Timestamp};

const RUNS: u16 = 1_000;
const UNITS: u64 = 30;
const ROUNDS: usize = 15;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    git(root, &["init", "-q", "-b", "main"]);
    for file in 0..1_000 {
        let folder = root.join(format!("src/part{}", file / 20));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(format!("f{file}.txt")), "call frob()\n").expect("a file");
    }
    git(root, &["add", "-A"]);
    let author = ["-c", "user.name=bench", "-c", "user.email=bench@invalid"];
    git(
        root,
        &[&author[..], &["commit", "-q", "-m", "files"]].concat(),
    );
    let store = Store::new(&root.join(".git"));
    let lines = runs(&store);

    let batch = env!("CARGO_BIN_EXE_batch");
    let commands: [(&str, &str, &[&str]); 5] = [
        ("git status", "git", &["status", "--porcelain"]),
        ("batch status --short", batch, &["status", "--short"]),
        ("batch status", batch, &["status"]),
        ("batch list", batch, &["list"]),
        ("batch list --all", batch, &["list", "--all"]),
    ];
    let mut times = commands.map(|_| Vec::new());
    let mut added_up = Vec::new();
    for _ in 0..ROUNDS {
        for ((_, program, args), times) in commands.iter().zip(&mut times) {
            times.push(timed(|| process(root, program, args)));
        }
        added_up.push(timed(|| add_up(&store)));
    }
    let times = times.map(median);
    let added_up = median(added_up);
    #[expect(clippy::print_stdout, reason = "a benchmark's answer")]
    {
        println!("{RUNS} runs of {UNITS} units, {lines} lines of journal each");
        for ((name, ..), time) in commands.iter().zip(times) {
            println!(
                "{name}: {:.1} ms, {:.2} of git status, {:.3} of adding up every journal",
                time.as_secs_f64() * 1e3,
                ratio(time, times[0]),
                ratio(time, added_up),
            );
        }
        println!("adding up every journal: {} ms", added_up.as_millis());
    }
}

/// Makes the runs; how many lines each journal has.
fn runs(store: &Store) -> usize {
    let mut lines = 0;
    for salt in 0..RUNS {
        let began = Timestamp::from_second(1_700_000_000 + i64::from(salt) * 3_600);
        let records = records(began.expect("a time of our age"), salt);
        lines = records.len();
        let Event::RunStarted { run, .. } = &records[0].event else {
            unreachable!("it is the first");
        };
        let folder = store.run(run);
        fs::create_dir_all(folder.path()).expect("a folder");
        let text: Vec<String> = records
            .iter()
            .map(|record| serde_json::to_string(record).expect("a record has a JSON form") + "\n")
            .collect();
        fs::write(folder.journal(), text.concat()).expect("a journal");
    }
    lines
}

/// A run in which every unit opened its pull request.
fn records(began: Timestamp, salt: u16) -> Vec<Record> {
    let commit = || ObjectId::new("0123456789abcdef0123456789abcdef01234567");
    let ids: Vec<UnitId> = (0..UNITS)
        .map(|n| UnitId::parse(&format!("src-part-{n}")).expect("an id"))
        .collect();
    let branch = |id: &UnitId| format!("batch/rename-frob-to-frobnicate-{salt:04x}/{id}");
    let headers = ids.iter().map(|id| UnitHeader {
        id: id.clone(),
        title: format!("the part in {id}"),
        branch: branch(id),
        lines: Some(120),
        asks: false,
        after: Vec::new(),
    });
    let mut events = vec![Event::RunStarted {
        version: JOURNAL_VERSION,
        run: RunId::new(began, salt),
        change: "rename frob to frobnicate in all of the sources".to_owned(),
        base: Base {
            branch: "main".to_owned(),
            commit: commit(),
        },
        remote: Some("origin".to_owned()),
        forge: "local".to_owned(),
        site: None,
        fork: None,
        pulls: Wishes::default(),
        research: Spend::default(),
        canary: Vec::new(),
        units: headers.collect(),
    }];
    for (number, id) in (1..).zip(&ids) {
        let (unit, attempt) = (id.clone(), 1);
        events.push(Event::UnitStarted {
            unit: unit.clone(),
            attempt,
            slot: Slot(0),
            base: commit(),
        });
        for step in Step::ALL {
            events.push(Event::StepStarted {
                unit: unit.clone(),
                attempt,
                step,
                log: Some(format!("/repo/.git/batch/runs/r/logs/{id}/1-{step}.log")),
            });
        }
        events.push(Event::TreeFixed {
            unit: unit.clone(),
            attempt,
            tree: commit(),
            files: (0..8)
                .map(|file| format!("src/{id}/file{file}.txt").as_str().into())
                .collect(),
        });
        events.push(Event::Committed {
            unit: unit.clone(),
            attempt,
            commit: commit(),
            tree: commit(),
        });
        events.push(Event::Pushed {
            unit: unit.clone(),
            attempt,
            branch: branch(id),
            commit: commit(),
            adopted: false,
        });
        let pr = PullLink { number, url: None };
        events.push(Event::UnitEnded {
            unit,
            attempt,
            outcome: Outcome::Opened { pr },
        });
    }
    let second = |at: usize| SignedDuration::from_secs(i64::try_from(at).expect("few"));
    let mut records: Vec<Record> = (0..)
        .zip(events)
        .map(|(at, event)| Record {
            at: began + second(at),
            event,
        })
        .collect();
    let history = History::fold(&records).expect("they fit together");
    records.push(Record {
        at: began + second(records.len()),
        event: Event::RunEnded {
            exit_code: 0,
            report: "/repo/.git/batch/runs/r/report.md".to_owned(),
            summary: Some(Summary::of(&history)),
        },
    });
    records
}

fn add_up(store: &Store) {
    for run in store.runs().expect("the folder of runs") {
        journal::history(&store.run(&run).journal()).expect("a journal");
    }
}

fn process(root: &Path, program: &str, args: &[&str]) {
    let status = Command::new(program)
        .args(args)
        .current_dir(root)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("it runs");
    assert!(status.success(), "{program} {args:?}");
}

fn git(root: &Path, args: &[&str]) {
    process(root, "git", args);
}

fn timed(work: impl Fn()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn ratio(time: Duration, other: Duration) -> f64 {
    time.as_secs_f64() / other.as_secs_f64()
}
