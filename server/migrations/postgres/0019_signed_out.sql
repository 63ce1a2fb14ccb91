-- Whether a device was ended by its own user, by signing out (1), or by staff (0): what staff ended is not believed any
-- more. Of those that ended before nobody knows.
alter table devices add column signed_out bigint not null default 0;
