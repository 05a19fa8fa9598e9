//! What is said of templates before any work starts, and what becomes of one that fails later.

use super::{Shape, tried};
use crate::engine::text::{Replacement, Texts, replaceable};
use crate::model::sample;

fn own(name: &str, source: &str) -> Replacement {
    Replacement {
        name: name.to_owned(),
        place: format!(".batch/templates/{name}"),
        source: source.to_owned(),
    }
}

/// What is said of one template: the message, and the hint.
#[track_caller]
fn refused(name: &str, source: &str) -> (String, String) {
    let errors = tried(&Texts::new().unwrap(), vec![own(name, source)]).unwrap_err();
    assert_eq!(errors.len(), 1);
    (
        errors[0].to_string(),
        errors[0].hint.clone().unwrap_or_default(),
    )
}

#[test]
fn the_embedded_templates_stand_their_own_trial() {
    for name in replaceable() {
        let source = format!("{{% include \"batch/{name}\" %}}");
        let texts = tried(&Texts::new().unwrap(), vec![own(name, &source)]).unwrap();
        let plan = Shape::Full.plan();
        let history = Shape::Full.history(&plan).unwrap();
        let both = |texts: &Texts| texts.reports(&history).unwrap();
        assert_eq!(both(&texts), both(&Texts::new().unwrap()), "{name}");
    }
}

#[test]
fn an_error_is_told_with_its_line_and_what_stands_there() {
    let (error, hint) = refused("report.md", "# Run\n\nby {{ titel }}\n");
    assert_eq!(
        error,
        "template .batch/templates/report.md: line 3: there is no `titel`\n3 | by {{ titel }}"
    );
    assert!(hint.starts_with("there are run, change, "), "{hint}");
    let (error, hint) = refused("pr-title.txt", "{{ unit.titel }}");
    assert_eq!(
        error,
        "template .batch/templates/pr-title.txt: line 1: `unit.titel` has no value\n1 | {{ unit.titel }}"
    );
    assert_eq!(hint, "what may be missing is asked for first: {% if … %}");
    let (error, hint) = refused("pr-body.md", "{{ waht }}");
    assert!(error.ends_with("there is no `waht`\n1 | {{ waht }}"));
    assert_eq!(hint, "did you mean `what`?");
    let (error, _) = refused("failures.md", "a\n{% for x in failures %}\n");
    assert!(error.contains("failures.md: line "), "{error}");
    assert!(error.contains("syntax error: "), "{error}");
    let (error, hint) = refused("tracking-issue.md", "{{ change | fenc }}");
    assert!(
        error.contains("line 1: filter fenc is unknown\n1 | {{ change | fenc }}"),
        "{error}"
    );
    assert!(hint.contains("code, text, quote"), "{hint}");
}

#[test]
fn what_is_wrong_is_found_where_only_some_runs_would_come_to_it() {
    for (name, source) in [
        ("report.md", "x{% if refusal %}{{ refusal.why }}{% endif %}"),
        (
            "report.md",
            "x{% if run == 'no such' %}{{ nothing }}{% endif %}",
        ),
        (
            "report.md",
            "{% for unit in units %}{{ unit.pr.number }}{% endfor %}",
        ),
        (
            "failures.md",
            "x{% for group in failures %}{% for unit in group.units %}{{ unit.log.path }}{% endfor %}{% endfor %}",
        ),
        ("pr-checked.md", "{% if not test %}{{ tests }}{% endif %}"),
        ("pr-rest.md", "{% include 'no-such.md' %}"),
        ("commit-message.txt", ""),
        ("commit-message.txt", "{{ change }}\n{{ unit.title }}\n"),
        ("pr-title.txt", "{{ change }}\n{{ unit.title }}"),
        ("pr-title.txt", "{# nothing #}"),
        ("report.md", " \n"),
    ] {
        let (error, _) = refused(name, source);
        assert!(
            error.starts_with(&format!("template .batch/templates/{name}: ")),
            "{error}"
        );
    }
}

#[test]
fn each_template_that_is_wrong_is_told_of() {
    let wrong = vec![own("report.md", "{{ a }}"), own("pr-title.txt", "{{ b }}")];
    let errors = tried(&Texts::new().unwrap(), wrong).unwrap_err();
    assert_eq!(errors.len(), 2);
}

#[test]
fn one_that_fails_later_gives_way_to_the_embedded_one_and_is_complained_of() {
    let source = "{% if change == 'odd' %}{{ unit.titel }}{% else %}{{ change }}{% endif %}";
    let texts = tried(
        &Texts::new().unwrap(),
        vec![own("commit-message.txt", source)],
    )
    .unwrap();
    let mut plan = sample::plan(1);
    let message = |plan: &_| texts.commit_message(plan, &sample::plan(1).units[0]);
    assert_eq!(message(&plan).unwrap(), "rename frob to frobnicate\n");
    assert!(texts.complaints().is_empty());
    plan.change.description = "odd".to_owned();
    for _ in 0..2 {
        assert!(
            message(&plan)
                .unwrap()
                .starts_with("odd: src/part1\n\nReplace")
        );
    }
    let complaints = texts.complaints();
    let [complaint] = &complaints[..] else {
        panic!("not one: {complaints:?}");
    };
    assert!(
        complaint.contains("line 1: `unit.titel` has no value"),
        "{complaint}"
    );
    assert!(complaint.ends_with("the embedded one was used instead"));
    assert!(texts.complaints().is_empty());
}
