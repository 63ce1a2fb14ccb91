-- Text is ordered by its bytes (collate "C"), as on the other engine.
-- The counter of a space (its log's end) is in its row: whoever writes touches it first, and so
-- waits for whoever writes before. Times are milliseconds since 1970, by the server's clock unless
-- the name says device.

create table meta (
    key text collate "C" not null primary key,
    value bigint not null
);

create table spaces (
    id bigint generated always as identity primary key,
    kind bigint not null,
    unit text collate "C" not null,
    name text collate "C" not null,
    position bigint not null default 0
);

create table users (
    id bigint generated always as identity primary key,
    login text collate "C" not null unique,
    name text collate "C" not null,
    password_hash text collate "C" not null,
    locked bigint not null default 0
);

create table posts (
    user_id bigint not null references users (id),
    place bigint not null,
    role bigint not null,
    unit text collate "C" not null,
    mandate bytea,
    primary key (user_id, place)
);

create table devices (
    id bigint generated always as identity primary key,
    user_id bigint not null references users (id),
    kind bigint not null,
    label text collate "C" not null,
    token_hash bytea not null unique,
    created_ms bigint not null,
    last_seen_ms bigint not null,
    revoked_ms bigint,
    app_version text collate "C" not null default '',
    unsent bigint not null default 0,
    clock_offset_ms bigint not null default 0
);

create table actors (
    actor bytea not null primary key,
    device bigint not null references devices (id)
);

-- The log.
create table changes (
    space bigint not null references spaces (id),
    position bigint not null,
    record bytea not null,
    kind bigint not null,
    hash bytea not null unique,
    actor bytea not null,
    device bigint not null,
    device_time_ms bigint not null,
    received_ms bigint not null,
    bytes bytea not null,
    primary key (space, position)
);
create index changes_by_record on changes (record);

-- What lists, ledgers and figures read. `summary` is the row as JSON without its search text; the
-- columns beside it are what is filtered and sorted by.
create table records (
    id bytea not null primary key,
    kind bigint not null,
    space bigint not null references spaces (id),
    date text collate "C" not null,
    title text collate "C" not null,
    station bytea,
    place bytea,
    code text collate "C" not null,
    status text collate "C" not null,
    number bigint not null,
    deleted bigint not null,
    created_ms bigint not null,
    updated_ms bigint not null,
    summary text collate "C" not null,
    search text collate "C" not null
);
create index records_by_space on records (kind, space, date desc, id desc);
create index records_by_date on records (kind, date desc, id desc);
create index records_by_station on records (station, kind, date desc, id desc);
create index records_by_code on records (kind, code, date desc, id desc);

-- Beside the row, so that a ledger does not read past the documents.
create table documents (
    record bytea not null primary key references records (id),
    doc bytea not null
);

-- By which lists find records: people (class 1), tags (2), records linked to (3).
create table record_terms (
    class bigint not null,
    term text collate "C" not null,
    record bytea not null references records (id),
    primary key (class, term, record)
);

create table quarantine (
    hash bytea not null,
    user_id bigint not null,
    space bigint not null,
    record bytea not null,
    kind bigint not null,
    device bigint not null,
    reason bigint not null,
    field text collate "C" not null,
    received_ms bigint not null,
    bytes bytea not null,
    primary key (hash, user_id)
);
create index quarantine_by_space on quarantine (space, received_ms desc);

create table sign_in_failures (
    login text collate "C" not null primary key,
    count bigint not null,
    last_ms bigint not null
);
