-- Summaries as they were issued, with their numbers and the records behind these (JSON): what changed since is told from it.
create table issued_summaries (
    id integer primary key autoincrement,
    unit text not null,
    year integer not null,
    issued_by integer not null references users (id),
    issued_ms integer not null,
    body text not null
);
create index issued_by_unit on issued_summaries (unit, issued_ms desc);
