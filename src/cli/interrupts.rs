//! [`Interrupts`]: the user's wish to stop, as messages, from the first moment of a command to its last.
//!
//! Before a run it drops what is under way; the run itself takes the messages and decides what each means.

use std::future::Future;

use tokio::sync::{Mutex, MutexGuard, mpsc};

use crate::adapters::signals::Signals;
use crate::cli::exit::{Exit, Problem};

/// Ctrl-C and its like, one message each.
pub struct Interrupts(Mutex<mpsc::UnboundedReceiver<()>>);

impl Interrupts {
    /// Begins to listen.
    ///
    /// # Errors
    /// [`Problem`] when the system refuses a handler.
    pub fn listen() -> Result<Self, Problem> {
        let mut signals = Signals::listen().map_err(|error| {
            Problem::new(
                Exit::NotReady,
                format!("cannot listen for signals: {error}"),
            )
        })?;
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            loop {
                signals.next().await;
                if sender.send(()).is_err() {
                    return;
                }
            }
        });
        Ok(Self(Mutex::new(receiver)))
    }

    /// Takes them for as long as the answer lives.
    pub async fn lock(&self) -> MutexGuard<'_, mpsc::UnboundedReceiver<()>> {
        self.0.lock().await
    }

    /// Forgets those that came so far: a Ctrl-C in the editor was meant for the editor.
    pub fn forget(&self) {
        if let Ok(mut receiver) = self.0.try_lock() {
            while receiver.try_recv().is_ok() {}
        }
    }

    /// Does something that leaves nothing half-done when it is dropped; an interrupt drops it.
    ///
    /// # Errors
    /// The work's own [`Problem`], or that of an interrupt.
    pub async fn guard<T>(
        &self,
        work: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        let mut receiver = self.0.lock().await;
        tokio::select! {
            done = work => done,
            Some(()) = receiver.recv() => Err(Problem::interrupted()),
        }
    }
}
