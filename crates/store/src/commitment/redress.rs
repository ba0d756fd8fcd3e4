//! Requests for redress, and the letters that settle them.

use ::commitment::letter::LetterOutcome;
use ::commitment::redress::RedressState;
use ::review::RankingState;
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::review::ranking::RankingRow;
use crate::schema::sealed::{letter, outcome, ranking_list, redress, redress_letter};
use crate::schema::{proposal, proposal_stage, stage};
use crate::{Conn, StoreError, text};

/// A request for redress.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = redress)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct RedressRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub proposal_stage_id: Uuid,
    pub state: String,
    pub ground: String,
    pub reasons: String,
    pub filed_by: Uuid,
    pub filed_at: DateTime<Utc>,
    pub checked_because: Option<String>,
    pub checked_at: Option<DateTime<Utc>>,
    pub followed: Option<bool>,
    pub finding: Option<String>,
    pub found_at: Option<DateTime<Utc>>,
    pub decided_because: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub ranking_list_id: Option<Uuid>,
    pub version: i32,
}

impl RedressRow {
    /// Where it stands.
    pub fn state(&self) -> Result<RedressState, StoreError> {
        text::name(&self.state)
    }
}

/// A request with what it hangs on.
#[derive(Debug, Clone)]
pub struct FiledRedress {
    /// The request.
    pub row: RedressRow,
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call.
    pub number: String,
    /// The stage.
    pub stage: Uuid,
    /// Number of the stage.
    pub stage_number: i32,
    /// The version of the ranking list that came of it.
    pub ranking: Option<i32>,
    /// When the letter that settles it was released.
    pub settled_at: Option<DateTime<Utc>>,
}

type Row = (
    RedressRow,
    (Uuid, String),
    (Uuid, i32),
    Option<i32>,
    Option<DateTime<Utc>>,
);

#[diesel::dsl::auto_type]
fn rows() -> _ {
    redress::table
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(redress::proposal_stage_id)))
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .inner_join(stage::table.on(stage::id.eq(proposal_stage::stage_id)))
        .left_join(ranking_list::table.on(ranking_list::id.nullable().eq(redress::ranking_list_id)))
        .left_join(redress_letter::table.on(redress_letter::redress_id.eq(redress::id)))
}

fn filed(
    (row, (proposal, number), (stage, stage_number), ranking, settled_at): Row,
) -> FiledRedress {
    FiledRedress {
        row,
        proposal,
        number,
        stage,
        stage_number,
        ranking,
        settled_at,
    }
}

/// The requests of a call, or of one proposal in it; oldest first.
pub async fn list(
    conn: &mut Conn,
    call: Uuid,
    of: Option<Uuid>,
) -> Result<Vec<FiledRedress>, StoreError> {
    let mut query = rows()
        .filter(redress::call_id.eq(call))
        .order(redress::id)
        .select((
            RedressRow::as_select(),
            (proposal::id, proposal::number),
            (stage::id, stage::number),
            ranking_list::number.nullable(),
            redress_letter::released_at.nullable(),
        ))
        .into_boxed();
    if let Some(of) = of {
        query = query.filter(proposal::id.eq(of));
    }
    let rows: Vec<Row> = query.load(conn).await?;
    Ok(rows.into_iter().map(filed).collect())
}

/// Locks a request until the transaction ends.
pub async fn lock(conn: &mut Conn, id: Uuid) -> Result<FiledRedress, StoreError> {
    let _: Uuid = redress::table
        .find(id)
        .select(redress::id)
        .for_update()
        .first(conn)
        .await?;
    find(conn, id).await
}

/// Reads a request.
pub async fn find(conn: &mut Conn, id: Uuid) -> Result<FiledRedress, StoreError> {
    let row: Row = rows()
        .filter(redress::id.eq(id))
        .select((
            RedressRow::as_select(),
            (proposal::id, proposal::number),
            (stage::id, stage::number),
            ranking_list::number.nullable(),
            redress_letter::released_at.nullable(),
        ))
        .first(conn)
        .await?;
    Ok(filed(row))
}

/// What a coordinator was told on a proposal at a stage.
#[derive(Debug, Clone)]
pub struct Told {
    /// The row of the proposal in the stage.
    pub proposal_stage: Uuid,
    /// The outcome.
    pub outcome: LetterOutcome,
    /// When the letter was released.
    pub released_at: DateTime<Utc>,
}

/// What was told of a proposal at a stage; none before the letters. The row of the proposal is locked, so that nobody
/// files twice at once.
pub async fn told(
    conn: &mut Conn,
    proposal: Uuid,
    stage: Uuid,
) -> Result<Option<Told>, StoreError> {
    let row: Option<Uuid> = proposal_stage::table
        .filter(proposal_stage::proposal_id.eq(proposal))
        .filter(proposal_stage::stage_id.eq(stage))
        .select(proposal_stage::id)
        .for_update()
        .first(conn)
        .await
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let found: Option<(String, DateTime<Utc>)> = letter::table
        .find(row)
        .select((letter::outcome, letter::released_at))
        .first(conn)
        .await
        .optional()?;
    found
        .map(|(outcome, released_at)| {
            Ok(Told {
                proposal_stage: row,
                outcome: text::name(&outcome)?,
                released_at,
            })
        })
        .transpose()
}

/// Keeps a request.
pub async fn file(
    conn: &mut Conn,
    permit: &Permit,
    proposal: Uuid,
    row: &RedressRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::FileRedress], proposal)?;
    diesel::insert_into(redress::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps what the secretariat found of a request.
pub async fn check(
    conn: &mut Conn,
    permit: &Permit,
    row: &RedressRow,
    state: RedressState,
    because: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::CheckRedress], row.id)?;
    let changed = diesel::update(redress::table.find(row.id))
        .filter(redress::state.eq(&row.state))
        .filter(redress::version.eq(row.version))
        .set((
            redress::state.eq(state.to_string()),
            redress::checked_because.eq(because.trim()),
            redress::checked_by.eq(permit.account()),
            redress::checked_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            redress::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Keeps the observer's finding: whether the procedure was followed, and what was looked at.
pub async fn examine(
    conn: &mut Conn,
    permit: &Permit,
    row: &RedressRow,
    state: RedressState,
    (followed, finding): (bool, &str),
) -> Result<(), StoreError> {
    demand(permit, &[Action::ExamineRedress], row.id)?;
    let changed = diesel::update(redress::table.find(row.id))
        .filter(redress::state.eq(&row.state))
        .filter(redress::version.eq(row.version))
        .set((
            redress::state.eq(state.to_string()),
            redress::followed.eq(Some(followed)),
            redress::finding.eq(finding.trim()),
            redress::found_by.eq(permit.account()),
            redress::found_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            redress::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Keeps what the steering committee decided.
pub async fn decide(
    conn: &mut Conn,
    permit: &Permit,
    row: &RedressRow,
    state: RedressState,
    because: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::DecideRedress], row.id)?;
    let changed = diesel::update(redress::table.find(row.id))
        .filter(redress::state.eq(&row.state))
        .filter(redress::version.eq(row.version))
        .set((
            redress::state.eq(state.to_string()),
            redress::decided_because.eq(because.trim()),
            redress::decided_by.eq(permit.account()),
            redress::decided_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            redress::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Puts the next version of a stage's ranking list into force in the place of `before`, because of a request that was
/// upheld; keeps with the request which one, and what the panel had agreed on before. The stage is locked.
pub async fn rank_again(
    conn: &mut Conn,
    permit: &Permit,
    row: &RedressRow,
    state: RedressState,
    before: &RankingRow,
    next: &RankingRow,
    agreed: &Value,
) -> Result<(), StoreError> {
    demand(permit, &[Action::ReevaluateProposal], row.id)?;
    let revised = diesel::update(ranking_list::table.find(before.id))
        .filter(ranking_list::state.eq(&before.state))
        .filter(ranking_list::version.eq(before.version))
        .set((
            ranking_list::state.eq(RankingState::Revised.to_string()),
            ranking_list::version.eq(before.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(revised)?;
    diesel::insert_into(ranking_list::table)
        .values(next)
        .execute(conn)
        .await?;
    let changed = diesel::update(redress::table.find(row.id))
        .filter(redress::state.eq(&row.state))
        .filter(redress::version.eq(row.version))
        .set((
            redress::state.eq(state.to_string()),
            redress::consensus_before.eq(agreed),
            redress::ranking_list_id.eq(next.id),
            redress::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// A letter that settles a request, to be kept as it was sent.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = redress_letter)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct RedressLetterRow {
    pub redress_id: Uuid,
    pub call_id: Uuid,
    pub outcome: String,
    pub body: String,
}

/// Settles a request with its letter; the outcome that the letter tells is released with it.
pub async fn settle(
    conn: &mut Conn,
    permit: &Permit,
    row: &RedressRow,
    state: RedressState,
    letter: &RedressLetterRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::SettleRedress], row.id)?;
    let changed = diesel::update(redress::table.find(row.id))
        .filter(redress::state.eq(&row.state))
        .filter(redress::version.eq(row.version))
        .set((
            redress::state.eq(state.to_string()),
            redress::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)?;
    diesel::insert_into(redress_letter::table)
        .values(letter)
        .execute(conn)
        .await?;
    let released = diesel::update(outcome::table.find(row.proposal_stage_id))
        .filter(outcome::released_at.is_not_null())
        .filter(outcome::state.eq(&letter.outcome))
        .set((
            outcome::released_state.eq(&letter.outcome),
            outcome::released_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
        ))
        .execute(conn)
        .await?;
    one_row(released)
}
