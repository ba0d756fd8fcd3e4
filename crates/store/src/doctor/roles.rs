//! Roles held and offered.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "role_is_of_a_known_call",
        "a role or an invitation to one names a call that exists",
        "select id from (select id, call_id from role_grant union all select id, call_id from invitation) r
         where call_id is not null and call_id not in (select id from call)",
    ),
    rule(
        "role_is_of_a_known_organisation",
        "a role or an invitation to one names an organisation that exists",
        "select id from (select id, organisation_id from role_grant
                         union all select id, organisation_id from invitation) r
         where organisation_id is not null and organisation_id not in (select id from organisation)",
    ),
    rule(
        "role_speaks_for_a_funder_of_the_call",
        "who holds a role for an organisation in a call speaks for a funder of that call",
        "select g.id from role_grant g
         where g.ended_at is null and g.call_id is not null and g.organisation_id is not null and not exists (
             select from participation p where p.call_id = g.call_id and (
                 p.organisation_id = g.organisation_id or exists (
                     select from acting_for a where a.organisation_id = g.organisation_id
                         and a.acts_for_id = p.organisation_id and a.ended_at is null)))",
    ),
    rule(
        "role_ends_after_it_was_granted",
        "no role ended before it was granted",
        "select id from role_grant where ended_at < granted_at",
    ),
    rule(
        "invitation_ends_after_it_begins",
        "every invitation runs out some time after it was sent",
        "select id from invitation where expires_at <= created_at",
    ),
    rule(
        "accepted_invitation_names_who",
        "an accepted invitation says when and by whom",
        "select id from invitation where (accepted_at is null) <> (accepted_by is null)",
    ),
    rule(
        "invitation_is_accepted_or_taken_back",
        "no invitation is both accepted and taken back",
        "select id from invitation where accepted_at is not null and revoked_at is not null",
    ),
    rule(
        "accepted_invitation_gave_the_role",
        "who accepted an invitation holds, or held, that role",
        "select i.id from invitation i
         where i.accepted_by is not null and not exists (
             select from role_grant g where g.account_id = i.accepted_by and g.role = i.role
                 and g.call_id is not distinct from i.call_id
                 and g.organisation_id is not distinct from i.organisation_id)",
    ),
    rule(
        "handed_over_role_ended",
        "a role that was handed over has ended",
        "select i.id from invitation i join role_grant g on g.id = i.hands_over
         where i.accepted_at is not null and g.ended_at is null",
    ),
];
