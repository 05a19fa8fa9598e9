//! [`Inquiry`]: a conversation with an agent that researches a change: probed, asked, judged, asked again with what is
//! wrong, until there is a plan. It is kept, so that the user's words at approval go to the same session.
//!
//! What is asked stands in `templates/`; what is said of an answer is `model::answer`'s. The commands that plan call it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::engine::inquiry::asking::Ask;
use crate::engine::inquiry::prompts::{Before, Form};
use crate::engine::ports::{Agent, Clock, ReadOnlyCopy, Stop};
use crate::engine::text::Texts;
use crate::model::agent::{AgentAnswer, AgentEnd, AgentSession};
use crate::model::answer::{self, Answer, Patience, Proposal, Terms, judge};
use crate::model::named::named;
use crate::model::plan::{Plan, Research};
use crate::model::spend::Spend;

mod asking;
mod error;
mod event;
mod limits;
pub(in crate::engine) mod prompts;
#[cfg(test)]
mod tests;

pub use error::InquiryError;
pub use event::{InquiryEvent, Tell};
pub use limits::InquiryLimits;

/// How often an answer is asked for, the first time included.
const ASKS: u32 = 3;
/// How many files a note names.
const NAMED: usize = 5;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// What an answer is held against.
    pub terms: Terms<'a>,
    /// What is known of the repository, as Markdown.
    pub facts: &'a str,
}

/// What research reaches the world through.
#[derive(Clone)]
pub struct InquiryTools {
    /// The program.
    pub agent: Arc<dyn Agent>,
    /// The files that it reads.
    pub copy: Arc<dyn ReadOnlyCopy>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The prompts.
    pub texts: Texts,
}

/// Where what the agent prints is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InquiryRecords {
    /// What people read.
    pub log: PathBuf,
    /// All of it, unchanged.
    pub transcript: PathBuf,
}

/// A conversation about one change.
pub struct Inquiry {
    tools: InquiryTools,
    model: Option<String>,
    limits: InquiryLimits,
    records: InquiryRecords,
    stop: Stop,
    probed: bool,
    session: Option<AgentSession>,
    spend: Spend,
    notes: Vec<String>,
}

impl Inquiry {
    /// A conversation that has not begun; without a model the program's default is asked.
    #[must_use]
    pub fn new(
        tools: InquiryTools,
        model: Option<String>,
        limits: InquiryLimits,
        records: InquiryRecords,
        stop: Stop,
    ) -> Self {
        Self {
            tools,
            model,
            limits,
            records,
            stop,
            probed: false,
            session: None,
            spend: Spend::default(),
            notes: Vec::new(),
        }
    }

    /// What was spent up to now, also where no plan came of it.
    #[must_use]
    pub fn spend(&self) -> Spend {
        self.spend
    }

    /// Makes sure, by one small request, that the agent can be asked at all.
    ///
    /// # Errors
    /// [`InquiryError`] when it cannot do research, is not logged in, or does not answer.
    pub async fn probe(&mut self, tell: Tell<'_>) -> Result<(), InquiryError> {
        if !self.tools.agent.abilities().research {
            return Err(InquiryError::CannotResearch {
                agent: self.agent(),
            });
        }
        if self.probed {
            return Ok(());
        }
        tell(InquiryEvent::Probing);
        let prompt = prompts::probe(&self.tools.texts)?;
        let answer = self.ask(&prompt, Ask::Probe, tell).await?;
        // What is said in it plays no part: that it came to an answer is what was to be known.
        self.session = None;
        match answer.end {
            AgentEnd::Completed | AgentEnd::OutOfTurns | AgentEnd::Denied(_) => {
                self.probed = true;
                Ok(())
            }
            other => Err(self.ended(other)),
        }
    }

    /// Has the change researched, after a probe.
    ///
    /// # Errors
    /// [`InquiryError`] when no plan came of it.
    pub async fn research(
        &mut self,
        question: &Question<'_>,
        tell: Tell<'_>,
    ) -> Result<Proposal, InquiryError> {
        self.probe(tell).await?;
        let prompt = prompts::research(&self.tools.texts, question, self.form())?;
        self.settle(question, prompt, tell).await
    }

    /// Has a plan changed as the user says, in the same session where there is one.
    ///
    /// # Errors
    /// [`InquiryError`] when no plan came of it; the current one is as good as before.
    pub async fn revise(
        &mut self,
        question: &Question<'_>,
        words: &str,
        current: &Plan,
        tell: Tell<'_>,
    ) -> Result<Proposal, InquiryError> {
        self.probe(tell).await?;
        let (texts, form) = (&self.tools.texts, self.form());
        let before = match self.session {
            Some(_) => None,
            None => Some(prompts::research(texts, question, form)?),
        };
        let prompt = prompts::revise(texts, words, current, before.as_deref(), form)?;
        self.settle(question, prompt, tell).await
    }

    /// Asks until an answer is a plan.
    async fn settle(
        &mut self,
        question: &Question<'_>,
        first: String,
        tell: Tell<'_>,
    ) -> Result<Proposal, InquiryError> {
        let mut prompt = first.clone();
        let mut patience = Patience::First;
        let mut read: Option<Answer> = None;
        let mut problems = Vec::new();
        for ask in 1..=ASKS {
            tell(InquiryEvent::Asking { ask });
            let answer = self.ask(&prompt, Ask::Research, tell).await?;
            self.look_at_copy(tell).await;
            let last = ask == ASKS;
            problems = match self.read(&answer)? {
                Ok(fit) => {
                    let now = if last { Patience::Last } else { patience };
                    patience = Patience::Again;
                    let judged = judge(&fit, &question.terms, now);
                    read = Some(fit);
                    match judged {
                        Ok(proposal) => return Ok(self.signed(proposal)),
                        Err(problems) => problems,
                    }
                }
                Err(problem) => vec![problem],
            };
            if last {
                break;
            }
            tell(InquiryEvent::Problems(problems.clone()));
            let written = written(&answer);
            let before = self.session.is_none().then_some(Before {
                prompt: &first,
                answer: &written,
            });
            let (texts, next_is_last) = (&self.tools.texts, ask + 1 == ASKS);
            prompt = prompts::again(texts, &problems, next_is_last, before, self.form())?;
        }
        // An earlier answer may be one that can be mended, where the last was none at all.
        let mended = read.and_then(|read| judge(&read, &question.terms, Patience::Last).ok());
        mended
            .map(|proposal| self.signed(proposal))
            .ok_or_else(|| InquiryError::Unusable {
                agent: self.agent(),
                asks: ASKS,
                problems,
                transcript: self.records.transcript.clone(),
            })
    }

    /// The answer in what the agent gave, or what is wrong with that.
    fn read(&self, answer: &AgentAnswer) -> Result<Result<Answer, String>, InquiryError> {
        let is_empty = answer.structured.is_none()
            && answer
                .text
                .as_ref()
                .is_none_or(|text| text.trim().is_empty());
        match &answer.end {
            AgentEnd::OutOfTurns if self.session.is_some() => {
                let problem = "your turns were used up before you had answered: answer now, from what you know";
                return Ok(read_any(answer).map_err(|_| problem.to_owned()));
            }
            AgentEnd::Denied(_) if is_empty => return Err(self.ended(answer.end.clone())),
            AgentEnd::Completed | AgentEnd::Denied(_) => {}
            AgentEnd::OutOfTurns
            | AgentEnd::OutOfBudget
            | AgentEnd::RateLimited { .. }
            | AgentEnd::Unauthorised(_)
            | AgentEnd::NoQuota(_)
            | AgentEnd::Failed(_)
            | AgentEnd::Silent(_)
            | AgentEnd::TimedOut(_)
            | AgentEnd::TooMuchOutput(_)
            | AgentEnd::TooMuchDisk(_) => return Err(self.ended(answer.end.clone())),
        }
        Ok(read_any(answer))
    }

    /// Notes what the agent wrote though it was only to read: nothing is taken from there.
    async fn look_at_copy(&mut self, tell: Tell<'_>) {
        let warning = match self.tools.copy.touched().await {
            Ok(touched) if touched.is_empty() => return,
            Ok(touched) => format!(
                "{} wrote to the copy that it was to read ({}); nothing is taken from there",
                self.agent(),
                named(&touched, NAMED)
            ),
            Err(error) => format!(
                "whether {} wrote to the copy that it was to read is not known: {error}",
                self.agent()
            ),
        };
        if !self.notes.contains(&warning) {
            tell(InquiryEvent::Warning(warning.clone()));
            self.notes.push(warning);
        }
    }

    fn signed(&self, mut proposal: Proposal) -> Proposal {
        for plan in proposal.plans_mut() {
            plan.notes.extend(self.notes.iter().cloned());
            plan.research = Some(Research {
                agent: self.agent(),
                model: self.model.clone(),
                spend: self.spend,
            });
        }
        proposal
    }

    fn form(&self) -> Form {
        if self.tools.agent.abilities().schema {
            Form::Native
        } else {
            Form::InWords
        }
    }

    fn agent(&self) -> String {
        self.tools.agent.name().to_owned()
    }

    fn ended(&self, end: AgentEnd) -> InquiryError {
        InquiryError::Ended {
            agent: self.agent(),
            end,
            transcript: self.records.transcript.clone(),
        }
    }
}

fn read_any(given: &AgentAnswer) -> Result<Answer, String> {
    match (&given.structured, &given.text) {
        (Some(value), _) => answer::read_value(value),
        (None, text) => answer::read(text.as_deref().unwrap_or_default()),
    }
}

/// The answer as the agent wrote it.
fn written(given: &AgentAnswer) -> String {
    match (&given.structured, &given.text) {
        (Some(value), _) => value.to_string(),
        (None, text) => text.clone().unwrap_or_default(),
    }
}
