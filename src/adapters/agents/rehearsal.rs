//! For tests: plays to a listener what a program once printed.

use std::path::Path;
use std::time::Duration;

use crate::adapters::agents::dialect::Dialect;
use crate::engine::ports::{AgentLimits, AgentMode, AgentRequest, CommandEnd};
use crate::model::agent::{AgentAnswer, AgentEvent};
use crate::model::spend::Spend;

/// A request to edit, in folders that need not be there.
pub(super) fn request(tmp: &Path) -> AgentRequest<'_> {
    AgentRequest {
        prompt: "do it",
        mode: AgentMode::Edit,
        root: Path::new("/repo"),
        tmp,
        model: None,
        limits: AgentLimits {
            turns: None,
            cost: None,
            tokens: None,
            idle: Duration::from_secs(60),
            output: 1 << 20,
            disk: 1 << 20,
        },
        session: None,
        schema: None,
        files: &[],
        commands: &[],
        env: &[],
        transcript: Path::new("/nowhere"),
    }
}

/// What a program printed, and how it ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recorded<'a> {
    pub(super) out: &'a str,
    pub(super) err: &'a str,
    pub(super) end: CommandEnd,
    pub(super) last_message: Option<&'a str>,
}

impl<'a> Recorded<'a> {
    /// Standard output, and an exit with this code.
    pub(super) fn new(out: &'a str, code: i32) -> Self {
        Self {
            out,
            err: "",
            end: CommandEnd::Exited(code),
            last_message: None,
        }
    }

    /// What a listener for this request tells and answers.
    pub(super) fn played(
        self,
        dialect: &dyn Dialect,
        request: &AgentRequest<'_>,
    ) -> (Vec<AgentEvent>, AgentAnswer) {
        let mut listener = dialect.listener(request);
        let mut told = Vec::new();
        for line in self.err.lines() {
            listener.err(line, &mut |event| told.push(event));
        }
        for line in self.out.lines() {
            listener.out(line, &mut |event| told.push(event));
        }
        let answer = listener.end(self.end, self.last_message.map(str::to_owned));
        (told, answer)
    }
}

/// All that was told to have been spent.
pub(super) fn spent(told: &[AgentEvent]) -> Spend {
    told.iter()
        .filter_map(|event| match event {
            AgentEvent::Spent(spend) => Some(*spend),
            _ => None,
        })
        .sum()
}

/// Every beginning of the recording, and lines that no version ever printed: nothing may panic.
pub(super) fn survives_anything(dialect: &dyn Dialect, recording: &str) {
    let request = request(Path::new("/nowhere"));
    let step = (recording.len() / 200).max(1);
    for cut in (0..recording.len()).step_by(step) {
        let begun = String::from_utf8_lossy(&recording.as_bytes()[..cut]);
        let (told, answer) = Recorded::new(&begun, 0).played(dialect, &request);
        assert_eq!(spent(&told), answer.spend, "cut at {cut}");
    }
    let huge = format!(
        r#"{{"type":"text","part":{{"text":"{}"}}}}"#,
        "x".repeat(3 << 20)
    );
    let odd = [
        "null",
        "{}",
        "{",
        "[{}]",
        "\u{1b}[31mred\u{0}",
        r#"{"type":null}"#,
        r#"{"type":7,"part":null,"error":null,"stats":[]}"#,
        r#"{"type":"a kind of tomorrow","part":{"text":null}}"#,
        r#"{"type":"text","part":{"text":null}}"#,
        r#"{"type":"tool_use","part":{"tool":null,"state":{"status":"completed","input":null}}}"#,
        r#"{"type":"tool_use","tool_name":null,"tool_id":null,"parameters":null}"#,
        r#"{"type":"tool_result","tool_id":[],"status":null}"#,
        r#"{"type":"step_finish","part":{"tokens":null,"cost":"free"}}"#,
        r#"{"type":"step_finish","part":{"tokens":{"input":-1,"output":1e99},"cost":-1}}"#,
        r#"{"type":"message","role":"assistant","content":null}"#,
        r#"{"type":"result","status":null,"stats":null,"timestamp":"yesterday"}"#,
        r#"{"type":"error","timestamp":"x","error":{"data":{"statusCode":-5}}}"#,
        "Tokens: sent",
        "Aider v",
        "Tokens: 5 sent",
        "Retrying in a while",
        "Retrying in 1e999 seconds...",
        huge.as_str(),
    ];
    for end in [CommandEnd::Exited(0), CommandEnd::Signalled(9)] {
        let text = odd.join("\n");
        let (told, answer) = Recorded {
            err: &text,
            end,
            last_message: Some("{\"event\":null}\nnot JSON\n"),
            ..Recorded::new(&text, 0)
        }
        .played(dialect, &request);
        assert_eq!(spent(&told), answer.spend);
    }
}
