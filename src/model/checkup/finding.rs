//! [`Finding`]: what one check found, how bad that is, and what mends it; [`Trial`]: what came of trying something.

use serde::Serialize;

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Check {
    /// The git executable.
    Git,
    /// The repository and its kind.
    Repository,
    /// The remote, its branches and its default branch.
    Remote,
    /// The right to push there.
    Push,
    /// Where pull requests go, and the token for it.
    Forge,
    /// Who commits.
    Identity,
    /// Whether a commit can be signed unattended.
    Signing,
    /// The hooks that run in a worktree.
    Hooks,
    /// Space for worktrees.
    Disk,
    /// The folders that are written to.
    Folders,
    /// What dead runs left.
    Leftovers,
    /// The test command.
    Test,
    /// The coding agents.
    Agents,
    /// The settings files.
    Settings,
    /// Which program the name `batch` starts.
    Path,
}

impl Check {
    /// Its name, as it is shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Repository => "repository",
            Self::Remote => "remote",
            Self::Push => "push",
            Self::Forge => "forge",
            Self::Identity => "identity",
            Self::Signing => "signing",
            Self::Hooks => "hooks",
            Self::Disk => "disk",
            Self::Folders => "folders",
            Self::Leftovers => "leftovers",
            Self::Test => "test",
            Self::Agents => "agents",
            Self::Settings => "settings",
            Self::Path => "path",
        }
    }
}

/// How bad it is; the worst is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is as it should be.
    Ok,
    /// A run can begin, and may be surprised.
    Warning,
    /// A run would be refused or fail.
    Problem,
}

impl Verdict {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// How bad it is.
    pub verdict: Verdict,
    /// What was found, as a fragment.
    pub words: String,
    /// Command lines that mend it, to be run one after another where the user stands.
    pub commands: Vec<String>,
    /// What can be done besides, or instead.
    pub advice: Option<String>,
}

impl Finding {
    fn new(check: Check, verdict: Verdict, words: impl Into<String>) -> Self {
        Self {
            check,
            verdict,
            words: words.into(),
            commands: Vec::new(),
            advice: None,
        }
    }

    /// It is as it should be.
    pub fn ok(check: Check, words: impl Into<String>) -> Self {
        Self::new(check, Verdict::Ok, words)
    }

    /// A run may be surprised.
    pub fn warning(check: Check, words: impl Into<String>) -> Self {
        Self::new(check, Verdict::Warning, words)
    }

    /// A run would be refused or fail.
    pub fn problem(check: Check, words: impl Into<String>) -> Self {
        Self::new(check, Verdict::Problem, words)
    }

    /// Nobody can say: a warning, and never taken for well.
    pub fn untold(check: Check, why: impl std::fmt::Display) -> Self {
        Self::warning(check, format!("could not be told: {why}"))
    }

    /// Adds a command that mends it.
    #[must_use]
    pub fn run(mut self, command: impl Into<String>) -> Self {
        self.commands.push(command.into());
        self
    }

    /// Adds what can be done besides.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// What came of trying something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trial {
    /// It works.
    Passed,
    /// It does not, in the words of who refused.
    Failed(String),
    /// It did not come to an end in this many seconds.
    TimedOut(u64),
    /// It could not be tried, for this reason.
    Untold(String),
}

/// How many findings are ok, warnings and problems.
#[must_use]
pub fn tally(findings: &[Finding]) -> [usize; 3] {
    [Verdict::Ok, Verdict::Warning, Verdict::Problem].map(|verdict| {
        let same = findings.iter().filter(|found| found.verdict == verdict);
        same.count()
    })
}
