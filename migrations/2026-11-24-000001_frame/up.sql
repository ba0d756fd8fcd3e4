-- What every other table leans on: data classes, the audit trail, the outbox, idempotency keys.

create schema if not exists sealed;

-- Says for every column of a table which class of data it holds, as the column's comment:
-- public, internal (of the installation's people), personal, confidential (of the evaluation or of a
-- funder), secret (never shown). A test fails on a column without a class.
create function classify(of_table regclass, classes jsonb) returns void
language plpgsql as $$
declare
    class text;
    field text;
begin
    for class, field in
        select c.key, f.value from jsonb_each(classes) c, jsonb_array_elements_text(c.value) f
    loop
        execute format('comment on column %s.%I is %L', of_table, field, class);
    end loop;
end $$;

-- The trigger of tables whose rows, once written, are never changed and never removed.
create function refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception '% rows are only ever added', tg_table_name using errcode = 'restrict_violation';
end $$;

create function insert_only(of_table regclass) returns void
language plpgsql as $$
begin
    execute format('create trigger insert_only before update or delete on %s
                    for each row execute function refuse_change()', of_table);
    execute format('create trigger no_truncate before truncate on %s
                    for each statement execute function refuse_change()', of_table);
end $$;

-- Canonical JSON (RFC 8785), as the hash of a submitted version and the digest of an audit row take it:
-- so that the doctor can compute both again. Keys are ordered by their bytes; those of ours are plain.
create function canonical_json(document jsonb) returns text
language plpgsql immutable strict parallel safe as $$
begin
    return case jsonb_typeof(document)
        when 'object' then '{' || coalesce((
            select string_agg(to_json(key)::text || ':' || public.canonical_json(value), ',' order by key collate "C")
            from jsonb_each(document)), '') || '}'
        when 'array' then '[' || coalesce((
            select string_agg(public.canonical_json(value), ',' order by ordinality)
            from jsonb_array_elements(document) with ordinality), '') || ']'
        else document::text
    end;
end $$;

create table installation (
    id uuid primary key,
    only_one boolean not null unique default true check (only_one),
    created_at timestamptz not null default clock_timestamp()
);
select classify('installation', '{"public": ["id"], "internal": ["only_one", "created_at"]}');

create table audit (
    id uuid primary key,
    chain uuid not null,
    call_id uuid,
    at timestamptz not null default clock_timestamp(),
    account_id uuid,
    worn text not null,
    action text not null,
    object_kind text not null,
    object_id uuid not null,
    object_version integer,
    reason text,
    detail jsonb not null,
    salt bytea not null check (length(salt) = 16),
    digest bytea not null check (length(digest) = 32)
);
create index audit_chain on audit (chain, id);
select insert_only('audit');
select classify('audit', '{
    "internal": ["id", "chain", "call_id", "at", "account_id", "worn", "action", "object_kind",
                 "object_id", "object_version", "digest"],
    "confidential": ["reason", "detail"], "secret": ["salt"]}');

-- The sealer links audit rows into one chain per call, in the order in which it finds them.
create table audit_link (
    chain uuid not null,
    seq bigint not null,
    audit_id uuid not null unique references audit (id),
    hash bytea not null check (length(hash) = 32),
    sealed_at timestamptz not null default clock_timestamp(),
    primary key (chain, seq)
);
select insert_only('audit_link');
select classify('audit_link', '{"internal": ["chain", "seq", "audit_id", "hash", "sealed_at"]}');

create table audit_head (
    chain uuid not null,
    seq bigint not null,
    hash bytea not null,
    key_id text not null,
    signature bytea not null,
    signed_at timestamptz not null default clock_timestamp(),
    primary key (chain, seq)
);
select insert_only('audit_head');
select classify('audit_head', '{"internal": ["chain", "seq", "hash", "key_id", "signature", "signed_at"]}');

create table outbox (
    id uuid primary key,
    call_id uuid,
    recipient text not null,
    template text not null,
    context jsonb not null,
    message_id text not null unique,
    state text not null default 'queued' check (state in ('queued', 'sent', 'dead', 'unwanted')),
    attempts integer not null default 0,
    next_at timestamptz not null default clock_timestamp(),
    last_error text,
    created_at timestamptz not null default clock_timestamp(),
    sent_at timestamptz
);
create index outbox_queued on outbox (next_at) where state = 'queued';
select classify('outbox', '{
    "internal": ["id", "call_id", "template", "message_id", "state", "attempts", "next_at",
                 "last_error", "created_at", "sent_at"],
    "personal": ["recipient"], "secret": ["context"]}');

create table idempotency_key (
    actor uuid not null,
    route text not null,
    key text not null check (length(key) between 1 and 200),
    body_sha256 bytea not null,
    answer jsonb not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (actor, route, key)
);
create index idempotency_key_age on idempotency_key (created_at);
select classify('idempotency_key', '{
    "internal": ["actor", "route", "key", "body_sha256", "created_at"], "confidential": ["answer"]}');
