//! Files of a run that are kept in the object store too, at refs of their own: a run whose folder is lost is made again
//! from them.

use crate::adapters::git::repository::GitRepository;
use crate::engine::ports::{PortError, Repository as _};

impl GitRepository {
    /// Keeps a file's bytes as they are, at this ref.
    ///
    /// # Errors
    /// [`PortError`] when git cannot write them.
    pub async fn keep_file(&self, reference: &str, bytes: &[u8]) -> Result<(), PortError> {
        let blob = self
            .git()
            .call(format!("keeping {reference}"))
            .args(["hash-object", "-w", "--no-filters", "--stdin"])
            .stdin(bytes)
            .id()
            .await?;
        self.set_ref(reference, &blob).await
    }

    /// The bytes that are kept at this ref, if any are.
    ///
    /// # Errors
    /// [`PortError`] when git cannot be started.
    pub async fn kept_file(&self, reference: &str) -> Result<Option<Vec<u8>>, PortError> {
        let output = self
            .git()
            .reading(format!("reading {reference}"))
            .args(["cat-file", "blob", reference])
            .output()
            .await?;
        Ok(output.status.success().then_some(output.stdout))
    }
}
