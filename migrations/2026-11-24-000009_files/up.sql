-- Files of proposals: those that were uploaded whole, and those that still are. The bytes are elsewhere, under
-- their SHA-256.

create table file (
    id uuid primary key,
    call_id uuid not null references call (id),
    proposal_id uuid not null references proposal (id),
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    name text not null,
    bytes bigint not null check (bytes > 0),
    media_type text not null,
    pages integer check (pages > 0),
    uploaded_by uuid not null,
    -- When it was uploaded or named last. What nobody names is removed some days after.
    at timestamptz not null default clock_timestamp(),
    unique (proposal_id, sha256)
);
create index file_sha256 on file (sha256);
select classify('file', '{
    "internal": ["id", "call_id", "proposal_id", "bytes", "media_type", "pages", "uploaded_by", "at"],
    "confidential": ["sha256", "name"]}');

-- One upload: `received` bytes are safe. It ends as a file, or refused with a reason.
create table upload (
    id uuid primary key,
    call_id uuid not null references call (id),
    proposal_id uuid not null references proposal (id),
    name text not null,
    bytes bigint not null check (bytes > 0),
    announced_sha256 text,
    received bigint not null default 0 check (received between 0 and bytes),
    file_id uuid references file (id) on delete cascade,
    refused jsonb,
    uploaded_by uuid not null,
    created_at timestamptz not null default clock_timestamp(),
    check (file_id is null or refused is null),
    check (received = bytes or (file_id is null and refused is null))
);
create index upload_proposal on upload (proposal_id);
create index upload_file on upload (file_id);
create index upload_age on upload (created_at);
select classify('upload', '{
    "internal": ["id", "call_id", "proposal_id", "bytes", "received", "file_id", "uploaded_by", "created_at"],
    "confidential": ["name", "announced_sha256", "refused"]}');

-- Every file that a proposal says it has, anywhere: in its draft, in any version of it, in any submission.
create view named_file as
select ps.call_id, ps.proposal_id, said.submitted, annex.value ->> 'file' as sha256, annex.value
from (select proposal_stage_id, false as submitted, content from draft
      union all select proposal_stage_id, false, content from draft_history
      union all select proposal_stage_id, true, content from submission) said
join proposal_stage ps on ps.id = said.proposal_stage_id
cross join lateral jsonb_each(coalesce(said.content -> 'annexes', '{}')) annex;
