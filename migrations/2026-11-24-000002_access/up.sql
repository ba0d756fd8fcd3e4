-- Accounts, the one table of hashed tokens, roles and invitations to them.

create table account (
    id uuid primary key,
    email text not null,
    name text not null,
    -- As the owner says; without https://orcid.org/.
    orcid text,
    password_hash text,
    totp_secret bytea,
    totp_confirmed_at timestamptz,
    totp_last_step bigint not null default 0,
    email_confirmed_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default clock_timestamp()
);
create unique index account_email on account (lower(email));
select classify('account', '{
    "internal": ["id", "totp_confirmed_at", "email_confirmed_at", "version", "created_at"],
    "personal": ["email", "name", "orcid"], "secret": ["password_hash", "totp_secret", "totp_last_step"]}');

-- Sessions, bearer tokens and every kind of one-time link: a random token is known by its hash only.
create table token (
    id uuid primary key,
    account_id uuid not null references account (id),
    kind text not null check (kind in ('session', 'bearer', 'confirm_email', 'login_link',
                                       'password_reset', 'change_email')),
    hash bytea not null unique,
    label text not null default '',
    scopes text[] not null default '{}',
    strong boolean not null default false,
    payload text,
    -- The call whose expert's desk is all that a link of an invitation, and the session it begins, open.
    desk_call_id uuid check (desk_call_id is null or kind in ('session', 'login_link')),
    authenticated_at timestamptz not null default clock_timestamp(),
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    used_at timestamptz,
    revoked_at timestamptz
);
create index token_account on token (account_id, kind) where revoked_at is null;
select classify('token', '{
    "internal": ["id", "account_id", "kind", "label", "scopes", "strong", "desk_call_id", "authenticated_at",
                 "created_at", "expires_at", "used_at", "revoked_at"],
    "secret": ["hash", "payload"]}');

create table recovery_code (
    account_id uuid not null references account (id),
    hash bytea not null,
    used_at timestamptz,
    primary key (account_id, hash)
);
select classify('recovery_code', '{"internal": ["account_id", "used_at"], "secret": ["hash"]}');

-- Failed logins by account name (as an HMAC, so that unknown names are counted too) and source.
create table login_failure (
    subject bytea not null,
    source text not null,
    failures integer not null,
    last_at timestamptz not null,
    primary key (subject, source)
);
select classify('login_failure', '{"internal": ["failures", "last_at"], "personal": ["subject", "source"]}');

-- A kind of mails that somebody does without; every other kind is sent.
create table notice_off (
    account_id uuid not null references account (id),
    kind text not null,
    primary key (account_id, kind)
);
select classify('notice_off', '{"personal": ["account_id", "kind"]}');

create table role_grant (
    id uuid primary key,
    account_id uuid not null references account (id),
    call_id uuid,
    role text not null,
    organisation_id uuid,
    granted_by uuid,
    granted_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz
);
create unique index role_grant_once on role_grant
    (account_id, role, coalesce(call_id, account_id), coalesce(organisation_id, account_id))
    where ended_at is null;
create index role_grant_call on role_grant (call_id) where ended_at is null;
select classify('role_grant', '{
    "internal": ["id", "account_id", "call_id", "role", "organisation_id", "granted_by",
                 "granted_at", "ended_at"]}');

create table invitation (
    id uuid primary key,
    call_id uuid,
    email text not null,
    role text not null,
    organisation_id uuid,
    token_hash bytea not null unique,
    invited_by uuid,
    hands_over uuid references role_grant (id),
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    accepted_at timestamptz,
    accepted_by uuid references account (id),
    revoked_at timestamptz
);
create index invitation_call on invitation (call_id);
create index invitation_accepted_by on invitation (accepted_by);
create index invitation_hands_over on invitation (hands_over);
select classify('invitation', '{
    "internal": ["id", "call_id", "role", "organisation_id", "invited_by", "hands_over", "created_at",
                 "expires_at", "accepted_at", "accepted_by", "revoked_at"],
    "personal": ["email"], "secret": ["token_hash"]}');
