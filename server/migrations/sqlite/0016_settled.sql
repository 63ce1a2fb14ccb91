-- What staff decided on a refused change (1 accepted, 2 returned, 3 discarded), who, when, and what they say about it. Of
-- one that is accepted or discarded the copy here is empty.
alter table quarantine add column settled integer;
alter table quarantine add column settled_by integer;
alter table quarantine add column settled_ms integer;
alter table quarantine add column note text not null default '';
