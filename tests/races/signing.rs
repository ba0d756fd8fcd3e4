//! The last signature beside a commitment that is lowered at that moment: one of the two has to lose.

use futures::future;

use crate::arena::Arena;
use crate::deeds::{accept, decided, latest, on_latest, pledge, sign};
use crate::world::FUNDERS;

/// How many readings later the commitment is lowered at the last attempt: by then the other one has long decided.
const LATEST: usize = 60;

/// All funders but the first accept a selection; then it accepts while it lowers its commitment, at each attempt a little
/// later, until the signature comes first and the selection is final. So each moment of the one meets each of the other,
/// whoever is faster. Answers how many attempts it took.
pub async fn last(arena: &Arena) -> usize {
    let world = &arena.world;
    restore(arena).await;
    for what in ["propose", "adopt", "confirm"] {
        on_latest(arena, what).await;
    }
    let latest = latest(arena).await;
    for at in 1..FUNDERS.len() {
        accept(arena, &latest, at).await;
    }
    for later in 0..LATEST {
        if decided(arena).await {
            return later;
        }
        let lower = async {
            for _ in 0..later {
                let funders = world.signatories[0].get(&world.path("funders"));
                funders.send().await;
            }
            future::join(sign(arena, 0, 60), pledge(arena, 0, 60)).await;
        };
        future::join(accept(arena, &latest, 0), lower).await;
        if decided(arena).await {
            return later + 1;
        }
        restore(arena).await;
    }
    LATEST
}

/// The first funder commits again what it first committed, and signs for it.
async fn restore(arena: &Arena) {
    pledge(arena, 0, 100).await;
    sign(arena, 0, 100).await;
}
