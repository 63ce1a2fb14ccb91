//! The accounts of this phone: several people may use it, each with a database of their own. One is open; the others lie
//! there with what they had not sent, are neither shown nor sent, and wait for their people.
//!
//! The list is a small database beside theirs, made at the first start. Where it says nothing, the phone's only account
//! lies in the first database.

use lianxin_shared::{
    id::{DeviceId, UserId},
    json::{self, FromObject, Object, Unfit},
};
use serde::Serialize;

use crate::{
    pin::PinLock,
    storage::{FIRST_DATABASE, Storage, StorageError},
};

/// The database of the list.
const DATABASE: &str = "lianxin-accounts";
/// Where nobody is signed in: an engine on nothing.
const NOBODY: &str = "lianxin-nobody";

/// An account on this phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Known {
    pub(crate) user: UserId,
    pub(crate) name: String,
    database: String,
    /// Signed in: a tap opens it. Otherwise its person has to sign in.
    pub(crate) open: bool,
    /// What it had not sent when it was left; where the app was closed before a PIN, nobody knows.
    pub(crate) unsent: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lock: Option<PinLock>,
}

/// What the view is told of one that is not open.
#[derive(Serialize)]
pub(crate) struct Other<'a> {
    user: UserId,
    name: &'a str,
    open: bool,
    unsent: Option<usize>,
    /// Opens with a PIN.
    pin: bool,
}

/// What stands before the account that was open last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Lock {
    None,
    /// There is a PIN, and someone has entered it.
    Open,
    /// The same, but the screen has been hidden since.
    Shut,
    /// An account lies here that nobody has opened since the start.
    Locked,
}

impl FromObject for Known {
    fn take_from(object: &mut Object) -> Result<Self, Unfit> {
        Ok(Self {
            user: UserId(object.number("user")?),
            name: object.text("name")?,
            database: object.text("database")?,
            open: object.flag("open")?,
            unsent: object.maybe("unsent", Object::counted)?,
            lock: object.maybe("lock", Object::object)?.map(|mut lock| PinLock::take_from(&mut lock)).transpose()?,
        })
    }
}

/// The list, and which of them is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Accounts {
    current: String,
    list: Vec<Known>,
    /// Databases that are to be deleted: what a move has left behind.
    pub(crate) doomed: Vec<String>,
}

impl Default for Accounts {
    fn default() -> Self {
        Self { current: FIRST_DATABASE.into(), list: Vec::new(), doomed: Vec::new() }
    }
}

impl FromObject for Accounts {
    fn take_from(object: &mut Object) -> Result<Self, Unfit> {
        let list = object.objects("list")?;
        let doomed = object.maybe("doomed", Object::parsed_list)?.unwrap_or_default();
        Ok(Self { current: object.text("current")?, list, doomed })
    }
}

impl Accounts {
    /// As an engine begins with it: an account with a PIN is not open.
    pub(crate) async fn read() -> Result<Self, StorageError> {
        let bytes = Storage::open(DATABASE, None).await?.note().await?;
        let read = Object::read(&bytes).and_then(|mut object| Self::take_from(&mut object)).unwrap_or_default();
        Ok(read.starting())
    }

    fn starting(mut self) -> Self {
        let Some(known) = self.list.iter_mut().find(|known| known.database == self.current) else { return self };
        if known.lock.is_none() {
            return self;
        }
        known.unsent = None;
        self.opening_none()
    }

    /// Returns when the list is durable.
    pub(crate) async fn write(&self) -> Result<(), StorageError> {
        Storage::open(DATABASE, None).await?.write_note(json::write(self).as_bytes()).await
    }

    /// The database that is open.
    pub(crate) fn current(&self) -> &str {
        &self.current
    }

    fn others(&self) -> impl Iterator<Item = &Known> {
        self.list.iter().filter(|known| known.database != self.current)
    }

    /// The accounts that are not open.
    pub(crate) fn shown(&self) -> Vec<Other<'_>> {
        let shown = |known| {
            let Known { user, name, open, unsent, lock, .. }: &Known = known;
            Other { user: *user, name, open: *open, unsent: *unsent, pin: lock.is_some() }
        };
        self.others().map(shown).collect()
    }

    pub(crate) fn lock_of(&self, user: UserId) -> Option<&PinLock> {
        self.list.iter().find(|known| known.user == user).and_then(|known| known.lock.as_ref())
    }

    /// Devices of which the server's key opens an account here.
    pub(crate) fn locked_devices(&self) -> Vec<DeviceId> {
        self.list.iter().filter_map(|known| Some(known.lock.as_ref()?.device)).collect()
    }

    /// Whose the open account is, where it has a PIN.
    pub(crate) fn behind_pin(&self) -> Option<UserId> {
        let open = |known: &&Known| known.database == self.current && known.lock.is_some();
        self.list.iter().find(open).map(|known| known.user)
    }

    /// `shut`: the screen has been hidden.
    pub(crate) fn lock(&self, shut: bool) -> Lock {
        match (self.behind_pin().is_some(), shut) {
            (true, false) => Lock::Open,
            (true, true) => Lock::Shut,
            (false, _) if self.current == NOBODY && self.others().any(|known| known.open && known.lock.is_some()) => {
                Lock::Locked
            }
            (false, _) => Lock::None,
        }
    }

    /// An account that a tap opens.
    pub(crate) fn is_openable(&self, user: UserId) -> bool {
        self.others().any(|known| known.user == user && known.open)
    }

    /// The database of a person: theirs, the first one where nobody has it, or one of its own.
    pub(crate) fn database_of(&self, user: UserId) -> String {
        let own = self.list.iter().find(|known| known.user == user).map(|known| known.database.clone());
        let taken = self.list.iter().any(|known| known.database == FIRST_DATABASE);
        let free = || if taken { format!("{FIRST_DATABASE}-{}", user.0) } else { FIRST_DATABASE.into() };
        own.unwrap_or_else(free)
    }

    /// The same with the open account as it is left.
    pub(crate) fn leaving(mut self, user: UserId, name: &str, open: bool, unsent: usize) -> Self {
        let database = self.current.clone();
        let lock = self.lock_of(user).cloned();
        self.list.retain(|known| known.user != user && known.database != database);
        self.list.push(Known { user, name: name.into(), database, open, unsent: Some(unsent), lock });
        self
    }

    /// The same with another lock before an account.
    pub(crate) fn locking(mut self, user: UserId, lock: Option<PinLock>) -> Self {
        if let Some(known) = self.list.iter_mut().find(|known| known.user == user) {
            known.lock = lock;
        }
        self
    }

    /// A database that nobody has had.
    pub(crate) fn new_database(&self, now_ms: i64) -> String {
        format!("{FIRST_DATABASE}-{now_ms}")
    }

    /// The same with the open account in another database, and the one that it leaves doomed.
    pub(crate) fn moving(mut self, database: &str, lock: Option<PinLock>) -> Self {
        if let Some(known) = self.list.iter_mut().find(|known| known.database == self.current) {
            (known.database, known.lock) = (database.into(), lock);
        }
        self.doomed.push(std::mem::replace(&mut self.current, database.into()));
        self
    }

    /// The same with these databases to be deleted.
    pub(crate) fn with_doomed(self, doomed: Vec<String>) -> Self {
        Self { doomed, ..self }
    }

    /// The same with one more.
    pub(crate) fn dooming(mut self, database: &str) -> Self {
        self.doomed.push(database.into());
        self
    }

    /// The same with the open account gone from the phone.
    pub(crate) fn removing(mut self) -> Self {
        self.list.retain(|known| known.database != self.current);
        self
    }

    /// The same with another database open.
    pub(crate) fn opening(mut self, database: &str) -> Self {
        self.current = database.into();
        for known in &mut self.list {
            known.open |= known.database == database;
        }
        self
    }

    /// The same with nobody.
    pub(crate) fn opening_none(self) -> Self {
        self.opening(NOBODY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNE: UserId = UserId(1);
    const BERT: UserId = UserId(2);

    fn read(json: &str) -> Accounts {
        Accounts::take_from(&mut Object::read(json.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn each_person_has_a_database_of_their_own_for_good() {
        let one = Accounts::default();
        assert_eq!((one.current(), one.database_of(ANNE)), ("lianxin", "lianxin".into()));
        let left = one.leaving(ANNE, "安", true, 3);
        assert_eq!(left.database_of(BERT), "lianxin-2");
        let two = left.opening("lianxin-2");
        assert_eq!(two.others().map(|known| (known.user, known.unsent)).collect::<Vec<_>>(), [(ANNE, Some(3))]);
        assert_eq!((two.database_of(ANNE), two.is_openable(ANNE)), ("lianxin".into(), true));
        let back = two.leaving(BERT, "柏", false, 0).opening("lianxin");
        assert_eq!((back.is_openable(BERT), back.database_of(BERT)), (false, "lianxin-2".into()));
    }

    #[test]
    fn who_goes_makes_room_and_who_signs_out_stays_closed() {
        let gone = Accounts::default().leaving(ANNE, "安", true, 0).removing().opening_none();
        assert_eq!((gone.others().count(), gone.database_of(BERT)), (0, "lianxin".into()));
        let kept = Accounts::default().leaving(ANNE, "安", false, 2).opening_none();
        assert_eq!((kept.others().count(), kept.is_openable(ANNE)), (1, false));
        assert_eq!((kept.database_of(ANNE), kept.database_of(BERT)), ("lianxin".into(), "lianxin-2".into()));
    }

    #[test]
    fn a_move_goes_over_at_once_and_leaves_nothing_behind() {
        let open = Accounts::default().leaving(ANNE, "安", true, 3);
        let on_the_way = open.clone().dooming("lianxin-7");
        assert_eq!((on_the_way.current(), &on_the_way.doomed[..]), ("lianxin", &["lianxin-7".to_owned()][..]));
        let locked = open.moving("lianxin-7", Some(crate::pin::tests::lock()));
        assert_eq!((locked.current(), &locked.doomed[..]), ("lianxin-7", &["lianxin".to_owned()][..]));
        assert_eq!((locked.behind_pin(), locked.lock(false), locked.lock(true)), (Some(ANNE), Lock::Open, Lock::Shut));
        assert_eq!(locked.database_of(BERT), "lianxin", "the first is free again");

        let started = read(&json::write(&locked)).starting();
        assert_eq!((started.current(), started.lock(false)), (NOBODY, Lock::Locked));
        assert_eq!((started.is_openable(ANNE), started.others().next().unwrap().unsent), (true, None));
        let closed = locked.leaving(ANNE, "安", false, 0).opening_none();
        assert_eq!((closed.is_openable(ANNE), closed.lock(false)), (false, Lock::None), "the password is asked for");
        let back = closed.opening("lianxin-7");
        assert_eq!((back.behind_pin(), back.starting().is_openable(ANNE)), (Some(ANNE), true));
    }

    #[test]
    fn the_list_reads_back() {
        let accounts = Accounts::default().leaving(ANNE, "安", true, 3).opening("lianxin-2");
        assert_eq!(read(&json::write(&accounts)), accounts);
    }
}
