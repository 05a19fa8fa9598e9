//! The table of `batch prs list` for a server: how far each pull request is, in words that mean something to a reviewer.
//! Pure.

use super::heads::Head;
use crate::cli::style::{Look, Tone};
use crate::cli::table::{Cell, Column, Table};
use crate::model::id::UnitId;
use crate::model::outcome::PullLink;
use crate::model::pull::PullState;
use crate::model::standing::{CheckState, Review, Standing, Verdict, Way};

/// What is shown where a question does not arise.
const NOTHING: &str = "–";

/// A pull request, as a row.
pub(super) struct Row {
    number: u64,
    state: (&'static str, Tone),
    review: (&'static str, Tone),
    checks: (String, Tone),
    mergeable: (&'static str, Tone),
    name: String,
    head: Head,
}

impl Row {
    /// Of a pull request whose branch is there.
    pub(super) fn of(standing: &Standing, head: Head) -> Self {
        let pull = &standing.pull;
        let unit = pull.unit().map(UnitId::as_str);
        Self {
            number: pull.number,
            state: state(standing),
            review: review(standing),
            checks: checks(standing),
            mergeable: mergeable(standing),
            name: unit.unwrap_or(&pull.title).to_owned(),
            head,
        }
    }

    fn cells(&self) -> [Cell; 6] {
        let toned = |(word, tone): (&str, Tone)| Cell::toned(tone, word);
        [
            Cell::from(format!("#{}", self.number)),
            toned(self.state),
            toned(self.review),
            Cell::toned(self.checks.1, &self.checks.0),
            toned(self.mergeable),
            Cell::from(&self.name),
        ]
    }
}

fn is_open(standing: &Standing) -> bool {
    standing.pull.state == PullState::Open
}

fn state(standing: &Standing) -> (&'static str, Tone) {
    match standing.pull.state {
        PullState::Open if standing.pull.draft => ("draft", Tone::Faint),
        PullState::Open if standing.queued => ("queued", Tone::Good),
        PullState::Open => ("open", Tone::Normal),
        PullState::Merged => ("merged", Tone::Good),
        PullState::Closed => ("closed", Tone::Caution),
    }
}

fn review(standing: &Standing) -> (&'static str, Tone) {
    match standing.review {
        Review::Approved => ("approved", Tone::Good),
        Review::ChangesRequested if is_open(standing) => ("changes wanted", Tone::Bad),
        Review::Required if is_open(standing) => ("wanted", Tone::Caution),
        Review::NotRequired | Review::ChangesRequested | Review::Required => (NOTHING, Tone::Faint),
    }
}

/// None yet is not success, and does not look like it.
fn checks(standing: &Standing) -> (String, Tone) {
    let of = standing.checks.len();
    match standing.verdict() {
        Verdict::NoneYet if is_open(standing) => ("none yet".to_owned(), Tone::Caution),
        Verdict::NoneYet => (NOTHING.to_owned(), Tone::Faint),
        Verdict::Failed(failed) => (format!("{failed} failed"), Tone::Bad),
        Verdict::Passed(_) => ("passed".to_owned(), Tone::Good),
        Verdict::Pending(_) => {
            let passed = standing.checks.iter();
            let passed = passed.filter(|check| check.state == CheckState::Passed);
            (format!("{} of {of}", passed.count()), Tone::Caution)
        }
    }
}

fn mergeable(standing: &Standing) -> (&'static str, Tone) {
    if !is_open(standing) {
        return (NOTHING, Tone::Faint);
    }
    match standing.way {
        Way::Clear | Way::Unstable => ("yes", Tone::Good),
        Way::Blocked => ("blocked", Tone::Caution),
        Way::Behind => ("behind", Tone::Caution),
        Way::Conflict => ("conflict", Tone::Bad),
        Way::Draft => (NOTHING, Tone::Faint),
        Way::Unknown => ("unknown", Tone::Faint),
    }
}

fn head(head: Head) -> Cell {
    match head {
        Head::Ours => Cell::default(),
        Head::OnTop(commits) => Cell::toned(Tone::Caution, &format!("+{commits} by others")),
        Head::Moved => Cell::toned(Tone::Bad, "moved"),
        Head::Unknown => Cell::toned(Tone::Faint, "not on record"),
    }
}

fn columns() -> [Column; 6] {
    [
        Column::number("PR"),
        Column::text("STATE"),
        Column::text("REVIEW"),
        Column::text("CHECKS"),
        Column::text("MERGEABLE"),
        Column::text("UNIT").giving_way(1, 10),
    ]
}

/// The table; with a column of heads only where one is not ours.
pub(super) fn table(rows: &[Row], width: usize, look: Look) -> String {
    if rows.iter().all(|row| row.head == Head::Ours) {
        let mut table = Table::new(columns());
        for row in rows {
            table.row(row.cells());
        }
        return table.render(Some(width), look);
    }
    let [number, state, review, checks, mergeable, unit] = columns();
    let others = Column::text("BRANCH");
    let mut table = Table::new([number, state, review, checks, mergeable, unit, others]);
    for row in rows {
        let [number, state, review, checks, mergeable, unit] = row.cells();
        table.row([
            number,
            state,
            review,
            checks,
            mergeable,
            unit,
            head(row.head),
        ]);
    }
    table.render(Some(width), look)
}

/// What a journal knows: which pull request is which unit's.
pub(super) fn known(links: &[(&PullLink, &UnitId)], width: usize, look: Look) -> String {
    let mut table = Table::new([
        Column::number("PR"),
        Column::text("UNIT").giving_way(1, 10),
        Column::text("URL"),
    ]);
    for (link, unit) in links {
        table.row([
            Cell::from(format!("#{}", link.number)),
            Cell::from(unit.as_str()),
            Cell::from(link.url.as_deref().unwrap_or_default()),
        ]);
    }
    table.render(Some(width), look)
}

#[cfg(test)]
#[expect(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes its snapshots so"
)]
mod tests {
    use super::{Row, table};
    use crate::cli::commands::prs::heads::Head;
    use crate::cli::style::Look;
    use crate::model::id::UnitId;
    use crate::model::pull::PullState;
    use crate::model::sample;
    use crate::model::standing::{Check, CheckState, Review, Standing, Way};

    fn standing(
        number: u64,
        unit: &str,
        review: Review,
        way: Way,
        checks: &[CheckState],
    ) -> Standing {
        let history = sample::history(vec![Some(sample::opened(number))]);
        let mut pull = sample::pull(number, &sample::new_pull(&history.units[0]));
        if let Some(mark) = &mut pull.mark {
            mark.unit = UnitId::parse(unit).unwrap();
        }
        let check = |(at, &state): (usize, &CheckState)| Check {
            name: format!("ci {at}"),
            state,
            required: true,
        };
        Standing {
            pull,
            node: String::new(),
            review,
            checks: checks.iter().enumerate().map(check).collect(),
            way,
            auto_merge: false,
            queued: false,
        }
    }

    fn all() -> Vec<(Standing, Head)> {
        use CheckState::{Failed, Passed, Pending};
        let mut merged = standing(41, "src-core", Review::Approved, Way::Unknown, &[Passed]);
        merged.pull.state = PullState::Merged;
        let mut closed = standing(42, "docs", Review::Required, Way::Unknown, &[]);
        closed.pull.state = PullState::Closed;
        let mut draft = standing(43, "src-auth", Review::Required, Way::Draft, &[]);
        draft.pull.draft = true;
        let mut queued = standing(44, "src-billing", Review::Approved, Way::Clear, &[Passed]);
        queued.queued = true;
        let checks = [Passed, Pending, Passed];
        vec![
            (merged, Head::Ours),
            (closed, Head::Ours),
            (draft, Head::Ours),
            (queued, Head::Ours),
            (
                standing(45, "src-forms", Review::NotRequired, Way::Blocked, &checks),
                Head::Ours,
            ),
            (
                standing(
                    46,
                    "src-a-unit-with-a-name-that-is-long",
                    Review::ChangesRequested,
                    Way::Conflict,
                    &[Failed, Passed],
                ),
                Head::OnTop(2),
            ),
            (
                standing(47, "src-log", Review::Required, Way::Unknown, &[]),
                Head::Moved,
            ),
            (
                standing(48, "src-web", Review::NotRequired, Way::Behind, &[Passed]),
                Head::Ours,
            ),
        ]
    }

    #[test]
    fn each_state_has_its_word_and_a_row_is_a_line_of_80_columns() {
        let rows: Vec<Row> = all()
            .iter()
            .map(|(standing, head)| Row::of(standing, *head))
            .collect();
        let text = table(&rows, 80, Look::Plain);
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        snapbox::assert_data_eq!(
            text,
            snapbox::str![[r#"
 PR  STATE   REVIEW          CHECKS    MERGEABLE  UNIT              BRANCH
#41  merged  approved        passed    –          src-core
#42  closed  –               –         –          docs
#43  draft   wanted          none yet  –          src-auth
#44  queued  approved        passed    yes        src-billing
#45  open    –               2 of 3    blocked    src-forms
#46  open    changes wanted  1 failed  conflict   src-a-unit-with…  +2 by others
#47  open    wanted          none yet  unknown    src-log           moved
#48  open    –               passed    behind     src-web

"#]]
        );
    }

    #[test]
    fn where_all_branches_are_as_they_were_left_there_is_no_column_for_that() {
        let rows: Vec<Row> = all()[..2]
            .iter()
            .map(|(standing, head)| Row::of(standing, *head))
            .collect();
        snapbox::assert_data_eq!(
            table(&rows, 80, Look::Plain),
            snapbox::str![[r#"
 PR  STATE   REVIEW    CHECKS  MERGEABLE  UNIT
#41  merged  approved  passed  –          src-core
#42  closed  –         –       –          docs

"#]]
        );
    }

    #[test]
    fn none_yet_is_not_in_the_colour_of_success() {
        let none = standing(1, "a", Review::NotRequired, Way::Clear, &[]);
        let (word, tone) = super::checks(&none);
        assert_eq!(word, "none yet");
        assert_ne!(tone, crate::cli::style::Tone::Good);
    }
}
