//! What a process has used, from the kernel's books.

use std::{collections::HashMap, fs};

/// The kernel counts in hundredths of a second, on every architecture that Linux runs Rust on.
const TICKS_PER_S: f64 = 100.0;

/// CPU seconds, user and system, of a process since it began. None for one that is gone.
pub(super) fn cpu_s(process: u32) -> f64 {
    stat(process).map_or(0.0, |stat| stat.ticks as f64 / TICKS_PER_S)
}

/// CPU seconds of a process's children and theirs: those that live, and those that were waited for.
pub(super) fn children_cpu_s(process: u32) -> f64 {
    let all: HashMap<u32, Stat> = processes().filter_map(|id| Some((id, stat(id)?))).collect();
    let below = |mut id: u32| {
        // A chain of parents ends at process 0; bounded in case it was read while it changed.
        for _ in 0..64 {
            match all.get(&id) {
                Some(stat) if stat.parent == process => return true,
                Some(stat) => id = stat.parent,
                None => return false,
            }
        }
        false
    };
    let ticks: u64 = all.iter().filter(|(id, _)| below(**id)).map(|(_, stat)| stat.ticks + stat.childrens_ticks).sum();
    ticks as f64 / TICKS_PER_S
}

/// The most memory that a process has held so far, in MiB.
pub(super) fn peak_mib(process: u32) -> f64 {
    memory_mib(process, "VmHWM:")
}

/// The memory that a process holds, in MiB.
pub(super) fn resident_mib(process: u32) -> f64 {
    memory_mib(process, "VmRSS:")
}

fn memory_mib(process: u32, field: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix(field)?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    super::report::rounded(kib.unwrap_or_default() / 1024.0, 1)
}

struct Stat {
    parent: u32,
    ticks: u64,
    childrens_ticks: u64,
}

fn stat(process: u32) -> Option<Stat> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Behind the name, which may hold anything: state, parent, …, user, system, and those of its children.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |place: usize| fields.get(place)?.parse::<u64>().ok();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        ticks: number(11)? + number(12)?,
        childrens_ticks: number(13)? + number(14)?,
    })
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}
