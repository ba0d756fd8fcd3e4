//! Partners who write their own part: the invitations by mail, and who follows them.

use access::{Action, Object, Permit};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::{partner_invitation, partner_member};
use crate::{Conn, StoreError};

/// An invitation to write a partner's part. It has no `Debug`, for it holds the hash of a secret.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = partner_invitation)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct PartnerInvitationRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub proposal_id: Uuid,
    pub partner_id: Uuid,
    pub email: String,
    pub token_hash: Vec<u8>,
    pub invited_by: Uuid,
    pub expires_at: DateTime<Utc>,
}

impl PartnerInvitationRow {
    /// The invitation as the policy sees it: whoever holds its link may claim it.
    pub fn object(&self, account: Uuid) -> Object {
        Object {
            owner: Some(account),
            ..Object::of_call("partner_invitation", self.id, self.call_id)
        }
    }
}

/// Who writes a partner's part.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = partner_member)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct MemberRow {
    pub id: Uuid,
    pub proposal_id: Uuid,
    pub partner_id: Uuid,
    pub account_id: Uuid,
    pub joined_at: DateTime<Utc>,
    pub confirmed_in: Option<Uuid>,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub confirmed_sha256: Option<String>,
}

/// How many invitations were ever sent for a proposal.
pub async fn invitations_sent(conn: &mut Conn, proposal_id: Uuid) -> Result<i64, StoreError> {
    Ok(partner_invitation::table
        .filter(partner_invitation::proposal_id.eq(proposal_id))
        .count()
        .get_result(conn)
        .await?)
}

/// Keeps an invitation; an open one for the same partner is replaced.
pub async fn invite_partner(
    conn: &mut Conn,
    permit: &Permit,
    row: &PartnerInvitationRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::InvitePartner], row.proposal_id)?;
    revoke_invitations(conn, permit, row.proposal_id, &[row.partner_id]).await?;
    diesel::insert_into(partner_invitation::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes the open invitations for these partners back; answers how many there were.
pub async fn revoke_invitations(
    conn: &mut Conn,
    permit: &Permit,
    proposal_id: Uuid,
    partners: &[Uuid],
) -> Result<usize, StoreError> {
    let actions = [
        Action::InvitePartner,
        Action::EndMembership,
        Action::EditProposal,
        Action::EditPart,
    ];
    demand(permit, &actions, proposal_id)?;
    Ok(diesel::update(partner_invitation::table)
        .filter(partner_invitation::proposal_id.eq(proposal_id))
        .filter(partner_invitation::partner_id.eq_any(partners))
        .filter(partner_invitation::claimed_at.is_null())
        .filter(partner_invitation::revoked_at.is_null())
        .set(partner_invitation::revoked_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")))
        .execute(conn)
        .await?)
}

/// An open invitation by the hash of its link, locked.
pub async fn lock_invitation(
    conn: &mut Conn,
    token_hash: &[u8],
) -> Result<Option<PartnerInvitationRow>, StoreError> {
    Ok(partner_invitation::table
        .filter(partner_invitation::token_hash.eq(token_hash))
        .filter(partner_invitation::claimed_at.is_null())
        .filter(partner_invitation::revoked_at.is_null())
        .filter(sql::<Bool>("expires_at > clock_timestamp()"))
        .select(PartnerInvitationRow::as_select())
        .for_update()
        .first(conn)
        .await
        .optional()?)
}

/// Makes an account the member that the locked invitation is for.
pub async fn claim_part(
    conn: &mut Conn,
    permit: &Permit,
    row: &PartnerInvitationRow,
    account: Uuid,
) -> Result<(), StoreError> {
    demand(permit, &[Action::ClaimPart], row.id)?;
    let changed = diesel::update(partner_invitation::table.find(row.id))
        .filter(partner_invitation::claimed_at.is_null())
        .set((
            partner_invitation::claimed_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            partner_invitation::claimed_by.eq(account),
        ))
        .execute(conn)
        .await?;
    one_row(changed)?;
    diesel::insert_into(partner_member::table)
        .values((
            partner_member::id.eq(kernel::id::new()),
            partner_member::call_id.eq(row.call_id),
            partner_member::proposal_id.eq(row.proposal_id),
            partner_member::partner_id.eq(row.partner_id),
            partner_member::account_id.eq(account),
            partner_member::invitation_id.eq(row.id),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Who writes parts of a proposal now.
pub async fn members(conn: &mut Conn, proposal_id: Uuid) -> Result<Vec<MemberRow>, StoreError> {
    Ok(partner_member::table
        .filter(partner_member::proposal_id.eq(proposal_id))
        .filter(partner_member::left_at.is_null())
        .order(partner_member::id)
        .select(MemberRow::as_select())
        .load(conn)
        .await?)
}

/// The partners of a proposal whose part an account writes.
pub async fn parts_of(
    conn: &mut Conn,
    proposal_id: Uuid,
    account: Uuid,
) -> Result<Vec<Uuid>, StoreError> {
    Ok(partner_member::table
        .filter(partner_member::proposal_id.eq(proposal_id))
        .filter(partner_member::account_id.eq(account))
        .filter(partner_member::left_at.is_null())
        .select(partner_member::partner_id)
        .load(conn)
        .await?)
}

/// Ends a membership, which acts on the next request.
pub async fn end_membership(
    conn: &mut Conn,
    permit: &Permit,
    row: &MemberRow,
) -> Result<(), StoreError> {
    let actions = [
        Action::EndMembership,
        Action::EditProposal,
        Action::EditPart,
    ];
    demand(permit, &actions, row.proposal_id)?;
    let changed = diesel::update(partner_member::table.find(row.id))
        .filter(partner_member::left_at.is_null())
        .set(partner_member::left_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Ends the memberships of partners who are not in the drafts that a stage begins with: they were written into
/// the last stage's after it was submitted.
pub async fn end_left_behind(
    conn: &mut Conn,
    permit: &Permit,
    stage_id: Uuid,
) -> Result<(), StoreError> {
    demand(permit, &[Action::OpenStage], stage_id)?;
    diesel::sql_query(
        "update partner_member m set left_at = clock_timestamp()
         from proposal_stage ps join draft d on d.proposal_stage_id = ps.id
         where ps.stage_id = $1 and ps.proposal_id = m.proposal_id and m.left_at is null
           and not jsonb_path_exists(
               d.content, '$.partners[*] ? (@.id == $id)', jsonb_build_object('id', m.partner_id::text))",
    )
    .bind::<diesel::sql_types::Uuid, _>(stage_id)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that a member stands by its part as it is.
pub async fn confirm_part(
    conn: &mut Conn,
    permit: &Permit,
    row: &MemberRow,
    proposal_stage_id: Uuid,
    sha256: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::ConfirmPart], row.proposal_id)?;
    let changed = diesel::update(partner_member::table.find(row.id))
        .filter(partner_member::left_at.is_null())
        .set((
            partner_member::confirmed_in.eq(proposal_stage_id),
            partner_member::confirmed_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            partner_member::confirmed_sha256.eq(sha256),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}
