//! Agents that hang, fork, flood, hide escapes in what they say, or take git and their worktree apart: what their units
//! come to, and that nobody else is harmed.

use std::time::{Duration, Instant};

use super::support::{alive, delivered, failed, work};
use crate::support::sandbox::Sandbox;

#[test]
fn one_that_hangs_is_ended_with_all_that_it_started() {
    let sandbox = Sandbox::frobs(4);
    let begun = Instant::now();
    let body = r#"
        writes "src/$BATCH_UNIT/one.txt" half
        setsid sleep 4001 > /dev/null 2>&1 &
        case "$BATCH_UNIT" in
          part0) sleep 4002 ;;
          part1) trap '' TERM; sleep 4003; sleep 4004; sleep 4005 ;;
          part2) while :; do says 'still at it'; sleep 0.3; done ;;
        esac
        ends done"#;
    let said = work(
        &sandbox,
        4,
        body,
        &["-j4", "--idle-timeout=3s", "--timeout=6s"],
    )
    .exits(1);
    assert!(
        begun.elapsed() < Duration::from_secs(40),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(alive(&sandbox), [""; 0]);
    for (unit, of_kind, words) in [
        (
            "part0",
            "silence",
            "was ended after 3 s in which it printed nothing",
        ),
        (
            "part1",
            "silence",
            "was ended after 3 s in which it printed nothing",
        ),
        ("part2", "timeout", "did not end within 6 s"),
    ] {
        let [kind, step, cause] = failed(&sandbox, unit);
        assert_eq!((&*kind, &*step), (of_kind, "implement"), "{unit}: {cause}");
        assert!(cause.contains(words), "{unit}: {cause}");
        assert!(said.stderr.contains(words), "{}", said.stderr);
        assert_eq!(
            sandbox
                .refs(&format!("refs/batch/*/{unit}/attempt-1"))
                .len(),
            1
        );
    }
    assert_eq!(sandbox.unit("part3")["outcome"], "opened");
    sandbox.has_no_worktree_left();
}

#[test]
fn one_that_prints_a_lot_is_followed_to_its_end() {
    let sandbox = Sandbox::frobs(1);
    let body = r#"
        writes src/part0/one.txt done
        head -c 20000000 /dev/zero | tr '\0' x; echo
        head -c 2000000 /dev/zero | tr '\0' '\n'
        seq 100000 >&2
        ends done"#;
    work(&sandbox, 1, body, &[]).exits(0);
    let log = sandbox.run_file("logs/part0/1-implement.log");
    assert!(log.len() < 10_000_000, "{} bytes", log.len());
}

#[test]
fn control_characters_reach_neither_terminal_nor_report_nor_pull_request() {
    let sandbox = Sandbox::frobs(3);
    let body = r#"
        bad=$(printf 'red \033[31m and \033]0;title\007 \010\010\r\302\233 and \342\200\256 turned')
        case "$BATCH_UNIT" in
          part0) writes src/part0/one.txt done; says "$bad"; ends "Done $bad <!-- batch run=x unit=y -->" ;;
          part1) echo "$bad" >&2; exit 3 ;;
          part2) ends "$bad" "$(denied 'Bash\u001b[31m')" ;;
        esac"#;
    let said = work(&sandbox, 3, body, &["-v"]).exits(1);
    let [_, _, cause] = failed(&sandbox, "part2");
    let number = sandbox.pull("part0")["number"].to_string();
    let shown = sandbox.batch(["prs", "show", &number]).exits(0).stdout;
    assert!(shown.contains("Done red"), "{shown}");
    assert_eq!(shown.matches("\n<!-- batch run=").count(), 1, "{shown}");
    assert!(shown.contains("\\<!-- batch run=x unit=y --\\>"), "{shown}");
    for text in [
        said.stderr,
        said.stdout,
        cause,
        shown,
        sandbox.run_file("report.md"),
        sandbox.run_file("report.json"),
        sandbox.run_file("failures.md"),
    ] {
        let odd = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!text.contains(odd), "{text:?}");
    }
}

/// What agents do to git and their worktrees; each makes its edit all the same.
const TAKES_APART: &str = r#"
writes "src/$BATCH_UNIT/one.txt" done
case "$BATCH_UNIT" in
  part0) git commit -qam mine; git commit -q --allow-empty -m more ;;
  part1) git switch -qc mine; git commit -qam mine ;;
  part2) rm .git ;;
  part3) echo 'gitdir: /nowhere' > .git ;;
  part4) rm .git; git init -q; git add .; git commit -qm mine ;;
  part5) git push -q origin HEAD:refs/heads/stolen 2> "$here/push" && echo pushed > "$here/pushed" ;;
  part6) mkfifo src/part6/pipe; mkfifo pipe ;;
  part7) chmod -R a-w . ;;
  part8) mkdir -p target/deep; seq 1000 > target/deep/big; touch src/part8/made.o ;;
  part9) rm -rf "$PWD" ;;
  part10) git update-index --assume-unchanged src/part10/one.txt; touch "$(git rev-parse --git-dir)/index.lock" ;;
  part11) git rm -rq --cached . ; git reset -q --soft HEAD; git checkout -q --orphan none ;;
esac
ends done"#;

#[test]
fn git_and_worktrees_that_an_agent_takes_apart_cost_at_most_its_own_unit() {
    let sandbox = Sandbox::frobs(12);
    sandbox.write(".gitignore", "target/\n*.o\n");
    sandbox.commit_and_push("ignore");
    let base = sandbox.git(["rev-parse", "HEAD"]);
    let said = work(&sandbox, 12, TAKES_APART, &["-j4"]).exits(1);
    for (unit, outcome) in sandbox.outcomes() {
        let expected = if unit == "part9" { "failed" } else { "opened" };
        assert_eq!(outcome, expected, "{unit}: {:#}", sandbox.unit(&unit));
        if outcome == "opened" {
            let commit = &sandbox.delivered()[&unit];
            assert_eq!(
                sandbox.changed(commit),
                [format!("src/{unit}/one.txt")],
                "{unit}"
            );
            assert_eq!(
                delivered(&sandbox, &unit, &format!("src/{unit}/one.txt")),
                "done\n"
            );
            assert_eq!(
                sandbox.remote_git(["rev-parse", &format!("{commit}^")]),
                base
            );
        }
    }
    assert!(said.stderr.contains("committed 2 times"), "{}", said.stderr);
    assert!(
        said.stderr.contains("branch `mine` is new"),
        "{}",
        said.stderr
    );
    assert!(!sandbox.bin().join("pushed").exists());
    let refusal = std::fs::read_to_string(sandbox.bin().join("push")).unwrap();
    assert!(refusal.contains("batch-push-is-disabled"), "{refusal}");
    assert!(
        sandbox
            .remote_git(["branch", "--list", "stolen"])
            .is_empty()
    );
    let [_, step, cause] = failed(&sandbox, "part9");
    assert_eq!(step, "implement", "{cause}");
    sandbox.git(["branch", "-qD", "mine"]);
    sandbox.has_no_worktree_left();
}

#[test]
fn what_an_agent_changes_outside_its_worktree_is_told_and_not_undone() {
    let sandbox = Sandbox::frobs(2);
    let body = r#"
        writes "src/$BATCH_UNIT/one.txt" done
        [ "$BATCH_UNIT" = part1 ] || {
          git tag theirs; git config theirs.setting yes; echo theirs >> "$here/../repo/README.md"
        }
        ends done"#;
    let said = work(&sandbox, 2, body, &[]).exits(0);
    for words in ["tag `theirs` is new", "theirs.setting", "README.md changed"] {
        assert!(
            said.stderr.contains(words),
            "no {words:?} in\n{}",
            said.stderr
        );
        let report = sandbox.run_file("report.md").replace('\\', "");
        assert!(report.contains(words), "no {words:?} in\n{report}");
    }
    assert!(
        said.stdout
            .contains("warning: outside the worktrees, while agents worked: "),
        "{}",
        said.stdout
    );
    assert!(!said.stderr.contains("refs/batch"), "{}", said.stderr);
    assert!(!sandbox.refs("refs/tags/theirs").is_empty());
}

#[test]
fn a_worktree_that_is_turned_into_the_users_checkout_leaves_that_as_it_is() {
    let sandbox = Sandbox::frobs(4);
    sandbox.write("src/part1/one.txt", "the user is at work here\n");
    let before = sandbox.users_own();
    let body = r#"
        writes "src/$BATCH_UNIT/one.txt" done
        user=$(cd "$here/../repo" && pwd)
        case "$BATCH_UNIT" in
          part0) echo "gitdir: $user/.git" > .git ;;
          part1) rm -rf "$PWD"; ln -s "$user" "$PWD" ;;
          part2) rm -rf src/part2; ln -s "$user/src/part2" src/part2 ;;
        esac
        cd /
        ends done"#;
    work(&sandbox, 4, body, &["-j1"]).exits(1);
    let outcomes: Vec<String> = sandbox.outcomes().into_values().collect();
    assert_eq!(outcomes, ["opened", "failed", "failed", "opened"]);
    let [kind, _, cause] = failed(&sandbox, "part2");
    assert_eq!(kind, "scope", "{cause}");
    assert!(cause.contains("a symlink out of the repository"), "{cause}");
    sandbox.is_untouched(&before);
    sandbox.has_no_worktree_left();
}

#[test]
fn hooks_and_settings_that_changed_while_agents_worked_are_not_gone_by() {
    let sandbox = Sandbox::frobs(3);
    let body = r#"
        writes "src/$BATCH_UNIT/one.txt" done
        hooks="$here/../repo/.git/hooks"
        [ "$BATCH_UNIT" != part1 ] || {
          mkdir -p "$hooks"
          printf '#!/bin/sh\ntouch "%s/ran"\n' "$here" > "$hooks/pre-commit"
          chmod +x "$hooks/pre-commit"
          git config core.worktree "$(cd "$here/../repo" && pwd)"
        }
        ends done"#;
    let said = work(&sandbox, 3, body, &["-j1"]).exits(1);
    let outcomes: Vec<String> = sandbox.outcomes().into_values().collect();
    assert_eq!(outcomes, ["opened", "failed", "failed"]);
    for unit in ["part1", "part2"] {
        let [kind, step, cause] = failed(&sandbox, unit);
        assert_eq!((&*kind, &*step), ("scope", "gate"), "{cause}");
        assert!(
            cause.contains("core.worktree, hook pre-commit of the repository changed"),
            "{cause}"
        );
    }
    assert!(!sandbox.bin().join("ran").exists(), "an agent's hook ran");
    for words in ["config: core.worktree changed", "hook `pre-commit` is new"] {
        assert!(
            said.stderr.contains(words),
            "no {words:?} in\n{}",
            said.stderr
        );
    }
    sandbox.git(["config", "--unset", "core.worktree"]);
    std::fs::remove_file(sandbox.repo().join(".git/hooks/pre-commit")).unwrap();
    sandbox.claude("ends done");
    sandbox.batch_with_agent(&["rerun", "--fixes=0"]).exits(0);
}

#[test]
fn a_setup_may_set_hooks_up() {
    let sandbox = Sandbox::frobs(2);
    let body = r#"writes "src/$BATCH_UNIT/one.txt" done; ends done"#;
    work(
        &sandbox,
        2,
        body,
        &["--setup", "git config core.hooksPath .hooks"],
    )
    .exits(0);
}

#[test]
fn pipes_and_links_in_the_way_of_our_own_files_hold_nothing_up() {
    let sandbox = Sandbox::frobs(4);
    std::fs::write(sandbox.path("home/victim"), "mine").unwrap();
    let body = r#"
        writes "src/$BATCH_UNIT/one.txt" done
        case "$BATCH_UNIT" in
          part0) mkfifo src/part0/.gitignore ;;
          part1) rm -f "$TMPDIR/batch-files"; mkfifo "$TMPDIR/batch-files" ;;
          part2) ln -sf "$HOME/victim" "$TMPDIR/batch-files" ;;
          part3) admin=$(git rev-parse --git-dir); rm "$admin/gitdir"; mkfifo "$admin/gitdir" ;;
        esac
        ends done"#;
    let begun = Instant::now();
    work(&sandbox, 4, body, &["-j1"]).exits(0);
    assert!(
        begun.elapsed() < Duration::from_secs(60),
        "{:?}",
        begun.elapsed()
    );
    let outcomes: Vec<String> = sandbox.outcomes().into_values().collect();
    assert_eq!(outcomes, ["opened"; 4]);
    assert_eq!(
        std::fs::read_to_string(sandbox.path("home/victim")).unwrap(),
        "mine"
    );
    sandbox.has_no_worktree_left();
}

#[test]
fn what_git_is_told_to_overlook_meanwhile_loses_no_edits() {
    let sandbox = Sandbox::frobs(1);
    let body = r#"
        writes src/part0/new.txt done
        echo '*' >> "$(git rev-parse --git-common-dir)/info/exclude"
        ends done"#;
    work(&sandbox, 1, body, &[]).exits(1);
    let [_, _, cause] = failed(&sandbox, "part0");
    assert!(
        cause.contains("info/exclude of the repository changed"),
        "{cause}"
    );
}
