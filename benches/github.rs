//! A run of 30 units that opens its pull requests on a GitHub of the tests' own, under the limits that GitHub documents:
//! time and requests, beside a script that opens the same ones as `gh pr create --label --reviewer` would, with the second
//! between writes that the documentation asks for. Takes about four minutes: `cargo bench --bench github`.

#![expect(clippy::print_stdout, reason = "its figures are its answer")]

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use self::support::github::hub::{Hub, TOKEN};
use self::support::github::limits::Limits;
use self::support::github::log::Entry;
use self::support::github::state::Role;
use self::support::sandbox::Sandbox;

#[expect(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "it belongs to the tests, of which a benchmark needs little"
)]
#[path = "../tests/e2e/support/mod.rs"]
mod support;

/// As many as a plan has at most by default.
const UNITS: usize = 30;

/// The least time between two writes, as GitHub documents it.
const SPACING: Duration = Duration::from_secs(1);

/// What opening the pull requests took.
struct Taken {
    time: Duration,
    lists: usize,
    writes: usize,
    requests: usize,
    refused: usize,
}

fn main() {
    let batch = with_batch();
    let script = with_a_script();
    println!("{UNITS} pull requests, each with a label and a reviewer:");
    for (name, taken) in [("batch", &batch), ("script", &script)] {
        println!(
            "  {name:<7} {:>6.1} s  {:>4} requests  {:>4} writes  {:>3} lists  {:>3} refused for pace",
            taken.time.as_secs_f64(),
            taken.requests,
            taken.writes,
            taken.lists,
            taken.refused
        );
    }
    println!(
        "  batch / script: {:.2} of the time, {:.2} of the requests, {:.2} of the writes",
        batch.time.as_secs_f64() / script.time.as_secs_f64(),
        ratio(batch.requests, script.requests),
        ratio(batch.writes, script.writes)
    );
    // The label is made once for all.
    assert!(
        batch.writes <= 3 * UNITS + 1,
        "more than three writes a unit"
    );
    assert!(
        batch.lists <= UNITS,
        "more than one list call before a create"
    );
}

#[expect(clippy::cast_precision_loss, reason = "both are a few hundred")]
fn ratio(one: usize, other: usize) -> f64 {
    one as f64 / other as f64
}

/// A GitHub under its documented limits, and a repository of so many parts there.
fn scene() -> (Hub, Sandbox) {
    let hub = Hub::start();
    hub.repository("octo/sample")
        .collaborator("hubot", Role::Write);
    let mut sandbox = hub.frobs(UNITS);
    hub.limits(|limits| {
        *limits = Limits::documented();
        limits.spacing = SPACING;
    });
    // As it is without a setting.
    sandbox.set("BATCH_GITHUB_WRITE_INTERVAL", "2s");
    (hub, sandbox)
}

fn with_batch() -> Taken {
    let (hub, sandbox) = scene();
    let units = UNITS.to_string();
    let began = Instant::now();
    sandbox
        .batch([
            "run",
            "rename frob",
            "--rewrite",
            "s/frob/frobnicate/",
            "--no-test",
            "--yes",
            "--min-units",
            &units,
            "--max-units",
            &units,
            "--label",
            "batch",
            "--reviewer",
            "hubot",
        ])
        .exits(0);
    let taken = taken(&hub, began.elapsed());
    hub.pauses_hold();
    assert_eq!(hub.creates().len(), UNITS);
    taken
}

/// The branches are there already; each pull request takes what the command line tool of GitHub sends for one: the
/// repository, whether there is one, its creation, the labels, and the request for a review.
fn with_a_script() -> Taken {
    let (hub, sandbox) = scene();
    for unit in 0..UNITS {
        sandbox.git(["switch", "-q", "-c", &format!("part{unit}"), "main"]);
        sandbox.write(format!("src/part{unit}/one.txt"), "call frobnicate\n");
        sandbox.commit("rename frob");
        sandbox.git(["push", "-q", "origin", "HEAD"]);
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let began = Instant::now();
    runtime.block_on(async {
        let script = Script::new(&hub.api_url());
        for unit in 0..UNITS {
            script.open(&format!("part{unit}")).await;
        }
    });
    taken(&hub, began.elapsed())
}

struct Script {
    client: reqwest::Client,
    repository: String,
}

impl Script {
    fn new(api_url: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            client: reqwest::Client::builder()
                .user_agent("script")
                .build()
                .expect("a client"),
            repository: format!("{api_url}/repos/octo/sample"),
        }
    }

    async fn open(&self, branch: &str) {
        self.get("").await;
        self.get(&format!("/pulls?head=octo:{branch}&state=open"))
            .await;
        let pull = json!({ "title": branch, "head": branch, "base": "main", "body": "" });
        let pull = self.post("/pulls", &pull).await;
        let number = &pull["number"];
        self.get("/labels?per_page=100").await;
        let labels = json!({ "labels": ["batch"] });
        self.post(&format!("/issues/{number}/labels"), &labels)
            .await;
        let reviewers = json!({ "reviewers": ["hubot"] });
        self.post(&format!("/pulls/{number}/requested_reviewers"), &reviewers)
            .await;
    }

    async fn get(&self, path: &str) {
        let request = self.client.get(format!("{}{path}", self.repository));
        request.bearer_auth(TOKEN).send().await.expect("an answer");
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        for _ in 0..10 {
            tokio::time::sleep(SPACING).await;
            let request = self.client.post(format!("{}{path}", self.repository));
            let request = request.bearer_auth(TOKEN).body(body.to_string());
            let answer = request.send().await.expect("an answer");
            let refused = answer.status().as_u16() == 403;
            let body = answer.bytes().await.expect("a body");
            if !refused {
                return serde_json::from_slice(&body).expect("JSON");
            }
        }
        panic!("{path} is refused again and again");
    }
}

fn taken(hub: &Hub, time: Duration) -> Taken {
    let requests: Vec<_> = hub
        .requests()
        .into_iter()
        .filter(|entry| entry.nth.is_some())
        .collect();
    let count = |is: &dyn Fn(&Entry) -> bool| requests.iter().filter(|entry| is(entry)).count();
    Taken {
        time,
        lists: count(&|entry| entry.method == "GET" && entry.path.ends_with("/pulls")),
        writes: count(&|entry| entry.is_write()),
        requests: requests.len(),
        refused: count(&|entry| matches!(entry.status, Some(403 | 429))),
    }
}
