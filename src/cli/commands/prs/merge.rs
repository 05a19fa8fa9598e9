//! `batch prs merge`: merges pull requests one after another, none before one that it is stacked on. One that refuses does
//! not stop the others.

use std::num::NonZeroU64;

use super::document;
use super::runs::Runs;
use super::tally::Tally;
use crate::cli::args::MergeArgs;
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::RunForge;
use crate::cli::session::Session;
use crate::model::pull::Pull;

mod github;
mod local;
mod one;

/// Merges those that are named.
///
/// # Errors
/// [`Problem`] when nothing could be begun, or the only one refused.
pub(super) async fn merge(session: &Session, args: &MergeArgs) -> Result<Exit, Problem> {
    let runs = Runs::all(session)?;
    let (forge, numbers) = super::choice::of(session, &runs, &args.pulls).await?;
    if numbers.is_empty() {
        return super::choice::nothing(session);
    }
    let tally = Tally::of(session, numbers.len());
    match forge {
        RunForge::Local(local) => {
            refuse_for_local(args)?;
            let mut tally = tally;
            for number in parents_first(&numbers, &local.list().await?) {
                let merged = local::merge(session, &local, number).await;
                tally.take(merged.map(|pull| document::of_pull(&pull)))?;
            }
            tally.end()
        }
        RunForge::GitHub(github) => {
            github::merge(session, &runs, &github, &numbers, args, tally).await
        }
    }
}

/// The embedded forge knows one way to merge, and neither checks nor reviews.
/// Why one that is stacked on another cannot be merged yet.
fn stacked_on(below: &Pull) -> String {
    format!(
        "it is stacked on #{}, which is {}",
        below.number, below.state
    )
}

fn refuse_for_local(args: &MergeArgs) -> Result<(), Problem> {
    let asked = [
        ("--method", args.method.is_some()),
        ("--auto", args.auto),
        ("--with-their-commits", args.with_their_commits),
    ];
    match asked.into_iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(Problem::new(
            Exit::Usage,
            format!(
                "{option} is for pull requests on a server, and these are in the embedded forge"
            ),
        )),
        None => Ok(()),
    }
}

/// The numbers in the order given, each once, but none before one that it is stacked on.
fn parents_first(numbers: &[NonZeroU64], pulls: &[Pull]) -> Vec<NonZeroU64> {
    let below = |number: NonZeroU64| {
        let pull = pulls.iter().find(|pull| pull.number == number.get())?;
        let below = pulls.iter().rfind(|other| other.head == pull.base)?;
        NonZeroU64::new(below.number)
    };
    let mut sorted = Vec::with_capacity(numbers.len());
    for &number in numbers {
        let stack = std::iter::successors(Some(number), |&above| below(above));
        // No further than there are pull requests: files can be edited into a circle.
        let stack: Vec<_> = stack.take(pulls.len().max(1)).collect();
        for below in stack.into_iter().rev() {
            if numbers.contains(&below) && !sorted.contains(&below) {
                sorted.push(below);
            }
        }
    }
    sorted
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::parents_first;
    use crate::model::id::ObjectId;
    use crate::model::pull::{Pull, PullState};

    /// Pull requests from 1 on, each with head `bN` and this base.
    fn pulls(bases: &[&str]) -> Vec<Pull> {
        let pull = |(number, base): (u64, &&str)| Pull {
            number,
            mark: None,
            draft: false,
            title: String::new(),
            body: String::new(),
            state: PullState::Open,
            head: format!("b{number}"),
            head_commit: ObjectId::new("0"),
            base: (*base).to_owned(),
            labels: Vec::new(),
            created: jiff::Timestamp::UNIX_EPOCH,
            merge_commit: None,
            url: None,
        };
        (1..).zip(bases).map(pull).collect()
    }

    fn sorted(numbers: &[u64], bases: &[&str]) -> Vec<u64> {
        let numbers = numbers.iter().copied().filter_map(NonZeroU64::new);
        let numbers: Vec<_> = numbers.collect();
        let sorted = parents_first(&numbers, &pulls(bases));
        sorted.into_iter().map(NonZeroU64::get).collect()
    }

    #[test]
    fn what_a_pull_request_is_stacked_on_comes_before_it_if_it_is_named() {
        let bases = ["main", "b1", "b2", "main"];
        assert_eq!(sorted(&[4, 3, 2, 1, 3], &bases), [4, 1, 2, 3]);
        assert_eq!(sorted(&[3, 1], &bases), [1, 3]);
        assert_eq!(sorted(&[3, 4], &bases), [3, 4]);
        assert_eq!(sorted(&[9], &bases), [9]);
        assert_eq!(sorted(&[1], &[]), [1]);
    }

    #[test]
    fn pull_requests_in_a_circle_are_sorted_to_an_end() {
        assert_eq!(sorted(&[1, 2], &["b2", "b1"]).len(), 2);
    }
}
