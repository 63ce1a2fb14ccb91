-- What the rates of suggestions look at, beside the fold (DOMAIN §7.0; shared::case::figures::Measures).
alter table cases add column lead_name text not null default '';
alter table cases add column assigned integer not null default 0;
alter table cases add column class text not null default '';
alter table cases add column reply_due text not null default '';
alter table cases add column in_time integer not null default 0;
alter table cases add column done integer not null default 0;
alter table cases add column result text not null default '';
alter table cases add column first_result text not null default '';
alter table cases add column reach integer not null default 0;
alter table cases add column may_publish integer not null default 0;
alter table cases add column published integer not null default 0;
-- Only suggestions that were handed in have a tier.
create index cases_by_rate on cases (kind, space, state, tier, lead_unit, lead_name, assigned, class, reply_due, in_time,
    done, result, first_result, reach, may_publish, published) where tier <> '';

-- What replies promised, by when, and what came of it.
create table commitments (
    record blob not null references cases (record),
    number integer not null,
    due text not null,
    outcome text not null,
    primary key (record, number)
) without rowid;

-- Suggestions (kind 8) of before, to be measured by the fold when the store opens.
create table unmeasured (
    record blob not null primary key
) without rowid;
insert into unmeasured (record) select record from cases where kind = 8;
