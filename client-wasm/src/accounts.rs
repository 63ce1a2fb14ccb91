//! The accounts of this phone: several people may use it, each with a database of their own. One is open; the others lie
//! there with what they had not sent, are neither shown nor sent, and wait for their people.
//!
//! The list is a small database beside theirs, made at the first start. Where it says nothing, the phone's only account
//! lies in the first database.

use lianxin_shared::{
    id::UserId,
    json::{self, FromObject, Object, Unfit},
};
use serde::Serialize;

use crate::storage::{FIRST_DATABASE, Storage, StorageError};

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
    /// What it had not sent when it was left.
    pub(crate) unsent: usize,
}

impl FromObject for Known {
    fn take_from(object: &mut Object) -> Result<Self, Unfit> {
        Ok(Self {
            user: UserId(object.number("user")?),
            name: object.text("name")?,
            database: object.text("database")?,
            open: object.flag("open")?,
            unsent: object.counted("unsent")?,
        })
    }
}

/// The list, and which of them is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Accounts {
    current: String,
    list: Vec<Known>,
}

impl Default for Accounts {
    fn default() -> Self {
        Self { current: FIRST_DATABASE.into(), list: Vec::new() }
    }
}

impl FromObject for Accounts {
    fn take_from(object: &mut Object) -> Result<Self, Unfit> {
        let known = |value| Known::take_from(&mut Object::of(value)?);
        let list = object.list("list")?.into_iter().map(known).collect::<Result<_, _>>()?;
        Ok(Self { current: object.text("current")?, list })
    }
}

impl Accounts {
    pub(crate) async fn read() -> Result<Self, StorageError> {
        let bytes = Storage::open(DATABASE).await?.note().await?;
        Ok(Object::read(&bytes).and_then(|mut object| Self::take_from(&mut object)).unwrap_or_default())
    }

    /// Returns when the list is durable.
    pub(crate) async fn write(&self) -> Result<(), StorageError> {
        Storage::open(DATABASE).await?.write_note(json::write(self).as_bytes()).await
    }

    /// The database that is open.
    pub(crate) fn current(&self) -> &str {
        &self.current
    }

    /// The accounts that are not open.
    pub(crate) fn others(&self) -> impl Iterator<Item = &Known> {
        self.list.iter().filter(|known| known.database != self.current)
    }

    /// An account that a tap opens.
    pub(crate) fn openable(&self, user: UserId) -> Option<&Known> {
        self.others().find(|known| known.user == user && known.open)
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
        self.list.retain(|known| known.user != user && known.database != database);
        self.list.push(Known { user, name: name.into(), database, open, unsent });
        self
    }

    /// The same with the open account gone from the phone.
    pub(crate) fn removing(mut self) -> Self {
        self.list.retain(|known| known.database != self.current);
        self
    }

    /// The same with another database open.
    pub(crate) fn opening(self, database: &str) -> Self {
        Self { current: database.into(), ..self }
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
        assert_eq!(two.others().map(|known| (known.user, known.unsent)).collect::<Vec<_>>(), [(ANNE, 3)]);
        assert_eq!((two.database_of(ANNE), two.openable(ANNE).is_some()), ("lianxin".into(), true));
        let back = two.leaving(BERT, "柏", false, 0).opening("lianxin");
        assert_eq!((back.openable(BERT), back.database_of(BERT)), (None, "lianxin-2".into()));
    }

    #[test]
    fn who_goes_makes_room_and_who_signs_out_stays_closed() {
        let gone = Accounts::default().leaving(ANNE, "安", true, 0).removing().opening_none();
        assert_eq!((gone.others().count(), gone.database_of(BERT)), (0, "lianxin".into()));
        let kept = Accounts::default().leaving(ANNE, "安", false, 2).opening_none();
        assert_eq!((kept.others().count(), kept.openable(ANNE)), (1, None));
        assert_eq!((kept.database_of(ANNE), kept.database_of(BERT)), ("lianxin".into(), "lianxin-2".into()));
    }

    #[test]
    fn the_list_reads_back() {
        let accounts = Accounts::default().leaving(ANNE, "安", true, 3).opening("lianxin-2");
        assert_eq!(read(&json::write(&accounts)), accounts);
    }
}
