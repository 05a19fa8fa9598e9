//! [`Dialogue`]: questions to a person, and [`Terminal`], which asks them by dialoguer on standard error.
//!
//! Every question can end in Ctrl-C, which is an answer here and never the end of the process.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use console::Term;
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Input, MultiSelect, Select};
use rustix::termios::{QueueSelector, tcflush};
use signal_hook::SigId;
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::adapters::editor;
use crate::cli::page::Page;
use crate::cli::style::{Look, clean};

mod typed;

use self::typed::Typed;

/// What came of a question.
#[derive(Debug)]
pub enum Reply<T> {
    /// An answer.
    Given(T),
    /// The person went back without one (Esc or q).
    Back,
    /// The person pressed Ctrl-C, or the program was told to end.
    Interrupted,
    /// The question could not be asked.
    Failed(io::Error),
}

/// Someone who can be shown things and asked.
pub trait Dialogue {
    /// What it is shown on.
    fn page(&self) -> Page;
    /// Shows a text of whole lines.
    fn show(&mut self, text: &str);
    /// Asks for one of several; its index. None is chosen before an arrow key was pressed.
    fn choose(&mut self, prompt: &str, items: &[String]) -> Reply<usize>;
    /// Asks for any of several; their indices, rising.
    fn mark(&mut self, prompt: &str, items: &[String]) -> Reply<Vec<usize>>;
    /// Asks for a line of text, which may be empty.
    fn enter(&mut self, prompt: &str) -> Reply<String>;
    /// Gives a text into the person's editor, and what they left of it back.
    fn edit(&mut self, text: &str) -> Reply<String>;
}

/// The terminal that the program was started on.
pub struct Terminal {
    term: Term,
    look: Look,
    theme: Box<dyn Theme>,
    signals: Vec<SigId>,
    /// Whether a signal came.
    heard: Arc<AtomicBool>,
}

impl Terminal {
    /// Takes the terminal, to be used in this look; none when standard input or standard error is none.
    ///
    /// While it lives, SIGINT and SIGTERM do not end the process: console raises SIGINT when it reads Ctrl-C, with the
    /// cursor hidden. Afterwards they go to whoever else listens, and are ignored if nobody does: the standard
    /// behaviour does not come back, so the program must have its own listener before it asks anything. Signals reach
    /// a question only on the main thread.
    #[must_use]
    pub fn take(look: Look) -> Option<Self> {
        let term = Term::stderr();
        if !term.is_term() || !io::stdin().is_terminal() {
            return None;
        }
        let heard = Arc::new(AtomicBool::new(false));
        let signals = [SIGINT, SIGTERM]
            .into_iter()
            .filter_map(|signal| signal_hook::flag::register(signal, heard.clone()).ok())
            .collect();
        // The colourful one marks the current line by its colour alone.
        let theme: Box<dyn Theme> = if look == Look::Colours {
            Box::new(ColorfulTheme::default())
        } else {
            Box::new(SimpleTheme)
        };
        Some(Self {
            term,
            look,
            theme,
            signals,
            heard,
        })
    }

    /// The terminal for questions whose answers are typed, where it cannot move its cursor or is not to.
    fn typed(&self) -> Option<Typed<'_>> {
        if self.look.moves() {
            return None;
        }
        let _ = tcflush(io::stdin(), QueueSelector::IFlush);
        self.heard.store(false, Ordering::Relaxed);
        Some(Typed::new(&self.term, &self.heard))
    }

    /// Asks with what was typed before the question thrown away: an Enter from minutes ago is no consent.
    fn ask<T>(&self, question: impl FnOnce() -> dialoguer::Result<Option<T>>) -> Reply<T> {
        let _ = tcflush(io::stdin(), QueueSelector::IFlush);
        let reply = match question().map_err(io::Error::from) {
            Ok(Some(answer)) => Reply::Given(answer),
            Ok(None) => Reply::Back,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                // The question stands there half drawn, and the cursor behind it.
                let _ = self.term.write_line("");
                Reply::Interrupted
            }
            Err(error) => Reply::Failed(error),
        };
        // dialoguer hides the cursor and shows it again only when it was answered.
        let _ = self.term.show_cursor();
        reply
    }

    /// Items are one line each: dialoguer counts lines to take its question back.
    fn fit(&self, items: &[String]) -> Vec<String> {
        let columns = usize::from(self.term.size().1).saturating_sub(6);
        items
            .iter()
            .map(|item| console::truncate_str(item, columns, "…").into_owned())
            .collect()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        for signal in self.signals.drain(..) {
            signal_hook::low_level::unregister(signal);
        }
    }
}

impl Dialogue for Terminal {
    fn page(&self) -> Page {
        Page::stderr(self.look)
    }

    fn show(&mut self, text: &str) {
        let _ = self.term.write_str(text);
    }

    fn choose(&mut self, prompt: &str, items: &[String]) -> Reply<usize> {
        if let Some(typed) = self.typed() {
            return typed.choose(prompt, items);
        }
        let items = self.fit(items);
        self.ask(|| {
            // Without a default Enter alone takes nothing: `n` and Enter were a yes otherwise, for letters go unheard.
            Select::with_theme(&*self.theme)
                .with_prompt(prompt)
                .items(&items)
                .report(false)
                .interact_on_opt(&self.term)
        })
    }

    fn mark(&mut self, prompt: &str, items: &[String]) -> Reply<Vec<usize>> {
        if let Some(typed) = self.typed() {
            return typed.mark(prompt, items);
        }
        let items = self.fit(items);
        self.ask(|| {
            MultiSelect::with_theme(&*self.theme)
                .with_prompt(prompt)
                .items(&items)
                .report(false)
                .interact_on_opt(&self.term)
        })
    }

    fn enter(&mut self, prompt: &str) -> Reply<String> {
        if let Some(typed) = self.typed() {
            return typed.enter(prompt);
        }
        self.ask(|| {
            Input::<String>::with_theme(&*self.theme)
                .with_prompt(prompt)
                .allow_empty(true)
                .interact_text_on(&self.term)
                .map(Some)
        })
    }

    fn edit(&mut self, text: &str) -> Reply<String> {
        match editor::edit(text, ".toml") {
            Ok(edited) => Reply::Given(edited),
            Err(error) => Reply::Failed(error),
        }
    }
}

/// What a person said when no test command was known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestAnswer {
    /// This command.
    Command(String),
    /// There is to be no test.
    NoTest,
    /// There is nobody to ask.
    NotAsked,
    /// Ctrl-C.
    Interrupted,
}

/// A test command that may be the repository's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// The command.
    pub command: String,
    /// What told of it.
    pub from: String,
}

/// Asks for the test command, the likeliest first.
#[must_use]
pub fn ask_test_command(look: Look, proposed: &[Proposed]) -> TestAnswer {
    match Terminal::take(look) {
        Some(mut terminal) => test_command(&mut terminal, proposed),
        None => TestAnswer::NotAsked,
    }
}

fn test_command(dialogue: &mut dyn Dialogue, proposed: &[Proposed]) -> TestAnswer {
    if proposed.is_empty() {
        return typed_command(dialogue);
    }
    let mut items: Vec<String> = proposed
        .iter()
        .map(|one| format!("{}  ({})", clean(&one.command), clean(&one.from)))
        .collect();
    items.extend(["another command".to_owned(), "no test".to_owned()]);
    match dialogue.choose("test command, run before each commit", &items) {
        Reply::Given(at) => match proposed.get(at) {
            Some(one) => TestAnswer::Command(one.command.clone()),
            None if at == proposed.len() => typed_command(dialogue),
            None => TestAnswer::NoTest,
        },
        Reply::Interrupted => TestAnswer::Interrupted,
        Reply::Back | Reply::Failed(_) => TestAnswer::NotAsked,
    }
}

fn typed_command(dialogue: &mut dyn Dialogue) -> TestAnswer {
    let prompt = "test command, run before each commit (empty: no test)";
    match dialogue.enter(prompt) {
        Reply::Given(command) if command.trim().is_empty() => TestAnswer::NoTest,
        Reply::Given(command) => TestAnswer::Command(command.trim().to_owned()),
        Reply::Interrupted => TestAnswer::Interrupted,
        Reply::Back | Reply::Failed(_) => TestAnswer::NotAsked,
    }
}
