//! Cuts a change's files into units: [`partition`] is pure, deterministic and fast, and knows nothing of git.
//!
//! # What it promises
//!
//! In this order:
//!
//! 1. Every candidate is in exactly one part, and what is tied is in one part together.
//! 2. The number of parts is within the bounds; with fewer separable files than the minimum, each is a part.
//! 3. A part's files are neighbours in *tree order*: a folder's own files by name, then its folders as git sorts them.
//!    (A tied file counts where the heaviest of its group is.)
//! 4. No part is heavier than twice the mean, unless it is a single file or tied group.
//! 5. Folders stay whole, a part being a run of whole siblings; then owners are not mixed; then sizes are even. These
//!    are weighed against each other and against the wanted number of parts, see below.
//!
//! The order of the candidates does not matter: the same paths give the same parts.
//!
//! # How many parts
//!
//! `wanted = min + (max − min) · (√s − √10) / (√400 − √10)`, with the size `s = max(files, √(files · lines / 200))` held
//! between 10 and 400: ten files want the minimum, 60 about a quarter of the way, 400 the maximum; files of more than
//! 200 lines each count for more. The square root lets the count grow fast first, when units become reviewable by it,
//! and slowly later. The number actually made may differ where the folders or owners suggest another; a few files much
//! heavier than the others are no reason, each is a part and the others are cut as if it were not there.
//!
//! # How it works
//!
//! - `tree`: sorts the paths and finds the folders in one pass, O(n log n).
//! - `ties`: joins what must stay together (union-find): the caller's ties, paths that are equal after Unicode NFC and
//!   case folding, and a path with all that is below it when it is also a folder. `atoms`: what remains, in tree order.
//! - `grain`: with more than some thousand atoms, gathers neighbours into blocks so light that no part is decided by
//!   one: whole folders and runs of siblings, of one owner where the number of blocks allows it.
//! - `pack`: for each number of parts k, from the wanted one outwards, finds by dynamic programming the cheapest cut
//!   of the sequence of b blocks into k runs. Its cost terms are in that file. The search ends when the distance from
//!   the wanted number alone costs more than the best cut found. O(b²/k) run costs and O(b²) additions for each k.
//! - `name`: gives each part an id and a title from what it covers.
//!
//! In all 100,000 files take some 50 ms on one core, and 1,000 some 25 ms (`cargo bench`): the search costs about the
//! same for any change of more than a few hundred files.
//!
//! A best cut exists for each k: filling parts from the left up to twice the mean leaves any two neighbours heavier
//! than that together, so there are at most k of them, and splitting them only makes them lighter.

mod atoms;
mod candidate;
mod count;
mod cut;
mod grain;
mod name;
mod pack;
#[cfg(test)]
mod promises;
mod ties;
mod tree;

pub use candidate::Candidate;
pub use count::{Bounds, BoundsError, UNITS_MAX};
pub use cut::{Part, Partition, partition};
