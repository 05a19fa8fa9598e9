//! What the units of an answer are called: ids repaired where that does no harm, so that no round is lost on a capital
//! letter, and found again by whatever the agent called them elsewhere.

use std::collections::{HashMap, HashSet};

use crate::model::answer::findings::Findings;
use crate::model::answer::shape::Part;
use crate::model::id::{RESERVED_UNIT_IDS, UNIT_ID_MAX, UnitId, slug};
use crate::model::nearest::nearest;

/// The ids of an answer's units.
#[derive(Debug, Default)]
pub(super) struct Names {
    ids: Vec<UnitId>,
    places: HashMap<String, usize>,
}

impl Names {
    /// Names all units; two that the agent called the same are a problem, since nobody knows which one it means.
    pub(super) fn of(parts: &[Part], findings: &mut Findings) -> Self {
        let mut names = Self::default();
        let mut taken = HashSet::new();
        for (at, part) in parts.iter().enumerate() {
            let written = part.id.trim();
            if !written.is_empty() && names.places.contains_key(written) {
                findings.mend(
                    format!("two units are called `{}`", written.escape_debug()),
                    format!(
                        "research called two units `{}`; the second got another name",
                        written.escape_debug()
                    ),
                );
            }
            let id = unique(&stem(part, at), &mut taken);
            names.places.entry(written.to_owned()).or_insert(at);
            names.places.entry(id.as_str().to_owned()).or_insert(at);
            names.ids.push(id);
        }
        names
    }

    pub(super) fn id(&self, at: usize) -> &UnitId {
        &self.ids[at]
    }

    /// The unit that the agent means by a name.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        let name = name.trim();
        let place = self.places.get(name);
        place
            .or_else(|| self.places.get(&slug(name, UNIT_ID_MAX)))
            .copied()
    }

    /// The id that is spelled almost like a name, as a question.
    pub(super) fn hint(&self, name: &str) -> String {
        let ids: Vec<&str> = self.ids.iter().map(UnitId::as_str).collect();
        nearest(&slug(name, UNIT_ID_MAX), &ids)
            .map(|right| format!("; did you mean `{right}`?"))
            .unwrap_or_default()
    }
}

/// What an id begins with: the agent's own, else its title or its first path.
fn stem(part: &Part, at: usize) -> String {
    let path = part.paths.first().map_or("", String::as_str);
    let candidates = [part.id.as_str(), part.title.as_str(), path];
    let slugs = candidates.iter().map(|text| slug(text, UNIT_ID_MAX));
    let mut slugs = slugs.filter(|slug| !slug.is_empty());
    slugs.next().unwrap_or_else(|| format!("unit-{}", at + 1))
}

/// An id that begins so and that nothing else bears.
pub(super) fn unique(stem: &str, taken: &mut HashSet<String>) -> UnitId {
    let mut name = stem.to_owned();
    let mut number = 1;
    while RESERVED_UNIT_IDS.contains(&name.as_str()) || taken.contains(&name) {
        number += 1;
        let ending = format!("-{number}");
        let kept = slug(stem, UNIT_ID_MAX - ending.len());
        name = kept + &ending;
    }
    taken.insert(name.clone());
    UnitId::parse(&name).expect("a slug with a number is an id")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Names, unique};
    use crate::model::answer::findings::{Findings, Patience};
    use crate::model::answer::tests::part;

    fn names(ids: &[&str]) -> (Vec<String>, Result<Vec<String>, Vec<String>>) {
        let parts: Vec<_> = ids.iter().map(|id| part(id, &["src/a.ts"])).collect();
        let mut findings = Findings::new(Patience::First);
        let names = Names::of(&parts, &mut findings);
        let ids = (0..parts.len()).map(|at| names.id(at).to_string());
        (ids.collect(), findings.settle())
    }

    #[test]
    fn ids_are_repaired_where_that_does_no_harm() {
        let (ids, problems) = names(&["Src_Auth", "base", "", "über ALLES", "src-auth"]);
        assert_eq!(
            ids,
            ["src-auth", "base-2", "part", "ber-alles", "src-auth-2"]
        );
        // The fifth is called as the first one came to be, and was written otherwise.
        assert_eq!(problems.unwrap_err(), ["two units are called `src-auth`"]);
    }

    #[test]
    fn a_unit_is_found_by_what_the_agent_called_it() {
        let parts = [part("Forms/Login", &[]), part("api", &[])];
        let names = Names::of(&parts, &mut Findings::new(Patience::First));
        for name in ["Forms/Login", "forms-login", " forms login"] {
            assert_eq!(names.place(name), Some(0), "{name}");
        }
        assert_eq!(names.place("apis"), None);
        assert_eq!(names.hint("apis"), "; did you mean `api`?");
    }

    proptest! {
        #[test]
        fn every_name_becomes_an_id_of_its_own(ids in proptest::collection::vec("[a-zA-Z_ é-]{0,60}", 0..12)) {
            let mut taken = std::collections::HashSet::new();
            let parts: Vec<_> = ids.iter().map(|id| part(id, &[])).collect();
            let names = Names::of(&parts, &mut Findings::new(Patience::Last));
            let mut seen = std::collections::HashSet::new();
            for at in 0..parts.len() {
                prop_assert!(seen.insert(names.id(at).clone()));
            }
            let first = unique("a", &mut taken);
            prop_assert_eq!(first.as_str(), "a");
        }
    }
}
