-- Summaries as they were issued, with their numbers and the records behind these (JSON): what changed since is told from it.
create table issued_summaries (
    id bigint generated always as identity primary key,
    unit text collate "C" not null,
    year bigint not null,
    issued_by bigint not null references users (id),
    issued_ms bigint not null,
    body text collate "C" not null
);
create index issued_by_unit on issued_summaries (unit, issued_ms desc);
