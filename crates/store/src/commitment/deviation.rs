//! How the steering committee decided on the invitations: by which policy, and where it deviates from that.

use access::{Action, Permit};
use call::BalancingPolicy;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::call::StageRow;
use crate::error::demand;
use crate::schema::sealed::{invitation_decision, invitation_deviation};
use crate::{Conn, StoreError, text};

/// A decision on invitations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationDecision {
    /// The policy that the committee started from, and its limit in ten-thousandths; none where it went by none.
    pub policy: Option<(BalancingPolicy, i64)>,
    /// Where the decision stands, or why it is so.
    pub reason: String,
    /// When it was recorded.
    pub decided_at: DateTime<Utc>,
}

/// A proposal on which the committee decided otherwise than the policy.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Deviation {
    /// The proposal.
    pub proposal: Uuid,
    /// Whether it is invited.
    pub invited: bool,
    /// Why.
    pub reason: String,
}

type DecisionRow = (Option<String>, Option<i32>, String, DateTime<Utc>);

/// The decision on a stage's invitations, once there is one.
pub async fn find(conn: &mut Conn, stage: Uuid) -> Result<Option<InvitationDecision>, StoreError> {
    let row: Option<DecisionRow> = invitation_decision::table
        .find(stage)
        .select((
            invitation_decision::policy,
            invitation_decision::limit_ratio,
            invitation_decision::reason,
            invitation_decision::decided_at,
        ))
        .first(conn)
        .await
        .optional()?;
    let Some((policy, limit, reason, decided_at)) = row else {
        return Ok(None);
    };
    let policy: Option<BalancingPolicy> = policy.map(|policy| text::name(&policy)).transpose()?;
    Ok(Some(InvitationDecision {
        policy: policy.zip(limit.map(i64::from)),
        reason,
        decided_at,
    }))
}

/// Where a decision deviates from its policy.
pub async fn deviations(conn: &mut Conn, stage: Uuid) -> Result<Vec<Deviation>, StoreError> {
    Ok(invitation_deviation::table
        .filter(invitation_deviation::stage_id.eq(stage))
        .order(invitation_deviation::proposal_id)
        .select((
            invitation_deviation::proposal_id,
            invitation_deviation::invited,
            invitation_deviation::reason,
        ))
        .load(conn)
        .await?)
}

/// Records a decision; the stage is locked.
pub async fn insert(
    conn: &mut Conn,
    permit: &Permit,
    stage: &StageRow,
    policy: Option<(BalancingPolicy, i32)>,
    reason: &str,
    deviations: &[Deviation],
) -> Result<(), StoreError> {
    demand(permit, &[Action::DecideInvitations], stage.id)?;
    let by = permit.account().ok_or(StoreError::Permit)?;
    diesel::insert_into(invitation_decision::table)
        .values((
            invitation_decision::stage_id.eq(stage.id),
            invitation_decision::call_id.eq(stage.call_id),
            invitation_decision::policy.eq(policy.map(|(policy, _)| policy.to_string())),
            invitation_decision::limit_ratio.eq(policy.map(|(_, limit)| limit)),
            invitation_decision::reason.eq(reason),
            invitation_decision::decided_by.eq(by),
        ))
        .execute(conn)
        .await?;
    let rows: Vec<_> = deviations
        .iter()
        .map(|one| {
            (
                invitation_deviation::stage_id.eq(stage.id),
                invitation_deviation::proposal_id.eq(one.proposal),
                invitation_deviation::call_id.eq(stage.call_id),
                invitation_deviation::invited.eq(one.invited),
                invitation_deviation::reason.eq(&one.reason),
            )
        })
        .collect();
    diesel::insert_into(invitation_deviation::table)
        .values(rows)
        .execute(conn)
        .await?;
    Ok(())
}
