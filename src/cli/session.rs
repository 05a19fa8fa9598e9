//! [`Session`]: the repository that a command works in, and what every command needs of it.

use std::future::Future;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard, mpsc};

use crate::adapters::clock::SystemClock;
use crate::adapters::git::RemoteChoice;
use crate::adapters::git::git::Git;
use crate::adapters::git::ground::Place;
use crate::adapters::process::Processes;
use crate::adapters::signals::Signals;
use crate::adapters::store::Store;
use crate::cli::args::GlobalArgs;
use crate::cli::exit::{Exit, Problem};
use crate::cli::style::Look;

/// What every command needs.
pub struct Session {
    /// What the user asked of all commands.
    pub global: GlobalArgs,
    /// The repository.
    pub place: Place,
    /// What starts processes.
    pub processes: Processes,
    /// The folder for runs and plans.
    pub store: Arc<Store>,
    /// The time.
    pub clock: Arc<SystemClock>,
    /// The user's wish to stop.
    pub interrupts: Interrupts,
}

/// Ctrl-C and its like, one message each.
pub struct Interrupts(Mutex<mpsc::UnboundedReceiver<()>>);

impl Interrupts {
    /// Begins to listen.
    ///
    /// # Errors
    /// [`Problem`] when the system refuses a handler.
    pub fn listen() -> Result<Self, Problem> {
        let mut signals = Signals::listen().map_err(|error| {
            Problem::new(
                Exit::NotReady,
                format!("cannot listen for signals: {error}"),
            )
        })?;
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            loop {
                signals.next().await;
                if sender.send(()).is_err() {
                    return;
                }
            }
        });
        Ok(Self(Mutex::new(receiver)))
    }

    /// Takes them for as long as the answer lives.
    pub async fn lock(&self) -> MutexGuard<'_, mpsc::UnboundedReceiver<()>> {
        self.0.lock().await
    }

    /// Forgets those that came so far: a Ctrl-C in the editor was meant for the editor.
    pub fn forget(&self) {
        if let Ok(mut receiver) = self.0.try_lock() {
            while receiver.try_recv().is_ok() {}
        }
    }

    /// Does something that leaves nothing half-done when it is dropped; an interrupt drops it.
    ///
    /// # Errors
    /// The work's own [`Problem`], or that of an interrupt.
    pub async fn guard<T>(
        &self,
        work: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        let mut receiver = self.0.lock().await;
        tokio::select! {
            done = work => done,
            Some(()) = receiver.recv() => Err(Problem::new(Exit::Interrupted, "interrupted; nothing was changed")),
        }
    }
}

impl Session {
    /// Opens the repository that the user stands in, or named by `-C`.
    ///
    /// # Errors
    /// [`Problem`] when there is none that can be worked in.
    pub async fn open(global: GlobalArgs) -> Result<Self, Problem> {
        let start = match &global.directory {
            // As with git's own -C, all other paths are named from there. What is no folder is refused further down.
            Some(directory) if std::env::set_current_dir(directory).is_err() => directory.clone(),
            Some(_) | None => std::env::current_dir().map_err(|error| {
                Problem::new(
                    Exit::NotReady,
                    format!("the folder that batch was started in is gone: {error}"),
                )
            })?,
        };
        let processes = Processes::new(own_program()?);
        let git = Git::new(processes.clone(), &start);
        let interrupts = Interrupts::listen()?;
        let place = interrupts
            .guard(async { Ok(Place::find(&git, &start).await?) })
            .await?;
        let store = Arc::new(Store::new(&place.common_dir));
        Ok(Self {
            global,
            place,
            processes,
            store,
            clock: Arc::new(SystemClock),
            interrupts,
        })
    }

    /// The remote that branches go to.
    ///
    /// # Errors
    /// [`Problem`] when the named one does not exist, or several are there and none is `origin`.
    pub async fn remote(&self, named: Option<&str>) -> Result<RemoteChoice, Problem> {
        self.interrupts
            .guard(async { Ok(self.place.choose_remote(named).await?) })
            .await
    }
}

/// This program's own file, for the guard of child processes.
///
/// # Errors
/// [`Problem`] when the system does not tell.
pub fn own_program() -> Result<PathBuf, Problem> {
    // Stays right when the file is replaced by a newer build while this one runs.
    let own = std::path::Path::new("/proc/self/exe");
    if cfg!(target_os = "linux") && own.exists() {
        return Ok(own.to_owned());
    }
    std::env::current_exe().map_err(|error| {
        Problem::new(
            Exit::NotReady,
            format!("cannot find batch's own program: {error}"),
        )
    })
}

impl Session {
    /// What standard error may be asked for.
    #[must_use]
    pub fn look(&self) -> Look {
        Look::of_stderr(false)
    }

    /// Says something to the person on standard error.
    pub fn say(&self, text: &str) {
        if !self.global.quiet {
            // A closed standard error takes nothing away from what was done.
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    /// Gives the answer on standard output.
    pub fn answer(&self, text: &str) {
        self.answer_bytes(text.as_bytes());
    }

    /// Gives an answer that need not be UTF-8, such as a diff.
    pub fn answer_bytes(&self, bytes: &[u8]) {
        // Whoever closed the pipe has seen enough.
        let _ = std::io::stdout().write_all(bytes);
    }
}
