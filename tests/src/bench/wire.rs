//! `bench wire`: what crosses the line, for the things that people do.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use lianxin_shared::id::RecordId;

use super::{
    floor,
    http::{Connection, Headers},
    line::{Counts, Line, Link, Shape},
    people::{self, Badge, Numbers},
    phone::{Effort, Phone, now_ms},
    report::{self, rounded},
    stock, usage,
    workload::{self, Entry},
};
use crate::{scratch::Scratch, server::Server};

/// Phones that edit the same records.
const TOGETHER_PHONES: usize = 10;
/// Records that they edit.
const TOGETHER_RECORDS: usize = 50;
/// What the design allows for an edit with all headers, and for an idle exchange's bodies, in bytes.
const EDIT_BYTES_MAX: u64 = 1_000;
const IDLE_BYTES_MAX: u64 = 500;
/// … and in multiples of the floor.
const NEW_RATIO_MAX: f64 = 1.0;
const FIRST_RATIO_MAX: f64 = 1.10;
/// Round trips for new records.
const NEW_EXCHANGES_MAX: u32 = 2;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Case {
    /// A new phone fetches everything that is stored
    First,
    /// Nothing has happened
    Idle,
    /// One edit among everything that the phone holds
    Edit,
    /// New records, written offline, until all are acknowledged
    New,
    /// Ten phones edit the same fifty records offline, then all exchange twice
    Together,
}

#[derive(Debug, Args)]
pub struct Options {
    /// A workload: one JSON object a line [default: records made up from a seed]
    #[arg(long, value_name = "FILE")]
    workload: Option<PathBuf>,
    /// New records that are written offline
    #[arg(long, value_name = "N", default_value_t = 200)]
    new: usize,
    /// Records that are on the server before [default: as many as the workload has]
    #[arg(long, value_name = "M")]
    stored: Option<usize>,
    /// Only these
    #[arg(long, value_enum, value_delimiter = ',')]
    cases: Vec<Case>,
    /// What is sent around the bodies
    #[arg(long, value_enum, default_value_t = Headers::Lean)]
    headers: Headers,
    #[command(flatten)]
    link: Link,
}

/// Measures; a line for each case.
///
/// # Errors
/// When the workload cannot be read or a phone does not come to rest.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let entries = workload::read(options.workload.as_deref())?;
    let mut bench = Bench::set_up(&options, &entries).await;
    let wanted = |case| options.cases.is_empty() || options.cases.contains(&case);
    if [Case::First, Case::Idle, Case::Edit, Case::New].into_iter().any(wanted) {
        bench.one_phone(wanted).await?;
    }
    if wanted(Case::Together) {
        bench.together().await?;
    }
    bench.server.stop();
    Ok(())
}

struct Bench<'a> {
    options: &'a Options,
    entries: &'a [Entry],
    shape: Shape,
    stored: usize,
    /// The phone that is measured alone; the phones that work together.
    alone: Badge,
    together: Vec<Badge>,
    phones: Scratch,
    server: Server,
}

impl<'a> Bench<'a> {
    async fn set_up(options: &'a Options, entries: &'a [Entry]) -> Self {
        let data = Scratch::new("bench-wire");
        let stored = options.stored.unwrap_or(entries.len());
        let store = people::open(&data.path().join("lianxin.sqlite").to_string_lossy()).await;
        let numbers = Numbers { stations: 2, deputies_per_station: TOGETHER_PHONES };
        let deputies = people::settle(&store, numbers, entries).await;
        let mut badges = Vec::new();
        for deputy in &deputies {
            badges.push(people::sign_in(&*store, deputy).await);
        }
        let alone = people::sign_in(&*store, &deputies[0]).await;
        let (colleagues, together) = badges.split_at(TOGETHER_PHONES);
        stock::enter(&store, colleagues, entries.iter().cycle().take(stored)).await;
        store.close().await;
        Self {
            options,
            entries,
            shape: options.link.shape(),
            stored,
            alone,
            together: together.to_vec(),
            phones: Scratch::new("bench-phones"),
            server: Server::start(data),
        }
    }

    async fn one_phone(&mut self, wanted: impl Fn(Case) -> bool) -> anyhow::Result<()> {
        let mut phone = self.phone(self.alone.clone(), "alone").await;
        if wanted(Case::First) {
            let measured = self.measure(&mut phone).await?;
            let held = floor::zstd_19(&floor::lines(self.entries.iter().cycle().take(self.stored)));
            let line =
                self.line("first", self.stored, &measured).with("first_page_s", seconds(measured.effort.first_page_s));
            let ratio = measured.effort.body_down as f64 / held as f64;
            line.with("floor", "zstd-19 of the JSON lines")
                .with("floor_bytes", held)
                .ratio("body_down_to_floor", measured.effort.body_down as f64, held as f64)
                .with("budget", format!("body_down <= {FIRST_RATIO_MAX} x floor"))
                .with("within_budget", ratio <= FIRST_RATIO_MAX)
                .print();
        } else {
            phone.sync().await?;
        }
        if wanted(Case::Idle) {
            let measured = self.measure(&mut phone).await?;
            let bodies = measured.effort.body_up + measured.effort.body_down;
            self.line("idle", 0, &measured)
                .with("floor", "nothing")
                .with("floor_bytes", 0)
                .with("budget", format!("bodies < {IDLE_BYTES_MAX}, 1 round trip"))
                .with("within_budget", bodies < IDLE_BYTES_MAX && measured.effort.exchanges == 1)
                .print();
        }
        if wanted(Case::New) || wanted(Case::Edit) {
            self.writing(&mut phone, wanted).await?;
        }
        Ok(())
    }

    async fn writing(&mut self, phone: &mut Phone, wanted: impl Fn(Case) -> bool) -> anyhow::Result<()> {
        if wanted(Case::Edit) {
            let place = self.entries.len() / 2;
            // Made and delivered before; a colleague's record would do as well, but is not known by its line.
            let record = phone.create(self.entries[place].edits(), now_ms()).await;
            phone.sync().await?;
            phone.revise(record, self.entries[place].revision(0), now_ms()).await;
            let measured = self.measure(phone).await?;
            let line = floor::gzip_9(&floor::lines([&self.entries[place]]));
            self.line("edit", 1, &measured)
                .with("floor", "gzip-9 of the record's JSON line")
                .with("floor_bytes", line)
                .ratio("body_up_to_floor", measured.effort.body_up as f64, line as f64)
                .with("budget", format!("total < {EDIT_BYTES_MAX}, 1 round trip"))
                .with("within_budget", measured.total() < EDIT_BYTES_MAX && measured.effort.exchanges == 1)
                .print();
        }
        if wanted(Case::New) {
            for entry in self.new_entries() {
                phone.create(entry.edits(), entry.created_ms()).await;
            }
            let measured = self.measure(phone).await?;
            let lines = floor::gzip_9(&floor::lines(self.new_entries()));
            let ratio = measured.effort.body_up as f64 / lines as f64;
            self.line("new", self.options.new, &measured)
                .with("floor", "gzip-9 of the JSON lines")
                .with("floor_bytes", lines)
                .ratio("body_up_to_floor", measured.effort.body_up as f64, lines as f64)
                .with("budget", format!("body_up <= {NEW_RATIO_MAX} x floor, {NEW_EXCHANGES_MAX} round trips"))
                .with("within_budget", ratio <= NEW_RATIO_MAX && measured.effort.exchanges <= NEW_EXCHANGES_MAX)
                .print();
        }
        Ok(())
    }

    fn new_entries(&self) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().cycle().take(self.options.new)
    }

    /// Ten phones, each on a line of its own. One after the other, so that the bytes are the same in every run.
    async fn together(&mut self) -> anyhow::Result<()> {
        let entries: Vec<&Entry> = self.entries.iter().cycle().take(TOGETHER_RECORDS).collect();
        let mut phones = Vec::new();
        for (place, badge) in self.together.clone().into_iter().enumerate() {
            phones.push(self.phone(badge, &format!("together-{place}")).await);
        }
        // Without its rights a phone can record nothing.
        phones[0].sync().await?;
        let mut records = Vec::new();
        for entry in &entries {
            records.push(phones[0].create(entry.edits(), entry.created_ms()).await);
        }
        for phone in &mut phones {
            phone.sync().await?;
        }
        for (number, phone) in phones.iter_mut().enumerate() {
            for (record, entry) in records.iter().zip(&entries) {
                phone.revise(*record, entry.revision(number), now_ms()).await;
            }
        }
        let mut all = Measured::default();
        for _ in 0..2 {
            for phone in &mut phones {
                all.add(&self.measure(phone).await?);
            }
        }
        let lines = floor::lines(entries.iter().copied());
        let least = TOGETHER_PHONES * (floor::gzip_9(&lines) + floor::zstd_19(&lines));
        self.line("together", TOGETHER_PHONES * TOGETHER_RECORDS, &all)
            .with("phones", TOGETHER_PHONES)
            .with("same_everywhere", same_everywhere(&mut phones, &records).await)
            .with("floor", "each phone: gzip-9 of the 50 JSON lines up, zstd-19 of them down")
            .with("floor_bytes", least)
            .ratio("bodies_to_floor", (all.effort.body_up + all.effort.body_down) as f64, least as f64)
            .print();
        Ok(())
    }

    /// A phone that still has to be given something, on a line that costs nothing.
    async fn phone(&self, badge: Badge, name: &str) -> Phone {
        let connection = Connection::to(self.server.address(), self.options.headers);
        Phone::new(badge, &self.phones.path().join(name), connection).await
    }

    /// Lets a phone come to rest over the measured line, on a connection that it has to make.
    async fn measure(&self, phone: &mut Phone) -> anyhow::Result<Measured> {
        let line = Line::to(self.server.address(), self.shape.clone()).await;
        phone.connect(Connection::to(line.address(), self.options.headers));
        let cpu_s = usage::cpu_s(self.server.process_id());
        line.begin();
        let effort = phone.sync().await?;
        let server_cpu_s = usage::cpu_s(self.server.process_id()) - cpu_s;
        let counts = line.counts();
        phone.connect(Connection::to(self.server.address(), self.options.headers));
        Ok(Measured { effort, counts, server_cpu_s })
    }

    fn line(&self, case: &str, records: usize, measured: &Measured) -> report::Line {
        let Measured { effort, counts, server_cpu_s } = measured;
        // Of an exchange that broke off it is not known what was body.
        let headers = |all: u64, body: u64| (effort.failures == 0).then(|| all - body);
        report::Line::new("wire", case)
            .with("records", records)
            .with("stored", self.stored)
            .with("link", &self.shape)
            .with("headers", format!("{:?}", self.options.headers).to_lowercase())
            .with("body_up", effort.body_up)
            .with("body_down", effort.body_down)
            .with("headers_up", headers(counts.up, effort.body_up))
            .with("headers_down", headers(counts.down, effort.body_down))
            .with("total", measured.total())
            .with("round_trips", effort.exchanges)
            .with("connections", counts.connections)
            .with("broken_off", effort.failures)
            .with("cuts", counts.cuts)
            .with("lost_and_sent_again", counts.again)
            .with("acknowledged_s", seconds(effort.acknowledged_s))
            .with("seconds", seconds(effort.seconds))
            .with("server_cpu_s", rounded(*server_cpu_s, 2))
    }
}

/// What one or several phones took.
#[derive(Debug, Clone, Copy, Default)]
struct Measured {
    effort: Effort,
    counts: Counts,
    server_cpu_s: f64,
}

impl Measured {
    fn total(&self) -> u64 {
        self.counts.up + self.counts.down
    }

    /// One more phone, after the others.
    fn add(&mut self, other: &Measured) {
        let (effort, counts) = (&mut self.effort, &mut self.counts);
        effort.body_up += other.effort.body_up;
        effort.body_down += other.effort.body_down;
        effort.exchanges += other.effort.exchanges;
        effort.failures += other.effort.failures;
        effort.acknowledged_s = effort.seconds + other.effort.acknowledged_s;
        effort.seconds += other.effort.seconds;
        counts.up += other.counts.up;
        counts.down += other.counts.down;
        counts.connections += other.counts.connections;
        counts.again += other.counts.again;
        counts.cuts += other.counts.cuts;
        self.server_cpu_s += other.server_cpu_s;
    }
}

async fn same_everywhere(phones: &mut [Phone], records: &[RecordId]) -> bool {
    let mut first = Vec::new();
    for (place, phone) in phones.iter_mut().enumerate() {
        for (number, record) in records.iter().enumerate() {
            let fields = phone.contents(*record).await.map(|contents| contents.fields);
            if place == 0 {
                first.push(fields);
            } else if fields != first[number] {
                return false;
            }
        }
    }
    first.iter().all(Option::is_some)
}

fn seconds(seconds: f64) -> f64 {
    rounded(seconds, 3)
}
