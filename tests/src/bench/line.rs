//! The line between a phone and the server: a proxy that counts every byte, and is as slow, lossy
//! and broken as it is told.
//!
//! What it models of a link: each way has a rate and half the round trip; a connection takes a round
//! trip to be there; a lost packet comes again after a retransmission timeout, doubled each time, and
//! everything behind it waits, as TCP delivers in order; its second way costs the rate again. A cut
//! breaks every open connection; a new one can be made at once. Not modelled: slow start (the
//! product of these links' rate and delay is two packets), headers of TCP and IP, TLS.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use clap::{Args, ValueEnum};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde::Serialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    task::AbortHandle,
    time::{Instant, sleep, sleep_until},
};

/// Bytes of a packet.
const PACKET: usize = 1_460;
/// Packets that are on their way at once in one direction of a connection: the modem's buffer.
const PACKETS_UNDER_WAY_MAX: usize = 32;
/// The least pause before a lost packet is sent again.
const RETRANSMIT_MIN: Duration = Duration::from_millis(200);
/// The pause before a lost connection request is sent again.
const CONNECT_AGAIN: Duration = Duration::from_secs(1);
/// A packet that is lost so often in a row gets through; a line that loses everything is a cut.
const LOST_IN_A_ROW_MAX: u32 = 6;
/// Packets get lost by this seed.
const SEED: u64 = 1356;

/// Links that everybody measures with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Preset {
    /// 50 kbit/s down, 20 up, 500 ms
    Gprs,
    /// The same with 10 % of the packets lost, cut after 20 s and again after 40 s
    Hilltop,
}

/// The link to measure on; without any of these, as fast as the machine.
#[derive(Debug, Clone, Args)]
pub(super) struct Link {
    /// A link that everybody measures with; the options below change it
    #[arg(long, value_enum)]
    link: Option<Preset>,
    /// The round trip, in milliseconds
    #[arg(long, value_name = "MS")]
    rtt_ms: Option<u64>,
    /// Rate in kbit/s: DOWN, or UP/DOWN
    #[arg(long, value_name = "UP/DOWN", value_parser = rates)]
    kbps: Option<Rates>,
    /// Share of the packets that get lost, from 0 to 1
    #[arg(long, value_name = "SHARE")]
    loss: Option<f64>,
    /// Cut every connection each time so many seconds have passed
    #[arg(long, value_name = "S")]
    drop_every_s: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rates {
    up: u64,
    down: u64,
}

fn rates(text: &str) -> Result<Rates, String> {
    let number = |text: &str| text.parse::<u64>().ok().filter(|rate| *rate > 0).ok_or("a number of kbit/s");
    let (up, down) = text.split_once('/').unwrap_or((text, text));
    Ok(Rates { up: number(up)?, down: number(down)? })
}

/// How a line behaves.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Shape {
    pub(super) rtt_ms: u64,
    /// 0: as fast as the machine.
    pub(super) up_kbps: u64,
    pub(super) down_kbps: u64,
    pub(super) loss: f64,
    /// Seconds after [`Line::begin`] at which all connections break.
    pub(super) cuts_s: Vec<u64>,
}

/// Cuts that are planned with `--drop-every-s`: an hour of them at the least.
const CUTS_MAX: u64 = 3_600;

impl Link {
    pub(super) fn shape(&self) -> Shape {
        let gprs = Shape { rtt_ms: 500, up_kbps: 20, down_kbps: 50, ..Shape::default() };
        let mut shape = match self.link {
            None => Shape::default(),
            Some(Preset::Gprs) => gprs,
            Some(Preset::Hilltop) => Shape { loss: 0.1, cuts_s: vec![20, 40], ..gprs },
        };
        shape.rtt_ms = self.rtt_ms.unwrap_or(shape.rtt_ms);
        shape.loss = self.loss.unwrap_or(shape.loss).clamp(0.0, 1.0);
        if let Some(Rates { up, down }) = self.kbps {
            (shape.up_kbps, shape.down_kbps) = (up, down);
        }
        if let Some(every) = self.drop_every_s.filter(|every| *every > 0) {
            shape.cuts_s = (1..=CUTS_MAX).map(|n| n * every).collect();
        }
        shape
    }
}

/// What has gone over a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) up: u64,
    pub(super) down: u64,
    pub(super) connections: u64,
    /// Bytes of lost packets, which went once more and are not in `up` and `down`.
    pub(super) again: u64,
    pub(super) cuts: u64,
}

impl std::ops::Sub for Counts {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            up: self.up - before.up,
            down: self.down - before.down,
            connections: self.connections - before.connections,
            again: self.again - before.again,
            cuts: self.cuts - before.cuts,
        }
    }
}

/// A line; it is gone, with all that is open, when this is dropped.
pub(super) struct Line {
    address: SocketAddr,
    inner: Arc<Inner>,
    accepting: AbortHandle,
}

struct Inner {
    shape: Shape,
    up: Lane,
    down: Lane,
    connections: AtomicU64,
    again: AtomicU64,
    chance: Mutex<StdRng>,
    /// Counts cuts; whoever carries bytes stops when it changes.
    cut: watch::Sender<u64>,
    cutting: Mutex<Option<AbortHandle>>,
}

/// One way, shared by all connections.
struct Lane {
    kbps: u64,
    bytes: AtomicU64,
    free_at: Mutex<Instant>,
}

impl Line {
    /// A line to the server, on a port of its own.
    pub(super) async fn to(server: SocketAddr, shape: Shape) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let lane = |kbps| Lane { kbps, bytes: AtomicU64::new(0), free_at: Mutex::new(Instant::now()) };
        let inner = Arc::new(Inner {
            up: lane(shape.up_kbps),
            down: lane(shape.down_kbps),
            connections: AtomicU64::new(0),
            again: AtomicU64::new(0),
            chance: Mutex::new(StdRng::seed_from_u64(SEED)),
            cut: watch::Sender::new(0),
            cutting: Mutex::new(None),
            shape,
        });
        let accepting = tokio::spawn(accept(listener, server, inner.clone())).abort_handle();
        Self { address, inner, accepting }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on the time until the next cuts is counted.
    pub(super) fn begin(&self) {
        let inner = self.inner.clone();
        let began = Instant::now();
        let cutting = tokio::spawn(async move {
            for after in &inner.shape.cuts_s {
                sleep_until(began + Duration::from_secs(*after)).await;
                inner.cut.send_modify(|cuts| *cuts += 1);
            }
        });
        if let Some(before) = lock(&self.inner.cutting).replace(cutting.abort_handle()) {
            before.abort();
        }
    }

    pub(super) fn counts(&self) -> Counts {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            up: load(&self.inner.up.bytes),
            down: load(&self.inner.down.bytes),
            connections: load(&self.inner.connections),
            again: load(&self.inner.again),
            cuts: *self.inner.cut.borrow(),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.accepting.abort();
        if let Some(cutting) = lock(&self.inner.cutting).take() {
            cutting.abort();
        }
        self.inner.cut.send_modify(|cuts| *cuts += 1);
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, inner: Arc<Inner>) {
    while let Ok((phone, _)) = listener.accept().await {
        inner.connections.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(connection(phone, server, inner.clone()));
    }
}

async fn connection(phone: TcpStream, server: SocketAddr, inner: Arc<Inner>) {
    let mut cut = inner.cut.subscribe();
    let carrying = async {
        // Request and answer of the connection: one round trip before the first byte.
        sleep(inner.rtt() + inner.requests_lost()).await;
        let Ok(server) = TcpStream::connect(server).await else { return };
        let _ = (phone.set_nodelay(true), server.set_nodelay(true));
        let (from_phone, to_phone) = phone.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::join!(
            carry(&inner, &inner.up, from_phone, to_server),
            carry(&inner, &inner.down, from_server, to_phone),
        );
    };
    tokio::select! {
        () = carrying => {}
        _ = cut.changed() => {}
    }
}

/// Carries one way of a connection until it ends or the line is cut.
async fn carry(
    inner: &Inner,
    lane: &Lane,
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
) {
    let (sent, mut arriving) = mpsc::channel::<(Instant, Vec<u8>)>(PACKETS_UNDER_WAY_MAX);
    let sending = async move {
        let mut packet = vec![0; PACKET];
        let mut last = Instant::now();
        while let Ok(count @ 1..) = from.read(&mut packet).await {
            lane.bytes.fetch_add(count as u64, Ordering::Relaxed);
            let (left, lost) = inner.send(lane, count);
            // No packet overtakes another.
            last = last.max(left + inner.rtt() / 2 + lost);
            if sent.send((last, packet[..count].to_vec())).await.is_err() {
                return;
            }
            // The modem takes no more than it can send.
            sleep_until(left).await;
        }
    };
    let delivering = async move {
        while let Some((at, packet)) = arriving.recv().await {
            sleep_until(at).await;
            if to.write_all(&packet).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    };
    tokio::join!(sending, delivering);
}

impl Inner {
    fn rtt(&self) -> Duration {
        Duration::from_millis(self.shape.rtt_ms)
    }

    /// Puts a packet on its way: when it has left, and how much later it arrives because it was lost.
    fn send(&self, lane: &Lane, bytes: usize) -> (Instant, Duration) {
        let mut pause = RETRANSMIT_MIN.max(2 * self.rtt());
        let (mut left, mut lost) = (lane.send(bytes), Duration::ZERO);
        for _ in 0..self.times_lost() {
            self.again.fetch_add(bytes as u64, Ordering::Relaxed);
            lost += pause;
            pause *= 2;
            left = lane.send(bytes);
        }
        (left, lost)
    }

    fn requests_lost(&self) -> Duration {
        // 1 s, then 2 s, then 4 s …
        CONNECT_AGAIN * (2_u32.pow(self.times_lost()) - 1)
    }

    fn times_lost(&self) -> u32 {
        let mut chance = lock(&self.chance);
        (0..LOST_IN_A_ROW_MAX).take_while(|_| chance.random_bool(self.shape.loss)).count() as u32
    }
}

impl Lane {
    /// When a packet has left that is put behind those that wait.
    fn send(&self, bytes: usize) -> Instant {
        let mut free_at = lock(&self.free_at);
        let takes = match self.kbps {
            0 => Duration::ZERO,
            kbps => Duration::from_micros(bytes as u64 * 8 * 1000 / kbps),
        };
        *free_at = (*free_at).max(Instant::now()) + takes;
        *free_at
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
