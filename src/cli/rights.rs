//! [`settled`]: where pull requests go, and whether the user may do there what is wanted, asked before any work: that
//! token, repository, rights and settings allow it, and where the repository and the user's fork are by now.

use crate::adapters::forges::github::forge::GitHub;
use crate::adapters::forges::github::repository::{MayOpen, RepositoryFacts};
use crate::adapters::git::RemoteChoice;
use crate::cli::args::{CarryingArgs, ForkChoice};
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::{Branches, Destination, OnGitHub, same, settle};
use crate::cli::github::{Access, LOCAL, tell_pauses};
use crate::cli::session::Session;
use crate::engine::ports::{ForgeError, Stop};
use crate::model::history::History;
use crate::model::site::Site;
use crate::model::wishes::Wishes;

/// Settles where the pull requests of a new run go, and that they may; a dry run asks GitHub nothing.
///
/// # Errors
/// As [`settle`], and [`Problem`] that says what cannot be done there.
pub async fn settled(
    session: &Session,
    remote: &RemoteChoice,
    args: &CarryingArgs,
) -> Result<Destination, Problem> {
    let destination = settle(session, remote, &args.pulls).await?;
    destination.take_stack(args.work.stack)?;
    if !args.consent.dry_run {
        return check(session, destination, &args.pulls.wishes.wishes()).await;
    }
    if let Some(site) = destination.site() {
        session.say(&format!(
            "note: a dry run does not ask {} for your rights there",
            site.host
        ));
    }
    Ok(destination)
}

/// Whether anything at all keeps pull requests from being opened there; the repository as it is called now.
///
/// # Errors
/// As [`settled`].
pub async fn allowed(session: &Session, destination: Destination) -> Result<Destination, Problem> {
    check(session, destination, &Wishes::default()).await
}

/// Refuses to work on a run again whose pull requests could not be opened.
///
/// # Errors
/// [`Problem`] that says what cannot be done there, and what would help.
pub async fn still_there(session: &Session, history: &History) -> Result<(), Problem> {
    let destination = Destination::of_run(history)?;
    check(session, destination, &history.pulls).await.map(drop)
}

/// Asks GitHub whether what is wanted can be done there; the answer names the repository as it is called now. The local
/// forge takes everything.
///
/// # Errors
/// [`Problem`] that says what cannot be done, and what would help; also where GitHub cannot be asked.
async fn check(
    session: &Session,
    destination: Destination,
    wishes: &Wishes,
) -> Result<Destination, Problem> {
    let Destination::GitHub(wanted) = destination else {
        return Ok(destination);
    };
    let github = github_at(session, wanted.site.clone()).await?;
    let asking = async { github.repository().await.map_err(Problem::from) };
    let facts = session.interrupts.guard(asking).await.map_err(or_local)?;
    if !same(&facts.site, &wanted.site) {
        session.say(&format!(
            "note: {} is called {} now",
            wanted.site.slug(),
            facts.site.slug()
        ));
    }
    let branches = branches(session, &github, &wanted, &facts).await?;
    if let Some(problem) = objection(&facts, &branches, wishes) {
        return Err(problem);
    }
    let site = facts.site;
    Ok(Destination::GitHub(OnGitHub { site, branches }))
}

/// Finds the fork that the branches go to, or has it made; called after the yes.
///
/// # Errors
/// [`Problem`] when there is none and none can be made.
pub async fn with_fork(
    session: &Session,
    destination: Destination,
) -> Result<Destination, Problem> {
    let Destination::GitHub(OnGitHub {
        site,
        branches: Branches::InForkOfMine(choice),
    }) = destination
    else {
        return Ok(destination);
    };
    let github = github_at(session, site.clone()).await?;
    let make = choice == ForkChoice::Make;
    let forking = async { github.fork(make).await.map_err(Problem::from) };
    let branches = Branches::InFork(session.interrupts.guard(forking).await?);
    Ok(Destination::GitHub(OnGitHub { site, branches }))
}

async fn github_at(session: &Session, site: Site) -> Result<GitHub, Problem> {
    let access = Access::find(session, &site.host).await?;
    let github = access.github(session, site, None, &Stop::default())?;
    tell_pauses(session, &github);
    Ok(github)
}

/// Where the branches go, as things are now.
async fn branches(
    session: &Session,
    github: &GitHub,
    wanted: &OnGitHub,
    facts: &RepositoryFacts,
) -> Result<Branches, Problem> {
    match &wanted.branches {
        Branches::There => Ok(Branches::There),
        // What looked like a fork is the repository itself, under an earlier name.
        Branches::InFork(fork) => {
            let other = github_at(session, fork.clone()).await?;
            let asking = async { other.repository().await.map_err(Problem::from) };
            let fork = session.interrupts.guard(asking).await?.site;
            if same(&fork, &facts.site) {
                Ok(Branches::There)
            } else {
                Ok(Branches::InFork(fork))
            }
        }
        Branches::InForkOfMine(choice) => {
            // One that is there is known before the yes, so that a push to it can be tried.
            let asking = async {
                match github.fork(false).await {
                    Ok(fork) => Ok(Branches::InFork(fork)),
                    Err(ForgeError::Refused { .. }) if *choice == ForkChoice::Make => {
                        Ok(Branches::InForkOfMine(*choice))
                    }
                    Err(error) => Err(Problem::from(error)),
                }
            };
            session.interrupts.guard(asking).await
        }
    }
}

/// Why what is wanted cannot be done in a repository, and what would help.
fn objection(facts: &RepositoryFacts, branches: &Branches, wishes: &Wishes) -> Option<Problem> {
    let site = &facts.site;
    let no = |words: String, hint: &str| Some(Problem::new(Exit::NotReady, words).hint(hint));
    if facts.archived {
        let words = format!("{site} is archived: nothing can be pushed or opened there");
        return no(
            words,
            "unarchive it in its settings, or name another with --repo",
        );
    }
    if facts.disabled {
        let words = format!("{site} is disabled by GitHub");
        return no(words, "its owner can say why, or ask GitHub's support");
    }
    // Where it is not told, the trial of a push will.
    if *branches == Branches::There && facts.may_push == Some(false) {
        let who = facts.viewer.as_deref().unwrap_or("the token");
        let words = format!("{who} has no right to push to {site}");
        let hint = "ask for the right to write there, or push to a fork of yours with --fork (or --fork=make)";
        return no(words, hint);
    }
    if let MayOpen::No { words, hint } = &facts.may_open {
        let words = format!("pull requests cannot be opened in {site}: {words}");
        let problem = Problem::new(Exit::NotReady, words);
        return Some(problem.hint(hint.as_deref().unwrap_or(LOCAL)));
    }
    if wishes.tracking.is_some() && !facts.has_issues {
        let words = format!("{site} has no issues, so --tracking-issue cannot be had");
        return no(
            words,
            "turn issues on in its settings, or leave --tracking-issue out",
        );
    }
    let method = wishes.auto_merge?;
    if !facts.auto_merge {
        let words = format!("{site} does not allow auto-merge");
        return no(words, "allow it in its settings, or leave --auto-merge out");
    }
    if facts.merge_methods.contains(&method) {
        return None;
    }
    let allowed: Vec<String> = facts
        .merge_methods
        .iter()
        .map(|method| format!("--auto-merge={method}"))
        .collect();
    let words = format!("{site} does not allow pull requests to be merged by {method}");
    no(words, &format!("it allows {}", allowed.join(" and ")))
}

/// The problem with the way around GitHub in its hint, where it has no other.
fn or_local(problem: Problem) -> Problem {
    if problem.exit == Exit::Interrupted {
        return problem;
    }
    let hint = match &problem.hint {
        Some(hint) => format!("{hint}\n{LOCAL}"),
        None => LOCAL.to_owned(),
    };
    problem.hint(hint)
}

#[cfg(test)]
mod tests {
    use super::objection;
    use crate::adapters::forges::github::repository::{MayOpen, RepositoryFacts};
    use crate::cli::args::ForkChoice;
    use crate::cli::exit::Exit;
    use crate::cli::forge::Branches;
    use crate::model::wishes::{MergeMethod, Tracking, Wishes};

    fn facts() -> RepositoryFacts {
        RepositoryFacts {
            site: "github.com/octo/sample".parse().unwrap(),
            archived: false,
            disabled: false,
            private: false,
            default_branch: "main".to_owned(),
            may_push: Some(true),
            may_open: MayOpen::Yes,
            has_issues: true,
            merge_methods: vec![MergeMethod::Squash, MergeMethod::Rebase],
            auto_merge: true,
            viewer: Some("ada".to_owned()),
        }
    }

    /// What is objected to, and the remedy.
    fn objected(facts: &RepositoryFacts, wishes: &Wishes) -> Option<(String, String)> {
        let problem = objection(facts, &Branches::There, wishes)?;
        assert_eq!(problem.exit, Exit::NotReady);
        Some((problem.message, problem.hint.unwrap()))
    }

    #[test]
    fn a_repository_that_allows_all_is_not_objected_to() {
        let wishes = Wishes {
            auto_merge: Some(MergeMethod::Squash),
            tracking: Some(Tracking::New),
            ..Wishes::default()
        };
        assert_eq!(objected(&facts(), &wishes), None);
    }

    #[test]
    fn what_is_closed_to_everybody_or_to_the_user_is_said_before_any_work() {
        type Spoil = fn(&mut RepositoryFacts);
        let cases: [(Spoil, &str); 4] = [
            (|facts| facts.archived = true, "is archived"),
            (|facts| facts.disabled = true, "is disabled"),
            (
                |facts| facts.may_push = Some(false),
                "ada has no right to push to github.com/octo/sample",
            ),
            (
                |facts| {
                    let words = "only collaborators may".to_owned();
                    facts.may_open = MayOpen::No { words, hint: None };
                },
                "pull requests cannot be opened in github.com/octo/sample: only collaborators may",
            ),
        ];
        for (spoil, said) in cases {
            let mut facts = facts();
            spoil(&mut facts);
            let (words, _) = objected(&facts, &Wishes::default()).unwrap();
            assert!(words.contains(said), "{words}");
        }
    }

    #[test]
    fn a_fork_needs_no_right_to_push_to_the_repository() {
        let mut facts = facts();
        facts.may_push = Some(false);
        let fork = Branches::InForkOfMine(ForkChoice::Make);
        assert_eq!(objection(&facts, &fork, &Wishes::default()), None);
    }

    #[test]
    fn wishes_that_the_repository_does_not_allow_are_named_with_what_it_allows() {
        let wishes = Wishes {
            auto_merge: Some(MergeMethod::Merge),
            ..Wishes::default()
        };
        let (words, hint) = objected(&facts(), &wishes).unwrap();
        assert!(words.ends_with("merged by merge"), "{words}");
        assert_eq!(
            hint,
            "it allows --auto-merge=squash and --auto-merge=rebase"
        );
        let mut without = facts();
        without.auto_merge = false;
        assert!(
            objected(&without, &wishes)
                .unwrap()
                .0
                .contains("auto-merge")
        );
        without.has_issues = false;
        let wishes = Wishes {
            tracking: Some(Tracking::Issue(3)),
            ..Wishes::default()
        };
        assert!(
            objected(&without, &wishes)
                .unwrap()
                .0
                .contains("has no issues")
        );
    }
}
