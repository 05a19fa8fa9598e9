//! A run that stands still where a test wants to look at it.

use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::sandbox::{Ran, Sandbox, ran};

/// How long something may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// One unit fails; the others print a line, leave their name, and wait until `$HOME/go` is there.
const TEST: &str = r#"
case ${BATCH_UNIT-base} in
base) echo the base is fit; exit 0 ;;
src-part1) echo the linker is missing; exit 3 ;;
esac
printf 'testing \033[31m%s\033[0m\n' "$BATCH_UNIT"
: > "$HOME/test-$BATCH_UNIT"
while [ ! -e "$HOME/go" ]; do sleep 0.05; done
echo the test has passed
"#;

/// A run of five units, two at a time. It is let go when it is dropped.
pub struct Running {
    pub sandbox: Sandbox,
    child: Option<Child>,
}

impl Running {
    /// Starts it, and waits until `src-part0` and `src-part2` are tested, `src-part1` has failed, and two units wait.
    pub fn start() -> Self {
        let sandbox = Sandbox::frobs(5);
        sandbox.write("../home/test.sh", TEST);
        let child = sandbox
            .batch_command()
            .args(CHANGE)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let running = Self {
            sandbox,
            child: Some(child),
        };
        until("two units are tested", || {
            ["test-src-part0", "test-src-part2"]
                .iter()
                .all(|mark| running.home(mark).exists())
        });
        until("the journal knows", || {
            let status = running.status();
            status["counts"]["testing"] == 2 && status["counts"]["failed"] == 1
        });
        running
    }

    fn home(&self, name: &str) -> std::path::PathBuf {
        self.sandbox.path("home").join(name)
    }

    /// What programs are told of it.
    #[track_caller]
    pub fn status(&self) -> Value {
        let ran = self.sandbox.batch(["status", "--format=json"]).exits(0);
        serde_json::from_str(&ran.stdout).unwrap()
    }

    /// Lets the tests pass.
    pub fn go(&self) {
        std::fs::write(self.home("go"), "").unwrap();
    }

    /// Waits for its end, which is to be this exit code.
    #[track_caller]
    pub fn ends(mut self, code: i32) -> Sandbox {
        self.go();
        let child = self.child.take().unwrap();
        ran(&child.wait_with_output().unwrap()).exits(code);
        std::mem::replace(&mut self.sandbox, Sandbox::empty())
    }

    /// Ends it as the loss of power does.
    pub fn dies(&mut self) {
        let child = self.child.as_mut().unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::KILL).unwrap();
        child.wait().unwrap();
        self.child = None;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.go();
        if let Some(mut child) = self.child.take() {
            let _ = child.wait();
        }
    }
}

/// A change of five units, two of them at the same time.
const CHANGE: &[&str] = &[
    "rename frob to frobnicate",
    "--rewrite",
    r"s/\bfrob\b/frobnicate/g",
    "--paths=src/**",
    "--jobs=2",
    "--test-jobs=2",
    "--test=sh \"$HOME/test.sh\"",
    "--yes",
];

/// A repository with a run that has ended: one unit failed, four opened their pull requests.
pub fn ended() -> Sandbox {
    let sandbox = Sandbox::frobs(5);
    sandbox.write("../home/test.sh", TEST);
    sandbox.write("../home/go", "");
    sandbox.batch(CHANGE).exits(1);
    sandbox
}

#[track_caller]
pub fn until(what: &str, reached: impl Fn() -> bool) {
    let limit = Instant::now() + PATIENCE;
    while !reached() {
        assert!(Instant::now() < limit, "not reached: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A program's answer as the JSON that it is.
#[track_caller]
pub fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
}

/// Every file below a folder with its contents, and when it was written.
pub fn tree(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>, std::time::SystemTime)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = std::fs::symlink_metadata(&path).unwrap();
            let contents = if metadata.is_file() {
                std::fs::read(&path).unwrap()
            } else {
                Vec::new()
            };
            found.push((path.clone(), contents, metadata.modified().unwrap()));
            if metadata.is_dir() {
                open.push(path);
            }
        }
    }
    found.sort();
    found
}
