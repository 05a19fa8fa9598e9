//! Requests and answers, held against GitHub's published description of its interface (`tests/github/openapi.json`).
//!
//! Requests are held to more than the description says: a field or a parameter that it does not know is wrong, for GitHub
//! would leave it aside without a word.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::reply::Reply;

/// The most that is said of one request or answer.
const WORDS_MAX: usize = 3;

/// The description, and what was made of it.
struct Shapes {
    whole: Value,
    /// By what they are of: an operation and `request`, or a status.
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
}

/// What of a request and its answer is not as described.
pub fn wrong(method: &str, path: &str, query: &str, body: &Value, reply: &Reply) -> Vec<String> {
    let Some(below) = path.strip_prefix("/api/v3/") else {
        return Vec::new();
    };
    let shapes = shapes();
    let parts = parts(below);
    let Some((name, operation)) = shapes.operation(method, &parts) else {
        return vec!["no operation that tests/github/trim.py lists".to_owned()];
    };
    let mut wrong = Vec::new();
    asked(operation, query, &mut wrong);
    sent(shapes, name, operation, body, &mut wrong);
    let status = reply.status.to_string();
    let described = &operation["responses"][&status];
    let schema = match described {
        Value::Null if reply.status < 300 => {
            wrong.push(format!("{status} is no answer to it"));
            return wrong;
        }
        // Refusals that are not listed are as all are.
        Value::Null => &json!({ "$ref": "#/components/schemas/basic-error" }),
        schema => schema,
    };
    let validator = shapes.validator(&format!("{name} {status}"), schema);
    wrong.extend(errors(&validator, &reply.body, "the answer"));
    wrong
}

fn shapes() -> &'static Shapes {
    static SHAPES: OnceLock<Shapes> = OnceLock::new();
    SHAPES.get_or_init(|| Shapes {
        whole: serde_json::from_str(include_str!("../../../github/openapi.json")).unwrap(),
        validators: Mutex::default(),
    })
}

/// The parts of a path as the description writes them: a repository by its number is one by its name there.
fn parts(below: &str) -> Vec<&str> {
    let parts: Vec<&str> = below.split('/').collect();
    match parts.as_slice() {
        ["repositories", id, rest @ ..] => [&["repos", *id, *id], rest].concat(),
        _ => parts,
    }
}

impl Shapes {
    /// The operation of a path.
    fn operation(&self, method: &str, parts: &[&str]) -> Option<(&str, &Value)> {
        let operations = self.whole["operations"].as_object().unwrap();
        let found = operations.iter().find(|(name, _)| {
            let (of, path) = name.split_once(" /").unwrap();
            let wanted: Vec<&str> = path.split('/').collect();
            of == method
                && wanted.len() == parts.len()
                && wanted
                    .iter()
                    .zip(parts)
                    .all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
        });
        found.map(|(name, operation)| (name.as_str(), operation))
    }

    /// What holds values to a schema; made once.
    fn validator(&self, of: &str, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap();
        if let Some(known) = validators.get(of) {
            return Arc::clone(known);
        }
        let whole = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "allOf": [schema],
            "components": self.whole["components"],
        });
        let validator =
            jsonschema::validator_for(&whole).unwrap_or_else(|error| panic!("{of}: {error}"));
        let validator = Arc::new(validator);
        validators.insert(of.to_owned(), Arc::clone(&validator));
        validator
    }
}

/// Holds a query to the parameters.
fn asked(operation: &Value, query: &str, wrong: &mut Vec<String>) {
    let known: Vec<&Value> = operation["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|parameter| parameter["in"] == "query")
        .collect();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let Some(parameter) = known.iter().find(|parameter| parameter["name"] == name) else {
            wrong.push(format!("the query's {name} is no parameter"));
            continue;
        };
        let schema = &parameter["schema"];
        let is_number = value.parse::<u64>().is_ok();
        let choices = schema["enum"].as_array();
        if schema["type"] == "integer" && !is_number {
            wrong.push(format!("the query's {name} is no number"));
        }
        if choices.is_some_and(|choices| !choices.iter().any(|choice| choice == value)) {
            wrong.push(format!("the query's {name} is none of {}", schema["enum"]));
        }
    }
}

/// Holds a body to its schema.
fn sent(shapes: &Shapes, name: &str, operation: &Value, body: &Value, wrong: &mut Vec<String>) {
    let schema = &operation["requestBody"];
    if body.is_null() {
        return;
    }
    if schema.is_null() {
        wrong.push("it has a body, and takes none".to_owned());
        return;
    }
    let validator = shapes.validator(&format!("{name} request"), schema);
    wrong.extend(errors(&validator, body, "the request"));
    if let (Some(known), Some(given)) = (schema["properties"].as_object(), body.as_object()) {
        let unknown = given.keys().filter(|field| !known.contains_key(*field));
        wrong.extend(unknown.map(|field| format!("the request's {field} is no field")));
    }
}

fn errors(validator: &Validator, value: &Value, of: &str) -> Vec<String> {
    let errors = validator.iter_errors(value).take(WORDS_MAX);
    let words = errors.map(|error| {
        let mut text = error.to_string();
        if text.len() > 300 {
            // Those of `anyOf` quote the whole.
            text = format!("{} …", text.chars().take(300).collect::<String>());
        }
        format!("{of}, at {:?}: {text}", error.instance_path().as_str())
    });
    words.collect()
}
