//! [`Transport`]: one request to GitHub and its answer, by octocrab. The only file that names it.

use std::time::Duration;

use http::Uri;
use http_body_util::BodyExt as _;
use octocrab::service::middleware::base_uri::BaseUriLayer;
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};
use secrecy::SecretString;
use serde_json::Value;

use super::api::{Answer, ApiError, Call, Method, Refusal};

/// How long a request may take, its answer's body included.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Carries requests.
pub(super) struct Transport {
    client: Octocrab,
}

impl Transport {
    pub(super) fn new(api_url: &str, token: SecretString) -> Result<Self, ApiError> {
        let doing = || "connecting to GitHub".to_owned();
        let unreachable = |words: String| ApiError::Unreachable {
            doing: doing(),
            words,
        };
        let base: Uri = api_url
            .parse()
            .map_err(|error| unreachable(format!("{api_url}: {error}")))?;
        // Fails when it is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("batch/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| unreachable(error.to_string()))?;
        let service = tower::service_fn(move |request: http::Request<OctoBody>| {
            let client = client.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await?.to_bytes();
                let request = http::Request::from_parts(parts, body);
                let answer = client.execute(request.try_into()?).await?;
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>(
                    http::Response::<reqwest::Body>::from(answer),
                )
            }
        });
        let client = OctocrabBuilder::new_empty()
            .with_service(service)
            .with_layer(&BaseUriLayer::new(base))
            .with_auth(AuthState::AccessToken { token })
            .build()
            .map_err(|never| match never {})?;
        Ok(Self { client })
    }

    pub(super) async fn send(&self, call: &Call) -> Result<Answer, ApiError> {
        let unreachable = |words: String| ApiError::Unreachable {
            doing: call.doing.clone(),
            words,
        };
        let method = match call.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Patch => http::Method::PATCH,
            Method::Put => http::Method::PUT,
            Method::Delete => http::Method::DELETE,
        };
        let request = http::Request::builder().method(method).uri(&call.path);
        let request = self
            .client
            .build_request(request, call.body.as_ref())
            .map_err(|error| unreachable(error.to_string()))?;
        let answer = self
            .client
            .execute(request)
            .await
            .map_err(|error| unreachable(error.to_string()))?;
        let status = answer.status().as_u16();
        let body = answer
            .into_body()
            .collect()
            .await
            .map_err(|error| unreachable(error.to_string()))?
            .to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        if (200..300).contains(&status) {
            return Ok(Answer {
                status,
                body,
                next: None,
                scopes: None,
            });
        }
        Err(ApiError::Refused(Box::new(Refusal {
            doing: call.doing.clone(),
            status,
            words: body["message"].as_str().unwrap_or_default().to_owned(),
            errors: Vec::new(),
            hint: None,
        })))
    }
}
