//! [`Destination`]: which forge holds a run's pull requests, and which repository there; and [`RunForge`], that forge.
//!
//! Settled by `--forge`, `--repo`, `--fork` and the remote's address for a first run, and by the journal ever after:
//! a remote's address may change. Whether the user may do there what is wanted is `rights`' to say.

use std::sync::Arc;

use crate::adapters::forges::github::forge::GitHub;
use crate::adapters::forges::local::LocalForge;
use crate::adapters::git::{RemoteChoice, RemoteKind, Server};
use crate::cli::args::{ForgeChoice, ForkChoice, PullArgs, RepoChoice};
use crate::cli::exit::{Exit, Problem};
use crate::cli::github::{Access, LOCAL, tell_pauses};
use crate::cli::session::Session;
use crate::engine::ports::{Forge, Stop};
use crate::model::history::History;
use crate::model::site::Site;

/// Where the pull requests of a run go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Into this repository's own folder.
    Local,
    /// To GitHub.
    GitHub(OnGitHub),
}

/// A repository on GitHub, and where the branches for it are pushed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnGitHub {
    /// The repository.
    pub site: Site,
    /// Where the branches are.
    pub branches: Branches,
}

/// Which repository the branches are pushed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Branches {
    /// The one that holds the pull requests.
    There,
    /// That fork of it.
    InFork(Site),
    /// A fork of the user's that is still to be found, or to be made after the yes.
    InForkOfMine(ForkChoice),
}

/// The forge of a run.
#[derive(Clone)]
pub enum RunForge {
    /// The embedded one.
    Local(LocalForge),
    /// GitHub.
    GitHub(Arc<GitHub>),
}

impl RunForge {
    /// What the publisher knows of it.
    #[must_use]
    pub fn port(&self) -> Arc<dyn Forge> {
        match self {
            Self::Local(local) => Arc::new(local.clone()),
            Self::GitHub(github) => Arc::clone(github) as Arc<dyn Forge>,
        }
    }
}

/// The embedded forge of the session's repository.
#[must_use]
pub fn local(session: &Session) -> LocalForge {
    LocalForge::new(&session.place.common_dir, session.clock.clone())
}

/// The forge that a run began with; it heeds the stop.
///
/// # Errors
/// [`Problem`] when GitHub holds its pull requests and there is no token for it.
pub async fn of_run(
    session: &Session,
    history: &History,
    stop: &Stop,
) -> Result<RunForge, Problem> {
    let forge = Destination::of_run(history)?.forge(session, stop).await?;
    tell_pauses(session, &*forge.port());
    Ok(forge)
}

impl Destination {
    /// Where the pull requests of a run go that began earlier.
    ///
    /// # Errors
    /// [`Problem`] when its journal names a forge that this version does not know.
    pub fn of_run(history: &History) -> Result<Self, Problem> {
        match (history.forge.as_str(), &history.site) {
            ("local", _) => Ok(Self::Local),
            ("github", Some(site)) => {
                let fork = history.fork.as_ref().map(|fork| fork_site(site, fork));
                Ok(Self::GitHub(OnGitHub {
                    site: site.clone(),
                    branches: match fork.transpose()? {
                        None => Branches::There,
                        Some(fork) => Branches::InFork(fork),
                    },
                }))
            }
            (other, _) => Err(Problem::new(
                Exit::NotReady,
                format!(
                    "the pull requests of run {} are on the forge `{other}`, which this version does not know",
                    history.run
                ),
            )),
        }
    }

    /// The forge itself; it heeds the stop.
    ///
    /// # Errors
    /// [`Problem`] when there is no token, or the settings are wrong.
    pub async fn forge(&self, session: &Session, stop: &Stop) -> Result<RunForge, Problem> {
        match self {
            Self::Local => Ok(RunForge::Local(local(session))),
            Self::GitHub(place) => {
                let access = Access::find(session, &place.site.host).await?;
                let owner = place.fork().map(|fork| fork.owner.clone());
                let github = access.github(session, place.site.clone(), owner, stop)?;
                Ok(RunForge::GitHub(Arc::new(github)))
            }
        }
    }

    /// Refuses `--stack` where the branches are in a fork: a pull request cannot go to a branch of another repository.
    ///
    /// # Errors
    /// [`Problem`] when both are wanted.
    pub fn take_stack(&self, stack: bool) -> Result<(), Problem> {
        match self.branches() {
            Branches::InFork(_) | Branches::InForkOfMine(_) if stack => {
                let words = "--stack cannot be had with branches in a fork: a pull request is stacked on a branch of the repository that holds it";
                Err(Problem::new(Exit::Usage, words))
            }
            Branches::There | Branches::InFork(_) | Branches::InForkOfMine(_) => Ok(()),
        }
    }

    /// The forge's name, as `--forge` takes it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::GitHub(_) => "github",
        }
    }

    /// The repository on a server, where the pull requests are on one.
    #[must_use]
    pub fn site(&self) -> Option<&Site> {
        match self {
            Self::Local => None,
            Self::GitHub(place) => Some(&place.site),
        }
    }

    /// Which repository the branches are pushed to.
    #[must_use]
    pub fn branches(&self) -> &Branches {
        match self {
            Self::Local => &Branches::There,
            Self::GitHub(place) => &place.branches,
        }
    }

    /// The fork that the branches are pushed to, where that is settled.
    #[must_use]
    pub fn fork(&self) -> Option<&Site> {
        match self {
            Self::Local => None,
            Self::GitHub(place) => place.fork(),
        }
    }
}

impl OnGitHub {
    /// The fork that the branches are pushed to, where that is settled.
    #[must_use]
    pub fn fork(&self) -> Option<&Site> {
        match &self.branches {
            Branches::InFork(fork) => Some(fork),
            Branches::There | Branches::InForkOfMine(_) => None,
        }
    }
}

/// The fork of a journal, on the server of what it is a fork of.
fn fork_site(site: &Site, fork: &str) -> Result<Site, Problem> {
    Site::of(&site.host, fork).ok_or_else(|| {
        Problem::new(
            Exit::NotReady,
            format!("`{fork}`, where the run's branches were pushed, is not OWNER/NAME"),
        )
    })
}

/// Settles where the pull requests of a new run go. Asks no server.
///
/// # Errors
/// [`Problem`] when the pull requests belong on a server that is not known to be GitHub, or options contradict that.
pub async fn settle(
    session: &Session,
    remote: &RemoteChoice,
    args: &PullArgs,
) -> Result<Destination, Problem> {
    settle_as(session, remote, args.forge, args.repo.as_ref(), args.fork).await
}

/// Settles it by the remote alone, as for a user who says nothing of it.
///
/// # Errors
/// As [`settle`].
pub async fn by_remote(session: &Session, remote: &RemoteChoice) -> Result<Destination, Problem> {
    settle_as(session, remote, ForgeChoice::Auto, None, None).await
}

async fn settle_as(
    session: &Session,
    remote: &RemoteChoice,
    choice: ForgeChoice,
    repo: Option<&RepoChoice>,
    fork: Option<ForkChoice>,
) -> Result<Destination, Problem> {
    let kind = session
        .interrupts
        .guard(async { Ok(session.place.remote_kind(remote).await?) })
        .await?;
    let name = remote.name().unwrap_or("origin");
    let settings = Access::settings(session)?;
    let wanted = Wanted {
        remote: name,
        choice,
        repo,
        fork,
    };
    wanted.settle(kind, &|host| settings.knows(host))
}

/// What the user says of the forge.
struct Wanted<'a> {
    remote: &'a str,
    choice: ForgeChoice,
    repo: Option<&'a RepoChoice>,
    fork: Option<ForkChoice>,
}

impl Wanted<'_> {
    fn settle(
        &self,
        kind: RemoteKind,
        is_github: &dyn Fn(&str) -> bool,
    ) -> Result<Destination, Problem> {
        match (self.choice, kind) {
            (ForgeChoice::Local, _) => self.local(),
            (ForgeChoice::Auto, RemoteKind::Here | RemoteKind::Path) if self.repo.is_none() => {
                self.local()
            }
            (ForgeChoice::Auto | ForgeChoice::Github, RemoteKind::Here) => Err(Problem::new(
                Exit::NotReady,
                "pull requests on GitHub need a remote there, and this repository has none",
            )
            .hint(format!(
                "add one with `git remote add origin ADDRESS`\n{LOCAL}"
            ))),
            (ForgeChoice::Auto | ForgeChoice::Github, RemoteKind::Path) => Err(Problem::new(
                Exit::NotReady,
                format!(
                    "the remote {} is a path, not a repository on GitHub",
                    self.remote
                ),
            )
            .hint(format!("name another with --remote\n{LOCAL}"))),
            (ForgeChoice::Auto | ForgeChoice::Github, RemoteKind::Server(server)) => {
                self.on_server(&server, is_github)
            }
        }
    }

    fn local(&self) -> Result<Destination, Problem> {
        let option = match (self.repo, self.fork) {
            (Some(_), _) => "--repo",
            (None, Some(_)) => "--fork",
            (None, None) => return Ok(Destination::Local),
        };
        let words =
            format!("{option} is for GitHub, and the local forge keeps these pull requests");
        Err(Problem::new(Exit::Usage, words))
    }

    fn on_server(
        &self,
        server: &Server,
        is_github: &dyn Fn(&str) -> bool,
    ) -> Result<Destination, Problem> {
        let named = self.repo.and_then(|repo| repo.host.as_deref());
        let host = named.unwrap_or(&server.host);
        let told = match self.choice {
            ForgeChoice::Github => true,
            ForgeChoice::Auto | ForgeChoice::Local => is_github(host),
        };
        if !told {
            return Err(self.stranger(host));
        }
        let pushed = server.site();
        let site = match self.repo {
            Some(repo) => Site::of(host, &repo.path),
            None => pushed.clone(),
        };
        let Some(site) = site else {
            return Err(Problem::new(
                Exit::NotReady,
                format!(
                    "the address of the remote {} does not name a repository as OWNER/NAME",
                    self.remote
                ),
            )
            .hint("name it with --repo OWNER/NAME"));
        };
        let branches = match (self.fork, pushed) {
            (Some(fork), _) => Branches::InForkOfMine(fork),
            // The remote is a fork of what was named. (It may be called otherwise by now; `rights` finds that out.)
            (None, Some(pushed)) if pushed.host == site.host && !same(&pushed, &site) => {
                Branches::InFork(pushed)
            }
            (None, _) => Branches::There,
        };
        Ok(Destination::GitHub(OnGitHub { site, branches }))
    }

    fn stranger(&self, host: &str) -> Problem {
        let remote = self.remote;
        let message = format!(
            "the remote {remote} is at {host}, where this version cannot open pull requests"
        );
        let hint = format!(
            "--forge github says that it is a GitHub Enterprise Server; for another name of github.com, say --repo github.com/OWNER/NAME\n{LOCAL}"
        );
        Problem::new(Exit::NotReady, message).hint(hint)
    }
}

/// Whether they are the same repository: GitHub does not tell case apart.
pub(super) fn same(one: &Site, other: &Site) -> bool {
    one.host == other.host && one.slug().eq_ignore_ascii_case(&other.slug())
}

#[cfg(test)]
mod tests {
    use super::{Branches, Destination, OnGitHub, Wanted};
    use crate::adapters::git::RemoteKind;
    use crate::cli::args::{ForgeChoice, ForkChoice, RepoChoice};
    use crate::cli::exit::{Exit, Problem};
    use crate::model::site::Site;

    fn settled(
        choice: ForgeChoice,
        address: &str,
        repo: Option<(Option<&str>, &str)>,
        fork: Option<ForkChoice>,
    ) -> Result<Destination, Problem> {
        let repo = repo.map(|(host, path)| RepoChoice {
            host: host.map(str::to_owned),
            path: path.to_owned(),
        });
        let wanted = Wanted {
            remote: "origin",
            choice,
            repo: repo.as_ref(),
            fork,
        };
        wanted.settle(RemoteKind::of(address), &|host| host == "github.com")
    }

    fn on(site: &str, branches: Branches) -> Destination {
        let site = site.parse().unwrap();
        Destination::GitHub(OnGitHub { site, branches })
    }

    fn site(text: &str) -> Site {
        text.parse().unwrap()
    }

    #[test]
    fn the_remotes_address_tells_the_forge_and_the_repository() {
        let auto = |address| settled(ForgeChoice::Auto, address, None, None);
        let there = Ok(on("github.com/a/b", Branches::There));
        assert_eq!(auto("git@github.com:a/b.git"), there);
        assert_eq!(auto("https://GitHub.com/a/b"), there);
        assert_eq!(auto("/srv/a.git"), Ok(Destination::Local));
        let other = auto("https://gitlab.com/a/b").unwrap_err();
        assert_eq!(other.exit, Exit::NotReady);
        assert!(other.message.contains("is at gitlab.com"), "{other}");
        assert!(
            auto("https://github.com/a")
                .unwrap_err()
                .message
                .contains("OWNER/NAME")
        );
    }

    #[test]
    fn a_server_is_github_where_the_user_says_so_and_a_path_never_is() {
        let said = |address| settled(ForgeChoice::Github, address, None, None);
        let there = Ok(on("ghe.example/a/b", Branches::There));
        assert_eq!(said("https://ghe.example/a/b"), there);
        let path = said("/srv/a.git").unwrap_err();
        assert_eq!(path.exit, Exit::NotReady);
        assert!(path.message.contains("is a path"), "{path}");
        let local = settled(ForgeChoice::Local, "git@github.com:a/b", None, None);
        assert_eq!(local, Ok(Destination::Local));
    }

    #[test]
    fn a_named_repository_makes_a_fork_of_the_remotes() {
        let named = |address, repo| settled(ForgeChoice::Auto, address, Some(repo), None);
        let fork = Branches::InFork(site("github.com/me/b"));
        assert_eq!(
            named("git@github.com:me/b", (None, "a/b")),
            Ok(on("github.com/a/b", fork))
        );
        assert_eq!(
            named("git@github.com:A/b", (None, "a/B")),
            Ok(on("github.com/a/B", Branches::There))
        );
        // The name that a person's ssh has for it.
        let alias = "git@work:a/b";
        assert_eq!(
            named(alias, (Some("github.com"), "a/b")),
            Ok(on("github.com/a/b", Branches::There))
        );
        assert!(named(alias, (None, "a/b")).is_err());
        assert!(named("/srv/a.git", (None, "a/b")).is_err());
    }

    #[test]
    fn a_fork_of_the_users_is_still_to_be_found() {
        let address = "git@github.com:a/b";
        let make = Some(ForkChoice::Make);
        let forked = settled(ForgeChoice::Auto, address, None, make);
        assert_eq!(
            forked,
            Ok(on(
                "github.com/a/b",
                Branches::InForkOfMine(ForkChoice::Make)
            ))
        );
        let local = settled(ForgeChoice::Local, address, None, make).unwrap_err();
        assert_eq!(local.exit, Exit::Usage);
    }

    #[test]
    fn nothing_is_stacked_on_a_branch_of_a_fork() {
        let address = "git@github.com:a/b";
        let stacked = |fork| {
            let settled = settled(ForgeChoice::Auto, address, None, fork).unwrap();
            settled.take_stack(true)
        };
        assert_eq!(stacked(None), Ok(()));
        let refused = stacked(Some(ForkChoice::Existing)).unwrap_err();
        assert_eq!(refused.exit, Exit::Usage);
    }
}
