//! [`Delivery`]: what a plan's pull requests on a server mean for others, as a person is told before the yes: where they go,
//! who is notified, and what else happens to them.

use std::cmp::Reverse;

use crate::cli::style::clean;
use crate::model::counted::counted;
use crate::model::named::named;
use crate::model::plan::Unit;
use crate::model::wishes::{Tracking, Wishes};

/// How many who are notified are named.
const NAMED: usize = 4;

/// Pull requests on a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The repository, as `host/owner/name`.
    pub site: String,
    /// The fork that the branches are pushed to, in words; none where they are pushed to the repository itself.
    pub fork: Option<String>,
    /// What is asked of them.
    pub wishes: Wishes,
    /// Whether they are opened as drafts.
    pub draft: bool,
    /// What it takes to open them all, each with its label.
    pub effort: Vec<(&'static str, String)>,
}

impl Delivery {
    /// What is opened, and where.
    pub(super) fn opens(&self, units: usize) -> String {
        let what = if self.draft {
            counted(units, "draft pull request")
        } else {
            counted(units, "pull request")
        };
        format!("opens {what} on {}", clean(&self.site))
    }

    /// What follows from that, each with its label.
    pub(super) fn facts(&self, units: &[Unit]) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        facts.extend(self.asked(units).map(|asked| ("notifies", asked)));
        if !self.wishes.assignees.is_empty() {
            facts.push(("assigns", clean(&self.wishes.assignees.join(", "))));
        }
        if self.draft && self.wishes.ready_when_green {
            let words = "each is marked as ready once its checks pass";
            facts.push(("drafts", words.to_owned()));
        }
        if let Some(method) = self.wishes.auto_merge {
            let words = format!("GitHub merges each, by {method}, once it may be");
            facts.push(("merges", words));
        }
        facts.extend(self.caps(units.len()).map(|caps| ("opens", caps)));
        match self.wishes.tracking {
            None => {}
            Some(Tracking::New) => facts.push(("tracking", "in a new issue".to_owned())),
            Some(Tracking::Issue(number)) => {
                facts.push(("tracking", format!("in issue #{number}")));
            }
        }
        facts.extend(self.effort.iter().cloned());
        facts
    }

    /// Whose review is asked for: the owners of files, whom GitHub asks by itself once a pull request is no draft, and
    /// those whom the user names.
    fn asked(&self, units: &[Unit]) -> Option<String> {
        let mut lines = Vec::new();
        let owners = owners(units);
        if !owners.is_empty() {
            let owners = named(&owners, NAMED);
            lines.push(if self.draft && !self.wishes.code_owners {
                format!("no owner while they are drafts; then {owners}")
            } else {
                format!("{owners}, as CODEOWNERS has it")
            });
        }
        if !self.wishes.reviewers.is_empty() {
            let all = if units.len() == 1 { "it" } else { "each" };
            let reviewers = named(&self.wishes.reviewers, NAMED);
            lines.push(format!("{reviewers}, as you say, for {all}"));
        }
        (!lines.is_empty()).then(|| clean_lines(&lines))
    }

    /// How many are opened at once, where not all are.
    fn caps(&self, units: usize) -> Option<String> {
        let open = self
            .wishes
            .max_open
            .map(|most| format!("at most {most} at a time"));
        let pending = self.wishes.max_pending_checks;
        let pending = pending.map(|most| format!("at most {most} with checks under way"));
        let caps: Vec<String> = open.into_iter().chain(pending).collect();
        let fewest = [self.wishes.max_open, self.wishes.max_pending_checks];
        let fewest = fewest.into_iter().flatten().min()?;
        let fewest = usize::try_from(fewest).unwrap_or(usize::MAX);
        let words = caps.join(", ");
        Some(if units > fewest {
            format!("{words}; the others wait for `batch prs publish`")
        } else {
            words
        })
    }
}

/// The owners of the units' files, each with the number of pull requests that it is asked about, most first.
fn owners(units: &[Unit]) -> Vec<String> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for unit in units {
        for owner in unit.owner.as_deref().unwrap_or_default().split_whitespace() {
            match counts
                .iter_mut()
                .find(|(known, _)| known.eq_ignore_ascii_case(owner))
            {
                Some((_, count)) => *count += 1,
                None => counts.push((owner, 1)),
            }
        }
    }
    counts.sort_by_key(|(_, count)| Reverse(*count));
    let of = |(owner, count): &(&str, usize)| format!("{owner} ({count})");
    counts.iter().map(of).collect()
}

fn clean_lines(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| clean(line)).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::Delivery;
    use crate::model::plan::Unit;
    use crate::model::sample;
    use crate::model::wishes::{MergeMethod, Tracking, Wishes};

    fn units(owners: &[Option<&str>]) -> Vec<Unit> {
        let plan = sample::plan(owners.len());
        let owned = plan.units.into_iter().zip(owners);
        let owned = owned.map(|(unit, owner)| Unit {
            owner: owner.map(str::to_owned),
            ..unit
        });
        owned.collect()
    }

    fn delivery(draft: bool, wishes: Wishes) -> Delivery {
        Delivery {
            site: "github.com/octo/sample".to_owned(),
            fork: None,
            wishes,
            draft,
            effort: Vec::new(),
        }
    }

    #[test]
    fn who_is_notified_most_is_named_first_and_the_rest_is_counted() {
        let all = [
            Some("@a @b"),
            Some("@b"),
            None,
            Some("@c @d @e @f"),
            Some("@B @f"),
        ];
        let units = units(&all);
        let ready = delivery(false, Wishes::default());
        assert_eq!(
            ready.opens(5),
            "opens 5 pull requests on github.com/octo/sample"
        );
        let words = "@b (3), @f (2), @a (1), @c (1) and 2 more, as CODEOWNERS has it";
        assert_eq!(ready.facts(&units), [("notifies", words.to_owned())]);
        let drafts = delivery(true, Wishes::default());
        assert_eq!(
            drafts.opens(1),
            "opens 1 draft pull request on github.com/octo/sample"
        );
        let words =
            "no owner while they are drafts; then @b (3), @f (2), @a (1), @c (1) and 2 more";
        assert_eq!(drafts.facts(&units), [("notifies", words.to_owned())]);
        assert_eq!(ready.facts(&units[2..3]), []);
    }

    #[test]
    fn what_the_user_wishes_is_said_in_words() {
        let wishes = Wishes {
            reviewers: vec!["ada".to_owned(), "octo/core".to_owned()],
            assignees: vec!["mona".to_owned()],
            auto_merge: Some(MergeMethod::Squash),
            max_open: Some(2),
            tracking: Some(Tracking::Issue(7)),
            ready_when_green: true,
            ..Wishes::default()
        };
        let facts = delivery(true, wishes).facts(&units(&[None, None, None]));
        let said: Vec<String> = facts
            .iter()
            .map(|(label, words)| format!("{label}: {words}"))
            .collect();
        assert_eq!(
            said,
            [
                "notifies: ada, octo/core, as you say, for each",
                "assigns: mona",
                "drafts: each is marked as ready once its checks pass",
                "merges: GitHub merges each, by squash, once it may be",
                "opens: at most 2 at a time; the others wait for `batch prs publish`",
                "tracking: in issue #7",
            ]
        );
    }
}
