//! Shows what `batch clean` removed, or would, and for each thing that it keeps why.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::facts::Facts;
use super::removal::Came;
use crate::cli::args::{CleanArgs, Format};
use crate::cli::page::{Page, stdout_width};
use crate::cli::session::Session;
use crate::cli::style::{Look, Tone, clean};
use crate::cli::table::{Cell, Column, Table};
use crate::cli::wrap::wrap;
use crate::engine::cleaning::why::Why;
use crate::engine::cleaning::{Decision, Thing, Verdict};
use crate::model::counted::counted;
use crate::model::id::RunId;

/// How many refs of one reason are named.
const NAMED: usize = 3;

/// Gives the answer.
pub(super) fn show(session: &Session, args: &CleanArgs, facts: &Facts, came: &Came) {
    match session.global.format {
        Format::Json => {
            let document = document(session, args, came);
            session.answer(&format!("{document:#}\n"));
        }
        Format::Text => {
            let text = text(session, args.dry_run, came);
            if text.is_empty() {
                session.say("Nothing to clean up.");
            } else {
                session.answer(&text);
            }
            if facts.young > 0 {
                let runs = counted(facts.young, "run");
                let is = if facts.young == 1 { "is" } else { "are" };
                session.say(&format!("{runs} {is} younger than that, and left alone."));
            }
        }
    }
}

fn document(session: &Session, args: &CleanArgs, came: &Came) -> Value {
    let removed = came.decisions.iter().filter(|decision| !decision.is_kept());
    let removed = removed.map(|decision| thing(session, decision));
    let leavings = came.leavings.iter();
    let leavings = leavings
        .map(|path| json!({"run": null, "kind": "leaving", "name": path.display().to_string()}));
    let kept = came.decisions.iter().filter_map(|decision| {
        let Verdict::Keep(why) = &decision.verdict else {
            return None;
        };
        let mut kept = thing(session, decision);
        kept["why"] = json!(why.words());
        kept["command"] = json!(command(session, why, &decision.run));
        Some(kept)
    });
    let stuck = came.stuck.iter().map(|(path, words)| {
        json!({
            "run": null,
            "kind": "leaving",
            "name": path.display().to_string(),
            "why": Why::Failed(words.clone()).words(),
            "command": null,
        })
    });
    let saved = came.saved.iter();
    let saved = saved.map(|(run, reference)| json!({"run": run, "ref": reference}));
    json!({
        "dry_run": args.dry_run,
        "removed": removed.chain(leavings).collect::<Vec<_>>(),
        "kept": kept.chain(stuck).collect::<Vec<_>>(),
        "saved": saved.collect::<Vec<_>>(),
    })
}

fn thing(session: &Session, decision: &Decision) -> Value {
    let (kind, name) = match &decision.thing {
        Thing::Worktree(path) => ("worktree", path.display().to_string()),
        Thing::Branch(name, _) => ("branch", name.clone()),
        Thing::Ref(name, _) => ("ref", name.clone()),
        Thing::Run => {
            let folder = session.store.run(&decision.run);
            ("run", folder.path().display().to_string())
        }
    };
    json!({"run": decision.run, "kind": kind, "name": name})
}

fn command(session: &Session, why: &Why, run: &RunId) -> Option<String> {
    why.command(run).map(|words| session.global.line(&words))
}

fn text(session: &Session, dry_run: bool, came: &Came) -> String {
    let look = Look::of_stdout();
    let mut parts = Vec::new();
    let removed = removed(session, came);
    if !removed.is_empty() {
        let head = if dry_run {
            "Would be removed:"
        } else {
            "Removed:"
        };
        parts.push(format!("{}\n{removed}", look.paint(Tone::Strong, head)));
    }
    if !came.saved.is_empty() {
        let mut saved = look.paint(Tone::Strong, "Kept first, in refs:") + "\n";
        for (_, reference) in &came.saved {
            let _ = writeln!(saved, "  {reference}");
        }
        parts.push(saved);
    }
    let kept = kept(session, came, look);
    if !kept.is_empty() {
        parts.push(format!("{}\n{kept}", look.paint(Tone::Strong, "Kept:")));
    }
    parts.join("\n")
}

/// The runs of these decisions, each with its own.
fn by_run(decisions: &[Decision]) -> impl Iterator<Item = (&RunId, &[Decision])> {
    let chunks = decisions.chunk_by(|one, other| one.run == other.run);
    chunks.filter_map(|chunk| Some((&chunk.first()?.run, chunk)))
}

/// A row a run: what of it went.
fn removed(session: &Session, came: &Came) -> String {
    let mut table = Table::new([Column::text("RUN"), Column::text("WHAT").giving_way(1, 20)]);
    let (mut rows, mut each) = (0, String::new());
    for (run, decisions) in by_run(&came.decisions) {
        let gone: Vec<&Decision> = decisions.iter().filter(|of| !of.is_kept()).collect();
        if gone.is_empty() {
            continue;
        }
        let count = |is: fn(&Thing) -> bool| gone.iter().filter(|of| is(&of.thing)).count();
        let mut what = Vec::new();
        if count(|thing| matches!(thing, Thing::Run)) > 0 {
            what.push("its folder".to_owned());
        }
        let counts = [
            (
                count(|thing| matches!(thing, Thing::Worktree(_))),
                "worktree",
                "worktrees",
            ),
            (
                count(|thing| matches!(thing, Thing::Branch(..))),
                "branch",
                "branches",
            ),
            (
                count(|thing| matches!(thing, Thing::Ref(..))),
                "ref",
                "refs",
            ),
        ];
        for (count, one, many) in counts {
            match count {
                0 => {}
                1 => what.push(format!("1 {one}")),
                _ => what.push(format!("{count} {many}")),
            }
        }
        table.row([Cell::from(run.as_str()), Cell::from(what.join(", "))]);
        rows += 1;
        if session.global.verbose {
            for decision in gone {
                let name = thing(session, decision)["name"].clone();
                let _ = writeln!(each, "  {}", clean(name.as_str().unwrap_or_default()));
            }
        }
    }
    for path in &came.leavings {
        table.row([Cell::from("-"), Cell::from(path.display().to_string())]);
        rows += 1;
    }
    if rows == 0 {
        return String::new();
    }
    table.render(Some(stdout_width()), Look::of_stdout()) + &each
}

/// For each run what stays of it, and why; refs of one reason together.
fn kept(session: &Session, came: &Came, look: Look) -> String {
    let columns = Page::stdout(look).columns;
    let mut text = String::new();
    for (run, decisions) in by_run(&came.decisions) {
        let mut groups: Vec<(&Why, Vec<&Thing>)> = Vec::new();
        for decision in decisions {
            let Verdict::Keep(why) = &decision.verdict else {
                continue;
            };
            let is_ref = |thing: &Thing| matches!(thing, Thing::Ref(..) | Thing::Branch(..));
            match groups.last_mut() {
                Some((last, things))
                    if *last == why && is_ref(&decision.thing) && is_ref(things[0]) =>
                {
                    things.push(&decision.thing);
                }
                Some(_) | None => groups.push((why, vec![&decision.thing])),
            }
        }
        for (why, things) in groups {
            let sentence = clean(&format!("{}: {}", what(run, &things), why.words()));
            for (at, line) in wrap(&sentence, columns - 4).iter().enumerate() {
                let indent = if at == 0 { "  " } else { "    " };
                let _ = writeln!(text, "{indent}{line}");
            }
            if let Some(line) = command(session, why, run) {
                // On a line of its own, so that it can be copied.
                let _ = writeln!(text, "    {}: {line}", lead(why));
            }
        }
    }
    for (path, words) in &came.stuck {
        let why = Why::Failed(words.clone()).words();
        let _ = writeln!(text, "  {}: {}", path.display(), clean(&why));
    }
    text
}

/// How the command is led in.
fn lead(why: &Why) -> &'static str {
    if *why == Why::Edits {
        "keep them in a ref"
    } else if matches!(why, Why::PullsOpen(_)) {
        "let go of it"
    } else {
        "go on"
    }
}

fn what(run: &RunId, things: &[&Thing]) -> String {
    match things {
        [Thing::Run] => format!("run {run}"),
        [Thing::Worktree(path)] => path.display().to_string(),
        [Thing::Branch(name, _) | Thing::Ref(name, _)] => name.clone(),
        more => {
            let names = more.iter().filter_map(|thing| match thing {
                Thing::Branch(name, _) | Thing::Ref(name, _) => Some(name.as_str()),
                Thing::Worktree(_) | Thing::Run => None,
            });
            let shown: Vec<&str> = names.take(NAMED).collect();
            let hidden = more.len() - shown.len();
            match hidden {
                0 => shown.join(", "),
                _ => format!("{} and {hidden} more", shown.join(", ")),
            }
        }
    }
}
