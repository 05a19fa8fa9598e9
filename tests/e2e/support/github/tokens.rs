//! [`Token`]: what a token may do, and how GitHub says that it may not.

use base64::Engine as _;

use super::reply::Reply;
use super::state::State;

/// A token.
#[derive(Debug, Clone)]
pub struct Token {
    pub login: String,
    pub kind: TokenKind,
    /// Whether the organisation of every repository wants single sign-on first.
    pub needs_sso: bool,
}

/// What a token may do.
#[derive(Debug, Clone)]
pub enum TokenKind {
    /// A classic one, by its scopes.
    Classic(Vec<&'static str>),
    /// A fine-grained one, by its permissions: `("pull_requests", "write")`.
    FineGrained(Vec<(&'static str, &'static str)>),
}

/// What a call wants of a token.
#[derive(Debug, Clone, Copy)]
pub struct Need {
    /// The permission, as `pull_requests=write` has it.
    pub permission: &'static str,
    pub write: bool,
}

impl Need {
    pub const fn read(permission: &'static str) -> Self {
        Self {
            permission,
            write: false,
        }
    }

    pub const fn write(permission: &'static str) -> Self {
        Self {
            permission,
            write: true,
        }
    }

    fn header(self) -> String {
        let level = if self.write { "write" } else { "read" };
        format!("{}={level}", self.permission)
    }
}

impl Token {
    /// Whether it may; else GitHub's answer.
    pub fn check(&self, need: Need, private: bool, host: &str) -> Result<(), Reply> {
        if self.needs_sso {
            let url = format!("http://{host}/orgs/octo/sso?authorization_request=A1B2C3");
            let words = "Resource protected by organization SAML enforcement. You must grant your Personal Access token \
                         access to this organization.";
            return Err(
                Reply::refused(403, words).with("x-github-sso", format!("required; url={url}"))
            );
        }
        match &self.kind {
            TokenKind::Classic(scopes) => {
                let has = |scope: &str| scopes.contains(&scope);
                let enough = has("repo") || (!private && (!need.write || has("public_repo")));
                // What a token must not see is not there.
                enough.then_some(()).ok_or_else(Reply::not_found)
            }
            TokenKind::FineGrained(given) => {
                let given = given.iter().find(|(name, _)| *name == need.permission);
                let enough = match given {
                    Some((_, level)) => !need.write || *level == "write",
                    None => need.permission == "metadata" || (!private && !need.write),
                };
                let refusal = || {
                    Reply::refused(403, "Resource not accessible by personal access token")
                        .with("x-accepted-github-permissions", need.header())
                };
                enough.then_some(()).ok_or_else(refusal)
            }
        }
    }

    /// The headers that tell a classic token's scopes.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        match &self.kind {
            TokenKind::Classic(scopes) => vec![
                ("x-oauth-scopes", scopes.join(", ")),
                ("x-accepted-oauth-scopes", "repo".to_owned()),
            ],
            TokenKind::FineGrained(_) => Vec::new(),
        }
    }

    /// Whether git may push with it.
    pub fn may_push(&self, private: bool) -> bool {
        match &self.kind {
            TokenKind::Classic(scopes) => {
                scopes.contains(&"repo") || (!private && scopes.contains(&"public_repo"))
            }
            TokenKind::FineGrained(given) => given.contains(&("contents", "write")),
        }
    }
}

impl State {
    /// The token that a header names: `Bearer x`, `token x`, or a password by Basic. Err for one that is not known.
    pub fn token(&self, authorization: Option<&str>) -> Result<Option<Token>, ()> {
        let Some((scheme, words)) = authorization.and_then(|header| header.split_once(' ')) else {
            return authorization.map_or(Ok(None), |_| Err(()));
        };
        let secret = if scheme.eq_ignore_ascii_case("basic") {
            let bytes = base64::engine::general_purpose::STANDARD.decode(words.trim());
            let pair = String::from_utf8(bytes.map_err(|_| ())?).map_err(|_| ())?;
            pair.split_once(':').ok_or(())?.1.to_owned()
        } else {
            words.trim().to_owned()
        };
        self.tokens.get(&secret).cloned().map(Some).ok_or(())
    }
}
