//! Breaches of imported affinities.

use crate::Breach;

pub const BREACHES: &[Breach] = &[(
    "imported_affinity_says_its_call",
    "insert into sealed.affinity (stage_id, proposal_id, expert_id, call_id, millionths) values ('{stage}', '{proposal}', '{call}', '{row}', 1)",
)];
