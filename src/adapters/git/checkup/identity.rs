//! Who commits, as far as git knows.

use crate::adapters::git::checkup::setting::setting;
use crate::adapters::git::git::Git;
use crate::adapters::git::ground::why_nobody_commits;
use crate::engine::ports::PortError;
use crate::model::checkup::identity::Identity;

/// Asks git, in a repository or outside one.
///
/// # Errors
/// [`PortError`] when git cannot be asked.
pub async fn identity(git: &Git, everywhere: bool) -> Result<Identity, PortError> {
    let refusal = why_nobody_commits(git).await?;
    let who = git.reading("asking git who commits");
    let who = who.args(["var", "GIT_COMMITTER_IDENT"]).output().await?;
    let who = String::from_utf8_lossy(&who.stdout).into_owned();
    let set = async |key: &str, variable: &str| {
        let variable = std::env::var_os(variable).unwrap_or_default();
        Ok::<_, PortError>(!variable.is_empty() || setting(git, key).await?.is_some())
    };
    Ok(Identity {
        refusal,
        // Without the time that git adds.
        who: who
            .find("> ")
            .map_or(who.trim(), |end| &who[..=end])
            .to_owned(),
        name: set("user.name", "GIT_COMMITTER_NAME").await?,
        email: set("user.email", "GIT_COMMITTER_EMAIL").await?,
        everywhere,
    })
}
