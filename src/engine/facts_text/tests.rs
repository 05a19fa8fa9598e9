//! What is told of made-up repositories, and that it is never longer than it may be.

use snapbox::{assert_data_eq, str};

use super::{USUAL_ROOM, render};
use crate::model::facts::{Contents, Facts, FileCandidate};
use crate::model::id::ObjectId;
use crate::model::path::RepoPath;
use crate::model::tree::{Mode, TreeFile};

fn tree(paths: impl IntoIterator<Item = RepoPath>) -> Vec<TreeFile> {
    let mut files: Vec<TreeFile> = paths
        .into_iter()
        .map(|path| TreeFile {
            path,
            mode: Mode::File,
            id: ObjectId::new("0"),
        })
        .collect();
    files.sort_unstable();
    files
}

fn facts(files: &[(&str, &str)], given: Option<&[&str]>) -> Facts {
    let tree = tree(files.iter().map(|(path, _)| RepoPath::from(*path)));
    let mut contents = Contents::default();
    for (path, text) in files {
        contents.insert((*path).into(), text.as_bytes());
    }
    let sizes = vec![Some(1500); tree.len()];
    let given = given.map(|given| {
        let file = |path: &&str| FileCandidate::of((*path).into(), b"1\n2\n");
        given.iter().map(file).collect()
    });
    Facts::of(&tree, &sizes, &contents, given)
}

#[test]
fn a_small_workspace_is_told_in_full() {
    let facts = facts(
        &[
            (".github/CODEOWNERS", "# us\n* @all\n/packages/a @a `x`\n"),
            (
                "package.json",
                r#"{"workspaces":["packages/*"],"scripts":{"test":"x"}}"#,
            ),
            ("package-lock.json", ""),
            ("packages/a/index.ts", "export * from './a';"),
            (
                "packages/a/package.json",
                r#"{"name":"@x/a","scripts":{"test":"x"}}"#,
            ),
            ("packages/a/a.ts", ""),
            ("packages/a/b.ts", ""),
            (
                "packages/b/package.json",
                r#"{"name":"@x/b","scripts":{"test":"x"}}"#,
            ),
            ("vendor/lib/x.js", ""),
        ],
        Some(&["packages/a/a.ts", "packages/a/b.ts"]),
    );
    assert_data_eq!(
        render(&facts, USUAL_ROOM),
        str![[r###"
## The repository at its base

Found by names and a few files' contents, before anybody read the code: a start, not the truth.

9 files, 14 kB. JSON 4 files (6.0 kB), TypeScript 3 files (4.5 kB).

## Commands

- Setup: `npm ci` (usual with `package.json`)
- Test: `npm test` (`package.json`)

## Candidates

2 files. Each belongs in exactly one unit, or is left out with a reason.
After each name: its lines.

- `packages/a/`: `a.ts` 2, `b.ts` 2

## Folders

Each with all that is below it; the largest are opened.

- `.github/` 1 file, 1.5 kB
- `packages/` 5 files, 7.5 kB, TypeScript, JSON
- `packages/a/` 4 files, 6.0 kB, TypeScript, JSON
- `packages/b/` 1 file, 1.5 kB, JSON
- `vendor/lib/` 1 file, 1.5 kB, vendored by its name

## Packages

2 members, declared in `package.json`. One alone is tested by `npm test --workspace FOLDER`.

- `packages/a/` `@x/a` 4 files, tested so
- `packages/b/` `@x/b` 1 file, tested so

## Shared files

Found by name and place. Each that the change needs belongs to one unit only.

- Manifests: `package.json`, `packages/a/package.json`, `packages/b/package.json`
- Lockfiles: `package-lock.json`
- Barrels, package fronts, module lists: `packages/a/index.ts`

## Owners

`.github/CODEOWNERS`: 2 rules; the last that matches a path counts.

```text
* @all
/packages/a @a `x`
```


"###]]
    );
}

#[test]
fn an_odd_candidate_is_quoted_on_a_line_of_its_own() {
    let given = [FileCandidate::of(RepoPath::new(*b"a/caf\xe9`\x1b"), b"1")];
    let facts = Facts::of(&[], &[], &Contents::default(), Some(given.to_vec()));
    let text = render(&facts, USUAL_ROOM);
    assert!(text.contains("\n- ``\"a/caf\\351`\\033\"`` 1\n"), "{text}");
}

#[test]
fn no_facts_can_be_told_as_well() {
    assert_data_eq!(
        render(&facts(&[], None), USUAL_ROOM),
        str![[r#"
## The repository at its base

Found by names and a few files' contents, before anybody read the code: a start, not the truth.

0 files, 0 B.

## Commands

None was found.

## Candidates

None is given. 0 files could be concerned: all but what is vendored, generated or a lockfile.


"#]]
    );
}

#[test]
fn candidates_that_do_not_fit_are_told_by_folder() {
    let paths =
        (0..3000).map(|n| RepoPath::new(format!("src/part{:02}/component_number_{n}.tsx", n % 40)));
    let files = tree(paths);
    let given: Vec<FileCandidate> = files
        .iter()
        .map(|file| FileCandidate::of(file.path.clone(), b"1\n"))
        .collect();
    let facts = Facts::of(
        &files,
        &vec![Some(1); 3000],
        &Contents::default(),
        Some(given),
    );
    let text = render(&facts, USUAL_ROOM);
    assert!(
        text.contains("\n3000 files. Each belongs in exactly one unit"),
        "{text}"
    );
    assert!(text.contains("- `src/part00/` 75 files, 150 B"), "{text}");
    assert!(text.contains("- `src/part39/` 75 files"), "{text}");
}

#[test]
fn whatever_the_repository_it_fits_the_room() {
    let long = "x".repeat(4000);
    let odd = |n: usize| match n % 7 {
        0 => RepoPath::new(format!("p{n}/package.json")),
        1 => RepoPath::new(format!("p{}/{long}/index.ts", n % 50)),
        2 => RepoPath::new([b"caf\xe9/".as_slice(), n.to_string().as_bytes()].concat()),
        3 => RepoPath::new(format!("src/`{n}`\n/routes.ts")),
        4 => RepoPath::new(format!("packages/{n}/Cargo.toml")),
        5 => RepoPath::new(format!("tests/fixtures/{n}")),
        _ => RepoPath::new(format!("{n}.rs")),
    };
    for count in [1, 30, 2000] {
        let files = tree((0..count).map(odd));
        let mut contents = Contents::default();
        contents.insert(
            "CODEOWNERS".into(),
            format!("* {long}\n").repeat(500).as_bytes(),
        );
        contents.insert("package.json".into(), br#"{"workspaces":["**"]}"#);
        let given: Vec<FileCandidate> = files
            .iter()
            .map(|file| FileCandidate::of(file.path.clone(), b"\0"))
            .collect();
        for given in [None, Some(given)] {
            let facts = Facts::of(&files, &vec![None; files.len()], &contents, given);
            for room in [1000, 2500, 8000, USUAL_ROOM, 200_000] {
                let length = render(&facts, room).chars().count();
                assert!(length <= room, "{length} of {room} for {count} files");
            }
        }
    }
}
