//! Breaches of proposals, submissions and eligibility.

use crate::Breach;

pub const BREACHES: &[Breach] = &[
    (
        "proposal_state_is_known",
        "update proposal_stage set state = 'somewhere'",
    ),
    (
        "proposals_are_numbered_without_gap",
        "update call set proposals_numbered = 12",
    ),
    (
        "content_says_its_call",
        "update partner set call_id = '{row}'",
    ),
    (
        "only_an_open_stage_is_written_for",
        "update proposal_stage set state = 'submitted'",
    ),
    (
        "nothing_is_locked_before_the_deadline",
        "update stage set state = 'open' where number = 2",
    ),
    (
        "what_counts_was_submitted",
        "update proposal_stage set submitted = 0",
    ),
    (
        "what_lapsed_was_never_submitted",
        "update proposal_stage set state = 'lapsed'",
    ),
    (
        "only_what_came_in_has_no_receipt",
        "update submission set receipt = null",
    ),
    (
        "what_came_in_is_audited",
        "update proposal_stage set imported_as = 'ELSEWHERE-' || id",
    ),
    (
        "withdrawn_says_why",
        "update proposal_stage set state = 'withdrawn'",
    ),
    (
        "full_proposal_was_invited",
        "insert into proposal_stage (id, call_id, proposal_id, stage_id, state) select '{call}', call_id, '{proposal}', id, 'lapsed' from stage where number = 1",
    ),
    (
        "confirmation_reminder_says_its_call",
        "insert into confirmation_reminder (proposal_stage_id, partner_id, call_id, hours, deadline_at)
         values ('{row}', '{row}', '{row}', 24, '2026-01-01Z')",
    ),
    (
        "consortium_says_its_call",
        "update partner_member set call_id = '{row}'",
    ),
    (
        "member_followed_its_invitation",
        "update partner_member set account_id = '{row}'",
    ),
    (
        "claimed_invitation_has_its_member",
        "delete from partner_member",
    ),
    (
        "no_invitation_to_a_taken_part",
        "insert into partner_invitation select '{call}', call_id, proposal_id, partner_id, email, '\\x03', invited_by, created_at, expires_at from partner_invitation",
    ),
    (
        "coordinator_is_no_member",
        "update partner_member set account_id = '{coordinator}'",
    ),
    (
        "member_is_of_the_draft",
        "update draft set content = content - 'partners'",
    ),
    (
        "confirmation_is_a_members",
        "update partner_member set confirmed_at = joined_at - interval '1 day'",
    ),
    (
        "draft_is_its_last_saved_version",
        "update draft set content = '{}'",
    ),
    (
        "saved_versions_without_gap",
        "update draft_history set version = 2",
    ),
    (
        "named_files_are_there",
        "update submission set content = jsonb_set(content, '{annexes}', '{\"cv\": {\"file\": \"ab\"}}') where proposal_stage_id = '{row}'",
    ),
    (
        "file_says_its_call",
        "insert into file (id, call_id, proposal_id, sha256, name, bytes, media_type, uploaded_by)
         values ('{row}', '{row}', '{proposal}', repeat('a', 64), 'a.pdf', 9, 'application/pdf', '{coordinator}')",
    ),
    (
        "upload_became_its_file",
        "insert into file (id, call_id, proposal_id, sha256, name, bytes, media_type, uploaded_by)
         values ('{row}', '{call}', '{proposal}', repeat('a', 64), 'a.pdf', 9, 'application/pdf', '{coordinator}');
         insert into upload (id, call_id, proposal_id, name, bytes, received, file_id, uploaded_by)
         values ('{row}', '{call}', '{proposal}', 'a.pdf', 8, 8, '{row}', '{coordinator}')",
    ),
    ("versions_without_gap", "update submission set number = 2"),
    (
        "versions_follow_in_time",
        "insert into submission select '{call}', call_id, proposal_stage_id, 2, content, content_sha256, submitted_by, submitted_at, receipt from submission where proposal_stage_id = '{row}'",
    ),
    (
        "content_has_its_hash",
        "update submission set content = content || '{\"title\": \"Another\"}'",
    ),
    (
        "submitted_in_time",
        "update submission set submitted_at = '2099-01-01Z'",
    ),
    (
        "submitted_is_what_the_draft_says",
        "update proposal_stage set state = 'submitted'; update draft set content = '{}'",
    ),
    (
        "receipt_says_what_was_submitted",
        "update submission set receipt = jsonb_set(receipt, '{receipt,version}', '2')",
    ),
    (
        "receipt_has_its_audit_entry",
        "update audit set action = 'edit_proposal' where action = 'submit_proposal'",
    ),
    (
        "receipt_is_signed",
        "update submission set receipt = receipt - 'signature'",
    ),
    (
        "exceptions_have_no_gaps",
        "insert into deadline_exception (id, call_id, proposal_stage_id, number, deadline_at, until, reason, given_by, given_at)
         values ('{row}', '{call}', '{row}', 2, '2026-01-01Z', '2026-01-03Z', 'A flood', '{coordinator}', '2026-01-02Z')",
    ),
    (
        "exception_is_given_before_it_ends",
        "insert into deadline_exception (id, call_id, proposal_stage_id, number, deadline_at, until, reason, given_by, given_at)
         values ('{row}', '{call}', '{row}', 1, '2026-01-01Z', '2026-01-03Z', 'A flood', '{coordinator}', '2026-01-04Z')",
    ),
    (
        "what_is_closed_has_no_exception_running",
        "insert into deadline_exception (id, call_id, proposal_stage_id, number, deadline_at, until, reason, given_by, given_at)
         values ('{row}', '{call}', '{row}', 1, '2026-01-01Z', '2099-01-03Z', 'A flood', '{coordinator}', '2026-01-02Z')",
    ),
    (
        "evaluation_waits_for_exceptions",
        "update proposal_stage set state = 'submitted' where id = '{row}';
         insert into deadline_exception (id, call_id, proposal_stage_id, number, deadline_at, until, reason, given_by, given_at)
         values ('{row}', '{call}', '{row}', 1, '2026-01-01Z', '2099-01-03Z', 'A flood', '{coordinator}', '2026-01-02Z')",
    ),
    (
        "partners_are_those_submitted",
        "delete from partner where position = 1",
    ),
    (
        "partner_asks_what_it_submitted",
        "update partner set requested = requested + 1",
    ),
    ("partner_has_a_verdict_row", "delete from eligibility"),
    (
        "partner_asks_a_funder_of_the_call",
        "update participation set call_id = '{row}'",
    ),
    (
        "verdict_is_known",
        "update eligibility set state = 'perhaps'",
    ),
    (
        "verdict_has_a_judge",
        "update eligibility set judged_by = null",
    ),
    (
        "fundable_at_most_what_was_asked",
        "update eligibility set fundable = fundable * 2",
    ),
    (
        "ineligible_names_the_rule",
        "update eligibility set state = 'ineligible', fundable = null",
    ),
    (
        "only_what_is_locked_has_an_outcome",
        "update proposal_stage set state = 'lapsed'",
    ),
    ("outcome_rests_on_all_verdicts", "delete from formal_check"),
    (
        "ineligible_goes_no_further",
        "update formal_check set verdict = 'ineligible'",
    ),
    (
        "invited_with_the_conditions_on_record",
        "insert into sealed.invitation_condition (id, call_id, proposal_stage_id, number, demand, text, until)
         values ('{row}', '{call}', '{row}', 1, '{\"kind\": \"other\", \"text\": \"x\"}', 'x', '2099-01-01Z')",
    ),
    (
        "demand_is_known",
        "insert into sealed.invitation_condition (id, call_id, proposal_stage_id, number, demand, text, until)
         values ('{row}', '{call}', '{row}', 1, '{\"kind\": \"perhaps\"}', 'x', '2099-01-01Z')",
    ),
    (
        "condition_of_an_invitation_is_said",
        "update sealed.outcome set state = 'invited_with_conditions'",
    ),
];
