//! `Transport`: one request to GitHub and its answer, by octocrab. The only file that names it.
//!
//! octocrab has the token and the headers; reqwest carries the bytes, as it honours proxies and the certificate
//! authorities of the system. Neither follows redirects nor sends anything twice.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use http_body_util::BodyExt as _;
use octocrab::service::middleware::base_uri::BaseUriLayer;
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};
use secrecy::SecretString;

use super::address::Address;
use super::api::{Call, Method};
use super::gate::Pass;
use super::hearing::Raw;

/// The media type that GitHub recommends.
const MEDIA_TYPE: &str = "application/vnd.github+json";

/// A longer answer is not read: the longest that is asked for, a page of 100 pull requests, has some 3 MB.
const LONGEST_BODY: usize = 16 * 1024 * 1024;

/// How long a connection is kept for the next request. Servers and what is between close idle ones after a minute or so,
/// and a write that meets that moment is one of which nothing is known.
const IDLE: Duration = Duration::from_secs(20);

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// A connection, with TLS and what a proxy takes.
    pub connect: Duration,
    /// A request with the whole of its answer. GitHub itself gives up after 10 s; servers and proxies take longer.
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            whole: Duration::from_secs(30),
        }
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lost {
    /// There was no connection: the request was certainly not sent.
    NotSent(String),
    /// The request may have been sent.
    Cut(String),
    /// There is an answer that is not read.
    TooLong(String),
}

/// Carries requests.
pub(super) struct Transport {
    client: Octocrab,
    host: String,
    timeouts: Timeouts,
}

impl Transport {
    /// To this address; within a runtime. Else what is wrong, in words.
    pub(super) fn new(
        address: &Address,
        token: SecretString,
        ca_file: Option<&Path>,
        timeouts: Timeouts,
    ) -> Result<Self, String> {
        // Fails when it is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(timeouts.connect)
            .pool_idle_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .user_agent(concat!("batch/", env!("CARGO_PKG_VERSION")));
        let client = if address.is_plain() {
            // Without TLS no certificates are read, which there may be none of. It is this computer that is meant: by a
            // proxy the token would go elsewhere, for all on the way to see.
            client.tls_certs_only([]).no_proxy()
        } else if let Some(file) = ca_file {
            client.tls_certs_merge(certificates(file)?)
        } else {
            client
        };
        let client = client.build().map_err(|error| root(&error))?;
        let service = tower::service_fn(move |request: http::Request<OctoBody>| {
            let client = client.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await?.to_bytes();
                let request = http::Request::from_parts(parts, body);
                let answer = client.execute(request.try_into()?).await?;
                Ok::<_, Box<dyn Error + Send + Sync>>(http::Response::<reqwest::Body>::from(answer))
            }
        });
        let client = OctocrabBuilder::new_empty()
            .with_service(service)
            .with_layer(&BaseUriLayer::new(address.origin().clone()))
            .with_auth(AuthState::AccessToken { token })
            .build();
        let Ok(client) = client;
        Ok(Self {
            client,
            host: address.host().to_owned(),
            timeouts,
        })
    }

    /// Sends a call, once, to this path on the origin.
    pub(super) async fn send(&self, _pass: &Pass, call: &Call, path: &str) -> Result<Raw, Lost> {
        // An address in the place of a path would lead elsewhere.
        if !path.starts_with('/') {
            return Err(Lost::NotSent(format!("`{path}` is no path")));
        }
        let method = match call.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Patch => http::Method::PATCH,
            Method::Put => http::Method::PUT,
            Method::Delete => http::Method::DELETE,
        };
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header(http::header::ACCEPT, MEDIA_TYPE);
        let request = self
            .client
            .build_request(request, call.body.as_ref())
            .map_err(|error| Lost::NotSent(root(&error)))?;
        match tokio::time::timeout(self.timeouts.whole, self.exchange(request)).await {
            Ok(exchanged) => exchanged,
            Err(_) => Err(Lost::Cut(format!(
                "no answer from {} within {} s",
                self.host,
                self.timeouts.whole.as_secs_f32()
            ))),
        }
    }

    async fn exchange(&self, request: http::Request<OctoBody>) -> Result<Raw, Lost> {
        let answer = self.client.execute(request).await;
        let (parts, mut rest) = answer.map_err(|error| self.lost(&error))?.into_parts();
        let mut body = Vec::new();
        while let Some(frame) = rest.frame().await {
            let frame = frame.map_err(|error| {
                let words = format!("the answer of {} broke off: {}", self.host, root(&error));
                Lost::Cut(words)
            })?;
            if let Ok(bytes) = frame.into_data() {
                if body.len() + bytes.len() > LONGEST_BODY {
                    return Err(Lost::TooLong(format!(
                        "the answer of {} has more than {} MiB",
                        self.host,
                        LONGEST_BODY >> 20
                    )));
                }
                body.extend_from_slice(&bytes);
            }
        }
        Ok(Raw {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        })
    }

    fn lost(&self, error: &octocrab::Error) -> Lost {
        let carried = causes(error).find_map(|cause| cause.downcast_ref::<reqwest::Error>());
        let root = root(error);
        match carried {
            Some(carried) if carried.is_connect() && carried.is_timeout() => {
                Lost::NotSent(format!(
                    "no connection to {} within {} s",
                    self.host,
                    self.timeouts.connect.as_secs_f32()
                ))
            }
            Some(carried) if carried.is_connect() => {
                let advice = if root.contains("UnknownIssuer") {
                    "; its certificate authority is not known here: name the authority's file by SSL_CERT_FILE, \
                     or to git by http.sslCAInfo"
                } else {
                    ""
                };
                Lost::NotSent(format!("no connection to {}: {root}{advice}", self.host))
            }
            Some(carried) if carried.is_builder() => Lost::NotSent(root),
            _ => Lost::Cut(format!("the connection to {} was lost: {root}", self.host)),
        }
    }
}

/// The authorities of a PEM file.
fn certificates(file: &Path) -> Result<Vec<reqwest::Certificate>, String> {
    let wrong = |words: String| format!("certificate authorities of {}: {words}", file.display());
    let pem = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
    let found = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| wrong(root(&error)))?;
    if found.is_empty() {
        return Err(wrong("there is none in it".to_owned()));
    }
    Ok(found)
}

/// An error and all that caused it.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| {
        (*error).source()
    })
}

/// What an error comes down to: what is around it names addresses, and the libraries that it came through.
fn root(error: &(dyn Error + 'static)) -> String {
    let last = causes(error).last().unwrap_or(error);
    last.to_string().trim().to_owned()
}
