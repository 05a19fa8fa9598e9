//! [`RepoChoice`] and [`ForkChoice`]: where pull requests and their branches go, as the user says it.

/// A repository on a server, as the user names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepoChoice {
    /// The server; none leaves it to the remote's address.
    pub host: Option<String>,
    /// The repository there, as `owner/name`.
    pub path: String,
}

/// To which fork of the user's the branches are pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForkChoice {
    /// To the one that is there.
    Existing,
    /// To the one that is there, or else to one that is made.
    Make,
}
