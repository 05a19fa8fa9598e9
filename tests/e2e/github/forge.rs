//! Pull requests through the library, on the tests' own GitHub: opened once whatever happens, given what was asked for,
//! followed, merged.

use std::sync::Arc;
use std::time::Duration;

use batch::adapters::clock::SystemClock;
use batch::adapters::forges::github::forge::GitHub;
use batch::adapters::forges::github::gateway::{Connection, Gateway};
use batch::adapters::forges::github::settings::GitHubSettings;
use batch::adapters::forges::github::token::{Token, TokenSource};
use batch::engine::ports::Stop;
use batch::model::id::{ObjectId, RunId, UnitId};
use batch::model::mark::Mark;
use batch::model::pull::NewPull;
use batch::model::site::Site;
use batch::model::wishes::Extras;

use crate::support::github::hub::{Hub, TOKEN};
use crate::support::sandbox::Sandbox;

mod faults;
mod flows;
mod whereabouts;

/// A hub with `octo/sample`, and a checkout to push from.
struct Ground {
    // Dropped first: it insists that what it was asked had GitHub's shapes.
    hub: Hub,
    sandbox: Sandbox,
}

impl Ground {
    fn new() -> Self {
        let hub = Hub::start();
        let sandbox = hub.sandbox(&[("a.txt", "one\n"), ("b.txt", "one\n")]);
        Self { hub, sandbox }
    }

    fn github(&self) -> GitHub {
        self.github_as(TOKEN, "octo/sample", None)
    }

    fn github_as(&self, token: &str, slug: &str, head_owner: Option<&str>) -> GitHub {
        let settings = GitHubSettings {
            write_interval: Duration::ZERO,
            ..GitHubSettings::default()
        };
        let connection = Connection {
            api_url: self.hub.api_url(),
            token: Token {
                secret: token.into(),
                source: TokenSource::Variable("GH_ENTERPRISE_TOKEN"),
            },
            settings,
            state_folder: None,
            ca_file: None,
            stop: Stop::default(),
            clock: Arc::new(SystemClock),
        };
        let gateway = Arc::new(Gateway::new(connection).unwrap());
        let site = Site::of(self.hub.host(), slug).unwrap();
        GitHub::new(gateway, site, head_owner.map(str::to_owned)).waiting(Duration::from_millis(10))
    }

    /// Puts a branch of the remote at a new commit on top of `main` that gives a file this text; that commit.
    fn branch(&self, name: &str, file: &str, text: &str) -> ObjectId {
        self.commit(name, "main", file, text)
    }

    /// The same on top of the branch itself.
    fn grow(&self, name: &str, file: &str, text: &str) -> ObjectId {
        self.commit(name, name, file, text)
    }

    fn commit(&self, name: &str, on: &str, file: &str, text: &str) -> ObjectId {
        self.sandbox.git(["fetch", "-q", "origin"]);
        let on = format!("origin/{on}");
        self.sandbox.git(["switch", "-q", "--detach", &on]);
        self.sandbox.write(file, text);
        let commit = self.sandbox.commit(&format!("Change {file}"));
        self.put(name, &commit);
        ObjectId::parse(&commit).unwrap()
    }

    fn put(&self, name: &str, commit: &str) {
        let remote = self.hub.repository("octo/sample").path();
        let refspec = format!("{commit}:refs/heads/{name}");
        self.sandbox
            .git(["push", "-q", remote.to_str().unwrap(), &refspec]);
    }

    /// A unit's branch, pushed, and what its pull request is to be.
    fn unit(&self, unit: &str) -> NewPull {
        let head = format!("batch/change-0a1b/{unit}");
        let commit = self.branch(&head, "a.txt", &format!("of {unit}\n"));
        wanted(unit, &commit)
    }

    /// How many requests of this method and path end were made.
    fn asked(&self, method: &str, end: &str) -> usize {
        let requests = self.hub.requests();
        let is_it = |entry: &&crate::support::github::log::Entry| {
            entry.method == method && entry.path.ends_with(end)
        };
        requests.iter().filter(is_it).count()
    }
}

/// What the pull request of a unit's branch is to be.
fn wanted(unit: &str, commit: &ObjectId) -> NewPull {
    let run: RunId = "20260102T030405Z-0a1b".parse().unwrap();
    let mark = Mark {
        run,
        unit: UnitId::parse(unit).unwrap(),
        plan: None,
        commit: Some(commit.clone()),
    };
    NewPull {
        title: format!("Change {unit}"),
        body: format!("What and why.\n\n{mark}\n"),
        head: format!("batch/change-0a1b/{unit}"),
        head_commit: commit.clone(),
        base: "main".to_owned(),
        draft: false,
        mark,
        extras: Extras::default(),
    }
}
