//! A codemod command as a codemod: run in the unit's worktree, with its files.

use std::sync::Arc;

use async_trait::async_trait;

use crate::engine::command_line;
use crate::engine::ports::{
    Assignment, Codemod, CommandEnd, Commands, Edits, PortError, ShellCommand,
};
use crate::engine::user_command::why_bad;
use crate::model::path::RepoPath;

/// Runs one command for each unit, or several when the list of files is too long for one.
pub struct CommandCodemod {
    template: String,
    commands: Arc<dyn Commands>,
}

impl CommandCodemod {
    /// A codemod that runs `template`, with `{files}`, `{unit}` and `{root}` filled in.
    #[must_use]
    pub fn new(template: String, commands: Arc<dyn Commands>) -> Self {
        Self { template, commands }
    }
}

#[async_trait]
impl Codemod for CommandCodemod {
    async fn apply(&self, assignment: Assignment<'_>) -> Result<Edits, PortError> {
        let files: Vec<RepoPath> = assignment
            .files
            .iter()
            .map(|file| file.path.clone())
            .collect();
        if files.is_empty() && self.template.contains("{files}") {
            let words = "the unit owns no file of the base that {files} could stand for";
            return Err(PortError::failed("running the change's command", words));
        }
        let root = &assignment.workspace.path;
        for text in command_line::calls(&self.template, &files, Some(&assignment.unit.id), root) {
            let command = ShellCommand {
                text,
                cwd: root.clone(),
                env: assignment.env.to_vec(),
            };
            let end = self.commands.run(&command, assignment.watch).await?;
            match why_bad("the command", end) {
                None => {}
                Some(_) if end == CommandEnd::Stopped => return Err(PortError::Stopped),
                Some(cause) => {
                    return Err(PortError::failed("running the change's command", cause));
                }
            }
        }
        Ok(Edits::InFiles)
    }
}
