//! [`write`](fn@write): a plan as text that people read, edit and commit. The same plan always gives the same text.

use crate::model::change::{Change, Source};
use crate::model::glob;
use crate::model::plan::{Plan, TestPolicy, Unit};
use crate::model::plan_file::read::VERSION;
use crate::model::plan_file::spelling::{block, expression, line, list};

const HEADER: &str = "\
# A plan of batch: one large change, cut into units that become one pull request each.
# Read it, edit it, commit it, and run it with: batch apply FILE
#
# In a unit's paths, `src/` owns all below that folder, `src/a.ts` that one file, and a glob (`src/**/*.ts`) the
# files that it matches at the base commit; a path in double quotes of its own is never a glob.
";

/// Spells a plan.
#[must_use]
pub fn write(plan: &Plan) -> String {
    let mut text = Toml(String::from(HEADER));
    text.blank();
    text.set("version", &VERSION.to_string());
    if let Some(setup) = &plan.setup {
        text.set("setup", &block(setup));
    }
    match &plan.test {
        TestPolicy::Command(command) => text.set("test", &block(command)),
        TestPolicy::None => text.set("no-test", "true"),
        TestPolicy::Undecided => {}
    }
    text.set_lines("notes", &plan.notes);
    write_change(&plan.change, &mut text);
    text.header("[base]");
    text.set("ref", &line(&plan.base.branch));
    text.set("commit", &line(plan.base.commit.as_str()));
    for unit in &plan.units {
        write_unit(unit, &mut text);
    }
    text.0
}

fn write_change(change: &Change, text: &mut Toml) {
    text.header("[change]");
    text.set("description", &block(&change.description));
    match &change.source {
        Source::Rewrite(expressions) => {
            let expressions: Vec<_> = expressions.iter().map(|text| expression(text)).collect();
            text.set("rewrite", &list(&expressions));
        }
        Source::Command(command) => text.set("command", &block(command)),
        Source::From { name, commit } => {
            text.set("from", &line(name));
            text.set("from-commit", &line(commit.as_str()));
        }
    }
    text.set_lines("paths", &change.paths);
    if let Some(matching) = &change.matching {
        text.set("matching", &expression(matching));
    }
}

fn write_unit(unit: &Unit, text: &mut Toml) {
    text.header("[[units]]");
    text.set("id", &line(unit.id.as_str()));
    text.set("title", &line(&unit.title));
    text.set("task", &block(&unit.task));
    let entries = unit.scope.entries().iter();
    let paths: Vec<_> = entries.map(|entry| line(&glob::literal(entry))).collect();
    text.set("paths", &list(&paths));
    if let Some(check) = &unit.check {
        text.set("check", &block(check));
    }
    let after: Vec<_> = unit.after.iter().map(ToString::to_string).collect();
    text.set_lines("after", &after);
    if let Some(owner) = &unit.owner {
        text.set("owner", &line(owner));
    }
    text.set_lines("notes", &unit.notes);
    if let Some(lines) = unit.lines {
        text.set("lines", &lines.to_string());
    }
}

/// TOML text in the making.
struct Toml(String);

impl Toml {
    fn blank(&mut self) {
        self.0.push('\n');
    }

    fn header(&mut self, header: &str) {
        self.blank();
        self.0.push_str(header);
        self.0.push('\n');
    }

    fn set(&mut self, key: &str, value: &str) {
        self.0.push_str(key);
        self.0.push_str(" = ");
        self.0.push_str(value);
        self.0.push('\n');
    }

    /// Sets a list of texts, unless it is empty.
    fn set_lines(&mut self, key: &str, texts: &[String]) {
        if !texts.is_empty() {
            let texts: Vec<_> = texts.iter().map(|text| line(text)).collect();
            self.set(key, &list(&texts));
        }
    }
}
