#!/usr/bin/env python3
"""Trims GitHub's OpenAPI description to the operations below and the schemas that they lead to, as JSON Schema.

    trim.py path/to/api.github.com.json > openapi.json

Kept of an operation: its parameters in path and query, the schema of its JSON body, and of each answer the schema of its
JSON. Left out everywhere: descriptions, examples, defaults and extensions. OpenAPI 3.0's `nullable` and boolean
`exclusiveMinimum` become what JSON Schema has for them. One operation or schema a line.
"""

import json
import sys

OPERATIONS = """
GET /user
GET /repos/{owner}/{repo}
GET /repos/{owner}/{repo}/pulls
POST /repos/{owner}/{repo}/pulls
GET /repos/{owner}/{repo}/pulls/{pull_number}
PATCH /repos/{owner}/{repo}/pulls/{pull_number}
PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge
PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch
POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers
GET /repos/{owner}/{repo}/branches
GET /repos/{owner}/{repo}/forks
POST /repos/{owner}/{repo}/forks
GET /repos/{owner}/{repo}/labels
POST /repos/{owner}/{repo}/labels
GET /repos/{owner}/{repo}/labels/{name}
GET /repos/{owner}/{repo}/milestones
GET /repos/{owner}/{repo}/issues
POST /repos/{owner}/{repo}/issues
GET /repos/{owner}/{repo}/issues/{issue_number}
PATCH /repos/{owner}/{repo}/issues/{issue_number}
GET /repos/{owner}/{repo}/issues/{issue_number}/comments
POST /repos/{owner}/{repo}/issues/{issue_number}/comments
GET /repos/{owner}/{repo}/issues/{issue_number}/labels
POST /repos/{owner}/{repo}/issues/{issue_number}/labels
POST /repos/{owner}/{repo}/issues/{issue_number}/assignees
"""
# Where GitHub answers null and its description does not say so: a label without a description.
NULLABLE = [("pull-request-simple", "labels", "items", "description")]
LEFT_OUT = {"description", "example", "examples", "default", "externalDocs", "title", "discriminator", "deprecated",
            "readOnly", "writeOnly", "format"}


def resolve(whole, node):
    """What a reference to a parameter or an answer leads to."""
    while "$ref" in node:
        target = whole
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def schema(node):
    """A schema of OpenAPI 3.0 as JSON Schema."""
    if isinstance(node, list):
        return [schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {}
    for key, value in node.items():
        if key in LEFT_OUT or key.startswith("x-") or key == "nullable":
            continue
        if key == "properties":
            # Names of properties, which may be any word.
            kept[key] = {name: schema(inner) for name, inner in value.items()}
        elif key in ("enum", "required"):
            kept[key] = value
        else:
            kept[key] = schema(value)
    for word in ("Minimum", "Maximum"):
        if kept.get(f"exclusive{word}") is True:
            kept[f"exclusive{word}"] = kept.pop(word.lower())
        elif kept.get(f"exclusive{word}") is False:
            del kept[f"exclusive{word}"]
    if node.get("nullable"):
        if "enum" in kept and None not in kept["enum"]:
            kept["enum"] = [*kept["enum"], None]
        if isinstance(kept.get("type"), str):
            kept["type"] = [kept["type"], "null"]
        elif "type" not in kept:
            kept = {"anyOf": [kept, {"type": "null"}]}
    return kept


def names(node):
    """The schemas that a schema names."""
    if isinstance(node, list):
        for item in node:
            yield from names(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value.rsplit("/", 1)[1]
            else:
                yield from names(value)


def body(holder):
    """The schema of JSON that is sent or answered; none where there is none."""
    content = holder.get("content", {}).get("application/json")
    return schema(content.get("schema", {})) if content else None


def operation(whole, path, method):
    full = whole["paths"][path][method]
    parameters = [resolve(whole, parameter) for parameter in full.get("parameters", [])]
    kept = {
        "operationId": full["operationId"],
        "parameters": [
            {"name": each["name"], "in": each["in"], "required": each.get("required", False), "schema": schema(each["schema"])}
            for each in parameters
            if each["in"] in ("path", "query")
        ],
        "responses": {status: body(resolve(whole, answer)) for status, answer in full["responses"].items()},
    }
    if "requestBody" in full:
        kept["requestBody"] = body(full["requestBody"])
    return kept


def line(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        whole = json.load(file)
    operations = {}
    for text in OPERATIONS.split("\n"):
        if text:
            method, path = text.split(" ")
            operations[text] = operation(whole, path, method.lower())
    schemas, waiting = {}, sorted(set(names(operations)))
    while waiting:
        name = waiting.pop()
        if name not in schemas:
            schemas[name] = schema(whole["components"]["schemas"][name])
            waiting.extend(names(schemas[name]))
    for name, *path in NULLABLE:
        node = schemas[name]
        for part in path:
            node = node["properties"][part] if part in node.get("properties", {}) else node[part]
        node["type"] = [node["type"], "null"]
    print('{"info":' + line({key: whole["info"][key] for key in ("title", "version", "license")}) + ',"operations":{')
    print(",\n".join(f"{line(name)}:{line(operations[name])}" for name in operations))
    print('},"components":{"schemas":{')
    print(",\n".join(f"{line(name)}:{line(schemas[name])}" for name in sorted(schemas)))
    print("}}}")


main()
