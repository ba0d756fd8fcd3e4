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
        "changes_have_no_gaps",
        "the changes to a consortium in a stage are numbered 1, 2, 3 ..., and each says why",
        "select proposal_stage_id from consortium_change group by proposal_stage_id
         having min(number) <> 1 or max(number) <> count(*) or bool_or(reason = '')",
    ),
    rule(
        "change_is_on_record",
        "a change takes the partner it names off the record, and puts there who stands in its place, if anybody does",
        "select c.id from consortium_change c
         left join partner gone on gone.gone_by = c.id left join partner came on came.came_by = c.id
         where gone.proposal_stage_id is distinct from c.proposal_stage_id or gone.partner_id <> c.partner_id
            or (c.kind = 'drop') <> (c.becomes is null)
            or (came.id is null) <> (c.becomes is null)
            or came.proposal_stage_id <> c.proposal_stage_id
            or came.partner_id::text <> c.becomes ->> 'id'
            or (c.kind = 'own_funds') <> (came.partner_id is not distinct from c.partner_id)
            or c.kind = 'own_funds' and came.participation_id is not null",
    ),
    rule(
        "coordinator_is_never_changed",
        "a change leaves the coordinator where it is; found ineligible, it is not repaired by means of its own",
        "select p.id from partner p join consortium_change c on c.id = p.gone_by
         join eligibility e on e.partner_row_id = p.id
         where p.role = 'coordinator' and (c.kind <> 'own_funds' or e.state = 'ineligible')",
    ),
    rule(
        "nobody_asks_who_is_gone",
        "no question waits for a partner whom a change took off the record",
        "select q.id from query q join partner p on p.id = q.partner_row_id
         where q.state = 'waiting' and p.gone_by is not null",
    ),
    rule(
        "waiver_is_decided_once",
        "a request for an exception that was decided says why, by whom and when, and no other does",
        "select id from waiver where (state = 'waiting') <> (decided_at is null)
             or (state = 'waiting') <> (decided_because is null) or (state = 'waiting') <> (decided_by is null)",
    ),
    rule(
        "one_waiver_of_a_rule",
        "a proposal in a stage has at most one request for an exception to a rule that was not refused",
        "select min(id::text) from waiver where state <> 'refused' group by proposal_stage_id, rule having count(*) > 1",
    ),
    rule(
        "waiver_says_its_call",
        "a request for an exception, and what members hold of it, name the call of their proposal",
        "select w.id from waiver w join proposal_stage ps on ps.id = w.proposal_stage_id where w.call_id <> ps.call_id
         union all
         select s.waiver_id from sealed.waiver_stand s join waiver w on w.id = s.waiver_id where s.call_id <> w.call_id",
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
