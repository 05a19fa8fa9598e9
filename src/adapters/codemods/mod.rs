//! What makes edits without a model: the built-in rewrite, a codemod command, slices of an existing change.

pub mod command;
pub mod rewrite;
pub mod slice;
