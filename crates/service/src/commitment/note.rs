//! What a funder notes for itself on its commitment. Nobody outside the funder reads it, and the trail does not tell
//! that there is one.

use access::Action;
use intake::query::words;
use kernel::Faults;
use store::agenda;
use store::call::{self as calls, ParticipationRow};
use store::commitment::note as rows;
use uuid::Uuid;

use crate::call::lock_funder;
use crate::intake::Note;
use crate::{Answer, Context, Problem, Service, Tx};

/// What one's own funder notes on its commitment.
pub async fn read_commitment_note(
    service: &Service,
    context: Context,
    call: Uuid,
    key: String,
) -> Result<Answer<Note>, Problem> {
    let work = async move |tx: &mut Tx| {
        let organisation = agenda::organisation_id(tx.conn(), &key)
            .await?
            .ok_or_else(Problem::not_found)?;
        let row = calls::find_participation(tx.conn(), call, organisation).await?;
        tx.permit(Action::ReadCommitmentNote, &rows::object(&row))
            .await?;
        note(tx, &row).await
    };
    service.read(context, work).await
}

async fn note(tx: &mut Tx, row: &ParticipationRow) -> Result<Note, Problem> {
    let found = rows::find(tx.conn(), row).await?;
    let text = found.map(|(text, _)| text).unwrap_or_default();
    Ok(Note { text })
}

/// Writes one's own funder's note on its commitment, over what was read.
pub async fn write_commitment_note(
    service: &Service,
    context: Context,
    call: Uuid,
    key: String,
    input: Note,
) -> Result<Answer<Note>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (_, row) = lock_funder(tx, call, &key).await?;
        let permit = tx
            .permit(Action::WriteCommitmentNote, &rows::object(&row))
            .await?;
        let current = note(tx, &row).await?;
        tx.precondition(&current)?;
        let mut faults = Faults::default();
        if !input.text.is_empty() {
            words("/text", &input.text, &mut faults);
        }
        faults.or(())?;
        let before = rows::find(tx.conn(), &row).await?;
        let before = before.map(|(_, version)| version);
        rows::write(tx.conn(), &permit, &row, before, input.text.trim()).await?;
        note(tx, &row).await
    };
    service.write(context, work).await
}
