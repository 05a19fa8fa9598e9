//! [`Bounds`]: how many parts there may be, and how many a change of a given size wants.

/// The most units a plan may be asked for.
pub const UNITS_MAX: usize = 1000;

/// The least and the greatest number of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    min: usize,
    max: usize,
}

/// Bounds that no partition can keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BoundsError {
    /// There is always at least one unit.
    #[error("the minimum number of units must be at least 1")]
    NoUnits,
    /// They exclude each other.
    #[error("the minimum number of units, {min}, is greater than the maximum, {max}")]
    Crossed {
        /// The minimum asked for.
        min: usize,
        /// The maximum asked for.
        max: usize,
    },
    /// Nobody reviews so many pull requests.
    #[error("the maximum number of units, {0}, is greater than {UNITS_MAX}")]
    TooMany(usize),
}

impl Default for Bounds {
    fn default() -> Self {
        Self { min: 5, max: 30 }
    }
}

impl Bounds {
    /// Checks that 1 ≤ `min` ≤ `max` ≤ [`UNITS_MAX`].
    ///
    /// # Errors
    /// [`BoundsError`] says which does not hold.
    pub fn new(min: usize, max: usize) -> Result<Self, BoundsError> {
        if min == 0 {
            Err(BoundsError::NoUnits)
        } else if min > max {
            Err(BoundsError::Crossed { min, max })
        } else if max > UNITS_MAX {
            Err(BoundsError::TooMany(max))
        } else {
            Ok(Self { min, max })
        }
    }

    /// The least number of parts.
    #[must_use]
    pub fn min(self) -> usize {
        self.min
    }

    /// The greatest number of parts.
    #[must_use]
    pub fn max(self) -> usize {
        self.max
    }

    /// The number of parts that a change of so many separable files and lines wants; the formula is in the
    /// documentation of [`partition`](super).
    pub(super) fn wanted(self, files: usize, lines: u64) -> usize {
        let files = files as u64;
        let size = files.max((files.saturating_mul(lines) / 200).isqrt());
        let root = (size.clamp(10, 400) * 10_000).isqrt();
        let share = (root - 316) * (self.max - self.min) as u64;
        let above = (share + (2000 - 316) / 2) / (2000 - 316);
        self.min + usize::try_from(above).expect("it is at most max - min")
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, BoundsError};
    use proptest::prelude::*;

    #[test]
    fn bounds_are_checked() {
        assert_eq!(Bounds::new(0, 3), Err(BoundsError::NoUnits));
        assert_eq!(
            Bounds::new(4, 3),
            Err(BoundsError::Crossed { min: 4, max: 3 })
        );
        assert_eq!(Bounds::new(1, 1001), Err(BoundsError::TooMany(1001)));
        assert!(Bounds::new(1, 1).is_ok());
    }

    #[test]
    fn the_count_grows_from_the_minimum_to_the_maximum() {
        let wanted = |files, lines| Bounds::default().wanted(files, lines);
        assert_eq!(wanted(1, 1), 5);
        assert_eq!(wanted(10, 100), 5);
        assert_eq!(wanted(60, 600), 12);
        assert_eq!(wanted(150, 1500), 18);
        assert_eq!(wanted(300, 3000), 26);
        assert_eq!(wanted(400, 400), 30);
        assert_eq!(wanted(60, 60 * 400), 14);
        assert_eq!(wanted(usize::MAX, u64::MAX), 30);
    }

    proptest! {
        #[test]
        fn more_work_never_wants_fewer_parts(files in 0usize..1000, lines in 0u64..1_000_000, more in 0usize..100) {
            let bounds = Bounds::new(3, 40).unwrap();
            let wanted = bounds.wanted(files, lines);
            prop_assert!((3..=40).contains(&wanted));
            prop_assert!(bounds.wanted(files + more, lines) >= wanted);
            prop_assert!(bounds.wanted(files, lines + more as u64 * 100) >= wanted);
        }
    }
}
