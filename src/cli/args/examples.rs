//! The examples under each command's help, as users would type them.

pub(super) const BATCH: &str = "\
Examples:
  batch \"migrate src/ to functional components\"
  batch \"rename frob to frobnicate\" --rewrite 's/\\bfrob\\b/frobnicate/g'
  batch plan \"use prettier\" --command 'prettier --write {files}' -o plan.toml
  batch apply plan.toml --yes
  batch prs list
  batch demo";

pub(super) const RUN: &str = "\
Examples:
  batch run \"migrate src/ to functional components\"
  batch run \"port the forms to the new API\" --agent codex --max-cost 10 \\
      --paths 'src/forms/**' --test 'npm test'
  batch run \"rename frob to frobnicate\" --rewrite 's/\\bfrob\\b/frobnicate/g' \\
      --paths 'src/**' --test 'make test'
  batch run \"use prettier\" --command 'prettier --write {files}' \\
      --paths '**/*.ts' --no-test
  batch run \"use the new logger\" --command 'npx jscodeshift -t log.js {files}' \\
      --paths 'src/**' --test 'npm test' --agent claude
  batch run \"split my branch\" --from my-branch --test 'cargo test' --max-units 8
  batch run \"drop the old header\" --rewrite 's/\\A# old\\n//' --no-test --dry-run
  batch run --saved prettier --no-draft

`run` may be left out when CHANGE has two words or more. `--no-OPTION` takes
back what settings say of an option.";

pub(super) const PLAN: &str = "\
Examples:
  batch plan \"migrate src/ to functional components\" -o plan.toml
  batch plan \"rename frob to frobnicate\" --rewrite 's/frob/frobnicate/g' \\
      --test 'make test' -o plan.toml
  batch plan \"split what is uncommitted\" --from worktree --no-test";

pub(super) const APPLY: &str = "\
Examples:
  batch apply plan.toml
  batch apply plan.toml --agent codex --max-cost 10 --jobs 2
  batch apply plan.toml --yes --format json --report report.md";

pub(super) const RERUN: &str = "\
Examples:
  batch rerun
  batch rerun --unit src-auth --unit src-billing
  batch rerun --unit src-auth --agent codex --max-turns 80
  batch rerun --unit src-auth --fresh --note 'leave the tests as they are'
  batch rerun 20260102T030405Z-0a1b --note 'mind the lint rules'

While the run goes on, --unit puts failed and cancelled units back in its queue.";

pub(super) const RESUME: &str = "\
Examples:
  batch resume
  batch resume 20260102T030405Z-0a1b
  batch resume --jobs 2 --max-cost 10";

pub(super) const STATUS: &str = "\
Examples:
  batch status
  batch status --watch
  batch status --watch --exit-status && batch prs list
  batch status 20260102T030405Z-0a1b --format json
  PS1='$(batch status --short)\\$ '";

pub(super) const LIST: &str = "\
Examples:
  batch list
  batch list --limit 5
  batch list --all --format json";

pub(super) const STOP: &str = "\
Examples:
  batch stop
  batch stop src-auth src-billing
  batch stop src-auth --now
  batch stop --run 20260102T030405Z-0a1b --no-wait

What is at work gets SIGTERM, and SIGKILL two seconds later. Its edits are kept,
the report is written, and `batch resume` goes on from there.";

pub(super) const LOGS: &str = "\
Examples:
  batch logs src-auth
  batch logs src-auth --follow
  batch logs src-auth --step test --attempt 1
  batch logs src-auth --transcript | less
  batch logs base";

pub(super) const REPORT: &str = "\
Examples:
  batch report
  batch report --format html -o report.html
  batch report 20260102T030405Z-0a1b --format json";

pub(super) const PRS: &str = "\
Examples:
  batch prs list
  batch prs show 3
  batch prs merge 3 4 5
  batch prs update --all
  batch prs publish";

pub(super) const PRS_LIST: &str = "\
Examples:
  batch prs list
  batch prs list --all --format json
  batch prs list 20260102T030405Z-0a1b";

pub(super) const PRS_SHOW: &str = "\
Examples:
  batch prs show 3
  batch prs show 3 --format json";

pub(super) const PRS_MERGE: &str = "\
Examples:
  batch prs merge 3
  batch prs merge 3 4 5 --method squash
  batch prs merge --all --wait 30m
  batch prs merge --all --auto

On GitHub a pull request is merged only when the checks that its base branch
requires have passed (where it requires none: all that there are), when it is
approved if a rule wants that, and when its branch is where this run left it.";

pub(super) const PRS_PUBLISH: &str = "\
Examples:
  batch prs publish
  batch prs publish --watch --interval 5m
  batch prs publish 20260102T030405Z-0a1b --label migration";

pub(super) const PRS_UPDATE: &str = "\
Examples:
  batch prs update 3
  batch prs update --all
  batch prs update 3 --rebase
  batch prs update 3 --on-top

A unit whose change conflicts with what came to the base is done again there.";

pub(super) const PRS_COMMENT: &str = "\
Examples:
  batch prs comment 3 --body 'The release waits for this one.'
  batch prs comment --all --body-file note.md
  echo 'Rebased.' | batch prs comment 3 4 --body-file -";

pub(super) const PRS_CLOSE: &str = "\
Examples:
  batch prs close 3
  batch prs close 3 4 --delete-branch --comment 'Done another way.'";

pub(super) const PRS_ADOPT: &str = "\
Examples:
  batch prs adopt
  batch prs adopt 20260102T030405Z-0a1b";

pub(super) const INIT: &str = "\
Examples:
  batch init
  batch init --stdout
  batch init --force";

pub(super) const DOCTOR: &str = "\
Examples:
  batch doctor
  batch doctor --offline
  batch doctor --format json
  batch doctor --settings

Each line is ok, a warning or a problem; with a problem the exit code is 4.";

pub(super) const COMPLETIONS: &str = "\
Examples:
  batch completions bash
  batch completions zsh
  batch completions fish

bash: `source <(batch completions bash)` in ~/.bashrc
zsh: `source <(batch completions zsh)` in ~/.zshrc, after compinit
fish: `batch completions fish | source` in ~/.config/fish/config.fish

Runs, units, pull requests, agents and saved changes are completed from the
repository; `git batch` is completed too.";

pub(super) const MAN: &str = "\
Examples:
  batch man
  batch man prs merge
  batch man --dir ~/.local/share/man/man1";

pub(super) const CLEAN: &str = "\
Examples:
  batch clean --dry-run
  batch clean
  batch clean --older-than 2w
  batch clean --run 20260102T030405Z-0a1b --force

Work that is nowhere else stays, with --force too: commits that were not pushed,
and the edits of attempts that failed.";

pub(super) const DEMO: &str = "\
Examples:
  batch demo
  batch demo --yes";
