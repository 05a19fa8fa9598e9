//! Files that are wrong, and what is said of each.

/// A file, and what is said of it.
pub(super) const WRONG: &[(&str, &str)] = &[
    (
        "\njob = 2",
        "line 2: job: there is no such key; did you mean `jobs`?",
    ),
    (
        "max_units = 2",
        "line 1: max_units: there is no such key; did you mean `max-units`?",
    ),
    (
        "[everything]\njobs = 2",
        "line 1: everything: there is no such key",
    ),
    (
        "[agents.x]\ncommand = ['x']\ntruns = []",
        "line 3: agents.x.truns: there is no such key; did you mean `turns`?",
    ),
    (
        "[save.x]\ndescription = 'x'",
        "line 1: save: there is no such key; did you mean `saved`?",
    ),
    (
        "[saved.x]\ndescripton = 'x'",
        "line 2: saved.x.descripton: there is no such key; did you mean `description`?",
    ),
    (
        "[saved.x]\nsaved = 'x'",
        "line 2: saved.x.saved: there is no such key",
    ),
    ("note = 'x'", "line 1: note: there is no such key"),
    (
        "rewrite = ['s/a/b/']",
        "line 1: rewrite: it says what one change is, so it belongs in [saved.NAME]",
    ),
    (
        "description = 'x'",
        "line 1: description: it says what one change is, so it belongs in [saved.NAME]",
    ),
    (
        "jobs = 0",
        "line 1: jobs: must be a whole number, 1 or more",
    ),
    ("jobs = [1]", "line 1: jobs: it is one text, no list"),
    ("jobs = true", "line 1: jobs: it is a text or a number"),
    ("draft = 'yes'", "line 1: draft: it is true or false"),
    ("label = [['x']]", "line 1: label: it is a list of texts"),
    ("label = { x = 1 }", "line 1: label: it is a list of texts"),
    (
        "timeout = 90",
        "line 1: timeout: write it as 90s, 20m, 2h or 1h30m",
    ),
    (
        "timeout = 2026-01-01",
        "line 1: timeout: it is a text or a number",
    ),
    (
        "forge = 'gitlab'",
        "line 1: forge: it is auto, github or local",
    ),
    (
        "auto-merge = 'often'",
        "line 1: auto-merge: must be merge, squash or rebase",
    ),
    (
        "saved = 1",
        "line 1: saved: recipes are tables: [saved.NAME]",
    ),
    (
        "[saved]\nx = 1",
        "line 2: saved.x: a recipe is a table: [saved.NAME]",
    ),
    (
        "[saved.x]\ndescription = ' '",
        "line 2: saved.x.description: say in a sentence what the change is",
    ),
    (
        "[saved.x]\nmin-units = 'few'",
        "line 2: saved.x.min-units: must be a whole number, 1 or more",
    ),
    ("jobs = 1\njobs = 2", "line 2: duplicate key"),
    (
        "jobs = ",
        "line 1: string values must be quoted, expected literal string",
    ),
];
