//! Proposals: written, submitted, withdrawn and reinstated, closed, and judged by the secretariat and three funders.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use access::Role;
use futures::{StreamExt, future, stream};
use proptest::bool;
use proptest::collection::vec;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Strategy};
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

use crate::compare::{End, Subject, answered, ended};
use crate::proposals::{FUNDERS, PARTNERS, content, partner, save, submit};

/// What may happen to a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Edit,
    Submit,
    Withdraw,
    Reinstate,
    /// The deadline passes, for all proposals of the call.
    Close,
    /// The formal check.
    Form(bool),
    /// A funder's verdict on the partner at this place.
    Partner(usize, bool),
}

/// The coordinator asks Germany, the others France, Spain and France.
const PLACES: usize = 4;

/// Where a proposal is, as the model has it.
#[derive(Debug, Clone)]
pub struct State {
    pub content: &'static str,
    pub closed: bool,
    /// It was locked, so its partners are on record.
    known: bool,
    /// How many versions were submitted.
    versions: i32,
    /// The draft differs from the last of them.
    fresh: bool,
    form: Option<bool>,
    partners: [Option<bool>; PLACES],
    outcome: &'static str,
}

impl State {
    fn new() -> State {
        State {
            content: "draft",
            closed: false,
            known: false,
            versions: 0,
            fresh: true,
            form: None,
            partners: [None; PLACES],
            outcome: "none",
        }
    }

    fn shown(&self) -> String {
        format!("{} {} {}", self.content, self.versions, self.outcome)
    }

    /// What the verdicts make of it, once all are given.
    fn judged(&self) -> Option<&'static str> {
        let form = self.form?;
        let mut fit = [true; PLACES];
        for (fit, verdict) in fit.iter_mut().zip(self.partners) {
            *fit = verdict?;
        }
        // Without one of the French partners, three partners in three countries are left.
        Some(match fit {
            _ if !form => "ineligible",
            [true, true, true, true] => "eligible",
            [true, false, true, true] | [true, true, true, false] => "conditional",
            _ => "ineligible",
        })
    }
}

/// What a step does and how it is answered.
pub fn model(state: &mut State, step: Step) -> u16 {
    let submitted = state.versions > 0 && !state.fresh;
    match (step, state.content) {
        (Step::Close, before) => {
            state.closed = true;
            state.content = match before {
                "draft" => "lapsed",
                "submitted" | "edited_since" => "locked",
                other => other,
            };
            state.known = state.content == "locked";
            200
        }
        // What is submitted already is acknowledged again, whenever.
        (Step::Submit, _) if submitted => 200,
        (Step::Edit | Step::Submit, _) if state.closed => 409,
        (Step::Edit, "draft") => 200,
        (Step::Edit, "submitted" | "edited_since") => {
            (state.content, state.fresh) = ("edited_since", true);
            200
        }
        (Step::Submit, "draft" | "edited_since") => {
            (state.content, state.fresh) = ("submitted", false);
            state.versions += 1;
            200
        }
        (Step::Withdraw, "draft" | "submitted" | "edited_since" | "locked") => {
            state.content = "withdrawn";
            200
        }
        // As it was before, which follows from what was submitted.
        (Step::Reinstate, "withdrawn") if !state.closed => {
            state.content = match (state.versions, state.fresh) {
                (0, _) => "draft",
                (_, false) => "submitted",
                (_, true) => "edited_since",
            };
            200
        }
        (Step::Form(_) | Step::Partner(..), "locked") => {
            match step {
                Step::Partner(at, fits) => state.partners[at] = Some(fits),
                Step::Form(fits) => state.form = Some(fits),
                _ => {}
            }
            state.outcome = state.judged().unwrap_or(state.outcome);
            200
        }
        // What was never locked is not there to be judged.
        (Step::Form(_) | Step::Partner(..), _) if !state.known => 404,
        _ => 409,
    }
}

/// Proposals of calls, a new one for each batch.
pub struct Proposals<M> {
    app: TestApp,
    model: M,
    people: Vec<Client>,
    calls: AtomicUsize,
}

/// A call, and who judges in it.
struct Call {
    id: String,
    office: Client,
    contacts: Vec<Client>,
}

impl<M: Fn(&mut State, Step) -> u16> Proposals<M> {
    pub async fn new(model: M) -> Proposals<M> {
        let app = TestApp::start().await;
        let names: Vec<String> = (0..8).map(|at| format!("Person {at}")).collect();
        let people = future::join_all(names.iter().map(|name| app.person(name))).await;
        Proposals {
            app,
            model,
            people,
            calls: AtomicUsize::new(0),
        }
    }

    async fn call(&self) -> Call {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let office = self.app.person(&format!("Office {number}")).await;
        let code = format!("JTC2026-{number}");
        let id = self.app.open_call(&office, &code, &FUNDERS).await.id();
        let mut contacts = Vec::new();
        for (funder, _) in FUNDERS {
            let contact = self.app.person(&format!("{funder} {number}")).await;
            self.app
                .grant(&contact, Role::ContactPerson, Some(&id), Some(funder))
                .await;
            contacts.push(contact);
        }
        Call {
            id,
            office,
            contacts,
        }
    }

    /// Takes the steps, until one is answered otherwise than the model says.
    async fn steps(
        &self,
        call: &Call,
        who: &Client,
        id: &str,
        state: &mut State,
        steps: &[Step],
    ) -> Result<(), String> {
        for (at, step) in steps.iter().enumerate() {
            let reply = take(call, who, &format!("/proposals/{id}"), at, *step).await;
            let expected = (self.model)(state, *step);
            answered(step, &reply, expected)?;
        }
        Ok(())
    }

    /// Where the proposals of a call are, by id.
    async fn found(&self, call: &Call) -> HashMap<String, String> {
        let query = format!(
            "select coalesce(string_agg(format('%s %s %s %s', ps.proposal_id, ps.state, ps.submitted, coalesce(o.state, 'none')), ';'), '')
             from proposal_stage ps left join sealed.outcome o on o.proposal_stage_id = ps.id where ps.call_id = '{}'",
            call.id
        );
        let all = self.app.value(&query).await;
        all.split(';')
            .filter_map(|one| one.split_once(' '))
            .map(|(id, found)| (id.to_owned(), found.to_owned()))
            .collect()
    }
}

/// Takes one step; the deadline is not one person's to move.
async fn take(call: &Call, who: &Client, path: &str, at: usize, step: Step) -> Reply {
    let reason = json!({"reason": "Enough"});
    match step {
        Step::Edit => save(who, path, "*", json!({"title": format!("Title {at}")})).await,
        Step::Submit => submit(who, path, "*").await,
        Step::Withdraw => {
            let withdraw = who.post(&format!("{path}/withdraw")).etag("*");
            withdraw.json(&reason).send().await
        }
        Step::Reinstate => {
            who.post(&format!("{path}/reinstate"))
                .etag("*")
                .send()
                .await
        }
        Step::Form(fits) => {
            let verdict = if fits { "eligible" } else { "ineligible" };
            let input = json!({"verdict": verdict, "reason": "Looked at"});
            let check = call.office.put(&format!("{path}/formal-check")).etag("*");
            check.json(&input).send().await
        }
        Step::Partner(place, fits) => {
            let ruling = if fits {
                json!({"verdict": "eligible", "fundable": "150000.00", "reason": "Looked at"})
            } else {
                json!({"verdict": "ineligible", "rule": "own staff", "reason": "No group"})
            };
            let path = format!("{path}/partners/{}/eligibility", ids()[place]);
            let contact = &call.contacts[[0, 1, 2, 1][place]];
            contact.put(&path).etag("*").json(&ruling).send().await
        }
        Step::Close => unreachable!("it closes for all at once"),
    }
}

fn ids() -> [&'static str; PLACES] {
    let [one, two, three] = PARTNERS;
    [one, two, three, "019a0000-0000-7000-8000-000000000004"]
}

/// The usual content, with a second partner in France.
fn with_four() -> Value {
    let mut content = content();
    let mut fourth = partner(1, "partner", "FR-ANR");
    fourth["id"] = json!(ids()[3]);
    fourth["organisation"] = json!("Institute 3");
    fourth["principal_investigator"] = json!({"name": "Person 3", "email": "person3@example.org"});
    content["partners"].as_array_mut().unwrap().push(fourth);
    content
}

impl<M: Fn(&mut State, Step) -> u16> Subject for Proposals<M> {
    type Step = Step;
    const STEPS: &'static [Step] = &[
        Step::Edit,
        Step::Submit,
        Step::Withdraw,
        Step::Reinstate,
        Step::Form(true),
        Step::Form(true),
        Step::Form(true),
        Step::Form(false),
        Step::Partner(0, true),
        Step::Partner(0, true),
        Step::Partner(0, true),
        Step::Partner(0, false),
        Step::Partner(1, true),
        Step::Partner(1, true),
        Step::Partner(1, false),
        Step::Partner(2, true),
        Step::Partner(2, true),
        Step::Partner(2, true),
        Step::Partner(2, false),
        Step::Partner(3, true),
        Step::Partner(3, true),
        Step::Partner(3, false),
    ];
    const LONGEST: usize = 8;
    const BATCH: usize = 50;

    /// Written by all means, closed as a rule, and then judged, often by everybody.
    fn lives() -> BoxedStrategy<Vec<Step>> {
        let mut open = vec![Step::Edit; 3];
        open.extend([Step::Submit; 5]);
        open.extend([Step::Withdraw, Step::Reinstate, Step::Reinstate]);
        let verdicts = bool::weighted(0.7).prop_flat_map(|all| {
            let fits = vec(bool::weighted(0.85), if all { PLACES + 1 } else { 0 });
            fits.prop_map(|fits| {
                let verdict = |(place, fits): (usize, &bool)| match place {
                    PLACES => Step::Form(*fits),
                    _ => Step::Partner(place, *fits),
                };
                fits.iter().enumerate().map(verdict).collect::<Vec<_>>()
            })
        });
        let later = vec(select(Self::STEPS), 0..=Self::LONGEST);
        (
            vec(select(open), 0..7),
            bool::weighted(0.85),
            verdicts,
            later,
        )
            .prop_map(|(mut life, closes, verdicts, later)| {
                if closes {
                    life.push(Step::Close);
                    life.extend(verdicts.into_iter().chain(later));
                }
                life
            })
            .boxed()
    }

    /// All live in one call, up to its deadline, which is the first [`Step::Close`] of each; then on.
    async fn live(&self, lives: &[Vec<Step>]) -> Vec<End> {
        let call = &self.call().await;
        let body = &json!({ "content": with_four() });
        let before = stream::iter(lives.iter().enumerate()).map(|(at, life)| async move {
            let who = &self.people[at % self.people.len()];
            let path = format!("/calls/{}/proposals", call.id);
            let draft = who.post(&path).json(body).send().await.expect(201).id();
            let mut state = State::new();
            let open = life.iter().take_while(|step| **step != Step::Close);
            let open: Vec<Step> = open.copied().collect();
            let done = self.steps(call, who, &draft, &mut state, &open).await;
            (who, draft, state, done, &life[open.len()..])
        });
        let before: Vec<_> = before.buffered(8).collect().await;
        let found = &self.found(call).await;
        if lives.iter().any(|life| life.contains(&Step::Close)) {
            self.app.close_stage(&call.id, 1).await;
        }
        let after = stream::iter(before).map(|(who, draft, mut state, done, rest)| async move {
            done?;
            ended(&found[&draft], &state.shown())?;
            if !rest.is_empty() {
                (self.model)(&mut state, Step::Close);
                // There is but one deadline.
                let rest = rest.iter().filter(|step| **step != Step::Close);
                let rest: Vec<Step> = rest.copied().collect();
                self.steps(call, who, &draft, &mut state, &rest).await?;
            }
            Ok::<_, String>((draft, state, rest.is_empty()))
        });
        let after: Vec<_> = after.buffered(8).collect().await;
        let last = self.found(call).await;
        let end = |one: Result<(String, State, bool), String>| {
            let (draft, state, ended_open) = one?;
            if ended_open {
                return Ok("open".to_owned());
            }
            ended(&last[&draft], &state.shown())?;
            Ok(match state.outcome {
                "none" => state.content.to_owned(),
                outcome => format!("{} {outcome}", state.content),
            })
        };
        after.into_iter().map(end).collect()
    }
}
