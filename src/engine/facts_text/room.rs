//! [`Room`]: a section's text, which grows by lines as long as there is room.

/// What a list keeps free for the line that says what it leaves out.
pub(super) const RESERVE: usize = 100;

/// Text that grows by lines as long as there is room.
pub(super) struct Room {
    text: String,
    pub(super) left: usize,
}

impl Room {
    pub(super) fn new(room: usize) -> Self {
        Self {
            text: String::new(),
            left: room,
        }
    }

    /// Whether the line, with its end, leaves `reserve` characters free; if so it is taken.
    fn push_if(&mut self, line: &str, reserve: usize) -> bool {
        let length = line.chars().count() + 1;
        if length + reserve > self.left {
            return false;
        }
        self.left -= length;
        self.text.push_str(line);
        self.text.push('\n');
        true
    }

    pub(super) fn push(&mut self, line: &str) -> bool {
        self.push_if(line, 0)
    }

    /// Takes lines while they fit; the number of those that did not.
    pub(super) fn push_all(&mut self, lines: &[String]) -> usize {
        let taken = lines
            .iter()
            .take_while(|line| self.push_if(line, RESERVE))
            .count();
        lines.len() - taken
    }

    /// The section; nothing when not even its heading had room.
    pub(super) fn end(mut self) -> String {
        if !self.text.is_empty() {
            self.push("");
        }
        self.text
    }
}
