//! What people do at random and at once. Deeds that fit badly beside each other are sent in pairs, at the same
//! moment: that is where a missing lock shows.

use futures::future;
use serde_json::{Value, json};
use testkit::Reply;
use uuid::Uuid;

use crate::arena::{Arena, Review};
use crate::walls;
use crate::world::{FUNDERS, adoption};

/// Numbers without a pattern, the same in every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        (!all.is_empty()).then(|| all[self.roll(all.len())])
    }
}

const KINDS: [&str; 3] = ["declared", "co_publication", "parent_organisation"];

/// Projects that are withdrawn while they are decided on; enough of the others can be paid.
const WITHDRAWN: [&str; 5] = ["P03", "P04", "P07", "P08", "P10"];

/// One deed, or a few at the same moment; more than half of all are about money.
pub async fn deed(arena: &Arena, dice: &mut Dice) {
    match dice.roll(36) {
        0 | 1 => {
            if let Some(pair) = arena.fresh() {
                let conflict = async {
                    match pair.0 % 2 {
                        0 => arena.note(pair, "declared").await,
                        _ => arena.declare(pair).await,
                    }
                };
                future::join(arena.assign(pair), conflict).await;
            }
        }
        2 | 3 => {
            if let Some([one, other]) = arena.fresh_twice() {
                future::join(arena.assign(one), arena.assign(other)).await;
            }
        }
        4 => {
            let expert = dice.roll(arena.experts.len());
            let proposal = dice.of(&arena.proposals).unwrap();
            arena.assign((expert, proposal)).await;
        }
        5 => judge(arena, dice).await,
        6 => {
            let request = arena
                .world
                .secretariat
                .post(&arena.stage("reviews/release"));
            let reply = arena
                .did("release all", &[], request.json(&json!({})))
                .await;
            let released = reply.json["reviews"].as_array();
            let ids = released.into_iter().flatten();
            let ids = ids.map(|id| id.as_str().unwrap().parse::<Uuid>().unwrap());
            arena.released.lock().unwrap().extend(ids);
        }
        7..=12 => review(arena, dice).await,
        13 | 14 => rearrange(arena, dice).await,
        15 => walls::declare(arena, dice).await,
        _ => money(arena, dice).await,
    }
}

/// Who reviews what is changed for many at once, while a conflict comes up with one whom the change may choose.
async fn rearrange(arena: &Arena, dice: &mut Dice) {
    let kind = dice.of(&KINDS).unwrap();
    let pair = (
        dice.roll(arena.experts.len()),
        dice.of(&arena.proposals).unwrap(),
    );
    let note = async {
        match pair.0 % 2 {
            0 => arena.note(pair, kind).await,
            _ => arena.declare(pair).await,
        }
    };
    match dice.roll(6) {
        0 if arena.may_go(3) => {
            let leaving = arena.expert(dice.roll(arena.experts.len()));
            let path = format!("/experts/{leaving}/replace?stage=1");
            let body = json!({ "reason": "Fell ill", "leave_open": true });
            future::join(arena.rearrange("drop out", &path, &body), note).await;
        }
        1 if arena.may_be_withdrawn(pair.1, 2) => {
            let gone = withdraw(arena, pair.1);
            let assign = arena.assign((dice.roll(arena.experts.len()), pair.1));
            future::join3(gone, assign, note).await;
        }
        _ => {
            let known = dice.of(&arena.reviews.lock().unwrap());
            let Some(one) = known else { return };
            // One reviewer is taken off, and somebody found for the place.
            let off = json!([{ "proposal": one.proposal, "expert": arena.expert(one.expert) }]);
            let places = now(arena).await;
            let body = json!({ "reason": "A change", "per_proposal": 1, "reviewers": places, "forbid": off });
            let path = arena.stage("reassign");
            future::join(arena.rearrange("reassign", &path, &body), note).await;
        }
    }
}

/// How many reviewers each proposal has at the moment, where there are some and it was not withdrawn.
async fn now(arena: &Arena) -> Vec<Value> {
    let path = arena.stage("assignments");
    let list = arena.world.secretariat.read(&path).await.json;
    let ended = ["declined", "conflicted", "replaced", "voided"];
    let of = |proposal: &Uuid| {
        let items = list["items"].as_array().unwrap().iter();
        items
            .filter(|item| item["proposal"] == proposal.to_string().as_str())
            .filter(|item| !ended.contains(&item["state"].as_str().unwrap()))
            .count()
    };
    let withdrawn = arena.withdrawn.lock().unwrap().clone();
    let there = arena.proposals.iter();
    let there = there.filter(|proposal| !withdrawn.contains(proposal));
    there
        .map(|proposal| (proposal, of(proposal)))
        .filter(|(_, reviewers)| *reviewers > 0)
        .map(|(proposal, reviewers)| json!({ "proposal": proposal, "reviewers": reviewers }))
        .collect()
}

/// The coordinator takes a proposal back that is under review, or ranked.
async fn withdraw(arena: &Arena, proposal: Uuid) {
    let coordinator = &arena.world.coordinator;
    let request = coordinator.post(&format!("/proposals/{proposal}/withdraw"));
    let body = json!({ "reason": "Moves to a company" });
    arena
        .did("withdraw", &[proposal], request.etag("*").json(&body))
        .await;
}

/// A deed on a review that there is.
async fn review(arena: &Arena, dice: &mut Dice) {
    let known = dice.of(&arena.reviews.lock().unwrap());
    let Some(one) = known else { return };
    match dice.roll(12) {
        0..=3 => write(arena, dice, one).await,
        4 | 5 => {
            // Written at the moment it is handed in: either the one or the other sees it first.
            let submit = act(arena, one, "submit");
            future::join(submit, write(arena, dice, one)).await;
        }
        6 => drop(act(arena, one, "submit").await),
        7 => {
            let pair = (one.expert, one.proposal);
            let kind = dice.of(&KINDS).unwrap();
            future::join(act(arena, one, "submit"), arena.note(pair, kind)).await;
        }
        8 => drop(act(arena, one, "return").await),
        9 => drop(future::join(act(arena, one, "return"), act(arena, one, "release")).await),
        10 => drop(act(arena, one, "decline").await),
        _ => replace(arena, dice, one).await,
    }
}

async fn write(arena: &Arena, dice: &mut Dice, one: Review) {
    let mark = |score: &str| json!({ "score": score, "comment": "Sound." });
    let impact = ["3.0", "3.5", "4.0"][dice.roll(3)];
    let draft = json!({ "scores": { "excellence": mark("4.5"), "impact": mark(impact),
        "implementation": mark("3.5") }, "remark": "Between us" });
    let client = &arena.experts[one.expert].0;
    let request = client.put(&format!("/reviews/{}", one.id));
    let to = [arena.expert(one.expert), one.proposal, one.id];
    arena
        .did("write", &to, request.etag("*").json(&draft))
        .await;
}

async fn act(arena: &Arena, one: Review, what: &'static str) -> Reply {
    let who = match what {
        "submit" | "decline" => &arena.experts[one.expert].0,
        _ => &arena.world.secretariat,
    };
    let mut request = who.post(&format!("/reviews/{}/{what}", one.id)).etag("*");
    if matches!(what, "decline" | "return") {
        request = request.json(&json!({ "reason": "For a reason" }));
    }
    let to = [arena.expert(one.expert), one.proposal, one.id];
    let reply = arena.did(what, &to, request).await;
    if reply.status == 404 || (what == "decline" && reply.status == 200) {
        // It is nobody's any more: it would only answer so again.
        arena
            .reviews
            .lock()
            .unwrap()
            .retain(|known| known.id != one.id);
    }
    reply
}

/// Somebody else takes the review over, and perhaps is found to have a conflict at that moment.
async fn replace(arena: &Arena, dice: &mut Dice, one: Review) {
    let other = dice.roll(arena.experts.len());
    let secretariat = &arena.world.secretariat;
    let request = secretariat.post(&format!("/reviews/{}/replace", one.id));
    let body = json!({ "expert": arena.expert(other), "reason": "Fell ill" });
    let to = [arena.expert(other), one.proposal, one.id];
    let replace = arena.did("replace", &to, request.json(&body));
    let reply = if dice.roll(2) == 0 {
        let note = arena.note((other, one.proposal), "co_publication");
        future::join(replace, note).await.0
    } else {
        replace.await
    };
    arena.learn(&reply.json["items"]);
}

/// The secretariat judges a conflict, and at the same moment the review is handed in or assigned all the same.
async fn judge(arena: &Arena, dice: &mut Dice) {
    let known = dice.of(&arena.conflicts.lock().unwrap());
    let Some((conflict, pair)) = known else {
        return;
    };
    let stands = dice.roll(2) == 0;
    let secretariat = &arena.world.secretariat;
    let request = secretariat.post(&format!("/conflicts/{conflict}/judge"));
    let body = json!({ "stands": stands, "reason": "Looked into" });
    let what = if stands { "uphold" } else { "dismiss" };
    let to = [pair[0], pair[1], conflict];
    let judge = arena.did(what, &to, request.json(&body));
    let known = arena.reviews.lock().unwrap().clone();
    let at_work = known
        .into_iter()
        .find(|one| (arena.expert(one.expert), one.proposal) == (pair[0], pair[1]));
    match at_work {
        Some(one) => drop(future::join(judge, act(arena, one, "submit")).await),
        None => {
            let expert = arena.experts.iter().position(|one| one.1 == pair[0]);
            future::join(judge, arena.assign((expert.unwrap(), pair[1]))).await;
        }
    }
}

/// A deed with money.
async fn money(arena: &Arena, dice: &mut Dice) {
    let world = &arena.world;
    match dice.roll(14) {
        0..=4 => {
            let at = dice.roll(FUNDERS.len());
            let (one, other) = (70 + dice.roll(60), 70 + dice.roll(60));
            // Low, so that it stands in the way of few of the others.
            let available = 40 + dice.roll(36);
            let pledges = future::join(pledge(arena, at, one), pledge(arena, at, other));
            future::join(pledges, sign(arena, at, available)).await;
        }
        5 => {
            let twice = || {
                arena.did(
                    "propose",
                    &[],
                    world.secretariat.post(&world.path("selection")),
                )
            };
            future::join(twice(), twice()).await;
        }
        6 => drop(on_latest(arena, "propose").await),
        7 | 8 => drop(on_latest(arena, "adopt").await),
        9 => drop(on_latest(arena, "confirm").await),
        12 | 13 => {
            let gone = world.id_of(dice.of(&WITHDRAWN).unwrap());
            let step = dice.of(&["propose", "adopt", "confirm"]).unwrap();
            let twice = future::join(withdraw(arena, gone), withdraw(arena, gone));
            future::join(twice, on_latest(arena, step)).await;
        }
        _ => {
            let latest = latest(arena).await;
            let at = dice.roll(FUNDERS.len());
            future::join(accept(arena, &latest, at), pledge(arena, at, 70)).await;
        }
    }
}

pub async fn latest(arena: &Arena) -> String {
    let world = &arena.world;
    let latest = world.secretariat.get(&world.path("selection")).send().await;
    format!("/selections/{}", latest.id())
}

/// A step of the decision on the latest selection.
pub async fn on_latest(arena: &Arena, what: &'static str) -> Reply {
    let world = &arena.world;
    if what == "propose" {
        let request = world.secretariat.post(&world.path("selection"));
        return arena.did(what, &[], request).await;
    }
    let path = format!("{}/{what}", latest(arena).await);
    let request = match what {
        "adopt" => world.secretariat.post(&path).json(&adoption()),
        _ => world.chair.post(&path),
    };
    arena.did(what, &[], request.etag("*")).await
}

pub async fn accept(arena: &Arena, selection: &str, at: usize) -> Reply {
    let path = format!("{selection}/lines/{}/accept", FUNDERS[at].0);
    let request = arena.world.signatories[at].post(&path).etag("*");
    arena.did("accept", &[], request).await
}

/// A funder commits this share, in percent, of what it first committed.
pub async fn pledge(arena: &Arena, at: usize, share: usize) {
    let (key, _, thousands) = FUNDERS[at];
    let amount = format!("{}.00", usize::try_from(thousands).unwrap() * 10 * share);
    let body = json!({ "amount": amount, "reason": "Another letter" });
    let who = match share % 2 {
        0 => &arena.world.signatories[at],
        _ => &arena.world.secretariat,
    };
    let request = who.put(&arena.world.path(&format!("funders/{key}/commitment")));
    arena
        .did("pledge", &[funder(at)], request.etag("*").json(&body))
        .await;
}

/// A funder commits this share, in percent, of what it first committed, on availability of funds.
pub async fn sign(arena: &Arena, at: usize, share: usize) {
    let thousands = usize::try_from(FUNDERS[at].2).unwrap();
    available(arena, at, &format!("{}.00", thousands * 10 * share)).await;
}

async fn available(arena: &Arena, at: usize, amount: &str) {
    let body = json!({ "kind": "availability", "amount": amount, "document": arena.signed, "reason": "Signed" });
    let path = arena
        .world
        .path(&format!("funders/{}/commitment", FUNDERS[at].0));
    let request = arena.world.signatories[at].put(&path);
    arena
        .did("pledge", &[funder(at)], request.etag("*").json(&body))
        .await;
}

/// All funders sign for all that they commit at the moment.
pub async fn sign_all(arena: &Arena) {
    let path = arena.world.path("commitments");
    let all = arena.world.secretariat.read(&path).await.json;
    for (at, (key, ..)) in FUNDERS.iter().enumerate() {
        let mut funders = all["funders"].as_array().unwrap().iter();
        let own = funders.find(|one| one["organisation"] == *key).unwrap();
        let amount = own["commitment"]["amount"].as_str().unwrap();
        available(arena, at, amount).await;
    }
}

/// A name for a funder in the history.
pub fn funder(at: usize) -> Uuid {
    Uuid::from_u128(u128::try_from(at).unwrap())
}

/// Brings the call to its decision: all funders accept at the same moment, while one lowers its commitment and
/// the secretariat proposes anew. Answers how many attempts it took.
pub async fn decide(arena: &Arena) -> usize {
    for attempt in 1..=20 {
        if decided(arena).await {
            return attempt - 1;
        }
        sign_all(arena).await;
        for what in ["propose", "adopt", "confirm"] {
            on_latest(arena, what).await;
        }
        let latest = latest(arena).await;
        let answers = future::join_all((0..FUNDERS.len()).map(|at| accept(arena, &latest, at)));
        let at = attempt % FUNDERS.len();
        let lower = future::join(sign(arena, at, 60), pledge(arena, at, 60));
        let anew = async {
            if attempt % 2 == 1 {
                on_latest(arena, "propose").await;
            }
        };
        future::join3(answers, lower, anew).await;
    }
    20
}

/// Whether there is a decision.
pub async fn decided(arena: &Arena) -> bool {
    let state = "select count(*) from sealed.selection where state = 'final'";
    arena.world.app.value(state).await != "0"
}
