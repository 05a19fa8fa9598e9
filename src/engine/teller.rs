//! [`Teller`]: how a worker tells what happens, and learns that an intent is on the disk.

use tokio::sync::{mpsc, oneshot};

use crate::engine::dispatch::Input;
use crate::engine::ports::PortError;
use crate::model::event::Event;

/// What travels to the run loop.
pub struct Message {
    /// For the dispatcher.
    pub input: Input,
    /// Answered when the journal has what came of it.
    pub recorded: Option<oneshot::Sender<()>>,
}

impl Message {
    /// One that nobody waits for.
    #[must_use]
    pub fn of(input: Input) -> Self {
        Self {
            input,
            recorded: None,
        }
    }
}

/// The sending end that a worker or the publisher holds.
#[derive(Clone)]
pub struct Teller(mpsc::Sender<Message>);

impl Teller {
    /// Sends into this channel.
    #[must_use]
    pub fn new(channel: mpsc::Sender<Message>) -> Self {
        Self(channel)
    }

    /// Tells an event.
    pub async fn tell(&self, event: Event) {
        self.send(Input::Told(event)).await;
    }

    /// Tells the loop anything.
    pub async fn send(&self, input: Input) {
        // The loop outlives the workers; when it is gone, so is whoever would listen.
        let _ = self.0.send(Message::of(input)).await;
    }

    /// Tells an event, and returns once the journal has it.
    ///
    /// # Errors
    /// [`PortError::Stopped`] when the run ended instead: the effect must not happen.
    pub async fn tell_durably(&self, event: Event) -> Result<(), PortError> {
        self.send_durably(Input::Told(event)).await
    }

    /// Tells the loop anything, and returns once the journal has what came of it.
    ///
    /// # Errors
    /// [`PortError::Stopped`] when the run ended instead.
    pub async fn send_durably(&self, input: Input) -> Result<(), PortError> {
        let (recorded, answer) = oneshot::channel();
        let message = Message {
            input,
            recorded: Some(recorded),
        };
        self.0.send(message).await.map_err(|_| PortError::Stopped)?;
        answer.await.map_err(|_| PortError::Stopped)
    }
}
