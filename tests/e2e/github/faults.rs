//! Every fault at every call of a pull request's opening: never a second one, nothing sent inside a pause, an end that is
//! known, and a second go that finishes.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use batch::adapters::forges::github::forge::GitHub;
use batch::adapters::forges::github::gateway::{Connection, Gateway, Tempo};
use batch::adapters::forges::github::settings::GitHubSettings;
use batch::adapters::forges::github::token::{Token, TokenSource};
use batch::adapters::forges::github::transport::Timeouts;
use batch::engine::ports::{Forge, ForgeError, Stop};
use batch::model::id::{ObjectId, UnitId};
use batch::model::mark::Mark;
use batch::model::pull::{NewPull, Pull};
use batch::model::site::Site;
use batch::model::wishes::{Extras, MergeMethod};

use crate::support::github::faults::{At, Fault};
use crate::support::github::hub::{Hub, TOKEN};
use crate::support::github::state::Role;

/// How much faster than the world's the clock of hub and gateway runs: a pause of a minute takes 0.6 s.
const SPEED: u32 = 100;

/// The seconds of a pause that the hub announces.
const PAUSE: u64 = 30;

/// How long the first go waits for an answer. A stalled one costs as much; one that is only slow is a fault like others.
const IMPATIENT: Duration = Duration::from_millis(700);

/// How long a go waits that is to finish.
const PATIENT: Duration = Duration::from_secs(60);

/// So many scenes at the same time.
const AT_ONCE: usize = 12;

const SLUG: &str = "octo/sample";
const HEAD: &str = "batch/rename-0a1b/part";

/// What became of a go.
struct Went {
    pull: Pull,
    warnings: Vec<String>,
}

/// A repository on a GitHub of its own, with a branch that is to have a pull request.
struct Scene {
    hub: Hub,
    commit: ObjectId,
    runtime: tokio::runtime::Runtime,
}

impl Scene {
    fn new() -> Self {
        let hub = Hub::quick(SPEED);
        let repository = hub.repository(SLUG);
        repository.push("main", "a.txt", "one\n");
        let commit = repository.push(HEAD, "a.txt", "two\n");
        repository
            .collaborator("ada", Role::Write)
            .label("known")
            .requires_check("main", "ci");
        Self {
            hub,
            commit: ObjectId::new(commit),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
        }
    }

    /// The program's way to the hub, as of a process that has just begun.
    fn forge(&self, patience: Duration) -> GitHub {
        let connection = Connection {
            api_url: self.hub.api_url(),
            token: Token {
                secret: TOKEN.into(),
                source: TokenSource::Variable("GH_ENTERPRISE_TOKEN"),
            },
            settings: GitHubSettings {
                write_interval: Duration::ZERO,
                ..GitHubSettings::default()
            },
            state_folder: None,
            ca_file: None,
            stop: Stop::default(),
            clock: Arc::new(self.hub.clock()),
        };
        let tempo = Tempo {
            timeouts: Timeouts {
                connect: PATIENT,
                whole: patience,
            },
            look: Duration::from_millis(2),
            ..Tempo::default()
        };
        let gateway = Gateway::with_tempo(connection, tempo).unwrap();
        let site = Site::of(self.hub.host(), SLUG).unwrap();
        GitHub::new(Arc::new(gateway), site, None)
    }

    fn new_pull(&self) -> NewPull {
        let mark = Mark {
            run: "20260102T030405Z-0a1b".parse().unwrap(),
            unit: UnitId::parse("part").unwrap(),
            plan: None,
            commit: Some(self.commit.clone()),
        };
        NewPull {
            title: "Rename in part".to_owned(),
            body: format!("Words.\n\n{mark}\n"),
            head: HEAD.to_owned(),
            head_commit: self.commit.clone(),
            base: "main".to_owned(),
            draft: false,
            mark,
            extras: Extras {
                labels: vec!["known".to_owned(), "new".to_owned()],
                reviewers: vec!["ada".to_owned()],
                auto_merge: Some(MergeMethod::Squash),
                ..Extras::default()
            },
        }
    }

    /// Opens the pull request as the publisher does, and looks how far it is.
    fn go(&self, patience: Duration) -> Result<Went, ForgeError> {
        self.runtime.block_on(async {
            let forge = self.forge(patience);
            let new = self.new_pull();
            let pull = match forge.find(HEAD).await? {
                Some(there) => forge.refresh(there.number, &new).await?,
                None => forge.open(&new).await?,
            };
            let mut warnings = forge.give(&pull, &new.extras).await;
            match forge.standings(&[pull.number]).await {
                Ok(standings) => assert_eq!(standings.len(), 1),
                Err(error) => warnings.push(error.to_string()),
            }
            Ok(Went { pull, warnings })
        })
    }

    /// Holds the hub to what must be so whatever happened.
    fn holds(&self, scene: &str) {
        let creates = self.hub.creates();
        assert!(creates.len() <= 1, "{scene}: {creates:?}");
        let violations = self.hub.violations();
        assert!(violations.is_empty(), "{scene}: {violations:?}");
        assert!(
            self.looks_before_each_create(),
            "{scene}: {:#?}",
            self.hub.asked()
        );
    }

    /// Whether no create was sent after another of which nobody knows, but after a look at what is there.
    fn looks_before_each_create(&self) -> bool {
        let mut looked = false;
        self.hub.requests().iter().all(|request| {
            if !request.path.ends_with("/pulls") {
                return true;
            }
            let fine = request.method == "GET" || looked;
            // What a limit refused was certainly not done.
            looked = request.method == "GET" || matches!(request.status, Some(403 | 429));
            fine
        })
    }

    /// Holds the end of a first go to what is there.
    fn first_ended(&self, scene: &str, went: &Result<Went, ForgeError>) {
        let pulls = self.hub.pulls(SLUG);
        match went {
            Ok(went) => {
                assert_eq!(pulls.len(), 1, "{scene}");
                assert_eq!(went.pull.head_commit, self.commit, "{scene}");
                let complete = pulls[0].labels == ["known", "new"]
                    && pulls[0].reviewers == ["ada"]
                    && pulls[0].auto_merge == Some("squash");
                assert!(
                    complete || !went.warnings.is_empty(),
                    "{scene}: {:?}",
                    pulls[0]
                );
                assert!(
                    went.warnings.iter().all(|words| words.len() > 20),
                    "{scene}: {:?}",
                    went.warnings
                );
            }
            Err(
                ForgeError::Refused { doing, words, .. } | ForgeError::Unreachable { doing, words },
            ) => {
                assert!(doing.contains(HEAD), "{scene}: {doing}");
                assert!(words.len() > 10, "{scene}: {words}");
            }
            Err(ForgeError::Stopped) => panic!("{scene}: nobody stopped it"),
            Err(error @ ForgeError::Barred { .. }) => {
                panic!("{scene}: what goes wrong on the way bars nobody: {error}")
            }
        }
    }

    /// A second go, with nothing in its way, finishes.
    fn finishes(&self, scene: &str) {
        self.hub.no_more_faults();
        let went = self.go(PATIENT);
        let went = went.unwrap_or_else(|error| panic!("{scene}: second go: {error}"));
        self.holds(scene);
        assert_eq!(went.pull.head_commit, self.commit, "{scene}");
        assert_eq!(self.hub.creates().len(), 1, "{scene}");
        let pulls = self.hub.pulls(SLUG);
        assert_eq!(pulls.len(), 1, "{scene}");
        let pull = &pulls[0];
        assert_eq!(
            (pull.state, pull.head_commit.as_str()),
            ("open", self.commit.as_str()),
            "{scene}"
        );
        assert_eq!(pull.labels, ["known", "new"], "{scene}");
        assert_eq!(pull.reviewers, ["ada"], "{scene}");
        assert_eq!(pull.auto_merge, Some("squash"), "{scene}");
        assert!(went.warnings.is_empty(), "{scene}: {:?}", went.warnings);
    }
}

/// The requests of an opening that nothing comes in the way of.
fn clean() -> Vec<String> {
    let scene = Scene::new();
    let went = scene.go(PATIENT).unwrap();
    assert_eq!(went.warnings, [] as [&str; 0]);
    scene.first_ended("clean", &Ok(went));
    scene.hub.asked()
}

/// Scenes to play, each with what it is called in a failure.
type Scenes = Vec<(String, Box<dyn FnOnce(&str) + Send>)>;

/// Tries all of them, a few at the same time; what failed, each with its panic's words.
fn all(scenes: Scenes) {
    let count = scenes.len();
    let waiting = Mutex::new(scenes.into_iter());
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some((name, scene)) = waiting.lock().unwrap().next() else {
                        break;
                    };
                    let tried = std::panic::AssertUnwindSafe(|| scene(&name));
                    if std::panic::catch_unwind(tried).is_err() {
                        failed.lock().unwrap().push(name);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(
        failed.is_empty(),
        "{} of {count}:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

#[test]
fn whatever_goes_wrong_at_whichever_call_a_head_gets_one_pull_request() {
    let calls = clean();
    assert!(calls.len() >= 6, "{calls:?}");
    let mut scenes: Scenes = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        for fault in Fault::all(PAUSE) {
            if fault == Fault::GraphqlErrors && !call.contains("/graphql") {
                continue;
            }
            let try_it = move |name: &str| {
                let scene = Scene::new();
                let set = scene.hub.fault(At::Nth(at + 1), fault);
                let went = scene.go(IMPATIENT);
                assert_eq!(set.met(), 1, "{name}");
                scene.holds(name);
                scene.first_ended(name, &went);
                scene.finishes(name);
            };
            scenes.push((format!("{fault:?} at {}. {call}", at + 1), Box::new(try_it)));
        }
    }
    all(scenes);
}

#[test]
fn where_github_stays_out_of_reach_from_some_call_on_a_later_go_finishes() {
    let faults = [
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::BadGatewayAfter,
        Fault::HtmlBefore,
        Fault::CutBody,
    ];
    let mut scenes: Scenes = Vec::new();
    for at in 1..=clean().len() {
        for fault in faults {
            let try_it = move |name: &str| {
                let scene = Scene::new();
                scene.hub.fault(At::Nth(at), fault).always();
                let went = scene.go(IMPATIENT);
                scene.holds(name);
                scene.first_ended(name, &went);
                scene.finishes(name);
            };
            scenes.push((format!("{fault:?} from request {at} on"), Box::new(try_it)));
        }
    }
    all(scenes);
}
