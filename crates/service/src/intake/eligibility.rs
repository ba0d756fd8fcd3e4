use access::{Action, Object};
use intake::{FormalVerdict, Ruling};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use store::call::{self as calls};
use store::intake as rows;
use store::view::intake::{self as view, EligibilityView, WaitingView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::bench::{Bench, Case, Subject, consortium_rules};
use crate::{Answer, Context, Problem, Service, Tx};

/// The secretariat's formal check as it is handed in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormalInput {
    /// `eligible` or `ineligible`.
    pub verdict: FormalVerdict,
    /// Why; the consortium reads it.
    #[serde(default)]
    pub reason: String,
}

/// The verdicts of a stage.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EligibilityMatrix {
    /// By proposal, in the order in which they were begun.
    pub items: Vec<EligibilityView>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// The verdicts on all proposals of a stage.
pub async fn list_eligibility(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    cursor: Option<Uuid>,
    limit: u16,
) -> Result<Answer<EligibilityMatrix>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let object = Object::of_call("eligibility", stage.id, call);
        tx.permit(Action::ReadEligibility, &object).await?;
        let account = tx.context.actor.account().ok_or_else(Problem::not_found)?;
        let call = calls::find(tx.conn(), call).await?;
        let rules = consortium_rules(&call, &stage)?;
        let limit = i64::from(limit.clamp(1, 200));
        let items =
            view::eligibility_page(tx.conn(), &rules, stage.id, account, cursor, limit).await?;
        let full = items.len() as i64 == limit;
        let next = items
            .last()
            .filter(|_| full)
            .map(|last| last.proposal.to_string());
        Ok(EligibilityMatrix { items, next })
    };
    service.read(context, work).await
}

/// Who is waited for in a stage, and for what.
pub async fn read_waiting(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<WaitingView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let object = Object::of_call("eligibility", stage.id, call);
        tx.permit(Action::ReadEligibility, &object).await?;
        let account = tx.context.actor.account().ok_or_else(Problem::not_found)?;
        Ok(view::waiting(tx.conn(), call, stage.id, account).await?)
    };
    service.read(context, work).await
}

/// The verdicts on one proposal, in the last stage whose deadline has passed.
pub async fn read_eligibility(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<EligibilityView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let proposal = rows::find(tx.conn(), id).await?;
        let account = tx.context.actor.account();
        let object = Object {
            conflicted: store::outcome::conflicted(tx.conn(), account, id).await?,
            ..Object::of_call("eligibility", id, proposal.call_id)
        };
        tx.permit(Action::ReadEligibility, &object).await?;
        let (proposal_stage, stage) = rows::disclosed_stage(tx.conn(), id)
            .await?
            .ok_or_else(Problem::not_found)?;
        let call = calls::find(tx.conn(), proposal.call_id).await?;
        let stage = calls::find_stage(tx.conn(), stage).await?;
        let rules = consortium_rules(&call, &stage)?;
        view::eligibilities(tx.conn(), &rules, &[proposal_stage])
            .await?
            .pop()
            .ok_or_else(Problem::not_found)
    };
    service.read(context, work).await
}

/// Records the secretariat's formal check, or revises it.
pub async fn check_formally(
    service: &Service,
    context: Context,
    id: Uuid,
    input: FormalInput,
) -> Result<Answer<EligibilityView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let mut bench = bench_of_one(tx, id).await?;
        let case = Case {
            pointer: String::new(),
            standing: 0,
            subject: Subject::Formal(input.verdict, input.reason),
        };
        rule_on_one(tx, &mut bench, case).await
    };
    service.write(context, work).await
}

/// Records a funder's verdict on its applicant, or the secretariat's on a partner that brings its own
/// means; or revises it.
pub async fn judge_eligibility(
    service: &Service,
    context: Context,
    id: Uuid,
    partner: Uuid,
    ruling: Ruling,
) -> Result<Answer<EligibilityView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let mut bench = bench_of_one(tx, id).await?;
        let place = bench.place(partner)?;
        let case = Case {
            pointer: String::new(),
            standing: 0,
            subject: Subject::Partner(place, ruling),
        };
        rule_on_one(tx, &mut bench, case).await
    };
    service.write(context, work).await
}

/// The one proposal, as it is judged in the last stage whose deadline has passed.
pub(super) async fn bench_of_one(tx: &mut Tx, id: Uuid) -> Result<Bench, Problem> {
    let proposal = rows::find(tx.conn(), id).await?;
    let (_, stage) = rows::disclosed_stage(tx.conn(), id)
        .await?
        .ok_or_else(Problem::not_found)?;
    let stage = calls::hold_stage(tx.conn(), stage).await?;
    let bench = Bench::prepare(tx, proposal.call_id, stage, |one| one.proposal == id).await?;
    // An exception may have opened it just before it was locked.
    match bench.standings.is_empty() {
        true => Err(Problem::not_found()),
        false => Ok(bench),
    }
}

/// A verdict by itself may revise one that is given, so it says which version it has seen.
async fn rule_on_one(
    tx: &mut Tx,
    bench: &mut Bench,
    case: Case,
) -> Result<EligibilityView, Problem> {
    let permit = bench.permit(tx, &case).await?;
    let ids = bench.ids();
    let current = view::eligibilities(tx.conn(), &bench.rules, &ids)
        .await?
        .pop()
        .ok_or_else(Problem::not_found)?;
    tx.precondition(&current)?;
    bench.judgeable(case.standing)?;
    let mut faults = Faults::default();
    bench.check(&case, &mut faults)?;
    faults.or(())?;
    bench.record(tx, vec![(permit, case)]).await?;
    view::eligibilities(tx.conn(), &bench.rules, &ids)
        .await?
        .pop()
        .ok_or_else(Problem::not_found)
}
