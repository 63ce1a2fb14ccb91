-- Official events. They share the positions of the changes: a space has one log, a device one
-- cursor. `body` is who did what and what the server added, as JSON, as devices receive it.
create table events (
    space bigint not null references spaces (id),
    position bigint not null,
    record bytea not null references records (id),
    kind bigint not null,
    seq bigint not null,
    id bytea not null unique,
    user_id bigint not null,
    device bigint not null,
    made_ms bigint not null,
    received_ms bigint not null,
    body text collate "C" not null,
    primary key (space, position)
);
-- The events of a case are numbered 1, 2, 3 …: two writers can never put two in the same place.
create unique index events_by_case on events (record, seq);

-- The fold over a case's events, written with each of them. `folded` is the fold as JSON; the columns
-- beside it are what is filtered and sorted by: the first limit that runs out, and which it is.
create table cases (
    record bytea not null primary key references records (id),
    kind bigint not null,
    space bigint not null references spaces (id),
    seq bigint not null,
    state text collate "C" not null,
    due text collate "C" not null,
    clock text collate "C" not null,
    lead_unit text collate "C" not null,
    number text collate "C" not null,
    tier text collate "C" not null,
    folded text collate "C" not null
);
create index cases_by_state on cases (kind, space, state, due);
create index cases_by_due on cases (kind, space, due);

-- Case numbers (案号): the last one given of each series. Read and written under the space's lock, so
-- that none is given twice; each that was given is in an event.
create table case_numbers (
    space bigint not null references spaces (id),
    series text collate "C" not null,
    last bigint not null,
    primary key (space, series)
);

-- Requests that came back to who made them, with what is written in them, for staff to see.
create table returned (
    id bytea not null,
    user_id bigint not null,
    space bigint not null,
    record bytea not null,
    kind bigint not null,
    device bigint not null,
    made_ms bigint not null,
    received_ms bigint not null,
    body text collate "C" not null,
    why text collate "C" not null,
    primary key (id, user_id)
);
create index returned_by_space on returned (space, received_ms desc);

-- Rules, holidays and number patterns, as JSON; the newest version is in force.
create table books (
    version bigint not null primary key,
    made_ms bigint not null,
    book text collate "C" not null
);
