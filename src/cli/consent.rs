//! The yes before the work: the plan is shown, saved, and asked about; what was settled on goes on.

use std::path::PathBuf;
use std::sync::Arc;

use console::Term;
use tokio::runtime::Handle;

use crate::adapters::git::objects::GitObjects;
use crate::cli::approval::{
    Approval, Decision, Desk, Offer, OpenedAs, Revised, approve, settled, view_of,
};
use crate::cli::args::{CarryingArgs, ForkChoice, Format};
use crate::cli::copyable;
use crate::cli::exit::{Exit, Problem};
use crate::cli::forge::{Branches, Destination};
use crate::cli::github::Access;
use crate::cli::ground::Ground;
use crate::cli::inquiring::Research;
use crate::cli::page::Page;
use crate::cli::paging::paged;
use crate::cli::plan_reading::parse_plan;
use crate::cli::plan_view::{Coverage, Delivery, PlanView, Tree};
use crate::cli::planning::Planned;
use crate::cli::session::Session;
use crate::cli::style::Look;
use crate::cli::verification::undecided;
use crate::engine::ports::Clock;
use crate::engine::preflight::{Preflight, WritePace};
use crate::engine::workflows::{Workflow, workflows};
use crate::model::base_tree::BaseTree;
use crate::model::change::Source;
use crate::model::counted::counted;
use crate::model::id::UnitId;
use crate::model::ledger::Ledger;
use crate::model::path::RepoPath;
use crate::model::plan::{Plan, TestPolicy};
use crate::model::plan_file;
use crate::model::signs::signs;
use crate::model::spend::Allowance;
use crate::model::tree::TreeFile;
use crate::model::wishes::Wishes;

/// What is to happen after the question.
pub enum Consent<'a> {
    /// A plan is to be carried out.
    Given(Box<Agreed<'a>>),
    /// Nothing is; the program ends so.
    Withheld(Exit),
}

/// What was agreed on.
pub struct Agreed<'a> {
    /// The plan, perhaps changed.
    pub plan: Plan,
    /// How its pull requests are opened.
    pub opened: OpenedAs,
    /// The units that go first; empty where all begin at once.
    pub canary: Vec<UnitId>,
    /// The plan on the disk.
    pub saved: Saved<'a>,
}

/// Shows the plan and asks about it. Whatever the answer, the plan is saved until it runs.
///
/// # Errors
/// [`Problem`] when the plan cannot be saved, or was settled on without a test command.
pub fn consent<'a>(
    session: &'a Session,
    planned: &Planned,
    destination: &Destination,
    args: &CarryingArgs,
) -> Result<Consent<'a>, Problem> {
    let cap = args.work.cap();
    let desk = CheckoutDesk {
        files: &planned.files,
        touched: &planned.touched,
        ground: &planned.ground,
        dirty: session.place.facts.dirty,
        now: session.clock.now(),
        destination,
        means: Means::of(session, planned, destination, args)?,
        session,
        research: planned.research.as_ref(),
        cap,
        as_tree: args.consent.tree,
    };
    let args = &args.consent;
    let saved = Saved::new(session, &planned.plan)?;
    let offer = Offer {
        plan: planned.plan.clone(),
        advice: planned.advice.clone(),
        opened: match destination {
            Destination::Local => OpenedAs::Usual,
            Destination::GitHub(_) if desk.means.wishes.draft => OpenedAs::Drafts,
            Destination::GitHub(_) => OpenedAs::Ready,
        },
        first: args.canary,
    };
    let units = offer.plan.units.len();
    if args.canary.is_some_and(|count| count.get() >= units) {
        session.say(&format!(
            "note: the plan has {}, so that --canary keeps none back",
            counted(units, "unit")
        ));
    }
    if args.dry_run {
        show_dry(session, &offer, &desk)?;
        session.say(&format!("The plan is saved. To run it: {}", saved.line()));
        return Ok(Consent::Withheld(Exit::Done));
    }
    let Approval {
        decision,
        plan,
        opened,
        canary,
    } = if args.yes && session.global.quiet {
        settled(offer, &desk, Decision::Approved)
    } else {
        approve(offer, &desk, args.yes, session.look())
    };
    saved.keep(&plan)?;
    match decision {
        Decision::Approved if plan.test == TestPolicy::Undecided => Err(undecided(None)),
        Decision::Approved => {
            // A Ctrl-C that the person's editor was meant to have is not one for the run.
            session.interrupts.forget();
            Ok(Consent::Given(Box::new(Agreed {
                plan,
                opened,
                canary,
                saved,
            })))
        }
        Decision::Declined => {
            session.say(&format!(
                "Nothing was changed. The plan is saved; to run it: {}",
                saved.line()
            ));
            Ok(Consent::Withheld(Exit::Declined))
        }
        Decision::NotAsked => {
            let problem = Problem::new(
                Exit::Declined,
                "there is no terminal to ask on, so nothing was done",
            );
            Err(problem.hint(format!(
                "pass --yes, or run the saved plan: {} --yes",
                saved.line()
            )))
        }
        Decision::Interrupted => {
            session.say(&format!(
                "Interrupted; nothing was changed. The plan is saved; to run it: {}",
                saved.line()
            ));
            Ok(Consent::Withheld(Exit::Interrupted))
        }
    }
}

/// The plan as the answer of `--dry-run`.
fn show_dry(session: &Session, offer: &Offer, desk: &CheckoutDesk<'_>) -> Result<(), Problem> {
    match session.global.format {
        Format::Text => {
            let view = view_of(offer, desk);
            let look = Look::of_stdout();
            let text = view.render(Page::stdout(look));
            if !paged(session, &Term::stdout(), look, &text) {
                session.answer(&text);
            }
        }
        Format::Json => session.answer(&plan_json(&offer.plan)?),
    }
    Ok(())
}

/// The plan file as one JSON document: the same keys.
///
/// # Errors
/// [`Problem`] when the written plan is not TOML, which would be a defect.
pub fn plan_json(plan: &Plan) -> Result<String, Problem> {
    let value: serde_json::Value = toml::from_str(&plan_file::write(plan)).map_err(|error| {
        Problem::new(
            Exit::Usage,
            format!("the plan cannot be written as JSON: {error}"),
        )
    })?;
    Ok(format!("{value:#}\n"))
}

/// The plan on the disk, until its run has it.
pub struct Saved<'a> {
    session: &'a Session,
    path: PathBuf,
}

impl<'a> Saved<'a> {
    fn new(session: &'a Session, plan: &Plan) -> Result<Self, Problem> {
        let path = session
            .store
            .save_plan(&plan.change.description, &plan_file::write(plan))?;
        Ok(Self { session, path })
    }

    fn keep(&self, plan: &Plan) -> Result<(), Problem> {
        std::fs::write(&self.path, plan_file::write(plan)).map_err(|error| {
            let path = self.path.display();
            Problem::new(
                Exit::NotReady,
                format!("the plan cannot be saved to {path}: {error}"),
            )
        })
    }

    /// The run's folder holds it from now on.
    pub fn drop_now(self) {
        let _ = std::fs::remove_file(&self.path);
    }

    /// The command that runs it, to be pasted: the path is relative to where the person stands if that is shorter.
    fn line(&self) -> String {
        let here = std::env::current_dir().ok();
        let relative = here
            .as_deref()
            .and_then(|here| self.path.strip_prefix(here).ok());
        let path = copyable::path(relative.unwrap_or(&self.path));
        self.session.global.line(&format!("apply {path}"))
    }
}

/// By what it is told what pull requests mean for others.
struct Means {
    wishes: Wishes,
    workflows: Vec<Workflow>,
    pace: WritePace,
    prefix: String,
}

impl Means {
    fn of(
        session: &Session,
        planned: &Planned,
        destination: &Destination,
        args: &CarryingArgs,
    ) -> Result<Self, Problem> {
        let settings = Access::settings(session)?;
        let objects = GitObjects::open(&session.place);
        let workflows = match destination {
            Destination::Local => Vec::new(),
            Destination::GitHub(_) => {
                tokio::task::block_in_place(|| workflows(&objects, &planned.files))?
            }
        };
        Ok(Self {
            wishes: args.pulls.wishes.wishes(),
            workflows,
            pace: WritePace {
                interval: settings.write_interval,
                per_minute: settings.writes_per_minute,
                per_hour: settings.writes_per_hour,
            },
            prefix: args.pulls.branch_prefix.clone(),
        })
    }

    fn preflight(&self, plan: &Plan, wishes: &Wishes) -> Preflight {
        // Such as the branches of a run are, which has no id yet.
        let branch = format!("{}change-0000/unit", self.prefix);
        Preflight::of(plan, wishes, &self.workflows, &branch, self.pace)
    }
}

/// What the approval looks at: the base as it was found.
struct CheckoutDesk<'a> {
    files: &'a Arc<[TreeFile]>,
    touched: &'a [RepoPath],
    ground: &'a Ground,
    dirty: usize,
    now: jiff::Timestamp,
    destination: &'a Destination,
    means: Means,
    session: &'a Session,
    research: Option<&'a Research>,
    cap: Allowance,
    as_tree: bool,
}

impl Desk for CheckoutDesk<'_> {
    fn view<'a>(&self, plan: &'a Plan, opened: OpenedAs) -> PlanView<'a> {
        let tree = BaseTree::new(self.files);
        let owners = plan.ownership();
        let unowned = |path: &&RepoPath| owners.owner(path).is_none();
        let left_over = self.touched.iter().filter(unowned).count();
        PlanView {
            plan,
            files: plan.ownership().file_counts(self.files.iter()),
            base_age: Some(self.now.duration_since(self.ground.base.committed)),
            base_remarks: self.base_remarks(plan),
            delivery: self.delivery(plan, opened),
            remote: self.ground.remote.name().map(str::to_owned),
            warnings: signs(plan, &tree, left_over)
                .into_iter()
                .map(|sign| match sign.unit {
                    Some(unit) => format!("{unit}: {}", sign.text),
                    None => sign.text,
                })
                .collect(),
            cap: self.cap,
            coverage: self.coverage(plan),
            advice: None,
            canary: Vec::new(),
            tree: self.as_tree.then(|| self.tree_of(plan)),
        }
    }

    fn tree(&self, plan: &Plan) -> Option<Tree> {
        Some(self.tree_of(plan))
    }

    fn paged(&self, text: &str) -> bool {
        paged(self.session, &Term::stderr(), self.session.look(), text)
    }

    fn write(&self, plan: &Plan) -> String {
        plan_file::write(plan)
    }

    fn read(&self, text: &str) -> Result<Plan, Vec<String>> {
        let plan = parse_plan(text, self.files).map_err(|problems| {
            problems
                .0
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        })?;
        if plan.base == self.ground.base.base {
            Ok(plan)
        } else {
            Err(vec![
                "the base cannot be changed here: the units were cut on it".to_owned(),
            ])
        }
    }

    fn listens(&self) -> bool {
        self.research.is_some()
    }

    fn revise(&self, plan: &Plan, words: &str) -> Revised {
        let Some(research) = self.research else {
            return Revised::Refused(vec!["no agent made this plan".to_owned()]);
        };
        let revising = research.revise(self.session, plan, words);
        // The questions are asked on the main thread, which the run loop has left to them.
        let revised = tokio::task::block_in_place(|| Handle::current().block_on(revising));
        match revised {
            Ok(revised) => Revised::Plan(Box::new(revised)),
            Err(problem) if problem.exit == Exit::Interrupted => Revised::Interrupted,
            Err(problem) => Revised::Refused(vec![problem.message]),
        }
    }
}

impl CheckoutDesk<'_> {
    fn tree_of(&self, plan: &Plan) -> Tree {
        Tree::of(plan, self.files.iter().map(|file| &file.path))
    }

    /// What the pull requests mean for others, where a server holds them.
    fn delivery(&self, plan: &Plan, opened: OpenedAs) -> Option<Delivery> {
        let site = self.destination.site()?;
        let fork = match self.destination.branches() {
            Branches::There => None,
            Branches::InFork(fork) => Some(format!("the fork {}", fork.slug())),
            Branches::InForkOfMine(ForkChoice::Existing) => Some("your fork".to_owned()),
            Branches::InForkOfMine(ForkChoice::Make) => {
                Some("your fork, which is made first if there is none".to_owned())
            }
        };
        let wishes = opened.settle(self.means.wishes.clone());
        Some(Delivery {
            site: site.to_string(),
            fork,
            preflight: self.means.preflight(plan, &wishes),
            wishes,
        })
    }

    /// Where the candidates are, or all files where the change names none; nothing of what no agent made.
    fn coverage(&self, plan: &Plan) -> Option<Coverage> {
        let candidates = self.research.map_or(&[][..], Research::candidates);
        if !candidates.is_empty() {
            let paths = candidates.iter().map(|candidate| &candidate.path);
            return Some(Coverage::Candidates(Ledger::of(plan, paths)));
        }
        let paths = self.files.iter().map(|file| &file.path);
        (!plan.excluded.is_empty()).then(|| Coverage::Files(Ledger::of(plan, paths)))
    }

    fn base_remarks(&self, plan: &Plan) -> Vec<String> {
        let mut remarks = Vec::new();
        let base = &self.ground.base;
        if base.moved > 0 {
            remarks.push(format!(
                "{} has moved on by {}",
                base.base.branch,
                counted(base.moved, "commit")
            ));
        }
        if let Some(drift) = base.drift.as_ref().filter(|drift| drift.behind > 0) {
            remarks.push(format!(
                "{} is {} behind it",
                drift.of,
                counted(drift.behind, "commit")
            ));
        }
        let slices_worktree =
            matches!(&plan.change.source, Source::From { name, .. } if name == "worktree");
        if self.dirty > 0 && !slices_worktree {
            remarks.push(format!(
                "uncommitted changes in {} of the checkout play no part",
                counted(self.dirty, "path")
            ));
        }
        remarks
    }
}
