//! `bench growth`: what an exchange costs when more and more is stored, and when a record gets old.
//! It must not grow.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Args;
use lianxin_server::store::{Durability, Options as StoreOptions, Store, open_with};
use lianxin_shared::{
    id::Actor,
    record::{Edit, Record},
    wire::{Cursor, Request, RequestHello, SentChange},
};

use super::{
    crowd::{self, hands_in_only, ready},
    http::{Connection, Headers, compressed},
    people::{self, Badge, Numbers},
    report::{Line, rounded},
    stock, usage,
    workload::{self, Entry},
};
use crate::{scratch::Scratch, server::Server};

/// Records stored when it is measured.
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
const SIZE_MAX: usize = 1_000_000;
/// Changes of one record when it is measured.
const AGES: [usize; 4] = [1, 100, 1_000, 5_000];
/// Exchanges of each kind: enough for the kernel's hundredths of a second.
const EXCHANGES: usize = 200;
/// Phones that hand in at once, and new records of each.
const PHONES: usize = 20;
const RECORDS_PER_PHONE: usize = 100;
const STATIONS: usize = 4;

#[derive(Debug, Args)]
pub struct Options {
    /// A workload: one JSON object a line [default: records made up from a seed]
    #[arg(long, value_name = "FILE")]
    workload: Option<PathBuf>,
    /// Also with 1,000,000 stored records
    #[arg(long)]
    max: bool,
    /// Only with so many stored records
    #[arg(long, value_delimiter = ',')]
    sizes: Vec<usize>,
}

/// Measures; a line for each size and thing, then one for each age.
///
/// # Errors
/// When the workload cannot be read or a change is not accepted.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let entries = workload::read(options.workload.as_deref())?;
    let mut sizes = if options.sizes.is_empty() { SIZES.to_vec() } else { options.sizes.clone() };
    sizes.extend(options.max.then_some(SIZE_MAX));
    sizes.sort_unstable();
    sizes.dedup();
    let mut bench = Bench::set_up(&entries).await?;
    for size in sizes {
        bench.fill(size).await?;
        bench.server.restart();
        bench.idle(size).await?;
        bench.edit(size).await?;
        bench.merge(size).await?;
        bench.server.stop();
    }
    bench.server.restart();
    bench.ages().await?;
    bench.server.stop();
    Ok(())
}

struct Bench<'a> {
    entries: &'a [Entry],
    badges: Vec<Badge>,
    /// Records that are edited while it is measured.
    held: Vec<(Record, Entry)>,
    edits: usize,
    epoch: u64,
    /// Where each space ends, as a phone that holds everything would say.
    cursors: Vec<Cursor>,
    grants_mark: u32,
    location: String,
    stored: usize,
    server: Server,
}

impl<'a> Bench<'a> {
    async fn set_up(entries: &'a [Entry]) -> anyhow::Result<Self> {
        let data = Scratch::new("bench-growth");
        let location = data.path().join("lianxin.sqlite").to_string_lossy().into_owned();
        let store = open_quickly(&location).await?;
        let numbers = Numbers { stations: STATIONS, deputies_per_station: PHONES / STATIONS };
        let mut badges = Vec::new();
        for deputy in people::settle(&store, numbers, entries).await {
            badges.push(people::sign_in(&*store, &deputy).await);
        }
        let mut held = stock::enter_held(&store, &badges[..1], EXCHANGES, entries).await;
        let epoch = store.epoch().await?;
        store.close().await;
        let mut server = Server::start(data);
        server.stop();
        Ok(Self {
            entries,
            badges,
            held: held.remove(0),
            edits: 0,
            epoch,
            cursors: Vec::new(),
            grants_mark: 0,
            location,
            stored: EXCHANGES,
            server,
        })
    }

    /// Until so many records are stored.
    async fn fill(&mut self, size: usize) -> anyhow::Result<()> {
        let store = open_quickly(&self.location).await?;
        stock::copy(&store, &self.badges, self.entries, size.saturating_sub(self.stored)).await?;
        self.stored = self.stored.max(size);
        store.close().await;
        Ok(())
    }

    async fn idle(&mut self, size: usize) -> anyhow::Result<()> {
        self.catch_up().await?;
        let requests: Vec<_> = (0..EXCHANGES).map(|_| Vec::new()).collect();
        let measured = self.one_by_one(requests).await?;
        self.line("idle", size, measured).print();
        Ok(())
    }

    async fn edit(&mut self, size: usize) -> anyhow::Result<()> {
        self.edits += 1;
        let session = Actor(rand::random());
        let badge = self.badges[0].clone();
        let edits = self.edits;
        let change = |(record, entry): &mut (Record, Entry)| {
            vec![stock::next_change(&badge, session, record, &entry.revision(edits), entry.created_ms())]
        };
        let requests = self.held.iter_mut().map(change).collect();
        let measured = self.one_by_one(requests).await?;
        self.line("edit", size, measured).print();
        Ok(())
    }

    async fn merge(&mut self, size: usize) -> anyhow::Result<()> {
        let mut entries = self.entries.iter().cycle();
        let mut requests = Vec::new();
        for badge in &self.badges {
            let session = Actor(rand::random());
            let made = (0..RECORDS_PER_PHONE as u64).zip(&mut entries);
            let changes = made.map(|(number, entry)| stock::first_change(badge, session, number, entry).1).collect();
            requests.push(ready(badge, hands_in_only(self.epoch), Vec::new(), changes));
        }
        let process = self.server.process_id();
        let count = PHONES * RECORDS_PER_PHONE;
        let cpu_s = usage::cpu_s(process);
        let seconds = crowd::send_at_once(self.server.address(), requests).await?;
        let cpu_s = usage::cpu_s(process) - cpu_s;
        self.stored += count;
        Line::new("growth", "merge")
            .with("stored", size)
            .with("records", count)
            .with("records_per_s", rounded(count as f64 / seconds, 0))
            .with("server_cpu_us_per_record", rounded(cpu_s * 1e6 / count as f64, 0))
            .with("server_peak_mib", usage::peak_mib(process))
            .print();
        Ok(())
    }

    /// One record that gets older and older.
    async fn ages(&mut self) -> anyhow::Result<()> {
        self.catch_up().await?;
        let badge = self.badges[0].clone();
        let session = Actor(rand::random());
        let (mut record, first) = stock::first_change(&badge, session, 0, &self.entries[0]);
        let mut waiting = vec![first];
        let mut age = 1;
        for measured_at in AGES {
            while age < measured_at {
                waiting.push(aging(&badge, session, &mut record, age));
                age += 1;
            }
            for changes in waiting.chunks(EXCHANGES) {
                self.one_by_one(vec![changes.to_vec()]).await?;
            }
            waiting.clear();
            let mut requests = Vec::new();
            for _ in 0..EXCHANGES {
                requests.push(vec![aging(&badge, session, &mut record, age)]);
                age += 1;
            }
            let measured = self.one_by_one(requests).await?;
            self.line("edit_of_old_record", self.stored, measured)
                .with("changes_before", measured_at)
                .with("document_bytes", record.save().len())
                .print();
        }
        Ok(())
    }

    /// Learns where everything ends, as a phone that holds everything knows it.
    async fn catch_up(&mut self) -> anyhow::Result<()> {
        let store = open_quickly(&self.location).await?;
        let spaces: Vec<_> = store.spaces().await?.iter().map(|space| space.id).collect();
        let ends = store.ends(&spaces).await?;
        store.close().await;
        let mine = [self.badges[0].deputy.space];
        let readable = spaces.iter().filter(|space| mine.contains(space) || **space == spaces[0]);
        self.cursors = readable.map(|space| Cursor { space: *space, position: ends[space] }).collect();
        let mut connection = Connection::to(self.server.address(), Headers::Lean);
        let body = compressed(&self.request(Vec::new()).encode());
        let (answer, _) = crowd::exchange(&mut connection, self.badges[0].token.secret(), &body).await?;
        anyhow::ensure!(answer.page.is_empty(), "a phone that has caught up is sent nothing");
        self.grants_mark = answer.grants.map_or(self.grants_mark, |grants| grants.mark);
        Ok(())
    }

    fn request(&self, changes: Vec<SentChange>) -> Request {
        let hello = RequestHello {
            grants_mark: self.grants_mark,
            device_time_ms: super::phone::now_ms(),
            download_bytes_max: 64 * 1024,
            ..hands_in_only(self.epoch)
        };
        Request { hello, cursors: self.cursors.clone(), changes, ..Request::default() }
    }

    /// One phone's exchanges, one after the other.
    async fn one_by_one(&mut self, all: Vec<Vec<SentChange>>) -> anyhow::Result<Measured> {
        let process = self.server.process_id();
        let mut connection = Connection::to(self.server.address(), Headers::Lean);
        let token = self.badges[0].token.secret().to_owned();
        let mut measured = Measured::default();
        let cpu_s = usage::cpu_s(process);
        for changes in all {
            let sent = changes.len();
            let body = compressed(&self.request(changes).encode());
            let began = Instant::now();
            let (answer, body_down) = crowd::exchange(&mut connection, &token, &body).await?;
            measured.latencies.push(began.elapsed());
            anyhow::ensure!(crowd::accepted(&answer) == sent, "not every change was accepted");
            measured.body_up += body.bytes.len() as u64;
            measured.body_down += body_down;
            self.cursors = answer.cursors;
        }
        measured.cpu_s = usage::cpu_s(process) - cpu_s;
        Ok(measured)
    }

    fn line(&self, case: &str, stored: usize, mut measured: Measured) -> Line {
        measured.latencies.sort_unstable();
        let count = measured.latencies.len();
        let percentile = |share: f64| {
            let place = ((count as f64 * share) as usize).min(count.saturating_sub(1));
            rounded(measured.latencies.get(place).copied().unwrap_or_default().as_secs_f64() * 1e3, 2)
        };
        let each = |all: f64, digits| rounded(all / count.max(1) as f64, digits);
        Line::new("growth", case)
            .with("stored", stored)
            .with("exchanges", count)
            .with("round_trips_each", 1)
            .with("body_up_each", each(measured.body_up as f64, 0))
            .with("body_down_each", each(measured.body_down as f64, 0))
            .with("server_cpu_us_each", each(measured.cpu_s * 1e6, 0))
            .with("p50_ms", percentile(0.5))
            .with("p99_ms", percentile(0.99))
            .with("server_resident_mib", usage::resident_mib(self.server.process_id()))
    }
}

#[derive(Debug, Default)]
struct Measured {
    latencies: Vec<Duration>,
    body_up: u64,
    body_down: u64,
    cpu_s: f64,
}

/// One more small edit.
fn aging(badge: &Badge, session: Actor, record: &mut Record, age: usize) -> SentChange {
    let edits = [Edit::put("crowd", age as i64 + 1_000)];
    stock::next_change(badge, session, record, &edits, super::phone::now_ms())
}

/// What is filled in need not survive a power cut.
async fn open_quickly(location: &str) -> anyhow::Result<Arc<dyn Store>> {
    let options = StoreOptions { durability: Durability::Process, ..StoreOptions::at(location) };
    Ok(open_with(options).await?)
}
