//! Breaches of what the checks of eligibility ask for and lead to.

use crate::Breach;

pub const BREACHES: &[Breach] = &[
    (
        "asked_partner_has_its_query",
        "update eligibility set state = 'asked'",
    ),
    (
        "query_concerns_its_proposal",
        "insert into query (id, call_id, proposal_stage_id, partner_row_id, question, answer_by, asked_by)
         select '{call}', '{call}', '{row}', id, 'Why?', '2099-01-01Z', '{coordinator}'
         from partner where proposal_stage_id <> '{row}' limit 1",
    ),
    (
        "query_says_how_it_was_settled",
        "insert into query (id, call_id, proposal_stage_id, partner_row_id, question, answer_by, asked_by, state, settled_at)
         select '{call}', '{call}', '{row}', id, 'Why?', '2099-01-01Z', '{coordinator}', 'answered', clock_timestamp()
         from partner where proposal_stage_id = '{row}' limit 1",
    ),
    (
        "query_state_is_known",
        "insert into query (id, call_id, proposal_stage_id, partner_row_id, question, answer_by, asked_by, state, settled_at)
         select '{call}', '{call}', '{row}', id, 'Why?', '2099-01-01Z', '{coordinator}', 'perhaps', clock_timestamp()
         from partner where proposal_stage_id = '{row}' limit 1",
    ),
    (
        "change_is_known",
        "insert into consortium_change (id, call_id, proposal_stage_id, number, kind, partner_id, reason, recorded_by)
         values ('{row}', '{call}', '{row}', 1, 'perhaps', '{row}', 'Agreed', '{coordinator}')",
    ),
    (
        "changes_have_no_gaps",
        "insert into consortium_change (id, call_id, proposal_stage_id, number, kind, partner_id, reason, recorded_by)
         values ('{row}', '{call}', '{row}', 2, 'drop', '{row}', 'Agreed', '{coordinator}')",
    ),
    (
        "change_is_on_record",
        "insert into consortium_change (id, call_id, proposal_stage_id, number, kind, partner_id, reason, recorded_by)
         select '{row}', '{call}', '{row}', 1, 'drop', partner_id, 'Agreed', '{coordinator}'
         from partner where proposal_stage_id = '{row}' and position = 1",
    ),
    (
        "coordinator_is_never_changed",
        "insert into consortium_change (id, call_id, proposal_stage_id, number, kind, partner_id, reason, recorded_by)
         select '{row}', '{call}', '{row}', 1, 'drop', partner_id, 'Agreed', '{coordinator}'
         from partner where proposal_stage_id = '{row}' and position = 0;
         update partner set role = 'coordinator', gone_by = '{row}' where proposal_stage_id = '{row}' and position = 0",
    ),
    (
        "nobody_asks_who_is_gone",
        "update partner set gone_by = '{row}' where proposal_stage_id = '{row}' and position = 1;
         insert into query (id, call_id, proposal_stage_id, partner_row_id, question, answer_by, asked_by)
         select '{call}', '{call}', '{row}', id, 'Why?', '2099-01-01Z', '{coordinator}'
         from partner where proposal_stage_id = '{row}' and position = 1",
    ),
    (
        "waiver_state_is_known",
        "insert into waiver (id, call_id, proposal_stage_id, rule, reasons, asked_by, state) values ('{row}', '{call}', '{row}', 'partner_added', 'Why not', '{coordinator}', 'perhaps')",
    ),
    (
        "stand_is_known",
        "insert into sealed.waiver_stand (waiver_id, organisation_id, call_id, stand, remark, stated_by)
         values ('{row}', '{row}', '{call}', 'perhaps', '', '{coordinator}')",
    ),
    (
        "waiver_is_decided_once",
        "insert into waiver (id, call_id, proposal_stage_id, rule, reasons, asked_by, state) values ('{row}', '{call}', '{row}', 'partner_added', 'Why not', '{coordinator}', 'granted')",
    ),
    (
        "one_waiver_of_a_rule",
        "insert into waiver (id, call_id, proposal_stage_id, rule, reasons, asked_by) values ('{row}', '{call}', '{row}', 'partner_added', 'Why not', '{coordinator}'),
         ('{call}', '{call}', '{row}', 'partner_added', 'Why not', '{coordinator}')",
    ),
    (
        "waiver_says_its_call",
        "insert into waiver (id, call_id, proposal_stage_id, rule, reasons, asked_by) values ('{row}', '{row}', '{row}', 'partner_added', 'Why not', '{coordinator}')",
    ),
    (
        "notes_and_documents_say_their_call",
        "insert into sealed.note (proposal_stage_id, partner_id, organisation_id, call_id, text, written_by)
         select '{row}', '{row}', id, '{row}', 'Hm', '{coordinator}' from organisation limit 1",
    ),
];
