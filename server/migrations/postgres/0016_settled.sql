-- What staff decided on a refused change (1 accepted, 2 returned, 3 discarded), who, when, and what they say about it. Of
-- one that is accepted or discarded the copy here is empty.
alter table quarantine add column settled bigint;
alter table quarantine add column settled_by bigint;
alter table quarantine add column settled_ms bigint;
alter table quarantine add column note text collate "C" not null default '';
