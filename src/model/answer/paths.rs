//! The paths of an answer: globs expanded at the base, slips repaired, and what is made up found out.
//!
//! A path that does not exist is one that is to be made. That is believed where its folder exists, or where some unit
//! owns that folder to make it; anything else is more likely a path that the agent made up.

use std::collections::HashSet;

use crate::model::answer::findings::Findings;
use crate::model::base_tree::BaseTree;
use crate::model::glob::Pattern;
use crate::model::nearest::nearest;
use crate::model::path::RepoPath;
use crate::model::scope::Entry;
use crate::model::tree::TreeFile;

/// The signs with which a glob begins to be more than a path.
const SPECIAL: [char; 5] = ['*', '?', '[', '{', '\\'];

/// For how many made-up paths the nearest real one is looked for.
const HINTS: usize = 20;

/// Takes the paths of an answer one list after another.
pub(super) struct Paths<'a> {
    tree: &'a BaseTree<'a>,
    root: Option<&'a str>,
    /// How many entries may still come of globs; disjoint lists need no more than there are files.
    room: usize,
    hints: usize,
}

impl<'a> Paths<'a> {
    /// Paths at this base; an agent that was shown the files at `root` may write paths below it.
    pub(super) fn new(tree: &'a BaseTree<'a>, root: Option<&'a str>) -> Self {
        Self {
            tree,
            root,
            room: 2 * tree.files().count() + 1_000,
            hints: HINTS,
        }
    }

    /// The entries that a list stands for, each once; `whose` is what problems call it.
    pub(super) fn entries(
        &mut self,
        whose: &str,
        paths: &[String],
        findings: &mut Findings,
    ) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut seen = HashSet::new();
        for text in paths {
            let text = self.below_root(text);
            if text.is_empty() {
                continue;
            }
            for entry in self.meant(whose, text, findings) {
                if seen.insert(entry.clone()) {
                    entries.push(entry);
                }
            }
        }
        entries
    }

    /// The path without what leads to the root.
    pub(super) fn below_root<'t>(&self, text: &'t str) -> &'t str {
        let mut text = text.trim();
        if let Some(below) = self.root.and_then(|root| text.strip_prefix(root)) {
            text = below.strip_prefix('/').unwrap_or(text);
        }
        while let Some(rest) = text.strip_prefix("./") {
            text = rest;
        }
        text
    }

    fn meant(&mut self, whose: &str, text: &str, findings: &mut Findings) -> Vec<Entry> {
        let shown = text.escape_debug();
        let pattern = Pattern::parse(text, |path| self.tree.contains(path));
        match pattern {
            Ok(Pattern::Literal(entry)) => vec![self.repaired(entry)],
            Ok(Pattern::Glob(glob)) => {
                let files = self.below_prefix(text);
                let matching = files.iter().filter(|file| glob.matches(&file.path));
                let mut entries: Vec<Entry> = matching
                    .take(self.room + 1)
                    .map(|file| Entry::File(file.path.clone()))
                    .collect();
                if entries.len() > self.room {
                    findings.wrong(format!(
                        "{whose}: `{shown}` and the globs before it match more files than there are: \
                         no file can be two units'"
                    ));
                    entries.clear();
                } else if entries.is_empty() {
                    findings.mend(
                        format!("{whose}: `{shown}` matches no file"),
                        format!("{whose}: `{shown}` matches no file, and was left out"),
                    );
                }
                self.room -= entries.len();
                entries
            }
            Err(error) => {
                findings.mend(
                    format!("{whose}: {error}"),
                    format!("{whose}: {error}; it was left out"),
                );
                Vec::new()
            }
        }
    }

    /// The files among which a glob has its matches.
    fn below_prefix(&self, glob: &str) -> Vec<&'a TreeFile> {
        let literal = glob.split(SPECIAL).next().unwrap_or_default();
        let slash = literal.rfind('/');
        self.in_folder(&RepoPath::from(&literal[..slash.unwrap_or(0)]))
    }

    /// The files below a folder, or all for the root.
    fn in_folder(&self, folder: &RepoPath) -> Vec<&'a TreeFile> {
        if folder.as_bytes().is_empty() {
            self.tree.files().collect()
        } else {
            self.tree.below(folder).collect()
        }
    }

    /// A folder without its `/`, and a file with one, are slips: the base tells what is meant.
    fn repaired(&self, entry: Entry) -> Entry {
        match entry {
            Entry::File(path) if !self.tree.is_tracked(&path) && self.tree.is_folder(&path) => {
                Entry::Folder(path)
            }
            Entry::Folder(path) if self.tree.is_tracked(&path) => Entry::File(path),
            other @ (Entry::File(_) | Entry::Folder(_)) => other,
        }
    }

    /// The entries of all units without those that are made up, each of which is a problem; what the ownership rule
    /// refuses anyway is left to it.
    pub(super) fn without_made_up(
        &mut self,
        units: &mut [(String, Vec<Entry>)],
        findings: &mut Findings,
    ) {
        let folders = units.iter().flat_map(|(_, entries)| entries);
        let folders: HashSet<Vec<u8>> = folders
            .filter_map(|entry| match entry {
                Entry::Folder(path) => Some(path.as_bytes().to_vec()),
                Entry::File(_) => None,
            })
            .collect();
        for (whose, entries) in units {
            let before = entries.len();
            entries.retain(|entry| {
                self.may_be(entry, &folders) || {
                    let problem = self.made_up(whose, entry);
                    let note =
                        format!("{whose}: `{entry}` is in no folder of the base, and was left out");
                    // Dropped either way: whoever has a problem has no plan.
                    findings.mend(problem, note);
                    false
                }
            });
            if entries.is_empty() {
                findings.wrong(match before {
                    0 => format!("{whose} owns no paths"),
                    _ => format!("{whose} owns nothing that exists or could be made"),
                });
            }
        }
    }

    fn may_be(&self, entry: &Entry, folders: &HashSet<Vec<u8>>) -> bool {
        let path = entry.path();
        let odd =
            |part: &[u8]| matches!(part, b"" | b"." | b"..") || part.eq_ignore_ascii_case(b".git");
        let mut above = path.folders();
        self.tree.contains(path)
            || path.as_bytes().split(|&byte| byte == b'/').any(odd)
            || path.folder().is_empty()
            || self.tree.is_folder(&RepoPath::new(path.folder()))
            || above
                .any(|folder| folders.contains(folder) || self.tree.barrier_at(folder).is_some())
    }

    fn made_up(&mut self, whose: &str, entry: &Entry) -> String {
        let path = entry.path();
        // The outermost first: that one would have to be owned.
        let mut above: Vec<_> = path.folders().map(RepoPath::new).collect();
        above.reverse();
        let missing = above.iter().find(|folder| !self.tree.is_folder(folder));
        let missing = missing.unwrap_or(path);
        let hint = self.hints.checked_sub(1).and_then(|left| {
            self.hints = left;
            self.nearest(entry, missing)
        });
        let hint = hint.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        format!(
            "{whose}: `{entry}` does not exist, nor does its folder{hint} \
             (a unit that makes the folder owns `{missing}/`)"
        )
    }

    /// The file of the same name that shares the most of the path, else what is called alike where the path goes astray.
    fn nearest(&self, entry: &Entry, missing: &RepoPath) -> Option<String> {
        let path = entry.path().as_bytes();
        let name = path.rsplit(|&byte| byte == b'/').next()?;
        let same_name = self.tree.files().filter(|file| {
            let other = file.path.as_bytes().rsplit(|&byte| byte == b'/').next();
            other == Some(name)
        });
        let shared = |other: &[u8]| path.iter().zip(other).take_while(|(a, b)| a == b).count();
        if let Entry::File(_) = entry
            && let Some(file) = same_name.max_by_key(|file| shared(file.path.as_bytes()))
        {
            return Some(file.path.to_string());
        }
        let parent = RepoPath::new(missing.folder());
        let skipped = if parent.as_bytes().is_empty() {
            0
        } else {
            parent.as_bytes().len() + 1
        };
        let files = self.in_folder(&parent);
        let names: HashSet<&str> = files
            .iter()
            .filter_map(|file| std::str::from_utf8(&file.path.as_bytes()[skipped..]).ok())
            .filter_map(|rest| Some(rest.split_once('/')?.0))
            .collect();
        let mut names: Vec<&str> = names.into_iter().collect();
        names.sort_unstable();
        let wrong = std::str::from_utf8(&missing.as_bytes()[skipped..]).ok()?;
        let same = names.iter().find(|name| name.eq_ignore_ascii_case(wrong));
        let right = same.copied().or_else(|| nearest(wrong, &names))?;
        let parent = String::from_utf8_lossy(&missing.as_bytes()[..skipped]).into_owned();
        Some(format!("{parent}{right}/"))
    }
}

#[cfg(test)]
mod tests {
    use super::Paths;
    use crate::model::answer::findings::{Findings, Patience};
    use crate::model::answer::tests::files;
    use crate::model::base_tree::BaseTree;
    use crate::model::scope::Entry;

    const BASE: [&str; 6] = [
        "package.json",
        "pages/[id].tsx",
        "src/components/Button.tsx",
        "src/components/Form.tsx",
        "src/forms/login.ts",
        "src/index.ts",
    ];

    fn entries(
        paths: &[&str],
        patience: Patience,
    ) -> (Vec<String>, Result<Vec<String>, Vec<String>>) {
        let files = files(&BASE);
        let tree = BaseTree::new(&files);
        let mut paths_of = Paths::new(&tree, Some("/cache/research/app"));
        let mut findings = Findings::new(patience);
        let texts: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
        let entries = paths_of.entries("unit `a`", &texts, &mut findings);
        let mut units = [("unit `a`".to_owned(), entries)];
        paths_of.without_made_up(&mut units, &mut findings);
        let entries = units[0].1.iter().map(Entry::to_text).collect();
        (entries, findings.settle())
    }

    #[test]
    fn slips_are_repaired_and_globs_expanded() {
        let (entries, problems) = entries(
            &[
                "./src/forms",
                "src/index.ts/",
                "/cache/research/app/package.json",
                "src/components/*.tsx",
                "src/components/Form.tsx",
                "pages/[id].tsx",
                " ",
            ],
            Patience::First,
        );
        assert_eq!(
            entries,
            [
                "src/forms/",
                "src/index.ts",
                "package.json",
                "src/components/Button.tsx",
                "src/components/Form.tsx",
                "pages/[id].tsx",
            ]
        );
        assert_eq!(problems, Ok(Vec::new()));
    }

    #[test]
    fn what_is_to_be_made_is_believed_where_its_folder_is_or_will_be() {
        let (entries, problems) = entries(
            &[
                "src/new.ts",
                "docs/",
                "docs/a/b.md",
                "src/hooks/",
                "src/hooks/use.ts",
                "LICENSE",
            ],
            Patience::First,
        );
        assert_eq!(entries.len(), 6);
        assert_eq!(problems, Ok(Vec::new()));
    }

    #[test]
    fn made_up_paths_are_told_with_the_nearest_real_one() {
        let made_up = [
            "src/component/Button.tsx",
            "src/component/x/",
            "lib/a/b.ts",
            "src/*.vue",
            "src/[a",
        ];
        let (_, problems) = entries(&made_up, Patience::First);
        assert_eq!(
            problems.unwrap_err(),
            [
                "unit `a`: `src/*.vue` matches no file",
                "unit `a`: pattern `src/[a`, character 5: unclosed character class; missing ']'",
                "unit `a`: `src/component/Button.tsx` does not exist, nor does its folder; did you mean `src/components/Button.tsx`? (a unit that makes the folder owns `src/component/`)",
                "unit `a`: `src/component/x/` does not exist, nor does its folder; did you mean `src/components/`? (a unit that makes the folder owns `src/component/`)",
                "unit `a`: `lib/a/b.ts` does not exist, nor does its folder (a unit that makes the folder owns `lib/`)",
                "unit `a` owns nothing that exists or could be made",
            ]
        );
        let mixed = [&made_up[..], &["src/index.ts"]].concat();
        let (entries, notes) = entries(&mixed, Patience::Last);
        assert_eq!(entries, ["src/index.ts"]);
        assert_eq!(notes.unwrap().len(), 5);
    }

    #[test]
    fn globs_of_everything_are_refused_when_they_pile_up() {
        let all = vec!["**"; 3_000];
        let (entries, problems) = entries(&all, Patience::First);
        assert_eq!(entries.len(), BASE.len());
        assert!(problems.unwrap_err()[0].contains("match more files than there are"));
    }
}
