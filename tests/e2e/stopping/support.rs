//! Runs whose units wait for a word of the test, and the process that works on one.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::sandbox::{Ran, Sandbox, ran};

/// How long something may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// What each unit does: edits, says so, and waits until it may go on.
pub const WORK: &str = r#"
printf 'half\n' > src/$BATCH_UNIT/one.txt
: > "$HOME/at-$BATCH_UNIT"
until [ -e "$HOME/go" ] || [ -e "$HOME/go-$BATCH_UNIT" ]; do sleep 0.02; done
printf 'done\n' > src/$BATCH_UNIT/one.txt
"#;

/// A sandbox with the units `part0` and so on, each of which does what these lines of shell say.
pub fn sandbox(units: usize, work: &str) -> Sandbox {
    let sandbox = Sandbox::frobs(units);
    sandbox.write("../home/work.sh", work);
    sandbox
}

/// Writes the plan of such units, each with those that it waits for; `top` is further lines of it.
pub fn plan(sandbox: &Sandbox, top: &str, after: &[&[&str]]) -> PathBuf {
    let commit = sandbox.git(["rev-parse", "HEAD"]);
    let mut text = format!(
        "version = 1\n{top}\n[change]\ndescription = \"do it\"\n\
         command = 'sh \"$HOME/work.sh\"'\n[base]\nref = \"main\"\ncommit = \"{commit}\"\n"
    );
    for (number, after) in after.iter().enumerate() {
        text.push_str(&format!(
            "[[units]]\nid = \"part{number}\"\ntitle = \"Part {number}\"\ntask = \"Do it.\"\n\
             paths = [\"src/part{number}/\"]\nafter = {after:?}\n"
        ));
    }
    let path = sandbox.path("plan.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// A process that works on a run.
pub struct Working<'a> {
    pub sandbox: &'a Sandbox,
    child: Child,
}

impl<'a> Working<'a> {
    /// Applies a plan of independent units without a test, and waits until these are at work.
    #[track_caller]
    pub fn on(sandbox: &'a Sandbox, units: usize, more: &[&str], at: &[&str]) -> Self {
        let plan = plan(sandbox, "no-test = true", &vec![&[][..]; units]);
        Self::applying(sandbox, &plan, more, at)
    }

    /// Applies a plan, and waits until these units are at work.
    #[track_caller]
    pub fn applying(sandbox: &'a Sandbox, plan: &Path, more: &[&str], at: &[&str]) -> Self {
        let plan = plan.to_str().unwrap();
        let args = ["apply", plan, "--yes"];
        let args: Vec<&str> = args.iter().chain(more).copied().collect();
        let working = Self::start(sandbox, &args);
        for unit in at {
            working.waits_for(&format!("at-{unit}"));
        }
        working
    }

    /// Starts the built program with these arguments, the sandbox's agents on PATH.
    pub fn start(sandbox: &'a Sandbox, args: &[&str]) -> Self {
        let child = sandbox
            .agent_command()
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { sandbox, child }
    }

    /// Waits until there is such a file in the home folder.
    #[track_caller]
    pub fn waits_for(&self, mark: &str) {
        let path = self.sandbox.path("home").join(mark);
        until(mark, || path.exists());
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    pub fn ended(self) -> Ran {
        ran(&self.child.wait_with_output().unwrap())
    }
}

/// Lets all units, or one, go on.
pub fn go(sandbox: &Sandbox, mark: &str) {
    std::fs::write(sandbox.path("home").join(mark), "").unwrap();
}

#[track_caller]
pub fn until(what: &str, reached: impl Fn() -> bool) {
    let limit = Instant::now() + PATIENCE;
    while !reached() {
        assert!(Instant::now() < limit, "not reached: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// The control folder of the last run.
pub fn control(sandbox: &Sandbox) -> PathBuf {
    sandbox.repo().join(".git/batch/latest/control")
}

/// The names of the requests that nobody has taken up.
pub fn requests(sandbox: &Sandbox) -> Vec<String> {
    let entries = std::fs::read_dir(control(sandbox)).into_iter().flatten();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("request-")).collect()
}

/// What the report says of why a unit ended as it did.
#[track_caller]
pub fn reason(sandbox: &Sandbox, unit: &str) -> String {
    let journal = sandbox.run_file("journal.jsonl");
    let mut ends = journal.lines().filter_map(|line| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let is_it = record["event"] == "unit-ended" && record["unit"] == unit;
        is_it.then(|| record["reason"].as_str().unwrap_or("").to_owned())
    });
    ends.next_back().unwrap()
}

/// The text that the kept edits of a unit's first attempt give its file.
#[track_caller]
pub fn kept(sandbox: &Sandbox, unit: &str) -> String {
    let kept = sandbox.refs(&format!("refs/batch/*/{unit}/attempt-1"));
    assert_eq!(kept.len(), 1, "{:?}", sandbox.refs("refs/batch"));
    sandbox.git(["show", &format!("{}:src/{unit}/one.txt", kept[0])])
}
