-- A new device gets whole records, the newest first: in the order of the position of a record's first
-- change, which never changes (0: nothing of the record is in the log). The number of its changes says
-- in which form it travels.

alter table records add column first_position bigint not null default 0;
alter table records add column changes bigint not null default 0;
update records set
    first_position = coalesce((select min(position) from changes where changes.record = records.id), 0),
    changes = (select count(*) from changes where changes.record = records.id);
create index records_by_first on records (space, first_position desc);
