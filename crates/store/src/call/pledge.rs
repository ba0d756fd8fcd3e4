//! What a funder commits to a call, of either kind: the amount that holds, and every pledge that led there.

use std::collections::BTreeMap;

use ::commitment::CommitmentKind;
use access::{Action, Permit};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::Amount;
use uuid::Uuid;

use super::{ParticipationRow, topic_money};
use crate::error::{demand, one_row};
use crate::schema::{commitment, participation};
use crate::{Conn, StoreError};

/// A pledge to be recorded.
#[derive(Debug, Clone)]
pub struct NewPledge<'a> {
    /// Which of the two commitments.
    pub kind: CommitmentKind,
    /// The whole of it, in the call's currency.
    pub amount: Amount,
    /// What of it is for each topic, where topics have money of their own.
    pub topics: BTreeMap<String, Amount>,
    /// As the funder has it in its own currency.
    pub own: Option<OwnMoney>,
    /// Where it stands, or why it changed.
    pub reason: &'a str,
    /// SHA-256 of the signed document that it stands in.
    pub document: Option<&'a str>,
    /// What allows the change in a frozen budget.
    pub unfreezing: Option<Uuid>,
}

/// Money in a funder's own currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnMoney {
    /// The amount.
    pub amount: Amount,
    /// The currency's code.
    pub currency: String,
    /// Units of it for one of the call's, in millionths.
    pub rate: i64,
}

impl<'a> NewPledge<'a> {
    /// An indicative commitment in the call's currency, without a document.
    pub fn indicative(amount: Amount, reason: &'a str) -> Self {
        NewPledge {
            kind: CommitmentKind::Indicative,
            amount,
            topics: BTreeMap::new(),
            own: None,
            reason,
            document: None,
            unfreezing: None,
        }
    }
}

/// Sets one of a funder's commitments and keeps the former ones as history. Whoever drafts a call may bring first
/// commitments with it. The row is locked, so that its pledges are numbered without a gap.
pub async fn pledge(
    conn: &mut Conn,
    permit: &Permit,
    row: &ParticipationRow,
    new: &NewPledge<'_>,
) -> Result<(), StoreError> {
    if permit.action() == Action::DraftCall {
        demand(permit, &[Action::DraftCall], row.call_id)?;
    } else {
        demand(permit, &[Action::PledgeCommitment], row.id)?;
    }
    let of_version = participation::table
        .filter(participation::id.eq(row.id))
        .filter(participation::version.eq(row.version));
    let version = participation::version.eq(row.version + 1);
    let changed = match new.kind {
        CommitmentKind::Indicative => {
            let set = (participation::commitment.eq(new.amount.0), version);
            diesel::update(of_version).set(set).execute(conn).await?
        }
        CommitmentKind::Availability => {
            let set = (participation::available.eq(new.amount.0), version);
            diesel::update(of_version).set(set).execute(conn).await?
        }
    };
    one_row(changed)?;
    let last: Option<i32> = commitment::table
        .filter(commitment::participation_id.eq(row.id))
        .select(max(commitment::number))
        .first(conn)
        .await?;
    let own = new.own.as_ref();
    let id = kernel::id::new();
    diesel::insert_into(commitment::table)
        .values((
            commitment::id.eq(id),
            commitment::call_id.eq(row.call_id),
            commitment::participation_id.eq(row.id),
            commitment::number.eq(last.unwrap_or_default() + 1),
            commitment::kind.eq(new.kind.to_string()),
            commitment::amount.eq(new.amount.0),
            commitment::own_amount.eq(own.map(|own| own.amount.0)),
            commitment::currency.eq(own.map(|own| own.currency.as_str())),
            commitment::rate.eq(own.map(|own| own.rate)),
            commitment::reason.eq(new.reason),
            commitment::sha256.eq(new.document),
            commitment::unfreezing_id.eq(new.unfreezing),
            commitment::pledged_by.eq(permit.account()),
        ))
        .execute(conn)
        .await?;
    topic_money::divide(conn, (row.call_id, row.id, id), new.kind, &new.topics).await
}
