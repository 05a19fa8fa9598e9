//! [`CaretEcho`]: keeps `^C` off the screen while lines that move are drawn on it.
//!
//! indicatif leaves the cursor at the right edge, so that the terminal's echo of Ctrl-C begins a new line, and the
//! next redraw leaves a stale one. Only the caret notation is switched off: a terminal that is left so by a kill
//! still works as ever.

use std::io::{self, Stderr};

use rustix::process::getpgrp;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcgetpgrp, tcsetattr};

/// Switched off until this is dropped.
pub(in crate::cli) struct CaretEcho {
    terminal: Stderr,
}

impl CaretEcho {
    /// Switches it off on the terminal of standard error; none where it was off, or cannot be had.
    pub(in crate::cli) fn off() -> Option<Self> {
        let terminal = io::stderr();
        set(&terminal, false).then_some(Self { terminal })
    }
}

impl Drop for CaretEcho {
    fn drop(&mut self) {
        set(&self.terminal, true);
    }
}

/// Whether it was the other way before and is now as wanted.
fn set(terminal: &Stderr, wanted: bool) -> bool {
    // A process in the background would be stopped for touching the terminal.
    if !tcgetpgrp(terminal).is_ok_and(|foreground| foreground == getpgrp()) {
        return false;
    }
    let Ok(mut modes) = tcgetattr(terminal) else {
        return false;
    };
    if modes.local_modes.contains(LocalModes::ECHOCTL) == wanted {
        return false;
    }
    modes.local_modes.set(LocalModes::ECHOCTL, wanted);
    tcsetattr(terminal, OptionalActions::Now, &modes).is_ok()
}
