//! [`Program`]: what differs from one agent to the next in how a test leads it.

use crate::support::model_server::{Edit, Step};
use crate::support::sandbox::Sandbox;

/// An agent as these tests know it.
pub struct Program {
    pub name: &'static str,
    /// The model that the plan names; none is the one of the program or of its configuration.
    pub model: Option<&'static str>,
    /// The files of its configuration, from the home folder, for a model at this address.
    pub files: fn(&str) -> Vec<(&'static str, String)>,
    /// Its variables, for a model at this address.
    pub variables: fn(&str) -> Vec<(&'static str, String)>,
    /// How it is led to edit.
    pub hand: Hand,
    /// Whether a limit that lasts reaches us, rather than the program's own patience outlasting it.
    pub tells_limits: bool,
    /// Whether it does research; else a plan is given to it.
    pub researches: bool,
    /// How a request shows that its answer has to fit a schema; none where the agent knows no schemas.
    pub schema: Option<&'static str>,
    /// What it keeps for itself in a repository's git folder, whoever runs it.
    pub keeps: &'static [&'static str],
}

/// How an agent edits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// By tools that the model calls.
    Tools,
    /// By what the model says, in blocks of what is searched for and what it is replaced with.
    Words,
}

impl Program {
    /// Puts its configuration into the sandbox's home folder.
    pub fn configure(&self, sandbox: &Sandbox, url: &str) {
        for (path, text) in (self.files)(url) {
            let path = sandbox.path("home").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }

    /// The steps that come to these edits and these last words.
    pub fn edits(&self, edits: &[Edit], words: &str) -> Vec<Step> {
        match self.hand {
            Hand::Tools => {
                let edits = edits.iter().cloned().map(Step::Edit);
                edits.chain([Step::Say(words.to_owned())]).collect()
            }
            Hand::Words => {
                let blocks: String = edits.iter().map(block).collect();
                vec![Step::Say(format!("{words}\n\n{blocks}"))]
            }
        }
    }
}

fn block(edit: &Edit) -> String {
    let Edit { path, old, new } = edit;
    // In pieces, or this file would have the marks of a conflict.
    let (search, replace) = ("<".repeat(7), ">".repeat(7));
    format!("{path}\n```\n{search} SEARCH\n{old}=======\n{new}{replace} REPLACE\n```\n\n")
}
