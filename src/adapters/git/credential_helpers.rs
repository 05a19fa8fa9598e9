//! Which of what a user has git ask for a password may answer with a token from the environment. [`Git`](super::git::Git)
//! asks, and hands tokens to nothing else.

use crate::adapters::process::FORGE_TOKENS;

/// The names of the settings that say who is asked, for `git config --get-regexp`.
pub(super) const HELPERS: &str = r"^(credential\..*helper|core\.askpass)$";

/// Whether such a setting, as `name LF value`, names something that may: GitHub's own helper, a line of shell that names a
/// token, or a program to ask.
pub(super) fn may_take_a_token(record: &[u8]) -> bool {
    let text = String::from_utf8_lossy(record);
    let (name, helper) = text.split_once('\n').unwrap_or((&text, ""));
    let is_named = || FORGE_TOKENS.iter().any(|token| helper.contains(token));
    name == "core.askpass" || helper.contains("auth git-credential") || is_named()
}

#[cfg(test)]
mod tests {
    use super::may_take_a_token;

    #[test]
    fn tokens_are_for_helpers_that_may_take_them_alone() {
        for setting in [
            "credential.https://github.com.helper\n!/usr/bin/gh auth git-credential",
            "credential.helper\n!f() { echo password=$GITHUB_TOKEN; }; f",
            "core.askpass\n/ci/askpass",
        ] {
            assert!(may_take_a_token(setting.as_bytes()), "{setting}");
        }
        for setting in [
            "credential.helper\nstore",
            "credential.helper\n",
            "credential.helper",
        ] {
            assert!(!may_take_a_token(setting.as_bytes()), "{setting}");
        }
    }
}
