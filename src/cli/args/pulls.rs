//! The options that say where pull requests are opened and what is asked of them.

use std::num::NonZeroU32;

use clap::{Args, ValueEnum};

use super::values;
use super::whereabouts::{ForkChoice, RepoChoice};
use crate::model::wishes::{MergeMethod, Tracking, Wishes};

/// Where pull requests are opened, and what they look like.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(next_help_heading = "Pull requests")]
pub struct PullArgs {
    /// Say where they live; auto goes by the remote's address
    #[arg(
        long,
        value_enum,
        value_name = "auto|github|local",
        default_value_t = ForgeChoice::Auto,
        hide_possible_values = true
    )]
    pub forge: ForgeChoice,
    /// Open them in this repository of the server [default: the remote's]
    #[arg(long, value_name = "[HOST/]OWNER/NAME", value_parser = values::repository)]
    pub repo: Option<RepoChoice>,
    /// Push the branches to your fork; with `=make`, have it made where there is none
    #[arg(
        long,
        value_name = "make",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        value_parser = values::fork
    )]
    pub fork: Option<ForkChoice>,
    /// Begin the names of branches with P
    #[arg(long, value_name = "P", default_value = "batch/")]
    pub branch_prefix: String,
    /// What is asked of them.
    #[command(flatten)]
    pub wishes: WishArgs,
}

/// What is asked of the pull requests of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
#[command(next_help_heading = "Pull requests")]
pub struct WishArgs {
    /// Open them as drafts
    #[arg(long)]
    pub draft: bool,
    /// Open them as drafts, and mark each as ready once its checks pass
    #[arg(long)]
    pub ready_when_green: bool,
    /// Put a label on each (repeatable)
    #[arg(long = "label", value_name = "NAME", value_parser = values::label)]
    pub labels: Vec<String>,
    /// Assign each to somebody (repeatable)
    #[arg(long = "assignee", value_name = "LOGIN", value_parser = values::login)]
    pub assignees: Vec<String>,
    /// Ask a person or a team for a review of each (repeatable)
    #[arg(long = "reviewer", value_name = "LOGIN|ORG/TEAM", value_parser = values::reviewer)]
    pub reviewers: Vec<String>,
    /// Ask the owners of each unit's files for a review, by CODEOWNERS
    #[arg(long)]
    pub reviewers_from_codeowners: bool,
    /// Put each in a milestone, by title or number
    #[arg(long, value_name = "NAME", value_parser = values::milestone)]
    pub milestone: Option<String>,
    /// Have the forge merge each once reviews and checks let it [default method: merge]
    #[arg(
        long,
        value_name = "merge|squash|rebase",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "merge",
        value_parser = values::merge_method
    )]
    pub auto_merge: Option<MergeMethod>,
    /// Have at most N of them open; the others wait for `batch prs publish`
    #[arg(long, value_name = "N", value_parser = values::at_least_one_small)]
    pub max_open_prs: Option<NonZeroU32>,
    /// Have at most N of them with checks under way; the others wait likewise
    #[arg(long, value_name = "N", value_parser = values::at_least_one_small)]
    pub max_pending_checks: Option<NonZeroU32>,
    /// Tick the units off in a new issue, or in the issue of that number
    #[arg(long, value_name = "new|NUMBER", value_parser = values::tracking)]
    pub tracking_issue: Option<Tracking>,
}

impl WishArgs {
    /// What is asked for, in words of the model.
    #[must_use]
    pub fn wishes(&self) -> Wishes {
        self.over(&Wishes::default())
    }

    /// What a run is asked that began with other wishes: each that is given here replaces the one from then. None where
    /// nothing is given.
    #[must_use]
    pub fn replacing(&self, earlier: &Wishes) -> Option<Wishes> {
        (*self != Self::default()).then(|| self.over(earlier))
    }

    fn over(&self, earlier: &Wishes) -> Wishes {
        let list = |given: &Vec<String>, earlier: &Vec<String>| {
            if given.is_empty() { earlier } else { given }.clone()
        };
        let number = |given: Option<NonZeroU32>| given.map(NonZeroU32::get);
        Wishes {
            draft: self.draft || self.ready_when_green || earlier.draft,
            ready_when_green: self.ready_when_green || earlier.ready_when_green,
            labels: list(&self.labels, &earlier.labels),
            assignees: list(&self.assignees, &earlier.assignees),
            reviewers: list(&self.reviewers, &earlier.reviewers),
            code_owners: self.reviewers_from_codeowners || earlier.code_owners,
            milestone: self.milestone.clone().or_else(|| earlier.milestone.clone()),
            auto_merge: self.auto_merge.or(earlier.auto_merge),
            max_open: number(self.max_open_prs).or(earlier.max_open),
            max_pending_checks: number(self.max_pending_checks).or(earlier.max_pending_checks),
            tracking: self.tracking_issue.or(earlier.tracking),
        }
    }
}

/// Which forge holds the pull requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ForgeChoice {
    /// The one that the remote's address tells
    Auto,
    /// GitHub
    Github,
    /// The embedded one, in the repository itself
    Local,
}

#[cfg(test)]
mod tests {
    use super::WishArgs;
    use crate::model::wishes::{MergeMethod, Tracking, Wishes};

    #[test]
    fn what_a_rerun_is_given_replaces_what_the_run_began_with_and_the_rest_stays() {
        let earlier = Wishes {
            labels: vec!["old".to_owned()],
            assignees: vec!["ada".to_owned()],
            auto_merge: Some(MergeMethod::Merge),
            max_open: Some(3),
            ..Wishes::default()
        };
        assert_eq!(WishArgs::default().replacing(&earlier), None);
        let given = WishArgs {
            ready_when_green: true,
            labels: vec!["new".to_owned()],
            auto_merge: Some(MergeMethod::Squash),
            tracking_issue: Some(Tracking::Issue(7)),
            ..WishArgs::default()
        };
        let wanted = Wishes {
            draft: true,
            ready_when_green: true,
            labels: vec!["new".to_owned()],
            auto_merge: Some(MergeMethod::Squash),
            tracking: Some(Tracking::Issue(7)),
            ..earlier.clone()
        };
        assert_eq!(given.replacing(&earlier), Some(wanted));
    }
}
