//! What a test looks at after a run: blobs, trees and merges in the remote, units of the report, tools of its own.

use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::sandbox::Sandbox;

/// A file of a tree: mode, object id and path, as `git ls-tree` has them.
pub type Listed = (String, String, Vec<u8>);

impl Sandbox {
    /// Writes a program outside the repository, and gives its path as a shell takes it.
    pub fn tool(&self, name: &str, script: &str) -> String {
        let path = self.path("home").join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        format!("'{}'", path.display())
    }

    /// A new folder outside the repository, where tools leave what the test reads.
    pub fn records(&self) -> PathBuf {
        let path = self.path("records");
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    /// A file that a tool recorded.
    #[track_caller]
    pub fn recorded(&self, name: &str) -> String {
        let path = self.path("records").join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Writes a plan with one unit for each of these folders, and gives its path.
    pub fn folder_plan(&self, change: &str, units: &[(&str, &[&str])]) -> PathBuf {
        let base = self.git(["rev-parse", "HEAD"]);
        let mut text = format!(
            "version = 1\nno-test = true\n[change]\ndescription = \"change the folders\"\n{change}\n\
             [base]\nref = \"main\"\ncommit = \"{base}\"\n"
        );
        for (id, paths) in units {
            text.push_str(&format!(
                "[[units]]\nid = \"{id}\"\ntitle = \"{id}\"\ntask = \"Change {id}.\"\npaths = {paths:?}\n"
            ));
        }
        let path = self.path("plan.toml");
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The unit's entry in the last run's report.
    #[track_caller]
    pub fn unit(&self, id: &str) -> serde_json::Value {
        let report = self.report();
        let units = report["units"].as_array().unwrap();
        let found = units.iter().find(|unit| unit["id"] == id);
        found
            .unwrap_or_else(|| panic!("no unit {id} in {report:#}"))
            .clone()
    }

    /// The step and cause with which a unit of the last run failed.
    #[track_caller]
    pub fn failure(&self, id: &str) -> (String, String) {
        let unit = self.unit(id);
        let text = |key: &str| unit["failure"][key].as_str().unwrap_or("").to_owned();
        (text("step"), text("cause"))
    }

    /// A file of a commit in the remote, byte for byte.
    #[track_caller]
    pub fn blob(&self, rev: &str, path: impl AsRef<OsStr>) -> Vec<u8> {
        let mut object = std::ffi::OsString::from(format!("{rev}:"));
        object.push(path);
        let output = self
            .command("git")
            .current_dir(self.path("remote.git"))
            .args([OsStr::new("cat-file"), OsStr::new("blob"), &object])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}: {output:?}", object.display());
        output.stdout
    }

    /// All files of a tree of the repository in this folder.
    #[track_caller]
    pub fn listing(&self, folder: &Path, rev: &str) -> Vec<Listed> {
        let output = self
            .command("git")
            .current_dir(folder)
            .args(["ls-tree", "-r", "-z", rev])
            .output()
            .unwrap();
        assert!(output.status.success(), "{rev}: {output:?}");
        let records = output.stdout.split(|&byte| byte == 0);
        records
            .filter(|record| !record.is_empty())
            .map(|record| {
                let tab = record.iter().position(|&byte| byte == b'\t').unwrap();
                let head = String::from_utf8(record[..tab].to_vec()).unwrap();
                let words: Vec<&str> = head.split(' ').collect();
                (
                    words[0].to_owned(),
                    words[2].to_owned(),
                    record[tab + 1..].to_vec(),
                )
            })
            .collect()
    }

    /// The paths of a tree in the remote.
    #[track_caller]
    pub fn remote_paths(&self, rev: &str) -> Vec<std::ffi::OsString> {
        self.listing(&self.path("remote.git"), rev)
            .into_iter()
            .map(|(_, _, path)| std::ffi::OsString::from_vec(path))
            .collect()
    }

    /// The tree of all delivered branches merged onto the remote's `main`, one after another.
    #[track_caller]
    pub fn union(&self) -> String {
        let mut commit = self.remote_git(["rev-parse", "main"]);
        for (unit, head) in self.delivered() {
            let tree = self.remote_git(["merge-tree", "--write-tree", &commit, &head]);
            commit = self.remote_git([
                "commit-tree",
                "-p",
                &commit,
                "-p",
                &head,
                "-m",
                &unit,
                &tree,
            ]);
        }
        self.remote_git(["rev-parse", &format!("{commit}^{{tree}}")])
    }

    /// The paths that a commit of the remote changes in its first parent.
    #[track_caller]
    pub fn changed(&self, commit: &str) -> Vec<String> {
        let range = format!("{commit}^");
        self.remote_git(["diff", "--name-only", "--no-renames", &range, commit])
            .lines()
            .map(str::to_owned)
            .collect()
    }

    /// The pull requests of the last run, as `prs list` tells programs.
    #[track_caller]
    pub fn pulls(&self) -> Vec<serde_json::Value> {
        let ran = self.batch(["prs", "list", "--format", "json"]).exits(0);
        serde_json::from_str(&ran.stdout).unwrap()
    }

    /// The pull request of a unit of the last run.
    #[track_caller]
    pub fn pull(&self, unit: &str) -> serde_json::Value {
        let pulls = self.pulls();
        let found = pulls.iter().find(|pull| pull["unit"] == unit);
        found
            .unwrap_or_else(|| panic!("no pull request of {unit} in {pulls:?}"))
            .clone()
    }

    /// The full refs of the repository below a prefix.
    pub fn refs(&self, prefix: &str) -> Vec<String> {
        self.git(["for-each-ref", "--format=%(refname)", prefix])
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

/// Bytes as a path.
pub fn os(bytes: &[u8]) -> &OsStr {
    OsStr::from_bytes(bytes)
}
