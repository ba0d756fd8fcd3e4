//! Breaches of accounts, roles, calls, money, audit trail and outbox.

use crate::Breach;

pub const BREACHES: &[Breach] = &[
    (
        "token_ends_after_it_begins",
        "update token set expires_at = created_at",
    ),
    (
        "token_used_after_it_was_made",
        "update token set revoked_at = created_at - interval '1 second'",
    ),
    (
        "session_is_no_link",
        "update token set used_at = clock_timestamp()",
    ),
    (
        "bearer_token_has_scopes",
        "update token set kind = 'bearer'",
    ),
    (
        "desk_is_of_an_expert",
        "update token set desk_call_id = '{row}' where kind = 'session'",
    ),
    (
        "session_of_confirmed_address",
        "update account set email_confirmed_at = null",
    ),
    (
        "account_orcid_is_written_out",
        "update account set orcid = 'https://orcid.org/0000-0002-1825-0097'",
    ),
    (
        "organisation_ror_is_written_out",
        "update organisation set ror = 'https://ror.org/03yrm5c26' where key = (select min(key) from organisation)",
    ),
    (
        "second_factor_has_secret",
        "update account set totp_confirmed_at = clock_timestamp()",
    ),
    (
        "recovery_code_needs_second_factor",
        "insert into recovery_code (account_id, hash) values ('{coordinator}', 'x')",
    ),
    (
        "doer_is_an_account",
        "update submission set submitted_by = '{call}'",
    ),
    (
        "role_is_of_a_known_call",
        "update role_grant set call_id = '{row}' where call_id is not null",
    ),
    (
        "role_is_of_a_known_organisation",
        "update role_grant set organisation_id = '{row}' where organisation_id is not null",
    ),
    (
        "role_speaks_for_a_funder_of_the_call",
        "update participation set organisation_id = gen_random_uuid()",
    ),
    (
        "role_ends_after_it_was_granted",
        "update role_grant set ended_at = granted_at - interval '1 second'",
    ),
    ("role_is_known", "update role_grant set role = 'king'"),
    (
        "role_has_its_reach",
        "update role_grant set organisation_id = null",
    ),
    (
        "invitation_ends_after_it_begins",
        "update invitation set expires_at = created_at",
    ),
    (
        "accepted_invitation_names_who",
        "update invitation set accepted_by = null",
    ),
    (
        "invitation_is_accepted_or_taken_back",
        "update invitation set revoked_at = clock_timestamp()",
    ),
    (
        "accepted_invitation_gave_the_role",
        "update invitation set role = 'panel_chair'",
    ),
    (
        "handed_over_role_ended",
        "update invitation set hands_over = (select id from role_grant limit 1)",
    ),
    ("call_state_is_known", "update call set state = 'somewhere'"),
    (
        "stage_state_is_known",
        "update stage set state = 'somewhere'",
    ),
    (
        "call_has_the_stages_of_its_rules",
        "update stage set kind = 'full_proposal'",
    ),
    (
        "deadlines_follow_each_other",
        "update stage set deadline_at = '2098-01-01Z' where number = 1",
    ),
    (
        "stage_moves_in_a_published_call",
        "update call set state = 'draft'",
    ),
    (
        "stage_waits_for_the_one_before",
        "update stage set state = 'planned' where number = 1",
    ),
    (
        "call_knows_when_it_opened",
        "update call set opened_at = null",
    ),
    (
        "cancelled_call_says_why",
        "update call set cancelled_because = 'No money'",
    ),
    (
        "call_is_evaluated_after_its_first_deadline",
        "update call set state = 'open'",
    ),
    (
        "call_grants_when_the_last_letters_are_out",
        "update call set state = 'selected'",
    ),
    (
        "call_versions_have_no_gaps",
        "update call_version set number = number + 1",
    ),
    ("published_call_has_a_version", "delete from call_version"),
    (
        "last_version_is_what_holds",
        "update call set title = 'Another'",
    ),
    (
        "call_documents_have_no_gaps",
        "insert into call_document (id, call_id, key, number, kind, title, media_type, size, sha256, content)
         values ('{row}', '{call}', 'form', 2, 'form', 'Form', 'text/plain', 1, 'x', 'x')",
    ),
    (
        "call_document_is_what_its_hash_says",
        "insert into call_document (id, call_id, key, number, kind, title, media_type, size, sha256, content)
         values ('{row}', '{call}', 'form', 1, 'form', 'Form', 'text/plain', 1, 'x', 'x')",
    ),
    (
        "last_version_lists_the_documents",
        "insert into call_document (id, call_id, key, number, kind, title, media_type, size, sha256, content)
         values ('{row}', '{call}', 'form', 1, 'form', 'Form', 'text/plain', 1, encode(sha256('x'), 'hex'), 'x')",
    ),
    (
        "document_kind_is_known",
        "insert into call_document (id, call_id, key, number, kind, title, media_type, size, sha256, content)
         values ('{row}', '{call}', 'form', 1, 'poem', 'Form', 'text/plain', 1, 'x', 'x')",
    ),
    (
        "answers_are_counted",
        "insert into question (id, call_id, asked, answers) values ('{row}', '{call}', '?', 1)",
    ),
    (
        "declined_request_says_why",
        "insert into join_request (id, call_id, organisation_id, remark, declined_because) values ('{row}', '{call}', '{row}', '', '')",
    ),
    (
        "shares_make_a_whole",
        "update call_action_item set share = 9999",
    ),
    ("approved_call_is_mapped", "delete from call_action_item"),
    (
        "action_items_stand_in_order",
        "update action_item set position = 1",
    ),
    (
        "commitment_is_the_last_pledge",
        "update participation set commitment = commitment + 1",
    ),
    ("pledges_without_gap", "update commitment set number = 2"),
    (
        "pledge_is_to_the_same_call",
        "update commitment set call_id = '{row}'",
    ),
    (
        "decided_is_what_final_lines_say",
        "update participation set decided = decided - 1 where decided > 0",
    ),
    (
        "decided_within_commitment",
        "update commitment set amount = 0",
    ),
    (
        "audit_chain_is_the_calls",
        "update audit set chain = '{row}'",
    ),
    (
        "audit_is_of_a_known_call",
        "update audit set call_id = '{row}'",
    ),
    (
        "audit_digest_fits",
        "update audit set worn = 'observer' where action = 'confirm_selection'",
    ),
    (
        "audit_positions_without_gap",
        "delete from audit_link where seq = 3",
    ),
    (
        "audit_link_follows",
        "update audit_link set hash = sha256(hash) where seq = 4",
    ),
    (
        "audit_link_is_in_its_chain",
        "update audit_link set chain = '{row}' where seq = 5 and chain = '{call}'",
    ),
    (
        "audit_head_is_a_link",
        "update audit_head set hash = sha256(hash)",
    ),
    ("audit_links_are_signed_for", "delete from audit_head"),
    (
        "audit_is_of_the_past",
        "update audit set at = clock_timestamp() + interval '1 hour'",
    ),
    (
        "notice_can_be_done_without",
        "insert into notice_off (account_id, kind) values ('{coordinator}', 'last_reminder')",
    ),
    ("mail_is_sent_or_not", "update outbox set sent_at = null"),
    (
        "sent_mail_keeps_no_secret",
        "update outbox set context = '{\"link\": \"x\"}'",
    ),
    (
        "dead_mail_says_why",
        "update outbox set state = 'dead', sent_at = null",
    ),
    (
        "mail_counts_its_attempts",
        "update outbox set attempts = -1",
    ),
    (
        "mail_has_an_address",
        "update outbox set recipient = 'nobody'",
    ),
    (
        "mail_is_about_a_known_call",
        "update outbox set call_id = '{row}'",
    ),
];
