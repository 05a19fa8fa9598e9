//! [`PlanView`]: a plan and what is known around it, as a person is shown it before the yes.
//!
//! Pure: values in, text as wide as a [`Page`] out. All text from outside is cleaned here.

use jiff::SignedDuration;

use crate::cli::page::Page;
use crate::cli::style::{Tone, clean, clean_lines};
use crate::cli::table::{Cell, Column, Table};
use crate::cli::wrap::wrap;
use crate::model::agent::AgentChoice;
use crate::model::change::Source;
use crate::model::counted::counted;
use crate::model::id::UnitId;
use crate::model::plan::{Plan, TestPolicy, Unit};
use crate::model::scope::Entry;
use crate::model::spend::Allowance;

mod money;

use self::money::Money;

/// So many of a unit's paths are named.
const PATHS_SHOWN: usize = 20;

/// The width of the labels on the left.
const LABEL: usize = 10;

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
    /// The name of the forge that will hold the pull requests.
    pub forge: String,
    /// The remote that branches are pushed to; none: they stay in this repository.
    pub remote: Option<String>,
    /// Signs that the plan is not a good one.
    pub warnings: Vec<String>,
    /// What the run may spend.
    pub cap: Allowance,
}

impl PlanView<'_> {
    /// The whole plan: change, base, commands, units, pull requests, warnings.
    #[must_use]
    pub fn render(&self, page: Page) -> String {
        let mut text = Text::on(page);
        let money = Money::of(self.plan, &self.files, self.cap);
        text.heading(&clean(&self.plan.change.description));
        for (label, value) in self.facts().into_iter().chain(money.facts) {
            text.fact(label, &value);
        }
        text.line("");
        text.out.push_str(&self.table(page));
        text.line("");
        for line in wrap(&self.totals(), page.columns) {
            text.line(&line);
        }
        if let Some(order) = self.order() {
            text.fact("order", &order);
        }
        for note in &self.plan.notes {
            text.remark("note:", Tone::Faint, note);
        }
        for warning in self.warnings.iter().chain(&money.warning) {
            text.remark("warning:", Tone::Caution, warning);
        }
        text.out
    }

    /// One unit in full.
    #[must_use]
    pub fn render_unit(&self, unit: &Unit, page: Page) -> String {
        let mut text = Text::on(page);
        text.heading(&format!("{}: {}", unit.id, clean(&unit.title)));
        text.fact("task", &clean_lines(&unit.task));
        if let Some(owner) = &unit.owner {
            text.fact("owner", &clean(owner));
        }
        if let Some(check) = &unit.check {
            text.fact("check", &clean_lines(check));
        }
        if !unit.after.is_empty() {
            text.fact("after", &join_ids(&unit.after));
        }
        for note in &unit.notes {
            text.fact("note", &clean(note));
        }
        let entries = unit.scope.entries();
        for (at, entry) in entries.iter().take(PATHS_SHOWN).enumerate() {
            let label = if at == 0 { "paths" } else { "" };
            text.fact(label, &entry_name(entry));
        }
        if let Some(more) = entries.len().checked_sub(PATHS_SHOWN).filter(|&n| n > 0) {
            text.fact("", &format!("and {more} more"));
        }
        text.out
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let plan = self.plan;
        let mut facts = Vec::new();
        let mut fact = |label, value: String| facts.push((label, value));
        match &plan.change.source {
            Source::Agent => {}
            Source::Rewrite(expressions) => {
                for expression in expressions {
                    fact("rewrite", clean_lines(expression));
                }
            }
            Source::Command(command) => fact("command", clean_lines(command)),
            Source::From { name, commit } => {
                fact("from", format!("{} at {}", clean(name), commit.short()));
            }
        }
        if let Some(choice) = &plan.change.agent {
            fact("agent", agent(choice));
        }
        for glob in &plan.change.paths {
            fact("paths", clean(glob));
        }
        if let Some(regex) = &plan.change.matching {
            fact("matching", clean_lines(regex));
        }
        fact("base", self.base());
        for remark in &self.base_remarks {
            fact("", clean(remark));
        }
        if let Some(setup) = &plan.setup {
            fact("setup", clean_lines(setup));
        }
        fact(
            "test",
            match &plan.test {
                TestPolicy::Command(command) => clean_lines(command),
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
            fact("check", format!("{}  ({which})", clean_lines(check)));
        }
        facts
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
        let things = counted(self.plan.units.len(), "pull request");
        let branches = match &self.remote {
            Some(remote) => format!("branches pushed to {}", clean(remote)),
            None => "branches in this repository".to_owned(),
        };
        format!(
            "opens {things} on the forge `{}`, {branches}",
            clean(&self.forge)
        )
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

/// Lines that are put together for a page.
struct Text {
    out: String,
    page: Page,
}

impl Text {
    fn on(page: Page) -> Self {
        Self {
            out: String::new(),
            page,
        }
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn heading(&mut self, text: &str) {
        for line in wrap(text, self.page.columns) {
            self.line(&self.page.look.paint(Tone::Strong, &line));
        }
    }

    /// `  label     value`; a long value, or one of several lines, goes on below itself.
    fn fact(&mut self, label: &str, value: &str) {
        let columns = self.page.columns.saturating_sub(LABEL + 2);
        let lines = value.lines().flat_map(|line| wrap(line, columns));
        for (at, line) in lines.enumerate() {
            let label = if at == 0 { label } else { "" };
            let label = self
                .page
                .look
                .paint(Tone::Faint, &format!("{label:<LABEL$}"));
            self.line(&format!("  {label}{line}"));
        }
    }

    /// `word: remark`, a long one indented below itself.
    fn remark(&mut self, word: &str, tone: Tone, remark: &str) {
        let indent = word.len() + 1;
        let columns = self.page.columns.saturating_sub(indent);
        for (at, line) in wrap(&clean(remark), columns).iter().enumerate() {
            if at == 0 {
                let word = self.page.look.paint(tone, word);
                self.line(&format!("{word} {line}"));
            } else {
                self.line(&format!("{:indent$}{line}", ""));
            }
        }
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

/// The agent and its model, as far as they are named.
fn agent(choice: &AgentChoice) -> String {
    let name = choice.name.as_deref().unwrap_or("the first that is found");
    match &choice.model {
        Some(model) => format!("{}, model {}", clean(name), clean(model)),
        None => clean(name),
    }
}

fn entry_name(entry: &Entry) -> String {
    match entry {
        Entry::File(path) => clean(&path.to_string()),
        Entry::Folder(path) => format!("{}/", clean(&path.to_string())),
    }
}

/// How long ago, in the largest unit that fits.
fn age_text(age: SignedDuration) -> String {
    let minutes = age.as_mins();
    let (count, unit) = match minutes {
        ..1 => return "just now".to_owned(),
        1..60 => (minutes, "minute"),
        60..1440 => (minutes / 60, "hour"),
        1440.. => (minutes / 1440, "day"),
    };
    format!("{} old", counted(count, unit))
}

#[cfg(test)]
#[expect(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes its snapshots so"
)]
mod tests;
