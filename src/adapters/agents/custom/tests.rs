//! What a recipe makes of requests, and of what its agent prints.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::adapters::agents::recipe::tests::recipe;
use crate::engine::ports::{AgentLimits, CommandEnd};
use crate::model::agent::{AgentAnswer, AgentEnd, AgentEvent, AgentSession};
use crate::model::path::RepoPath;
use crate::model::spend::{Spend, Usd};

fn request<'a>(prompt: &'a str, tmp: &'a Path) -> AgentRequest<'a> {
    AgentRequest {
        prompt,
        mode: AgentMode::Edit,
        root: Path::new("/root"),
        tmp,
        model: None,
        limits: AgentLimits {
            turns: None,
            cost: None,
            tokens: None,
            idle: Duration::from_secs(1),
            output: 1,
            disk: 1,
        },
        session: None,
        schema: None,
        files: &[],
        commands: &[],
        env: &[],
        transcript: Path::new("/transcript"),
    }
}

fn custom(text: &str) -> Custom {
    Custom::new(recipe("x", text))
}

fn args(call: &Call) -> Vec<&str> {
    let args = call.args.iter();
    args.map(|arg| arg.to_str().unwrap()).collect()
}

/// What an agent that prints this comes to, and what is heard.
fn hear(text: &str, out: &str, err: &str, end: CommandEnd) -> (AgentAnswer, Vec<AgentEvent>) {
    let schema = json!({});
    let request = AgentRequest {
        schema: Some(&schema),
        ..request("p", Path::new("/tmp"))
    };
    let mut listener = custom(text).listener(&request);
    let mut heard = Vec::new();
    for line in out.lines() {
        listener.out(line, &mut |event| heard.push(event));
    }
    for line in err.lines() {
        listener.err(line, &mut |event| heard.push(event));
    }
    (listener.end(end, None), heard)
}

const FULL: &str = "
    command = ['x', 'run', '{model}', '{edit}', '--in', '{root}', '{files}', '--', '{prompt}']
    edit = ['--yes']
    read-only = ['--mode', 'plan']
    model = ['-m', '{model}']
    turns = ['--max-turns={turns}']
    schema = ['--schema', '{schema-file}']
    resume = ['-s', '{session}']
    output = 'json'
    answer = {session = '/id'}
    set = {X_QUIET = '1'}
    env = ['X_KEY']
";

#[test]
fn only_what_applies_is_put_in_and_what_has_no_place_comes_last() {
    let tmp = tempfile::tempdir().unwrap();
    let plain = custom(FULL).call(&request("do it", tmp.path())).unwrap();
    assert_eq!(
        args(&plain),
        ["run", "--yes", "--in", "/root", "--", "do it"]
    );
    assert_eq!(plain.env, [("X_QUIET".to_owned(), OsString::from("1"))]);
    assert_eq!((plain.stdin, plain.last_message), (None, None));

    let schema = json!({"type": "object"});
    let session = AgentSession {
        id: "s-1".to_owned(),
        spend: Spend::default(),
    };
    let files = ["a b.ts".into(), RepoPath::new(b"\xff".to_vec())];
    let mut full = AgentRequest {
        mode: AgentMode::ReadOnly,
        model: Some("m"),
        session: Some(&session),
        schema: Some(&schema),
        files: &files[..1],
        ..request("-p", tmp.path())
    };
    full.limits.turns = Some(7);
    let call = custom(FULL).call(&full).unwrap();
    let file = tmp.path().join("schema.json");
    assert_eq!(
        args(&call),
        [
            "run",
            "-m",
            "m",
            "--in",
            "/root",
            "a b.ts",
            "--",
            "-p",
            "--mode",
            "plan",
            "--max-turns=7",
            "--schema",
            file.to_str().unwrap(),
            "-s",
            "s-1"
        ]
    );
    assert_eq!(
        std::fs::read_to_string(file).unwrap(),
        r#"{"type":"object"}"#
    );
    full.files = &files;
    assert_eq!(
        custom(FULL).call(&full).unwrap().args.len(),
        call.args.len() + 1
    );
}

#[test]
fn the_prompt_goes_where_it_is_wanted() {
    let tmp = tempfile::tempdir().unwrap();
    let request = request("do it", tmp.path());
    let by_stdin = custom("command = ['x']").call(&request).unwrap();
    assert_eq!(by_stdin.stdin.as_deref(), Some(&b"do it"[..]));
    assert!(by_stdin.args.is_empty());
    let last = custom("command = ['x', '-a']\nedit = ['-e']\nprompt = 'argument'");
    assert_eq!(args(&last.call(&request).unwrap()), ["-a", "-e", "do it"]);
    let by_file = custom("command = ['x', '@{prompt-file}']")
        .call(&request)
        .unwrap();
    let file = tmp.path().join("prompt.md");
    assert_eq!(args(&by_file), [format!("@{}", file.display())]);
    assert_eq!(std::fs::read_to_string(file).unwrap(), "do it");
}

#[test]
fn what_a_recipe_cannot_do_is_refused_and_not_left_out() {
    let tmp = tempfile::tempdir().unwrap();
    let long = "x".repeat(ARGUMENT_MAX + 1);
    let error = custom("command = ['x', '{prompt}']").call(&request(&long, tmp.path()));
    let error = error.unwrap_err().to_string();
    assert!(
        error.starts_with("an argument of 131072 bytes is longer than the system takes"),
        "{error}"
    );
    let reading = AgentRequest {
        mode: AgentMode::ReadOnly,
        ..request("p", tmp.path())
    };
    let error = custom("command = ['x']")
        .call(&reading)
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "the recipe `agents.x` has no `read-only`, so nothing keeps it from editing"
    );
}

#[test]
fn abilities_are_what_the_recipe_has_arguments_for() {
    let none = custom("command = ['x']").abilities();
    assert_eq!(
        (none.schema, none.sessions, none.research),
        (false, false, false)
    );
    let all = custom(FULL).abilities();
    assert_eq!((all.schema, all.sessions, all.research), (true, true, true));
    assert_eq!(custom(FULL).listed(), ["X_KEY"]);
    assert!(
        custom("command = ['x']\nread-only = []")
            .abilities()
            .research
    );
}

#[test]
fn messages_are_turns_where_no_number_of_turns_is_told() {
    let says = r#"{"type":"text","part":{"text":"a"}}"#;
    let told = r#"{"type":"result","result":"b","turns":7}"#;
    let turns = |out: &str| hear(LINES, out, "", CommandEnd::Exited(0)).0.turns;
    assert_eq!(turns(&format!("{says}\n{says}")), Some(2));
    assert_eq!(turns(&format!("{says}\n{told}")), Some(7));
    assert_eq!(turns("{}"), None);
}

const LINES: &str = "
    command = ['x']
    schema = ['{schema-file}']
    output = 'json-lines'
    [answer]
    when = 'type=result'
    says = 'type=text /part/text'
    session = 'type=begun /id'
    model = 'type=begun /model'
    result = '/result'
    error = '/is_error'
    turns = '/turns'
    cost = '/usage/usd'
    input-tokens = '/usage/in'
    output-tokens = '/usage/out'
    cached-tokens = '/usage/cached'
    input-holds-cached = true
";

#[test]
fn json_lines_are_heard_as_they_come_and_the_last_that_is_meant_counts() {
    let out = r#"
warming up
{"type":"begun","id":"s-1","model":"m-1","result":"not this"}
{"type":"text","part":{"text":"Reading"}}
{"type":"result","result":"early","usage":{"in":10,"out":1}}
[1]
{"type":"result","result":"{\"a\":1}","is_error":false,"turns":3,"usage":{"usd":0.5,"in":100,"cached":60,"out":7}}
{"type":"result","result":null}
{"type":"resul"#;
    let (answer, heard) = hear(LINES, out, "", CommandEnd::Exited(0));
    assert_eq!(answer.end, AgentEnd::Completed);
    assert_eq!(answer.text.as_deref(), Some(r#"{"a":1}"#));
    assert_eq!(answer.structured, Some(json!({"a": 1})));
    assert_eq!(answer.session.as_deref(), Some("s-1"));
    assert_eq!(answer.turns, Some(3));
    assert_eq!(answer.spend.cost, Some(Usd(500_000)));
    let tokens = answer.spend.tokens;
    assert_eq!((tokens.input, tokens.cached, tokens.output), (40, 60, 7));
    assert_eq!(
        heard[..3],
        [
            AgentEvent::Session("s-1".to_owned()),
            AgentEvent::Model("m-1".to_owned()),
            AgentEvent::Text("Reading".to_owned())
        ]
    );
    let spent: Spend = heard[3..]
        .iter()
        .map(|event| match event {
            AgentEvent::Spent(spend) => *spend,
            other => panic!("{other:?}"),
        })
        .sum();
    assert_eq!(spent, answer.spend);
}

#[test]
fn an_agent_that_calls_itself_wrong_has_failed_whatever_its_exit_code() {
    let said = |out: &str, err: &str, code| hear(LINES, out, err, CommandEnd::Exited(code)).0.end;
    let failed = |words: &str| AgentEnd::Failed(words.to_owned());
    let wrong = r#"{"type":"result","is_error":true,"result":"overloaded"}"#;
    assert_eq!(said(wrong, "", 0), failed("overloaded"));
    assert_eq!(said(wrong, "other", 1), failed("overloaded"));
    assert_eq!(
        said(r#"{"type":"result","is_error":{"code":5}}"#, "", 0),
        failed(r#"{"code":5}"#)
    );
    assert_eq!(
        said("", "", 0),
        failed("it printed no result (looked for at /result)")
    );
    assert_eq!(
        said("", "Traceback\nKeyError: 'x'\n", 1),
        failed("Traceback\nKeyError: 'x'")
    );
    assert_eq!(said("", "", 3), failed("exit code 3"));
    let killed = hear(LINES, "", "", CommandEnd::Signalled(9)).0.end;
    assert_eq!(killed, failed("ended by signal 9"));
}

#[test]
fn exit_codes_mean_what_the_recipe_says() {
    let text = "command = ['x']\n[exit-codes]\nok = [0, 3]\nunauthorised = [41]\nrate-limited = [173]\n\
                no-quota = [42]\nout-of-turns = [53]\nout-of-budget = [54]";
    let end = |code| {
        hear(text, "", "log in first\n", CommandEnd::Exited(code))
            .0
            .end
    };
    assert_eq!([end(0), end(3)], [AgentEnd::Completed, AgentEnd::Completed]);
    assert_eq!(end(41), AgentEnd::Unauthorised("log in first".to_owned()));
    assert_eq!(end(42), AgentEnd::NoQuota("log in first".to_owned()));
    assert_eq!(end(173), AgentEnd::RateLimited { resets: None });
    assert_eq!(
        [end(53), end(54)],
        [AgentEnd::OutOfTurns, AgentEnd::OutOfBudget]
    );
    assert_eq!(end(1), AgentEnd::Failed("log in first".to_owned()));
}

#[test]
fn plain_text_is_the_answer_as_it_stands() {
    let (answer, heard) = hear(
        "command = ['x']",
        "one\n\n two\n",
        "",
        CommandEnd::Exited(0),
    );
    assert_eq!(answer.text.as_deref(), Some("one\n\n two"));
    assert_eq!(answer.structured, None);
    assert_eq!(heard.len(), 2);
    let silent = hear("command = ['x']", "", "", CommandEnd::Exited(0)).0;
    assert_eq!((silent.text, silent.end), (None, AgentEnd::Completed));
}

#[test]
fn one_document_is_found_among_other_lines() {
    let text = "command = ['x']\noutput = 'json'\nschema = []\nanswer = {result = '/a/0', structured = '/s', turns = '/n'}";
    let pretty = "Loading…\n{\n  \"a\": [\"done\"],\n  \"s\": {\"k\": 1}, \"n\": \"4\"\n}\nbye\n";
    let answer = hear(text, pretty, "", CommandEnd::Exited(0)).0;
    assert_eq!(answer.text.as_deref(), Some("done"));
    assert_eq!(answer.structured, Some(json!({"k": 1})));
    assert_eq!(answer.turns, Some(4));
    for odd in ["{", "}{", "", "nothing", "{\"a\": [1}"] {
        let answer = hear(text, odd, "", CommandEnd::Exited(0)).0;
        assert!(matches!(answer.end, AgentEnd::Failed(_)), "{odd}");
    }
}

#[test]
fn conditions_and_pointers_reach_odd_keys_and_values() {
    let text = "command = ['x']\noutput = 'json-lines'\n[answer]\nresult = '/part/kind~1x=true /part/a~0b'";
    let out = "{\"part\":{\"kind/x\":\"no\",\"a~b\":\"not this\"}}\n{\"part\":{\"kind/x\":true,\"a~b\":5}}";
    let answer = hear(text, out, "", CommandEnd::Exited(0)).0;
    assert_eq!(answer.text.as_deref(), Some("5"));
}
