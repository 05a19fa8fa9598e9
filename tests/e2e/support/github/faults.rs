//! [`Fault`]: what goes wrong on the way to GitHub and back, and [`At`]: at which request. Decides nothing but whose turn
//! it is; the server acts.

use std::time::Duration;

/// Which request a fault meets.
#[derive(Debug, Clone)]
pub enum At {
    /// The nth request to the interface (REST or GraphQL), counted from 1 and from the hub's start.
    Nth(usize),
    /// The nth request of this method whose path (as sent, without the query) contains these words, counted from when
    /// the fault was set. git's requests are met by this alone.
    Matching {
        method: &'static str,
        path: String,
        nth: usize,
    },
}

impl At {
    /// The first request of this method to a path that contains this.
    pub fn first(method: &'static str, path: impl Into<String>) -> Self {
        let path = path.into();
        Self::Matching {
            method,
            path,
            nth: 1,
        }
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection is reset and nothing was done.
    ResetBefore,
    /// The connection is reset after it was done.
    ResetAfter,
    /// 502 in HTML, and nothing was done.
    BadGatewayBefore,
    /// 502 in HTML after it was done.
    BadGatewayAfter,
    /// 500 in JSON; nothing was done.
    ServerError,
    /// 503 in HTML; nothing was done.
    Unavailable,
    /// 403 of a secondary limit; a pause of so many seconds is announced by `retry-after`, or is left to the reader.
    Forbidden(Option<u64>),
    /// 429 of a secondary limit; as [`Fault::Forbidden`].
    TooMany(Option<u64>),
    /// 403 of the primary limit, which is there again after so many seconds, by `x-ratelimit-reset`.
    Exhausted(u64),
    /// No answer for so long (without end when none), and nothing was done; then the connection is reset.
    StallBefore(Option<Duration>),
    /// It was done, and then as [`Fault::StallBefore`].
    StallAfter(Option<Duration>),
    /// It was done, and half of the answer comes.
    CutBody,
    /// 200 and a page of HTML; nothing was done.
    HtmlBefore,
    /// 200 and a page of HTML after it was done.
    HtmlAfter,
    /// It was done, and the answer has no body.
    EmptyBody,
    /// GraphQL's 200 with errors and without data; nothing was done. REST is not met.
    GraphqlErrors,
}

impl Fault {
    /// One of each kind, with pauses of so many seconds and stalls without end.
    pub const fn all(pause: u64) -> [Self; 18] {
        [
            Self::ResetBefore,
            Self::ResetAfter,
            Self::BadGatewayBefore,
            Self::BadGatewayAfter,
            Self::ServerError,
            Self::Unavailable,
            Self::Forbidden(Some(pause)),
            Self::Forbidden(None),
            Self::TooMany(Some(pause)),
            Self::TooMany(None),
            Self::Exhausted(pause),
            Self::StallBefore(None),
            Self::StallAfter(None),
            Self::CutBody,
            Self::HtmlBefore,
            Self::HtmlAfter,
            Self::EmptyBody,
            Self::GraphqlErrors,
        ]
    }

    /// Whether what was asked is done all the same.
    pub fn is_after(self) -> bool {
        match self {
            Self::ResetAfter
            | Self::BadGatewayAfter
            | Self::StallAfter(_)
            | Self::CutBody
            | Self::HtmlAfter
            | Self::EmptyBody => true,
            Self::ResetBefore
            | Self::BadGatewayBefore
            | Self::ServerError
            | Self::Unavailable
            | Self::Forbidden(_)
            | Self::TooMany(_)
            | Self::Exhausted(_)
            | Self::StallBefore(_)
            | Self::HtmlBefore
            | Self::GraphqlErrors => false,
        }
    }
}

/// A fault that was set.
#[derive(Debug)]
struct Planned {
    at: At,
    fault: Fault,
    /// Whether it comes at the nth request and all after it.
    always: bool,
    seen: usize,
    met: usize,
}

/// The faults that were set.
#[derive(Debug, Default)]
pub struct Faults {
    planned: Vec<Planned>,
}

impl Faults {
    /// Sets one; the answer is its number.
    pub fn add(&mut self, at: At, fault: Fault) -> usize {
        self.planned.push(Planned {
            at,
            fault,
            always: false,
            seen: 0,
            met: 0,
        });
        self.planned.len() - 1
    }

    pub fn always(&mut self, number: usize) {
        self.planned[number].always = true;
    }

    /// How many requests one has met.
    pub fn met(&self, number: usize) -> usize {
        self.planned[number].met
    }

    pub fn clear(&mut self) {
        self.planned.clear();
    }

    /// What meets a request, the `nth` to the interface (none for git's): the fault set first whose turn it is.
    pub fn next(&mut self, nth: Option<usize>, method: &str, path: &str) -> Option<Fault> {
        let mut found = None;
        for planned in &mut self.planned {
            if planned.fault == Fault::GraphqlErrors && !path.ends_with("/graphql") {
                continue;
            }
            let (count, turn) = match &planned.at {
                At::Nth(turn) => (nth, *turn),
                At::Matching {
                    method: of,
                    path: part,
                    nth: turn,
                } => {
                    if !method.eq_ignore_ascii_case(of) || !path.contains(part.as_str()) {
                        continue;
                    }
                    planned.seen += 1;
                    (Some(planned.seen), *turn)
                }
            };
            let is_its = count.is_some_and(|count| {
                if planned.always {
                    count >= turn
                } else {
                    count == turn
                }
            });
            if is_its && found.is_none() {
                planned.met += 1;
                found = Some(planned.fault);
            }
        }
        found
    }
}
