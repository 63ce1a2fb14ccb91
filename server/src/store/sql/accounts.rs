//! Spaces, users, devices, and failed sign-ins.

use std::collections::{BTreeMap, HashMap};

use lianxin_shared::{
    id::{DeviceId, RecordId, SpaceId, UnitCode, UserId},
    rights::{Person, Post, Role, Space, SpaceKind},
};

use super::{
    SqlStore, Writing,
    engine::{Columns, Engine},
    keys, log,
    spaces::Known,
    statement::{Arg, Statement},
};
use crate::store::{Device, DeviceKind, DeviceReport, Failures, FormerPost, NewDevice, NewUser, Scopes, User};

/// Which users to read.
pub(super) enum Which<'a> {
    All,
    Id(UserId),
    Login(&'a str),
}

const PHONE: i64 = 1;
const CONSOLE: i64 = 2;
/// Of a program: behind it the bits of its scopes.
const API: i64 = 256;
pub(super) const SPACE_COLUMNS: &str = "select id, kind, unit, name, parties, changed";
const DEVICE_COLUMNS: &str = "select id, user_id, kind, label, created_ms, last_seen_ms, revoked_ms, signed_out, app_version, \
     unsent, clock_offset_ms from devices";

impl<DB: Engine> SqlStore<DB> {
    pub(super) async fn insert_space(&self, kind: SpaceKind, unit: &UnitCode, name: &str) -> anyhow::Result<SpaceId> {
        let mut writing = self.begin().await?;
        writing.run(Statement::new(keys::COUNT)).await?;
        let insert = "insert into spaces (kind, unit, name, changed) \
             values ($1, $2, $3, (select value from meta where key = 'spaces')) returning id";
        let insert = Statement::new(insert).bind(kind as u8).bind(unit.0.as_str()).bind(name);
        let rows = writing.run(insert).await?;
        writing.commit().await?;
        self.spaces.look_again();
        let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
        log::space(&mut Columns::<DB>::of(row))
    }

    pub(super) async fn make_or_name_space(&self, kind: SpaceKind, unit: &UnitCode, name: &str) -> anyhow::Result<()> {
        const MAKE: &str = "insert into spaces (kind, unit, name, changed) \
             values ($1, $2, $3, (select value from meta where key = 'spaces')) on conflict do nothing";
        const NAME: &str = "update spaces set name = $3, changed = (select value from meta where key = 'spaces') \
             where kind = $1 and unit = $2 and name <> $3";
        let mut writing = self.begin().await?;
        writing.run(Statement::new(keys::COUNT)).await?;
        for statement in [MAKE, NAME] {
            writing.run(Statement::new(statement).bind(kind as u8).bind(unit.0.as_str()).bind(name)).await?;
        }
        writing.commit().await?;
        self.spaces.look_again();
        Ok(())
    }

    /// The spaces, of which only those are read that changed since they were read last.
    pub(super) async fn read_spaces(&self) -> anyhow::Result<Known> {
        let stale = match self.spaces.get() {
            Ok(known) => return Ok(known),
            Err(stale) => stale,
        };
        let mut select = Statement::new(SPACE_COLUMNS);
        select.push(" from spaces where changed > ").arg(stale.known.change);
        let mut changed = Vec::new();
        let mut change = stale.known.change;
        for row in self.rows(select).await? {
            let mut columns = Columns::<DB>::of(&row);
            changed.push(space_row(&mut columns)?);
            change = change.max(columns.int()?);
        }
        changed.sort_unstable_by_key(|space: &Space| space.id);
        Ok(self.spaces.keep(stale, changed, change))
    }

    pub(super) async fn space_rows(&self, select: Statement) -> anyhow::Result<Vec<Space>> {
        self.rows(select).await?.iter().map(|row| space_row(&mut Columns::<DB>::of(row))).collect()
    }

    pub(super) async fn insert_user(&self, user: NewUser) -> anyhow::Result<Option<UserId>> {
        let mut writing = self.begin().await?;
        let insert = "insert into users (login, name, password_hash) values ($1, $2, $3) \
             on conflict (login) do nothing returning id";
        let insert = Statement::new(insert).bind(user.login).bind(user.name).bind(user.password_hash);
        let rows = writing.run(insert).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let id = UserId(Columns::<DB>::of(row).int()?);
        insert_posts(&mut writing, id, &user.posts).await?;
        writing.commit().await?;
        Ok(Some(id))
    }

    pub(super) async fn read_users(&self, which: Which<'_>) -> anyhow::Result<Vec<User>> {
        let mut users =
            Statement::new("select u.id, u.name, u.login, u.password_hash, u.locked, u.must_change from users u");
        let mut posts =
            Statement::new("select p.user_id, p.role, p.unit, p.mandate from posts p join users u on u.id = p.user_id");
        for select in [&mut users, &mut posts] {
            match which {
                Which::All => {}
                Which::Id(id) => drop(select.push(" where u.id = ").arg(id.0)),
                Which::Login(login) => drop(select.push(" where u.login = ").arg(login)),
            }
        }
        users.push(" order by u.id");
        posts.push(" order by p.user_id, p.place");
        let mut held: HashMap<UserId, Vec<Post>> = HashMap::new();
        for row in self.rows(posts).await? {
            let mut columns = Columns::<DB>::of(&row);
            let user = UserId(columns.int()?);
            held.entry(user).or_default().push(post_row(&mut columns)?);
        }
        self.rows(users).await?.iter().map(|row| user_row(&mut Columns::<DB>::of(row), &mut held)).collect()
    }

    pub(super) async fn update_password(&self, user: UserId, password_hash: &str) -> anyhow::Result<()> {
        let update = "update users set password_hash = $2 where id = $1";
        self.change(Statement::new(update).bind(user.0).bind(password_hash)).await?;
        Ok(())
    }

    pub(super) async fn update_must_change(&self, user: UserId, must_change: bool) -> anyhow::Result<()> {
        let update = "update users set must_change = $2 where id = $1";
        self.change(Statement::new(update).bind(user.0).bind(must_change)).await?;
        Ok(())
    }

    pub(super) async fn replace_posts(&self, user: UserId, posts: &[Post], now_ms: i64) -> anyhow::Result<()> {
        const HELD: &str = "delete from posts where user_id = $1 returning role, unit, mandate";
        const FORMER: &str = "delete from former_posts where user_id = $1 returning role, unit, mandate, taken_ms";
        let mut writing = self.begin().await?;
        let held = writing.run(Statement::new(HELD).bind(user.0)).await?;
        let former = writing.run(Statement::new(FORMER).bind(user.0)).await?;
        let mut gone: Vec<FormerPost> = former.iter().map(former_row::<DB>).collect::<anyhow::Result<_>>()?;
        for row in &held {
            gone.push(FormerPost { post: post_row(&mut Columns::<DB>::of(row))?, taken_ms: now_ms });
        }
        gone.retain(|former| !posts.contains(&former.post));
        insert_posts(&mut writing, user, posts).await?;
        insert_former_posts(&mut writing, user, &gone).await?;
        writing.commit().await
    }

    pub(super) async fn end_posts(&self, mandate: RecordId, now_ms: i64) -> anyhow::Result<Vec<UserId>> {
        const TAKE: &str = "delete from posts where mandate = $1 returning user_id, role, unit, mandate";
        let mut writing = self.begin().await?;
        let mut taken: BTreeMap<UserId, Vec<FormerPost>> = BTreeMap::new();
        for row in writing.run(Statement::new(TAKE).bind(mandate.0)).await? {
            let mut columns = Columns::<DB>::of(&row);
            let user = UserId(columns.int()?);
            taken.entry(user).or_default().push(FormerPost { post: post_row(&mut columns)?, taken_ms: now_ms });
        }
        for (user, gone) in &taken {
            insert_former_posts(&mut writing, *user, gone).await?;
        }
        writing.commit().await?;
        Ok(taken.into_keys().collect())
    }

    pub(super) async fn read_former_posts(&self, user: UserId) -> anyhow::Result<Vec<FormerPost>> {
        let select = "select role, unit, mandate, taken_ms from former_posts where user_id = $1 \
             order by taken_ms, unit, role, mandate";
        self.rows(Statement::new(select).bind(user.0)).await?.iter().map(former_row::<DB>).collect()
    }

    pub(super) async fn update_locked(&self, user: UserId, locked: bool) -> anyhow::Result<()> {
        self.change(Statement::new("update users set locked = $2 where id = $1").bind(user.0).bind(locked)).await?;
        Ok(())
    }

    pub(super) async fn insert_device(&self, device: NewDevice<'_>) -> anyhow::Result<DeviceId> {
        let insert = "insert into devices (user_id, kind, label, token_hash, created_ms, last_seen_ms) \
             values ($1, $2, $3, $4, $5, $5) returning id";
        let kind = match device.kind {
            DeviceKind::Phone => PHONE,
            DeviceKind::Console => CONSOLE,
            DeviceKind::Api(scopes) => API + i64::from(scopes.bits()),
        };
        let insert = Statement::new(insert)
            .bind(device.user.0)
            .bind(kind)
            .bind(device.label)
            .bind(device.token_hash)
            .bind(device.now_ms);
        let rows = self.change(insert).await?;
        let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
        Ok(DeviceId(Columns::<DB>::of(row).int()?))
    }

    pub(super) async fn read_device_by_token(&self, token_hash: &[u8]) -> anyhow::Result<Option<Device>> {
        self.read_device(" where token_hash = ", token_hash).await
    }

    pub(super) async fn read_device_by_id(&self, id: DeviceId) -> anyhow::Result<Option<Device>> {
        self.read_device(" where id = ", id.0).await
    }

    async fn read_device(&self, by: &'static str, value: impl Into<Arg>) -> anyhow::Result<Option<Device>> {
        let mut select = Statement::new(DEVICE_COLUMNS);
        select.push(by).arg(value);
        let rows = self.rows(select).await?;
        rows.first().map(|row| device_row(&mut Columns::<DB>::of(row))).transpose()
    }

    pub(super) async fn read_devices(&self) -> anyhow::Result<Vec<Device>> {
        let mut select = Statement::new(DEVICE_COLUMNS);
        select.push(" order by id");
        self.rows(select).await?.iter().map(|row| device_row(&mut Columns::<DB>::of(row))).collect()
    }

    pub(super) async fn update_devices(&self, reports: &[(DeviceId, DeviceReport)]) -> anyhow::Result<()> {
        const UPDATE: &str = "update devices set app_version = $2, unsent = $3, clock_offset_ms = $4, \
             last_seen_ms = $5 where id = $1 and last_seen_ms <= $5";
        let mut writing = self.begin().await?;
        // In one order, so that two servers never wait for each other.
        let mut reports: Vec<_> = reports.iter().collect();
        reports.sort_unstable_by_key(|(device, _)| *device);
        for (device, report) in reports {
            let update = Statement::new(UPDATE)
                .bind(device.0)
                .bind(report.app_version.as_str())
                .bind(report.unsent)
                .bind(report.clock_offset_ms)
                .bind(report.seen_ms);
            writing.run(update).await?;
        }
        writing.commit().await
    }

    pub(super) async fn update_revoked(&self, device: DeviceId, now_ms: i64) -> anyhow::Result<()> {
        let update = "update devices set revoked_ms = coalesce(revoked_ms, $2), signed_out = 0 where id = $1";
        self.change(Statement::new(update).bind(device.0).bind(now_ms)).await?;
        Ok(())
    }

    pub(super) async fn update_signed_out(&self, device: DeviceId, now_ms: i64) -> anyhow::Result<()> {
        let update = "update devices set revoked_ms = $2, signed_out = 1 where id = $1 and revoked_ms is null";
        self.change(Statement::new(update).bind(device.0).bind(now_ms)).await?;
        Ok(())
    }

    pub(super) async fn read_failures(&self, login: &str) -> anyhow::Result<Failures> {
        let select = "select count, last_ms from sign_in_failures where login = $1";
        let rows = self.rows(Statement::new(select).bind(login)).await?;
        let Some(row) = rows.first() else { return Ok(Failures::default()) };
        let mut columns = Columns::<DB>::of(row);
        Ok(Failures { count: columns.number(|count| count.try_into().ok())?, last_ms: columns.int()? })
    }

    /// Compare and set: `before` must still be what is stored.
    pub(super) async fn swap_failures(&self, login: &str, before: Failures, after: Failures) -> anyhow::Result<bool> {
        const SWAP: &str = "insert into sign_in_failures (login, count, last_ms) values ($1, $2, $3) \
             on conflict (login) do update set count = excluded.count, last_ms = excluded.last_ms \
             where sign_in_failures.count = $4 and sign_in_failures.last_ms = $5 returning login";
        let swap = Statement::new(SWAP)
            .bind(login)
            .bind(after.count)
            .bind(after.last_ms)
            .bind(before.count)
            .bind(before.last_ms);
        Ok(!self.change(swap).await?.is_empty())
    }

    pub(super) async fn delete_failures(&self, login: &str) -> anyhow::Result<()> {
        self.change(Statement::new("delete from sign_in_failures where login = $1").bind(login)).await?;
        Ok(())
    }

    pub(super) async fn delete_failures_before(&self, before_ms: i64) -> anyhow::Result<()> {
        self.change(Statement::new("delete from sign_in_failures where last_ms < $1").bind(before_ms)).await?;
        Ok(())
    }
}

async fn insert_posts<DB: Engine>(writing: &mut Writing<DB>, user: UserId, posts: &[Post]) -> anyhow::Result<()> {
    let insert = "insert into posts (user_id, place, role, unit, mandate) values ($1, $2, $3, $4, $5)";
    for (place, post) in (0_i64..).zip(posts) {
        let insert = Statement::new(insert)
            .bind(user.0)
            .bind(place)
            .bind(post.role as u8)
            .bind(post.unit.0.as_str())
            .bind(post.mandate.map(|id| id.0));
        writing.run(insert).await?;
    }
    Ok(())
}

async fn insert_former_posts<DB: Engine>(
    writing: &mut Writing<DB>,
    user: UserId,
    gone: &[FormerPost],
) -> anyhow::Result<()> {
    let insert = "insert into former_posts (user_id, role, unit, mandate, taken_ms) values ($1, $2, $3, $4, $5)";
    for FormerPost { post, taken_ms } in gone {
        let insert = Statement::new(insert)
            .bind(user.0)
            .bind(post.role as u8)
            .bind(post.unit.0.as_str())
            .bind(post.mandate.map(|id| id.0))
            .bind(*taken_ms);
        writing.run(insert).await?;
    }
    Ok(())
}

pub(super) fn space_row<DB: Engine>(columns: &mut Columns<'_, DB>) -> anyhow::Result<Space> {
    Ok(Space {
        id: log::space(columns)?,
        kind: columns.number(|number| SpaceKind::from_number(number.try_into().ok()?))?,
        unit: UnitCode(columns.text()?),
        name: columns.text()?,
        parties: columns.text()?.split_whitespace().map(|code| UnitCode(code.into())).collect(),
    })
}

fn post_row<DB: Engine>(columns: &mut Columns<'_, DB>) -> anyhow::Result<Post> {
    Ok(Post {
        role: columns.number(|number| Role::from_number(number.try_into().ok()?))?,
        unit: UnitCode(columns.text()?),
        mandate: columns.id_or_null()?,
    })
}

fn former_row<DB: Engine>(row: &DB::Row) -> anyhow::Result<FormerPost> {
    let mut columns = Columns::<DB>::of(row);
    Ok(FormerPost { post: post_row(&mut columns)?, taken_ms: columns.int()? })
}

fn user_row<DB: Engine>(columns: &mut Columns<'_, DB>, held: &mut HashMap<UserId, Vec<Post>>) -> anyhow::Result<User> {
    let (user, name) = (UserId(columns.int()?), columns.text()?);
    let person = Person { user, name, posts: held.remove(&user).unwrap_or_default() };
    Ok(User {
        person,
        login: columns.text()?,
        password_hash: columns.text()?,
        locked: columns.int()? != 0,
        must_change: columns.int()? != 0,
    })
}

fn device_row<DB: Engine>(columns: &mut Columns<'_, DB>) -> anyhow::Result<Device> {
    Ok(Device {
        id: DeviceId(columns.int()?),
        user: UserId(columns.int()?),
        kind: columns.number(|number| match number {
            PHONE => Some(DeviceKind::Phone),
            CONSOLE => Some(DeviceKind::Console),
            api => Some(DeviceKind::Api(Scopes::of_bits(u8::try_from(api.checked_sub(API)?).ok()?))),
        })?,
        label: columns.text()?,
        created_ms: columns.int()?,
        last_seen_ms: columns.int()?,
        revoked_ms: columns.int_or_null()?,
        signed_out: columns.int()? != 0,
        app_version: columns.text()?,
        unsent: columns.int()?,
        clock_offset_ms: columns.int()?,
    })
}
