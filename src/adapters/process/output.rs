//! [`Output`]: what a program that came to its end by itself left.

use std::process::ExitStatus;

use crate::engine::ports::PortError;

/// What a program that came to its end by itself left.
#[derive(Debug, Clone)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
    /// What was being done, for errors.
    pub(super) doing: String,
}

impl Output {
    /// Standard output, if the program succeeded.
    ///
    /// # Errors
    /// [`Output::failure`] otherwise.
    pub fn success(self) -> Result<Vec<u8>, PortError> {
        if self.status.success() {
            Ok(self.stdout)
        } else {
            Err(self.failure())
        }
    }

    /// The error that this output amounts to: what it wrote to standard error, or else how it ended.
    #[must_use]
    pub fn failure(&self) -> PortError {
        let said = String::from_utf8_lossy(&self.stderr);
        let said = said.trim();
        if said.is_empty() {
            PortError::failed(&self.doing, self.status)
        } else {
            PortError::failed(&self.doing, said)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    fn output(code: i32, stderr: &str) -> Output {
        Output {
            status: ExitStatus::from_raw(code << 8),
            stdout: b"out".to_vec(),
            stderr: stderr.as_bytes().to_vec(),
            doing: "asking".to_owned(),
        }
    }

    #[test]
    fn success_is_standard_output_and_failure_is_standard_error() {
        assert_eq!(output(0, "warning").success().unwrap(), b"out");
        let error = output(1, "  fatal: no\n").success().unwrap_err();
        assert_eq!(error.to_string(), "asking: fatal: no");
    }

    #[test]
    fn a_silent_failure_says_how_it_ended() {
        assert_eq!(
            output(3, " \n").failure().to_string(),
            "asking: exit status: 3"
        );
    }
}
