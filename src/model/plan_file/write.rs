//! [`write`](fn@write): a plan as text that people read, edit and commit. The same plan always gives the same text.

use crate::model::agent::AgentChoice;
use crate::model::change::{Change, Source};
use crate::model::glob;
use crate::model::plan::{Plan, Research, TestPolicy, Unit};
use crate::model::plan_file::maker::FIRST_FOUND;
use crate::model::plan_file::read::VERSION;
use crate::model::plan_file::spelling::{block, expression, line, list};
use crate::model::scope::Scope;
use crate::model::spend::Spend;

const HEADER: &str = "\
# A plan of batch: one large change, cut into units that become one pull request each.
# Read it, edit it, commit it, and run it with: batch apply FILE
#
# In a unit's paths, `src/` owns all below that folder, `src/a.ts` that one file, and a glob (`src/**/*.ts`) the
# files that it matches at the base commit; a path in double quotes of its own is never a glob.
# A unit with `after = ['id']` starts when those units are done, on what they delivered.
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
    if let Some(command) = &plan.end_to_end {
        text.set("end-to-end", &block(command));
    }
    if let Some(summary) = &plan.summary {
        text.set("summary", &block(summary));
    }
    text.set_lines("conventions", &plan.conventions);
    text.set_lines("notes", &plan.notes);
    write_change(&plan.change, &mut text);
    text.header("[base]");
    text.set("ref", &line(&plan.base.branch));
    text.set("commit", &line(plan.base.commit.as_str()));
    if let Some(research) = &plan.research {
        write_research(research, &mut text);
    }
    for unit in &plan.units {
        write_unit(unit, &mut text);
    }
    for excluded in &plan.excluded {
        text.header("[[excluded]]");
        text.set("paths", &paths(&excluded.scope));
        text.set("reason", &block(&excluded.reason));
    }
    text.0
}

fn write_change(change: &Change, text: &mut Toml) {
    text.header("[change]");
    text.set("description", &block(&change.description));
    write_source(&change.source, text);
    match &change.agent {
        Some(agent) => write_agent(agent, text),
        None if change.source == Source::Agent => write_agent(&AgentChoice::default(), text),
        None => {}
    }
    text.set_lines("paths", &change.paths);
    if let Some(matching) = &change.matching {
        text.set("matching", &expression(matching));
    }
}

fn write_source(source: &Source, text: &mut Toml) {
    match source {
        Source::Agent => {}
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
}

fn write_agent(agent: &AgentChoice, text: &mut Toml) {
    match (&agent.name, &agent.model) {
        (Some(name), _) => text.set("agent", &line(name)),
        (None, None) => text.set("agent", &line(FIRST_FOUND)),
        // A model alone says that there is an agent.
        (None, Some(_)) => {}
    }
    if let Some(model) = &agent.model {
        text.set("model", &line(model));
    }
}

fn write_research(research: &Research, text: &mut Toml) {
    let Spend {
        cost,
        estimated,
        tokens,
    } = &research.spend;
    text.header("[research]");
    text.set("agent", &line(&research.agent));
    if let Some(model) = &research.model {
        text.set("model", &line(model));
    }
    if let Some(cost) = cost {
        text.set("cost-usd", &format!("{:?}", cost.dollars()));
    }
    if *estimated {
        text.set("estimated", "true");
    }
    text.set("input-tokens", &tokens.input.to_string());
    text.set("cached-tokens", &tokens.cached.to_string());
    text.set("output-tokens", &tokens.output.to_string());
}

fn paths(scope: &Scope) -> String {
    let entries = scope.entries().iter();
    let paths: Vec<_> = entries.map(|entry| line(&glob::literal(entry))).collect();
    list(&paths)
}

fn write_unit(unit: &Unit, text: &mut Toml) {
    text.header("[[units]]");
    text.set("id", &line(unit.id.as_str()));
    text.set("title", &line(&unit.title));
    text.set("task", &block(&unit.task));
    text.set("paths", &paths(&unit.scope));
    if let Some(context) = &unit.context {
        text.set("context", &block(context));
    }
    text.set_lines("contracts", &unit.contracts);
    text.set_lines("constraints", &unit.constraints);
    if let Some(source) = &unit.source {
        write_source(source, text);
    }
    if let Some(agent) = &unit.agent {
        write_agent(agent, text);
    }
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
