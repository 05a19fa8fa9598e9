//! [`Milestones`]: the repository's open milestones, by title or number; listed once. None is ever made.

use serde_json::Value;

use super::api::{ApiError, Call};
use super::failure::words;
use super::place::Place;

/// The repository's open milestones, as far as they are known.
#[derive(Default)]
pub(super) struct Milestones {
    /// Numbers and titles; none until they are listed.
    known: Option<Vec<(u64, String)>>,
}

impl Milestones {
    /// The number of the wanted one; a warning where there is none.
    pub(super) async fn found(
        &mut self,
        place: &Place,
        wanted: &str,
        warnings: &mut Vec<String>,
    ) -> Option<u64> {
        let known = match self.known.take() {
            Some(known) => known,
            None => match listed(place).await {
                Ok(known) => known,
                Err(error) => {
                    warnings.push(format!("milestone `{wanted}` not set: {}", words(&error)));
                    return None;
                }
            },
        };
        let number = chosen(&known, wanted);
        if number.is_none() {
            let slug = place.site.slug();
            warnings.push(format!(
                "milestone `{wanted}` not set: {slug} has no open one of this title or number"
            ));
        }
        self.known = Some(known);
        number
    }
}

/// A title comes before a number: milestones are named after years, too.
fn chosen(known: &[(u64, String)], wanted: &str) -> Option<u64> {
    let lower = wanted.to_lowercase();
    let by_title = known
        .iter()
        .find(|(_, title)| title.to_lowercase() == lower);
    let by_number = || {
        let wanted: u64 = wanted.trim_start_matches('#').parse().ok()?;
        known.iter().find(|(number, _)| *number == wanted)
    };
    by_title.or_else(by_number).map(|(number, _)| *number)
}

async fn listed(place: &Place) -> Result<Vec<(u64, String)>, ApiError> {
    let path = place.path("/milestones?state=open&per_page=100");
    let items = place.list(Call::read("listing milestones", path)).await?;
    let read = |item: &Value| {
        let title = item["title"].as_str()?;
        Some((item["number"].as_u64()?, title.to_owned()))
    };
    Ok(items.iter().filter_map(read).collect())
}

#[cfg(test)]
mod tests {
    use super::chosen;

    #[test]
    fn a_milestone_is_found_by_title_whatever_its_case_before_its_number() {
        let known = [
            (1, "v1.0".to_owned()),
            (2, "1".to_owned()),
            (3, "Spring".to_owned()),
        ];
        assert_eq!(chosen(&known, "V1.0"), Some(1));
        assert_eq!(chosen(&known, "1"), Some(2));
        assert_eq!(chosen(&known, "#3"), Some(3));
        assert_eq!(chosen(&known, "summer"), None);
    }
}
