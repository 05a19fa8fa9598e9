//! [`Order`]: what the guard is told over its standard input, one byte each.

/// What the guard is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// End everything, politely at first. The end of the input says the same.
    End,
    /// Kill everything now.
    Kill,
}

impl Order {
    /// The byte that says it.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::End => b't',
            Self::Kill => b'k',
        }
    }

    /// The order that a byte says; anything unknown is the polite one.
    pub(super) fn of(byte: u8) -> Self {
        if byte == Self::Kill.byte() {
            Self::Kill
        } else {
            Self::End
        }
    }
}
