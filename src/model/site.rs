//! [`Site`]: a repository on a server, as `host/owner/name`; read from a remote's address or from `--repo`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A repository on a server.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Site {
    /// The server's name in lower case, with its port where the address of a web page has one.
    pub host: String,
    /// Whose it is: a person's login, or an organisation.
    pub owner: String,
    /// The repository's name, without `.git`.
    pub name: String,
}

/// It is not `host/owner/name`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not HOST/OWNER/NAME")]
pub struct NoSite(String);

impl Site {
    /// From parts, of which the path may begin with `/`, end with `/`, and have `.git`.
    #[must_use]
    pub fn of(host: &str, path: &str) -> Option<Self> {
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let (owner, name) = path.split_once('/')?;
        let is_fine = |part: &str| {
            let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            !part.is_empty() && part != "." && part != ".." && part.bytes().all(fine)
        };
        (is_fine(owner) && is_fine(name) && !host.is_empty()).then(|| Self {
            host: host.to_ascii_lowercase(),
            owner: owner.to_owned(),
            name: name.to_owned(),
        })
    }

    /// `owner/name`, as the server's interface names it.
    #[must_use]
    pub fn slug(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.host, self.owner, self.name)
    }
}

impl FromStr for Site {
    type Err = NoSite;

    fn from_str(text: &str) -> Result<Self, NoSite> {
        let parts = text.split_once('/');
        let site = parts.and_then(|(host, path)| Self::of(host, path));
        site.ok_or_else(|| NoSite(text.to_owned()))
    }
}

impl TryFrom<String> for Site {
    type Error = NoSite;

    fn try_from(text: String) -> Result<Self, NoSite> {
        text.parse()
    }
}

impl From<Site> for String {
    fn from(site: Site) -> Self {
        site.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::Site;

    #[test]
    fn a_site_is_a_host_an_owner_and_a_name() {
        let site = Site::of("GitHub.com", "/octo-org/Hello.World.git/").unwrap();
        assert_eq!(site.to_string(), "github.com/octo-org/Hello.World");
        assert_eq!(site.to_string().parse(), Ok(site));
        for bad in [
            "github.com",
            "github.com/a",
            "github.com/a/b/c",
            "github.com/../a",
            "github.com/a/b c",
            "/a/b",
        ] {
            assert!(bad.parse::<Site>().is_err(), "{bad}");
        }
    }
}
