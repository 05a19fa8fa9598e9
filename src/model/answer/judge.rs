//! [`judge`]: from an agent's answer to a plan, or to all that is wrong with it. The agent proposes; this file and those
//! that it calls have the last word.

use crate::model::answer::findings::Findings;
use crate::model::answer::names::Names;
use crate::model::answer::parts::{plan, refused, scopes, settled, unit};
use crate::model::answer::paths::Paths;
use crate::model::answer::proposal::{Proposal, Terms};
use crate::model::answer::shape::{Answer, Verdict};
use crate::model::answer::whole::whole;
use crate::model::answer::{coverage, order, size};
use crate::model::counted::counted;
use crate::model::partition::{Bounds, UNITS_MAX};
use crate::model::path::RepoPath;
use crate::model::plan::{Plan, Unit};
use crate::model::scope::Scope;

pub use crate::model::answer::findings::Patience;

/// What a judged answer came to.
pub type Judged = Result<Proposal, Vec<String>>;

/// Judges an answer.
///
/// # Errors
/// All that is wrong with it, each in words that the agent can act on.
pub fn judge(answer: &Answer, terms: &Terms<'_>, patience: Patience) -> Judged {
    let findings = Findings::new(patience);
    match answer.verdict {
        Verdict::Split => {
            split(answer, terms, findings).map(|plan| Proposal::Split(Box::new(plan)))
        }
        Verdict::DoNotSplit => {
            whole(answer, terms, findings).map(|found| Proposal::Whole(Box::new(found)))
        }
    }
}

fn split(answer: &Answer, terms: &Terms<'_>, mut findings: Findings) -> Result<Plan, Vec<String>> {
    count(answer, terms.bounds, &mut findings)?;
    let names = Names::of(&answer.units, &mut findings);
    let before = order::order(&answer.units, &names, &mut findings);
    let mut paths = Paths::new(terms.tree, terms.root);
    let mut scopes = scopes(&answer.units, &names, &mut paths, &mut findings);
    coverage::share(
        &answer.shared_files,
        &names,
        &paths,
        &mut scopes,
        &mut findings,
    );
    paths.without_made_up(&mut scopes, &mut findings);
    let mut units = Vec::with_capacity(answer.units.len());
    for (at, (part, (_, entries))) in answer.units.iter().zip(scopes).enumerate() {
        let after = before[at].iter().map(|&other| names.id(other).clone());
        units.push(Unit {
            after: after.collect(),
            ..unit(
                part,
                names.id(at),
                Scope::new(entries),
                terms,
                &mut findings,
            )
        });
    }
    let mut plan = plan(answer, units, terms, &mut paths, &mut findings);
    for refused in refused(&plan, terms.tree) {
        findings.wrong(refused);
    }
    coverage::cover(&mut plan, terms.tree, terms.candidates, &mut findings);
    size::even(
        &mut plan,
        terms.tree,
        terms.candidates,
        terms.bounds.max(),
        &mut findings,
    );
    let named = answer
        .shared_files
        .iter()
        .map(|file| RepoPath::from(paths.below_root(&file.path)));
    coverage::shared_tasks(
        &plan,
        terms.shared.iter().cloned().chain(named),
        &mut findings,
    );
    settled(plan, findings)
}

/// Far too many units, or none, are not looked at one by one.
fn count(answer: &Answer, bounds: Bounds, findings: &mut Findings) -> Result<(), Vec<String>> {
    let (units, min, max) = (answer.units.len(), bounds.min(), bounds.max());
    if units == 0 {
        let problem = "the verdict is `split`, and there are no units: name them, or answer `do-not-split` with the reason";
        return Err(vec![problem.to_owned()]);
    }
    if units > max {
        let problem = format!(
            "{}, where {max} are the most: combine those that belong together",
            counted(units, "unit")
        );
        if units > UNITS_MAX.min(2 * max) {
            return Err(vec![problem]);
        }
        findings.wrong(problem);
    }
    if units < min && answer.reason.trim().is_empty() {
        let units = counted(units, "unit");
        findings.mend(
            format!("{units}, where {min} are wanted: split further, or say in `reason` why not"),
            format!("{units}, where {min} were wanted; research gave no reason"),
        );
    }
    Ok(())
}
