//! Secrets of how well experts fit proposals.

use super::groups::{CHAIR, OFFICE};
use super::{Secret, secret};

/// While reviews are written.
pub const AFFINITY: &[Secret] = &[
    secret(
        "that an affinity was imported",
        &[OFFICE, CHAIR],
        "insert into sealed.affinity (stage_id, proposal_id, expert_id, call_id, millionths)
         values ('{stage}', '{proposal}', '{expert}', '{call}', 123456)",
    ),
    secret(
        "an imported affinity to the rival's proposal",
        &[OFFICE, CHAIR],
        "insert into sealed.affinity (stage_id, proposal_id, expert_id, call_id, millionths)
         values ('{stage}', '{rival}', '{other_expert}', '{call}', 1000000)",
    ),
];
