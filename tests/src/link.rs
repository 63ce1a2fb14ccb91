//! The line between one phone and the server: a proxy that is cut, slowed, and cut in the middle.
//!
//! It covers page, worker and service worker alike, which the browser's own throttling does not,
//! and a cut drops what is open: the browser sees what it sees in a tunnel.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// Bytes that are read at once: small, so that a slow line is evenly slow.
const CHUNK: usize = 1_460;

/// A line.
pub struct Link {
    port: u16,
    line: Arc<Line>,
}

/// How fast a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speed {
    pub kbit_per_s: u64,
    pub delay: Duration,
}

/// 2G at the edge of a village.
pub const EDGE: Speed = Speed { kbit_per_s: 50, delay: Duration::from_millis(150) };

#[derive(Default)]
struct Line {
    state: Mutex<State>,
    up: AtomicU64,
    down: AtomicU64,
}

#[derive(Default)]
struct State {
    cut: bool,
    speed: Option<Speed>,
    /// The line breaks after so many more bytes upwards.
    up_left: Option<u64>,
    open: Vec<TcpStream>,
}

impl Link {
    /// A line to the server, on a port of its own.
    pub fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let line = Arc::new(Line::default());
        let accepting = line.clone();
        thread::spawn(move || {
            for phone in listener.incoming().flatten() {
                accepting.connect(phone, server);
            }
        });
        Self { port, line }
    }

    /// The address that the phone knows the server by.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// No signal: what is open breaks, nothing new gets through.
    pub fn cut(&self) {
        self.line.lock().cut();
    }

    pub fn restore(&self) {
        let mut state = self.line.lock();
        state.cut = false;
        state.up_left = None;
    }

    /// The line breaks in the middle of what the phone sends, and stays broken.
    pub fn cut_after_sending(&self, bytes: u64) {
        self.line.lock().up_left = Some(bytes);
    }

    pub fn is_cut(&self) -> bool {
        self.line.lock().cut
    }

    /// `None` is as fast as the machine.
    pub fn set_speed(&self, speed: Option<Speed>) {
        self.line.lock().speed = speed;
    }

    /// Bytes so far, with all headers: from the phone, to the phone.
    pub fn bytes(&self) -> (u64, u64) {
        (self.line.up.load(Ordering::Relaxed), self.line.down.load(Ordering::Relaxed))
    }
}

#[derive(Clone, Copy)]
enum Way {
    Up,
    Down,
}

impl Line {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn connect(self: &Arc<Self>, phone: TcpStream, server: SocketAddr) {
        if self.lock().cut {
            let _ = phone.shutdown(Shutdown::Both);
            return;
        }
        // A server that is down looks like a line that breaks.
        let Ok(server) = TcpStream::connect(server) else { return drop(phone.shutdown(Shutdown::Both)) };
        let copies = (phone.try_clone(), server.try_clone());
        let (Ok(phone_again), Ok(server_again)) = copies else { return };
        self.lock().open.extend([phone.try_clone(), server.try_clone()].into_iter().flatten());
        for (from, to, way) in [(phone, server, Way::Up), (server_again, phone_again, Way::Down)] {
            let line = self.clone();
            thread::spawn(move || line.carry(from, to, way));
        }
    }

    fn carry(&self, mut from: TcpStream, mut to: TcpStream, way: Way) {
        let mut chunk = [0; CHUNK];
        while let Ok(count @ 1..) = from.read(&mut chunk) {
            if let Some(Speed { kbit_per_s, delay }) = self.lock().speed {
                // Not waiting for anything: this is the slow line itself.
                thread::sleep(delay / 10 + Duration::from_millis(count as u64 * 8 / kbit_per_s));
            }
            let Some(count) = self.pass(count, way) else { break };
            if to.write_all(&chunk[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
        let _ = from.shutdown(Shutdown::Both);
    }

    /// How much of a chunk gets through.
    fn pass(&self, count: usize, way: Way) -> Option<usize> {
        let mut state = self.lock();
        if state.cut {
            return None;
        }
        if let (Way::Up, Some(left)) = (way, &mut state.up_left) {
            *left = left.saturating_sub(count as u64);
            if *left == 0 {
                state.cut();
                return None;
            }
        }
        match way {
            Way::Up => &self.up,
            Way::Down => &self.down,
        }
        .fetch_add(count as u64, Ordering::Relaxed);
        Some(count)
    }
}

impl State {
    fn cut(&mut self) {
        self.cut = true;
        self.up_left = None;
        for stream in self.open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}
