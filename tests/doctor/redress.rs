//! Breaches of requests for redress, and of what comes of them.

use crate::Breach;

pub const BREACHES: &[Breach] = &[
    (
        "redress_state_is_known",
        "insert into sealed.redress (id, call_id, proposal_stage_id, state, ground, reasons, filed_by)
         values ('{row}', '{call}', '{row}', 'perhaps', 'rules_not_followed', 'Why', '{coordinator}')",
    ),
    (
        "redress_says_its_call",
        "insert into sealed.redress (id, call_id, proposal_stage_id, state, ground, reasons, filed_by)
         values ('{row}', '{row}', '{row}', 'received', 'rules_not_followed', 'Why', '{coordinator}')",
    ),
    (
        "redress_comes_after_its_letter",
        "insert into sealed.redress (id, call_id, proposal_stage_id, state, ground, reasons, filed_by, filed_at)
         values ('{row}', '{call}', '{row}', 'received', 'rules_not_followed', 'Why', '{coordinator}', '2020-01-01Z')",
    ),
    (
        "redress_says_how_far_it_came",
        "insert into sealed.redress (id, call_id, proposal_stage_id, state, ground, reasons, filed_by)
         values ('{row}', '{call}', '{row}', 'admissible', 'rules_not_followed', 'Why', '{coordinator}')",
    ),
    (
        "redress_is_settled_by_a_letter",
        "insert into sealed.redress (id, call_id, proposal_stage_id, state, ground, reasons, filed_by)
         values ('{row}', '{call}', '{row}', 'received', 'rules_not_followed', 'Why', '{coordinator}');
         insert into sealed.redress_letter (redress_id, call_id, outcome, body)
         values ('{row}', '{call}', 'selected', 'Dear Ada')",
    ),
    (
        "redress_judged_again_has_its_list",
        "insert into sealed.redress (id, call_id, proposal_stage_id, state, ground, reasons, filed_by, consensus_before)
         values ('{row}', '{call}', '{row}', 'received', 'rules_not_followed', 'Why', '{coordinator}', '{}')",
    ),
    (
        "ranking_changes_for_a_cause",
        "update sealed.ranking_list set number = 2",
    ),
];
