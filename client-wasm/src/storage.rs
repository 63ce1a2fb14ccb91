//! The phone's disk: one IndexedDB database with the stores of `shared::device` and one entry with the
//! credentials. Opaque bytes under text keys.
//!
//! A batch of writes is one transaction with durability "strict", and it is stored only when the
//! browser says `complete`: "relaxed" would answer before the bytes have left its cache, and an empty
//! battery would take back what the view has called saved.
//!
//! No transaction stays open across anything but its own requests: all requests of one are made at
//! once and the results are read after it has completed.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use lianxin_shared::{
    device::{Store, Write},
    id::{DeviceId, RecordId, UserId},
    json::{self, FromObject, Unfit},
};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::{DomException, IdbDatabase, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode};

use crate::{
    browser::scope,
    crypt::{self, Key},
};

/// The database of a phone's first account.
pub(crate) const FIRST_DATABASE: &str = "lianxin";
/// Counts changes of the list of stores, and of what an older app would take for something else (5: what is locked
/// with a PIN). What is in their entries carries versions of its own.
const DATABASE_VERSION: u32 = 5;
const CREDENTIALS: &str = "credentials";
/// Their key in [`CREDENTIALS`].
const CREDENTIALS_KEY: &str = "session";
/// The only entry of the list of accounts' own database, in [`CREDENTIALS`].
const NOTE_KEY: &str = "note";
/// Beside them: staff have ended this phone, and it keeps nothing. Gone with the next sign-in.
const ENDED_KEY: &str = "ended";
/// Beside them: what the view locks drafts with, once there has been a PIN.
const DRAFTS_KEY: &str = "drafts";
/// Entries that are copied in one transaction, and photos and recordings, which are large.
const COPIED_AT_ONCE: usize = 256;
const FILES_COPIED_AT_ONCE: usize = 8;

/// What opens the server for this device.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Credentials {
    pub(crate) token: String,
    pub(crate) device: DeviceId,
    pub(crate) user: UserId,
    pub(crate) name: String,
    /// What locks a file with what this phone had not sent; it came with the welcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parcel_key: Option<String>,
}

impl FromObject for Credentials {
    fn take_from(object: &mut json::Object) -> Result<Self, Unfit> {
        Ok(Self {
            token: object.text("token")?,
            device: DeviceId(object.number("device")?),
            user: UserId(object.number("user")?),
            name: object.text("name")?,
            parcel_key: object.maybe("parcel_key", json::Object::text)?,
        })
    }
}

/// Nothing was stored; the text is the key of the words for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StorageError {
    /// The phone, or what the browser gives to this app, is full.
    Full,
    /// The browser keeps nothing for this page at all.
    Unavailable,
    /// Another window still runs an older version of the app on the same data.
    Blocked,
    /// A newer version of the app has been here.
    Newer,
    /// Everything else, with the browser's name for it.
    Failed(String),
}

impl StorageError {
    pub(crate) fn text_key(&self) -> &'static str {
        match self {
            StorageError::Full => "storage.full",
            StorageError::Unavailable => "storage.unavailable",
            StorageError::Blocked => "storage.blocked",
            StorageError::Newer => "storage.newer",
            StorageError::Failed(_) => "storage.failed",
        }
    }

    fn from_js(error: &JsValue) -> Self {
        let name = error.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
        match name.as_str() {
            "QuotaExceededError" => StorageError::Full,
            "VersionError" => StorageError::Newer,
            _ => StorageError::Failed(name),
        }
    }
}

/// All that an engine reads when it starts.
pub(crate) struct Stored {
    pub(crate) entries: Vec<(Store, String, Vec<u8>)>,
    pub(crate) credentials: Option<Credentials>,
    /// Staff have ended this phone.
    pub(crate) ended: bool,
    pub(crate) drafts_key: Option<Key>,
}

#[wasm_bindgen]
extern "C" {
    /// `IDBDatabase` with the options of a transaction, which web-sys hides behind its unstable switch.
    type StrictDatabase;

    #[wasm_bindgen(catch, method)]
    fn transaction(
        this: &StrictDatabase,
        stores: &Array,
        mode: &str,
        options: &Object,
    ) -> Result<IdbTransaction, JsValue>;
}

/// The open database.
pub(crate) struct Storage {
    name: RefCell<String>,
    connection: RefCell<Connection>,
    /// What every value is locked with, where its person has a PIN (`pin`). What entries are called stays readable:
    /// ids and hashes.
    key: Cell<Option<Key>>,
}

struct Connection {
    database: IdbDatabase,
    /// The browser, or a newer app in another window, has closed it.
    lost: Rc<Cell<bool>>,
    _closed: Closure<dyn FnMut()>,
}

impl Storage {
    pub(crate) async fn open(name: &str, key: Option<Key>) -> Result<Self, StorageError> {
        let connection = Connection::open(name).await?;
        Ok(Self { name: RefCell::new(name.to_owned()), connection: RefCell::new(connection), key: Cell::new(key) })
    }

    /// Goes on with another account's database. The caller holds the turn.
    pub(crate) fn become_other(&self, other: Storage) {
        let Storage { name, connection, key } = other;
        self.name.replace(name.into_inner());
        self.connection.replace(connection.into_inner());
        self.key.set(key.get());
    }

    pub(crate) fn key(&self) -> Option<Key> {
        self.key.get()
    }

    /// Deletes a database that nobody has open; one that is not there is as good.
    pub(crate) async fn delete(name: &str) -> Result<(), StorageError> {
        let factory = scope().indexed_db().ok().flatten().ok_or(StorageError::Unavailable)?;
        let request = factory.delete_database(name).map_err(failed)?;
        let deleted = Promise::new(&mut |resolve: Function, reject: Function| {
            request.set_onsuccess(Some(&resolve));
            request.set_onerror(Some(&reject));
            request.set_onblocked(Some(&reject));
        });
        deleted.await.map(|_| ()).map_err(|_| StorageError::Blocked)
    }

    /// Whether the connection was closed by someone else: then what is in memory may be more than what
    /// is stored, and everything is to be read anew.
    pub(crate) fn is_lost(&self) -> bool {
        self.connection.borrow().lost.get()
    }

    pub(crate) async fn reopen(&self) -> Result<(), StorageError> {
        let name = self.name.borrow().clone();
        let connection = Connection::open(&name).await?;
        self.connection.replace(connection);
        Ok(())
    }

    pub(crate) async fn load(&self) -> Result<Stored, StorageError> {
        let names = Store::LOADED_AT_START.map(Store::name);
        let transaction = self.read(names.into_iter().chain([CREDENTIALS]))?;
        let mut reads = Vec::with_capacity(names.len());
        for store in Store::LOADED_AT_START {
            let object_store = open_store(&transaction, store.name())?;
            let keys = object_store.get_all_keys().map_err(failed)?;
            reads.push((store, keys, object_store.get_all().map_err(failed)?));
        }
        let session = open_store(&transaction, CREDENTIALS)?;
        let asked = [CREDENTIALS_KEY, DRAFTS_KEY, ENDED_KEY].map(|key| session.get(&key.into()));
        completed(&transaction).await?;

        let (mut names, values) = (Vec::new(), Array::new());
        for (store, keys, found) in reads {
            let (keys, found): (Array, Array) = (result(&keys).unchecked_into(), result(&found).unchecked_into());
            names.extend(keys.iter().map(|key| (store, key.as_string().unwrap_or_default())));
            found.iter().for_each(|value| {
                values.push(&value);
            });
        }
        for asked in asked {
            values.push(&result(&asked.map_err(failed)?));
        }
        let values = self.opened(values).await?;
        let [credentials, drafts_key, ended] = [0, 1, 2].map(|after| values.get((names.len() + after) as u32));
        let entries = names.into_iter().zip(values.iter()).map(|((store, key), value)| (store, key, bytes(&value)));
        // Unreadable credentials are as good as none: the person signs in again, the records stay.
        let credentials =
            json::Object::read(&bytes(&credentials)).and_then(|mut object| Credentials::take_from(&mut object)).ok();
        let drafts_key = bytes(&drafts_key).try_into().ok();
        Ok(Stored { entries: entries.collect(), credentials, ended: !ended.is_undefined(), drafts_key })
    }

    /// What a store holds of these records, in the same order; `None` where there is nothing.
    pub(crate) async fn entries(&self, store: Store, ids: &[RecordId]) -> Result<Vec<Option<Vec<u8>>>, StorageError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let transaction = self.read([store.name()])?;
        let store = open_store(&transaction, store.name())?;
        let reads: Vec<IdbRequest> =
            ids.iter().map(|id| store.get(&id.to_string().into())).collect::<Result<_, _>>().map_err(failed)?;
        completed(&transaction).await?;
        let values = self.opened(reads.iter().map(result).collect()).await?;
        Ok(values.iter().map(|value| value.is_object().then(|| bytes(&value))).collect())
    }

    /// One entry of a store.
    pub(crate) async fn bytes(&self, store: Store, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        let transaction = self.read([store.name()])?;
        let read = open_store(&transaction, store.name())?.get(&key.into()).map_err(failed)?;
        completed(&transaction).await?;
        let value = self.opened(Array::of1(&result(&read))).await?.get(0);
        Ok(value.is_object().then(|| bytes(&value)))
    }

    /// Makes all writes durable, or none of them.
    pub(crate) async fn write(&self, writes: &[Write], sign_in: Option<&Credentials>) -> Result<(), StorageError> {
        if writes.is_empty() && sign_in.is_none() {
            return Ok(());
        }
        let values = writes.iter().filter_map(|write| write.value.as_deref());
        let credentials = sign_in.map(json::write);
        let values = values.chain(credentials.as_ref().map(String::as_bytes)).map(Uint8Array::from);
        let values = self.locked(values.collect()).await?;
        let used = |store: &Store| writes.iter().any(|write| write.store == *store);
        let names = Store::ALL.into_iter().filter(used).map(Store::name);
        let transaction = self.strict(names.chain(sign_in.map(|_| CREDENTIALS)))?;
        let requested = request_writes(&transaction, writes, values);
        if let Err(error) = requested {
            // Half of the requests were made: none of them may become durable.
            let _ = transaction.abort();
            return Err(error);
        }
        completed(&transaction).await
    }

    /// The bytes of a database that holds nothing else; empty where there are none.
    pub(crate) async fn note(&self) -> Result<Vec<u8>, StorageError> {
        let transaction = self.read([CREDENTIALS])?;
        let read = open_store(&transaction, CREDENTIALS)?.get(&NOTE_KEY.into()).map_err(failed)?;
        completed(&transaction).await?;
        Ok(bytes(&result(&read)))
    }

    pub(crate) async fn write_note(&self, note: &[u8]) -> Result<(), StorageError> {
        let transaction = self.strict([CREDENTIALS])?;
        let store = open_store(&transaction, CREDENTIALS)?;
        store.put_with_key(&Uint8Array::from(note), &NOTE_KEY.into()).map_err(failed)?;
        completed(&transaction).await
    }

    /// Its person has signed out and left the data: what opens the server is gone.
    pub(crate) async fn drop_credentials(&self) -> Result<(), StorageError> {
        let transaction = self.strict([CREDENTIALS])?;
        open_store(&transaction, CREDENTIALS)?.delete(&CREDENTIALS_KEY.into()).map_err(failed)?;
        completed(&transaction).await
    }

    /// Deletes everything of the account; where staff have ended it, that is remembered.
    pub(crate) async fn clear(&self, ended: bool) -> Result<(), StorageError> {
        let transaction = self.strict(all_names())?;
        for name in all_names() {
            open_store(&transaction, name)?.clear().map_err(failed)?;
        }
        if ended {
            let session = open_store(&transaction, CREDENTIALS)?;
            session.put_with_key(&JsValue::TRUE, &ENDED_KEY.into()).map_err(failed)?;
        }
        completed(&transaction).await
    }

    /// What the view locks drafts with, for as long as the account is here.
    pub(crate) async fn write_drafts_key(&self, key: &Key) -> Result<(), StorageError> {
        let value = self.locked(Array::of1(&Uint8Array::from(key.as_slice()))).await?.get(0);
        let transaction = self.strict([CREDENTIALS])?;
        open_store(&transaction, CREDENTIALS)?.put_with_key(&value, &DRAFTS_KEY.into()).map_err(failed)?;
        completed(&transaction).await
    }

    /// Copies everything into an empty database, which may be locked in another way.
    pub(crate) async fn copy_into(&self, other: &Storage) -> Result<(), StorageError> {
        for name in all_names() {
            let transaction = self.read([name])?;
            let keys = open_store(&transaction, name)?.get_all_keys().map_err(failed)?;
            completed(&transaction).await?;
            let keys: Vec<JsValue> = result(&keys).unchecked_into::<Array>().iter().collect();
            let is_large = [Store::Blobs, Store::Previews].map(Store::name).contains(&name);
            for some in keys.chunks(if is_large { FILES_COPIED_AT_ONCE } else { COPIED_AT_ONCE }) {
                let transaction = self.read([name])?;
                let store = open_store(&transaction, name)?;
                let reads: Vec<IdbRequest> =
                    some.iter().map(|key| store.get(key)).collect::<Result<_, _>>().map_err(failed)?;
                completed(&transaction).await?;
                let values = self.opened(reads.iter().map(result).collect()).await?;
                let values = other.locked(values).await?;
                let transaction = other.strict([name])?;
                let store = open_store(&transaction, name)?;
                for (key, value) in some.iter().zip(values.iter()) {
                    store.put_with_key(&value, key).map_err(failed)?;
                }
                completed(&transaction).await?;
            }
        }
        Ok(())
    }

    /// Values as they lie on the disk.
    async fn locked(&self, plain: Array) -> Result<Array, StorageError> {
        match self.key.get() {
            Some(key) => crypt::lock_all(&key, &plain).await.ok_or_else(|| StorageError::Failed("locking".into())),
            None => Ok(plain),
        }
    }

    /// Values that lie on the disk.
    async fn opened(&self, values: Array) -> Result<Array, StorageError> {
        match self.key.get() {
            Some(key) => crypt::open_all(&key, &values).await.ok_or_else(|| StorageError::Failed("unlocking".into())),
            None => Ok(values),
        }
    }

    fn read(&self, names: impl IntoIterator<Item = &'static str>) -> Result<IdbTransaction, StorageError> {
        let connection = self.connection.borrow();
        let transaction = connection
            .database
            .transaction_with_str_sequence_and_mode(&array(names), IdbTransactionMode::Readonly)
            .map_err(|error| connection.refused(&error))?;
        Ok(transaction)
    }

    /// A transaction that writes.
    fn strict(&self, names: impl IntoIterator<Item = &'static str>) -> Result<IdbTransaction, StorageError> {
        if crate::has_failed() {
            return Err(StorageError::Failed("the engine has failed".into()));
        }
        let connection = self.connection.borrow();
        let options = Object::new();
        Reflect::set(&options, &"durability".into(), &"strict".into()).map_err(failed)?;
        let database: &StrictDatabase = connection.database.unchecked_ref();
        database.transaction(&array(names), "readwrite", &options).map_err(|error| connection.refused(&error))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.database.set_onversionchange(None);
        self.database.set_onclose(None);
        self.database.close();
    }
}

impl Connection {
    async fn open(name: &str) -> Result<Self, StorageError> {
        let factory = scope().indexed_db().ok().flatten().ok_or(StorageError::Unavailable)?;
        // Some browsers refuse in private windows.
        let request = factory.open_with_u32(name, DATABASE_VERSION).map_err(|_| StorageError::Unavailable)?;
        let asked: IdbRequest = request.clone().unchecked_into();
        let create = Closure::<dyn FnMut()>::new(move || {
            let database: IdbDatabase = result(&asked).unchecked_into();
            for name in all_names() {
                // One that is there already stays.
                let _ = database.create_object_store(name);
            }
        });
        request.set_onupgradeneeded(Some(create.as_ref().unchecked_ref()));
        let opened = Promise::new(&mut |resolve: Function, reject: Function| {
            request.set_onsuccess(Some(&resolve));
            request.set_onerror(Some(&reject));
            request.set_onblocked(Some(&reject));
        })
        .await;
        if opened.is_err() {
            let error = request.error().map_err(|_| StorageError::Blocked)?;
            return Err(error.map_or(StorageError::Unavailable, |error| StorageError::from_js(&error)));
        }
        Ok(Self::watch(result(&request).unchecked_into()))
    }

    fn watch(database: IdbDatabase) -> Self {
        let lost = Rc::new(Cell::new(false));
        let closed = Closure::<dyn FnMut()>::new({
            let (lost, database) = (lost.clone(), database.clone());
            move || {
                lost.set(true);
                // A newer app waits for this connection to go away.
                database.close();
            }
        });
        let heard: &Function = closed.as_ref().unchecked_ref();
        database.set_onversionchange(Some(heard));
        database.set_onclose(Some(heard));
        Self { database, lost, _closed: closed }
    }

    /// A transaction that does not even begin: the connection is gone.
    fn refused(&self, error: &JsValue) -> StorageError {
        self.lost.set(true);
        StorageError::from_js(error)
    }
}

/// `values`: those of the writes that have one, in order, and then the credentials of a sign-in.
fn request_writes(transaction: &IdbTransaction, writes: &[Write], values: Array) -> Result<(), StorageError> {
    let mut open: Vec<(Store, IdbObjectStore)> = Vec::new();
    let mut values = values.iter();
    for write in writes {
        let opened = open.iter().position(|(store, _)| *store == write.store);
        let at = match opened {
            Some(at) => at,
            None => {
                open.push((write.store, open_store(transaction, write.store.name())?));
                open.len() - 1
            }
        };
        let (store, key) = (&open[at].1, JsValue::from_str(&write.key));
        match &write.value {
            Some(_) => store.put_with_key(&values.next().unwrap_or_default(), &key),
            None => store.delete(&key),
        }
        .map_err(failed)?;
    }
    if let Some(credentials) = values.next() {
        let store = open_store(transaction, CREDENTIALS)?;
        store.put_with_key(&credentials, &CREDENTIALS_KEY.into()).map_err(failed)?;
        store.delete(&ENDED_KEY.into()).map_err(failed)?;
    }
    Ok(())
}

/// Waits until a transaction is durable or has come to nothing.
async fn completed(transaction: &IdbTransaction) -> Result<(), StorageError> {
    let promise = Promise::new(&mut |resolve: Function, reject: Function| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    match promise.await {
        Ok(_) => Ok(()),
        Err(_) => Err(transaction
            .error()
            .map_or_else(|| StorageError::Failed("aborted".into()), |error| StorageError::from_js(&error))),
    }
}

fn open_store(transaction: &IdbTransaction, name: &str) -> Result<IdbObjectStore, StorageError> {
    transaction.object_store(name).map_err(failed)
}

fn failed(error: JsValue) -> StorageError {
    StorageError::from_js(&error)
}

/// The result of a request that has succeeded.
fn result(request: &IdbRequest) -> JsValue {
    request.result().unwrap_or_default()
}

fn bytes(value: &JsValue) -> Vec<u8> {
    value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec).unwrap_or_default()
}

fn all_names() -> impl Iterator<Item = &'static str> {
    Store::ALL.map(Store::name).into_iter().chain([CREDENTIALS])
}

fn array(names: impl IntoIterator<Item = &'static str>) -> Array {
    names.into_iter().map(JsValue::from_str).collect()
}
