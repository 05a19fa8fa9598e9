//! A folder, a shell script that plays an agent in it, and what becomes of asking it.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use batch::adapters::agents::dialect::{Call, Dialect, Listener};
use batch::adapters::agents::headless::Headless;
use batch::adapters::agents::no_push::{self, Remotes};
use batch::adapters::agents::surroundings::Surroundings;
use batch::engine::ports::{Agent, AgentLimits, AgentMode, AgentRequest, CommandEnd, PortError};
use batch::model::agent::{AgentAbilities, AgentAnswer, AgentEnd, AgentEvent};
use batch::model::spend::Spend;

use crate::process::support::{Bench, MARK};

/// A dialect in which the prompt is a shell script, and each line a message.
#[derive(Default)]
pub struct Scripted {
    pub starts_again: bool,
}

impl Dialect for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn program(&self) -> &'static str {
        "sh"
    }

    fn how_to_get(&self) -> &'static str {
        "it is everywhere"
    }

    fn abilities(&self) -> AgentAbilities {
        AgentAbilities {
            schema: false,
            sessions: false,
            research: false,
            turns: false,
        }
    }

    fn variables(&self) -> &[&str] {
        &[]
    }

    fn starts_again(&self) -> bool {
        self.starts_again
    }

    fn call(&self, request: &AgentRequest<'_>) -> io::Result<Call> {
        Ok(Call {
            args: vec!["-c".into(), request.prompt.into(), "scripted".into()],
            stdin: Some(b"from the dialect\n".to_vec()),
            env: vec![("SAID_BY".to_owned(), "dialect".into())],
            last_message: Some(request.tmp.join("last")),
        })
    }

    fn listener(&self, _request: &AgentRequest<'_>) -> Box<dyn Listener> {
        Box::new(Messages::default())
    }
}

#[derive(Default)]
struct Messages {
    last: Option<String>,
    count: u32,
}

impl Listener for Messages {
    fn out(&mut self, line: &str, hear: &mut dyn FnMut(AgentEvent)) {
        hear(AgentEvent::Text(line.to_owned()));
        self.last = Some(line.to_owned());
        self.count += 1;
    }

    fn err(&mut self, _line: &str, _hear: &mut dyn FnMut(AgentEvent)) {}

    fn turns(&self) -> u32 {
        self.count
    }

    fn end(self: Box<Self>, end: CommandEnd, last_message: Option<String>) -> AgentAnswer {
        AgentAnswer {
            end: match end {
                CommandEnd::Exited(0) => AgentEnd::Completed,
                other => AgentEnd::Failed(format!("{other:?}")),
            },
            text: last_message.or(self.last),
            structured: None,
            session: None,
            spend: Spend::default(),
            turns: None,
        }
    }
}

/// What came of asking.
pub struct Asked {
    pub answer: Result<AgentAnswer, PortError>,
    pub heard: Vec<AgentEvent>,
}

impl Asked {
    pub fn end(&self) -> &AgentEnd {
        &self.answer.as_ref().unwrap().end
    }

    pub fn text(&self) -> &str {
        self.answer.as_ref().unwrap().text.as_deref().unwrap()
    }

    /// The messages that were heard.
    pub fn said(&self) -> Vec<&str> {
        let texts = self.heard.iter().map(|event| match event {
            AgentEvent::Text(text) => text.as_str(),
            other => panic!("{other:?}"),
        });
        texts.collect()
    }
}

/// Where agents are asked.
pub struct Lab {
    pub bench: Bench,
    pub limits: AgentLimits,
    pub remotes: Remotes,
    pub listed: Vec<String>,
    pub inherited: Vec<(OsString, OsString)>,
    pub program: PathBuf,
}

impl Lab {
    pub fn new() -> Self {
        let bench = Bench::new();
        std::fs::create_dir(bench.dir.join("root")).unwrap();
        std::fs::create_dir(bench.dir.join("home")).unwrap();
        let home = bench.dir.join("home").into_os_string();
        let path = std::env::var_os("PATH").unwrap();
        Self {
            limits: AgentLimits {
                tokens: None,
                turns: None,
                cost: None,
                idle: Duration::from_secs(60),
                output: 1 << 30,
                disk: 1 << 30,
            },
            remotes: Remotes::default(),
            listed: Vec::new(),
            inherited: vec![("PATH".into(), path), ("HOME".into(), home)],
            program: PathBuf::from("/bin/sh"),
            bench,
        }
    }

    pub fn root(&self) -> PathBuf {
        self.bench.dir.join("root")
    }

    pub fn transcript(&self) -> PathBuf {
        self.bench.dir.join("logs/transcript")
    }

    pub async fn ask(&self, script: &str) -> Asked {
        self.ask_with(Arc::new(Scripted::default()), script).await
    }

    pub async fn ask_with(&self, dialect: Arc<dyn Dialect>, prompt: &str) -> Asked {
        let surroundings = Surroundings::new(
            self.inherited.clone(),
            self.listed.clone(),
            no_push::settings(None, &self.remotes),
        );
        let processes = self.bench.processes.clone();
        let agent = Headless::new(dialect, self.program.clone(), processes, surroundings);
        let (root, tmp) = (self.root(), self.bench.dir.join("tmp"));
        let transcript = self.transcript();
        let mark = [(MARK.to_owned(), OsString::from(&self.bench.mark))];
        let request = AgentRequest {
            env: &mark,
            ..request(prompt, &root, &tmp, &transcript, self.limits)
        };
        let mut heard = Vec::new();
        let answer = agent
            .ask(&request, &self.bench.watch, &mut |event| heard.push(event))
            .await;
        Asked { answer, heard }
    }
}

fn request<'a>(
    prompt: &'a str,
    root: &'a Path,
    tmp: &'a Path,
    transcript: &'a Path,
    limits: AgentLimits,
) -> AgentRequest<'a> {
    AgentRequest {
        prompt,
        mode: AgentMode::Edit,
        root,
        tmp,
        model: None,
        limits,
        session: None,
        schema: None,
        files: &[],
        commands: &[],
        env: &[],
        transcript,
    }
}
