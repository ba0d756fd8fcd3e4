//! The decision is amended while projects of it withdraw: whoever is first, one decision is in force in the end, and
//! no commitment is overdrawn.

use futures::future;
use serde_json::json;

use crate::arena::Arena;
use crate::deeds::{accept, latest, on_latest, pledge};
use crate::world::FUNDERS;

/// Withdraws a project of the decision, and takes it down the reserve list: proposed twice at the moment of the
/// withdrawal, accepted by all at the moment of another, while a funder lowers its commitment. Answers how many
/// attempts it took; none where too little was funded.
pub async fn amend(arena: &Arena) -> usize {
    let app = &arena.world.app;
    let funded = app
        .value(
            "select coalesce(string_agg(p.number, ' ' order by p.number), '') from proposal p
             join proposal_stage ps on ps.proposal_id = p.id join sealed.outcome o on o.proposal_stage_id = ps.id
             where o.state = 'selected' and ps.state = 'locked'",
        )
        .await;
    let funded: Vec<&str> = funded.split_whitespace().collect();
    let [first, second, ..] = funded[..] else {
        return 0;
    };
    let in_force = app
        .value("select coalesce(max(id::text), '') from sealed.selection where state = 'final'")
        .await;
    future::join3(
        withdraw(arena, first),
        propose(arena, &in_force),
        propose(arena, &in_force),
    )
    .await;
    for attempt in 1..=10 {
        propose(arena, &in_force).await;
        for what in ["adopt", "confirm"] {
            on_latest(arena, what).await;
        }
        let latest = latest(arena).await;
        let answers = future::join_all((0..FUNDERS.len()).map(|at| accept(arena, &latest, at)));
        let gone = async {
            if attempt == 1 {
                withdraw(arena, second).await;
            }
        };
        future::join3(answers, gone, pledge(arena, attempt % FUNDERS.len(), 60)).await;
        let decided = "select count(*) > 1 from sealed.selection where finalised_at is not null";
        if app.value(decided).await == "t" {
            return attempt;
        }
    }
    10
}

async fn propose(arena: &Arena, in_force: &str) {
    let world = &arena.world;
    let request = world
        .secretariat
        .post(&format!("/selections/{in_force}/amend"));
    let body = json!({ "cause": "withdrawal", "reason": "It was withdrawn" });
    arena.did("amend", &[], request.etag("*").json(&body)).await;
}

async fn withdraw(arena: &Arena, number: &str) {
    let world = &arena.world;
    let id = world.id_of(number);
    let request = world.coordinator.post(&format!("/proposals/{id}/withdraw"));
    let body = json!({ "reason": "Moves to a company" });
    arena
        .did("withdraw", &[], request.etag("*").json(&body))
        .await;
}
