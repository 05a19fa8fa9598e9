//! Shows the listing of settings, for people and for programs.

use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::listing::Row;
use super::said::Place;
use crate::adapters::settings_file::REPOSITORY_FILE;
use crate::cli::args::Format;
use crate::cli::page::stdout_width;
use crate::cli::style::{Look, Tone};
use crate::cli::table::{Cell, Column, Table};

/// Answers with all settings, each with its value and its source.
pub fn show(rows: &[Row], format: Format) {
    let text = match format {
        Format::Text => table(rows, std::env::home_dir().as_deref())
            .render(Some(stdout_width()), Look::of_stdout()),
        Format::Json => {
            let rows: Vec<Value> = rows.iter().map(document).collect();
            format!("{:#}\n", Value::Array(rows))
        }
    };
    // Whoever closed the pipe has seen enough.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn document(row: &Row) -> Value {
    let (source, at) = match &row.place {
        None => ("default", None),
        Some(Place::Option(name)) => ("command line", Some(name.clone())),
        Some(Place::Variable(name)) => ("environment", Some(name.clone())),
        Some(Place::File { path, line, .. }) if is_repositorys(path) => {
            ("repository", Some(format!("{}:{line}", path.display())))
        }
        Some(Place::File { path, line, .. }) => {
            ("user", Some(format!("{}:{line}", path.display())))
        }
    };
    json!({ "key": row.key, "value": row.value, "source": source, "at": at })
}

fn table(rows: &[Row], home: Option<&Path>) -> Table<3> {
    let mut table = Table::new([
        Column::text("KEY"),
        Column::text("VALUE").giving_way(1, 16),
        Column::text("SOURCE").giving_way(2, 12),
    ]);
    for row in rows {
        let tone = if row.place.is_some() {
            Tone::Normal
        } else {
            Tone::Faint
        };
        let shown = match (&row.value, &row.usual) {
            (Value::Null, Some(usual)) => usual.clone(),
            (Value::Null, None) => "-".to_owned(),
            (Value::Array(values), _) if values.is_empty() => "-".to_owned(),
            (Value::Array(values), _) => {
                let texts = values.iter().map(text);
                texts.collect::<Vec<_>>().join(", ")
            }
            (value, _) => text(value),
        };
        let strong = if row.place.is_some() {
            Tone::Strong
        } else {
            Tone::Normal
        };
        table.row([
            Cell::toned(strong, &row.key),
            Cell::toned(tone, &shown),
            Cell::toned(tone, &source(row.place.as_ref(), home)),
        ]);
    }
    table
}

fn source(place: Option<&Place>, home: Option<&Path>) -> String {
    match place {
        None => "default".to_owned(),
        Some(Place::Option(name) | Place::Variable(name)) => name.clone(),
        Some(Place::File { path, line, .. }) if is_repositorys(path) => {
            format!("{REPOSITORY_FILE}:{line}")
        }
        Some(Place::File { path, line, .. }) => {
            let below = home.and_then(|home| path.strip_prefix(home).ok());
            below.map_or_else(
                || format!("{}:{line}", path.display()),
                |below| format!("~/{}:{line}", below.display()),
            )
        }
    }
}

fn is_repositorys(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == REPOSITORY_FILE)
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::{document, table};
    use crate::cli::settings::listing::Row;
    use crate::cli::settings::said::Place;
    use crate::cli::style::Look;

    fn row(key: &str, value: serde_json::Value, place: Option<Place>) -> Row {
        Row {
            key: key.to_owned(),
            value,
            usual: Some("as usual".to_owned()),
            place,
        }
    }

    fn file(path: &str, line: usize) -> Place {
        Place::File {
            path: path.into(),
            line,
            key: String::new(),
        }
    }

    #[test]
    fn each_setting_has_a_line_of_at_most_80_columns() {
        let rows = [
            row(
                "jobs",
                json!("4"),
                Some(file("/home/me/.config/batch/config.toml", 3)),
            ),
            row(
                "test",
                json!("make test && ".repeat(9)),
                Some(file("/repo/batch.toml", 12)),
            ),
            row(
                "reviewers-from-codeowners",
                json!(true),
                Some(Place::Variable(
                    "BATCH_REVIEWERS_FROM_CODEOWNERS".to_owned(),
                )),
            ),
            row(
                "label",
                json!(["a", "b"]),
                Some(Place::Option("--label".to_owned())),
            ),
            row("assignee", json!([]), None),
            row("base", json!(null), None),
        ];
        let shown = table(&rows, Some(Path::new("/home/me"))).render(Some(80), Look::Plain);
        assert!(
            shown.lines().all(|line| line.chars().count() <= 80),
            "{shown}"
        );
        for words in [
            "~/.config/batch/config.toml:3",
            "batch.toml:12",
            "a, b",
            "as usual",
        ] {
            assert!(shown.contains(words), "{shown}");
        }
        assert_eq!(
            document(&rows[0]),
            json!({ "key": "jobs", "value": "4", "source": "user", "at": "/home/me/.config/batch/config.toml:3" })
        );
        assert_eq!(document(&rows[1])["source"], "repository");
        assert_eq!(document(&rows[2])["source"], "environment");
        assert_eq!(document(&rows[3])["at"], "--label");
        assert_eq!(document(&rows[5])["source"], "default");
    }
}
