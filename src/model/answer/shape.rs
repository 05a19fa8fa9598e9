//! [`Answer`]: what an agent that did research is to answer, as types. The comments on the fields are what the schema
//! tells the agent about them.
//!
//! Strict modes of the model providers want every field there and nothing else, so a field that may be missing is null
//! in the schema. What is read is more forgiving: more fields, and lists that are missing, are no mistake.

use serde::{Deserialize, Deserializer, Serialize};

/// A partition of the change into units, or the reason why it should not be split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Answer {
    /// Whether the change should be split into units that are implemented and merged independently.
    pub verdict: Verdict,
    /// Why: what the boundaries follow, why there are fewer units than asked for, or why the change should not be split.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub reason: String,
    /// What the change comes to in this repository, in a few sentences.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub summary: String,
    /// How this repository does the things that the change is about, each in a sentence.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub conventions: Vec<String>,
    /// A shell command that shows, after all units are merged, that the whole change works; null without one.
    #[serde(default)]
    pub end_to_end_check: Option<String>,
    /// The units; empty when the change should not be split.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub units: Vec<Part>,
    /// Candidate files that the change leaves alone, each list with its reason.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub exclusions: Vec<Excluded>,
    /// Files that several units could want to change, each with the one unit that owns it.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub shared_files: Vec<SharedFile>,
    /// When the change should not be split: the steps to make it in, in order; otherwise empty.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub phases: Vec<Phase>,
}

/// Whether to split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[expect(
    missing_docs,
    reason = "a comment on a variant would make a `oneOf` of the schema"
)]
pub enum Verdict {
    Split,
    DoNotSplit,
}

/// One unit: a part of the change that is implemented, tested, reviewed and merged on its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Part {
    /// A short name: lower-case letters and digits in groups joined by `-`, at most 48 characters.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub id: String,
    /// What its pull request is called, at most 80 characters.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub title: String,
    /// What is to be done here, completely, for a worker who has read nothing else; at most 4,000 characters.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub task: String,
    /// The files that it owns, from the repository's root: files, folders with a trailing `/`, or globs. New files too.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub paths: Vec<String>,
    /// What its worker needs to know of the whole change and of this unit's place in it.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub context: String,
    /// What it offers to other units or relies on in them: exact signatures, paths, names, formats, one in each item.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub contracts: Vec<String>,
    /// What it must leave alone, and who does that instead.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub constraints: Vec<String>,
    /// A shell command, run from the repository's root, that verifies this unit alone; null without one.
    #[serde(default)]
    pub check: Option<String>,
    /// The ids of the units that must be done before it starts; most have none.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub after: Vec<String>,
}

/// Files that the change leaves alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Excluded {
    /// Files, folders with a trailing `/`, or globs.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub paths: Vec<String>,
    /// Why they are left alone.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub reason: String,
}

/// A file that several units could want to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct SharedFile {
    /// The file.
    pub path: String,
    /// The id of the unit that owns it.
    pub unit: String,
    /// Why that one.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub reason: String,
}

/// One step of a change that is not split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Phase {
    /// What it is called, at most 80 characters.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub title: String,
    /// What is to be done in it.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub task: String,
    /// The files that it touches: files, folders with a trailing `/`, or globs.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub paths: Vec<String>,
}

/// The published schema of an [`Answer`], as text.
pub const SCHEMA: &str = include_str!("../../../templates/research.schema.json");

/// The same as a value, without the name of its draft: Claude Code (2.1.328) refuses every draft that it does not know by
/// name, and the schema means the same in each.
#[must_use]
pub fn schema() -> serde_json::Value {
    let mut schema: serde_json::Value =
        serde_json::from_str(SCHEMA).expect("a test holds the file equal to what the types give");
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("$schema");
    }
    schema
}

fn null_is_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use schemars::generate::SchemaSettings;
    use schemars::transform::{Transform, transform_subschemas};
    use serde_json::Value;

    use super::{Answer, schema};

    /// Takes out what some strict mode refuses and none needs.
    #[derive(Clone)]
    struct Plainer;

    impl Transform for Plainer {
        fn transform(&mut self, schema: &mut schemars::Schema) {
            for key in ["format", "default"] {
                schema.remove(key);
            }
            transform_subschemas(self, schema);
        }
    }

    fn generated() -> String {
        // As written, not as read: there every field is required, null where nothing is to be said.
        let mut settings = SchemaSettings::draft2020_12().for_serialize();
        settings.inline_subschemas = true;
        let settings = settings.with_transform(Plainer);
        let schema = settings.into_generator().into_root_schema_for::<Answer>();
        format!("{}\n", serde_json::to_string_pretty(&schema).unwrap())
    }

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        // `SNAPSHOTS=overwrite` writes it anew.
        snapbox::assert_data_eq!(
            generated(),
            snapbox::file!["../../../templates/research.schema.json"].raw()
        );
    }

    /// What `OpenAI`'s strict mode wants, the strictest there is: each object closed, each field required, no union but
    /// with null, no reference.
    fn strict(schema: &Value, at: &str) {
        match schema {
            Value::Object(map) => {
                for key in ["oneOf", "anyOf", "allOf", "$ref", "format", "default"] {
                    assert!(!map.contains_key(key), "{at}: {key}");
                }
                if let Some(Value::Object(properties)) = map.get("properties") {
                    assert_eq!(map["additionalProperties"], Value::Bool(false), "{at}");
                    let required = map["required"].as_array().unwrap();
                    for name in properties.keys() {
                        assert!(
                            required.contains(&Value::from(name.as_str())),
                            "{at}.{name}"
                        );
                    }
                }
                for (key, inner) in map {
                    strict(inner, &format!("{at}.{key}"));
                }
            }
            Value::Array(items) => items.iter().for_each(|item| strict(item, at)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn strict_modes_take_the_schema() {
        let schema = schema();
        assert_eq!(schema["type"], "object");
        assert_eq!(schema.get("$schema"), None);
        assert_eq!(schema["properties"]["verdict"]["enum"][1], "do-not-split");
        strict(&schema, "");
    }
}
