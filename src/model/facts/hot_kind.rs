//! [`HotKind`]: why a file is one that many units of a change would want to edit.

/// Why a place is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HotKind {
    /// What a package is made of and depends on.
    Manifest,
    /// What a package manager wrote.
    Lockfile,
    /// It passes on what other files hold.
    Barrel,
    /// It names routes, plugins or other parts.
    Registry,
    /// Types and schemas that others rely on.
    Schema,
    /// What tests share.
    Fixture,
    /// What changed, by release.
    Changelog,
    /// A version number.
    Version,
    /// How tools are configured.
    Tooling,
    /// Made from other files, and committed.
    Generated,
}
