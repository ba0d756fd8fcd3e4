//! The applicants' replies to the released reviews.

use ::review::rebuttal::{Reply, Window};
use ::review::{REBUTTAL, RebuttalEvent, RebuttalState};
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::error::one_row;
use crate::schema::sealed::rebuttal;
use crate::schema::{proposal_stage, stage};
use crate::{Conn, StoreError, text};

/// The window of one proposal at a stage, and what was written in it.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = rebuttal)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct RebuttalRow {
    pub proposal_stage_id: Uuid,
    pub call_id: Uuid,
    pub opens_at: DateTime<Utc>,
    pub closes_at: DateTime<Utc>,
    pub state: String,
    pub draft: Value,
    pub submitted: Option<Value>,
    pub submitted_by: Option<Uuid>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub reopened_at: Option<DateTime<Utc>>,
    pub version: i32,
}

impl RebuttalRow {
    /// A window in which nothing is written yet.
    pub fn opened(
        call: Uuid,
        proposal_stage: Uuid,
        window: Window,
    ) -> Result<RebuttalRow, StoreError> {
        Ok(RebuttalRow {
            proposal_stage_id: proposal_stage,
            call_id: call,
            opens_at: window.opens,
            closes_at: window.closes,
            state: REBUTTAL.start.to_string(),
            draft: text::json(&Reply::default())?,
            submitted: None,
            submitted_by: None,
            submitted_at: None,
            reopened_at: None,
            version: 1,
        })
    }

    /// When a reply may be written.
    pub fn window(&self) -> Window {
        Window {
            opens: self.opens_at,
            closes: self.closes_at,
        }
    }

    /// The state in which the last deed left it. That the window is over is no deed.
    pub fn state(&self) -> Result<RebuttalState, StoreError> {
        text::name(&self.state)
    }

    /// The state at a moment: once the window is over, what that made of it.
    pub fn state_at(&self, now: DateTime<Utc>) -> Result<RebuttalState, StoreError> {
        let state = self.state()?;
        if now < self.closes_at {
            return Ok(state);
        }
        Ok(REBUTTAL.apply(state, RebuttalEvent::Close).unwrap_or(state))
    }

    /// What is being written.
    pub fn draft(&self) -> Result<Reply, StoreError> {
        text::document(self.draft.clone())
    }

    /// What was submitted last.
    pub fn submitted(&self) -> Result<Option<Reply>, StoreError> {
        self.submitted.clone().map(text::document).transpose()
    }
}

/// Opens the windows of a stage's proposals.
pub async fn open(
    conn: &mut Conn,
    permit: &Permit,
    rows: &[RebuttalRow],
) -> Result<(), StoreError> {
    let own_call = rows.iter().all(|row| permit.call() == Some(row.call_id));
    if !own_call || permit.action() != Action::ReleaseReview {
        return Err(StoreError::Permit);
    }
    for some in rows.chunks(500) {
        diesel::insert_into(rebuttal::table)
            .values(some)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// The windows that a proposal had, the last stage's first, with the stage.
pub async fn of_proposal(
    conn: &mut Conn,
    proposal: Uuid,
) -> Result<Vec<(RebuttalRow, Uuid)>, StoreError> {
    Ok(rebuttal::table
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(rebuttal::proposal_stage_id)))
        .inner_join(stage::table.on(stage::id.eq(proposal_stage::stage_id)))
        .filter(proposal_stage::proposal_id.eq(proposal))
        .order(stage::number.desc())
        .select((RebuttalRow::as_select(), stage::id))
        .load(conn)
        .await?)
}

/// Reads a window, locked.
pub async fn lock(conn: &mut Conn, proposal_stage: Uuid) -> Result<RebuttalRow, StoreError> {
    Ok(rebuttal::table
        .find(proposal_stage)
        .select(RebuttalRow::as_select())
        .for_update()
        .first(conn)
        .await?)
}

/// When the window of a proposal closes.
#[derive(Debug, Clone, Copy, Queryable)]
pub struct Closing {
    /// The proposal.
    pub proposal: Uuid,
    /// When it closes.
    pub closes_at: DateTime<Utc>,
    /// When its applicants were given time again; none where the window is that of all.
    pub reopened_at: Option<DateTime<Utc>>,
}

/// When the windows of a stage close, as far as any were opened. One of a proposal that was withdrawn holds nobody up.
pub async fn closings(conn: &mut Conn, stage_id: Uuid) -> Result<Vec<Closing>, StoreError> {
    Ok(rebuttal::table
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(rebuttal::proposal_stage_id)))
        .filter(proposal_stage::stage_id.eq(stage_id))
        .filter(proposal_stage::state.ne("withdrawn"))
        .select((
            proposal_stage::proposal_id,
            rebuttal::closes_at,
            rebuttal::reopened_at,
        ))
        .load(conn)
        .await?)
}

/// Saves what the coordinator writes.
pub async fn write(
    conn: &mut Conn,
    permit: &Permit,
    row: &RebuttalRow,
    state: RebuttalState,
    reply: &Reply,
) -> Result<(), StoreError> {
    demand(permit, Action::WriteRebuttal, row)?;
    let changed = diesel::update(rebuttal::table.find(row.proposal_stage_id))
        .filter(rebuttal::state.eq(&row.state))
        .filter(rebuttal::version.eq(row.version))
        .set((
            rebuttal::state.eq(state.to_string()),
            rebuttal::draft.eq(text::json(reply)?),
            rebuttal::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Makes what is written the version that counts.
pub async fn submit(
    conn: &mut Conn,
    permit: &Permit,
    row: &RebuttalRow,
    state: RebuttalState,
) -> Result<(), StoreError> {
    demand(permit, Action::SubmitRebuttal, row)?;
    let changed = diesel::update(rebuttal::table.find(row.proposal_stage_id))
        .filter(rebuttal::state.eq(&row.state))
        .filter(rebuttal::version.eq(row.version))
        .set((
            rebuttal::state.eq(state.to_string()),
            rebuttal::submitted.eq(Some(&row.draft)),
            rebuttal::submitted_by.eq(permit.account()),
            rebuttal::submitted_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            rebuttal::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Gives the applicants of one proposal time again, or changes until when they have it.
pub async fn reopen(
    conn: &mut Conn,
    permit: &Permit,
    row: &RebuttalRow,
    state: RebuttalState,
    closes_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    demand(permit, Action::ReopenRebuttal, row)?;
    let changed = diesel::update(rebuttal::table.find(row.proposal_stage_id))
        .filter(rebuttal::state.eq(&row.state))
        .filter(rebuttal::version.eq(row.version))
        .set((
            rebuttal::state.eq(state.to_string()),
            rebuttal::closes_at.eq(closes_at),
            rebuttal::reopened_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            rebuttal::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

fn demand(permit: &Permit, action: Action, row: &RebuttalRow) -> Result<(), StoreError> {
    let covers = permit.action() == action && permit.call() == Some(row.call_id);
    covers.then_some(()).ok_or(StoreError::Permit)
}
