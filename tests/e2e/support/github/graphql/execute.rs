//! Carries a query out, field by field, with each error where it belongs.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::node::{Found, Node};
use super::query::{Field, Query, Selection};
use super::rules;
use super::schema::Schema;
use crate::support::github::reply::Reply;
use crate::support::github::state::State;
use crate::support::github::tokens::Token;

/// A query that is being carried out.
struct Run<'a> {
    state: &'a State,
    token: &'a Token,
    query: &'a Query,
    variables: &'a Map<String, Value>,
    errors: Vec<Value>,
    /// The pull requests whose mergeability was asked for.
    weighed: BTreeSet<(u64, u64)>,
}

impl State {
    /// Answers a request to GraphQL.
    pub fn graphql(&mut self, sent: &Value, token: &Token) -> Reply {
        let query = match Query::parse(sent["query"].as_str().unwrap_or_default()) {
            Ok(query) => query,
            Err(words) => {
                return refused(&[
                    json!({ "message": words, "locations": [{ "line": 1, "column": 1 }] }),
                ]);
            }
        };
        let mut variables = sent["variables"].as_object().cloned().unwrap_or_default();
        let wrong = rules::wrong(&query, &variables);
        if !wrong.is_empty() {
            return refused(&wrong);
        }
        for variable in &query.variables {
            if let (Some(default), false) =
                (&variable.default, variables.contains_key(&variable.name))
            {
                variables.insert(
                    variable.name.clone(),
                    default.value(&Map::new()).unwrap_or_default(),
                );
            }
        }
        let repos: Vec<u64> = self.repos.keys().copied().collect();
        for id in &repos {
            self.refresh(*id);
        }
        let mut data = Map::new();
        let mut errors = Vec::new();
        let mut created = None;
        if query.root == "Mutation" {
            for selection in &query.selections {
                let Selection::Field(field) = selection else {
                    return refused(&[
                        json!({ "message": "the hub knows no fragments on Mutation" }),
                    ]);
                };
                let value = match self.mutate(&field.name, &arguments(field, &variables), token) {
                    Ok(payload) => {
                        created = Some(format!("mutation {}", field.name));
                        let mut run = Run::new(self, token, &query, &variables);
                        let value = run.object(
                            &payload,
                            &[&field.selections],
                            &mut vec![json!(field.alias)],
                        );
                        errors.append(&mut run.errors);
                        value
                    }
                    Err((kind, words)) => {
                        errors.push(error(kind, &words, &[json!(field.alias)]));
                        Value::Null
                    }
                };
                data.insert(field.alias.clone(), value);
            }
            for id in repos {
                self.refresh(id);
            }
        } else {
            let mut run = Run::new(self, token, &query, &variables);
            let value = run.object(&Node::Query, &[&query.selections], &mut Vec::new());
            errors.append(&mut run.errors);
            let weighed = std::mem::take(&mut run.weighed);
            for (id, number) in weighed {
                self.asked(id, number);
            }
            data.extend(value.as_object().unwrap().clone());
        }
        let mut body = json!({ "data": data });
        if !errors.is_empty() {
            body["errors"] = Value::Array(errors);
        }
        let mut reply = Reply::ok(body);
        reply.created = created;
        reply
    }
}

impl<'a> Run<'a> {
    fn new(
        state: &'a State,
        token: &'a Token,
        query: &'a Query,
        variables: &'a Map<String, Value>,
    ) -> Self {
        Self {
            state,
            token,
            query,
            variables,
            errors: Vec::new(),
            weighed: BTreeSet::new(),
        }
    }

    /// What is asked of an object.
    fn object(&mut self, node: &Node, selections: &[&[Selection]], path: &mut Vec<Value>) -> Value {
        let mut fields: Vec<(String, Vec<&Field>)> = Vec::new();
        let query = self.query;
        for some in selections {
            collect(query, some, node.type_name(), &mut fields);
        }
        let mut object = Map::new();
        for (alias, fields) in fields {
            path.push(json!(alias));
            let value = self.field(node, &fields, path);
            path.pop();
            object.insert(alias, value);
        }
        Value::Object(object)
    }

    fn field(&mut self, node: &Node, fields: &[&Field], path: &mut Vec<Value>) -> Value {
        let field = fields[0];
        if field.name == "__typename" {
            return json!(node.type_name());
        }
        if let (Node::Pull(id, number), "mergeable" | "mergeStateStatus") =
            (node, field.name.as_str())
        {
            self.weighed.insert((*id, *number));
        }
        let inner: Vec<&[Selection]> = fields
            .iter()
            .map(|field| field.selections.as_slice())
            .collect();
        let arguments = arguments(field, self.variables);
        match self.state.field(node, &field.name, &arguments, self.token) {
            Found::Value(value) => value,
            Found::Node(node) => self.object(&node, &inner, path),
            Found::Nodes(nodes) => {
                let mut items = Vec::new();
                for (at, node) in nodes.iter().enumerate() {
                    path.push(json!(at));
                    items.push(match State::hidden(node, self.token) {
                        Some(words) => {
                            self.errors.push(error("FORBIDDEN", words, path));
                            Value::Null
                        }
                        None => self.object(node, &inner, path),
                    });
                    path.pop();
                }
                Value::Array(items)
            }
            Found::Refused(kind, words) => {
                self.errors.push(error(kind, &words, path));
                Value::Null
            }
        }
    }
}

/// The fields that are asked of an object of that type, those of one name together.
fn collect<'a>(
    query: &'a Query,
    selections: &'a [Selection],
    of: &str,
    into: &mut Vec<(String, Vec<&'a Field>)>,
) {
    for selection in selections {
        let fragment = match selection {
            Selection::Field(field) => {
                match into.iter_mut().find(|(alias, _)| *alias == field.alias) {
                    Some((_, same)) => same.push(field),
                    None => into.push((field.alias.clone(), vec![field])),
                }
                continue;
            }
            Selection::Inline(fragment) => fragment,
            Selection::Spread(name) => &query.fragments[name],
        };
        if Schema::get().is_a(of, &fragment.on) {
            collect(query, &fragment.selections, of, into);
        }
    }
}

fn arguments(field: &Field, variables: &Map<String, Value>) -> Map<String, Value> {
    let given = field.arguments.iter();
    let given = given.filter_map(|(name, value)| Some((name.clone(), value.value(variables)?)));
    given.collect()
}

fn error(kind: &str, words: &str, path: &[Value]) -> Value {
    json!({ "type": kind, "path": path, "locations": [{ "line": 1, "column": 1 }], "message": words })
}

/// The answer to a query that is not carried out.
fn refused(errors: &[Value]) -> Reply {
    Reply::ok(json!({ "errors": errors }))
}
