//! The publisher with a scripted forge: what it asks, in which order, and what becomes of each unit.

use crate::engine::ports::ForgeError;
use crate::engine::publication::{Publication, Until};
use crate::model::pull::PullState;
use crate::model::sample;
use crate::model::standing::CheckState;
use crate::model::wishes::Tracking;

mod lab;

use self::lab::{Lab, branch};

#[tokio::test]
async fn a_unit_is_looked_for_intended_opened_given_and_confirmed() {
    let lab = Lab::new(1);
    lab.forge
        .with(|script| script.not_given = vec!["no label `x`".to_owned()]);
    assert_eq!(
        lab.publish().await,
        [
            "unit-1 intends",
            "unit-1 warning: no label `x`",
            "unit-1 opened #1"
        ]
    );
    let calls = lab.forge.asked(&[""]);
    let expected = [
        format!("find {}", branch(1)),
        format!("open {} into main", branch(1)),
        "give 1".to_owned(),
    ];
    assert_eq!(calls, expected);
}

#[tokio::test]
async fn a_forge_that_is_behind_its_branches_is_asked_again_and_then_the_unit_is_held() {
    let lab = Lab::new(1);
    lab.forge
        .with(|script| script.stale = Some((sample::commit("d"), 2)));
    assert_eq!(lab.publish().await.last().unwrap(), "unit-1 opened #1");
    assert_eq!(lab.forge.asked(&["get"]).len(), 2);
    let lab = Lab::new(1);
    lab.forge
        .with(|script| script.stale = Some((sample::commit("d"), 9)));
    let told = lab.publish().await;
    assert_eq!(
        told.last().unwrap(),
        "unit-1 held: #1 shows commit dddddddddddd, and cccccccccccc was tested\n\
         see who pushed to batch/rename-frob-0a1b/unit-1"
    );
}

#[tokio::test]
async fn an_open_one_of_the_unit_is_refreshed_where_it_differs_and_adopted() {
    let lab = Lab::new(1);
    let old = lab.new_pull("unit-1", &sample::commit("d"));
    lab.forge.holds(&old, PullState::Open);
    assert_eq!(lab.publish().await, ["unit-1 intends", "unit-1 found #1"]);
    assert_eq!(
        lab.forge.asked(&["open", "refresh", "give"]),
        ["refresh 1", "give 1"]
    );
    // The second time nothing of it is to be changed.
    assert_eq!(lab.publish().await, ["unit-1 found #1"]);
    assert_eq!(lab.forge.asked(&["refresh"]).len(), 1);
}

#[tokio::test]
async fn an_open_one_of_another_run_is_in_the_way() {
    let lab = Lab::new(1);
    let mut other = lab.new_pull("unit-1", &sample::commit("c"));
    other.mark.unit = sample::id("unit-9");
    lab.forge.holds(&other, PullState::Open);
    let told = lab.publish().await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("unit-1 held: #1 is open for branch batch/rename-frob-0a1b/unit-1, and is of unit unit-9 of run 2026"), "{told:?}");
    assert!(lab.forge.asked(&["open", "refresh", "give"]).is_empty());
}

#[tokio::test]
async fn what_a_person_opened_is_adopted_as_it_is() {
    let lab = Lab::new(1);
    let mut theirs = lab.new_pull("unit-1", &sample::commit("c"));
    theirs.title = "Mine".to_owned();
    theirs.base = "next".to_owned();
    lab.forge.holds(&theirs, PullState::Open);
    lab.forge.with(|script| script.pulls[0].mark = None);
    assert_eq!(
        lab.publish().await,
        [
            "unit-1 warning: #1 was opened by somebody else; its title and text are left as they are",
            "unit-1 warning: #1 is to be merged into next, and not into main",
            "unit-1 found #1"
        ]
    );
    assert!(lab.forge.asked(&["open", "refresh", "give"]).is_empty());
    // Of another commit it delivers nothing that was tested.
    lab.forge
        .with(|script| script.pulls[0].head_commit = sample::commit("d"));
    assert!(
        lab.publish()
            .await
            .last()
            .unwrap()
            .starts_with("unit-1 held: #1 shows commit ddd")
    );
}

#[tokio::test]
async fn a_merged_one_counts_at_the_tested_commit_and_a_closed_one_never() {
    let held = async |state, commit: &str| {
        let lab = Lab::new(1);
        lab.forge
            .holds(&lab.new_pull("unit-1", &sample::commit(commit)), state);
        lab.publish().await.concat()
    };
    assert_eq!(held(PullState::Merged, "c").await, "unit-1 found #1");
    assert_eq!(
        held(PullState::Merged, "d").await,
        "unit-1 held: #1 of its branch was merged at commit dddddddddddd, and cccccccccccc was tested\n\
         what main lacks since needs a new run"
    );
    assert_eq!(
        held(PullState::Closed, "c").await,
        "unit-1 held: #1 of its branch was closed, and a unit gets only one\nreopen it if it is wanted after all"
    );
}

#[tokio::test]
async fn a_draft_that_is_none_is_told() {
    let mut lab = Lab::new(1);
    lab.history.pulls.draft = true;
    lab.forge.with(|script| script.no_drafts = true);
    assert!(
        lab.publish()
            .await
            .concat()
            .contains("opened it as ready for review, and no draft")
    );
}

#[tokio::test]
async fn after_two_units_that_cannot_reach_the_forge_the_others_are_put_aside_unasked() {
    let lab = Lab::new(4);
    let error = ForgeError::Unreachable {
        doing: "looking".to_owned(),
        words: "connection refused".to_owned(),
    };
    lab.forge
        .with(|script| script.fails = vec![("find", error)]);
    assert_eq!(
        lab.publish().await,
        [
            "unit-1 held: connection refused (looking)",
            "unit-2 held: connection refused (looking)",
            "unit-3 held: connection refused",
            "unit-4 held: connection refused",
        ]
    );
    assert_eq!(lab.forge.asked(&[""]).len(), 2);
}

#[tokio::test]
async fn a_refusal_that_all_would_meet_is_met_once_and_any_other_by_each() {
    let bar = |error: ForgeError| {
        let lab = Lab::new(2);
        lab.forge
            .with(|script| script.fails = vec![("open", error)]);
        lab
    };
    let barred = ForgeError::Barred {
        doing: "opening".to_owned(),
        words: "the repository is archived".to_owned(),
        hint: Some("ask its owner".to_owned()),
    };
    let lab = bar(barred);
    let told = lab.publish().await;
    assert_eq!(
        told[1],
        "unit-1 held: the repository is archived (opening)\nask its owner"
    );
    assert_eq!(
        told[2],
        "unit-2 held: the repository is archived\nask its owner"
    );
    assert_eq!(lab.forge.asked(&["open"]).len(), 1);
    let lab = bar(ForgeError::refused("opening", "no commits"));
    lab.publish().await;
    assert_eq!(lab.forge.asked(&["open"]).len(), 2);
}

#[tokio::test]
async fn an_interrupt_lets_what_is_on_its_way_end_and_puts_the_queue_aside() {
    let lab = Lab::new(2);
    let stop = lab.stop.clone();
    let told = lab
        .publish_each(|line| {
            if line == "unit-1 intends" {
                stop.asked.cancel();
            }
        })
        .await;
    assert_eq!(
        told,
        [
            "unit-1 intends",
            "unit-1 opened #1",
            "unit-2 held: stopped before its pull request was opened"
        ]
    );
}

#[tokio::test]
async fn the_second_interrupt_leaves_what_does_not_answer() {
    let lab = Lab::new(1);
    lab.forge.with(|script| script.hangs = Some("open"));
    let stop = lab.stop.clone();
    let told = lab.publish_each(|_| stop.now.cancel()).await;
    assert_eq!(
        told[1],
        "unit-1 held: stopped while its pull request was being opened, so there may be one"
    );
}

#[tokio::test]
async fn a_unit_that_is_stopped_alone_is_held_before_it_is_begun_and_let_finish_after() {
    let lab = Lab::new(3);
    let stops = lab.stops.clone();
    let told = lab
        .publish_each(|line| {
            if line == "unit-1 intends" {
                stops[0].asked.cancel();
                stops[1].asked.cancel();
            }
        })
        .await;
    assert_eq!(
        told,
        [
            "unit-1 intends",
            "unit-1 opened #1",
            "unit-2 held: stopped before its pull request was opened",
            "unit-3 intends",
            "unit-3 opened #2"
        ]
    );
}

#[tokio::test]
async fn beyond_the_cap_units_wait_and_the_forge_is_asked_once() {
    let mut lab = Lab::new(5);
    lab.history.pulls.max_open = Some(2);
    assert_eq!(
        lab.publish().await[4..],
        [
            "unit-3 waits: waits: 2 pull requests are open, and --max-open-prs is 2",
            "unit-4 waits: waits: 2 pull requests are open, and --max-open-prs is 2",
            "unit-5 waits: waits: 2 pull requests are open, and --max-open-prs is 2",
        ]
    );
    assert_eq!(lab.forge.asked(&["standings"]), ["standings [1, 2]"]);
}

#[tokio::test]
async fn what_was_merged_meanwhile_makes_room_and_who_has_a_pull_request_needs_none() {
    let mut lab = Lab::new(3);
    lab.history.pulls.max_open = Some(1);
    let first = lab.new_pull("unit-1", &sample::commit("c"));
    lab.forge.holds(&first, PullState::Merged);
    let third = lab.new_pull("unit-3", &sample::commit("d"));
    lab.forge.holds(&third, PullState::Open);
    let link = |number: usize| lab.forge.with(|script| script.pulls[number - 1].link());
    lab.history.units[0].pr = Some(link(1));
    lab.history.units[2].pr = Some(link(2));
    let told = lab.publish().await;
    assert_eq!(told[0], "unit-1 found #1");
    assert_eq!(
        told[1],
        "unit-2 waits: waits: 1 pull request is open, and --max-open-prs is 1"
    );
    assert_eq!(told.last().unwrap(), "unit-3 found #2");
    lab.history.pulls.max_open = Some(2);
    assert!(lab.publish().await.contains(&"unit-2 opened #3".to_owned()));
}

#[tokio::test]
async fn checks_that_are_not_done_hold_others_back_by_the_other_cap() {
    let mut lab = Lab::new(2);
    lab.history.pulls.max_pending_checks = Some(1);
    assert!(lab.publish().await[2].contains("--max-pending-checks is 1"));
    lab.forge
        .with(|script| script.checks.insert(1, vec![CheckState::Passed]));
    lab.history.units[0].pr = Some(lab.forge.with(|script| script.pulls[0].link()));
    assert!(lab.publish().await.contains(&"unit-2 opened #2".to_owned()));
}

#[tokio::test]
async fn merged_is_what_is_on_the_base_branch() {
    let mut lab = Lab::new(2);
    let below = lab.new_pull("unit-1", &sample::commit("c"));
    lab.forge.holds(&below, PullState::Merged);
    lab.publications[1] = Publication::Once {
        merged: vec![branch(1)],
        until: Until::Waits("waits for `unit-1` to be merged".to_owned()),
    };
    let second = async |lab: &Lab| lab.publish().await.last().unwrap().clone();
    lab.forge
        .with(|script| script.pulls[0].base = "batch/other".to_owned());
    assert_eq!(
        second(&lab).await,
        "unit-2 waits: waits: #1, which it stands on, was merged into batch/other and is not on main yet"
    );
    // That branch went to the base with exactly this merge.
    let mut other = lab.new_pull("unit-2", &sample::commit("e"));
    other.head = "batch/other".to_owned();
    lab.forge.holds(&other, PullState::Merged);
    lab.forge
        .with(|script| script.pulls[0].merge_commit = Some(sample::commit("e")));
    assert_eq!(second(&lab).await, "unit-2 opened #3");
}

#[tokio::test]
async fn what_stands_on_others_waits_or_is_stacked_and_not_on_what_was_closed() {
    let mut lab = Lab::new(2);
    let once = |until| Publication::Once {
        merged: vec![branch(1)],
        until,
    };
    lab.publications[1] = once(Until::Waits("waits for `unit-1`".to_owned()));
    assert_eq!(
        lab.publish().await.last().unwrap(),
        "unit-2 waits: waits for `unit-1`"
    );
    lab.publications[1] = once(Until::Stacked(branch(1)));
    lab.publish().await;
    let stacked = format!("open {} into {}", branch(2), branch(1));
    assert_eq!(lab.forge.asked(&["open"]).last(), Some(&stacked));
    lab.forge
        .with(|script| script.pulls[0].state = PullState::Closed);
    assert_eq!(
        lab.publish().await.last().unwrap(),
        "unit-2 held: #1, which it stands on, was closed without a merge"
    );
}

#[tokio::test]
async fn a_tracking_issue_is_made_before_the_first_pull_request_which_names_it_and_is_kept() {
    let mut lab = Lab::new(2);
    lab.history.pulls.tracking = Some(Tracking::New);
    let told = lab.publish().await;
    assert_eq!(told[0], "tracked by #100");
    assert_eq!(told.len(), 5, "{told:?}");
    lab.forge.with(|script| {
        assert!(
            script.pulls[0].body.contains("\nPart of #100.\n"),
            "{}",
            script.pulls[0].body
        );
        let issue = &script.issues[&100];
        assert!(
            issue.contains("- [ ] #1 src/part1\n- [ ] #2 src/part2\n"),
            "{issue}"
        );
    });
    assert_eq!(lab.forge.asked(&["issue"]).len(), 1);
}

#[tokio::test]
async fn an_issue_of_the_users_keeps_their_words_and_its_loss_costs_no_pull_request() {
    let mut lab = Lab::new(2);
    lab.history.pulls.tracking = Some(Tracking::Issue(7));
    lab.forge
        .with(|script| script.issues.insert(7, "Theirs".to_owned()));
    let told = lab.publish().await;
    assert_eq!(told[0], "tracked by #7");
    lab.forge.with(|script| {
        let issue = &script.issues[&7];
        assert!(
            issue.starts_with("Theirs\n\n<!--") && issue.contains("- [ ] #2 "),
            "{issue}"
        );
    });
    let mut lab = Lab::new(2);
    lab.history.pulls.tracking = Some(Tracking::Issue(8));
    let told = lab.publish().await;
    let warnings = told.iter().filter(|line| line.starts_with("warning:"));
    assert_eq!(
        warnings.collect::<Vec<_>>(),
        ["warning: the tracking issue is not kept up to date: reading the issue: there is none"]
    );
    assert!(told.contains(&"unit-2 opened #2".to_owned()), "{told:?}");
}
