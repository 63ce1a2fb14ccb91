-- A station's ledger is counted without reading its rows, as those by date, space and code are.
drop index records_by_station;
create index records_by_station on records (station, kind, date desc, id desc, space, deleted, state, exit, code, number);
