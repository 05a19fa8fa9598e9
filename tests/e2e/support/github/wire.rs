//! [`Wire`]: connections that the hub can cut off in the middle, as a network does. Takes them for axum, and hands each
//! request the [`Cord`] that it came by.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Accepts connections.
pub struct Wire {
    pub listener: TcpListener,
    pub accepted: AtomicU64,
}

/// What a request knows of its connection.
#[derive(Debug, Clone)]
pub struct Cord {
    /// The connection's number.
    pub number: u64,
    cut: Arc<AtomicBool>,
}

impl Cord {
    /// From now on nothing more goes out, and the other side sees a reset.
    pub fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
    }
}

impl Connected<IncomingStream<'_, Wire>> for Cord {
    fn connect_info(stream: IncomingStream<'_, Wire>) -> Self {
        stream.io().cord.clone()
    }
}

/// A connection.
pub struct Line {
    stream: TcpStream,
    cord: Cord,
}

impl Listener for Wire {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        loop {
            if let Ok((stream, address)) = self.listener.accept().await {
                let cord = Cord {
                    number: self.accepted.fetch_add(1, Ordering::SeqCst),
                    cut: Arc::default(),
                };
                return (Line { stream, cord }, address);
            }
            tokio::task::yield_now().await;
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Line {
    fn check(&self) -> io::Result<()> {
        if self.cord.cut.load(Ordering::SeqCst) {
            // With it closing sends a reset in place of an end.
            self.stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
