//! A unit that an agent implements: asked, looked at, asked again with what is wrong, until its edits pass or the
//! rounds are used up.
//!
//! The diff decides, never the agent's word. With a codemod before it, the agent is asked only where that left or broke
//! something.

use super::asking::Talk;
use super::looking::{Look, Refused, Wrong};
use super::verifying::Finding;
use super::{End, Fixed, Progress, Try, UnitAgent, Worker};
use crate::engine::command_line;
use crate::engine::ports::{Codemod, Workspace};
use crate::engine::prompt::{Brief, Earlier, Trouble, maker_of};
use crate::engine::text::TextError;
use crate::model::clean::clean;
use crate::model::event::Ask;
use crate::model::outcome::{Failure, FailureKind, Step};
use crate::model::path::RepoPath;

/// The most characters of a command's output that an agent is given.
const OUTPUT: usize = 8_000;

/// The longest command that is spelled out with its files, in bytes.
const SPELLED_OUT: usize = 4_000;

/// What an agent is to do first.
struct Opening {
    about: Ask,
    prompt: String,
    /// What is wrong with what there is: an agent that leaves no edits has not mended it.
    found: Option<Failure>,
}

impl Worker<'_> {
    /// The unit's edits by its agent alone, beginning from those of the attempt before; `None` when there are none.
    pub(super) async fn by_agent(
        &self,
        agent: &UnitAgent,
        current: &mut Try,
    ) -> Result<Option<Fixed>, End> {
        let proven = self.is_only_to_be_delivered(current);
        let taken = self.take_over(current).await?;
        if proven && !taken.is_empty() {
            return self.as_taken(agent, current).await;
        }
        self.implement(agent, current, &taken).await
    }

    /// The unit's edits by a codemod, and by an agent what that leaves or breaks.
    pub(super) async fn by_both(
        &self,
        codemod: &dyn Codemod,
        agent: &UnitAgent,
        current: &mut Try,
    ) -> Result<Option<Fixed>, End> {
        // What an agent added to the codemod's edits is not in what the codemod would make again.
        let proven = self.is_only_to_be_proven(current);
        let taken = self.take_over(current).await?;
        if !taken.is_empty() {
            return if proven {
                self.as_taken(agent, current).await
            } else {
                self.implement(agent, current, &taken).await
            };
        }
        let how = maker_of(self.job.plan.source_of(self.job.unit()));
        match self.rewrite(codemod, &current.workspace).await {
            Err(End::Failed(failure)) if failure.step == Step::Implement => {
                let output = self.tools.logs.excerpt(&self.log(Step::Implement), OUTPUT);
                self.repair(current).await?;
                let trouble = Trouble::Failed {
                    cause: failure.cause.clone(),
                    command: None,
                    output,
                };
                self.take_over_from(agent, current, &how, trouble, failure)
                    .await
            }
            Err(end) => Err(end),
            Ok(()) => match self.look(current).await? {
                Look::Good(fixed) => Ok(Some(fixed)),
                // The unit's own check may still say that there is something to do.
                Look::Nothing => match self.tried_at_base(current).await? {
                    None => Ok(None),
                    Some(wrong) => self.hand_over(agent, current, &how, wrong).await,
                },
                Look::Wrong(wrong) => self.hand_over(agent, current, &how, wrong).await,
            },
        }
    }

    /// The edits of the attempt before as they are now in the worktree, if they pass; else they are the agent's.
    async fn as_taken(&self, agent: &UnitAgent, current: &mut Try) -> Result<Option<Fixed>, End> {
        match self.look(current).await? {
            Look::Good(fixed) => Ok(Some(fixed)),
            // The base has come to have them.
            Look::Nothing => self.implement(agent, current, &[]).await,
            Look::Wrong(wrong) => {
                let how = "an earlier attempt";
                self.hand_over(agent, current, how, wrong).await
            }
        }
    }

    /// Asks the agent for the unit as a whole; `taken` is in the worktree already.
    async fn implement(
        &self,
        agent: &UnitAgent,
        current: &mut Try,
        taken: &[RepoPath],
    ) -> Result<Option<Fixed>, End> {
        let commands = self.agents_commands(&current.workspace);
        let failure = current.failure.as_ref();
        let prompt = self
            .tools
            .prompts
            .implement(&self.brief(&commands), Earlier { failure, taken });
        let failing = failure.filter(|failure| failure.kind == FailureKind::Tests);
        let opening = Opening {
            about: Ask::Implement,
            prompt: self.worded(prompt)?,
            found: failing.filter(|_| !taken.is_empty()).cloned(),
        };
        self.converse(agent, current, opening).await
    }

    /// Gives the agent edits that are not its own and do not pass.
    async fn hand_over(
        &self,
        agent: &UnitAgent,
        current: &mut Try,
        how: &str,
        wrong: Wrong,
    ) -> Result<Option<Fixed>, End> {
        let (trouble, failure) = match wrong {
            Wrong::Refused(refused) => {
                let failure = self.refusal(&refused.violations);
                (self.put_back(current, &refused).await?, failure)
            }
            Wrong::Failing(finding, fixed) => {
                let trouble = self.given_back(current, &finding, &fixed).await?;
                (trouble, finding.failure)
            }
        };
        self.take_over_from(agent, current, how, trouble, failure)
            .await
    }

    async fn take_over_from(
        &self,
        agent: &UnitAgent,
        current: &mut Try,
        how: &str,
        trouble: Trouble,
        failure: Failure,
    ) -> Result<Option<Fixed>, End> {
        let done = self.edited(current).await?;
        self.warn(format!(
            "{} took over: {}",
            agent.agent.name(),
            in_a_line(&trouble)
        ))
        .await;
        let commands = self.agents_commands(&current.workspace);
        let prompt = self
            .tools
            .prompts
            .take_over(&self.brief(&commands), how, &done, &trouble);
        let opening = Opening {
            about: Ask::TakeOver,
            prompt: self.worded(prompt)?,
            found: Some(failure),
        };
        self.converse(agent, current, opening).await
    }

    /// Asks the agent until its edits pass.
    async fn converse(
        &self,
        agent: &UnitAgent,
        current: &mut Try,
        opening: Opening,
    ) -> Result<Option<Fixed>, End> {
        let rounds = self.job.rules.fixes;
        let (mut round, mut was_refused) = (0, false);
        let mut talk = Talk::new(agent, opening.prompt.clone(), &self.job.rules);
        let Opening {
            mut about,
            mut prompt,
            mut found,
        } = opening;
        loop {
            current.progress = Progress::InFiles;
            let answer = self.ask(&mut talk, about, &prompt, current).await?;
            self.fold_commits(current).await?;
            self.stage(&current.workspace).await?;
            let look = self.look(current).await?;
            let edited = !matches!(look, Look::Nothing);
            if edited && !answer.denied.is_empty() {
                let tools = answer.denied.join(", ");
                self.warn(format!("the agent was refused what it asked for: {tools}"))
                    .await;
            }
            let wrong = match look {
                Look::Good(fixed) => return Ok(Some(fixed)),
                Look::Nothing if !answer.denied.is_empty() => {
                    let tools = answer.denied.join(", ");
                    let cause = format!("the agent changed nothing, and was refused {tools}");
                    return Err(self.failed_as(FailureKind::Permission, Step::Implement, &cause));
                }
                Look::Nothing if was_refused => {
                    let cause = "the agent changed nothing but what is not the unit's";
                    return Err(self.failed(Step::Gate, cause));
                }
                Look::Nothing if let Some(failure) = found => {
                    let cause = format!("{}; after that the agent left no edits", failure.cause);
                    return Err(End::Failed(Failure { cause, ..failure }));
                }
                Look::Nothing => {
                    let Some(wrong) = self.tried_at_base(current).await? else {
                        let said = answer.first_line();
                        self.warn(format!("the agent changed nothing{said}")).await;
                        return Ok(None);
                    };
                    wrong
                }
                Look::Wrong(wrong) => wrong,
            };
            match wrong {
                Wrong::Refused(refused) if was_refused => {
                    return Err(self.refused(&refused.violations));
                }
                Wrong::Refused(refused) => {
                    was_refused = true;
                    prompt = self.scope_prompt(current, &refused).await?;
                    about = Ask::Scope;
                }
                Wrong::Failing(finding, _) if round == rounds => {
                    return Err(End::Failed(finding.failure));
                }
                Wrong::Failing(finding, fixed) => {
                    round += 1;
                    let trouble = self.given_back(current, &finding, &fixed).await?;
                    let last = round == rounds;
                    prompt = self.worded(self.tools.prompts.fix(&trouble, edited, last))?;
                    about = Ask::Fix { round };
                    found = Some(finding.failure);
                }
            }
        }
    }

    async fn scope_prompt(&self, current: &mut Try, refused: &Refused) -> Result<String, End> {
        let trouble = self.put_back(current, refused).await?;
        self.warn(format!("the agent was told: {}", in_a_line(&trouble)))
            .await;
        self.worded(self.tools.prompts.scope(&trouble))
    }

    /// Removes what a failing check or test left in the files, and says what it came to.
    async fn given_back(
        &self,
        current: &Try,
        finding: &Finding,
        fixed: &Fixed,
    ) -> Result<Trouble, End> {
        let step = finding.failure.step;
        let output = self.tools.logs.excerpt(&self.log(step), OUTPUT);
        self.restore(&current.workspace, &fixed.tree, step).await?;
        Ok(Trouble::Failed {
            cause: finding.failure.cause.clone(),
            command: Some(finding.command.clone()),
            output,
        })
    }

    /// Takes back what a codemod that failed did where it may not.
    async fn repair(&self, current: &mut Try) -> Result<(), End> {
        let folded = self.tools.repository.fold_commits(&current.workspace).await;
        self.step(Step::Implement, folded)?;
        self.stage(&current.workspace).await?;
        if let Some(refused) = self.staged_wrongly(current).await? {
            self.put_back(current, &refused).await?;
        }
        Ok(())
    }

    /// Makes the worktree's git what it was, and says what an agent did with it.
    async fn fold_commits(&self, current: &Try) -> Result<(), End> {
        let folded = self.tools.repository.fold_commits(&current.workspace).await;
        match self.step(Step::Implement, folded)? {
            0 => {}
            1 => {
                self.warn(
                    "the agent committed; its commit was folded into the unit's own".to_owned(),
                )
                .await;
            }
            times => {
                self.warn(format!(
                    "the agent committed {times} times; its commits were folded into the unit's own"
                ))
                .await;
            }
        }
        Ok(())
    }

    fn brief<'a>(&'a self, commands: &'a [String]) -> Brief<'a> {
        Brief {
            plan: &self.job.plan,
            unit: self.job.unit(),
            files: &self.job.files,
            commands,
            note: self.job.evidence.note.as_deref(),
        }
    }

    /// Check and test as an agent may run them: with this unit's files filled in, where these are not too many.
    pub(super) fn agents_commands(&self, workspace: &Workspace) -> Vec<String> {
        let paths = self.paths();
        let spelled = |template: &str| {
            let calls = command_line::calls(template, &paths, Some(self.job.id()), &workspace.path);
            match &calls[..] {
                [call] if call.len() <= SPELLED_OUT => call.to_string_lossy().into_owned(),
                _ => template.to_owned(),
            }
        };
        let commands = self.verifications();
        commands.map(|(_, command)| spelled(command)).collect()
    }

    fn worded(&self, prompt: Result<String, TextError>) -> Result<String, End> {
        prompt.map_err(|error| {
            self.failed_as(FailureKind::Other, Step::Implement, &error.to_string())
        })
    }
}

/// What is wrong, for a person.
fn in_a_line(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Failed { cause, .. } => clean(cause.lines().next().unwrap_or_default()),
        Trouble::Refused { reverted, left } => {
            let named: Vec<String> = reverted
                .iter()
                .take(5)
                .map(ToString::to_string)
                .chain(left.iter().take(5).cloned())
                .collect();
            let more = reverted.len().saturating_sub(5) + left.len().saturating_sub(5);
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            format!(
                "its edits are not the unit's to make: {}{more}",
                named.join(", ")
            )
        }
    }
}
