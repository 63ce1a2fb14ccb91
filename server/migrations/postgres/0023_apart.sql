-- Photos and recordings that a phone handed over which staff have ended: beside the refused changes that name them, until
-- staff have decided on those. Their bytes lie in the object store, apart from those of records.
create table apart_files (
    record bytea not null,
    user_id bigint not null references users (id),
    hash bytea not null,
    mime text collate "C" not null,
    bytes bigint not null,
    previewed bigint not null,
    received_ms bigint not null,
    primary key (record, user_id, hash)
);

-- A sealed record that waits in the same way has no space yet.
create index sealed_apart on sealed (voice) where space is null and deleted_ms is null;
