//! Partners who write their own part.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "confirmation_reminder_says_its_call",
        "a reminder to confirm a part names the call of its proposal",
        "select r.partner_id from confirmation_reminder r join proposal_stage ps on ps.id = r.proposal_stage_id
         where r.call_id <> ps.call_id",
    ),
    rule(
        "consortium_says_its_call",
        "invitations of partners and memberships name the call of their proposal",
        "select part.id from (
             select id, proposal_id, call_id from partner_invitation
             union all select id, proposal_id, call_id from partner_member) part
         join proposal p on p.id = part.proposal_id where p.call_id <> part.call_id",
    ),
    rule(
        "member_followed_its_invitation",
        "whoever writes a partner's part has claimed an invitation to it",
        "select m.id from partner_member m join partner_invitation i on i.id = m.invitation_id
         where (i.proposal_id, i.partner_id) <> (m.proposal_id, m.partner_id)
            or i.claimed_by is distinct from m.account_id",
    ),
    rule(
        "claimed_invitation_has_its_member",
        "an invitation that was claimed has made a member",
        "select i.id from partner_invitation i
         where i.claimed_at is not null
           and not exists (select from partner_member m where m.invitation_id = i.id)",
    ),
    rule(
        "no_invitation_to_a_taken_part",
        "nobody is invited to a part that somebody writes",
        "select i.id from partner_invitation i
         join partner_member m on m.proposal_id = i.proposal_id and m.partner_id = i.partner_id
         where i.claimed_at is null and i.revoked_at is null and m.left_at is null",
    ),
    rule(
        "coordinator_is_no_member",
        "the coordinator of a proposal writes all its parts and is no member of it",
        "select m.id from partner_member m join proposal p on p.id = m.proposal_id
         where p.coordinator_id = m.account_id",
    ),
    rule(
        "member_is_of_the_draft",
        "whoever writes a part writes that of a partner in the last draft",
        "select m.id from partner_member m join lateral (
             select d.content from proposal_stage ps join stage s on s.id = ps.stage_id
             join draft d on d.proposal_stage_id = ps.id
             where ps.proposal_id = m.proposal_id order by s.number desc limit 1) last on true
         where m.left_at is null and not jsonb_path_exists(
             last.content, '$.partners[*] ? (@.id == $id)', jsonb_build_object('id', m.partner_id::text))",
    ),
    rule(
        "confirmation_is_a_members",
        "a part was confirmed while its member wrote it, for a stage of the same proposal",
        "select m.id from partner_member m join proposal_stage ps on ps.id = m.confirmed_in
         where ps.proposal_id <> m.proposal_id or m.confirmed_at < m.joined_at or m.confirmed_at > m.left_at",
    ),
];
