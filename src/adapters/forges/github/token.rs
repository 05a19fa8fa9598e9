//! [`find`]: the token that GitHub knows the user by, and where it was found. Kept where nothing prints it.
//!
//! Looked for where GitHub's own program looks: variables for github.com, others for a server of one's own, and then
//! that program's own store.

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;

use crate::adapters::process::{Invocation, Processes};
use crate::adapters::programs::on_path;
use crate::engine::ports::{PortError, Stop};

/// How long `gh` may take: it may ask the system's keyring, which may ask the user.
const PATIENCE: Duration = Duration::from_secs(30);

/// A token.
#[derive(Clone)]
pub struct Token {
    /// What nothing prints.
    pub secret: SecretString,
    /// Where it was found.
    pub source: TokenSource,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token from {}", self.source)
    }
}

/// Where a token was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// A variable of the environment.
    Variable(&'static str),
    /// The store of GitHub's own program, for this host.
    Gh(String),
}

/// As a person would look there.
impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::Gh(host) => write!(f, "gh auth token --hostname {host}"),
        }
    }
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoToken {
    /// None of the places has one.
    #[error(
        "no token for {host}: neither {} nor {} is set, and `gh auth token --hostname {host}` gives none ({gh})",
        names[0],
        names[1]
    )]
    Nowhere {
        /// The server.
        host: String,
        /// The variables that were looked at.
        names: [&'static str; 2],
        /// What became of asking `gh`.
        gh: String,
    },
    /// What was found there has characters that no token has.
    #[error("what {0} holds is no token: it has characters that none has")]
    Unfit(TokenSource),
    /// The user stopped meanwhile.
    #[error("stopped")]
    Stopped,
}

impl NoToken {
    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Nowhere { host, names, .. } => Some(format!(
                "sign in with `gh auth login --hostname {host}`, or set {} to a token that may write pull requests",
                names[0]
            )),
            Self::Unfit(source) => Some(format!(
                "look at {source}: perhaps more was copied than the token"
            )),
            Self::Stopped => None,
        }
    }
}

/// What of the outside is needed to look for a token.
pub struct Places<'a> {
    /// Looks a variable of the environment up.
    pub variable: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Starts `gh`.
    pub processes: &'a Processes,
    /// The folder that it is started in.
    pub folder: &'a Path,
    /// Ends the asking.
    pub stop: &'a Stop,
}

/// Whether a token for github.com is one for this host: it and its subdomains of `ghe.com` are one service.
#[must_use]
pub fn is_githubs_own(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or(host);
    name == "github.com" || name.ends_with(".ghe.com")
}

/// The token for a host.
///
/// # Errors
/// [`NoToken`], which names all the places.
pub async fn find(host: &str, places: &Places<'_>) -> Result<Token, NoToken> {
    let names = if is_githubs_own(host) {
        ["GH_TOKEN", "GITHUB_TOKEN"]
    } else {
        ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"]
    };
    for name in names {
        let value = (places.variable)(name).unwrap_or_default();
        if !value.trim().is_empty() {
            return token(&value, TokenSource::Variable(name));
        }
    }
    let nowhere = |gh: String| NoToken::Nowhere {
        host: host.to_owned(),
        names,
        gh,
    };
    let path = (places.variable)("PATH").unwrap_or_default();
    let Some(gh) = on_path("gh", OsStr::new(&path)) else {
        return Err(nowhere("gh is not installed".to_owned()));
    };
    let asked = Invocation::new(gh, places.folder)
        .args(["auth", "token", "--hostname", host])
        .env("GH_PROMPT_DISABLED", "1")
        .env("GH_NO_UPDATE_NOTIFIER", "1")
        .env("NO_COLOR", "1");
    let answer = match places
        .processes
        .capture(&asked, PATIENCE, places.stop)
        .await
    {
        Ok(answer) => answer,
        Err(PortError::Stopped) => return Err(NoToken::Stopped),
        Err(PortError::TimedOut { .. }) => {
            return Err(nowhere(format!("no answer after {} s", PATIENCE.as_secs())));
        }
        Err(PortError::Failed { words, .. }) => return Err(nowhere(first_line(&words))),
    };
    if !answer.status.success() {
        let words = match answer.failure() {
            PortError::Failed { words, .. } => first_line(&words),
            PortError::TimedOut { .. } | PortError::Stopped => String::new(),
        };
        return Err(nowhere(words));
    }
    let value = String::from_utf8_lossy(&answer.stdout).into_owned();
    if value.trim().is_empty() {
        return Err(nowhere("it answers nothing".to_owned()));
    }
    token(&value, TokenSource::Gh(host.to_owned()))
}

/// What fits into a header, and is on one line.
fn token(value: &str, source: TokenSource) -> Result<Token, NoToken> {
    let value = value.trim();
    if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(NoToken::Unfit(source));
    }
    Ok(Token {
        secret: value.to_owned().into(),
        source,
    })
}

fn first_line(words: &str) -> String {
    let line = words.lines().next().unwrap_or_default();
    line.trim().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use secrecy::ExposeSecret;

    use super::*;

    /// What is found in an environment, and with a `gh` of that script.
    async fn found(
        host: &str,
        variables: &[(&str, &str)],
        gh: Option<&str>,
    ) -> Result<(String, String), NoToken> {
        let folder = tempfile::tempdir().unwrap();
        if let Some(script) = gh {
            let file = folder.path().join("gh");
            std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let path = folder.path().display().to_string();
        let variable = |name: &str| {
            let set = variables.iter().find(|(other, _)| *other == name);
            match name {
                "PATH" => Some(path.clone()),
                _ => set.map(|(_, value)| (*value).to_owned()),
            }
        };
        let places = Places {
            variable: &variable,
            processes: &Processes::new("/nowhere"),
            folder: folder.path(),
            stop: &Stop::default(),
        };
        let token = find(host, &places).await?;
        Ok((
            token.secret.expose_secret().to_owned(),
            token.source.to_string(),
        ))
    }

    fn pair(value: &str, source: &str) -> (String, String) {
        (value.to_owned(), source.to_owned())
    }

    #[tokio::test]
    async fn each_server_has_variables_of_its_own() {
        let all = [
            ("GH_TOKEN", "a"),
            ("GITHUB_TOKEN", "b"),
            ("GH_ENTERPRISE_TOKEN", "c"),
            ("GITHUB_ENTERPRISE_TOKEN", "d"),
        ];
        let asked = async |host: &str, from: usize| {
            let found = found(host, &all[from..], None).await;
            found.unwrap()
        };
        assert_eq!(asked("github.com", 0).await, pair("a", "GH_TOKEN"));
        assert_eq!(asked("acme.ghe.com", 1).await, pair("b", "GITHUB_TOKEN"));
        let enterprise = pair("c", "GH_ENTERPRISE_TOKEN");
        assert_eq!(asked("git.example:8443", 0).await, enterprise);
        assert_eq!(asked("ghe.com.example", 0).await, enterprise);
        let last = pair("d", "GITHUB_ENTERPRISE_TOKEN");
        assert_eq!(asked("git.example", 3).await, last);
    }

    #[tokio::test]
    async fn gh_is_asked_last_for_that_host_and_without_a_terminal() {
        let gh =
            r#"[ -t 0 ] && exit 9; [ "$*" = "auth token --hostname github.com" ] && echo gho_1"#;
        let empty = [("GH_TOKEN", " "), ("GITHUB_TOKEN", "")];
        assert_eq!(
            found("github.com", &empty, Some(gh)).await.unwrap(),
            pair("gho_1", "gh auth token --hostname github.com")
        );
        let set = [("GITHUB_TOKEN", "b\n")];
        assert_eq!(
            found("github.com", &set, Some(gh)).await.unwrap(),
            pair("b", "GITHUB_TOKEN")
        );
    }

    #[tokio::test]
    async fn where_there_is_none_all_places_are_named() {
        let error = found("github.com", &[], None).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "no token for github.com: neither GH_TOKEN nor GITHUB_TOKEN is set, and \
             `gh auth token --hostname github.com` gives none (gh is not installed)"
        );
        assert_eq!(
            error.hint().unwrap(),
            "sign in with `gh auth login --hostname github.com`, or set GH_TOKEN to a token that may write pull requests"
        );
        let gh = "echo 'no oauth token found for git.example' >&2; exit 1";
        let error = found("git.example", &[], Some(gh)).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "no token for git.example: neither GH_ENTERPRISE_TOKEN nor GITHUB_ENTERPRISE_TOKEN is set, and \
             `gh auth token --hostname git.example` gives none (no oauth token found for git.example)"
        );
        let error = found("git.example", &[], Some("true")).await.unwrap_err();
        assert!(
            error.to_string().ends_with("(it answers nothing)"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn what_no_header_takes_is_no_token_and_is_not_shown() {
        let set = [("GH_TOKEN", "hidden one\nhidden two")];
        let error = found("github.com", &set, None).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "what GH_TOKEN holds is no token: it has characters that none has"
        );
        assert!(!format!("{error:?} {:?}", error.hint()).contains("hidden"));
    }

    #[test]
    fn a_token_is_never_printed() {
        let token = token("hidden", TokenSource::Variable("GH_TOKEN")).unwrap();
        assert_eq!(format!("{token:?}"), "Token from GH_TOKEN");
        assert!(!format!("{:?}", token.secret).contains("hidden"));
    }
}
