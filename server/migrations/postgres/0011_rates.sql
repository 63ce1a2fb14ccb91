-- What the rates of suggestions look at, beside the fold (DOMAIN §7.0; shared::case::figures::Measures).
alter table cases add column lead_name text collate "C" not null default '';
alter table cases add column assigned bigint not null default 0;
alter table cases add column class text collate "C" not null default '';
alter table cases add column reply_due text collate "C" not null default '';
alter table cases add column in_time bigint not null default 0;
alter table cases add column done bigint not null default 0;
alter table cases add column result text collate "C" not null default '';
alter table cases add column first_result text collate "C" not null default '';
alter table cases add column reach bigint not null default 0;
alter table cases add column may_publish bigint not null default 0;
alter table cases add column published bigint not null default 0;
-- Only suggestions that were handed in have a tier.
create index cases_by_rate on cases (kind, space, state, tier, lead_unit, lead_name, assigned, class, reply_due, in_time,
    done, result, first_result, reach, may_publish, published, record) where tier <> '';

-- What replies promised, by when, and what came of it.
create table commitments (
    record bytea not null references cases (record),
    number bigint not null,
    due text collate "C" not null,
    outcome text collate "C" not null,
    primary key (record, number)
);

-- Suggestions (kind 8) of before, to be measured by the fold when the store opens.
create table unmeasured (
    record bytea not null primary key
);
insert into unmeasured (record) select record from cases where kind = 8;
