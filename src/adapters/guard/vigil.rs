//! [`Vigil`]: the guard's decisions, from the first word it gets to the end of the family.
//!
//! Two threads bring it news: one reads the orders, one reaps. It sleeps between.

use std::io::Read;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, wait};

use super::family::Family;
use super::order::Order;

/// How long a program that is told to end has, between SIGTERM and SIGKILL.
pub const GRACE: Duration = Duration::from_secs(2);

/// How long what a program left behind may take to end by itself: a `tee` that still writes is no leftover.
const SETTLE: Duration = Duration::from_millis(50);

/// How long what a program left behind has, between SIGTERM and SIGKILL.
const LEFTOVER_GRACE: Duration = Duration::from_millis(500);

/// How long the family is killed again and again before the guard gives up: a process in the kernel's hands, or
/// another user's, cannot be ended.
const KILL_LIMIT: Duration = Duration::from_secs(3);

/// How often the guard looks whether the family is gone, while it ends it.
const ROUND: Duration = Duration::from_millis(20);

/// What the threads tell.
enum News {
    Ordered(Order),
    Ended(WaitStatus),
    NoChildLeft,
}

/// What became of a time of waiting.
#[derive(PartialEq, Eq)]
enum Waited {
    Gone,
    InVain,
    KillOrdered,
}

/// Watches over the program and its family.
pub(super) struct Vigil {
    family: Family,
    news: Receiver<News>,
    status: Option<WaitStatus>,
}

impl Vigil {
    /// Begins to watch over a program that was just started.
    pub(super) fn over(program: Pid) -> Self {
        let (tell, news) = channel();
        let orders = tell.clone();
        thread::spawn(move || listen(&orders));
        thread::spawn(move || reap(program, &tell));
        Self {
            family: Family::of(program),
            news,
            status: None,
        }
    }

    /// Waits for the program's end or an order, ends what there is to end, and says how the program ended: none when
    /// it could not be ended.
    pub(super) fn keep(mut self) -> Option<WaitStatus> {
        let grace = match self.news.recv() {
            Ok(News::Ended(status)) => {
                self.status = Some(status);
                match self.wait_for_all(SETTLE) {
                    Waited::Gone => return self.status,
                    Waited::InVain => LEFTOVER_GRACE,
                    Waited::KillOrdered => Duration::ZERO,
                }
            }
            Ok(News::Ordered(Order::Kill)) => Duration::ZERO,
            Ok(News::Ordered(Order::End) | News::NoChildLeft) | Err(_) => GRACE,
        };
        self.end(grace);
        self.status
    }

    fn end(&mut self, grace: Duration) {
        if !grace.is_zero() {
            self.family.signal(Signal::TERM);
            if self.wait_for_all(grace) == Waited::Gone {
                return;
            }
        }
        let limit = Instant::now() + KILL_LIMIT;
        while Instant::now() < limit {
            // Each round anew: what they start meanwhile is found in the next.
            self.family.signal(Signal::KILL);
            if self.wait_for_all(ROUND) == Waited::Gone {
                return;
            }
        }
    }

    fn wait_for_all(&mut self, patience: Duration) -> Waited {
        let limit = Instant::now() + patience;
        loop {
            if self.status.is_some() && !self.family.any() {
                return Waited::Gone;
            }
            let left = limit.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Waited::InVain;
            }
            match self.news.recv_timeout(left.min(ROUND)) {
                Ok(News::Ordered(Order::Kill)) => return Waited::KillOrdered,
                Ok(News::Ended(status)) => self.status = Some(status),
                Ok(News::Ordered(Order::End) | News::NoChildLeft)
                | Err(RecvTimeoutError::Timeout) => {}
                // Both threads have ended, and nothing more will be told.
                Err(RecvTimeoutError::Disconnected) => thread::sleep(left.min(ROUND)),
            }
        }
    }
}

/// Tells the orders as they come. The end of the input is one: whoever gave them is dead.
fn listen(tell: &Sender<News>) {
    let mut input = std::io::stdin().lock();
    let mut byte = [0];
    while let Ok(1) = input.read(&mut byte) {
        let _ = tell.send(News::Ordered(Order::of(byte[0])));
    }
    let _ = tell.send(News::Ordered(Order::End));
}

/// Reaps every child, adopted ones too, until none is left, and tells of the program's end.
fn reap(program: Pid, tell: &Sender<News>) {
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((child, status))) if child == program => {
                let _ = tell.send(News::Ended(status));
            }
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => break,
        }
    }
    let _ = tell.send(News::NoChildLeft);
}
