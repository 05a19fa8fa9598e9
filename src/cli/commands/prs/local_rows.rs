//! The table of `batch prs list` for the embedded forge, which knows no reviews and no checks. Pure.

use crate::cli::page::stdout_width;
use crate::cli::style::{Look, Tone};
use crate::cli::table::{Cell, Column, Table};
use crate::model::id::UnitId;
use crate::model::pull::{Pull, PullState};

/// The table.
pub(super) fn table(pulls: &[Pull]) -> String {
    let columns = || {
        [
            Column::number("PR"),
            Column::text("STATE"),
            Column::text("UNIT").giving_way(2, 10),
            Column::text("TITLE").giving_way(1, 20),
            Column::text("COMMIT"),
        ]
    };
    let shared = shared_beginning(pulls);
    let rows = pulls.iter().map(|pull| {
        let tone = match pull.state {
            PullState::Open => Tone::Good,
            PullState::Merged => Tone::Normal,
            PullState::Closed => Tone::Caution,
        };
        [
            Cell::from(format!("#{}", pull.number)),
            Cell::toned(tone, &pull.state.to_string()),
            Cell::from(pull.unit().map_or("", UnitId::as_str)),
            Cell::from(&pull.title[shared..]),
            Cell::from(pull.head_commit.short()),
        ]
    });
    let (width, look) = (Some(stdout_width()), Look::of_stdout());
    // Where all go to one branch, a column of it tells nothing.
    if pulls.windows(2).all(|pair| pair[0].base == pair[1].base) {
        let mut table = Table::new(columns());
        rows.for_each(|cells| table.row(cells));
        return table.render(width, look);
    }
    let [number, state, unit, title, commit] = columns();
    let base = Column::text("BASE").giving_way(3, 6);
    let mut table = Table::new([number, state, unit, title, base, commit]);
    for (pull, [number, state, unit, title, commit]) in pulls.iter().zip(rows) {
        table.row([
            number,
            state,
            unit,
            title,
            base_name(pull, pulls).into(),
            commit,
        ]);
    }
    table.render(width, look)
}

/// What a pull request is merged into: a branch, or the number of the one that it is stacked on.
fn base_name(pull: &Pull, pulls: &[Pull]) -> String {
    let below = pulls.iter().rfind(|other| other.head == pull.base);
    below.map_or_else(|| pull.base.clone(), |below| format!("#{}", below.number))
}

/// How many bytes of all titles are the same change, named first: in a column of them that tells nothing.
fn shared_beginning(pulls: &[Pull]) -> usize {
    let [first, others @ ..] = pulls else {
        return 0;
    };
    let is_shared = |end: &usize| {
        let mut others = others.iter();
        !others.as_slice().is_empty()
            && others.all(|other| other.title.starts_with(&first.title[..*end]))
    };
    let ends = first
        .title
        .match_indices(": ")
        .map(|(at, joint)| at + joint.len());
    ends.filter(is_shared).last().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::shared_beginning;
    use crate::model::id::ObjectId;
    use crate::model::pull::{Pull, PullState};

    fn pulls(titles: &[&str]) -> Vec<Pull> {
        let pull = |title: &&str| Pull {
            number: 1,
            mark: None,
            draft: false,
            title: (*title).to_owned(),
            body: String::new(),
            state: PullState::Open,
            head: "batch/a".to_owned(),
            head_commit: ObjectId::new("0"),
            base: "main".to_owned(),
            labels: Vec::new(),
            created: jiff::Timestamp::UNIX_EPOCH,
            merge_commit: None,
            url: None,
        };
        titles.iter().map(pull).collect()
    }

    #[test]
    fn what_all_titles_begin_with_is_told_once_by_the_change_and_not_in_each_row() {
        let shared = |titles: &[&str]| shared_beginning(&pulls(titles));
        assert_eq!(
            shared(&["fix: it: src", "fix: it: docs"]),
            "fix: it: ".len()
        );
        assert_eq!(shared(&["fix: src", "mend: docs"]), 0);
        assert_eq!(shared(&["fix: src"]), 0);
        assert_eq!(shared(&[]), 0);
    }
}
