//! What runs write to GitHub: bodies within what it takes, the repository's own template, the tracking issue, and no more
//! requests than there must be.

use super::runs::run;
use crate::support::github::hub::Hub;
use crate::support::sandbox::Sandbox;

const SLUG: &str = "octo/sample";

/// What GitHub takes, in characters.
const BODY_MAX: usize = 65_536;

#[test]
fn a_body_that_would_be_too_long_is_cut_and_keeps_its_mark() {
    let hub = Hub::start();
    let rules = "Our rules, a line of them.\n".repeat(1100);
    let template = format!("## What\n\n## Rules\n\n{rules}");
    let sandbox = hub.sandbox(&[
        (".github/PULL_REQUEST_TEMPLATE.md", &template),
        ("src/a/a.txt", "frob\n"),
        ("src/b/b.txt", "frob\n"),
    ]);
    let change = format!("rename frob\n\n{}", "Because of *this*. ".repeat(5000));
    sandbox
        .batch([
            &*change,
            "--rewrite",
            "s/frob/frobnicate/g",
            "--yes",
            "--no-test",
            "--paths=src/**",
            "--min-units=2",
        ])
        .exits(0);
    let pulls = hub.pulls(SLUG);
    assert_eq!(pulls.len(), 2);
    for pull in pulls {
        assert!(
            pull.body.chars().count() < BODY_MAX,
            "{}",
            pull.body.chars().count()
        );
        let last = pull.body.lines().last().unwrap();
        let mark = format!("commit={} -->", pull.head_commit);
        assert!(last.ends_with(&mark), "{last}");
        assert!(pull.body.contains("## Rules\n\nOur rules"));
        assert!(pull.title.chars().count() <= 100);
    }
}

#[test]
fn the_repositorys_own_template_is_filled() {
    let hub = Hub::start();
    let template = "## What is this?\n\n<!-- Say it. -->\n\n## Testing\n\n## Checklist\n\n- [ ] I read CONTRIBUTING\n";
    let sandbox = hub.sandbox(&[
        ("docs/pull_request_template.md", template),
        ("src/a/a.txt", "frob\n"),
        ("src/b/b.txt", "frob\n"),
    ]);
    run(&sandbox, &[]).exits(0);
    for pull in hub.pulls(SLUG) {
        let place = |words: &str| {
            let found = pull.body.find(words);
            found.unwrap_or_else(|| panic!("no {words:?} in\n{}", pull.body))
        };
        let order = [
            "## What is this?",
            "rename frob to frobnicate",
            "## Testing",
            "## Checklist",
            "- [ ] I read CONTRIBUTING",
            "<!-- batch ",
        ];
        let places: Vec<usize> = order.iter().map(|words| place(words)).collect();
        assert!(places.is_sorted(), "{places:?} in\n{}", pull.body);
    }
}

#[test]
fn a_new_tracking_issue_lists_the_units_and_ticks_off_what_is_merged() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    run(
        &sandbox,
        &["--jobs=1", "--tracking-issue=new", "--max-open-prs=1"],
    )
    .exits(0)
    .says("tracking  in a new issue");
    let repository = hub.repository(SLUG);
    let issues = repository.issues();
    assert_eq!(issues.len(), 1);
    let issue = &issues[0];
    assert_eq!(issue.title, "rename frob to frobnicate (2 parts)");
    let pulls = hub.pulls(SLUG);
    let (number, first) = (issue.number, &pulls[0]);
    let line = format!("- [ ] #{} ", first.number);
    assert!(issue.body.contains(&line), "{}", issue.body);
    assert!(first.body.contains(&format!("#{number}")), "{}", first.body);
    // People write around the list.
    let body = format!("Please hurry.\n\n{}\nThanks!\n", issue.body);
    repository.edit_body(number, &body);
    repository.merge(first.number, "merge");
    sandbox.batch(["prs", "publish"]).exits(0);
    let issues = repository.issues();
    assert_eq!(issues.len(), 1);
    let body = &issues[0].body;
    let second = hub.pulls(SLUG)[1].number;
    assert!(body.starts_with("Please hurry.\n\n<!-- "), "{body}");
    assert!(body.ends_with("\nThanks!\n"), "{body}");
    assert!(
        body.contains(&format!("- [x] #{} ", first.number)),
        "{body}"
    );
    assert!(body.contains(&format!("- [ ] #{second} ")), "{body}");
    assert_eq!(body.matches("begins -->").count(), 1);
    assert!(body.contains("1 of 2 merged"), "{body}");
}

#[test]
fn an_issue_of_a_persons_gets_the_list_at_its_end() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    let repository = hub.repository(SLUG);
    let number =
        repository.open_issue("Frob is no word", "It never was.\n\n- [ ] tell everybody\n");
    run(&sandbox, &[&format!("--tracking-issue={number}")])
        .exits(0)
        .says(&format!("in issue #{number}"));
    let issues = repository.issues();
    assert_eq!(issues.len(), 1);
    assert_eq!(issues[0].title, "Frob is no word");
    let body = &issues[0].body;
    assert!(
        body.starts_with("It never was.\n\n- [ ] tell everybody\n\n<!-- batch tracking"),
        "{body}"
    );
    for pull in hub.pulls(SLUG) {
        assert!(body.contains(&format!("- [ ] #{} ", pull.number)), "{body}");
        assert!(pull.body.contains(&format!("#{number}")), "{}", pull.body);
    }
}

#[test]
fn a_tracking_issue_that_is_not_there_is_a_warning_of_the_run() {
    let hub = Hub::start();
    let sandbox = hub.frobs(2);
    run(&sandbox, &["--tracking-issue=77"]).exits(0);
    assert_eq!(hub.pulls(SLUG).len(), 2);
    let report = sandbox.run_file("report.md");
    assert!(report.contains("#77"), "{report}");
}

#[test]
fn a_unit_takes_three_writes_and_one_look_before_its_create() {
    const UNITS: usize = 4;
    let hub = Hub::start();
    let sandbox = hub.frobs(UNITS);
    hub.repository(SLUG).label("known").team("octo/core");
    run(&sandbox, &["--label=known", "--reviewer=octo/core"]).exits(0);
    let requests = hub.requests();
    let of_api = requests.iter().filter(|request| request.nth.is_some());
    let (mut looks, mut writes, mut creates) = (0, 0, 0);
    for request in of_api {
        let is_list = request.path.ends_with("/pulls");
        writes += usize::from(request.is_write());
        if is_list && request.method == "GET" {
            looks += 1;
        }
        if is_list && request.method == "POST" {
            creates += 1;
            // Each is looked for just before.
            assert_eq!(looks, creates, "{:#?}", hub.asked());
        }
    }
    assert_eq!((creates, looks), (UNITS, UNITS), "{:#?}", hub.asked());
    assert!(writes <= 3 * UNITS, "{:#?}", hub.asked());
}

#[test]
fn a_plan_needs_no_token_and_asks_github_nothing() {
    let hub = Hub::start();
    let mut sandbox = hub.frobs(2);
    sandbox.set("GH_ENTERPRISE_TOKEN", "");
    let plan = |sandbox: &Sandbox| {
        sandbox.batch([
            "plan",
            "rename frob to frobnicate",
            "--rewrite=s/frob/frobnicate/g",
            "--no-test",
            "--paths=src/**",
            "--min-units=2",
        ])
    };
    let planned = plan(&sandbox).exits(0);
    assert!(planned.stdout.contains("[[units]]"), "{}", planned.stdout);
    assert_eq!(hub.asked(), [] as [&str; 0]);
}
