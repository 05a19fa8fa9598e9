//! [`Residents`]: which processes stand in a folder, so that it is not removed under them. Linux only; elsewhere nobody is
//! seen.

use std::path::{Path, PathBuf};

/// The processes of this machine that may be seen, and where each stands.
#[derive(Debug, Default)]
pub struct Residents(Vec<Resident>);

/// A process, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resident {
    /// Its id.
    pub pid: u32,
    /// Its name.
    pub name: String,
    folder: PathBuf,
}

impl Residents {
    /// Looks at all of them, once.
    #[must_use]
    pub fn look() -> Self {
        if !cfg!(target_os = "linux") {
            return Self::default();
        }
        let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        Self(
            entries
                .filter_map(|entry| {
                    let pid = entry.file_name().to_str()?.parse().ok()?;
                    let folder = std::fs::read_link(entry.path().join("cwd")).ok()?;
                    let name = std::fs::read_to_string(entry.path().join("comm"));
                    Some(Resident {
                        pid,
                        name: name.unwrap_or_default().trim_end().to_owned(),
                        folder,
                    })
                })
                .collect(),
        )
    }

    /// One that stands in the folder or below it.
    #[must_use]
    pub fn below(&self, folder: &Path) -> Option<&Resident> {
        self.0
            .iter()
            .find(|resident| resident.folder.starts_with(folder))
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::Residents;

    #[test]
    fn this_process_stands_where_it_is_and_nobody_in_a_new_folder() {
        let seen = Residents::look();
        let here = std::env::current_dir().unwrap();
        assert!(seen.below(&here).is_some());
        let empty = tempfile::tempdir().unwrap();
        assert_eq!(seen.below(empty.path()), None);
    }
}
