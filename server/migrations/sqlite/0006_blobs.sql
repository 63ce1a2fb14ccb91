-- Photos and recordings that have arrived whole. Their bytes lie in the object store, under record and hash: what is
-- delivered twice is there once, a record takes its files along into another space, and no record knows another's.
create table blobs (
    record blob not null,
    hash blob not null,
    mime text not null,
    bytes integer not null,
    user_id integer not null references users (id),
    received_ms integer not null,
    primary key (record, hash)
) without rowid;

-- What a user has delivered on a day (days since 1970, UTC), whole or not.
create table blob_days (
    user_id integer not null references users (id),
    day integer not null,
    bytes integer not null,
    primary key (user_id, day)
) without rowid;
