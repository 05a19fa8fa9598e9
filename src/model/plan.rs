//! [`Plan`] and [`Unit`]: the partition of a change, as values. Reading and writing the file is `plan_file`'s.

use crate::model::agent::AgentChoice;
use crate::model::change::{Change, Source};
use crate::model::id::{ObjectId, UnitId};
use crate::model::order::Order;
use crate::model::scope::{Ownership, Scope};
use crate::model::spend::Spend;

/// A change cut into units, with all that a run of it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What was asked for.
    pub change: Change,
    /// What the units start from.
    pub base: Base,
    /// A command for each new worktree, before anything else runs in it.
    pub setup: Option<String>,
    /// What must pass before a unit is committed.
    pub test: TestPolicy,
    /// A command that shows, after all units are merged, that together they do what was asked for.
    pub end_to_end: Option<String>,
    /// What the change comes to, in a few sentences, for workers and reviewers.
    pub summary: Option<String>,
    /// How things are done in this repository, as far as the change is concerned.
    pub conventions: Vec<String>,
    /// The agent that made the plan, and what that cost.
    pub research: Option<Research>,
    /// The units, in the order in which they are started.
    pub units: Vec<Unit>,
    /// What the change looks at and leaves alone, with the reason.
    pub excluded: Vec<Exclusion>,
    /// What a reader of the plan should know.
    pub notes: Vec<String>,
}

/// The commit that units start from, and the branch that their pull requests go to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Base {
    /// The branch, as the remote names it (`main`).
    #[serde(rename = "ref")]
    pub branch: String,
    /// The commit.
    pub commit: ObjectId,
}

/// Whether and how units are tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestPolicy {
    /// By this shell command.
    Command(String),
    /// Not at all, by the user's word (`--no-test`).
    None,
    /// Nobody has said yet; a run must not start so.
    Undecided,
}

impl TestPolicy {
    /// The command, if there is one.
    #[must_use]
    pub fn command(&self) -> Option<&str> {
        match self {
            Self::Command(command) => Some(command),
            Self::None | Self::Undecided => None,
        }
    }
}

/// One slice of a change: one branch, one pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Names the branch, refs and logs.
    pub id: UnitId,
    /// What the pull request is called, after the change's own name.
    pub title: String,
    /// What is to be done here, for a worker and a reviewer.
    pub task: String,
    /// The paths that it owns.
    pub scope: Scope,
    /// What a worker needs to know of the whole change and of this part's place in it.
    pub context: Option<String>,
    /// What it offers to other units, or relies on in them: exact signatures, paths, names, shapes.
    pub contracts: Vec<String>,
    /// What it is to leave alone.
    pub constraints: Vec<String>,
    /// What makes its edits, where that is not what makes the change's.
    pub source: Option<Source>,
    /// The agent, where it is not the change's; what is not said here is as there.
    pub agent: Option<AgentChoice>,
    /// A command that verifies this unit alone.
    pub check: Option<String>,
    /// The units that must be done first.
    pub after: Vec<UnitId>,
    /// Who reviews these paths, by CODEOWNERS; several are separated by spaces.
    pub owner: Option<String>,
    /// What a reviewer of the plan should know.
    pub notes: Vec<String>,
    /// About how many lines it changes or looks at; for the table alone.
    pub lines: Option<u64>,
}

/// Research that an agent did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Research {
    /// The agent.
    pub agent: String,
    /// Its model; none is the program's default.
    pub model: Option<String>,
    /// What it cost.
    pub spend: Spend,
}

/// Files that the change could touch, and is not to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// The files.
    pub scope: Scope,
    /// Why.
    pub reason: String,
}

impl Unit {
    /// A unit that owns these paths, and says nothing beyond its task.
    pub fn new(
        id: UnitId,
        title: impl Into<String>,
        task: impl Into<String>,
        scope: Scope,
    ) -> Self {
        Self {
            id,
            title: title.into(),
            task: task.into(),
            scope,
            context: None,
            contracts: Vec::new(),
            constraints: Vec::new(),
            source: None,
            agent: None,
            check: None,
            after: Vec::new(),
            owner: None,
            notes: Vec::new(),
            lines: None,
        }
    }
}

impl Plan {
    /// A plan of these units that says nothing else; whether it is tested is still to be settled.
    #[must_use]
    pub fn new(change: Change, base: Base, units: Vec<Unit>) -> Self {
        Self {
            change,
            base,
            setup: None,
            test: TestPolicy::Undecided,
            end_to_end: None,
            summary: None,
            conventions: Vec::new(),
            research: None,
            units,
            excluded: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// What makes the unit's edits at first.
    #[must_use]
    pub fn source_of<'a>(&'a self, unit: &'a Unit) -> &'a Source {
        unit.source.as_ref().unwrap_or(&self.change.source)
    }

    /// The agent that makes the unit's edits, or takes over where its checks fail; none when it has no agent at all.
    #[must_use]
    pub fn agent_of(&self, unit: &Unit) -> Option<AgentChoice> {
        let of_change = self.change.agent.as_ref();
        let of_unit = unit.agent.as_ref();
        let needed = *self.source_of(unit) == Source::Agent;
        if !needed && of_change.is_none() && of_unit.is_none() {
            return None;
        }
        let said = |part: fn(&AgentChoice) -> &Option<String>| {
            let first = of_unit.and_then(|choice| part(choice).clone());
            first.or_else(|| of_change.and_then(|choice| part(choice).clone()))
        };
        let name = said(|choice| &choice.name);
        // A model is one of its agent's: another agent does not know it.
        let other_agent = of_unit.is_some_and(|unit| {
            unit.name.is_some() && unit.name != of_change.and_then(|change| change.name.clone())
        });
        let model = if other_agent {
            of_unit.and_then(|choice| choice.model.clone())
        } else {
            said(|choice| &choice.model)
        };
        Some(AgentChoice { name, model })
    }

    /// Whether any unit has an agent.
    #[must_use]
    pub fn has_agents(&self) -> bool {
        self.units.iter().any(|unit| self.agent_of(unit).is_some())
    }

    /// Who waits for whom.
    #[must_use]
    pub fn order(&self) -> Order {
        let units = self.units.iter();
        Order::by_id(units.map(|unit| (&unit.id, unit.after.as_slice())))
    }

    /// Who owns what, by the scopes of all units and who waits for whom.
    #[must_use]
    pub fn ownership(&self) -> Ownership {
        let scopes = self.units.iter().map(|unit| (&unit.id, &unit.scope));
        Ownership::ordered(scopes, self.order())
    }
}

#[cfg(test)]
mod tests {
    use crate::model::agent::AgentChoice;
    use crate::model::change::Source;
    use crate::model::sample;

    fn choice(name: Option<&str>, model: Option<&str>) -> AgentChoice {
        AgentChoice {
            name: name.map(str::to_owned),
            model: model.map(str::to_owned),
        }
    }

    #[test]
    fn a_codemod_has_an_agent_only_when_one_is_named() {
        let mut plan = sample::plan(2);
        assert_eq!(plan.agent_of(&plan.units[0]), None);
        plan.units[0].agent = Some(choice(Some("codex"), None));
        assert_eq!(
            plan.agent_of(&plan.units[0]),
            Some(choice(Some("codex"), None))
        );
        assert_eq!(plan.agent_of(&plan.units[1]), None);
    }

    #[test]
    fn a_unit_says_only_what_differs_from_the_change() {
        let mut plan = sample::plan(1);
        plan.change.source = Source::Agent;
        plan.change.agent = Some(choice(Some("claude"), Some("opus")));
        plan.units[0].agent = Some(choice(None, Some("haiku")));
        assert_eq!(
            plan.agent_of(&plan.units[0]),
            Some(choice(Some("claude"), Some("haiku")))
        );
    }

    #[test]
    fn another_agent_does_not_take_over_the_model() {
        let mut plan = sample::plan(1);
        plan.change.source = Source::Agent;
        plan.change.agent = Some(choice(Some("claude"), Some("opus")));
        plan.units[0].agent = Some(choice(Some("codex"), None));
        assert_eq!(
            plan.agent_of(&plan.units[0]),
            Some(choice(Some("codex"), None))
        );
    }

    #[test]
    fn without_a_word_the_first_agent_that_is_found_makes_the_change() {
        let mut plan = sample::plan(1);
        plan.change.source = Source::Agent;
        assert_eq!(plan.agent_of(&plan.units[0]), Some(AgentChoice::default()));
    }
}
