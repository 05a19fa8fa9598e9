//! The promises of the process adapter, on real processes under the built program's guard.

pub(crate) mod support;

mod capturing;
mod ending;
mod environment;
mod logging;
