//! The git adapters on real repositories.

mod delivering;
mod folding;
mod ground;
mod include;
mod lab;
mod objects;
mod repository;
mod research_copy;
mod slices;
mod worker;
mod worktrees;
