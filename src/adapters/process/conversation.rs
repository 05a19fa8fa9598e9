//! [`Conversation`]: a child that one waiting thread asks and hears, for programs that answer line by line.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::Stdio;

use super::Invocation;
use crate::engine::ports::PortError;

/// A program that is asked on its standard input and answers on its standard output, by one thread that waits.
///
/// It ends when this is dropped, and with our own end: its input closes.
#[derive(Debug)]
pub struct Conversation {
    child: std::process::Child,
    questions: Option<std::process::ChildStdin>,
    answers: BufReader<std::process::ChildStdout>,
    doing: String,
}

impl Conversation {
    /// Starts it; what it writes to standard error is dropped.
    ///
    /// # Errors
    /// [`PortError::Failed`] when it could not be started.
    pub fn start(invocation: &Invocation) -> Result<Self, PortError> {
        let doing = invocation.to_string();
        let mut child = invocation
            .command(None)
            .into_std()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| invocation.not_started(&error))?;
        let questions = child.stdin.take();
        let answers = child
            .stdout
            .take()
            .ok_or_else(|| PortError::failed(&doing, "it has no output"))?;
        Ok(Self {
            child,
            questions,
            answers: BufReader::new(answers),
            doing,
        })
    }

    /// Writes a line, and reads a line.
    ///
    /// # Errors
    /// [`PortError::Failed`] when the program has ended.
    pub fn ask(&mut self, question: &str) -> Result<String, PortError> {
        self.exchange(question)
            .map_err(|error| PortError::failed(&self.doing, error))
    }

    /// Writes a line, and reads nothing.
    ///
    /// # Errors
    /// [`PortError::Failed`] when the program has ended.
    pub fn tell(&mut self, line: &str) -> Result<(), PortError> {
        self.write(line)
            .map_err(|error| PortError::failed(&self.doing, error))
    }

    fn write(&mut self, line: &str) -> io::Result<()> {
        match &mut self.questions {
            Some(pipe) => pipe.write_all(format!("{line}\n").as_bytes()),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn exchange(&mut self, question: &str) -> io::Result<String> {
        self.write(question)?;
        let mut answer = String::new();
        if self.answers.read_line(&mut answer)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        answer.truncate(answer.trim_end_matches('\n').len());
        Ok(answer)
    }

    /// Replaces `into` by the next `size` bytes of the answer, and skips the line end behind them.
    ///
    /// # Errors
    /// [`PortError::Failed`] when there are fewer.
    pub fn take(&mut self, size: usize, into: &mut Vec<u8>) -> Result<(), PortError> {
        into.clear();
        into.resize(size, 0);
        let mut end = [0];
        self.answers
            .read_exact(into)
            .and_then(|()| self.answers.read_exact(&mut end))
            .map_err(|error| PortError::failed(&self.doing, error))
    }

    /// Asks nothing more and reads all that it still says.
    ///
    /// # Errors
    /// [`PortError::Failed`] when it does not end with success.
    pub fn rest(mut self) -> Result<Vec<u8>, PortError> {
        drop(self.questions.take());
        let mut bytes = Vec::new();
        let status = self
            .answers
            .read_to_end(&mut bytes)
            .and_then(|_| self.child.wait())
            .map_err(|error| PortError::failed(&self.doing, error))?;
        if status.success() {
            Ok(bytes)
        } else {
            Err(PortError::failed(&self.doing, status))
        }
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        drop(self.questions.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
