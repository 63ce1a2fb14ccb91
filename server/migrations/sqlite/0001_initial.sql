-- The counter of a space (its log's end) is in its row: whoever writes touches it first, and so
-- waits for whoever writes before. Times are milliseconds since 1970, by the server's clock unless
-- the name says device.

create table meta (
    key text not null primary key,
    value integer not null
);

create table spaces (
    id integer primary key autoincrement,
    kind integer not null,
    unit text not null,
    name text not null,
    position integer not null default 0
);

create table users (
    id integer primary key autoincrement,
    login text not null unique,
    name text not null,
    password_hash text not null,
    locked integer not null default 0
);

create table posts (
    user_id integer not null references users (id),
    place integer not null,
    role integer not null,
    unit text not null,
    mandate blob,
    primary key (user_id, place)
) without rowid;

create table devices (
    id integer primary key autoincrement,
    user_id integer not null references users (id),
    kind integer not null,
    label text not null,
    token_hash blob not null unique,
    created_ms integer not null,
    last_seen_ms integer not null,
    revoked_ms integer,
    app_version text not null default '',
    unsent integer not null default 0,
    clock_offset_ms integer not null default 0
);

create table actors (
    actor blob not null primary key,
    device integer not null references devices (id)
) without rowid;

-- The log. Clustered by its order: a device reads a piece of one space.
create table changes (
    space integer not null references spaces (id),
    position integer not null,
    record blob not null,
    kind integer not null,
    hash blob not null unique,
    actor blob not null,
    device integer not null,
    device_time_ms integer not null,
    received_ms integer not null,
    bytes blob not null,
    primary key (space, position)
) without rowid;
create index changes_by_record on changes (record);

-- What lists, ledgers and figures read. `summary` is the row as JSON without its search text; the
-- columns beside it are what is filtered and sorted by.
create table records (
    id blob not null primary key,
    kind integer not null,
    space integer not null references spaces (id),
    date text not null,
    title text not null,
    station blob,
    place blob,
    code text not null,
    status text not null,
    number integer not null,
    deleted integer not null,
    created_ms integer not null,
    updated_ms integer not null,
    summary text not null,
    search text not null
);
create index records_by_space on records (kind, space, date desc, id desc);
create index records_by_date on records (kind, date desc, id desc);
create index records_by_station on records (station, kind, date desc, id desc);
create index records_by_code on records (kind, code, date desc, id desc);

-- Beside the row, so that a ledger does not read past the documents.
create table documents (
    record blob not null primary key references records (id),
    doc blob not null
) without rowid;

-- By which lists find records: people (class 1), tags (2), records linked to (3).
create table record_terms (
    class integer not null,
    term text not null,
    record blob not null references records (id),
    primary key (class, term, record)
) without rowid;

create table quarantine (
    hash blob not null,
    user_id integer not null,
    space integer not null,
    record blob not null,
    kind integer not null,
    device integer not null,
    reason integer not null,
    field text not null,
    received_ms integer not null,
    bytes blob not null,
    primary key (hash, user_id)
);
create index quarantine_by_space on quarantine (space, received_ms desc);

create table sign_in_failures (
    login text not null primary key,
    count integer not null,
    last_ms integer not null
) without rowid;
