-- Changes that are gone because their record was founded anew. Whoever sends one again, or something that rests on it, is
-- told so; nothing of what they said is kept.
create table founded_away (
    hash bytea not null primary key,
    record bytea not null,
    received_ms bigint not null
);
