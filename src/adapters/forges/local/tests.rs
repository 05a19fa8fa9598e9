//! The local forge on a real disk.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::{LocalForge, LocalForgeError, file_url};
use crate::engine::ports::{Clock, Forge};
use crate::model::mark::Mark;
use crate::model::pull::{NewPull, PullState};
use crate::model::sample;
use crate::model::wishes::Extras;

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        sample::at(0)
    }
}

fn forge(folder: &Path) -> LocalForge {
    LocalForge::new(folder, Arc::new(Still))
}

fn new_pull(head: &str) -> NewPull {
    NewPull {
        title: "rename: src".to_owned(),
        body: "body\n".to_owned(),
        head: head.to_owned(),
        head_commit: sample::commit("c"),
        base: "main".to_owned(),
        draft: false,
        mark: Mark {
            run: sample::run(),
            unit: sample::id("unit-1"),
            plan: None,
            commit: None,
        },
        extras: Extras {
            labels: vec!["batch".to_owned()],
            ..Extras::default()
        },
    }
}

fn pull_file(folder: &Path, number: u64) -> std::path::PathBuf {
    folder.join(format!("batch/forge/pulls/{number:04}.json"))
}

#[tokio::test]
async fn a_pull_request_is_a_file_that_anybody_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let pull = forge(folder.path()).open(&new_pull("b/one")).await.unwrap();
    let path = pull_file(folder.path(), 1);
    let text: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(text["version"], 1);
    assert_eq!(text["state"], "open");
    assert_eq!(text["head"], "b/one");
    assert_eq!(pull.url.as_deref(), Some(file_url(&path).as_str()));
    assert_eq!(forge(folder.path()).get(1).await.unwrap(), pull);
}

#[tokio::test]
async fn nothing_is_written_before_the_first_pull_request() {
    let folder = tempfile::tempdir().unwrap();
    let forge = forge(folder.path());
    assert_eq!(forge.list().await.unwrap(), []);
    assert_eq!(forge.find("b/one").await.unwrap(), None);
    assert!(matches!(
        forge.pull(1).await,
        Err(LocalForgeError::NoSuchPull(1))
    ));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn an_open_pull_request_is_found_before_a_finished_one() {
    let folder = tempfile::tempdir().unwrap();
    let forge = forge(folder.path());
    forge.open(&new_pull("b/one")).await.unwrap();
    forge.close(1).await.unwrap();
    let found = forge.find("b/one").await.unwrap().unwrap();
    assert_eq!((found.number, found.state), (1, PullState::Closed));
    forge.open(&new_pull("b/one")).await.unwrap();
    forge.open(&new_pull("b/other")).await.unwrap();
    assert_eq!(forge.find("b/one").await.unwrap().unwrap().number, 2);
}

#[tokio::test]
async fn a_branch_has_one_open_pull_request_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let forge = forge(folder.path());
    forge.open(&new_pull("b/one")).await.unwrap();
    let error = forge.open(&new_pull("b/one")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "opening the pull request: pull request #1 is open for branch b/one"
    );
    assert_eq!(forge.list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_refreshed_pull_request_keeps_its_number_and_day() {
    let folder = tempfile::tempdir().unwrap();
    let forge = forge(folder.path());
    let before = forge.open(&new_pull("b/one")).await.unwrap();
    let mut new = new_pull("b/one");
    new.head_commit = sample::commit("d");
    new.title = "better".to_owned();
    let after = forge.refresh(1, &new).await.unwrap();
    assert_eq!(after.head_commit, sample::commit("d"));
    assert_eq!(after.title, "better");
    assert_eq!((after.number, after.created), (1, before.created));
    assert_eq!(forge.list().await.unwrap(), [after]);
}

#[tokio::test]
async fn what_is_merged_stays_merged() {
    let folder = tempfile::tempdir().unwrap();
    let forge = forge(folder.path());
    forge.open(&new_pull("b/one")).await.unwrap();
    let commit = sample::commit("e");
    let merged = forge.record_merge(1, Some(commit.clone())).await.unwrap();
    assert_eq!(merged.merge_commit, Some(commit));
    let error = forge.close(1).await.unwrap_err();
    assert_eq!(error.to_string(), "pull request #1 is merged");
    assert!(forge.refresh(1, &new_pull("b/one")).await.is_err());
    assert_eq!(forge.pull(1).await.unwrap(), merged);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let forge = forge(folder.path());
    forge.open(&new_pull("b/one")).await.unwrap();
    let path = pull_file(folder.path(), 1);
    let whole = fs::read_to_string(&path).unwrap();
    for (text, words) in [
        ("{}".to_owned(), "is damaged: missing field `version`"),
        (whole[..40].to_owned(), "is damaged: EOF"),
        (
            "{\"version\": 2, \"pr\": 1}".to_owned(),
            "has format version 2",
        ),
        (
            whole.replace("\"number\": 1", "\"number\": 9"),
            "is damaged: it says that it is #9",
        ),
    ] {
        fs::write(&path, text).unwrap();
        for error in [
            forge.list().await.unwrap_err().to_string(),
            forge.find("b/one").await.unwrap_err().to_string(),
            forge
                .open(&new_pull("b/two"))
                .await
                .unwrap_err()
                .to_string(),
        ] {
            assert!(
                error.contains("0001.json") && error.contains(words),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn other_files_in_the_folder_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let forge = forge(folder.path());
    forge.open(&new_pull("b/one")).await.unwrap();
    for name in [".new-x", "notes.txt", "1.json", "+002.json", "x.json"] {
        fs::write(pull_file(folder.path(), 1).with_file_name(name), "?").unwrap();
    }
    assert_eq!(forge.list().await.unwrap().len(), 1);
    assert_eq!(forge.open(&new_pull("b/two")).await.unwrap().number, 2);
}

#[test]
fn eight_threads_at_once_get_the_numbers_from_one_up() {
    const THREADS: usize = 8;
    const EACH: usize = 6;
    let folder = tempfile::tempdir().unwrap();
    let open_some = |thread: usize| {
        // A forge and a runtime of its own, as another process would have.
        let forge = forge(folder.path());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let open = |n| runtime.block_on(forge.open(&new_pull(&format!("b/{thread}-{n}"))));
        (0..EACH)
            .map(|n| open(n).unwrap().number)
            .collect::<Vec<_>>()
    };
    let numbers: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| scope.spawn(move || open_some(thread)))
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    let distinct: BTreeSet<u64> = numbers.iter().copied().collect();
    assert_eq!(numbers.len(), THREADS * EACH);
    assert!(distinct.into_iter().eq(1..=(THREADS * EACH) as u64));
}

#[test]
fn a_url_can_name_any_path() {
    assert_eq!(
        file_url(Path::new("/a b/(c)/é#?%.json")),
        "file:///a%20b/%28c%29/%C3%A9%23%3F%25.json"
    );
}
