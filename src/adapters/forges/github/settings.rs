//! [`GitHubSettings`]: what the user says of GitHub, by `[github]` in their own file and by `BATCH_GITHUB_*`, and which
//! servers are known to be GitHub's.
//!
//! A repository may not say it: whoever names the interface's address gets the token.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;

use crate::adapters::settings_file::{REPOSITORY_FILE, SettingsError, SettingsFile};

/// A longer interval is taken for a slip.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// What is set about GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitHubSettings {
    /// A server that is GitHub's, beside those that are known.
    pub host: Option<String>,
    /// Where its interface is; without a host, that of all servers.
    pub api_url: Option<String>,
    /// The time between two calls that make content; other writes keep half of it. 2 s: GitHub wants at least 1 s, and
    /// in practice refuses faster bursts near the tenth pull request.
    pub write_interval: Duration,
    /// The most content within a minute. 60: GitHub documents 80, and that some endpoints allow less.
    pub writes_per_minute: u32,
    /// The most content within an hour. 450: GitHub documents 500.
    pub writes_per_hour: u32,
    /// Servers that GitHub's own program, or its runner, names.
    pub known: Vec<String>,
}

impl Default for GitHubSettings {
    fn default() -> Self {
        Self {
            host: None,
            api_url: None,
            write_interval: Duration::from_secs(2),
            writes_per_minute: 60,
            writes_per_hour: 450,
            known: Vec::new(),
        }
    }
}

/// What of a file is about GitHub.
#[derive(Default, Deserialize)]
#[serde(default)]
struct About {
    github: Option<Written>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    host: Option<String>,
    api_url: Option<String>,
    write_interval: Option<String>,
    writes_per_minute: Option<NonZeroU32>,
    writes_per_hour: Option<NonZeroU32>,
}

/// A repository's file, where the table is only looked for.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Presumed {
    github: Option<toml::Value>,
}

impl GitHubSettings {
    /// Reads the user's file, and the environment, which wins. Files and variables that are not there say nothing.
    ///
    /// # Errors
    /// [`SettingsError`] names the file, the line and the key, or the variable; also where the repository's file says
    /// anything of GitHub.
    pub fn read(
        root: &Path,
        user_file: Option<&Path>,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingsError> {
        let user = user_file.map(SettingsFile::open).transpose()?.flatten();
        let repository = SettingsFile::open(&root.join(REPOSITORY_FILE))?;
        Self::of(user.as_ref(), repository.as_ref(), variable)
    }

    /// The same for files that are open already.
    ///
    /// # Errors
    /// As [`GitHubSettings::read`].
    pub fn of(
        user: Option<&SettingsFile>,
        repository: Option<&SettingsFile>,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingsError> {
        if let Some(file) = repository
            && file.read::<Presumed>()?.github.is_some()
        {
            let words = "a repository cannot say where a token is sent; say it in your own batch/config.toml";
            return Err(file.wrong(&["github"], words.to_owned()));
        }
        let mut settings = Self::default();
        if let Some(file) = user {
            file.knows_keys::<Written>(&["github"])?;
            if let Some(written) = file.read::<About>()?.github {
                settings
                    .take(written)
                    .map_err(|(key, words)| file.wrong(&["github", key], words))?;
            }
        }
        settings.take_variables(variable)?;
        settings.known = known_hosts(variable);
        Ok(settings)
    }

    fn take(&mut self, written: Written) -> Result<(), (&'static str, String)> {
        if let Some(host) = written.host {
            self.host = Some(host_name(&host).map_err(|words| ("host", words))?);
        }
        if let Some(url) = written.api_url {
            self.api_url = Some(url_text(&url).map_err(|words| ("api-url", words))?);
        }
        if let Some(text) = written.write_interval {
            self.write_interval = interval(&text).map_err(|words| ("write-interval", words))?;
        }
        if let Some(count) = written.writes_per_minute {
            self.writes_per_minute = count.get();
        }
        if let Some(count) = written.writes_per_hour {
            self.writes_per_hour = count.get();
        }
        Ok(())
    }

    fn take_variables(
        &mut self,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), SettingsError> {
        fn read<T>(
            variable: &dyn Fn(&str) -> Option<String>,
            name: &'static str,
            read: impl Fn(&str) -> Result<T, String>,
        ) -> Result<Option<T>, SettingsError> {
            let Some(text) = set(variable, name) else {
                return Ok(None);
            };
            let wrong = |words| SettingsError::Variable {
                name: name.to_owned(),
                words,
            };
            read(&text).map(Some).map_err(wrong)
        }
        if let Some(host) = read(variable, "BATCH_GITHUB_HOST", host_name)? {
            self.host = Some(host);
        }
        if let Some(url) = read(variable, "BATCH_GITHUB_API_URL", url_text)? {
            self.api_url = Some(url);
        }
        if let Some(interval) = read(variable, "BATCH_GITHUB_WRITE_INTERVAL", interval)? {
            self.write_interval = interval;
        }
        if let Some(count) = read(variable, "BATCH_GITHUB_WRITES_PER_MINUTE", count)? {
            self.writes_per_minute = count;
        }
        if let Some(count) = read(variable, "BATCH_GITHUB_WRITES_PER_HOUR", count)? {
            self.writes_per_hour = count;
        }
        Ok(())
    }

    /// Where the interface of a server is. An address that is set for one host is no other's: it would get the other's
    /// token.
    #[must_use]
    pub fn api_url(&self, host: &str) -> String {
        let is_meant = self.host.as_deref().is_none_or(|set| is_same(set, host));
        match &self.api_url {
            Some(url) if is_meant => url.clone(),
            _ if is_same(host, "github.com") => "https://api.github.com".to_owned(),
            _ if host.ends_with(".ghe.com") => format!("https://api.{host}"),
            _ => format!("https://{host}/api/v3"),
        }
    }

    /// Whether a server is GitHub's, as far as anybody said.
    #[must_use]
    pub fn knows(&self, host: &str) -> bool {
        let named = self.host.iter().chain(&self.known);
        super::token::is_githubs_own(&host.to_ascii_lowercase())
            || named.into_iter().any(|known| is_same(known, host))
    }
}

/// The file of further certificate authorities: git's variable, or else what git is set to.
#[must_use]
pub fn ca_file(
    variable: &dyn Fn(&str) -> Option<String>,
    git_setting: Option<PathBuf>,
) -> Option<PathBuf> {
    let named = set(variable, "GIT_SSL_CAINFO").map(PathBuf::from);
    named.or(git_setting.filter(|path| !path.as_os_str().is_empty()))
}

fn set(variable: &dyn Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    variable(name).filter(|value| !value.trim().is_empty())
}

/// Whether two names are one server's; a port counts where both have one.
fn is_same(one: &str, other: &str) -> bool {
    let (one_name, one_port) = parts(one);
    let (other_name, other_port) = parts(other);
    let ports = one_port.is_none() || other_port.is_none() || one_port == other_port;
    one_name.eq_ignore_ascii_case(other_name) && ports
}

fn parts(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (host, None),
    }
}

fn host_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
    if text.is_empty() || !text.bytes().all(fine) {
        return Err("it is the name of a server alone, as in `github.example.com`".to_owned());
    }
    Ok(text.to_ascii_lowercase())
}

fn url_text(text: &str) -> Result<String, String> {
    let text = text.trim();
    super::address::Address::parse(text)?;
    Ok(text.to_owned())
}

fn interval(text: &str) -> Result<Duration, String> {
    let read = text.trim().parse::<SignedDuration>().ok();
    read.and_then(|interval| Duration::try_from(interval).ok())
        .filter(|interval| *interval <= LONGEST_INTERVAL)
        .ok_or_else(|| "it is a time of up to an hour, as in `2s`".to_owned())
}

fn count(text: &str) -> Result<u32, String> {
    text.trim()
        .parse::<NonZeroU32>()
        .map(NonZeroU32::get)
        .map_err(|_| "it is a number from 1".to_owned())
}

/// The servers that GitHub's own program and its runner name.
fn known_hosts(variable: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let mut hosts: Vec<String> = set(variable, "GH_HOST").into_iter().collect();
    let url = set(variable, "GITHUB_SERVER_URL").and_then(|url| url.parse::<http::Uri>().ok());
    hosts.extend(url.and_then(|url| Some(url.authority()?.as_str().to_owned())));
    let folder = set(variable, "GH_CONFIG_DIR")
        .map(PathBuf::from)
        .or_else(|| {
            let below = |folder: &str| Path::new(folder).join("gh");
            set(variable, "XDG_CONFIG_HOME")
                .map(|folder| below(&folder))
                .or_else(|| set(variable, "HOME").map(|home| below(&format!("{home}/.config"))))
        });
    if let Some(folder) = folder
        && let Ok(text) = std::fs::read_to_string(folder.join("hosts.yml"))
    {
        hosts.extend(top_keys(&text));
    }
    hosts
        .iter()
        .filter_map(|host| host_name(host).ok())
        .collect()
}

/// The keys of a YAML file that stand at its left edge, which is where `gh` writes its hosts.
fn top_keys(text: &str) -> impl Iterator<Item = String> {
    let edge = |line: &&str| !line.starts_with([' ', '\t', '#', '-']);
    text.lines().filter(edge).filter_map(|line| {
        let key = line.trim_end().strip_suffix(':')?;
        Some(key.trim_matches(['"', '\'']).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the two files and these variables come to.
    fn read(
        user: &str,
        repository: &str,
        variables: &[(&str, &str)],
    ) -> Result<GitHubSettings, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, user).unwrap();
        std::fs::write(folder.path().join(REPOSITORY_FILE), repository).unwrap();
        let there = format!("{}/", folder.path().display());
        GitHubSettings::read(folder.path(), Some(&file), &lookup(variables))
            .map_err(|error| error.to_string().replace(&there, ""))
    }

    fn lookup(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        |name| {
            let set = variables.iter().find(|(other, _)| *other == name);
            set.map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let user = "agent-args = []\n[github]\nhost = 'git.example'\napi-url = 'https://git.example/api/v3'\nwrite-interval = '3s'\n\
                    writes-per-minute = 7\nwrites-per-hour = 8";
        let settings = read(user, "test = 'x'", &[]).unwrap();
        assert_eq!(settings.host.as_deref(), Some("git.example"));
        assert_eq!(settings.write_interval, Duration::from_secs(3));
        assert_eq!(
            (settings.writes_per_minute, settings.writes_per_hour),
            (7, 8)
        );
        let variables = [
            ("BATCH_GITHUB_HOST", "127.0.0.1:80"),
            ("BATCH_GITHUB_API_URL", "http://127.0.0.1:80"),
            ("BATCH_GITHUB_WRITE_INTERVAL", "0s"),
            ("BATCH_GITHUB_WRITES_PER_MINUTE", "1"),
            ("BATCH_GITHUB_WRITES_PER_HOUR", ""),
        ];
        let settings = read(user, "", &variables).unwrap();
        assert_eq!(settings.host.as_deref(), Some("127.0.0.1:80"));
        assert_eq!(settings.api_url.as_deref(), Some("http://127.0.0.1:80"));
        assert_eq!(settings.write_interval, Duration::ZERO);
        assert_eq!(
            (settings.writes_per_minute, settings.writes_per_hour),
            (1, 8)
        );
        assert_eq!(read("", "", &[]).unwrap(), GitHubSettings::default());
    }

    #[test]
    fn a_repository_cannot_say_where_a_token_is_sent() {
        for text in [
            "x = 1\n[github]\napi-url = 'https://evil.example'",
            "\ngithub = 1",
        ] {
            assert_eq!(
                read("", text, &[]).unwrap_err(),
                "batch.toml: line 2: github: a repository cannot say where a token is sent; say it in your own batch/config.toml"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, said) in [
            (
                "[github]\napi-url = 'http://git.example'",
                "config.toml: line 2: github.api-url: plain http would show the token to everybody on the way: only https is taken",
            ),
            (
                "[github]\nhost = 'https://git.example'",
                "config.toml: line 2: github.host: it is the name of a server alone, as in `github.example.com`",
            ),
            (
                "[github]\n\nwrite-interval = 'soon'",
                "config.toml: line 3: github.write-interval: it is a time of up to an hour, as in `2s`",
            ),
        ] {
            assert_eq!(read(text, "", &[]).unwrap_err(), said);
        }
        let zero = read("[github]\nwrites-per-hour = 0", "", &[]).unwrap_err();
        assert!(
            zero.starts_with("config.toml: line 2: github.writes-per-hour: "),
            "{zero}"
        );
        for (key, said) in [
            ("token = 'x'", "token: there is no such key"),
            (
                "api_url = 'x'",
                "api_url: there is no such key; did you mean `api-url`?",
            ),
        ] {
            let unknown = read(&format!("[github]\n{key}"), "", &[]).unwrap_err();
            assert_eq!(unknown, format!("config.toml: line 2: github.{said}"));
        }
        let variable = read("", "", &[("BATCH_GITHUB_WRITES_PER_HOUR", "many")]);
        assert_eq!(
            variable.unwrap_err(),
            "BATCH_GITHUB_WRITES_PER_HOUR: it is a number from 1"
        );
    }

    #[test]
    fn each_kind_of_server_has_its_interface_elsewhere() {
        let mut settings = GitHubSettings::default();
        for (host, url) in [
            ("github.com", "https://api.github.com"),
            ("acme.ghe.com", "https://api.acme.ghe.com"),
            ("git.example:8443", "https://git.example:8443/api/v3"),
        ] {
            assert_eq!(settings.api_url(host), url);
        }
        settings.api_url = Some("http://127.0.0.1:9".to_owned());
        assert_eq!(settings.api_url("github.com"), "http://127.0.0.1:9");
        settings.host = Some("git.example".to_owned());
        assert_eq!(settings.api_url("github.com"), "https://api.github.com");
        assert_eq!(settings.api_url("git.example"), "http://127.0.0.1:9");
    }

    #[test]
    fn servers_are_known_by_what_github_programs_say() {
        let folder = tempfile::tempdir().unwrap();
        let gh = folder.path().join("gh");
        std::fs::create_dir(&gh).unwrap();
        let hosts = "# mine\ngithub.com:\n    user: me\n    git.indented:\n\"git.quoted\":\n    oauth_token: hidden\nversion: 1\n";
        std::fs::write(gh.join("hosts.yml"), hosts).unwrap();
        let config = folder.path().display().to_string();
        let gh = gh.display().to_string();
        for place in [("XDG_CONFIG_HOME", &*config), ("GH_CONFIG_DIR", &*gh)] {
            let variables = [
                place,
                ("GH_HOST", "git.one"),
                ("GITHUB_SERVER_URL", "https://git.two:8443"),
                ("BATCH_GITHUB_HOST", "git.three"),
            ];
            let settings = read("", "", &variables).unwrap();
            for host in [
                "github.com",
                "GitHub.com",
                "acme.ghe.com",
                "git.quoted",
                "git.one:443",
                "git.two",
                "git.three",
            ] {
                assert!(settings.knows(host), "{host}");
            }
            for host in ["git.indented", "version", "gitlab.com", "github.com.evil"] {
                assert!(!settings.knows(host), "{host}");
            }
            assert!(!format!("{settings:?}").contains("hidden"));
        }
    }

    #[test]
    fn gits_variable_names_the_certificate_authorities_before_its_setting() {
        let of = |variables: &[(&str, &str)], setting: Option<&str>| {
            ca_file(&lookup(variables), setting.map(PathBuf::from))
        };
        let variable = [("GIT_SSL_CAINFO", "/a")];
        assert_eq!(of(&variable, Some("/b")), Some("/a".into()));
        assert_eq!(of(&[], Some("/b")), Some("/b".into()));
        assert_eq!(of(&[("GIT_SSL_CAINFO", "")], None), None);
    }
}
