//! [`bits`]: what tells two runs, or two processes, of the same moment apart. Nothing secret is made of it.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

/// Sixty-four bits that differ each time: the system seeds each map's hasher at random.
#[must_use]
pub fn bits() -> u64 {
    RandomState::new().build_hasher().finish()
}
