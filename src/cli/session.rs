//! [`Session`]: the repository that a command works in, and what every command needs of it.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::adapters::clock::SystemClock;
use crate::adapters::git::RemoteChoice;
use crate::adapters::git::git::Git;
use crate::adapters::git::ground::Place;
use crate::adapters::process::Processes;
use crate::adapters::random;
use crate::adapters::store::Store;
use crate::cli::args::GlobalArgs;
use crate::cli::exit::{Exit, Problem};
use crate::cli::interrupts::Interrupts;
use crate::cli::own_texts::own_texts;
use crate::cli::standpoint::standpoint;
use crate::cli::style::{Look, clean_joined};
use crate::engine::ports::Clock as _;
use crate::engine::text::Texts;
use crate::model::history::History;
use crate::model::id::RunId;

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
    texts: OnceLock<Texts>,
}

impl Session {
    /// Opens the repository that the user stands in, or named by `-C`.
    ///
    /// # Errors
    /// [`Problem`] when there is none that can be worked in.
    pub async fn open(global: GlobalArgs) -> Result<Self, Problem> {
        let start = standpoint(global.directory.as_deref())?;
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
            texts: OnceLock::new(),
        })
    }

    /// The words of commit messages, pull requests and reports, with the templates of the user's own, which are tried when
    /// this is asked first: a command that works does so before it begins.
    ///
    /// # Errors
    /// [`Problem`] when a template is broken.
    pub fn texts(&self) -> Result<Texts, Problem> {
        if let Some(texts) = self.texts.get() {
            return Ok(texts.clone());
        }
        let texts = own_texts(&self.place.root, |words| self.say(words))?;
        Ok(self.texts.get_or_init(|| texts).clone())
    }

    /// Says what went wrong with the user's templates, where no run is left that could tell of it.
    pub fn warn_of_texts(&self) {
        let complaints = self.texts.get().map(Texts::complaints);
        for complaint in complaints.unwrap_or_default() {
            self.say(&format!("warning: {}", clean_joined(&complaint)));
        }
    }

    /// The same session with the embedded templates alone.
    ///
    /// # Errors
    /// [`Problem`] when they do not parse; they do.
    pub fn with_embedded_texts(mut self) -> Result<Self, Problem> {
        self.texts = OnceLock::from(Texts::new()?);
        Ok(self)
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

    /// The remote that the branches of a run went to.
    ///
    /// # Errors
    /// As [`Session::remote`].
    pub async fn remote_of(&self, history: &History) -> Result<RemoteChoice, Problem> {
        match &history.remote {
            Some(name) => self.remote(Some(name)).await,
            None => Ok(RemoteChoice::Here),
        }
    }

    /// A new run's id.
    #[must_use]
    pub fn new_run_id(&self) -> RunId {
        let salt = u16::try_from(random::bits() & 0xffff).expect("sixteen bits fit");
        RunId::new(self.clock.now(), salt)
    }

    /// What standard error may be asked for.
    #[must_use]
    pub fn look(&self) -> Look {
        Look::of_stderr()
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
