//! What opencode is told, and what its lines come to, on what the real program printed.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::Opencode;
use crate::adapters::agents::dialect::Dialect;
use crate::adapters::agents::rehearsal::{Recorded, request, spent, survives_anything};
use crate::engine::ports::{AgentMode, AgentRequest, CommandEnd};
use crate::model::agent::{AgentAnswer, AgentEnd, AgentEvent, AgentSession};
use crate::model::spend::{Spend, Tokens, Usd};

const OK: &str = include_str!("../../../../tests/agents/opencode_ok.jsonl");
const DENIED: &str = include_str!("../../../../tests/agents/opencode_denied.jsonl");
const ASKED: &str = include_str!("../../../../tests/agents/opencode_ask.jsonl");
const REFUSED: &str = include_str!("../../../../tests/agents/opencode_401.jsonl");
const BUSY: &str = include_str!("../../../../tests/agents/opencode_429.jsonl");
const RETRIES: &str = include_str!("../../../../tests/agents/opencode_retries.stderr");

fn played(recorded: Recorded<'_>) -> (Vec<AgentEvent>, AgentAnswer) {
    recorded.played(&Opencode, &request(Path::new("/nowhere")))
}

fn end(out: &str, code: i32) -> AgentEnd {
    played(Recorded::new(out, code)).1.end
}

/// The rules for shell commands, in their order.
fn shell_rules(request: &AgentRequest<'_>) -> Vec<String> {
    let call = Opencode.call(request).unwrap();
    let (_, settings) = call
        .env
        .iter()
        .find(|(name, _)| name == "OPENCODE_CONFIG_CONTENT")
        .unwrap();
    let settings = settings.to_str().unwrap();
    // The order is in the text alone: a parsed object has none.
    let rules = settings.split_once(r#""bash":{"#).unwrap().1;
    let rules = rules.split_once('}').unwrap().0;
    rules
        .split("\",\"")
        .map(|rule| rule.replace('"', ""))
        .collect()
}

#[test]
fn an_edit_is_told_step_by_step() {
    let (told, answer) = played(Recorded::new(OK, 0));
    let turn = AgentEvent::Spent(Spend {
        tokens: Tokens {
            input: 100,
            cached: 0,
            output: 20,
        },
        ..Spend::default()
    });
    let session = "ses_e086efbc5ffelQIBd7kQqNgWJd".to_owned();
    assert_eq!(
        told,
        [
            AgentEvent::Session(session.clone()),
            AgentEvent::Tool {
                name: "write".to_owned(),
                with: "/repo/hello.txt".to_owned()
            },
            AgentEvent::File("/repo/hello.txt".to_owned()),
            turn.clone(),
            AgentEvent::Text("Done: wrote hello.txt".to_owned()),
            turn,
        ]
    );
    assert_eq!(answer.end, AgentEnd::Completed);
    assert_eq!(answer.text.as_deref(), Some("Done: wrote hello.txt"));
    assert_eq!(answer.session, Some(session));
    assert_eq!(answer.turns, Some(2));
    assert_eq!(answer.spend, spent(&told));
    assert_eq!(answer.spend.tokens.total(), 240);
}

#[test]
fn money_and_all_kinds_of_tokens_are_summed() {
    let turn = r#"{"type":"step_finish","part":{"reason":"stop","cost":0.0125,
        "tokens":{"input":7,"output":20,"reasoning":5,"cache":{"write":3,"read":90}}}}"#
        .replace('\n', " ");
    let (told, answer) = played(Recorded::new(&format!("{turn}\n{turn}"), 0));
    assert_eq!(answer.spend.cost, Some(Usd(25_000)));
    assert_eq!(
        answer.spend.tokens,
        Tokens {
            input: 20,
            cached: 180,
            output: 50
        }
    );
    assert_eq!(spent(&told), answer.spend);
}

#[test]
fn a_refused_command_is_denied_and_the_rest_goes_on() {
    let (told, answer) = played(Recorded::new(DENIED, 0));
    assert!(told.contains(&AgentEvent::Denied {
        tool: "bash (echo x > bad.txt)".to_owned()
    }));
    let denied = vec!["bash (echo x > bad.txt)".to_owned()];
    assert_eq!(answer.end, AgentEnd::Denied(denied));
    assert_eq!(answer.text.as_deref(), Some("all done"));
}

#[test]
fn a_question_that_nobody_answers_is_a_denial_though_it_exits_with_0() {
    let asked = "bash (git add -A; echo x > made_by_bash.txt; ls -la; false)".to_owned();
    assert_eq!(end(ASKED, 0), AgentEnd::Denied(vec![asked]));
}

#[test]
fn an_error_says_by_its_status_what_it_is() {
    assert_eq!(
        end(REFUSED, 1),
        AgentEnd::Unauthorised("scripted 401".to_owned())
    );
    let at =
        |status: &str| REFUSED.replace("\"statusCode\":401", &format!("\"statusCode\":{status}"));
    let said = || "scripted 401".to_owned();
    assert_eq!(end(&at("402"), 1), AgentEnd::NoQuota(said()));
    assert_eq!(end(&at("500"), 1), AgentEnd::Failed(said()));
    assert_eq!(end(&at("null"), 1), AgentEnd::Failed(said()));
    // Even where it claims to have ended well.
    assert_eq!(end(REFUSED, 0), AgentEnd::Unauthorised(said()));
}

#[test]
fn a_rate_limit_says_when_it_is_lifted() {
    let lifted = "2026-11-20T06:08:47.598Z".parse().ok();
    assert_eq!(end(BUSY, 1), AgentEnd::RateLimited { resets: lifted });
    let silent = BUSY.replace("retry-after", "x-other");
    assert_eq!(end(&silent, 1), AgentEnd::RateLimited { resets: None });
}

#[test]
fn an_empty_account_is_no_rate_limit() {
    let empty = BUSY.replace(r#"\"code\": 429"#, r#"\"code\": \"insufficient_quota\""#);
    assert_ne!(empty, BUSY);
    assert_eq!(end(&empty, 1), AgentEnd::NoQuota("scripted 429".to_owned()));
}

#[test]
fn a_turn_after_an_error_takes_it_back() {
    assert_eq!(end(&format!("{REFUSED}{OK}"), 0), AgentEnd::Completed);
}

#[test]
fn a_second_failed_call_shows_that_it_tries_again() {
    let (told, _) = played(Recorded {
        err: RETRIES,
        ..Recorded::new(OK, 0)
    });
    let tries: Vec<_> = told
        .iter()
        .filter(|event| matches!(event, AgentEvent::Retrying { .. }))
        .collect();
    assert_eq!(
        tries,
        [&AgentEvent::Retrying {
            status: None,
            attempt: 2,
            delay: None
        }]
    );
}

#[test]
fn an_end_without_a_result_is_a_failure_with_its_last_words() {
    let cut: String = OK.split_inclusive('\n').take(3).collect();
    assert_eq!(
        end(&cut, 0),
        AgentEnd::Failed("its last turn ended by \"tool-calls\"".to_owned())
    );
    assert_eq!(
        end("", 0),
        AgentEnd::Failed("exit code 0 and no result".to_owned())
    );
    let (_, answer) = played(Recorded {
        err: "Error: Session not found\n",
        ..Recorded::new("", 1)
    });
    assert_eq!(
        answer.end,
        AgentEnd::Failed("exit code 1 and no result: Error: Session not found".to_owned())
    );
    let (_, answer) = played(Recorded {
        end: CommandEnd::TimedOut(Duration::from_secs(9)),
        ..Recorded::new(OK, 0)
    });
    assert_eq!(answer.end, AgentEnd::TimedOut(Duration::from_secs(9)));
}

#[test]
fn more_turns_than_the_limit_mean_that_they_ran_out() {
    for (limit, expected) in [(2, AgentEnd::Completed), (1, AgentEnd::OutOfTurns)] {
        let mut request = request(Path::new("/nowhere"));
        request.limits.turns = Some(limit);
        let (_, answer) = Recorded::new(OK, 0).played(&Opencode, &request);
        assert_eq!(answer.end, expected);
    }
}

#[test]
fn nothing_that_it_prints_is_a_panic() {
    survives_anything(&Opencode, &format!("{OK}{DENIED}{BUSY}"));
}

#[test]
fn the_prompt_is_given_on_standard_input_whatever_its_size() {
    let long = "x".repeat(200 << 10);
    let session = AgentSession {
        id: "ses_1".to_owned(),
        spend: Spend::default(),
    };
    let request = AgentRequest {
        prompt: &long,
        model: Some("loop/scripted"),
        session: Some(&session),
        ..request(Path::new("/nowhere"))
    };
    let call = Opencode.call(&request).unwrap();
    assert_eq!(call.stdin, Some(long.clone().into_bytes()));
    let args: Vec<_> = call.args.iter().map(|arg| arg.to_str().unwrap()).collect();
    assert!(args.ends_with(&["--model", "loop/scripted", "--session", "ses_1"]));
}

#[test]
fn only_the_given_commands_are_allowed_and_denials_of_redirections_come_after_them() {
    let commands = ["npm ci && npm test".to_owned(), "make > log".to_owned()];
    let request = AgentRequest {
        commands: &commands,
        ..request(Path::new("/nowhere"))
    };
    assert_eq!(
        shell_rules(&request),
        [
            "*:deny",
            "git status:allow",
            "git status *:allow",
            "git diff:allow",
            "git diff *:allow",
            "npm ci && npm test:allow",
            "npm ci && npm test *:allow",
            "npm ci:allow",
            "npm ci *:allow",
            "npm test:allow",
            "npm test *:allow",
            "*>*:deny",
            "git*--output*:deny",
            "npm ci && npm test 2>&1:allow",
            "npm ci 2>&1:allow",
            "npm test 2>&1:allow",
            "make > log:allow",
            "make > log 2>&1:allow",
        ]
    );
}

#[test]
fn who_only_reads_neither_edits_nor_runs_anything() {
    let commands = ["npm test".to_owned()];
    let request = AgentRequest {
        mode: AgentMode::ReadOnly,
        commands: &commands,
        ..request(Path::new("/nowhere"))
    };
    assert_eq!(shell_rules(&request), ["*:deny"]);
    let call = Opencode.call(&request).unwrap();
    let settings = call.env.last().unwrap().1.to_str().unwrap();
    let settings: Value = serde_json::from_str(settings).unwrap();
    let permission = settings.pointer("/agent/batch/permission").unwrap();
    assert_eq!(permission["edit"], "deny");
    assert_eq!(permission["*"], "deny");
    assert_eq!(permission["read"]["*"], "allow");
}

#[test]
fn the_plugins_of_a_repository_are_not_run_before_the_yes() {
    let root = tempfile::tempdir().unwrap();
    let plugins = root.path().join(".opencode/plugin");
    std::fs::create_dir_all(&plugins).unwrap();
    std::fs::write(plugins.join("a.js"), "").unwrap();
    std::fs::write(root.path().join("AGENTS.md"), "").unwrap();
    let asked = |mode| {
        Opencode.call(&AgentRequest {
            mode,
            root: root.path(),
            ..request(root.path())
        })
    };
    let refused = asked(AgentMode::ReadOnly).unwrap_err().to_string();
    assert!(refused.contains(".opencode/plugin"), "{refused}");
    let call = asked(AgentMode::Edit).unwrap();
    let variable = |name: &str| {
        let found = call.env.iter().find(|(known, _)| known == name);
        found.unwrap().1.to_str().unwrap().to_owned()
    };
    assert_eq!(variable("OPENCODE_DISABLE_PROJECT_CONFIG"), "1");
    let settings: serde_json::Value =
        serde_json::from_str(&variable("OPENCODE_CONFIG_CONTENT")).unwrap();
    let agents_md = root.path().join("AGENTS.md");
    assert_eq!(settings["instructions"][0], agents_md.to_str().unwrap());
    assert_eq!(settings["lsp"], false);
}
