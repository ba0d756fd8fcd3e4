//! What the checks of eligibility ask for and lead to.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "asked_partner_has_its_query",
        "of a partner whose verdict is 'asked' one question waits, and of no other",
        "select e.partner_row_id from eligibility e
         where (e.state = 'asked') <> exists (
             select from query q where q.partner_row_id = e.partner_row_id and q.state = 'waiting')",
    ),
    rule(
        "query_concerns_its_proposal",
        "a question is about a partner of its proposal",
        "select q.id from query q left join partner p on p.id = q.partner_row_id
         where p.proposal_stage_id is distinct from q.proposal_stage_id or p.call_id <> q.call_id",
    ),
    rule(
        "query_says_how_it_was_settled",
        "a question that was answered has its answer, one that was closed says why, and no other has either",
        "select id from query
         where (state = 'answered') <> (answer is not null) or (state = 'closed') <> (closed_because is not null)",
    ),
    rule(
        "notes_and_documents_say_their_call",
        "a funder's note and a received document name the call of their proposal",
        "select part.proposal_stage_id from (
             select proposal_stage_id, call_id from sealed.note
             union all select proposal_stage_id, call_id from received_document) part
         join proposal_stage ps on ps.id = part.proposal_stage_id
         where ps.call_id <> part.call_id",
    ),
];
