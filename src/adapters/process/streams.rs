//! [`Streams`]: the output of a guarded program on its way to a [`Sink`].

use std::io::{self, PipeReader};
use std::os::fd::OwnedFd;
use std::sync::Mutex;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;

/// Takes what a guarded program prints, as it comes.
pub trait Sink: Send {
    /// Takes a piece of one of its streams: any number of bytes, cut anywhere.
    fn take(&mut self, stream: Stream, bytes: &[u8]);
}

/// Which of a program's two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// The reading ends of a guarded program's output; one for both streams, or one for each.
pub(super) struct Streams {
    out: Receiver,
    err: Option<Receiver>,
}

impl Streams {
    /// Of these pipes; `out` carries both streams when `err` is none.
    pub(super) fn new(out: PipeReader, err: Option<PipeReader>) -> io::Result<Self> {
        let receiver = |pipe: PipeReader| Receiver::from_owned_fd(OwnedFd::from(pipe));
        Ok(Self {
            out: receiver(out)?,
            err: err.map(receiver).transpose()?,
        })
    }

    /// Gives what comes to the sink until all ends are closed.
    pub(super) async fn copy_to(&mut self, sink: &mut dyn Sink) {
        let sink = Mutex::new(sink);
        let out = copy(&mut self.out, Stream::Out, &sink);
        match &mut self.err {
            Some(err) => {
                tokio::join!(out, copy(err, Stream::Err, &sink));
            }
            None => out.await,
        }
    }
}

async fn copy(from: &mut Receiver, stream: Stream, sink: &Mutex<&mut dyn Sink>) {
    let mut buffer = vec![0; 64 << 10];
    // A pipe that cannot be read is at its end as far as anyone can know.
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        sink.lock()
            .expect("a sink that panicked is not used again")
            .take(stream, &buffer[..count]);
    }
}
