//! [`Wishes`]: what the user asks of a run's pull requests, as the journal keeps it for reruns and for later publishing;
//! and [`Extras`]: what of that is given to one pull request.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a pull request's commits come to its base branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MergeMethod {
    /// By a merge commit.
    Merge,
    /// As one commit.
    Squash,
    /// One after another on top of the base.
    Rebase,
}

impl MergeMethod {
    /// The word in options, and in GitHub's REST interface.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Squash => "squash",
            Self::Rebase => "rebase",
        }
    }
}

impl fmt::Display for MergeMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where the units of a run are ticked off for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tracking {
    /// In an issue that is made for it.
    New,
    /// In the issue of this number.
    Issue(u64),
}

/// What the user asks of all pull requests of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wishes {
    /// Whether they are opened as drafts.
    pub draft: bool,
    /// Whether a draft is marked as ready once its checks pass.
    pub ready_when_green: bool,
    /// Labels of each.
    pub labels: Vec<String>,
    /// Who each is assigned to.
    pub assignees: Vec<String>,
    /// Whose review each wants: logins, and teams as `organisation/team`.
    pub reviewers: Vec<String>,
    /// Whether the owners of a unit's files, by CODEOWNERS, are asked for a review.
    pub code_owners: bool,
    /// The milestone, by title or number.
    pub milestone: Option<String>,
    /// Whether the forge merges each by itself once it may be, and how.
    pub auto_merge: Option<MergeMethod>,
    /// At most so many are open at the same time.
    pub max_open: Option<u32>,
    /// At most so many have checks that are not done.
    pub max_pending_checks: Option<u32>,
    /// Where the units are ticked off.
    pub tracking: Option<Tracking>,
}

impl Wishes {
    /// What one pull request is given; `owners` are its unit's, as CODEOWNERS has them.
    #[must_use]
    pub fn extras(&self, owners: Option<&str>) -> Extras {
        let mut asked = self.reviewers.clone();
        if self.code_owners {
            let owners = owners.unwrap_or_default().split_whitespace();
            // An e-mail address is nobody that the forge could be told of.
            let named = owners.filter_map(|owner| owner.strip_prefix('@'));
            asked.extend(named.map(str::to_owned));
        }
        let mut extras = Extras {
            labels: unique(&self.labels),
            assignees: unique(&self.assignees),
            milestone: self.milestone.clone(),
            auto_merge: self.auto_merge,
            ..Extras::default()
        };
        for name in unique(&asked) {
            if name.contains('/') {
                extras.teams.push(name);
            } else {
                extras.reviewers.push(name);
            }
        }
        extras
    }
}

/// What one pull request is given beside title and body. None of it is worth failing a unit for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extras {
    /// Its labels.
    pub labels: Vec<String>,
    /// Who it is assigned to, by login.
    pub assignees: Vec<String>,
    /// Whose review is asked for, by login.
    pub reviewers: Vec<String>,
    /// The teams whose review is asked for, as `organisation/team`.
    pub teams: Vec<String>,
    /// The milestone, by title or number.
    pub milestone: Option<String>,
    /// Whether the forge merges it by itself once it may be, and how.
    pub auto_merge: Option<MergeMethod>,
}

/// The names in order, each once; the forge does not tell case apart.
fn unique(names: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        if !kept.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            kept.push(name.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::Wishes;

    #[test]
    fn reviewers_are_people_and_teams_each_once_and_owners_only_when_asked_for() {
        let names = |names: &[&str]| {
            names
                .iter()
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>()
        };
        let mut wishes = Wishes {
            reviewers: names(&["ada", "Ada", "org/core"]),
            ..Wishes::default()
        };
        let owners = Some("@org/core @bob carol@example.invalid");
        assert_eq!(wishes.extras(owners).reviewers, ["ada"]);
        wishes.code_owners = true;
        let extras = wishes.extras(owners);
        assert_eq!(extras.reviewers, ["ada", "bob"]);
        assert_eq!(extras.teams, ["org/core"]);
    }
}
