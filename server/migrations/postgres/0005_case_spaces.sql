-- A deputy's private space, and a space for each case: whose it is, and who takes part.
alter table spaces add column record bytea;
alter table spaces add column parties text not null default '';
create unique index spaces_by_record on spaces (record) where record is not null;
create unique index spaces_private on spaces (unit) where kind = 6;
