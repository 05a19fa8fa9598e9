//! [`Log`]: the capped, append-only file that a command's output goes to. What the lines mean is not its concern.
//!
//! The first half of the cap is written as it comes. What follows is held back, the newest of it only, and written at
//! the end, below a line that says how much was left out: a flood fills neither memory nor disk, and the end of it,
//! where the error usually stands, is there.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::last_bytes::LastBytes;
use crate::engine::ports::{PortError, Watch};

/// The size at which a log's middle is left out, in bytes: 10 MiB.
pub const LOG_CAP: u64 = 10 << 20;

/// What each command may add at its end to a log that is full already, in bytes.
const LEAST_END: u64 = 64 << 10;

/// A log that one command's output is appended to.
#[derive(Debug)]
pub(in crate::adapters) struct Log {
    file: File,
    head_room: usize,
    ends_line: bool,
    end: Option<LastBytes>,
    error: Option<io::Error>,
}

impl Log {
    /// Opens the watch's log for appending; makes it and its folders where missing.
    pub(in crate::adapters) fn of(watch: &Watch) -> Result<Self, PortError> {
        Self::open_with_cap(&watch.log, LOG_CAP).map_err(|error| failed(watch, error))
    }

    fn open_with_cap(path: &Path, cap: u64) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        let there = file.metadata()?.len();
        let head = (cap / 2).saturating_sub(there);
        let end = cap.saturating_sub(there + head).max(LEAST_END);
        Ok(Self {
            file,
            head_room: clamp(head),
            ends_line: true,
            end: Some(LastBytes::new(clamp(end))),
            error: None,
        })
    }

    /// Takes in what the command printed. An error is kept for [`Log::close`], so that the command is read on: a full
    /// disk must not block it.
    ///
    /// It writes in place, without handing to another thread: half the cap at most, to a local file.
    pub(in crate::adapters) fn push(&mut self, bytes: &[u8]) {
        let (head, rest) = bytes.split_at(bytes.len().min(self.head_room));
        if let Some(last) = head.last() {
            self.head_room -= head.len();
            self.ends_line = *last == b'\n';
            self.write(head);
        }
        if let Some(end) = &mut self.end {
            end.push(rest);
        }
    }

    /// As [`Log::close`], with an error that names the watch's log.
    pub(in crate::adapters) fn close_of(self, watch: &Watch) -> Result<(), PortError> {
        self.close().map_err(|error| failed(watch, error))
    }

    /// Writes what was held back.
    ///
    /// # Errors
    /// The first error of all writes.
    fn close(mut self) -> io::Result<()> {
        self.write_end();
        self.error.take().map_or(Ok(()), Err)
    }

    fn write_end(&mut self) {
        let Some(end) = self.end.take() else { return };
        let left_out = end.dropped();
        if left_out > 0 {
            let break_line = if self.ends_line { "" } else { "\n" };
            self.write(format!("{break_line}… {left_out} bytes left out …\n").as_bytes());
        }
        self.write(&end.into_vec());
    }

    fn write(&mut self, bytes: &[u8]) {
        if self.error.is_none() {
            self.error = self.file.write_all(bytes).err();
        }
    }
}

/// A command that is given up in the middle leaves its last words too.
impl Drop for Log {
    fn drop(&mut self) {
        self.write_end();
    }
}

fn failed(watch: &Watch, error: io::Error) -> PortError {
    PortError::failed(format!("writing the log {}", watch.log.display()), error)
}

fn clamp(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAP: u64 = 4 * LEAST_END;

    fn logged(path: &Path, chunks: &[&[u8]]) {
        let mut log = Log::open_with_cap(path, CAP).unwrap();
        for chunk in chunks {
            log.push(chunk);
        }
        log.close().unwrap();
    }

    #[test]
    fn what_fits_is_kept_whole_and_in_order_after_what_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b.log");
        logged(&path, &[b"one\n"]);
        let long = vec![b'x'; usize::try_from(CAP).unwrap() - 8];
        logged(&path, &[b"tw", b"o\n", &long]);
        let text = std::fs::read(&path).unwrap();
        assert!(text.starts_with(b"one\ntwo\nxxx"));
        assert_eq!(text.len() as u64, CAP);
    }

    #[test]
    fn a_flood_keeps_its_beginning_and_its_end_and_counts_the_rest() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let chunk = vec![b'y'; 100_000];
        let mut chunks: Vec<&[u8]> = vec![b"first\n"];
        chunks.extend(std::iter::repeat_n(&chunk[..], 20));
        chunks.push(b"\nlast\n");
        logged(&path, &chunks);
        let text = std::fs::read_to_string(&path).unwrap();
        let left_out = 6 + 2_000_000 + 6 - CAP;
        let sentence = format!("y\n… {left_out} bytes left out …\ny");
        assert!(text.contains(&sentence));
        assert!(text.starts_with("first\n") && text.ends_with("\nlast\n"));
        assert_eq!(text.len() as u64, CAP + sentence.len() as u64 - 2);
    }

    #[test]
    fn a_full_log_still_gets_the_end_of_the_next_command() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let full = vec![b'x'; usize::try_from(CAP).unwrap()];
        logged(&path, &[&full]);
        logged(&path, &[&full, b"why it failed\n"]);
        let text = std::fs::read(&path).unwrap();
        assert!(text.ends_with(b"why it failed\n"));
        assert!((text.len() as u64) < CAP + LEAST_END + 100);
    }

    #[test]
    fn a_log_that_is_dropped_has_its_end_too() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut log = Log::open_with_cap(&path, CAP).unwrap();
        log.push(&vec![b'x'; usize::try_from(CAP).unwrap()]);
        log.push(b"end");
        drop(log);
        assert!(std::fs::read(&path).unwrap().ends_with(b"xend"));
    }
}
