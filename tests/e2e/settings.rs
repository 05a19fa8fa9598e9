//! Settings in layers and saved recipes, by what the built program makes of them.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::sandbox::{Ran, Sandbox, ran};

/// A plan that names no test; the answer is the plan.
const PLAN: [&str; 4] = ["plan", "rename", "--rewrite", r"s/\bfrob\b/frobnicate/g"];

/// The test that a plan would have with these options more.
#[track_caller]
fn test_of_plan(sandbox: &Sandbox, options: &[&str]) -> String {
    let planned = sandbox.batch(PLAN.iter().chain(options)).exits(0);
    let line = planned.stdout.lines().find(|line| line.contains("test = "));
    line.unwrap_or("none").to_owned()
}

/// Insists on exit code 2, those words, and that nothing was written.
#[track_caller]
fn refused(sandbox: &Sandbox, ran: Ran, words: &str) {
    let ran = ran.exits(2);
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
    assert!(!sandbox.repo().join(".git/batch").exists());
}

#[test]
fn a_setting_of_each_layer_reaches_the_plan_and_the_louder_one_holds() {
    let mut sandbox = Sandbox::frobs(2);
    assert_eq!(test_of_plan(&sandbox, &[]), "none");
    sandbox.own_settings("test = \"by-user\"\n");
    assert_eq!(test_of_plan(&sandbox, &[]), "test = \"by-user\"");
    sandbox.write(
        "batch.toml",
        "test = \"by-repository\"\n[saved.one]\ndescription = \"x\"\ntest = \"by-recipe\"\n",
    );
    assert_eq!(test_of_plan(&sandbox, &[]), "test = \"by-repository\"");
    sandbox.set("BATCH_TEST", "by-variable");
    assert_eq!(test_of_plan(&sandbox, &[]), "test = \"by-variable\"");
    let recipe = ["--saved", "one"];
    assert_eq!(test_of_plan(&sandbox, &recipe), "test = \"by-recipe\"");
    let given = ["--saved", "one", "--test", "by-option"];
    assert_eq!(test_of_plan(&sandbox, &given), "test = \"by-option\"");
    assert_eq!(test_of_plan(&sandbox, &["--no-test"]), "no-test = true");
}

#[test]
fn the_file_at_the_root_of_the_checkout_counts_wherever_one_stands() {
    let sandbox = Sandbox::frobs(2);
    sandbox.write("src/batch.toml", "test = \"of-the-folder\"\n");
    sandbox.write("batch.toml", "test = \"of-the-root\"\n");
    sandbox.commit("settings");
    sandbox.git(["worktree", "add", "-q", "../linked"]);
    std::fs::write(
        sandbox.path("linked/batch.toml"),
        "test = \"of-the-linked\"\n",
    )
    .unwrap();
    let test_in = |folder: &Path, options: &[&str]| {
        let mut command = sandbox.batch_command();
        command.current_dir(folder).args(PLAN).args(options);
        let planned = ran(&command.output().unwrap()).exits(0);
        let line = planned.stdout.lines().find(|line| line.contains("test = "));
        line.unwrap().to_owned()
    };
    let repo = sandbox.repo();
    assert_eq!(
        test_in(&repo.join("src/part0"), &[]),
        "test = \"of-the-root\""
    );
    let from_elsewhere = ["-C", repo.to_str().unwrap()];
    assert_eq!(
        test_in(&sandbox.path(""), &from_elsewhere),
        "test = \"of-the-root\""
    );
    let linked = sandbox.path("linked");
    assert_eq!(
        test_in(&linked.join("src"), &[]),
        "test = \"of-the-linked\""
    );
}

#[test]
fn a_saved_recipe_is_a_whole_run() {
    let sandbox = Sandbox::frobs(3);
    sandbox.write(
        "batch.toml",
        "test = \"false\"\n\n[saved.frobs]\ndescription = \"rename frob to frobnicate\"\n\
         rewrite = ['s/\\bfrob\\b/frobnicate/g']\npaths = [\"src/**\"]\nmin-units = 3\ntest = \"true\"\n\
         branch-prefix = \"team/\"\n",
    );
    sandbox.batch(["--saved", "frobs", "--yes"]).exits(0);
    let report = sandbox.report();
    assert_eq!(report["change"], "rename frob to frobnicate");
    assert_eq!(report["summary"]["opened"], 3);
    let branch = report["units"][0]["branch"].as_str().unwrap();
    assert!(branch.starts_with("team/"), "{branch}");
}

#[test]
fn a_plan_comes_before_settings_and_they_come_in_where_it_is_silent() {
    let sandbox = Sandbox::frobs(2);
    let plan = |options: &[&str], name: &str| {
        let to = ["-o", name];
        sandbox
            .batch(PLAN.iter().chain(options).chain(&to))
            .exits(0);
    };
    plan(&["--test", "true"], "own.toml");
    plan(&[], "silent.toml");
    let own = ["apply", "own.toml", "--yes"];
    let silent = ["apply", "silent.toml", "--yes"];
    sandbox.write("batch.toml", "test = \"echo of-settings; false\"\n");
    sandbox.batch(own).exits(0);
    sandbox.batch(silent).exits(4).says("of-settings");
    sandbox.write("batch.toml", "test = \"true\"\n");
    sandbox.batch(silent).exits(0);
}

#[test]
fn wrong_settings_end_a_command_that_works_before_it_begins_and_no_other() {
    let mut sandbox = Sandbox::frobs(2);
    let file = sandbox.repo().join("batch.toml");
    let run = |sandbox: &Sandbox| sandbox.rename_frob(&["--no-test"]);

    sandbox.write("batch.toml", "# mine\njob = 2\n");
    let words = format!(
        "error: {}: line 2: job: there is no such key; did you mean `jobs`?\n",
        file.display()
    );
    refused(&sandbox, run(&sandbox), &words);
    refused(&sandbox, sandbox.batch(["prs", "list"]), &words);
    let listed = sandbox.batch(["list"]).exits(0);
    let warning = "did you mean `jobs`?; going on without any settings";
    assert!(listed.stderr.contains(warning), "{}", listed.stderr);
    sandbox.batch(["run", "--help"]).exits(0);

    sandbox.write("batch.toml", b"test = \"\xff\"\n");
    refused(
        &sandbox,
        run(&sandbox),
        "batch.toml: stream did not contain valid UTF-8",
    );
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    refused(&sandbox, run(&sandbox), "batch.toml: Is a directory");
    std::fs::remove_dir(&file).unwrap();
    sandbox.own_settings("yes = 1\n");
    refused(
        &sandbox,
        run(&sandbox),
        "config.toml: line 1: yes: it is true or false",
    );
    sandbox.own_settings("");
    sandbox.set("BATCH_JOBS", "many");
    refused(
        &sandbox,
        run(&sandbox),
        "BATCH_JOBS: must be a whole number, 1 or more",
    );
}

#[test]
fn without_a_home_folder_there_is_no_file_of_the_users() {
    let sandbox = Sandbox::frobs(2);
    sandbox.own_settings("test = \"by-user\"\n");
    sandbox.write("batch.toml", "jobs = 1\n");
    for (name, value) in [("HOME", None), ("HOME", Some("/nowhere"))] {
        let mut command = sandbox.batch_command();
        command.args(PLAN);
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
        let planned = ran(&command.output().unwrap()).exits(0);
        assert!(!planned.stdout.contains("by-user"), "{}", planned.stdout);
    }
    let mut command = sandbox.batch_command();
    let config = sandbox.path("home/.config");
    command
        .args(PLAN)
        .env("HOME", "/nowhere")
        .env("XDG_CONFIG_HOME", config);
    let planned = ran(&command.output().unwrap()).exits(0);
    assert!(planned.stdout.contains("by-user"), "{}", planned.stdout);
}

/// A row of the listing: its value, its source and the place.
#[track_caller]
fn listed(sandbox: &Sandbox, key: &str) -> (Value, String, String) {
    let answer = sandbox.batch(["doctor", "--settings", "--format", "json"]);
    let rows: Vec<Value> = serde_json::from_str(&answer.exits(0).stdout).unwrap();
    let row = rows.iter().find(|row| row["key"] == key);
    let row = row.unwrap_or_else(|| panic!("no {key}"));
    let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let at = text("at").rsplit('/').next().unwrap().to_owned();
    (row["value"].clone(), text("source"), at)
}

#[test]
fn doctor_tells_of_each_setting_which_layer_it_comes_from() {
    let mut sandbox = Sandbox::frobs(1);
    let is = |sandbox: &Sandbox, key: &str, value: Value, source: &str, at: &str| {
        let wanted = (value, source.to_owned(), at.to_owned());
        assert_eq!(listed(sandbox, key), wanted, "{key}");
    };
    is(&sandbox, "timeout", json!("30m"), "default", "");
    is(&sandbox, "draft", json!(false), "default", "");
    sandbox.own_settings(
        "timeout = \"1m\"\ndraft = true\nno-test = true\nagent-env = [\"NPM_TOKEN\"]\n\
         [github]\nwrites-per-hour = 9\nhost = \"git.own\"\n\
         [agents.mine]\ncommand = [\"x\"]\nset = { KEY = \"hidden\" }\n",
    );
    is(&sandbox, "timeout", json!("1m"), "user", "config.toml:1");
    is(&sandbox, "draft", json!(true), "user", "config.toml:2");
    is(&sandbox, "no-test", json!(true), "user", "config.toml:3");
    sandbox.write(
        "batch.toml",
        "timeout = \"2m\"\ndraft = false\ntest = \"make\"\nlabel = [\"a\", \"b\"]\n[saved.x]\ndescription = \"y\"\n",
    );
    is(
        &sandbox,
        "timeout",
        json!("2m"),
        "repository",
        "batch.toml:1",
    );
    is(
        &sandbox,
        "draft",
        json!(false),
        "repository",
        "batch.toml:2",
    );
    is(
        &sandbox,
        "test",
        json!("make"),
        "repository",
        "batch.toml:3",
    );
    is(&sandbox, "no-test", json!(false), "default", "");
    is(
        &sandbox,
        "label",
        json!(["a", "b"]),
        "repository",
        "batch.toml:4",
    );
    is(
        &sandbox,
        "saved.x",
        json!("y"),
        "repository",
        "batch.toml:5",
    );
    is(
        &sandbox,
        "agent-env",
        json!(["NPM_TOKEN"]),
        "user",
        "config.toml:4",
    );
    is(
        &sandbox,
        "agents.mine",
        json!("described"),
        "user",
        "config.toml:8",
    );
    is(
        &sandbox,
        "github.writes-per-hour",
        json!(9),
        "user",
        "config.toml:6",
    );
    sandbox.set("BATCH_TIMEOUT", "3m");
    sandbox.set("BATCH_GITHUB_HOST", "git.example");
    is(
        &sandbox,
        "timeout",
        json!("3m"),
        "environment",
        "BATCH_TIMEOUT",
    );
    is(
        &sandbox,
        "github.host",
        json!("git.example"),
        "environment",
        "BATCH_GITHUB_HOST",
    );
    is(
        &sandbox,
        "format",
        json!("json"),
        "command line",
        "--format",
    );
}

#[test]
fn the_listing_fits_80_columns_and_shows_no_secret() {
    let mut sandbox = Sandbox::frobs(1);
    sandbox.own_settings(
        "agent-env = [\"NPM_TOKEN\"]\n[agents.mine]\ncommand = [\"x\"]\nset = { KEY = \"hidden\" }\n",
    );
    sandbox.set("NPM_TOKEN", "hidden");
    sandbox.set("GH_TOKEN", "hidden");
    let shown = sandbox.batch(["doctor", "--settings"]).exits(0);
    assert!(
        shown.stdout.lines().all(|line| line.chars().count() <= 80),
        "{}",
        shown.stdout
    );
    assert!(
        shown.stdout.contains("~/.config/batch/config.toml:1"),
        "{}",
        shown.stdout
    );
    assert!(!shown.stdout.contains("hidden"), "{}", shown.stdout);
    sandbox.write("batch.toml", "test = 1\nttest = 2\n");
    let wrong = sandbox.batch(["doctor", "--settings"]).exits(2);
    assert!(
        wrong
            .stderr
            .contains("line 2: ttest: there is no such key; did you mean `test`?")
    );
}
