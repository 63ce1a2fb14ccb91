//! `bench devices`: thousands of phones, each exchanging once a minute.
//!
//! Each exchange has its moment, whether the server is behind or not, and its time counts from that
//! moment: a server that stalls is seen by everybody who would have come meanwhile. Connections are
//! kept and shared, as a reverse proxy in front of the server does.

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use clap::Args;
use lianxin_server::store::{Durability, Options as StoreOptions, Store, open_with};
use lianxin_shared::{
    id::Actor,
    wire::{Answer, Cursor, Outcome, RequestHello},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::{
    crowd::{self, ready},
    http::{Connection, Headers},
    people::{self, Badge, Numbers},
    report::{Line, rounded},
    stock, usage,
    workload::{self, Entry},
};
use crate::{scratch::Scratch, server::Server};

/// What the design allows for 99 of 100 exchanges, in milliseconds.
const P99_MS_MAX: f64 = 250.0;
/// What a phone asks for before it knows its line (`client-wasm/src/pages.rs`).
const DOWNLOAD_BYTES: u64 = 64 * 1024;
const SEED: u64 = 10_000;

#[derive(Debug, Args)]
pub struct Options {
    /// A workload: one JSON object a line [default: records made up from a seed]
    #[arg(long, value_name = "FILE")]
    workload: Option<PathBuf>,
    /// Phones
    #[arg(long, default_value_t = 10_000)]
    count: usize,
    /// How often each exchanges
    #[arg(long, value_name = "S", default_value_t = 60)]
    interval_s: u64,
    /// How long it is measured [default: two intervals, the first included]
    #[arg(long, value_name = "S")]
    seconds: Option<u64>,
    /// Stations that the phones are spread over
    #[arg(long, default_value_t = 200)]
    stations: usize,
    /// Share of the exchanges that hand in a new record; the station's other phones fetch it
    #[arg(long, default_value_t = 0.02)]
    writing: f64,
    /// Kept connections
    #[arg(long, default_value_t = 64)]
    connections: usize,
}

/// Measures; a line for the first interval, in which every phone fetches the town's records, and one
/// for the time after it.
///
/// # Errors
/// When the workload cannot be read.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let entries = Arc::new(workload::read(options.workload.as_deref())?);
    let data = Scratch::new("bench-devices");
    let location = data.path().join("lianxin.sqlite").to_string_lossy().into_owned();
    let before = StoreOptions { durability: Durability::Process, ..StoreOptions::at(location) };
    let store: Arc<dyn Store> = open_with(before).await?;
    let deputies_per_station = options.count.div_ceil(options.stations);
    let deputies = people::settle(&store, Numbers { stations: options.stations, deputies_per_station }, &entries).await;
    let mut phones = Vec::with_capacity(options.count);
    for deputy in deputies.iter().take(options.count) {
        phones.push(Phone::new(people::sign_in(&*store, deputy).await));
    }
    store.close().await;
    let mut server = Server::start(data);
    measure(&options, &server, phones, entries).await;
    server.stop();
    Ok(())
}

/// What a phone knows between two exchanges.
struct Phone {
    badge: Badge,
    session: Actor,
    made: u64,
    hello: RequestHello,
    cursors: Vec<Cursor>,
}

impl Phone {
    fn new(badge: Badge) -> Self {
        let hello =
            RequestHello { app_version: "0.1.0".into(), download_bytes_max: DOWNLOAD_BYTES, ..RequestHello::default() };
        Self { badge, session: Actor(rand::random()), made: 0, hello, cursors: Vec::new() }
    }

    fn request(&mut self, entry: Option<&Entry>) -> crowd::Ready {
        let changes = entry.map(|entry| {
            self.made += 1;
            stock::first_change(&self.badge, self.session, self.made, entry).1
        });
        let hello = RequestHello { device_time_ms: super::phone::now_ms(), ..self.hello.clone() };
        ready(&self.badge, hello, self.cursors.clone(), changes.into_iter().collect())
    }

    fn believe(&mut self, answer: &Answer) {
        self.hello.epoch = answer.hello.epoch;
        if let Some(grants) = &answer.grants {
            self.hello.grants_mark = grants.mark;
        }
        self.cursors.clone_from(&answer.cursors);
    }
}

/// What all exchanges of the measured time came to.
#[derive(Default)]
struct Seen {
    latencies_ms: Vec<f64>,
    late_ms_max: f64,
    errors: usize,
    refused: usize,
    handed_in: usize,
    fetched: usize,
    body_up: u64,
    body_down: u64,
}

struct Due {
    at: Instant,
    phone: Phone,
    writes: bool,
}

async fn measure(options: &Options, server: &Server, phones: Vec<Phone>, entries: Arc<Vec<Entry>>) {
    let process = server.process_id();
    let interval = Duration::from_secs(options.interval_s);
    let seconds = options.seconds.unwrap_or(2 * options.interval_s);
    let mut chance = StdRng::seed_from_u64(SEED);
    let began = Instant::now();
    let mut due: Vec<Due> = phones
        .into_iter()
        .map(|phone| Due { at: began + interval.mul_f64(chance.random_range(0.0..1.0)), phone, writes: false })
        .collect();
    due.sort_by_key(|due| due.at);
    let queue = Arc::new(Mutex::new(VecDeque::from(due)));
    let times = Times { first_until: began + interval, until: began + Duration::from_secs(seconds), interval };

    let mut working = JoinSet::new();
    for worker in 0..options.connections {
        let connection = Connection::to(server.address(), Headers::Lean);
        let chance = StdRng::seed_from_u64(SEED + 1 + worker as u64);
        working.spawn(work(queue.clone(), entries.clone(), connection, chance, times, options.writing));
    }
    let at_first = usage::cpu_s(process);
    sleep_until(times.first_until.min(times.until)).await;
    let at_steady = usage::cpu_s(process);
    let mut all = [Seen::default(), Seen::default()];
    while let Some(Ok(seen)) = working.join_next().await {
        for (all, seen) in all.iter_mut().zip(seen) {
            all.add(seen);
        }
    }
    let at_end = usage::cpu_s(process);
    let [first, steady] = all;
    let first_s = options.interval_s.min(seconds) as f64;
    line(options, "first", first, first_s, at_steady - at_first, process).print();
    if seconds > options.interval_s {
        let took = began.elapsed().as_secs_f64() - first_s;
        line(options, "steady", steady, took, at_end - at_steady, process).print();
    }
}

#[derive(Clone, Copy)]
struct Times {
    first_until: Instant,
    until: Instant,
    interval: Duration,
}

async fn work(
    queue: Arc<Mutex<VecDeque<Due>>>,
    entries: Arc<Vec<Entry>>,
    mut connection: Connection,
    mut chance: StdRng,
    times: Times,
    writing: f64,
) -> [Seen; 2] {
    let mut phases = [Seen::default(), Seen::default()];
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some(Due { at, mut phone, writes }) = next.filter(|due| due.at < times.until) else { return phases };
        let seen = &mut phases[usize::from(at >= times.first_until)];
        sleep_until(at).await;
        let entry = writes.then(|| &entries[chance.random_range(0..entries.len())]);
        let request = phone.request(entry);
        // From the moment when it was due; making the request is this program's own work.
        let late = Instant::now().saturating_duration_since(at);
        let sent = Instant::now();
        let answer = crowd::exchange(&mut connection, &request.token, &request.body).await;
        let answered = sent.elapsed();
        match answer {
            Ok((answer, body_bytes)) => {
                seen.note(&answer, request.changes, request.body.bytes.len() as u64, body_bytes);
                phone.believe(&answer);
            }
            Err(_) => seen.errors += 1,
        }
        seen.latencies_ms.push((late + answered).as_secs_f64() * 1e3);
        seen.late_ms_max = seen.late_ms_max.max(late.as_secs_f64() * 1e3);
        let due = Due { at: at + times.interval, phone, writes: chance.random_bool(writing) };
        queue.lock().unwrap_or_else(PoisonError::into_inner).push_back(due);
    }
}

impl Seen {
    fn note(&mut self, answer: &Answer, sent: usize, body_up: u64, body_down: u64) {
        let taken =
            answer.receipts.iter().filter(|receipt| matches!(receipt.outcome, Outcome::Received { .. })).count();
        self.handed_in += taken;
        self.refused += sent - taken;
        self.fetched += answer.page.len();
        self.body_up += body_up;
        self.body_down += body_down;
    }

    fn add(&mut self, other: Seen) {
        self.latencies_ms.extend(other.latencies_ms);
        self.late_ms_max = self.late_ms_max.max(other.late_ms_max);
        self.errors += other.errors;
        self.refused += other.refused;
        self.handed_in += other.handed_in;
        self.fetched += other.fetched;
        self.body_up += other.body_up;
        self.body_down += other.body_down;
    }
}

fn line(options: &Options, case: &str, mut seen: Seen, took: f64, cpu_s: f64, process: u32) -> Line {
    seen.latencies_ms.sort_by(f64::total_cmp);
    let exchanges = seen.latencies_ms.len();
    let percentile = |share: f64| {
        let place = ((exchanges as f64 * share) as usize).min(exchanges.saturating_sub(1));
        rounded(seen.latencies_ms.get(place).copied().unwrap_or_default(), 1)
    };
    let p99 = percentile(0.99);
    Line::new("devices", case)
        .with("devices", options.count)
        .with("interval_s", options.interval_s)
        .with("stations", options.stations)
        .with("writing", options.writing)
        .with("connections", options.connections)
        .with("seconds", rounded(took, 1))
        .with("exchanges", exchanges)
        .with("handed_in", seen.handed_in)
        .with("fetched", seen.fetched)
        .with("errors", seen.errors)
        .with("refused", seen.refused)
        .with("p50_ms", percentile(0.50))
        .with("p90_ms", percentile(0.90))
        .with("p99_ms", p99)
        .with("max_ms", percentile(1.0))
        .with("driver_late_ms_max", rounded(seen.late_ms_max, 1))
        .with("body_up_per_exchange", rounded(seen.body_up as f64 / exchanges.max(1) as f64, 0))
        .with("body_down_per_exchange", rounded(seen.body_down as f64 / exchanges.max(1) as f64, 0))
        .with("server_cpu_s", rounded(cpu_s, 2))
        .with("server_cores", rounded(cpu_s / took, 3))
        .with("server_cpu_us_per_exchange", rounded(cpu_s * 1e6 / exchanges.max(1) as f64, 0))
        .with("server_resident_mib", usage::resident_mib(process))
        .with("server_peak_mib", usage::peak_mib(process))
        .with("budget", format!("p99 < {P99_MS_MAX} ms, no errors"))
        .with("within_budget", p99 < P99_MS_MAX && seen.errors == 0)
}
