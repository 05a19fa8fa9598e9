//! Requests to the process that works on a run, as files in the folder `control/` of the run: [`FileControls`] for that
//! process, [`Asked`] for who asks.
//!
//! Files need no path short enough for a socket, and pass between containers. Each appears complete, by rename. The
//! worker says by `watched-by` that it looks, takes each request up once, writes the answer and removes the request; what
//! an earlier process left is removed before that, so that nothing stale acts on it.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::adapters::atomic;
use crate::adapters::store_error::StoreError;
use crate::engine::ports::Controls;
use crate::model::control::{Answer, CONTROL_VERSION, Request, RequestId, Wish};

/// The file that names the process which takes requests.
const WATCHED_BY: &str = "watched-by";

/// A request is not longer, in bytes: it names units, and perhaps holds a note.
const LONGEST: u64 = 1 << 20;

/// The requests of other processes, as the one that works on a run gets them.
#[derive(Debug)]
pub struct FileControls {
    /// None once it is closed, or where it could not be opened.
    folder: Option<PathBuf>,
    /// What was taken up, should its file not go away.
    known: HashSet<RequestId>,
}

impl FileControls {
    /// Forgets what an earlier process left in the folder, and says that this one looks from now on.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the folder cannot be made or written to.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let open = || {
            fs::create_dir_all(folder)?;
            for entry in fs::read_dir(folder)? {
                fs::remove_file(entry?.path())?;
            }
            let own = format!("{}\n", std::process::id());
            atomic::replace(&folder.join(WATCHED_BY), own.as_bytes())
        };
        open().map_err(StoreError::io("opening", folder))?;
        Ok(Self {
            folder: Some(folder.to_owned()),
            known: HashSet::new(),
        })
    }

    /// Controls that bring nothing.
    #[must_use]
    pub fn none() -> Self {
        Self {
            folder: None,
            known: HashSet::new(),
        }
    }

    /// The requests of the folder that were not taken up yet, with their files, the oldest first.
    fn waiting(&self) -> Vec<(RequestId, PathBuf)> {
        let entries = self.folder.iter().flat_map(fs::read_dir);
        let mut waiting: Vec<(RequestId, PathBuf)> = entries
            .flat_map(Iterator::flatten)
            .filter_map(|entry| Some((request_id(entry.file_name().to_str()?)?, entry.path())))
            .filter(|(id, _)| !self.known.contains(id))
            .collect();
        waiting.sort();
        waiting
    }
}

impl Controls for FileControls {
    fn take(&mut self) -> Vec<Request> {
        let mut requests = Vec::new();
        for (id, path) in self.waiting() {
            self.known.insert(id.clone());
            match read(&path, &id) {
                Ok(request) => requests.push(request),
                Err(why) => self.answer(&id, &Answer::NotUnderstood { why }),
            }
        }
        requests
    }

    fn answer(&mut self, id: &RequestId, answer: &Answer) {
        let Some(folder) = &self.folder else {
            return;
        };
        let text = serde_json::to_vec(answer).expect("answers have text keys only");
        // Who asked sees by the run's journal, too, what came of it.
        let _ = atomic::create(&answer_file(folder, id), &text);
        let _ = fs::remove_file(request_file(folder, id));
    }

    fn close(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = fs::remove_file(folder.join(WATCHED_BY));
        }
        for (id, _) in self.waiting() {
            self.answer(&id, &Answer::Ending);
        }
        self.folder = None;
    }
}

/// A request that was made.
#[derive(Debug)]
pub struct Asked {
    folder: PathBuf,
    id: RequestId,
    text: Vec<u8>,
}

impl Asked {
    /// Asks the process that works on the run whose control folder this is.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the request cannot be written.
    pub fn new(folder: &Path, id: RequestId, wish: Wish) -> Result<Self, StoreError> {
        let request = Request {
            version: CONTROL_VERSION,
            id: id.clone(),
            wish,
        };
        let asked = Self {
            folder: folder.to_owned(),
            id,
            text: serde_json::to_vec(&request).expect("requests have text keys only"),
        };
        asked.write()?;
        Ok(asked)
    }

    /// The answer, once it is there.
    ///
    /// # Errors
    /// [`StoreError::Io`] when it cannot be read, or the request not be written again.
    pub fn answer(&self) -> Result<Option<Answer>, StoreError> {
        // Looked at first: the answer is there before the request goes.
        let is_asked = request_file(&self.folder, &self.id).exists();
        let path = answer_file(&self.folder, &self.id);
        match fs::read(&path) {
            Ok(text) => {
                // What stays of it is removed when the run is next gone on with.
                let _ = fs::remove_file(&path);
                let answer = serde_json::from_slice(&text).map_err(io::Error::other);
                answer.map(Some).map_err(StoreError::io("reading", &path))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if !is_asked {
                    // A process that had just begun took it for one of the time before.
                    self.write()?;
                }
                Ok(None)
            }
            Err(error) => Err(StoreError::io("reading", &path)(error)),
        }
    }

    /// Takes the request back.
    pub fn withdraw(self) {
        // Nobody looks any more, and who looks next removes what is there.
        let _ = fs::remove_file(request_file(&self.folder, &self.id));
    }

    fn write(&self) -> Result<(), StoreError> {
        let path = request_file(&self.folder, &self.id);
        atomic::replace(&path, &self.text).map_err(StoreError::io("writing", &path))
    }
}

/// The process that takes requests, as it says of itself; none where nobody does.
#[must_use]
pub fn watcher(folder: &Path) -> Option<u32> {
    let text = fs::read_to_string(folder.join(WATCHED_BY)).ok()?;
    text.trim_end().parse().ok()
}

/// A request as its file has it, or why it cannot be taken up.
fn read(path: &Path, id: &RequestId) -> Result<Request, String> {
    let length = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if length > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    let text = fs::read(path).map_err(|error| error.to_string())?;
    let value: serde_json::Value =
        serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    let version = value["version"].as_u64().unwrap_or_default();
    if version > u64::from(CONTROL_VERSION) {
        return Err(format!(
            "it is of version {version}, of a newer batch than the one that works on the run"
        ));
    }
    let request: Request = serde_json::from_value(value).map_err(|error| error.to_string())?;
    if request.id == *id {
        Ok(request)
    } else {
        Err("its name is another one's".to_owned())
    }
}

fn request_file(folder: &Path, id: &RequestId) -> PathBuf {
    folder.join(format!("request-{id}.json"))
}

fn answer_file(folder: &Path, id: &RequestId) -> PathBuf {
    folder.join(format!("answer-{id}.json"))
}

fn request_id(name: &str) -> Option<RequestId> {
    RequestId::parse(name.strip_prefix("request-")?.strip_suffix(".json")?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{Asked, FileControls, request_file, watcher};
    use crate::engine::ports::Controls;
    use crate::model::control::{Answer, RequestId, Wish};
    use crate::model::sample;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let run = tempfile::tempdir().unwrap();
        let control = run.path().join("control");
        (run, control)
    }

    fn id(second: i64) -> RequestId {
        RequestId::new(sample::at(second), 1)
    }

    fn stop() -> Wish {
        Wish::Stop {
            units: Vec::new(),
            now: false,
        }
    }

    #[test]
    fn a_request_is_taken_once_and_its_answer_heard_once() {
        let (_run, folder) = folder();
        let mut controls = FileControls::open(&folder).unwrap();
        assert_eq!(watcher(&folder), Some(std::process::id()));
        assert!(controls.take().is_empty());
        let later = Asked::new(&folder, id(2), stop()).unwrap();
        let asked = Asked::new(&folder, id(1), stop()).unwrap();
        assert_eq!(asked.answer().unwrap(), None);
        let taken: Vec<RequestId> = controls.take().into_iter().map(|one| one.id).collect();
        assert_eq!(taken, [id(1), id(2)]);
        assert!(controls.take().is_empty());
        controls.answer(&id(1), &Answer::Stopping);
        assert_eq!(asked.answer().unwrap(), Some(Answer::Stopping));
        assert_eq!(later.answer().unwrap(), None);
        controls.close();
        assert_eq!(watcher(&folder), None);
    }

    #[test]
    fn what_is_asked_while_it_closes_hears_that_it_is_too_late() {
        let (_run, folder) = folder();
        let mut controls = FileControls::open(&folder).unwrap();
        let asked = Asked::new(&folder, id(1), stop()).unwrap();
        controls.close();
        assert_eq!(asked.answer().unwrap(), Some(Answer::Ending));
        let late = Asked::new(&folder, id(2), stop()).unwrap();
        assert!(controls.take().is_empty());
        assert_eq!(late.answer().unwrap(), None);
        late.withdraw();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    }

    #[test]
    fn a_request_to_a_dead_process_does_not_act_on_the_next_unless_somebody_still_waits() {
        let (_run, folder) = folder();
        drop(FileControls::open(&folder).unwrap());
        let asked = Asked::new(&folder, id(1), stop()).unwrap();
        let mut next = FileControls::open(&folder).unwrap();
        assert!(next.take().is_empty());
        assert_eq!(asked.answer().unwrap(), None);
        assert_eq!(next.take().len(), 1);
    }

    #[test]
    fn what_is_no_request_is_answered_so_and_does_no_harm() {
        let (_run, folder) = folder();
        let mut controls = FileControls::open(&folder).unwrap();
        let newer = format!(r#"{{"version":2,"id":"{}","wish":"dance"}}"#, id(4));
        let other = format!(r#"{{"version":1,"id":"{}","wish":"stop"}}"#, id(9));
        for (second, text) in [(3, "{"), (4, &newer), (5, &other), (6, "[]")] {
            fs::write(request_file(&folder, &id(second)), text).unwrap();
        }
        fs::write(folder.join(".new-abc"), "half").unwrap();
        assert!(controls.take().is_empty());
        for (second, words) in [
            (3, "EOF"),
            (4, "newer"),
            (5, "another"),
            (6, "expected struct"),
        ] {
            let path = folder.join(format!("answer-{}.json", id(second)));
            let answer = fs::read_to_string(path).unwrap();
            assert!(answer.contains(words), "{answer}");
            assert!(!request_file(&folder, &id(second)).exists());
        }
    }

    #[test]
    fn a_folder_that_cannot_be_had_is_named() {
        let (run, folder) = folder();
        fs::write(&folder, "in the way").unwrap();
        let error = FileControls::open(&folder).unwrap_err();
        assert!(error.to_string().starts_with("opening "), "{error}");
        assert!(FileControls::none().take().is_empty());
        drop(run);
    }
}
