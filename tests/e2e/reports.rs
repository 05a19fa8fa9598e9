//! What a run leaves for people and for programs.

use serde_json::Value;

use crate::support::sandbox::Sandbox;

/// A run in which one unit opens, one is unchanged, two fail alike and one otherwise.
fn mixed() -> Sandbox {
    let sandbox = Sandbox::frobs(5);
    let command = "case {unit} in src-part1) exit 0;; src-part4) echo elsewhere >> README.md;; esac; \
        sed -i s/frob/frobnicate/ {files}";
    let test = "case $BATCH_UNIT in src-part2|src-part3) echo the linker is missing; exit 1;; esac";
    sandbox
        .batch([
            "rename frob to frobnicate",
            "--command",
            command,
            "--test",
            test,
            "--paths=src/**",
            "--yes",
            "--report",
            "copies/the report.md",
            "--failures",
            sandbox.path("failed.md").to_str().unwrap(),
        ])
        .exits(1);
    sandbox
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn the_report_for_programs_has_the_shape_of_the_contract() {
    let sandbox = mixed();
    let report = sandbox.report();
    assert_eq!(
        keys(&report),
        [
            "base",
            "change",
            "ended",
            "exit_code",
            "run",
            "started",
            "summary",
            "units",
            "version"
        ]
    );
    assert_eq!(report["version"], 1);
    assert_eq!(report["change"], "rename frob to frobnicate");
    assert_eq!(
        report["base"],
        serde_json::json!({ "ref": "main", "commit": sandbox.git(["rev-parse", "HEAD"]) })
    );
    assert_eq!(report["exit_code"], 1);
    assert_eq!(
        report["summary"],
        serde_json::json!({
            "total": 5, "opened": 1, "pushed": 0, "unchanged": 1, "failed": 3, "cancelled": 0,
            "spend": null
        })
    );
    let run = report["run"].as_str().unwrap();
    assert!(sandbox.repo().join(".git/batch/runs").join(run).is_dir());
    for unit in report["units"].as_array().unwrap() {
        assert_eq!(
            keys(unit),
            [
                "agent",
                "attempt",
                "base",
                "branch",
                "commit",
                "duration_ms",
                "failure",
                "files",
                "id",
                "outcome",
                "pr",
                "spend",
                "summary",
                "title"
            ]
        );
        assert!(unit["duration_ms"].is_u64());
        let branch = unit["branch"].as_str().unwrap();
        let suffix = run.rsplit('-').next().unwrap();
        assert_eq!(
            branch,
            format!(
                "batch/rename-frob-to-frobnicate-{suffix}/{}",
                unit["id"].as_str().unwrap()
            )
        );
    }
    let opened = sandbox.unit("src-part0");
    assert_eq!(keys(&opened["pr"]), ["number", "url"]);
    assert!(opened["failure"].is_null());
    assert_eq!(opened["files"].as_array().unwrap().len(), 2);
    let unchanged = sandbox.unit("src-part1");
    for absent in ["pr", "commit", "failure", "agent", "spend", "summary"] {
        assert!(unchanged[absent].is_null(), "{unchanged:#}");
    }
    assert_eq!(unchanged["files"], serde_json::json!([]));
    let failed = sandbox.unit("src-part2");
    assert_eq!(keys(&failed["failure"]), ["cause", "kind", "log", "step"]);
    assert!(failed["pr"].is_null() && failed["commit"].is_null());
    let log = std::fs::read_to_string(failed["failure"]["log"].as_str().unwrap()).unwrap();
    assert!(log.contains("the linker is missing"), "{log}");
}

#[test]
fn the_failures_log_groups_equal_causes_and_says_how_to_go_on() {
    let sandbox = mixed();
    let failures = sandbox.run_file("failures.md");
    let run = sandbox.report()["run"].as_str().unwrap().to_owned();
    for words in [
        "2 units failed in this way",
        "README.md: outside the unit's scope",
        "the linker is missing",
        "## Gate:",
        "## Test:",
    ] {
        assert_eq!(failures.matches(words).count(), 1, "{words} in {failures}");
    }
    for unit in ["src-part2", "src-part3", "src-part4"] {
        for words in [
            format!("batch rerun {run} --unit {unit}"),
            format!("git show refs/batch/{run}/{unit}/attempt-1"),
        ] {
            assert!(failures.contains(&words), "{words} in {failures}");
        }
        let kept = sandbox.git(["show", &format!("refs/batch/{run}/{unit}/attempt-1")]);
        assert!(kept.contains("+call frobnicate"), "{kept}");
    }
    assert!(!failures.contains("--unit src-part0"), "{failures}");
}

#[test]
fn reports_are_copied_where_they_are_wanted() {
    let sandbox = mixed();
    let copy = std::fs::read_to_string(sandbox.repo().join("copies/the report.md")).unwrap();
    assert_eq!(copy, sandbox.run_file("report.md"));
    for words in [
        "| `src-part0` |",
        "| opened |",
        "| unchanged |",
        "| failed |",
        "(failures.md)",
    ] {
        assert!(copy.contains(words), "{words} in {copy}");
    }
    let failures = std::fs::read_to_string(sandbox.path("failed.md")).unwrap();
    assert_eq!(failures, sandbox.run_file("failures.md"));
}

#[test]
fn events_are_one_json_document_a_line_and_end_with_the_run() {
    let sandbox = Sandbox::frobs(3);
    let before = sandbox.users_own();
    let ran = sandbox
        .rename_frob(&["--test", "! grep -rq frobnicate src/part1", "--format=json"])
        .exits(1);
    let events: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let named = |name: &str| events.iter().filter(|event| event["event"] == name).count();
    assert_eq!(events[0]["event"], "run-started");
    assert_eq!(named("unit-ended"), 5);
    assert_eq!(named("run-ended"), 1);
    let last = events.last().unwrap();
    assert_eq!(last["event"], "run-ended");
    assert_eq!(last["exit_code"], 1);
    let report = std::path::Path::new(last["report"].as_str().unwrap());
    assert!(report.is_absolute() && report.exists());
    sandbox.is_untouched(&before);

    let again = sandbox.batch(["rerun", "--format=json"]).exits(1);
    let first: Value = serde_json::from_str(again.stdout.lines().next().unwrap()).unwrap();
    let last: Value = serde_json::from_str(again.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&first["event"], &last["event"]),
        (&"rerun-started".into(), &"run-ended".into())
    );
}

#[test]
fn a_plan_and_a_dry_run_are_one_json_document() {
    let sandbox = Sandbox::frobs(3);
    let planned = sandbox
        .batch([
            "plan",
            "rename frob to frobnicate",
            "--rewrite=s/frob/x/",
            "--format=json",
        ])
        .exits(0);
    let plan: Value = serde_json::from_str(&planned.stdout).unwrap();
    assert_eq!(plan["version"], 1);
    assert_eq!(plan["units"].as_array().unwrap().len(), 5);
    let dry = sandbox
        .rename_frob(&["--dry-run", "--no-test", "--format=json"])
        .exits(0);
    let plan: Value = serde_json::from_str(&dry.stdout).unwrap();
    assert_eq!(plan["change"]["description"], "rename frob to frobnicate");
}

#[test]
fn the_summary_says_what_became_of_each_unit_and_counts_them() {
    let sandbox = Sandbox::frobs(4);
    let four = ["--paths=src/**", "--min-units=4", "--max-units=4"];
    let ran = sandbox
        .rename_frob(&[&four[..], &["--test", "! grep -rq frobnicate src/part1"]].concat())
        .exits(1);
    assert!(
        ran.stdout
            .contains("3 of 4 units opened pull requests, 1 failed"),
        "{}",
        ran.stdout
    );
    for name in ["report.md", "failures.md"] {
        let path = std::fs::canonicalize(sandbox.repo().join(".git/batch/latest")).unwrap();
        let path = path.join(name).display().to_string();
        assert!(ran.stdout.contains(&path), "{path} in {}", ran.stdout);
    }
}
