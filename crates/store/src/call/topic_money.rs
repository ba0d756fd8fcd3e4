//! What of a funder's commitment is for each topic, where topics have money of their own. Whoever writes here holds the
//! funder's part in the call locked.

use std::collections::{BTreeMap, HashMap};

use ::commitment::{CommitmentKind, Committed};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::Amount;
use uuid::Uuid;

use crate::error::one_row;
use crate::schema::{commitment, commitment_topic, topic_money};
use crate::{Conn, StoreError};

/// What stands for each topic, by topic.
pub type ByTopic = BTreeMap<String, Committed>;

type Row = (Uuid, String, i64, Option<i64>, i64);

/// What of each funder's commitment to a call is for each topic, by its part in the call.
pub async fn of_call(conn: &mut Conn, call: Uuid) -> Result<HashMap<Uuid, ByTopic>, StoreError> {
    let rows: Vec<Row> = topic_money::table
        .filter(topic_money::call_id.eq(call))
        .select((
            topic_money::participation_id,
            topic_money::topic,
            topic_money::commitment,
            topic_money::available,
            topic_money::decided,
        ))
        .load(conn)
        .await?;
    let mut all: HashMap<Uuid, ByTopic> = HashMap::new();
    for (part, topic, indicative, available, decided) in rows {
        let committed = Committed {
            indicative: Amount(indicative),
            available: available.map(Amount),
            decided: Amount(decided),
        };
        all.entry(part).or_default().insert(topic, committed);
    }
    Ok(all)
}

/// The parts of each pledge to a call, by the pledge.
pub async fn of_pledges(
    conn: &mut Conn,
    call: Uuid,
) -> Result<HashMap<Uuid, BTreeMap<String, Amount>>, StoreError> {
    let rows: Vec<(Uuid, String, i64)> = commitment_topic::table
        .filter(commitment_topic::call_id.eq(call))
        .select((
            commitment_topic::commitment_id,
            commitment_topic::topic,
            commitment_topic::amount,
        ))
        .load(conn)
        .await?;
    let mut all: HashMap<Uuid, BTreeMap<String, Amount>> = HashMap::new();
    for (pledge, topic, amount) in rows {
        let parts = all.entry(pledge).or_default();
        parts.insert(topic, Amount(amount));
    }
    Ok(all)
}

/// Whether a funder has committed anything to a call: then its topics and their money stay as they are.
pub async fn is_committed(conn: &mut Conn, call: Uuid) -> Result<bool, StoreError> {
    let any = commitment::table
        .filter(commitment::call_id.eq(call))
        .filter(commitment::amount.gt(0_i64));
    Ok(diesel::select(exists(any)).get_result(conn).await?)
}

/// Binds more of a funder's commitment to a topic, or less where an amount below nothing is given. The table's CHECK
/// refuses to bind more than is committed to it.
pub(crate) async fn bind(
    conn: &mut Conn,
    participation: Uuid,
    topic: &str,
    amount: Amount,
) -> Result<(), StoreError> {
    let changed = diesel::update(topic_money::table.find((participation, topic)))
        .set(topic_money::decided.eq(topic_money::decided + amount.0))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Keeps the parts of a pledge, and makes them what stands.
pub(super) async fn divide(
    conn: &mut Conn,
    (call, participation, pledge): (Uuid, Uuid, Uuid),
    kind: CommitmentKind,
    parts: &BTreeMap<String, Amount>,
) -> Result<(), StoreError> {
    for (topic, amount) in parts {
        diesel::insert_into(commitment_topic::table)
            .values((
                commitment_topic::commitment_id.eq(pledge),
                commitment_topic::topic.eq(topic),
                commitment_topic::call_id.eq(call),
                commitment_topic::amount.eq(amount.0),
            ))
            .execute(conn)
            .await?;
        let of_topic = topic_money::table.find((participation, topic));
        let changed = match kind {
            CommitmentKind::Indicative => {
                let set = topic_money::commitment.eq(amount.0);
                diesel::update(of_topic).set(set).execute(conn).await?
            }
            CommitmentKind::Availability => {
                let set = topic_money::available.eq(amount.0);
                diesel::update(of_topic).set(set).execute(conn).await?
            }
        };
        if changed == 0 {
            let (indicative, available) = match kind {
                CommitmentKind::Indicative => (amount.0, None),
                CommitmentKind::Availability => (0, Some(amount.0)),
            };
            diesel::insert_into(topic_money::table)
                .values((
                    topic_money::participation_id.eq(participation),
                    topic_money::topic.eq(topic),
                    topic_money::call_id.eq(call),
                    topic_money::commitment.eq(indicative),
                    topic_money::available.eq(available),
                ))
                .execute(conn)
                .await?;
        }
    }
    Ok(())
}
