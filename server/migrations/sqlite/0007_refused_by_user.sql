-- How much of one user's lies here is counted before more is added.
create index quarantine_by_user on quarantine (user_id);
create index returned_by_user on returned (user_id);
