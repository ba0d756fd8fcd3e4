//! What proposals ask of the funders, and what these have committed.

use call::Terms;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use intake::PartnerVerdict;
use kernel::Amount;
use serde_json::Value;
use uuid::Uuid;

use crate::call::topic_money::{self, ByTopic};
use crate::commitment::defaulting;
use crate::schema::{eligibility, organisation, participation, partner};
use crate::{Conn, StoreError, text};

/// A funder of a call with its money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funder {
    /// Its part in the call.
    pub participation: Uuid,
    /// The organisation.
    pub organisation: Uuid,
    /// The organisation's key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What it commits; nothing once it has left the call, or while a default of it stands.
    pub commitment: Amount,
    /// What of that is committed on availability of funds, once it is signed.
    pub available: Option<Amount>,
    /// What of that is for each topic, and decided in it, where topics have money of their own.
    pub topics: ByTopic,
    /// Whether it earns and receives EU money in this call; not once it has left it, or while a default of it stands.
    pub eu_eligible: bool,
}

type FunderRow = (Uuid, Uuid, String, String, i64, Option<i64>, bool, Value);

impl Funder {
    /// Why it cannot pay this much national money as it stands, if so: it signed for less.
    pub fn short(&self, national: Amount) -> Option<String> {
        let available = self.available.filter(|available| *available < national)?;
        Some(format!(
            "{} has signed {available} on availability of funds and is to pay {national}; it has to sign for more, or \
             lower its commitment to what it can pay",
            self.key
        ))
    }
}

/// All funders of a call, by key, also those that left it: their applicants are still there.
pub async fn funders(conn: &mut Conn, call_id: Uuid) -> Result<Vec<Funder>, StoreError> {
    let rows: Vec<FunderRow> = participation::table
        .inner_join(organisation::table.on(organisation::id.eq(participation::organisation_id)))
        .filter(participation::call_id.eq(call_id))
        .order(organisation::key)
        .select((
            participation::id,
            organisation::id,
            organisation::key,
            organisation::name,
            participation::commitment,
            participation::available,
            participation::left_at.is_null(),
            participation::terms,
        ))
        .load(conn)
        .await?;
    let defaulted = defaulting::standing_keys(conn, call_id).await?;
    let mut divided = topic_money::of_call(conn, call_id).await?;
    let funder = |row: FunderRow| -> Result<Funder, StoreError> {
        let (participation, organisation, key, name, commitment, available, stays, terms) = row;
        let terms: Terms = text::document(terms)?;
        let pays = stays && !defaulted.contains(&key);
        let mut topics = divided.remove(&participation).unwrap_or_default();
        if !pays {
            let all = topics.values_mut();
            all.for_each(|one| one.indicative = Amount::ZERO);
        }
        Ok(Funder {
            participation,
            organisation,
            commitment: if pays {
                Amount(commitment)
            } else {
                Amount::ZERO
            },
            key,
            name,
            available: available.map(Amount),
            // No base of what the EU pays any more, and its applicants are not paid by others.
            eu_eligible: pays && terms.eu_money,
            topics,
        })
    };
    rows.into_iter().map(funder).collect()
}

/// What one partner of a proposal asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The row of the proposal in the stage.
    pub proposal_stage: Uuid,
    /// Name of the partner's organisation.
    pub partner: String,
    /// Key of the funder; none for a partner with own means.
    pub funder: Option<String>,
    /// What it asks.
    pub requested: Amount,
    /// The verdict on it.
    pub verdict: PartnerVerdict,
    /// What its funder would pay.
    pub fundable: Option<Amount>,
}

impl Request {
    /// The fundable amount where the funder has judged, else what is requested.
    pub fn amount(&self) -> Amount {
        if self.verdict.given() {
            self.fundable.unwrap_or_default()
        } else {
            self.requested
        }
    }
}

/// What the partners of all proposals of a stage ask, in the order of the proposals' partners.
pub async fn requests(conn: &mut Conn, stage: Uuid) -> Result<Vec<Request>, StoreError> {
    use crate::schema::proposal_stage;
    type Row = (
        Uuid,
        String,
        Option<String>,
        i64,
        Option<(String, Option<i64>)>,
    );
    let rows: Vec<Row> = partner::table
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(partner::proposal_stage_id)))
        .left_join(
            participation::table.on(participation::id.nullable().eq(partner::participation_id)),
        )
        .left_join(organisation::table.on(organisation::id.eq(participation::organisation_id)))
        .left_join(eligibility::table.on(eligibility::partner_row_id.eq(partner::id)))
        .filter(proposal_stage::stage_id.eq(stage))
        .filter(partner::gone_by.is_null())
        .order((partner::proposal_stage_id, partner::position))
        .select((
            partner::proposal_stage_id,
            partner::organisation,
            organisation::key.nullable(),
            partner::requested,
            (eligibility::state, eligibility::fundable).nullable(),
        ))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(proposal_stage, partner, funder, requested, judged)| {
            let (verdict, fundable) = match judged {
                Some((state, fundable)) => (text::name(&state)?, fundable),
                None => (PartnerVerdict::Open, None),
            };
            Ok(Request {
                proposal_stage,
                partner,
                funder,
                requested: Amount(requested),
                verdict,
                fundable: fundable.map(Amount),
            })
        })
        .collect()
}
