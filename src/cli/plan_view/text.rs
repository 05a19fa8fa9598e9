//! [`Text`]: headings, labelled facts and remarks put together for a page, for [`PlanView`](super::PlanView).

use crate::cli::page::Page;
use crate::cli::style::{Look, Tone, clean};
use crate::cli::wrap::wrap;
use crate::model::clean::typed;

/// Lines that are put together for a page.
pub(super) struct Text {
    out: String,
    page: Page,
    labels: usize,
}

impl Text {
    /// An empty text whose labels have so many columns.
    pub(super) fn on(page: Page, labels: usize) -> Self {
        Self {
            out: String::new(),
            page,
            labels,
        }
    }

    pub(super) fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    /// Lines that are put together already.
    pub(super) fn lines(&mut self, lines: &str) {
        self.out.push_str(lines);
    }

    pub(super) fn heading(&mut self, text: &str) {
        for line in wrap(text, self.page.columns) {
            self.line(&self.page.look.paint(Tone::Strong, &line));
        }
    }

    /// `  label     value`; a long value, or one of several lines, goes on below itself.
    pub(super) fn fact(&mut self, label: &str, value: &str) {
        let lines = value.split('\n').flat_map(|line| self.wrapped(line));
        let lines: Vec<String> = lines.collect();
        for (at, line) in lines.iter().enumerate() {
            self.beside(if at == 0 { label } else { "" }, line);
        }
    }

    /// A fact of several items, each with a dash.
    pub(super) fn items<'a>(&mut self, label: &str, items: impl IntoIterator<Item = &'a String>) {
        let mut label = label;
        for item in items {
            let mut dash = "- ";
            let lines = item.split('\n').flat_map(|line| self.wrapped(line));
            for line in lines.collect::<Vec<_>>() {
                self.beside(label, &format!("{dash}{line}"));
                (label, dash) = ("", "  ");
            }
        }
    }

    /// `word: remark`, a long one indented below itself.
    pub(super) fn remark(&mut self, word: &str, tone: Tone, remark: &str) {
        let indent = word.len() + 1;
        let columns = self.page.columns.saturating_sub(indent);
        for (at, line) in wrap(&clean(remark), columns).iter().enumerate() {
            if at == 0 {
                let word = self.page.look.paint(tone, word);
                self.line(&format!("{word} {line}"));
            } else {
                self.line(&format!("{:indent$}{line}", ""));
            }
        }
    }

    /// The text as it stands.
    pub(super) fn done(self) -> String {
        self.out
    }

    fn beside(&mut self, label: &str, line: &str) {
        if self.page.look == Look::Spoken {
            let line = line.trim_start_matches("- ").trim_start();
            match label {
                "" => self.line(line),
                label => self.line(&format!("{label}: {line}")),
            }
            return;
        }
        let columns = self.labels;
        let label = format!("{label:<columns$}");
        let label = self.page.look.paint(Tone::Faint, &label);
        self.line(format!("  {label}{line}").trim_end());
    }

    /// A line as lines that fit, the item's dash included, each as far in as the line is.
    fn wrapped(&self, line: &str) -> Vec<String> {
        let rest = line.trim_start_matches(' ');
        let columns = self.page.columns.saturating_sub(self.labels + 2);
        let lead = (line.len() - rest.len()).min(columns / 2);
        let lines = wrap(rest, columns.saturating_sub(lead + 2));
        lines
            .into_iter()
            .map(|line| format!("{:lead$}{line}", ""))
            .collect()
    }
}

/// A command as it will run: nothing is left out, and what a terminal would act on is shown by its escape.
pub(super) fn command(text: &str) -> String {
    let lines: Vec<String> = text.trim_end().split('\n').map(typed).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Text, command};
    use crate::cli::page::Page;
    use crate::cli::style::Look;

    #[test]
    fn a_command_cannot_hide_a_part_of_itself() {
        assert_eq!(
            command("make test\n\u{1b}]0; rm -rf ~ \u{7}\rtrue\n"),
            "make test\n\\u{1b}]0; rm -rf ~ \\u{7}\\rtrue"
        );
    }

    #[test]
    fn items_and_indented_lines_keep_their_place() {
        let page = Page {
            look: Look::Plain,
            columns: 24,
        };
        let mut text = Text::on(page, 6);
        text.items("has", &["one two three".to_owned(), "four".to_owned()]);
        text.fact("is", "a\n  bb cc dd ee ff");
        assert_eq!(
            text.done(),
            "  has   - one two three\n        - four\n  is    a\n          bb cc dd ee\n          ff\n"
        );
    }
}
