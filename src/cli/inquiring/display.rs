//! [`Display`]: what a person sees while an agent does research: a line that moves on a terminal, else lines of text.

use std::io::Write as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::args::{Format, GlobalArgs};
use crate::cli::progress::echo::CaretEcho;
use crate::cli::style::{Look, Tone, clean};
use crate::cli::wrap::wrap;
use crate::engine::inquiry::InquiryEvent;
use crate::model::agent::AgentEvent;
use crate::model::spend::{Spend, tokens_text};

/// How often the line is drawn again.
const TICK: Duration = Duration::from_millis(500);

/// The columns of what stands around the message, an hour's minutes included, and one left free at the right: some
/// terminals wrap a line that fills the last one.
const AROUND: usize = "research (60m): ".len() + 1;

/// So many problems of one answer are shown, unless all of them are asked for.
const PROBLEMS_SHOWN: usize = 5;

/// Shows research as it goes on.
pub(super) struct Display {
    agent: String,
    first: &'static str,
    look: Look,
    /// What the asks that came to an end have cost.
    spend: Spend,
    /// What the present one has cost, as far as the agent tells.
    running: Spend,
    activity: String,
    line: Option<ProgressBar>,
    lines: bool,
    verbose: bool,
    _echo: Option<CaretEcho>,
}

impl Display {
    /// As the options and standard error, of this look, call for.
    /// `first` is what the agent does when it is asked for the first time.
    pub(super) fn new(options: &GlobalArgs, look: Look, agent: &str, first: &'static str) -> Self {
        let silent = options.quiet || options.no_progress;
        let moves = !silent
            && options.format == Format::Text
            && look.moves()
            && console::user_attended_stderr();
        let line = moves.then(|| {
            let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("research ({elapsed}{prefix}): {msg}");
            line.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            line.enable_steady_tick(TICK);
            line
        });
        let echo = line.as_ref().and_then(|_| CaretEcho::off());
        Self {
            _echo: echo,
            agent: clean(agent),
            first,
            look,
            spend: Spend::default(),
            running: Spend::default(),
            activity: format!("{} begins", clean(agent)),
            line,
            lines: !silent,
            verbose: options.verbose,
        }
    }

    /// Shows what happened.
    pub(super) fn hear(&mut self, event: InquiryEvent) {
        match event {
            InquiryEvent::Probing => {
                self.activity = format!("{} tries its login out", self.agent);
            }
            InquiryEvent::Asking { ask: 1 } => self.say(self.first),
            InquiryEvent::Asking { ask } => {
                self.activity = format!("{} is asked again (answer {ask} of 3)", self.agent);
                // What is wrong with the answer stands above it.
                self.print(&format!("research: {}", self.activity));
            }
            InquiryEvent::Agent(event) => self.hear_agent(&event),
            InquiryEvent::Spent(spend) => {
                self.spend = spend;
                self.running = Spend::default();
            }
            InquiryEvent::Waiting { until } => self.say(&format!(
                "waits until {} for its provider's limit",
                until.strftime("%H:%M:%S UTC")
            )),
            InquiryEvent::Problems(problems) => {
                let shown = if self.verbose {
                    problems.len()
                } else {
                    PROBLEMS_SHOWN
                };
                for problem in problems.iter().take(shown) {
                    self.print(&format!("research: not usable yet: {}", clean(problem)));
                }
                if let Some(more) = problems.len().checked_sub(shown).filter(|&n| n > 0) {
                    self.print(&format!("research: and {more} more of these"));
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
            AgentEvent::Text(text) => {
                let mut lines = text.lines().map(clean);
                lines.find(|line| !line.is_empty()).unwrap_or_default()
            }
            AgentEvent::Retrying { .. } => "tries a failed call again".to_owned(),
            AgentEvent::Spent(spend) => {
                self.running += *spend;
                return;
            }
            AgentEvent::Session(_)
            | AgentEvent::Model(_)
            | AgentEvent::File(_)
            | AgentEvent::Denied { .. }
            | AgentEvent::Limit { .. } => return,
        };
        if activity.is_empty() {
            return;
        }
        self.activity = format!("{}: {activity}", self.agent);
        if self.verbose {
            self.print(&format!("research: {}", self.activity));
        }
    }

    /// Something that is a line of its own where no line moves.
    fn say(&mut self, words: &str) {
        self.activity = format!("{} {words}", self.agent);
        if self.line.is_none() {
            self.print(&format!("research: {}", self.activity));
        }
    }

    /// A line that stays.
    fn print(&self, text: &str) {
        match &self.line {
            // Two for the indentation, and one left free as below.
            Some(line) => line.println(wrap(text, columns().saturating_sub(3)).join("\n  ")),
            None if self.lines => {
                // A closed standard error takes nothing away from the research.
                let _ = writeln!(std::io::stderr(), "{text}");
            }
            None => {}
        }
    }

    fn draw(&self) {
        let Some(line) = &self.line else { return };
        let spent = spent(self.spend + self.running);
        let room = columns().saturating_sub(AROUND + console::measure_text_width(&spent));
        line.set_message(console::truncate_str(&self.activity, room, "…").into_owned());
        line.set_prefix(spent);
    }
}

fn columns() -> usize {
    usize::from(console::Term::stderr().size().1)
}

/// `, $0.20, 12k tokens`, as far as it is known.
fn spent(spend: Spend) -> String {
    let tokens = spend.tokens.total();
    let tokens = (tokens > 0).then(|| format!(", {} tokens", tokens_text(tokens)));
    let cost = spend.cost.filter(|_| !spend.is_nothing());
    let about = if spend.estimated { "~" } else { "" };
    let cost = cost.map(|cost| format!(", {about}{cost}"));
    cost.unwrap_or_default() + &tokens.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::spent;
    use crate::model::spend::{Spend, Tokens, Usd};

    #[test]
    fn money_and_tokens_are_said_as_far_as_they_are_known() {
        let tokens = Tokens {
            input: 12_000,
            ..Tokens::default()
        };
        let spend = |cost: Option<f64>, estimated, tokens| Spend {
            cost: cost.and_then(Usd::from_dollars),
            estimated,
            tokens,
        };
        assert_eq!(spent(Spend::default()), "");
        assert_eq!(spent(spend(None, false, tokens)), ", 12k tokens");
        assert_eq!(
            spent(spend(Some(0.2), true, tokens)),
            ", ~$0.20, 12k tokens"
        );
        assert_eq!(spent(spend(Some(1.5), false, Tokens::default())), ", $1.50");
    }
}
