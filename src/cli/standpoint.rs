//! [`standpoint`]: the folder that the user stands in, or named by `-C`. Called by both kinds of session.

use std::path::{Path, PathBuf};

use crate::cli::exit::{Exit, Problem};

/// The folder that all else starts from.
///
/// # Errors
/// [`Problem`] when it is gone. What is no folder is refused by whoever looks for a repository there.
pub fn standpoint(named: Option<&Path>) -> Result<PathBuf, Problem> {
    match named {
        // As with git's own -C, all other paths are named from there.
        Some(directory) if std::env::set_current_dir(directory).is_err() => {
            Ok(directory.to_owned())
        }
        Some(_) | None => std::env::current_dir().map_err(|error| {
            Problem::new(
                Exit::NotReady,
                format!("the folder that batch was started in is gone: {error}"),
            )
        }),
    }
}
