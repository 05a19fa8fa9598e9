//! [`Typed`]: questions that are answered by typing a line, for screen readers and for terminals that cannot move their
//! cursor. Writes words and line ends, and nothing else. [`Terminal`](super::Terminal) asks by it.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use console::Term;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::Reply;

/// So often it is looked whether a signal came, in nanoseconds.
const LOOK: i64 = 100_000_000;

/// A terminal to be asked on by lines.
pub(super) struct Typed<'a> {
    term: &'a Term,
    heard: &'a AtomicBool,
}

impl<'a> Typed<'a> {
    /// `heard` is set when a signal comes.
    pub(super) fn new(term: &'a Term, heard: &'a AtomicBool) -> Self {
        Self { term, heard }
    }

    pub(super) fn choose(&self, prompt: &str, items: &[String]) -> Reply<usize> {
        self.list(prompt, items);
        self.answered("Type a number and press Enter, or q to go back:", |line| {
            read_number(line, items.len()).ok_or_else(|| out_of(items.len()))
        })
    }

    pub(super) fn mark(&self, prompt: &str, items: &[String]) -> Reply<Vec<usize>> {
        self.list(prompt, items);
        let ask = "Type numbers with spaces between them and press Enter, or q to go back:";
        self.answered(ask, |line| {
            let words = line.split([' ', ',']).filter(|word| !word.is_empty());
            let numbers: Option<Vec<usize>> =
                words.map(|word| read_number(word, items.len())).collect();
            let mut numbers = numbers.ok_or_else(|| out_of(items.len()))?;
            numbers.sort_unstable();
            numbers.dedup();
            Ok(numbers)
        })
    }

    pub(super) fn enter(&self, prompt: &str) -> Reply<String> {
        self.say(&format!("{prompt} "));
        self.line()
    }

    fn list(&self, prompt: &str, items: &[String]) {
        // What stands in parentheses tells of keys that a menu has.
        let question = prompt.split(" (").next().unwrap_or(prompt);
        self.say(&format!("{question}\n"));
        for (at, item) in items.iter().enumerate() {
            self.say(&format!("{}. {item}\n", at + 1));
        }
    }

    /// Asks until the line is an answer.
    fn answered<T>(&self, ask: &str, read: impl Fn(&str) -> Result<T, String>) -> Reply<T> {
        loop {
            self.say(&format!("{ask} "));
            let line = match self.line() {
                Reply::Given(line) => line,
                Reply::Back => return Reply::Back,
                Reply::Interrupted => return Reply::Interrupted,
                Reply::Failed(error) => return Reply::Failed(error),
            };
            match line.as_str() {
                "q" | "Q" => return Reply::Back,
                line => match read(line) {
                    Ok(answer) => return Reply::Given(answer),
                    Err(problem) => self.say(&format!("{problem}\n")),
                },
            }
        }
    }

    /// A line as it was typed, without what is blank around it; the end of the input goes back.
    fn line(&self) -> Reply<String> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 1024];
        let stdin = io::stdin();
        loop {
            if self.heard.swap(false, Ordering::Relaxed) {
                self.say("\n");
                return Reply::Interrupted;
            }
            let wait = Timespec {
                tv_sec: 0,
                tv_nsec: LOOK,
            };
            match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&wait)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => continue,
                Ok(_) => {}
                Err(error) => return Reply::Failed(error.into()),
            }
            // Not by a buffer of its own: what is typed ahead of the next question is thrown away before that.
            match rustix::io::read(&stdin, &mut buffer) {
                Ok(0) => return Reply::Back,
                Ok(count) => bytes.extend(&buffer[..count]),
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Reply::Failed(error.into()),
            }
            if bytes.ends_with(b"\n") {
                let line = String::from_utf8_lossy(&bytes);
                return Reply::Given(line.trim().to_owned());
            }
        }
    }

    fn say(&self, text: &str) {
        let _ = self.term.write_str(text);
    }
}

/// The index of a number that counts from 1.
fn read_number(word: &str, items: usize) -> Option<usize> {
    let number: usize = word.parse().ok()?;
    (1..=items).contains(&number).then(|| number - 1)
}

fn out_of(items: usize) -> String {
    format!("That is none of the numbers from 1 to {items}.")
}

#[cfg(test)]
mod tests {
    use super::read_number;

    #[test]
    fn numbers_count_from_one_and_nothing_else_is_a_number() {
        assert_eq!(read_number("1", 3), Some(0));
        assert_eq!(read_number("3", 3), Some(2));
        for none in ["0", "4", "", "y", "-1", "1.0", "99999999999999999999"] {
            assert_eq!(read_number(none, 3), None, "{none}");
        }
    }
}
