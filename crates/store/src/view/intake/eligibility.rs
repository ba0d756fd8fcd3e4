use ::call::ConsortiumRules;
use ::intake::{FormalVerdict, Outcome, Partner, PartnerRole, PartnerVerdict, eligibility};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::Amount;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::intake::{
    FormalRow, JudgedPartner, changed_partners, formal_checks, judged, waived_among,
};
use crate::schema::sealed::wall;
use crate::schema::{partner, proposal, proposal_stage};
use crate::{Conn, StoreError, text};

/// The verdicts on one proposal, and what they make of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EligibilityView {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call.
    #[schema(example = "JTC2026-001")]
    pub number: String,
    /// The secretariat's formal check.
    pub formal: FormalView,
    /// The partners.
    pub partners: Vec<PartnerEligibility>,
    /// Whose verdicts are missing: keys of funders, or `secretariat`.
    #[schema(example = json!(["DE-BMBF", "secretariat"]))]
    pub waiting_for: Vec<String>,
    /// What the verdicts make together; none until all are given.
    pub outcome: Option<Outcome>,
}

/// The formal check.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FormalView {
    /// The verdict.
    pub verdict: FormalVerdict,
    /// Why.
    pub reason: String,
}

/// The verdict on one partner.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PartnerEligibility {
    /// The partner, by its id in the proposal.
    pub partner: Uuid,
    /// Coordinator or partner.
    pub role: PartnerRole,
    /// Its organisation.
    pub organisation: String,
    /// The country it works in.
    pub country: Option<String>,
    /// The funder asked; none when it brings its own means.
    #[schema(example = "DE-BMBF")]
    pub funder: Option<String>,
    /// What it asks for.
    pub requested: Amount,
    /// The verdict.
    pub verdict: PartnerVerdict,
    /// What the funder would pay.
    pub fundable: Option<Amount>,
    /// The rule an ineligible partner breaks.
    pub rule: Option<String>,
    /// Why, or under which conditions.
    pub reason: Option<String>,
}

/// The verdicts on proposals in a stage, given by their rows there; in that order.
pub async fn eligibilities(
    conn: &mut Conn,
    rules: &ConsortiumRules,
    proposal_stages: &[Uuid],
) -> Result<Vec<EligibilityView>, StoreError> {
    let numbers: Vec<(Uuid, Uuid, String)> = proposal_stage::table
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .filter(proposal_stage::id.eq_any(proposal_stages))
        .order(proposal::id)
        .select((proposal_stage::id, proposal::id, proposal::number))
        .load(conn)
        .await?;
    let partners = judged(conn, proposal_stages).await?;
    let formal = formal_checks(conn, proposal_stages).await?;
    let changed = changed_partners(conn, proposal_stages).await?;
    let waived = waived_among(conn, proposal_stages).await?;
    numbers
        .into_iter()
        .map(|(id, proposal, number)| {
            let formal = formal.iter().find(|row| row.proposal_stage_id == id);
            let partners: Vec<&JudgedPartner> = partners
                .iter()
                .filter(|row| row.proposal_stage_id == id)
                .collect();
            let changed = changed.get(&id).map(Vec::as_slice);
            let waived = waived.get(&id).map(Vec::as_slice).unwrap_or_default();
            view(
                (proposal, number),
                formal,
                &partners,
                rules,
                changed,
                waived,
            )
        })
        .collect()
}

fn view(
    (proposal, number): (Uuid, String),
    formal: Option<&FormalRow>,
    partners: &[&JudgedPartner],
    rules: &ConsortiumRules,
    changed: Option<&[Partner]>,
    waived: &[String],
) -> Result<EligibilityView, StoreError> {
    let formal = FormalView {
        verdict: formal.map_or(Ok(FormalVerdict::Open), FormalRow::verdict)?,
        reason: formal.map(|row| row.reason.clone()).unwrap_or_default(),
    };
    let states: Vec<_> = partners
        .iter()
        .map(|row| row.for_outcome())
        .collect::<Result<_, _>>()?;
    let mut waiting: Vec<String> = partners
        .iter()
        .zip(&states)
        .filter(|(_, state)| !state.verdict.given())
        .map(|(row, _)| {
            row.funder
                .clone()
                .unwrap_or_else(|| "secretariat".to_owned())
        })
        .collect();
    if formal.verdict == FormalVerdict::Open {
        waiting.push("secretariat".to_owned());
    }
    waiting.sort();
    waiting.dedup();
    let outcome = eligibility::merge(formal.verdict, &states, rules, changed, waived);
    let partners = partners.iter().map(|row| {
        Ok(PartnerEligibility {
            partner: row.partner_id,
            role: text::name(&row.role)?,
            organisation: row.organisation.clone(),
            country: row.country.clone(),
            funder: row.funder.clone(),
            requested: Amount(row.requested),
            verdict: row.verdict()?,
            fundable: row.fundable.map(Amount),
            rule: row.rule.clone(),
            reason: row.reason.clone(),
        })
    });
    Ok(EligibilityView {
        proposal,
        number,
        formal,
        partners: partners.collect::<Result<_, StoreError>>()?,
        waiting_for: waiting,
        outcome,
    })
}

/// A page of the proposals of a stage whose deadline has passed, after the proposal `after`, but those
/// that the account has a conflict of interest with.
pub async fn eligibility_page(
    conn: &mut Conn,
    rules: &ConsortiumRules,
    stage: Uuid,
    account: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<EligibilityView>, StoreError> {
    let ids = judged_page(conn, stage, account, after, limit).await?;
    eligibilities(conn, rules, &ids).await
}

/// The rows in the stage of such a page.
pub(super) async fn judged_page(
    conn: &mut Conn,
    stage: Uuid,
    account: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Uuid>, StoreError> {
    let partners = partner::table.filter(partner::proposal_stage_id.eq(proposal_stage::id));
    let conflicts = wall::table
        .filter(wall::account_id.eq(account))
        .filter(wall::proposal_id.eq(proposal_stage::proposal_id));
    Ok(proposal_stage::table
        .filter(proposal_stage::stage_id.eq(stage))
        .filter(proposal_stage::proposal_id.gt(after.unwrap_or(Uuid::nil())))
        .filter(diesel::dsl::exists(partners))
        .filter(diesel::dsl::not(diesel::dsl::exists(conflicts)))
        .order(proposal_stage::proposal_id)
        .limit(limit)
        .select(proposal_stage::id)
        .load(conn)
        .await?)
}
