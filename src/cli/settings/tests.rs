//! Command lines over files and variables, and what they come to.

use std::ffi::OsString;
use std::path::Path;

use self::wrong::WRONG;
use super::sources::Places;
use super::start::Start;
use crate::cli::args::{Cli, Command, PlanArgs, PrsCommand, Refusal, RunArgs};
use crate::model::wishes::MergeMethod;

mod wrong;

/// A user's file, a repository's, and variables.
#[derive(Default, Clone, Copy)]
struct Set<'a> {
    user: &'a str,
    repository: &'a str,
    variables: &'a [(&'a str, &'a str)],
}

impl Set<'_> {
    fn places(&self, folder: &Path) -> Places {
        let user_file = folder.join("config.toml");
        std::fs::write(&user_file, self.user).unwrap();
        std::fs::write(folder.join("batch.toml"), self.repository).unwrap();
        let variables = self.variables.iter();
        Places {
            root: Some(folder.to_owned()),
            user_file: Some(user_file),
            environment: variables
                .map(|(name, value)| (OsString::from(name), OsString::from(value)))
                .collect(),
        }
    }

    fn start(&self, line: &[&str]) -> Result<Cli, String> {
        let folder = tempfile::tempdir().unwrap();
        let argv = std::iter::once("batch").chain(line.iter().copied());
        let start = Start::at(argv.map(OsString::from), |_| self.places(folder.path()));
        let there = format!("{}/", folder.path().display());
        start.map(|start| start.cli).map_err(|refusal| {
            match refusal {
                Refusal::Clap(error) => error.to_string(),
                Refusal::Problem(problem) => problem.to_string(),
            }
            .replace(&there, "")
        })
    }

    fn run(&self, options: &[&str]) -> RunArgs {
        let line = [&["run", "a change"], options].concat();
        match self.start(&line).unwrap().command {
            Command::Run(run) => *run,
            other => panic!("not a run: {other:?}"),
        }
    }

    /// What is said of a wrong setting.
    fn refused(&self, options: &[&str]) -> String {
        self.start(&[&["run", "a change"], options].concat())
            .unwrap_err()
    }
}

fn jobs(set: Set<'_>, options: &[&str]) -> Option<usize> {
    set.run(options).carrying.work.jobs.map(usize::from)
}

#[test]
fn each_layer_beats_the_one_below() {
    let mut set = Set::default();
    assert_eq!(jobs(set, &[]), None);
    set.user = "jobs = 2";
    assert_eq!(jobs(set, &[]), Some(2));
    set.repository = "jobs = 3\n[saved.x]\njobs = 5";
    assert_eq!(jobs(set, &[]), Some(3));
    set.variables = &[("BATCH_JOBS", "4")];
    assert_eq!(jobs(set, &[]), Some(4));
    assert_eq!(jobs(set, &["--saved", "x"]), Some(5));
    assert_eq!(jobs(set, &["--saved", "x", "--jobs", "6"]), Some(6));
    assert_eq!(jobs(set, &["--saved", "x", "--no-jobs"]), None);
    set.variables = &[("BATCH_JOBS", " ")];
    assert_eq!(jobs(set, &[]), Some(3));
}

#[test]
fn values_are_written_as_what_they_are() {
    let set = Set {
        repository: "test = 'make test'\nmax-cost = 0.50\nmax-tokens = 200_000\ntimeout = '5m'\nlabel = ['a,b', 'c']\n\
                     reviewer = '@ada'\ndraft = true\nfork = 'make'\nauto-merge = true\nforge = 'local'\nmilestone = 3\n\
                     retries = 0x2",
        ..Set::default()
    };
    let run = set.run(&[]);
    let RunArgs { carrying, .. } = run;
    assert_eq!(carrying.verify.test.as_deref(), Some("make test"));
    assert_eq!(carrying.work.max_cost.unwrap().to_string(), "$0.50");
    assert_eq!(carrying.work.max_tokens, Some(200_000));
    assert_eq!(carrying.work.timeout.as_secs(), 300);
    assert_eq!(carrying.work.retries, 2);
    let wishes = carrying.pulls.wishes.wishes();
    assert_eq!(wishes.labels, ["a,b", "c"]);
    assert_eq!(wishes.reviewers, ["ada"]);
    assert_eq!(wishes.milestone.as_deref(), Some("3"));
    assert!(wishes.draft && wishes.auto_merge.is_some() && carrying.pulls.fork.is_some());

    let set = Set {
        variables: &[
            ("BATCH_LABEL", "a,b\n\nc\n"),
            ("BATCH_DRAFT", "1"),
            ("BATCH_FORK", "true"),
            ("BATCH_TEST", "false"),
            ("BATCH_FAIL_FAST", "0"),
        ],
        ..Set::default()
    };
    let run = set.run(&[]);
    let wishes = run.carrying.pulls.wishes.wishes();
    assert_eq!(wishes.labels, ["a,b", "c"]);
    assert!(wishes.draft && run.carrying.pulls.fork.is_some());
    assert_eq!(run.carrying.verify.test.as_deref(), Some("false"));
    assert!(!run.carrying.work.fail_fast);
}

#[test]
fn a_path_in_a_file_may_begin_at_home() {
    let set = Set {
        user: "worktrees = '~/wt'\ntest = '~/bin/test'",
        ..Set::default()
    };
    let carrying = set.run(&[]).carrying;
    let home = std::env::home_dir().unwrap();
    assert_eq!(carrying.work.worktrees, Some(home.join("wt")));
    assert_eq!(carrying.verify.test.as_deref(), Some("~/bin/test"));
}

#[test]
fn a_list_on_the_command_line_replaces_the_one_of_a_file() {
    let set = Set {
        user: "label = ['mine']",
        repository: "label = ['theirs', 'too']",
        ..Set::default()
    };
    let labels = |options: &[&str]| set.run(options).carrying.pulls.wishes.labels;
    assert_eq!(labels(&[]), ["theirs", "too"]);
    assert_eq!(labels(&["--label", "x"]), ["x"]);
    assert!(labels(&["--no-label"]).is_empty());
}

#[test]
fn what_is_on_by_a_file_is_taken_back_by_a_louder_one_and_by_the_command_line() {
    let mut set = Set {
        user: "draft = true\nno-progress = true\nmax-cost = 5",
        ..Set::default()
    };
    let draft = |set: Set<'_>, options: &[&str]| set.run(options).carrying.pulls.wishes.draft;
    assert!(draft(set, &[]));
    assert!(!draft(set, &["--no-draft"]));
    let global = |options: &[&str]| {
        let line = [&["a change"], options].concat();
        set.start(&line).unwrap().global.no_progress
    };
    assert!(global(&[]) && !global(&["--progress"]));
    set.repository = "draft = false\nmax-cost = false";
    assert!(!draft(set, &[]));
    assert_eq!(set.run(&[]).carrying.work.max_cost, None);
    set.variables = &[("BATCH_DRAFT", "true")];
    assert!(draft(set, &[]));
    let both = set.refused(&["--draft", "--no-draft"]);
    assert!(both.contains("cannot be used with"), "{both}");
}

#[test]
fn of_two_that_exclude_each_other_the_louder_holds() {
    let set = Set {
        user: "no-test = true\nquiet = true",
        repository: "test = 'make'\nagent = 'codex'\nresearch-agent = 'claude'",
        ..Set::default()
    };
    let run = set.run(&[]);
    assert_eq!(run.carrying.verify.test.as_deref(), Some("make"));
    assert!(!run.carrying.verify.no_test);
    assert_eq!(run.change.agent.agent.as_deref(), Some("codex"));
    let run = set.run(&["--no-test"]);
    assert!(run.carrying.verify.no_test && run.carrying.verify.test.is_none());
    let global = set.start(&["a change", "-v"]).unwrap().global;
    assert!(global.verbose && !global.quiet);
    // A codemod that is asked for gets no agent beside it that was not.
    let run = set.run(&["--rewrite", "s/a/b/"]);
    assert_eq!(run.change.agent.agent, None);
    assert_eq!(run.change.research_agent, None);
    let run = set.run(&["--rewrite", "s/a/b/", "--agent", "aider"]);
    assert_eq!(run.change.agent.agent.as_deref(), Some("aider"));
    set.run(&["--from", "branch"]);
    let same = Set {
        repository: "test = 'make'\nno-test = true",
        ..Set::default()
    };
    assert_eq!(
        same.refused(&[]),
        "error: batch.toml: line 2: no-test: it cannot stand beside test"
    );
}

#[test]
fn a_bound_that_contradicts_a_louder_one_goes() {
    let mut set = Set {
        user: "max-units = 8",
        ..Set::default()
    };
    let bounds = |set: Set<'_>, options: &[&str]| {
        let bounds = set.run(options).change.bounds().unwrap();
        (bounds.min(), bounds.max())
    };
    assert_eq!(bounds(set, &[]), (5, 8));
    assert_eq!(bounds(set, &["--min-units", "20"]), (20, 30));
    assert_eq!(bounds(set, &["--min-units", "6"]), (6, 8));
    set.user = "max-units = 8\nmin-units = 9";
    assert_eq!(bounds(set, &["--min-units", "6"]), (6, 8));
    assert_eq!(
        set.refused(&[]),
        "error: config.toml: line 2: min-units: 9 is more than max-units 8"
    );
}

#[test]
fn what_a_plan_or_a_run_says_itself_is_left_to_it() {
    let set = Set {
        repository: "test = 'make'\nagent = 'codex'\nlabel = ['x']\njobs = 2\nfresh = true",
        ..Set::default()
    };
    let Command::Apply(apply) = set.start(&["apply", "plan.toml"]).unwrap().command else {
        panic!("no apply");
    };
    assert_eq!(apply.carrying.verify.test, None);
    assert_eq!(apply.agent.agent, None);
    assert_eq!(apply.otherwise.test.as_deref(), Some("make"));
    assert_eq!(apply.otherwise.agent.as_deref(), Some("codex"));
    assert_eq!(apply.carrying.pulls.wishes.labels, ["x"]);
    let Command::Rerun(rerun) = set.start(&["rerun"]).unwrap().command else {
        panic!("no rerun");
    };
    assert_eq!((rerun.verify.test, rerun.agent.agent), (None, None));
    assert!(rerun.wishes.labels.is_empty() && !rerun.work.fresh);
    assert_eq!(rerun.work.jobs.map(usize::from), Some(2));
}

#[test]
fn a_setting_that_a_command_has_no_use_for_is_no_error() {
    let set = Set {
        user: "jobs = 2\nlabel = ['x']\ntest = 'make'",
        ..Set::default()
    };
    let Command::Plan(plan) = set.start(&["plan", "x", "--from", "y"]).unwrap().command else {
        panic!("no plan");
    };
    let PlanArgs { verify, .. } = *plan;
    assert_eq!(verify.test.as_deref(), Some("make"));
    set.start(&["prs", "list"]).unwrap();
}

#[test]
fn options_of_other_commands_have_keys_that_say_whose_they_are() {
    let set = Set {
        user: "merge-method = 'squash'\nmerge-wait = '30m'\npublish-interval = '5m'\nmax-open-prs = 3",
        ..Set::default()
    };
    let prs = |line: &[&str]| match set.start(&[&["prs"], line].concat()).unwrap().command {
        Command::Prs(command) => command,
        other => panic!("{other:?}"),
    };
    let PrsCommand::Merge(merge) = prs(&["merge", "3"]) else {
        panic!("no merge");
    };
    assert_eq!(merge.method, Some(MergeMethod::Squash));
    assert_eq!(merge.wait.unwrap().as_secs(), 1800);
    let PrsCommand::Publish(publish) = prs(&["publish", "--watch"]) else {
        panic!("no publish");
    };
    assert_eq!(publish.interval.as_secs(), 300);
    assert_eq!(publish.wishes.max_open_prs, None);
}

#[test]
fn a_recipe_is_a_change_with_all_that_belongs_to_it() {
    let mut set = Set {
        user: "[saved.prettier]\ndescription = 'mine'\ncommand = 'p'\n[saved.bare]\nrewrite = 's/a/b/'",
        repository: "test = 'make'\n[saved.prettier]\ndescription = 'format with prettier'\n\
                     command = 'prettier --write {files}'\npaths = ['**/*.ts']\nmax-units = 4\ntest = 'npm test'",
        variables: &[("BATCH_TEST", "true"), ("BATCH_MAX_UNITS", "9")],
    };
    let parsed = |set: Set<'_>, line: &[&str]| match set.start(line).map(|cli| cli.command) {
        Ok(Command::Run(run)) => Ok((run.change, run.carrying.verify.test)),
        Ok(Command::Plan(plan)) => Ok((plan.change, plan.verify.test)),
        Ok(other) => panic!("{other:?}"),
        Err(words) => Err(words),
    };
    for line in [
        &["run", "--saved", "prettier"][..],
        &["--saved", "prettier"],
        &["plan", "--saved=prettier"],
    ] {
        let (change, test) = parsed(set, line).unwrap();
        assert_eq!(change.description, "format with prettier", "{line:?}");
        assert_eq!(change.command.as_deref(), Some("prettier --write {files}"));
        assert_eq!(change.paths, ["**/*.ts"]);
        assert_eq!(change.max_units.map(usize::from), Some(4));
        assert_eq!(test.as_deref(), Some("npm test"));
    }
    let given = [
        "run",
        "other words",
        "--saved",
        "prettier",
        "--rewrite",
        "s/x/y/",
    ];
    let (change, _) = parsed(set, &given).unwrap();
    assert_eq!(change.description, "other words");
    assert_eq!(
        (change.command, change.rewrite),
        (None, vec!["s/x/y/".to_owned()])
    );
    assert_eq!(
        parsed(set, &["run", "--saved", "bare"]).unwrap_err(),
        "error: the saved recipe `bare` has no description\n\
         hint: say what the change is: batch run --saved bare \"…\""
    );
    assert_eq!(
        parsed(set, &["run", "--saved", "pretier"]).unwrap_err(),
        "error: there is no saved recipe `pretier`\nhint: did you mean `prettier`?"
    );
    assert_eq!(
        parsed(set, &["run", "--saved", "xyz"]).unwrap_err(),
        "error: there is no saved recipe `xyz`\nhint: there is bare, prettier"
    );
    set.repository = "[saved.mine]\ndescription = 'a slice'\nfrom = 'branch'";
    assert_eq!(
        parsed(set, &["run", "--saved", "mine", "--agent", "codex"]).unwrap_err(),
        "error: --agent cannot be used with saved.mine.from, as the saved recipe makes the change"
    );
}

#[test]
fn a_wrong_key_is_named_with_its_file_its_line_and_the_right_one() {
    for &(text, said) in WRONG {
        let of_user = Set {
            user: text,
            ..Set::default()
        };
        let of_repository = Set {
            repository: text,
            ..Set::default()
        };
        for (set, file) in [(of_user, "config.toml"), (of_repository, "batch.toml")] {
            assert_eq!(
                set.refused(&["--jobs", "1"]),
                format!("error: {file}: {said}")
            );
        }
    }
    let github = Set {
        user: "[github]\nhosts = 'x'",
        ..Set::default()
    };
    assert_eq!(
        github.refused(&[]),
        "error: config.toml: line 2: github.hosts: there is no such key; did you mean `host`?"
    );
    for (name, value, said) in [
        ("BATCH_JOBS", "many", "must be a whole number, 1 or more"),
        ("BATCH_DRAFT", "maybe", "it is 1 or 0, true or false"),
        ("BATCH_FORMAT", "xml", "it is text or json"),
    ] {
        let set = Set {
            variables: &[(name, value)],
            ..Set::default()
        };
        assert_eq!(set.refused(&[]), format!("error: {name}: {said}"));
    }
}

#[test]
fn variables_of_units_and_of_others_are_no_settings() {
    let set = Set {
        variables: &[
            ("BATCH_RUN", "x"),
            ("BATCH_UNIT", "x"),
            ("BATCH_NOTE", "x"),
            ("BATCH_FILES_FROM", "x"),
            ("BATCH_SLOT", "x"),
            ("BATCH_SIZE", "x"),
            ("BATCH_FROM", "x"),
            ("BATCH_COMMAND", "x"),
        ],
        ..Set::default()
    };
    assert_eq!(set.run(&[]), Set::default().run(&[]));
}

#[test]
fn a_repository_cannot_say_what_is_the_users_alone() {
    let theirs = "agent = 'theirs'\n[agents.theirs]\ncommand = ['x']";
    for (text, line, key) in [
        ("yes = true", 1, "yes"),
        ("[saved.x]\nyes = true", 2, "saved.x.yes"),
        ("report = '/etc/x'", 1, "report"),
        ("forge = 'github'", 1, "forge"),
        ("repo = 'evil.example/a/b'", 1, "repo"),
        (theirs, 1, "agent"),
        ("agent-args = ['--yolo']", 1, "agent-args"),
        ("[github]\nhost = 'evil.example'", 1, "github"),
    ] {
        let said = Set {
            repository: text,
            ..Set::default()
        }
        .refused(&[]);
        assert!(
            said.starts_with(&format!("error: batch.toml: line {line}: {key}: ")),
            "{said}"
        );
        assert!(
            said.ends_with("; say it in your own batch/config.toml"),
            "{said}"
        );
        Set {
            user: text,
            ..Set::default()
        }
        .run(&[]);
    }
    // The user's own agent of that name is meant then.
    let set = Set {
        user: "[agents.theirs]\ncommand = ['y']",
        repository: theirs,
        ..Set::default()
    };
    assert_eq!(set.run(&[]).change.agent.agent.as_deref(), Some("theirs"));
}
