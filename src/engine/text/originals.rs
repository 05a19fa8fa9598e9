//! The embedded templates of what people read of a run, and which of them a user can replace. Read by [`Texts`](super::Texts).

/// An embedded template: its file's name, the name by which another template takes it in, and its text.
type Original = (&'static str, &'static str, &'static str);

macro_rules! original {
    ($name:literal) => {
        (
            $name,
            concat!("batch/", $name),
            include_str!(concat!("../../../templates/", $name)),
        )
    };
}

/// Those that a user can replace.
pub(super) const REPLACEABLE: [Original; 9] = [
    original!("commit-message.txt"),
    original!("pr-title.txt"),
    original!("pr-body.md"),
    original!("pr-what.md"),
    original!("pr-checked.md"),
    original!("pr-rest.md"),
    original!("tracking-issue.md"),
    original!("report.md"),
    original!("failures.md"),
];

/// What an agent is asked in research, which is ours alone: its answer is read by our code.
pub(super) const RESEARCH: [Original; 5] = [
    original!("probe.md"),
    original!("research.md"),
    original!("research-form.md"),
    original!("research-again.md"),
    original!("revise.md"),
];

/// Pages for a browser, which `batch report` makes on request.
pub(super) const PAGES: [Original; 1] = [original!("report.html")];

/// The names of the templates that a user can replace.
pub fn replaceable() -> impl Iterator<Item = &'static str> {
    REPLACEABLE.iter().map(|(name, _, _)| *name)
}
