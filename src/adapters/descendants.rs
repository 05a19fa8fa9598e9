//! The processes below a process, wherever they have moved: own groups and own sessions included.
//!
//! The guard ends them; the process adapter, when a guard does not. Linux only; elsewhere there are none to be found.

use rustix::process::{Pid, Signal, kill_process};

/// Sends a signal to every descendant that can be seen now. One that is started meanwhile may be missed.
pub fn signal_all_of(ancestor: Pid, signal: Signal) {
    for process in of(ancestor.as_raw_pid(), &parents()) {
        if let Some(pid) = Pid::from_raw(process) {
            let _ = kill_process(pid, signal);
        }
    }
}

/// The descendants of a process, from (process, parent) pairs; parents come before their children.
fn of(ancestor: i32, parents: &[(i32, i32)]) -> Vec<i32> {
    let mut found = vec![ancestor];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        let children = parents
            .iter()
            .filter(|pair| pair.1 == parent && pair.0 != parent);
        found.extend(children.map(|pair| pair.0));
        next += 1;
    }
    found.split_off(1)
}

#[cfg(target_os = "linux")]
fn parents() -> Vec<(i32, i32)> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| {
            let process = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read(format!("/proc/{process}/stat")).ok()?;
            Some((process, parent_in(&stat)?))
        })
        .collect()
}

#[cfg(not(target_os = "linux"))]
fn parents() -> Vec<(i32, i32)> {
    Vec::new()
}

/// The fourth field of proc(5)'s `stat`. The second is the program's name in brackets, and may hold anything.
#[cfg(target_os = "linux")]
fn parent_in(stat: &[u8]) -> Option<i32> {
    let name_end = stat.iter().rposition(|&byte| byte == b')')?;
    let rest = std::str::from_utf8(&stat[name_end + 1..]).ok()?;
    rest.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descendants_are_found_at_any_depth_and_nothing_else() {
        let parents = [(1, 0), (7, 2), (2, 1), (5, 7), (3, 1), (9, 3), (4, 7)];
        assert_eq!(of(2, &parents), [7, 5, 4]);
        assert_eq!(of(5, &parents), [0; 0]);
        assert_eq!(of(0, &[(0, 0), (1, 0)]), [1]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_named_like_a_stat_line_does_not_mislead() {
        assert_eq!(parent_in(b"42 (a) R 7 (b)) S 13 42 42 0"), Some(13));
        assert_eq!(parent_in(b"42 (\xff\xfe) S 13 42"), Some(13));
        assert_eq!(parent_in(b""), None);
    }
}
