//! What a worker needs: a repository with a remote, all that it works with, and an agent that does as a script says.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use batch::adapters::clock::SystemClock;
use batch::adapters::commands::ShellCommands;
use batch::adapters::git::objects::GitObjects;
use batch::adapters::git::remote::Deliveries;
use batch::adapters::git::repository::GitRepository;
use batch::adapters::process::{self, Processes};
use batch::engine::dispatch::Input;
use batch::engine::job::{Evidence, Job, Rules, WorkerEnd};
use batch::engine::ports::{
    Agent, AgentRequest, Assignment, Codemod, Edits, Logs, PortError, Repository, Stop, Watch,
    Workspaces,
};
use batch::engine::prompt::Prompts;
use batch::engine::teller::{Message, Teller};
use batch::engine::text::Texts;
use batch::engine::throttle::Throttle;
use batch::engine::union::Union;
use batch::engine::worker::{self, Maker, Tools, UnitAgent};
use batch::model::agent::{AgentAbilities, AgentAnswer, AgentEnd, AgentEvent};
use batch::model::change::{Change, Source};
use batch::model::event::{Ask, Event};
use batch::model::id::{ObjectId, Slot, UnitId};
use batch::model::kept::Kept;
use batch::model::outcome::{Failure, Step};
use batch::model::plan::{Base, Plan, TestPolicy, Unit};
use batch::model::scope::{Entry, Scope};
use batch::model::spend::{Allowance, Spend, Tokens, Usd};
use batch::model::tree::{Mode, TreeFile};
use tokio::sync::{Semaphore, mpsc};

use super::super::lab::{Lab, run};

/// What the agent does when it is asked, and what that comes to.
pub(super) type Act =
    Box<dyn FnOnce(&Path, &mut (dyn FnMut(AgentEvent) + Send)) -> AgentAnswer + Send>;

/// An agent that does as it was told beforehand, request by request.
pub(super) struct Scripted {
    sessions: bool,
    acts: Mutex<VecDeque<Act>>,
    pub(super) asked: Mutex<Vec<Asked>>,
}

/// A request, as far as tests look at it.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) prompt: String,
    pub(super) session: Option<String>,
    pub(super) turns: Option<u32>,
    pub(super) cost: Option<Usd>,
    pub(super) commands: Vec<String>,
    pub(super) env: HashMap<String, String>,
    /// What is in the file that `BATCH_FILES_FROM` names.
    pub(super) listed: String,
    pub(super) transcript: PathBuf,
}

#[async_trait]
impl Agent for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn abilities(&self) -> AgentAbilities {
        AgentAbilities {
            schema: false,
            sessions: self.sessions,
            research: false,
            turns: true,
        }
    }

    async fn ask(
        &self,
        request: &AgentRequest<'_>,
        _watch: &Watch,
        hear: &mut (dyn FnMut(AgentEvent) + Send),
    ) -> Result<AgentAnswer, PortError> {
        let mut env = request.env.iter();
        self.asked.lock().unwrap().push(Asked {
            prompt: request.prompt.to_owned(),
            session: request.session.map(|session| session.id.clone()),
            turns: request.limits.turns,
            cost: request.limits.cost,
            commands: request.commands.to_vec(),
            env: env
                .clone()
                .map(|(name, value)| (name.clone(), value.to_string_lossy().into_owned()))
                .collect(),
            listed: env
                .find(|(name, _)| name == "BATCH_FILES_FROM")
                .map(|(_, path)| std::fs::read_to_string(path).unwrap())
                .unwrap_or_default(),
            transcript: request.transcript.to_owned(),
        });
        let act = self.acts.lock().unwrap().pop_front();
        let act = act.unwrap_or_else(|| panic!("asked once more:\n{}", request.prompt));
        Ok(act(request.root, hear))
    }
}

/// An answer that says so much, cost a cent and ten tokens, and took three turns.
pub(super) fn answer(end: AgentEnd, text: &str) -> AgentAnswer {
    AgentAnswer {
        end,
        text: (!text.is_empty()).then(|| text.to_owned()),
        structured: None,
        session: Some("the-session".to_owned()),
        spend: cent(),
        turns: Some(3),
    }
}

pub(super) fn cent() -> Spend {
    Spend {
        cost: Some(Usd(10_000)),
        estimated: false,
        tokens: Tokens {
            input: 7,
            cached: 0,
            output: 3,
        },
    }
}

/// Does something in the worktree, and is done.
pub(super) fn does(act: impl FnOnce(&Path) + Send + 'static) -> Act {
    Box::new(move |root, _| {
        act(root);
        answer(AgentEnd::Completed, "Did it.\nLook at a.")
    })
}

/// Does something in the worktree, and ends otherwise.
pub(super) fn ends(act: impl FnOnce(&Path) + Send + 'static, end: AgentEnd) -> Act {
    Box::new(move |root, _| {
        act(root);
        answer(end, "")
    })
}

/// Writes a file in the worktree, and is done.
pub(super) fn writes(name: &'static str, text: &'static str) -> Act {
    does(move |root| super::super::lab::write(root, name, text))
}

struct FileLogs(PathBuf);

impl Logs for FileLogs {
    fn file(&self, unit: &UnitId, attempt: u32, step: Step) -> PathBuf {
        self.0.join(format!("{unit}-{attempt}-{step}.log"))
    }

    fn transcript(&self, unit: &UnitId, attempt: u32) -> PathBuf {
        self.0.join(format!("{unit}-{attempt}-agent.jsonl"))
    }

    fn base_file(&self, step: Step) -> PathBuf {
        self.0.join(format!("base-{step}.log"))
    }

    fn begin_anew(&self, log: &Path) {
        let _ = std::fs::remove_file(log);
    }

    fn tail(&self, log: &Path) -> Option<Vec<String>> {
        log.exists().then(|| process::tail(log, 20))
    }

    fn excerpt(&self, log: &Path, most: usize) -> Option<String> {
        process::excerpt(log, "", most)
    }
}

/// A codemod that writes one file, and ends well or badly.
struct Writing(&'static str, &'static str, bool);

#[async_trait]
impl Codemod for Writing {
    async fn apply(&self, assignment: Assignment<'_>) -> Result<Edits, PortError> {
        let Self(name, text, well) = *self;
        super::super::lab::write(&assignment.workspace.path, name, text);
        if well {
            Ok(Edits::InFiles)
        } else {
            Err(PortError::failed("running the codemod", "exit code 7"))
        }
    }
}

/// A place to work in. The unit `one` owns `a`, `new` and all below `dir`; `two` owns `b`.
pub(super) struct Bench {
    pub(super) lab: Lab,
    pub(super) root: PathBuf,
    pub(super) base: ObjectId,
    pub(super) plan: Plan,
    pub(super) rules: Rules,
    pub(super) evidence: Evidence,
    pub(super) allowance: Allowance,
    pub(super) attempt: u32,
    pub(super) sessions: bool,
    pub(super) codemod: Option<(&'static str, &'static str, bool)>,
    /// Whether the worktree has served before.
    pub(super) reused: bool,
}

/// What a worker came to.
pub(super) struct Worked {
    pub(super) end: WorkerEnd,
    pub(super) events: Vec<Event>,
    pub(super) asked: Vec<Asked>,
}

impl Bench {
    pub(super) fn new() -> Self {
        let lab = Lab::new();
        let files = [
            ("a", "1\n"),
            ("b", "2\n"),
            ("dir/c", "3\n"),
            (".gitignore", "ignored\n"),
        ];
        let root = lab.repository("r", &files);
        lab.origin(&root);
        let base = lab.id(&root, "HEAD");
        let unit = |id: &str, paths: &[&str]| {
            let entries = paths.iter().map(|path| Entry::parse(path).unwrap());
            let id = UnitId::parse(id).unwrap();
            Unit::new(id, "part", "Do the part.", Scope::new(entries))
        };
        let units = vec![unit("one", &["a", "new", "dir/"]), unit("two", &["b"])];
        let at = Base {
            branch: "main".to_owned(),
            commit: base.clone(),
        };
        let mut plan = Plan::new(Change::new("change it", Source::Agent), at, units);
        plan.test = TestPolicy::None;
        Self {
            lab,
            root,
            base,
            plan,
            rules: Rules {
                timeout: Duration::from_secs(60),
                test_timeout: Duration::from_secs(60),
                retries: 0,
                fixes: 2,
                max_turns: None,
                idle: Duration::from_secs(60),
                fresh: false,
                signoff: false,
                keep_worktrees: false,
            },
            evidence: Evidence::default(),
            allowance: Allowance::default(),
            attempt: 1,
            sessions: true,
            codemod: None,
            reused: false,
        }
    }

    pub(super) fn test(mut self, command: &str) -> Self {
        self.plan.test = TestPolicy::Command(command.to_owned());
        self
    }

    /// Has a worker make the unit `one`, with an agent that does these things when it is asked.
    pub(super) async fn work(&self, acts: Vec<Act>) -> Worked {
        let place = self.lab.place(&self.root).await;
        let repository = Arc::new(GitRepository::new(&place));
        let workspaces: Arc<dyn Workspaces> = Arc::new(self.lab.pool(&place, false));
        if self.reused {
            let lent = workspaces
                .lend(Slot(0), &self.base, &self.lab.watch())
                .await;
            workspaces.give_back(lent.unwrap()).await;
        }
        let agent = Arc::new(Scripted {
            sessions: self.sessions,
            acts: Mutex::new(acts.into()),
            asked: Mutex::default(),
        });
        let unit_agent = UnitAgent {
            agent: agent.clone(),
            model: None,
        };
        let maker = match self.codemod {
            None => Maker::Agent(unit_agent),
            Some((name, text, well)) => {
                Maker::CodemodThenAgent(Arc::new(Writing(name, text, well)), unit_agent)
            }
        };
        let (sender, inputs) = mpsc::channel(64);
        let (teller, stop) = (Teller::new(sender), Stop::default());
        let heard = tokio::spawn(hear(inputs));
        let logs = self.lab.path("logs");
        std::fs::create_dir_all(&logs).unwrap();
        let choice = place.choose_remote(None).await.unwrap();
        let tools = Tools {
            makers: HashMap::from([(UnitId::parse("one").unwrap(), maker)]),
            workspaces: workspaces.clone(),
            repository: repository.clone(),
            objects: Arc::new(GitObjects::open(&place)),
            commands: Arc::new(ShellCommands::new(Processes::new(env!(
                "CARGO_BIN_EXE_batch"
            )))),
            remote: Arc::new(Deliveries::new(&place, choice)),
            logs: Arc::new(FileLogs(logs)),
            union: Arc::new(Union::new(repository, self.base.clone(), Vec::new())),
            ownership: Arc::new(self.plan.ownership()),
            texts: Texts::new().unwrap(),
            prompts: Prompts::new().unwrap(),
            tests: Arc::new(Semaphore::new(1)),
        };
        let file = |path: &str| TreeFile {
            path: path.into(),
            mode: Mode::File,
            id: self.lab.id(&self.root, &format!("{}:{path}", self.base)),
        };
        let job = Job {
            run: run(),
            plan: Arc::new(self.plan.clone()),
            index: 0,
            attempt: self.attempt,
            slot: Slot(0),
            base: self.base.clone(),
            commit: None,
            branch: "batch/change/one".to_owned(),
            files: Arc::from([file("a"), file("dir/c")]),
            evidence: self.evidence.clone(),
            allowance: self.allowance,
            rules: self.rules.clone(),
        };
        let width = std::num::NonZeroUsize::MIN;
        let throttle = Throttle::new(width, teller.clone(), Arc::new(SystemClock), stop.clone());
        let end = worker::work(&job, &tools, &throttle, &teller, &stop).await;
        stop.asked.cancel();
        drop((throttle, teller));
        workspaces.close().await.unwrap();
        let left = agent.acts.lock().unwrap().len();
        assert_eq!(left, 0, "the agent was not asked as often as it was to be");
        let asked = agent.asked.lock().unwrap().clone();
        Worked {
            end,
            events: heard.await.unwrap(),
            asked,
        }
    }

    /// A file of the delivered branch.
    pub(super) fn delivered(&self, path: &str) -> String {
        let rev = format!("batch/change/one:{path}");
        self.lab.git(&self.lab.path("origin.git"), &["show", &rev])
    }

    /// The paths that a commit or ref changes.
    pub(super) fn changed(&self, revision: &str) -> String {
        let format = ["show", "--format=", "--name-only", "--no-renames", revision];
        self.lab.git(&self.root, &format).replace('\n', " ")
    }

    /// Keeps these edits as those of the first attempt, for the second to begin from.
    pub(super) async fn kept(&mut self, files: &[(&str, &str)]) {
        let place = self.lab.place(&self.root).await;
        let pool = self.lab.pool(&place, false);
        let lent = pool
            .lend(Slot(3), &self.base, &self.lab.watch())
            .await
            .unwrap();
        for (name, text) in files {
            super::super::lab::write(&lent.path, name, text);
        }
        let repository = GitRepository::new(&place);
        let tree = repository.salvage(&lent, &self.lab.watch()).await.unwrap();
        let reference = format!("refs/batch/{}/one/attempt-1", run());
        repository
            .keep(&tree, &self.base, &reference, "kept")
            .await
            .unwrap();
        pool.close().await.unwrap();
        self.evidence.kept = Some(Kept::Unproven(reference));
        self.attempt = 2;
    }
}

impl Bench {
    /// As [`Bench::kept`], for edits that the first attempt had committed already.
    pub(super) async fn committed(&mut self, files: &[(&str, &str)]) {
        self.kept(files).await;
        let reference = self.evidence.kept.take().unwrap();
        let commit = self.lab.id(&self.root, reference.revision());
        self.evidence.kept = Some(Kept::Committed(commit));
    }
}

impl Worked {
    #[track_caller]
    pub(super) fn failure(&self) -> &Failure {
        match &self.end {
            WorkerEnd::Failed(failure) => failure,
            other => panic!("not failed: {other:?}"),
        }
    }

    #[track_caller]
    pub(super) fn is_delivered(&self) {
        assert!(
            matches!(self.end, WorkerEnd::Delivered(_)),
            "{:?}",
            self.end
        );
    }

    pub(super) fn warnings(&self) -> Vec<&str> {
        let texts = self.events.iter().filter_map(|event| match event {
            Event::Warning { text, .. } => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// What the agent was asked about, in order.
    pub(super) fn abouts(&self) -> Vec<Ask> {
        let asks = self.events.iter().filter_map(|event| match event {
            Event::AgentAsked { about, .. } => Some(*about),
            _ => None,
        });
        asks.collect()
    }

    pub(super) fn spent(&self) -> Spend {
        let spends = self.events.iter().filter_map(|event| match event {
            Event::Spent { spend, .. } => Some(*spend),
            _ => None,
        });
        spends.sum()
    }

    /// The ref at which the edits were kept.
    pub(super) fn kept(&self) -> Option<&str> {
        self.events.iter().rev().find_map(|event| match event {
            Event::EditsKept { reference, .. } => Some(reference.as_str()),
            _ => None,
        })
    }

    pub(super) fn summary(&self) -> Option<&str> {
        self.events.iter().rev().find_map(|event| match event {
            Event::Summarised { text, .. } => Some(text.as_str()),
            _ => None,
        })
    }
}

async fn hear(mut inputs: mpsc::Receiver<Message>) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(Message { input, recorded }) = inputs.recv().await {
        if let Input::Told(event) = input {
            events.push(event);
        }
        if let Some(recorded) = recorded {
            let _ = recorded.send(());
        }
    }
    events
}
