//! Templates as repositories have them, found and filled.

use super::{filled, place};
use crate::engine::text::Parts;
use crate::model::sample;
use crate::model::tree::{Mode, TreeFile};

fn parts() -> Parts {
    Parts {
        what: "WHAT\n".to_owned(),
        checked: "CHECKED\n".to_owned(),
        rest: "## Rest\n\nREST\n".to_owned(),
    }
}

fn found(paths: &[&str]) -> Option<String> {
    let file = |path: &&str| TreeFile {
        path: (*path).into(),
        mode: Mode::File,
        id: sample::commit("a"),
    };
    let files: Vec<TreeFile> = paths.iter().map(file).collect();
    place(&files).map(|file| file.path.to_string())
}

#[test]
fn the_first_place_that_has_one_counts_whatever_the_case() {
    let all = [
        "docs/pull_request_template.md",
        "PULL_REQUEST_TEMPLATE.TXT",
        ".github/Pull_Request_Template.md",
    ];
    assert_eq!(found(&all).as_deref(), Some(all[2]));
    assert_eq!(found(&all[..2]).as_deref(), Some(all[1]));
    assert_eq!(found(&all[..1]).as_deref(), Some(all[0]));
    assert_eq!(
        found(&["src/pull_request_template.md", "pull_request_template.rst"]),
        None
    );
}

#[test]
fn of_a_folder_of_templates_only_a_single_one_is_taken() {
    let one = ".github/PULL_REQUEST_TEMPLATE/default.md";
    assert_eq!(
        found(&[one, ".github/PULL_REQUEST_TEMPLATE/logo.png"]).as_deref(),
        Some(one)
    );
    assert_eq!(
        found(&[one, ".github/PULL_REQUEST_TEMPLATE/other.md"]),
        None
    );
}

#[test]
fn our_words_go_under_the_headings_that_ask_for_them_and_the_template_stays_as_it_is() {
    let template = "\
<!-- Thank you!
## Description
-->
## Type of change

- [ ] Bug
- [x] Feature

## Description
<!-- What does
this do? -->

Say it here.

```
# Tests in a fence
```

### How was this tested?
- [ ] Unit tests

## Related issues
";
    let expected = "\
<!-- Thank you!
## Description
-->
## Type of change

- [ ] Bug
- [x] Feature

## Description
<!-- What does
this do? -->

WHAT

Say it here.

```
# Tests in a fence
```

### How was this tested?

CHECKED

- [ ] Unit tests

## Related issues

## Rest

REST
";
    assert_eq!(filled(template, &parts()), expected);
}

#[test]
fn a_template_that_asks_for_only_one_of_them_gets_the_other_at_its_end_or_before_it() {
    let what = filled(
        "Motivation\n----------\n\n**Checklist**\n- [ ] a\n",
        &parts(),
    );
    assert_eq!(
        what,
        "Motivation\n----------\n\nWHAT\n\n**Checklist**\n- [ ] a\n\n## How it was checked\n\nCHECKED\n\n## Rest\n\nREST\n"
    );
    let checked = filled("**QA**\n\nask ada\n", &parts());
    assert_eq!(
        checked,
        "WHAT\n\n**QA**\n\nCHECKED\n\nask ada\n\n## Rest\n\nREST\n"
    );
}

#[test]
fn where_nothing_asks_for_our_words_they_come_first() {
    let template = "- [ ] I have read the rules\n";
    assert_eq!(
        filled(template, &parts()),
        format!("WHAT\n\n## How it was checked\n\nCHECKED\n\n## Rest\n\nREST\n\n{template}")
    );
}
