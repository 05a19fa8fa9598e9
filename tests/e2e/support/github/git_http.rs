//! git by smart HTTP: `git http-backend` as a CGI program behind the hub's own look at names and passwords.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::OnceLock;

use axum::body::Bytes;
use axum::http::HeaderMap;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::reply::Sent;
use super::state::{Role, State};

/// What a request to a repository comes to.
pub enum Access {
    /// This repository, as this user.
    Granted {
        folder: PathBuf,
        id: u64,
        login: String,
    },
    /// A status and words that git shows.
    Denied(u16, String),
}

/// The path of a repository below the root, `owner/name`, and what is asked of it, where a path is git's.
pub fn parts(path: &str) -> Option<(&str, &str)> {
    let (slug, rest) = path.trim_start_matches('/').split_once(".git/")?;
    (slug.split('/').count() == 2).then_some((slug, rest))
}

impl State {
    /// Who may do that.
    pub fn access(&self, slug: &str, writes: bool, authorization: Option<&str>) -> Access {
        let denied = |status, words: &str| Access::Denied(status, words.to_owned());
        let Ok(token) = self.token(authorization) else {
            return denied(
                401,
                "Invalid username or token. Password authentication is not supported for Git operations.",
            );
        };
        let id = self.repo_id(slug);
        let Some((id, token)) = id.map(|id| (id, &token)) else {
            return match token {
                Some(_) => denied(404, "Repository not found."),
                None => denied(401, "Authentication required"),
            };
        };
        let repo = &self.repos[&id];
        let Some(token) = token else {
            if writes || repo.private {
                return denied(401, "Authentication required");
            }
            return self.granted(id, "");
        };
        let role = repo.role(&token.login);
        if role.is_none() || repo.appears_in > 0 {
            return denied(404, "Repository not found.");
        }
        if repo.disabled {
            return denied(
                403,
                "Access to this repository has been disabled by GitHub staff.",
            );
        }
        if token.needs_sso {
            let words = "The 'octo' organization has enabled or enforced SAML SSO. To access this repository, visit \
                         https://github.com/enterprises and try your request again.";
            return denied(403, words);
        }
        if writes && repo.archived {
            return denied(403, "This repository was archived so it is read-only.");
        }
        if writes && (role < Some(Role::Write) || !token.may_push(repo.private)) {
            let words = format!(
                "Permission to {}.git denied to {}.",
                repo.slug(),
                token.login
            );
            return denied(403, &words);
        }
        self.granted(id, &token.login)
    }

    fn granted(&self, id: u64, login: &str) -> Access {
        Access::Granted {
            folder: self.folder.clone(),
            id,
            login: login.to_owned(),
        }
    }
}

/// Where git keeps its CGI program.
fn backend() -> &'static PathBuf {
    static BACKEND: OnceLock<PathBuf> = OnceLock::new();
    BACKEND.get_or_init(|| {
        let output = std::process::Command::new("git")
            .arg("--exec-path")
            .output();
        let folder = String::from_utf8(output.unwrap().stdout).unwrap();
        PathBuf::from(folder.trim_end()).join("git-http-backend")
    })
}

/// A request that may be answered.
pub struct Served<'a> {
    pub folder: PathBuf,
    pub id: u64,
    pub login: String,
    pub method: &'a str,
    pub rest: &'a str,
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    pub body: Bytes,
}

/// Has git answer.
pub async fn serve(request: Served<'_>) -> Sent {
    let header = |name: &str| {
        let value = request.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let mut child = Command::new(backend())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", &request.folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_PROJECT_ROOT", &request.folder)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REMOTE_USER", &request.login)
        .env("REMOTE_ADDR", "127.0.0.1")
        .env("REQUEST_METHOD", request.method)
        .env("PATH_INFO", format!("/{}.git/{}", request.id, request.rest))
        .env("QUERY_STRING", request.query)
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("GIT_PROTOCOL", header("git-protocol"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let sends = async move {
        // It may refuse without reading.
        let _ = input.write_all(&request.body).await;
        drop(input);
    };
    let (output, ()) = tokio::join!(child.wait_with_output(), sends);
    answer(&output.unwrap().stdout)
}

/// The answer that a CGI program printed.
fn answer(printed: &[u8]) -> Sent {
    let end = printed.windows(4).position(|four| four == b"\r\n\r\n");
    let Some(end) = end else {
        return Sent::text(500, "git http-backend printed no head");
    };
    let mut sent = Sent {
        status: 200,
        headers: Vec::new(),
        body: printed[end + 4..].to_vec(),
    };
    let head = String::from_utf8_lossy(&printed[..end]).into_owned();
    for line in head.lines() {
        let (name, value) = line.split_once(':').unwrap();
        let value = value.trim();
        if name.eq_ignore_ascii_case("status") {
            sent.status = value.split(' ').next().unwrap().parse().unwrap();
        } else {
            sent = sent.with(name, value);
        }
    }
    sent
}
