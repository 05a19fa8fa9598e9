//! What codex is told, and what its lines come to, on what the real program printed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::Codex;
use crate::adapters::agents::dialect::{Call, Dialect};
use crate::adapters::agents::rehearsal;
use crate::engine::ports::{AgentMode, AgentRequest, CommandEnd};
use crate::model::agent::{AgentAnswer, AgentEnd, AgentEvent, AgentSession};
use crate::model::spend::{Spend, Tokens};

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/agents/codex_", $name, ".jsonl"))
    };
}

fn request(tmp: &Path) -> AgentRequest<'_> {
    AgentRequest {
        root: Path::new("/sandbox/root"),
        ..rehearsal::request(tmp)
    }
}

fn listen(
    request: &AgentRequest<'_>,
    out: &str,
    end: CommandEnd,
    last: Option<&str>,
) -> (Vec<AgentEvent>, AgentAnswer) {
    let mut listener = Codex.listener(request);
    let mut events = Vec::new();
    for line in out.lines() {
        listener.out(line, &mut |event| events.push(event));
    }
    let answer = listener.end(end, last.map(str::to_owned));
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
    listen(
        &request(Path::new("/sandbox/tmp")),
        out,
        CommandEnd::Exited(1),
        None,
    )
}

fn tokens(input: u64, cached: u64, output: u64) -> Tokens {
    Tokens {
        input,
        cached,
        output,
    }
}

fn args(call: &Call) -> Vec<&str> {
    call.args.iter().map(|arg| arg.to_str().unwrap()).collect()
}

#[test]
fn each_use_of_a_tool_is_a_turn_once_and_an_answer_alone_is_one() {
    let request = request(Path::new("/sandbox/tmp"));
    let mut listener = Codex.listener(&request);
    let mut turns = Vec::new();
    for line in [
        r#"{"type":"turn.started"}"#,
        r#"{"type":"item.started","item":{"id":"1","type":"command_execution","command":"ls"}}"#,
        r#"{"type":"item.completed","item":{"id":"1","type":"command_execution","status":"completed"}}"#,
        r#"{"type":"item.completed","item":{"id":"2","type":"agent_message","text":"so"}}"#,
        r#"{"type":"item.completed","item":{"id":"3","type":"file_change","status":"completed"}}"#,
    ] {
        listener.out(line, &mut |_| {});
        turns.push(listener.turns());
    }
    assert_eq!(turns, [0, 1, 1, 1, 2]);
    let answer = listener.end(CommandEnd::Exited(0), None);
    assert_eq!(answer.turns, Some(2));
    let silent = r#"{"type":"turn.completed","usage":{}}"#;
    assert_eq!(heard(silent).1.turns, Some(1));
    assert!(!Codex.abilities().turns);
}

#[test]
fn the_prompt_goes_to_standard_input_and_the_sandbox_is_on() {
    let tmp = TempDir::new().unwrap();
    let call = Codex.call(&request(tmp.path())).unwrap();
    let said = args(&call);
    assert_eq!(call.stdin.as_deref(), Some("do it".as_bytes()));
    assert_eq!(
        said[..5],
        [
            "exec",
            "--json",
            "--skip-git-repo-check",
            "--sandbox",
            "workspace-write"
        ]
    );
    assert_eq!(said.last(), Some(&"-"));
    let roots = format!(
        "sandbox_workspace_write.writable_roots=[\"{}\"]",
        tmp.path().display()
    );
    assert!(said.contains(&roots.as_str()), "{said:?}");
    assert!(said.contains(&"sandbox_workspace_write.network_access=false"));
}

#[test]
fn research_may_only_read() {
    let tmp = TempDir::new().unwrap();
    let request = AgentRequest {
        mode: AgentMode::ReadOnly,
        ..request(tmp.path())
    };
    assert_eq!(args(&Codex.call(&request).unwrap())[4], "read-only");
}

#[test]
fn a_session_is_gone_on_with_after_all_options() {
    let tmp = TempDir::new().unwrap();
    let session = AgentSession {
        id: "abc".to_owned(),
        spend: Spend::default(),
    };
    let request = AgentRequest {
        model: Some("gpt-5"),
        session: Some(&session),
        ..request(tmp.path())
    };
    let call = Codex.call(&request).unwrap();
    let said = args(&call);
    assert_eq!(said[said.len() - 3..], ["resume", "abc", "-"]);
    assert!(said.windows(2).any(|two| two == ["--model", "gpt-5"]));
}

#[test]
fn a_schema_is_written_as_a_stricter_file() {
    let tmp = TempDir::new().unwrap();
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let request = AgentRequest {
        schema: Some(&schema),
        ..request(tmp.path())
    };
    let call = Codex.call(&request).unwrap();
    assert_eq!(
        call.last_message.unwrap(),
        tmp.path().join("last-message.txt")
    );
    let written = fs::read(tmp.path().join("schema.json")).unwrap();
    let written: Value = serde_json::from_slice(&written).unwrap();
    assert_eq!(written["additionalProperties"], json!(false));
    assert_eq!(written["required"], json!(["a"]));
}

#[test]
fn a_temporary_folder_that_is_gone_is_an_error() {
    let tmp = TempDir::new().unwrap();
    let missing = tmp.path().join("missing");
    let schema = json!({});
    let request = AgentRequest {
        schema: Some(&schema),
        ..request(&missing)
    };
    assert!(Codex.call(&request).is_err());
}

#[test]
fn the_servers_of_the_users_configuration_are_switched_off() {
    let tmp = TempDir::new().unwrap();
    fs::write(
        tmp.path().join("config.toml"),
        "[mcp_servers.forge]\ncommand = \"x\"\n",
    )
    .unwrap();
    let env = [("CODEX_HOME".to_owned(), tmp.path().into())];
    let request = AgentRequest {
        env: &env,
        ..request(tmp.path())
    };
    let call = Codex.call(&request).unwrap();
    assert!(args(&call).contains(&"mcp_servers={ forge = { enabled = false } }"));
}

#[test]
fn a_command_and_its_answer_are_told() {
    let (events, answer) = heard(sample!("ok"));
    let session = "01a1f78f-be56-75b1-8661-d385cefe5d70";
    assert_eq!(
        events,
        [
            AgentEvent::Session(session.to_owned()),
            AgentEvent::Tool {
                name: "shell".to_owned(),
                with: "/bin/bash -lc \"cat > '/sandbox/codex_ok/hello.txt' <<'EOF'".to_owned()
            },
            AgentEvent::Text("Done: wrote hello.txt".to_owned()),
            AgentEvent::Spent(Spend {
                tokens: tokens(200, 0, 40),
                ..Spend::default()
            }),
        ]
    );
    assert_eq!(answer.end, AgentEnd::Completed);
    assert_eq!(answer.session.as_deref(), Some(session));
    assert_eq!(answer.spend.cost, None);
}

#[test]
fn a_patch_tells_its_files() {
    let (events, _) = heard(sample!("patch"));
    let path = "/sandbox/codex_patch/hello.txt".to_owned();
    assert!(events.contains(&AgentEvent::File(path.clone())));
    let patch = AgentEvent::Tool {
        name: "apply_patch".to_owned(),
        with: path,
    };
    assert_eq!(events.iter().filter(|event| **event == patch).count(), 1);
}

#[test]
fn the_file_of_the_last_message_is_the_answer() {
    let schema = json!({});
    let request = AgentRequest {
        schema: Some(&schema),
        ..request(Path::new("/sandbox/tmp"))
    };
    let last = r#"{"units":["b"],"reason":null}"#;
    let (_, answer) = listen(
        &request,
        sample!("schema"),
        CommandEnd::Exited(0),
        Some(last),
    );
    assert_eq!(answer.text.as_deref(), Some(last));
    assert_eq!(answer.structured, Some(json!({"units": ["b"]})));
    let (_, answer) = listen(&request, sample!("schema"), CommandEnd::Exited(0), Some(""));
    assert_eq!(answer.structured, Some(json!({"units": ["a"]})));
    let (_, answer) = listen(
        &request,
        sample!("schema"),
        CommandEnd::Exited(0),
        Some("{"),
    );
    assert_eq!(answer.structured, None);
}

#[test]
fn the_words_of_a_failed_turn_decide() {
    let (events, answer) = heard(sample!("401"));
    assert!(matches!(answer.end, AgentEnd::Unauthorised(_)));
    assert!(events.contains(&AgentEvent::Retrying {
        status: Some(401),
        attempt: 2,
        delay: None
    }));
    assert!(matches!(
        heard(sample!("nokey")).1.end,
        AgentEnd::Unauthorised(_)
    ));
    assert!(matches!(
        heard(sample!("quota")).1.end,
        AgentEnd::NoQuota(_)
    ));
    assert!(matches!(
        heard(sample!("limit")).1.end,
        AgentEnd::RateLimited { resets: Some(_) }
    ));
    assert_eq!(
        heard(sample!("429")).1.end,
        AgentEnd::RateLimited { resets: None }
    );
    assert_eq!(
        heard(sample!("cut")).1.end,
        AgentEnd::Failed("stream disconnected before completion: error sending request".to_owned())
    );
}

#[test]
fn a_patch_outside_of_the_root_was_denied() {
    let mut listener = Codex.listener(&request(Path::new("/sandbox/tmp")));
    let mut events = Vec::new();
    listener.err(
        "2026-11-20T11:05:35Z ERROR codex_core::tools::router: error=patch rejected: writing outside of the project; rejected by user approval settings",
        &mut |event| events.push(event),
    );
    for line in sample!("denied").lines() {
        listener.out(line, &mut |_| {});
    }
    let tool = "apply_patch".to_owned();
    assert_eq!(events, [AgentEvent::Denied { tool: tool.clone() }]);
    let answer = listener.end(CommandEnd::Exited(0), None);
    assert_eq!(answer.end, AgentEnd::Denied(vec![tool]));
}

#[test]
fn a_resumed_session_costs_what_this_request_cost() {
    let session = AgentSession {
        id: "x".to_owned(),
        spend: Spend {
            tokens: tokens(200, 0, 40),
            ..Spend::default()
        },
    };
    let request = AgentRequest {
        session: Some(&session),
        ..request(Path::new("/sandbox/tmp"))
    };
    let (_, answer) = listen(&request, sample!("resumed"), CommandEnd::Exited(0), None);
    assert_eq!(answer.spend.tokens, tokens(100, 0, 20));
}

#[test]
fn cached_tokens_are_no_input() {
    let out = r#"{"type":"turn.completed","usage":{"input_tokens":100,"cached_input_tokens":80,"output_tokens":5}}"#;
    assert_eq!(heard(out).1.spend.tokens, tokens(20, 80, 5));
}

#[test]
fn a_stream_without_an_end_is_explained_by_the_exit() {
    let (_, answer) = heard(sample!("term"));
    let AgentEnd::Failed(words) = answer.end else {
        panic!("{:?}", answer.end);
    };
    assert!(words.starts_with("exit code 1 and no result: "), "{words}");
    let after = Duration::from_secs(3);
    let tmp = Path::new("/sandbox/tmp");
    let (_, answer) = listen(&request(tmp), "", CommandEnd::TimedOut(after), None);
    assert_eq!(answer.end, AgentEnd::TimedOut(after));
}

#[test]
fn anything_at_all_is_taken() {
    let huge = format!(r#"{{"type":"error","message":"{}"}}"#, "x".repeat(1 << 20));
    for odd in [
        "",
        "not JSON",
        "null",
        r#"{"type":"item.completed"}"#,
        r#"{"type":"item.completed","item":null}"#,
        r#"{"type":"item.completed","item":{"type":"agent_message","text":null}}"#,
        r#"{"type":"item.completed","item":{"type":"file_change","status":"completed","changes":[null,{"path":null}]}}"#,
        r#"{"type":"item.started","item":{"type":"from_the_future"}}"#,
        r#"{"type":"turn.failed","error":null}"#,
        r#"{"type":"error","message":null}"#,
        r#"{"type":"thread.started","thread_id":null}"#,
        r#"{"type":"turn.comple"#,
        &huge,
    ] {
        let (_, answer) = heard(odd);
        assert!(matches!(answer.end, AgentEnd::Failed(_)), "{odd:.80}");
    }
}
