use ::commitment::letter::LetterOutcome;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::schema::sealed::{amendment_letter, letter, redress, redress_letter};
use crate::schema::{proposal, proposal_stage, stage};
use crate::{Conn, StoreError, text};

/// Letters to coordinators.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Letters {
    /// By number of the proposal and stage.
    pub items: Vec<LetterView>,
}

/// The letter on one proposal at one stage.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LetterView {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call.
    pub number: String,
    /// Number of the stage.
    pub stage: i32,
    /// The outcome told.
    pub outcome: LetterOutcome,
    /// The text.
    pub body: String,
    /// When it was released; none for a preview.
    pub released_at: Option<DateTime<Utc>>,
}

type Row = (Uuid, String, i32, String, String, DateTime<Utc>);

fn letters(rows: Vec<Row>) -> Result<Letters, StoreError> {
    let items = rows
        .into_iter()
        .map(|(proposal, number, stage, outcome, body, released_at)| {
            Ok::<_, StoreError>(LetterView {
                proposal,
                number,
                stage,
                outcome: text::name(&outcome)?,
                body,
                released_at: Some(released_at),
            })
        });
    Ok(Letters {
        items: items.collect::<Result<_, _>>()?,
    })
}

/// The letters that told what amendments changed, oldest first.
#[diesel::dsl::auto_type]
fn told_since() -> _ {
    amendment_letter::table
        .inner_join(
            proposal_stage::table.on(proposal_stage::id.eq(amendment_letter::proposal_stage_id)),
        )
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .inner_join(stage::table.on(stage::id.eq(proposal_stage::stage_id)))
        .select((
            proposal::id,
            proposal::number,
            stage::number,
            amendment_letter::outcome,
            amendment_letter::body,
            amendment_letter::released_at,
        ))
}

/// The letters released on one proposal; those that settle a request for redress or tell what an amendment changed
/// come last.
pub async fn of_proposal(conn: &mut Conn, id: Uuid) -> Result<Letters, StoreError> {
    let mut rows: Vec<Row> = letter::table
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(letter::proposal_stage_id)))
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .inner_join(stage::table.on(stage::id.eq(proposal_stage::stage_id)))
        .filter(proposal::id.eq(id))
        .order(stage::number)
        .select((
            proposal::id,
            proposal::number,
            stage::number,
            letter::outcome,
            letter::body,
            letter::released_at,
        ))
        .load(conn)
        .await?;
    let settling: Vec<Row> = redress_letter::table
        .inner_join(redress::table.on(redress::id.eq(redress_letter::redress_id)))
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(redress::proposal_stage_id)))
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .inner_join(stage::table.on(stage::id.eq(proposal_stage::stage_id)))
        .filter(proposal::id.eq(id))
        .order(stage::number)
        .select((
            proposal::id,
            proposal::number,
            stage::number,
            redress_letter::outcome,
            redress_letter::body,
            redress_letter::released_at,
        ))
        .load(conn)
        .await?;
    rows.extend(settling);
    let since: Vec<Row> = told_since()
        .filter(proposal::id.eq(id))
        .order(amendment_letter::released_at)
        .load(conn)
        .await?;
    rows.extend(since);
    letters(rows)
}

/// The letters released in a stage; those that tell what an amendment changed come last.
pub async fn of_stage(conn: &mut Conn, id: Uuid) -> Result<Letters, StoreError> {
    let mut rows: Vec<Row> = letter::table
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(letter::proposal_stage_id)))
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .inner_join(stage::table.on(stage::id.eq(proposal_stage::stage_id)))
        .filter(stage::id.eq(id))
        .order(proposal::number)
        .select((
            proposal::id,
            proposal::number,
            stage::number,
            letter::outcome,
            letter::body,
            letter::released_at,
        ))
        .load(conn)
        .await?;
    let since: Vec<Row> = told_since()
        .filter(stage::id.eq(id))
        .order((amendment_letter::released_at, proposal::number))
        .load(conn)
        .await?;
    rows.extend(since);
    letters(rows)
}
