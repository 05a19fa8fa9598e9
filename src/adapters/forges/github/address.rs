//! [`Address`]: where GitHub's interface is, and which paths there belong to it. Pure.
//!
//! The token goes to this origin and to no other: addresses that GitHub names are taken only as paths on it.

use std::net::IpAddr;

use http::Uri;

/// What the interface of a server of one's own lies under.
const SERVER_ROOT: &str = "/api/v3";

/// Where the interface is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Its scheme, host and port.
    origin: Uri,
    /// The path that its paths lie under; empty on github.com.
    root: String,
}

impl Address {
    /// From an address as a person writes it; else what is wrong with it, as a fragment that shows no password.
    pub(super) fn parse(api_url: &str) -> Result<Self, String> {
        let uri: Uri = api_url
            .parse()
            .map_err(|_| "it is no address of an interface".to_owned())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err("it is no address of an interface: it must begin with https://".to_owned());
        };
        if authority.as_str().contains('@') {
            return Err("an address with a name or password is not taken".to_owned());
        }
        if uri.query().is_some() {
            return Err("an address with a query is not taken".to_owned());
        }
        match scheme {
            "https" => {}
            "http" if is_loopback(authority.host()) => {}
            "http" => {
                return Err(
                    "plain http would show the token to everybody on the way: only https is taken"
                        .to_owned(),
                );
            }
            _ => return Err(format!("{scheme}:// is not taken: only https is")),
        }
        let origin = Uri::builder()
            .scheme(scheme)
            .authority(authority.as_str())
            .path_and_query("/")
            .build()
            .map_err(|_| "it is no address of an interface".to_owned())?;
        Ok(Self {
            origin,
            root: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    /// Scheme, host and port, with `/` as its path.
    pub(super) fn origin(&self) -> &Uri {
        &self.origin
    }

    /// Host, and port where one is named.
    pub(super) fn host(&self) -> &str {
        self.origin
            .authority()
            .map_or("", http::uri::Authority::as_str)
    }

    /// Whether it is reached without TLS.
    pub(super) fn is_plain(&self) -> bool {
        self.origin.scheme_str() == Some("http")
    }

    /// The path on the origin of a call's path. GraphQL lies beside the root of a server's interface, not below it.
    pub(super) fn on_origin(&self, path: &str) -> String {
        match self.root.strip_suffix(SERVER_ROOT) {
            Some(before) if path == "/graphql" => format!("{before}/api/graphql"),
            _ => format!("{}{path}", self.root),
        }
    }

    /// The path on this origin that an address names, which may be a path alone; none where it is elsewhere.
    pub(super) fn path_of(&self, location: &str) -> Option<String> {
        let uri: Uri = location.parse().ok()?;
        match (uri.scheme_str(), uri.authority()) {
            // `//host/path` has no scheme and is no path.
            (None, None) if location.starts_with('/') => {}
            (Some(scheme), Some(authority)) => {
                let same = Some(scheme) == self.origin.scheme_str()
                    && authority
                        .host()
                        .eq_ignore_ascii_case(self.origin.host().unwrap_or_default())
                    && port(&uri) == port(&self.origin)
                    && !authority.as_str().contains('@');
                if !same {
                    return None;
                }
            }
            _ => return None,
        }
        Some(uri.path_and_query()?.as_str().to_owned())
    }

    /// The path below the root that an address names; none where it is elsewhere.
    pub(super) fn below_root(&self, location: &str) -> Option<String> {
        let path = self.path_of(location)?;
        let below = path.strip_prefix(&self.root)?;
        below.starts_with('/').then(|| below.to_owned())
    }
}

fn port(uri: &Uri) -> Option<u16> {
    uri.port_u16().or(match uri.scheme_str() {
        Some("https") => Some(443),
        Some("http") => Some(80),
        _ => None,
    })
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    fn address(url: &str) -> Address {
        Address::parse(url).unwrap()
    }

    #[test]
    fn graphql_is_where_each_kind_of_server_has_it() {
        for (url, repository, graphql) in [
            ("https://api.github.com", "/repos/a/b", "/graphql"),
            ("https://api.acme.ghe.com/", "/repos/a/b", "/graphql"),
            (
                "https://git.example/api/v3",
                "/api/v3/repos/a/b",
                "/api/graphql",
            ),
            (
                "https://git.example:8443/hub/api/v3/",
                "/hub/api/v3/repos/a/b",
                "/hub/api/graphql",
            ),
            ("http://127.0.0.1:9/x", "/x/repos/a/b", "/x/graphql"),
        ] {
            assert_eq!(address(url).on_origin("/repos/a/b"), repository, "{url}");
            assert_eq!(address(url).on_origin("/graphql"), graphql, "{url}");
        }
    }

    #[test]
    fn plain_http_is_for_this_computer_alone() {
        for fine in [
            "http://localhost:1",
            "http://127.1.2.3",
            "http://[::1]:8/api/v3",
        ] {
            assert!(address(fine).is_plain());
        }
        let words = Address::parse("http://git.example/api/v3").unwrap_err();
        assert_eq!(
            words,
            "plain http would show the token to everybody on the way: only https is taken"
        );
        assert!(Address::parse("http://localhost.example").is_err());
    }

    #[test]
    fn what_is_no_address_is_refused_without_its_password() {
        for (url, words) in [
            (
                "https://me:hidden@git.example",
                "an address with a name or password is not taken",
            ),
            (
                "git.example",
                "it is no address of an interface: it must begin with https://",
            ),
            ("https://", "it is no address of an interface"),
            ("ftp://git.example", "ftp:// is not taken: only https is"),
            (
                "https://git.example/?token=hidden",
                "an address with a query is not taken",
            ),
        ] {
            assert_eq!(Address::parse(url).unwrap_err(), words, "{url}");
        }
    }

    #[test]
    fn an_address_elsewhere_is_no_path() {
        let server = address("https://git.example/api/v3");
        let below = |location: &str| server.below_root(location);
        assert_eq!(
            below("https://GIT.example:443/api/v3/repositories/1/pulls?page=2").as_deref(),
            Some("/repositories/1/pulls?page=2")
        );
        assert_eq!(below("/api/v3/x?y").as_deref(), Some("/x?y"));
        for elsewhere in [
            "https://git.example/other",
            "https://git.example/api/v33/x",
            "https://git.example.evil/api/v3/x",
            "https://git.example:444/api/v3/x",
            "http://git.example/api/v3/x",
            "https://git.example@evil.example/api/v3/x",
            "https://me@git.example/api/v3/x",
            "//evil.example/api/v3/x",
            "x",
        ] {
            assert_eq!(below(elsewhere), None, "{elsewhere}");
        }
        assert_eq!(
            address("https://api.github.com")
                .below_root("https://api.github.com/repositories/1?page=2")
                .as_deref(),
            Some("/repositories/1?page=2")
        );
    }
}
