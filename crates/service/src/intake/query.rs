//! Questions of a funder to its own applicant, and of the secretariat about own means: asked, answered once,
//! or closed.

use access::{Action, Permit};
use chrono::{DateTime, Utc};
use intake::{ELIGIBILITY, EligibilityEvent, QUERY, QueryEvent, query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as calls;
use store::intake::{self as rows, ProposalRow, QueryRow, Settled};
use store::view::intake::{self as view, QueryView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::bench::Bench;
use super::eligibility::bench_of_one;
use super::tell::Concerned;
use super::{call_words, part_of, utc};
use crate::call::{Reason, given};
use crate::{Answer, Context, Problem, Service, Tx};

/// A question to a partner.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryInput {
    /// What is asked; the consortium reads it.
    pub question: String,
    /// Until when the answer is asked for.
    pub answer_by: DateTime<Utc>,
}

/// The answer to a question.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryAnswer {
    /// The answer; it is given once.
    pub answer: String,
}

/// Questions about a proposal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Queries {
    /// Oldest first.
    pub items: Vec<QueryView>,
}

/// Asks the applicant about a partner. Its eligibility waits for the answer, and the funder may still
/// judge without it.
pub async fn ask_partner(
    service: &Service,
    context: Context,
    id: Uuid,
    partner: Uuid,
    input: QueryInput,
) -> Result<Answer<QueryView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let bench = bench_of_one(tx, id).await?;
        let place = bench.place(partner)?;
        let actions = (Action::AskPartner, Action::AskOwnFunded);
        let permit = bench.permit_on(tx, 0, place, actions).await?;
        bench.judgeable(0)?;
        let row = &bench.partners[place];
        ELIGIBILITY.apply(row.verdict()?, EligibilityEvent::Query)?;
        let now = tx.now().await?;
        query::check(&input.question, input.answer_by, now).or(())?;
        let asked = rows::ask(tx.conn(), &permit, row, &input.question, input.answer_by).await?;
        let detail = json!({ "query": asked, "proposal": id, "partner": partner, "answer_by": input.answer_by });
        tx.audit(&permit, Some(row.version + 1), None, detail)
            .await?;
        tell_applicant(tx, &bench, place, &input).await?;
        one(tx, row.proposal_stage_id, asked).await
    };
    service.write(context, work).await
}

/// The question goes to the coordinator, who answers it, and to the investigator whom it is about.
async fn tell_applicant(
    tx: &mut Tx,
    bench: &Bench,
    place: usize,
    input: &QueryInput,
) -> Result<(), Problem> {
    let row = &bench.partners[place];
    let proposal = rows::find(tx.conn(), bench.standings[0].proposal).await?;
    let mut to = Concerned::default();
    to.coordinator(tx, &proposal).await?;
    to.investigator(tx, row.proposal_stage_id, row.partner_id)
        .await?;
    let link = tx
        .service
        .api(format_args!("/proposals/{}/queries", proposal.id));
    let funder = row.funder.as_deref().unwrap_or("the secretariat");
    let variables = json!({
        "call": call_words(&bench.call), "proposal": proposal.number, "organisation": row.organisation,
        "funder": funder, "question": input.question.trim(), "answer_by": utc(input.answer_by), "link": link,
    });
    to.tell(tx, &bench.call, "partner_query", variables).await
}

/// The questions about a proposal, in the last stage whose deadline has passed.
pub async fn list_queries(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<Queries>, Problem> {
    let work = async move |tx: &mut Tx| {
        let proposal = rows::find(tx.conn(), id).await?;
        let own = tx.context.actor.account() == Some(proposal.coordinator_id);
        let object = part_of(tx, &proposal, "query", id).await?;
        tx.permit(Action::ReadQueries, &object).await?;
        let items = match rows::disclosed_stage(tx.conn(), id).await? {
            Some((proposal_stage, _)) => view::query_views(tx.conn(), proposal_stage).await?,
            // Before the deadline nobody but the consortium knows of the proposal.
            None if own => Vec::new(),
            None => return Err(Problem::not_found()),
        };
        Ok(Queries { items })
    };
    service.read(context, work).await
}

/// Answers a question, once, for the whole consortium.
pub async fn answer_query(
    service: &Service,
    context: Context,
    id: Uuid,
    input: QueryAnswer,
) -> Result<Answer<QueryView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (found, bench, proposal) = held(tx, id).await?;
        let object = part_of(tx, &proposal, "query", id).await?;
        let permit = tx.permit(Action::AnswerQuery, &object).await?;
        QUERY.apply(found.state()?, QueryEvent::Answer)?;
        bench.judgeable(0)?;
        query::check_answer(&input.answer).or(())?;
        let settled = Settled::Answer(&input.answer);
        settle(tx, &permit, (&bench, &proposal), &found, settled).await
    };
    service.write(context, work).await
}

/// Closes a question that will not be answered, with a reason; the funder may ask anew or judge.
pub async fn close_query(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Reason,
) -> Result<Answer<QueryView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (found, bench, proposal) = held(tx, id).await?;
        let object = part_of(tx, &proposal, "query", id).await?;
        let permit = tx.permit(Action::CloseQuery, &object).await?;
        QUERY.apply(found.state()?, QueryEvent::Close)?;
        bench.judgeable(0)?;
        let reason = given(&input.reason)?;
        let settled = Settled::Closed(reason);
        settle(tx, &permit, (&bench, &proposal), &found, settled).await
    };
    service.write(context, work).await
}

/// A query with its proposal, which is locked first.
async fn held(tx: &mut Tx, id: Uuid) -> Result<(QueryRow, Bench, ProposalRow), Problem> {
    let found = rows::find_query(tx.conn(), id).await?;
    let stage = rows::stage_of(tx.conn(), found.proposal_stage_id).await?;
    let stage = calls::hold_stage(tx.conn(), stage).await?;
    let of_it = found.proposal_stage_id;
    let bench = Bench::prepare(tx, found.call_id, stage, |one| one.proposal_stage == of_it).await?;
    let standing = bench.standings.first().ok_or_else(Problem::not_found)?;
    let proposal = rows::find(tx.conn(), standing.proposal).await?;
    // Read again now that nobody else settles it.
    Ok((rows::find_query(tx.conn(), id).await?, bench, proposal))
}

async fn settle(
    tx: &mut Tx,
    permit: &Permit,
    (bench, proposal): (&Bench, &ProposalRow),
    found: &QueryRow,
    settled: Settled<'_>,
) -> Result<QueryView, Problem> {
    let of_it = |row: &&rows::JudgedPartner| row.id == found.partner_row_id;
    let row = bench
        .partners
        .iter()
        .find(of_it)
        .ok_or_else(Problem::not_found)?;
    ELIGIBILITY.apply(row.verdict()?, EligibilityEvent::Answer)?;
    rows::settle_query(tx.conn(), permit, found, row, settled).await?;
    let (outcome, text, reason) = match settled {
        Settled::Answer(text) => ("answered", text, None),
        Settled::Closed(why) => ("closed", why, Some(why)),
    };
    let detail = json!({ "proposal": proposal.id, "partner": row.partner_id });
    tx.audit(permit, Some(row.version + 1), reason, detail)
        .await?;
    let mut to = Concerned::default();
    to.checkers(tx, proposal, row.funder_id).await?;
    if reason.is_some() {
        to.coordinator(tx, proposal).await?;
    }
    let link = tx
        .service
        .api(format_args!("/proposals/{}/queries", proposal.id));
    let variables = json!({
        "call": call_words(&bench.call), "proposal": proposal.number, "organisation": row.organisation,
        "question": found.question, "outcome": outcome, "text": text.trim(), "link": link,
    });
    to.tell(tx, &bench.call, "query_settled", variables).await?;
    one(tx, found.proposal_stage_id, found.id).await
}

async fn one(tx: &mut Tx, proposal_stage: Uuid, id: Uuid) -> Result<QueryView, Problem> {
    let all = view::query_views(tx.conn(), proposal_stage).await?;
    all.into_iter()
        .find(|query| query.id == id)
        .ok_or_else(Problem::not_found)
}
