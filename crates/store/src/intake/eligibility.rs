use ::intake::{FormalVerdict, FunderTerms, PartnerState, PartnerVerdict, Ruling};
use access::{Action, Permit};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use kernel::Amount;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::{
    eligibility, formal_check, organisation, participation, partner, proposal_stage,
};
use crate::{Conn, StoreError, text};

/// A partner of a submitted proposal with the verdict on it.
#[derive(Debug, Clone, Queryable)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct JudgedPartner {
    pub id: Uuid,
    pub proposal_stage_id: Uuid,
    pub partner_id: Uuid,
    pub role: String,
    pub organisation: String,
    pub country: Option<String>,
    pub sector: Option<String>,
    pub requested: i64,
    pub participation_id: Option<Uuid>,
    /// The funder asked.
    pub funder_id: Option<Uuid>,
    /// Its key.
    pub funder: Option<String>,
    pub state: String,
    pub fundable: Option<i64>,
    pub rule: Option<String>,
    pub reason: Option<String>,
    pub version: i32,
}

impl JudgedPartner {
    /// The terms of the funder it asks.
    pub fn terms_among<'a>(&self, all: &'a [FunderTerms]) -> Option<&'a FunderTerms> {
        all.iter()
            .find(|one| Some(&one.key) == self.funder.as_ref())
    }

    /// Whether the partner brings its own means.
    pub fn own_funded(&self) -> bool {
        self.participation_id.is_none()
    }

    /// The verdict.
    pub fn verdict(&self) -> Result<PartnerVerdict, StoreError> {
        text::name(&self.state)
    }

    /// The partner as far as the outcome is concerned.
    pub fn for_outcome(&self) -> Result<PartnerState, StoreError> {
        Ok(PartnerState {
            partner: self.partner_id,
            role: text::name(&self.role)?,
            country: self.country.as_deref().map(text::name).transpose()?,
            own_funded: self.own_funded(),
            sector: self.sector.as_deref().map(text::name).transpose()?,
            verdict: self.verdict()?,
        })
    }
}

/// The secretariat's formal check.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = formal_check)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct FormalRow {
    pub proposal_stage_id: Uuid,
    pub verdict: String,
    pub reason: String,
    pub version: i32,
}

impl FormalRow {
    /// The verdict.
    pub fn verdict(&self) -> Result<FormalVerdict, StoreError> {
        text::name(&self.verdict)
    }
}

/// The partners of proposals in a stage with their verdicts, in the consortium's order.
pub async fn judged(
    conn: &mut Conn,
    proposal_stages: &[Uuid],
) -> Result<Vec<JudgedPartner>, StoreError> {
    on_record(conn, proposal_stages, false).await
}

/// The same, with those that a change took off.
pub async fn ever_judged(
    conn: &mut Conn,
    proposal_stages: &[Uuid],
) -> Result<Vec<JudgedPartner>, StoreError> {
    on_record(conn, proposal_stages, true).await
}

async fn on_record(
    conn: &mut Conn,
    proposal_stages: &[Uuid],
    gone_too: bool,
) -> Result<Vec<JudgedPartner>, StoreError> {
    Ok(partner::table
        .inner_join(eligibility::table.on(eligibility::partner_row_id.eq(partner::id)))
        .left_join(
            participation::table.on(participation::id.nullable().eq(partner::participation_id)),
        )
        .left_join(organisation::table.on(organisation::id.eq(participation::organisation_id)))
        .filter(partner::proposal_stage_id.eq_any(proposal_stages))
        .filter(partner::gone_by.is_null().or(gone_too.into_sql::<Bool>()))
        .order((partner::proposal_stage_id, partner::position))
        .select((
            partner::id,
            partner::proposal_stage_id,
            partner::partner_id,
            partner::role,
            partner::organisation,
            partner::country,
            partner::sector,
            partner::requested,
            partner::participation_id,
            organisation::id.nullable(),
            organisation::key.nullable(),
            eligibility::state,
            eligibility::fundable,
            eligibility::rule,
            eligibility::reason,
            eligibility::version,
        ))
        .load(conn)
        .await?)
}

/// The formal checks made of proposals in a stage.
pub async fn formal_checks(
    conn: &mut Conn,
    proposal_stages: &[Uuid],
) -> Result<Vec<FormalRow>, StoreError> {
    Ok(formal_check::table
        .filter(formal_check::proposal_stage_id.eq_any(proposal_stages))
        .select(FormalRow::as_select())
        .load(conn)
        .await?)
}

/// Records the verdict on a partner.
pub async fn judge(
    conn: &mut Conn,
    permit: &Permit,
    row: &JudgedPartner,
    ruling: &Ruling,
) -> Result<(), StoreError> {
    let actions = [
        Action::JudgeEligibility,
        Action::CheckOwnMeans,
        Action::ImportProposals,
    ];
    demand(permit, &actions, row.id)?;
    let changed = diesel::update(eligibility::table.find(row.id))
        .filter(eligibility::state.eq(&row.state))
        .filter(eligibility::version.eq(row.version))
        .set((
            eligibility::state.eq(ruling.verdict.to_string()),
            eligibility::fundable.eq(ruling.fundable.map(|Amount(cents)| cents)),
            eligibility::rule.eq(filled(&ruling.rule)),
            eligibility::reason.eq(filled(&ruling.reason)),
            eligibility::judged_by.eq(permit.account()),
            eligibility::judged_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            eligibility::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

fn filled(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty()).then_some(text)
}

/// Records the formal check, or revises the one `before`.
pub async fn check_formally(
    conn: &mut Conn,
    permit: &Permit,
    proposal_stage: Uuid,
    before: Option<&FormalRow>,
    verdict: FormalVerdict,
    reason: &str,
) -> Result<(), StoreError> {
    let actions = [Action::CheckFormally, Action::ImportProposals];
    demand(permit, &actions, proposal_stage)?;
    let call = permit.call().ok_or(StoreError::Permit)?;
    let checked_by = permit.account().ok_or(StoreError::Permit)?;
    let Some(before) = before else {
        diesel::insert_into(formal_check::table)
            .values((
                formal_check::proposal_stage_id.eq(proposal_stage),
                formal_check::call_id.eq(call),
                formal_check::verdict.eq(verdict.to_string()),
                formal_check::reason.eq(reason.trim()),
                formal_check::checked_by.eq(checked_by),
            ))
            .execute(conn)
            .await?;
        return Ok(());
    };
    let changed = diesel::update(formal_check::table.find(proposal_stage))
        .filter(formal_check::version.eq(before.version))
        .set((
            formal_check::verdict.eq(verdict.to_string()),
            formal_check::reason.eq(reason.trim()),
            formal_check::checked_by.eq(checked_by),
            formal_check::checked_at.eq(sql::<Timestamptz>("clock_timestamp()")),
            formal_check::version.eq(before.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// The partners of a proposal that were found ineligible in a stage.
pub async fn found_ineligible(
    conn: &mut Conn,
    stage_id: Uuid,
    proposal_id: Uuid,
) -> Result<Vec<Uuid>, StoreError> {
    Ok(partner::table
        .inner_join(eligibility::table.on(eligibility::partner_row_id.eq(partner::id)))
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(partner::proposal_stage_id)))
        .filter(proposal_stage::proposal_id.eq(proposal_id))
        .filter(proposal_stage::stage_id.eq(stage_id))
        .filter(eligibility::state.eq(PartnerVerdict::Ineligible.to_string()))
        .filter(partner::gone_by.is_null())
        .select(partner::partner_id)
        .load(conn)
        .await?)
}
