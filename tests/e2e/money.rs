//! What a run with agents spends: forecast, told, held to a cap, and slowed down by the provider's limits.

use crate::support::sandbox::{Ran, Sandbox};

/// A plan of units that each do one file by `claude`, and the files.
fn planned(sandbox: &Sandbox, units: usize) -> String {
    let base = sandbox.git(["rev-parse", "HEAD"]);
    let mut plan = format!(
        "version = 1\n[change]\ndescription = \"greet\"\nagent = \"claude\"\n[base]\nref = \"main\"\ncommit = \"{}\"\n",
        base.trim()
    );
    for unit in 1..=units {
        plan.push_str(&format!(
            "\n[[units]]\nid = \"u{unit}\"\ntitle = \"Unit {unit}\"\ntask = \"Greet.\"\npaths = [\"f{unit}\"]\n"
        ));
    }
    let path = sandbox.path("plan.toml");
    std::fs::write(&path, plan).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Runs the plan without asking, with these options more.
fn apply(sandbox: &Sandbox, plan: &str, more: &[&str]) -> Ran {
    let args = ["apply", plan, "--yes", "--no-test", "--jobs", "1"];
    sandbox.batch_with_agent(&[&args, more].concat())
}

fn sandbox(units: usize) -> Sandbox {
    let names: Vec<String> = (1..=units).map(|unit| format!("f{unit}")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "old\n")).collect();
    Sandbox::new(&files)
}

const GREETS: &str = "writes \"f${BATCH_UNIT#u}\" hello\nends done";

/// The words of each unit's outcome, in order.
fn words(sandbox: &Sandbox) -> Vec<String> {
    sandbox.outcomes().into_values().collect()
}

/// The journal's lines of that event.
fn told(sandbox: &Sandbox, event: &str) -> Vec<serde_json::Value> {
    let journal = sandbox.run_file("journal.jsonl");
    let records = journal
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    records
        .filter(|record: &serde_json::Value| record["event"] == event)
        .collect()
}

#[test]
fn a_cap_on_money_leaves_units_over_for_a_rerun_with_a_higher_one() {
    let sandbox = sandbox(4);
    let plan = planned(&sandbox, 4);
    sandbox.claude(&format!("cost=0.80\n{GREETS}"));
    let ran = apply(&sandbox, &plan, &["--max-cost", "2"]).exits(1);
    let ended = ["opened", "opened", "cancelled", "cancelled"];
    assert_eq!(words(&sandbox), ended);
    assert!(ran.stdout.contains("  COST"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("\ncost: $1.60 (480 tokens)\n"),
        "{}",
        ran.stdout
    );
    let report = sandbox.run_file("report.md");
    assert!(report.contains("- Cost: \\$1.60"), "{report}");
    let reason = "the budget of $2.00 is too small for another unit ($1.60 spent, one costs about $0.80); `batch rerun --max-cost …` goes on";
    assert_eq!(told(&sandbox, "unit-ended")[2]["reason"], reason);

    // The cap is the run's: what it has spent counts.
    sandbox
        .batch_with_agent(&["rerun", "--max-cost", "1.50"])
        .exits(1);
    assert_eq!(words(&sandbox), ended);
    sandbox
        .batch_with_agent(&["rerun", "--max-cost", "$5"])
        .exits(0);
    assert_eq!(words(&sandbox), ["opened"; 4]);
}

#[test]
fn a_unit_whose_agent_goes_beyond_its_tokens_is_ended() {
    let sandbox = sandbox(1);
    let plan = planned(&sandbox, 1);
    sandbox.claude("while :; do says more; sleep 0.2; done");
    apply(&sandbox, &plan, &["--max-tokens", "1k"]).exits(1);
    let unit = sandbox.unit("u1");
    assert_eq!(unit["outcome"], "failed");
    assert_eq!(
        unit["failure"]["cause"],
        "the agent used up what it may spend"
    );
}

#[test]
fn the_plan_forecasts_its_cost_and_warns_of_a_cap_that_will_not_do() {
    let sandbox = sandbox(3);
    let plan = planned(&sandbox, 3);
    sandbox.claude(GREETS);
    let ran = apply(&sandbox, &plan, &["--max-cost", "0.10", "--dry-run"]).exits(0);
    let shown = ran.stdout;
    assert!(shown.contains("  forecast  $0.19 to $3.78"), "{shown}");
    assert!(
        shown.contains("  at most   $0.10, research included"),
        "{shown}"
    );
    assert!(
        shown.contains("what it may spend is less than the least it is likely to cost"),
        "{shown}"
    );
    assert!(sandbox.asked().is_empty());
}

#[test]
fn a_rate_limit_pauses_the_run_and_the_unit_goes_on_in_its_session() {
    let sandbox = sandbox(2);
    let plan = planned(&sandbox, 2);
    let limited = "if once limit; then refused 429 \"$(($(date +%s) + 2))\"; fi";
    sandbox.claude(&format!("{limited}\n{GREETS}"));
    let ran = apply(&sandbox, &plan, &[]).exits(0);
    ran.says("paused until").says("going on, 1 agent at a time");
    assert_eq!(words(&sandbox), ["opened"; 2]);
    assert_eq!(sandbox.unit("u1")["attempt"], 1);
    let asked: Vec<bool> = sandbox
        .asked()
        .iter()
        .map(|asked| asked.all.contains("\nresumed: yes\n"))
        .collect();
    assert_eq!(asked, [false, true, false]);
}

#[test]
fn without_a_login_or_quota_nothing_more_is_started() {
    let sandbox = sandbox(3);
    let plan = planned(&sandbox, 3);
    sandbox.claude(&format!("if once login; then refused 401; fi\n{GREETS}"));
    apply(&sandbox, &plan, &[]).exits(1);
    assert_eq!(words(&sandbox), ["failed", "cancelled", "cancelled"]);
    assert_eq!(sandbox.asked().len(), 1);
    sandbox.batch_with_agent(&["rerun"]).exits(0);
    assert_eq!(words(&sandbox), ["opened"; 3]);
}
