//! Submitted versions and their receipts.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "versions_without_gap",
        "submitted versions are numbered 1, 2, 3 and so on, up to the one that counts",
        "select ps.id from proposal_stage ps left join (
             select proposal_stage_id, min(number) as first, max(number) as last, count(*) as count
             from submission group by proposal_stage_id) s on s.proposal_stage_id = ps.id
         where ps.submitted <> coalesce(s.last, 0) or s.first <> 1 or s.last <> s.count",
    ),
    rule(
        "versions_follow_in_time",
        "a later version was submitted later",
        "select s.id from submission s join submission before
           on before.proposal_stage_id = s.proposal_stage_id and before.number = s.number - 1
         where s.submitted_at <= before.submitted_at",
    ),
    rule(
        "content_has_its_hash",
        "the hash of a submitted version is that of its content",
        "select id from submission
         where content_sha256 <> encode(sha256(convert_to(canonical_json(content), 'UTF8')), 'hex')",
    ),
    rule(
        "submitted_in_time",
        "every version was submitted before the deadline of its stage, or within the proposal's exception",
        "select s.id from submission s
         join proposal_stage ps on ps.id = s.proposal_stage_id join stage on stage.id = ps.stage_id
         where s.submitted_at >= greatest(stage.deadline_at, (
             select max(e.until) from deadline_exception e where e.proposal_stage_id = ps.id))",
    ),
    rule(
        "submitted_is_what_the_draft_says",
        "a proposal that is submitted, and not edited since, is submitted as its draft stands",
        "select ps.id from proposal_stage ps join draft d on d.proposal_stage_id = ps.id
         join submission s on s.proposal_stage_id = ps.id and s.number = ps.submitted
         where ps.state = 'submitted' and d.content <> s.content",
    ),
    rule(
        "receipt_says_what_was_submitted",
        "a receipt names the call, proposal, stage, version, hash and time of its submission",
        "select s.id from submission s
         join proposal_stage ps on ps.id = s.proposal_stage_id join stage on stage.id = ps.stage_id
         join call c on c.id = s.call_id
         where s.receipt is not null and (s.receipt -> 'receipt' ->> 'call', s.receipt -> 'receipt' ->> 'proposal',
                s.receipt -> 'receipt' ->> 'stage', s.receipt -> 'receipt' ->> 'version',
                s.receipt -> 'receipt' ->> 'content_sha256',
                (s.receipt -> 'receipt' ->> 'submitted_at')::timestamptz)
               is distinct from
               (c.code, ps.proposal_id::text, stage.kind, s.number::text, s.content_sha256, s.submitted_at)",
    ),
    rule(
        "receipt_has_its_audit_entry",
        "the digest on a receipt is that of the audit entry of the same submission",
        "select s.id from submission s join proposal_stage ps on ps.id = s.proposal_stage_id
         left join audit a on encode(a.digest, 'hex') = s.receipt -> 'receipt' ->> 'audit_digest'
         where s.receipt is not null and (a.id is null or a.action <> 'submit_proposal' or a.object_id <> ps.proposal_id
            or a.detail ->> 'content_sha256' is distinct from s.content_sha256
            or a.account_id is distinct from s.submitted_by)",
    ),
    rule(
        "receipt_is_signed",
        "every receipt carries a signature of 64 bytes and the name of a key",
        "select id from submission
         where receipt is not null and (coalesce(receipt ->> 'signature', '') !~ '^[0-9a-f]{128}$'
            or coalesce(receipt -> 'receipt' ->> 'key_id', '') !~ '^[0-9a-f]{16}$')",
    ),
    rule(
        "only_what_came_in_has_no_receipt",
        "every version has its receipt, but the first one of a proposal that was submitted elsewhere",
        "select s.id from submission s join proposal_stage ps on ps.id = s.proposal_stage_id
         where (s.receipt is null) <> (ps.imported_as is not null and s.number = 1)",
    ),
    rule(
        "what_came_in_is_audited",
        "of a proposal that was submitted elsewhere it is on record who brought it in, and as what",
        "select ps.id from proposal_stage ps
         where ps.imported_as is not null and not exists (
             select from audit a join submission s on s.proposal_stage_id = ps.id and s.number = 1
             where a.action = 'import_proposals' and a.object_id = ps.proposal_id
               and a.account_id = s.submitted_by and a.detail ->> 'content_sha256' = s.content_sha256
               and a.detail ->> 'imported_as' = ps.imported_as)",
    ),
];
