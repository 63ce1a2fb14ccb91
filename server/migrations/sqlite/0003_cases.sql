-- Official events. They share the positions of the changes: a space has one log, a device one
-- cursor. `body` is who did what and what the server added, as JSON, as devices receive it.
create table events (
    space integer not null references spaces (id),
    position integer not null,
    record blob not null references records (id),
    kind integer not null,
    seq integer not null,
    id blob not null unique,
    user_id integer not null,
    device integer not null,
    made_ms integer not null,
    received_ms integer not null,
    body text not null,
    primary key (space, position)
) without rowid;
-- The events of a case are numbered 1, 2, 3 …: two writers can never put two in the same place.
create unique index events_by_case on events (record, seq);

-- The fold over a case's events, written with each of them. `folded` is the fold as JSON; the columns
-- beside it are what is filtered and sorted by: the first limit that runs out, and which it is.
create table cases (
    record blob not null primary key references records (id),
    kind integer not null,
    space integer not null references spaces (id),
    seq integer not null,
    state text not null,
    due text not null,
    clock text not null,
    lead_unit text not null,
    number text not null,
    tier text not null,
    folded text not null
) without rowid;
create index cases_by_state on cases (kind, space, state, due);
create index cases_by_due on cases (kind, space, due);

-- Case numbers (案号): the last one given of each series. Read and written under the space's lock, so
-- that none is given twice; each that was given is in an event.
create table case_numbers (
    space integer not null references spaces (id),
    series text not null,
    last integer not null,
    primary key (space, series)
) without rowid;

-- Requests that came back to who made them, with what is written in them, for staff to see.
create table returned (
    id blob not null,
    user_id integer not null,
    space integer not null,
    record blob not null,
    kind integer not null,
    device integer not null,
    made_ms integer not null,
    received_ms integer not null,
    body text not null,
    why text not null,
    primary key (id, user_id)
);
create index returned_by_space on returned (space, received_ms desc);

-- Rules, holidays and number patterns, as JSON; the newest version is in force.
create table books (
    version integer not null primary key,
    made_ms integer not null,
    book text not null
);
