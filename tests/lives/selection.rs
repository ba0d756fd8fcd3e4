//! Selections: proposed, adopted, confirmed, and answered for by four funders.

use serde_json::json;
use testkit::{Reply, TestApp};
use uuid::Uuid;

use crate::compare::{End, Subject, answered, ended};
use crate::world::{FUNDERS, World, adoption};

/// What may happen to a selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Propose,
    Adopt,
    Confirm,
    /// This funder accepts its line of the latest selection.
    Accept(usize),
    Refuse(usize),
}

/// Where the latest selection is, as the model has it.
#[derive(Debug, Clone)]
pub struct State {
    pub state: &'static str,
    pub lines: [&'static str; 4],
    /// Selections that others replaced.
    amended: usize,
}

/// What a step does and how it is answered.
pub fn model(state: &mut State, step: Step) -> u16 {
    let before = state.state;
    match (step, before) {
        (Step::Propose, "final") => return 409,
        (Step::Propose, _) => {
            state.amended += usize::from(before != "none");
            (state.state, state.lines) = ("proposed", ["open"; 4]);
            return 201;
        }
        (_, "none") => return 404,
        (Step::Adopt, "proposed") => state.state = "adopted",
        (Step::Confirm, "adopted") => state.state = "confirmed",
        (Step::Accept(at), "confirmed") if state.lines[at] == "open" => {
            state.lines[at] = "accepted";
            if state.lines == ["accepted"; 4] {
                state.state = "final";
            }
        }
        // One that was refused in part can only be replaced.
        (Step::Refuse(at), "confirmed") if state.lines[at] == "open" => state.lines[at] = "refused",
        _ => return 409,
    }
    200
}

/// The selections of one call, set back before each life.
pub struct Selections<M> {
    world: World,
    model: M,
}

impl<M: Fn(&mut State, Step) -> u16> Selections<M> {
    pub async fn new(model: M) -> Selections<M> {
        let world = World::ranked_in(TestApp::start().await).await;
        world
            .app
            .broken_on_purpose("selections of earlier lives are taken away");
        Selections { world, model }
    }

    async fn take(&self, latest: &str, step: Step) -> Reply {
        let world = &self.world;
        let path = |rest: &str| format!("/selections/{latest}/{rest}");
        match step {
            Step::Propose => {
                world
                    .secretariat
                    .post(&world.path("selection"))
                    .send()
                    .await
            }
            Step::Adopt => {
                let adopt = world.secretariat.post(&path("adopt")).etag("*");
                adopt.json(&adoption()).send().await
            }
            Step::Confirm => world.chair.post(&path("confirm")).etag("*").send().await,
            Step::Accept(at) => {
                let accept = path(&format!("lines/{}/accept", FUNDERS[at].0));
                world.signatories[at].post(&accept).etag("*").send().await
            }
            Step::Refuse(at) => {
                let refuse = path(&format!("lines/{}/refuse", FUNDERS[at].0));
                let reason = json!({"reason": "No money"});
                let request = world.signatories[at].post(&refuse).etag("*");
                request.json(&reason).send().await
            }
        }
    }

    async fn one(&self, life: &[Step]) -> End {
        self.world
            .app
            .sql(
                "delete from sealed.selection_line; delete from sealed.selection;
                 update stage set state = 'ranked' where number = 2; update call set state = 'evaluation';
                 update sealed.outcome set state = 'recommended'; update participation set decided = 0",
            )
            .await;
        let mut latest = Uuid::nil().to_string();
        let mut state = State {
            state: "none",
            lines: ["none"; 4],
            amended: 0,
        };
        for step in life {
            let reply = self.take(&latest, *step).await;
            answered(step, &reply, (self.model)(&mut state, *step))?;
            if reply.status == 201 {
                latest = reply.id();
            }
        }
        let found = self
            .world
            .app
            .value(&format!(
                "select format('%s %s %s bound %s',
                    coalesce((select state from sealed.selection where id = '{latest}'), 'none'),
                    coalesce((select string_agg(l.state, ' ' order by o.key) from sealed.selection_line l
                        join participation p on p.id = l.participation_id join organisation o on o.id = p.organisation_id
                        where l.selection_id = '{latest}'), 'none none none none'),
                    (select count(*) from sealed.selection where state = 'amended'),
                    (select count(*) from participation where decided > 0))"
            ))
            .await;
        let bound = if state.state == "final" { 4 } else { 0 };
        let lines = state.lines.join(" ");
        let expected = format!("{} {lines} {} bound {bound}", state.state, state.amended);
        ended(&found, &expected)?;
        Ok(state.state.to_owned())
    }
}

impl<M: Fn(&mut State, Step) -> u16> Subject for Selections<M> {
    type Step = Step;
    const STEPS: &'static [Step] = &[
        Step::Propose,
        Step::Propose,
        Step::Adopt,
        Step::Adopt,
        Step::Adopt,
        Step::Adopt,
        Step::Adopt,
        Step::Confirm,
        Step::Confirm,
        Step::Confirm,
        Step::Confirm,
        Step::Confirm,
        Step::Accept(0),
        Step::Accept(0),
        Step::Accept(0),
        Step::Accept(1),
        Step::Accept(1),
        Step::Accept(1),
        Step::Accept(2),
        Step::Accept(2),
        Step::Accept(2),
        Step::Accept(3),
        Step::Accept(3),
        Step::Accept(3),
        Step::Refuse(2),
    ];
    const LONGEST: usize = 30;
    const BATCH: usize = 1;

    async fn live(&self, lives: &[Vec<Step>]) -> Vec<End> {
        let mut ends = Vec::new();
        for life in lives {
            ends.push(self.one(life).await);
        }
        ends
    }
}
