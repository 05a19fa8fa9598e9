//! What a unit's agent tells while it works, passed on as events: what it does in a line, what it spends; neither more
//! than once a second.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, timeout_at};

use super::Worker;
use crate::engine::headline::cut;
use crate::model::agent::AgentEvent;
use crate::model::clean::clean;
use crate::model::event::Event;
use crate::model::spend::Spend;

/// How often events are passed on at most.
const PERIOD: Duration = Duration::from_secs(1);

/// The most characters of a line.
const LINE: usize = 120;

/// What was heard and not yet passed on.
#[derive(Debug, Default)]
struct Heard {
    activity: Option<String>,
    spent: Spend,
    passed_on: Spend,
}

impl Worker<'_> {
    /// Listens until nobody tells any more; what was passed on as spent.
    pub(super) async fn listen(&self, mut events: UnboundedReceiver<AgentEvent>) -> Spend {
        let mut heard = Heard::default();
        let mut next = Instant::now();
        loop {
            if !heard.is_empty() && Instant::now() >= next {
                self.pass_on(&mut heard).await;
                next = Instant::now() + PERIOD;
            }
            let event = if heard.is_empty() {
                events.recv().await
            } else if let Ok(event) = timeout_at(next, events.recv()).await {
                event
            } else {
                continue;
            };
            match event {
                Some(event) => heard.take_in(&event),
                None => break,
            }
        }
        // What it was doing at last is over; what it spent is not.
        heard.activity = None;
        self.pass_on(&mut heard).await;
        heard.passed_on
    }

    async fn pass_on(&self, heard: &mut Heard) {
        let (unit, attempt) = (self.job.id(), self.job.attempt);
        if let Some(text) = heard.activity.take() {
            let unit = unit.clone();
            self.tell(Event::Activity {
                unit,
                attempt,
                text,
            })
            .await;
        }
        let spend = std::mem::take(&mut heard.spent);
        if !spend.is_nothing() {
            heard.passed_on += spend;
            self.tell_spent(spend).await;
        }
    }

    pub(super) async fn tell_spent(&self, spend: Spend) {
        self.tell(Event::Spent {
            unit: self.job.id().clone(),
            attempt: self.job.attempt,
            spend,
        })
        .await;
    }
}

impl Heard {
    fn is_empty(&self) -> bool {
        self.activity.is_none() && self.spent.is_nothing()
    }

    fn take_in(&mut self, event: &AgentEvent) {
        if let AgentEvent::Spent(spend) = event {
            self.spent += *spend;
        } else if let Some(line) = line(event) {
            self.activity = Some(line);
        }
    }
}

/// What an event says of what the agent is doing, in a line that any terminal can show.
fn line(event: &AgentEvent) -> Option<String> {
    let text = match event {
        AgentEvent::Session(_)
        | AgentEvent::Model(_)
        | AgentEvent::Spent(_)
        | AgentEvent::Limit { reached: false, .. } => return None,
        AgentEvent::Text(text) => text.lines().map(clean).find(|line| !line.is_empty())?,
        AgentEvent::Tool { name, with } if with.is_empty() => name.clone(),
        AgentEvent::Tool { name, with } => format!("{name}: {with}"),
        AgentEvent::File(path) => format!("edits {path}"),
        AgentEvent::Denied { tool } => format!("was refused {tool}"),
        AgentEvent::Retrying {
            status, attempt, ..
        } => match status {
            Some(status) => format!("was answered {status}: try {attempt}"),
            None => format!("try {attempt}"),
        },
        AgentEvent::Limit { reached: true, .. } => "waits for the provider's limit".to_owned(),
    };
    let line = cut(&clean(&text), LINE);
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::line;
    use crate::model::agent::AgentEvent;

    #[test]
    fn what_an_agent_does_is_one_line_without_escapes() {
        let tool = |name: &str, with: &str| AgentEvent::Tool {
            name: name.to_owned(),
            with: with.to_owned(),
        };
        for (event, shown) in [
            (
                AgentEvent::Text("\n\u{1b}[31m\n Now \tthe\u{7} tests\nmore".into()),
                Some("Now the tests"),
            ),
            (AgentEvent::Text("  \n".into()), None),
            (
                tool("Bash", "npm test\n--all"),
                Some("Bash: npm test --all"),
            ),
            (tool("Read", ""), Some("Read")),
            (AgentEvent::File("src/a.js".into()), Some("edits src/a.js")),
            (AgentEvent::Session("id".into()), None),
            (
                AgentEvent::Retrying {
                    status: Some(529),
                    attempt: 2,
                    delay: None,
                },
                Some("was answered 529: try 2"),
            ),
        ] {
            assert_eq!(line(&event).as_deref(), shown, "{event:?}");
        }
        let long = line(&AgentEvent::Text("word ".repeat(1000))).unwrap();
        assert!(long.chars().count() <= 120, "{long}");
    }
}
