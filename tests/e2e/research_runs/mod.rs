//! Research by a stand-in for a coding agent: what comes of its answers, and what a person at the prompt makes of them.

mod answers;
mod copy;
mod shown;
mod support;
mod words;
