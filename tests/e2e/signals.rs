//! Requests to stop arrive as values.

use batch::adapters::signals::{Signals, StopSignal};
use rustix::process::{Signal, getpid, kill_process};

#[tokio::test]
async fn each_signal_arrives_as_a_value_and_does_not_end_the_program() {
    let mut signals = Signals::listen().unwrap();
    for (sent, expected) in [
        (Signal::INT, StopSignal::Interrupt),
        (Signal::TERM, StopSignal::Terminate),
        (Signal::HUP, StopSignal::HangUp),
        (Signal::INT, StopSignal::Interrupt),
    ] {
        kill_process(getpid(), sent).unwrap();
        assert_eq!(signals.next().await, expected);
    }
}
