//! What kind of repository it is, and what of that a run should know.

use super::{Check, Finding};

/// What a repository is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each told for itself"
)]
pub struct Kind {
    /// History is cut off.
    pub shallow: bool,
    /// Objects are fetched when they are needed.
    pub partial: bool,
    /// Only a part is checked out.
    pub sparse: bool,
    /// There are submodules.
    pub submodules: bool,
    /// Files are kept by git LFS.
    pub lfs: Option<Lfs>,
    /// How refs are kept, such as `reftable`.
    pub refs: String,
    /// How objects are named, such as `sha256`.
    pub objects: String,
    /// Worktrees have settings of their own (`extensions.worktreeConfig`).
    pub worktree_config: bool,
    /// Whether the checkout has a commit, and the name of the remote that could give one.
    pub commit: bool,
    /// The remote that is used.
    pub remote: Option<String>,
}

/// What of git LFS is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lfs {
    /// The program.
    pub program: bool,
    /// The settings that have git call it.
    pub filters: bool,
}

/// What is to be said of it: one line for each property that matters, or one that says that none does.
#[must_use]
pub fn judge(kind: &Kind) -> Vec<Finding> {
    let check = Check::Repository;
    let mut findings = Vec::new();
    if !kind.commit && kind.remote.is_none() {
        findings.push(
            Finding::problem(check, "the repository has no commit yet")
                .run("git commit --allow-empty -m 'first'"),
        );
    }
    if kind.shallow {
        let remote = kind.remote.as_deref().unwrap_or("origin");
        findings.push(
            Finding::warning(
                check,
                "a shallow clone: history ends early, so a plan's base or a merge base may be missing",
            )
            .run(format!("git fetch --unshallow {remote}")),
        );
    }
    if kind.partial {
        findings.push(Finding::ok(
            check,
            "a partial clone: files are fetched when a worktree needs them",
        ));
    }
    if kind.sparse {
        findings.push(Finding::ok(
            check,
            "a sparse checkout: worktrees are full ones all the same",
        ));
    }
    if kind.submodules {
        findings.push(
            Finding::warning(
                check,
                "has submodules: in a worktree their folders are empty until something fills them",
            )
            .advise("give it as the setup: --setup 'git submodule update --init --recursive'"),
        );
    }
    findings.extend(kind.lfs.map(lfs));
    let formats: Vec<&str> = [&kind.refs, &kind.objects]
        .into_iter()
        .map(String::as_str)
        .filter(|format| !matches!(*format, "files" | "sha1" | ""))
        .collect();
    if !formats.is_empty() {
        findings.push(Finding::ok(
            check,
            format!(
                "kept as {}: read by git itself, which takes longer",
                formats.join(" and ")
            ),
        ));
    }
    if kind.worktree_config {
        findings.push(Finding::ok(
            check,
            "worktrees have settings of their own: those of this one do not count in batch's",
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(check, "a full clone, nothing special"));
    }
    findings
}

fn lfs(lfs: Lfs) -> Finding {
    let check = Check::Repository;
    match (lfs.program, lfs.filters) {
        (true, true) => Finding::ok(check, "keeps files in git LFS, which is installed"),
        (true, false) => Finding::problem(
            check,
            "keeps files in git LFS, and git is not told to call it: worktrees get pointers in their place",
        )
        .run("git lfs install"),
        (false, _) => Finding::problem(
            check,
            "keeps files in git LFS, and git-lfs is not installed: worktrees get pointers in their place",
        )
        .advise("install git-lfs (https://git-lfs.com), then run `git lfs install`"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Lfs, judge};
    use crate::model::checkup::Verdict;

    fn plain() -> Kind {
        Kind {
            commit: true,
            refs: "files".to_owned(),
            objects: "sha1".to_owned(),
            ..Kind::default()
        }
    }

    fn said(kind: &Kind) -> Vec<(Verdict, String)> {
        let findings = judge(kind).into_iter();
        findings.map(|found| (found.verdict, found.words)).collect()
    }

    #[test]
    fn a_plain_clone_is_one_line() {
        let words = "a full clone, nothing special".to_owned();
        assert_eq!(said(&plain()), [(Verdict::Ok, words)]);
    }

    #[test]
    fn each_property_is_a_line() {
        let odd = Kind {
            shallow: true,
            partial: true,
            sparse: true,
            submodules: true,
            refs: "reftable".to_owned(),
            objects: "sha256".to_owned(),
            worktree_config: true,
            ..plain()
        };
        let verdicts: Vec<Verdict> = said(&odd).into_iter().map(|(verdict, _)| verdict).collect();
        let (ok, warning) = (Verdict::Ok, Verdict::Warning);
        assert_eq!(verdicts, [warning, ok, ok, warning, ok, ok]);
        assert!(said(&odd)[4].1.contains("reftable and sha256"));
    }

    #[test]
    fn lfs_without_its_program_or_its_filters_is_a_problem() {
        let with = |program, filters| {
            let lfs = Some(Lfs { program, filters });
            judge(&Kind { lfs, ..plain() }).remove(0)
        };
        assert_eq!(with(true, true).verdict, Verdict::Ok);
        assert_eq!(with(true, false).commands, ["git lfs install"]);
        assert_eq!(with(false, true).verdict, Verdict::Problem);
        assert_eq!(with(false, false).verdict, Verdict::Problem);
    }

    #[test]
    fn an_empty_repository_is_a_problem_unless_a_remote_has_the_base() {
        let empty = Kind {
            commit: false,
            ..plain()
        };
        assert_eq!(judge(&empty)[0].verdict, Verdict::Problem);
        let remote = Some("origin".to_owned());
        assert_eq!(judge(&Kind { remote, ..empty })[0].verdict, Verdict::Ok);
    }
}
