//! What Gemini CLI is told, and what its lines come to, on what the real program printed.

use std::path::Path;

use super::Gemini;
use crate::adapters::agents::dialect::Dialect;
use crate::adapters::agents::rehearsal::{Recorded, request, spent, survives_anything};
use crate::engine::ports::{AgentMode, AgentRequest, CommandEnd};
use crate::model::agent::{AgentAnswer, AgentEnd, AgentEvent, AgentSession};
use crate::model::spend::{Spend, Tokens};

const OK: &str = include_str!("../../../../tests/agents/gemini_ok.jsonl");
const DENIED: &str = include_str!("../../../../tests/agents/gemini_denied.jsonl");
const OUT_OF_TURNS: &str = include_str!("../../../../tests/agents/gemini_turns.jsonl");
const REFUSED: &str = include_str!("../../../../tests/agents/gemini_401.jsonl");
const REFUSED_ERR: &str = include_str!("../../../../tests/agents/gemini_401.stderr");
const BUSY: &str = include_str!("../../../../tests/agents/gemini_429.jsonl");
const BUSY_ERR: &str = include_str!("../../../../tests/agents/gemini_429.stderr");

fn played(recorded: Recorded<'_>) -> (Vec<AgentEvent>, AgentAnswer) {
    recorded.played(&Gemini, &request(Path::new("/nowhere")))
}

fn end(out: &str, err: &str, code: i32) -> AgentEnd {
    let recorded = Recorded {
        err,
        ..Recorded::new(out, code)
    };
    played(recorded).1.end
}

#[test]
fn an_edit_is_told_step_by_step() {
    let (told, answer) = played(Recorded::new(OK, 0));
    let spend = Spend {
        tokens: Tokens {
            input: 200,
            cached: 0,
            output: 40,
        },
        ..Spend::default()
    };
    let session = "df51d41f-cc70-4af6-a1fb-0a5591991a13".to_owned();
    assert_eq!(
        told,
        [
            AgentEvent::Session(session.clone()),
            AgentEvent::Model("gemini-2.5-flash".to_owned()),
            AgentEvent::Tool {
                name: "write_file".to_owned(),
                with: "hello.txt".to_owned()
            },
            AgentEvent::File("hello.txt".to_owned()),
            AgentEvent::Text("Done: wrote hello.txt".to_owned()),
            AgentEvent::Spent(spend),
        ]
    );
    assert_eq!(answer.end, AgentEnd::Completed);
    assert_eq!(answer.text.as_deref(), Some("Done: wrote hello.txt"));
    assert_eq!(answer.session, Some(session));
    assert_eq!(answer.spend, spend);
}

#[test]
fn thoughts_and_the_cache_are_counted_once() {
    let result = r#"{"type":"result","status":"success","stats":
        {"total_tokens":1300,"input_tokens":1000,"output_tokens":100,"cached":600,"input":400}}"#
        .replace('\n', " ");
    let (told, answer) = played(Recorded::new(&format!("{result}\n{result}"), 0));
    assert_eq!(
        answer.spend.tokens,
        Tokens {
            input: 400,
            cached: 600,
            output: 300
        }
    );
    assert_eq!(spent(&told), answer.spend);
}

#[test]
fn a_message_in_pieces_is_told_whole() {
    let pieces = r#"{"type":"message","role":"assistant","content":"all ","delta":true}
{"type":"message","role":"assistant","content":"done","delta":true}"#;
    let (told, answer) = played(Recorded::new(pieces, 0));
    assert_eq!(told, []);
    assert_eq!(answer.text.as_deref(), Some("all done"));
    let ended = format!("{pieces}\n{{\"type\":\"result\",\"status\":\"success\"}}");
    let (told, _) = played(Recorded::new(&ended, 0));
    assert_eq!(told, [AgentEvent::Text("all done".to_owned())]);
}

#[test]
fn a_refused_command_is_denied_and_the_rest_goes_on() {
    let (told, answer) = played(Recorded::new(DENIED, 0));
    let denied = ["echo x > bad.txt", "npm test; git status --short"]
        .map(|command| format!("run_shell_command ({command})"));
    for tool in denied.clone() {
        assert!(told.contains(&AgentEvent::Denied { tool }));
    }
    assert_eq!(answer.end, AgentEnd::Denied(denied.to_vec()));
}

#[test]
fn the_exit_code_is_the_end_of_a_status() {
    let said = "[API Error: {\"type\":\"error\",\"error\":{\"type\":\"authentication_error\",\"code\":401,\"status\":\"AUTHENTICATION_ERROR\",\"message\":\"scripted 401\"}}]";
    let said = || said.to_owned();
    assert_eq!(
        end(REFUSED, REFUSED_ERR, 145),
        AgentEnd::Unauthorised(said())
    );
    assert_eq!(end(REFUSED, "", 147), AgentEnd::Unauthorised(said()));
    assert_eq!(end(REFUSED, "", 146), AgentEnd::NoQuota(said()));
    assert_eq!(end(REFUSED, "", 17), AgentEnd::RateLimited { resets: None });
    assert_eq!(end(REFUSED, "", 244), AgentEnd::Failed(said()));
    assert_eq!(end(REFUSED, "", 1), AgentEnd::Failed(said()));
}

#[test]
fn a_key_that_google_does_not_know_is_not_a_bad_request() {
    let known = end(REFUSED, "", 144);
    assert!(matches!(known, AgentEnd::Failed(_)), "{known:?}");
    let unknown = end(REFUSED, "  reason: 'API_KEY_INVALID',\n", 144);
    assert!(matches!(unknown, AgentEnd::Unauthorised(_)), "{unknown:?}");
}

#[test]
fn without_a_login_it_says_so_by_its_exit_code_alone() {
    assert_eq!(
        end("", "Please set an Auth method\n", 41),
        AgentEnd::Unauthorised("exit code 41 and no result: Please set an Auth method".to_owned())
    );
}

#[test]
fn a_rate_limit_is_told_with_its_tries() {
    let (told, answer) = played(Recorded {
        err: BUSY_ERR,
        ..Recorded::new(BUSY, 173)
    });
    assert_eq!(answer.end, AgentEnd::RateLimited { resets: None });
    assert!(told.contains(&AgentEvent::Retrying {
        status: Some(429),
        attempt: 2,
        delay: None
    }));
    let retries = told
        .iter()
        .filter(|event| matches!(event, AgentEvent::Retrying { .. }));
    assert_eq!(retries.count(), 1, "the last try is followed by none");
}

#[test]
fn a_try_after_as_long_as_the_provider_says_is_told_too() {
    let err = "Attempt 1 failed: no more\nSuggested retry after 2s.. Retrying after 5996ms...\n\
               Attempt 2 failed: no more\nSuggested retry after 2s.. Max attempts reached\n";
    let (told, _) = played(Recorded {
        err,
        ..Recorded::new(BUSY, 173)
    });
    let retries = told
        .iter()
        .filter(|event| matches!(event, AgentEvent::Retrying { .. }));
    let once = AgentEvent::Retrying {
        status: None,
        attempt: 2,
        delay: Some(std::time::Duration::from_millis(5996)),
    };
    assert_eq!(retries.collect::<Vec<_>>(), [&once]);
}

#[test]
fn a_session_without_an_answer_is_none_to_go_on_with() {
    assert_eq!(played(Recorded::new(BUSY, 173)).1.session, None);
    assert!(played(Recorded::new(OK, 0)).1.session.is_some());
}

#[test]
fn a_rate_limit_says_when_it_is_lifted() {
    let err = BUSY_ERR.replace("retryDelayMs: undefined", "retryDelayMs: 60000");
    assert_ne!(err, BUSY_ERR);
    let lifted = "2026-11-20T10:53:02.558Z".parse().ok();
    assert_eq!(
        end(BUSY, &err, 173),
        AgentEnd::RateLimited { resets: lifted }
    );
}

#[test]
fn a_quota_that_is_used_up_is_no_rate_limit() {
    let err = BUSY_ERR.replace("RetryableQuotaError", "TerminalQuotaError");
    assert_ne!(err, BUSY_ERR);
    let end = end(BUSY, &err, 173);
    assert!(matches!(end, AgentEnd::NoQuota(_)), "{end:?}");
}

#[test]
fn turns_that_ran_out_are_known_by_the_code() {
    assert_eq!(end(OUT_OF_TURNS, "", 53), AgentEnd::OutOfTurns);
    assert_eq!(end("", "", 53), AgentEnd::OutOfTurns);
}

#[test]
fn success_is_not_believed_with_another_exit_code_or_without_a_result() {
    assert!(matches!(end(OK, "", 1), AgentEnd::Failed(_)));
    let cut: String = OK.split_inclusive('\n').take(5).collect();
    assert_eq!(
        end(&cut, "a\n    at line 7\nb\n", 0),
        AgentEnd::Failed("exit code 0 and no result: a\nb".to_owned())
    );
    let killed = Recorded {
        end: CommandEnd::Signalled(9),
        ..Recorded::new(&cut, 0)
    };
    assert_eq!(
        played(killed).1.end,
        AgentEnd::Failed("ended by signal 9".to_owned())
    );
}

#[test]
fn nothing_that_it_prints_is_a_panic() {
    survives_anything(&Gemini, &format!("{OK}{DENIED}{BUSY}{BUSY_ERR}"));
}

/// What the policy for a request says.
fn policy(request: &AgentRequest<'_>) -> String {
    Gemini.call(request).unwrap();
    std::fs::read_to_string(request.tmp.join("gemini-policy.toml")).unwrap()
}

#[test]
fn the_prompt_is_given_on_standard_input_whatever_its_size() {
    let tmp = tempfile::tempdir().unwrap();
    let long = "x".repeat(200 << 10);
    let session = AgentSession {
        id: "an-id".to_owned(),
        spend: Spend::default(),
    };
    let request = AgentRequest {
        prompt: &long,
        model: Some("gemini-2.5-pro"),
        session: Some(&session),
        ..request(tmp.path())
    };
    let call = Gemini.call(&request).unwrap();
    assert_eq!(call.stdin, Some(long.clone().into_bytes()));
    let args: Vec<_> = call.args.iter().map(|arg| arg.to_str().unwrap()).collect();
    assert!(args.ends_with(&["--model", "gemini-2.5-pro", "--resume", "an-id"]));
}

#[test]
fn who_only_reads_neither_edits_nor_runs_anything() {
    let tmp = tempfile::tempdir().unwrap();
    let commands = ["npm test".to_owned()];
    let request = AgentRequest {
        mode: AgentMode::ReadOnly,
        commands: &commands,
        ..request(tmp.path())
    };
    let policy = policy(&request);
    for tool in ["write_file", "replace", "run_shell_command"] {
        assert!(!policy.contains(tool), "{policy}");
    }
    assert!(policy.contains("toolName = \"*\"\ndecision = \"deny\""));
    assert!(policy.contains("\"read_file\""));
}

#[test]
fn only_the_given_commands_are_allowed() {
    let tmp = tempfile::tempdir().unwrap();
    let commands = [
        "npm ci && npm test".to_owned(),
        "make \"a b\" 2>log".to_owned(),
    ];
    let request = AgentRequest {
        commands: &commands,
        ..request(tmp.path())
    };
    let policy: toml::Value = toml::from_str(&policy(&request)).unwrap();
    let prefixes = |decision: &str| -> Vec<String> {
        let rules = policy["rule"].as_array().unwrap();
        rules
            .iter()
            .filter(|rule| rule["decision"].as_str() == Some(decision))
            .filter_map(|rule| rule.get("commandPrefix")?.as_array())
            .flatten()
            .map(|prefix| prefix.as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        prefixes("allow"),
        [
            "git status",
            "git diff",
            "npm ci && npm test",
            "npm ci",
            "npm test",
            "make \"a b\" 2>log",
            "make \"a b\" 2>log",
            "make \"a b\"",
        ]
    );
    assert!(prefixes("deny").is_empty());
    // In a list it would have the rule refused.
    let rules = policy["rule"].as_array().unwrap();
    let of_commands = rules
        .iter()
        .filter(|rule| rule.get("commandPrefix").is_some());
    for rule in of_commands {
        assert_eq!(rule["toolName"].as_str(), Some("run_shell_command"));
    }
}

#[test]
fn the_limit_on_turns_is_in_the_settings() {
    let tmp = tempfile::tempdir().unwrap();
    let mut request = request(tmp.path());
    request.limits.turns = Some(7);
    let call = Gemini.call(&request).unwrap();
    // An administrator's settings on this machine would be left alone.
    let Some((_, path)) = call.env.first() else {
        return;
    };
    let settings = std::fs::read_to_string(path).unwrap();
    assert!(settings.contains(r#""maxSessionTurns":7"#), "{settings}");
}

#[test]
fn nothing_that_the_settings_of_others_name_is_started() {
    let tmp = tempfile::tempdir().unwrap();
    let call = Gemini
        .call(&AgentRequest {
            tmp: tmp.path(),
            ..request(Path::new("/nowhere"))
        })
        .unwrap();
    let args: Vec<_> = call.args.iter().map(|arg| arg.to_str().unwrap()).collect();
    for pair in [
        ["--allowed-mcp-server-names", "none"],
        ["--extensions", "none"],
    ] {
        assert!(args.windows(2).any(|two| two == pair), "{args:?}");
    }
    let Ok(text) = std::fs::read_to_string(tmp.path().join("gemini-settings.json")) else {
        // This machine has an administrator's, which hold.
        assert!(call.env.is_empty());
        return;
    };
    let settings: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(settings["hooksConfig"]["enabled"], false);
    assert_eq!(settings["tools"]["discoveryCommand"], "");
    assert_eq!(settings["advanced"]["ignoreLocalEnv"], true);
}
