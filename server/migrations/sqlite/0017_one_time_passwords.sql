-- A password that somebody else has made up is for one time: whoever signs in with it sets their own first.
alter table users add column must_change integer not null default 0;
