//! What funders sign, what is unfrozen for them, and how the invitations were decided.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "availability_is_the_last_signed",
        "what a funder commits on availability of funds is what it signed last",
        "select p.id from participation p left join lateral (
             select amount from commitment c where c.participation_id = p.id and kind = 'availability'
             order by number desc limit 1) last on true
         where p.available is distinct from last.amount",
    ),
    rule(
        "signed_document_is_what_its_hash_says",
        "a signed document has the SHA-256 by which pledges name it",
        "select participation_id from sealed.commitment_document where sha256 <> encode(sha256(content), 'hex')",
    ),
    rule(
        "unfreezing_serves_its_funder",
        "what uses up an unfreezing is an indicative pledge of the funder it was for, made after it",
        "select c.id from commitment c join sealed.budget_unfreezing u on u.id = c.unfreezing_id
         where c.participation_id <> u.participation_id or c.kind <> 'indicative' or c.pledged_at < u.granted_at",
    ),
    rule(
        "what_belongs_to_a_commitment_says_its_call",
        "documents, notes and unfreezings of commitments name the call of the participation they are of",
        "select p.id from participation p join (
             select participation_id, call_id from sealed.commitment_document
             union all select participation_id, call_id from sealed.commitment_note
             union all select participation_id, call_id from sealed.budget_unfreezing) x on x.participation_id = p.id
         where x.call_id <> p.call_id",
    ),
    rule(
        "invitation_decision_says_its_call",
        "a decision on invitations and its deviations name the call of their stage and proposals",
        "select d.stage_id from sealed.invitation_decision d join stage s on s.id = d.stage_id where d.call_id <> s.call_id
         union all
         select v.proposal_id from sealed.invitation_deviation v join stage s on s.id = v.stage_id
         join proposal p on p.id = v.proposal_id where v.call_id <> s.call_id or v.call_id <> p.call_id",
    ),
    rule(
        "deviation_is_from_a_policy",
        "who deviates from a policy names it",
        "select v.proposal_id from sealed.invitation_deviation v
         join sealed.invitation_decision d on d.stage_id = v.stage_id where d.policy is null",
    ),
    rule(
        "deviation_is_as_decided",
        "a proposal that is invited otherwise than the policy says is invited, and the other way round",
        "select v.proposal_id from sealed.invitation_deviation v
         join proposal_stage ps on ps.stage_id = v.stage_id and ps.proposal_id = v.proposal_id
         join sealed.outcome o on o.proposal_stage_id = ps.id
         where (v.invited and o.state = 'not_invited')
            or (not v.invited and o.state in ('invited', 'invited_with_conditions'))",
    ),
];
