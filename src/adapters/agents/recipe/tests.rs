//! Recipes that make no sense, and why.

use super::*;

/// The recipe of a table's text.
pub(in super::super) fn recipe(name: &str, text: &str) -> Recipe {
    Recipe::of(name, toml::from_str(text).unwrap()).unwrap()
}

fn wrong(text: &str) -> String {
    Recipe::of("x", toml::from_str(text).unwrap())
        .unwrap_err()
        .to_string()
}

#[test]
fn how_the_prompt_is_handed_over_shows_from_the_command() {
    for (text, by) in [
        ("command = ['x']", PromptBy::Stdin),
        ("command = ['x', '--ask={prompt}']", PromptBy::Argument),
        ("command = ['x', '{prompt-file}']", PromptBy::File),
        ("command = ['x']\nprompt = 'argument'", PromptBy::Argument),
        (
            "command = ['x']\nedit = ['-p', '{prompt}']",
            PromptBy::Argument,
        ),
    ] {
        assert_eq!(recipe("x", text).prompt, by, "{text}");
    }
}

#[test]
fn a_recipe_that_contradicts_itself_is_refused_by_key() {
    for (text, said) in [
        (
            "command = []",
            "command: its first word must be a program, without placeholders",
        ),
        (
            "command = ['{root}/x']",
            "command: its first word must be a program, without placeholders",
        ),
        (
            "command = ['x', '{model}']",
            "command: {model} stands for the arguments in `model`, which is missing",
        ),
        (
            "command = ['x', '-m{model}']\nmodel = ['{model}']",
            "command: {model} is not always known: it belongs in `model`",
        ),
        (
            "command = ['x', '{session}']",
            "command: {session} is not always known: it belongs in `resume`",
        ),
        (
            "command = ['x']\nmodel = ['{turns}']",
            "model: {turns} is not always known: it belongs in `turns`",
        ),
        (
            "command = ['x', '-f={files}']",
            "command: {files} stands for several arguments, and must be a word of its own in `command`",
        ),
        (
            "command = ['x']\nedit = ['{model}{read-only}']",
            "edit: {read-only} stands for several arguments, and must be a word of its own in `command`",
        ),
        (
            "command = ['x']\nprompt = 'file'",
            "prompt: the command has no {prompt-file}",
        ),
        (
            "command = ['x', '{prompt}']\nprompt = 'stdin'",
            "prompt: the command has {prompt}, so it must be \"argument\"",
        ),
        (
            "command = ['x', '{prompt-file}']\nprompt = 'stdin'",
            "prompt: the command has {prompt-file}, so it must be \"file\"",
        ),
        (
            "command = ['x']\nanswer = {result = '/r'}",
            "answer: only an agent whose `output` is \"json\" or \"json-lines\" has such places",
        ),
        (
            "command = ['x']\nresume = ['{session}']",
            "resume: `answer.session` must say where the session's id stands",
        ),
        (
            "command = ['x']\noutput = 'json'\nanswer = {cost = '/a~b'}",
            "answer.cost: `/a~b` is no JSON pointer: `~` is written `~0`",
        ),
        (
            "command = ['x']\noutput = 'json'\nanswer = {when = 'result'}",
            "answer.when: `result` is no condition such as `type=result`",
        ),
        (
            "command = ['x']\nexit-codes = {ok = [0], no-quota = [0]}",
            "exit-codes: 0 is there twice",
        ),
        (
            "command = ['x']\nexit-codes = {ok = [256]}",
            "exit-codes: 256 is no exit code: they go from 0 to 255",
        ),
        (
            "command = ['x']\nset = {'A=B' = 'c'}",
            "set: `A=B` is no name of a variable",
        ),
    ] {
        assert_eq!(wrong(text), said);
    }
}

#[test]
fn braces_that_hold_no_name_are_braces() {
    let recipe = recipe(
        "x",
        r#"command = ['x', '{"a": {}}', '{', '{Root}', 'a{root}b{tmp}']"#,
    );
    let literal = |text: &str| Argument::Text(vec![Part::Literal(text.to_owned())]);
    assert_eq!(
        recipe.command[..3],
        [literal(r#"{"a": {}}"#), literal("{"), literal("{Root}")]
    );
    let parts: Vec<&str> = recipe.command[3].parts().map(Part::name).collect();
    assert_eq!(parts, ["a", "root", "b", "tmp"]);
}
