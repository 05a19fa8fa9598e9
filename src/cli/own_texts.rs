//! [`own_texts`]: the words of commit messages, pull requests and reports, with the templates of the user's own.

use std::path::Path;

use crate::adapters::templates::Templates;
use crate::cli::exit::{Exit, Problem};
use crate::cli::style::clean;
use crate::engine::text::{Texts, replaceable};
use crate::engine::trial::tried;
use crate::model::nearest::nearest;

/// The words, with the user's templates tried; what replaces nothing is told.
///
/// # Errors
/// [`Problem`] when a template is broken.
pub fn own_texts(root: &Path, say: impl Fn(&str)) -> Result<Texts, Problem> {
    let found =
        Templates::read(root).map_err(|error| Problem::new(Exit::Usage, error.to_string()))?;
    for stranger in found.strangers {
        let names: Vec<&str> = replaceable().collect();
        let name = stranger.rsplit('/').next().unwrap_or_default();
        let meant = match nearest(name, &names) {
            Some(nearest) => format!("did you mean {nearest}?"),
            None => format!("there are {}", names.join(", ")),
        };
        let stranger = clean(&stranger);
        say(&format!(
            "warning: {stranger} replaces no template; {meant}"
        ));
    }
    tried(&Texts::new()?, found.replacements).map_err(|errors| {
        let hint = errors.iter().find_map(|error| error.hint.clone());
        let words: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Problem::new(Exit::Usage, words.join("\n")).hint_if(hint.as_deref())
    })
}
