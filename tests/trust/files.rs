//! Secrets of the files of proposals.

use super::groups::{COORDINATOR, PARTNER};
use super::{Secret, secret};

/// While proposals come in.
pub const FILES: &[Secret] = &[
    secret(
        "what a file is called",
        &[COORDINATOR, PARTNER],
        "update file set name = 'other.pdf' where proposal_id = '{proposal}'",
    ),
    secret(
        "how far an upload is",
        &[COORDINATOR],
        "update upload set received = received + 1 where id = '{upload}'",
    ),
    secret(
        "a file more",
        &[],
        "insert into file select gen_random_uuid(), call_id, proposal_id, repeat('a', 64), name, bytes, media_type,
                                 pages, uploaded_by, at from file",
    ),
];
