//! [`Access`]: how a GitHub is reached from here: the settings, the token and the folder for what its limits have used up.

use std::fmt;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use crate::adapters::forges::github::forge::GitHub;
use crate::adapters::forges::github::gateway::{Connection, Gateway};
use crate::adapters::forges::github::settings::{GitHubSettings, ca_file};
use crate::adapters::forges::github::token::{self, NoToken, Places, Token, TokenSource};
use crate::adapters::settings_file::{user_file, user_state_folder};
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;
use crate::cli::style::clean;
use crate::engine::ports::{Forge, ForgePause, Stop};
use crate::model::site::Site;

/// What `--forge local` means, for hints.
pub const LOCAL: &str = "--forge local pushes the branches and keeps the pull requests in this repository; `batch prs` shows and merges them";

/// How the GitHub of one server is reached.
pub struct Access {
    settings: GitHubSettings,
    token: Token,
    host: String,
    ca_file: Option<PathBuf>,
}

impl Access {
    /// The settings about GitHub: the user's own, and the environment's.
    ///
    /// # Errors
    /// [`Problem`] when they are wrong.
    pub fn settings(session: &Session) -> Result<GitHubSettings, Problem> {
        let root = &session.place.root;
        Ok(GitHubSettings::read(
            root,
            user_file().as_deref(),
            &variable,
        )?)
    }

    /// Finds the token for a server.
    ///
    /// # Errors
    /// [`Problem`] when there is none, or the settings are wrong.
    pub async fn find(session: &Session, host: &str) -> Result<Self, Problem> {
        let settings = Self::settings(session)?;
        let places = Places {
            variable: &variable,
            processes: &session.processes,
            folder: &session.place.root,
            stop: &Stop::default(),
        };
        let looking = async {
            let token = token::find(host, &places).await;
            let token = token.map_err(|error| no_token(&error))?;
            let of_git = session.place.ca_file(&format!("https://{host}/")).await?;
            Ok((token, of_git))
        };
        let (token, of_git) = session.interrupts.guard(looking).await?;
        if session.global.verbose {
            session.say(&format!("token for {host}: {}", token.source));
        }
        Ok(Self {
            settings,
            token,
            host: host.to_owned(),
            ca_file: ca_file(&variable, of_git),
        })
    }

    /// Where the token was found.
    #[must_use]
    pub fn source(&self) -> &TokenSource {
        &self.token.source
    }

    /// A repository there as a forge; it heeds the stop.
    ///
    /// # Errors
    /// [`Problem`] when the interface's address is none, or a certificate authority cannot be read.
    pub fn github(
        self,
        session: &Session,
        site: Site,
        head_owner: Option<String>,
        stop: &Stop,
    ) -> Result<GitHub, Problem> {
        let gateway = Gateway::new(Connection {
            api_url: self.settings.api_url(&self.host),
            token: self.token,
            settings: self.settings,
            state_folder: user_state_folder(),
            ca_file: self.ca_file,
            stop: stop.clone(),
            clock: session.clock.clone(),
        });
        let gateway = gateway.map_err(|error| Problem::new(Exit::NotReady, error.to_string()))?;
        Ok(GitHub::new(Arc::new(gateway), site, head_owner))
    }
}

/// The token stays unseen.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

/// Says on standard error that nothing is asked for a while, and why, for as long as the forge is in use. For commands that
/// show no progress: nobody should have to guess why nothing happens.
pub fn tell_pauses(session: &Session, forge: &dyn Forge) {
    let Some(mut pauses) = forge.pauses().filter(|_| !session.global.quiet) else {
        return;
    };
    tokio::spawn(async move {
        while pauses.changed().await.is_ok() {
            let pause = pauses.borrow_and_update().clone();
            let Some(ForgePause { reason, until }) = pause else {
                continue;
            };
            let until = until.strftime("%H:%M:%S UTC");
            // A closed standard error takes nothing away from what is done.
            let _ = writeln!(
                std::io::stderr(),
                "waiting until {until}: {} (Ctrl-C stops)",
                clean(&reason)
            );
        }
    });
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn no_token(error: &NoToken) -> Problem {
    let problem = match error {
        NoToken::Stopped => return Problem::interrupted(),
        NoToken::Nowhere { .. } | NoToken::Unfit(_) => {
            Problem::new(Exit::NotReady, error.to_string())
        }
    };
    match error.hint() {
        Some(hint) => problem.hint(format!("{hint}\n{LOCAL}")),
        None => problem,
    }
}
