//! [`Display`]: what a person sees while an agent does research: a line that moves on a terminal, else lines of text.

use std::io::Write as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::args::{Format, GlobalArgs};
use crate::cli::style::{Look, Tone, clean};
use crate::engine::inquiry::InquiryEvent;
use crate::model::agent::AgentEvent;
use crate::model::spend::Spend;

/// How often the line is drawn again.
const TICK: Duration = Duration::from_millis(500);

/// The columns of what stands around the message, an hour's minutes included, and one left free at the right: some
/// terminals wrap a line that fills the last one.
const AROUND: usize = "research (60m): ".len() + 1;

/// Shows research as it goes on.
pub(super) struct Display {
    agent: String,
    look: Look,
    spend: Spend,
    activity: String,
    line: Option<ProgressBar>,
    lines: bool,
    verbose: bool,
}

impl Display {
    /// As the options and standard error, of this look, call for.
    pub(super) fn new(options: &GlobalArgs, look: Look, agent: &str) -> Self {
        let silent = options.quiet || options.no_progress;
        let moves = !silent
            && options.format == Format::Text
            && look != Look::Plain
            && console::user_attended_stderr();
        let line = moves.then(|| {
            let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("research ({elapsed}{prefix}): {msg}");
            line.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            line.enable_steady_tick(TICK);
            line
        });
        Self {
            agent: clean(agent),
            look,
            spend: Spend::default(),
            activity: "begins".to_owned(),
            line,
            lines: !silent,
            verbose: options.verbose,
        }
    }

    /// Shows what happened.
    pub(super) fn hear(&mut self, event: InquiryEvent) {
        match event {
            InquiryEvent::Probing => "tries its login out".clone_into(&mut self.activity),
            InquiryEvent::Asking { ask: 1 } => self.say("looks at the repository"),
            InquiryEvent::Asking { ask } => {
                self.say(&format!("is asked again (answer {ask} of 3)"));
            }
            InquiryEvent::Agent(event) => self.hear_agent(&event),
            InquiryEvent::Spent(spend) => self.spend = spend,
            InquiryEvent::Waiting { until } => self.say(&format!(
                "waits for its provider's limit until {}",
                until.strftime("%H:%M:%S UTC")
            )),
            InquiryEvent::Problems(problems) => {
                for problem in problems {
                    self.print(&format!("research: not usable yet: {}", clean(&problem)));
                }
            }
            InquiryEvent::Warning(text) => {
                let label = self.look.paint(Tone::Caution, "warning:");
                self.print(&format!("{label} {}", clean(&text)));
            }
        }
        self.draw();
    }

    /// Takes the line away.
    pub(super) fn end(self) {
        if let Some(line) = &self.line {
            line.finish_and_clear();
        }
    }

    fn hear_agent(&mut self, event: &AgentEvent) {
        let activity = match event {
            AgentEvent::Tool { name, with } if with.is_empty() => clean(name),
            AgentEvent::Tool { name, with } => clean(&format!("{name} {with}")),
            AgentEvent::Text(text) => clean(text.lines().next().unwrap_or_default()),
            AgentEvent::Retrying { .. } => "tries a failed call again".to_owned(),
            AgentEvent::Session(_)
            | AgentEvent::Model(_)
            | AgentEvent::File(_)
            | AgentEvent::Spent(_)
            | AgentEvent::Denied { .. }
            | AgentEvent::Limit { .. } => return,
        };
        if activity.is_empty() {
            return;
        }
        if self.verbose {
            self.print(&format!("research: {} {activity}", self.agent));
        }
        self.activity = activity;
    }

    /// Something that is a line of its own where no line moves.
    fn say(&mut self, words: &str) {
        words.clone_into(&mut self.activity);
        if self.line.is_none() {
            self.print(&format!("research: {} {words}", self.agent));
        }
    }

    /// A line that stays.
    fn print(&self, text: &str) {
        match &self.line {
            Some(line) => line.println(text),
            None if self.lines => {
                // A closed standard error takes nothing away from the research.
                let _ = writeln!(std::io::stderr(), "{text}");
            }
            None => {}
        }
    }

    fn draw(&self) {
        let Some(line) = &self.line else { return };
        let spent = match self.spend.cost {
            Some(cost) => format!(", {}{cost}", if self.spend.estimated { "~" } else { "" }),
            None => String::new(),
        };
        let text = format!("{} {}", self.agent, self.activity);
        let columns = usize::from(console::Term::stderr().size().1);
        let room = columns.saturating_sub(AROUND + console::measure_text_width(&spent));
        line.set_message(console::truncate_str(&text, room, "…").into_owned());
        line.set_prefix(spent);
    }
}
