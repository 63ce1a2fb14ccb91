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

use crate::browser::scope;

/// The database of a phone's first account.
pub(crate) const FIRST_DATABASE: &str = "lianxin";
/// Counts changes of the list of stores. What is in their entries carries versions of its own.
const DATABASE_VERSION: u32 = 4;
const CREDENTIALS: &str = "credentials";
/// Their key in [`CREDENTIALS`].
const CREDENTIALS_KEY: &str = "session";
/// The only entry of the list of accounts' own database, in [`CREDENTIALS`].
const NOTE_KEY: &str = "note";
/// Beside them: staff have ended this phone, and it keeps nothing. Gone with the next sign-in.
const ENDED_KEY: &str = "ended";

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
}

struct Connection {
    database: IdbDatabase,
    /// The browser, or a newer app in another window, has closed it.
    lost: Rc<Cell<bool>>,
    _closed: Closure<dyn FnMut()>,
}

impl Storage {
    pub(crate) async fn open(name: &str) -> Result<Self, StorageError> {
        let connection = Connection::open(name).await?;
        Ok(Self { name: RefCell::new(name.to_owned()), connection: RefCell::new(connection) })
    }

    /// Goes on with another account's database. The caller holds the turn.
    pub(crate) fn become_other(&self, other: Storage) {
        let Storage { name, connection } = other;
        self.name.replace(name.into_inner());
        self.connection.replace(connection.into_inner());
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
        let credentials = session.get(&CREDENTIALS_KEY.into()).map_err(failed)?;
        let ended = session.get(&ENDED_KEY.into()).map_err(failed)?;
        completed(&transaction).await?;

        let mut entries = Vec::new();
        for (store, keys, values) in reads {
            let (keys, values): (Array, Array) = (result(&keys).unchecked_into(), result(&values).unchecked_into());
            let pairs = keys.iter().zip(values.iter());
            entries.extend(pairs.map(|(key, value)| (store, key.as_string().unwrap_or_default(), bytes(&value))));
        }
        let credentials = result(&credentials);
        // Unreadable credentials are as good as none: the person signs in again, the records stay.
        let credentials =
            json::Object::read(&bytes(&credentials)).and_then(|mut object| Credentials::take_from(&mut object)).ok();
        Ok(Stored { entries, credentials, ended: !result(&ended).is_undefined() })
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
        Ok(reads.iter().map(result).map(|value| value.is_object().then(|| bytes(&value))).collect())
    }

    /// One entry of a store.
    pub(crate) async fn bytes(&self, store: Store, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        let transaction = self.read([store.name()])?;
        let read = open_store(&transaction, store.name())?.get(&key.into()).map_err(failed)?;
        completed(&transaction).await?;
        let value = result(&read);
        Ok(value.is_object().then(|| bytes(&value)))
    }

    /// Makes all writes durable, or none of them.
    pub(crate) async fn write(&self, writes: &[Write], sign_in: Option<&Credentials>) -> Result<(), StorageError> {
        if writes.is_empty() && sign_in.is_none() {
            return Ok(());
        }
        let used = |store: &Store| writes.iter().any(|write| write.store == *store);
        let names = Store::ALL.into_iter().filter(used).map(Store::name);
        let transaction = self.strict(names.chain(sign_in.map(|_| CREDENTIALS)))?;
        let requested = request_writes(&transaction, writes, sign_in);
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
        let names = || Store::ALL.map(Store::name).into_iter().chain([CREDENTIALS]);
        let transaction = self.strict(names())?;
        for name in names() {
            open_store(&transaction, name)?.clear().map_err(failed)?;
        }
        if ended {
            let session = open_store(&transaction, CREDENTIALS)?;
            session.put_with_key(&JsValue::TRUE, &ENDED_KEY.into()).map_err(failed)?;
        }
        completed(&transaction).await
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
            for name in Store::ALL.map(Store::name).into_iter().chain([CREDENTIALS]) {
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

fn request_writes(
    transaction: &IdbTransaction,
    writes: &[Write],
    sign_in: Option<&Credentials>,
) -> Result<(), StorageError> {
    let mut open: Vec<(Store, IdbObjectStore)> = Vec::new();
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
            Some(value) => store.put_with_key(&Uint8Array::from(value.as_slice()), &key),
            None => store.delete(&key),
        }
        .map_err(failed)?;
    }
    if let Some(credentials) = sign_in {
        let json = json::write(credentials);
        let store = open_store(transaction, CREDENTIALS)?;
        store.put_with_key(&Uint8Array::from(json.as_bytes()), &CREDENTIALS_KEY.into()).map_err(failed)?;
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

fn array(names: impl IntoIterator<Item = &'static str>) -> Array {
    names.into_iter().map(JsValue::from_str).collect()
}
