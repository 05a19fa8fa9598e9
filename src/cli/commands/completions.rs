//! `batch completions`: the script by which a shell completes command lines; `batch man`: the manual's pages.

use std::io::Write as _;
use std::path::Path;

use crate::adapters::atomic;
use crate::adapters::programs::on_path;
use crate::cli::args::{CompletionsArgs, ManArgs};
use crate::cli::completing;
use crate::cli::exit::{Exit, Problem};
use crate::cli::manual::{Page, pages};

/// Prints the script.
///
/// # Errors
/// [`Problem`] when the program does not know where it is.
pub fn completions(args: &CompletionsArgs) -> Result<Exit, Problem> {
    let script = completing::script(args.shell, &program()?).map_err(|error| {
        Problem::new(
            Exit::NotReady,
            format!("the script cannot be written: {error}"),
        )
    })?;
    let _ = std::io::stdout().write_all(&script);
    Ok(Exit::Done)
}

/// How the script starts this program: by its name where that leads here, so that the script outlives an update.
fn program() -> Result<String, Problem> {
    let own = std::env::current_exe().map_err(|error| {
        let words = format!("cannot find batch's own program: {error}");
        Problem::new(Exit::NotReady, words)
    })?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let real = |path: &Path| path.canonicalize().ok();
    let folder = real(&own).and_then(|own| Some(own.parent()?.to_owned()));
    for name in ["batch", "git-batch"] {
        let found = on_path(name, &path).and_then(|found| real(&found));
        if folder.is_some() && found.and_then(|found| Some(found.parent()?.to_owned())) == folder {
            return Ok(name.to_owned());
        }
    }
    Ok(own.display().to_string())
}

/// Prints a page, or writes all of them.
///
/// # Errors
/// [`Problem`] when there is no such command, or a page cannot be written.
pub fn man(args: &ManArgs) -> Result<Exit, Problem> {
    let pages = pages();
    if let Some(folder) = &args.dir {
        write_all(folder, &pages)?;
        return Ok(Exit::Done);
    }
    let mut words = vec!["batch"];
    words.extend(args.command.iter().map(String::as_str));
    let wanted = words.join("-");
    let Some(page) = pages.iter().find(|page| page.name == wanted) else {
        let line = args.command.join(" ");
        let known: Vec<String> = pages
            .iter()
            .filter_map(|page| page.name.strip_prefix("batch-"))
            .map(|name| name.replace('-', " "))
            .collect();
        return Err(Problem::new(Exit::Usage, format!("no command `{line}`"))
            .hint(format!("there are {}", known.join(", "))));
    };
    let _ = std::io::stdout().write_all(&page.text);
    Ok(Exit::Done)
}

fn write_all(folder: &Path, pages: &[Page]) -> Result<(), Problem> {
    let unwritable = |path: &Path, error: std::io::Error| {
        let words = format!("{} cannot be written: {error}", path.display());
        Problem::new(Exit::NotReady, words)
    };
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    for page in pages {
        let path = folder.join(format!("{}.1", page.name));
        atomic::replace(&path, &page.text).map_err(|error| unwritable(&path, error))?;
    }
    let _ = writeln!(
        std::io::stdout(),
        "{} pages in {}",
        pages.len(),
        folder.display()
    );
    Ok(())
}
