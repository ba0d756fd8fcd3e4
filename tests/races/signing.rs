//! The last signature beside a commitment that is lowered at that moment: one of the two has to lose.

use futures::future;

use crate::arena::Arena;
use crate::deeds::{accept, latest, on_latest, pledge, sign, sign_all};
use crate::world::FUNDERS;

/// How many readings later the commitment is lowered at most: by then the other one has long decided.
const LATEST: usize = 400;

/// All funders but the first accept a selection; then it accepts while it lowers its commitment, at each attempt a little
/// later, until the signature comes first and the selection is final. So each moment of the one meets each of the other,
/// whoever is faster. Answers how many attempts it took.
pub async fn last(arena: &Arena) -> usize {
    let world = &arena.world;
    restore(arena).await;
    sign_all(arena).await;
    for what in ["propose", "adopt", "confirm"] {
        on_latest(arena, what).await;
    }
    let latest = latest(arena).await;
    for at in 1..FUNDERS.len() {
        accept(arena, &latest, at).await;
    }
    let (mut attempts, mut later) = (0, 0);
    while later < LATEST && waits(arena).await {
        attempts += 1;
        let lower = async {
            for _ in 0..later {
                let funders = world.signatories[0].get(&world.path("funders"));
                funders.send().await;
            }
            future::join(sign(arena, 0, 60), pledge(arena, 0, 60)).await;
        };
        future::join(accept(arena, &latest, 0), lower).await;
        later += 1 + later / 8;
        if waits(arena).await {
            restore(arena).await;
        }
    }
    attempts
}

/// Whether a selection waits for signatures.
async fn waits(arena: &Arena) -> bool {
    let confirmed = "select count(*) from sealed.selection where state = 'confirmed'";
    arena.world.app.value(confirmed).await != "0"
}

/// The first funder commits again what it first committed, and signs for it.
async fn restore(arena: &Arena) {
    pledge(arena, 0, 100).await;
    sign(arena, 0, 100).await;
}
