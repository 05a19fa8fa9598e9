//! What `batch init` writes: a repository's settings with what was found there, and commented out what is uncertain.

use std::fmt::Write as _;

use crate::model::facts::{CommandKind, Commands, Confidence, Suggestion};

/// How wide the comments are.
const COLUMNS: usize = 79;

/// What was found.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The commands that the files tell of.
    pub commands: &'a Commands,
    /// The branch that units start from where none is named.
    pub base: Option<&'a str>,
    /// The first agent on PATH.
    pub agent: Option<&'a str>,
}

/// The file's text. As it stands, and with every comment of a setting taken away, it is one that batch takes.
#[must_use]
pub fn first_settings(found: Found<'_>) -> String {
    let mut text = Text::default();
    text.comment(
        "Settings of batch for this repository, written by `batch init`. Each key is an option of `batch run` by its \
         name; the command line and BATCH_* variables come first. Commit this file: it holds for everybody who works \
         here.",
    );
    let test = test(&mut text, found.commands);
    setup(&mut text, found.commands, test.as_ref());
    formatter(&mut text, found.commands, test.as_ref());
    base(&mut text, found.base);
    agent(&mut text, found.agent);
    text.blank();
    text.comment("A few more that teams set; `batch run --help` lists all.");
    text.off("label", &array(&["batch"]));
    text.off("max-open-prs", "5");
    text.off("max-cost", "20");
    text.out
}

/// The test command, and whether it is one that surely is to run.
struct Test {
    command: String,
    sure: bool,
}

fn test(text: &mut Text, commands: &Commands) -> Option<Test> {
    text.blank();
    text.comment(
        "The test, run in a unit's worktree before it is committed; `{files}` stands for the unit's changed files.",
    );
    let found: Vec<&Suggestion> = commands.of(CommandKind::Test).collect();
    if found.is_empty() {
        text.comment("None was found: name one, or say `no-test = true`.");
        text.off("test", &string("make test"));
        return None;
    }
    Some(offer(text, "test", &found, true))
}

fn setup(text: &mut Text, commands: &Commands, test: Option<&Test>) {
    let found: Vec<&Suggestion> = commands.of(CommandKind::Setup).collect();
    if found.is_empty() {
        return;
    }
    text.blank();
    text.comment("The setup, run once in each fresh worktree, which has only what is committed.");
    // It is there for the test, and no surer than that.
    offer(text, "setup", &found, test.is_some_and(|test| test.sure));
}

/// Writes the likeliest of these commands as a setting, in force where that is sure, and names the others.
fn offer(text: &mut Text, key: &str, found: &[&Suggestion], sure: bool) -> Test {
    let folders = one_a_folder(found);
    if folders.len() > 1 {
        text.comment("Nothing in the root says which of these is to run, so this runs them all:");
        for suggestion in &folders {
            text.item(suggestion);
        }
        let all = folders.iter().map(|found| format!("({})", found.command));
        let command = all.collect::<Vec<_>>().join(" && ");
        text.off(key, &string(&command));
        return Test {
            command,
            sure: false,
        };
    }
    let best = found[0];
    let sure = sure && best.confidence != Confidence::Guessed;
    if sure {
        text.comment(&reason(best));
        text.on(key, &string(&best.command));
    } else {
        text.comment(&format!("{} Try it, then take the `#` away.", reason(best)));
        text.off(key, &string(&best.command));
    }
    text.others(&found[1..]);
    Test {
        command: best.command.clone(),
        sure,
    }
}

/// The surest of each folder below the root; nothing when the root itself tells of one.
fn one_a_folder<'a>(found: &[&'a Suggestion]) -> Vec<&'a Suggestion> {
    let mut kept: Vec<&Suggestion> = Vec::new();
    for &suggestion in found {
        let folder = suggestion.from.folder();
        if folder.is_empty() {
            return Vec::new();
        }
        if !kept.iter().any(|other| other.from.folder() == folder) {
            kept.push(suggestion);
        }
    }
    kept
}

fn formatter(text: &mut Text, commands: &Commands, test: Option<&Test>) {
    let Some(format) = commands.best(CommandKind::Format) else {
        return;
    };
    text.blank();
    text.comment(&format!(
        "The formatter: `{}`, found in {}. To have each unit come formatted, let the test look at that too; an agent \
         is then told what to mend:",
        format.command,
        format.from.to_text()
    ));
    let checked = checking(&format.command);
    let checked = match test {
        // Both begin in the root.
        Some(test) if checked.starts_with("cd ") => format!("({checked}) && {}", test.command),
        Some(test) => format!("{checked} && {}", test.command),
        None => checked,
    };
    text.off("test", &string(&checked));
}

/// The command that complains where a formatter would change something.
fn checking(format: &str) -> String {
    let (enter, command) = match format.rsplit_once(" && ") {
        Some((enter, command)) if format.starts_with("cd ") => (format!("{enter} && "), command),
        Some(_) | None => (String::new(), format),
    };
    let known = match command {
        "cargo fmt" => "cargo fmt --check",
        "gofmt -w ." => "test -z \"$(gofmt -l .)\"",
        "npx prettier --write ." => "npx prettier --check .",
        "npx biome format --write ." => "npx biome format .",
        "deno fmt" => "deno fmt --check",
        "ruff format" => "ruff format --check",
        "black ." => "black --check .",
        "mix format" => "mix format --check-formatted",
        "dotnet format" => "dotnet format --verify-no-changes",
        "dart format ." => "dart format --output=none --set-exit-if-changed .",
        "zig fmt ." => "zig fmt --check .",
        // What is to be committed is staged by then, so a difference is what the formatter did.
        other => return format!("{enter}{other} && git diff --exit-code"),
    };
    format!("{enter}{known}")
}

fn base(text: &mut Text, base: Option<&str>) {
    text.blank();
    text.comment("The branch that units start from, and that pull requests go to.");
    let now = base.map_or_else(
        || "which could not be told now".to_owned(),
        |base| format!("as it is then, now {base}"),
    );
    text.comment(&format!(
        "Without it that is the remote's default branch, {now}."
    ));
    text.off("base", &string(base.unwrap_or("main")));
}

fn agent(text: &mut Text, agent: Option<&str>) {
    text.blank();
    text.comment("The coding agent that makes the edits.");
    let here = agent.unwrap_or("there is none");
    text.comment(&format!(
        "Without it that is the first on PATH of whoever runs batch; here {here}."
    ));
    text.off("agent", &string(agent.unwrap_or("claude")));
}

fn reason(suggestion: &Suggestion) -> String {
    let from = suggestion.from.to_text();
    match suggestion.confidence {
        Confidence::Declared => format!("Found in {from}."),
        Confidence::Usual => format!("What everybody runs where there is a {from}."),
        Confidence::Guessed => format!("A guess from {from}."),
    }
}

/// The text in one line, with as few escapes as can be.
fn string(text: &str) -> String {
    if text.chars().any(char::is_control) {
        toml::Value::from(text).to_string()
    } else if text.contains(['"', '\\']) && !text.contains('\'') {
        format!("'{text}'")
    } else {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

fn array(items: &[&str]) -> String {
    let items: Vec<String> = items.iter().map(|item| string(item)).collect();
    format!("[{}]", items.join(", "))
}

/// Lines of the file.
#[derive(Default)]
struct Text {
    out: String,
}

impl Text {
    fn blank(&mut self) {
        self.out.push('\n');
    }

    fn comment(&mut self, words: &str) {
        let mut line = "#".to_owned();
        for word in words.split_whitespace() {
            if line.len() > 1 && line.chars().count() + 1 + word.chars().count() > COLUMNS {
                self.out.push_str(&line);
                self.blank();
                line.truncate(1);
            }
            line.push(' ');
            line.push_str(word);
        }
        self.out.push_str(&line);
        self.blank();
    }

    fn item(&mut self, suggestion: &Suggestion) {
        let from = suggestion.from.to_text();
        let _ = writeln!(self.out, "#   {} ({from})", suggestion.command);
    }

    fn others(&mut self, others: &[&Suggestion]) {
        if !others.is_empty() {
            self.comment("Found as well:");
            for other in others {
                self.item(other);
            }
        }
    }

    fn on(&mut self, key: &str, value: &str) {
        let _ = writeln!(self.out, "{key} = {value}");
    }

    fn off(&mut self, key: &str, value: &str) {
        self.out.push_str("# ");
        self.on(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, checking, first_settings, string};
    use crate::model::facts::{Commands, detect, with_texts};

    fn commands(files: &[(&str, &str)]) -> Commands {
        let (files, contents) = with_texts(files);
        detect(&files, &contents)
    }

    fn written(files: &[(&str, &str)]) -> String {
        first_settings(Found {
            commands: &commands(files),
            base: Some("main"),
            agent: Some("codex"),
        })
    }

    /// What the file says, and what it would say with every setting's comment taken away.
    fn says(text: &str) -> (toml::Table, toml::Table) {
        let uncommented: Vec<&str> = text
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest)
                    if rest
                        .split_once(" = ")
                        .is_some_and(|(key, _)| !key.contains(' ')) =>
                {
                    rest
                }
                _ => line,
            })
            .collect();
        let mut seen = std::collections::BTreeSet::new();
        let once = uncommented.into_iter().filter(|line| {
            line.starts_with('#') || line.is_empty() || seen.insert(line.split(' ').next())
        });
        let all = once.collect::<Vec<_>>().join("\n");
        (text.parse().unwrap(), all.parse().unwrap())
    }

    #[test]
    fn what_is_sure_is_set_and_the_rest_is_commented_out() {
        let manifest =
            r#"{"scripts":{"test":"jest","format":"prettier --write ."},"devDependencies":{}}"#;
        let text = written(&[("package.json", manifest), ("package-lock.json", "")]);
        snapbox::assert_data_eq!(
            text.as_str(),
            snapbox::str![[r##"
# Settings of batch for this repository, written by `batch init`. Each key is
# an option of `batch run` by its name; the command line and BATCH_* variables
# come first. Commit this file: it holds for everybody who works here.

# The test, run in a unit's worktree before it is committed; `{files}` stands
# for the unit's changed files.
# Found in package.json.
test = "npm test"

# The setup, run once in each fresh worktree, which has only what is committed.
# What everybody runs where there is a package.json.
setup = "npm ci"

# The formatter: `npm run format`, found in package.json. To have each unit
# come formatted, let the test look at that too; an agent is then told what to
# mend:
# test = "npm run format && git diff --exit-code && npm test"

# The branch that units start from, and that pull requests go to.
# Without it that is the remote's default branch, as it is then, now main.
# base = "main"

# The coding agent that makes the edits.
# Without it that is the first on PATH of whoever runs batch; here codex.
# agent = "codex"

# A few more that teams set; `batch run --help` lists all.
# label = ["batch"]
# max-open-prs = 5
# max-cost = 20

"##]]
        );
        let (on, all) = says(&text);
        assert_eq!(on["test"].as_str(), Some("npm test"));
        assert_eq!(on["setup"].as_str(), Some("npm ci"));
        assert_eq!(on.len(), 2);
        assert_eq!(all["agent"].as_str(), Some("codex"));
    }

    #[test]
    fn of_several_projects_all_are_told_and_none_is_taken() {
        let text = written(&[("api/go.mod", ""), ("a 'web'/Cargo.toml", "")]);
        let (on, all) = says(&text);
        assert!(on.is_empty(), "{text}");
        let test = all["test"].as_str().unwrap();
        assert!(test.contains("(cd api && go test ./...)"), "{test}");
        assert!(
            text.contains("#   cd api && go test ./... (api/go.mod)\n"),
            "{text}"
        );
    }

    #[test]
    fn a_guess_is_called_one_and_nothing_found_is_said() {
        let text = written(&[("tox.ini", "[tox]")]);
        assert!(text.contains("# A guess from tox.ini."), "{text}");
        assert!(says(&text).0.is_empty());
        let text = written(&[]);
        assert!(text.contains("# None was found"), "{text}");
        assert!(says(&text).0.is_empty());
    }

    #[test]
    fn no_line_is_wide_but_for_what_is_copied() {
        for line in written(&[("Cargo.toml", "")]).lines() {
            assert!(line.chars().count() <= 79, "{line}");
        }
    }

    #[test]
    fn a_text_stays_what_it_is_in_any_quotes() {
        for text in [
            "a",
            r#"a "b""#,
            "it's",
            r#"it's "b" \c"#,
            r"a\b",
            "a\nb\u{7f}",
        ] {
            let line = format!("key = {}", string(text));
            let read: toml::Table = line.parse().unwrap();
            assert_eq!(read["key"].as_str(), Some(text), "{line}");
        }
    }

    #[test]
    fn a_formatter_is_turned_into_a_check() {
        for (format, check) in [
            ("cargo fmt", "cargo fmt --check"),
            (
                "cd web && npx prettier --write .",
                "cd web && npx prettier --check .",
            ),
            ("npm run fmt", "npm run fmt && git diff --exit-code"),
        ] {
            assert_eq!(checking(format), check);
        }
    }
}
