//! What Claude Code is told, and what its lines come to, on what the real program printed.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::Claude;
use crate::adapters::agents::dialect::{Call, Dialect};
use crate::adapters::agents::rehearsal;
use crate::engine::ports::{AgentMode, AgentRequest, CommandEnd};
use crate::model::agent::{AgentAnswer, AgentEnd, AgentEvent, AgentSession};
use crate::model::spend::{Spend, Tokens, Usd};

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/agents/claude_", $name, ".jsonl"))
    };
}

fn request() -> AgentRequest<'static> {
    AgentRequest {
        root: Path::new("/sandbox/root"),
        ..rehearsal::request(Path::new("/sandbox/tmp"))
    }
}

fn listen(
    request: &AgentRequest<'_>,
    out: &str,
    end: CommandEnd,
) -> (Vec<AgentEvent>, AgentAnswer) {
    let mut listener = Claude.listener(request);
    let mut events = Vec::new();
    for line in out.lines() {
        listener.out(line, &mut |event| events.push(event));
    }
    let answer = listener.end(end, None);
    let told: Spend = events
        .iter()
        .filter_map(|event| match event {
            AgentEvent::Spent(more) => Some(*more),
            _ => None,
        })
        .sum();
    assert_eq!(
        told, answer.spend,
        "what is told on the way is what it comes to"
    );
    (events, answer)
}

fn heard(out: &str) -> (Vec<AgentEvent>, AgentAnswer) {
    listen(&request(), out, CommandEnd::Exited(1))
}

fn tokens(input: u64, output: u64) -> Tokens {
    Tokens {
        input,
        cached: 0,
        output,
    }
}

fn args(call: &Call) -> Vec<&str> {
    call.args.iter().map(|arg| arg.to_str().unwrap()).collect()
}

fn value<'a>(call: &'a Call, flag: &str) -> Option<&'a str> {
    let args = args(call);
    let at = args.iter().position(|arg| *arg == flag)?;
    args.get(at + 1).copied()
}

fn settings(request: &AgentRequest<'_>) -> Value {
    let call = Claude.call(request).unwrap();
    serde_json::from_str(value(&call, "--settings").unwrap()).unwrap()
}

#[test]
fn the_prompt_goes_to_standard_input() {
    let call = Claude.call(&request()).unwrap();
    assert_eq!(call.stdin.as_deref(), Some("do it".as_bytes()));
    assert!(!args(&call).contains(&"do it"));
    assert!(call.last_message.is_none());
}

#[test]
fn research_has_no_tool_that_changes_anything() {
    let commands = ["npm test".to_owned()];
    let request = AgentRequest {
        mode: AgentMode::ReadOnly,
        commands: &commands,
        ..request()
    };
    let call = Claude.call(&request).unwrap();
    assert_eq!(value(&call, "--tools"), Some("Read,Glob,Grep"));
    assert_eq!(value(&call, "--permission-mode"), Some("default"));
    assert_eq!(settings(&request)["permissions"]["allow"], json!([]));
}

#[test]
fn editing_may_run_the_given_commands_and_never_push() {
    let commands = ["npm test".to_owned(), "sh -c 'a, (b)'".to_owned()];
    let request = AgentRequest {
        commands: &commands,
        ..request()
    };
    let settings = settings(&request);
    assert_eq!(
        settings["permissions"]["allow"],
        json!([
            "Bash(npm test)",
            "Bash(npm test *)",
            "Bash(sh -c 'a, (b)')",
            "Bash(sh -c 'a, (b)' *)"
        ])
    );
    let denied = settings["permissions"]["deny"].as_array().unwrap();
    assert!(denied.contains(&json!("Bash(git push *)")));
    assert!(denied.contains(&json!("WebFetch")));
    assert_eq!(settings["disableAllHooks"], json!(true));
}

#[test]
fn limits_model_session_and_schema_become_options() {
    let session = AgentSession {
        id: "abc".to_owned(),
        spend: Spend::default(),
    };
    let schema = json!({"type": "object"});
    let mut request = AgentRequest {
        model: Some("opus"),
        session: Some(&session),
        schema: Some(&schema),
        ..request()
    };
    request.limits.turns = Some(7);
    request.limits.cost = Some(Usd(1_500_000));
    let call = Claude.call(&request).unwrap();
    assert_eq!(value(&call, "--model"), Some("opus"));
    assert_eq!(value(&call, "--resume"), Some("abc"));
    assert_eq!(value(&call, "--json-schema"), Some(r#"{"type":"object"}"#));
    assert_eq!(value(&call, "--max-turns"), Some("7"));
    assert_eq!(value(&call, "--max-budget-usd"), Some("1.5"));
}

#[test]
fn the_variables_of_a_session_around_us_are_not_its_own() {
    let own = Claude.variables();
    for inherited in [
        "CLAUDECODE",
        "CLAUDE_CODE_*",
        "CLAUDE_CODE_SESSION_ID",
        "CLAUDE_*",
    ] {
        assert!(!own.contains(&inherited), "{inherited}");
    }
}

#[test]
fn an_edit_is_told_as_it_happens() {
    let (events, answer) = listen(&request(), sample!("ok"), CommandEnd::Exited(0));
    let session = "321ac967-a306-4993-adc8-670200e27414";
    let spent = |cost, tokens| {
        AgentEvent::Spent(Spend {
            cost,
            estimated: false,
            tokens,
        })
    };
    assert_eq!(
        events,
        [
            AgentEvent::Session(session.to_owned()),
            AgentEvent::Model("claude-opus-5-5".to_owned()),
            AgentEvent::Tool {
                name: "Write".to_owned(),
                with: "/sandbox/claude_ok/hello.txt".to_owned()
            },
            spent(None, tokens(100, 20)),
            AgentEvent::File("/sandbox/claude_ok/hello.txt".to_owned()),
            AgentEvent::Text("Done: wrote hello.txt".to_owned()),
            spent(None, tokens(100, 20)),
            spent(Some(Usd(1_600)), tokens(0, 0)),
        ]
    );
    assert_eq!(answer.end, AgentEnd::Completed);
    assert_eq!(answer.text.as_deref(), Some("Done: wrote hello.txt"));
    assert_eq!(answer.session.as_deref(), Some(session));
    assert_eq!(answer.turns, Some(2));
    assert_eq!(answer.spend.cost, Some(Usd(1_600)));
    assert_eq!(answer.spend.tokens, tokens(200, 40));
}

#[test]
fn a_schema_is_answered_by_a_value() {
    let (_, answer) = heard(sample!("schema"));
    assert_eq!(answer.end, AgentEnd::Completed);
    assert_eq!(
        answer.structured,
        Some(json!({"units": [{"id": "u1", "title": "one", "files": ["a.txt"]}]}))
    );
}

#[test]
fn a_success_with_an_error_flag_beside_it_is_none() {
    for (out, end) in [
        (sample!("429"), AgentEnd::RateLimited { resets: None }),
        (sample!("529"), AgentEnd::RateLimited { resets: None }),
        (
            sample!("401"),
            AgentEnd::Unauthorised(
                "Failed to authenticate. API Error: 401 scripted 401".to_owned(),
            ),
        ),
        (
            sample!("nologin"),
            AgentEnd::Unauthorised("Not logged in · Please run /login".to_owned()),
        ),
        (
            sample!("credit"),
            AgentEnd::NoQuota("Credit balance is too low".to_owned()),
        ),
    ] {
        // Whatever the exit code says.
        let (_, answer) = listen(&request(), out, CommandEnd::Exited(0));
        assert_eq!(answer.end, end);
        assert_eq!(answer.text, None);
        assert_eq!(answer.spend.cost, Some(Usd(0)));
    }
}

#[test]
fn a_plans_limit_says_when_it_is_lifted() {
    let (events, answer) = heard(sample!("limit"));
    let Some(AgentEvent::Limit {
        resets: Some(resets),
        reached: true,
    }) = events
        .into_iter()
        .find(|event| matches!(event, AgentEvent::Limit { .. }))
    else {
        panic!("no limit was told");
    };
    assert_eq!(resets.as_second(), 1_795_175_286);
    assert_eq!(
        answer.end,
        AgentEnd::RateLimited {
            resets: Some(resets)
        }
    );
}

#[test]
fn retries_are_told() {
    let (events, answer) = heard(sample!("retry"));
    assert!(events.contains(&AgentEvent::Retrying {
        status: Some(529),
        attempt: 2,
        delay: Some(Duration::from_millis(1086))
    }));
    assert_eq!(answer.end, AgentEnd::Completed);
}

#[test]
fn limits_of_turns_and_cost_are_ends_of_their_own() {
    assert_eq!(heard(sample!("turns")).1.end, AgentEnd::OutOfTurns);
    let (_, answer) = heard(sample!("budget"));
    assert_eq!(answer.end, AgentEnd::OutOfBudget);
    assert_eq!(answer.spend.tokens, tokens(200, 40));
}

#[test]
fn a_refused_tool_is_told_once_for_each_use() {
    let (events, answer) = listen(&request(), sample!("denied"), CommandEnd::Exited(0));
    let both = ["Bash (make check)", "Bash (git commit -m x)"].map(str::to_owned);
    for tool in both.clone() {
        let denied = AgentEvent::Denied { tool };
        assert_eq!(events.iter().filter(|event| **event == denied).count(), 1);
    }
    assert_eq!(answer.end, AgentEnd::Denied(both.to_vec()));
}

#[test]
fn a_resumed_session_costs_what_this_request_cost() {
    let session = AgentSession {
        id: "x".to_owned(),
        spend: Spend {
            cost: Some(Usd(1_600)),
            estimated: false,
            tokens: tokens(200, 40),
        },
    };
    let request = AgentRequest {
        session: Some(&session),
        ..request()
    };
    let resumed = sample!("resumed");
    let older = resumed.replace("model_usage_since_last_result", "something_else");
    for out in [resumed, &older] {
        let (_, answer) = listen(&request, out, CommandEnd::Exited(0));
        assert_eq!(answer.spend.cost, Some(Usd(800)));
        assert_eq!(answer.spend.tokens, tokens(100, 20));
    }
}

#[test]
fn a_message_in_several_lines_is_counted_once() {
    let line = |part: &str, output: u32| {
        format!(
            r#"{{"type":"assistant","message":{{"id":"m","content":[{{"type":"text","text":"{part}"}}],"usage":{{"input_tokens":5,"cache_creation_input_tokens":2,"cache_read_input_tokens":3,"output_tokens":{output}}}}}}}"#
        )
    };
    let out = [line("a", 1), line("b", 1), line("c", 4)].join("\n");
    let (_, answer) = heard(&out);
    assert_eq!(
        answer.spend.tokens,
        Tokens {
            input: 7,
            cached: 3,
            output: 4
        }
    );
    assert_eq!(answer.text.as_deref(), Some("c"));
}

#[test]
fn what_was_interrupted_or_cannot_be_resumed_has_failed() {
    let failed = |out| match heard(out).1.end {
        AgentEnd::Failed(words) => words,
        other => panic!("{other:?}"),
    };
    assert!(failed(sample!("interrupted")).starts_with("[ede_diagnostic]"));
    assert!(failed(sample!("lost_session")).starts_with("No conversation found"));
}

#[test]
fn a_stream_without_a_result_is_explained_by_the_exit_and_the_last_words() {
    let mut listener = Claude.listener(&request());
    for line in sample!("cut").lines() {
        listener.out(line, &mut |_| {});
    }
    listener.err("out of memory", &mut |_| {});
    let answer = listener.end(CommandEnd::Exited(137), None);
    assert_eq!(
        answer.end,
        AgentEnd::Failed("exit code 137 and no result: out of memory".to_owned())
    );
    assert!(answer.session.is_some());
    let after = Duration::from_secs(9);
    let (_, answer) = listen(&request(), sample!("ok"), CommandEnd::TimedOut(after));
    assert_eq!(answer.end, AgentEnd::TimedOut(after));
}

#[test]
fn anything_at_all_is_taken() {
    let huge = format!(
        r#"{{"type":"assistant","message":{{"content":"{}"}}}}"#,
        "x".repeat(1 << 20)
    );
    let cut = &sample!("ok")[..700];
    for odd in [
        "",
        "\n\n",
        "not JSON",
        "null",
        "[]",
        r#"{"type":"result"}"#,
        r#"{"type":"result","is_error":null,"subtype":null,"result":null,"errors":[null]}"#,
        r#"{"type":"result","total_cost_usd":-1,"usage":null,"num_turns":1e99,"permission_denials":[null,{}]}"#,
        r#"{"type":"assistant","message":null}"#,
        r#"{"type":"assistant","message":{"id":null,"content":[null,{"type":"text","text":null},{"type":"tool_use","name":null,"input":null}],"usage":{"input_tokens":"many"}}}"#,
        r#"{"type":"user","message":{"content":"words"}}"#,
        r#"{"type":"system","subtype":"api_retry","retry_delay_ms":-1,"attempt":99999999999,"error_status":null}"#,
        r#"{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1e30}}"#,
        r#"{"type":"from_the_future","session_id":null}"#,
        &huge,
        cut,
    ] {
        let (_, answer) = heard(odd);
        assert!(matches!(answer.end, AgentEnd::Failed(_)), "{odd:.80}");
    }
}
