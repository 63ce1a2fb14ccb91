//! `lianxin-server`: the command line.

use std::{
    fs,
    io::{IsTerminal, Read, Write, stdin, stdout},
    path::PathBuf,
    sync::Arc,
};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use lianxin_server::{
    AppState,
    account::{Accounts, generate_password},
    blob::Blobs,
    clock::Clock,
    config::{AddUser, Audit, Cli, Command, Database, Device, District, Serve, User, UserByLogin, UserPosts},
    demo,
    hub::{FoundingFiles, Hub, Kept, Sealing},
    serve,
    store::{self, Act, DeviceKind, Doer, NewAudit, Store},
    vault::{DeletionList, MasterKey, Vault},
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    start_logging();
    match cli.command {
        Command::Serve(options) => run(options).await,
        Command::District(options) => found_district(&options).await,
        Command::User(command) => user(command).await,
        Command::Device(command) => device(command).await,
        Command::Audit(command) => audit_log(command).await,
        Command::Restored(database) => restored(&database).await,
    }
}

/// To stderr: readable on a terminal, JSON for machines elsewhere. `RUST_LOG` chooses what.
fn start_logging() {
    // The merge engine opens a span for each record that it loads.
    let filter = || EnvFilter::new("info,sqlx=warn,automerge=warn");
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| filter());
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        subscriber.init();
    } else {
        subscriber.json().init();
    }
    // A panic's text may quote what someone wrote: the log gets the place only.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
}

async fn run(options: Serve) -> Result<()> {
    let store = open(&options.database).await?;
    let kept = Kept { closed_days: options.sealed_days, open_days: options.sealed_open_days };
    let sealing = Sealing { vault: vault(&options)?, kept };
    let blobs = blobs(&options)?;
    let foundings = FoundingFiles::of_folder(&options.database.data);
    let state = AppState::new(store, Clock::system(), options.app);
    let state = state.with_sealing(sealing).with_foundings(foundings).with_blobs(blobs);
    state.hub.prepare_sealed(state.clock.now_ms()).await?;
    state.hub.repeat_foundings(state.clock.now_ms()).await?;
    if options.demo
        && let Some(accounts) = demo::load_if_empty(&state).await?
    {
        eprintln!("{accounts}");
    }
    let listener =
        TcpListener::bind(options.listen).await.with_context(|| format!("listening on {}", options.listen))?;
    let stop = stop_signal()?;
    // Connections wait in the listener from here on: whoever reads this line is answered.
    writeln!(stdout(), "ready http://{}", listener.local_addr()?)?;
    serve(listener, state, stop).await?;
    Ok(())
}

/// Key and list of deletions lie in the data folder, whichever database there is.
fn vault(options: &Serve) -> Result<Vault> {
    let folder = &options.database.data;
    fs::create_dir_all(folder).with_context(|| format!("the folder {}", folder.display()))?;
    let master = match &options.sealed_key {
        Some(key) => MasterKey::parse(key)?,
        None => MasterKey::of_folder(folder)?,
    };
    Ok(Vault::new(master, DeletionList::of_folder(folder)))
}

/// Where photos and recordings lie: in the data folder, or where the operator says.
fn blobs(options: &Serve) -> Result<Blobs> {
    #[cfg(feature = "s3")]
    if let Some(url) = options.blobs.as_deref().filter(|place| place.starts_with("s3://")) {
        return Blobs::of_url(url);
    }
    let place = options.blobs.as_deref();
    ensure!(!place.is_some_and(|place| place.contains("://")), "this server was built without that kind of store");
    let folder = place.map_or_else(|| options.database.data.join("blobs"), PathBuf::from);
    Blobs::of_folder(&folder).with_context(|| format!("the folder {}", folder.display()))
}

fn stop_signal() -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

async fn open(database: &Database) -> Result<Arc<dyn Store>> {
    if database.database_url.is_none() {
        fs::create_dir_all(&database.data).with_context(|| format!("the folder {}", database.data.display()))?;
    }
    Ok(store::open(&database.location()).await?)
}

async fn found_district(options: &District) -> Result<()> {
    let name = options.name.trim();
    ensure!(!name.is_empty(), "the name is empty");
    let store = open(&options.database).await?;
    let hub = Hub::new(store.clone());
    hub.found_district(&options.code, name).await?;
    hub.stop().await;
    store.close().await;
    Ok(())
}

async fn user(command: User) -> Result<()> {
    match command {
        User::Add(options) => add_user(options).await,
        User::List(database) => list_users(&database).await,
        User::Password(options) => set_password(&options).await,
        User::Lock(options) => set_locked(&options, true).await,
        User::Unlock(options) => set_locked(&options, false).await,
        User::Posts(options) => set_posts(&options).await,
    }
}

async fn add_user(options: AddUser) -> Result<()> {
    let store = open(&options.database).await?;
    let given = given_password()?;
    let accounts = Accounts::new(store.clone());
    let (who, now_ms) = ((options.login.as_str(), options.name.as_str()), Clock::system().now_ms());
    // One that is made up here stands until the one for one time is set: nobody is told it.
    let password = given.clone().unwrap_or_else(generate_password);
    let user = accounts.create(Doer::SERVER, who, vec![options.post()], &password, now_ms).await?;
    println!("user {} {}", user.person.user.0, user.login);
    if given.is_none() {
        println!("password {}", accounts.set_one_time_password(Doer::SERVER, &user, now_ms).await?);
    }
    store.close().await;
    Ok(())
}

async fn list_users(database: &Database) -> Result<()> {
    let store = open(database).await?;
    for user in store.users().await? {
        let posts = user.person.posts.iter().map(|post| format!("{} {}", post.role.key(), post.unit.0));
        let posts: Vec<String> = posts.collect();
        let locked = if user.locked { "\tlocked" } else { "" };
        println!("{}\t{}\t{}\t{}{locked}", user.person.user.0, user.login, user.person.name, posts.join(", "));
    }
    Ok(())
}

async fn set_password(options: &UserByLogin) -> Result<()> {
    let store = open(&options.database).await?;
    let user = find(&*store, &options.login).await?;
    let accounts = Accounts::new(store.clone());
    let now_ms = Clock::system().now_ms();
    match given_password()? {
        Some(password) => accounts.set_password(Doer::SERVER, &user, &password, now_ms).await?,
        None => println!("password {}", accounts.set_one_time_password(Doer::SERVER, &user, now_ms).await?),
    }
    store.close().await;
    Ok(())
}

async fn set_locked(options: &UserByLogin, locked: bool) -> Result<()> {
    let store = open(&options.database).await?;
    let user = find(&*store, &options.login).await?;
    let accounts = Accounts::new(store.clone());
    accounts.set_locked(Doer::SERVER, &user, locked, Clock::system().now_ms()).await?;
    store.close().await;
    Ok(())
}

async fn set_posts(options: &UserPosts) -> Result<()> {
    let store = open(&options.database).await?;
    let user = find(&*store, &options.login).await?;
    let hub = Hub::new(store.clone());
    hub.set_posts(Doer::SERVER, &user, &options.posts(), Clock::system().now_ms()).await?;
    hub.stop().await;
    store.close().await;
    Ok(())
}

async fn find(store: &dyn Store, login: &str) -> Result<store::User> {
    store.user_by_login(login).await?.with_context(|| format!("nobody has the login {login:?}"))
}

async fn device(command: Device) -> Result<()> {
    match command {
        Device::List(database) => list_devices(&database).await,
        Device::Revoke(options) => {
            let store = open(&options.database).await?;
            ensure!(store.device(options.device).await?.is_some(), "there is no device {}", options.device.0);
            store.revoke(options.device, Clock::system().now_ms()).await?;
            note(&*store, Act::DeviceRevoke, &options.device.0.to_string()).await?;
            store.close().await;
            Ok(())
        }
    }
}

async fn list_devices(database: &Database) -> Result<()> {
    let store = open(database).await?;
    let users = store.users().await?;
    for device in store.devices().await? {
        let login = users.iter().find(|user| user.person.user == device.user).map_or("?", |user| &user.login);
        let kind = match device.kind {
            DeviceKind::Phone => "phone",
            DeviceKind::Console => "console",
            DeviceKind::Api(_) => "api",
        };
        let seen = jiff::Timestamp::from_millisecond(device.last_seen_ms)?;
        let revoked = if device.revoked_ms.is_some() { "\trevoked" } else { "" };
        println!("{}\t{login}\t{kind}\t{}\tseen {seen}\tunsent {}{revoked}", device.id.0, device.label, device.unsent);
    }
    Ok(())
}

async fn restored(database: &Database) -> Result<()> {
    let store = open(database).await?;
    let before = store.epoch().await?;
    // Any other number will do; within 32 bits, so that it stays short on the wire.
    let after = before % u64::from(u32::MAX) + 1;
    store.renew_epoch(after).await?;
    note(&*store, Act::Restored, &after.to_string()).await?;
    println!("epoch {after}");
    store.close().await;
    Ok(())
}

/// Notes an act of the command line.
async fn note(store: &dyn Store, act: Act, subject: &str) -> Result<()> {
    store.audit(&[NewAudit::of(Doer::SERVER, act, subject.trim(), "", Clock::system().now_ms())]).await?;
    Ok(())
}

async fn audit_log(command: Audit) -> Result<()> {
    match command {
        Audit::Verify(options) => {
            let store = open(&options.database).await?;
            let chain = store::audit::verify(&*store).await??;
            if let Some(expected) = &options.expect {
                let (number, hash) = expected.split_once(':').context("expected is NUMBER:HASH")?;
                let number: u64 = number.parse().context("expected is NUMBER:HASH")?;
                let entry = store.audit_after(number.saturating_sub(1), 1).await?.pop();
                let same = entry.is_some_and(|entry| entry.number == number && hex(&entry.hash) == hash);
                ensure!(same, "the audit log was rewritten: entry {number} is not the one that was expected");
            }
            println!("{} entries, head {}:{}", chain.entries, chain.entries, hex(&chain.head));
            store.close().await;
        }
        Audit::List(database) => {
            let store = open(&database).await?;
            let mut number = 0;
            loop {
                let entries = store.audit_after(number, 1000).await?;
                let Some(last) = entries.last() else { break };
                number = last.number;
                for entry in &entries {
                    let at = jiff::Timestamp::from_millisecond(entry.at_ms)?;
                    let user = entry.user.map_or("-".into(), |user| user.0.to_string());
                    println!("{}\t{at}\tuser {user}\t{}\t{}\t{}", entry.number, entry.act, entry.subject, entry.reason);
                }
            }
            store.close().await;
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The password on standard input; `None` where one is to be made up, which is shown once and for one time.
fn given_password() -> Result<Option<String>> {
    let mut text = String::new();
    if !stdin().is_terminal() {
        stdin().read_to_string(&mut text).context("the password on standard input")?;
    }
    let text = text.trim_end_matches(['\r', '\n']);
    Ok((!text.is_empty()).then(|| text.to_owned()))
}
