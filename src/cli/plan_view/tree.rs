//! The plan as a tree of paths: what each unit owns at the base, folded where one unit owns all of a folder.
//!
//! Pure. A folder's line counts what units own below it; what none owns is counted beside. Shown on request, by
//! `--tree` and from the approval's menu.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::page::Page;
use crate::cli::style::{Look, Tone, clean};
use crate::model::counted::counted;
use crate::model::id::UnitId;
use crate::model::path::RepoPath;
use crate::model::plan::Plan;
use crate::model::scope::Entry;

/// The plan's files, with who owns them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    root: Node,
}

/// A folder, or a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Node {
    below: BTreeMap<String, Node>,
    /// The files of each unit below, by the unit's place in the plan; of a file, its own.
    files: BTreeMap<usize, usize>,
    /// The files below that no unit owns.
    unowned: usize,
    /// Whether it is not in the base yet.
    is_new: bool,
}

impl Tree {
    /// Of a plan and the files of its base.
    #[must_use]
    pub fn of<'a>(plan: &Plan, files: impl IntoIterator<Item = &'a RepoPath>) -> Self {
        let owners = plan.ownership();
        let mut tree = Self::default();
        let mut known: BTreeSet<&RepoPath> = BTreeSet::new();
        for path in files {
            let owner = owners.owner(path).and_then(|id| place(plan, id));
            tree.root.add(&parts(path), owner, false);
            if owner.is_some() {
                known.insert(path);
            }
        }
        for (at, unit) in plan.units.iter().enumerate() {
            for entry in unit.scope.entries() {
                if let Entry::File(path) = entry
                    && !known.contains(path)
                {
                    tree.root.add(&parts(path), Some(at), true);
                }
            }
        }
        tree
    }

    /// The tree in lines.
    #[must_use]
    pub fn render(&self, plan: &Plan, page: Page) -> String {
        let mut rows = Vec::new();
        self.root.rows(plan, "", 0, &mut rows);
        let widest = rows.iter().map(|row: &Row| row.name_width()).max();
        let column = widest.unwrap_or(0).min(page.columns / 2);
        rows.iter().map(|row| row.line(column, page)).collect()
    }
}

/// A line of the tree.
struct Row {
    depth: usize,
    /// The whole path, cleaned.
    path: String,
    /// Its last part.
    name: String,
    /// How many files, and what of them is nobody's.
    count: String,
    /// The units that own them; of a folder of several, none.
    unit: Option<String>,
}

impl Row {
    fn name_width(&self) -> usize {
        self.depth * 2 + console::measure_text_width(&self.name)
    }

    fn line(&self, column: usize, page: Page) -> String {
        let unit = self.unit.as_deref().unwrap_or_default();
        if page.look == Look::Spoken {
            let unit = if unit.is_empty() {
                String::new()
            } else {
                format!(", unit {unit}")
            };
            return format!("{}: {}{unit}\n", self.path, self.count);
        }
        let pad = column.saturating_sub(self.name_width());
        let indent = "  ".repeat(self.depth);
        let taken = indent.len() + self.count.len() + unit.len() + 4;
        let room = page.columns.saturating_sub(taken).max(8);
        let name = console::truncate_str(&self.name, room, "…");
        let pad = pad.min(room.saturating_sub(console::measure_text_width(&name)));
        let count = page.look.paint(Tone::Faint, &self.count);
        let line = format!("{indent}{name}{:pad$}  {count}  {unit}", "");
        format!("{}\n", line.trim_end())
    }
}

impl Node {
    fn add(&mut self, parts: &[String], owner: Option<usize>, is_new: bool) {
        match owner {
            Some(unit) => *self.files.entry(unit).or_default() += 1,
            None => self.unowned += 1,
        }
        match parts {
            [] => self.is_new = is_new,
            [first, rest @ ..] => {
                let below = self.below.entry(first.clone()).or_default();
                below.add(rest, owner, is_new);
            }
        }
    }

    fn rows(&self, plan: &Plan, path: &str, depth: usize, rows: &mut Vec<Row>) {
        for (name, node) in &self.below {
            // What is nobody's is counted where it lies.
            if node.files.is_empty() {
                continue;
            }
            // A chain of folders with nothing beside them is one line.
            let (mut name, mut node) = (name.clone(), node);
            while node.is_folder()
                && let Some((only, below)) = node.only()
            {
                name = format!("{name}/{only}");
                node = below;
            }
            let full = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}/{name}")
            };
            let folder = if node.is_folder() { "/" } else { "" };
            rows.push(Row {
                depth,
                path: format!("{}{folder}", clean(&full)),
                name: format!("{}{folder}", clean(&name)),
                count: node.count(),
                unit: node.unit().map(|unit| plan.units[unit].id.to_string()),
            });
            if node.unit().is_none() {
                node.rows(plan, &full, depth + 1, rows);
            }
        }
    }

    fn is_folder(&self) -> bool {
        !self.below.is_empty()
    }

    /// What alone lies in a folder.
    fn only(&self) -> Option<(&String, &Node)> {
        let mut below = self.below.iter();
        let only = below.next()?;
        (below.next().is_none() && only.1.is_folder()).then_some(only)
    }

    /// The unit that owns all that any unit owns below.
    fn unit(&self) -> Option<usize> {
        let mut units = self.files.keys();
        let first = units.next()?;
        units.next().is_none().then_some(*first)
    }

    fn count(&self) -> String {
        if !self.is_folder() {
            return if self.is_new { "new file" } else { "1 file" }.to_owned();
        }
        let files: usize = self.files.values().sum();
        let mut count = counted(files, "file");
        if self.files.len() > 1 {
            count += &format!(" of {}", counted(self.files.len(), "unit"));
        }
        if self.unowned > 0 {
            count += &format!(", {} of none", self.unowned);
        }
        count
    }
}

fn place(plan: &Plan, id: &UnitId) -> Option<usize> {
    plan.units.iter().position(|unit| unit.id == *id)
}

fn parts(path: &RepoPath) -> Vec<String> {
    path.to_string().split('/').map(str::to_owned).collect()
}

#[cfg(test)]
#[expect(
    clippy::needless_raw_string_hashes,
    reason = "snapbox writes its snapshots so"
)]
mod tests {
    use snapbox::{assert_data_eq, str};

    use super::Tree;
    use crate::cli::page::Page;
    use crate::cli::style::Look;
    use crate::model::path::RepoPath;
    use crate::model::plan::Plan;
    use crate::model::sample;
    use crate::model::scope::{Entry, Scope};

    fn plan() -> Plan {
        let mut plan = sample::plan(3);
        for (unit, entries) in plan.units.iter_mut().zip([
            &["src/auth/", "src/new.rs"][..],
            &["src/web/"],
            &["docs/deep/down/", "README.md"],
        ]) {
            let entries = entries.iter().map(|text| match text.strip_suffix('/') {
                Some(folder) => Entry::Folder(folder.into()),
                None => Entry::File((*text).into()),
            });
            unit.scope = Scope::new(entries);
        }
        plan
    }

    fn shown(look: Look) -> String {
        let files: Vec<RepoPath> = [
            "README.md",
            "docs/deep/down/a.md",
            "docs/deep/down/b.md",
            "src/auth/login.rs",
            "src/auth/sub/one.rs",
            "src/main.rs",
            "src/web/page.rs",
            "tools/x.sh",
        ]
        .into_iter()
        .map(RepoPath::from)
        .collect();
        let plan = plan();
        Tree::of(&plan, &files).render(&plan, Page { look, columns: 80 })
    }

    #[test]
    fn folders_of_one_unit_are_folded_and_what_is_nobodys_is_counted() {
        assert_data_eq!(
            shown(Look::Plain),
            str![[r#"
README.md        1 file  unit-3
docs/deep/down/  2 files  unit-3
src/             4 files of 2 units, 1 of none
  auth/          2 files  unit-1
  new.rs         new file  unit-1
  web/           1 file  unit-2

"#]]
        );
    }

    #[test]
    fn read_aloud_each_line_is_a_whole_path() {
        assert_data_eq!(
            shown(Look::Spoken),
            str![[r#"
README.md: 1 file, unit unit-3
docs/deep/down/: 2 files, unit unit-3
src/: 4 files of 2 units, 1 of none
src/auth/: 2 files, unit unit-1
src/new.rs: new file, unit unit-1
src/web/: 1 file, unit unit-2

"#]]
        );
    }
}
