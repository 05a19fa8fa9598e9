//! A server that answers as it is told, one reply after another, and notes what it was asked; and a clock that runs fast.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::engine::ports::Clock;

/// Seconds of the tests' clock within a real one.
const SPEED: i32 = 500;

/// A clock that runs fast, from a day of 2026.
pub(super) struct Quick {
    born: Instant,
}

impl Quick {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            born: Instant::now(),
        })
    }
}

impl Clock for Quick {
    fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.born.elapsed()).unwrap() * SPEED;
        Timestamp::from_second(1_790_000_000).unwrap() + passed
    }
}

/// What the server does with a request.
#[derive(Clone)]
pub(super) enum Reply {
    /// An answer with status, headers and body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// It takes the request and closes the connection.
    Reset,
    /// It begins an answer that says it has more than comes.
    Cut,
    /// It takes the request and says nothing.
    Stall,
    /// It answers with so many bytes.
    Flood(usize),
}

/// An answer without headers.
pub(super) fn answer(status: u16, body: &str) -> Reply {
    Reply::Answer(status, Vec::new(), body.to_owned())
}

/// An answer with headers.
pub(super) fn with(status: u16, headers: &[(&'static str, &str)], body: &str) -> Reply {
    let headers = headers
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    Reply::Answer(status, headers.collect(), body.to_owned())
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) line: String,
    /// The headers in lower case, their values as they were.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    pub(super) at: Timestamp,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(other, _)| other == name)
            .map(|(_, value)| &**value)
    }
}

/// The server.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) address: SocketAddr,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    clock: Arc<Quick>,
}

impl Server {
    /// It gives these replies in this order, and then `200 {}`.
    pub(super) async fn start(replies: Vec<Reply>, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            replies: Arc::new(Mutex::new(replies.into())),
            asked: Arc::default(),
            clock: Quick::new(),
        };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (server, tls) = (serving.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => server.serve(stream).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                server.serve(stream).await;
                            }
                        }
                    }
                });
            }
        });
        server
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// It gives these replies next.
    pub(super) fn tell(&self, replies: Vec<Reply>) {
        *self.replies.lock().unwrap() = replies.into();
    }

    /// The clock by which requests are noted.
    pub(super) fn clock(&self) -> Arc<Quick> {
        Arc::clone(&self.clock)
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Waits until it was asked so often.
    pub(super) async fn was_asked(&self, times: usize) {
        while self.asked().len() < times {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn serve(self, mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin) {
        while let Some(asked) = read(&mut stream, &*self.clock).await {
            self.asked.lock().unwrap().push(asked);
            let reply = self.replies.lock().unwrap().pop_front();
            match reply.unwrap_or_else(|| answer(200, "{}")) {
                Reply::Answer(status, headers, body) => {
                    let mut text = format!("HTTP/1.1 {status} X\r\n");
                    for (name, value) in headers {
                        text.push_str(&format!("{name}: {value}\r\n"));
                    }
                    if status != 204 {
                        text.push_str(&format!("content-length: {}\r\n", body.len()));
                    }
                    text.push_str(&format!("\r\n{body}"));
                    if stream.write_all(text.as_bytes()).await.is_err() {
                        return;
                    }
                }
                Reply::Reset => return,
                Reply::Cut => {
                    let text = b"HTTP/1.1 201 X\r\ncontent-length: 1000\r\n\r\n{\"number\": 7,";
                    let _ = stream.write_all(text).await;
                    return;
                }
                Reply::Stall => std::future::pending().await,
                Reply::Flood(size) => {
                    let head = format!("HTTP/1.1 200 X\r\ncontent-length: {size}\r\n\r\n");
                    let _ = stream.write_all(head.as_bytes()).await;
                    let _ = stream.write_all(&vec![b' '; size]).await;
                }
            }
        }
    }
}

/// One request; none at the end of the connection.
pub(super) async fn read(
    stream: &mut (impl AsyncReadExt + Unpin),
    clock: &dyn Clock,
) -> Option<Asked> {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        text.push(stream.read_u8().await.ok()?);
    }
    let at = clock.now();
    let text = String::from_utf8(text).unwrap();
    let mut lines = text.trim_end().lines();
    let line = lines.next()?.to_owned();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut asked = Asked {
        line,
        headers,
        body: String::new(),
        at,
    };
    let length: usize = asked
        .header("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    asked.body = String::from_utf8(body).unwrap();
    Some(asked)
}
