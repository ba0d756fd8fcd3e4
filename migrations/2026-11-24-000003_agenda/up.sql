-- Agendas of action items, and organisations. Being an organisation, being a member of a body, and
-- taking part in a call as a funder (participation) are three things.

create table agenda (
    id uuid primary key,
    code text not null unique,
    title text not null,
    year integer not null,
    version integer not null default 1,
    content_sha256 text not null,
    loaded_at timestamptz not null default clock_timestamp()
);
select classify('agenda', '{"public": ["id", "code", "title", "year", "version", "content_sha256", "loaded_at"]}');

create table action_item (
    id uuid primary key,
    agenda_id uuid not null references agenda (id),
    position integer not null,
    number text not null,
    part text not null,
    category text not null,
    title text not null,
    summary text not null,
    time_frames text[] not null,
    scopes text[] not null,
    unique (agenda_id, number)
);
select classify('action_item', '{
    "public": ["id", "agenda_id", "position", "number", "part", "category", "title", "summary",
               "time_frames", "scopes"]}');

create table organisation (
    id uuid primary key,
    key text not null unique,
    name text not null,
    native_name text,
    acronym text,
    country text,
    region text,
    -- ROR id, without https://ror.org/.
    ror text,
    version integer not null default 1,
    created_at timestamptz not null default clock_timestamp()
);
create unique index organisation_ror on organisation (ror);
select classify('organisation', '{
    "public": ["id", "key", "name", "native_name", "acronym", "country", "region", "ror", "version", "created_at"]}');

create table membership (
    id uuid primary key,
    organisation_id uuid not null references organisation (id),
    body text not null,
    kind text not null,
    as_of date not null,
    unique (organisation_id, body, as_of)
);
select classify('membership', '{"public": ["id", "organisation_id", "body", "kind", "as_of"]}');

create table acting_for (
    id uuid primary key,
    organisation_id uuid not null references organisation (id),
    acts_for_id uuid not null references organisation (id),
    reason text not null,
    since date,
    ended_at timestamptz,
    check (organisation_id <> acts_for_id)
);
create unique index acting_for_once on acting_for (organisation_id, acts_for_id) where ended_at is null;
select classify('acting_for', '{
    "public": ["id", "organisation_id", "acts_for_id", "reason", "since", "ended_at"]}');

-- Which member would put how much into calls on which action item: no promise, but where calls begin.
create table interest (
    id uuid primary key,
    action_item_id uuid not null references action_item (id),
    organisation_id uuid not null references organisation (id),
    amount bigint check (amount > 0),
    remark text not null,
    stated_by uuid references account (id),
    stated_at timestamptz not null default clock_timestamp(),
    version integer not null default 1,
    unique (action_item_id, organisation_id)
);
create index interest_by_account on interest (stated_by);
select classify('interest', '{
    "confidential": ["id", "action_item_id", "organisation_id", "amount", "remark", "stated_at", "version"],
    "personal": ["stated_by"]}');
