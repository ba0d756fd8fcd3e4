-- Experts, their conflicts of interest, reviews, consensus and ranking lists: all confidential, all in
-- the schema that one module of the store reads.

create table sealed.expert (
    id uuid primary key,
    call_id uuid not null references call (id),
    account_id uuid references account (id),
    email text not null,
    name text not null,
    organisation text not null,
    ror text,
    orcid text,
    country text,
    keywords text[] not null default '{}',
    state text not null,
    role text not null,
    max_load integer not null check (max_load between 0 and 100),
    nominated_by uuid references participation (id),
    declined_because text,
    declared_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default clock_timestamp()
);
create unique index expert_once on sealed.expert (call_id, lower(email));
create index expert_account on sealed.expert (account_id);
select classify('sealed.expert', '{
    "internal": ["id", "call_id", "created_at"],
    "personal": ["account_id", "email", "name", "organisation", "ror", "orcid", "country"],
    "confidential": ["keywords", "state", "role", "max_load", "nominated_by", "declined_because",
                     "declared_at", "version"]}');

create table sealed.conflict (
    id uuid primary key,
    call_id uuid not null references call (id),
    expert_id uuid not null references sealed.expert (id),
    proposal_id uuid not null references proposal (id),
    kind text not null,
    certain boolean not null,
    evidence text not null,
    source text not null check (source in ('declared', 'detected', 'secretariat')),
    standing boolean not null,
    judged_because text,
    version integer not null default 1,
    found_at timestamptz not null default clock_timestamp(),
    unique (expert_id, proposal_id, kind)
);
create index conflict_proposal on sealed.conflict (proposal_id);
select classify('sealed.conflict', '{
    "internal": ["id", "call_id"],
    "confidential": ["expert_id", "proposal_id", "kind", "certain", "evidence", "source", "standing",
                     "judged_because", "version", "found_at"]}');

create table sealed.review (
    id uuid primary key,
    call_id uuid not null references call (id),
    stage_id uuid not null references stage (id),
    proposal_id uuid not null references proposal (id),
    expert_id uuid not null references sealed.expert (id),
    state text not null,
    affinity integer not null default 0,
    scores jsonb not null default '{}',
    comments jsonb not null default '{}',
    remark text not null default '',
    returned_because text,
    version integer not null default 1,
    assigned_at timestamptz not null default clock_timestamp(),
    submitted_at timestamptz,
    released_at timestamptz,
    unique (stage_id, proposal_id, expert_id)
);
create index review_proposal on sealed.review (proposal_id);
create index review_expert on sealed.review (expert_id);
select classify('sealed.review', '{
    "internal": ["id", "call_id"],
    "confidential": ["stage_id", "proposal_id", "expert_id", "state", "affinity", "scores", "comments",
                     "remark", "returned_because", "version", "assigned_at", "submitted_at",
                     "released_at"]}');

create table sealed.consensus (
    proposal_stage_id uuid primary key references proposal_stage (id),
    call_id uuid not null references call (id),
    scores jsonb not null,
    total integer not null,
    above_thresholds boolean not null,
    rating text not null,
    comment text not null,
    recorded_by uuid not null,
    recorded_at timestamptz not null default clock_timestamp(),
    version integer not null default 1
);
select classify('sealed.consensus', '{
    "internal": ["proposal_stage_id", "call_id"],
    "confidential": ["scores", "total", "above_thresholds", "rating", "comment", "recorded_by",
                     "recorded_at", "version"]}');

create table sealed.ranking_list (
    id uuid primary key,
    call_id uuid not null references call (id),
    stage_id uuid not null references stage (id),
    number integer not null,
    state text not null,
    entries jsonb not null,
    adopted_by uuid,
    adopted_at timestamptz,
    version integer not null default 1,
    unique (stage_id, number)
);
select classify('sealed.ranking_list', '{
    "internal": ["id", "call_id", "stage_id"],
    "confidential": ["number", "state", "entries", "adopted_by", "adopted_at", "version"]}');

-- The applicants' reply to the released reviews of a proposal, while the window is open and after it. The state is that
-- of the last deed: that the window is over follows from the clock.
create table sealed.rebuttal (
    proposal_stage_id uuid primary key references proposal_stage (id),
    call_id uuid not null references call (id),
    opens_at timestamptz not null,
    closes_at timestamptz not null,
    state text not null,
    draft jsonb not null,
    submitted jsonb,
    submitted_by uuid,
    submitted_at timestamptz,
    version integer not null default 1,
    check (opens_at < closes_at)
);
select classify('sealed.rebuttal', '{
    "internal": ["proposal_stage_id", "call_id", "opens_at", "closes_at", "submitted_by"],
    "confidential": ["state", "draft", "submitted", "submitted_at", "version"]}');

-- What is found on the ethics of a proposal at a stage, and who looks at it.
create table sealed.ethics_assessment (
    proposal_stage_id uuid primary key references proposal_stage (id),
    call_id uuid not null references call (id),
    state text not null,
    expert_id uuid references sealed.expert (id),
    conditions jsonb not null default '[]',
    comment text not null default '',
    decided_by uuid,
    decided_at timestamptz,
    version integer not null default 1
);
create index ethics_expert on sealed.ethics_assessment (expert_id);
select classify('sealed.ethics_assessment', '{
    "internal": ["proposal_stage_id", "call_id"],
    "confidential": ["state", "expert_id", "conditions", "comment", "decided_by", "decided_at", "version"]}');
