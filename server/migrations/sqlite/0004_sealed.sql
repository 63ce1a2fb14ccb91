-- Sealed personal records: ciphertexts under a key of their own, which is wrapped by a master key that
-- is not in this database. What is deleted leaves a row without contents; after a restore the list of
-- deletions beside the database may bring rows of which nothing else is known. `position` says to its
-- author's devices what has changed; its counter is in `meta`, touched first by whoever writes.
insert into meta (key, value) values ('sealed', 0), ('audit', 0);

create table sealed (
    id blob not null primary key,
    voice blob,
    space integer references spaces (id),
    author integer references users (id),
    version integer not null,
    position integer not null,
    written_ms integer not null,
    expires_ms integer not null,
    nonce blob,
    ciphertext blob,
    deleted_ms integer,
    deleted_why integer
);
create index sealed_by_author on sealed (author, position);
create index sealed_by_voice on sealed (voice);
create index sealed_by_expiry on sealed (expires_ms) where deleted_ms is null;

create table sealed_keys (
    sealed blob not null primary key references sealed (id),
    master blob not null,
    nonce blob not null,
    wrapped blob not null
);

-- Staff's openings, and their requests that wait for a second person.
create table sealed_openings (
    id integer not null primary key,
    sealed blob not null references sealed (id),
    user_id integer not null references users (id),
    reason text not null,
    asked_ms integer not null,
    approved_by integer references users (id),
    approved_ms integer,
    opened_ms integer
);
create index sealed_openings_by_record on sealed_openings (sealed, id);

-- Append-only; each hash covers the one before. Nothing of a citizen is in it.
create table audit (
    number integer not null primary key,
    at_ms integer not null,
    user_id integer,
    device integer,
    act text not null,
    subject text not null,
    reason text not null,
    hash blob not null
);
