-- Photos and recordings that have arrived whole. Their bytes lie in the object store, under record and hash: what is
-- delivered twice is there once, a record takes its files along into another space, and no record knows another's.
create table blobs (
    record bytea not null,
    hash bytea not null,
    mime text collate "C" not null,
    bytes bigint not null,
    user_id bigint not null references users (id),
    received_ms bigint not null,
    primary key (record, hash)
);

-- What a user has delivered on a day (days since 1970, UTC), whole or not.
create table blob_days (
    user_id bigint not null references users (id),
    day bigint not null,
    bytes bigint not null,
    primary key (user_id, day)
);
