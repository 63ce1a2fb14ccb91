-- Photos and recordings that have arrived whole. Their bytes lie in the object store, under space and hash: what is
-- delivered twice into a space is there once, and a space knows nothing of another's.
create table blobs (
    space bigint not null references spaces (id),
    hash bytea not null,
    mime text collate "C" not null,
    bytes bigint not null,
    user_id bigint not null references users (id),
    received_ms bigint not null,
    primary key (space, hash)
);

-- What a user has delivered on a day (days since 1970, UTC), whole or not.
create table blob_days (
    user_id bigint not null references users (id),
    day bigint not null,
    bytes bigint not null,
    primary key (user_id, day)
);
