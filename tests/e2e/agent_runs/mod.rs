//! Runs of the built program with a stand-in for a coding agent, from the plan to the pull requests.

mod delivering;
mod ends;
mod environment;
mod misbehaviour;
mod mixed;
mod reruns;
mod research;
mod rounds;
mod setting_up;
mod stopping;
pub mod support;
