//! Fills a command's placeholders: `{files}`, `{unit}` and `{root}`, quoted for `sh`.
//!
//! A list of files too long for one call is cut into several, as xargs does.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use crate::model::id::UnitId;
use crate::model::path::RepoPath;

/// The longest text given to `sh -c`, in bytes. Linux takes 131,072 for one argument (`MAX_ARG_STRLEN`).
const LONGEST_CALL: usize = 100_000;

/// The calls that a command template comes to for these files: one if it does not name `{files}`, or there are none, so
/// that no verification is ever skipped.
#[must_use]
pub fn calls(
    template: &str,
    files: &[RepoPath],
    unit: Option<&UnitId>,
    root: &Path,
) -> Vec<OsString> {
    let mut fixed = template
        .replace("{unit}", unit.map_or("", UnitId::as_str))
        .into_bytes();
    if template.contains("{root}") {
        fixed = replace(&fixed, b"{root}", &quoted(root.as_os_str().as_bytes()));
    }
    if !template.contains("{files}") {
        return vec![OsString::from_vec(fixed)];
    }
    let places = template.matches("{files}").count();
    let room = LONGEST_CALL.saturating_sub(fixed.len()) / places;
    let mut calls = Vec::new();
    let mut list = Vec::new();
    for file in files {
        let word = file_word(file);
        if !list.is_empty() && list.len() + 1 + word.len() > room {
            calls.push(OsString::from_vec(replace(&fixed, b"{files}", &list)));
            list.clear();
        }
        if !list.is_empty() {
            list.push(b' ');
        }
        list.extend_from_slice(&word);
    }
    if !list.is_empty() || calls.is_empty() {
        calls.push(OsString::from_vec(replace(&fixed, b"{files}", &list)));
    }
    calls
}

/// The contents of the file that `BATCH_FILES_FROM` names: a path a line, as git's `--pathspec-from-file` reads them. One
/// that holds a line break or begins with a double quote is C-quoted, any other is as it is.
#[must_use]
pub fn files_from(files: &[RepoPath]) -> Vec<u8> {
    let mut list = Vec::new();
    for file in files {
        if file.as_bytes().contains(&b'\n') || file.as_bytes().starts_with(b"\"") {
            list.extend_from_slice(file.to_string().as_bytes());
        } else {
            list.extend_from_slice(file.as_bytes());
        }
        list.push(b'\n');
    }
    list
}

/// A leading dash would make the file an option.
fn file_word(file: &RepoPath) -> Vec<u8> {
    if file.as_bytes().starts_with(b"-") {
        quoted(&[b"./", file.as_bytes()].concat())
    } else {
        quoted(file.as_bytes())
    }
}

fn quoted(word: &[u8]) -> Vec<u8> {
    shlex::bytes::try_quote(word)
        .expect("git paths hold no NUL")
        .into_owned()
}

fn replace(text: &[u8], placeholder: &[u8], by: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + by.len());
    let mut rest = text;
    while let Some(at) = rest
        .windows(placeholder.len())
        .position(|window| window == placeholder)
    {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(by);
        rest = &rest[at + placeholder.len()..];
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{calls, files_from};
    use crate::model::id::UnitId;
    use crate::model::path::RepoPath;

    fn texts(template: &str, files: &[&str]) -> Vec<String> {
        let files: Vec<RepoPath> = files.iter().map(|&file| RepoPath::from(file)).collect();
        calls(
            template,
            &files,
            Some(&UnitId::parse("src-a").unwrap()),
            Path::new("/work trees/1"),
        )
        .into_iter()
        .map(|call| call.into_string().unwrap())
        .collect()
    }

    #[test]
    fn placeholders_are_filled_and_quoted() {
        assert_eq!(
            texts(
                "fix --unit {unit} -C {root} {files}",
                &["a.js", "b c.js", "-d.js", "it's"]
            ),
            ["fix --unit src-a -C '/work trees/1' a.js 'b c.js' ./-d.js \"it's\""]
        );
    }

    #[test]
    fn a_command_is_called_at_least_once() {
        assert_eq!(texts("make fmt", &["a"]), ["make fmt"]);
        assert_eq!(texts("fmt {files}", &[]), ["fmt "]);
    }

    #[test]
    fn a_long_list_takes_several_calls_and_loses_no_file() {
        let files: Vec<String> = (0..20_000)
            .map(|n| format!("src/some/folder/file-{n}.js"))
            .collect();
        let names: Vec<&str> = files.iter().map(String::as_str).collect();
        let calls = texts("fmt {files}", &names);
        assert!(calls.len() > 1);
        assert!(calls.iter().all(|call| call.len() <= 100_000));
        let seen: Vec<&str> = calls
            .iter()
            .flat_map(|call| call.split(' ').skip(1))
            .collect();
        assert_eq!(seen, names);
    }

    #[test]
    fn a_line_break_in_a_name_is_quoted_in_the_list_of_files() {
        let list = files_from(&[
            RepoPath::new(*b"caf\xe9"),
            RepoPath::from("a\nb"),
            RepoPath::from("\"c\""),
            RepoPath::from("tab\t"),
        ]);
        assert_eq!(list, b"caf\xe9\n\"a\\nb\"\n\"\\\"c\\\"\"\ntab\t\n");
    }
}
