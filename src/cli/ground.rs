//! [`Ground`]: what stands before anything is planned: where branches go, what they start from, and that they may go there.

use crate::adapters::git::remote::Deliveries;
use crate::adapters::git::{BaseFound, RemoteChoice};
use crate::cli::args::BaseArgs;
use crate::cli::exit::Problem;
use crate::cli::forge::{Branches, Destination};
use crate::cli::session::Session;
use crate::model::branch::branch_name;
use crate::model::id::{RunId, UnitId};

/// What stands before anything is planned.
pub struct Ground {
    /// Where branches go.
    pub remote: RemoteChoice,
    /// What is known of the base.
    pub base: BaseFound,
}

impl Ground {
    /// Finds the base at the remote, as it is now.
    ///
    /// # Errors
    /// [`Problem`] when there is no such branch, or the remote cannot be read.
    pub async fn find(
        session: &Session,
        remote: RemoteChoice,
        args: &BaseArgs,
    ) -> Result<Self, Problem> {
        let base = async { Ok(session.place.base(&remote, args.base.as_deref()).await?) };
        let base = session.interrupts.guard(base).await?;
        Ok(Self { remote, base })
    }

    /// Refuses before any work what could not be delivered: nobody to commit as, branch names that are blocked, no right
    /// to push.
    ///
    /// # Errors
    /// [`Problem`] that names the branch, or has the remote's words.
    pub async fn check_delivery(
        &self,
        session: &Session,
        destination: &Destination,
        change: &str,
        run: &RunId,
        prefix: &str,
    ) -> Result<(), Problem> {
        // All branches of a run share a folder that no other run has, so any unit's name stands for all.
        let probe = UnitId::parse("unit").expect("it follows the rule");
        let branch = branch_name(prefix, change, run, &probe);
        let check = async {
            session.place.knows_committer().await?;
            let branches = [branch];
            match destination.branches() {
                Branches::There => {
                    let place = &session.place;
                    place.may_push(&self.remote, &self.base, &branches).await?;
                }
                Branches::InFork(fork) => {
                    Deliveries::new(&session.place, self.remote.clone())
                        .to_fork(fork.clone())
                        .may_push(&self.base.base.commit, &branches)
                        .await?;
                }
                // It is not known yet, or not there: the push itself will tell.
                Branches::InForkOfMine(_) => {}
            }
            Ok(())
        };
        session.interrupts.guard(check).await
    }
}
