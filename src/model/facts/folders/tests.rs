//! Folders of made-up trees.

use super::{FolderTree, LINES_MAX, Order, Standing};
use crate::model::facts::sample::tree;
use crate::model::path::RepoPath;
use crate::model::tree::TreeFile;

fn told(paths: &[&str], openings: usize) -> Vec<String> {
    let mut files = tree(paths);
    files.sort_unstable();
    let files: Vec<&TreeFile> = files.iter().collect();
    let sizes = vec![Some(1); files.len()];
    let tree = FolderTree::of(&files, &sizes, Order::SourcesFirst);
    let mut left = openings;
    let lines = tree.lines(|_| {
        let fits = left > 0;
        left = left.saturating_sub(1);
        fits
    });
    let lines = lines.iter().map(|line| match line.summed {
        None => format!("{}/ {}", line.folder, line.files),
        Some(folders) => format!("{}/… {folders}: {}", line.folder, line.files),
    });
    lines.collect()
}

#[test]
fn the_folder_with_most_files_is_opened_first() {
    let paths = [
        "z", "a/1/x", "a/2/x", "a/2/y", "a/3", "a/4", "a-b/x", "b/1/x", "b/2/x", "b/3", "b/4",
        "c/d/x", "c/x",
    ];
    assert_eq!(told(&paths, 0), [""; 0]);
    assert_eq!(told(&paths, 1), ["a-b/ 1", "a/ 5", "b/ 4", "c/ 2"]);
    assert_eq!(
        told(&paths, 2),
        ["a-b/ 1", "a/ 5", "a/1/ 1", "a/2/ 2", "b/ 4", "c/ 2"]
    );
    let all = [
        "a-b/ 1", "a/ 5", "a/1/ 1", "a/2/ 2", "b/ 4", "b/1/ 1", "b/2/ 1", "c/ 2",
    ];
    assert_eq!(told(&paths, 9), all);
}

#[test]
fn folders_that_hold_one_folder_are_told_as_one() {
    let paths = [
        "src/main/java/com/A.java",
        "src/main/java/com/B.java",
        "src/main/java/com/C.java",
        "src/main/java/com/x/D.java",
        "t/u/a",
    ];
    assert_eq!(
        told(&paths, 9),
        ["src/main/java/com/ 4", "src/main/java/com/x/ 1", "t/u/ 1"]
    );
}

#[test]
fn vendored_folders_stay_closed_and_tests_are_opened_after_sources() {
    let of = |folder: &str, count: usize| -> Vec<String> {
        (0..count).map(|file| format!("{folder}/{file}")).collect()
    };
    let paths = [
        of("src/a", 2),
        of("src/b", 3),
        of("tests/a", 40),
        of("tests/b", 44),
        of("vendor/a", 50),
        of("vendor/b", 50),
        (0..60)
            .map(|file| format!("img/{}/{file}.png", file % 2))
            .collect(),
    ]
    .concat();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let first = [
        "img/ 60",
        "src/ 5",
        "src/a/ 2",
        "src/b/ 3",
        "tests/ 84",
        "vendor/ 100",
    ];
    assert_eq!(told(&paths, 2), first);
    assert_eq!(told(&paths, 9).len(), 8);
    let files = tree(&["vendor/a"]);
    let lines = FolderTree::of(&[&files[0]], &[None], Order::SourcesFirst);
    let lines = lines.lines(|_| true);
    assert_eq!(
        (lines[0].standing, lines[0].bytes),
        (Standing::Vendored, None)
    );
}

#[test]
fn many_small_folders_are_summed() {
    let paths: Vec<String> = (0..100)
        .map(|number| format!("a/{number:03}/x"))
        .chain((0..9).map(|number| format!("a/050/{number}")))
        .chain(["b".to_owned()])
        .collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let lines = told(&paths, 9);
    assert_eq!(lines.len(), 26);
    assert_eq!(
        (lines[0].as_str(), lines[25].as_str()),
        ("a/ 109", "a/… 76: 76")
    );
    assert!(lines.contains(&"a/050/ 10".to_owned()));
}

#[test]
fn an_empty_tree_and_a_single_file_have_no_folders() {
    assert!(told(&[], 9).is_empty() && told(&["a"], 9).is_empty());
    assert_eq!(
        FolderTree::of(&[], &[], Order::SourcesFirst).root().files,
        0
    );
}

#[test]
fn fifty_thousand_files_stay_within_the_lines() {
    let files: Vec<TreeFile> = (0..50_000_u32)
        .map(|n| TreeFile {
            path: RepoPath::new(format!(
                "p{:02}/q{:02}/r{}/f{n:05}.ts",
                n / 2000,
                n / 100 % 20,
                n % 7
            )),
            ..tree(&["x"]).remove(0)
        })
        .collect();
    let mut files: Vec<&TreeFile> = files.iter().collect();
    files.sort_unstable();
    let tree = FolderTree::of(&files, &vec![Some(2); 50_000], Order::LargestFirst);
    let lines = tree.lines(|_| true);
    assert!(
        (LINES_MAX - 30..LINES_MAX).contains(&lines.len()),
        "{}",
        lines.len()
    );
    let top: usize = lines
        .iter()
        .filter(|line| line.summed.is_some() || !line.folder.as_bytes().contains(&b'/'))
        .filter(|line| line.summed.is_none())
        .map(|line| line.files)
        .sum();
    assert_eq!((top, tree.root().bytes), (50_000, Some(100_000)));
}
