//! What can be said of a repository from the names of its files and the contents of a few of them.
//!
//! A coding agent is handed this before it researches a change, so that its turns go into understanding. All of it is
//! pure: `engine::facts` reads what [`wanted_files`] names and has it judged here.

mod barrel;
mod candidates;
mod commands;
mod contents;
mod folders;
mod hot;
mod hot_kind;
mod hot_names;
mod known;
mod language;
mod packages;
#[cfg(test)]
mod sample;
mod standing;
mod workspaces;

pub use candidates::{Candidates, FileCandidate, is_possible};
pub use commands::{CommandKind, Commands, Confidence, Suggestion, detect};
pub use contents::{CONTENTS_MAX, Contents};
pub use folders::{FolderLine, FolderTree, Order};
pub use hot::HotPlace;
pub use hot_kind::HotKind;
pub use known::{Facts, Owners, wanted_files};
pub use language::{Language, languages};
pub use packages::{Package, packages};
#[cfg(test)]
pub(crate) use sample::with_texts;
pub use standing::{Standing, standing};
