//! A worker and its agent: a scripted one, on real repositories.

mod beginning;
mod bench;
mod ends;
mod mixed;
mod rounds;
