//! Somebody at the secretariat says of oneself to be in conflict with a proposal, and acts on it at that moment and later.

use futures::future;
use serde_json::json;
use uuid::Uuid;

use crate::arena::{Arena, Deed};
use crate::deeds::Dice;

/// The colleague declares a conflict with a proposal while assigning a reviewer to it, and tries once more when that is on
/// record.
pub async fn declare(arena: &Arena, dice: &mut Dice) {
    let proposal = arena.proposals[dice.roll(arena.proposals.len())];
    let mut expert = || arena.expert(dice.roll(arena.experts.len()));
    let (first, second) = (expert(), expert());
    let assign = async |expert: Uuid| {
        let body = json!({ "proposal": proposal, "expert": expert });
        let request = arena.colleague.post(&arena.stage("assignments"));
        let to = [expert, proposal];
        let reply = arena
            .did("assign as a colleague", &to, request.json(&body))
            .await;
        arena.learn(&reply.json["items"]);
    };
    let own = async {
        let body = json!({ "proposal": proposal, "reason": "My sister takes part" });
        let request = arena.colleague.post(&arena.of_call("own-conflicts"));
        let account = arena.colleague.account.unwrap();
        arena
            .did("own conflict", &[account, proposal], request.json(&body))
            .await;
    };
    future::join(own, assign(first)).await;
    assign(second).await;
}

/// Deeds on a proposal that the colleague sent after the own conflict with it was acknowledged, and that were done all
/// the same.
pub fn findings(history: &[Deed]) -> Vec<String> {
    let walls = history
        .iter()
        .filter(|deed| deed.what == "own conflict" && deed.done());
    let walls: Vec<&Deed> = walls.collect();
    history
        .iter()
        .filter(|deed| deed.what == "assign as a colleague" && deed.done())
        .filter(|deed| {
            let mut before = walls.iter().filter(|wall| wall.answered < deed.sent);
            before.any(|wall| wall.to[1] == deed.to[1])
        })
        .map(|deed| format!("done behind a wall: {} {:?}", deed.what, deed.to))
        .collect()
}
