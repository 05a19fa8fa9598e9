//! `batch prs comment`: says the same on several pull requests of a server.

use std::io::Read as _;

use serde_json::json;

use super::choice;
use super::runs::Runs;
use super::tally::Tally;
use crate::cli::args::CommentArgs;
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::RunForge;
use crate::cli::session::Session;
use crate::cli::style::clean;

/// The longest comment that GitHub takes, in characters.
const LONGEST: usize = 65_536;

/// Comments on those that are chosen.
///
/// # Errors
/// [`Problem`] when there is nothing to say, or the only one refused.
pub(super) async fn comment(session: &Session, args: &CommentArgs) -> Result<Exit, Problem> {
    let body = body(args)?;
    let runs = Runs::all(session)?;
    let (forge, numbers) = choice::of(session, &runs, &args.pulls).await?;
    let RunForge::GitHub(github) = forge else {
        return Err(Problem::new(
            Exit::Usage,
            "the embedded forge has no comments: they are for pull requests on a server",
        ));
    };
    if numbers.is_empty() {
        return choice::nothing(session);
    }
    let mut tally = Tally::of(session, numbers.len());
    for number in numbers {
        let number = number.get();
        let commented = async {
            let url = github.comment(number, &body).await?;
            session.say(&format!("Commented on #{number}: {}", clean(&url)));
            Ok(json!({ "number": number, "url": url }))
        };
        tally.take(session.interrupts.guard(commented).await)?;
    }
    tally.end()
}

fn body(args: &CommentArgs) -> Result<String, Problem> {
    let (text, from) = match (&args.body, &args.body_file) {
        (Some(body), _) => (Ok(body.clone()), "--body".to_owned()),
        (None, Some(path)) if path.as_os_str() == "-" => {
            let mut text = String::new();
            let read = std::io::stdin().read_to_string(&mut text);
            (read.map(|_| text), "standard input".to_owned())
        }
        (None, Some(path)) => (std::fs::read_to_string(path), path.display().to_string()),
        (None, None) => (Ok(String::new()), "--body".to_owned()),
    };
    let text = text.map_err(|error| Problem::new(Exit::Usage, format!("{from}: {error}")))?;
    if text.trim().is_empty() {
        return Err(Problem::new(Exit::Usage, format!("{from} says nothing")));
    }
    let length = text.chars().count();
    if length > LONGEST {
        let words = format!("{from} has {length} characters, and a comment at most {LONGEST}");
        return Err(Problem::new(Exit::Usage, words));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, body};
    use crate::cli::args::{ChosenPulls, CommentArgs};

    fn args(body: Option<&str>, file: Option<&std::path::Path>) -> CommentArgs {
        CommentArgs {
            pulls: ChosenPulls {
                numbers: Vec::new(),
                all: true,
                run: None,
            },
            body: body.map(str::to_owned),
            body_file: file.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn a_comment_says_something_and_not_too_much() {
        assert_eq!(
            body(&args(Some("Mind *this*."), None)).unwrap(),
            "Mind *this*."
        );
        let empty = body(&args(Some(" \n"), None)).unwrap_err();
        assert_eq!(empty.message, "--body says nothing");
        let long = body(&args(Some(&"é".repeat(LONGEST + 1)), None)).unwrap_err();
        assert!(
            long.message.contains("65537 characters"),
            "{}",
            long.message
        );
        assert!(body(&args(Some(&"é".repeat(LONGEST)), None)).is_ok());
    }

    #[test]
    fn a_comment_may_be_read_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note.md");
        assert!(body(&args(None, Some(&path))).is_err());
        std::fs::write(&path, "From a file.\n").unwrap();
        assert_eq!(body(&args(None, Some(&path))).unwrap(), "From a file.\n");
    }
}
