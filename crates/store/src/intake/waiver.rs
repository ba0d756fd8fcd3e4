//! Requests for an exception to a rule, what the committee's members hold of them, and what was decided.

use std::collections::HashMap;

use ::intake::WaiverState;
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::sealed::waiver_stand;
use crate::schema::{organisation, proposal, proposal_stage, waiver};
use crate::{Conn, StoreError, text};

/// A request.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = waiver)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct WaiverRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub proposal_stage_id: Uuid,
    pub rule: String,
    pub reasons: String,
    pub asked_by: Uuid,
    pub asked_at: DateTime<Utc>,
    pub comment: Option<String>,
    pub state: String,
    pub decided_because: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub version: i32,
}

impl WaiverRow {
    /// Where it stands.
    pub fn state(&self) -> Result<WaiverState, StoreError> {
        text::name(&self.state)
    }
}

/// Keeps a request.
pub async fn ask_waiver(
    conn: &mut Conn,
    permit: &Permit,
    proposal: Uuid,
    row: &WaiverRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::AskWaiver], proposal)?;
    diesel::insert_into(waiver::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Locks a request until the transaction ends; answers it with its proposal.
pub async fn lock_waiver(conn: &mut Conn, id: Uuid) -> Result<(WaiverRow, Uuid), StoreError> {
    let row: WaiverRow = waiver::table
        .find(id)
        .select(WaiverRow::as_select())
        .for_update()
        .first(conn)
        .await?;
    let proposal = proposal_stage::table
        .find(row.proposal_stage_id)
        .select(proposal_stage::proposal_id)
        .first(conn)
        .await?;
    Ok((row, proposal))
}

/// The requests of a call, or of one proposal in it, with the proposal's id and number; oldest first.
pub async fn waivers(
    conn: &mut Conn,
    call: Uuid,
    of: Option<Uuid>,
) -> Result<Vec<(WaiverRow, Uuid, String)>, StoreError> {
    let mut query = waiver::table
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(waiver::proposal_stage_id)))
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .filter(waiver::call_id.eq(call))
        .order(waiver::id)
        .select((WaiverRow::as_select(), proposal::id, proposal::number))
        .into_boxed();
    if let Some(of) = of {
        query = query.filter(proposal::id.eq(of));
    }
    Ok(query.load(conn).await?)
}

/// The rules that are waived for a proposal in a stage.
pub async fn waived(
    conn: &mut Conn,
    proposal: Uuid,
    stage: Uuid,
) -> Result<Vec<String>, StoreError> {
    Ok(waiver::table
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(waiver::proposal_stage_id)))
        .filter(proposal_stage::proposal_id.eq(proposal))
        .filter(proposal_stage::stage_id.eq(stage))
        .filter(waiver::state.eq(WaiverState::Granted.to_string()))
        .select(waiver::rule)
        .load(conn)
        .await?)
}

/// The rules that are waived for proposals in a stage, given by their rows there; none for those without.
pub async fn waived_among(
    conn: &mut Conn,
    proposal_stages: &[Uuid],
) -> Result<HashMap<Uuid, Vec<String>>, StoreError> {
    let rows: Vec<(Uuid, String)> = waiver::table
        .filter(waiver::proposal_stage_id.eq_any(proposal_stages))
        .filter(waiver::state.eq(WaiverState::Granted.to_string()))
        .select((waiver::proposal_stage_id, waiver::rule))
        .load(conn)
        .await?;
    let mut found: HashMap<Uuid, Vec<String>> = HashMap::new();
    for (row, rule) in rows {
        found.entry(row).or_default().push(rule);
    }
    Ok(found)
}

/// What members of the committee hold of a request: key of the organisation, stand, remark.
pub async fn stands(
    conn: &mut Conn,
    waivers: &[Uuid],
) -> Result<Vec<(Uuid, String, String, String)>, StoreError> {
    Ok(waiver_stand::table
        .inner_join(organisation::table.on(organisation::id.eq(waiver_stand::organisation_id)))
        .filter(waiver_stand::waiver_id.eq_any(waivers))
        .order((waiver_stand::waiver_id, organisation::key))
        .select((
            waiver_stand::waiver_id,
            organisation::key,
            waiver_stand::stand,
            waiver_stand::remark,
        ))
        .load(conn)
        .await?)
}

/// Keeps what an organisation holds of a request, in the place of what it held before.
pub async fn take_stand(
    conn: &mut Conn,
    permit: &Permit,
    row: &WaiverRow,
    organisation: Uuid,
    stand: &str,
    remark: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::TakeStand], row.id)?;
    let stated_by = permit.account().ok_or(StoreError::Permit)?;
    let values = (
        waiver_stand::stand.eq(stand),
        waiver_stand::remark.eq(remark.trim()),
        waiver_stand::stated_by.eq(stated_by),
    );
    diesel::insert_into(waiver_stand::table)
        .values((
            waiver_stand::waiver_id.eq(row.id),
            waiver_stand::organisation_id.eq(organisation),
            waiver_stand::call_id.eq(row.call_id),
            values,
        ))
        .on_conflict((waiver_stand::waiver_id, waiver_stand::organisation_id))
        .do_update()
        .set((
            values,
            waiver_stand::stated_at.eq(sql::<Timestamptz>("clock_timestamp()")),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps the secretariat's comment for the committee.
pub async fn comment_waiver(
    conn: &mut Conn,
    permit: &Permit,
    row: &WaiverRow,
    comment: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::CommentWaiver], row.id)?;
    let changed = diesel::update(waiver::table.find(row.id))
        .filter(waiver::version.eq(row.version))
        .set((
            waiver::comment.eq(comment.trim()),
            waiver::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Keeps what the committee decided.
pub async fn decide_waiver(
    conn: &mut Conn,
    permit: &Permit,
    row: &WaiverRow,
    state: WaiverState,
    because: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::DecideWaiver], row.id)?;
    let changed = diesel::update(waiver::table.find(row.id))
        .filter(waiver::state.eq(&row.state))
        .filter(waiver::version.eq(row.version))
        .set((
            waiver::state.eq(state.to_string()),
            waiver::decided_because.eq(because.trim()),
            waiver::decided_by.eq(permit.account()),
            waiver::decided_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            waiver::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}
