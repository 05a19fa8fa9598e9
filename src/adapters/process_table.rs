//! [`ProcessTable`]: the system's processes as they are at a moment, with what tells one from a later one of the same id.
//!
//! Linux only, from proc(5); elsewhere it is empty. Asked by `descendants`, `survivors`, and where a guard is started.

use crate::model::leader::Leader;

/// A process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub pid: i32,
    /// Its parent's.
    pub parent: i32,
    /// The id of its session.
    pub session: i32,
    /// When it started, in clock ticks since the system did.
    pub started: u64,
    /// Whether it has ended, and only its parent has not heard of it.
    pub is_zombie: bool,
}

/// The processes that can be seen.
#[derive(Debug, Default)]
pub struct ProcessTable(Vec<Entry>);

impl ProcessTable {
    /// As they are now.
    #[must_use]
    pub fn now() -> Self {
        let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        Self(numbers.filter_map(entry).collect())
    }

    /// All of them.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter()
    }

    /// The one of that id.
    #[must_use]
    pub fn get(&self, pid: i32) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.pid == pid)
    }

    /// The descendants of a process; parents come before their children.
    #[must_use]
    pub fn below(&self, ancestor: i32) -> Vec<i32> {
        let mut found = vec![ancestor];
        let mut next = 0;
        while let Some(&parent) = found.get(next) {
            let children = self.0.iter();
            let children = children.filter(|one| one.parent == parent && one.pid != parent);
            found.extend(children.map(|child| child.pid));
            next += 1;
        }
        found.split_off(1)
    }

    /// The ids of a process and of all above it.
    #[must_use]
    pub fn line_of(&self, pid: i32) -> Vec<i32> {
        let mut line = vec![pid];
        while let Some(entry) = line.last().and_then(|&last| self.get(last)) {
            if line.contains(&entry.parent) {
                break;
            }
            line.push(entry.parent);
        }
        line
    }
}

/// A process as one that leads; none where the system does not tell.
#[must_use]
pub fn leader(pid: u32) -> Option<Leader> {
    let entry = entry(i32::try_from(pid).ok()?)?;
    Some(Leader {
        pid,
        started: entry.started,
        boot: boot()?,
    })
}

/// Which start of the system this is.
#[must_use]
pub fn boot() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned())
}

fn entry(pid: i32) -> Option<Entry> {
    read(pid, &std::fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// The fields of proc(5)'s `stat`. The second is the program's name in brackets, and may hold anything.
fn read(pid: i32, stat: &[u8]) -> Option<Entry> {
    let name_end = stat.iter().rposition(|&byte| byte == b')')?;
    let rest = std::str::from_utf8(&stat[name_end + 1..]).ok()?;
    let mut fields = rest.split_ascii_whitespace();
    // What is left begins with the third field; the 22nd is the start.
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let session = fields.nth(1)?.parse().ok()?;
    let started = fields.nth(15)?.parse().ok()?;
    Some(Entry {
        pid,
        parent,
        session,
        started,
        is_zombie: matches!(state, "Z" | "X"),
    })
}

#[cfg(test)]
mod tests {
    use super::{Entry, ProcessTable, read};

    fn table(parents: &[(i32, i32)]) -> ProcessTable {
        let entries = parents.iter().map(|&(pid, parent)| Entry {
            pid,
            parent,
            session: 0,
            started: 0,
            is_zombie: false,
        });
        ProcessTable(entries.collect())
    }

    #[test]
    fn descendants_are_found_at_any_depth_and_nothing_else() {
        let table = table(&[(1, 0), (7, 2), (2, 1), (5, 7), (3, 1), (9, 3), (4, 7)]);
        assert_eq!(table.below(2), [7, 5, 4]);
        assert_eq!(table.below(5), [0; 0]);
        assert_eq!(table.line_of(5), [5, 7, 2, 1, 0]);
        assert_eq!(super::ProcessTable(vec![]).line_of(8), [8]);
    }

    #[test]
    fn a_circle_of_parents_ends() {
        assert_eq!(table(&[(0, 0), (1, 0)]).below(0), [1]);
        assert_eq!(table(&[(1, 2), (2, 1)]).line_of(1), [1, 2]);
    }

    #[test]
    fn a_program_named_like_a_stat_line_does_not_mislead() {
        let line = b"42 (a) R 7 (b)) S 13 42 40 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 98765 1";
        let entry = read(42, line).unwrap();
        assert_eq!(
            (entry.parent, entry.session, entry.started),
            (13, 40, 98765)
        );
        assert!(!entry.is_zombie);
        assert_eq!(read(42, b""), None);
        assert_eq!(read(42, b"42 (\xff\xfe) S 13 42"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_in_the_table_and_has_a_start() {
        let own = std::process::id();
        let leader = super::leader(own).unwrap();
        let table = ProcessTable::now();
        let entry = table.get(i32::try_from(own).unwrap()).unwrap();
        assert_eq!(entry.started, leader.started);
        assert!(!leader.boot.is_empty());
    }
}
