//! Random lives of proposals, reviews, calls and selections, beside reference models that are written by hand
//! and know nothing of the product's tables. Where a life differs from its model, the shortest one that does is
//! told.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "lives/call.rs"]
mod call;
#[path = "lives/compare.rs"]
mod compare;
#[path = "lives/proposal.rs"]
mod proposal;
mod proposals;
#[path = "lives/review.rs"]
mod review;
#[path = "commitment/reviewing.rs"]
mod reviewing;
#[path = "lives/selection.rs"]
mod selection;
#[path = "commitment/world.rs"]
mod world;

use compare::{Subject, compare, differs};
use testkit::figure;

// 5,000 lives in all.
const PROPOSALS: usize = 2500;
const REVIEWS: usize = 1500;
const CALLS: usize = 500;
const SELECTIONS: usize = 500;

async fn equal<S: Subject>(what: &str, subject: &S, whole: usize) {
    let lives = figure(whole);
    match compare(subject, lives).await {
        Ok(tried) => println!("{lives} lives of {what} as the model says: {tried}"),
        Err(story) => panic!("of the {what} one lives otherwise than the model says: {story}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proposals_live_as_the_model_says() {
    let subject = proposal::Proposals::new(proposal::model).await;
    equal("proposals", &subject, PROPOSALS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reviews_live_as_the_model_says() {
    let subject = review::Reviews::new(review::model).await;
    equal("reviews", &subject, REVIEWS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_live_as_the_model_says() {
    let subject = call::Calls::new(call::model).await;
    equal("calls", &subject, CALLS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn selections_live_as_the_model_says() {
    let subject = selection::Selections::new(selection::model).await;
    equal("selections", &subject, SELECTIONS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_of_proposals_with_one_wrong_step_is_told_unequal() {
    // As if who withdrew could go on writing.
    let wrong = |state: &mut proposal::State, step| {
        let before = state.clone();
        let status = proposal::model(state, step);
        if before.content == "withdrawn" && !before.closed && step == proposal::Step::Edit {
            return 200;
        }
        status
    };
    let subject = proposal::Proposals::new(wrong).await;
    let story = differs(&subject, 25).await;
    assert!(story.contains("[Withdraw, Edit]"), "{story}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_of_reviews_with_one_wrong_step_is_told_unequal() {
    // As if a conflict that is found after a review was handed in ended it as one before.
    let wrong = |state: &mut review::State, step| {
        let before = state.state;
        let status = review::model(state, step);
        if before == "submitted" && step == review::Step::Conflict {
            state.state = "conflicted";
        }
        status
    };
    let subject = review::Reviews::new(wrong).await;
    let story = differs(&subject, 50).await;
    assert!(story.contains("[Write, Submit, Conflict]"), "{story}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_of_calls_with_one_wrong_step_is_told_unequal() {
    // As if an approved call could be opened without notice.
    let wrong = |state: &mut call::State, step| {
        if state.state == "approved" && step == call::Step::Open {
            state.state = "open";
            return 200;
        }
        call::model(state, step)
    };
    let subject = call::Calls::new(wrong).await;
    let story = differs(&subject, 20).await;
    assert!(story.contains("[Approve, Open]"), "{story}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_of_selections_with_one_wrong_step_is_told_unequal() {
    // As if a selection became final when all but one have accepted.
    let wrong = |state: &mut selection::State, step| {
        let status = selection::model(state, step);
        let accepted = state.lines.iter().filter(|line| **line == "accepted");
        if accepted.count() == 3 && state.state == "confirmed" {
            state.state = "final";
        }
        status
    };
    let subject = selection::Selections::new(wrong).await;
    let story = differs(&subject, 60).await;
    assert!(
        story.contains("[Propose, Adopt, Confirm, Accept("),
        "{story}"
    );
}
