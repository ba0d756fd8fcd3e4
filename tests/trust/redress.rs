//! Secrets of requests for redress.

use super::groups::{CHAIR, COMMITTEE, OFFICE, RIVAL};
use super::{Secret, secret};

/// While a request of the rival is upheld, and nothing of what comes of it is told.
pub const REDRESS: &[Secret] = &[
    secret(
        "why redress is asked for",
        &[OFFICE, COMMITTEE, CHAIR, RIVAL],
        "update sealed.redress set reasons = 'No review at all', ground = 'other_criteria', version = version + 1",
    ),
    secret(
        "that redress is asked for",
        &[OFFICE, COMMITTEE, CHAIR, RIVAL],
        "delete from sealed.redress",
    ),
    secret(
        "why redress was granted",
        &[OFFICE, COMMITTEE, CHAIR, RIVAL],
        "update sealed.redress set decided_because = 'A quarrel', version = version + 1",
    ),
    secret(
        "what the observer found on a request for redress",
        &[OFFICE, COMMITTEE, CHAIR],
        "update sealed.redress set finding = 'Her friend wrote it', followed = true, version = version + 1",
    ),
    secret(
        "that a proposal was judged again",
        &[OFFICE, COMMITTEE, CHAIR],
        "update sealed.redress set state = 'reevaluated', consensus_before = '{}', version = version + 1",
    ),
    secret(
        "the letter that settles a request for redress",
        &[OFFICE, COMMITTEE, CHAIR, RIVAL],
        "insert into sealed.redress_letter (redress_id, call_id, outcome, body)
         select id, call_id, 'reserve', 'Dear rival' from sealed.redress",
    ),
];
