//! Reviews: written, handed in, given back, released, declined, given to somebody else, ended by a conflict.

use std::collections::HashMap;

use futures::{StreamExt, stream};
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::compare::{End, Subject, answered, ended};
use crate::reviewing::UnderReview;
use crate::world::World;

/// What may happen to a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Write,
    Submit,
    Decline,
    Return,
    Release,
    Replace,
    /// The secretariat notes a conflict between its expert and its proposal.
    Conflict,
}

/// Where a review is, as the model has it.
#[derive(Debug, Clone)]
pub struct State {
    pub state: &'static str,
    conflict: bool,
}

/// What a step does and how it is answered.
pub fn model(state: &mut State, step: Step) -> u16 {
    let over = matches!(
        state.state,
        "declined" | "conflicted" | "voided" | "replaced"
    );
    let next = match (step, state.state) {
        (Step::Conflict, _) if state.conflict => return 409,
        (Step::Conflict, before) => {
            state.conflict = true;
            state.state = match before {
                "invited" | "draft" => "conflicted",
                "submitted" | "returned" | "released" => "voided",
                other => other,
            };
            return 201;
        }
        // It is nothing of its author's any more.
        (Step::Write | Step::Submit | Step::Decline, _) if over => return 404,
        (Step::Write, "invited" | "draft" | "returned") => "draft",
        (Step::Submit, "draft") => "submitted",
        (Step::Decline, "invited") => "declined",
        // The applicants read nothing as long as one review of the stage is to come, and one always is.
        (Step::Return, "submitted" | "released") => "returned",
        (Step::Release, "submitted") => "released",
        (Step::Replace, "invited" | "draft" | "returned") => "replaced",
        _ => return 409,
    };
    state.state = next;
    200
}

/// Reviews of calls, a new one for each batch.
pub struct Reviews<M> {
    world: Mutex<(World, usize)>,
    secretariat: Client,
    model: M,
}

/// A review to live.
struct Desk {
    call: String,
    review: String,
    author: Client,
    expert: Uuid,
    proposal: Uuid,
    /// Who takes it over.
    other: Uuid,
}

impl<M: Fn(&mut State, Step) -> u16> Reviews<M> {
    pub async fn new(model: M) -> Reviews<M> {
        let world = World::ranked_in(TestApp::start().await).await;
        Reviews {
            secretariat: world.secretariat.clone(),
            world: Mutex::new((world, 0)),
            model,
        }
    }

    /// So many reviews in a new call, each with somebody in reserve.
    async fn desks(&self, count: usize) -> Vec<Desk> {
        let mut world = self.world.lock().await;
        world.1 += 1;
        let code = format!("JTC2032-{}", world.1);
        let proposals = count.isqrt().max(1);
        let experts = count.div_ceil(proposals);
        let most = 2 * proposals;
        let call = UnderReview::new(&mut world.0, &code, proposals, 2 * experts + 1, most).await;
        let path = format!("/calls/{}/stages/1/assignments", call.call);
        // Somebody has a review and never begins.
        let idle = json!({ "proposal": call.proposals[0], "expert": call.experts[2 * experts].1 });
        let assigned = self.secretariat.post(&path).json(&idle).send().await;
        assigned.expect(201);
        let mut desks = Vec::new();
        let pairs = (0..experts).flat_map(|expert| (0..proposals).map(move |at| (expert, at)));
        for (expert, at) in pairs.take(count) {
            let (author, id) = call.experts[expert].clone();
            let proposal = call.proposals[at];
            let pair = json!({ "proposal": proposal, "expert": id });
            let assigned = self
                .secretariat
                .post(&path)
                .json(&pair)
                .send()
                .await
                .expect(201);
            let (id_text, proposal_text) = (id.to_string(), proposal.to_string());
            let items = assigned.json["items"].as_array().unwrap();
            let same =
                |item: &&Value| item["expert"] == id_text && item["proposal"] == proposal_text;
            let item = items.iter().find(same).unwrap();
            desks.push(Desk {
                call: call.call.clone(),
                review: item["review"].as_str().unwrap().to_owned(),
                author,
                expert: id,
                proposal,
                other: call.experts[experts + expert].1,
            });
        }
        desks
    }

    async fn take(&self, desk: &Desk, step: Step) -> Reply {
        let path = format!("/reviews/{}", desk.review);
        let reason = json!({"reason": "For a reason"});
        let act = |who: &Client, what: &str| who.post(&format!("{path}/{what}")).etag("*");
        match step {
            Step::Write => {
                let mark = json!({"score": "4.0", "comment": "Sound."});
                let draft =
                    json!({"scores": {"excellence": mark, "impact": mark, "implementation": mark}});
                desk.author.put(&path).etag("*").json(&draft).send().await
            }
            Step::Submit => act(&desk.author, "submit").send().await,
            Step::Decline => act(&desk.author, "decline").json(&reason).send().await,
            Step::Return => act(&self.secretariat, "return").json(&reason).send().await,
            Step::Release => act(&self.secretariat, "release").send().await,
            Step::Replace => {
                let to = json!({"expert": desk.other, "reason": "Fell ill"});
                act(&self.secretariat, "replace").json(&to).send().await
            }
            Step::Conflict => {
                let conflict = json!({"expert": desk.expert, "proposal": desk.proposal, "reason": "It was said"});
                let path = format!("/calls/{}/conflicts", desk.call);
                self.secretariat.post(&path).json(&conflict).send().await
            }
        }
    }
}

impl<M: Fn(&mut State, Step) -> u16> Subject for Reviews<M> {
    type Step = Step;
    const STEPS: &'static [Step] = &[
        Step::Write,
        Step::Write,
        Step::Write,
        Step::Submit,
        Step::Submit,
        Step::Submit,
        Step::Return,
        Step::Return,
        Step::Release,
        Step::Decline,
        Step::Replace,
        Step::Conflict,
    ];
    const LONGEST: usize = 12;
    const BATCH: usize = 50;

    async fn live(&self, lives: &[Vec<Step>]) -> Vec<End> {
        let desks = self.desks(lives.len()).await;
        let done = stream::iter(desks.iter().zip(lives)).map(|(desk, life)| async move {
            let mut state = State {
                state: "invited",
                conflict: false,
            };
            for step in life {
                let reply = self.take(desk, *step).await;
                answered(step, &reply, (self.model)(&mut state, *step))?;
            }
            Ok::<_, String>((desk, state))
        });
        let done: Vec<_> = done.buffered(8).collect().await;
        let query = "select coalesce(string_agg(id || ' ' || state, ';'), '') from sealed.review";
        let all = self.world.lock().await.0.app.value(query).await;
        let found: HashMap<&str, &str> = all
            .split(';')
            .filter_map(|one| one.split_once(' '))
            .collect();
        done.into_iter()
            .map(|one| {
                let (desk, state) = one?;
                ended(found[desk.review.as_str()], state.state)
            })
            .collect()
    }
}
