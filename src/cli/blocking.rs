//! [`away_from_the_loop`]: work that holds a thread up, on a thread of its own. The commands that plan call it.

use crate::cli::exit::Problem;

/// Does what reads many objects where it holds up nothing else.
///
/// # Errors
/// Those of the work.
pub async fn away_from_the_loop<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
