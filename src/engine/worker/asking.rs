//! One request to a unit's agent: within its limits, through the run's throttle, told as events.

use futures::future::join;
use tokio::sync::mpsc;

use super::ending::{WORDS, kind_of, summary, why};
use super::{End, Try, UnitAgent, Worker};
use crate::engine::headline::cut;
use crate::engine::job::Rules;
use crate::engine::ports::{AgentLimits, AgentMode, AgentRequest, PortError};
use crate::engine::prompt::whole_scope;
use crate::model::agent::{AgentAnswer, AgentEnd, AgentSession};
use crate::model::clean::clean;
use crate::model::event::{Ask, Event};
use crate::model::outcome::{FailureKind, Step};
use crate::model::spend::Allowance;

/// How much an agent may print for one request, in bytes.
const OUTPUT: u64 = 256 << 20;

/// By how much the files of an agent may grow in one request, in bytes.
const DISK: u64 = 8 << 30;

/// The conversation with a unit's agent in one try.
pub(super) struct Talk<'a> {
    agent: &'a UnitAgent,
    /// The first prompt, for an agent that remembers nothing.
    first: String,
    session: Option<AgentSession>,
    begun: bool,
    /// The turns that are left.
    turns: Option<u32>,
}

/// An agent's answer that the unit goes on with.
pub(super) struct Answer {
    /// The tools that it was refused.
    pub(super) denied: Vec<String>,
    text: Option<String>,
}

impl Answer {
    /// The first line of what it said, after a colon; empty when it said nothing.
    pub(super) fn first_line(&self) -> String {
        let text = self.text.as_deref().unwrap_or_default();
        let line = text.lines().map(clean).find(|line| !line.is_empty());
        line.map_or_else(String::new, |line| format!(": {}", cut(&line, WORDS)))
    }
}

impl<'a> Talk<'a> {
    /// A conversation that is still to begin.
    pub(super) fn new(agent: &'a UnitAgent, first: String, rules: &Rules) -> Self {
        Self {
            agent,
            first,
            session: None,
            begun: false,
            turns: rules.max_turns,
        }
    }

    /// The words of a further request: an agent without a session to go on with is told everything once more.
    fn words(&self, prompt: &str) -> String {
        if self.session.is_some() || !self.begun {
            prompt.to_owned()
        } else {
            format!(
                "{}\n# What came of it so far\n\nYou have worked on this already; your edits are in your folder.\n\n{prompt}",
                self.first
            )
        }
    }

    fn take_note(&mut self, answer: &AgentAnswer) {
        self.begun = true;
        if self.agent.agent.abilities().sessions {
            self.session = AgentSession::after(self.session.take(), answer);
        }
        let turns = answer.turns.unwrap_or(0);
        self.turns = self.turns.map(|left| left.saturating_sub(turns));
    }
}

impl Worker<'_> {
    /// Asks, waits as often as the provider's limit wants it, and goes on in the same session.
    pub(super) async fn ask(
        &self,
        talk: &mut Talk<'_>,
        about: Ask,
        prompt: &str,
        current: &mut Try,
    ) -> Result<Answer, End> {
        let asked = talk.words(prompt);
        let (mut about, mut prompt) = (about, asked.clone());
        loop {
            let pass = self.throttle.enter(self.stop).await;
            let pass = self.step(Step::Implement, pass)?;
            self.within_means(talk, current.left)?;
            let answer = match self.ask_once(talk, about, &prompt, current).await {
                Ok(answer) => answer,
                Err(end) => {
                    pass.done().await;
                    return Err(end);
                }
            };
            talk.take_note(&answer);
            current.left = current.left.after(&answer.spend);
            if let AgentEnd::RateLimited { resets } = answer.end {
                if !pass.limited(resets).await {
                    return Err(self.ended(&answer.end));
                }
                about = Ask::GoOn;
                let words = self.tools.prompts.go_on().map_err(|error| {
                    self.failed_as(FailureKind::Other, Step::Implement, &error.to_string())
                })?;
                prompt = if talk.session.is_some() && answer.session.is_some() {
                    words
                } else {
                    // What was asked may have reached nobody who remembers it.
                    format!("{asked}\n{words}")
                };
                continue;
            }
            pass.done().await;
            return self.meant(answer).await;
        }
    }

    /// Refuses a request for which no turn or no money is left.
    fn within_means(&self, talk: &Talk<'_>, left: Allowance) -> Result<(), End> {
        if talk.turns == Some(0) {
            return Err(self.ended(&AgentEnd::OutOfTurns));
        }
        if left.is_used_up() {
            return Err(self.ended(&AgentEnd::OutOfBudget));
        }
        Ok(())
    }

    async fn ask_once(
        &self,
        talk: &Talk<'_>,
        about: Ask,
        prompt: &str,
        current: &Try,
    ) -> Result<AgentAnswer, End> {
        let workspace = &current.workspace;
        let UnitAgent { agent, model } = talk.agent;
        let watch = self.begin(Step::Implement).await;
        self.tell(Event::AgentAsked {
            unit: self.job.id().clone(),
            attempt: self.job.attempt,
            agent: agent.name().to_owned(),
            model: model.clone(),
            about,
            session: talk.session.as_ref().map(|session| session.id.clone()),
            turns: talk.turns,
        })
        .await;
        let files = self.paths();
        // What the prompt counts is named there, files that are still to be made among them.
        let listed = whole_scope(self.job.unit());
        let listed = listed.as_deref().unwrap_or(&files);
        let env = self.environment(workspace, listed, Step::Implement).await?;
        let mut commands = self.agents_commands(workspace);
        commands.extend(self.job.plan.setup.clone());
        let transcript = self.tools.logs.transcript(self.job.id(), self.job.attempt);
        let request = AgentRequest {
            prompt,
            mode: AgentMode::Edit,
            root: &workspace.path,
            tmp: &workspace.tmp,
            model: model.as_deref(),
            limits: AgentLimits {
                turns: talk.turns,
                cost: current.left.cost,
                tokens: current.left.tokens,
                idle: self.job.rules.idle,
                output: OUTPUT,
                disk: DISK,
            },
            session: talk.session.as_ref(),
            schema: None,
            files: &files,
            commands: &commands,
            env: &env,
            transcript: &transcript,
        };
        let (sender, events) = mpsc::unbounded_channel();
        let asking = async {
            let mut hear = move |event| drop(sender.send(event));
            agent.ask(&request, &watch, &mut hear).await
        };
        let (answered, passed_on) = join(asking, self.listen(events)).await;
        let answer = match answered {
            Ok(answer) => answer,
            Err(error) => return Err(self.not_asked(&error)),
        };
        // The program's own sum, at its end, is right where what it told on the way was not.
        let rest = answer.spend.since(&passed_on);
        if !rest.is_nothing() {
            self.tell_spent(rest).await;
        }
        let session = AgentSession::after(talk.session.clone(), &answer);
        self.tell(Event::AgentAnswered {
            unit: self.job.id().clone(),
            attempt: self.job.attempt,
            end: why(&answer.end),
            session,
        })
        .await;
        Ok(answer)
    }

    fn not_asked(&self, error: &PortError) -> End {
        self.fail(Step::Implement, error)
    }

    /// What the end of a request means for the unit.
    async fn meant(&self, answer: AgentAnswer) -> Result<Answer, End> {
        let denied = match answer.end {
            AgentEnd::Completed => Vec::new(),
            AgentEnd::Denied(tools) => tools.iter().map(|tool| cut(&clean(tool), WORDS)).collect(),
            end @ (AgentEnd::OutOfTurns
            | AgentEnd::OutOfBudget
            | AgentEnd::RateLimited { .. }
            | AgentEnd::Unauthorised(_)
            | AgentEnd::NoQuota(_)
            | AgentEnd::Failed(_)
            | AgentEnd::Silent(_)
            | AgentEnd::TimedOut(_)
            | AgentEnd::TooMuchOutput(_)
            | AgentEnd::TooMuchDisk(_)) => return Err(self.ended(&end)),
        };
        let text = answer.text.as_deref().map(summary);
        if let Some(text) = text.clone().filter(|text| !text.is_empty()) {
            self.tell(Event::Summarised {
                unit: self.job.id().clone(),
                attempt: self.job.attempt,
                text,
            })
            .await;
        }
        Ok(Answer { denied, text })
    }

    fn ended(&self, end: &AgentEnd) -> End {
        let allowance = self.job.allowance;
        let kind = match kind_of(end) {
            FailureKind::Budget if allowance.cost.is_none() && allowance.tokens.is_some() => {
                FailureKind::Tokens
            }
            kind => kind,
        };
        self.failed_as(kind, Step::Implement, &format!("the agent {}", why(end)))
    }
}
