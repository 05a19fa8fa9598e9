//! [`Onlooker`]: what a command needs that only reads what runs left: the store, the time, and who is at work.
//!
//! It starts no process and no runtime, asks no server and writes nothing, so that it can stand in a shell prompt and in
//! completions. Commands that do more open a `Session`.

use std::io::Write as _;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::adapters::clock::SystemClock;
use crate::adapters::git::common_dir::{checkout, common_dir};
use crate::adapters::journal::{self, Follower};
use crate::adapters::run_folder::RunFolder;
use crate::adapters::run_lock::Holder;
use crate::adapters::store::Store;
use crate::cli::args::GlobalArgs;
use crate::cli::exit::Problem;
use crate::cli::own_texts::own_texts;
use crate::cli::standpoint::standpoint;
use crate::engine::ports::Clock as _;
use crate::engine::text::Texts;
use crate::model::event::Record;
use crate::model::history::History;
use crate::model::life::Life;

/// What a command needs that only reads.
pub struct Onlooker {
    /// What the user asked of all commands.
    pub global: GlobalArgs,
    /// The folder of runs and plans.
    pub store: Store,
    /// Where the user stands.
    start: PathBuf,
}

/// A run that is looked at.
pub struct Seen {
    /// Its folder.
    pub folder: RunFolder,
    /// Its journal, as far as it has been read.
    pub journal: Follower,
    /// Whether it goes on.
    pub life: Life,
    /// The process that works on it.
    pub pid: Option<u32>,
}

impl Onlooker {
    /// Finds the repository that the user stands in, or named by `-C`.
    ///
    /// # Errors
    /// [`Problem`] when there is none.
    pub fn open(global: GlobalArgs) -> Result<Self, Problem> {
        let start = standpoint(global.directory.as_deref())?;
        let store = Store::new(&common_dir(&start)?);
        Ok(Self {
            global,
            store,
            start,
        })
    }

    /// The run that is named, else the one that goes on, else the last.
    ///
    /// # Errors
    /// [`Problem`] when there is none, or several could be meant.
    pub fn find(&self, named: Option<&str>) -> Result<RunFolder, Problem> {
        let going = match named {
            Some(_) => None,
            None => self.store.in_progress()?.and_then(|holder| holder.run),
        };
        // One that has the lock and no folder yet is about to make it.
        match going.map(|run| self.store.run(&run)) {
            Some(folder) if folder.journal().exists() => Ok(folder),
            Some(_) | None => Ok(self.store.find(named)?),
        }
    }

    /// Looks at a run.
    ///
    /// # Errors
    /// [`Problem`] when its journal cannot be read.
    pub fn look_at(&self, folder: RunFolder) -> Result<Seen, Problem> {
        // Asked first: a run that ends in between is then still seen to its end by its journal.
        let holder = self.store.in_progress()?;
        let journal = Follower::open(&folder.journal())?;
        let mut seen = Seen {
            folder,
            journal,
            life: Life::CutOff,
            pid: None,
        };
        seen.judge(holder.as_ref());
        Ok(seen)
    }

    /// Looks again at a run, and hands on each record that came since: whether there is anything new.
    ///
    /// # Errors
    /// As [`Onlooker::look_at`].
    pub fn look_again(
        &self,
        seen: &mut Seen,
        each: impl FnMut(&Record, &History),
    ) -> Result<bool, Problem> {
        let holder = self.store.in_progress()?;
        let before = (seen.life, seen.pid);
        let is_news = seen.journal.catch_up(each)?;
        seen.judge(holder.as_ref());
        Ok(is_news || before != (seen.life, seen.pid))
    }

    /// A run's history, without anything else of it.
    ///
    /// # Errors
    /// [`Problem`] when its journal cannot be read.
    pub fn history(&self, folder: &RunFolder) -> Result<History, Problem> {
        Ok(journal::history(&folder.journal())?)
    }

    /// The words of reports, with the templates of the user's own.
    ///
    /// # Errors
    /// [`Problem`] when a template is broken.
    pub fn texts(&self) -> Result<Texts, Problem> {
        match checkout(&self.start) {
            Some(root) => own_texts(&root, |words| self.say(words)),
            None => Ok(Texts::new()?),
        }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    /// Says something to the person on standard error.
    pub fn say(&self, text: &str) {
        if !self.global.quiet {
            // A closed standard error takes nothing away from the answer.
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    /// Gives the answer on standard output; whether anybody still reads it.
    pub fn answer(&self, text: impl AsRef<[u8]>) -> bool {
        let mut out = std::io::stdout();
        out.write_all(text.as_ref())
            .and_then(|()| out.flush())
            .is_ok()
    }
}

impl Seen {
    /// What its journal adds up to.
    #[must_use]
    pub fn history(&self) -> &History {
        self.journal.history()
    }

    fn judge(&mut self, holder: Option<&Holder>) {
        let working = holder.and_then(|holder| holder.run.as_ref());
        self.life = Life::of(self.history(), working);
        self.pid = match self.life {
            Life::Going => holder.and_then(|holder| holder.pid),
            Life::CutOff | Life::Ended => None,
        };
    }
}
