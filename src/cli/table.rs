//! [`Table`]: columns of text for a terminal of some width: a header and rows, no lines.
//!
//! Too wide a table takes space from the columns that give way, in their order and down to their least width, and cuts
//! their cells with `…`; one row stays one line. The crates for tables (comfy-table, tabled) wrap cells or shrink the
//! widest column first and know no such order, which is all that this is. Every cell is cleaned. Called by the commands.

use console::measure_text_width;

use crate::cli::style::{Look, Tone, clean};

/// What stands between two columns.
const GAP: &str = "  ";

/// A column: its header, and how it behaves.
#[derive(Debug, Clone)]
pub struct Column {
    header: &'static str,
    align: Align,
    /// When it gives way, counted from 1; none for never.
    gives_way: Option<u8>,
    /// The width at which it stops to give way.
    least: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Align {
    Left,
    Right,
}

impl Column {
    /// A column of text, which never gives way.
    #[must_use]
    pub fn text(header: &'static str) -> Self {
        Self {
            header,
            align: Align::Left,
            gives_way: None,
            least: 0,
        }
    }

    /// A column of numbers, which end below each other and never give way.
    #[must_use]
    pub fn number(header: &'static str) -> Self {
        Self {
            align: Align::Right,
            ..Self::text(header)
        }
    }

    /// Lets the column become as narrow as `least` when space is short: the one of `turn` 1 first.
    #[must_use]
    pub fn giving_way(mut self, turn: u8, least: usize) -> Self {
        self.gives_way = Some(turn);
        self.least = least.max(1);
        self
    }
}

/// The text of one place, and its tone.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A cell in the colour of `tone`.
    #[must_use]
    pub fn toned(tone: Tone, text: &str) -> Self {
        Self {
            text: clean(text),
            tone,
        }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::toned(Tone::Normal, text.as_ref())
    }
}

/// Rows below a header.
#[derive(Debug, Clone)]
pub struct Table<const N: usize> {
    columns: [Column; N],
    rows: Vec<[Cell; N]>,
}

impl<const N: usize> Table<N> {
    /// A table without rows.
    #[must_use]
    pub fn new(columns: [Column; N]) -> Self {
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    /// Adds a row at the end.
    pub fn row(&mut self, cells: [Cell; N]) {
        self.rows.push(cells);
    }

    /// The table as lines, each ended. With a `width`, no line is wider while the columns that give way can help it. Where
    /// it is to be read aloud each row is a line in words, and nothing is cut.
    #[must_use]
    pub fn render(&self, width: Option<usize>, look: Look) -> String {
        if look == Look::Spoken {
            return self.rows.iter().map(|row| self.spoken(row)).collect();
        }
        let widths = self.widths(width);
        let header = std::array::from_fn(|at| Cell {
            text: self.columns[at].header.to_owned(),
            tone: Tone::Faint,
        });
        std::iter::once(&header)
            .chain(&self.rows)
            .map(|cells| self.line(cells, &widths, look) + "\n")
            .collect()
    }

    /// `first cell: header value, header value`
    fn spoken(&self, cells: &[Cell; N]) -> String {
        let named = self.columns.iter().zip(cells).skip(1);
        let said: Vec<String> = named
            .filter(|(_, cell)| !cell.text.is_empty())
            .map(|(column, cell)| {
                let header = column.header.to_lowercase();
                format!("{header} {}", cell.text).trim_start().to_owned()
            })
            .collect();
        let first = cells.first().map_or("", |cell| &cell.text);
        match (first.is_empty(), said.is_empty()) {
            (_, true) => format!("{first}\n"),
            (true, false) => format!("{}\n", said.join(", ")),
            (false, false) => format!("{first}: {}\n", said.join(", ")),
        }
    }

    fn widths(&self, width: Option<usize>) -> [usize; N] {
        let mut widths: [usize; N] = std::array::from_fn(|at| {
            let cells = self
                .rows
                .iter()
                .map(|row| measure_text_width(&row[at].text));
            let header = measure_text_width(self.columns[at].header);
            cells.max().unwrap_or(0).max(header)
        });
        let Some(width) = width else { return widths };
        let gaps = GAP.len() * N.saturating_sub(1);
        let mut excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(width);
        let mut turns: Vec<usize> = (0..N)
            .filter(|&at| self.columns[at].gives_way.is_some())
            .collect();
        turns.sort_by_key(|&at| self.columns[at].gives_way);
        for at in turns {
            let given = excess.min(widths[at].saturating_sub(self.columns[at].least));
            widths[at] -= given;
            excess -= given;
        }
        widths
    }

    fn line(&self, cells: &[Cell; N], widths: &[usize; N], look: Look) -> String {
        let mut line = String::new();
        let mut owed = 0;
        for (at, cell) in cells.iter().enumerate() {
            let text = cut(&cell.text, widths[at]);
            let space = widths[at].saturating_sub(measure_text_width(&text));
            let (before, after) = match self.columns[at].align {
                Align::Left => (0, space),
                Align::Right => (space, 0),
            };
            // Padding is owed until something follows it: lines do not end in spaces.
            owed += before;
            if !text.is_empty() {
                line.push_str(&" ".repeat(owed));
                line.push_str(&look.paint(cell.tone, &text));
                owed = 0;
            }
            owed += after + GAP.len();
        }
        line
    }
}

/// The text in at most `width` columns, with `…` where something is missing. What joins into one sign is not parted.
fn cut(text: &str, width: usize) -> String {
    const JOINER: char = '\u{200d}';
    if measure_text_width(text) <= width {
        return text.to_owned();
    }
    let fits = |end: usize| {
        let (kept, rest) = text.split_at(end);
        let joined = rest.chars().next().is_some_and(|next| {
            next == JOINER || measure_text_width(next.encode_utf8(&mut [0; 4])) == 0
        });
        !joined && !kept.ends_with(JOINER) && measure_text_width(kept) < width
    };
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    match ends.into_iter().rev().find(|&end| fits(end)) {
        Some(end) => format!("{}…", text[..end].trim_end()),
        None => String::new(),
    }
}

#[cfg(test)]
#[expect(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes its snapshots so"
)]
mod tests {
    use super::{Cell, Column, Table, cut};
    use crate::cli::style::{Look, Tone};
    use console::measure_text_width;
    use proptest::prelude::*;

    fn table(rows: &[[&str; 4]]) -> Table<4> {
        let mut table = Table::new([
            Column::text("ID").giving_way(2, 6),
            Column::text("TITLE").giving_way(1, 8),
            Column::number("FILES"),
            Column::text("OWNER"),
        ]);
        for row in rows {
            table.row(row.map(Cell::from));
        }
        table
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        snapbox::assert_data_eq!(
            table(&[
                ["src-auth", "src/auth", "12", "@web"],
                ["docs", "docs, top level", "3", ""],
            ])
            .render(Some(80), Look::Plain),
            snapbox::str![[r#"
ID        TITLE            FILES  OWNER
src-auth  src/auth            12  @web
docs      docs, top level      3

"#]]
        );
    }

    #[test]
    fn columns_give_way_in_their_order_down_to_their_least_width() {
        let table = table(&[[
            "a-long-unit-id",
            "a title that is longer still",
            "7",
            "@web",
        ]]);
        snapbox::assert_data_eq!(
            [50, 36, 10]
                .map(|width| table.render(Some(width), Look::Plain))
                .join("--\n"),
            snapbox::str![[r#"
ID              TITLE                 FILES  OWNER
a-long-unit-id  a title that is lon…      7  @web
--
ID            TITLE     FILES  OWNER
a-long-unit…  a title…      7  @web
--
ID      TITLE     FILES  OWNER
a-lon…  a title…      7  @web

"#]]
        );
    }

    #[test]
    fn what_is_read_aloud_is_a_line_in_words() {
        let rows = [
            [
                "web",
                "Make it nicer and then some more, whatever that takes",
                "12",
                "@web",
            ],
            ["docs", "", "3", ""],
        ];
        assert_eq!(
            table(&rows).render(Some(40), Look::Spoken),
            "web: title Make it nicer and then some more, whatever that takes, files 12, owner @web\n\
             docs: files 3\n"
        );
        assert_eq!(table(&[]).render(Some(40), Look::Spoken), "");
    }

    #[test]
    fn wide_signs_are_measured_as_they_are_shown() {
        let text = table(&[
            ["日本語", "👩\u{200d}💻 work", "1", "x"],
            ["cafe\u{301}", "plain", "2", "x"],
        ])
        .render(None, Look::Plain);
        assert_eq!(
            text.lines().collect::<Vec<_>>(),
            [
                "ID      TITLE    FILES  OWNER",
                "日本語  👩\u{200d}💻 work      1  x",
                "cafe\u{301}    plain        2  x",
            ]
        );
    }

    #[test]
    fn a_joined_sign_is_not_cut_in_two() {
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("a👩\u{200d}💻bcd", 3), "a…");
        assert_eq!(cut("a👩\u{200d}💻bcd", 4), "a👩\u{200d}💻…");
        assert_eq!(cut("cafe\u{301}s", 4), "caf…");
        assert_eq!(cut("abc", 0), "");
    }

    #[test]
    fn text_from_outside_cannot_break_the_table() {
        let table = table(&[["a\nb", "\u{1b}[2Jgone\r", "1", "\u{202e}x"]]);
        let text = table.render(None, Look::Plain);
        assert_eq!(text.lines().nth(1), Some("a b  gone       1  x"));
    }

    #[test]
    fn colours_do_not_change_the_layout() {
        let mut coloured = Table::new([Column::text("A"), Column::text("B")]);
        coloured.row([Cell::toned(Tone::Good, "good"), Cell::from("x")]);
        let text = coloured.render(Some(80), Look::Colours);
        assert_eq!(
            console::strip_ansi_codes(&text),
            coloured.render(Some(80), Look::Plain)
        );
        assert!(text.contains("\u{1b}[32mgood\u{1b}[0m  x"));
    }

    #[test]
    fn a_table_without_rows_is_its_header() {
        assert_eq!(
            table(&[]).render(Some(80), Look::Plain),
            "ID  TITLE  FILES  OWNER\n"
        );
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_asked_while_columns_can_give_way(
            id in ".{0,40}", title in ".{0,90}", width in 40_usize..120,
        ) {
            let text = table(&[[&id, &title, "3", "@web"]]).render(Some(width), Look::Plain);
            prop_assert_eq!(text.lines().count(), 2);
            for line in text.lines() {
                prop_assert!(measure_text_width(line) <= width, "{}", line);
                prop_assert!(!line.ends_with(' '));
            }
        }
    }
}
