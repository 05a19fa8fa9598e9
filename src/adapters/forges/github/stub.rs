//! A GitHub for the unit tests beside it: it answers each call as the test says, and keeps what was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::IntoResponse;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::forge::GitHub;
use super::gateway::{Connection, Gateway};
use super::settings::GitHubSettings;
use super::token::{Token, TokenSource};
use crate::adapters::clock::SystemClock;
use crate::engine::ports::Stop;
use crate::model::mark::Mark;
use crate::model::pull::NewPull;
use crate::model::sample;
use crate::model::site::Site;
use crate::model::wishes::Extras;

/// Names the path of a list's next page, beside its `items`.
pub(super) const NEXT: &str = "next page";

/// One call that was made.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Method, path and query.
    pub(super) line: String,
    pub(super) body: Value,
}

impl Asked {
    pub(super) fn is(&self, beginning: &str) -> bool {
        self.line.starts_with(beginning)
    }
}

/// The server, gone with the test's runtime.
pub(super) struct Stub {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Stub {
    /// Answers by status and body.
    pub(super) async fn new(answer: impl FnMut(&Asked) -> (u16, Value) + Send + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let at = url.clone();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        let answer = Arc::new(Mutex::new(answer));
        let handler = move |method: Method, uri: Uri, body: Bytes| {
            let call = Asked {
                line: format!("{method} {uri}"),
                body: serde_json::from_slice(&body).unwrap_or(Value::Null),
            };
            kept.lock().unwrap().push(call.clone());
            let (status, mut body) = (*answer.lock().unwrap())(&call);
            let status = StatusCode::from_u16(status).unwrap();
            let mut headers = HeaderMap::new();
            let json = HeaderValue::from_static("application/json; charset=utf-8");
            headers.insert(header::CONTENT_TYPE, json);
            if let Some(next) = body.as_object_mut().and_then(|body| body.remove(NEXT)) {
                let link = format!("<{at}{}>; rel=\"next\"", next.as_str().unwrap());
                headers.insert(header::LINK, link.parse().unwrap());
                body = body["items"].take();
            }
            async move { (status, headers, body.to_string()).into_response() }
        };
        let router = Router::new().fallback(handler);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, asked }
    }

    /// `octo/sample` on it.
    pub(super) fn github(&self) -> GitHub {
        self.github_from(None)
    }

    /// The same, with branches in this owner's repository.
    pub(super) fn github_from(&self, head_owner: Option<&str>) -> GitHub {
        let token = Token {
            secret: SecretString::from("token"),
            source: TokenSource::Variable("GH_TOKEN"),
        };
        let settings = GitHubSettings {
            write_interval: Duration::ZERO,
            ..GitHubSettings::default()
        };
        let gateway = Gateway::new(Connection {
            api_url: self.url.clone(),
            token,
            settings,
            state_folder: None,
            ca_file: None,
            stop: Stop::default(),
            clock: Arc::new(SystemClock),
        });
        let gateway = gateway.unwrap();
        let site = Site::of("github.com", "octo/sample").unwrap();
        GitHub::new(Arc::new(gateway), site, head_owner.map(str::to_owned))
            .waiting(Duration::from_millis(1))
    }

    /// Method, path and query of each call, without `/repos/octo/sample`.
    pub(super) fn lines(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let lines = asked.iter().map(|call| &call.line);
        lines
            .map(|line| line.replace("/repos/octo/sample", ""))
            .collect()
    }

    /// The bodies of the calls that begin so.
    pub(super) fn bodies(&self, beginning: &str) -> Vec<Value> {
        let asked = self.asked.lock().unwrap();
        let calls = asked.iter().filter(|call| call.is(beginning));
        calls.map(|call| call.body.clone()).collect()
    }
}

pub(super) const PULLS: &str = "/repos/octo/sample/pulls";

/// What unit-1's pull request is to be.
pub(super) fn new_pull() -> NewPull {
    let mark = Mark {
        run: sample::run(),
        unit: sample::id("unit-1"),
        plan: None,
        commit: Some(sample::commit("c")),
    };
    NewPull {
        title: "Tidy the first part".to_owned(),
        body: format!("What and why.\n\n{mark}\n"),
        head: "batch/tidy-0a1b/unit-1".to_owned(),
        head_commit: sample::commit("c"),
        base: "main".to_owned(),
        draft: false,
        mark,
        extras: Extras::default(),
    }
}

/// A pull request as REST has it, with the fields that a list has, too.
pub(super) fn pull(number: u64) -> Value {
    let new = new_pull();
    let octo = json!({ "login": "octo", "id": 1, "type": "Organization" });
    let repo = json!({ "id": 7, "name": "sample", "full_name": "octo/sample", "owner": octo });
    json!({
        "id": 9_000 + number,
        "node_id": format!("PR_{number}"),
        "number": number,
        "html_url": format!("https://github.com/octo/sample/pull/{number}"),
        "state": "open",
        "locked": false,
        "title": new.title,
        "user": { "login": "ann", "id": 2, "type": "User" },
        "body": new.body,
        "labels": [{ "id": 1, "name": "size/S", "color": "ededed", "default": false }],
        "milestone": null,
        "created_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-01-02T03:04:05Z",
        "closed_at": null,
        "merged_at": null,
        "merge_commit_sha": "d".repeat(40),
        "assignee": null,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "draft": false,
        "head": {
            "label": format!("octo:{}", new.head),
            "ref": new.head,
            "sha": new.head_commit.as_str(),
            "user": octo,
            "repo": repo,
        },
        "base": { "label": "octo:main", "ref": "main", "sha": "b".repeat(40), "user": octo, "repo": repo },
        "author_association": "MEMBER",
        "auto_merge": null,
        "active_lock_reason": null,
    })
}

/// A server's answer to a query for a field that it does not have.
pub(super) fn undefined(of: &str, field: &str) -> Value {
    json!({ "errors": [{
        "path": ["query", field],
        "extensions": { "code": "undefinedField", "typeName": of, "fieldName": field },
        "locations": [{ "line": 3, "column": 5 }],
        "message": format!("Field '{field}' doesn't exist on type '{of}'"),
    }] })
}

/// A 422 as REST has it, with one error.
pub(super) fn invalid(error: &Value) -> (u16, Value) {
    let body = json!({
        "message": "Validation Failed",
        "errors": [error],
        "documentation_url": "https://docs.github.com/rest",
        "status": "422",
    });
    (422, body)
}
