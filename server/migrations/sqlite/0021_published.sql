-- What was published is found among all cases, for the page that is open to everybody.
create index cases_published on cases (kind, record) where done = 1 and may_publish = 1 and published = 1;
