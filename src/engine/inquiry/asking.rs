//! One request to the agent of an [`Inquiry`]: what is left of its limits, what it cost, which session goes on, and the
//! waiting for a provider that takes no calls for a while.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::engine::inquiry::prompts::{self, Form};
use crate::engine::inquiry::{Inquiry, InquiryError, InquiryEvent, Tell};
use crate::engine::ports::{AgentLimits, AgentMode, AgentRequest, PortError, Watch};
use crate::model::agent::{AgentAnswer, AgentEnd, AgentSession};
use crate::model::answer;
use crate::model::spend::Usd;

/// How often a rate limit is waited for within one ask.
const WAITS: u32 = 3;
/// How long the probe may take: it is one small request.
const PROBE: Duration = Duration::from_secs(60);

/// What kind of request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    Probe,
    Research,
}

impl Inquiry {
    /// One ask, rate limits waited for where their end is near.
    pub(super) async fn ask(
        &mut self,
        prompt: &str,
        what: Ask,
        tell: Tell<'_>,
    ) -> Result<AgentAnswer, InquiryError> {
        let mut prompt = prompt;
        for waits in 0.. {
            let answer = self.ask_once(prompt, what, tell).await?;
            let AgentEnd::RateLimited { resets } = answer.end else {
                return Ok(answer);
            };
            if waits == WAITS {
                return Err(self.ended(answer.end));
            }
            self.wait(resets, tell).await?;
            if self.session.is_some() && answer.session.is_some() {
                prompt = prompts::GO_ON;
            }
        }
        unreachable!("the loop has no end of its own")
    }

    async fn ask_once(
        &mut self,
        prompt: &str,
        what: Ask,
        tell: Tell<'_>,
    ) -> Result<AgentAnswer, InquiryError> {
        let limits = self.limits_of(what)?;
        let schema: Option<Value> = match (what, self.form()) {
            (Ask::Research, Form::Native) => Some(answer::schema()),
            (Ask::Research, Form::InWords) | (Ask::Probe, _) => None,
        };
        let watch = Watch {
            log: self.records.log.clone(),
            timeout: match what {
                Ask::Probe => PROBE,
                Ask::Research => self.limits.timeout,
            },
            stop: self.stop.clone(),
        };
        let request = AgentRequest {
            prompt,
            mode: AgentMode::ReadOnly,
            root: self.tools.copy.root(),
            tmp: self.tools.copy.tmp(),
            model: self.model.as_deref(),
            limits,
            session: self.session.as_ref(),
            schema: schema.as_ref(),
            files: &[],
            commands: &[],
            env: &[],
            transcript: &self.records.transcript,
        };
        let mut hear = |event| tell(InquiryEvent::Agent(event));
        let answer = self.tools.agent.ask(&request, &watch, &mut hear).await?;
        self.count(&answer);
        tell(InquiryEvent::Spent(self.spend));
        Ok(answer)
    }

    /// Adds up what was spent, and keeps the session where the program can go on with one.
    fn count(&mut self, answer: &AgentAnswer) {
        self.spend += answer.spend;
        if self.tools.agent.abilities().sessions {
            self.session = AgentSession::after(self.session.take(), answer);
        }
    }

    /// What is left of the limits.
    fn limits_of(&self, what: Ask) -> Result<AgentLimits, InquiryError> {
        let limits = &self.limits;
        let spent = self.spend.cost.unwrap_or_default();
        let cost = limits.cost.map(|cost| cost.saturating_sub(spent));
        let tokens = limits
            .tokens
            .map(|tokens| tokens.saturating_sub(self.spend.tokens.total()));
        if cost == Some(Usd(0)) || tokens == Some(0) {
            return Err(self.ended(AgentEnd::OutOfBudget));
        }
        Ok(AgentLimits {
            turns: match what {
                Ask::Probe => Some(1),
                Ask::Research => limits.turns,
            },
            cost,
            tokens,
            idle: match what {
                Ask::Probe => PROBE,
                Ask::Research => limits.idle,
            },
            output: limits.output,
            disk: limits.disk,
        })
    }

    /// Waits until the provider takes calls again, if that is not too long.
    async fn wait(&self, resets: Option<Timestamp>, tell: Tell<'_>) -> Result<(), InquiryError> {
        let now = self.tools.clock.now();
        let pause = match resets {
            Some(at) => Duration::try_from(at.duration_since(now)).unwrap_or_default(),
            None => self.limits.backoff,
        };
        let until = now
            .checked_add(pause)
            .ok()
            .filter(|_| pause <= self.limits.patience);
        let Some(until) = until else {
            return Err(self.ended(AgentEnd::RateLimited { resets }));
        };
        tell(InquiryEvent::Waiting { until });
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(()),
            () = self.stop.asked.cancelled() => Err(PortError::Stopped.into()),
            () = self.stop.now.cancelled() => Err(PortError::Stopped.into()),
        }
    }
}
