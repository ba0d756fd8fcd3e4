//! Breaches of the panel's papers and of the observer's report.

use crate::Breach;

pub const BREACHES: &[Breach] = &[
    (
        "papers_of_the_panel_say_their_call",
        "insert into sealed.rapporteur (proposal_stage_id, expert_id, call_id, position, named_by)
         values ('{row}', '{call}', '{row}', 1, '{coordinator}')",
    ),
    (
        "panel_meets_when_convened",
        "update stage set state = 'panel' where id = '{stage}'",
    ),
    (
        "rapporteur_sits_on_the_panel",
        "update stage set state = 'reviewing' where id = '{stage}';
         insert into sealed.rapporteur (proposal_stage_id, expert_id, call_id, position, named_by)
         values ('{row}', '{call}', '{call}', 1, '{coordinator}')",
    ),
    (
        "seat_ends_with_its_role",
        "update sealed.expert set role = 'chair';
         insert into role_grant (id, account_id, call_id, role, ended_at)
         select id, account_id, call_id, 'panel_chair', clock_timestamp() from sealed.expert",
    ),
    (
        "summary_is_as_its_state_says",
        "insert into sealed.summary_report (proposal_stage_id, call_id, state, written_by)
         values ('{row}', '{call}', 'approved', '{coordinator}')",
    ),
    (
        "summaries_are_frozen_with_the_ranking",
        "insert into sealed.summary_report (proposal_stage_id, call_id, state, written_by)
         values ('{row}', '{call}', 'draft', '{coordinator}')",
    ),
    (
        "summary_says_what_the_panel_agreed",
        "insert into sealed.summary_report (proposal_stage_id, call_id, state, written_by, approved_by, approved_at, report, frozen_at)
         values ('{row}', '{call}', 'frozen', '{coordinator}', '{coordinator}', '2026-03-02Z', '{\"total\": \"1.0\"}', '2026-03-02Z')",
    ),
    (
        "summary_state_is_known",
        "insert into sealed.summary_report (proposal_stage_id, call_id, state, written_by)
         values ('{row}', '{call}', 'perhaps', '{coordinator}')",
    ),
    (
        "conformity_report_is_as_its_state_says",
        "insert into sealed.conformity_report (stage_id, call_id, state, written_by)
         values ('{stage}', '{call}', 'filed', '{coordinator}')",
    ),
    (
        "conformity_report_is_on_the_audit_trail",
        "insert into sealed.conformity_report (stage_id, call_id, state, conclusion, findings, written_by, filed_by, filed_at, sha256)
         values ('{stage}', '{call}', 'filed', 'conforms', 'Fair.', '{coordinator}', '{coordinator}', '2026-03-03Z', 'ab')",
    ),
    (
        "conformity_state_is_known",
        "insert into sealed.conformity_report (stage_id, call_id, state, written_by)
         values ('{stage}', '{call}', 'perhaps', '{coordinator}')",
    ),
    (
        "conclusion_is_known",
        "insert into sealed.conformity_report (stage_id, call_id, state, conclusion, written_by)
         values ('{stage}', '{call}', 'draft', 'perhaps', '{coordinator}')",
    ),
];
