//! [`Gateway`]: the one way to GitHub's interface. Keeps the pace, waits out pauses, tries reads again, and never sends a
//! write twice.

use secrecy::SecretString;

use super::api::{Answer, ApiError, Call};
use super::transport::Transport;

/// The one way to GitHub's interface.
pub struct Gateway {
    transport: Transport,
}

impl Gateway {
    /// To the interface at this address (`https://api.github.com`, `https://HOST/api/v3`).
    ///
    /// # Errors
    /// [`ApiError::Unreachable`] when the address is none, or no client can be made.
    pub fn new(api_url: &str, token: SecretString) -> Result<Self, ApiError> {
        Ok(Self {
            transport: Transport::new(api_url, token)?,
        })
    }

    /// Sends one call and sees it to its end.
    ///
    /// # Errors
    /// [`ApiError`], of which [`ApiError::Unknown`] comes of writes alone.
    pub async fn send(&self, call: Call) -> Result<Answer, ApiError> {
        self.transport.send(&call).await
    }

    /// All items of a list, page by page.
    ///
    /// # Errors
    /// As [`Gateway::send`].
    pub async fn list(&self, call: Call) -> Result<Vec<serde_json::Value>, ApiError> {
        let mut items = Vec::new();
        let mut next = Some(call);
        while let Some(call) = next {
            let doing = call.doing.clone();
            let answer = self.send(call).await?;
            if let serde_json::Value::Array(page) = answer.body {
                items.extend(page);
            }
            next = answer.next.map(|path| Call::read(doing, path));
        }
        Ok(items)
    }
}
