-- Photos and recordings that a phone handed over which staff have ended: beside the refused changes that name them, until
-- staff have decided on those. Their bytes lie in the object store, apart from those of records.
create table apart_files (
    record blob not null,
    user_id integer not null references users (id),
    hash blob not null,
    mime text not null,
    bytes integer not null,
    previewed integer not null,
    received_ms integer not null,
    primary key (record, user_id, hash)
) without rowid;

-- A sealed record that waits in the same way has no space yet.
create index sealed_apart on sealed (voice) where space is null and deleted_ms is null;
