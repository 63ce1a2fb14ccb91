-- Changes that are gone because their record was founded anew. Whoever sends one again, or something that rests on it, is
-- told so; nothing of what they said is kept.
create table founded_away (
    hash blob not null primary key,
    record blob not null,
    received_ms integer not null
) without rowid;
