//! [`PullWriter`]: puts together the pull request of a delivered unit from what plan and history say of it, within what
//! a forge takes. The publisher calls it just before it opens one; [`Scribe`] is what a go gives it for that.

use std::sync::Arc;

use crate::engine::pull_template::filled;
use crate::engine::text::{Delivery, Sibling, Size, TextError, Texts};
use crate::model::history::History;
use crate::model::id::{ObjectId, UnitId};
use crate::model::mark::Mark;
use crate::model::plan::{Plan, Unit};
use crate::model::pull::NewPull;
use crate::model::site::Site;

/// What a body may come to. GitHub takes 65,536 characters; bytes are never fewer than characters, whatever it calls one,
/// and a line's end counts twice because it may be stored as two.
pub const BODY_MAX: usize = 65_536;

/// What all pull requests of a run are made of, besides its history.
#[derive(Debug, Clone)]
pub struct Scribe {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The words.
    pub texts: Texts,
    /// The plan's file as git names it.
    pub plan_id: ObjectId,
    /// The repository's own template.
    pub template: Option<Arc<str>>,
}

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
    /// The repository's own template.
    pub template: Option<&'a str>,
}

impl Scribe {
    /// The pull request of a unit that is delivered at `commit`, to be merged into the base branch.
    ///
    /// # Errors
    /// As [`PullWriter::pull`].
    pub fn pull(
        &self,
        history: &History,
        unit: &UnitId,
        commit: ObjectId,
    ) -> Result<NewPull, TextError> {
        let writer = PullWriter {
            plan: &self.plan,
            history,
            texts: &self.texts,
            plan_id: &self.plan_id,
            template: self.template.as_deref(),
        };
        writer.pull(unit, commit)
    }
}

impl PullWriter<'_> {
    /// The pull request of a unit that is delivered at `commit`, to be merged into the base branch.
    ///
    /// # Errors
    /// [`TextError`] when a template does not render, or plan and history do not have the unit.
    pub fn pull(&self, id: &UnitId, commit: ObjectId) -> Result<NewPull, TextError> {
        let unit = self.plan.units.iter().find(|unit| unit.id == *id);
        let Some(unit) = unit else {
            let words = format!("the plan has no unit `{id}`");
            return Err(TextError::new("pr-what.md", words));
        };
        let Some(told) = self.history.unit(id) else {
            let words = format!("the journal has no unit `{id}`");
            return Err(TextError::new("pr-what.md", words));
        };
        let mark = Mark {
            run: self.history.run.clone(),
            unit: id.clone(),
            plan: Some(self.plan_id.clone()),
            commit: Some(commit.clone()),
        };
        let wishes = &self.history.pulls;
        Ok(NewPull {
            title: self.texts.pr_title(self.plan, unit)?,
            body: self.body(unit, &commit, &mark)?,
            head: told.branch.clone(),
            head_commit: commit,
            base: self.history.base.branch.clone(),
            draft: wishes.draft,
            mark,
            extras: wishes.extras(unit.owner.as_deref()),
        })
    }

    /// The body with its mark, as much of it as fits.
    fn body(&self, unit: &Unit, commit: &ObjectId, mark: &Mark) -> Result<String, TextError> {
        let mark = format!("\n{mark}\n");
        let room = BODY_MAX - size(&mark);
        let mut body = String::new();
        for size_tried in Size::ALL {
            body = self.body_of(unit, commit, size_tried)?;
            if size(&body) <= room {
                break;
            }
        }
        cut_to(&mut body, room);
        Ok(body + &mark)
    }

    fn body_of(&self, unit: &Unit, commit: &ObjectId, size: Size) -> Result<String, TextError> {
        let others = self.history.units.iter();
        let others = others.filter(|other| other.id != unit.id);
        let siblings = others.map(|other| Sibling {
            title: other.title.clone(),
            url: self
                .history
                .site
                .as_ref()
                .map(|site| search(site, &other.branch)),
        });
        let siblings: Vec<Sibling> = siblings.collect();
        let told = self.history.unit(&unit.id);
        let delivery = Delivery {
            run: &self.history.run,
            plan: self.plan,
            unit,
            base: told
                .and_then(|told| told.base.as_ref())
                .unwrap_or(&self.plan.base.commit),
            branch: told.map_or("", |told| &told.branch),
            commit,
            files: told.map_or(&[], |told| &told.files),
            warnings: told.map_or(&[], |told| &told.warnings),
            agent: told.and_then(|told| {
                let agent = told.agent.as_deref()?;
                Some((agent, told.model.as_deref()))
            }),
            summary: told.and_then(|told| told.summary.as_deref()),
            siblings: &siblings,
            tracked: self.history.tracked_by.as_ref().map(|issue| issue.number),
            size,
        };
        let parts = self.texts.pr_parts(&delivery)?;
        match self.template.filter(|_| !self.texts.has_own_body()) {
            Some(template) => Ok(filled(template, &parts)),
            None => self.texts.pr_body(&delivery, &parts),
        }
    }
}

/// Where the pull request of a branch is found: a search, because there may be none yet, and because the number of
/// another would notify that one.
fn search(site: &Site, branch: &str) -> String {
    let mut url = format!("https://{site}/pulls?q=is%3Apr+head%3A");
    for byte in branch.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                url.push(char::from(byte));
            }
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url
}

/// What a text counts for.
fn size(text: &str) -> usize {
    text.len() + text.bytes().filter(|&byte| byte == b'\n').count()
}

/// Cuts what does not fit at its end, where no smaller way of telling it was enough.
fn cut_to(body: &mut String, room: usize) {
    const CUT: &str = "…\n";
    if size(body) <= room {
        return;
    }
    let room = room - size(CUT);
    let mut counted = 0;
    let fits = body.char_indices().find(|(_, c)| {
        counted += c.len_utf8() + usize::from(*c == '\n');
        counted > room
    });
    if let Some((end, _)) = fits {
        body.truncate(end);
    }
    body.push_str(CUT);
}

#[cfg(test)]
mod tests;
