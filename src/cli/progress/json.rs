//! [`Json`]: each record as a line of JSON, for programs that follow a run.

use std::io::Write;

use jiff::Timestamp;

use crate::engine::ports::Reporter;
use crate::model::event::Record;
use crate::model::history::History;

/// Writes the journal's records as they come.
pub struct Json<W> {
    out: W,
}

impl<W: Write> Json<W> {
    /// Writes to `out`, mostly standard output.
    pub fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write + Send> Reporter for Json<W> {
    fn event(&mut self, record: &Record, _: &History) {
        let mut line = serde_json::to_string(record).expect("records have text keys only");
        line.push('\n');
        // A reader that went away is no reason to stop the run: the journal has it all.
        let _ = self
            .out
            .write_all(line.as_bytes())
            .and_then(|()| self.out.flush());
    }

    fn tick(&mut self, _: Timestamp, _: &History) {}
}

#[cfg(test)]
mod tests {
    use super::Json;
    use crate::cli::progress::script::Script;
    use crate::model::event::{Event, Record};

    #[test]
    fn every_record_is_a_line_and_comes_back() {
        let script = Script::midway().interrupted().ended();
        let mut out = Vec::new();
        script.play(&mut Json::new(&mut out));
        let text = String::from_utf8(out).unwrap();
        let records: Vec<Record> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(records, script.records());
        let last = &records.last().unwrap().event;
        assert!(matches!(last, Event::RunEnded { exit_code: 130, .. }));
    }
}
