//! How far pull requests are, twenty a query: asks GraphQL, for REST would take several calls for each.
//!
//! A token may lack the right to read checks one by one (fine-grained ones always do). Then what they come to together is
//! taken as one check that is required, so that nobody mistakes it for none. And a server may be older than some fields.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::api::{ApiError, FieldError, Kind, Refusal};
use super::failure::{UNDEFINED_FIELD, unusable};
use super::place::Place;
use crate::engine::ports::ForgeError;
use crate::model::standing::Standing;

mod query;
mod reading;

/// How many are asked for by one query; with a hundred checks each it stays far below GitHub's limit on nodes.
const AT_ONCE: usize = 20;

/// Asks how far pull requests are, and remembers how much the token may see.
#[derive(Default)]
pub(super) struct Standings {
    /// Whether checks cannot be read one by one.
    blind: AtomicBool,
    /// Fields that the server, which is old, does not have.
    absent: Mutex<Vec<String>>,
}

impl Standings {
    /// How far these are, in this order; those that are gone are left out.
    pub(super) async fn of(
        &self,
        place: &Place,
        numbers: &[u64],
    ) -> Result<Vec<Standing>, ForgeError> {
        let mut standings = Vec::with_capacity(numbers.len());
        for some in numbers.chunks(AT_ONCE) {
            let data = self.ask(place, some).await?;
            for number in some {
                let item = &data["repository"][query::alias(*number)];
                if item.is_null() {
                    continue;
                }
                standings.push(self.read(place, *number, item).await?);
            }
        }
        Ok(standings)
    }

    /// The answer's data. Where GitHub refuses the whole because one is gone, halves are asked for until that one is found.
    async fn ask(&self, place: &Place, numbers: &[u64]) -> Result<Value, ForgeError> {
        let mut waiting = vec![numbers.to_vec()];
        let mut joined = json!({ "repository": {} });
        while let Some(some) = waiting.pop() {
            match self.ask_once(place, &some).await {
                Ok(data) if data["repository"].is_null() => {
                    let words = format!("this token is shown no repository {}", place.site.slug());
                    return Err(ForgeError::refused(
                        "reading how far pull requests are",
                        words,
                    ));
                }
                Ok(mut data) => {
                    for number in some {
                        let alias = query::alias(number);
                        let item = data["repository"][&alias].take();
                        // A number may be asked for twice.
                        if !item.is_null() {
                            joined["repository"][&alias] = item;
                        }
                    }
                }
                Err(ApiError::Refused(refusal))
                    if refusal.has_code("FORBIDDEN") && !self.is_blind() =>
                {
                    self.blind.store(true, Ordering::Relaxed);
                    waiting.push(some);
                }
                Err(ApiError::Refused(refusal)) if self.learns_absent(&refusal) => {
                    waiting.push(some);
                }
                Err(ApiError::Refused(refusal)) if is_of_one(&refusal) => {
                    if some.len() > 1 {
                        let (first, second) = some.split_at(some.len() / 2);
                        waiting.extend([first.to_vec(), second.to_vec()]);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(joined)
    }

    async fn ask_once(&self, place: &Place, numbers: &[u64]) -> Result<Value, ApiError> {
        let doing = match numbers {
            [number] => format!("reading how far #{number} is"),
            _ => format!("reading how far {} pull requests are", numbers.len()),
        };
        let query = query::standings(numbers, !self.is_blind(), &self.absent().clone());
        let variables = json!({ "owner": place.site.owner, "name": place.site.name });
        place.graphql(doing, Kind::Read, &query, variables).await
    }

    /// Whether the query was refused for nothing but fields that can be done without; they are not asked for again.
    fn learns_absent(&self, refusal: &Refusal) -> bool {
        let mut absent = self.absent();
        let is_young = |error: &FieldError| {
            error.code == UNDEFINED_FIELD
                && query::YOUNG.iter().any(|(name, _)| *name == error.field)
                && !absent.contains(&error.field)
        };
        let errors = &refusal.errors;
        let learns = !errors.is_empty() && errors.iter().all(is_young);
        if learns {
            absent.extend(errors.iter().map(|error| error.field.clone()));
        }
        learns
    }

    fn absent(&self) -> MutexGuard<'_, Vec<String>> {
        // A panic elsewhere leaves a list that is whole.
        self.absent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_blind(&self) -> bool {
        self.blind.load(Ordering::Relaxed)
    }

    async fn read(&self, place: &Place, number: u64, item: &Value) -> Result<Standing, ForgeError> {
        let doing = || format!("reading how far #{number} is");
        let mut standing = reading::standing(item).map_err(|missing| unusable(doing(), missing))?;
        let rollup = reading::rollup(item);
        let mut after = reading::next_page(rollup);
        while let Some(cursor) = after {
            let variables = json!({
                "owner": place.site.owner,
                "name": place.site.name,
                "number": number,
                "after": cursor,
            });
            let asked = place.graphql(doing(), Kind::Read, query::CHECKS, variables);
            let data = asked.await?;
            let page = reading::rollup(&data["repository"]["pullRequest"]);
            let Some(checks) = reading::checks(page) else {
                standing.checks = reading::all_in_one(rollup);
                break;
            };
            standing.checks.extend(checks);
            after = reading::next_page(page);
        }
        Ok(standing)
    }
}

/// Whether a query was refused because one that it asks for is not there.
fn is_of_one(refusal: &Refusal) -> bool {
    let errors = &refusal.errors;
    !errors.is_empty() && errors.iter().all(|error| error.code == "NOT_FOUND")
}

#[cfg(test)]
mod tests;
