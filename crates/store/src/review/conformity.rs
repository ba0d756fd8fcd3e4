//! The independent observer's reports on how the stages of a call were evaluated.

use ::review::conformity::ConformityReport;
use ::review::{CONFORMITY, ConformityState};
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::sealed::conformity_report;
use crate::schema::stage;
use crate::{Conn, StoreError, text};

/// The report on a stage.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = conformity_report)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct ConformityRow {
    pub stage_id: Uuid,
    pub call_id: Uuid,
    pub state: String,
    pub conclusion: Option<String>,
    pub findings: String,
    pub recommendations: String,
    pub written_by: Uuid,
    pub filed_by: Option<Uuid>,
    pub filed_at: Option<DateTime<Utc>>,
    pub sha256: Option<String>,
    pub version: i32,
}

impl ConformityRow {
    /// A draft.
    pub fn drafted(
        stage: Uuid,
        call: Uuid,
        by: Uuid,
        report: &ConformityReport,
        version: i32,
    ) -> ConformityRow {
        ConformityRow {
            stage_id: stage,
            call_id: call,
            state: CONFORMITY.start.to_string(),
            conclusion: report.conclusion.map(|one| one.to_string()),
            findings: report.findings.clone(),
            recommendations: report.recommendations.clone(),
            written_by: by,
            filed_by: None,
            filed_at: None,
            sha256: None,
            version,
        }
    }

    /// The state.
    pub fn state(&self) -> Result<ConformityState, StoreError> {
        text::name(&self.state)
    }

    /// What it says.
    pub fn report(&self) -> Result<ConformityReport, StoreError> {
        Ok(ConformityReport {
            conclusion: self.conclusion.as_deref().map(text::name).transpose()?,
            findings: self.findings.clone(),
            recommendations: self.recommendations.clone(),
        })
    }
}

/// The reports filed on a call, with the number of the stage each is on, the first stage first. Drafts are the
/// observer's alone and not among them.
pub async fn of_call(conn: &mut Conn, call: Uuid) -> Result<Vec<(i32, ConformityRow)>, StoreError> {
    Ok(conformity_report::table
        .inner_join(stage::table.on(stage::id.eq(conformity_report::stage_id)))
        .filter(conformity_report::call_id.eq(call))
        .filter(conformity_report::filed_at.is_not_null())
        .order(stage::number)
        .select((stage::number, ConformityRow::as_select()))
        .load(conn)
        .await?)
}

/// The report on a stage, drafted or filed. The caller that writes has locked the stage.
pub async fn find(conn: &mut Conn, stage: Uuid) -> Result<Option<ConformityRow>, StoreError> {
    Ok(conformity_report::table
        .find(stage)
        .select(ConformityRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// Saves a draft: the first one (version 1), or one in place of the version before.
pub async fn save(conn: &mut Conn, permit: &Permit, row: &ConformityRow) -> Result<(), StoreError> {
    demand(permit, &[Action::WriteConformity], row.stage_id)?;
    if row.version == 1 {
        diesel::insert_into(conformity_report::table)
            .values(row)
            .execute(conn)
            .await?;
        return Ok(());
    }
    let changed = diesel::update(conformity_report::table.find(row.stage_id))
        .filter(conformity_report::version.eq(row.version - 1))
        .filter(conformity_report::state.eq(&row.state))
        .set((
            conformity_report::conclusion.eq(&row.conclusion),
            conformity_report::findings.eq(&row.findings),
            conformity_report::recommendations.eq(&row.recommendations),
            conformity_report::written_by.eq(row.written_by),
            conformity_report::version.eq(row.version),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Files a draft for good; answers the hash of what it says.
pub async fn file(
    conn: &mut Conn,
    permit: &Permit,
    row: &ConformityRow,
    state: ConformityState,
) -> Result<String, StoreError> {
    demand(permit, &[Action::FileConformity], row.stage_id)?;
    let sha256 = hex::encode(Sha256::digest(row.report()?.hashed().as_bytes()));
    let changed = diesel::update(conformity_report::table.find(row.stage_id))
        .filter(conformity_report::version.eq(row.version))
        .filter(conformity_report::state.eq(&row.state))
        .set((
            conformity_report::state.eq(state.to_string()),
            conformity_report::filed_by.eq(permit.account()),
            conformity_report::filed_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            conformity_report::sha256.eq(&sha256),
            conformity_report::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)?;
    Ok(sha256)
}
