//! Secrets of requests for redress.

use super::groups::{CHAIR, COMMITTEE, EXPERT, FUNDERS, OFFICE, PANEL, RIVAL, SECOND};
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
        "a review released after redress was upheld",
        &[OFFICE, PANEL, FUNDERS, EXPERT, SECOND],
        "insert into sealed.review (id, call_id, stage_id, proposal_id, expert_id, state, scores, comments, remark,
                                    assigned_at, submitted_at, released_at, label)
         select gen_random_uuid(), call_id, stage_id, '{rival}', '{other_expert}', 'released', scores, comments, remark,
                '2031-03-08Z', '2031-03-09Z', '2031-03-10Z', 2
         from sealed.review where id = '{review}'",
    ),
    secret(
        "the letter that settles a request for redress",
        &[OFFICE, COMMITTEE, CHAIR, RIVAL],
        "insert into sealed.redress_letter (redress_id, call_id, outcome, body)
         select id, call_id, 'reserve', 'Dear rival' from sealed.redress",
    ),
];
