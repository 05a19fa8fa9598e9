//! [`Gateway`]: the one way to GitHub's interface. Keeps the pace, waits out pauses, tries reads again, and never sends a
//! write twice of which it is not known whether it was done.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::{Mutex, MutexGuard, watch};

use super::address::Address;
use super::api::{Answer, ApiError, Call, Kind};
use super::gate::{Barred, Gate, Pass};
use super::hearing::{Heard, Raw, hear};
use super::ledger::Ledger;
use super::limit::{self, Limit};
use super::pace::Rates;
use super::settings::GitHubSettings;
use super::token::{Token, TokenSource};
use super::transport::{Lost, Timeouts, Transport};
use crate::engine::ports::{Clock, ForgePause, Stop};

/// How often a call is sent of which it is certain that it was not done, or that changes nothing.
const TRIES: usize = 3;

/// How often a call is sent again after GitHub wanted to be left alone.
const PAUSES: usize = 6;

/// How long one call waits for that in all, before its last pause begins.
const PATIENCE: SignedDuration = SignedDuration::from_hours(2);

/// How often a read may move.
const MOVES: usize = 3;

/// The most pages of one list: 100,000 items, where each has 100.
const PAGES: usize = 1000;

/// What a gateway needs.
pub struct Connection {
    /// Where the interface is: `https://api.github.com`, `https://HOST/api/v3`.
    pub api_url: String,
    /// By which GitHub knows the user.
    pub token: Token,
    /// The pace.
    pub settings: GitHubSettings,
    /// The folder for states of the user's programs, where the pace is kept; without one it is this process's alone.
    pub state_folder: Option<PathBuf>,
    /// A PEM file of certificate authorities, beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Ends all waiting.
    pub stop: Stop,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// How quick things are; tests are quicker.
#[derive(Debug, Clone, Copy)]
pub struct Tempo {
    /// How long things may take.
    pub timeouts: Timeouts,
    /// How often a wait looks at the clock: timers stand still while a computer sleeps, and a clock may be set.
    pub look: Duration,
    /// The waits between tries.
    pub backoff: [Duration; TRIES - 1],
}

impl Default for Tempo {
    fn default() -> Self {
        Self {
            timeouts: Timeouts::default(),
            look: Duration::from_secs(5),
            backoff: [Duration::from_secs(1), Duration::from_secs(3)],
        }
    }
}

/// The one way to GitHub's interface.
pub struct Gateway {
    address: Address,
    transport: Transport,
    source: TokenSource,
    gate: Gate,
    /// Held by the one write that is on its way, or waits.
    writer: Mutex<()>,
    backoff: [Duration; TRIES - 1],
    stop: Stop,
    clock: Arc<dyn Clock>,
}

/// What became of sending a request once.
enum Sent {
    /// There is an answer.
    Heard(Heard),
    /// There is none.
    Lost(Lost),
    /// The user wanted everything to end at once.
    Ended,
}

/// How long one call goes on.
#[derive(Default)]
struct Endurance {
    tries: usize,
    pauses: usize,
    moves: usize,
    waited: SignedDuration,
}

impl Gateway {
    /// Connects nothing yet. To be called within a runtime.
    ///
    /// # Errors
    /// [`ApiError::Unreachable`] when the address is none, or no client can be made.
    pub fn new(connection: Connection) -> Result<Self, ApiError> {
        Self::with_tempo(connection, Tempo::default())
    }

    /// The same, as quick as that.
    ///
    /// # Errors
    /// As [`Gateway::new`].
    pub fn with_tempo(connection: Connection, tempo: Tempo) -> Result<Self, ApiError> {
        let unreachable = |words: String| ApiError::Unreachable {
            doing: "connecting to GitHub".to_owned(),
            words,
        };
        let address = Address::parse(&connection.api_url).map_err(unreachable)?;
        let transport = Transport::new(
            &address,
            connection.token.secret,
            connection.ca_file.as_deref(),
            tempo.timeouts,
        )
        .map_err(unreachable)?;
        let ledger = Ledger::new(connection.state_folder.as_deref(), address.host());
        let rates = Rates {
            interval: connection.settings.write_interval,
            per_minute: connection.settings.writes_per_minute,
            per_hour: connection.settings.writes_per_hour,
        };
        let gate = Gate::new(
            ledger,
            rates,
            Arc::clone(&connection.clock),
            connection.stop.clone(),
            tempo.look,
        );
        Ok(Self {
            address,
            transport,
            source: connection.token.source,
            gate,
            writer: Mutex::default(),
            backoff: tempo.backoff,
            stop: connection.stop,
            clock: connection.clock,
        })
    }

    /// The pauses, as they come and go.
    #[must_use]
    pub fn pauses(&self) -> watch::Receiver<Option<ForgePause>> {
        self.gate.pauses()
    }

    /// Why the pace is kept by this process alone, if it is, as a fragment.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        self.gate.warning()
    }

    /// Where the token was found, for what is said of it.
    #[must_use]
    pub fn token_source(&self) -> &TokenSource {
        &self.source
    }

    /// Sends one call and sees it to its end.
    ///
    /// # Errors
    /// [`ApiError`], of which [`ApiError::Unknown`] comes of writes alone.
    pub async fn send(&self, call: Call) -> Result<Answer, ApiError> {
        let _writer = self.one_writer(call.kind).await?;
        let mut path = self.address.on_origin(&call.path);
        let mut endurance = Endurance::default();
        loop {
            let pass = self.gate.enter(call.kind).await;
            let pass = pass.map_err(|barred| barred_from(&call, barred))?;
            let sent = self.sent(&pass, &call, &path).await;
            match call.kind {
                Kind::Read => {}
                Kind::Write | Kind::Content => self.gate.written().await,
            }
            let words = match sent {
                Sent::Heard(Heard::Done(answer)) => return Ok(answer),
                Sent::Heard(Heard::Refused(refusal)) => {
                    return Err(ApiError::Refused(Box::new(refusal)));
                }
                Sent::Heard(Heard::Limited(limit)) => {
                    self.limited(&call, pass, limit, &mut endurance).await?;
                    continue;
                }
                Sent::Heard(Heard::Moved(place)) => {
                    endurance.moves += 1;
                    if endurance.moves > MOVES {
                        let words = format!("GitHub names another place {} times", MOVES + 1);
                        return Err(unreachable(&call, words));
                    }
                    path = place;
                    continue;
                }
                Sent::Ended if call.kind == Kind::Read => return Err(ApiError::Stopped),
                Sent::Ended => return Err(unknown(&call, "stopped while it was sent".to_owned())),
                Sent::Lost(Lost::Cut(words) | Lost::TooLong(words))
                | Sent::Heard(Heard::Broken(words))
                    if call.kind != Kind::Read =>
                {
                    return Err(unknown(&call, words));
                }
                Sent::Lost(Lost::TooLong(words)) => return Err(unreachable(&call, words)),
                Sent::Lost(Lost::NotSent(words) | Lost::Cut(words))
                | Sent::Heard(Heard::Broken(words)) => words,
            };
            drop(pass);
            let Some(wait) = self.backoff.get(endurance.tries) else {
                let words = format!("{words}; tried {TRIES} times");
                return Err(unreachable(&call, words));
            };
            endurance.tries += 1;
            let waited = self.gate.wait(*wait).await;
            waited.map_err(|barred| barred_from(&call, barred))?;
        }
    }

    /// Waits so long before it is asked again.
    ///
    /// # Errors
    /// [`ApiError::Stopped`] as soon as the user stops.
    pub async fn wait(&self, length: Duration) -> Result<(), ApiError> {
        let waited = self.gate.wait(length).await;
        waited.map_err(|_| ApiError::Stopped)
    }

    /// All items of a list, page by page. A page is an array, or an object with one array in it.
    ///
    /// # Errors
    /// As [`Gateway::send`]; [`ApiError::Unreachable`] where a page is no list.
    pub async fn list(&self, call: Call) -> Result<Vec<serde_json::Value>, ApiError> {
        let mut items = Vec::new();
        let mut next = Some(call);
        for _ in 0..PAGES {
            let Some(call) = next else {
                return Ok(items);
            };
            let doing = call.doing.clone();
            let answer = self.send(call).await?;
            items.extend(page_of(answer.body).ok_or_else(|| ApiError::no_list(&doing))?);
            next = answer.next.map(|path| Call::read(doing, path));
        }
        match next {
            None => Ok(items),
            Some(call) => Err(unreachable(
                &call,
                format!("the list has more than {PAGES} pages"),
            )),
        }
    }

    /// Writes go one after another, in the order in which they came.
    async fn one_writer(&self, kind: Kind) -> Result<Option<MutexGuard<'_, ()>>, ApiError> {
        if kind == Kind::Read {
            return Ok(None);
        }
        tokio::select! {
            biased;
            () = self.stop.asked.cancelled() => Err(ApiError::Stopped),
            () = self.stop.now.cancelled() => Err(ApiError::Stopped),
            guard = self.writer.lock() => Ok(Some(guard)),
        }
    }

    /// Sends a request, which is seen to its end unless everything is to end at once.
    async fn sent(&self, pass: &Pass, call: &Call, path: &str) -> Sent {
        let raw = tokio::select! {
            biased;
            raw = self.transport.send(pass, call, path) => raw,
            () = self.stop.now.cancelled() => return Sent::Ended,
        };
        match raw {
            Ok(raw) => Sent::Heard(self.heard(pass, call, &raw).await),
            Err(lost) => Sent::Lost(lost),
        }
    }

    async fn heard(&self, pass: &Pass, call: &Call, raw: &Raw) -> Heard {
        let now = self.clock.now();
        let heard = hear(call, raw, &self.address, &self.source, now);
        let is_limited = matches!(heard, Heard::Limited(_));
        if !is_limited && let Some(limit) = limit::last_before_reset(&raw.headers, now) {
            self.gate.limited(pass.given(), limit).await;
        }
        heard
    }

    /// Notes a limit for all. A call that met one waits for the end of the pause with the others, some times.
    async fn limited(
        &self,
        call: &Call,
        pass: Pass,
        limit: Limit,
        endurance: &mut Endurance,
    ) -> Result<(), ApiError> {
        let reason = limit.reason.clone();
        let pause = self.gate.limited(pass.given(), limit).await;
        drop(pass);
        endurance.pauses += 1;
        if endurance.pauses > PAUSES || endurance.waited > PATIENCE {
            let words = format!("{reason}, also after {} pauses", endurance.pauses - 1);
            return Err(unreachable(call, words));
        }
        if let Some(pause) = pause {
            endurance.waited += pause.until.duration_since(self.clock.now());
        }
        Ok(())
    }
}

fn unreachable(call: &Call, words: String) -> ApiError {
    ApiError::Unreachable {
        doing: call.doing.clone(),
        words,
    }
}

fn unknown(call: &Call, words: String) -> ApiError {
    ApiError::Unknown {
        doing: call.doing.clone(),
        words,
    }
}

fn barred_from(call: &Call, barred: Barred) -> ApiError {
    match barred {
        Barred::Stopped => ApiError::Stopped,
        Barred::Far(pause) => {
            let until = pause.until.strftime("%Y-%m-%d %H:%M UTC");
            unreachable(call, format!("{}, until {until}", pause.reason))
        }
    }
}

/// The items of a page.
fn page_of(body: serde_json::Value) -> Option<Vec<serde_json::Value>> {
    use serde_json::Value;
    match body {
        Value::Array(items) => Some(items),
        Value::Object(fields) => {
            let mut lists = fields.into_iter().filter_map(|(_, field)| match field {
                Value::Array(items) => Some(items),
                _ => None,
            });
            let list = lists.next();
            list.filter(|_| lists.next().is_none())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
