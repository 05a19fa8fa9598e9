//! What a child does not inherit: the variables that tie git to one repository, and the tokens of a forge.

use tokio::process::Command;

/// As `git rev-parse --local-env-vars` lists them: the union of git 2.39 to 2.47, in which `GIT_INTERNAL_SUPER_PREFIX`
/// went away.
///
/// A hook that starts us sets some of them, and an inherited `GIT_INDEX_FILE` would stage into the user's index. With
/// them go the settings of `git -c`, which travel in two of them.
pub(crate) const GIT_LOCAL_VARIABLES: [&str; 16] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    "GIT_INTERNAL_SUPER_PREFIX",
];

/// The tokens that speak for the user on GitHub (GitHub CLI's manual, `gh help environment`). No command, codemod or
/// hook needs them to do its work, and any could pass them on.
pub(crate) const FORGE_TOKENS: [&str; 4] = [
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "GITHUB_ENTERPRISE_TOKEN",
];

/// Whether a child inherits the tokens of a forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ForgeTokens {
    /// It does not.
    Withheld,
    /// It does: it talks to the forge for the user.
    Inherited,
}

/// Keeps those variables from a command; what is set on it afterwards counts.
pub(super) fn clean(command: &mut Command, tokens: ForgeTokens) {
    for name in GIT_LOCAL_VARIABLES {
        command.env_remove(name);
    }
    match tokens {
        ForgeTokens::Inherited => {}
        ForgeTokens::Withheld => {
            for name in FORGE_TOKENS {
                command.env_remove(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_that_the_installed_git_calls_local_is_known() {
        let listed = std::process::Command::new("git")
            .args(["rev-parse", "--local-env-vars"])
            .output()
            .unwrap();
        let listed = String::from_utf8(listed.stdout).unwrap();
        assert!(listed.lines().count() > 10, "{listed}");
        for name in listed.lines() {
            assert!(GIT_LOCAL_VARIABLES.contains(&name), "{name} is missing");
        }
    }
}
