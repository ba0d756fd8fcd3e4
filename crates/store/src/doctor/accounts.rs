//! Accounts and what they log in with.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "token_ends_after_it_begins",
        "every session, bearer token and link runs out some time after it was made",
        "select id from token where expires_at <= created_at",
    ),
    rule(
        "token_used_after_it_was_made",
        "no token was used or taken back before it was made",
        "select id from token where used_at < created_at or revoked_at < created_at",
    ),
    rule(
        "session_is_no_link",
        "sessions and bearer tokens are used until they end; only links are used up",
        "select id from token where kind in ('session', 'bearer') and used_at is not null",
    ),
    rule(
        "bearer_token_has_scopes",
        "a bearer token says what it may do, and nothing else has scopes",
        "select id from token where (kind = 'bearer') <> (cardinality(scopes) > 0)",
    ),
    rule(
        "session_of_confirmed_address",
        "only who has confirmed an e-mail address has a session",
        "select t.id from token t join account a on a.id = t.account_id
         where t.kind = 'session' and a.email_confirmed_at is null",
    ),
    rule(
        "desk_is_of_an_expert",
        "a session or link to an expert's desk is of an expert who was invited to evaluate in that call",
        "select t.id from token t where t.desk_call_id is not null and not exists (
             select from sealed.expert e where e.account_id = t.account_id and e.call_id = t.desk_call_id
               and e.state not in ('nominated', 'approved'))",
    ),
    rule(
        "account_orcid_is_written_out",
        "the ORCID iD of an account is one, without the address that may stand before it",
        "select id from account where orcid !~ '^([0-9]{4}-){3}[0-9]{3}[0-9X]$'",
    ),
    rule(
        "second_factor_has_secret",
        "a confirmed second factor has its secret",
        "select id from account where totp_confirmed_at is not null and totp_secret is null",
    ),
    rule(
        "recovery_code_needs_second_factor",
        "recovery codes belong to accounts with a second factor",
        "select r.account_id from recovery_code r join account a on a.id = r.account_id
         where a.totp_secret is null",
    ),
    rule(
        "doer_is_an_account",
        "whoever is on record as having done something has an account",
        "select doer from (
             select account_id as doer from audit
             union select granted_by from role_grant
             union select invited_by from invitation
             union select invited_by from partner_invitation
             union select pledged_by from commitment
             union select saved_by from draft_history
             union select submitted_by from submission
             union select given_by from deadline_exception
             union select checked_by from formal_check
             union select judged_by from eligibility
             union select recorded_by from sealed.consensus
             union select convened_by from sealed.panel_meeting
             union select adopted_by from sealed.ranking_list
             union select proposed_by from sealed.selection
             union select adopted_by from sealed.selection
             union select confirmed_by from sealed.selection
             union select answered_by from sealed.selection_line
         ) doers
         where doer is not null and doer not in (select id from account)",
    ),
];
