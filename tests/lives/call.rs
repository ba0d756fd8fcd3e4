//! Calls and their first stage: approved, announced, opened, amended, extended, cancelled.

use std::sync::atomic::{AtomicUsize, Ordering};

use access::Role;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

use crate::compare::{End, Subject, answered, ended};
use crate::proposals::FUNDERS;

/// What may happen to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Approve,
    PreAnnounce,
    Open,
    Cancel,
    /// The whole draft is written anew.
    Edit,
    /// The mapping to action items changes.
    Amend,
    /// The first deadline moves to a later day.
    Extend,
}

/// Where a call is, as the model has it.
#[derive(Debug, Clone)]
pub struct State {
    pub state: &'static str,
    /// It was open once, so its first stage is.
    open: bool,
    /// By how many days the deadline has moved.
    days: usize,
}

/// What a step does and how it is answered.
pub fn model(state: &mut State, step: Step) -> u16 {
    let next = match (step, state.state) {
        // Nothing leads out of it.
        (_, "cancelled") => return 409,
        (Step::Approve, "draft") => "approved",
        (Step::PreAnnounce, "approved") => "pre_announced",
        (Step::Open, "pre_announced") => {
            state.open = true;
            "open"
        }
        (Step::Cancel, _) => "cancelled",
        (Step::Amend, same) | (Step::Edit, same @ "draft") => same,
        (Step::Extend, "open") => {
            state.days += 1;
            "open"
        }
        _ => return 409,
    };
    state.state = next;
    200
}

/// Calls, all of one office whose head is also the committee's chair.
pub struct Calls<M> {
    app: TestApp,
    office: Client,
    model: M,
    calls: AtomicUsize,
}

fn input(code: &str) -> Value {
    json!({"code": code, "title": "A call", "topic": "Tools for the clinic", "year": 2026, "rehearsal": true,
    "stages": [
        {"opens_at": "2026-01-01T00:00:00Z", "deadline": deadline(0)},
        {"opens_at": "2026-01-02T00:00:00Z", "deadline": {"at": "2098-03-04T16:00:00Z", "zone": "Europe/Paris", "label": "4 March 2098, 17:00 CET"}},
    ]})
}

fn deadline(days: usize) -> Value {
    let day = 1 + days;
    json!({"at": format!("2097-03-{day:02}T16:00:00Z"), "zone": "Europe/Paris", "label": format!("{day} March 2097, 17:00 CET")})
}

impl<M: Fn(&mut State, Step) -> u16> Calls<M> {
    pub async fn new(model: M) -> Calls<M> {
        let app = TestApp::start().await;
        let office = app.person("Office").await;
        app.grant(&office, Role::CallOffice, None, None).await;
        Calls {
            app,
            office,
            model,
            calls: AtomicUsize::new(0),
        }
    }

    /// A draft that is complete: mapped, and with money in three countries.
    async fn draft(&self) -> (String, String) {
        let code = format!("JTC2026-{}", self.calls.fetch_add(1, Ordering::Relaxed));
        let call = self
            .office
            .post("/calls")
            .json(&input(&code))
            .send()
            .await
            .expect(201);
        let path = format!("/calls/{}", call.id());
        self.amend(&path).await.expect(200);
        for (key, amount) in FUNDERS {
            let funder = json!({ "organisation": key });
            let add = self.office.post(&format!("{path}/funders"));
            add.json(&funder).send().await.expect(201);
            let pledge = json!({"amount": amount, "reason": "Letter of commitment"});
            let put = self.office.put(&format!("{path}/funders/{key}/commitment"));
            put.etag("*").json(&pledge).send().await.expect(200);
        }
        let id = call.id();
        self.app
            .grant(&self.office, Role::CscChair, Some(&id), None)
            .await;
        (code, path)
    }

    async fn amend(&self, path: &str) -> Reply {
        let mapping = json!({"agenda": "icpermed-2017", "items": [{"number": "A.7"}]});
        let put = self.office.put(&format!("{path}/action-items")).etag("*");
        put.json(&mapping).send().await
    }

    async fn take(&self, code: &str, path: &str, days: usize, step: Step) -> Reply {
        let act = |what: &str| self.office.post(&format!("{path}/{what}")).etag("*");
        match step {
            Step::Approve => act("approve").send().await,
            Step::PreAnnounce => act("pre-announce").send().await,
            Step::Open => act("open").send().await,
            Step::Cancel => {
                act("cancel")
                    .json(&json!({"reason": "No money"}))
                    .send()
                    .await
            }
            Step::Edit => {
                self.office
                    .put(path)
                    .etag("*")
                    .json(&input(code))
                    .send()
                    .await
            }
            Step::Amend => self.amend(path).await,
            Step::Extend => {
                let later =
                    json!({"deadline": deadline(days + 1), "reason": "The network was down"});
                act("stages/1/extend").json(&later).send().await
            }
        }
    }

    async fn one(&self, life: &[Step]) -> End {
        let (code, path) = self.draft().await;
        let mut state = State {
            state: "draft",
            open: false,
            days: 0,
        };
        for step in life {
            let reply = self.take(&code, &path, state.days, *step).await;
            answered(step, &reply, (self.model)(&mut state, *step))?;
        }
        let found = self.office.read(&path).await.json;
        let shown = |call: &Value, stage: &Value, at: &Value| format!("{call} {stage} {at}");
        let stage = &found["stages"][0];
        let expected = if state.open { "open" } else { "planned" };
        ended(
            &shown(&found["state"], &stage["state"], &stage["deadline"]["at"]),
            &shown(
                &json!(state.state),
                &json!(expected),
                &deadline(state.days)["at"],
            ),
        )?;
        Ok(state.state.to_owned())
    }
}

impl<M: Fn(&mut State, Step) -> u16> Subject for Calls<M> {
    type Step = Step;
    const STEPS: &'static [Step] = &[
        Step::Approve,
        Step::Approve,
        Step::Approve,
        Step::PreAnnounce,
        Step::PreAnnounce,
        Step::PreAnnounce,
        Step::Open,
        Step::Open,
        Step::Open,
        Step::Cancel,
        Step::Edit,
        Step::Amend,
        Step::Extend,
        Step::Extend,
    ];
    const LONGEST: usize = 16;
    const BATCH: usize = 20;

    async fn live(&self, lives: &[Vec<Step>]) -> Vec<End> {
        let lives = stream::iter(lives).map(|life| self.one(life));
        lives.buffered(4).collect().await
    }
}
