//! What `after` says: who waits for whom, units that do not exist, and units that wait for each other in a circle.

use std::collections::{HashMap, HashSet};

use crate::model::nearest::nearest;
use crate::model::order::Order;
use crate::model::plan_file::draft::DraftUnit;
use crate::model::plan_file::problem::Problems;

/// Who waits for whom, after every problem with it has been noted.
pub(super) fn check(units: &[DraftUnit], problems: &mut Problems) -> Order {
    let ids = units.iter().enumerate();
    let ids: HashMap<&str, usize> = ids
        .filter_map(|(at, unit)| Some((unit.id.as_ref()?.value.as_str(), at)))
        .collect();
    for unit in units {
        for id in &unit.after {
            if !ids.contains_key(id.value.as_str()) {
                let mut names: Vec<_> = ids.keys().copied().collect();
                names.sort_unstable();
                let hint = nearest(&id.value, &names)
                    .map(|right| format!("; did you mean `{right}`?"))
                    .unwrap_or_default();
                let name = id.value.escape_debug();
                let message = format!("{} waits for `{name}`, which is no unit{hint}", unit.name);
                problems.add(id.line, message);
            }
        }
    }
    for circle in circles(units, &ids) {
        let mut names: Vec<_> = circle.iter().map(|&at| units[at].name.as_str()).collect();
        names.push(names[0]);
        let line = units[circle[0]].after[0].line;
        problems.add(line, format!("a circle: {}", names.join(" waits for ")));
    }
    let parents = units.iter().map(|unit| {
        let known = unit.after.iter();
        let known = known.filter_map(|id| ids.get(id.value.as_str()).copied());
        known.collect()
    });
    Order::new(parents.collect())
}

/// The circles that a depth-first walk meets, each as the units in it; a stack of its own, since chains can be long.
fn circles(units: &[DraftUnit], ids: &HashMap<&str, usize>) -> Vec<Vec<usize>> {
    let mut circles = Vec::new();
    let mut done = HashSet::new();
    for start in 0..units.len() {
        // The walk's path, each unit with how many of its `after` were followed.
        let mut path = vec![(start, 0)];
        while let Some((at, followed)) = path.last_mut() {
            let at = *at;
            let next = units[at].after.get(*followed);
            *followed += 1;
            let Some(next) = next.filter(|_| !done.contains(&at)) else {
                done.insert(at);
                path.pop();
                continue;
            };
            let Some(&next) = ids.get(next.value.as_str()) else {
                continue;
            };
            match path.iter().position(|&(unit, _)| unit == next) {
                Some(begin) => circles.push(path[begin..].iter().map(|&(unit, _)| unit).collect()),
                None => path.push((next, 0)),
            }
        }
    }
    circles
}
