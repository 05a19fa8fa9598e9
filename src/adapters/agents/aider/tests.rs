//! What aider's words and its analytics log come to, on what the real program printed.

use std::path::Path;
use std::time::Duration;

use super::Aider;
use crate::adapters::agents::dialect::{Call, Dialect};
use crate::adapters::agents::rehearsal::{Recorded, request, spent, survives_anything};
use crate::engine::ports::{AgentMode, AgentRequest, CommandEnd};
use crate::model::agent::{AgentAnswer, AgentEnd, AgentEvent};
use crate::model::path::RepoPath;
use crate::model::spend::{Spend, Tokens, Usd};

const OK: &str = include_str!("../../../../tests/agents/aider_ok.stdout");
const OK_LOG: &str = include_str!("../../../../tests/agents/aider_ok.jsonl");
const REFUSED: &str = include_str!("../../../../tests/agents/aider_401.stdout");
const UNANSWERED_LOG: &str = include_str!("../../../../tests/agents/aider_401.jsonl");
const RETRIED: &str = include_str!("../../../../tests/agents/aider_402.stdout");
const UNFIT: &str = include_str!("../../../../tests/agents/aider_format.stdout");
const UNFIT_LOG: &str = include_str!("../../../../tests/agents/aider_format.jsonl");

fn played(out: &str, log: &str) -> (Vec<AgentEvent>, AgentAnswer) {
    Recorded {
        last_message: Some(log),
        ..Recorded::new(out, 0)
    }
    .played(&Aider, &request(Path::new("/nowhere")))
}

fn end(out: &str, log: &str) -> AgentEnd {
    played(out, log).1.end
}

#[test]
fn an_edit_is_told_with_its_files_and_what_it_cost() {
    let (told, answer) = played(OK, OK_LOG);
    let [AgentEvent::Model(model), AgentEvent::Text(said), files @ ..] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(model, "openai/gpt-4o");
    assert!(said.starts_with("Fine.\n\na.txt\n"), "{said}");
    assert_eq!(
        files,
        [
            AgentEvent::File("a.txt".to_owned()),
            AgentEvent::File("new.txt".to_owned())
        ]
    );
    assert_eq!(answer.end, AgentEnd::Completed);
    assert_eq!(answer.text.as_ref(), Some(said));
    assert_eq!(answer.turns, Some(1));
    assert_eq!(
        answer.spend,
        Spend {
            cost: Some(Usd(450)),
            estimated: false,
            tokens: Tokens {
                input: 100,
                cached: 0,
                output: 20
            }
        }
    );
    assert_eq!(
        spent(&told),
        Spend::default(),
        "the log is read at the end, so nothing is told on the way"
    );
}

#[test]
fn a_call_without_an_answer_is_no_success_though_it_exits_with_0() {
    let refused =
        "litellm.AuthenticationError: AuthenticationError: OpenAIException - scripted 401";
    assert_eq!(
        end(REFUSED, UNANSWERED_LOG),
        AgentEnd::Unauthorised(refused.to_owned())
    );
    let says = |error: &str| end(&REFUSED.replace(refused, error), UNANSWERED_LOG);
    assert_eq!(
        says("litellm.RateLimitError: RateLimitError: OpenAIException - scripted 429"),
        AgentEnd::RateLimited { resets: None }
    );
    for empty in [
        "litellm.RateLimitError: OpenAIException - You exceeded your current quota",
        "litellm.APIError: {\"error\":{\"message\":\"Insufficient credits\",\"code\":402}}",
    ] {
        assert_eq!(says(empty), AgentEnd::NoQuota(empty.to_owned()));
    }
    let broken = "litellm.InternalServerError: scripted 500";
    assert_eq!(says(broken), AgentEnd::Failed(broken.to_owned()));
    assert!(matches!(says("nothing known"), AgentEnd::Failed(_)));
}

#[test]
fn words_of_the_model_are_not_taken_for_the_programs() {
    let out = OK.replace(
        "Fine.",
        "litellm.AuthenticationError is handled now.\nModel: mine with care",
    );
    let (told, answer) = played(&out, OK_LOG);
    assert_eq!(answer.end, AgentEnd::Completed);
    let models = told
        .iter()
        .filter(|event| matches!(event, AgentEvent::Model(_)));
    assert_eq!(models.count(), 1);
}

#[test]
fn its_own_tries_are_told() {
    let (told, answer) = played(RETRIED, UNANSWERED_LOG);
    assert_eq!(
        told.get(1),
        Some(&AgentEvent::Retrying {
            status: None,
            attempt: 2,
            delay: Some(Duration::from_millis(200))
        })
    );
    assert_eq!(told.len(), 9);
    assert_eq!(
        answer.end,
        AgentEnd::Failed("litellm.APIError: APIError: OpenAIException - scripted 402".to_owned())
    );
}

#[test]
fn a_model_that_never_keeps_to_the_format_runs_out_of_turns() {
    let (_, answer) = played(UNFIT, UNFIT_LOG);
    assert_eq!(answer.end, AgentEnd::OutOfTurns);
    assert_eq!(answer.spend.cost, Some(Usd(1_800)));
    assert_eq!(answer.turns, Some(4));
}

#[test]
fn each_answer_of_its_model_is_a_turn() {
    let mut listener = Aider.listener(&request(Path::new("/nowhere")));
    for line in UNFIT.lines() {
        listener.out(line, &mut |_| {});
    }
    assert_eq!(listener.turns(), 4);
    assert!(!Aider.abilities().turns);
}

#[test]
fn an_end_before_any_call_is_a_failure_with_its_last_words() {
    assert_eq!(
        end("", ""),
        AgentEnd::Failed("exit code 0 and no result".to_owned())
    );
    assert_eq!(
        end("Unable to read /tmp/x\n", "cut {"),
        AgentEnd::Failed("exit code 0 and no result: Unable to read /tmp/x".to_owned())
    );
    let killed = Recorded {
        end: CommandEnd::Signalled(15),
        last_message: Some(OK_LOG),
        ..Recorded::new("", 0)
    };
    let (_, answer) = killed.played(&Aider, &request(Path::new("/nowhere")));
    assert_eq!(
        answer.end,
        AgentEnd::Failed("ended by signal 15".to_owned())
    );
    assert_eq!(answer.spend.cost, Some(Usd(450)), "spent all the same");
}

#[test]
fn nothing_that_it_prints_is_a_panic() {
    survives_anything(&Aider, &format!("{OK}{UNFIT}{RETRIED}"));
}

fn args(call: &Call) -> Vec<&str> {
    call.args.iter().map(|arg| arg.to_str().unwrap()).collect()
}

#[test]
fn the_prompt_is_in_a_file_and_the_log_begins_anew() {
    let tmp = tempfile::tempdir().unwrap();
    let log = tmp.path().join("aider-events.jsonl");
    std::fs::write(&log, OK_LOG).unwrap();
    let long = "x".repeat(200 << 10);
    let files = [RepoPath::new(*b"-a b.txt")];
    let request = AgentRequest {
        prompt: &long,
        model: Some("sonnet"),
        files: &files,
        ..request(tmp.path())
    };
    let call = Aider.call(&request).unwrap();
    assert_eq!(call.last_message.as_ref(), Some(&log));
    assert_eq!(std::fs::read(&log).unwrap(), b"");
    let message = tmp.path().join("aider-message.txt");
    assert_eq!(std::fs::read_to_string(message).unwrap(), long);
    assert!(args(&call).ends_with(&["--file=/repo/-a b.txt"]));
    assert!(
        args(&call)
            .windows(2)
            .any(|two| two == ["--model", "sonnet"])
    );
    assert!(!args(&call).contains(&"--dry-run"));
}

#[test]
fn who_only_reads_edits_nothing() {
    let tmp = tempfile::tempdir().unwrap();
    let files = [RepoPath::new(*b"a.txt")];
    let request = AgentRequest {
        mode: AgentMode::ReadOnly,
        files: &files,
        ..request(tmp.path())
    };
    let call = Aider.call(&request).unwrap();
    assert!(args(&call).contains(&"--dry-run"));
    assert!(args(&call).ends_with(&["--read=/repo/a.txt"]));
}
