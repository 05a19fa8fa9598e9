//! [`PullWriter`]: puts together the pull request of a delivered unit from what plan and history say of it. Called when a
//! unit is delivered, and when one that waited is published.

use crate::engine::text::{Delivery, TextError, Texts};
use crate::model::history::History;
use crate::model::id::{ObjectId, UnitId};
use crate::model::mark::Mark;
use crate::model::plan::Plan;
use crate::model::pull::NewPull;

/// What pull requests of a run are made of.
pub struct PullWriter<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What became of its units.
    pub history: &'a History,
    /// The words.
    pub texts: &'a Texts,
    /// The plan's file as git names it.
    pub plan_id: &'a ObjectId,
}

impl PullWriter<'_> {
    /// The pull request of a unit that is delivered at `commit`, to be merged into the base branch.
    ///
    /// # Errors
    /// [`TextError`] when a template does not render, or plan and history do not have the unit.
    pub fn pull(&self, id: &UnitId, commit: ObjectId) -> Result<NewPull, TextError> {
        let unit = self.plan.units.iter().find(|unit| unit.id == *id);
        let (Some(unit), Some(told)) = (unit, self.history.unit(id)) else {
            return Err(TextError {
                template: "pr-body.md".to_owned(),
                words: format!("plan and journal do not both have unit `{id}`"),
            });
        };
        let run = &self.history.run;
        let mut body = self.texts.pr_body(&Delivery {
            run,
            plan: self.plan,
            unit,
            base: told.base.as_ref().unwrap_or(&self.plan.base.commit),
            branch: &told.branch,
            commit: &commit,
            files: &told.files,
            warnings: &told.warnings,
            agent: told
                .agent
                .as_deref()
                .map(|agent| (agent, told.model.as_deref())),
            summary: told.summary.as_deref(),
        })?;
        let mark = Mark {
            run: run.clone(),
            unit: id.clone(),
            plan: Some(self.plan_id.clone()),
            commit: Some(commit.clone()),
        };
        body.push_str(&format!("\n{mark}\n"));
        let wishes = &self.history.pulls;
        Ok(NewPull {
            title: self.texts.pr_title(self.plan, unit)?,
            body,
            head: told.branch.clone(),
            head_commit: commit,
            base: self.history.base.branch.clone(),
            draft: wishes.draft,
            mark,
            extras: wishes.extras(unit.owner.as_deref()),
        })
    }
}
