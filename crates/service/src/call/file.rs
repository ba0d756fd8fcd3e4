//! A call's set-up as a file: written out, and drafted from.

use access::{Action, Job, Object};
use call::CallFile;
use kernel::Faults;
use serde_json::{Value, json};
use store::agenda;
use store::call::{self as rows, NewPledge, ParticipationRow};
use store::view::call::{self as view, CallView};
use store::view::file;
use uuid::Uuid;

use super::draft::{insert, rows_of};
use super::mapping::{known_items, unknown_agenda, unknown_in_parts};
use super::{CallInput, StageInput, visible};
use crate::{Answer, Context, Problem, Service, Tx};

/// Where the commitments of an imported call come from.
const FROM_FILE: &str = "As the call file has it";

/// The call's set-up as its file; commitments are in it for those who may read them.
pub async fn export_call_file(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<CallFile>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = visible(tx, id).await?;
        let object = row.object();
        let with_commitments =
            access::decide(&tx.context.actor, Action::ReadCommitments, &object).is_ok();
        Ok(file::call_file(tx.conn(), &row, with_commitments).await?)
    };
    service.read(context, work).await
}

/// The whole file of a call, for the command line, where whoever asks has the database itself.
pub async fn call_file(service: &Service, id: Uuid) -> Result<CallFile, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::find(tx.conn(), id).await?;
        Ok(file::call_file(tx.conn(), &row, true).await?)
    };
    let answer = service.read(Context::system(Job::Setup), work).await?;
    Ok(answer.value)
}

/// Drafts a call from a file: all of it, or nothing. Whoever imports it becomes its secretariat; what the
/// file says of commitments are the funders' first pledges.
///
/// # Errors
///
/// All faults of the file, and the agendas, items and organisations that there are not, with pointers from
/// its root.
pub async fn import_call_file(
    service: &Service,
    context: Context,
    file: CallFile,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let id = kernel::id::new();
        let permit = tx
            .permit(Action::DraftCall, &Object::of_call("call", id, id))
            .await?;
        let mut faults = kernel::faults(file.check());
        faults.0.extend(unknown_in_parts(tx, &file.rules).await?.0);
        let shares = shares(tx, &file, &mut faults).await?;
        let funders = participations(tx, id, &file, &mut faults).await?;
        faults.or(())?;
        let (row, stages) = rows_of(id, &input(&file), Faults::default())?;
        insert(tx, &permit, &row, &stages).await?;
        rows::insert_parts(tx.conn(), &permit, id, &shares, &funders).await?;
        for (funder, said) in funders.iter().zip(&file.funders) {
            if let Some(amount) = said.commitment {
                let first = NewPledge::indicative(amount, FROM_FILE);
                rows::pledge(tx.conn(), &permit, funder, &first).await?;
            }
        }
        let said = file.funders.iter();
        let pledged: serde_json::Map<String, Value> = said
            .filter_map(|funder| Some((funder.organisation.clone(), json!(funder.commitment?))))
            .collect();
        let detail = json!({ "code": row.code, "imported": true, "commitments": pledged });
        tx.audit(&permit, Some(1), None, detail).await?;
        Ok(view::call_view(tx.conn(), &row, true).await?)
    };
    service.write(context, work).await
}

/// What the file says as the input of a draft.
fn input(file: &CallFile) -> CallInput {
    let stages = file.calendar.stages.iter().map(|stage| StageInput {
        opens_at: stage.opens_at,
        deadline: stage.deadline.clone(),
    });
    CallInput {
        code: file.code.clone(),
        title: file.title.clone(),
        topic: file.topic.clone(),
        year: file.year,
        rehearsal: false,
        idea: false,
        rules: file.rules.clone(),
        stages: stages.collect(),
        milestones: file.calendar.milestones.clone(),
        budget: file.budget,
        funders_total: file.funders_total,
        countries_total: file.countries_total,
        doubts: file.doubts.clone(),
    }
}

/// The items that the call serves as a whole, in hundredths of a percent.
async fn shares(
    tx: &mut Tx,
    file: &CallFile,
    faults: &mut Faults,
) -> Result<Vec<(Uuid, i32)>, Problem> {
    let mut found = Vec::new();
    for (at, mapping) in file.serves.iter().enumerate() {
        let code = &mapping.agenda;
        let known = agenda::item_ids(tx.conn(), code).await?;
        if known.is_empty() {
            let pointer = format!("/serves/{at}/agenda");
            faults.add(pointer, "unknown_agenda", unknown_agenda(code));
            continue;
        }
        let of_items = |place| format!("/serves/{at}/items/{place}/item");
        let shares = mapping.shares();
        found.extend(known_items(code, &known, &shares, of_items, faults));
    }
    Ok(found)
}

/// The funders named, in their order, without commitments yet.
async fn participations(
    tx: &mut Tx,
    call_id: Uuid,
    file: &CallFile,
    faults: &mut Faults,
) -> Result<Vec<ParticipationRow>, Problem> {
    let mut found = Vec::new();
    for (at, funder) in file.funders.iter().enumerate() {
        let key = &funder.organisation;
        let Some(organisation_id) = agenda::organisation_id(tx.conn(), key).await? else {
            faults.add(
                format!("/funders/{at}/organisation"),
                "unknown_organisation",
                format!("there is no organisation '{key}'; GET /api/v1/organisations lists them"),
            );
            continue;
        };
        found.push(ParticipationRow {
            id: kernel::id::new(),
            call_id,
            organisation_id,
            commitment: 0,
            decided: 0,
            available: None,
            terms: serde_json::to_value(&funder.terms).map_err(Problem::internal)?,
            version: 1,
            joined: funder.joined,
            left_at: None,
        });
    }
    Ok(found)
}
