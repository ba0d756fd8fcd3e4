//! Breaches of what funders commit and sign, and of how the invitations were decided.

use crate::Breach;

pub const BREACHES: &[Breach] = &[
    (
        "commitment_kind_is_known",
        "update commitment set kind = 'perhaps', sha256 = 'x'",
    ),
    (
        "availability_is_the_last_signed",
        "update participation set available = commitment",
    ),
    (
        "signed_document_is_what_its_hash_says",
        "insert into sealed.commitment_document (participation_id, sha256, call_id, size, content, signed_by, signed_as, signed_on, filed_by)
         select id, 'x', call_id, 1, 'x', 'Maria Muster', 'Head', '2026-06-30', '{coordinator}' from participation limit 1",
    ),
    (
        "unfreezing_serves_its_funder",
        "insert into sealed.budget_unfreezing (id, call_id, participation_id, reason, granted_by)
         select '{row}', call_id, id, 'Agreed', '{coordinator}' from participation order by id limit 1;
         update commitment set unfreezing_id = '{row}'
         where id = (select id from commitment order by participation_id desc limit 1)",
    ),
    (
        "what_belongs_to_a_commitment_says_its_call",
        "insert into sealed.commitment_note (participation_id, call_id, text, written_by)
         select id, '{row}', 'Hm', '{coordinator}' from participation limit 1",
    ),
    (
        "balancing_policy_is_known",
        "insert into sealed.invitation_decision (stage_id, call_id, policy, limit_ratio, reason, decided_by)
         values ('{stage}', '{call}', 'perhaps', 30000, 'Agreed', '{coordinator}')",
    ),
    (
        "invitation_decision_says_its_call",
        "insert into sealed.invitation_decision (stage_id, call_id, reason, decided_by)
         values ('{stage}', '{row}', 'Agreed', '{coordinator}')",
    ),
    (
        "deviation_is_from_a_policy",
        "insert into sealed.invitation_decision (stage_id, call_id, reason, decided_by)
         values ('{stage}', '{call}', 'Agreed', '{coordinator}');
         insert into sealed.invitation_deviation (stage_id, proposal_id, call_id, invited, reason)
         values ('{stage}', '{proposal}', '{call}', true, 'A rare disease')",
    ),
    (
        "deviation_is_as_decided",
        "insert into sealed.invitation_decision (stage_id, call_id, policy, limit_ratio, reason, decided_by)
         values ('{stage}', '{call}', 'aggregate', 30000, 'Agreed', '{coordinator}');
         insert into sealed.invitation_deviation (stage_id, proposal_id, call_id, invited, reason)
         values ('{stage}', '{proposal}', '{call}', false, 'A rare disease');
         update sealed.outcome set state = 'invited' where proposal_stage_id = '{row}'",
    ),
];
