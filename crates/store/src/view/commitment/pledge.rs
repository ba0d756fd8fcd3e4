//! What funders commit, as the steering committee, the secretariat and the observer see it.

use std::collections::{BTreeMap, HashMap};

use ::commitment::{CommitmentKind, Committed};
use call::FreezeRule;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{Amount, Currency, MoneyFault, decimal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::call::topic_money;
use crate::commitment::{defaulting, signed, unfreezing};
use crate::schema::{commitment, participation};
use crate::view::call::FunderView;
use crate::{Conn, StoreError, text};

/// A commitment with its history.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CommitmentView {
    /// The amount now, in the call's currency: the indicative commitment.
    pub amount: Amount,
    /// What of it is committed on availability of funds; null until that is signed.
    pub available: Option<Amount>,
    /// What of it is bound by a final selection.
    pub decided: Amount,
    /// Since when the funder does not pay what it accepted; null where it does, and once it has pledged anew.
    pub defaulted_at: Option<DateTime<Utc>>,
    /// The same for each topic, where topics have money of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<TopicCommitment>,
    /// Raised with every change.
    pub version: i32,
    /// All pledges of both kinds, oldest first.
    pub history: Vec<PledgeView>,
    /// The signed documents, in the order in which they were filed.
    pub documents: Vec<SignedDocument>,
    /// That the funder may change its commitment although the budget is frozen: each for one change.
    pub unfreezings: Vec<UnfreezingView>,
}

impl CommitmentView {
    /// The signed document of what is committed on availability of funds now.
    pub fn signed(&self) -> Option<&SignedDocument> {
        let mut pledges = self.history.iter().rev();
        let last = pledges.find(|one| one.kind == CommitmentKind::Availability)?;
        let sha256 = last.document.as_ref()?;
        self.documents.iter().find(|one| one.sha256 == *sha256)
    }
}

/// What of a commitment is for one topic.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TopicCommitment {
    /// Key of the topic.
    pub topic: String,
    /// The indicative commitment.
    pub amount: Amount,
    /// What of it is committed on availability of funds; null until that is signed.
    pub available: Option<Amount>,
    /// What of it is bound by a final selection.
    pub decided: Amount,
}

/// One pledge.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PledgeView {
    /// Counted from 1.
    pub number: i32,
    /// Which of the two commitments.
    pub kind: CommitmentKind,
    /// The amount, in the call's currency.
    pub amount: Amount,
    /// What of it is for each topic, where topics have money of their own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub topics: BTreeMap<String, Amount>,
    /// As the funder has it, where it pledged in a currency of its own.
    pub own: Option<OwnMoneyView>,
    /// Why.
    pub reason: String,
    /// SHA-256 of the signed document that it stands in.
    pub document: Option<String>,
    /// Whether it was unfrozen for it.
    pub unfrozen: bool,
    /// When.
    pub at: DateTime<Utc>,
}

/// Money in a funder's own currency.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = OwnMoney)]
pub struct OwnMoneyView {
    /// The amount.
    pub amount: Amount,
    /// The currency.
    pub currency: String,
    /// Units of it for one of the call's, as fixed when it was pledged.
    #[schema(example = "4.4373")]
    pub rate: String,
}

/// A signed document of a commitment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignedDocument {
    /// SHA-256 of its bytes, in hexadecimal digits: pledges name it by that.
    pub sha256: String,
    /// How many bytes it has.
    pub size: i32,
    /// Who signed it.
    pub signed_by: String,
    /// In which function.
    pub signed_as: String,
    /// When.
    pub signed_on: NaiveDate,
    /// When it was filed.
    pub filed_at: DateTime<Utc>,
}

/// That a funder may change its commitment once although the budget is frozen.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UnfreezingView {
    /// Why.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether a change has used it up.
    pub used: bool,
}

/// What the funders of a call commit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Commitments {
    /// Currency of all amounts but the funders' own.
    pub currency: Currency,
    /// Whether and when the budget is frozen.
    pub freeze: FreezeView,
    /// What all funders commit.
    pub committed: Amount,
    /// What of it is committed on availability of funds.
    pub available: Amount,
    /// What of it is bound by a final selection.
    pub decided: Amount,
    /// The funders, by key.
    pub funders: Vec<FunderCommitment>,
}

/// The freeze of the budget.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FreezeView {
    /// From when on it is frozen; null where the calendar does not say, or it never is.
    pub from: Option<DateTime<Utc>>,
    /// Whether it is frozen now.
    pub frozen: bool,
    /// What funders may do then.
    pub after_freeze: FreezeRule,
}

/// What one funder commits.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FunderCommitment {
    /// The organisation's key, such as `DE-BMBF`.
    pub organisation: String,
    /// Its name.
    pub name: String,
    /// Its country.
    pub country: Option<String>,
    /// What it commits.
    pub commitment: CommitmentView,
}

type Sums = (Uuid, i64, Option<i64>, i64, i32);

#[derive(Queryable, Selectable)]
#[diesel(table_name = commitment)]
struct PledgeRow {
    id: Uuid,
    participation_id: Uuid,
    number: i32,
    kind: String,
    amount: i64,
    own_amount: Option<i64>,
    currency: Option<String>,
    rate: Option<i64>,
    reason: String,
    sha256: Option<String>,
    unfreezing_id: Option<Uuid>,
    pledged_at: DateTime<Utc>,
}

impl PledgeRow {
    fn view(self, topics: BTreeMap<String, Amount>) -> Result<(Uuid, PledgeView), StoreError> {
        let own = self.own_amount.zip(self.currency).zip(self.rate);
        let view = PledgeView {
            number: self.number,
            kind: text::name(&self.kind)?,
            amount: Amount(self.amount),
            topics,
            own: own.map(|((amount, currency), rate)| OwnMoneyView {
                amount: Amount(amount),
                currency,
                rate: decimal::print_short(rate, 6),
            }),
            reason: self.reason,
            document: self.sha256,
            unfrozen: self.unfreezing_id.is_some(),
            at: self.pledged_at,
        };
        Ok((self.participation_id, view))
    }
}

/// What each funder of a call commits, by its part in the call.
pub async fn commitments(
    conn: &mut Conn,
    call: Uuid,
) -> Result<HashMap<Uuid, CommitmentView>, StoreError> {
    let sums: Vec<Sums> = participation::table
        .filter(participation::call_id.eq(call))
        .select((
            participation::id,
            participation::commitment,
            participation::available,
            participation::decided,
            participation::version,
        ))
        .load(conn)
        .await?;
    let mut divided = topic_money::of_call(conn, call).await?;
    let mut parts = match divided.is_empty() {
        true => HashMap::new(),
        false => topic_money::of_pledges(conn, call).await?,
    };
    let mut views: HashMap<Uuid, CommitmentView> = sums
        .into_iter()
        .map(|(id, amount, available, decided, version)| {
            let view = CommitmentView {
                amount: Amount(amount),
                available: available.map(Amount),
                decided: Amount(decided),
                defaulted_at: None,
                topics: topics(divided.remove(&id).unwrap_or_default()),
                version,
                history: Vec::new(),
                documents: Vec::new(),
                unfreezings: Vec::new(),
            };
            (id, view)
        })
        .collect();
    for (_, default) in defaulting::standing(conn, call).await? {
        if let Some(view) = views.get_mut(&default.participation_id) {
            view.defaulted_at = Some(default.recorded_at);
        }
    }
    let pledges: Vec<PledgeRow> = commitment::table
        .filter(commitment::call_id.eq(call))
        .order((commitment::participation_id, commitment::number))
        .select(PledgeRow::as_select())
        .load(conn)
        .await?;
    for row in pledges {
        let parts = parts.remove(&row.id).unwrap_or_default();
        let (of, pledge) = row.view(parts)?;
        if let Some(view) = views.get_mut(&of) {
            view.history.push(pledge);
        }
    }
    for row in signed::of_call(conn, call).await? {
        if let Some(view) = views.get_mut(&row.participation_id) {
            view.documents.push(SignedDocument {
                sha256: row.sha256,
                size: row.size,
                signed_by: row.signed_by,
                signed_as: row.signed_as,
                signed_on: row.signed_on,
                filed_at: row.filed_at,
            });
        }
    }
    for (row, used) in unfreezing::of_call(conn, call).await? {
        if let Some(view) = views.get_mut(&row.participation_id) {
            view.unfreezings.push(UnfreezingView {
                reason: row.reason,
                at: row.granted_at,
                used,
            });
        }
    }
    Ok(views)
}

fn topics(divided: topic_money::ByTopic) -> Vec<TopicCommitment> {
    let one = |(topic, money): (String, Committed)| TopicCommitment {
        topic,
        amount: money.indicative,
        available: money.available,
        decided: money.decided,
    };
    divided.into_iter().map(one).collect()
}

/// The commitments of a call in all, of funders that are shown with theirs.
///
/// Error: a sum is too large to be kept exactly.
pub fn whole(
    currency: Currency,
    freeze: FreezeView,
    funders: Vec<FunderView>,
) -> Result<Commitments, MoneyFault> {
    let funders: Vec<FunderCommitment> = funders
        .into_iter()
        .filter_map(|funder| {
            Some(FunderCommitment {
                organisation: funder.organisation,
                name: funder.name,
                country: funder.country,
                commitment: funder.commitment?,
            })
        })
        .collect();
    let sum = |of: fn(&CommitmentView) -> Amount| {
        Amount::sum(funders.iter().map(|funder| of(&funder.commitment)))
    };
    Ok(Commitments {
        currency,
        freeze,
        committed: sum(|one| one.amount)?,
        available: sum(|one| one.available.unwrap_or_default())?,
        decided: sum(|one| one.decided)?,
        funders,
    })
}
