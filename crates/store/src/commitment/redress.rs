//! Requests for redress, and the letters that settle them.

use std::collections::{BTreeMap, BTreeSet};

use ::commitment::letter::LetterOutcome;
use ::commitment::redress::RedressState;
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::db::clock;
use crate::error::{demand, one_row};
use crate::review::ranking::{self, RankingRow};
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

/// The rows of the proposals of a call, in their stages, of which the panel revised its ranking list and that are not
/// told of it yet.
pub async fn judged_again(conn: &mut Conn, call: Uuid) -> Result<Vec<Uuid>, StoreError> {
    Ok(redress::table
        .filter(redress::call_id.eq(call))
        .filter(redress::ranking_list_id.is_not_null())
        .filter(redress::state.eq(RedressState::Reevaluated.to_string()))
        .select(redress::proposal_stage_id)
        .load(conn)
        .await?)
}

/// Numbers of the proposals of a stage that the panel judged again and whose redress is not settled yet.
pub async fn unsettled(conn: &mut Conn, stage: Uuid) -> Result<Vec<String>, StoreError> {
    Ok(redress::table
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(redress::proposal_stage_id)))
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .filter(proposal_stage::stage_id.eq(stage))
        .filter(redress::state.eq(RedressState::Reevaluated.to_string()))
        .order(proposal::number)
        .select(proposal::number)
        .load(conn)
        .await?)
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

/// What a step of a request sets besides its state; what is none stays as it is.
#[derive(Default, AsChangeset)]
#[diesel(table_name = redress)]
struct Step<'a> {
    checked_because: Option<&'a str>,
    checked_by: Option<Uuid>,
    checked_at: Option<DateTime<Utc>>,
    followed: Option<bool>,
    finding: Option<&'a str>,
    found_by: Option<Uuid>,
    found_at: Option<DateTime<Utc>>,
    decided_because: Option<&'a str>,
    decided_by: Option<Uuid>,
    decided_at: Option<DateTime<Utc>>,
    consensus_before: Option<&'a Value>,
    ranking_list_id: Option<Uuid>,
}

/// Moves a request on from the state and version it was read in.
async fn advance(
    conn: &mut Conn,
    row: &RedressRow,
    state: RedressState,
    step: Step<'_>,
) -> Result<(), StoreError> {
    let changed = diesel::update(redress::table.find(row.id))
        .filter(redress::state.eq(&row.state))
        .filter(redress::version.eq(row.version))
        .set((
            redress::state.eq(state.to_string()),
            redress::version.eq(row.version + 1),
            step,
        ))
        .execute(conn)
        .await?;
    one_row(changed)
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
    let step = Step {
        checked_because: Some(because.trim()),
        checked_by: permit.account(),
        checked_at: Some(clock(conn).await?),
        ..Step::default()
    };
    advance(conn, row, state, step).await
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
    let step = Step {
        followed: Some(followed),
        finding: Some(finding.trim()),
        found_by: permit.account(),
        found_at: Some(clock(conn).await?),
        ..Step::default()
    };
    advance(conn, row, state, step).await
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
    let step = Step {
        decided_because: Some(because.trim()),
        decided_by: permit.account(),
        decided_at: Some(clock(conn).await?),
        ..Step::default()
    };
    advance(conn, row, state, step).await
}

/// Of some rows of proposals in stages those with redress that was upheld and is not settled: they are judged anew,
/// whatever else is over.
pub async fn upheld_among(conn: &mut Conn, rows: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
    let open = [RedressState::Upheld, RedressState::Reevaluated].map(|state| state.to_string());
    Ok(redress::table
        .filter(redress::proposal_stage_id.eq_any(rows))
        .filter(redress::state.eq_any(open))
        .select(redress::proposal_stage_id)
        .load(conn)
        .await?)
}

/// The proposals of a stage that the panel is to judge anew, as redress was upheld.
pub async fn judged_anew(conn: &mut Conn, stage: Uuid) -> Result<BTreeSet<Uuid>, StoreError> {
    let found: Vec<Uuid> = redress::table
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(redress::proposal_stage_id)))
        .filter(proposal_stage::stage_id.eq(stage))
        .filter(redress::state.eq(RedressState::Upheld.to_string()))
        .select(proposal_stage::proposal_id)
        .load(conn)
        .await?;
    Ok(found.into_iter().collect())
}

/// Redress that was upheld and is not settled.
#[derive(Debug, Clone, Copy)]
pub struct Upheld {
    /// Whether the panel is still to judge the proposal. Who holds the stage is not overtaken by it.
    pub waits_for_the_panel: bool,
    /// When it was upheld.
    pub since: DateTime<Utc>,
}

impl Upheld {
    fn at(state: &str, since: DateTime<Utc>) -> Upheld {
        Upheld {
            waits_for_the_panel: state == RedressState::Upheld.to_string(),
            since,
        }
    }

    /// Whether what was released at this moment is to be told by the letter that settles it, and not before.
    pub fn hides(&self, released: Option<DateTime<Utc>>) -> bool {
        released.is_some_and(|at| at > self.since)
    }
}

/// The redress of a proposal at a stage that was upheld and is not settled; none where there is none.
pub async fn upheld(
    conn: &mut Conn,
    proposal: Uuid,
    stage: Uuid,
) -> Result<Option<Upheld>, StoreError> {
    let open = [RedressState::Upheld, RedressState::Reevaluated].map(|state| state.to_string());
    let of_it = proposal_stage::table
        .filter(proposal_stage::proposal_id.eq(proposal))
        .filter(proposal_stage::stage_id.eq(stage))
        .select(proposal_stage::id);
    let found: Option<(String, Option<DateTime<Utc>>)> = redress::table
        .filter(redress::proposal_stage_id.eq_any(of_it))
        .filter(redress::state.eq_any(open))
        .select((redress::state, redress::decided_at))
        .first(conn)
        .await
        .optional()?;
    Ok(found.and_then(|(state, at)| Some(Upheld::at(&state, at?))))
}

/// The redress of the proposals of a stage that was upheld and is not settled, by proposal.
pub async fn upheld_at(conn: &mut Conn, stage: Uuid) -> Result<BTreeMap<Uuid, Upheld>, StoreError> {
    let open = [RedressState::Upheld, RedressState::Reevaluated].map(|state| state.to_string());
    let found: Vec<(Uuid, String, Option<DateTime<Utc>>)> = redress::table
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(redress::proposal_stage_id)))
        .filter(proposal_stage::stage_id.eq(stage))
        .filter(redress::state.eq_any(open))
        .select((
            proposal_stage::proposal_id,
            redress::state,
            redress::decided_at,
        ))
        .load(conn)
        .await?;
    Ok(found
        .into_iter()
        .filter_map(|(proposal, state, at)| Some((proposal, Upheld::at(&state, at?))))
        .collect())
}

/// Puts the next version of a stage's ranking list into force in the place of `before`, because of a request that was
/// upheld; keeps with the request which one, and what the panel had agreed on before, if anything. The stage is locked.
pub async fn rank_again(
    conn: &mut Conn,
    permit: &Permit,
    row: &RedressRow,
    state: RedressState,
    (before, next): (&RankingRow, &RankingRow),
    agreed: Option<&Value>,
) -> Result<(), StoreError> {
    demand(permit, &[Action::ReevaluateProposal], row.id)?;
    ranking::succeed(conn, permit, before, next).await?;
    let step = Step {
        consensus_before: agreed,
        ranking_list_id: Some(next.id),
        ..Step::default()
    };
    advance(conn, row, state, step).await
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
    advance(conn, row, state, Step::default()).await?;
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
