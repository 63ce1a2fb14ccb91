-- Under which keys cases are read (shared::rights::case_keys): a person's cases are found by them, however many there are.
create table case_keys (
    key text collate "C" not null,
    space bigint not null references spaces (id),
    primary key (key, space)
);
create index case_keys_by_space on case_keys (space);
-- Cases of before (spaces of kind 7), whose keys are written when the store opens.
create table unkeyed (
    space bigint not null primary key
);
insert into unkeyed (space) select id from spaces where kind = 7;

-- Which spaces are new or others since they were read: the number of the change, counted in `meta`.
insert into meta (key, value) values ('spaces', 0);
alter table spaces add column changed bigint not null default 0;
create index spaces_by_change on spaces (changed);

-- What ledgers filter, sort and count by of a record's case stands in the record's row: one index then answers.
alter table records add column state text collate "C" not null default '';
alter table records add column due text collate "C" not null default '';
alter table records add column exit text collate "C" not null default '';
alter table records add column sort_days bigint;
alter table records add column feedback_days bigint;
-- Its tags of role and focus, one after the other: figure R7 counts by both.
alter table records add column marks text collate "C" not null default '';
update records set
    state = c.state, due = c.due, exit = c.exit, sort_days = c.sort_days, feedback_days = c.feedback_days
from cases c where c.record = records.id;
update records set marks = t.marks
from (
    select record, string_agg(term, chr(10) order by term) as marks from record_terms
    where class = 2 and (term like 'role:%' or term like 'focus:%') and length(term) < 40 group by record
) t
where t.record = records.id and records.kind = 5;
drop index cases_by_state;
drop index cases_by_due;
drop index cases_by_exit;
drop index cases_by_rate;
alter table cases drop column exit;
alter table cases drop column sort_days;
alter table cases drop column feedback_days;
create index cases_by_lead on cases (kind, lead_unit, record);

-- Counting reads no row: what lists are filtered by is in the index in which they are sorted.
drop index records_by_space;
drop index records_by_date;
drop index records_by_code;
create index records_by_space on records (kind, space, date desc, id desc, deleted, state, exit, code, number);
create index records_by_date on records (kind, date desc, id desc, space, deleted, state, exit, code, number);
create index records_by_code on records (kind, code, date desc, id desc, space, deleted, state, number);
create index records_by_state on records (kind, state, date desc, id desc, space, deleted, exit, code, number, marks)
    where state <> '';
create index records_by_due on records (kind, due, id, space, deleted, state, code, number) where due <> '';
create index records_by_exit on records (kind, date, exit, space, deleted, sort_days, feedback_days) where exit <> '';

create index quarantine_by_time on quarantine (received_ms desc, hash);
create index returned_by_time on returned (received_ms desc, id);
