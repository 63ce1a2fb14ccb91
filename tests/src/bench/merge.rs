//! `bench merge`: what the server needs to check, merge and store what many phones hand in at once.

use std::{path::PathBuf, sync::Arc};

use clap::{Args, ValueEnum};
use lianxin_server::store::{Durability, Options as StoreOptions, Store, open_with};
use lianxin_shared::{id::Actor, record::Record, wire::SentChange};

use super::{
    bare,
    crowd::{self, Ready, hands_in_only, ready},
    people::{self, Badge, Numbers},
    report::{Line, rounded},
    stock::{self, first_change, next_change},
    usage,
    workload::{self, Entry},
};
use crate::{
    postgres::{Cluster, Fsync},
    scratch::Scratch,
    server::Server,
};

/// Stations that the phones are spread over.
const STATIONS: usize = 5;
/// Of a mixed load, this share of the changes are edits of records that were there before.
const EDITS_PERCENT: usize = 70;
/// Rows in a transaction of the bare table: a phone's page, and some pages together.
const ROWS_PER_COMMIT: [usize; 2] = [100, 1_000];
/// What the design allows: CPU microseconds of the server per change, and the share of bare inserts.
const CPU_US_MAX: f64 = 300.0;
const BARE_SHARE_MIN: f64 = 0.5;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engine {
    Sqlite,
    Postgres,
}

#[derive(Debug, Args)]
pub struct Options {
    /// A workload: one JSON object a line [default: records made up from a seed]
    #[arg(long, value_name = "FILE")]
    workload: Option<PathBuf>,
    /// Phones that hand in at the same moment
    #[arg(long, default_value_t = 50)]
    devices: usize,
    /// Changes that each hands in
    #[arg(long, default_value_t = 100)]
    records: usize,
    /// Times that all of it is done; each counts by itself
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Engine::Sqlite, Engine::Postgres])]
    engines: Vec<Engine>,
}

/// Measures; a line for each engine, load and round.
///
/// # Errors
/// When the workload cannot be read or a change is not accepted.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let entries = workload::read(options.workload.as_deref())?;
    for engine in &options.engines {
        let cluster = (*engine == Engine::Postgres).then(|| Cluster::start(Fsync::On));
        let database = match &cluster {
            Some(cluster) => Some(cluster.database().await),
            None => None,
        };
        let mut bench = Bench::set_up(&options, &entries, *engine, database).await;
        for round in 0..options.rounds {
            bench.round(round, cluster.as_ref()).await?;
        }
        bench.server.stop();
    }
    Ok(())
}

struct Bench<'a> {
    options: &'a Options,
    entries: &'a [Entry],
    engine: Engine,
    database: Option<String>,
    badges: Vec<Badge>,
    /// Records that are there before, by phone; each edit of one makes it a change longer.
    held: Vec<Vec<(Record, Entry)>>,
    epoch: u64,
    server: Server,
}

impl<'a> Bench<'a> {
    async fn set_up(options: &'a Options, entries: &'a [Entry], engine: Engine, database: Option<String>) -> Self {
        let data = Scratch::new("bench-merge");
        let file = data.path().join("lianxin.sqlite").to_string_lossy().into_owned();
        // What is there before need not survive a power cut, and so costs no time.
        let location = database.clone().unwrap_or(file);
        let before = StoreOptions { durability: Durability::Process, ..StoreOptions::at(location) };
        let store: Arc<dyn Store> = open_with(before).await.expect("a new database");
        let numbers = Numbers { stations: STATIONS, deputies_per_station: options.devices.div_ceil(STATIONS) };
        let mut badges = Vec::new();
        for deputy in people::settle(&store, numbers, entries).await.iter().take(options.devices) {
            badges.push(people::sign_in(&*store, deputy).await);
        }
        let held = stock::enter_held(&store, &badges, options.records * EDITS_PERCENT / 100, entries).await;
        let epoch = store.epoch().await.expect("an epoch");
        store.close().await;
        let server = Server::start_on(data, database.clone());
        Self { options, entries, engine, database, badges, held, epoch, server }
    }

    async fn round(&mut self, round: usize, cluster: Option<&Cluster>) -> anyhow::Result<()> {
        for (load, edits_percent) in [("new", 0), ("mixed", EDITS_PERCENT)] {
            let handed_in = self.changes(round, edits_percent);
            let rows: Vec<Vec<u8>> = handed_in.iter().flatten().map(|change| change.bytes.clone()).collect();
            let requests = self.badges.iter().zip(handed_in).map(|(badge, changes)| self.request(badge, changes));
            let (line, rate) = self.measure(load, round, requests.collect(), cluster).await?;
            let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
            self.with_floor(line, rate, &rows).await?.print();
        }
        Ok(())
    }

    /// What each phone hands in: one session each, and a change per record.
    fn changes(&mut self, round: usize, edits_percent: usize) -> Vec<Vec<SentChange>> {
        let mut entries = self.entries.iter().cycle().skip(round * self.options.records);
        let edits = self.options.records * edits_percent / 100;
        let mut all = Vec::with_capacity(self.badges.len());
        for (badge, held) in self.badges.iter().zip(&mut self.held) {
            let session = Actor(rand::random());
            let mut changes = Vec::with_capacity(self.options.records);
            for (record, entry) in held.iter_mut().take(edits) {
                changes.push(next_change(badge, session, record, &entry.revision(round), entry.created_ms()));
            }
            for (number, entry) in (edits..self.options.records).zip(&mut entries) {
                changes.push(first_change(badge, session, number as u64, entry).1);
            }
            all.push(changes);
        }
        all
    }

    fn request(&self, badge: &Badge, changes: Vec<SentChange>) -> Ready {
        ready(badge, hands_in_only(self.epoch), Vec::new(), changes)
    }

    async fn measure(
        &self,
        load: &str,
        round: usize,
        requests: Vec<Ready>,
        cluster: Option<&Cluster>,
    ) -> anyhow::Result<(Line, f64)> {
        let process = self.server.process_id();
        let count: usize = requests.iter().map(|request| request.changes).sum();
        let body_bytes: usize = requests.iter().map(|request| request.body.bytes.len()).sum();
        let databases_cpu_s = || cluster.map(|cluster| usage::children_cpu_s(cluster.process_id()));
        let (cpu_s, database_cpu_s) = (usage::cpu_s(process), databases_cpu_s());
        let seconds = crowd::send_at_once(self.server.address(), requests).await?;
        let cpu_s = usage::cpu_s(process) - cpu_s;
        let database_cpu_s = databases_cpu_s().zip(database_cpu_s).map(|(after, before)| rounded(after - before, 2));
        let cpu_us = cpu_s * 1e6 / count as f64;
        let rate = count as f64 / seconds;
        let line = Line::new("merge", load)
            .with("engine", format!("{:?}", self.engine).to_lowercase())
            .with("round", round)
            .with("devices", self.options.devices)
            .with("changes", count)
            .with("body_up", body_bytes)
            .with("seconds", rounded(seconds, 3))
            .with("records_per_s", rounded(rate, 0))
            .with("server_cpu_s", rounded(cpu_s, 2))
            .with("database_cpu_s", database_cpu_s)
            .with("server_cpu_us_per_record", rounded(cpu_us, 0))
            .with("server_peak_mib", usage::peak_mib(process))
            .with("budget_cpu_us", CPU_US_MAX)
            .with("within_cpu_budget", cpu_us <= CPU_US_MAX);
        Ok((line, rate))
    }

    /// The bare table, and what share of its rate the server reaches.
    async fn with_floor(&self, mut line: Line, rate: f64, rows: &[&[u8]]) -> anyhow::Result<Line> {
        let folder = Scratch::new("bench-bare-rows");
        for (per_commit, names) in ROWS_PER_COMMIT.into_iter().zip([
            ("bare_rows_per_s_by_100", "share_of_bare_by_100"),
            ("bare_rows_per_s_by_1000", "share_of_bare_by_1000"),
        ]) {
            let bare = match &self.database {
                Some(database) => bare::postgres(database, rows, per_commit).await?,
                None => bare::sqlite(folder.path(), rows, per_commit).await?,
            };
            line = line.with(names.0, rounded(bare, 0)).ratio(names.1, rate, bare);
            if per_commit == ROWS_PER_COMMIT[0] {
                line = line.with("within_bare_budget", rate >= BARE_SHARE_MIN * bare);
            }
        }
        Ok(line)
    }
}
