//! [`edit`]: hands a text to the person's editor, on the terminal that the program was started on.
//!
//! The one child without a guard: it needs the terminal, and whoever sits there ends it. dialoguer's own takes what was
//! written even if the editor says by its exit code that it is to be thrown away, as vi's `:cq` does.

use std::io;
use std::process::Command;

use crate::adapters::process::FORGE_TOKENS;

/// What is left of `text` when the editor has ended, in a temporary file with this suffix meanwhile.
///
/// # Errors
/// When the file cannot be written or read, or the editor did not end well; the text is then as it was.
pub fn edit(text: &str, suffix: &str) -> io::Result<String> {
    let file = tempfile::Builder::new()
        .prefix("batch-")
        .suffix(suffix)
        .tempfile()?;
    std::fs::write(file.path(), text)?;
    let editor = editor();
    let mut command = command(&editor);
    for name in FORGE_TOKENS {
        command.env_remove(name);
    }
    let status = command
        .arg(file.path())
        .status()
        .map_err(|error| io::Error::other(format!("`{editor}` cannot be started: {error}")))?;
    if !status.success() {
        return Err(io::Error::other(format!("`{editor}` ended with {status}")));
    }
    std::fs::read_to_string(file.path())
}

/// As git does it: by a shell, unless it is but a program. A shell in between would take the terminal's signals too.
fn command(editor: &str) -> Command {
    if !editor.contains(|c: char| c.is_whitespace() || "|&;<>()$`\\\"'*?[#~=%".contains(c)) {
        return Command::new(editor);
    }
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{editor} \"$@\""), editor]);
    command
}

/// `$VISUAL`, `$EDITOR` or vi; an empty variable is none.
fn editor() -> String {
    ["VISUAL", "EDITOR"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|command| !command.trim().is_empty())
        .unwrap_or_else(|| "vi".to_owned())
}
