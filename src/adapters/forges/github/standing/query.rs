//! The queries for how far pull requests are. `isRequired` wants a pull request's number in the text, so that the text is
//! written anew for each set of numbers.

use std::fmt::Write as _;

/// The further checks of one pull request.
pub(super) const CHECKS: &str = "\
query($owner: String!, $name: String!, $number: Int!, $after: String!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      headRefOid
      commits(last: 1) {
        nodes {
          commit {
            oid
            statusCheckRollup {
              contexts(first: 100, after: $after) {
                pageInfo { hasNextPage endCursor }
                nodes {
                  __typename
                  ... on CheckRun { name status conclusion isRequired(pullRequestNumber: $number) }
                  ... on StatusContext { context state isRequired(pullRequestNumber: $number) }
                }
              }
            }
          }
        }
      }
    }
  }
}";

/// Fields that servers of some years do not have, with what is asked of them. Without them nothing is in a merge queue,
/// and GitHub merges nothing by itself.
pub(super) const YOUNG: [(&str, &str); 2] = [
    ("isInMergeQueue", ""),
    ("autoMergeRequest", " { enabledAt }"),
];

/// What the answer calls the pull request of that number.
pub(super) fn alias(number: u64) -> String {
    format!("p{number}")
}

/// The query for these, without the fields that are `absent`; without `checks` it only asks what all checks come to.
pub(super) fn standings(numbers: &[u64], checks: bool, absent: &[String]) -> String {
    let mut query = "\
query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
"
    .to_owned();
    for number in numbers {
        let alias = alias(*number);
        let contexts = if checks {
            format!(
                "
              contexts(first: 100) {{
                pageInfo {{ hasNextPage endCursor }}
                nodes {{
                  __typename
                  ... on CheckRun {{ name status conclusion isRequired(pullRequestNumber: {number}) }}
                  ... on StatusContext {{ context state isRequired(pullRequestNumber: {number}) }}
                }}
              }}"
            )
        } else {
            String::new()
        };
        let _ = writeln!(
            query,
            "    {alias}: pullRequest(number: {number}) {{
      ...Standing
      commits(last: 1) {{
        nodes {{
          commit {{
            oid
            statusCheckRollup {{
              state{contexts}
            }}
          }}
        }}
      }}
    }}"
        );
    }
    query.push_str(
        "\
  }
}
fragment Standing on PullRequest {
  id
  number
  title
  url
  body
  state
  isDraft
  createdAt
  headRefName
  headRefOid
  baseRefName
  mergeCommit { oid }
  reviewDecision
  mergeable
  mergeStateStatus
  labels(first: 100) { nodes { name } }
",
    );
    let there = |name: &str| !absent.iter().any(|absent| absent == name);
    for (name, of_it) in YOUNG.into_iter().filter(|(name, _)| there(name)) {
        let _ = writeln!(query, "  {name}{of_it}");
    }
    query.push('}');
    query
}
