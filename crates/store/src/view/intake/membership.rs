//! Who writes which part of a proposal, as its coordinator and its partners see it.

use ::intake::{Content, part};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::intake::{MemberRow, members};
use crate::schema::{account, partner_invitation};
use crate::{Conn, StoreError};

/// A partner, and who writes its part.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PartnerSeat {
    /// The partner.
    pub partner: Uuid,
    /// Its organisation.
    pub organisation: String,
    /// The open invitation, to the coordinator.
    pub invitation: Option<SeatInvitation>,
    /// Who writes the part besides the coordinator.
    pub member: Option<SeatMember>,
    /// When the part was confirmed as it now stands; none when it was not, or was changed since.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// An invitation that nobody has claimed yet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SeatInvitation {
    /// Whom it was sent to.
    pub email: String,
    /// When.
    pub sent_at: DateTime<Utc>,
    /// Until when it can be claimed.
    pub expires_at: DateTime<Utc>,
}

/// Who writes a part.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SeatMember {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Since when.
    pub joined_at: DateTime<Utc>,
}

/// The partners of a draft in its order: all to the coordinator, to a member those whose `parts` it writes.
pub async fn partner_seats(
    conn: &mut Conn,
    proposal: Uuid,
    proposal_stage: Uuid,
    draft: &Content,
    parts: Option<&[Uuid]>,
) -> Result<Vec<PartnerSeat>, StoreError> {
    let members = members(conn, proposal).await?;
    let ids = members.iter().map(|member| member.account_id);
    let people: Vec<(Uuid, String, String)> = account::table
        .filter(account::id.eq_any(ids.collect::<Vec<_>>()))
        .select((account::id, account::name, account::email))
        .load(conn)
        .await?;
    let invitations: Vec<(Uuid, SeatInvitation)> = match parts {
        None => open_invitations(conn, proposal).await?,
        Some(_) => Vec::new(),
    };
    let seat = |partner: &::intake::Partner| {
        let member = members.iter().find(|row| row.partner_id == partner.id);
        let invitation = invitations.iter().find(|(of, _)| *of == partner.id);
        PartnerSeat {
            partner: partner.id,
            organisation: partner.organisation.clone(),
            invitation: invitation.map(|(_, open)| open.clone()),
            confirmed_at: member.and_then(|row| confirmed(row, proposal_stage, partner)),
            member: member.and_then(|row| {
                let person = people.iter().find(|person| person.0 == row.account_id)?;
                Some(SeatMember {
                    name: person.1.clone(),
                    email: person.2.clone(),
                    joined_at: row.joined_at,
                })
            }),
        }
    };
    let shown = draft.partners.iter();
    let shown = shown.filter(|partner| parts.is_none_or(|parts| parts.contains(&partner.id)));
    Ok(shown.map(seat).collect())
}

/// When a member confirmed the part in this stage, if it says the same still.
fn confirmed(
    row: &MemberRow,
    proposal_stage: Uuid,
    partner: &::intake::Partner,
) -> Option<DateTime<Utc>> {
    let here = row.confirmed_in == Some(proposal_stage);
    let same = row.confirmed_sha256.as_deref() == Some(part::sha256(partner).as_str());
    row.confirmed_at.filter(|_| here && same)
}

/// The partners of a draft who stand by their part as it is.
pub async fn confirmed_partners(
    conn: &mut Conn,
    proposal: Uuid,
    proposal_stage: Uuid,
    draft: &Content,
) -> Result<Vec<Uuid>, StoreError> {
    let members = members(conn, proposal).await?;
    let stands = |partner: &&::intake::Partner| {
        let mut own = members.iter().filter(|row| row.partner_id == partner.id);
        own.any(|row| confirmed(row, proposal_stage, partner).is_some())
    };
    let standing = draft.partners.iter().filter(stands);
    Ok(standing.map(|partner| partner.id).collect())
}

async fn open_invitations(
    conn: &mut Conn,
    proposal: Uuid,
) -> Result<Vec<(Uuid, SeatInvitation)>, StoreError> {
    let rows: Vec<(Uuid, String, DateTime<Utc>, DateTime<Utc>)> = partner_invitation::table
        .filter(partner_invitation::proposal_id.eq(proposal))
        .filter(partner_invitation::claimed_at.is_null())
        .filter(partner_invitation::revoked_at.is_null())
        .order(partner_invitation::id)
        .select((
            partner_invitation::partner_id,
            partner_invitation::email,
            partner_invitation::created_at,
            partner_invitation::expires_at,
        ))
        .load(conn)
        .await?;
    let open = |(partner, email, sent_at, expires_at)| {
        let open = SeatInvitation {
            email,
            sent_at,
            expires_at,
        };
        (partner, open)
    };
    Ok(rows.into_iter().map(open).collect())
}
