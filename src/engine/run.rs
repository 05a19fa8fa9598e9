//! The run: the loop around the dispatcher.
//!
//! Workers, the publisher and signals send inputs; the dispatcher answers with events, which the recorder takes, and
//! actions, which the hand carries out.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::engine::dispatch::{Dispatcher, Input, Purse};
use crate::engine::go::Go;
use crate::engine::ports::{Forge, Stop};
use crate::engine::publish;
use crate::engine::recorder::{RecordError, Recorder};
use crate::engine::teller::{Message, Teller};
use crate::engine::throttle::Throttle;
use crate::engine::worker::Tools;

mod hand;

use self::hand::Hand;

/// How often reporters are told that time passes.
const TICK: Duration = Duration::from_millis(100);

/// How many messages workers may have under way before they wait for the loop.
const QUEUE: usize = 256;

/// Why a run could not go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// An event could not be recorded.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A defect ended what opens pull requests.
    #[error(
        "the publisher of pull requests ended by a defect of batch itself (see standard error)"
    )]
    Publisher,
}

/// Runs a go to its end: every unit has an outcome when this returns. By `stop` all that works for it is told to end;
/// who made the forge may hold it too.
///
/// # Errors
/// [`RunError`] when the journal cannot be written; children are ended first.
pub async fn run(
    go: Go,
    tools: Tools,
    forge: Arc<dyn Forge>,
    recorder: &mut Recorder,
    interrupts: &mut mpsc::UnboundedReceiver<()>,
    stop: Stop,
) -> Result<(), RunError> {
    let (sender, mut inputs) = mpsc::channel::<Message>(QUEUE);
    let teller = Teller::new(sender);
    let (publishing, queue) = mpsc::unbounded_channel();
    let mut publisher = tokio::spawn(publish::publish(queue, forge, teller.clone()));
    let mut dispatcher =
        Dispatcher::new(go.pool, go.starts()).paid_by(Purse::of(&go, &recorder.history));
    let width = NonZeroUsize::new(go.pool.jobs).unwrap_or(NonZeroUsize::MIN);
    let clock = Arc::clone(&recorder.clock);
    let throttle = Throttle::new(width, teller.clone(), clock, stop.clone());
    let hand = Hand::new(go, tools, throttle, teller, publishing, stop.clone());

    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut next = Some(Message {
        input: Input::Begin,
        recorded: None,
    });
    let ended = loop {
        if let Some(Message { input, recorded }) = next.take() {
            let response = dispatcher.handle(input);
            let mut events = response.events.into_iter();
            if let Err(error) = events.try_for_each(|event| recorder.record(event)) {
                break Err(error.into());
            }
            if let Some(recorded) = recorded {
                // The worker may have been stopped while it waited for this.
                let _ = recorded.send(());
            }
            for action in response.actions {
                hand.carry_out(action, &recorder.history);
            }
            if dispatcher.finished() {
                break Ok(());
            }
        }
        tokio::select! {
            message = inputs.recv() => next = message,
            Some(()) = interrupts.recv() => next = Some(Message { input: Input::Interrupt, recorded: None }),
            // The queue is still open, so only a defect ends the publisher.
            _ = &mut publisher => break Err(RunError::Publisher),
            _ = ticks.tick() => recorder.reporter.tick(recorder.clock.now(), &recorder.history),
        }
    };
    // After a failure of the journal nothing may go on unrecorded: what asks for a record is told to stop.
    stop.asked.cancel();
    drop(hand);
    drain(inputs, interrupts, &stop).await;
    ended
}

/// Waits until nobody is left who could send, whatever they still have to say.
async fn drain(
    mut inputs: mpsc::Receiver<Message>,
    interrupts: &mut mpsc::UnboundedReceiver<()>,
    stop: &Stop,
) {
    loop {
        tokio::select! {
            message = inputs.recv() => if message.is_none() { return },
            Some(()) = interrupts.recv() => stop.now.cancel(),
        }
    }
}
