//! A place to run commands in, and a way to find what they leave behind.

use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use batch::adapters::process::{Invocation, Processes};
use batch::engine::ports::{CommandEnd, Stop, Watch};
use tempfile::TempDir;

/// The variable by which a bench's processes are found, wherever they have moved.
pub(crate) const MARK: &str = "BATCH_TEST_MARK";
/// How a process that plays the parent is told the bench's folder and mark.
const PARENT_OF: &str = "BATCH_TEST_PARENT_OF";

/// A folder with a log, and a mark that everything started from it carries.
pub(crate) struct Bench {
    pub(crate) dir: PathBuf,
    pub(crate) mark: String,
    pub(crate) processes: Processes,
    pub(crate) watch: Watch,
    /// None in a process that only plays the parent.
    _owned: Option<TempDir>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let owned = tempfile::tempdir().unwrap();
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let mark = format!("{}-{count}", std::process::id());
        Self::at(owned.path().to_owned(), mark, Some(owned))
    }

    /// The bench of the test that started this process; none when it was not started so.
    pub(crate) fn as_parent() -> Option<Self> {
        let told = std::env::var(PARENT_OF).ok()?;
        let (mark, dir) = told.split_once(':').unwrap();
        Some(Self::at(dir.into(), mark.to_owned(), None))
    }

    fn at(dir: PathBuf, mark: String, owned: Option<TempDir>) -> Self {
        Self {
            watch: Watch {
                log: dir.join("logs/step.log"),
                timeout: Duration::from_secs(60),
                stop: Stop::default(),
            },
            dir,
            mark,
            processes: Processes::new(env!("CARGO_BIN_EXE_batch")),
            _owned: owned,
        }
    }

    /// Starts this test program anew, to run only the test `name`, which is ignored otherwise.
    pub(crate) fn start_parent(&self, name: &str, env: &[(&str, &str)]) -> Child {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--ignored", "--quiet"])
            .env(PARENT_OF, format!("{}:{}", self.mark, self.dir.display()))
            .envs(env.iter().copied())
            .spawn()
            .unwrap()
    }

    pub(crate) fn invocation(&self, program: &str) -> Invocation {
        Invocation::new(program, &self.dir).env(MARK, &self.mark)
    }

    pub(crate) fn shell(&self, text: &str) -> Invocation {
        self.invocation("sh").args(["-c", text])
    }

    pub(crate) async fn logged(&self, text: &str) -> CommandEnd {
        let invocation = self.shell(text);
        self.processes
            .logged(&invocation, &self.watch)
            .await
            .unwrap()
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.watch.log).unwrap_or_default()
    }

    /// The command lines of the bench's processes that are alive.
    pub(crate) fn alive(&self) -> Vec<String> {
        let entry = format!("{MARK}={}", self.mark);
        std::fs::read_dir("/proc")
            .unwrap()
            .filter_map(|process| {
                let process = process.unwrap().path();
                let environ = std::fs::read(process.join("environ")).ok()?;
                environ
                    .split(|&byte| byte == 0)
                    .any(|variable| variable == entry.as_bytes())
                    .then(|| std::fs::read(process.join("cmdline")).unwrap_or_default())
            })
            .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
            .collect()
    }

    /// Waits until a `sleep N` runs for each of these.
    pub(crate) async fn until_asleep(&self, sleeps: &[&str]) {
        self.until("all are asleep", |alive| {
            sleeps
                .iter()
                .all(|sleep| alive.iter().any(|line| line.trim_end() == *sleep))
        })
        .await;
    }

    /// Waits until nothing that was started is alive.
    pub(crate) async fn until_gone(&self) {
        self.until("all are gone", <[String]>::is_empty).await;
    }

    async fn until(&self, what: &str, reached: impl Fn(&[String]) -> bool) {
        let limit = Instant::now() + Duration::from_secs(15);
        loop {
            let alive = self.alive();
            if reached(&alive) {
                return;
            }
            assert!(Instant::now() < limit, "not reached: {what}; {alive:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
