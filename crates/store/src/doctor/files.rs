//! Files of proposals. Whether the bytes are what was uploaded, the service looks at.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "named_files_are_there",
        "every file that a draft, a version of it or a submission names was uploaded to that proposal, and is as \
         long as it says",
        "select n.proposal_id from named_file n
         left join file f on f.proposal_id = n.proposal_id and f.sha256 = n.sha256
         where f.id is null or f.bytes::text is distinct from n.value ->> 'bytes'
            or f.media_type is distinct from n.value ->> 'media_type'
            or f.pages::text is distinct from n.value ->> 'pages'",
    ),
    rule(
        "file_says_its_call",
        "a file, and an upload, names the call of its proposal",
        "select x.id from (select id, call_id, proposal_id from file union all select id, call_id, proposal_id from upload) x
         join proposal p on p.id = x.proposal_id where p.call_id <> x.call_id",
    ),
    rule(
        "upload_became_its_file",
        "an upload that was accepted is a file of the same proposal, with the length and the hash announced",
        "select u.id from upload u join file f on f.id = u.file_id
         where f.proposal_id <> u.proposal_id or f.bytes <> u.bytes
            or f.sha256 <> coalesce(u.announced_sha256, f.sha256)",
    ),
];
