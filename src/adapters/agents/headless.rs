//! [`Headless`]: a coding agent's program, run under the guard for one request after another.
//!
//! What the program is told and what it prints are its dialect's; here is all that is the same for each: its
//! surroundings, its limits, its transcript and its end. The worker and the researcher call it.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;

use super::dialect::{Call, Dialect};
use super::following::{Following, Transcript};
use super::lines::Lines;
use super::readable;
use super::surroundings::{Additions, Surroundings};
use super::watchdogs::{self, Pulse};
use crate::adapters::process::{Invocation, Log, Processes, Streamed};
use crate::adapters::programs;
use crate::engine::ports::{Agent, AgentRequest, CommandEnd, PortError, Watch};
use crate::model::agent::{AgentAbilities, AgentAnswer, AgentEnd, AgentEvent};

/// How much of a last message is read, in bytes.
const LAST_MESSAGE_CAP: u64 = 8 << 20;

/// A coding agent that is run headless.
pub struct Headless {
    dialect: Arc<dyn Dialect>,
    program: PathBuf,
    processes: Processes,
    surroundings: Surroundings,
    extra: Vec<OsString>,
}

impl Headless {
    /// The agent that `program` is, spoken to in `dialect`.
    #[must_use]
    pub fn new(
        dialect: Arc<dyn Dialect>,
        program: PathBuf,
        processes: Processes,
        surroundings: Surroundings,
    ) -> Self {
        Self {
            dialect,
            program,
            processes,
            surroundings,
            extra: Vec::new(),
        }
    }

    /// Gives the program these arguments of the user's after those of the dialect.
    #[must_use]
    pub fn extra_args(mut self, args: impl IntoIterator<Item = OsString>) -> Self {
        self.extra.extend(args);
        self
    }

    fn invocation(&self, request: &AgentRequest<'_>, call: Call) -> Invocation {
        let variables = self.surroundings.variables(&Additions {
            own: self.dialect.variables(),
            with: self.dialect.variables_with(),
            listed: self.dialect.listed(),
            set: [&call.env, request.env],
            tmp: request.tmp,
        });
        let mut invocation = Invocation::new(&self.program, request.root)
            .args(call.args)
            .args(self.extra.iter().cloned())
            .without_inheritance()
            .doing(self.doing("running"));
        for (name, value) in variables {
            invocation = invocation.env(name, value);
        }
        match call.stdin {
            Some(bytes) => invocation.stdin(bytes),
            None => invocation,
        }
    }

    async fn ask_once(
        &self,
        request: &AgentRequest<'_>,
        watch: &Watch,
        hear: &mut (dyn FnMut(AgentEvent) + Send),
    ) -> Result<AgentAnswer, PortError> {
        if !programs::is_executable(&self.program) {
            let words = format!("{} is no executable file", self.program.display());
            return Err(PortError::failed(self.doing("starting"), words));
        }
        let preparing = |error: io::Error| PortError::failed(self.doing("preparing"), error);
        std::fs::create_dir_all(request.tmp).map_err(preparing)?;
        let call = self.dialect.call(request).map_err(preparing)?;
        let last_message = call.last_message.clone();
        if let Some(path) = &last_message {
            // One of an earlier request would be taken for the answer to this.
            remove(path).map_err(preparing)?;
        }
        let transcript_failed = |error: io::Error| {
            let doing = format!("writing the transcript {}", request.transcript.display());
            PortError::failed(doing, error)
        };
        let transcript = Transcript::open(request.transcript).map_err(transcript_failed)?;
        let log = Log::of(watch)?;
        let used = watchdogs::used(request).await;
        let pulse = Pulse::new();
        let mut following = Following {
            listener: self.dialect.listener(request),
            root: request.root.to_owned(),
            hear,
            transcript,
            log,
            pulse: pulse.clone(),
            turns: request
                .limits
                .turns
                .filter(|_| !self.dialect.abilities().turns),
            room: request.limits.output,
            out: Lines::default(),
            err: Lines::default(),
        };
        let invocation = self.invocation(request, call);
        let verdict = watchdogs::verdict(request, used, &pulse);
        let streamed = self
            .processes
            .streamed(&invocation, watch, &mut following, verdict)
            .await;
        let (listener, transcript, mut log) = following.finish();
        let (end, limit) = match streamed {
            Ok(Streamed::Ended(CommandEnd::Stopped)) | Err(PortError::Stopped) => {
                log.push(b"ended: stopped\n");
                log.close_of(watch)?;
                return Err(PortError::Stopped);
            }
            Ok(Streamed::Ended(end @ CommandEnd::TimedOut(after))) => {
                (end, Some(AgentEnd::TimedOut(after)))
            }
            Ok(Streamed::Ended(end)) => (end, None),
            Ok(Streamed::Judged(limit)) => (CommandEnd::TimedOut(watch.timeout), Some(limit)),
            Err(error) => return Err(error),
        };
        let mut answer = listener.end(end, last_message.as_deref().and_then(read));
        if let Some(limit) = limit {
            answer.end = limit;
        }
        log.push(readable::end(&answer.end).as_bytes());
        log.close_of(watch)?;
        transcript.close().map_err(transcript_failed)?;
        Ok(answer)
    }

    fn doing(&self, what: &str) -> String {
        format!("{what} {}", self.dialect.name())
    }
}

#[async_trait]
impl Agent for Headless {
    fn name(&self) -> &str {
        self.dialect.name()
    }

    fn abilities(&self) -> AgentAbilities {
        self.dialect.abilities()
    }

    async fn ask(
        &self,
        request: &AgentRequest<'_>,
        watch: &Watch,
        hear: &mut (dyn FnMut(AgentEvent) + Send),
    ) -> Result<AgentAnswer, PortError> {
        let mut begun = false;
        let mut noting = |event| {
            begun = true;
            hear(event);
        };
        let answer = self.ask_once(request, watch, &mut noting).await?;
        if begun || !self.dialect.starts_again() || !matches!(answer.end, AgentEnd::Failed(_)) {
            return Ok(answer);
        }
        self.ask_once(request, watch, hear).await
    }
}

/// What the program left there; none when it is no file.
fn read(path: &Path) -> Option<String> {
    // Opening a pipe would wait for someone to write to it.
    if !std::fs::symlink_metadata(path).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(LAST_MESSAGE_CAP).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
