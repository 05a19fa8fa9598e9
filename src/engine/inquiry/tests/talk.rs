//! A scripted agent, and a conversation with it.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::engine::inquiry::{
    Inquiry, InquiryError, InquiryEvent, InquiryLimits, InquiryRecords, InquiryTools, Question,
};
use crate::engine::ports::{Agent, AgentRequest, Clock, PortError, ReadOnlyCopy, Stop, Watch};
use crate::engine::text::Texts;
use crate::model::agent::{AgentAbilities, AgentAnswer, AgentEnd, AgentEvent};
use crate::model::answer::{Proposal, Terms};
use crate::model::base_tree::BaseTree;
use crate::model::change::{Change, Source};
use crate::model::id::ObjectId;
use crate::model::partition::{Bounds, Candidate};
use crate::model::path::RepoPath;
use crate::model::plan::{Plan, TestPolicy};
use crate::model::sample;
use crate::model::spend::{Spend, Usd};
use crate::model::tree::{Mode, TreeFile};

pub(super) const FULL: AgentAbilities = AgentAbilities {
    schema: true,
    sessions: true,
    research: true,
    turns: true,
};
pub(super) const PLAIN: AgentAbilities = AgentAbilities {
    schema: false,
    sessions: false,
    research: true,
    turns: true,
};

/// What was asked, as far as it matters.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) prompt: String,
    pub(super) session: Option<(String, Spend)>,
    pub(super) schema: bool,
    pub(super) turns: Option<u32>,
    pub(super) cost: Option<Usd>,
    pub(super) timeout: Duration,
}

/// Answers what its script says, one after another.
pub(super) struct Scripted {
    abilities: AgentAbilities,
    script: Mutex<VecDeque<AgentAnswer>>,
    asked: Mutex<Vec<Asked>>,
}

#[async_trait]
impl Agent for Scripted {
    fn name(&self) -> &'static str {
        "claude"
    }

    fn abilities(&self) -> AgentAbilities {
        self.abilities
    }

    async fn ask(
        &self,
        request: &AgentRequest<'_>,
        watch: &Watch,
        hear: &mut (dyn FnMut(AgentEvent) + Send),
    ) -> Result<AgentAnswer, PortError> {
        let session = request
            .session
            .map(|session| (session.id.clone(), session.spend));
        self.asked.lock().unwrap().push(Asked {
            prompt: request.prompt.to_owned(),
            session,
            schema: request.schema.is_some(),
            turns: request.limits.turns,
            cost: request.limits.cost,
            timeout: watch.timeout,
        });
        hear(AgentEvent::Text("I look".to_owned()));
        let next = self.script.lock().unwrap().pop_front();
        Ok(next.expect("it was asked more often than the script has answers"))
    }
}

#[derive(Default)]
pub(super) struct Copy {
    pub(super) touched: Vec<RepoPath>,
}

#[async_trait]
impl ReadOnlyCopy for Copy {
    fn root(&self) -> &Path {
        Path::new("/copy")
    }
    fn tmp(&self) -> &Path {
        Path::new("/tmp")
    }
    async fn touched(&self) -> Result<Vec<RepoPath>, PortError> {
        Ok(self.touched.clone())
    }
}

pub(super) struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        sample::at(0)
    }
}

pub(super) fn cost(cents: u64) -> Spend {
    Spend {
        cost: Some(Usd(cents * 10_000)),
        ..Spend::default()
    }
}

pub(super) fn end(end: AgentEnd) -> AgentAnswer {
    AgentAnswer {
        end,
        text: None,
        structured: None,
        session: Some("s1".to_owned()),
        spend: cost(1),
        turns: Some(1),
    }
}

pub(super) fn says(text: &str) -> AgentAnswer {
    AgentAnswer {
        text: Some(text.to_owned()),
        ..end(AgentEnd::Completed)
    }
}

pub(super) fn gives(value: Value) -> AgentAnswer {
    AgentAnswer {
        structured: Some(value),
        ..says("Done.")
    }
}

pub(super) fn ready() -> AgentAnswer {
    says("ready")
}

pub(super) fn unit(id: &str, paths: &[&str]) -> Value {
    json!({"id": id, "title": id, "task": "Do it.", "paths": paths, "context": "", "contracts": [],
        "constraints": [], "check": null, "after": []})
}

pub(super) fn answer(units: &[Value]) -> Value {
    json!({"verdict": "split", "reason": "by folder", "summary": "s", "conventions": [], "end_to_end_check": null,
        "units": units, "exclusions": [], "shared_files": [], "phases": []})
}

pub(super) fn right() -> Value {
    answer(&[unit("a", &["src/a/"]), unit("b", &["src/b/"])])
}

pub(super) fn overlapping() -> Value {
    answer(&[
        unit("a", &["src/a/", "src/b/1.ts"]),
        unit("b", &["src/b/1.ts"]),
    ])
}

/// A conversation and what it was about.
pub(super) struct Talk {
    pub(super) agent: Arc<Scripted>,
    pub(super) inquiry: Inquiry,
    pub(super) events: Vec<InquiryEvent>,
    pub(super) candidates: Vec<Candidate>,
}

pub(super) fn talk(abilities: AgentAbilities, script: Vec<AgentAnswer>) -> Talk {
    talk_within(abilities, script, InquiryLimits::default(), Copy::default())
}

pub(super) fn talk_within(
    abilities: AgentAbilities,
    script: Vec<AgentAnswer>,
    limits: InquiryLimits,
    copy: Copy,
) -> Talk {
    let agent = Arc::new(Scripted {
        abilities,
        script: Mutex::new(script.into()),
        asked: Mutex::default(),
    });
    let tools = InquiryTools {
        agent: Arc::clone(&agent) as Arc<dyn Agent>,
        copy: Arc::new(copy),
        clock: Arc::new(Noon),
        texts: Texts::new().unwrap(),
    };
    let records = InquiryRecords {
        log: PathBuf::from("/log"),
        transcript: PathBuf::from("/transcript"),
    };
    let paths = ["src/a/1.ts", "src/b/1.ts"];
    Talk {
        agent,
        inquiry: Inquiry::new(
            tools,
            Some("opus".to_owned()),
            limits,
            records,
            Stop::default(),
        ),
        events: Vec::new(),
        candidates: paths
            .map(|path| Candidate {
                path: path.into(),
                weight: 10,
                owner: None,
            })
            .to_vec(),
    }
}

pub(super) enum Wish<'a> {
    Research,
    Revise(&'a str, &'a Plan),
}

impl Talk {
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.agent.asked.lock().unwrap().clone()
    }

    pub(super) async fn has(&mut self, wish: Wish<'_>) -> Result<Proposal, InquiryError> {
        let files: Vec<TreeFile> = ["package.json", "src/a/1.ts", "src/b/1.ts"]
            .map(|path| TreeFile {
                path: path.into(),
                mode: Mode::File,
                id: ObjectId::new("0"),
            })
            .to_vec();
        let change = Change {
            paths: vec!["src/**".to_owned()],
            ..Change::new("make forms functional", Source::Agent)
        };
        let blank = Plan {
            test: TestPolicy::Command("make test".to_owned()),
            ..Plan::new(change, sample::base(), Vec::new())
        };
        let question = Question {
            terms: Terms {
                blank: &blank,
                tree: &BaseTree::new(&files),
                candidates: &self.candidates,
                shared: &[],
                bounds: Bounds::default(),
                root: Some("/copy"),
            },
            facts: "## The repository at its base\n\n3 files.",
        };
        let events = &mut self.events;
        let mut tell = |event| events.push(event);
        match wish {
            Wish::Research => self.inquiry.research(&question, &mut tell).await,
            Wish::Revise(words, plan) => {
                self.inquiry.revise(&question, words, plan, &mut tell).await
            }
        }
    }

    pub(super) async fn plan(&mut self) -> Plan {
        split(self.has(Wish::Research).await)
    }

    pub(super) async fn error(&mut self) -> String {
        self.has(Wish::Research).await.unwrap_err().to_string()
    }
}

pub(super) fn split(found: Result<Proposal, InquiryError>) -> Plan {
    match found {
        Ok(Proposal::Split(plan)) => *plan,
        Ok(Proposal::Whole(other)) => panic!("{other:#?}"),
        Err(error) => panic!("{error}"),
    }
}
