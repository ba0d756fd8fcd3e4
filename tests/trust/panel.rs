//! Secrets of the panel's papers and of the observer's report.

use super::groups::{ADMINISTRATOR, CHAIR, COMMITTEE, OFFICE, PANEL};
use super::{Secret, secret};

/// While the panel meets.
pub const PAPERS: &[Secret] = &[
    secret(
        "who presents a proposal at the panel",
        &[OFFICE, PANEL],
        "insert into sealed.rapporteur (proposal_stage_id, expert_id, call_id, position, named_by)
         select '{rival_row}', id, '{call}', 2, '{@secretariat}' from sealed.expert where account_id = '{@panel_chair}'",
    ),
    secret(
        "who presents a proposal whose reviews are not there",
        &[OFFICE, CHAIR],
        "insert into sealed.rapporteur (proposal_stage_id, expert_id, call_id, position, named_by)
         select '{row}', id, '{call}', 1, '{@secretariat}' from sealed.expert where account_id = '{@panel_chair}'",
    ),
    secret(
        "when and where the panel meets",
        &[OFFICE, PANEL],
        "update sealed.panel_meeting set meets_at = '2097-06-02 08:00Z', place = 'Oslo', online = true, version = version + 1",
    ),
    secret(
        "that the panel is convened",
        &[OFFICE, PANEL],
        "delete from sealed.panel_meeting",
    ),
    secret(
        "what the panel says on a proposal",
        &[OFFICE, PANEL],
        "insert into sealed.panel_message (id, call_id, proposal_stage_id, written_by, text)
         values (gen_random_uuid(), '{call}', '{rival_row}', '{@panel_chair}', 'Not again')",
    ),
    secret(
        "what a rapporteur drafts",
        &[OFFICE, PANEL],
        "update sealed.summary_report set comments = '{\"impact\": \"Dreadful\"}', proposed = '{\"impact\": \"0.5\"}',
                version = version + 1",
    ),
    secret(
        "that the chair approved a report",
        &[OFFICE, PANEL],
        "update sealed.summary_report set state = 'approved', approved_by = '{@panel_chair}', approved_at = '2026-03-02Z'",
    ),
    secret(
        "what the observer drafts",
        &[&["observer"]],
        "update sealed.conformity_report set findings = 'A quarrel', version = version + 1",
    ),
    secret(
        "that the observer drafts",
        &[&["observer"]],
        "delete from sealed.conformity_report",
    ),
];

/// Between the decision and the letters.
pub const RESULTS: &[Secret] = &[
    secret(
        "what an evaluation summary report says",
        &[OFFICE, PANEL, COMMITTEE],
        "update sealed.summary_report set report = jsonb_set(report, '{comment}', '\"Dreadful\"')",
    ),
    secret(
        "that an evaluation summary report is there",
        &[OFFICE, PANEL, COMMITTEE],
        "delete from sealed.summary_report",
    ),
    secret(
        "what the observer reports",
        &[OFFICE, COMMITTEE, CHAIR, ADMINISTRATOR],
        "update sealed.conformity_report set findings = 'A quarrel', conclusion = 'does_not_conform'",
    ),
];
