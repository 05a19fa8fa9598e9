//! [`page`]: shows a long text by the person's pager, on the terminal that the program was started on.
//!
//! As with the editor there is no guard: it needs the terminal, and whoever sits there ends it.

use std::io::{self, Write as _};
use std::process::{Command, Stdio};

use crate::adapters::process::FORGE_TOKENS;

/// What git sets for pagers that are not set up: quit if it fits, show colours, leave the text on the screen.
const DEFAULTS: [(&str, &str); 2] = [("LESS", "FRX"), ("LV", "-c")];

/// The person's pager: `BATCH_PAGER`, else the one that git would use (`git help var`); what its configuration says is
/// looked up when it counts.
pub async fn chosen(configured: impl Future<Output = Option<String>>) -> String {
    let variable = |name: &str| std::env::var(name).ok();
    if let Some(pager) = variable("BATCH_PAGER").or_else(|| variable("GIT_PAGER")) {
        return pager;
    }
    let pager = configured.await.or_else(|| variable("PAGER"));
    pager.unwrap_or_else(|| "less".to_owned())
}

/// Whether this is a pager at all: an empty one, or `cat`, is none.
#[must_use]
pub fn pages(command: &str) -> bool {
    !matches!(command.trim(), "" | "cat")
}

/// Shows the text by this command of the shell, on standard error where standard output is not the person's.
///
/// # Errors
/// When the pager could not be started, or ended by an error of its own: the text may not have been seen.
pub fn page(command: &str, text: &str, on_stderr: bool) -> io::Result<()> {
    let mut pager = Command::new("sh");
    pager.args(["-c", command]).stdin(Stdio::piped());
    if on_stderr {
        pager.stdout(io::stderr());
    }
    for (name, value) in DEFAULTS {
        if std::env::var_os(name).is_none() {
            pager.env(name, value);
        }
    }
    for name in FORGE_TOKENS {
        pager.env_remove(name);
    }
    let mut child = pager.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // Who quits before the end has seen enough.
        let _ = stdin.write_all(text.as_bytes());
    }
    let status = child.wait()?;
    // Ctrl-C is how some leave it.
    if status.success() || status.code().is_none() {
        Ok(())
    } else {
        Err(io::Error::other(format!("`{command}` ended with {status}")))
    }
}
