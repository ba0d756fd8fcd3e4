-- Proposals: the draft being written, the immutable versions submitted, and the eligibility verdicts.
-- What different roles see stands in rows of its own, so that nobody's ETag moves by what stays hidden.

create table proposal (
    id uuid primary key,
    call_id uuid not null references call (id),
    number text not null,
    coordinator_id uuid not null references account (id),
    created_at timestamptz not null default clock_timestamp(),
    unique (call_id, number)
);
create index proposal_coordinator on proposal (coordinator_id);
select classify('proposal', '{"internal": ["id", "call_id", "number", "coordinator_id", "created_at"]}');

-- One proposal in one stage: its content's life (draft, submitted, edited since, locked, lapsed, withdrawn).
create table proposal_stage (
    id uuid primary key,
    call_id uuid not null references call (id),
    proposal_id uuid not null references proposal (id),
    stage_id uuid not null references stage (id),
    state text not null,
    submitted integer not null default 0,
    withdrawn_because text,
    version integer not null default 1,
    -- What it is called where it was submitted, for one that came in from elsewhere.
    imported_as text,
    unique (proposal_id, stage_id)
);
create index proposal_stage_stage on proposal_stage (stage_id, state);
create unique index proposal_stage_imported on proposal_stage (stage_id, imported_as) where imported_as is not null;
select classify('proposal_stage', '{
    "internal": ["id", "call_id", "proposal_id", "stage_id", "state", "submitted", "version", "imported_as"],
    "confidential": ["withdrawn_because"]}');

create table draft (
    proposal_stage_id uuid primary key references proposal_stage (id),
    call_id uuid not null references call (id),
    content jsonb not null,
    version integer not null default 1,
    saved_at timestamptz not null default clock_timestamp()
);
select classify('draft', '{
    "internal": ["proposal_stage_id", "call_id", "version", "saved_at"], "confidential": ["content"]}');

create table draft_history (
    proposal_stage_id uuid not null references proposal_stage (id),
    version integer not null,
    call_id uuid not null references call (id),
    content jsonb not null,
    saved_by uuid not null,
    saved_at timestamptz not null default clock_timestamp(),
    primary key (proposal_stage_id, version)
);
select insert_only('draft_history');
select classify('draft_history', '{
    "internal": ["proposal_stage_id", "version", "call_id", "saved_by", "saved_at"],
    "confidential": ["content"]}');

create table submission (
    id uuid primary key,
    call_id uuid not null references call (id),
    proposal_stage_id uuid not null references proposal_stage (id),
    number integer not null,
    content jsonb not null,
    content_sha256 text not null,
    submitted_by uuid not null,
    submitted_at timestamptz not null,
    -- None for what was submitted elsewhere and came in later.
    receipt jsonb,
    unique (proposal_stage_id, number)
);
select insert_only('submission');
select classify('submission', '{
    "internal": ["id", "call_id", "proposal_stage_id", "number", "content_sha256", "submitted_by",
                 "submitted_at", "receipt"],
    "confidential": ["content"]}');

-- An invitation, by mail, to write a partner's part; the link's token is known by its hash only.
create table partner_invitation (
    id uuid primary key,
    call_id uuid not null references call (id),
    proposal_id uuid not null references proposal (id),
    partner_id uuid not null,
    email text not null,
    token_hash bytea not null unique,
    invited_by uuid not null,
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    claimed_at timestamptz,
    claimed_by uuid references account (id),
    revoked_at timestamptz,
    check ((claimed_at is null) = (claimed_by is null))
);
create unique index partner_invitation_open on partner_invitation (proposal_id, partner_id)
    where claimed_at is null and revoked_at is null;
create index partner_invitation_proposal on partner_invitation (proposal_id);
create index partner_invitation_claimed_by on partner_invitation (claimed_by);
select classify('partner_invitation', '{
    "internal": ["id", "call_id", "proposal_id", "partner_id", "invited_by", "created_at", "expires_at",
                 "claimed_at", "claimed_by", "revoked_at"],
    "personal": ["email"], "secret": ["token_hash"]}');

-- Who writes a partner's part besides the coordinator, at most one at a time. What was confirmed is told by its
-- hash: a part that says something else by now is not.
create table partner_member (
    id uuid primary key,
    call_id uuid not null references call (id),
    proposal_id uuid not null references proposal (id),
    partner_id uuid not null,
    account_id uuid not null references account (id),
    invitation_id uuid not null unique references partner_invitation (id),
    joined_at timestamptz not null default clock_timestamp(),
    confirmed_in uuid references proposal_stage (id),
    confirmed_at timestamptz,
    confirmed_sha256 text,
    left_at timestamptz,
    check ((confirmed_in is null) = (confirmed_at is null) and (confirmed_in is null) = (confirmed_sha256 is null))
);
create unique index partner_member_now on partner_member (proposal_id, partner_id) where left_at is null;
create index partner_member_proposal on partner_member (proposal_id);
create index partner_member_account on partner_member (account_id);
create index partner_member_confirmed_in on partner_member (confirmed_in);
select classify('partner_member', '{
    "internal": ["id", "call_id", "proposal_id", "partner_id", "account_id", "invitation_id", "joined_at",
                 "confirmed_in", "confirmed_at", "confirmed_sha256", "left_at"]}');

-- A reminder that went out, so that none goes twice before one deadline; a moved deadline has its own.
create table reminder (
    proposal_stage_id uuid not null references proposal_stage (id),
    call_id uuid not null references call (id),
    hours integer not null check (hours > 0),
    deadline_at timestamptz not null,
    at timestamptz not null default clock_timestamp(),
    primary key (proposal_stage_id, hours, deadline_at)
);
select insert_only('reminder');
select classify('reminder', '{"internal": ["proposal_stage_id", "call_id", "hours", "deadline_at", "at"]}');

-- The same for a partner who is asked to confirm its part.
create table confirmation_reminder (
    proposal_stage_id uuid not null references proposal_stage (id),
    partner_id uuid not null,
    call_id uuid not null references call (id),
    hours integer not null check (hours > 0),
    deadline_at timestamptz not null,
    at timestamptz not null default clock_timestamp(),
    primary key (proposal_stage_id, partner_id, hours, deadline_at)
);
select insert_only('confirmation_reminder');
select classify('confirmation_reminder', '{
    "internal": ["proposal_stage_id", "partner_id", "call_id", "hours", "deadline_at", "at"]}');

-- An individual exception to a stage's deadline: one proposal can be submitted until an instant of its own.
-- `deadline_at` is the stage's deadline when it was given. A later exception replaces the earlier one.
create table deadline_exception (
    id uuid primary key,
    call_id uuid not null references call (id),
    proposal_stage_id uuid not null references proposal_stage (id),
    number integer not null check (number > 0),
    deadline_at timestamptz not null,
    until timestamptz not null,
    reason text not null,
    given_by uuid not null,
    given_at timestamptz not null,
    unique (proposal_stage_id, number),
    check (until > deadline_at)
);
select insert_only('deadline_exception');
select classify('deadline_exception', '{
    "internal": ["id", "call_id", "proposal_stage_id", "number", "deadline_at", "given_by", "given_at"],
    "confidential": ["until", "reason"]}');

-- A change to the consortium while its eligibility is checked. It stands on top of the version that counts, which
-- stays what was submitted. `becomes` is the partner with its own means, or who takes its place.
create table consortium_change (
    id uuid primary key,
    call_id uuid not null references call (id),
    proposal_stage_id uuid not null references proposal_stage (id),
    number integer not null check (number > 0),
    kind text not null,
    partner_id uuid not null,
    becomes jsonb,
    reason text not null,
    recorded_by uuid not null,
    recorded_at timestamptz not null default clock_timestamp(),
    unique (proposal_stage_id, number)
);
select insert_only('consortium_change');
select classify('consortium_change', '{
    "internal": ["id", "call_id", "proposal_stage_id", "number", "kind", "partner_id", "recorded_by", "recorded_at"],
    "confidential": ["becomes", "reason"]}');

-- The partners of the version that counts, written when the stage closes. A change takes a partner off (`gone_by`)
-- and may put another row in its place (`came_by`), whose verdict is open.
create table partner (
    id uuid primary key,
    call_id uuid not null references call (id),
    proposal_stage_id uuid not null references proposal_stage (id),
    partner_id uuid not null,
    position integer not null,
    role text not null,
    organisation text not null,
    country text,
    sector text,
    investigator text not null,
    participation_id uuid references participation (id),
    requested bigint not null check (requested >= 0),
    came_by uuid references consortium_change (id),
    gone_by uuid references consortium_change (id)
);
create unique index partner_now on partner (proposal_stage_id, partner_id) where gone_by is null;
create index partner_proposal on partner (proposal_stage_id);
create unique index partner_came_by on partner (came_by);
create unique index partner_gone_by on partner (gone_by);
create index partner_participation on partner (participation_id);
create index partner_call on partner (call_id);
select classify('partner', '{
    "internal": ["id", "call_id", "proposal_stage_id", "partner_id", "position", "role",
                 "participation_id", "came_by", "gone_by"],
    "confidential": ["organisation", "country", "sector", "requested"], "personal": ["investigator"]}');

create table formal_check (
    proposal_stage_id uuid primary key references proposal_stage (id),
    call_id uuid not null references call (id),
    verdict text not null,
    reason text not null,
    checked_by uuid not null,
    checked_at timestamptz not null default clock_timestamp(),
    version integer not null default 1
);
select classify('formal_check', '{
    "internal": ["proposal_stage_id", "call_id", "checked_by", "checked_at", "version"],
    "confidential": ["verdict", "reason"]}');

create table eligibility (
    partner_row_id uuid primary key references partner (id),
    call_id uuid not null references call (id),
    proposal_stage_id uuid not null references proposal_stage (id),
    participation_id uuid references participation (id),
    state text not null,
    fundable bigint check (fundable >= 0),
    rule text,
    reason text,
    judged_by uuid,
    judged_at timestamptz,
    version integer not null default 1
);
create index eligibility_proposal on eligibility (proposal_stage_id);
create index eligibility_state on eligibility (call_id, state);
select classify('eligibility', '{
    "internal": ["partner_row_id", "call_id", "proposal_stage_id", "participation_id", "judged_by",
                 "judged_at", "version"],
    "confidential": ["state", "fundable", "rule", "reason"]}');

-- What the evaluation and the decision make of a proposal. The coordinator sees what was released.
create table sealed.outcome (
    proposal_stage_id uuid primary key references proposal_stage (id),
    call_id uuid not null references call (id),
    state text not null,
    condition text,
    version integer not null default 1,
    decided_at timestamptz not null default clock_timestamp(),
    released_state text,
    released_at timestamptz
);
select classify('sealed.outcome', '{
    "internal": ["proposal_stage_id", "call_id"],
    "confidential": ["state", "condition", "version", "decided_at", "released_state", "released_at"]}');

-- A condition of an invitation to the full stage. `met_*` is what the secretariat noted; what the full proposal shows
-- by itself needs no note.
create table sealed.invitation_condition (
    id uuid primary key,
    call_id uuid not null references call (id),
    proposal_stage_id uuid not null references proposal_stage (id),
    number integer not null check (number > 0),
    demand jsonb not null,
    text text not null,
    until timestamptz not null,
    met_because text,
    met_by uuid,
    met_at timestamptz,
    reminded_at timestamptz,
    unique (proposal_stage_id, number),
    check ((met_at is null) = (met_by is null) and (met_at is null) = (met_because is null))
);
select classify('sealed.invitation_condition', '{
    "internal": ["id", "call_id", "proposal_stage_id", "number", "met_by", "reminded_at"],
    "confidential": ["demand", "text", "until", "met_because", "met_at"]}');

-- A consortium's request for an exception to a rule of the call. `comment` is the secretariat's, for the committee.
create table waiver (
    id uuid primary key,
    call_id uuid not null references call (id),
    proposal_stage_id uuid not null references proposal_stage (id),
    rule text not null,
    reasons text not null,
    asked_by uuid not null,
    asked_at timestamptz not null default clock_timestamp(),
    comment text,
    state text not null default 'waiting',
    decided_because text,
    decided_by uuid,
    decided_at timestamptz,
    version integer not null default 1
);
create index waiver_call on waiver (call_id);
create index waiver_proposal on waiver (proposal_stage_id);
select classify('waiver', '{
    "internal": ["id", "call_id", "proposal_stage_id", "asked_by", "asked_at", "decided_by", "version"],
    "confidential": ["rule", "reasons", "comment", "state", "decided_because", "decided_at"]}');

-- What a member of the steering committee holds of such a request.
create table sealed.waiver_stand (
    waiver_id uuid not null references waiver (id),
    organisation_id uuid not null references organisation (id),
    call_id uuid not null references call (id),
    stand text not null,
    remark text not null,
    stated_by uuid not null,
    stated_at timestamptz not null default clock_timestamp(),
    primary key (waiver_id, organisation_id)
);
select classify('sealed.waiver_stand', '{
    "internal": ["waiver_id", "organisation_id", "call_id", "stated_by", "stated_at"],
    "confidential": ["stand", "remark"]}');
