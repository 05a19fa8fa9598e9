//! The user's own templates: where they are taken from, what they cannot take away, and what is said of a broken one.

use crate::support::github::hub::Hub;
use crate::support::sandbox::{Ran, Sandbox};

const SLUG: &str = "octo/sample";

/// The change in two units, with `args` more.
fn run(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let units = [
        "--paths=src/**",
        "--no-test",
        "--min-units=2",
        "--max-units=2",
    ];
    sandbox.rename_frob(&[&units, args].concat())
}

fn repositorys(sandbox: &Sandbox, name: &str, text: &str) {
    sandbox.write(format!(".batch/templates/{name}"), text);
}

fn users(sandbox: &Sandbox, name: &str, text: &str) {
    sandbox.write(format!("../home/.config/batch/templates/{name}"), text);
}

/// The body of each pull request of the last run on the local forge.
fn local_bodies(sandbox: &Sandbox) -> Vec<String> {
    let listed = sandbox.batch(["prs", "list", "--format=json"]).exits(0);
    let listed: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
    let shown = listed.as_array().unwrap().iter().map(|pull| {
        let number = pull["number"].to_string();
        let shown = sandbox.batch(["prs", "show", &number, "--format=json"]);
        let shown: serde_json::Value = serde_json::from_str(&shown.exits(0).stdout).unwrap();
        shown["body"].as_str().unwrap().to_owned()
    });
    shown.collect()
}

#[test]
fn each_template_is_replaced_from_the_repository() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    for (name, text) in [
        (
            "commit-message.txt",
            "chore: {{ unit.id }}\n\n{{ unit.task }}\n",
        ),
        ("pr-title.txt", "chore: {{ unit.title }}"),
        (
            "pr-body.md",
            "TOP of {{ unit.id }}, {{ files | length }} files\n\n{{ what }}\n{{ checked }}\n{{ rest }}",
        ),
        ("pr-what.md", "WHAT {{ change }}"),
        ("pr-checked.md", "CHECKED {{ commit }}"),
        (
            "pr-rest.md",
            "REST {{ run }}\n{% include \"batch/pr-rest.md\" %}",
        ),
        (
            "tracking-issue.md",
            "LIST\n{% for line in lines %}- [ ] {{ line.title }}\n{% endfor %}",
        ),
        ("report.md", "OUR REPORT of {{ units | length }}"),
        ("failures.md", "OUR FAILURES"),
    ] {
        repositorys(&sandbox, name, text);
    }
    run(&sandbox, &["--tracking-issue=new"]).exits(0);
    let pulls = hub.pulls(SLUG);
    assert_eq!(pulls.len(), 2);
    for pull in &pulls {
        assert!(pull.title.starts_with("chore: src/part"), "{}", pull.title);
        let body = &pull.body;
        assert!(body.starts_with("TOP of src-part"), "{body}");
        assert!(body.contains("2 files\n\nWHAT rename frob"), "{body}");
        assert!(body.contains("\nCHECKED "), "{body}");
        assert!(body.contains("REST 2"), "{body}");
        assert!(body.contains("## Where it comes from"), "{body}");
        let mark = format!("commit={} -->", pull.head_commit);
        assert!(body.trim_end().ends_with(&mark), "{body}");
        let message = sandbox.git(["log", "-1", "--format=%B", &pull.head_commit]);
        assert!(message.starts_with("chore: src-part"), "{message}");
    }
    let issues = hub.repository(SLUG).issues();
    assert!(
        issues[0].body.contains("LIST\n- [ ] src/part0"),
        "{}",
        issues[0].body
    );
    assert_eq!(sandbox.run_file("report.md"), "OUR REPORT of 2\n");
    assert_eq!(sandbox.run_file("failures.md"), "OUR FAILURES\n");
    assert_eq!(sandbox.report()["summary"]["opened"], 2);
}

#[test]
fn the_users_templates_hold_where_the_repository_has_none() {
    let sandbox = Sandbox::frobs(2);
    users(&sandbox, "report.md", "MINE");
    users(&sandbox, "pr-body.md", "mine");
    repositorys(&sandbox, "pr-body.md", "The team's: {{ unit.id }}");
    run(&sandbox, &[]).exits(0);
    assert_eq!(sandbox.run_file("report.md"), "MINE\n");
    for body in local_bodies(&sandbox) {
        assert!(body.starts_with("The team's: src-part"), "{body}");
        assert!(body.contains("<!-- batch run="), "{body}");
    }
    // A rerun that has nothing to do looks at them all the same.
    repositorys(&sandbox, "report.md", "{{ nonsense");
    sandbox
        .batch(["rerun"])
        .exits(2)
        .says("report.md: line 1: syntax error");
}

#[test]
fn an_own_body_goes_before_the_repositorys_form_and_closes_nothing() {
    let hub = Hub::start();
    let sandbox = hub.sandbox(&[
        (
            ".github/PULL_REQUEST_TEMPLATE.md",
            "## What\n\n## Checklist\n",
        ),
        (
            ".batch/templates/pr-body.md",
            "{{ change }}\nfixes #3, for @octo/web",
        ),
        ("src/a/a.txt", "frob\n"),
        ("src/b/b.txt", "frob\n"),
    ]);
    let args = [
        "rename frob, ask @ada about #9",
        "--rewrite=s/frob/frobnicate/g",
        "--yes",
        "--no-test",
        "--paths=src/**",
        "--min-units=2",
    ];
    sandbox.batch(args).exits(0);
    for pull in hub.pulls(SLUG) {
        let body = pull.body;
        assert!(!body.contains("## Checklist"), "{body}");
        // What the change says notifies nobody; whom the template names is its author's own decision.
        assert!(
            body.contains("@\u{200b}ada about #\u{200b}9\nfixes (#3), for @octo/web"),
            "{body}"
        );
        assert!(body.contains("<!-- batch run="), "{body}");
    }
}

#[test]
fn a_broken_template_stops_everything_before_it_begins() {
    let sandbox = Sandbox::frobs(2);
    repositorys(&sandbox, "pr-rest.md", "one\n\n{{ unit.titel | text }}\n");
    users(&sandbox, "commit-message.txt", "{{ change | shout }}\n");
    let before = sandbox.users_own();
    for args in [&[][..], &["--dry-run"]] {
        let ran = run(&sandbox, args).exits(2).says(
            ".batch/templates/pr-rest.md: line 3: `text`: value is not a string\n  3 | {{ unit.titel | text }}\n",
        );
        let place = sandbox.path("home/.config/batch/templates/commit-message.txt");
        let other = format!("template {}: line 1: ", place.display());
        assert!(ran.stderr.contains(&other), "{}", ran.stderr);
        assert!(ran.stderr.contains("\nhint: "), "{}", ran.stderr);
    }
    sandbox.is_untouched(&before);
    assert!(!sandbox.repo().join(".git/batch").exists());
    assert!(sandbox.delivered().is_empty());
}

#[test]
fn a_file_that_replaces_nothing_is_told_of_with_the_nearest_name() {
    let sandbox = Sandbox::frobs(2);
    repositorys(&sandbox, "pr-titel.txt", "x");
    repositorys(&sandbox, ".gitignore", "");
    let ran = run(&sandbox, &[]).exits(0).says(
        "warning: .batch/templates/pr-titel.txt replaces no template; did you mean pr-title.txt?",
    );
    assert_eq!(ran.stderr.matches("replaces no template").count(), 1);
}

#[test]
fn a_template_that_fails_only_later_costs_nothing_but_a_warning() {
    let sandbox = Sandbox::frobs(2);
    let text =
        "{% if unit.id == 'src-part1' %}{{ unit.titel }}{% else %}ok: {{ unit.id }}{% endif %}";
    repositorys(&sandbox, "commit-message.txt", text);
    run(&sandbox, &[]).exits(0);
    let subjects =
        sandbox.remote_git(["log", "--format=%s", "--branches=batch/*", "--not", "main"]);
    assert!(subjects.contains("ok: src-part0"), "{subjects}");
    assert!(
        subjects.contains("rename frob to frobnicate: src/part1"),
        "{subjects}"
    );
    let report = sandbox.run_file("report.md");
    assert!(
        report.contains("commit-message.txt: line 1: ")
            && report.contains("the embedded one was used"),
        "{report}"
    );
}

#[test]
fn the_demo_goes_by_the_embedded_templates_alone() {
    let sandbox = Sandbox::local(&[("a", "")]);
    users(&sandbox, "report.md", "{{ broken");
    sandbox.batch(["demo", "--yes"]).exits(0);
}
