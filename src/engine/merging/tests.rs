//! What lets a pull request be merged, and what keeps it from that.

use super::{Comes, Judgement, Missing, Waived, comes, in_words, judge};
use crate::model::id::ObjectId;
use crate::model::pull::PullState;
use crate::model::sample;
use crate::model::standing::{Check, CheckState, Review, Standing, Way};

/// An open pull request at its recorded commit, with nothing in its way, whose checks are these.
fn standing(checks: &[(&str, CheckState, bool)]) -> Standing {
    let history = sample::history(vec![Some(sample::opened(1))]);
    let checks = checks.iter().map(|&(name, state, required)| Check {
        name: name.to_owned(),
        state,
        required,
    });
    Standing {
        pull: sample::pull(1, &sample::new_pull(&history.units[0])),
        node: "PR_1".to_owned(),
        review: Review::NotRequired,
        checks: checks.collect(),
        way: Way::Clear,
        auto_merge: false,
        queued: false,
    }
}

fn ours() -> ObjectId {
    sample::commit("c")
}

/// Judged an hour after it was opened.
fn judged(standing: &Standing, waived: Waived) -> Judgement {
    judge(
        standing,
        Some(&ours()),
        waived,
        sample::at(0),
        sample::at(3600),
    )
}

fn missing(standing: &Standing) -> Vec<Missing> {
    match judged(standing, Waived::default()) {
        Judgement::Ready(_) => Vec::new(),
        Judgement::Missing(missing) => missing,
    }
}

const GREEN: (&str, CheckState, bool) = ("ci", CheckState::Passed, true);

#[test]
fn what_is_green_and_approved_may_be_merged() {
    let mut green = standing(&[GREEN]);
    assert_eq!(judged(&green, Waived::default()), Judgement::Ready(vec![]));
    green.review = Review::Approved;
    assert_eq!(judged(&green, Waived::default()), Judgement::Ready(vec![]));
}

#[test]
fn a_check_that_no_rule_wants_may_fail_beside_one_that_a_rule_wants() {
    let mut mixed = standing(&[GREEN, ("lint", CheckState::Failed, false)]);
    mixed.way = Way::Unstable;
    assert_eq!(missing(&mixed), []);
    let none_wanted = standing(&[("lint", CheckState::Failed, false)]);
    assert_eq!(
        missing(&none_wanted),
        [Missing::Green(vec!["lint".to_owned()])]
    );
}

#[test]
fn no_check_yet_is_no_success_and_after_ten_minutes_there_is_none() {
    let none = standing(&[]);
    let at = |second, way| {
        let none = Standing {
            way,
            ..none.clone()
        };
        let now = sample::at(second);
        judge(&none, Some(&ours()), Waived::default(), sample::at(0), now)
    };
    let lacking = Judgement::Missing(vec![Missing::Checks]);
    assert_eq!(at(599, Way::Clear), lacking);
    let said = "no check was ever reported".to_owned();
    assert_eq!(at(600, Way::Clear), Judgement::Ready(vec![said]));
    // A rule wants one: however long nothing was reported, it is not there.
    assert_eq!(at(86_400, Way::Blocked), lacking);
}

#[test]
fn what_waits_for_a_review_alone_is_not_said_to_lack_checks() {
    let mut unreviewed = standing(&[]);
    unreviewed.review = Review::Required;
    unreviewed.way = Way::Blocked;
    assert_eq!(missing(&unreviewed), [Missing::Approval]);
}

#[test]
fn all_that_is_missing_is_said_at_once() {
    let mut lacking = standing(&[
        ("ci / unit", CheckState::Failed, true),
        ("ci / lint", CheckState::Pending, true),
    ]);
    lacking.review = Review::ChangesRequested;
    lacking.way = Way::Conflict;
    lacking.pull.draft = true;
    lacking.pull.head_commit = sample::commit("d");
    assert_eq!(
        in_words(&missing(&lacking)),
        "its branch is at dddddddddddd, and this run left it at cccccccccccc; it is a draft; \
         a reviewer wants changes; 1 check failed: ci / unit; it conflicts with its base"
    );
    lacking.checks.remove(0);
    lacking.review = Review::NotRequired;
    lacking.pull.draft = false;
    lacking.pull.head_commit = ours();
    lacking.way = Way::Behind;
    assert_eq!(
        in_words(&missing(&lacking)),
        "1 of 1 check has not ended; its branch must hold what came to the base since"
    );
}

#[test]
fn a_finished_pull_request_is_not_looked_at_further() {
    let mut merged = standing(&[]);
    merged.pull.state = PullState::Merged;
    merged.pull.draft = true;
    assert_eq!(missing(&merged), [Missing::Open(PullState::Merged)]);
}

#[test]
fn what_the_user_can_do_without_is_not_missing_and_is_said() {
    let mut lacking = standing(&[("ci", CheckState::Failed, true)]);
    lacking.review = Review::Required;
    lacking.way = Way::Blocked;
    lacking.pull.head_commit = sample::commit("d");
    let all = Waived {
        checks: true,
        review: true,
        head: true,
    };
    let notes = [
        "with others' commits, at dddddddddddd",
        "whatever its checks say",
    ];
    assert_eq!(
        judged(&lacking, all),
        Judgement::Ready(notes.map(str::to_owned).to_vec())
    );
    // Nothing lets a conflict be gone without.
    lacking.way = Way::Conflict;
    assert_eq!(
        judged(&lacking, all),
        Judgement::Missing(vec![Missing::NoConflict])
    );
}

#[test]
fn a_rule_that_is_not_told_is_in_the_way_all_the_same() {
    let mut blocked = standing(&[GREEN]);
    blocked.way = Way::Blocked;
    assert_eq!(missing(&blocked), [Missing::Rules]);
    let waived = Waived {
        review: true,
        ..Waived::default()
    };
    assert_eq!(judged(&blocked, waived), Judgement::Ready(vec![]));
}

#[test]
fn what_is_not_known_to_be_ours_is_not_merged() {
    let theirs = standing(&[GREEN]);
    let judged = judge(
        &theirs,
        None,
        Waived::default(),
        sample::at(0),
        sample::at(1),
    );
    let seen = ours();
    let unknown = Missing::OurHead {
        seen,
        recorded: None,
    };
    assert_eq!(judged, Judgement::Missing(vec![unknown]));
}

#[test]
fn how_long_to_wait_goes_by_what_comes_last() {
    let pending = Missing::Finished { pending: 1, of: 2 };
    assert_eq!(comes(&[]), Comes::AtOnce);
    assert_eq!(comes(&[Missing::Worked]), Comes::AtOnce);
    assert_eq!(
        comes(&[Missing::Worked, pending.clone()]),
        Comes::WithChecks
    );
    assert_eq!(
        comes(&[pending.clone(), Missing::Approval]),
        Comes::WithPeople
    );
    assert_eq!(comes(&[Missing::NoConflict, pending]), Comes::Never);
}
