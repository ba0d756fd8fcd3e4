use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::amend;
use crate::error::demand;
use crate::schema::{proposal_stage, stage, submission};
use crate::{Conn, StoreError};

/// A submitted version; it never changes.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = submission, treat_none_as_default_value = false)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct SubmissionRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub proposal_stage_id: Uuid,
    pub number: i32,
    pub content: Value,
    pub content_sha256: String,
    pub submitted_by: Uuid,
    pub submitted_at: DateTime<Utc>,
    pub receipt: Option<Value>,
}

/// One submitted version of a proposal in a stage.
pub async fn submission(
    conn: &mut Conn,
    proposal_stage_id: Uuid,
    number: i32,
) -> Result<Option<SubmissionRow>, StoreError> {
    // Versions are counted from 1, and a draft that was never submitted says 0.
    if number == 0 {
        return Ok(None);
    }
    Ok(submission::table
        .filter(submission::proposal_stage_id.eq(proposal_stage_id))
        .filter(submission::number.eq(number))
        .select(SubmissionRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// The submitted version that counts for a proposal in a stage, with the changes to its consortium since.
pub async fn counting(
    conn: &mut Conn,
    proposal_stage_id: Uuid,
) -> Result<SubmissionRow, StoreError> {
    let mut row: SubmissionRow = submission::table
        .inner_join(
            proposal_stage::table.on(proposal_stage::id
                .eq(submission::proposal_stage_id)
                .and(proposal_stage::submitted.eq(submission::number))),
        )
        .filter(proposal_stage::id.eq(proposal_stage_id))
        .select(SubmissionRow::as_select())
        .first(conn)
        .await?;
    amend(conn, &mut [(proposal_stage_id, &mut row.content)]).await?;
    Ok(row)
}

/// What that version says.
pub async fn counting_content(
    conn: &mut Conn,
    proposal_stage_id: Uuid,
) -> Result<Value, StoreError> {
    Ok(counting(conn, proposal_stage_id).await?.content)
}

/// Keeps a submitted version.
pub async fn insert_submission(
    conn: &mut Conn,
    permit: &Permit,
    proposal: Uuid,
    row: &SubmissionRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::SubmitProposal], proposal)?;
    diesel::insert_into(submission::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// All signed receipts of a proposal, oldest first.
pub async fn receipts(conn: &mut Conn, proposal: Uuid) -> Result<Vec<Value>, StoreError> {
    Ok(submission::table
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(submission::proposal_stage_id)))
        .inner_join(stage::table.on(stage::id.eq(proposal_stage::stage_id)))
        .filter(proposal_stage::proposal_id.eq(proposal))
        .filter(submission::receipt.is_not_null())
        .order((stage::number, submission::number))
        .select(submission::receipt.assume_not_null())
        .load(conn)
        .await?)
}

/// All submitted versions of a call, in the order in which they came: id and hash of each.
pub async fn submitted_versions(
    conn: &mut Conn,
    call: Uuid,
) -> Result<Vec<(Uuid, String)>, StoreError> {
    Ok(submission::table
        .filter(submission::call_id.eq(call))
        .order((submission::submitted_at, submission::id))
        .select((submission::id, submission::content_sha256))
        .load(conn)
        .await?)
}

/// What a submitted version says.
pub async fn submitted_content(conn: &mut Conn, id: Uuid) -> Result<Value, StoreError> {
    Ok(submission::table
        .find(id)
        .select(submission::content)
        .first(conn)
        .await?)
}

/// The last submitted versions, each with its proposal in the stage.
#[diesel::dsl::auto_type]
fn last_submitted() -> _ {
    submission::table.inner_join(
        proposal_stage::table.on(proposal_stage::id
            .eq(submission::proposal_stage_id)
            .and(proposal_stage::submitted.eq(submission::number))),
    )
}

/// What proposals said when they were last submitted in a stage, with the changes to their consortia since, by
/// proposal.
pub async fn submitted_contents(
    conn: &mut Conn,
    stage_id: Uuid,
    proposals: &[Uuid],
) -> Result<Vec<(Uuid, Value)>, StoreError> {
    let mut rows: Vec<(Uuid, Uuid, Value)> = last_submitted()
        .filter(proposal_stage::stage_id.eq(stage_id))
        .filter(proposal_stage::proposal_id.eq_any(proposals))
        .select((
            proposal_stage::id,
            proposal_stage::proposal_id,
            submission::content,
        ))
        .load(conn)
        .await?;
    let mut contents: Vec<_> = rows
        .iter_mut()
        .map(|(row, _, content)| (*row, content))
        .collect();
    amend(conn, &mut contents).await?;
    Ok(rows
        .into_iter()
        .map(|(_, proposal, content)| (proposal, content))
        .collect())
}

/// What all proposals of a stage that are not withdrawn said when they were last submitted.
pub async fn submitted_in_stage(conn: &mut Conn, stage_id: Uuid) -> Result<Vec<Value>, StoreError> {
    Ok(last_submitted()
        .filter(proposal_stage::stage_id.eq(stage_id))
        .filter(proposal_stage::state.ne("withdrawn"))
        .select(submission::content)
        .load(conn)
        .await?)
}
