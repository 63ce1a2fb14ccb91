-- What was taken from a handling unit (改派, 撤回, 层级转换): it is told by the number, because it may read the case no more.
create table releases (
    unit text collate "C" not null,
    received_ms bigint not null,
    record bytea not null,
    seq bigint not null,
    act text collate "C" not null,
    primary key (unit, received_ms, record, seq)
);
