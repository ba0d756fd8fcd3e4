//! Consensus that somebody had a part in with whom a conflict of interest was found afterwards.

use std::collections::BTreeSet;

use ::review::ExpertRole;
use diesel::QueryableByName;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use strum::IntoEnumIterator;
use uuid::Uuid;

use crate::{Conn, StoreError};

#[derive(QueryableByName)]
struct Agreed {
    #[diesel(sql_type = SqlUuid)]
    proposal_id: Uuid,
}

/// `bound`: since when a conflict of interest stands between a person and a proposal, in whatever role. Who had one before
/// the panel agreed had no part in it; one more tells nothing new.
const SINCE: &str = "
with bound as (
    select c.proposal_id, c.expert_id, e.account_id, e.role, c.stands_since
    from sealed.conflict c join sealed.expert e on e.id = c.expert_id
    join stage s on s.id = $1 and s.call_id = c.call_id
    where c.standing
  union all
    select o.proposal_id, e.id, o.account_id, e.role, o.stands_since
    from sealed.own_conflict o join stage s on s.id = $1 and s.call_id = o.call_id
    left join sealed.expert e on e.account_id = o.account_id and e.call_id = o.call_id
    where o.standing
)
select distinct ps.proposal_id
from proposal_stage ps
join sealed.consensus k on k.proposal_stage_id = ps.id
join bound b on b.proposal_id = ps.proposal_id and b.stands_since > k.recorded_at
where ps.stage_id = $1
  and not exists (select from bound f where f.proposal_id = b.proposal_id and f.stands_since <= k.recorded_at
                  and (f.expert_id = b.expert_id or f.account_id = b.account_id))
  and (b.account_id = k.recorded_by
       or b.role = any($2)
       or exists (select from sealed.review r
                  where r.stage_id = ps.stage_id and r.proposal_id = ps.proposal_id and r.expert_id = b.expert_id
                    and r.released_at <= k.recorded_at)
       or exists (select from sealed.rapporteur m where m.proposal_stage_id = ps.id and m.expert_id = b.expert_id)
       or exists (select from role_grant g
                  where g.account_id = b.account_id and g.call_id = ps.call_id
                    and g.role in ('panel_chair', 'panel_member')
                    and (g.ended_at is null or g.ended_at > k.recorded_at)))";

/// The proposals of a stage on which the panel agreed before a conflict of interest was found with somebody who had a part
/// in it: who wrote a review that was released, sits on the panel, presented the proposal, or recorded the consensus.
pub async fn conflicted_since(conn: &mut Conn, stage: Uuid) -> Result<BTreeSet<Uuid>, StoreError> {
    let seats = ExpertRole::iter().filter(|role| role.sits_on_panel());
    let seats: Vec<String> = seats.map(|role| role.to_string()).collect();
    let found: Vec<Agreed> = diesel::sql_query(SINCE)
        .bind::<SqlUuid, _>(stage)
        .bind::<Array<Text>, _>(seats)
        .load(conn)
        .await?;
    Ok(found.into_iter().map(|row| row.proposal_id).collect())
}
