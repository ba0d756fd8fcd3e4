-- Experts, their conflicts of interest, reviews, consensus and ranking lists: all confidential, all in
-- the schema that one module of the store reads.

create table sealed.expert (
    id uuid primary key,
    call_id uuid not null references call (id),
    account_id uuid references account (id),
    email text not null,
    name text not null,
    organisation text not null,
    -- Institute or department of the organisation; empty where it is not known.
    department text not null default '',
    ror text,
    orcid text,
    country text,
    -- For the balance of the panel, and for nothing else.
    gender text,
    languages text[] not null default '{}',
    keywords text[] not null default '{}',
    modules text[] not null default '{}',
    statement text not null default '',
    -- Other and former places of work, with their days.
    affiliations jsonb not null default '[]',
    state text not null,
    role text not null,
    max_load integer not null check (max_load between 0 and 100),
    -- Another most at single stages, by the number of the stage.
    stage_loads jsonb not null default '{}' check (jsonb_typeof(stage_loads) = 'object' and not
        jsonb_path_exists(stage_loads, '$.* ? (@.type() != "number" || @ < 0 || @ > 100)')),
    nominated_by uuid references participation (id),
    declined_because text,
    declared_at timestamptz,
    -- Numbers of the stages for which conflicts of interest were declared: nothing of the others opens.
    declared_stages integer[] not null default '{}',
    -- For which stage a mail asked for the declaration last, and when.
    asked_stage integer,
    asked_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    check ((declared_at is null) = (declared_stages = '{}')),
    check ((asked_stage is null) = (asked_at is null))
);
create unique index expert_once on sealed.expert (call_id, lower(email));
create index expert_account on sealed.expert (account_id);
select classify('sealed.expert', '{
    "internal": ["id", "call_id", "created_at"],
    "personal": ["account_id", "email", "name", "organisation", "department", "ror", "orcid", "country",
                 "gender", "languages", "affiliations"],
    "confidential": ["keywords", "modules", "statement", "state", "role", "max_load", "stage_loads", "nominated_by",
                     "declined_because", "declared_at", "declared_stages", "asked_stage", "asked_at", "version"]}');

create table sealed.conflict (
    id uuid primary key,
    call_id uuid not null references call (id),
    expert_id uuid not null references sealed.expert (id),
    proposal_id uuid not null references proposal (id),
    kind text not null,
    -- What a detected conflict rests on, by a name that stays the same when it is looked for again; empty for one
    -- that a person entered.
    about text not null default '',
    certain boolean not null,
    evidence text not null,
    source text not null check (source in ('declared', 'detected', 'secretariat')),
    standing boolean not null,
    judged_because text,
    version integer not null default 1,
    found_at timestamptz not null default clock_timestamp(),
    -- Since when it stands, where it does: since it was found, or since the last verdict on it.
    stands_since timestamptz not null default clock_timestamp(),
    -- When the fact that it rested on was gone, as the record of the expert was corrected. It stays on file, and is
    -- found anew where the fact comes back; or when the secretariat withdrew what it had noted by mistake.
    taken_back_at timestamptz,
    -- The conflict of another call whose verdict is followed: of the same person, on the same fact.
    remembered_from uuid references sealed.conflict (id),
    check (taken_back_at is null or not standing
           and (source = 'secretariat' or source = 'detected' and judged_because is null))
);
-- Hashed, as a title in it may be longer than an index takes.
create unique index conflict_once on sealed.conflict (expert_id, proposal_id, kind, md5(about))
    where taken_back_at is null;
create index conflict_expert on sealed.conflict (expert_id);
create index conflict_proposal on sealed.conflict (proposal_id);
create index conflict_remembered on sealed.conflict (remembered_from) where remembered_from is not null;
select classify('sealed.conflict', '{
    "internal": ["id", "call_id"],
    "confidential": ["expert_id", "proposal_id", "kind", "about", "certain", "evidence", "source", "standing",
                     "judged_because", "version", "found_at", "stands_since", "taken_back_at", "remembered_from"]}');

-- A conflict of interest of somebody with a role in the call: declared of oneself, noted by the secretariat, or
-- detected, and then of the kind that was found, with the evidence as its reason. It stands until the secretariat takes
-- it back, as it rests on an error.
create table sealed.own_conflict (
    id uuid primary key default gen_random_uuid(),
    account_id uuid not null references account (id),
    proposal_id uuid not null references proposal (id),
    call_id uuid not null references call (id),
    kind text not null default 'declared',
    -- What a detected conflict rests on, by a name that stays the same when it is looked for again; empty for one
    -- that a person entered.
    about text not null default '',
    source text not null default 'declared' check (source in ('declared', 'detected', 'secretariat')),
    reason text not null,
    standing boolean not null default true,
    judged_because text,
    version integer not null default 1,
    declared_at timestamptz not null default clock_timestamp(),
    -- Since when it stands, where it does: since it came on file, or since the last verdict on it.
    stands_since timestamptz not null default clock_timestamp(),
    check ((source = 'detected') = (kind <> 'declared')),
    check (standing or judged_because is not null)
);
create unique index own_conflict_once on sealed.own_conflict (account_id, proposal_id, kind, md5(about));
create index own_conflict_proposal on sealed.own_conflict (proposal_id);
create index own_conflict_call on sealed.own_conflict (call_id);
select classify('sealed.own_conflict', '{
    "internal": ["id", "call_id"],
    "personal": ["account_id"],
    "confidential": ["proposal_id", "kind", "about", "source", "reason", "standing", "judged_because", "version",
                     "declared_at", "stands_since"]}');

-- Who sees nothing of which proposal, as a conflict of interest stands: of an expert, or of somebody with a role.
create view sealed.wall as
select e.account_id, c.proposal_id, c.call_id
from sealed.conflict c join sealed.expert e on e.id = c.expert_id
where c.standing and e.account_id is not null
union all
select account_id, proposal_id, call_id from sealed.own_conflict where standing;

-- Persons whom the applicants of a proposal ask to keep from reviewing it.
create table sealed.named_persons (
    proposal_id uuid primary key references proposal (id),
    call_id uuid not null references call (id),
    persons jsonb not null
);
create index named_persons_call on sealed.named_persons (call_id);
select classify('sealed.named_persons', '{
    "internal": ["proposal_id", "call_id"],
    "personal": ["persons"]}');

-- Publications of a list that was imported for a call: who published together may have an interest.
create table sealed.publication (
    id uuid primary key,
    call_id uuid not null references call (id),
    title text not null,
    year integer not null,
    people jsonb not null
);
create index publication_call on sealed.publication (call_id);
select classify('sealed.publication', '{
    "internal": ["id", "call_id"],
    "confidential": ["title", "year"],
    "personal": ["people"]}');

-- Affinities from a table that somebody else made: each stands in the place of the computed one.
create table sealed.affinity (
    stage_id uuid not null references stage (id),
    proposal_id uuid not null references proposal (id),
    expert_id uuid not null references sealed.expert (id),
    call_id uuid not null references call (id),
    millionths integer not null check (millionths between 0 and 1000000),
    primary key (stage_id, proposal_id, expert_id)
);
create index affinity_proposal on sealed.affinity (proposal_id);
create index affinity_expert on sealed.affinity (expert_id);
select classify('sealed.affinity', '{
    "internal": ["stage_id", "call_id"],
    "confidential": ["proposal_id", "expert_id", "millionths"]}');

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
    -- As the letters to the experts say: four weeks after the assignment, a week after a review was given back.
    due_at timestamptz not null default clock_timestamp() + interval '28 days',
    reminded_at timestamptz,
    submitted_at timestamptz,
    released_at timestamptz,
    -- The number of its label, given at the release and never changed: the next one of the proposal at the stage, and
    -- among those released together any.
    label integer,
    -- The applicants have read it, and go on to, although a review more is to come or a conflict of interest ended it.
    told boolean not null default false,
    -- Assigned after the applicants of the stage had read its reviews, as a conflict of interest left the proposal without
    -- any: they read it with the time that they are given to reply again, or with their letter.
    held_back boolean not null default false
);
-- No label is given twice.
create unique index review_label on sealed.review (stage_id, proposal_id, label);
-- Nobody gets a proposal twice, but for a review that a conflict of interest ended which was none.
create unique index review_once on sealed.review (stage_id, proposal_id, expert_id)
    where state not in ('conflicted', 'voided');
create index review_stage on sealed.review (stage_id);
create index review_proposal on sealed.review (proposal_id);
create index review_expert on sealed.review (expert_id);
select classify('sealed.review', '{
    "internal": ["id", "call_id"],
    "confidential": ["stage_id", "proposal_id", "expert_id", "state", "affinity", "scores", "comments",
                     "remark", "returned_because", "version", "assigned_at", "due_at", "reminded_at", "submitted_at",
                     "released_at", "label", "told", "held_back"]}');

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

-- Who presents a proposal at the panel; the first leads and the others help.
create table sealed.rapporteur (
    proposal_stage_id uuid not null references proposal_stage (id),
    expert_id uuid not null references sealed.expert (id),
    call_id uuid not null references call (id),
    position integer not null check (position > 0),
    named_by uuid not null,
    named_at timestamptz not null default clock_timestamp(),
    primary key (proposal_stage_id, expert_id),
    unique (proposal_stage_id, position)
);
create index rapporteur_expert on sealed.rapporteur (expert_id);
select classify('sealed.rapporteur', '{
    "internal": ["call_id"],
    "confidential": ["proposal_stage_id", "expert_id", "position", "named_by", "named_at"]}');

-- When and where the panel of a stage meets: written when it is convened, and again when the meeting moves.
create table sealed.panel_meeting (
    stage_id uuid primary key references stage (id),
    call_id uuid not null references call (id),
    meets_at timestamptz not null,
    place text not null,
    online boolean not null,
    convened_by uuid not null,
    convened_at timestamptz not null default clock_timestamp(),
    version integer not null default 1
);
create index panel_meeting_call on sealed.panel_meeting (call_id);
select classify('sealed.panel_meeting', '{
    "internal": ["stage_id", "call_id"],
    "confidential": ["meets_at", "place", "online", "convened_by", "convened_at", "version"]}');

-- What the panel says among itself on a proposal.
create table sealed.panel_message (
    id uuid primary key,
    call_id uuid not null references call (id),
    proposal_stage_id uuid not null references proposal_stage (id),
    written_by uuid not null references account (id),
    text text not null,
    written_at timestamptz not null default clock_timestamp()
);
create index panel_message_proposal on sealed.panel_message (proposal_stage_id);
create index panel_message_author on sealed.panel_message (written_by);
select insert_only('sealed.panel_message');
select classify('sealed.panel_message', '{
    "internal": ["id", "call_id"],
    "personal": ["written_by"],
    "confidential": ["proposal_stage_id", "text", "written_at"]}');

-- The evaluation summary report of a proposal: what its rapporteur drafts beside the consensus (scores proposed to
-- the panel, texts by criterion), and `report`, the whole as it stood when the ranking list was adopted.
create table sealed.summary_report (
    proposal_stage_id uuid primary key references proposal_stage (id),
    call_id uuid not null references call (id),
    state text not null,
    proposed jsonb not null default '{}',
    comments jsonb not null default '{}',
    written_by uuid not null,
    approved_by uuid,
    approved_at timestamptz,
    report jsonb,
    frozen_at timestamptz,
    version integer not null default 1,
    check ((approved_by is null) = (approved_at is null) and (report is null) = (frozen_at is null))
);
select classify('sealed.summary_report', '{
    "internal": ["proposal_stage_id", "call_id"],
    "confidential": ["state", "proposed", "comments", "written_by", "approved_by", "approved_at", "report",
                     "frozen_at", "version"]}');

-- The independent observer's report on how a stage was evaluated. `sha256` is of conclusion, findings and
-- recommendations, with an end of line between them; the audit trail has it too.
create table sealed.conformity_report (
    stage_id uuid primary key references stage (id),
    call_id uuid not null references call (id),
    state text not null,
    conclusion text,
    findings text not null default '',
    recommendations text not null default '',
    written_by uuid not null,
    filed_by uuid,
    filed_at timestamptz,
    sha256 text,
    version integer not null default 1,
    check ((filed_at is null) = (filed_by is null) and (filed_at is null) = (sha256 is null))
);
create index conformity_report_call on sealed.conformity_report (call_id);
select classify('sealed.conformity_report', '{
    "internal": ["stage_id", "call_id"],
    "confidential": ["state", "conclusion", "findings", "recommendations", "written_by", "filed_by", "filed_at",
                     "sha256", "version"]}');

-- Why the chair corrected what was recorded wrong with a version, and what the panel had agreed on before, stands with
-- it; why it came of redress stands with the request.
create table sealed.ranking_list (
    id uuid primary key,
    call_id uuid not null references call (id),
    stage_id uuid not null references stage (id),
    number integer not null,
    state text not null,
    input jsonb not null,
    entries jsonb not null,
    adopted_by uuid,
    adopted_at timestamptz,
    reason text,
    corrected jsonb,
    version integer not null default 1,
    unique (stage_id, number)
);
select classify('sealed.ranking_list', '{
    "internal": ["id", "call_id", "stage_id"],
    "confidential": ["number", "state", "input", "entries", "adopted_by", "adopted_at", "reason", "corrected",
                     "version"]}');

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
    -- When the applicants of this proposal were given time again; none where the window is that of all.
    reopened_at timestamptz,
    version integer not null default 1,
    check (opens_at < closes_at)
);
select classify('sealed.rebuttal', '{
    "internal": ["proposal_stage_id", "call_id", "opens_at", "closes_at", "reopened_at", "submitted_by"],
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
    -- The outcome that the applicants were told last, which stays theirs while it is looked at again.
    told jsonb,
    version integer not null default 1
);
create index ethics_expert on sealed.ethics_assessment (expert_id);
select classify('sealed.ethics_assessment', '{
    "internal": ["proposal_stage_id", "call_id"],
    "confidential": ["state", "expert_id", "conditions", "comment", "decided_by", "decided_at", "told", "version"]}');
