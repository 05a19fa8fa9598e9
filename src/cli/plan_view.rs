//! [`PlanView`]: a plan and what is known around it, as a person is shown it before the yes.
//!
//! Pure: values in, text as wide as a [`Page`] out. All text from outside is cleaned here.

use jiff::SignedDuration;

use crate::cli::age::age;
use crate::cli::page::Page;
use crate::cli::style::{Tone, clean};
use crate::cli::table::{Cell, Column, Table};
use crate::cli::wrap::wrap;
use crate::engine::headline::cut;
use crate::model::answer::NotSplit;
use crate::model::counted::counted;
use crate::model::id::UnitId;
use crate::model::plan::{Plan, TestPolicy, Unit};
use crate::model::scope::Entry;
use crate::model::spend::Allowance;

mod coverage;
mod delivery;
mod makers;
mod money;
mod text;
mod tree;
mod unit;

pub use self::coverage::Coverage;
pub use self::delivery::Delivery;
use self::makers::{agent, source};
use self::money::Money;
use self::text::{Text, command};
pub use self::tree::Tree;

/// The width of the labels on the left.
const LABEL: usize = 10;
/// The longest summary of a change, in characters; the plan has all of it.
const SUMMARY_SHOWN: usize = 400;

/// A plan, and what its reader should know beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanView<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// How many files each unit has, in the plan's order.
    pub files: Vec<usize>,
    /// How long ago the base was committed.
    pub base_age: Option<SignedDuration>,
    /// What is to be said of the base and the checkout ("your checkout is 2 commits behind").
    pub base_remarks: Vec<String>,
    /// What the pull requests mean for others, where a server holds them; none: the local forge does.
    pub delivery: Option<Delivery>,
    /// The remote that branches are pushed to; none: they stay in this repository.
    pub remote: Option<String>,
    /// Signs that the plan is not a good one.
    pub warnings: Vec<String>,
    /// What the run may spend.
    pub cap: Allowance,
    /// Where the files are that the change looks at; none where that is not known.
    pub coverage: Option<Coverage>,
    /// The advice not to split the change, where research gave it.
    pub advice: Option<&'a NotSplit>,
    /// The units that go first, before the question comes again; empty where all begin at once.
    pub canary: Vec<UnitId>,
    /// Who owns what, where that is to be shown in the place of the list of units.
    pub tree: Option<Tree>,
}

impl PlanView<'_> {
    /// The whole plan: change, base, commands, units, pull requests, warnings.
    #[must_use]
    pub fn render(&self, page: Page) -> String {
        let mut text = Text::on(page, LABEL);
        let money = Money::of(self.plan, &self.files, self.cap);
        text.heading(&clean(&self.plan.change.description));
        if let Some(advice) = self.advice {
            text.remark("advice:", Tone::Caution, &self.advised(advice));
        }
        let coverage = self.coverage.as_ref();
        let coverage = coverage.and_then(|coverage| coverage.fact(self.plan));
        let coverage = coverage.map(|coverage| ("covers", coverage));
        for (label, value) in self.facts().into_iter().chain(money.facts).chain(coverage) {
            text.fact(label, &value);
        }
        text.line("");
        text.lines(&match &self.tree {
            Some(tree) => tree.render(self.plan, page),
            None => self.table(page),
        });
        text.line("");
        for line in wrap(&self.totals(), page.columns) {
            text.line(&line);
        }
        if let Some(order) = self.order() {
            text.fact("order", &order);
        }
        if !self.canary.is_empty() {
            let first = join_ids(&self.canary);
            let words = format!("{first} first; the others wait for how that ends");
            text.fact("canary", &words);
        }
        if let Some(delivery) = &self.delivery {
            for (label, value) in delivery.facts() {
                text.fact(label, &value);
            }
        }
        let advice = self.advice.map(NotSplit::note);
        let notes = self.plan.notes.iter();
        for note in notes.filter(|note| Some(*note) != advice.as_ref()) {
            text.remark("note:", Tone::Faint, note);
        }
        if let Some(caution) = self.strange_commands() {
            text.remark("note:", Tone::Caution, &caution);
        }
        for warning in self.warnings.iter().chain(&money.warning) {
            text.remark("warning:", Tone::Caution, warning);
        }
        text.done()
    }

    /// One unit in full.
    #[must_use]
    pub fn render_unit(&self, unit: &Unit, page: Page) -> String {
        unit::render(self.plan, unit, page)
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let plan = self.plan;
        let mut facts = Vec::new();
        if let Some(summary) = &plan.summary {
            facts.push(("summary", cut(&clean(summary), SUMMARY_SHOWN)));
        }
        facts.extend(source(&plan.change.source));
        facts.extend(
            plan.change
                .agent
                .iter()
                .map(|choice| ("agent", agent(choice))),
        );
        for (label, value, units) in makers::others(plan) {
            facts.push((label, format!("{value}  ({})", join_ids(units))));
        }
        let mut fact = |label, value: String| facts.push((label, value));
        for glob in &plan.change.paths {
            fact("paths", clean(glob));
        }
        if let Some(regex) = &plan.change.matching {
            fact("matching", command(regex));
        }
        fact("base", self.base());
        for remark in &self.base_remarks {
            fact("", clean(remark));
        }
        if let Some(setup) = &plan.setup {
            fact("setup", command(setup));
        }
        fact(
            "test",
            match &plan.test {
                TestPolicy::Command(test) => command(test),
                TestPolicy::None => "none, as you said".to_owned(),
                TestPolicy::Undecided => "not decided yet".to_owned(),
            },
        );
        for (check, units) in checks(&plan.units) {
            let which = if units.len() == plan.units.len() {
                "every unit".to_owned()
            } else {
                join_ids(units)
            };
            fact("check", format!("{}  ({which})", command(check)));
        }
        if let Some(check) = &plan.end_to_end {
            fact(
                "merged",
                format!("{}  (once all is merged)", command(check)),
            );
        }
        facts
    }

    /// The advice not to split, and how the plan that is shown takes it.
    fn advised(&self, advice: &NotSplit) -> String {
        let researcher = self.plan.research.as_ref();
        let who = researcher.map_or("research", |research| &research.agent);
        let phases = advice.phases.as_ref();
        let taken = if self.plan.units.len() == 1 {
            "It is taken here as one unit.".to_owned()
        } else if phases.is_some_and(|phases| phases.units == self.plan.units) {
            let phases = counted(self.plan.units.len(), "phase");
            format!("It is taken here in {phases}, one after another.")
        } else {
            format!(
                "It is taken here as {}.",
                counted(self.plan.units.len(), "unit")
            )
        };
        let reason = clean(&advice.reason);
        let stop = if reason.ends_with(['.', '!', '?']) {
            ""
        } else {
            "."
        };
        format!("{who} advises not to split this change: {reason}{stop} {taken}")
    }

    /// That an agent wrote commands which will run here.
    fn strange_commands(&self) -> Option<String> {
        let research = self.plan.research.as_ref()?;
        let checks = checks(&self.plan.units).len();
        (checks > 0).then(|| {
            let checks = if checks == 1 {
                "the check"
            } else {
                "the checks"
            };
            format!(
                "{checks} above came from {}, and will run on this machine",
                research.agent
            )
        })
    }

    fn base(&self) -> String {
        let base = &self.plan.base;
        let name = format!("{} at {}", clean(&base.branch), base.commit.short());
        match self.base_age {
            Some(age) => format!("{name}, {}", age_text(age)),
            None => name,
        }
    }

    fn totals(&self) -> String {
        let units = self.plan.units.len();
        let fork = self.delivery.as_ref();
        let fork = fork.and_then(|delivery| delivery.fork.as_ref());
        let branches = match (fork, &self.remote) {
            (Some(fork), _) => format!("branches pushed to {}", clean(fork)),
            (None, Some(remote)) => format!("branches pushed to {}", clean(remote)),
            (None, None) => "branches in this repository".to_owned(),
        };
        let opens = match &self.delivery {
            Some(delivery) => delivery.opens(),
            None => format!(
                "opens {} on the forge `local`",
                counted(units, "pull request")
            ),
        };
        format!("{opens}, {branches}")
    }

    /// In how many waves the units are worked on, and which of them come after which; where there is any order.
    fn order(&self) -> Option<String> {
        let waves = self.plan.order().waves().into_iter().max().unwrap_or(0);
        let mut groups: Vec<(&[UnitId], Vec<&UnitId>)> = Vec::new();
        for unit in self.plan.units.iter().filter(|unit| !unit.after.is_empty()) {
            match groups.iter_mut().find(|(after, _)| *after == unit.after) {
                Some((_, units)) => units.push(&unit.id),
                None => groups.push((&unit.after, vec![&unit.id])),
            }
        }
        let lines = groups.iter().map(|(after, units)| {
            format!(
                "\n{} after {}",
                join_ids(units.iter().copied()),
                join_ids(*after)
            )
        });
        (!groups.is_empty()).then(|| counted(waves, "wave") + &lines.collect::<String>())
    }

    fn table(&self, page: Page) -> String {
        let columns = || {
            [
                Column::text("UNIT").giving_way(2, 16),
                Column::text("TITLE").giving_way(1, 16),
                Column::number("FILES"),
                Column::number("LINES"),
            ]
        };
        let rows = self.plan.units.iter().enumerate().map(|(at, unit)| {
            let lines = unit.lines.map(|lines| lines.to_string());
            let cells = [
                Cell::from(unit.id.as_str()),
                Cell::from(&unit.title),
                Cell::from(self.files.get(at).map_or(String::new(), usize::to_string)),
                Cell::from(lines.unwrap_or_default()),
            ];
            (cells, unit.owner.as_deref())
        });
        if self.plan.units.iter().all(|unit| unit.owner.is_none()) {
            let mut table = Table::new(columns());
            rows.for_each(|(cells, _)| table.row(cells));
            return table.render(Some(page.columns), page.look);
        }
        let [id, title, files, lines] = columns();
        let owner = Column::text("OWNER").giving_way(3, 10);
        let mut table = Table::new([id, title, files, lines, owner]);
        for ([id, title, files, lines], owner) in rows {
            table.row([id, title, files, lines, owner.unwrap_or_default().into()]);
        }
        table.render(Some(page.columns), page.look)
    }
}

/// The different checks, each with its units, in the plan's order.
fn checks(units: &[Unit]) -> Vec<(&str, Vec<&UnitId>)> {
    let mut checks: Vec<(&str, Vec<&UnitId>)> = Vec::new();
    for unit in units {
        let Some(check) = unit.check.as_deref() else {
            continue;
        };
        match checks.iter_mut().find(|(known, _)| *known == check) {
            Some((_, ids)) => ids.push(&unit.id),
            None => checks.push((check, vec![&unit.id])),
        }
    }
    checks
}

fn join_ids<'a>(ids: impl IntoIterator<Item = &'a UnitId>) -> String {
    let ids: Vec<&str> = ids.into_iter().map(UnitId::as_str).collect();
    ids.join(", ")
}

fn entry_name(entry: &Entry) -> String {
    match entry {
        Entry::File(path) => clean(&path.to_string()),
        Entry::Folder(path) => format!("{}/", clean(&path.to_string())),
    }
}

/// How old, or that it is new.
fn age_text(since: SignedDuration) -> String {
    age(since).map_or_else(|| "just now".to_owned(), |age| format!("{age} old"))
}

#[cfg(test)]
#[expect(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes its snapshots so"
)]
mod tests;
