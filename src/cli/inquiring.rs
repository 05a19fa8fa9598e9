//! [`Research`]: a change in words is researched by an agent, and the conversation kept for what the user says at
//! approval.
//!
//! Facts and files are gathered here; what is asked and what becomes of the answer is `engine::inquiry`'s.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::adapters::git::objects::GitObjects;
use crate::adapters::git::pool_folder;
use crate::adapters::git::research_copy::ResearchCopy;
use crate::cli::agents::Agents;
use crate::cli::args::ChangeArgs;
use crate::cli::blocking::away_from_the_loop;
use crate::cli::exit::{Exit, Problem};
use crate::cli::inquiring::display::Display;
use crate::cli::inquiring::settled::keep;
use crate::cli::session::Session;
use crate::engine::facts::gather;
use crate::engine::facts_text::{USUAL_ROOM, render};
use crate::engine::inquiry::{
    Inquiry, InquiryError, InquiryLimits, InquiryRecords, InquiryTools, Question,
};
use crate::engine::owners::describe_units;
use crate::engine::ports::{Agent, Objects, ReadOnlyCopy, Stop, Watch};
use crate::engine::text::Texts;
use crate::model::agent::{AgentChoice, AgentEnd};
use crate::model::answer::{NotSplit, Proposal, Terms};
use crate::model::base_tree::BaseTree;
use crate::model::change::{Change, Source};
use crate::model::facts::{Candidates, FileCandidate, HotPlace};
use crate::model::partition::{Bounds, Candidate};
use crate::model::path::RepoPath;
use crate::model::plan::{Base, Plan, TestPolicy};
use crate::model::scope::Entry;
use crate::model::spend::Allowance;
use crate::model::tree::TreeFile;

mod display;
mod settled;

/// What is to be researched.
pub struct Wanted<'a> {
    /// The change, as the command line says it.
    pub change: &'a ChangeArgs,
    /// What the units start from.
    pub base: Base,
    /// How many units.
    pub bounds: Bounds,
    /// The setup command.
    pub setup: Option<String>,
    /// The test policy.
    pub test: TestPolicy,
    /// What research may spend.
    pub allowance: Allowance,
    /// The folder for worktrees, where one is given.
    pub worktrees: Option<&'a Path>,
}

/// A conversation with the agent that researches a change.
pub struct Research {
    inquiry: Mutex<Inquiry>,
    root: PathBuf,
    facts: String,
    blank: Plan,
    files: Arc<[TreeFile]>,
    candidates: Vec<Candidate>,
    shared: Vec<RepoPath>,
    bounds: Bounds,
    objects: GitObjects,
    agent: String,
}

/// What research came to.
pub struct Researched {
    /// The plan: of several units, or of one where research advises so.
    pub plan: Plan,
    /// Why the change should not be split, where research says so, and what can be done instead.
    pub advice: Option<NotSplit>,
    /// The files of the base.
    pub files: Arc<[TreeFile]>,
    /// The conversation.
    pub research: Research,
}

impl Research {
    /// Has a change researched.
    ///
    /// # Errors
    /// [`Problem`] when there is no agent, it cannot be asked, or no plan came of it.
    pub async fn make(session: &Session, wanted: Wanted<'_>) -> Result<Researched, Problem> {
        let agents = Agents::of(session).await?;
        let args = wanted.change;
        let named = args.agent.agent.as_deref();
        let worker = agents.named(named)?;
        let researcher = match args.research_agent.as_deref() {
            Some(name) => agents.named(Some(name))?,
            None => Arc::clone(&worker),
        };
        if !session.global.quiet {
            session.say(&introduction(&*worker, named.is_some(), &*researcher));
        }
        let research = Self::prepare(session, wanted, &worker, researcher).await?;
        let proposal = research.ask(session, None).await?;
        let (plan, advice) = research.settled(proposal)?;
        Ok(Researched {
            plan,
            advice,
            files: Arc::clone(&research.files),
            research,
        })
    }

    /// Has the plan changed as a person says.
    ///
    /// # Errors
    /// [`Problem`] when no other plan came of it.
    pub async fn revise(
        &self,
        session: &Session,
        plan: &Plan,
        words: &str,
    ) -> Result<(Plan, Option<NotSplit>), Problem> {
        let proposal = self.ask(session, Some((plan, words))).await?;
        let (mut revised, advice) = self.settled(proposal)?;
        keep(&mut revised, plan);
        Ok((revised, advice))
    }

    /// The files of which each is to be in one unit or left alone; none where the user named none.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    async fn prepare(
        session: &Session,
        wanted: Wanted<'_>,
        worker: &Arc<dyn Agent>,
        researcher: Arc<dyn Agent>,
    ) -> Result<Self, Problem> {
        let Wanted {
            change: args,
            base,
            bounds,
            setup,
            test,
            allowance,
            worktrees,
        } = wanted;
        let change = Change {
            paths: args.paths.clone(),
            matching: args.matching.clone(),
            agent: Some(AgentChoice {
                name: Some(worker.name().to_owned()),
                model: args.agent.model.clone(),
            }),
            ..Change::new(args.description.clone(), Source::Agent)
        };
        let objects = GitObjects::open(&session.place);
        let (facts, files, objects) = {
            let (base, change) = (base.clone(), change.clone());
            let gathering = away_from_the_loop(move || {
                let facts = gather(&objects, &base, &change)?;
                let files = objects.files(&base.commit)?;
                Ok((facts, files, objects))
            });
            session.interrupts.guard(gathering).await?
        };
        let copy = Self::copy(session, &base, worktrees).await?;
        let root = copy.root().to_owned();
        let model = args.research_model.clone().or_else(|| {
            // A model is one of its agent's.
            let same = researcher.name() == worker.name();
            args.agent.model.clone().filter(|_| same)
        });
        let agent = researcher.name().to_owned();
        let inquiry = Inquiry::new(
            InquiryTools {
                agent: researcher,
                copy: Arc::new(copy),
                clock: session.clock.clone(),
                texts: Texts::new()?,
            },
            model,
            InquiryLimits {
                cost: allowance.cost,
                tokens: allowance.tokens,
                ..InquiryLimits::default()
            },
            records(session)?,
            Stop::default(),
        );
        let candidates = match &facts.candidates {
            Candidates::Given(given) => given.iter().map(weighed).collect(),
            Candidates::Open { .. } => Vec::new(),
        };
        Ok(Self {
            inquiry: Mutex::new(inquiry),
            root,
            facts: render(&facts, USUAL_ROOM),
            blank: Plan {
                setup,
                test,
                ..Plan::new(change, base, Vec::new())
            },
            shared: facts.hot.iter().filter_map(shared_file).collect(),
            files: files.into(),
            candidates,
            bounds,
            objects,
            agent,
        })
    }

    async fn copy(
        session: &Session,
        base: &Base,
        worktrees: Option<&Path>,
    ) -> Result<ResearchCopy, Problem> {
        let above = pool_folder::repository_folder(worktrees, &session.place)?;
        let watch = Watch {
            log: session.store.research_log("copy")?,
            timeout: InquiryLimits::default().timeout,
            stop: Stop::default(),
        };
        let making =
            async { Ok(ResearchCopy::make(&session.place, &base.commit, &above, &watch).await?) };
        session.interrupts.guard(making).await
    }

    /// Asks for a plan, or with a person's words for another one.
    async fn ask(
        &self,
        session: &Session,
        words: Option<(&Plan, &str)>,
    ) -> Result<Proposal, Problem> {
        let tree = BaseTree::new(&self.files);
        let question = Question {
            terms: Terms {
                blank: &self.blank,
                tree: &tree,
                candidates: &self.candidates,
                shared: &self.shared,
                bounds: self.bounds,
                root: self.root.to_str(),
            },
            facts: &self.facts,
        };
        let first = match words {
            None => "looks at the repository",
            Some(_) => "thinks about what you said",
        };
        let mut display = Display::new(&session.global, session.look(), &self.agent, first);
        let mut tell = |event| display.hear(event);
        let work = async {
            let mut inquiry = self.inquiry.lock().await;
            let proposal = match words {
                None => inquiry.research(&question, &mut tell).await,
                Some((plan, words)) => inquiry.revise(&question, words, plan, &mut tell).await,
            };
            proposal.map_err(|error| problem(&error))
        };
        let proposal = session.interrupts.guard(work).await;
        display.end();
        proposal
    }

    /// The plan, and the advice not to split it with its other ways; with owners and lines.
    fn settled(&self, proposal: Proposal) -> Result<(Plan, Option<NotSplit>), Problem> {
        let described = |mut plan: Plan| -> Result<Plan, Problem> {
            tokio::task::block_in_place(|| describe_units(&mut plan, &self.objects, &self.files))?;
            Ok(plan)
        };
        match proposal {
            Proposal::Split(plan) => Ok((described(*plan)?, None)),
            Proposal::Whole(mut advice) => {
                let note = advice.note();
                let advised = |mut plan: Plan| {
                    plan.notes.insert(0, note.clone());
                    described(plan)
                };
                advice.phases = advice.phases.map(advised).transpose()?;
                advice.whole = advised(advice.whole)?;
                Ok((advice.whole.clone(), Some(*advice)))
            }
        }
    }
}

fn records(session: &Session) -> Result<InquiryRecords, Problem> {
    let log = session.store.research_log(session.new_run_id().as_str())?;
    Ok(InquiryRecords {
        transcript: log.with_extension("jsonl"),
        log,
    })
}

fn introduction(worker: &dyn Agent, named: bool, researcher: &dyn Agent) -> String {
    let how = if named { "" } else { ", the first on PATH" };
    let research = if researcher.name() == worker.name() {
        String::new()
    } else {
        format!("; {} does the research", researcher.name())
    };
    format!("Agent: {}{how}{research}", worker.name())
}

fn shared_file(place: &HotPlace) -> Option<RepoPath> {
    match &place.entry {
        Entry::File(path) => Some(path.clone()),
        Entry::Folder(_) => None,
    }
}

fn weighed(file: &FileCandidate) -> Candidate {
    Candidate {
        path: file.path.clone(),
        weight: file.lines.unwrap_or(1),
        owner: None,
    }
}

/// What an inquiry without a plan means for the user.
fn problem(error: &InquiryError) -> Problem {
    let without = "or make the change without an agent: --rewrite, --command or --from";
    match error {
        InquiryError::CannotResearch { .. } => Problem::new(Exit::Usage, error.to_string())
            .hint(format!("name another with --research-agent\n{without}")),
        InquiryError::Ended { agent, end, .. } => {
            let problem = Problem::new(Exit::NotReady, error.to_string());
            match end {
                AgentEnd::Unauthorised(_) => problem.hint(format!(
                    "log in by running `{agent}` once, or set its key in the environment\n{without}"
                )),
                AgentEnd::NoQuota(_) => problem.hint("add credit, or name another with --agent"),
                AgentEnd::RateLimited { .. } => {
                    problem.hint("try again then, or name another with --agent")
                }
                AgentEnd::OutOfBudget => problem.hint("raise --max-cost or --max-tokens"),
                AgentEnd::Completed
                | AgentEnd::OutOfTurns
                | AgentEnd::Denied(_)
                | AgentEnd::Failed(_)
                | AgentEnd::Silent(_)
                | AgentEnd::TimedOut(_)
                | AgentEnd::TooMuchOutput(_)
                | AgentEnd::TooMuchDisk(_) => {
                    problem.hint("look at the transcript, or name another with --research-agent")
                }
            }
        }
        InquiryError::Unusable { .. } => Problem::new(Exit::Usage, error.to_string())
            .hint("say more in the change's description, narrow it with --paths, or name another with --research-agent"),
        InquiryError::Text(_) => Problem::new(Exit::Usage, error.to_string()),
        InquiryError::Port(error) => Problem::from(error.clone()),
    }
}
