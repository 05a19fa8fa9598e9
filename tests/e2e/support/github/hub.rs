//! [`Hub`]: a GitHub of the tests' own on loopback, with real git behind it: it forgets nothing that it is told, and does
//! to requests what a test asks for.
//!
//! Its user is `mona` with a classic token; `octo` is an organisation in whose repositories she may write.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;

use tempfile::TempDir;
use tokio::sync::watch;

use super::clock::QuickClock;
use super::faults::{At, Fault, Faults};
use super::limits::Limits;
use super::log::{Entry, Log};
use super::repository::Repository;
use super::server::{self, Shared};
use super::state::State;
use super::tokens::{Token, TokenKind};
use super::views::PullView;
use super::wire::Wire;

/// The token of `mona`.
pub const TOKEN: &str = "ghp_monaMonaMonaMonaMonaMonaMonaMona1234";

/// A running hub. When it is dropped it ends, and insists that all shapes were GitHub's.
pub struct Hub {
    shared: Arc<Shared>,
    server: Option<JoinHandle<()>>,
    host: String,
    _folder: TempDir,
}

/// A fault that was set.
pub struct Set<'a> {
    hub: &'a Hub,
    number: usize,
}

impl Hub {
    /// Starts one on a free port, without a repository.
    pub fn start() -> Self {
        Self::quick(1)
    }

    /// The same, by a clock that runs so many times as fast as the world's: pauses are as much shorter.
    pub fn quick(speed: u32) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("batch-hub-")
            .tempdir()
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let state = State {
            host: host.clone(),
            folder: folder.path().to_owned(),
            clock: QuickClock::new(speed),
            users: ["mona", "ada", "bob"].map(str::to_owned).into(),
            organisations: BTreeSet::from(["octo".to_owned()]),
            tokens: BTreeMap::new(),
            repos: BTreeMap::new(),
            names: BTreeMap::new(),
            limits: Limits::default(),
            faults: Faults::default(),
            log: Log::default(),
            unknown_asks: 0,
            fork_takes: 1,
            last_id: 1000,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            closing: watch::Sender::new(false),
        });
        let serving = Arc::clone(&shared);
        let server = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async {
                let wire = Wire {
                    listener: tokio::net::TcpListener::from_std(listener).unwrap(),
                    accepted: AtomicU64::new(0),
                };
                server::serve(serving, wire).await;
            });
        });
        let hub = Self {
            shared,
            server: Some(server),
            host,
            _folder: folder,
        };
        hub.classic_token(TOKEN, "mona", &["repo", "workflow"]);
        hub
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.shared.lock()
    }

    /// `127.0.0.1:PORT`, as it stands in addresses of remotes.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The root of its REST interface.
    pub fn api_url(&self) -> String {
        format!("http://{}/api/v3", self.host)
    }

    /// Its clock.
    pub fn clock(&self) -> QuickClock {
        self.state().clock
    }

    /// The address for git of a repository.
    pub fn clone_url(&self, slug: &str) -> String {
        format!("http://{}/{slug}.git", self.host)
    }

    /// A repository, by `owner/name`; it is made, empty, where there is none, and `mona` may write to it.
    pub fn repository(&self, slug: &str) -> Repository<'_> {
        let (owner, name) = slug.split_once('/').unwrap();
        let mut state = self.state();
        let id = state.repo_id(slug).unwrap_or_else(|| {
            if state.account(owner).is_none() {
                state.users.insert(owner.to_owned());
            }
            let id = state.make_repo(owner, name, None);
            let repo = state.repos.get_mut(&id).unwrap();
            repo.collaborators
                .insert("mona".to_owned(), super::state::Role::Write);
            id
        });
        drop(state);
        Repository { hub: self, id }
    }

    /// Adds a user.
    pub fn user(&self, login: &str) {
        self.state().users.insert(login.to_owned());
    }

    /// Adds a classic token, or changes what it may do.
    pub fn classic_token(&self, secret: &str, login: &str, scopes: &[&'static str]) {
        self.token(secret, login, TokenKind::Classic(scopes.to_vec()));
    }

    /// Adds a fine-grained token: `[("pull_requests", "write")]`.
    pub fn fine_grained_token(
        &self,
        secret: &str,
        login: &str,
        permissions: &[(&'static str, &'static str)],
    ) {
        self.token(secret, login, TokenKind::FineGrained(permissions.to_vec()));
    }

    fn token(&self, secret: &str, login: &str, kind: TokenKind) {
        let token = Token {
            login: login.to_owned(),
            kind,
            needs_sso: false,
        };
        let mut state = self.state();
        state.users.insert(login.to_owned());
        state.tokens.insert(secret.to_owned(), token);
    }

    /// From now on a token needs single sign-on first.
    pub fn needs_sso(&self, secret: &str) {
        self.state().tokens.get_mut(secret).unwrap().needs_sso = true;
    }

    /// From now on a token is none any more.
    pub fn revoke(&self, secret: &str) {
        self.state().tokens.remove(secret);
    }

    /// Sets a fault, for once.
    pub fn fault(&self, at: At, fault: Fault) -> Set<'_> {
        let number = self.state().faults.add(at, fault);
        Set { hub: self, number }
    }

    /// Takes back all faults.
    pub fn no_more_faults(&self) {
        self.state().faults.clear();
    }

    /// Sets limits.
    pub fn limits(&self, set: impl FnOnce(&mut Limits)) {
        set(&mut self.state().limits);
    }

    /// Mergeability is unknown the first so many times that it is asked for, for each head commit.
    pub fn unknown_asks(&self, times: usize) {
        self.state().unknown_asks = times;
    }

    /// A fork is there after so many requests for it.
    pub fn fork_takes(&self, requests: usize) {
        self.state().fork_takes = requests;
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Entry> {
        self.state().log.entries.clone()
    }

    /// The requests to the interface so far, as lines of a log.
    pub fn asked(&self) -> Vec<String> {
        let entries = self.requests();
        let asked = entries.iter().filter(|entry| entry.nth.is_some());
        asked.map(Entry::line).collect()
    }

    /// The pull requests that were made, as `OWNER/NAME HEAD`, in order; a head twice where it got two.
    pub fn creates(&self) -> Vec<String> {
        let entries = self.requests();
        let made = entries
            .iter()
            .filter_map(|entry| entry.created.as_ref()?.strip_prefix("pull "));
        made.map(str::to_owned).collect()
    }

    /// A repository's pull requests, oldest first.
    pub fn pulls(&self, slug: &str) -> Vec<PullView> {
        let mut state = self.state();
        let id = state.repo(slug).id;
        state.refresh(id);
        let repo = &state.repos[&id];
        let issues = repo.issues.iter();
        issues
            .filter_map(|issue| PullView::of(repo, issue))
            .collect()
    }

    /// What came inside a pause that had been announced.
    pub fn violations(&self) -> Vec<String> {
        self.state().log.violations.clone()
    }

    /// Insists that no request came inside a pause.
    #[track_caller]
    pub fn pauses_hold(&self) {
        let violations = self.violations();
        assert!(violations.is_empty(), "{}", violations.join("\n"));
    }

    /// Insists that all requests and answers so far are as GitHub describes them.
    #[track_caller]
    pub fn shapes_hold(&self) {
        let misshapen = std::mem::take(&mut self.state().log.misshapen);
        assert!(misshapen.is_empty(), "{}", misshapen.join("\n"));
    }
}

impl Set<'_> {
    /// At its turn and from then on.
    pub fn always(self) -> Self {
        self.hub.state().faults.always(self.number);
        self
    }

    /// How many requests it has met.
    pub fn met(&self) -> usize {
        self.hub.state().faults.met(self.number)
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.shared.closing.send_replace(true);
        let server = self.server.take().unwrap();
        // A server that panicked was heard.
        let ended = server.join();
        if !std::thread::panicking() {
            ended.unwrap();
            self.shapes_hold();
        }
    }
}
