//! Mails that wait, were sent, or were given up.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "mail_is_sent_or_not",
        "a mail that was sent says when, and no other does",
        "select id from outbox where (state = 'sent') <> (sent_at is not null)",
    ),
    rule(
        "sent_mail_keeps_no_secret",
        "the variables of a mail, which may hold a one-time link, are forgotten when it is sent or left out",
        "select id from outbox where state in ('sent', 'unwanted') and context <> '{}'",
    ),
    rule(
        "dead_mail_says_why",
        "a mail that was given up was tried and says what went wrong",
        "select id from outbox where state = 'dead' and (attempts = 0 or coalesce(last_error, '') = '')",
    ),
    rule(
        "mail_counts_its_attempts",
        "a mail was tried as often as it says",
        "select id from outbox where attempts < 0 or (state = 'sent' and attempts = 0)
            or (state = 'queued' and (attempts = 0) <> (last_error is null))",
    ),
    rule(
        "mail_has_an_address",
        "every mail goes to an e-mail address",
        "select id from outbox where recipient !~ '^[^@[:space:]]+@[^@[:space:]]+$'",
    ),
    rule(
        "mail_is_about_a_known_call",
        "a mail names a call that exists",
        "select id from outbox where call_id is not null and call_id not in (select id from call)",
    ),
];
