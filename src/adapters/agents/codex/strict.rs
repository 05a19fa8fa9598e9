//! Schemas as the provider's structured output takes them: every object lists all its properties as required and takes no
//! others. What was optional may be null instead, and is left out again of the answer.

use serde_json::{Map, Value, json};

/// What says nothing about the shape, and is not known there.
const UNKNOWN: [&str; 3] = ["$schema", "default", "format"];

/// The stricter copy of a schema.
pub(super) fn stricter(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => Value::Object(object(members)),
        Value::Array(schemas) => schemas.iter().map(stricter).collect(),
        other => other.clone(),
    }
}

fn object(schema: &Map<String, Value>) -> Map<String, Value> {
    let mut strict = Map::new();
    for (keyword, value) in schema {
        if UNKNOWN.contains(&keyword.as_str()) {
            continue;
        }
        let value = match (keyword.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                let required = schema.get("required").and_then(Value::as_array);
                let needed = |name: &str| {
                    required.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(name)))
                };
                properties
                    .iter()
                    .map(|(name, property)| {
                        let property = stricter(property);
                        let property = if needed(name) {
                            property
                        } else {
                            or_null(property)
                        };
                        (name.clone(), property)
                    })
                    .collect()
            }
            // Here names stand where keywords would.
            ("$defs" | "definitions", Value::Object(schemas)) => schemas
                .iter()
                .map(|(name, schema)| (name.clone(), stricter(schema)))
                .collect(),
            ("enum" | "const" | "required" | "examples", value) => value.clone(),
            (_, value) => stricter(value),
        };
        // Of several that fit, it does not count how many.
        let keyword = if keyword == "oneOf" { "anyOf" } else { keyword };
        strict.insert(keyword.to_owned(), value);
    }
    if let Some(Value::Object(properties)) = schema.get("properties") {
        strict.insert(
            "required".to_owned(),
            properties.keys().cloned().collect::<Vec<_>>().into(),
        );
    }
    if schema.get("properties").is_some() || schema.get("type") == Some(&json!("object")) {
        strict.insert("additionalProperties".to_owned(), false.into());
    }
    strict
}

/// The schema, or null.
fn or_null(schema: Value) -> Value {
    let takes_null = |kind: &Value| kind.as_str() == Some("null");
    match schema.get("type") {
        Some(Value::Array(kinds)) if kinds.iter().any(takes_null) => return schema,
        Some(kind) if takes_null(kind) => return schema,
        _ => {}
    }
    let choices = schema.get("anyOf").and_then(Value::as_array);
    if choices.is_some_and(|all| {
        all.iter()
            .any(|one| one.get("type").is_some_and(takes_null))
    }) {
        return schema;
    }
    json!({"anyOf": [schema, {"type": "null"}]})
}

/// The answer without the members that are null.
pub(super) fn without_nulls(answer: Value) -> Value {
    match answer {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(values) => values.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{stricter, without_nulls};

    #[test]
    fn every_object_lists_all_its_properties_and_takes_no_others() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {
                "units": {"type": "array", "items": {"$ref": "#/$defs/Unit"}},
                "note": {"type": ["string", "null"], "default": null},
                "format": {"type": "integer", "format": "uint32"},
            },
            "required": ["units"],
            "$defs": {"Unit": {
                "type": "object",
                "properties": {"id": {"type": "string"}, "after": {"$ref": "#/$defs/Unit"}},
                "required": ["id"],
            }},
        });
        assert_eq!(
            stricter(&schema),
            json!({
                "type": "object",
                "properties": {
                    "units": {"type": "array", "items": {"$ref": "#/$defs/Unit"}},
                    "note": {"type": ["string", "null"]},
                    "format": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                },
                "required": ["format", "note", "units"],
                "additionalProperties": false,
                "$defs": {"Unit": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string"},
                        "after": {"anyOf": [{"$ref": "#/$defs/Unit"}, {"type": "null"}]},
                    },
                    "required": ["after", "id"],
                    "additionalProperties": false,
                }},
            })
        );
    }

    #[test]
    fn choices_stay_choices() {
        let schema = json!({"oneOf": [{"const": "a"}, {"enum": ["default", null]}]});
        assert_eq!(
            stricter(&schema),
            json!({"anyOf": [{"const": "a"}, {"enum": ["default", null]}]})
        );
        assert_eq!(stricter(&json!(true)), json!(true));
    }

    #[test]
    fn what_was_optional_is_left_out_again() {
        assert_eq!(
            without_nulls(json!({"a": null, "b": [{"c": null, "d": 1}, null], "e": ""})),
            json!({"b": [{"d": 1}, null], "e": ""})
        );
    }
}
