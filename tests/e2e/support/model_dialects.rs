//! The four ways in which agents speak to models: what a request holds, and what an answer looks like.

use std::fmt::Write as _;

use regex::Regex;
use serde_json::{Value, json};

use super::model_server::{Edit, Step};

/// How an agent speaks to its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    Anthropic,
    Responses,
    Chat,
    Gemini,
}

/// The tool by which Claude Code takes an answer that has to fit a schema.
const ANSWERING: &str = "StructuredOutput";

/// The tool that a step wants used.
pub struct Call {
    name: String,
    /// An object, or a text for a tool that takes free text.
    input: Value,
}

impl Api {
    pub fn of(path: &str) -> Option<Self> {
        match path {
            _ if path.ends_with("/messages") => Some(Self::Anthropic),
            _ if path.ends_with("/responses") => Some(Self::Responses),
            _ if path.ends_with("/chat/completions") => Some(Self::Chat),
            _ if path.contains("enerateContent") => Some(Self::Gemini),
            _ => None,
        }
    }

    pub fn is_streamed(self, path: &str, body: &Value) -> bool {
        match self {
            Self::Gemini => path.contains("streamGenerateContent"),
            Self::Anthropic | Self::Responses | Self::Chat => body["stream"] == true,
        }
    }

    /// The part of a request that holds what was said so far.
    pub fn conversation(self, body: &Value) -> &Value {
        match self {
            Self::Anthropic | Self::Chat => &body["messages"],
            Self::Responses => &body["input"],
            Self::Gemini => &body["contents"],
        }
    }

    /// How many tool results stand in this end of a conversation's JSON.
    pub fn results_after(self, conversation: &str) -> usize {
        let mark = match self {
            Self::Anthropic => r#""type":"tool_result""#,
            Self::Responses => r#"call_output""#,
            Self::Chat => r#""role":"tool""#,
            Self::Gemini => r#""functionResponse":"#,
        };
        conversation.matches(mark).count()
    }

    /// The answer's body.
    pub fn answer(
        self,
        body: &Value,
        call: Option<&Call>,
        said: &str,
        number: usize,
        streamed: bool,
    ) -> String {
        match self {
            Self::Anthropic => anthropic(body, call, said, number, streamed),
            Self::Responses => responses(body, call, said, number, streamed),
            Self::Chat => chat(body, call, said, number, streamed),
            Self::Gemini => gemini(call, said, number, streamed),
        }
    }
}

/// Whether a request offers tools.
pub fn offers_tools(body: &Value) -> bool {
    !tools(body).is_empty()
}

/// The tools that a request offers, by name.
fn tools(body: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for tool in body["tools"].as_array().into_iter().flatten() {
        let several = tool["functionDeclarations"].as_array().cloned();
        for tool in several.unwrap_or_else(|| vec![tool.clone()]) {
            let tool = if tool["function"].is_object() {
                tool["function"].clone()
            } else {
                tool
            };
            let of_namespace = tool["tools"].as_array().cloned();
            for tool in of_namespace.unwrap_or_else(|| vec![tool.clone()]) {
                if let Some(name) = tool["name"].as_str() {
                    found.push((name.to_owned(), tool.clone()));
                }
            }
        }
    }
    found
}

impl Call {
    /// The call that a step comes to, with the tools that there are.
    pub fn of(step: &Step, body: &Value) -> Option<Self> {
        let tools = tools(body);
        let has = |name: &str| tools.iter().any(|(tool, _)| tool == name);
        let call = |name: &str, input: Value| {
            Some(Self {
                name: name.to_owned(),
                input,
            })
        };
        let command = match step {
            Step::Edit(Edit { path, old, new }) => {
                let place = place(body, path);
                for (name, key) in [
                    ("Write", "file_path"),
                    ("write_file", "file_path"),
                    ("write", "filePath"),
                ] {
                    if has(name) {
                        return call(name, json!({ key: place, "content": new }));
                    }
                }
                if let Some((_, tool)) = tools.iter().find(|(name, _)| name == "apply_patch") {
                    let patch = patch(path, old, new);
                    let free = tool["type"] == "custom";
                    let input = if free {
                        json!(patch)
                    } else {
                        json!({ "input": patch })
                    };
                    return call("apply_patch", input);
                }
                format!("cat > '{path}' <<'EOF'\n{}\nEOF", new.trim_end())
            }
            Step::Run(command) => command.clone(),
            Step::Answer(answer) if has(ANSWERING) => return call(ANSWERING, answer.clone()),
            Step::Answer(_) | Step::Say(_) | Step::Fail(..) => return None,
        };
        let describe = json!({ "command": command, "description": "scripted" });
        for (name, input) in [
            ("Bash", describe.clone()),
            ("bash", describe),
            ("run_shell_command", json!({ "command": command })),
            ("exec_command", json!({ "cmd": command })),
            ("shell_command", json!({ "command": command })),
            ("shell", json!({ "command": ["bash", "-lc", command] })),
        ] {
            if has(name) {
                return call(name, input);
            }
        }
        None
    }

    fn arguments(&self) -> String {
        self.input.to_string()
    }
}

/// An edit in the format that codex's tool takes.
fn patch(path: &str, old: &str, new: &str) -> String {
    let mut patch = "*** Begin Patch\n".to_owned();
    if old.is_empty() {
        let _ = writeln!(patch, "*** Add File: {path}");
    } else {
        let _ = writeln!(patch, "*** Update File: {path}\n@@");
    }
    for (sign, text) in [('-', old), ('+', new)] {
        for line in text.lines() {
            let _ = writeln!(patch, "{sign}{line}");
        }
    }
    patch.push_str("*** End Patch\n");
    patch
}

/// A path as tools want it: absolute, from the folder that the agent says it works in.
fn place(body: &Value, path: &str) -> String {
    let folder = Regex::new(
        r"(?:orking directory:?|orking in the directory:?|<cwd>|root directory:?)\s*`?(/[^\s<`\x22\\,]+)",
    )
    .unwrap();
    let text = body.to_string().replace("\\n", "\n");
    match folder.captures(&text) {
        Some(found) => format!("{}/{path}", &found[1]),
        None => path.to_owned(),
    }
}

fn stream(events: &[(Option<&str>, Value)]) -> String {
    let mut text = String::new();
    for (name, data) in events {
        if let Some(name) = name {
            let _ = writeln!(text, "event: {name}");
        }
        let _ = write!(text, "data: {data}\n\n");
    }
    text
}

fn anthropic(
    body: &Value,
    call: Option<&Call>,
    said: &str,
    number: usize,
    streamed: bool,
) -> String {
    let usage = json!({
        "input_tokens": 100, "output_tokens": 20,
        "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
    });
    let (block, empty, delta, stop) = match call {
        None => (
            json!({ "type": "text", "text": said }),
            json!({ "type": "text", "text": "" }),
            json!({ "type": "text_delta", "text": said }),
            "end_turn",
        ),
        Some(call) => {
            let id = format!("toolu_{number:06}");
            (
                json!({ "type": "tool_use", "id": id, "name": call.name, "input": call.input }),
                json!({ "type": "tool_use", "id": id, "name": call.name, "input": {} }),
                json!({ "type": "input_json_delta", "partial_json": call.arguments() }),
                "tool_use",
            )
        }
    };
    let mut message = json!({
        "id": format!("msg_{number:06}"), "type": "message", "role": "assistant",
        "model": body["model"], "content": [block], "stop_reason": stop,
        "stop_sequence": null, "usage": usage,
    });
    if !streamed {
        return message.to_string();
    }
    message["content"] = json!([]);
    message["stop_reason"] = Value::Null;
    let event = |kind: &'static str, mut data: Value| {
        data["type"] = json!(kind);
        (Some(kind), data)
    };
    stream(&[
        event("message_start", json!({ "message": message })),
        event(
            "content_block_start",
            json!({ "index": 0, "content_block": empty }),
        ),
        event("content_block_delta", json!({ "index": 0, "delta": delta })),
        event("content_block_stop", json!({ "index": 0 })),
        event(
            "message_delta",
            json!({
                "delta": { "stop_reason": stop },
                "usage": { "input_tokens": 100, "output_tokens": 20 },
            }),
        ),
        event("message_stop", json!({})),
    ])
}

fn responses(
    body: &Value,
    call: Option<&Call>,
    said: &str,
    number: usize,
    streamed: bool,
) -> String {
    let item = match call {
        None => json!({
            "type": "message", "role": "assistant", "id": format!("msg_{number}"),
            "status": "completed",
            "content": [{ "type": "output_text", "text": said, "annotations": [] }],
        }),
        Some(Call { name, input }) if input.is_string() => json!({
            "type": "custom_tool_call", "id": format!("ctc_{number}"),
            "call_id": format!("call_{number}"), "name": name, "input": input,
            "status": "completed",
        }),
        Some(call) => json!({
            "type": "function_call", "id": format!("fc_{number}"),
            "call_id": format!("call_{number}"), "name": call.name,
            "arguments": call.arguments(), "status": "completed",
        }),
    };
    let response = json!({
        "id": format!("resp_{number}"), "object": "response", "created_at": 1_790_000_000,
        "status": "completed", "model": body["model"], "output": [item],
        "usage": {
            "input_tokens": 100, "output_tokens": 20, "total_tokens": 120,
            "input_tokens_details": { "cached_tokens": 0 },
            "output_tokens_details": { "reasoning_tokens": 0 },
        },
    });
    if !streamed {
        return response.to_string();
    }
    let mut begun = response.clone();
    begun["status"] = json!("in_progress");
    begun["output"] = json!([]);
    let mut open = item.clone();
    open["status"] = json!("in_progress");
    let mut events = vec![
        ("response.created", json!({ "response": begun })),
        (
            "response.output_item.added",
            json!({ "output_index": 0, "item": open }),
        ),
    ];
    if call.is_none() {
        let delta = json!({
            "item_id": item["id"], "output_index": 0, "content_index": 0, "delta": said,
        });
        events.push(("response.output_text.delta", delta));
    }
    events.push((
        "response.output_item.done",
        json!({ "output_index": 0, "item": item }),
    ));
    events.push(("response.completed", json!({ "response": response })));
    let numbered = events
        .into_iter()
        .enumerate()
        .map(|(at, (kind, mut data))| {
            data["type"] = json!(kind);
            data["sequence_number"] = json!(at);
            (Some(kind), data)
        });
    stream(&numbered.collect::<Vec<_>>())
}

fn chat(body: &Value, call: Option<&Call>, said: &str, number: usize, streamed: bool) -> String {
    let message = match call {
        None => json!({ "role": "assistant", "content": said }),
        Some(call) => json!({
            "role": "assistant", "content": null,
            "tool_calls": [{
                "index": 0, "id": format!("call_{number}"), "type": "function",
                "function": { "name": call.name, "arguments": call.arguments() },
            }],
        }),
    };
    let finish = if call.is_some() { "tool_calls" } else { "stop" };
    let usage = json!({ "prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120 });
    let answer = |object: &str, choices: Value| {
        json!({
            "id": format!("chatcmpl-{number}"), "created": 1_790_000_000,
            "model": body["model"], "object": object, "choices": choices,
        })
    };
    if !streamed {
        let choices = json!([{ "index": 0, "message": message, "finish_reason": finish }]);
        let mut whole = answer("chat.completion", choices);
        whole["usage"] = usage;
        return whole.to_string();
    }
    let chunk = |delta: Value, finish: Value| {
        let choices = json!([{ "index": 0, "delta": delta, "finish_reason": finish }]);
        (None, answer("chat.completion.chunk", choices))
    };
    let mut last = answer("chat.completion.chunk", json!([]));
    last["usage"] = usage;
    let mut text = stream(&[
        chunk(message, Value::Null),
        chunk(json!({}), json!(finish)),
        (None, last),
    ]);
    text.push_str("data: [DONE]\n\n");
    text
}

fn gemini(call: Option<&Call>, said: &str, number: usize, streamed: bool) -> String {
    let part = match call {
        None => json!({ "text": said }),
        Some(call) => json!({ "functionCall": { "name": call.name, "args": call.input } }),
    };
    let answer = json!({
        "candidates": [{
            "content": { "role": "model", "parts": [part] }, "finishReason": "STOP", "index": 0,
        }],
        "usageMetadata": {
            "promptTokenCount": 100, "candidatesTokenCount": 20, "totalTokenCount": 120,
        },
        "modelVersion": "scripted", "responseId": format!("r{number}"),
    });
    if streamed {
        stream(&[(None, answer)])
    } else {
        answer.to_string()
    }
}
