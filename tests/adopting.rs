//! A conflict of interest that comes to light at the very moment at which the ranking list is adopted: either it comes
//! first, and nothing rests on the review, or it comes second, and the review stays.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
#[path = "adopting/moment.rs"]
mod moment;
mod proposals;
#[path = "assigning/steps.rs"]
mod steps;

use evaluation::Evaluation;
use moment::{adopt, agreed, noted, pause, paused, reviews};
use serde_json::json;

/// The states of the reviews of the first proposal.
async fn states(story: &Evaluation) -> String {
    let states = format!(
        "select string_agg(state, ' ' order by state) from sealed.review where proposal_id = '{}'",
        story.proposal(0)
    );
    story.app.value(&states).await
}

/// How many reviews of the first proposal its frozen report tells of.
async fn told(story: &Evaluation) -> String {
    let told = format!(
        "select jsonb_array_length(r.report -> 'reviews') from sealed.summary_report r
         join proposal_stage s on s.id = r.proposal_stage_id where s.proposal_id = '{}'",
        story.proposal(0)
    );
    story.app.value(&told).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_review_that_is_being_frozen_is_not_voided_behind_the_report() {
    let (story, chair) = agreed().await;
    let before = reviews(&story).await;
    pause(
        &story.app,
        "insert on sealed.summary_report",
        "select from sealed.review where state = 'voided'",
    )
    .await;
    let late = async {
        paused(&story.app).await;
        noted(&story, &before[0]).await
    };
    let (adopted, noted) = tokio::join!(adopt(&story, &chair), late);
    assert_eq!(adopted.expect(200).json["state"], "adopted");
    noted.expect(201);
    assert_eq!(states(&story).await, "released released");
    assert_eq!(told(&story).await, "2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_not_adopted_on_a_review_that_is_being_voided() {
    let (story, chair) = agreed().await;
    let before = reviews(&story).await;
    pause(
        &story.app,
        "update on sealed.review",
        "select from sealed.ranking_list",
    )
    .await;
    let late = async {
        paused(&story.app).await;
        adopt(&story, &chair).await
    };
    let (noted, adopted) = tokio::join!(noted(&story, &before[0]), late);
    noted.expect(201);
    // The panel agreed when the review counted, and is asked whether it stands by that.
    let found = adopted.expect(409).faults().join(" ");
    assert!(found.ends_with(" conflict_since_consensus"), "{found}");
    let despite = chair.post(&story.stage("ranking/adopt")).etag("*");
    let despite = despite.json(&json!({"despite_findings": true}));
    let adopted = despite.send().await.expect(200);
    assert_eq!(adopted.json["state"], "adopted");
    assert_eq!(states(&story).await, "released voided");
    // The applicants had read both, and do not learn that one counts no more.
    assert_eq!(told(&story).await, "2");
}
