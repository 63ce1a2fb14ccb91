-- Rows of refused changes that were decided on stay for ever: what is open is found without them, they by when it was.
drop index quarantine_by_space;
drop index quarantine_by_time;
drop index quarantine_by_user;
create index quarantine_open on quarantine (settled, received_ms desc, hash);
create index quarantine_by_settled on quarantine (settled_ms desc, hash);
create index quarantine_by_user on quarantine (user_id, settled);
-- A case that opens takes along what was refused and what came back of its record.
create index quarantine_by_record on quarantine (record);
drop index returned_by_space;
create index returned_by_record on returned (record);

-- What they said is in the fold, and in the record's row what is filtered and sorted by.
alter table cases drop column due;
alter table cases drop column clock;
alter table cases drop column number;
