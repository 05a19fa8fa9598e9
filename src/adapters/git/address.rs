//! [`RemoteKind`]: where a push goes, read from a remote's address.

/// What holds the branches, and so what can hold the pull requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoteKind {
    /// This repository: it has no remote.
    Here,
    /// A repository on this machine's disks.
    Path,
    /// A server, by its lower-case name without user and port.
    Host(String),
}

impl RemoteKind {
    /// Reads an address as git does: a URL, `user@host:path`, or a path.
    #[must_use]
    pub fn of(address: &str) -> Self {
        if let Some((scheme, rest)) = address.split_once("://") {
            if scheme == "file" {
                return Self::Path;
            }
            let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
            return Self::host(authority);
        }
        if let Some((helper, _)) = address.split_once("::")
            && !helper.is_empty()
            && helper
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            return Self::Host(helper.to_ascii_lowercase());
        }
        // git takes a colon for ssh only when no slash stands before it; in brackets it belongs to an address.
        let host_end = match (address.find('['), address.find("]:")) {
            (Some(_), Some(bracket)) => Some(bracket + 1),
            _ => address.find(':'),
        };
        match host_end {
            Some(end) if end > 0 && !address[..end].contains('/') => Self::host(&address[..end]),
            _ => Self::Path,
        }
    }

    fn host(authority: &str) -> Self {
        let host = authority.rsplit('@').next().unwrap_or(authority);
        let host = match host.strip_prefix('[') {
            Some(inner) => inner.split(']').next().unwrap_or(inner),
            None => host.split(':').next().unwrap_or(host),
        };
        Self::Host(host.to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::RemoteKind;

    #[test]
    fn hosts_are_found_in_every_kind_of_address() {
        for address in [
            "https://github.com/a/b.git",
            "https://token:x@GitHub.com/a/b",
            "https://github.com:443/a/b",
            "ssh://git@github.com:22/a/b",
            "git@github.com:a/b.git",
            "github.com:a/b",
            "git://github.com/a",
        ] {
            assert_eq!(
                RemoteKind::of(address),
                RemoteKind::Host("github.com".into()),
                "{address}"
            );
        }
        assert_eq!(
            RemoteKind::of("ssh://git@[::1]:22/a"),
            RemoteKind::Host("::1".into())
        );
        assert_eq!(RemoteKind::of("[::1]:a/b"), RemoteKind::Host("::1".into()));
        assert_ne!(
            RemoteKind::of("codecommit::eu-west-1://a"),
            RemoteKind::Path
        );
        assert_eq!(
            RemoteKind::of("ext::sh -c x"),
            RemoteKind::Host("ext".into())
        );
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
