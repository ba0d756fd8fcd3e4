//! A stage in figures: how many proposals stand where, how they came in, what they ask.

use std::collections::HashMap;

use ::intake::ProposalState;
use ::intake::figures::{FunderDemand, Timeline, timeline};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kernel::Amount;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::commitment::balance::funders;
use crate::schema::proposal_stage;
use crate::{Conn, StoreError, text};

/// How many points a timeline has at most.
const POINTS: usize = 200;

/// How many proposals of a stage stand where. Until the deadline this is all that anybody but the
/// consortia learns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StageCounts {
    /// Begun and never submitted.
    pub drafts: i64,
    /// Submitted as they are written.
    pub submitted: i64,
    /// Submitted, and written on since.
    pub edited_since: i64,
    /// Taken back.
    pub withdrawn: i64,
    /// Submitted when the deadline passed.
    pub locked: i64,
    /// Not submitted when the deadline passed.
    pub lapsed: i64,
    /// How they came in.
    pub over_time: Timeline,
    /// What those that count ask of each funder of the call, beside what it has committed. Before the
    /// deadline only as far as it tells no single proposal.
    pub funders: Vec<FunderDemand>,
}

/// The figures of a stage; `disclosed` once its deadline laid the proposals open.
pub async fn counts(
    conn: &mut Conn,
    call: Uuid,
    stage: Uuid,
    disclosed: bool,
) -> Result<StageCounts, StoreError> {
    let rows: Vec<(String, i64)> = proposal_stage::table
        .filter(proposal_stage::stage_id.eq(stage))
        .group_by(proposal_stage::state)
        .select((proposal_stage::state, sql::<BigInt>("count(*)")))
        .load(conn)
        .await?;
    let mut counts = StageCounts {
        over_time: timeline(&first_submissions(conn, stage).await?, POINTS),
        funders: demands(conn, call, stage, disclosed).await?,
        ..StageCounts::default()
    };
    for (state, number) in rows {
        match text::name(&state)? {
            ProposalState::Draft => counts.drafts = number,
            ProposalState::Submitted => counts.submitted = number,
            ProposalState::EditedSince => counts.edited_since = number,
            ProposalState::Withdrawn => counts.withdrawn = number,
            ProposalState::Locked => counts.locked = number,
            ProposalState::Lapsed => counts.lapsed = number,
            _ => {}
        }
    }
    Ok(counts)
}

#[derive(QueryableByName)]
struct Hour {
    #[diesel(sql_type = Timestamptz)]
    hour: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

async fn first_submissions(
    conn: &mut Conn,
    stage: Uuid,
) -> Result<Vec<(DateTime<Utc>, i64)>, StoreError> {
    let hours: Vec<Hour> = diesel::sql_query(
        "select date_trunc('hour', s.submitted_at, 'UTC') as hour, count(*) as number
         from submission s join proposal_stage ps on ps.id = s.proposal_stage_id
         where ps.stage_id = $1 and s.number = 1
         group by 1 order by 1",
    )
    .bind::<SqlUuid, _>(stage)
    .load(conn)
    .await?;
    Ok(hours
        .into_iter()
        .map(|one| (one.hour, one.number))
        .collect())
}

#[derive(QueryableByName)]
struct Asked {
    #[diesel(sql_type = Text)]
    funder: String,
    #[diesel(sql_type = BigInt)]
    proposals: i64,
    #[diesel(sql_type = BigInt)]
    partners: i64,
    #[diesel(sql_type = BigInt)]
    requested: i64,
}

/// What was last submitted and is not withdrawn asks, by funder: of the partners on record who are not gone, or
/// before there are any, of the versions themselves.
async fn demands(
    conn: &mut Conn,
    call: Uuid,
    stage: Uuid,
    disclosed: bool,
) -> Result<Vec<FunderDemand>, StoreError> {
    let asked: Vec<Asked> = diesel::sql_query(
        "select funder, count(distinct proposal_stage_id) as proposals, count(*) as partners,
                least(sum(requested), 9223372036854775807)::bigint as requested
         from (
             select o.key as funder, p.proposal_stage_id, p.requested::numeric
             from partner p join proposal_stage ps on ps.id = p.proposal_stage_id
             join participation t on t.id = p.participation_id join organisation o on o.id = t.organisation_id
             where $2 and ps.stage_id = $1 and ps.state = 'locked' and p.gone_by is null
             union all
             select one -> 'funding' ->> 'funder', ps.id,
                    (select coalesce(sum(year.value::numeric), 0) * 100
                     from jsonb_each(one -> 'budget') category, jsonb_array_elements_text(category.value) year)
                    - (one ->> 'own_contribution')::numeric * 100
             from proposal_stage ps
             join submission s on s.proposal_stage_id = ps.id and s.number = ps.submitted
             cross join jsonb_array_elements(s.content -> 'partners') one
             where not $2 and ps.stage_id = $1 and ps.state in ('submitted', 'edited_since')
               and one -> 'funding' ->> 'kind' = 'funder') asked
         group by funder",
    )
    .bind::<SqlUuid, _>(stage)
    .bind::<Bool, _>(disclosed)
    .load(conn)
    .await?;
    let mut asked: HashMap<String, Asked> = asked
        .into_iter()
        .map(|one| (one.funder.clone(), one))
        .collect();
    let funders = funders(conn, call).await?.into_iter().map(|funder| {
        let of = asked.remove(&funder.key);
        let number = |of: Option<i64>| Some(of.unwrap_or_default());
        let demand = FunderDemand {
            proposals: number(of.as_ref().map(|of| of.proposals)),
            partners: number(of.as_ref().map(|of| of.partners)),
            requested: number(of.as_ref().map(|of| of.requested)).map(Amount),
            committed: funder.commitment,
            funder: funder.key,
        };
        if disclosed { demand } else { demand.veiled() }
    });
    Ok(funders.collect())
}
