-- A call, its stages, its mapping to action items, the funders that take part and what they commit.

create table call (
    id uuid primary key,
    code text not null unique,
    title text not null,
    topic text not null,
    year integer not null,
    state text not null,
    rehearsal boolean not null,
    rules jsonb not null,
    milestones jsonb not null default '[]',
    -- As announced.
    budget bigint check (budget > 0),
    funders_total integer check (funders_total >= 0),
    countries_total integer check (countries_total >= 0),
    -- What of the set-up is not known, or not from the call itself.
    doubts jsonb not null default '[]',
    proposals_numbered integer not null default 0,
    version integer not null default 1,
    memorandum text,
    cancelled_because text,
    created_at timestamptz not null default clock_timestamp(),
    opened_at timestamptz
);
select classify('call', '{
    "public": ["id", "code", "title", "topic", "year", "state", "rehearsal", "rules", "milestones",
               "budget", "funders_total", "countries_total", "doubts", "version", "cancelled_because", "created_at", "opened_at"],
    "internal": ["memorandum"],
    "confidential": ["proposals_numbered"]}');

create table stage (
    id uuid primary key,
    call_id uuid not null references call (id),
    number integer not null check (number in (1, 2)),
    kind text not null,
    state text not null,
    -- Unknown, a first stage is not opened, and a second one opens with the invitations to it.
    opens_at timestamptz,
    deadline_at timestamptz not null,
    zone text not null,
    label text not null,
    moved integer not null default 0,
    under_represented text[] not null default '{}',
    version integer not null default 1,
    unique (call_id, number),
    check (opens_at < deadline_at),
    check (opens_at is not null or state = 'planned' or number > 1)
);
create index stage_due on stage (deadline_at) where state = 'open';
select classify('stage', '{
    "public": ["id", "call_id", "number", "kind", "opens_at", "deadline_at", "zone", "label", "moved", "version"],
    "internal": ["state", "under_represented"]}');

create table call_action_item (
    call_id uuid not null references call (id),
    action_item_id uuid not null references action_item (id),
    share integer not null check (share > 0 and share <= 10000),
    primary key (call_id, action_item_id)
);
select classify('call_action_item', '{"public": ["call_id", "action_item_id", "share"]}');

create table participation (
    id uuid primary key,
    call_id uuid not null references call (id),
    organisation_id uuid not null references organisation (id),
    commitment bigint not null check (commitment >= 0),
    decided bigint not null default 0 check (decided >= 0 and decided <= commitment),
    -- What of it is committed on availability of funds; null until that is signed.
    available bigint check (available >= decided and available <= commitment),
    terms jsonb not null default '{}',
    version integer not null default 1,
    joined_at timestamptz not null default clock_timestamp(),
    -- From when, where it joined after the launch.
    joined date,
    left_at timestamptz,
    unique (call_id, organisation_id)
);
select classify('participation', '{
    "public": ["id", "call_id", "organisation_id", "terms", "joined_at", "joined", "left_at"],
    "confidential": ["commitment", "decided", "available", "version"]}');

-- A signed document of a funder, and who signed it: a click binds no ministry.
create table sealed.commitment_document (
    participation_id uuid not null references participation (id),
    sha256 text not null,
    call_id uuid not null references call (id),
    size integer not null,
    content bytea not null,
    signed_by text not null,
    signed_as text not null,
    signed_on date not null,
    filed_by uuid not null,
    filed_at timestamptz not null default clock_timestamp(),
    primary key (participation_id, sha256),
    check (size > 0 and size = length(content))
);
select insert_only('sealed.commitment_document');
select classify('sealed.commitment_document', '{
    "internal": ["participation_id", "call_id", "filed_by", "filed_at"],
    "confidential": ["sha256", "size", "content", "signed_by", "signed_as", "signed_on"]}');

-- That a funder may change its commitment once although the budget is frozen.
create table sealed.budget_unfreezing (
    id uuid primary key,
    call_id uuid not null references call (id),
    participation_id uuid not null references participation (id),
    reason text not null,
    granted_by uuid not null,
    granted_at timestamptz not null default clock_timestamp()
);
create index budget_unfreezing_of on sealed.budget_unfreezing (participation_id);
select insert_only('sealed.budget_unfreezing');
select classify('sealed.budget_unfreezing', '{
    "internal": ["id", "call_id", "participation_id", "granted_by"],
    "confidential": ["reason", "granted_at"]}');

-- What a funder notes for itself on its commitment.
create table sealed.commitment_note (
    participation_id uuid primary key references participation (id),
    call_id uuid not null references call (id),
    text text not null,
    written_by uuid not null,
    written_at timestamptz not null default clock_timestamp(),
    version integer not null default 1
);
select classify('sealed.commitment_note', '{
    "internal": ["participation_id", "call_id"],
    "confidential": ["text", "written_by", "written_at", "version"]}');

create table commitment (
    id uuid primary key,
    call_id uuid not null references call (id),
    participation_id uuid not null references participation (id),
    number integer not null,
    kind text not null default 'indicative',
    amount bigint not null check (amount >= 0),
    -- As the funder has it, where it pledged in its own currency: units of that for one of the call's, in millionths.
    own_amount bigint check (own_amount >= 0),
    currency text,
    rate bigint check (rate > 0),
    reason text not null,
    -- The signed document it stands in.
    sha256 text,
    -- By which it was changed in a frozen budget.
    unfreezing_id uuid unique references sealed.budget_unfreezing (id),
    pledged_by uuid,
    pledged_at timestamptz not null default clock_timestamp(),
    unique (participation_id, number),
    foreign key (participation_id, sha256) references sealed.commitment_document (participation_id, sha256),
    check ((own_amount is null) = (currency is null) and (own_amount is null) = (rate is null)),
    check (kind = 'indicative' or sha256 is not null)
);
select insert_only('commitment');
select classify('commitment', '{
    "confidential": ["id", "call_id", "participation_id", "number", "kind", "amount", "own_amount", "currency",
                     "rate", "reason", "sha256", "unfreezing_id", "pledged_by", "pledged_at"]}');

-- What of a commitment is for each topic, where topics have money of their own: the parts of the funder's row, which is
-- locked before they are changed.
create table topic_money (
    participation_id uuid not null references participation (id),
    topic text not null,
    call_id uuid not null references call (id),
    commitment bigint not null check (commitment >= 0),
    decided bigint not null default 0 check (decided >= 0 and decided <= commitment),
    available bigint check (available >= decided and available <= commitment),
    primary key (participation_id, topic)
);
select classify('topic_money', '{
    "internal": ["participation_id", "topic", "call_id"],
    "confidential": ["commitment", "decided", "available"]}');

-- The same of each pledge.
create table commitment_topic (
    commitment_id uuid not null references commitment (id),
    topic text not null,
    call_id uuid not null references call (id),
    amount bigint not null check (amount >= 0),
    primary key (commitment_id, topic)
);
select insert_only('commitment_topic');
select classify('commitment_topic', '{
    "internal": ["commitment_id", "topic", "call_id"], "confidential": ["amount"]}');

-- What the public reads of a call, as it stood at each change: `document` is the whole of it.
create table call_version (
    id uuid primary key,
    call_id uuid not null references call (id),
    number integer not null check (number > 0),
    at timestamptz not null default clock_timestamp(),
    change text not null,
    reason text not null,
    document jsonb not null,
    unique (call_id, number)
);
select insert_only('call_version');
select classify('call_version', '{
    "public": ["id", "call_id", "number", "at", "change", "reason", "document"]}');

-- A document of a call, such as its guidelines. A replaced one stays as it was and is followed by a further
-- version; a version without content takes the document out.
create table call_document (
    id uuid primary key,
    call_id uuid not null references call (id),
    key text not null,
    number integer not null check (number > 0),
    kind text not null,
    title text not null,
    media_type text not null,
    size integer not null,
    sha256 text not null,
    content bytea,
    at timestamptz not null default clock_timestamp(),
    unique (call_id, key, number),
    check (size = coalesce(length(content), 0)),
    check ((content is null) = (sha256 = ''))
);
select insert_only('call_document');
select classify('call_document', '{
    "public": ["id", "call_id", "key", "number", "kind", "title", "media_type", "size", "sha256", "content", "at"]}');

-- A question about a call as it was asked; it may tell of an applicant's idea, so the public reads only
-- what the secretariat publishes of it.
create table question (
    id uuid primary key,
    call_id uuid not null references call (id),
    asked_by uuid references account (id),
    asked_at timestamptz not null default clock_timestamp(),
    asked text not null,
    answers integer not null default 0 check (answers >= 0),
    version integer not null default 1
);
create index question_of_call on question (call_id, id);
create index question_by_account on question (asked_by);
select classify('question', '{
    "public": ["id", "call_id", "answers", "version"], "internal": ["asked_at"],
    "personal": ["asked_by"], "confidential": ["asked"]}');

-- A published question with its answer; a better answer is a further row.
create table question_answer (
    id uuid primary key,
    call_id uuid not null references call (id),
    question_id uuid not null references question (id),
    number integer not null check (number > 0),
    at timestamptz not null default clock_timestamp(),
    question text not null,
    answer text not null,
    unique (question_id, number)
);
select insert_only('question_answer');
select classify('question_answer', '{
    "public": ["id", "call_id", "question_id", "number", "at", "question", "answer"]}');

-- An organisation that wants to fund a call: taken up by making it a funder, or declined with a reason.
create table join_request (
    id uuid primary key,
    call_id uuid not null references call (id),
    organisation_id uuid not null references organisation (id),
    amount bigint check (amount > 0),
    remark text not null,
    asked_by uuid references account (id),
    asked_at timestamptz not null default clock_timestamp(),
    declined_because text,
    version integer not null default 1,
    unique (call_id, organisation_id)
);
create index join_request_by_account on join_request (asked_by);
select classify('join_request', '{
    "confidential": ["id", "call_id", "organisation_id", "amount", "remark", "asked_at", "declined_because",
                     "version"],
    "personal": ["asked_by"]}');
