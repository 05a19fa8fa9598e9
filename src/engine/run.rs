//! The run: the loop around the dispatcher.
//!
//! Workers, the publisher and signals send inputs; the dispatcher answers with events, which the recorder takes, and
//! actions, which the hand carries out.

use std::collections::{BTreeSet, VecDeque};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::engine::dispatch::{Dispatcher, Input, Purse};
use crate::engine::go::Go;
use crate::engine::ports::{Controls, Forge, ForgePause, Stop};
use crate::engine::publish::{Desk, Patience, Publisher};
use crate::engine::pull_text::Scribe;
use crate::engine::recorder::{RecordError, Recorder};
use crate::engine::teller::{Message, Teller};
use crate::engine::throttle::Throttle;
use crate::engine::tracking::{self, Board};
use crate::engine::worker::Tools;
use crate::model::control::Request;
use crate::model::event::Event;
use crate::model::leader::Leader;

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

/// What the loop hears besides its workers.
pub struct Lines<'a> {
    /// The user's wish to stop.
    pub interrupts: &'a mut mpsc::UnboundedReceiver<()>,
    /// What other terminals ask for.
    pub controls: &'a mut dyn Controls,
    /// What is started for the run.
    pub leaders: &'a mut mpsc::UnboundedReceiver<Leader>,
}

/// Runs a go to its end: every unit has an outcome when this returns. By `stop` all that works for it is told to end;
/// who made the forge may hold it too.
///
/// # Errors
/// [`RunError`] when the journal cannot be written; children are ended first.
pub async fn run(
    go: Go,
    tools: Arc<Tools>,
    forge: Arc<dyn Forge>,
    recorder: &mut Recorder,
    lines: Lines<'_>,
    stop: Stop,
) -> Result<(), RunError> {
    let Lines {
        interrupts,
        controls,
        leaders,
    } = lines;
    let (sender, mut inputs) = mpsc::channel::<Message>(QUEUE);
    let teller = Teller::new(sender);
    let go = Arc::new(go);
    let clock = Arc::clone(&recorder.clock);
    let (board, boards) = watch::channel(Board::of(&recorder.history));
    let (publishing, queue) = mpsc::unbounded_channel();
    let pauses = forge.pauses();
    let desk = Desk {
        forge,
        scribe: scribe(&go, &tools),
        stop: stop.clone(),
        clock: Arc::clone(&clock),
        patience: Patience::default(),
    };
    let mut publisher = Publisher::new(desk, teller.clone(), boards);
    if recorder.history.tracked_by.is_some() {
        publisher = publisher.tracking(&recorder.history, BTreeSet::new());
    }
    let mut publisher = tokio::spawn(publisher.serve(queue));
    let pausing = pauses.map(|pauses| tokio::spawn(tell_pauses(pauses, teller.clone())));
    let mut dispatcher =
        Dispatcher::new(go.pool, go.starts()).paid_by(Purse::of(&go, &recorder.history));
    let width = NonZeroUsize::new(go.pool.jobs).unwrap_or(NonZeroUsize::MIN);
    let throttle = Throttle::new(width, teller.clone(), clock, stop.clone());
    let mut hand = Hand::new(go, tools, throttle, teller, publishing, stop.clone());

    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut next = Some(Message::of(Input::Begin));
    let mut asked: VecDeque<Request> = VecDeque::new();
    let mut is_published = false;
    let ended = loop {
        if let Some(Message { input, recorded }) = next.take() {
            let response = dispatcher.handle(input);
            let is_told = response.events.iter().any(tracking::is_told);
            let mut events = response.events.into_iter();
            if let Err(error) = events.try_for_each(|event| recorder.record(event)) {
                break Err(error.into());
            }
            if is_told {
                board.send_replace(Board::of(&recorder.history));
            }
            if let Some(recorded) = recorded {
                // The worker may have been stopped while it waited for this.
                let _ = recorded.send(());
            }
            for action in response.actions {
                hand.carry_out(action, &recorder.history);
            }
            if let Some((request, answer)) = response.answer {
                controls.answer(&request, &answer);
            }
            if dispatcher.finished() {
                hand.close_publishing();
            }
        }
        if let Some(request) = asked.pop_front() {
            next = Some(Message::of(hand.asked(request, &recorder.history)));
            continue;
        }
        if is_published {
            // What the publisher told last.
            match inputs.try_recv() {
                Ok(message) => next = Some(message),
                Err(_) => break Ok(()),
            }
            continue;
        }
        tokio::select! {
            message = inputs.recv() => next = message,
            Some(leader) = leaders.recv() => next = Some(Message::of(Input::Told(Event::ProcessStarted { leader }))),
            Some(()) = interrupts.recv() => next = Some(Message::of(Input::Interrupt)),
            // It ends by itself once its queue is closed; before that only a defect ends it.
            end = &mut publisher => match end {
                Ok(()) if dispatcher.finished() => is_published = true,
                Ok(()) | Err(_) => break Err(RunError::Publisher),
            },
            _ = ticks.tick() => {
                recorder.reporter.tick(recorder.clock.now(), &recorder.history);
                asked.extend(controls.take());
            }
        }
    };
    controls.close();
    // After a failure of the journal nothing may go on unrecorded: what asks for a record is told to stop.
    stop.asked.cancel();
    if let Some(pausing) = pausing {
        pausing.abort();
    }
    drop(hand);
    drain(inputs, interrupts, &stop).await;
    ended
}

/// What pull requests are made of.
fn scribe(go: &Go, tools: &Tools) -> Scribe {
    Scribe {
        plan: Arc::clone(&go.plan),
        texts: tools.texts.clone(),
        plan_id: go.plan_id.clone(),
        template: go.template.clone(),
    }
}

/// Tells when the forge wants to be left alone, and when it is asked again.
async fn tell_pauses(mut pauses: watch::Receiver<Option<ForgePause>>, teller: Teller) {
    let mut told = None;
    loop {
        let pause = pauses.borrow_and_update().clone();
        if pause != told {
            let event = match &pause {
                Some(ForgePause { reason, until }) => Event::ForgePaused {
                    reason: reason.clone(),
                    until: *until,
                },
                None => Event::ForgeResumed,
            };
            teller.tell(event).await;
            told = pause;
        }
        if pauses.changed().await.is_err() {
            return;
        }
    }
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
