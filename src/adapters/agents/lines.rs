//! [`Lines`]: the lines of a stream that comes in pieces, in bounded memory.

/// How much of one line is kept, in bytes: agents print whole files on one, and a line without end is no message.
pub(super) const LINE_CAP: usize = 8 << 20;

/// A line that is not at its end yet.
#[derive(Debug, Default)]
pub(super) struct Lines {
    open: Vec<u8>,
}

impl Lines {
    /// Takes the next piece, and gives each line that ends in it, without its end and cut at [`LINE_CAP`].
    pub(super) fn push(&mut self, piece: &[u8], mut each: impl FnMut(&str)) {
        for part in piece.split_inclusive(|&byte| byte == b'\n') {
            let (text, ends) = match part.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (part, false),
            };
            let room = LINE_CAP - self.open.len();
            self.open.extend_from_slice(&text[..text.len().min(room)]);
            if ends {
                self.give(&mut each);
            }
        }
    }

    /// Gives the last line, if it has no end.
    pub(super) fn finish(mut self, mut each: impl FnMut(&str)) {
        if !self.open.is_empty() {
            self.give(&mut each);
        }
    }

    fn give(&mut self, each: &mut impl FnMut(&str)) {
        let line = self.open.strip_suffix(b"\r").unwrap_or(&self.open);
        each(&String::from_utf8_lossy(line));
        self.open.clear();
        // One huge line is no reason to hold its room for ever.
        self.open.shrink_to(64 << 10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::default();
        let mut all = Vec::new();
        for piece in pieces {
            lines.push(piece, |line| all.push(line.to_owned()));
        }
        lines.finish(|line| all.push(line.to_owned()));
        all
    }

    #[test]
    fn lines_are_put_together_from_pieces_cut_anywhere() {
        assert_eq!(lines(&[b"a\nb", b"", b"c\r\n\nd"]), ["a", "bc", "", "d"]);
        assert_eq!(lines(&[b"caf\xc3", b"\xa9 \xff\n"]), ["café \u{fffd}"]);
        assert_eq!(lines(&[]), [] as [&str; 0]);
    }

    #[test]
    fn a_huge_line_is_cut_and_the_next_is_whole() {
        let piece = vec![b'x'; 1 << 20];
        let mut pieces: Vec<&[u8]> = vec![&piece; 10];
        pieces.push(b"\nnext\n");
        let lines = lines(&pieces);
        assert_eq!(
            lines.iter().map(String::len).collect::<Vec<_>>(),
            [LINE_CAP, 4]
        );
    }
}
