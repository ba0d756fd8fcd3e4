-- What the checks of eligibility ask for and lead to: questions to applicants, national documents, a funder's
-- notes.

-- A funder's question to its own applicant, or the secretariat's to one that brings its own means.
create table query (
    id uuid primary key,
    call_id uuid not null references call (id),
    proposal_stage_id uuid not null references proposal_stage (id),
    partner_row_id uuid not null references partner (id),
    question text not null,
    answer_by timestamptz not null,
    asked_by uuid not null,
    asked_at timestamptz not null default clock_timestamp(),
    state text not null default 'waiting',
    answer text,
    closed_because text,
    settled_by uuid,
    settled_at timestamptz,
    reminded_at timestamptz,
    check ((state = 'waiting') = (settled_at is null))
);
create index query_proposal on query (proposal_stage_id);
create unique index query_waiting on query (partner_row_id) where state = 'waiting';
select classify('query', '{
    "internal": ["id", "call_id", "proposal_stage_id", "partner_row_id", "asked_by", "asked_at", "settled_by",
                 "settled_at", "reminded_at"],
    "confidential": ["question", "answer_by", "state", "answer", "closed_because"]}');

-- That a document which a funder demands beside the proposal was received from a partner. A row of the partner's
-- number and not of its record: a proposal that is opened again gets new records.
create table received_document (
    proposal_stage_id uuid not null references proposal_stage (id),
    partner_id uuid not null,
    title text not null,
    call_id uuid not null references call (id),
    received_on date not null,
    note text not null,
    recorded_by uuid not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (proposal_stage_id, partner_id, title)
);
select classify('received_document', '{
    "internal": ["proposal_stage_id", "partner_id", "call_id", "received_on", "recorded_by", "recorded_at"],
    "public": ["title"], "confidential": ["note"]}');

-- What a funder notes for itself on one of its applicants. It stays the funder's, whomever the partner asks later.
create table sealed.note (
    proposal_stage_id uuid not null references proposal_stage (id),
    partner_id uuid not null,
    organisation_id uuid not null references organisation (id),
    call_id uuid not null references call (id),
    text text not null,
    written_by uuid not null,
    written_at timestamptz not null default clock_timestamp(),
    version integer not null default 1,
    primary key (proposal_stage_id, partner_id, organisation_id)
);
select classify('sealed.note', '{
    "internal": ["proposal_stage_id", "partner_id", "organisation_id", "call_id"],
    "confidential": ["text", "written_by", "written_at", "version"]}');
