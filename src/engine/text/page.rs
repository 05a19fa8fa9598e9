//! `report.html`: a run as one page that needs nothing else; the values of `templates/report.html`.

use minijinja::value::Serde;
use minijinja::{Value, context};

use super::{TextError, Texts, of_base, of_refusal, second, warnings};
use crate::engine::failures;
use crate::model::clean::clean;
use crate::model::history::{History, UnitHistory};
use crate::model::outcome::Outcome;
use crate::model::report::{Summary, closing_sentence, duration_text};

impl Texts {
    /// The run and its units as a web page of its own.
    ///
    /// # Errors
    /// [`TextError`] when the template does not render.
    pub fn page(&self, history: &History) -> Result<String, TextError> {
        let took = history.ended.and_then(|ended| {
            u64::try_from(ended.duration_since(history.started).as_millis()).ok()
        });
        let summary = Summary::of(history);
        self.render(
            "report.html",
            context! {
                run => history.run.as_str(),
                change => clean(&history.change),
                sentence => closing_sentence(history),
                base => of_base(&history.base.branch, &history.base.commit),
                started => second(history.started),
                ended => history.ended.map(second),
                took => took.map(duration_text),
                exit_code => history.exit_code,
                cost => history.spend().long(),
                research_cost => history.research.long(),
                units_cost => history.units.iter().any(|unit| !unit.spend.is_nothing()),
                counts => counts(&summary),
                refusal => history.base_refused.as_ref().map(of_refusal),
                units => history.units.iter().map(unit).collect::<Vec<_>>(),
                failures => Serde(failures::groups(history)),
                warnings => warnings(history),
                unfinished => history.unfinished().count(),
            },
        )
    }
}

/// How many units ended how, as far as any did.
fn counts(summary: &Summary) -> Vec<Value> {
    [
        ("opened", summary.opened),
        ("pushed", summary.pushed),
        ("unchanged", summary.unchanged),
        ("failed", summary.failed),
        ("cancelled", summary.cancelled),
        ("not finished", summary.unfinished()),
    ]
    .into_iter()
    .filter(|(_, count)| *count > 0)
    .map(|(word, count)| context! { word, class => word.replace(' ', "-"), count })
    .collect()
}

fn unit(unit: &UnitHistory) -> Value {
    let outcome = unit.outcome.as_ref();
    let word = outcome.map_or("not finished", Outcome::as_str);
    context! {
        id => unit.id.as_str(),
        title => clean(&unit.title),
        outcome => word,
        class => word.replace(' ', "-"),
        note => note(outcome),
        pr => unit.pull().map(|pull| {
            // Only what a browser opens becomes a link.
            let url = pull.url.as_ref().filter(|url| {
                url.starts_with("https://") || url.starts_with("http://")
            });
            context! { number => pull.number, url }
        }),
        attempt => unit.attempt,
        files => unit.files.len(),
        took => unit.duration_ms().map(duration_text),
        cost => unit.spend.short(),
        agent => unit.agent.as_deref().map(clean),
        summary => unit.summary.as_deref().map(clean),
    }
}

/// Why a unit has no pull request; a failure stands further down.
fn note(outcome: Option<&Outcome>) -> Option<String> {
    match outcome? {
        Outcome::Failed(failure) => Some(format!("at {}", failure.step)),
        Outcome::Pushed { reason, .. } | Outcome::Cancelled { reason } => {
            Some(clean(&reason.replace('\n', "; ")))
        }
        Outcome::Opened { .. } | Outcome::Unchanged => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::text::Texts;
    use crate::model::outcome::Outcome;
    use crate::model::sample;

    #[test]
    fn what_comes_from_outside_is_text_in_the_page() {
        let hostile = "</td><script>alert(1)</script>";
        let mut history = sample::history(vec![
            Some(sample::failed(hostile, &[hostile])),
            Some(sample::opened(7)),
            Some(Outcome::Cancelled {
                reason: hostile.to_owned(),
            }),
            None,
        ]);
        history.change = hostile.to_owned();
        history.warnings.push(hostile.to_owned());
        history.units[1].title = hostile.to_owned();
        history.units[1].summary = Some(hostile.to_owned());
        let Some(Outcome::Opened { pr }) = &mut history.units[1].outcome else {
            panic!("it is opened");
        };
        pr.url = Some("javascript:alert(1)".to_owned());
        let page = Texts::new().unwrap().page(&history).unwrap();
        assert!(!page.contains("<script"), "{page}");
        assert!(!page.contains("javascript:"), "{page}");
        assert!(page.contains("&lt;script&gt;"), "{page}");
    }

    #[test]
    fn the_page_needs_nothing_from_elsewhere() {
        let history = sample::history(vec![Some(sample::opened(7)), Some(sample::pushed())]);
        let page = Texts::new().unwrap().page(&history).unwrap();
        for word in [" src=", "<link", "@import", "url("] {
            assert!(!page.contains(word), "{word} in {page}");
        }
        assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    }
}
