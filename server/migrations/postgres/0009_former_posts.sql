-- Posts that were taken away and not given back: by which somebody's last drafts still arrive (换届).
create table former_posts (
    user_id bigint not null references users (id),
    role bigint not null,
    unit text collate "C" not null,
    mandate bytea,
    taken_ms bigint not null
);
create index former_posts_by_user on former_posts (user_id);
