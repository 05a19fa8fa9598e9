//! `batch report`: the report again, in each of its forms and at any time.

use super::support::{Running, ended, json};

#[test]
fn the_report_is_what_the_run_left_and_can_be_a_page() {
    let sandbox = ended();
    let report = |format: &str| {
        sandbox
            .batch(["report", "--format", format])
            .exits(0)
            .stdout
    };
    assert_eq!(report("md"), sandbox.run_file("report.md"));
    assert_eq!(report("text"), sandbox.run_file("report.md"));
    assert_eq!(report("json"), sandbox.run_file("report.json"));
    assert_eq!(
        sandbox.batch(["report"]).exits(0).stdout,
        sandbox.run_file("report.md")
    );
    let page = report("html");
    for words in [
        "<!DOCTYPE html>",
        "rename frob to frobnicate",
        "<code>src-part0</code>",
        "4 opened",
        "the linker is missing",
    ] {
        assert!(page.contains(words), "no {words:?} in {page}");
    }
    sandbox
        .batch(["report", "--format", "pdf"])
        .exits(2)
        .says("md, json, html");
}

#[test]
fn a_run_that_goes_on_or_was_cut_off_has_a_report_as_far_as_it_has_come() {
    let mut running = Running::start();
    let of = |running: &Running| json(&running.sandbox.batch(["report", "--format=json"]).exits(0));
    let report = of(&running);
    assert_eq!(report["summary"]["failed"], 1);
    assert!(report["ended"].is_null() && report["units"][0]["outcome"].is_null());
    running.dies();
    assert_eq!(of(&running)["summary"], report["summary"]);
    let text = running.sandbox.batch(["report"]).exits(0).stdout;
    assert!(text.contains("not yet, or it was cut off"), "{text}");
}

#[test]
fn a_report_is_written_to_a_file_or_it_is_said_why_not() {
    let sandbox = ended();
    sandbox
        .batch(["report", "--format=html", "-o", "page.html"])
        .exits(0)
        .says("Wrote the report to page.html.");
    let page = std::fs::read_to_string(sandbox.repo().join("page.html")).unwrap();
    assert!(page.ends_with("</html>\n"));
    sandbox
        .batch(["report", "-o", "no/such/folder/report.md"])
        .exits(4)
        .says("the report cannot be written to")
        .says("no/such/folder/report.md");
}
