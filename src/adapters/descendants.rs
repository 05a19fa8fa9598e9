//! The processes below a process, wherever they have moved: own groups and own sessions included.
//!
//! The guard ends them; the process adapter, when a guard does not. Linux only; elsewhere there are none to be found.

use rustix::process::{Pid, Signal, kill_process};

use crate::adapters::process_table::ProcessTable;

/// Sends a signal to every descendant that can be seen now. One that is started meanwhile may be missed.
pub fn signal_all_of(ancestor: Pid, signal: Signal) {
    for process in ProcessTable::now().below(ancestor.as_raw_pid()) {
        if let Some(pid) = Pid::from_raw(process) {
            let _ = kill_process(pid, signal);
        }
    }
}
