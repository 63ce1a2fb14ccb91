-- Where a voice went, and after how many days it was sorted and fed back: for figures (DOMAIN §7.1, R10).
alter table cases add column exit text collate "C" not null default '';
alter table cases add column sort_days bigint;
alter table cases add column feedback_days bigint;
-- Voices are kind 7. Days are those of the district, eight hours ahead of the clock's.
update cases set
    exit = coalesce(folded::jsonb ->> 'exit', ''),
    sort_days = (
        select (min(done.received_ms) + 28800000) / 86400000 from events done
        where done.record = cases.record and done.body like '%"act":"sort"%'
    ) - (
        select (min(made.received_ms) + 28800000) / 86400000 from events made
        where made.record = cases.record and made.body like '%"act":"submit"%'
    ),
    feedback_days = (
        select (min(done.received_ms) + 28800000) / 86400000 from events done
        where done.record = cases.record and done.body like '%"act":"feedback"%'
    ) - (
        select (min(made.received_ms) + 28800000) / 86400000 from events made
        where made.record = cases.record and made.body like '%"act":"submit"%'
    )
where kind = 7;
create index cases_by_exit on cases (kind, space, exit, sort_days, feedback_days);
