//! One setting of git's, as git itself reads it.

use crate::adapters::git::git::{Git, line};
use crate::engine::ports::PortError;

/// The value of a setting, where it has one.
pub(super) async fn setting(git: &Git, name: &str) -> Result<Option<String>, PortError> {
    read(git, &["config", "--get", name], name).await
}

/// Whether a setting is on.
pub(super) async fn is_on(git: &Git, name: &str) -> Result<bool, PortError> {
    let value = read(git, &["config", "--type=bool", "--get", name], name).await?;
    Ok(value.as_deref() == Some("true"))
}

async fn read(git: &Git, args: &[&str], name: &str) -> Result<Option<String>, PortError> {
    let output = git
        .reading(format!("reading {name}"))
        .args(args)
        .output()
        .await?;
    Ok(output.status.success().then(|| line(&output.stdout)))
}
