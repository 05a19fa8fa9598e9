//! What an agent is asked in research: the words stand in `templates/`, this file gives them their values.

use minijinja::context;

use crate::engine::inquiry::Question;
use crate::engine::text::{TextError, Texts};
use crate::model::answer;
use crate::model::clean::clean_lines;
use crate::model::plan::Plan;
use crate::model::plan_file;

/// What is said to a session that a rate limit broke off.
pub(super) const GO_ON: &str = "You were interrupted by a limit of the provider, which is lifted. Go on with what you were asked.";

/// The longest answer that is shown to an agent that does not remember it, and the longest plan, in bytes.
const SHOWN_MAX: usize = 100_000;

/// How the agent is held to the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// By its program.
    Native,
    /// By the prompt alone.
    InWords,
}

/// What an agent that keeps no session has to be told again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before<'a> {
    pub(super) prompt: &'a str,
    pub(super) answer: &'a str,
}

pub(super) fn probe(texts: &Texts) -> Result<String, TextError> {
    texts.render("probe.md", context! {})
}

pub(super) fn research(
    texts: &Texts,
    question: &Question<'_>,
    form: Form,
) -> Result<String, TextError> {
    let terms = &question.terms;
    let (change, base) = (&terms.blank.change, &terms.blank.base);
    texts.render(
        "research.md",
        context! {
            change => &change.description,
            paths => &change.paths,
            matching => &change.matching,
            base => context! { branch => &base.branch, short => base.commit.short() },
            facts => question.facts.trim(),
            test => terms.blank.test.command(),
            min => terms.bounds.min(),
            max => terms.bounds.max(),
            candidates => terms.candidates.len(),
            form => form_text(texts, form)?,
        },
    )
}

pub(super) fn again(
    texts: &Texts,
    problems: &[String],
    last: bool,
    before: Option<Before<'_>>,
    form: Form,
) -> Result<String, TextError> {
    let before = before.map(|before| {
        let answer = shortened(before.answer);
        context! { prompt => before.prompt.trim(), answer }
    });
    let form = form_again(texts, before.is_some(), form)?;
    texts.render(
        "research-again.md",
        context! { problems => problems.to_vec(), last, before, form },
    )
}

pub(super) fn revise(
    texts: &Texts,
    words: &str,
    current: &Plan,
    before: Option<&str>,
    form: Form,
) -> Result<String, TextError> {
    let plan = plan_file::write(current);
    let plan = (plan.len() <= SHOWN_MAX).then(|| plan.trim().to_owned());
    let form = form_again(texts, before.is_some(), form)?;
    let before = before.map(|prompt| context! { prompt => prompt.trim() });
    texts.render(
        "revise.md",
        context! { words => clean_lines(words), plan, before, form },
    )
}

/// A session, and a prompt that is told again, have the schema already.
fn form_again(texts: &Texts, told: bool, form: Form) -> Result<String, TextError> {
    match form {
        Form::InWords if told => Ok("Your last message is again one JSON object that fits the JSON Schema above, and nothing else.".to_owned()),
        Form::Native | Form::InWords => form_text(texts, form),
    }
}

fn form_text(texts: &Texts, form: Form) -> Result<String, TextError> {
    let schema = answer::SCHEMA.trim();
    let text = texts.render(
        "research-form.md",
        context! { native => form == Form::Native, schema },
    )?;
    Ok(text.trim().to_owned())
}

fn shortened(answer: &str) -> String {
    if answer.len() <= SHOWN_MAX {
        return answer.to_owned();
    }
    let bytes = &answer.as_bytes()[..SHOWN_MAX];
    format!(
        "{}\n… (the rest is left out)",
        String::from_utf8_lossy(bytes)
    )
}

#[cfg(test)]
mod tests {
    use super::{Form, revise};
    use crate::engine::text::Texts;
    use crate::model::sample;

    #[test]
    fn no_text_of_a_plan_ends_the_fence_that_it_stands_in() {
        let mut plan = sample::plan(1);
        plan.units[0].task = "Run this:\n```\nmake\n```\n".to_owned();
        let prompt = revise(&Texts::new().unwrap(), "fewer", &plan, None, Form::InWords).unwrap();
        let fences = prompt.lines().filter(|line| line.starts_with("````"));
        assert_eq!(fences.count(), 2, "{prompt}");
    }
}
