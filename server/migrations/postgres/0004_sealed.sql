-- Sealed personal records: ciphertexts under a key of their own, which is wrapped by a master key that
-- is not in this database. What is deleted leaves a row without contents; after a restore the list of
-- deletions beside the database may bring rows of which nothing else is known. `position` says to its
-- author's devices what has changed; its counter is in `meta`, touched first by whoever writes.
insert into meta (key, value) values ('sealed', 0), ('audit', 0);

create table sealed (
    id bytea not null primary key,
    voice bytea,
    space bigint references spaces (id),
    author bigint references users (id),
    version bigint not null,
    position bigint not null,
    written_ms bigint not null,
    expires_ms bigint not null,
    nonce bytea,
    ciphertext bytea,
    deleted_ms bigint,
    deleted_why bigint
);
create index sealed_by_author on sealed (author, position);
create index sealed_by_voice on sealed (voice);
create index sealed_by_expiry on sealed (expires_ms) where deleted_ms is null;

create table sealed_keys (
    sealed bytea not null primary key references sealed (id),
    master bytea not null,
    nonce bytea not null,
    wrapped bytea not null
);

-- Staff's openings, and their requests that wait for a second person.
create table sealed_openings (
    id bigint not null primary key,
    sealed bytea not null references sealed (id),
    user_id bigint not null references users (id),
    reason text collate "C" not null,
    asked_ms bigint not null,
    approved_by bigint references users (id),
    approved_ms bigint,
    opened_ms bigint
);
create index sealed_openings_by_record on sealed_openings (sealed, id);

-- Append-only; each hash covers the one before. Nothing of a citizen is in it.
create table audit (
    number bigint not null primary key,
    at_ms bigint not null,
    user_id bigint,
    device bigint,
    act text collate "C" not null,
    subject text collate "C" not null,
    reason text collate "C" not null,
    hash bytea not null
);
