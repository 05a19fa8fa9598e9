//! The store on a real disk.

use std::fs;
use std::path::Path;

use super::Store;
use crate::adapters::journal;
use crate::adapters::store_error::StoreError;
use crate::model::id::RunId;
use crate::model::sample;

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path());
    (folder, store)
}

fn run_at(second: i64, salt: u16) -> RunId {
    RunId::new(sample::at(second), salt)
}

fn add(store: &Store, run: &RunId) {
    store
        .new_run(run, "version = 1\n", &sample::start(1))
        .unwrap();
}

#[test]
fn a_run_appears_with_its_plan_its_journal_and_the_link() {
    let (_folder, store) = store();
    let run = store
        .new_run(&sample::run(), "version = 1\n", &sample::start(2))
        .unwrap();
    assert_eq!(fs::read_to_string(run.plan()).unwrap(), "version = 1\n");
    assert_eq!(journal::history(&run.journal()).unwrap().units.len(), 2);
    assert!(run.logs_folder().is_dir());
    assert_eq!(
        fs::read_link(store.root().join("latest")).unwrap(),
        Path::new("runs/20260102T030405Z-0a1b")
    );
    let names: Vec<_> = fs::read_dir(store.root().join("runs")).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[test]
fn a_run_of_the_same_id_is_refused_and_the_first_is_kept() {
    let (_folder, store) = store();
    add(&store, &sample::run());
    let again = store.new_run(&sample::run(), "other", &sample::start(1));
    assert!(matches!(again, Err(StoreError::Io { .. })));
    let run = store.find(None).unwrap();
    assert_eq!(fs::read_to_string(run.plan()).unwrap(), "version = 1\n");
    assert_eq!(fs::read_dir(store.root().join("runs")).unwrap().count(), 1);
}

#[test]
fn runs_are_sorted_and_what_is_no_run_is_passed_over() {
    let (_folder, store) = store();
    assert_eq!(store.runs().unwrap(), []);
    let (early, late) = (run_at(0, 9), run_at(5, 1));
    add(&store, &late);
    add(&store, &early);
    fs::create_dir(store.root().join("runs/.new-abc")).unwrap();
    fs::write(store.root().join("runs/notes"), "").unwrap();
    assert_eq!(store.runs().unwrap(), [early, late]);
}

#[test]
fn the_latest_run_is_the_last_one_made_or_without_the_link_the_last_by_id() {
    let (_folder, store) = store();
    assert!(matches!(store.find(None), Err(StoreError::NoRuns)));
    let (early, late) = (run_at(0, 9), run_at(5, 1));
    add(&store, &late);
    add(&store, &early);
    assert_eq!(*store.find(None).unwrap().run(), early);
    fs::remove_file(store.root().join("latest")).unwrap();
    assert_eq!(*store.find(None).unwrap().run(), late);
}

#[test]
fn a_run_is_found_by_its_id_its_beginning_or_its_end() {
    let (_folder, store) = store();
    let (one, two) = (run_at(0, 0x0a1b), run_at(5, 0xffff));
    add(&store, &one);
    add(&store, &two);
    for wanted in [one.as_str(), "20260102T030405", "0a1b", "-0a1b"] {
        assert_eq!(*store.find(Some(wanted)).unwrap().run(), one, "{wanted}");
    }
}

#[test]
fn a_name_that_fits_no_run_or_several_is_an_error_that_lists_them() {
    let (_folder, store) = store();
    assert!(matches!(store.find(Some("0a1b")), Err(StoreError::NoRuns)));
    for second in 0..5 {
        add(&store, &run_at(second, 0x0a1b));
    }
    let several = store.find(Some("0a1b")).unwrap_err().to_string();
    assert_eq!(
        several,
        "`0a1b` could be several runs: 20260102T030405Z-0a1b, 20260102T030406Z-0a1b, 20260102T030407Z-0a1b and 2 more"
    );
    let none = store.find(Some("20260102T030407Z-0a1c")).unwrap_err();
    assert!(
        none.to_string()
            .starts_with("no run `20260102T030407Z-0a1c`; there are 20260102T030407Z-0a1b, "),
        "{none}"
    );
    for odd in ["", "../..", "\u{1b}[31m"] {
        let error = store.find(Some(odd)).unwrap_err();
        assert!(matches!(error, StoreError::NoSuchRun { .. }), "{error}");
        assert!(!error.to_string().contains('\u{1b}'));
    }
}

#[test]
fn plans_of_the_same_name_do_not_overwrite_each_other() {
    let (_folder, store) = store();
    let name = "Rename frob() to frobnicate!";
    let first = store.save_plan(name, "1").unwrap();
    let second = store.save_plan(name, "2").unwrap();
    assert_eq!(
        first,
        store.root().join("plans/rename-frob-to-frobnicate.toml")
    );
    assert_eq!(
        second,
        store.root().join("plans/rename-frob-to-frobnicate-2.toml")
    );
    assert_eq!(fs::read_to_string(first).unwrap(), "1");
    assert!(
        store
            .save_plan("…", "3")
            .unwrap()
            .ends_with("plans/plan.toml")
    );
}

#[test]
fn only_the_latest_files_of_research_are_kept() {
    let (_folder, store) = store();
    for number in 0..25 {
        let log = store.research_log(&format!("r{number}")).unwrap();
        fs::write(&log, "").unwrap();
        let written = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000 + number);
        let file = fs::File::options().write(true).open(&log).unwrap();
        file.set_modified(written).unwrap();
    }
    let log = store.research_log("next").unwrap();
    let left = fs::read_dir(log.parent().unwrap()).unwrap();
    let mut names: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names.len(), 20);
    assert!(!names.contains(&"r4.log".into()) && names.contains(&"r5.log".into()));
}
