-- Posts that were taken away and not given back: by which somebody's last drafts still arrive (换届).
create table former_posts (
    user_id integer not null references users (id),
    role integer not null,
    unit text not null,
    mandate blob,
    taken_ms integer not null
);
create index former_posts_by_user on former_posts (user_id);
