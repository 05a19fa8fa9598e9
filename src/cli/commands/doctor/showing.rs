//! The findings for people, a line each with what mends it below, and for programs, as one document.

use std::io::Write as _;

use serde_json::json;

use crate::cli::args::{Format, GlobalArgs};
use crate::cli::copyable;
use crate::cli::page::Page;
use crate::cli::style::{Look, Tone, clean, clean_lines};
use crate::cli::wrap::wrap;
use crate::model::checkup::{Finding, Verdict, tally};
use crate::model::counted::counted;

/// How wide the columns of verdicts and checks are, with the space after them.
const VERDICTS: usize = 9;
const CHECKS: usize = 12;

/// Gives the answer.
pub(super) fn show(global: &GlobalArgs, findings: &[Finding]) {
    let findings: Vec<Finding> = findings
        .iter()
        .map(|found| from_here(global, found))
        .collect();
    let text = match global.format {
        Format::Text => text(&findings, Page::stdout(Look::of_stdout()), global.quiet),
        Format::Json => document(&findings),
    };
    // Whoever closed the pipe has seen enough.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// The finding with its commands as they are typed where the user stands, not where `-C` leads.
fn from_here(global: &GlobalArgs, found: &Finding) -> Finding {
    let mut found = found.clone();
    if let Some(directory) = &global.directory {
        for command in &mut found.commands {
            for program in ["git", "batch"] {
                if let Some(rest) = command.strip_prefix(&format!("{program} ")) {
                    *command = format!("{program} -C {} {rest}", copyable::path(directory));
                    break;
                }
            }
        }
    }
    found
}

fn text(findings: &[Finding], page: Page, quiet: bool) -> String {
    let mut out = String::new();
    for found in findings {
        if quiet && found.verdict == Verdict::Ok {
            continue;
        }
        let verdict = found.verdict;
        let mut label = format!(
            "{}{:CHECKS$}",
            page.look
                .paint(tone(verdict), &format!("{:VERDICTS$}", verdict.as_str())),
            found.check.as_str()
        );
        let columns = page.columns - VERDICTS - CHECKS;
        let words = clean_lines(found.words.trim_end());
        for line in words.split('\n').flat_map(|line| wrap(line, columns)) {
            out.push_str(&format!("{label}{line}\n"));
            label = " ".repeat(VERDICTS + CHECKS);
        }
        for command in &found.commands {
            out.push_str(&beside(
                "run",
                &page.look.paint(Tone::Strong, &clean(command)),
            ));
        }
        let mut label = "hint";
        for line in found.advice.iter().flat_map(|advice| advice.split('\n')) {
            for line in wrap(&clean(line), columns) {
                out.push_str(&beside(label, &line));
                label = "";
            }
        }
    }
    let [ok, warnings, problems] = tally(findings);
    if !quiet {
        out.push_str(&format!(
            "\n{ok} ok, {}, {}\n",
            counted(warnings, "warning"),
            counted(problems, "problem")
        ));
    }
    out
}

/// A line below a finding, its label in the column of checks.
fn beside(label: &str, text: &str) -> String {
    let line = format!("{}{label:CHECKS$}{text}", " ".repeat(VERDICTS));
    format!("{}\n", line.trim_end())
}

fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Ok => Tone::Good,
        Verdict::Warning => Tone::Caution,
        Verdict::Problem => Tone::Bad,
    }
}

fn document(findings: &[Finding]) -> String {
    let [ok, warnings, problems] = tally(findings);
    let document = json!({
        "ok": ok,
        "warnings": warnings,
        "problems": problems,
        "findings": findings,
    });
    format!("{document:#}\n")
}

#[cfg(test)]
mod tests {
    use super::text;
    use crate::cli::page::Page;
    use crate::cli::style::Look;
    use crate::model::checkup::{Check, Finding};

    fn page(look: Look) -> Page {
        Page { look, columns: 60 }
    }

    fn findings() -> Vec<Finding> {
        vec![
            Finding::ok(Check::Git, "git 2.47.3"),
            Finding::warning(
                Check::Hooks,
                "core.hooksPath is `.husky/_`, which each worktree resolves for itself",
            )
            .run("git config core.hooksPath '/home/ada/a project/.husky/_'"),
            Finding::problem(Check::Remote, "origin cannot be read: line one\nline two")
                .advise("check the address with `git remote -v`, and that you can reach it"),
        ]
    }

    #[test]
    fn each_finding_is_a_line_with_what_mends_it_below() {
        snapbox::assert_data_eq!(
            text(&findings(), page(Look::Plain), false),
            snapbox::str![[r#"
ok       git         git 2.47.3
warning  hooks       core.hooksPath is `.husky/_`, which
                     each worktree resolves for itself
         run         git config core.hooksPath '/home/ada/a project/.husky/_'
problem  remote      origin cannot be read: line one
                     line two
         hint        check the address with `git remote -v`,
                     and that you can reach it

1 ok, 1 warning, 1 problem

"#]]
        );
    }

    #[test]
    fn quiet_shows_what_is_not_well_alone() {
        let shown = text(&findings(), page(Look::Plain), true);
        assert!(!shown.contains("2.47.3") && shown.contains("hooksPath"));
        assert!(!shown.contains("1 ok"));
    }

    #[test]
    fn a_colour_says_nothing_that_a_word_does_not() {
        let coloured = text(&findings(), page(Look::Colours), false);
        assert!(coloured.contains("\u{1b}[31mproblem"));
        assert_eq!(
            console::strip_ansi_codes(&coloured),
            text(&findings(), page(Look::Plain), false)
        );
    }
}
