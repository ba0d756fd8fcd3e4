//! Evaluation summary reports: as they are drafted, approved, and frozen when the ranking list is adopted.

use ::review::summary::{Heading, Summary, SummaryDraft};
use ::review::{SUMMARY, SummaryState};
use access::{Action, Permit, Role};
use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::error::one_row;
use crate::schema::sealed::{summary_report, wall};
use crate::schema::{
    call, partner_member, proposal, proposal_stage, role_grant, stage, submission,
};
use crate::{Conn, StoreError, text};

/// The report on a proposal at a stage.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = summary_report)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct SummaryRow {
    pub proposal_stage_id: Uuid,
    pub call_id: Uuid,
    pub state: String,
    pub proposed: Value,
    pub comments: Value,
    pub written_by: Uuid,
    pub approved_by: Option<Uuid>,
    pub approved_at: Option<DateTime<Utc>>,
    pub report: Option<Value>,
    pub frozen_at: Option<DateTime<Utc>>,
    pub version: i32,
}

impl SummaryRow {
    /// A report of which nothing is written yet.
    pub fn begun(call: Uuid, proposal_stage: Uuid, by: Uuid) -> SummaryRow {
        let nothing = || Value::Object(serde_json::Map::new());
        SummaryRow {
            proposal_stage_id: proposal_stage,
            call_id: call,
            state: SUMMARY.start.to_string(),
            proposed: nothing(),
            comments: nothing(),
            written_by: by,
            approved_by: None,
            approved_at: None,
            report: None,
            frozen_at: None,
            version: 1,
        }
    }

    /// The state.
    pub fn state(&self) -> Result<SummaryState, StoreError> {
        text::name(&self.state)
    }

    /// What is drafted.
    pub fn draft(&self) -> Result<SummaryDraft, StoreError> {
        Ok(SummaryDraft {
            scores: text::document(self.proposed.clone())?,
            comments: text::document(self.comments.clone())?,
        })
    }

    /// The report as it was frozen, once it was.
    pub fn report(&self) -> Result<Option<Summary>, StoreError> {
        self.report.clone().map(text::document).transpose()
    }
}

/// A report that was frozen, with the proposal it is on.
#[derive(Debug, Clone)]
pub struct Frozen {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call.
    pub number: String,
    /// The stage, 1 or 2.
    pub stage: i32,
    /// The row of the proposal in the stage.
    pub proposal_stage: Uuid,
    /// The report.
    pub report: Summary,
}

/// The frozen reports of a call, at all its stages, by stage and number: those of every proposal that the panel judged,
/// from the adoption of the ranking list on. No name of a reviewer or panel member stands in them.
pub async fn of_call(conn: &mut Conn, call_id: Uuid) -> Result<Vec<Frozen>, StoreError> {
    type Row = (Uuid, String, i32, Uuid, Option<Value>);
    let rows: Vec<Row> = summary_report::table
        .inner_join(
            proposal_stage::table.on(proposal_stage::id.eq(summary_report::proposal_stage_id)),
        )
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .inner_join(stage::table.on(stage::id.eq(proposal_stage::stage_id)))
        .filter(summary_report::call_id.eq(call_id))
        .filter(summary_report::report.is_not_null())
        .order((stage::number, proposal::number))
        .select((
            proposal::id,
            proposal::number,
            stage::number,
            proposal_stage::id,
            summary_report::report,
        ))
        .load(conn)
        .await?;
    let mut found = Vec::new();
    for (proposal, number, stage, proposal_stage, report) in rows {
        if let Some(report) = report {
            found.push(Frozen {
                proposal,
                number,
                stage,
                proposal_stage,
                report: text::document(report)?,
            });
        }
    }
    Ok(found)
}

/// The reports of a stage, whatever their state.
pub async fn of_stage(conn: &mut Conn, stage_id: Uuid) -> Result<Vec<SummaryRow>, StoreError> {
    Ok(summary_report::table
        .inner_join(
            proposal_stage::table.on(proposal_stage::id.eq(summary_report::proposal_stage_id)),
        )
        .filter(proposal_stage::stage_id.eq(stage_id))
        .select(SummaryRow::as_select())
        .load(conn)
        .await?)
}

/// The report on one proposal at a stage. The caller that writes has locked the proposal's row.
pub async fn find(conn: &mut Conn, proposal_stage: Uuid) -> Result<Option<SummaryRow>, StoreError> {
    Ok(summary_report::table
        .find(proposal_stage)
        .select(SummaryRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// The same, locked: who approves it and who ends a review that it rests on do so one after the other.
pub async fn lock(conn: &mut Conn, proposal_stage: Uuid) -> Result<Option<SummaryRow>, StoreError> {
    Ok(summary_report::table
        .find(proposal_stage)
        .select(SummaryRow::as_select())
        .for_update()
        .first(conn)
        .await
        .optional()?)
}

/// The headings of the reports of a stage, by the rows of the proposals in it, or of one of them.
pub async fn headings(
    conn: &mut Conn,
    stage_id: Uuid,
    of: Option<Uuid>,
) -> Result<Vec<(Uuid, Heading)>, StoreError> {
    type Row = (Uuid, String, String, Option<String>, Option<String>);
    let submitted = submission::proposal_stage_id
        .eq(proposal_stage::id)
        .and(submission::number.eq(proposal_stage::submitted));
    let mut query = proposal_stage::table
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .inner_join(call::table.on(call::id.eq(proposal_stage::call_id)))
        .left_join(submission::table.on(submitted))
        .filter(proposal_stage::stage_id.eq(stage_id))
        .select((
            proposal_stage::id,
            call::title,
            proposal::number,
            sql::<Nullable<Text>>("submission.content->>'acronym'"),
            sql::<Nullable<Text>>("submission.content->>'title'"),
        ))
        .into_boxed();
    if let Some(of) = of {
        query = query.filter(proposal_stage::id.eq(of));
    }
    let rows: Vec<Row> = query.load(conn).await?;
    let heading = |(id, call, number, acronym, title): Row| {
        let heading = Heading {
            call,
            number,
            acronym: acronym.unwrap_or_default(),
            title: title.unwrap_or_default(),
        };
        (id, heading)
    };
    Ok(rows.into_iter().map(heading).collect())
}

/// Whether somebody chairs the panel who has no conflict of interest with the proposal and does not apply with it.
pub async fn chair_is_free(
    conn: &mut Conn,
    call_id: Uuid,
    proposal_id: Uuid,
) -> Result<bool, StoreError> {
    let conflict = wall::table
        .filter(wall::account_id.eq(role_grant::account_id))
        .filter(wall::proposal_id.eq(proposal_id));
    let own = proposal::table
        .filter(proposal::id.eq(proposal_id))
        .filter(proposal::coordinator_id.eq(role_grant::account_id));
    let part = partner_member::table
        .filter(partner_member::proposal_id.eq(proposal_id))
        .filter(partner_member::account_id.eq(role_grant::account_id))
        .filter(partner_member::left_at.is_null());
    let chairs = role_grant::table
        .filter(role_grant::call_id.eq(call_id))
        .filter(role_grant::role.eq(Role::PanelChair.to_string()))
        .filter(role_grant::ended_at.is_null())
        .filter(not(exists(conflict)))
        .filter(not(exists(own)))
        .filter(not(exists(part)));
    Ok(diesel::select(exists(chairs)).get_result(conn).await?)
}

/// Saves a report: the first time (version 1), or in place of the version before. One that is frozen stays.
pub async fn save(conn: &mut Conn, permit: &Permit, row: &SummaryRow) -> Result<(), StoreError> {
    let writes = [
        Action::WriteSummary,
        Action::ApproveSummary,
        Action::RecordConsensus,
        // What ends a released review reopens the report that rests on it.
        Action::DeclareConflicts,
        Action::NoteConflict,
        Action::JudgeConflict,
        Action::CorrectExpert,
        Action::CorrectOwnExpertise,
        Action::AssignReviewers,
        Action::ReplaceReviewer,
        Action::ChangeConsortium,
    ];
    if !writes.contains(&permit.action()) || permit.call() != Some(row.call_id) {
        return Err(StoreError::Permit);
    }
    if row.version == 1 {
        diesel::insert_into(summary_report::table)
            .values(row)
            .execute(conn)
            .await?;
        return Ok(());
    }
    let changed = diesel::update(summary_report::table.find(row.proposal_stage_id))
        .filter(summary_report::version.eq(row.version - 1))
        .filter(summary_report::frozen_at.is_null())
        .set((
            summary_report::state.eq(&row.state),
            summary_report::proposed.eq(&row.proposed),
            summary_report::comments.eq(&row.comments),
            summary_report::written_by.eq(row.written_by),
            summary_report::approved_by.eq(row.approved_by),
            summary_report::approved_at.eq(row.approved_at),
            summary_report::version.eq(row.version),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Freezes the reports of a stage, each as the row says, in place of what was there; what was frozen before gives way
/// after redress, or with a correction of the list, alone. The caller has locked the stage.
pub async fn freeze(
    conn: &mut Conn,
    permit: &Permit,
    rows: &[SummaryRow],
) -> Result<(), StoreError> {
    let own_call = rows.iter().all(|row| permit.call() == Some(row.call_id));
    let again = matches!(
        permit.action(),
        Action::SettleRedress | Action::ReviseRanking
    );
    if !own_call || !again && permit.action() != Action::AdoptRanking {
        return Err(StoreError::Permit);
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.proposal_stage_id).collect();
    diesel::delete(
        summary_report::table
            .filter(summary_report::proposal_stage_id.eq_any(ids))
            .filter(
                summary_report::frozen_at
                    .is_null()
                    .or(again.into_sql::<Bool>()),
            ),
    )
    .execute(conn)
    .await?;
    for some in rows.chunks(500) {
        diesel::insert_into(summary_report::table)
            .values(some)
            .execute(conn)
            .await?;
    }
    Ok(())
}
