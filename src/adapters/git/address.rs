//! [`RemoteKind`]: where a push goes, read from a remote's address; and the address of another repository beside it.
//!
//! It asks nobody. `branches.rs` reads the address of a remote, `remote.rs` pushes to a fork by it.

use crate::model::site::Site;

/// What holds the branches, and so what can hold the pull requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoteKind {
    /// This repository: it has no remote.
    Here,
    /// A repository on this machine's disks.
    Path,
    /// A repository on a server.
    Server(Server),
}

/// A repository on a server, as an address tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name in lower case, without the user; with the port where the address is that of a web page and has one.
    pub host: String,
    /// The repository's path there, as it stands.
    pub path: String,
}

impl Server {
    /// The repository, where the path is one of an owner and a name.
    #[must_use]
    pub fn site(&self) -> Option<Site> {
        Site::of(&self.host, &self.path)
    }
}

impl RemoteKind {
    /// Reads an address as git does: a URL, `user@host:path`, or a path.
    #[must_use]
    pub fn of(address: &str) -> Self {
        match Parts::of(address) {
            None => Self::Path,
            Some(Parts { host, path }) => Self::Server(Server {
                host,
                path: address[path..].to_owned(),
            }),
        }
    }
}

/// The address of another repository on the same server, reached in the same way, as the same user; none for a path.
#[must_use]
pub(super) fn moved_to(address: &str, site: &Site) -> Option<String> {
    let Parts { path: start, .. } = Parts::of(address)?;
    let path = &address[start..];
    let lead = if path.starts_with('/') { "/" } else { "" };
    let end = match path.trim_end_matches('/').strip_suffix(".git") {
        Some(_) => ".git",
        None => "",
    };
    Some(format!("{}{lead}{}{end}", &address[..start], site.slug()))
}

/// A server in an address.
struct Parts {
    host: String,
    /// Where the path begins.
    path: usize,
}

impl Parts {
    fn of(address: &str) -> Option<Self> {
        if let Some((scheme, rest)) = address.split_once("://") {
            if scheme == "file" {
                return None;
            }
            let start = scheme.len() + 3;
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            return Some(Self {
                host: host(Some(scheme), &rest[..end]),
                path: start + end,
            });
        }
        if let Some((helper, _)) = address.split_once("::")
            && !helper.is_empty()
            && helper
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            return Some(Self {
                host: helper.to_ascii_lowercase(),
                path: helper.len() + 2,
            });
        }
        // git takes a colon for ssh only when no slash stands before it; in brackets it belongs to an address.
        let host_end = match (address.find('['), address.find("]:")) {
            (Some(_), Some(bracket)) => Some(bracket + 1),
            _ => address.find(':'),
        };
        match host_end {
            Some(end) if end > 0 && !address[..end].contains('/') => Some(Self {
                host: host(None, &address[..end]),
                path: end + 1,
            }),
            _ => None,
        }
    }
}

/// The server's name in what stands before an address's path.
fn host(scheme: Option<&str>, authority: &str) -> String {
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let (name, port) = match host.strip_prefix('[') {
        Some(inner) => {
            let (name, rest) = inner.split_once(']').unwrap_or((inner, ""));
            (name, rest.strip_prefix(':'))
        }
        None => match host.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, None),
        },
    };
    let name = name.to_ascii_lowercase();
    let usual = match scheme {
        Some("https") => "443",
        Some("http") => "80",
        // Another service of the same server, whose port tells nothing of its pages.
        Some(_) | None if name == "ssh.github.com" => return "github.com".to_owned(),
        Some(_) | None => return name,
    };
    match port.filter(|port| !port.is_empty() && *port != usual) {
        Some(port) => format!("{name}:{port}"),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::{RemoteKind, moved_to};
    use crate::model::site::Site;

    /// Server and path of an address.
    fn parts(address: &str) -> (String, String) {
        match RemoteKind::of(address) {
            RemoteKind::Server(server) => (server.host, server.path),
            other => panic!("{address} is {other:?}"),
        }
    }

    #[test]
    fn server_and_repository_are_found_in_every_kind_of_address() {
        for address in [
            "https://github.com/a/b.git",
            "https://token:x@GitHub.com/a/b",
            "https://github.com:443/a/b/",
            "ssh://git@github.com:22/a/b",
            "ssh://git@ssh.github.com:443/a/b.git",
            "git@ssh.github.com:a/b",
            "git@github.com:a/b.git",
            "github.com:/a/b",
            "git://github.com/a/b",
        ] {
            let RemoteKind::Server(server) = RemoteKind::of(address) else {
                panic!("{address}");
            };
            assert_eq!(server.site(), Site::of("github.com", "a/b"), "{address}");
        }
        assert_eq!(parts("http://127.0.0.1:8080/a/b").0, "127.0.0.1:8080");
        assert_eq!(parts("https://ghe.example:8443/a/b").0, "ghe.example:8443");
        assert_eq!(parts("ssh://git@ghe.example:2222/a/b").0, "ghe.example");
        assert_eq!(parts("ssh://git@[::1]:22/a").0, "::1");
        assert_eq!(parts("[::1]:a/b"), ("::1".to_owned(), "a/b".to_owned()));
        assert_ne!(
            RemoteKind::of("codecommit::eu-west-1://a"),
            RemoteKind::Path
        );
        assert_eq!(parts("ext::sh -c x").0, "ext");
    }

    #[test]
    fn what_is_not_an_owner_and_a_name_is_no_site() {
        for address in [
            "https://host.example/a",
            "https://host.example/a/b/c",
            "https://host.example",
            "git@host.example:~/b",
            "ext::sh -c x",
        ] {
            let RemoteKind::Server(server) = RemoteKind::of(address) else {
                panic!("{address}");
            };
            assert_eq!(server.site(), None, "{address}");
        }
    }

    #[test]
    fn another_repository_is_reached_in_the_same_way() {
        let fork = Site::of("github.com", "me/b-1").unwrap();
        for (address, moved) in [
            (
                "https://github.com/a/b.git",
                "https://github.com/me/b-1.git",
            ),
            (
                "https://x:y@github.com/a/b",
                "https://x:y@github.com/me/b-1",
            ),
            ("http://127.0.0.1:8080/a/b/", "http://127.0.0.1:8080/me/b-1"),
            (
                "ssh://git@github.com:22/a/b.git",
                "ssh://git@github.com:22/me/b-1.git",
            ),
            ("git@work:a/b.git", "git@work:me/b-1.git"),
            ("github.com:/a/b", "github.com:/me/b-1"),
        ] {
            assert_eq!(moved_to(address, &fork).as_deref(), Some(moved));
        }
        assert_eq!(moved_to("/srv/git/a.git", &fork), None);
    }

    #[test]
    fn paths_are_paths() {
        for address in [
            "/srv/git/a.git",
            "../a.git",
            "./git@host:a",
            "file:///srv/a.git",
            "a folder/with:colon",
            "a.git",
            "",
        ] {
            assert_eq!(RemoteKind::of(address), RemoteKind::Path, "{address}");
        }
    }
}
