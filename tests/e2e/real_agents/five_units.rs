//! [`five_units`]: a change that an agent researches, where it can, and implements, with what goes wrong on the way.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::program::Program;
use super::script::{CHANGE, NEW, OLD, UNITS, file, rules};
use crate::support::model_server::ModelServer;
use crate::support::sandbox::{Sandbox, ran};

/// Every file is as it was or as it should be, or this says which is not.
const TEST: &str = r#"for file in src/*.txt; do
    grep -qxE '(old|new) word' "$file" || { echo "$(basename "$file") is half done"; bad=1; }
done
exit "${bad:-0}"
"#;

/// Has the agent make a plan of a change and implement five units: one plainly; one that it tries by the test command,
/// and by another that it may not run; one that fails its test first; one that meets the provider's limit; and one that
/// edits what is not its own.
pub fn five_units(program: &Program) {
    let sandbox = sandbox();
    let beside = sandbox.path("home/beside");
    let model = ModelServer::start(rules(program, &beside));
    program.configure(&sandbox, &model.url());
    let before = sandbox.users_own();
    let mut command = sandbox.batch_command();
    if program.researches {
        command.args(["run", CHANGE, "--test", "sh ./test.sh"]);
        command.args(["--agent", program.name]);
        command.args(program.model.map(|model| format!("--model={model}")));
    } else {
        command.arg("apply").arg(plan(&sandbox, program));
    }
    command
        .args(["--yes", "--idle-timeout=2m", "--jobs=2"])
        .envs((program.variables)(&model.url()));
    let ran = ran(&command.output().unwrap());
    println!("--- {}: standard output\n{}", program.name, ran.stdout);
    println!("--- {}: standard error\n{}", program.name, ran.stderr);
    println!(
        "--- {}: report\n{}",
        program.name,
        sandbox.run_file("report.md")
    );
    assert_eq!(ran.code, Some(0));

    its_pull_requests_are_right(&sandbox);
    its_journal_is_right(&sandbox, program);
    for name in program.keeps {
        std::fs::remove_file(sandbox.repo().join(".git").join(name)).unwrap();
    }
    sandbox.is_untouched(&before);
    assert!(!beside.exists(), "it wrote outside of its worktree");
    nothing_is_left(&sandbox);
    if let Some(mark) = program.schema {
        let asked = model.asked();
        let with_schema = asked.iter().filter(|body| body.contains(mark));
        assert_eq!(with_schema.count(), 1, "of {} requests", asked.len());
    }
}

fn sandbox() -> Sandbox {
    let mut files = vec![
        ("test.sh".to_owned(), TEST),
        ("README.md".to_owned(), "# Words\n"),
    ];
    files.extend(UNITS.map(|unit| (file(unit), OLD)));
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.as_str(), *text))
        .collect();
    Sandbox::new(&files)
}

fn plan(sandbox: &Sandbox, program: &Program) -> PathBuf {
    let mut text = format!(
        "version = 1\ntest = \"sh ./test.sh\"\n[change]\ndescription = \"{CHANGE}\"\nagent = \"{}\"\n",
        program.name
    );
    if let Some(model) = program.model {
        text.push_str(&format!("model = \"{model}\"\n"));
    }
    let base = sandbox.git(["rev-parse", "HEAD"]);
    text.push_str(&format!("[base]\nref = \"main\"\ncommit = \"{base}\"\n"));
    for unit in UNITS {
        text.push_str(&format!(
            "[[units]]\nid = \"{unit}\"\ntitle = \"{unit}\"\ntask = \"Put the new word in.\"\npaths = [\"{}\"]\n",
            file(unit)
        ));
    }
    let path = sandbox.path("plan.toml");
    std::fs::write(&path, text).unwrap();
    path
}

#[track_caller]
fn its_pull_requests_are_right(sandbox: &Sandbox) {
    let opened = UNITS.map(|unit| (unit.to_owned(), "opened".to_owned()));
    assert_eq!(sandbox.outcomes(), BTreeMap::from(opened));
    assert_eq!(sandbox.pulls().len(), UNITS.len());
    let delivered = sandbox.delivered();
    for unit in UNITS {
        let commit = &delivered[unit];
        assert_eq!(sandbox.changed(commit), [file(unit)], "{unit}");
        assert_eq!(sandbox.blob(commit, file(unit)), NEW.as_bytes(), "{unit}");
        assert_eq!(sandbox.unit(unit)["attempt"], 1, "{unit}");
    }
}

#[track_caller]
fn its_journal_is_right(sandbox: &Sandbox, program: &Program) {
    let journal = sandbox.run_file("journal.jsonl");
    let events: Vec<Value> = journal
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |kind: &str, unit: &str| {
        let events = events
            .iter()
            .filter(|event| event["event"] == kind && event["unit"] == unit);
        events.collect::<Vec<_>>()
    };
    let asks = |unit: &str| {
        let asked = of("agent-asked", unit);
        asked
            .iter()
            .map(|event| event["about"]["ask"].as_str().unwrap())
            .collect::<Vec<_>>()
    };
    let limited = if program.tells_limits {
        vec!["implement", "go-on"]
    } else {
        vec!["implement"]
    };
    for (unit, expected) in [
        ("plain", vec!["implement"]),
        ("tried", vec!["implement"]),
        ("mended", vec!["implement", "fix"]),
        ("limited", limited),
        ("strayed", vec!["implement", "scope"]),
    ] {
        assert_eq!(asks(unit), expected, "{unit}");
        let spent = of("spent", unit);
        let tokens = |event: &&Value| event["spend"]["tokens"]["output"].as_u64().unwrap();
        assert!(
            spent.iter().map(tokens).sum::<u64>() > 0,
            "{unit} cost no token"
        );
        let cost = |event: &&Value| event["spend"]["cost_usd"].as_f64().unwrap_or(0.0);
        assert!(
            spent.iter().map(cost).sum::<f64>() > 0.0,
            "{unit} cost nothing"
        );
        let said = of("summarised", unit);
        let said = said.last().unwrap()["text"].as_str().unwrap();
        assert!(
            said.contains("ut in") || said.contains("Mended"),
            "{unit}: {said}"
        );
    }
    let research = &events[0]["research"]["tokens"]["output"];
    assert_eq!(
        research.as_u64() > Some(0),
        program.researches,
        "research cost {research}"
    );
    let pauses: Vec<&Value> = events
        .iter()
        .filter(|event| event["event"] == "paused")
        .collect();
    assert_eq!(
        pauses.len(),
        usize::from(program.tells_limits),
        "{pauses:?}"
    );
    for pause in pauses {
        let words = pause["reason"].as_str().unwrap();
        assert!(!words.contains("does not say"), "{words}");
    }
}

/// No process of the run's, and no worktree.
#[track_caller]
fn nothing_is_left(sandbox: &Sandbox) {
    let home = format!("HOME={}", sandbox.path("home").display());
    let alive: Vec<String> = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|process| {
            let process = process.unwrap().path();
            let environment = std::fs::read(process.join("environ")).ok()?;
            let mut variables = environment.split(|&byte| byte == 0);
            variables
                .any(|variable| variable == home.as_bytes())
                .then(|| {
                    let line = std::fs::read(process.join("cmdline")).unwrap_or_default();
                    String::from_utf8_lossy(&line).replace('\0', " ")
                })
        })
        .collect();
    assert!(alive.is_empty(), "still running: {alive:?}");
    let worktrees = sandbox.git(["worktree", "list", "--porcelain"]);
    assert_eq!(worktrees.matches("worktree ").count(), 1, "{worktrees}");
    let cache = sandbox.path("cache/batch");
    let left = std::fs::read_dir(cache).map_or(0, Iterator::count);
    assert_eq!(left, 0, "worktrees are left in the cache");
}
