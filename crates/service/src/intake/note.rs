//! What a funder keeps on its own applicants beside the verdict: an internal note, and which of the documents
//! it demands were received.

use std::collections::HashSet;

use access::{Action, Object};
use chrono::{DateTime, NaiveDate, Utc};
use intake::query::words;
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as calls;
use store::intake::{self as rows, JudgedPartner};
use utoipa::ToSchema;
use uuid::Uuid;

use super::eligibility::bench_of_one;
use crate::{Answer, Context, Problem, Service, Tx};

/// A funder's internal note on its applicant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// What the funder notes; empty where nothing was noted. No other funder and no applicant reads it.
    pub text: String,
}

/// The documents that a funder demands of its applicant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DemandedDocuments {
    /// In the order of the funder's terms.
    pub items: Vec<DemandedDocument>,
}

/// A document that a funder demands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DemandedDocument {
    /// What it is, by the funder's terms.
    pub title: String,
    /// Until when it is due; none where the terms name no date.
    pub due: Option<DateTime<Utc>>,
    /// When it was received; none while it is missing.
    pub received_on: Option<NaiveDate>,
    /// What was noted when it was received.
    pub note: String,
}

/// Which documents were received of an applicant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceivedInput {
    /// All that were received so far; what is left out counts as missing.
    pub received: Vec<ReceivedDocument>,
}

/// A document that was received.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceivedDocument {
    /// Its title in the funder's terms.
    pub title: String,
    /// When it was received.
    pub received_on: NaiveDate,
    /// A remark, for all who read the verdicts.
    #[serde(default)]
    pub note: String,
}

/// A partner on record, and its call.
async fn on_record(tx: &mut Tx, id: Uuid, partner: Uuid) -> Result<(JudgedPartner, Uuid), Problem> {
    let proposal = rows::find(tx.conn(), id).await?;
    let (proposal_stage, _) = rows::disclosed_stage(tx.conn(), id)
        .await?
        .ok_or_else(Problem::not_found)?;
    let row = rows::judged(tx.conn(), &[proposal_stage])
        .await?
        .into_iter()
        .find(|row| row.partner_id == partner)
        .ok_or_else(Problem::not_found)?;
    Ok((row, proposal.call_id))
}

/// A funder's note as the policy sees it; there is none on who brings its own means.
async fn note_object(
    tx: &mut Tx,
    call: Uuid,
    proposal: Uuid,
    row: &JudgedPartner,
) -> Result<Object, Problem> {
    if row.own_funded() {
        return Err(Problem::not_found());
    }
    let account = tx.context.actor.account();
    Ok(Object {
        organisation: row.funder_id,
        conflicted: store::outcome::conflicted(tx.conn(), account, proposal).await?,
        ..Object::of_call("note", row.id, call)
    })
}

/// What one's own funder notes on its applicant.
pub async fn read_note(
    service: &Service,
    context: Context,
    id: Uuid,
    partner: Uuid,
) -> Result<Answer<Note>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (row, call) = on_record(tx, id, partner).await?;
        let object = note_object(tx, call, id, &row).await?;
        tx.permit(Action::ReadNote, &object).await?;
        note(tx, &row).await
    };
    service.read(context, work).await
}

async fn note(tx: &mut Tx, row: &JudgedPartner) -> Result<Note, Problem> {
    let found = rows::note(tx.conn(), row).await?;
    let text = found.map(|(text, _)| text).unwrap_or_default();
    Ok(Note { text })
}

/// Writes one's own funder's note on its applicant, over what was read. The audit trail says that it was
/// written and not what.
pub async fn write_note(
    service: &Service,
    context: Context,
    id: Uuid,
    partner: Uuid,
    input: Note,
) -> Result<Answer<Note>, Problem> {
    let work = async move |tx: &mut Tx| {
        let bench = bench_of_one(tx, id).await?;
        let row = &bench.partners[bench.place(partner)?];
        let object = note_object(tx, bench.call.id, id, row).await?;
        let permit = tx.permit(Action::WriteNote, &object).await?;
        let current = note(tx, row).await?;
        tx.precondition(&current)?;
        let mut faults = Faults::default();
        if !input.text.is_empty() {
            words("/text", &input.text, &mut faults);
        }
        faults.or(())?;
        let before = rows::note(tx.conn(), row).await?;
        let before = before.map(|(_, version)| version);
        rows::write_note(tx.conn(), &permit, row, before, &input.text).await?;
        note(tx, row).await
    };
    service.write(context, work).await
}

/// The documents that the partner's funder demands of it, and which of them were received.
pub async fn list_demanded_documents(
    service: &Service,
    context: Context,
    id: Uuid,
    partner: Uuid,
) -> Result<Answer<DemandedDocuments>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (row, call) = on_record(tx, id, partner).await?;
        let account = tx.context.actor.account();
        let object = Object {
            conflicted: store::outcome::conflicted(tx.conn(), account, id).await?,
            ..Object::of_call("eligibility", row.id, call)
        };
        tx.permit(Action::ReadEligibility, &object).await?;
        documents(tx, call, &row).await
    };
    service.read(context, work).await
}

async fn documents(
    tx: &mut Tx,
    call: Uuid,
    row: &JudgedPartner,
) -> Result<DemandedDocuments, Problem> {
    let terms = rows::funder_terms(tx.conn(), call).await?;
    let terms = row.terms_among(&terms);
    let stages = calls::stages(tx.conn(), call).await?;
    let deadlines: Vec<_> = stages
        .iter()
        .map(|stage| stage.deadline())
        .collect::<Result<_, _>>()?;
    let received = rows::received(tx.conn(), &[row.proposal_stage_id]).await?;
    let demanded = terms.iter().flat_map(|terms| &terms.terms.documents);
    let items = demanded.map(|document| {
        let mut received = received.iter();
        let there = received.find(|one| one.is_of(row, &document.title));
        DemandedDocument {
            title: document.title.clone(),
            due: document.due.as_ref().and_then(|due| due.until(&deadlines)),
            received_on: there.map(|one| one.received_on),
            note: there.map(|one| one.note.clone()).unwrap_or_default(),
        }
    });
    Ok(DemandedDocuments {
        items: items.collect(),
    })
}

/// Records which of the documents that one's own funder demands were received from its applicant.
pub async fn receive_documents(
    service: &Service,
    context: Context,
    id: Uuid,
    partner: Uuid,
    input: ReceivedInput,
) -> Result<Answer<DemandedDocuments>, Problem> {
    let work = async move |tx: &mut Tx| {
        let bench = bench_of_one(tx, id).await?;
        let place = bench.place(partner)?;
        // Nobody demands anything of a partner with own means.
        let actions = (Action::ReceiveDocuments, Action::ReceiveDocuments);
        let permit = bench.permit_on(tx, 0, place, actions).await?;
        let row = &bench.partners[place];
        let current = documents(tx, bench.call.id, row).await?;
        tx.precondition(&current)?;
        let today = tx.now().await?.date_naive();
        check(&input, &current, today).or(())?;
        let given = input.received.into_iter();
        let received: Vec<_> = given
            .map(|one| (one.title, one.received_on, one.note))
            .collect();
        rows::receive(tx.conn(), &permit, row, &received).await?;
        let titles: Vec<&str> = received.iter().map(|(title, ..)| title.as_str()).collect();
        let detail = json!({ "proposal": id, "partner": partner, "received": titles });
        tx.audit(&permit, None, None, detail).await?;
        documents(tx, bench.call.id, row).await
    };
    service.write(context, work).await
}

fn check(input: &ReceivedInput, demanded: &DemandedDocuments, today: NaiveDate) -> Faults {
    let mut faults = Faults::default();
    let mut seen = HashSet::new();
    for (at, one) in input.received.iter().enumerate() {
        let pointer = format!("/received/{at}");
        let known = demanded.items.iter().any(|item| item.title == one.title);
        faults.require(
            known,
            format!("{pointer}/title"),
            "document_unknown",
            format!(
                "the funder's terms demand no '{}'; give a title of theirs",
                one.title
            ),
        );
        faults.require(
            seen.insert(&one.title),
            format!("{pointer}/title"),
            "repeated",
            "an earlier line names it; give each document once",
        );
        faults.require(
            one.received_on <= today,
            format!("{pointer}/received_on"),
            "in_the_future",
            "that day is still to come; give the day on which it was received",
        );
        if !one.note.is_empty() {
            words(&format!("{pointer}/note"), &one.note, &mut faults);
        }
    }
    faults
}
