//! [`LastBytes`]: the last part of a stream, in bounded memory.

use std::collections::VecDeque;

/// The last bytes of a stream, and how many came before them.
#[derive(Debug)]
pub(super) struct LastBytes {
    bytes: VecDeque<u8>,
    room: usize,
    dropped: u64,
}

impl LastBytes {
    /// Keeps at most `room` bytes; takes memory only as they come.
    pub(super) fn new(room: usize) -> Self {
        Self {
            bytes: VecDeque::new(),
            room,
            dropped: 0,
        }
    }

    /// Takes in the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let kept = &bytes[bytes.len().saturating_sub(self.room)..];
        let surplus = (self.bytes.len() + kept.len()).saturating_sub(self.room);
        self.bytes.drain(..surplus);
        self.bytes.extend(kept);
        self.dropped += (surplus + bytes.len() - kept.len()) as u64;
    }

    /// How many bytes are not kept.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The bytes that are kept.
    pub(super) fn into_vec(self) -> Vec<u8> {
        self.bytes.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_stream_is_kept_and_the_rest_counted() {
        let mut last = LastBytes::new(4);
        for chunk in ["ab", "", "cde", "f"] {
            last.push(chunk.as_bytes());
        }
        assert_eq!(last.dropped(), 2);
        assert_eq!(last.into_vec(), b"cdef");
    }

    #[test]
    fn a_chunk_larger_than_the_room_keeps_its_end() {
        let mut last = LastBytes::new(2);
        last.push(b"x");
        last.push(b"abcde");
        assert_eq!(last.dropped(), 4);
        assert_eq!(last.into_vec(), b"de");
    }

    #[test]
    fn without_room_nothing_is_kept() {
        let mut last = LastBytes::new(0);
        last.push(b"abc");
        assert_eq!(last.dropped(), 3);
        assert!(last.into_vec().is_empty());
    }
}
