//! A processor that is so many times slower. Chromium's own throttling slows the page and not its workers, where this
//! app's engine runs; so the browser's processes are stopped most of the time, all of them together.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};

/// For so long the browser runs at a time: short beside what is measured.
const RUNS: Duration = Duration::from_millis(2);

/// A browser that is slow for as long as this lives.
pub struct Slowed {
    over: Arc<AtomicBool>,
    stopping: Option<JoinHandle<()>>,
}

impl Slowed {
    pub(super) fn group(process: u32, times: u32) -> Self {
        let group = i32::try_from(process).ok().and_then(Pid::from_raw).expect("the number of a process");
        let over = Arc::new(AtomicBool::new(false));
        let stopping = thread::spawn({
            let over = over.clone();
            move || {
                while !over.load(Ordering::Relaxed) {
                    let stopped = kill_process_group(group, Signal::STOP);
                    thread::sleep(RUNS * (times - 1));
                    let runs = kill_process_group(group, Signal::CONT);
                    if stopped.and(runs).is_err() {
                        return;
                    }
                    thread::sleep(RUNS);
                }
            }
        });
        Self { over, stopping: Some(stopping) }
    }
}

impl Drop for Slowed {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = self.stopping.take().map(JoinHandle::join);
    }
}
