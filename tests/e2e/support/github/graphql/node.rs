//! [`Node`]: an object that a query has come to, and [`Found`]: what one of its fields leads to.

use git2::Oid;
use serde_json::{Map, Value};

/// An object, by what it takes to find it in the state again.
#[derive(Debug, Clone)]
pub enum Node {
    Query,
    /// A user, by login.
    User(String),
    Organization(String),
    Repository(u64),
    /// A pull request, by repository and number; so are all with these two.
    Pull(u64, u64),
    PullCommit(u64, u64),
    AutoMerge(u64, u64),
    Entry(u64, u64),
    Commit(u64, Oid),
    Rollup(u64, Oid),
    /// A check, by its place.
    Check(u64, Oid, usize),
    Status(u64, Oid, usize),
    Label(u64, u64),
    Milestone(u64, u64),
    /// A merge queue, by its branch.
    Queue(u64, String),
    Ref(u64, String, Oid),
    /// Part of a list, under its type's name.
    Connection(&'static str, Box<Page>),
    PageInfo(Box<Page>),
    /// What a mutation answers, under its type's name.
    Payload(String, u64, u64),
    RateLimit,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page {
    pub nodes: Vec<Node>,
    pub total: usize,
    /// The places of its first and of what comes after its last.
    pub from: usize,
    pub to: usize,
}

/// What a field leads to.
pub enum Found {
    Value(Value),
    Node(Node),
    Nodes(Vec<Node>),
    /// GitHub answers with an error of this type in its place.
    Refused(&'static str, String),
}

impl Node {
    /// Its type's name in the schema.
    pub fn type_name(&self) -> &str {
        match self {
            Self::Query => "Query",
            Self::User(_) => "User",
            Self::Organization(_) => "Organization",
            Self::Repository(_) => "Repository",
            Self::Pull(..) => "PullRequest",
            Self::PullCommit(..) => "PullRequestCommit",
            Self::AutoMerge(..) => "AutoMergeRequest",
            Self::Entry(..) => "MergeQueueEntry",
            Self::Commit(..) => "Commit",
            Self::Rollup(..) => "StatusCheckRollup",
            Self::Check(..) => "CheckRun",
            Self::Status(..) => "StatusContext",
            Self::Label(..) => "Label",
            Self::Milestone(..) => "Milestone",
            Self::Queue(..) => "MergeQueue",
            Self::Ref(..) => "Ref",
            Self::Connection(name, _) => name,
            Self::PageInfo(_) => "PageInfo",
            Self::Payload(name, ..) => name,
            Self::RateLimit => "RateLimit",
        }
    }
}

impl Found {
    /// A node, or null.
    pub fn some(node: Option<Node>) -> Self {
        node.map_or(Self::Value(Value::Null), Self::Node)
    }

    pub fn value(value: impl Into<Value>) -> Self {
        Self::Value(value.into())
    }

    /// The page of a list that the arguments ask for.
    pub fn page(
        field: &str,
        name: &'static str,
        all: &[Node],
        arguments: &Map<String, Value>,
    ) -> Self {
        let number = |name: &str| arguments.get(name).and_then(Value::as_u64);
        let place = |name: &str| {
            let cursor = arguments.get(name).and_then(Value::as_str);
            cursor.and_then(|cursor| cursor.strip_prefix('c')?.parse::<usize>().ok())
        };
        let (first, last) = (number("first"), number("last"));
        let Some(size) = first.or(last) else {
            let words = format!(
                "You must provide a `first` or `last` value to properly paginate the `{field}` connection."
            );
            return Self::Refused("MISSING_PAGINATION_BOUNDARIES", words);
        };
        if size > 100 {
            let words = format!(
                "Requesting {size} records on the `{field}` connection exceeds the `first` limit of 100 records."
            );
            return Self::Refused("EXCESSIVE_PAGINATION", words);
        }
        let mut from = place("after").unwrap_or(0).min(all.len());
        let mut to = place("before")
            .map_or(all.len(), |place| place.saturating_sub(1))
            .max(from);
        let size = usize::try_from(size).unwrap();
        match first {
            Some(_) => to = to.min(from + size),
            None => from = from.max(to.saturating_sub(size)),
        }
        let page = Page {
            nodes: all[from..to].to_vec(),
            total: all.len(),
            from,
            to,
        };
        Self::Node(Node::Connection(name, Box::new(page)))
    }
}
