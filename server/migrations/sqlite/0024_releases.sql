-- What was taken from a handling unit (改派, 撤回, 层级转换): it is told by the number, because it may read the case no more.
create table releases (
    unit text not null,
    received_ms integer not null,
    record blob not null,
    seq integer not null,
    act text not null,
    primary key (unit, received_ms, record, seq)
) without rowid;
