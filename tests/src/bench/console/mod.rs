//! `bench console`: what a page of the console costs the server when a million records are stored.

mod fill;
mod pages;

use std::{sync::Arc, time::Instant};

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use lianxin_server::{
    account::Token,
    http::session::COOKIE,
    store::{DeviceKind, Durability, NewDevice, Options as StoreOptions, Store, open_with},
};

use super::{
    http::{Connection, Headers},
    report::{Line, rounded},
    usage,
};
use crate::{
    postgres::{Cluster, Fsync},
    scratch::Scratch,
    server::Server,
};

/// What the design allows a page, of the server's time, at the 99th percentile.
const MS_MAX: f64 = 100.0;
/// Whose pages are measured: who reads everything, and who reads a part.
const READERS: [&str; 2] = ["district", "town"];
/// Whose phone the copies came from.
const WRITER: &str = "station";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engine {
    Sqlite,
    Postgres,
}

#[derive(Debug, Args)]
pub struct Options {
    /// Activities, voices and suggestions that are stored
    #[arg(long, default_value_t = 1_000_000)]
    records: usize,
    /// Times that each page is asked for
    #[arg(long, default_value_t = 50)]
    rounds: usize,
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Engine::Sqlite, Engine::Postgres])]
    engines: Vec<Engine>,
}

/// Measures; a line for each engine, reader and page.
///
/// # Errors
/// When the store fails or a page is not shown.
pub async fn run(options: Options) -> anyhow::Result<()> {
    for engine in &options.engines {
        let cluster = (*engine == Engine::Postgres).then(|| Cluster::start(Fsync::Off));
        let database = match &cluster {
            Some(cluster) => Some(cluster.database().await),
            None => None,
        };
        let mut bench = Bench::set_up(&options, *engine, database).await?;
        for reader in READERS {
            bench.measure(reader, cluster.as_ref()).await?;
        }
        bench.server.stop();
    }
    Ok(())
}

struct Bench<'a> {
    options: &'a Options,
    engine: Engine,
    sessions: Vec<(&'static str, Token)>,
    pages: Vec<pages::Page>,
    server: Server,
}

impl<'a> Bench<'a> {
    async fn set_up(options: &'a Options, engine: Engine, database: Option<String>) -> anyhow::Result<Self> {
        let data = Scratch::new("bench-console");
        let file = data.path().join("lianxin.sqlite").to_string_lossy().into_owned();
        let location = database.clone().unwrap_or(file);
        let quick = StoreOptions { durability: Durability::Process, ..StoreOptions::at(location) };
        let store = open_with(quick).await?;
        let began = Instant::now();
        fill::lay(&store, &data).await?;
        let pages = pages::pages(&*store).await?;
        let writer = store.user_by_login(WRITER).await?.context("an account of the demo")?.person.user;
        let (device, _) = sign_in(&store, WRITER, DeviceKind::Phone).await?;
        let laid_s = began.elapsed().as_secs_f64();
        fill::fill(&store, options.records, device, writer).await?;
        let mut sessions = Vec::new();
        for reader in READERS {
            sessions.push((reader, sign_in(&store, reader, DeviceKind::Console).await?.1));
        }
        store.close().await;
        Line::new("console", "filled")
            .with("engine", engine_name(engine))
            .with("stored", options.records)
            .with("demo_s", rounded(laid_s, 0))
            .with("copies_s", rounded(began.elapsed().as_secs_f64() - laid_s, 0))
            .print();
        let server = Server::start_on(data, database);
        Ok(Self { options, engine, sessions, pages, server })
    }

    async fn measure(&mut self, reader: &'static str, cluster: Option<&Cluster>) -> anyhow::Result<()> {
        let (_, token) = self.sessions.iter().find(|(of, _)| *of == reader).context("a session of each reader")?;
        let cookie = format!("{COOKIE}={}", token.secret());
        let mut connection = Connection::to(self.server.address(), Headers::Lean);
        for page in &self.pages {
            // The first finds nothing prepared, and is not what people wait for all day.
            let body = get(&mut connection, page, &cookie).await?;
            let before = self.cpu_s(cluster);
            let mut took_ms = Vec::with_capacity(self.options.rounds);
            for _ in 0..self.options.rounds {
                let began = Instant::now();
                get(&mut connection, page, &cookie).await?;
                took_ms.push(began.elapsed().as_secs_f64() * 1e3);
            }
            let after = self.cpu_s(cluster);
            let cpu_ms = |(before, after): (f64, f64)| rounded((after - before) * 1e3 / took_ms.len() as f64, 1);
            let (server, database) = (cpu_ms((before.0, after.0)), cpu_ms((before.1, after.1)));
            took_ms.sort_by(f64::total_cmp);
            let p99 = percentile(&took_ms, 0.99);
            Line::new("console", page.name)
                .with("engine", engine_name(self.engine))
                .with("stored", self.options.records)
                .with("reader", reader)
                .with("p50_ms", rounded(percentile(&took_ms, 0.5), 1))
                .with("p99_ms", rounded(p99, 1))
                .with("server_cpu_ms", server)
                .with("database_cpu_ms", database)
                .with("kib", rounded(body as f64 / 1024.0, 0))
                .with("met", p99 < MS_MAX)
                .print();
        }
        Ok(())
    }

    /// CPU seconds of the server, and of its database.
    fn cpu_s(&self, cluster: Option<&Cluster>) -> (f64, f64) {
        let database = cluster.map_or(0.0, |cluster| usage::children_cpu_s(cluster.process_id()));
        (usage::cpu_s(self.server.process_id()), database)
    }
}

/// Asks for a page; its size.
async fn get(connection: &mut Connection, page: &pages::Page, cookie: &str) -> anyhow::Result<usize> {
    let reply =
        connection.page(&page.address, cookie).await.ok().with_context(|| format!("{}: no reply", page.name))?;
    ensure!(reply.status == 200, "{} ({}): {}", page.name, page.address, reply.status);
    Ok(reply.body.len())
}

/// The value below which this part of the sorted values lies.
fn percentile(sorted: &[f64], part: f64) -> f64 {
    let place = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(place.saturating_sub(1)).copied().unwrap_or_default()
}

fn engine_name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    }
}

/// A session of a demo account, without its password.
async fn sign_in(
    store: &Arc<dyn Store>,
    login: &str,
    kind: DeviceKind,
) -> anyhow::Result<(lianxin_shared::id::DeviceId, Token)> {
    let user = store.user_by_login(login).await?.with_context(|| format!("the demo's {login}"))?.person.user;
    let token = Token::random();
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let new = NewDevice { user, kind, label: "bench", token_hash: &token.hash(), now_ms };
    Ok((store.create_device(new).await?, token))
}
