//! [`Surroundings`]: the variables that an agent's program finds: a list of what is let through, and no more.
//!
//! An agent lands nothing, so it gets nothing to land with: no token of a forge, no ssh or signing agent.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::no_push;
use crate::adapters::git::settings::GitSettings;

/// What programs need to find themselves, the network and their tools. A name that ends in `*` stands for all that
/// begin so, secrets left out.
const LET_THROUGH: [&str; 58] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "LC_*",
    "TZ",
    "XDG_*",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "GOPATH",
    "GOROOT",
    "GOCACHE",
    "GOMODCACHE",
    "JAVA_HOME",
    "MAVEN_*",
    "GRADLE_*",
    "NVM_*",
    "NODE_PATH",
    "NPM_CONFIG_*",
    "npm_config_*",
    "PNPM_HOME",
    "VOLTA_HOME",
    "PYENV_ROOT",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "PYTHONPATH",
    "RBENV_ROOT",
    "GEM_HOME",
    "GEM_PATH",
    "BUNDLE_PATH",
    "COMPOSER_HOME",
    "ANDROID_HOME",
    "ANDROID_SDK_ROOT",
    "DOTNET_ROOT",
    "ASDF_DATA_DIR",
    "MISE_DATA_DIR",
    "NIX_*",
    "HOMEBREW_*",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "PKG_CONFIG_PATH",
];

/// Words in the name of a variable that holds a secret.
const SECRETS: [&str; 7] = [
    "AUTH",
    "TOKEN",
    "PASSW",
    "SECRET",
    "CREDENTIAL",
    "PRIVATE",
    "API_KEY",
];

/// How the names begin by which one pushes, signs or is asked.
const LANDING: [&str; 13] = [
    "GH_",
    "GITHUB_",
    "GITLAB_",
    "GLAB_",
    "CI_JOB_TOKEN",
    "GITEA_",
    "FORGEJO_",
    "BITBUCKET_",
    "AZURE_DEVOPS_",
    "GIT_",
    "SSH_",
    "GPG_",
    "GNUPGHOME",
];

/// The forges, as they are named within the names of tokens.
const FORGES: [&str; 6] = [
    "GITHUB",
    "GITLAB",
    "GITEA",
    "FORGEJO",
    "BITBUCKET",
    "CODEBERG",
];

/// Variables that every agent gets.
const FIXED: [(&str, &str); 2] = [("TERM", "dumb"), ("NO_COLOR", "1")];

/// What an agent's environment is made from.
#[derive(Debug, Clone)]
pub struct Surroundings {
    inherited: Vec<(OsString, OsString)>,
    listed: Vec<String>,
    harmless: Vec<String>,
    git: GitSettings,
}

/// What the program and the request add to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Additions<'a> {
    /// The names that are the program's own.
    pub(super) own: &'a [&'a str],
    /// More that are its own where one of the names before them is set.
    pub(super) with: &'a [(&'a [&'a str], &'a [&'a str])],
    /// Names that the user listed for this program.
    pub(super) listed: &'a [String],
    /// Variables for this call, the later ones winning.
    pub(super) set: [&'a [(String, OsString)]; 2],
    /// The folder for temporary files.
    pub(super) tmp: &'a Path,
}

impl Surroundings {
    /// From our own environment, the names that the user lets through (`agent-env`), and settings for the git inside.
    #[must_use]
    pub fn new(
        inherited: impl IntoIterator<Item = (OsString, OsString)>,
        listed: Vec<String>,
        git: GitSettings,
    ) -> Self {
        Self {
            inherited: inherited.into_iter().collect(),
            listed,
            harmless: Vec::new(),
            git,
        }
    }

    /// Lets these names through too, where they hold no secret: the repository's word, of which the user knows nothing.
    #[must_use]
    pub fn harmless(self, harmless: Vec<String>) -> Self {
        Self { harmless, ..self }
    }

    /// All variables of the program.
    pub(super) fn variables(&self, additions: &Additions<'_>) -> BTreeMap<OsString, OsString> {
        let fixed = FIXED.iter().chain(&no_push::VARIABLES);
        let mut all: BTreeMap<OsString, OsString> = fixed
            .map(|(name, value)| (OsString::from(name), OsString::from(value)))
            .collect();
        let inherited = self.inherited.iter();
        all.extend(
            inherited
                .filter(|(name, _)| self.lets_in(name, additions))
                .cloned(),
        );
        let set = additions.set.iter().copied().flatten();
        all.extend(set.map(|(name, value)| (OsString::from(name), value.clone())));
        all.insert("TMPDIR".into(), additions.tmp.into());
        // What is counted must be whole.
        all.retain(|name, _| !is_counted(name));
        let git = self.git.variables().into_iter();
        all.extend(git.map(|(name, value)| (name.into(), value)));
        all
    }

    fn lets_in(&self, name: &OsStr, additions: &Additions<'_>) -> bool {
        let Some(name) = name.to_str() else {
            return false;
        };
        let listed = || self.listed.iter().chain(additions.listed);
        if listed().any(|exact| exact == name) {
            return true;
        }
        if lands(name) {
            return false;
        }
        listed().any(|pattern| fits(pattern, name))
            || additions.own.iter().any(|pattern| fits(pattern, name))
            || self.comes_with(name, additions)
            || LET_THROUGH.contains(&name)
            || self.lets_through(name) && !is_secret(name)
    }

    fn comes_with(&self, name: &str, additions: &Additions<'_>) -> bool {
        let is_set = |switch: &&str| {
            let mut inherited = self.inherited.iter();
            inherited.any(|(known, value)| known == switch && !value.is_empty() && value != "0")
        };
        additions.with.iter().any(|(switches, patterns)| {
            patterns.iter().any(|pattern| fits(pattern, name)) && switches.iter().any(is_set)
        })
    }

    /// Whether it gets in unless it is a secret.
    fn lets_through(&self, name: &str) -> bool {
        LET_THROUGH.iter().any(|pattern| fits(pattern, name))
            || self.harmless.iter().any(|pattern| fits(pattern, name))
    }
}

/// Whether git takes a part of its settings from it.
fn is_counted(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let parts = ["GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"];
    parts.iter().any(|part| name.starts_with(part))
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => pattern == name,
    }
}

/// Whether something could be landed with it.
pub(super) fn lands(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    LANDING.iter().any(|beginning| name.starts_with(beginning))
        || FORGES.iter().any(|forge| name.contains(forge)) && is_secret(&name)
}

pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SECRETS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names that reach an agent whose own are `own`, when the user lists `listed`.
    fn reach(names: &[&str], own: &[&str], listed: &[&str]) -> Vec<String> {
        let inherited = names.iter().map(|name| (name.into(), "outside".into()));
        let listed = listed.iter().map(|&name| name.to_owned()).collect();
        let surroundings = Surroundings::new(inherited, listed, GitSettings::quiet());
        let all = surroundings.variables(&Additions {
            own,
            with: &[],
            listed: &[],
            set: [&[], &[]],
            tmp: Path::new("/tmp/x"),
        });
        names
            .iter()
            .filter(|name| {
                all.get(OsStr::new(name))
                    .is_some_and(|value| value == "outside")
            })
            .map(|&name| name.to_owned())
            .collect()
    }

    #[test]
    fn only_what_is_on_the_list_gets_in() {
        let names = [
            "PATH",
            "LC_ALL",
            "CLAUDECODE",
            "MY_VAR",
            "PATHS",
            "npm_config_registry",
        ];
        assert_eq!(
            reach(&names, &[], &[]),
            ["PATH", "LC_ALL", "npm_config_registry"]
        );
    }

    #[test]
    fn an_agents_own_variables_get_in_and_its_token_too() {
        let names = [
            "ANTHROPIC_API_KEY",
            "ANTHROPIC_AUTH_TOKEN",
            "OPENAI_API_KEY",
        ];
        assert_eq!(reach(&names, &["ANTHROPIC_*"], &[]), names[..2]);
    }

    #[test]
    fn secrets_do_not_come_with_the_folders_of_toolchains() {
        let names = [
            "NPM_CONFIG__AUTH",
            "npm_config_//registry.npmjs.org/:_authToken",
            "MAVEN_PASSWORD",
            "GRADLE_PUBLISH_SECRET",
            "NIX_PATH",
        ];
        assert_eq!(reach(&names, &[], &[]), ["NIX_PATH"]);
    }

    #[test]
    fn nothing_that_lands_work_gets_in_by_a_pattern_but_by_its_name() {
        let names = [
            "GH_TOKEN",
            "GITHUB_TOKEN",
            "GITLAB_PRIVATE_TOKEN",
            "SSH_AUTH_SOCK",
            "GNUPGHOME",
            "GIT_SSH_COMMAND",
            "GIT_DIR",
            "HOMEBREW_GITHUB_API_TOKEN",
            "MY_GITHUB_TOKEN",
            "AZURE_DEVOPS_EXT_PAT",
        ];
        let patterns = [
            "GH_*",
            "GITHUB_*",
            "SSH_*",
            "G*",
            "HOMEBREW_*",
            "AZURE_*",
            "*",
        ];
        assert_eq!(reach(&names, &patterns, &patterns), [] as [&str; 0]);
        assert_eq!(reach(&names, &["GH_TOKEN"], &[]), [] as [&str; 0]);
        assert_eq!(reach(&names, &[], &["GH_TOKEN"]), ["GH_TOKEN"]);
        assert_eq!(reach(&names, &[], &names), names);
    }

    #[test]
    fn what_the_repository_lists_gets_in_where_it_is_no_secret() {
        let names = ["MY_VAR", "MY_TOKEN", "NPM_TOKEN", "GH_HOST", "OTHER"];
        let inherited = names.map(|name| (name.into(), "outside".into()));
        let surroundings = Surroundings::new(inherited, Vec::new(), GitSettings::quiet())
            .harmless(["MY_*", "NPM_TOKEN", "GH_*"].map(str::to_owned).to_vec());
        let all = surroundings.variables(&Additions {
            own: &[],
            with: &[],
            listed: &[],
            set: [&[], &[]],
            tmp: Path::new("/tmp/x"),
        });
        let got_in = |name: &&str| all.contains_key(OsStr::new(name));
        assert_eq!(
            names.iter().filter(|name| got_in(name)).collect::<Vec<_>>(),
            [&"MY_VAR"]
        );
    }

    #[test]
    fn the_keys_to_a_cloud_come_with_what_sets_the_program_to_it() {
        let got_in = |value: &str| {
            let inherited = [("USE_CLOUD", value), ("CLOUD_KEY", "k"), ("OTHER_KEY", "k")];
            let inherited = inherited.map(|(name, value)| (name.into(), value.into()));
            let surroundings = Surroundings::new(inherited, Vec::new(), GitSettings::quiet());
            let all = surroundings.variables(&Additions {
                own: &["USE_CLOUD"],
                with: &[(&["USE_IT", "USE_CLOUD"], &["CLOUD_*"])],
                listed: &[],
                set: [&[], &[]],
                tmp: Path::new("/tmp/x"),
            });
            ["CLOUD_KEY", "OTHER_KEY"].map(|name| all.contains_key(OsStr::new(name)))
        };
        assert_eq!(got_in("1"), [true, false]);
        assert_eq!(got_in("0"), [false, false]);
        assert_eq!(got_in(""), [false, false]);
    }

    #[test]
    fn the_settings_for_git_cannot_be_taken_apart() {
        let names = ["GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_7"];
        assert_eq!(reach(&names, &[], &names), [] as [&str; 0]);
    }

    #[test]
    fn what_is_set_for_a_call_wins_and_the_temporary_folder_is_the_requests() {
        let inherited = [("TMPDIR", "/tmp"), ("LANG", "x")].map(|(n, v)| (n.into(), v.into()));
        let surroundings = Surroundings::new(inherited, Vec::new(), GitSettings::quiet());
        let one = [
            ("LANG".to_owned(), "y".into()),
            ("A".to_owned(), "1".into()),
        ];
        let other = [("A".to_owned(), "2".into())];
        let all = surroundings.variables(&Additions {
            own: &[],
            with: &[],
            listed: &[],
            set: [&one, &other],
            tmp: Path::new("/run/tmp"),
        });
        let of = |name: &str| all[OsStr::new(name)].to_str().unwrap();
        assert_eq!(
            [of("LANG"), of("A"), of("TMPDIR"), of("TERM")],
            ["y", "2", "/run/tmp", "dumb"]
        );
        assert_eq!(of("GIT_TERMINAL_PROMPT"), "0");
        assert_eq!(of("GIT_CONFIG_KEY_1"), "gc.auto");
    }
}
