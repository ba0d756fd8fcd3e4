//! Ethics assessments of proposals.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use ::review::ethics::Assessment;
use ::review::{EthicsOutcome, EthicsState};
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, Jsonb, Nullable, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::error::one_row;
use crate::schema::sealed::ethics_assessment;
use crate::schema::{proposal_stage, submission};
use crate::statement::statement;
use crate::{Conn, StoreError, text};

/// The assessment of one proposal at a stage.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = ethics_assessment)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct EthicsRow {
    pub proposal_stage_id: Uuid,
    pub call_id: Uuid,
    pub state: String,
    pub expert_id: Option<Uuid>,
    pub conditions: Value,
    pub comment: String,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTime<Utc>>,
    pub told: Option<Value>,
    pub version: i32,
}

impl EthicsRow {
    /// The state.
    pub fn state(&self) -> Result<EthicsState, StoreError> {
        text::name(&self.state)
    }

    /// The outcome, once there is one.
    pub fn assessment(&self) -> Result<Option<Assessment>, StoreError> {
        let outcome = match self.state()? {
            EthicsState::Clear => EthicsOutcome::Clear,
            EthicsState::Conditional => EthicsOutcome::Conditions,
            EthicsState::Refused => EthicsOutcome::Refused,
            EthicsState::Due | EthicsState::UnderReview | EthicsState::Asked => return Ok(None),
        };
        Ok(Some(Assessment {
            outcome,
            conditions: text::document(self.conditions.clone())?,
            comment: self.comment.clone(),
        }))
    }

    /// The outcome that the applicants were told last, whatever is found meanwhile.
    pub fn told(&self) -> Result<Option<Assessment>, StoreError> {
        self.told.clone().map(text::document).transpose()
    }
}

/// The assessments of a stage.
pub async fn of_stage(conn: &mut Conn, stage: Uuid) -> Result<Vec<EthicsRow>, StoreError> {
    Ok(ethics_assessment::table
        .inner_join(
            proposal_stage::table.on(proposal_stage::id.eq(ethics_assessment::proposal_stage_id)),
        )
        .filter(proposal_stage::stage_id.eq(stage))
        .select(EthicsRow::as_select())
        .load(conn)
        .await?)
}

/// The assessment of one proposal at a stage. The caller that writes has locked the proposal's row.
pub async fn find(conn: &mut Conn, proposal_stage: Uuid) -> Result<Option<EthicsRow>, StoreError> {
    Ok(ethics_assessment::table
        .find(proposal_stage)
        .select(EthicsRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// Which account looks at the ethics of which proposal in which stage: the one who is named, from when conflicts are
/// declared until there is an outcome, somebody else is named or the proposal falls out.
pub(crate) const AT_WORK: &str = "
    select e.account_id, h.call_id, h.proposal_stage_id, l.proposal_id
    from sealed.ethics_assessment h
    join proposal_stage l on l.id = h.proposal_stage_id and l.state = 'locked'
    join stage t on t.id = l.stage_id
    join sealed.expert e on e.id = h.expert_id and e.state = 'contracted' and t.number = any(e.declared_stages)
    where h.state in ('under_review', 'asked')
      and not exists (select from sealed.outcome d where d.proposal_stage_id = l.id
                      and d.state in ('ineligible', 'excluded'))";

static OF_ACCOUNT: LazyLock<String> = LazyLock::new(|| {
    format!("select w.proposal_id from ({AT_WORK}) w where w.account_id = $1 and w.call_id = $2")
});

#[derive(QueryableByName)]
struct AtWork {
    #[diesel(sql_type = SqlUuid)]
    proposal_id: Uuid,
}

/// The proposals of a call whose ethics the account looks at now, conflicts of interest with them apart.
pub async fn at_work(
    conn: &mut Conn,
    account: Uuid,
    call: Uuid,
) -> Result<BTreeSet<Uuid>, StoreError> {
    let found: Vec<AtWork> = statement(OF_ACCOUNT.as_str())
        .bind::<SqlUuid, _>(account)
        .bind::<SqlUuid, _>(call)
        .load(conn)
        .await?;
    Ok(found.into_iter().map(|row| row.proposal_id).collect())
}

/// What the versions that count answer to the call's questions, by the proposals' rows in the stage.
pub async fn answers(
    conn: &mut Conn,
    stage: Uuid,
) -> Result<BTreeMap<Uuid, BTreeMap<String, bool>>, StoreError> {
    let rows: Vec<(Uuid, Option<Value>)> = submission::table
        .inner_join(
            proposal_stage::table.on(proposal_stage::id
                .eq(submission::proposal_stage_id)
                .and(proposal_stage::submitted.eq(submission::number))),
        )
        .filter(proposal_stage::stage_id.eq(stage))
        .select((
            proposal_stage::id,
            sql::<Nullable<Jsonb>>("submission.content -> 'answers'"),
        ))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(id, answers)| {
            let answers = answers.map(text::document).transpose()?;
            Ok((id, answers.unwrap_or_default()))
        })
        .collect()
}

/// Saves an assessment: the first time (version 1), or in place of the version before.
pub async fn save(conn: &mut Conn, permit: &Permit, row: &EthicsRow) -> Result<(), StoreError> {
    if permit.action() != Action::RecordEthics || permit.call() != Some(row.call_id) {
        return Err(StoreError::Permit);
    }
    if row.version == 1 {
        diesel::insert_into(ethics_assessment::table)
            .values(row)
            .execute(conn)
            .await?;
        return Ok(());
    }
    let changed = diesel::update(ethics_assessment::table.find(row.proposal_stage_id))
        .filter(ethics_assessment::version.eq(row.version - 1))
        .set((
            ethics_assessment::state.eq(&row.state),
            ethics_assessment::expert_id.eq(row.expert_id),
            ethics_assessment::conditions.eq(&row.conditions),
            ethics_assessment::comment.eq(&row.comment),
            ethics_assessment::decided_by.eq(row.decided_by),
            ethics_assessment::decided_at.eq(row.decided_at),
            ethics_assessment::told.eq(&row.told),
            ethics_assessment::version.eq(row.version),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Notes that letters on these proposals, by their rows in a stage, go out: the applicants read the outcomes that there are
/// now. Of what is being looked at again they keep what they were told before.
pub async fn tell(
    conn: &mut Conn,
    permit: &Permit,
    proposal_stages: &[Uuid],
) -> Result<(), StoreError> {
    let letters = [Action::ReleaseLetters, Action::SettleRedress];
    let Some(call) = permit.call().filter(|_| letters.contains(&permit.action())) else {
        return Err(StoreError::Permit);
    };
    diesel::sql_query(
        "update sealed.ethics_assessment
         set told = jsonb_build_object('conditions', conditions, 'comment', comment, 'outcome',
                                       case state when 'conditional' then 'conditions' else state end)
         where call_id = $1 and proposal_stage_id = any($2) and state in ('clear', 'conditional', 'refused')",
    )
    .bind::<SqlUuid, _>(call)
    .bind::<Array<SqlUuid>, _>(proposal_stages)
    .execute(conn)
    .await?;
    Ok(())
}

/// The rows of the proposals of a stage that ethics experts refuse.
pub async fn refused(conn: &mut Conn, stage: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let mut found = Vec::new();
    for row in of_stage(conn, stage).await? {
        if row.state()? == EthicsState::Refused {
            found.push(row.proposal_stage_id);
        }
    }
    Ok(found)
}
