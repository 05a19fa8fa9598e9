//! Plan files that cannot be run.

use super::{REWRITE, refused, refused_saying};
use crate::support::sandbox::Sandbox;

/// A sandbox with a good plan in `ok.toml` next to the checkout, and its text.
fn planned() -> (Sandbox, String) {
    let sandbox = Sandbox::frobs(5);
    let args = [&["plan"], &REWRITE[..], &["--no-test", "-o", "../ok.toml"]].concat();
    sandbox.batch(args).exits(0);
    let text = std::fs::read_to_string(sandbox.path("ok.toml")).unwrap();
    (sandbox, text)
}

/// The line of the text's first occurrence, counted from 1.
fn line_of(text: &str, part: &str) -> usize {
    text[..text.find(part).unwrap()].matches('\n').count() + 1
}

#[test]
fn a_plan_that_cannot_be_read_is_named() {
    let sandbox = Sandbox::frobs(5);
    for (path, why) in [
        ("missing.toml", "No such file or directory (os error 2)"),
        ("src", "Is a directory (os error 21)"),
    ] {
        refused_saying(
            &sandbox,
            &["apply", path, "--yes"],
            2,
            &format!(
                "error: the plan {path} cannot be read: {why}\n\
                 hint: `batch plan \"…\" -o FILE` writes one"
            ),
        );
    }
}

#[test]
fn a_single_problem_is_told_with_its_line() {
    let (sandbox, ok) = planned();
    let bad = sandbox.path("bad.toml");
    let path = bad.display().to_string();
    let commit_line = line_of(&ok, "commit = ");
    let rewrite_line = line_of(&ok, "rewrite = ");
    let unit_line = line_of(&ok, "[[units]]");
    let commit = sandbox.git(["rev-parse", "HEAD"]);
    for (text, said) in [
        (
            "version = 1\nchange = \"x".to_owned(),
            ":2: invalid basic string, expected `\"`".to_owned(),
        ),
        (
            ok.replace("version = 1", "version = 99"),
            format!(
                ":{}: plan version 99 is newer than this program, which reads version 1",
                line_of(&ok, "version = 1")
            ),
        ),
        (
            ok.replacen("[[units]]\n", "[[units]]\ncolour = 3\n", 1),
            format!(":{}: unknown key `units.colour`", unit_line + 1),
        ),
        (
            ok.replace(r"s/\bfrob\b/frobnicate/g", "s/(/x/"),
            format!(":{rewrite_line}: `s/(/x/`, character 3: unclosed group"),
        ),
        (
            ok.replace(&commit, "main"),
            format!(":{commit_line}: `main` is not a full commit id (40 or 64 hexadecimal digits)"),
        ),
        (
            ok.replacen(
                "id = \"src-part1\"",
                "after = [\"src-part1\"]\nid = \"src-part1\"",
                1,
            ),
            format!(
                ":{}: a circle: unit `src-part1` waits for unit `src-part1`",
                line_of(&ok, "id = \"src-part1\"")
            ),
        ),
        (
            ok.replacen(
                "id = \"src-part1\"",
                "after = [\"src-part9\"]\nid = \"src-part1\"",
                1,
            ),
            format!(
                ":{}: unit `src-part1` waits for `src-part9`, which is no unit; did you mean `src-part0`?",
                line_of(&ok, "id = \"src-part1\"")
            ),
        ),
    ] {
        std::fs::write(&bad, text).unwrap();
        refused_saying(
            &sandbox,
            &["apply", &path, "--yes", "--no-test"],
            2,
            &format!("error: {path}{said}"),
        );
    }
}

#[test]
fn all_problems_are_told_at_once_by_line() {
    let (sandbox, ok) = planned();
    let text = ok
        .replace("src/part0/one.txt", "src/part1/one.txt")
        .replace("src/part2/two.txt", "../x")
        .replace("id = \"src-part3\"", "id = \"No Way\"");
    let bad = sandbox.path("bad.toml");
    std::fs::write(&bad, &text).unwrap();
    let path = bad.display().to_string();
    let at = |part| format!("\n  {path}:{}: ", line_of(&text, part));
    refused(&sandbox, &["apply", &path, "--yes"], 2)
        .says("error: the plan has 3 problems\n")
        .says(&format!(
            "{}unit `src-part2`: `../x` has a part `..`",
            at("../x")
        ))
        .says(&format!("{}`No Way` is not a unit id", at("No Way")))
        .says("`src/part1/one.txt` is in unit `src-part0` as well");

    std::fs::write(&bad, "").unwrap();
    refused(&sandbox, &["apply", &path, "--yes"], 2).says("error: the plan has 4 problems\n");
}

#[test]
fn a_plan_for_a_commit_or_branch_that_is_gone_asks_for_a_new_one() {
    let (sandbox, ok) = planned();
    let commit = sandbox.git(["rev-parse", "HEAD"]);
    let path = sandbox.path("bad.toml");
    std::fs::write(&path, ok.replace(&commit, &"1".repeat(40))).unwrap();
    let path = path.display().to_string();
    refused_saying(
        &sandbox,
        &["apply", &path, "--yes", "--no-test"],
        4,
        "error: commit 111111111111 is neither here nor on branch main on origin\n\
         hint: make the plan again with `batch plan`",
    );
    std::fs::write(&path, ok.replace("ref = \"main\"", "ref = \"gone\"")).unwrap();
    refused_saying(
        &sandbox,
        &["apply", &path, "--yes", "--no-test"],
        4,
        "error: no branch `gone` on origin: there is main",
    );
}

#[test]
fn a_plan_that_is_not_text_is_refused() {
    let sandbox = Sandbox::frobs(5);
    std::fs::write(sandbox.path("noise.toml"), b"\xff\xfe\0\x01").unwrap();
    refused(&sandbox, &["apply", "../noise.toml", "--yes"], 2)
        .says("the plan ../noise.toml cannot be read");
}
