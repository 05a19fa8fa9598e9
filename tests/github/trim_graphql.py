#!/usr/bin/env python3
"""Trims GitHub's GraphQL schema to what the tests' GitHub answers: fields named below with all their arguments, and every
input, enum, union, interface and scalar that they name. Without descriptions and deprecations.

    trim_graphql.py path/to/schema.graphql > schema.graphql
"""

import re
import sys

FIELDS = {
    "Query": "node rateLimit repository viewer",
    "Mutation": "convertPullRequestToDraft dequeuePullRequest disablePullRequestAutoMerge enablePullRequestAutoMerge "
    "enqueuePullRequest markPullRequestReadyForReview",
    "ConvertPullRequestToDraftPayload": "clientMutationId pullRequest",
    "DequeuePullRequestPayload": "clientMutationId mergeQueueEntry",
    "DisablePullRequestAutoMergePayload": "clientMutationId pullRequest",
    "EnablePullRequestAutoMergePayload": "clientMutationId pullRequest",
    "EnqueuePullRequestPayload": "clientMutationId mergeQueueEntry",
    "MarkPullRequestReadyForReviewPayload": "clientMutationId pullRequest",
    "RateLimit": "cost limit remaining resetAt used",
    "User": "id login url",
    "Organization": "id login url",
    "Actor": "login url",
    "RepositoryOwner": "id login url",
    "Node": "id",
    "Repository": "autoMergeAllowed defaultBranchRef hasIssuesEnabled id isArchived isDisabled isFork isPrivate "
    "mergeCommitAllowed mergeQueue name nameWithOwner owner pullRequest pullRequests rebaseMergeAllowed ref "
    "squashMergeAllowed url viewerPermission",
    "Ref": "id name target",
    "GitObject": "id oid",
    "Commit": "id messageHeadline oid statusCheckRollup",
    "PullRequest": "author autoMergeRequest baseRefName baseRefOid body closed commits createdAt headRefName headRefOid "
    "headRepository headRepositoryOwner id isCrossRepository isDraft isInMergeQueue labels mergeCommit mergeQueueEntry "
    "mergeStateStatus mergeable merged mergedAt milestone number reviewDecision state statusCheckRollup title updatedAt url",
    "PullRequestConnection": "nodes pageInfo totalCount",
    "PullRequestCommitConnection": "nodes pageInfo totalCount",
    "PullRequestCommit": "commit id",
    "LabelConnection": "nodes pageInfo totalCount",
    "Label": "color id name",
    "Milestone": "id number title",
    "PageInfo": "endCursor hasNextPage hasPreviousPage startCursor",
    "StatusCheckRollup": "contexts id state",
    "StatusCheckRollupContextConnection": "nodes pageInfo totalCount",
    "CheckRun": "conclusion id isRequired name status",
    "StatusContext": "context id isRequired state",
    "AutoMergeRequest": "enabledAt enabledBy mergeMethod pullRequest",
    "MergeQueue": "id url",
    "MergeQueueEntry": "id position pullRequest state",
}
BUILT_IN = {"Int", "Float", "String", "Boolean", "ID"}


def definitions(text):
    """Name to (head, body) of everything that the schema defines."""
    text = re.sub(r'"""(?:.|\n)*?"""', "", text)
    text = re.sub(r"@deprecated\(reason:\s*\"(?:[^\"\\]|\\.)*\"\s*\)", "", text)
    text = re.sub(r"@\w+(\([^)]*\))?", "", text)
    found = {}
    for match in re.finditer(r"^(type|interface|input|enum) (\w+)([^{\n]*)\{\n((?:.|\n)*?)^\}", text, re.M):
        kind, name, rest, body = match.groups()
        found[name] = (kind, rest.strip(), body)
    for match in re.finditer(r"^union (\w+)\s*=\s*((?:.|\n)*?)\n\n", text, re.M):
        found[match[1]] = ("union", re.sub(r"\s+", " ", match[2]).strip(), "")
    for match in re.finditer(r"^scalar (\w+)", text, re.M):
        found[match[1]] = ("scalar", "", "")
    return found


def members(body):
    """Fields of a type, arguments on the same line."""
    body = re.sub(r"\(\s*((?:.|\n)*?)\s*\)\s*:", lambda m: "(" + re.sub(r"\s*\n\s*", ", ", m[1]) + "):", body)
    lines = (re.sub(r"\s+", " ", line).strip() for line in body.splitlines())
    return {re.match(r"\w+", line)[0]: line for line in lines if line}


def main():
    every = definitions(open(sys.argv[1], encoding="utf-8").read())
    kept, waiting = {}, []

    def want(text):
        text = re.sub(r"= *\{[^}]*\}", "", text)
        waiting.extend(name for name in re.findall(r"[:|]\s*\[?([A-Z]\w*)", text) if name not in BUILT_IN)

    for name, fields in FIELDS.items():
        kind, _, body = every[name]
        known = members(body)
        lines = [known[field] for field in fields.split()]
        kept[name] = (kind, lines)
        for line in lines:
            want(line)
    while waiting:
        name = waiting.pop()
        if name in kept:
            continue
        kind, rest, body = every[name]
        if kind in ("type", "interface"):
            sys.exit(f"{name} is named, and none of its fields is listed")
        kept[name] = (kind, rest if kind == "union" else list(members(body).values()))
        if kind in ("input", "union"):
            want(f"| {rest}" if kind == "union" else " ".join(kept[name][1]))
    for name in sorted(kept):
        kind, lines = kept[name]
        if kind == "scalar":
            print(f"scalar {name}\n")
            continue
        if kind == "union":
            print(f"union {name} = {lines}\n")
            continue
        parents = re.findall(r"\w+", every[name][1].replace("implements", ""))
        parents = [parent for parent in parents if parent in kept]
        implements = f" implements {' & '.join(parents)}" if parents else ""
        print(f"{kind} {name}{implements} {{")
        for line in lines:
            print(f"  {line}")
        print("}\n")


main()
