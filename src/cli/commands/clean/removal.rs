//! Carries out what was decided, run by run, and tells what came of it. In each run the folder goes last, and unpushed
//! edits are in a ref before their worktree goes: whoever cuts this off can begin it again.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::facts::Facts;
use super::worktrees::{base_of, is_kept_for, unit_of};
use crate::adapters::git::left_worktrees::LeftWorktree;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::git::research_copy::remove_left;
use crate::adapters::journal::FileJournal;
use crate::adapters::run_lock::RunLock;
use crate::adapters::store_error::StoreError;
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;
use crate::engine::cleaning::why::Why;
use crate::engine::cleaning::{Decision, Thing, Verdict};
use crate::engine::edits::{self, Attempt};
use crate::engine::ports::{Clock as _, Journal as _, Repository as _, Stop, Watch, Workspace};
use crate::model::event::{Event, Record};
use crate::model::id::{ObjectId, RunId};

/// How long saving what is in a worktree may take.
const SAVING: Duration = Duration::from_secs(1800);

/// What came of all of it.
pub(super) struct Came {
    /// Each thing, with what became of it.
    pub(super) decisions: Vec<Decision>,
    /// The refs that edits were saved at, or HEADs of worktrees.
    pub(super) saved: Vec<(RunId, String)>,
    /// What was left by the dead and is removed.
    pub(super) leavings: Vec<PathBuf>,
    /// What of that could not be removed.
    pub(super) stuck: Vec<(PathBuf, String)>,
}

impl Came {
    /// As it would come.
    pub(super) fn planned(decisions: Vec<Decision>, leavings: Vec<PathBuf>) -> Self {
        Self {
            decisions,
            saved: Vec::new(),
            leavings,
            stuck: Vec::new(),
        }
    }

    /// Whether something could not be removed that was to be.
    pub(super) fn has_failures(&self) -> bool {
        let failed =
            |decision: &Decision| matches!(decision.verdict, Verdict::Keep(Why::Failed(_)));
        !self.stuck.is_empty() || self.decisions.iter().any(failed)
    }
}

/// Does it.
///
/// # Errors
/// [`Problem`] when the user stops it; what was removed by then is removed.
pub(super) async fn carry_out(
    session: &Session,
    facts: &Facts,
    decisions: Vec<Decision>,
    leavings: Vec<PathBuf>,
) -> Result<Came, Problem> {
    let mut came = Came::planned(Vec::new(), Vec::new());
    let mut decisions = decisions.into_iter().peekable();
    while let Some(first) = decisions.next() {
        let run = first.run.clone();
        let mut of_run = vec![first];
        while let Some(next) = decisions.next_if(|next| next.run == run) {
            of_run.push(next);
        }
        if of_run.iter().any(|decision| !decision.is_kept()) {
            let cleaning = async {
                Ok(Cleaning {
                    session,
                    facts,
                    run: &run,
                }
                .all(of_run)
                .await)
            };
            let (of_run, saved) = session
                .interrupts
                .guard(cleaning)
                .await
                .map_err(half_done)?;
            came.decisions.extend(of_run);
            came.saved
                .extend(saved.into_iter().map(|name| (run.clone(), name)));
        } else {
            came.decisions.extend(of_run);
        }
    }
    for path in leavings {
        match remove_left(&path) {
            Ok(()) => came.leavings.push(path),
            Err(error) => came.stuck.push((path, error.to_string())),
        }
    }
    for folder in [Some(facts.pool.as_path()), facts.pool.parent()] {
        // Fails, as it should, where anything is left in it.
        let _ = folder.map(std::fs::remove_dir);
    }
    Ok(came)
}

fn half_done(problem: Problem) -> Problem {
    if problem.exit == Exit::Interrupted {
        let words = "interrupted; what is not removed yet is as it was";
        return Problem::new(Exit::Interrupted, words).hint("batch clean goes on with it");
    }
    problem
}

/// The cleaning up after one run.
struct Cleaning<'a> {
    session: &'a Session,
    facts: &'a Facts,
    run: &'a RunId,
}

impl Cleaning<'_> {
    /// What became of each thing, and the refs that were written for it.
    async fn all(&self, mut decisions: Vec<Decision>) -> (Vec<Decision>, Vec<String>) {
        let mut saved = Vec::new();
        let lock = match self.lock() {
            Ok(lock) => lock,
            Err(why) => {
                keep_all(&mut decisions, &why);
                return (decisions, saved);
            }
        };
        for decision in &mut decisions {
            let Thing::Worktree(path) = &decision.thing else {
                continue;
            };
            let done = match decision.verdict {
                Verdict::Keep(_) => continue,
                Verdict::Remove => self.remove_worktree(path).await,
                Verdict::SaveAndRemove => match self.save(path).await {
                    Ok(refs) => {
                        saved.extend(refs);
                        self.remove_worktree(path).await
                    }
                    Err(problem) => Err(problem),
                },
            };
            if let Err(problem) = done {
                decision.verdict = Verdict::Keep(Why::Failed(problem.message));
            }
        }
        let failed =
            |decision: &Decision| matches!(decision.verdict, Verdict::Keep(Why::Failed(_)));
        if decisions.iter().any(failed) {
            let stays = Why::HasWorktrees(decisions.iter().filter(|d| failed(d)).count());
            keep_all(&mut decisions, &stays);
            return (decisions, saved);
        }
        self.remove_refs(&mut decisions).await;
        let refs_stuck = decisions.iter().any(failed);
        for decision in &mut decisions {
            if decision.thing == Thing::Run && !decision.is_kept() {
                if refs_stuck {
                    decision.verdict = Verdict::Keep(Why::RefsStay);
                } else if let Err(error) = self.session.store.forget(self.run) {
                    decision.verdict = Verdict::Keep(Why::Failed(error.to_string()));
                }
            }
        }
        drop(lock);
        (decisions, saved)
    }

    /// The lock, so that nobody takes the run up meanwhile. While another run goes on nobody can, and there is none.
    fn lock(&self) -> Result<Option<RunLock>, Why> {
        match self.session.store.lock(self.run) {
            Ok(lock) => Ok(Some(lock)),
            Err(StoreError::Busy { run, .. }) if run.as_deref() == Some(self.run.as_str()) => {
                Err(Why::GoesOn)
            }
            // It has not said yet which run it is for.
            Err(StoreError::Busy { run: None, .. }) => Err(Why::Busy),
            Err(StoreError::Busy { run: Some(_), .. }) => Ok(None),
            Err(error) => Err(Why::Failed(error.to_string())),
        }
    }

    fn worktree(&self, path: &Path) -> Result<&LeftWorktree, Problem> {
        let found = self.facts.left.of(self.run).find(|left| left.path == path);
        found.ok_or_else(|| {
            let words = format!("{} is no longer known", path.display());
            Problem::new(Exit::NotReady, words)
        })
    }

    async fn remove_worktree(&self, path: &Path) -> Result<(), Problem> {
        Ok(self.facts.left.remove(self.worktree(path)?).await?)
    }

    /// Keeps what a worktree holds: its files, and the commits that it is on.
    async fn save(&self, path: &Path) -> Result<Vec<String>, Problem> {
        let session = self.session;
        let left = self.worktree(path)?;
        let history = self.facts.histories.get(self.run);
        let head = self.facts.left.detached_head(left);
        let base = base_of(left, history).or_else(|| head.clone());
        let base = base.ok_or_else(|| {
            let words = format!("what {} started from is not known", path.display());
            Problem::new(Exit::NotReady, words)
        })?;
        let repository = GitRepository::new(&session.place);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut saved = Vec::new();
        if let Some(head) = head.filter(|head| *head != base) {
            let reference = format!("refs/batch/{}/head.{name}", self.run);
            repository.set_ref(&reference, &head).await?;
            saved.push(reference);
        }
        let workspace = Workspace {
            path: path.to_owned(),
            tmp: PathBuf::new(),
            slot: left.slot,
            base: base.clone(),
            fresh: false,
            copied: Vec::new(),
        };
        let watch = Watch {
            log: session.store.run(self.run).logs_folder().join("rescue.log"),
            timeout: SAVING,
            stop: Stop::default(),
        };
        let tree = repository.salvage(&workspace, &watch).await?;
        let Some(unit) = unit_of(left, history) else {
            let reference = format!("refs/batch/{}/left.{name}", self.run);
            let message = format!("edits in {}", path.display());
            repository.keep(&tree, &base, &reference, &message).await?;
            saved.push(reference);
            return Ok(saved);
        };
        let attempt = Attempt {
            run: self.run,
            unit: &unit.id,
            number: unit.attempt,
            base: &base,
        };
        let kept = if is_kept_for(unit, left) {
            edits::keep_edited(&repository, attempt, &tree, unit.kept.as_deref()).await?
        } else {
            edits::keep(&repository, attempt, &tree).await?
        };
        if let Some(event) = kept {
            if let Event::EditsKept { reference, .. } = &event {
                saved.push(reference.clone());
            }
            // Whoever takes the run up again is to begin from them.
            let journal = session.store.run(self.run).journal();
            let at = session.clock.now();
            FileJournal::open(&journal)?.append(&Record { at, event })?;
        }
        Ok(saved)
    }

    /// Branches and refs, all of them in one go.
    async fn remove_refs(&self, decisions: &mut [Decision]) {
        let named = |decision: &Decision| match &decision.thing {
            Thing::Branch(name, object) | Thing::Ref(name, object) if !decision.is_kept() => {
                Some((name.clone(), object.clone()))
            }
            Thing::Branch(..) | Thing::Ref(..) | Thing::Worktree(_) | Thing::Run => None,
        };
        let refs: Vec<(String, ObjectId)> = decisions.iter().filter_map(named).collect();
        if refs.is_empty() {
            return;
        }
        if let Err(error) = self.session.place.remove_refs(&refs).await {
            let why = Why::Failed(error.to_string());
            for decision in decisions.iter_mut().filter(|of| named(of).is_some()) {
                decision.verdict = Verdict::Keep(why.clone());
            }
        }
    }
}

fn keep_all(decisions: &mut [Decision], why: &Why) {
    for decision in decisions.iter_mut().filter(|decision| !decision.is_kept()) {
        decision.verdict = Verdict::Keep(why.clone());
    }
}
