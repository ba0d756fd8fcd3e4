//! Who is waited for while eligibility is checked, and for what.

use std::collections::BTreeMap;

use ::intake::{FormalVerdict, FunderTerms, PartnerVerdict, QueryState};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::eligibility::judged_page;
use crate::intake::{
    FormalRow, JudgedPartner, QueryRow, ReceivedRow, formal_checks, funder_terms, judged, queries,
    received,
};
use crate::schema::{proposal, proposal_stage};
use crate::{Conn, StoreError, db};

/// Who is waited for in a stage.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct WaitingView {
    /// How many formal checks are still to be made.
    pub formal_checks: usize,
    /// By funder; the first without one stands for the secretariat and the partners with own means.
    pub funders: Vec<FunderWaiting>,
    /// What is missing, by proposal; those that wait for nothing are left out.
    pub proposals: Vec<ProposalWaiting>,
}

/// What one funder has before it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct FunderWaiting {
    /// Key of the funder; none for the secretariat, which looks at own means.
    #[schema(example = "DE-BMBF")]
    pub funder: Option<String>,
    /// Partners that ask it.
    pub partners: usize,
    /// Partners without a verdict.
    pub open: usize,
    /// Partners of whom an answer is awaited.
    pub asked: usize,
    /// Partners with their verdict.
    pub judged: usize,
    /// Questions whose time is over.
    pub overdue: usize,
    /// When the oldest of the questions that wait was asked.
    pub oldest_query: Option<DateTime<Utc>>,
    /// Documents it demands and has not received.
    pub documents_missing: usize,
}

/// What one proposal waits for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProposalWaiting {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call.
    #[schema(example = "JTC2026-001")]
    pub number: String,
    /// Whether the formal check is still to be made.
    pub formal_check: bool,
    /// Its partners that have no verdict, or of whom a document is missing.
    pub partners: Vec<PartnerWaiting>,
}

/// What is missing of one partner.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PartnerWaiting {
    /// The partner, by its id in the proposal.
    pub partner: Uuid,
    /// Its organisation.
    pub organisation: String,
    /// The funder asked.
    #[schema(example = "DE-BMBF")]
    pub funder: Option<String>,
    /// The verdict so far.
    pub verdict: PartnerVerdict,
    /// Titles of the documents that its funder demands and has not received.
    pub documents_missing: Vec<String>,
}

/// Everything that is waited for hangs on.
struct Records {
    partners: Vec<JudgedPartner>,
    formal: Vec<FormalRow>,
    queries: Vec<QueryRow>,
    received: Vec<ReceivedRow>,
    terms: Vec<FunderTerms>,
    now: DateTime<Utc>,
}

impl Records {
    /// Titles of what the partner's funder demands and has not received.
    fn missing(&self, row: &JudgedPartner) -> Vec<String> {
        let terms = row.terms_among(&self.terms);
        let there = |title: &str| {
            let mut received = self.received.iter();
            received.any(|one| one.is_of(row, title))
        };
        terms
            .iter()
            .flat_map(|terms| &terms.terms.documents)
            .map(|document| &document.title)
            .filter(|title| !there(title))
            .cloned()
            .collect()
    }

    fn count(&self, row: &JudgedPartner, of: &mut FunderWaiting) -> Result<(), StoreError> {
        of.partners += 1;
        match row.verdict()? {
            PartnerVerdict::Open => of.open += 1,
            PartnerVerdict::Asked => of.asked += 1,
            _ => of.judged += 1,
        }
        for query in self
            .queries
            .iter()
            .filter(|one| one.partner_row_id == row.id)
        {
            if query.state()? == QueryState::Waiting {
                of.overdue += usize::from(query.answer_by <= self.now);
                let oldest = of.oldest_query.unwrap_or(query.asked_at);
                of.oldest_query = Some(oldest.min(query.asked_at));
            }
        }
        Ok(())
    }

    fn formal_open(&self, id: Uuid) -> Result<bool, StoreError> {
        let row = self.formal.iter().find(|row| row.proposal_stage_id == id);
        let verdict = row.map_or(Ok(FormalVerdict::Open), FormalRow::verdict)?;
        Ok(verdict == FormalVerdict::Open)
    }
}

/// Who is waited for in a stage whose deadline has passed; without the proposals that the account has a
/// conflict of interest with, and those withdrawn.
pub async fn waiting(
    conn: &mut Conn,
    call: Uuid,
    stage: Uuid,
    account: Uuid,
) -> Result<WaitingView, StoreError> {
    let ids = judged_page(conn, stage, account, None, i64::MAX).await?;
    let numbers: Vec<(Uuid, Uuid, String)> = proposal_stage::table
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .filter(proposal_stage::id.eq_any(ids))
        .filter(proposal_stage::state.eq("locked"))
        .order(proposal::id)
        .select((proposal_stage::id, proposal::id, proposal::number))
        .load(conn)
        .await?;
    let ids: Vec<Uuid> = numbers.iter().map(|(id, ..)| *id).collect();
    let records = Records {
        partners: judged(conn, &ids).await?,
        formal: formal_checks(conn, &ids).await?,
        queries: queries(conn, &ids).await?,
        received: received(conn, &ids).await?,
        terms: funder_terms(conn, call).await?,
        now: db::clock(conn).await?,
    };
    let mut view = WaitingView::default();
    let mut funders: BTreeMap<Option<String>, FunderWaiting> = BTreeMap::new();
    let mut places: BTreeMap<Uuid, usize> = BTreeMap::new();
    for (id, proposal, number) in numbers {
        let formal_check = records.formal_open(id)?;
        view.formal_checks += usize::from(formal_check);
        places.insert(id, view.proposals.len());
        view.proposals.push(ProposalWaiting {
            proposal,
            number,
            formal_check,
            partners: Vec::new(),
        });
    }
    for row in &records.partners {
        let (verdict, documents_missing) = (row.verdict()?, records.missing(row));
        let of = funders.entry(row.funder.clone()).or_default();
        records.count(row, of)?;
        of.documents_missing += documents_missing.len();
        let place = places.get(&row.proposal_stage_id);
        let waits = !verdict.given() || !documents_missing.is_empty();
        if let Some(place) = place.filter(|_| waits) {
            view.proposals[*place].partners.push(PartnerWaiting {
                partner: row.partner_id,
                organisation: row.organisation.clone(),
                funder: row.funder.clone(),
                verdict,
                documents_missing,
            });
        }
    }
    view.proposals
        .retain(|one| one.formal_check || !one.partners.is_empty());
    view.funders = funders
        .into_iter()
        .map(|(funder, of)| FunderWaiting { funder, ..of })
        .collect();
    Ok(view)
}
