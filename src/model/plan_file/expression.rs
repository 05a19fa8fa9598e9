//! [`Expression`]: what of a plan is in a language of its own, and who judges it.

/// A text of the plan that is in a language of its own, for whoever knows that language to judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expression<'a> {
    /// An `s/REGEX/REPLACEMENT/FLAGS`.
    Rewrite(&'a str),
    /// The regex that contents must match.
    Matching(&'a str),
}

/// What says whether an expression is right, and if not, why not, as a fragment.
pub(super) type Judge<'a> = &'a dyn Fn(Expression<'_>) -> Result<(), String>;
