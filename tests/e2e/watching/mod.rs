//! A run watched from another terminal: `status`, `list`, `logs` and `report`, which only read.

mod bad_input;
mod list;
mod logs;
mod places;
mod report;
mod status;
mod support;
