//! [`Terminal`]: the built program in a pseudo-terminal of 80 columns, with a person who reads and types.
//!
//! rexpect makes the pseudo-terminal; what is drawn on it is followed by an emulator, so that a test sees what a person
//! sees. Waiting ends when the awaited words are there; the limit is for a program that hangs.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use console::strip_ansi_codes;
use rexpect::process::{PtyProcess, Signal, WaitStatus};

/// How long a program may keep the person waiting before the test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Enough rows for all that a test prints: the emulator's screen does not scroll.
const ROWS: u16 = 1000;

/// The columns of the terminal.
pub const COLUMNS: u16 = 80;

/// What a key sends.
pub mod key {
    pub const ENTER: &str = "\r";
    pub const DOWN: &str = "\x1b[B";
    pub const UP: &str = "\x1b[A";
    pub const ESCAPE: &str = "\x1b";
    /// Chooses the first entry of a menu, in which nothing is chosen at first, and takes it.
    pub const FIRST: &str = "\x1b[B\r";
    pub const CTRL_C: &str = "\x03";
}

/// A program in a terminal.
pub struct Terminal {
    process: PtyProcess,
    keyboard: File,
    printed: Arc<Mutex<Printed>>,
    /// How much of the printed text was waited for already, escape sequences left out.
    read: usize,
}

#[derive(Default)]
struct Printed {
    bytes: Vec<u8>,
    ended: bool,
}

/// What a program left on its terminal.
#[derive(Debug)]
pub struct Left {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// The screen as it stands, without the spaces at the ends of lines.
    pub screen: String,
    /// Whether the cursor is to be seen.
    pub cursor: bool,
    /// All that was printed, with escape sequences.
    pub raw: String,
}

impl Terminal {
    /// Starts the program on a terminal of its own, of 80 columns and 24 rows.
    pub fn start(command: &Command) -> Self {
        // The size is there before the program looks at it.
        let mut sized = Command::new("sh");
        sized
            .args(["-c", "stty rows 24 cols 80 && exec \"$0\" \"$@\""])
            .arg(command.get_program())
            .args(command.get_args())
            .env_clear();
        let set = command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?)));
        sized.envs(set);
        if let Some(folder) = command.get_current_dir() {
            sized.current_dir(folder);
        }
        let mut process = PtyProcess::new(sized).unwrap();
        process.set_kill_timeout(Some(5000));
        let keyboard = process.get_file_handle().unwrap();
        let mut output = process.get_file_handle().unwrap();
        let printed = Arc::new(Mutex::new(Printed::default()));
        let all = Arc::clone(&printed);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            // Reading fails, or ends, when nobody has the terminal open any more.
            while let Ok(count @ 1..) = output.read(&mut buffer) {
                all.lock().unwrap().bytes.extend(&buffer[..count]);
            }
            all.lock().unwrap().ended = true;
        });
        Self {
            process,
            keyboard,
            printed,
            read: 0,
        }
    }

    /// Waits until these words are printed, after all that was waited for before.
    #[track_caller]
    pub fn sees(&mut self, words: &str) -> &mut Self {
        let limit = Instant::now() + PATIENCE;
        loop {
            let (text, ended) = {
                let printed = self.printed.lock().unwrap();
                let text = String::from_utf8_lossy(&printed.bytes);
                (strip_ansi_codes(&text).into_owned(), printed.ended)
            };
            if let Some(at) = text.get(self.read..).and_then(|rest| rest.find(words)) {
                self.read += at + words.len();
                return self;
            }
            assert!(
                !ended && Instant::now() < limit,
                "no {words:?} after {:?} in\n{text}",
                text.get(..self.read)
                    .and_then(|before| before.lines().last())
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Presses keys.
    pub fn types(&mut self, keys: &str) -> &mut Self {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
        self
    }

    /// Sends the program itself a signal, as `kill` does.
    pub fn signal(&mut self, signal: Signal) -> &mut Self {
        self.process.signal(signal).unwrap();
        self
    }

    /// What was printed so far, without escape sequences.
    pub fn text(&self) -> String {
        let printed = self.printed.lock().unwrap();
        strip_ansi_codes(&String::from_utf8_lossy(&printed.bytes)).into_owned()
    }

    /// Waits for the program's end.
    #[track_caller]
    pub fn ends(self) -> Left {
        let limit = Instant::now() + PATIENCE;
        let status = loop {
            match self.process.status() {
                Some(WaitStatus::StillAlive) if Instant::now() < limit => {
                    thread::sleep(Duration::from_millis(5));
                }
                Some(WaitStatus::StillAlive) | None => panic!("still there:\n{}", self.text()),
                Some(status) => break status,
            }
        };
        // All that it printed is in the terminal's hands when it has ended, but perhaps not read yet.
        let mut before = usize::MAX;
        loop {
            let (count, ended) = {
                let printed = self.printed.lock().unwrap();
                (printed.bytes.len(), printed.ended)
            };
            if ended || count == before {
                break;
            }
            before = count;
            thread::sleep(Duration::from_millis(50));
        }
        let bytes = self.printed.lock().unwrap().bytes.clone();
        let mut emulator = vt100::Parser::new(ROWS, COLUMNS, 0);
        emulator.process(&bytes);
        let rows: Vec<String> = emulator
            .screen()
            .rows(0, COLUMNS)
            .map(|row| row.trim_end().to_owned())
            .collect();
        Left {
            code: match status {
                WaitStatus::Exited(_, code) => Some(code),
                _ => None,
            },
            screen: rows.join("\n").trim_end().to_owned(),
            cursor: !emulator.screen().hide_cursor(),
            raw: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}

impl Left {
    /// Insists on an exit code, and on a terminal that can be gone on with.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\n{}", self.screen);
        assert!(self.cursor, "the cursor is hidden:\n{}", self.screen);
        self
    }

    /// Insists that something stands on the screen.
    #[track_caller]
    pub fn shows(self, words: &str) -> Self {
        assert!(
            self.screen.contains(words),
            "no {words:?} in\n{}",
            self.screen
        );
        self
    }
}
