//! [`RepositoryFacts`]: what the repository is and allows, and what the token may do there, before anything is made.

use serde_json::{Value, json};

use super::api::{Answer, ApiError, Kind, Method};
use super::failure::{unusable, words};
use super::place::Place;
use super::refusal::added_scope;
use super::token::TokenSource;
use crate::engine::ports::ForgeError;
use crate::model::site::Site;
use crate::model::wishes::MergeMethod;

/// A branch that is nobody's: a pull request from it can never be opened.
const NO_BRANCH: &str = "batch-probe-that-does-not-exist";

/// What the repository is and allows, and what the token may do there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "GitHub's own words, each a fact by itself"
)]
pub struct RepositoryFacts {
    /// Where it is now: after a rename, another name than was asked for.
    pub site: Site,
    /// Whether it takes no changes any more.
    pub archived: bool,
    /// Whether GitHub has shut it.
    pub disabled: bool,
    /// Whether only some may see it.
    pub private: bool,
    /// Its default branch.
    pub default_branch: String,
    /// Whether the token's person may push; none where GitHub does not tell, as with an app's token.
    pub may_push: Option<bool>,
    /// Whether the token may open pull requests.
    pub may_open: MayOpen,
    /// Whether it has issues.
    pub has_issues: bool,
    /// The ways in which it merges pull requests.
    pub merge_methods: Vec<MergeMethod>,
    /// Whether it merges by itself once rules are met.
    pub auto_merge: bool,
    /// Who the token is of; none where it is an app's.
    pub viewer: Option<String>,
}

/// Whether pull requests can be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MayOpen {
    /// Nothing is known that is against it.
    Yes,
    /// They cannot.
    No {
        /// Why, in GitHub's words where it has some.
        words: String,
        /// What a person can do about it.
        hint: Option<String>,
    },
}

/// Looks at the repository and the token.
pub(super) async fn facts(place: &Place) -> Result<RepositoryFacts, ForgeError> {
    let doing = format!("looking at {}", place.site.slug());
    let answer = place.read(&doing, "").await?;
    let body = &answer.body;
    let slug = body["full_name"].as_str();
    let site = slug.and_then(|slug| Site::of(&place.site.host, slug));
    let site = site.ok_or_else(|| unusable(&doing, "full_name"))?;
    let default_branch = body["default_branch"].as_str();
    let default_branch = default_branch.ok_or_else(|| unusable(&doing, "default_branch"))?;
    let viewer = place.viewer().await?;
    Ok(RepositoryFacts {
        site,
        archived: body["archived"] == true,
        disabled: body["disabled"] == true,
        private: body["private"] == true,
        default_branch: default_branch.to_owned(),
        // Of an app's token it says that nothing is allowed, whatever is.
        may_push: body["permissions"]["push"]
            .as_bool()
            .filter(|_| viewer.is_some()),
        may_open: may_open(place, &answer, default_branch).await?,
        has_issues: body["has_issues"] == true,
        merge_methods: merge_methods(body),
        auto_merge: body["allow_auto_merge"] == true,
        viewer,
    })
}

/// Those that are not said to be off: who may only read is told nothing of them.
fn merge_methods(body: &Value) -> Vec<MergeMethod> {
    let all = [
        ("allow_merge_commit", MergeMethod::Merge),
        ("allow_squash_merge", MergeMethod::Squash),
        ("allow_rebase_merge", MergeMethod::Rebase),
    ];
    let allowed = all.into_iter().filter(|(key, _)| body[*key] != false);
    allowed.map(|(_, method)| method).collect()
}

async fn may_open(
    place: &Place,
    answer: &Answer,
    default_branch: &str,
) -> Result<MayOpen, ForgeError> {
    let body = &answer.body;
    let slug = place.site.slug();
    if body["archived"] == true {
        return Ok(MayOpen::No {
            words: format!("{slug} is archived: it takes no changes"),
            hint: None,
        });
    }
    if body["disabled"] == true {
        return Ok(MayOpen::No {
            words: format!("GitHub has disabled {slug}"),
            hint: None,
        });
    }
    match answer.scopes.as_deref() {
        Some(scopes) if !scopes.is_empty() => Ok(by_scopes(
            scopes,
            body["private"] == true,
            place.token_source(),
        )),
        Some(_) | None => probe(place, default_branch).await,
    }
}

fn by_scopes(scopes: &[String], private: bool, source: &TokenSource) -> MayOpen {
    let has = |scope: &str| scopes.iter().any(|has| has == scope);
    if has("repo") || (!private && has("public_repo")) {
        return MayOpen::Yes;
    }
    let wanted = if private {
        "`repo`"
    } else {
        "`repo` or `public_repo`"
    };
    MayOpen::No {
        words: format!(
            "the token from {source} has the scopes {}, and opening pull requests wants {wanted}",
            scopes.join(", ")
        ),
        hint: Some(added_scope(source, "repo")),
    }
}

/// Asks for what can never be: who may not open pull requests is told so, and all others that there is no such branch.
async fn probe(place: &Place, default_branch: &str) -> Result<MayOpen, ForgeError> {
    let head = if place.is_forked() {
        format!("{}:{NO_BRANCH}", place.head_owner)
    } else {
        NO_BRANCH.to_owned()
    };
    let body = json!({ "title": NO_BRANCH, "head": head, "base": default_branch });
    let doing = "asking whether pull requests may be opened";
    match place
        .write(doing, Kind::Write, Method::Post, "/pulls", body)
        .await
    {
        Ok(_) => Ok(MayOpen::Yes),
        Err(error @ ApiError::Refused(_)) => Ok(probed(error)),
        // Whatever it did, it opened nothing.
        Err(error) => Err(error.into()),
    }
}

fn probed(error: ApiError) -> MayOpen {
    let words = words(&error);
    match error {
        ApiError::Refused(refusal) if refusal.status != 422 => MayOpen::No {
            words,
            hint: refusal.hint,
        },
        ApiError::Refused(_)
        | ApiError::Unreachable { .. }
        | ApiError::Unknown { .. }
        | ApiError::Stopped => MayOpen::Yes,
    }
}

#[cfg(test)]
mod tests {
    use super::{MayOpen, by_scopes};
    use crate::adapters::forges::github::token::TokenSource;

    #[test]
    fn a_token_without_the_scope_is_named_with_the_way_to_get_it() {
        let gh = TokenSource::Gh("git.example".to_owned());
        let scopes = ["gist", "public_repo"].map(str::to_owned);
        assert_eq!(by_scopes(&scopes, false, &gh), MayOpen::Yes);
        let MayOpen::No { words, hint } = by_scopes(&scopes, true, &gh) else {
            panic!("it may");
        };
        assert_eq!(
            words,
            "the token from gh auth token --hostname git.example has the scopes gist, public_repo, and opening pull \
             requests wants `repo`"
        );
        assert_eq!(
            hint.as_deref(),
            Some("add it with `gh auth refresh --hostname git.example --scopes repo`")
        );
    }
}
