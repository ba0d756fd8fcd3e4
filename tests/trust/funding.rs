//! Secrets of the funders' commitments, and of how the invitations were decided.

use super::groups::{FUNDERS, OFFICE, OWN_FUNDER};
use super::{Secret, secret};

/// Once the ranking is adopted.
pub const FUNDING: &[Secret] = &[
    secret(
        "a funder's note on its commitment",
        &[OWN_FUNDER],
        "insert into sealed.commitment_note (participation_id, call_id, text, written_by)
         select p.id, p.call_id, 'Up to 2.8 million', '{@signatory}'
         from participation p join organisation o on o.id = p.organisation_id where o.key = '{funder}'",
    ),
    secret(
        "the signed document of a commitment",
        &[OFFICE, FUNDERS],
        "insert into sealed.commitment_document (participation_id, sha256, call_id, size, content, signed_by, signed_as, signed_on, filed_by)
         select id, repeat('a', 64), call_id, 1, 'x', 'Maria Muster', 'Head of division', '2026-06-30', '{@signatory}' from participation",
    ),
    secret(
        "what is committed on availability of funds",
        &[OFFICE, FUNDERS],
        "update participation set available = commitment, version = version + 1",
    ),
    secret(
        "that a commitment was unfrozen, and why",
        &[OFFICE, FUNDERS],
        "insert into sealed.budget_unfreezing (id, call_id, participation_id, reason, granted_by)
         select gen_random_uuid(), call_id, id, 'The ministry cut it', '{@secretariat}' from participation",
    ),
    secret(
        "that a funder does not pay what it accepted, and why",
        &[OFFICE, FUNDERS],
        "insert into sealed.commitment_default (id, call_id, participation_id, selection_id, reason, evidence, goes_on, recorded_by)
         select gen_random_uuid(), p.call_id, p.id, s.id, 'The programme ended', 'Letter of 3 March', '[]', '{@secretariat}'
         from sealed.selection s join participation p on p.call_id = s.call_id
         join organisation o on o.id = p.organisation_id where o.key = '{funder}'",
    ),
    secret(
        "in which currency a funder pledged",
        &[OFFICE, FUNDERS],
        "update commitment set own_amount = 100, currency = 'PLN', rate = 4437300",
    ),
    secret(
        "how the invitations were decided",
        &[OFFICE, FUNDERS],
        "insert into sealed.invitation_decision (stage_id, call_id, policy, limit_ratio, reason, decided_by)
         values ('{stage}', '{call}', 'per_funder_cut', 30000, 'A quarrel', '{@secretariat}');
         insert into sealed.invitation_deviation (stage_id, proposal_id, call_id, invited, reason)
         values ('{stage}', '{proposal}', '{call}', true, 'A rare disease')",
    ),
];
