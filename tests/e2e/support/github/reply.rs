//! [`Reply`]: an answer of the interface, and GitHub's refusals; [`Sent`]: an answer on its way out.

use axum::body::Body;
use axum::response::Response;
use serde_json::{Value, json};

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Value,
    /// What was made, for the log.
    pub created: Option<String>,
}

impl Reply {
    pub fn new(status: u16, body: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body,
            created: None,
        }
    }

    pub fn ok(body: Value) -> Self {
        Self::new(200, body)
    }

    /// 201 for what is noted in the log as these words.
    pub fn made(body: Value, what: String) -> Self {
        let mut reply = Self::new(201, body);
        reply.created = Some(what);
        reply
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// A refusal in these words.
    pub fn refused(status: u16, words: &str) -> Self {
        let body = json!({
            "message": words,
            "documentation_url": "https://docs.github.com/rest",
            "status": status.to_string(),
        });
        Self::new(status, body)
    }

    pub fn not_found() -> Self {
        Self::refused(404, "Not Found")
    }

    /// 422 that names a field.
    pub fn invalid(resource: &str, field: &str, code: &str) -> Self {
        Self::validation(&json!({ "resource": resource, "field": field, "code": code }))
    }

    /// 422 in words of its own (`code: custom`).
    pub fn custom(resource: &str, words: &str) -> Self {
        Self::validation(&json!({ "resource": resource, "code": "custom", "message": words }))
    }

    /// 422 with one error.
    pub fn validation(error: &Value) -> Self {
        let mut reply = Self::refused(422, "Validation Failed");
        reply.body["errors"] = json!([error]);
        reply
    }
}

/// An answer as it goes out.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Sent {
    /// A reply of the interface.
    pub fn of(reply: &Reply) -> Self {
        let headers = reply.headers.iter();
        let headers = headers.map(|(name, value)| ((*name).to_owned(), value.clone()));
        let sent = Self {
            status: reply.status,
            headers: headers.collect(),
            body: match reply.status {
                204 => Vec::new(),
                _ => reply.body.to_string().into_bytes(),
            },
        };
        sent.with("content-type", "application/json; charset=utf-8")
    }

    /// Plain words, which git shows its user.
    pub fn text(status: u16, words: &str) -> Self {
        Self::page(status, "text/plain; charset=utf-8", words)
    }

    pub fn page(status: u16, kind: &str, words: &str) -> Self {
        let page = Self {
            status,
            headers: Vec::new(),
            body: format!("{words}\n").into_bytes(),
        };
        page.with("content-type", kind)
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn head(&self) -> axum::http::response::Builder {
        let builder = Response::builder().status(self.status);
        let headers = self.headers.iter();
        headers.fold(builder, |builder, (name, value)| {
            builder.header(name, value)
        })
    }

    pub fn into_response(self) -> Response {
        self.head().body(Body::from(self.body)).unwrap()
    }

    /// Half of the body, of which the head promises the whole.
    pub fn into_half(self) -> Response {
        let head = self.head().header("content-length", self.body.len());
        let half = self.body[..self.body.len() / 2].to_vec();
        let chunks = [Ok(half), Err(std::io::Error::other("cut"))];
        head.body(Body::from_stream(futures::stream::iter(chunks)))
            .unwrap()
    }
}
