//! Secrets of the checks of eligibility: what is asked, noted and received beside the verdicts.

use super::groups::{COMMITTEE, COORDINATOR, EXPERTS, FUNDERS, OFFICE, OWN_FUNDER, PANEL};
use super::{Secret, secret};

/// While reviews are written, and eligibility is still asked about.
pub const CHECKING: &[Secret] = &[
    secret(
        "what an applicant is asked",
        &[OFFICE, FUNDERS, COORDINATOR],
        "update query set question = 'Who pays her?', answer_by = answer_by + interval '1 day' where proposal_stage_id = '{row}'",
    ),
    secret(
        "what an applicant answers",
        &[OFFICE, FUNDERS, COORDINATOR],
        "update query set state = 'answered', answer = 'We do', settled_at = clock_timestamp() where proposal_stage_id = '{row}'",
    ),
    secret(
        "why a question was closed",
        &[OFFICE, FUNDERS, COORDINATOR],
        "update query set state = 'closed', closed_because = 'Too late', settled_at = clock_timestamp() where proposal_stage_id = '{row}'",
    ),
    secret(
        "a funder's note on its applicant",
        &[OWN_FUNDER],
        "insert into sealed.note (proposal_stage_id, partner_id, organisation_id, call_id, text, written_by)
         select '{row}', p.partner_id, t.organisation_id, p.call_id, 'Not again', '{@contact_person}'
         from partner p join participation t on t.id = p.participation_id
         where p.proposal_stage_id = '{row}' and p.position = 0",
    ),
    secret(
        "that a national document came",
        &[OFFICE, FUNDERS],
        "insert into received_document (proposal_stage_id, partner_id, title, call_id, received_on, note, recorded_by)
         select '{row}', partner_id, 'National form', call_id, '2026-03-01', 'Unsigned', '{@contact_person}'
         from partner where proposal_stage_id = '{row}' and position = 0",
    ),
    secret(
        "that a partner was replaced, by whom and why",
        &[OFFICE, FUNDERS, PANEL, EXPERTS, COORDINATOR],
        "insert into consortium_change (id, call_id, proposal_stage_id, number, kind, partner_id, becomes, reason, recorded_by)
         select gen_random_uuid(), '{call}', '{row}', 1, 'replace', (content #>> '{partners,1,id}')::uuid,
                jsonb_set(content #> '{partners,1}', '{organisation}', '\"Newcomer\"'), 'It merged', '{@secretariat}'
         from submission where proposal_stage_id = '{row}'",
    ),
    secret(
        "a condition of an invitation, before the letters",
        &[OFFICE, FUNDERS],
        "insert into sealed.invitation_condition (id, call_id, proposal_stage_id, number, demand, text, until, met_because, met_by, met_at)
         values (gen_random_uuid(), '{call}', '{row}', 1, '{\"kind\": \"other\", \"text\": \"Name who leads\"}', 'Name who leads',
                 '2097-01-01Z', 'A letter', '{@secretariat}', '2026-01-01Z');
         insert into sealed.outcome (proposal_stage_id, call_id, state) values ('{row}', '{call}', 'eligible') on conflict do nothing",
    ),
    secret(
        "a request for an exception",
        &[OFFICE, COMMITTEE, COORDINATOR],
        "insert into waiver (id, call_id, proposal_stage_id, rule, reasons, asked_by, state, decided_because, decided_by, decided_at)
         values (gen_random_uuid(), '{call}', '{row}', 'partner_added', 'She moved', '{@coordinator}', 'granted', 'Nobody against',
                 '{@csc_chair}', '2026-01-01Z')",
    ),
    secret(
        "what the committee says of a request for an exception",
        &[OFFICE, COMMITTEE],
        "update waiver set comment = 'As in 2024' where proposal_stage_id = '{rival_row}';
         insert into sealed.waiver_stand (waiver_id, organisation_id, call_id, stand, remark, stated_by)
         select w.id, o.id, w.call_id, 'against', 'Too late', '{@csc_chair}' from waiver w, organisation o
         where w.proposal_stage_id = '{rival_row}' and o.key = '{funder}'",
    ),
];
