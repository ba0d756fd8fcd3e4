//! Uploads: begun with a name and a length, continued from where they were safe, ended with a definite answer.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use access::Action;
use bytes::Bytes;
use intake::{PROPOSAL, ProposalEvent};
use kernel::{Code, Fault, Faults};
use serde::{Deserialize, Serialize};
use store::call as calls;
use store::intake::{self as rows, UploadRow};
use store::view::intake::{UploadState, UploadView, upload_view};
use tokio::sync::mpsc::Receiver;
use utoipa::ToSchema;
use uuid::Uuid;

use super::ending::complete;
use super::{hold, in_time, own};
use crate::{Answer, Context, Problem, Service, Tx};

/// How many uploads of one proposal may go on at once.
const AT_ONCE: i64 = 20;

/// The longest name of a file, in characters.
const LONGEST_NAME: usize = 120;

/// A file to be uploaded.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    /// What it is called, such as `letters.pdf`.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal, where the sender knows it: what comes is compared with it.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// The uploads that a request is writing to at this moment: one at a time for each, so that nobody
/// overwrites what another was told is safe.
#[derive(Debug, Clone, Default)]
pub(crate) struct Writing(Arc<Mutex<HashSet<Uuid>>>);

/// Holds an upload until it is dropped.
struct Held(Writing, Uuid);

impl Writing {
    fn hold(&self, upload: Uuid) -> Result<Held, Problem> {
        let mut busy = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match busy.insert(upload) {
            true => Ok(Held(self.clone(), upload)),
            false => Err(Problem {
                retry_after: Some(1),
                ..Problem::new(
                    Code::RequestInProgress,
                    "Another request is writing to this upload; wait a moment, ask for the offset and go on \
                     from there.",
                )
            }),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut busy = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        busy.remove(&self.1);
    }
}

/// Begins an upload to a proposal whose draft may be written.
pub async fn upload_file(
    service: &Service,
    context: Context,
    proposal: Uuid,
    input: NewUpload,
) -> Result<Answer<UploadView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = hold(tx, proposal).await?;
        let permit = tx
            .permit(Action::UploadFile, &held.proposal.object())
            .await?;
        held.check_in_time(tx).await?;
        PROPOSAL.apply(held.content.state()?, ProposalEvent::Edit)?;
        let mut faults = check(&input, tx.service.files().file_max);
        let room = rows::room(tx.conn(), proposal).await?;
        room_for(&input, room, tx.service.files().proposal_max, &mut faults);
        let bytes = i64::try_from(input.bytes);
        faults.or(())?;
        let row = UploadRow {
            id: kernel::id::new(),
            call_id: held.call.id,
            proposal_id: proposal,
            name: input.name.trim().to_owned(),
            bytes: bytes.map_err(Problem::internal)?,
            announced_sha256: input.sha256.map(|hash| hash.to_ascii_lowercase()),
            received: 0,
            file_id: None,
            refused: None,
            uploaded_by: permit.account().ok_or_else(Problem::not_found)?,
        };
        rows::insert_upload(tx.conn(), &permit, &row).await?;
        Ok(upload_view(tx.conn(), row).await?)
    };
    service.write(context, work).await
}

fn check(input: &NewUpload, largest: u64) -> Faults {
    let mut faults = Faults::default();
    let name = input.name.trim();
    let forbidden = |symbol: char| symbol.is_control() || "/\\\"".contains(symbol);
    faults.require(
        (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.contains(forbidden),
        "/name",
        "name_unfit",
        format!("give a name of 1 to {LONGEST_NAME} characters, without slashes, quotes and control characters"),
    );
    faults.require(
        input.bytes > 0,
        "/bytes",
        "file_empty",
        "the file is empty; choose another",
    );
    faults.require(
        input.bytes <= largest,
        "/bytes",
        "file_too_large",
        format!(
            "the file has {} bytes; at most {largest} are taken: save it smaller, or in parts",
            input.bytes
        ),
    );
    let hex = |hash: &String| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    faults.require(
        input.sha256.as_ref().is_none_or(hex),
        "/sha256",
        "sha256_unfit",
        "a SHA-256 has 64 hexadecimal digits; give them, or leave it out",
    );
    faults
}

fn room_for(input: &NewUpload, room: (i64, i64, i64), most: u64, faults: &mut Faults) {
    let (kept, coming, count) = room;
    let taken = u64::try_from(kept.saturating_add(coming)).unwrap_or(u64::MAX);
    faults.require(
        taken.saturating_add(input.bytes) <= most,
        "/bytes",
        "proposal_full",
        format!(
            "the proposal's files have {taken} bytes already, with this one more than {most}; delete uploads that \
             go on, use what is there, or ask the secretariat"
        ),
    );
    faults.require(
        count < AT_ONCE,
        "",
        "uploads_at_once",
        format!("{count} uploads of this proposal go on already; finish or delete one first"),
    );
}

/// Writes what comes to an upload from `offset` on, as far as it comes. With the last byte the file is looked
/// at, and taken or refused.
///
/// What came before a connection broke off counts. The work goes on when the sender is gone.
pub async fn append_upload(
    service: &Service,
    context: Context,
    id: Uuid,
    offset: Option<u64>,
    bytes: Receiver<Bytes>,
) -> Result<Answer<UploadView>, Problem> {
    let parts = service.clone();
    service
        .on_database_runtime(async move { append(&parts, context, id, offset, bytes).await })
        .await
}

async fn append(
    service: &Service,
    context: Context,
    id: Uuid,
    offset: Option<u64>,
    bytes: Receiver<Bytes>,
) -> Result<Answer<UploadView>, Problem> {
    let begun = async move |tx: &mut Tx| {
        let row = writable(tx, id).await?;
        Ok(upload_view(tx.conn(), row).await?)
    };
    service.read(context.clone(), begun).await?;
    let offset = offset.ok_or_else(no_offset)?;
    let _held = service.inner.writing.hold(id)?;
    // Looked at again now that nobody else writes to it.
    let mut now = service.read(context.clone(), begun).await?;
    let safe = u64::try_from(now.value.offset).map_err(Problem::internal)?;
    let most = u64::try_from(now.value.bytes).map_err(Problem::internal)?;
    if offset != safe {
        return Err(wrong_offset(offset, safe));
    }
    now.dry_run = context.dry_run;
    if context.dry_run || now.value.state != UploadState::Receiving {
        return ended(now);
    }
    let written = service.files().parts.write(id, offset, most, bytes).await?;
    if written.too_many {
        return Err(Problem::new(
            Code::TooLarge,
            format!(
                "More came than the {most} bytes that the upload was begun with; nothing of this request was kept. \
                 Delete the upload and begin one with the right length."
            ),
        ));
    }
    if written.until > offset {
        now = received(service, context.clone(), id, written.until).await?;
    }
    if written.until < most {
        return Ok(now);
    }
    ended(complete(service, context, id).await?)
}

/// Notes how much is safe.
async fn received(
    service: &Service,
    context: Context,
    id: Uuid,
    until: u64,
) -> Result<Answer<UploadView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::upload(tx.conn(), id).await?;
        let permit = permit(tx, &row).await?;
        let until = i64::try_from(until).map_err(Problem::internal)?;
        rows::advance_upload(tx.conn(), &permit, &row, until).await?;
        let row = rows::upload(tx.conn(), id).await?;
        Ok(upload_view(tx.conn(), row).await?)
    };
    service.write(context, work).await
}

/// The upload, or the reasons why its file is not taken.
fn ended(answer: Answer<UploadView>) -> Result<Answer<UploadView>, Problem> {
    match answer.value.faults.is_empty() {
        true => Ok(answer),
        false => Err(Faults(answer.value.faults).into()),
    }
}

fn no_offset() -> Problem {
    let detail = "say in Upload-Offset, with a whole number, where the body belongs";
    Problem {
        errors: vec![Fault::new("/Upload-Offset", "parameter", detail)],
        ..Problem::new(Code::MalformedParameter, format!("Please {detail}."))
    }
}

fn wrong_offset(given: u64, right: u64) -> Problem {
    let detail = format!("{given} is not where the upload stands; go on at {right}");
    Problem {
        errors: vec![Fault::new("/Upload-Offset", "offset_wrong", detail.clone())],
        ..Problem::state(format!("The offset {detail}."))
    }
}

/// Asks the policy whether an upload may be written to.
pub(super) async fn permit(tx: &mut Tx, row: &UploadRow) -> Result<access::Permit, Problem> {
    let proposal = rows::find(tx.conn(), row.proposal_id).await?;
    let object = row.object(proposal.coordinator_id);
    tx.permit(Action::UploadFile, &object).await
}

/// The upload, when the actor may write to it now.
async fn writable(tx: &mut Tx, id: Uuid) -> Result<UploadRow, Problem> {
    let row = rows::upload(tx.conn(), id).await?;
    permit(tx, &row).await?;
    let call = calls::find(tx.conn(), row.call_id).await?;
    let (content, stage) = rows::current_stage(tx.conn(), row.proposal_id).await?;
    let stage = calls::find_stage(tx.conn(), stage).await?;
    let exception = rows::exception(tx.conn(), content).await?;
    let until = exception.map(|last| last.until);
    let deadline = intake::exception::effective(&stage.deadline()?, until);
    let arrived = tx.arrived_at(deadline.at).await?;
    // What has ended is only told, at any time.
    if !row.has_ended() {
        in_time(&call, &stage, until, arrived)?;
    }
    Ok(row)
}

/// Reads an upload: where it stands, and what became of it.
pub async fn read_upload(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<UploadView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::upload(tx.conn(), id).await?;
        own(tx, row.proposal_id).await?;
        Ok(upload_view(tx.conn(), row).await?)
    };
    service.read(context, work).await
}

/// Gives an upload up; a file that came of it stays. Answers it as it was.
pub async fn delete_upload(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<UploadView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::upload(tx.conn(), id).await?;
        let permit = permit(tx, &row).await?;
        let view = upload_view(tx.conn(), row).await?;
        rows::delete_upload(tx.conn(), &permit, id).await?;
        Ok(view)
    };
    // Only whoever may write to it is told that somebody does.
    let may = async move |tx: &mut Tx| {
        let row = rows::upload(tx.conn(), id).await?;
        permit(tx, &row).await.map(drop)
    };
    service.read(context.clone(), may).await?;
    let _held = service.inner.writing.hold(id)?;
    let answer = service.write(context, work).await?;
    if !answer.dry_run {
        service.files().parts.discard(id).await?;
    }
    Ok(answer)
}
