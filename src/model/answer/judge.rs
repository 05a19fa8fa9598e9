//! [`judge`]: from an agent's answer to a plan, or to all that is wrong with it. The agent proposes; this file and those
//! that it calls have the last word.

use crate::model::answer::findings::Findings;
use crate::model::answer::names::Names;
use crate::model::answer::paths::Paths;
use crate::model::answer::shape::{Answer, Part, Verdict};
use crate::model::answer::texts::{
    REASON_MAX, TASK_MAX, TITLE_MAX, block, command, items, line, optional,
};
use crate::model::answer::whole::whole;
use crate::model::answer::{coverage, order, size};
use crate::model::base_tree::BaseTree;
use crate::model::counted::counted;
use crate::model::id::UnitId;
use crate::model::partition::{Bounds, Candidate, UNITS_MAX};
use crate::model::path::RepoPath;
use crate::model::plan::{Plan, Unit};
use crate::model::scope::{Entry, Refused, Scope};

pub use crate::model::answer::findings::Patience;

/// How many entries that break the ownership rule are told.
const REFUSED_TOLD: usize = 20;

/// What an answer is held against.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The plan without units: change, base, setup and test are taken from it.
    pub blank: &'a Plan,
    /// The base.
    pub tree: &'a BaseTree<'a>,
    /// The files of which each is to be in one unit or excluded, their weights in lines; none where the user named none.
    pub candidates: &'a [Candidate],
    /// Files that several units tend to want.
    pub shared: &'a [RepoPath],
    /// How many units.
    pub bounds: Bounds,
    /// Where the agent saw the files: its paths may begin so.
    pub root: Option<&'a str>,
}

/// What research proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposal {
    /// A plan of independent units.
    Split(Box<Plan>),
    /// Not to split the change.
    Whole(Box<NotSplit>),
}

/// The advice not to split a change, and what can be done instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSplit {
    /// Why.
    pub reason: String,
    /// The whole change as one unit.
    pub whole: Plan,
    /// The change in steps, each a unit that waits for the one before; none where research named no two.
    pub phases: Option<Plan>,
}

impl Proposal {
    /// Every plan of the proposal.
    pub fn plans_mut(&mut self) -> impl Iterator<Item = &mut Plan> {
        let (first, second) = match self {
            Self::Split(plan) => (&mut **plan, None),
            Self::Whole(not_split) => (&mut not_split.whole, not_split.phases.as_mut()),
        };
        std::iter::once(first).chain(second)
    }
}

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

pub(super) fn settled(mut plan: Plan, findings: Findings) -> Result<Plan, Vec<String>> {
    plan.notes.extend(findings.settle()?);
    Ok(plan)
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

pub(super) fn scopes(
    parts: &[Part],
    names: &Names,
    paths: &mut Paths<'_>,
    findings: &mut Findings,
) -> Vec<(String, Vec<Entry>)> {
    let scopes = parts.iter().enumerate().map(|(at, part)| {
        let whose = format!("unit `{}`", names.id(at));
        let entries = paths.entries(&whose, &part.paths, findings);
        (whose, entries)
    });
    scopes.collect()
}

/// A unit without what it waits for.
pub(super) fn unit(
    part: &Part,
    id: &UnitId,
    scope: Scope,
    terms: &Terms<'_>,
    findings: &mut Findings,
) -> Unit {
    let title = line(&part.title, TITLE_MAX);
    let title = if title.is_empty() {
        id.to_string()
    } else {
        title
    };
    let mut task = block(&part.task, TASK_MAX);
    if task.is_empty() {
        findings.mend(
            format!("unit `{id}` has no task"),
            format!("research gave `{id}` no task of its own"),
        );
        task = format!("{}: the part in {title}.", terms.blank.change.description);
    }
    Unit {
        context: optional(&part.context, TASK_MAX),
        contracts: items(&part.contracts),
        constraints: items(&part.constraints),
        check: command(
            &format!("the check of unit `{id}`"),
            part.check.as_ref(),
            findings,
        ),
        ..Unit::new(id.clone(), title, task, scope)
    }
}

pub(super) fn plan(
    answer: &Answer,
    units: Vec<Unit>,
    terms: &Terms<'_>,
    paths: &mut Paths<'_>,
    findings: &mut Findings,
) -> Plan {
    Plan {
        end_to_end: command(
            "end_to_end_check",
            answer.end_to_end_check.as_ref(),
            findings,
        ),
        summary: optional(&answer.summary, REASON_MAX),
        conventions: items(&answer.conventions),
        units,
        excluded: coverage::exclusions(&answer.exclusions, paths, terms.tree, findings),
        ..terms.blank.clone()
    }
}

/// What breaks the ownership rule, the first in full.
pub(super) fn refused(plan: &Plan, tree: &BaseTree<'_>) -> Vec<String> {
    let refused = plan.ownership().problems(tree);
    let told = refused.iter().take(REFUSED_TOLD).map(Refused::to_string);
    let mut told: Vec<String> = told.collect();
    if let Some(more) = refused
        .len()
        .checked_sub(REFUSED_TOLD)
        .filter(|&more| more > 0)
    {
        told.push(format!("and so for {}", counted(more, "more path")));
    }
    told
}
