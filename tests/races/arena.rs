//! Two calls side by side in which everything is contended at once: pre-proposals under review by few experts, and
//! ranked full proposals whose money is about to be bound. Both are set up in SQL; all deeds go over HTTP.

use std::collections::BTreeMap;
use std::sync::Mutex;

use access::Role;
use serde_json::{Value, json};
use testkit::{Client, Reply, Request, TestApp};
use tokio::time::Instant;
use uuid::Uuid;

use crate::reviewing::UnderReview;
use crate::world::{FUNDERS, World};

/// Few, so that everybody wants the same ones.
const EXPERTS: usize = 10;
const PROPOSALS: usize = 10;
/// How many reviews an expert agreed to at once.
const MOST: usize = 3;

/// A deed as its doer saw it.
#[derive(Debug, Clone)]
pub struct Deed {
    /// What was done.
    pub what: &'static str,
    /// To what: a pair of expert and proposal, a review, a conflict, a funder.
    pub to: Vec<Uuid>,
    pub sent: Instant,
    pub answered: Instant,
    pub status: u16,
}

impl Deed {
    /// Whether it was acknowledged.
    pub fn done(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// An assignment that somebody was told of.
#[derive(Debug, Clone, Copy)]
pub struct Review {
    pub id: Uuid,
    pub expert: usize,
    pub proposal: Uuid,
}

/// Two calls in one server, and what was done in them.
pub struct Arena {
    /// The call whose money is decided.
    pub world: World,
    /// SHA-256 of the document that all its funders signed.
    pub signed: String,
    /// The call whose proposals are reviewed.
    call: String,
    pub experts: Vec<(Client, Uuid)>,
    pub proposals: Vec<Uuid>,
    /// Another one at its secretariat.
    pub colleague: Client,
    /// The pairs that nobody has touched yet.
    fresh: Mutex<Vec<(usize, Uuid)>>,
    pub reviews: Mutex<Vec<Review>>,
    /// Conflicts with their pairs.
    pub conflicts: Mutex<Vec<(Uuid, [Uuid; 2])>>,
    /// The reviews that were released with all others.
    pub released: Mutex<Vec<Uuid>>,
    /// Pairs that a change of the whole assignment made, each with when that was asked for and answered.
    pub rearranged: Mutex<Vec<Deed>>,
    /// How many experts dropped out: with too many nothing is left to fight about.
    dropped_out: Mutex<usize>,
    /// Proposals that are withdrawn, or about to be.
    pub withdrawn: Mutex<Vec<Uuid>>,
    pub history: Mutex<Vec<Deed>>,
}

impl Arena {
    /// Two calls in this server.
    pub async fn new(app: TestApp) -> Arena {
        let mut world = World::ranked_in(app).await;
        let review = UnderReview::new(&mut world, "JTC2032", PROPOSALS, EXPERTS, MOST).await;
        let UnderReview {
            call,
            experts,
            proposals,
        } = review;
        let colleague = world.app.person("Cleo Colleague").await;
        world
            .app
            .grant(&colleague, Role::Secretariat, Some(&call), None)
            .await;
        let mut signed = String::new();
        for (at, (key, ..)) in FUNDERS.iter().enumerate() {
            let path = world.path(&format!("funders/{key}/commitment/documents"));
            let by = "signed_by=Maria&signed_as=Head&signed_on=2026-01-01";
            let post = world.signatories[at].post(&format!("{path}?{by}"));
            let filed = post.body("application/pdf", "%PDF-1.7\n%%EOF\n").send();
            let filed = filed.await.expect(201).json;
            signed = filed["sha256"].as_str().unwrap().to_owned();
        }
        // Who withdraws is shown what was written.
        let drafts = "insert into draft (proposal_stage_id, call_id, content)
             select s.proposal_stage_id, s.call_id, s.content from submission s on conflict do nothing;
             insert into draft_history (proposal_stage_id, version, call_id, content, saved_by)
             select s.proposal_stage_id, 1, s.call_id, s.content, s.submitted_by from submission s on conflict do nothing";
        world.app.sql(drafts).await;
        // Neighbours in this order have neither expert nor proposal in common.
        let fresh = (0..EXPERTS).flat_map(|shift| {
            let pair = move |at| ((at + shift) % EXPERTS, at);
            (0..PROPOSALS).map(pair)
        });
        let fresh = fresh.map(|(expert, at)| (expert, proposals[at])).collect();
        Arena {
            world,
            signed,
            call,
            experts,
            colleague,
            fresh: Mutex::new(fresh),
            proposals,
            reviews: Mutex::default(),
            conflicts: Mutex::default(),
            released: Mutex::default(),
            rearranged: Mutex::default(),
            dropped_out: Mutex::default(),
            withdrawn: Mutex::default(),
            history: Mutex::default(),
        }
    }

    /// A pair of expert and proposal between which nothing has been yet.
    pub fn fresh(&self) -> Option<(usize, Uuid)> {
        self.fresh.lock().unwrap().pop()
    }

    /// Two such pairs of the same expert.
    pub fn fresh_twice(&self) -> Option<[(usize, Uuid); 2]> {
        let mut fresh = self.fresh.lock().unwrap();
        let one = fresh.pop()?;
        let at = fresh.iter().rposition(|other| other.0 == one.0)?;
        Some([one, fresh.remove(at)])
    }

    /// The id of an expert in the call.
    pub fn expert(&self, at: usize) -> Uuid {
        self.experts[at].1
    }

    /// A path under the stage that is reviewed.
    pub fn stage(&self, rest: &str) -> String {
        self.of_call(&format!("stages/1/{rest}"))
    }

    /// A path under the call that is reviewed.
    pub fn of_call(&self, rest: &str) -> String {
        format!("/calls/{}/{rest}", self.call)
    }

    /// Sends a deed and writes it down.
    pub async fn did(&self, what: &'static str, to: &[Uuid], request: Request) -> Reply {
        let sent = Instant::now();
        let reply = request.send().await;
        self.history.lock().unwrap().push(Deed {
            what,
            to: to.to_vec(),
            sent,
            answered: Instant::now(),
            status: reply.status,
        });
        reply
    }

    /// Assigns an expert to a proposal.
    pub async fn assign(&self, (expert, proposal): (usize, Uuid)) {
        let id = self.expert(expert);
        let body = json!({ "proposal": proposal, "expert": id });
        let request = self.world.secretariat.post(&self.stage("assignments"));
        let reply = self
            .did("assign", &[id, proposal], request.json(&body))
            .await;
        self.learn(&reply.json["items"]);
    }

    /// Learns the reviews that a list of assignments tells of.
    pub fn learn(&self, items: &Value) {
        let id = |value: &Value| value.as_str().unwrap().parse::<Uuid>().unwrap();
        let mut known = self.reviews.lock().unwrap();
        let ended = ["declined", "conflicted", "replaced", "voided"];
        for item in items.as_array().into_iter().flatten() {
            if ended.contains(&item["state"].as_str().unwrap()) {
                continue;
            }
            let (review, expert) = (id(&item["review"]), id(&item["expert"]));
            if known.iter().all(|one| one.id != review) {
                known.push(Review {
                    id: review,
                    expert: self.experts.iter().position(|one| one.1 == expert).unwrap(),
                    proposal: id(&item["proposal"]),
                });
            }
        }
    }

    /// Whether one more expert may drop out, of so many at most.
    pub fn may_go(&self, most: usize) -> bool {
        let mut gone = self.dropped_out.lock().unwrap();
        let may = *gone < most;
        *gone += usize::from(may);
        may
    }

    /// Whether a proposal may be withdrawn, of so many at most.
    pub fn may_be_withdrawn(&self, proposal: Uuid, most: usize) -> bool {
        let mut withdrawn = self.withdrawn.lock().unwrap();
        let may = withdrawn.len() < most && !withdrawn.contains(&proposal);
        withdrawn.extend(may.then_some(proposal));
        may
    }

    /// Assigns anew, or has an expert replaced on all that is not handed in; each pair that came of it is noted, since nobody
    /// knew of it before.
    pub async fn rearrange(&self, what: &'static str, path: &str, body: &Value) {
        let sent = Instant::now();
        let request = self.world.secretariat.post(path).json(body);
        let reply = self.did(what, &[], request).await;
        let answered = Instant::now();
        let id = |value: &Value| value.as_str().unwrap().parse::<Uuid>().unwrap();
        let added = reply.json["added"].as_array().into_iter().flatten();
        let added = added.map(|pair| Deed {
            what: "rearranged",
            to: vec![id(&pair["expert"]), id(&pair["proposal"])],
            sent,
            answered,
            status: reply.status,
        });
        self.rearranged.lock().unwrap().extend(added);
        if reply.status == 200 {
            let list = self.stage("assignments");
            let all = self.world.secretariat.read(&list).await;
            self.learn(&all.json["items"]);
        }
    }

    /// Notes a conflict as the secretariat.
    pub async fn note(&self, (expert, proposal): (usize, Uuid), kind: &str) {
        let id = self.expert(expert);
        let body =
            json!({ "expert": id, "proposal": proposal, "kind": kind, "reason": "It was said" });
        let request = self.world.secretariat.post(&self.of_call("conflicts"));
        let reply = self.did("note", &[id, proposal], request.json(&body)).await;
        if reply.status == 201 {
            let known = (reply.id().parse().unwrap(), [id, proposal]);
            self.conflicts.lock().unwrap().push(known);
        }
    }

    /// Declares a conflict as the expert.
    pub async fn declare(&self, (expert, proposal): (usize, Uuid)) {
        let (client, id) = &self.experts[expert];
        let body =
            json!({ "conflicts": [{ "proposal": proposal, "reason": "My former student" }] });
        let request = client.put(&format!("/experts/{id}/declaration?stage=1"));
        self.did("declare", &[*id, proposal], request.etag("*").json(&body))
            .await;
    }

    /// How often each deed was answered with each status.
    pub fn tally(&self) -> BTreeMap<(&'static str, u16), usize> {
        let mut tally = BTreeMap::new();
        for deed in self.history.lock().unwrap().iter() {
            *tally.entry((deed.what, deed.status)).or_default() += 1;
        }
        tally
    }
}
