//! [`Delivery`]: what a plan's pull requests on a server mean for others, as a person is told before the yes: where they go,
//! who is notified, and what else happens to them.

use crate::cli::style::clean;
use crate::engine::preflight::Preflight;
use crate::model::counted::counted;
use crate::model::named::named;
use crate::model::report::duration_text;
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
    /// What they mean in numbers.
    pub preflight: Preflight,
}

impl Delivery {
    /// What is opened, and where.
    pub(super) fn opens(&self) -> String {
        let pulls = self.preflight.pulls;
        let what = if self.wishes.draft {
            counted(pulls, "draft pull request")
        } else {
            counted(pulls, "pull request")
        };
        format!("opens {what} on {}", clean(&self.site))
    }

    /// What follows from that, each with its label.
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        facts.extend(self.asked().map(|asked| ("notifies", asked)));
        if !self.wishes.assignees.is_empty() {
            facts.push(("assigns", clean(&self.wishes.assignees.join(", "))));
        }
        if self.wishes.draft && self.wishes.ready_when_green {
            let words = "each is marked as ready once its checks pass";
            facts.push(("drafts", words.to_owned()));
        }
        if let Some(method) = self.wishes.auto_merge {
            let words = format!("GitHub merges each, by {method}, once it may be");
            facts.push(("merges", words));
        }
        facts.extend(self.caps().map(|caps| ("opens", caps)));
        match self.wishes.tracking {
            None => {}
            Some(Tracking::New) => facts.push(("tracking", "in a new issue".to_owned())),
            Some(Tracking::Issue(number)) => {
                facts.push(("tracking", format!("in issue #{number}")));
            }
        }
        facts.extend(self.effort());
        facts
    }

    /// Whose review is asked for: the owners of files, whom GitHub asks by itself once a pull request is no draft, and
    /// those whom the user names.
    fn asked(&self) -> Option<String> {
        let mut lines = Vec::new();
        let owners = self.preflight.owners.iter();
        let owners: Vec<String> = owners
            .map(|(owner, count)| format!("{owner} ({count})"))
            .collect();
        if !owners.is_empty() {
            let owners = named(&owners, NAMED);
            lines.push(if self.wishes.draft && !self.wishes.code_owners {
                format!("no owner while they are drafts; then {owners}")
            } else {
                format!("{owners}, as CODEOWNERS has it")
            });
        }
        if !self.wishes.reviewers.is_empty() {
            let all = if self.preflight.pulls == 1 {
                "it"
            } else {
                "each"
            };
            let reviewers = named(&self.wishes.reviewers, NAMED);
            lines.push(format!("{reviewers}, as you say, for {all}"));
        }
        (!lines.is_empty()).then(|| clean_lines(&lines))
    }

    /// How many are opened at once, where not all may be.
    fn caps(&self) -> Option<String> {
        let open = self.wishes.max_open;
        let open = open.map(|most| format!("at most {most} at a time"));
        let pending = self.wishes.max_pending_checks;
        let pending = pending.map(|most| format!("at most {most} with checks under way"));
        let caps: Vec<String> = open.into_iter().chain(pending).collect();
        let words = caps.join(", ");
        match (caps.is_empty(), self.preflight.held_back) {
            (true, _) => None,
            (false, 0) => Some(words),
            (false, 1) => Some(format!("{words}; 1 waits for `batch prs publish`")),
            (false, held) => Some(format!("{words}; {held} wait for `batch prs publish`")),
        }
    }

    /// What it takes of GitHub and of CI.
    fn effort(&self) -> Vec<(&'static str, String)> {
        let Preflight {
            writes,
            at_least,
            workflows,
            ci_runs,
            ..
        } = &self.preflight;
        let mut effort = Vec::new();
        let pace = if at_least.is_zero() {
            String::new()
        } else {
            let least = duration_text(u64::try_from(at_least.as_millis()).unwrap_or(u64::MAX));
            format!(", {least} at least at the pace that GitHub wants")
        };
        effort.push(("writes", format!("{writes} to GitHub{pace}")));
        if *ci_runs > 0 {
            let runs = counted(*ci_runs, "run");
            effort.push((
                "CI",
                format!("{runs} of {}", clean(&named(workflows, NAMED))),
            ));
        }
        effort
    }
}

fn clean_lines(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| clean(line)).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Delivery;
    use crate::engine::preflight::Preflight;
    use crate::model::wishes::{MergeMethod, Tracking, Wishes};

    fn delivery(owners: &[(&str, usize)], wishes: Wishes) -> Delivery {
        let owners = owners
            .iter()
            .map(|(owner, count)| ((*owner).to_owned(), *count));
        Delivery {
            site: "github.com/octo/sample".to_owned(),
            fork: None,
            wishes,
            preflight: Preflight {
                pulls: 5,
                held_back: 3,
                writes: 10,
                at_least: Duration::from_secs(18),
                workflows: Vec::new(),
                ci_runs: 0,
                owners: owners.collect(),
            },
        }
    }

    fn said(delivery: &Delivery) -> Vec<String> {
        let facts = delivery.facts();
        let lines = facts
            .iter()
            .map(|(label, words)| format!("{label}: {words}"));
        lines.collect()
    }

    const WRITES: &str = "writes: 10 to GitHub, 18 s at least at the pace that GitHub wants";

    #[test]
    fn who_is_notified_most_is_named_and_the_rest_is_counted() {
        let owners = [
            ("@b", 3),
            ("@f", 2),
            ("@a", 1),
            ("@c", 1),
            ("@d", 1),
            ("@e", 1),
        ];
        let ready = delivery(&owners, Wishes::default());
        assert_eq!(
            ready.opens(),
            "opens 5 pull requests on github.com/octo/sample"
        );
        let words = "notifies: @b (3), @f (2), @a (1), @c (1) and 2 more, as CODEOWNERS has it";
        assert_eq!(said(&ready), [words, WRITES]);
        let wishes = Wishes {
            draft: true,
            ..Wishes::default()
        };
        let drafts = delivery(&owners[..2], wishes);
        assert_eq!(
            drafts.opens(),
            "opens 5 draft pull requests on github.com/octo/sample"
        );
        let words = "notifies: no owner while they are drafts; then @b (3), @f (2)";
        assert_eq!(said(&drafts), [words, WRITES]);
        assert_eq!(said(&delivery(&[], Wishes::default())), [WRITES]);
    }

    #[test]
    fn what_the_user_wishes_and_what_it_takes_is_said_in_words() {
        let wishes = Wishes {
            reviewers: vec!["ada".to_owned(), "octo/core".to_owned()],
            assignees: vec!["mona".to_owned()],
            auto_merge: Some(MergeMethod::Squash),
            max_open: Some(2),
            tracking: Some(Tracking::Issue(7)),
            draft: true,
            ready_when_green: true,
            ..Wishes::default()
        };
        let mut delivery = delivery(&[], wishes);
        delivery.preflight.at_least = Duration::from_secs(301);
        delivery.preflight.ci_runs = 10;
        delivery.preflight.workflows = vec!["CI".to_owned(), "lint".to_owned()];
        assert_eq!(
            said(&delivery),
            [
                "notifies: ada, octo/core, as you say, for each",
                "assigns: mona",
                "drafts: each is marked as ready once its checks pass",
                "merges: GitHub merges each, by squash, once it may be",
                "opens: at most 2 at a time; 3 wait for `batch prs publish`",
                "tracking: in issue #7",
                "writes: 10 to GitHub, 5 min 1 s at least at the pace that GitHub wants",
                "CI: 10 runs of CI, lint",
            ]
        );
    }
}
