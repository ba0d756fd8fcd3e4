-- The selection: stored with its inputs, so that anybody can compute it again; each funder's lines;
-- and the letters.

create table sealed.selection (
    id uuid primary key,
    call_id uuid not null references call (id),
    stage_id uuid not null references stage (id),
    number integer not null,
    state text not null,
    engine text not null,
    input jsonb not null,
    result jsonb not null,
    -- The scenario it was proposed of.
    scenario_id uuid,
    -- The selection whose place it is to take, why, and in the words of the secretariat.
    amends uuid references sealed.selection (id),
    cause text,
    reason text,
    proposed_by uuid not null,
    proposed_at timestamptz not null default clock_timestamp(),
    minutes jsonb,
    adopted_by uuid,
    adopted_at timestamptz,
    confirmed_by uuid,
    confirmed_at timestamptz,
    -- Since when it is or was in force; it stays when another takes its place.
    finalised_at timestamptz,
    version integer not null default 1,
    unique (call_id, number),
    check (confirmed_by is null or confirmed_by <> adopted_by)
);
create unique index selection_one_final on sealed.selection (call_id) where state = 'final';
create index selection_amends on sealed.selection (amends);
create index selection_of_scenario on sealed.selection (scenario_id);
select classify('sealed.selection', '{
    "internal": ["id", "call_id", "stage_id"],
    "confidential": ["number", "state", "engine", "input", "result", "scenario_id", "amends", "cause",
                     "reason", "proposed_by", "proposed_at", "minutes", "adopted_by", "adopted_at",
                     "confirmed_by", "confirmed_at", "finalised_at", "version"]}');

create table sealed.selection_line (
    id uuid primary key,
    call_id uuid not null references call (id),
    selection_id uuid not null references sealed.selection (id),
    participation_id uuid not null references participation (id),
    requested bigint not null check (requested > 0),
    eu bigint not null check (eu >= 0),
    national bigint not null check (national >= 0),
    state text not null,
    reason text,
    answered_by uuid,
    answered_at timestamptz,
    -- Number of the selection in which the funder accepted the same: it was not asked again.
    carried_from integer,
    version integer not null default 1,
    unique (selection_id, participation_id),
    check (requested = eu + national)
);
select classify('sealed.selection_line', '{
    "internal": ["id", "call_id"],
    "confidential": ["selection_id", "participation_id", "requested", "eu", "national", "state", "reason",
                     "answered_by", "answered_at", "carried_from", "version"]}');

-- That a funder does not pay what it accepted in a final selection, where that stands, and which projects go on without
-- its money. It stands until the funder pledges anew.
create table sealed.commitment_default (
    id uuid primary key,
    call_id uuid not null references call (id),
    participation_id uuid not null references participation (id),
    selection_id uuid not null references sealed.selection (id),
    reason text not null,
    evidence text not null,
    goes_on jsonb not null,
    recorded_by uuid not null,
    recorded_at timestamptz not null default clock_timestamp()
);
create index commitment_default_call on sealed.commitment_default (call_id);
create index commitment_default_of on sealed.commitment_default (participation_id);
create index commitment_default_selection on sealed.commitment_default (selection_id);
select insert_only('sealed.commitment_default');
select classify('sealed.commitment_default', '{
    "internal": ["id", "call_id"],
    "confidential": ["participation_id", "selection_id", "reason", "evidence", "goes_on", "recorded_by", "recorded_at"]}');

-- A scenario: the call with other commitments, another gap share, or without some proposals, and what that
-- selects. It never changes, so that it can be computed again from its input by the engine it names.
create table sealed.scenario (
    id uuid primary key,
    call_id uuid not null references call (id),
    organisation_id uuid references organisation (id),
    visibility text not null,
    name text not null,
    overrides jsonb not null,
    engine text not null,
    input jsonb not null,
    result jsonb not null,
    made_by uuid not null,
    made_at timestamptz not null default clock_timestamp(),
    check (visibility <> 'private' or organisation_id is not null),
    check (visibility <> 'secretariat' or organisation_id is null)
);
-- A scenario that a selection was proposed of stays.
alter table sealed.selection add foreign key (scenario_id) references sealed.scenario (id);
create index scenario_of_call on sealed.scenario (call_id);
create index scenario_of_organisation on sealed.scenario (organisation_id);
select classify('sealed.scenario', '{
    "internal": ["id", "call_id"],
    "confidential": ["organisation_id", "visibility", "name", "overrides", "engine", "input", "result",
                     "made_by", "made_at"]}');

-- How the steering committee decided on the invitations: by which policy, and where it deviates from that.
create table sealed.invitation_decision (
    stage_id uuid primary key references stage (id),
    call_id uuid not null references call (id),
    policy text,
    -- Requested for each committed unit, in ten-thousandths.
    limit_ratio integer check (limit_ratio > 0),
    reason text not null,
    decided_by uuid not null,
    decided_at timestamptz not null default clock_timestamp(),
    check ((policy is null) = (limit_ratio is null))
);
select insert_only('sealed.invitation_decision');
select classify('sealed.invitation_decision', '{
    "internal": ["stage_id", "call_id"],
    "confidential": ["policy", "limit_ratio", "reason", "decided_by", "decided_at"]}');

create table sealed.invitation_deviation (
    stage_id uuid not null references sealed.invitation_decision (stage_id),
    proposal_id uuid not null references proposal (id),
    call_id uuid not null references call (id),
    -- Whether it is invited although the policy leaves it out, or the other way round.
    invited boolean not null,
    reason text not null,
    primary key (stage_id, proposal_id)
);
create index invitation_deviation_of on sealed.invitation_deviation (proposal_id);
select insert_only('sealed.invitation_deviation');
select classify('sealed.invitation_deviation', '{
    "internal": ["stage_id", "proposal_id", "call_id"], "confidential": ["invited", "reason"]}');

create table sealed.letter (
    proposal_stage_id uuid primary key references proposal_stage (id),
    call_id uuid not null references call (id),
    outcome text not null,
    body text not null,
    written_at timestamptz not null default clock_timestamp(),
    released_at timestamptz not null default clock_timestamp()
);
select insert_only('sealed.letter');
select classify('sealed.letter', '{
    "internal": ["proposal_stage_id", "call_id"],
    "confidential": ["outcome", "body", "written_at", "released_at"]}');

-- The letter that tells a coordinator what an amendment made of its proposal, after the letters of the stage.
create table sealed.amendment_letter (
    selection_id uuid not null references sealed.selection (id),
    proposal_stage_id uuid not null references proposal_stage (id),
    call_id uuid not null references call (id),
    outcome text not null,
    body text not null,
    released_at timestamptz not null default clock_timestamp(),
    primary key (selection_id, proposal_stage_id)
);
create index amendment_letter_of_proposal on sealed.amendment_letter (proposal_stage_id);
create index amendment_letter_of_call on sealed.amendment_letter (call_id);
select insert_only('sealed.amendment_letter');
select classify('sealed.amendment_letter', '{
    "internal": ["proposal_stage_id", "call_id"],
    "confidential": ["selection_id", "outcome", "body", "released_at"]}');
-- A coordinator's request for redress after the letters of a stage, what the secretariat, the independent observer and
-- the steering committee made of it, and the version of the ranking list that came of it. What the panel agreed on
-- before is kept here when it judges the proposal again.
create table sealed.redress (
    id uuid primary key,
    call_id uuid not null references call (id),
    proposal_stage_id uuid not null unique references proposal_stage (id),
    state text not null,
    ground text not null,
    reasons text not null,
    filed_by uuid not null,
    filed_at timestamptz not null default clock_timestamp(),
    checked_because text,
    checked_by uuid,
    checked_at timestamptz,
    followed boolean,
    finding text,
    found_by uuid,
    found_at timestamptz,
    decided_because text,
    decided_by uuid,
    decided_at timestamptz,
    consensus_before jsonb,
    ranking_list_id uuid unique references sealed.ranking_list (id),
    version integer not null default 1
);
create index redress_call on sealed.redress (call_id);
select classify('sealed.redress', '{
    "internal": ["id", "call_id", "proposal_stage_id", "filed_by"],
    "confidential": ["state", "ground", "reasons", "filed_at", "checked_because", "checked_by", "checked_at", "followed",
                     "finding", "found_by", "found_at", "decided_because", "decided_by", "decided_at",
                     "consensus_before", "ranking_list_id", "version"]}');

-- The letter that settles a request for redress.
create table sealed.redress_letter (
    redress_id uuid primary key references sealed.redress (id),
    call_id uuid not null references call (id),
    outcome text not null,
    body text not null,
    released_at timestamptz not null default clock_timestamp()
);
create index redress_letter_call on sealed.redress_letter (call_id);
select insert_only('sealed.redress_letter');
select classify('sealed.redress_letter', '{
    "internal": ["redress_id", "call_id"], "confidential": ["outcome", "body", "released_at"]}');

-- Which action items a funded project serves, as the secretariat classifies it. It tells that the project
-- is funded, so it is as confidential as the decision until the letters are out.
create table sealed.project_action_item (
    proposal_id uuid not null references proposal (id),
    action_item_id uuid not null references action_item (id),
    call_id uuid not null references call (id),
    share integer not null check (share > 0 and share <= 10000),
    primary key (proposal_id, action_item_id)
);
create index project_action_item_of_call on sealed.project_action_item (call_id);
create index project_action_item_of_item on sealed.project_action_item (action_item_id);
select classify('sealed.project_action_item', '{
    "internal": ["call_id"], "confidential": ["proposal_id", "action_item_id", "share"]}');
