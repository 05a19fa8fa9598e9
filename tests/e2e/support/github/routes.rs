//! [`Ask`]: a request to the interface, and who answers it. Finds the repository, and checks what the token may do there,
//! before anyone looks at the rest.

use std::collections::BTreeMap;

use serde_json::Value;

use super::reply::Reply;
use super::state::{Role, State};
use super::tokens::{Need, Token};

/// A request to the REST interface.
#[derive(Debug)]
pub struct Ask {
    pub method: String,
    /// The parts of the path below `/api/v3`, decoded.
    pub path: Vec<String>,
    pub query: BTreeMap<String, String>,
    pub body: Value,
    pub token: Token,
}

impl Ask {
    /// A text of the body; none where it is absent, null or no text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.body[name].as_str()
    }

    /// A list of texts of the body.
    pub fn texts(&self, name: &str) -> Option<Vec<String>> {
        let list = self.body[name].as_array()?;
        let texts = list
            .iter()
            .filter_map(|item| Some(item.as_str()?.to_owned()));
        Some(texts.collect())
    }

    /// Who asks.
    pub fn login(&self) -> &str {
        &self.token.login
    }

    /// The page of a list that it asks for, with the link to the next.
    pub fn page(&self, all: &[Value], url: &str) -> Reply {
        let number = |name: &str, usual: usize| {
            let value = self.query.get(name).and_then(|value| value.parse().ok());
            value.unwrap_or(usual).max(1)
        };
        let (size, page) = (number("per_page", 30).min(100), number("page", 1));
        let from = ((page - 1) * size).min(all.len());
        let to = (from + size).min(all.len());
        let has_more = to < all.len();
        let reply = Reply::ok(Value::Array(all[from..to].to_vec()));
        if !has_more {
            return reply;
        }
        let others = self.query.iter().filter(|(name, _)| *name != "page");
        let mut query: Vec<String> = others
            .map(|(name, value)| format!("{name}={}", escape(value)))
            .collect();
        query.push(format!("page={}", page + 1));
        let next = format!("<{url}?{}>; rel=\"next\"", query.join("&"));
        reply.with("link", next)
    }
}

impl State {
    /// Answers a request to the REST interface.
    pub fn answer(&mut self, ask: &Ask) -> Reply {
        let path: Vec<&str> = ask.path.iter().map(String::as_str).collect();
        match (ask.method.as_str(), path.as_slice()) {
            ("GET", ["user"]) => Reply::ok(self.viewer(ask.login())),
            (_, ["repos", owner, name, rest @ ..]) => {
                let slug = format!("{owner}/{name}");
                let Some(id) = self.repo_id(&slug) else {
                    return Reply::not_found();
                };
                if !self.repos[&id].slug().eq_ignore_ascii_case(&slug) {
                    return self.moved(ask, id, rest);
                }
                self.in_repository(ask, id, rest)
            }
            (_, ["repositories", id, rest @ ..]) => match id.parse() {
                Ok(id) if self.repos.contains_key(&id) => self.in_repository(ask, id, rest),
                _ => Reply::not_found(),
            },
            _ => Reply::not_found(),
        }
    }

    /// The way to a repository that has another name now.
    fn moved(&self, ask: &Ask, id: u64, rest: &[&str]) -> Reply {
        let mut url = format!("{}/repositories/{id}", self.api());
        for part in rest {
            url.push('/');
            url.push_str(part);
        }
        let query = ask.query.iter();
        let query: Vec<String> = query
            .map(|(name, value)| format!("{name}={}", escape(value)))
            .collect();
        if !query.is_empty() {
            url = format!("{url}?{}", query.join("&"));
        }
        let (status, words) = match ask.method.as_str() {
            "GET" => (301, "Moved Permanently"),
            _ => (307, "Temporary Redirect"),
        };
        let mut reply = Reply::refused(status, words).with("location", url.clone());
        reply.body["url"] = Value::String(url);
        reply
    }

    fn in_repository(&mut self, ask: &Ask, id: u64, rest: &[&str]) -> Reply {
        let repo = self.repos.get_mut(&id).unwrap();
        if repo.appears_in > 0 {
            repo.appears_in -= 1;
            return Reply::not_found();
        }
        let Some(role) = repo.role(ask.login()) else {
            return Reply::not_found();
        };
        let number = |text: &&str| text.parse::<u64>().unwrap_or_default();
        let is_pull = rest
            .get(1)
            .is_some_and(|at| repo.pull(number(at)).is_some());
        let (private, disabled, archived, has_issues) =
            (repo.private, repo.disabled, repo.archived, repo.has_issues);
        if let Err(refusal) = ask
            .token
            .check(need(&ask.method, rest, is_pull), private, &self.host)
        {
            return refusal;
        }
        if disabled {
            return Reply::refused(403, "Repository access blocked");
        }
        let writes = ask.method != "GET" && rest != ["forks"];
        if writes && archived {
            return Reply::refused(403, "Repository was archived so is read-only.");
        }
        if matches!(rest.first(), Some(&"pulls" | &"issues")) {
            self.refresh(id);
        }
        match (ask.method.as_str(), rest) {
            ("GET", []) => Reply::ok(self.repository(&self.repos[&id], ask.login())),
            ("GET", ["pulls"]) => self.list_pulls(ask, id),
            ("POST", ["pulls"]) => self.create_pull(ask, id),
            ("GET", ["pulls", at]) => self.get_pull(ask, id, number(at)),
            ("PATCH", ["pulls", at]) => self.patch_pull(ask, id, number(at), role),
            ("PUT", ["pulls", at, "merge"]) => self.put_merge(ask, id, number(at), role),
            ("PUT", ["pulls", at, "update-branch"]) => {
                self.update_branch(ask, id, number(at), role)
            }
            ("POST", ["pulls", at, "requested_reviewers"]) => {
                self.request_reviewers(ask, id, number(at), role)
            }
            ("GET", ["branches"]) => self.list_branches(ask, id),
            ("GET", ["forks"]) => self.list_forks(ask, id),
            ("POST", ["forks"]) => self.make_fork(ask, id),
            ("GET", ["labels"]) => self.list_labels(ask, id),
            ("POST", ["labels"]) => self.make_label(ask, id, role),
            ("GET", ["labels", name]) => self.get_label(id, name),
            ("GET", ["milestones"]) => self.list_milestones(ask, id),
            (_, ["issues", _, ..]) if !has_issues && !is_pull => {
                Reply::refused(410, "Issues has been disabled in this repository.")
            }
            ("GET" | "POST", ["issues"]) if !has_issues => {
                Reply::refused(410, "Issues has been disabled in this repository.")
            }
            ("GET", ["issues"]) => self.list_issues(ask, id),
            ("POST", ["issues"]) => self.make_issue(ask, id, role),
            ("GET", ["issues", at]) => self.get_issue(id, number(at)),
            ("PATCH", ["issues", at]) => self.patch_issue(ask, id, number(at), role),
            ("GET", ["issues", at, "comments"]) => self.list_comments(ask, id, number(at)),
            ("POST", ["issues", at, "comments"]) => self.make_comment(ask, id, number(at)),
            ("GET", ["issues", at, "labels"]) => self.labels_of(id, number(at)),
            ("POST", ["issues", at, "labels"]) => self.add_labels(ask, id, number(at), role),
            ("POST", ["issues", at, "assignees"]) => self.add_assignees(ask, id, number(at), role),
            _ => Reply::not_found(),
        }
    }
}

/// What a call wants of a fine-grained token, by GitHub's table of permissions.
fn need(method: &str, rest: &[&str], is_pull: bool) -> Need {
    let write = method != "GET";
    let permission = match rest {
        [] | ["forks"] if !write => "metadata",
        ["pulls", _, "merge"] | ["branches"] => "contents",
        ["forks"] => "administration",
        ["pulls", ..] => "pull_requests",
        // GitHub takes either permission there.
        ["issues", ..] if is_pull => "pull_requests",
        _ => "issues",
    };
    if write {
        Need::write(permission)
    } else {
        Need::read(permission)
    }
}

/// That somebody's role is enough; else GitHub's refusal.
pub fn at_least(role: Role, wanted: Role) -> Result<(), Reply> {
    let refusal = || {
        Reply::refused(
            403,
            "Must have push access to the repository to perform this action.",
        )
    };
    (role >= wanted).then_some(()).ok_or_else(refusal)
}

/// A value for a query.
pub fn escape(value: &str) -> String {
    let mut escaped = String::new();
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

/// A part of a path, or a value of a query, as it was meant.
pub fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut meant = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = text
            .get(at + 1..at + 3)
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        match (bytes[at], code) {
            (b'%', Some(byte)) => {
                meant.push(byte);
                at += 2;
            }
            (byte, _) => meant.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&meant).into_owned()
}
