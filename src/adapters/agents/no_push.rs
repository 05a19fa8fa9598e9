//! What keeps the git inside an agent from pushing: [`Remotes`], and the settings that make them unusable for it.
//!
//! This stops agents that push because they were taught to, not one that means harm: such a one needs a sandbox. Pushes
//! between other repositories go on to work, for tests make such.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::adapters::git::git::{Git, line, records};
use crate::adapters::git::settings::GitSettings;
use crate::engine::ports::PortError;

/// What the address of a push begins with instead: git looks for a transport of this name, finds none, and says so,
/// without a word to any host.
const NOWHERE: &str = "batch-push-is-disabled::";

/// The ssh of an agent's git: no agent, no keys, no settings of the user's, no questions.
const SSH: &str = "ssh -F /dev/null -o BatchMode=yes -o IdentityAgent=none -o IdentitiesOnly=yes -o IdentityFile=/dev/null";

/// Who commits are by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
}

impl Identity {
    /// The one that git would commit by; none when it does not know any.
    ///
    /// # Errors
    /// [`PortError`] when git cannot be asked.
    pub async fn of(git: &Git) -> Result<Option<Self>, PortError> {
        let told = git
            .reading("reading who commits are by")
            .args(["var", "GIT_AUTHOR_IDENT"])
            .output()
            .await?;
        Ok(told
            .status
            .success()
            .then(|| line(&told.stdout))
            .as_deref()
            .and_then(Self::told))
    }

    /// From `Name <address> seconds zone`.
    fn told(ident: &str) -> Option<Self> {
        let (name, rest) = ident.split_once(" <")?;
        let (email, _) = rest.rsplit_once("> ")?;
        Some(Self {
            name: name.to_owned(),
            email: email.to_owned(),
        })
    }
}

/// What of a repository's settings leads to its remotes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remotes {
    /// The addresses that can be pushed to, in every spelling.
    pub urls: Vec<OsString>,
    /// The addresses that are set for pushes alone, as they are written.
    pub push_urls: Vec<OsString>,
    /// The names of the settings that add headers to requests: a CI keeps its token in one.
    pub headers: Vec<OsString>,
}

impl Remotes {
    /// Reads them from the settings that count in git's folder.
    ///
    /// # Errors
    /// [`PortError`] when git cannot be asked.
    pub async fn of(git: &Git) -> Result<Self, PortError> {
        let listed = git
            .reading("reading the settings of remotes")
            .args(["config", "--list", "-z"])
            .bytes()
            .await?;
        let mut remotes = Self::default();
        for record in records(&listed) {
            let end = record.iter().position(|&byte| byte == b'\n');
            let (name, value) = record.split_at(end.unwrap_or(record.len()));
            let value = value
                .get(1..)
                .map(|value| OsStr::from_bytes(value).to_owned());
            if name.starts_with(b"http.") && name.ends_with(b".extraheader") {
                remotes.headers.push(OsStr::from_bytes(name).to_owned());
            } else if name.starts_with(b"remote.") && name.ends_with(b".url") {
                remotes.urls.extend(value);
            } else if name.starts_with(b"remote.") && name.ends_with(b".pushurl") {
                remotes.push_urls.extend(value);
            }
        }
        let names = git
            .reading("listing the remotes")
            .arg("remote")
            .bytes()
            .await?;
        for name in names
            .split(|&byte| byte == b'\n')
            .filter(|name| !name.is_empty())
        {
            for which in [&["--all"][..], &["--push", "--all"]] {
                // A remote without an address has none to be kept from.
                let shown = git
                    .reading(format!("reading the addresses of remote {}", line(name)))
                    .args(["remote", "get-url"])
                    .args(which)
                    .arg("--")
                    .arg(OsStr::from_bytes(name))
                    .output()
                    .await?;
                let urls = shown.stdout.split(|&byte| byte == b'\n');
                let urls = urls.filter(|url| !url.is_empty());
                remotes
                    .urls
                    .extend(urls.map(|url| OsStr::from_bytes(url).to_owned()));
            }
        }
        remotes.urls.extend(remotes.push_urls.iter().cloned());
        // A path from here is the same place from elsewhere.
        let here: Vec<OsString> = remotes
            .urls
            .iter()
            .filter_map(|url| git.dir().join(url).canonicalize().ok())
            .map(Into::into)
            .collect();
        remotes.urls.extend(here);
        Ok(remotes)
    }
}

/// Settings for the git inside an agent: nothing in the background, no credentials, no signatures, no push to these.
///
/// git turns an address by the longest match, so that a whole address wins over what the user has set for a beginning
/// of it; only a `pushInsteadOf` of the user's for the very same whole address comes first. A remote whose address
/// begins with a push address cannot be fetched from.
#[must_use]
pub fn settings(identity: Option<&Identity>, remotes: &Remotes) -> GitSettings {
    let mut settings = GitSettings::quiet()
        .with("credential.helper", "")
        .with("commit.gpgsign", "false")
        .with("tag.gpgsign", "false")
        .with("http.extraHeader", "");
    for header in &remotes.headers {
        settings = settings.with(header, "");
    }
    if let Some(identity) = identity {
        settings = settings
            .with("user.name", &identity.name)
            .with("user.email", &identity.email);
    }
    let mut spellings: Vec<OsString> = remotes.urls.iter().flat_map(spellings).collect();
    spellings.sort();
    spellings.dedup();
    for url in spellings {
        settings = settings.with(format!("url.{NOWHERE}.pushInsteadOf"), url);
    }
    for url in &remotes.push_urls {
        settings = settings.with(format!("url.{NOWHERE}.insteadOf"), url);
    }
    settings
}

/// Variables for the git inside an agent, which no setting can stand for.
pub(super) const VARIABLES: [(&str, &str); 5] = [
    ("GIT_TERMINAL_PROMPT", "0"),
    // Empty means: ask nobody.
    ("GIT_ASKPASS", ""),
    ("SSH_ASKPASS", ""),
    ("SSH_ASKPASS_REQUIRE", "never"),
    ("GIT_SSH_COMMAND", SSH),
];

/// An address, and beginnings of it that lead to the same place.
fn spellings(url: &OsString) -> Vec<OsString> {
    let whole = url.as_bytes();
    let bare = whole.strip_suffix(b"/").unwrap_or(whole);
    let stem = bare.strip_suffix(b".git").unwrap_or(bare);
    let mut all = vec![whole.to_vec(), bare.to_vec(), stem.to_vec()];
    if let Some(path) = stem.strip_prefix(b"file://") {
        all.push(path.to_vec());
    } else if stem.starts_with(b"/") {
        all.push([b"file://", stem].concat());
    }
    // An empty beginning would be that of every address.
    all.retain(|spelling| spelling.len() > 1);
    all.into_iter().map(OsString::from_vec).collect()
}
