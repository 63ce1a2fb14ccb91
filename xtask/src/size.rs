//! `cargo xtask size`: what a village downloads before it can work.

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::app;

/// Everything before the first form is on the screen, brotli.
const VIEW_BYTES_MAX: u64 = 60 * 1024;
/// Everything before the phone can record without a network, brotli.
const OFFLINE_BYTES_MAX: u64 = 400 * 1024;

#[derive(Clone, Copy, Default)]
struct Bytes {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

impl Bytes {
    fn of(file: &Value) -> Result<Self> {
        let size = |name: &str| file[name].as_u64().with_context(|| format!("a file without {name} in {file}"));
        Ok(Self { raw: size("raw")?, gzip: size("gzip")?, brotli: size("brotli")? })
    }

    fn add(&mut self, other: Self) {
        self.raw += other.raw;
        self.gzip += other.gzip;
        self.brotli += other.brotli;
    }

    fn print(self, name: &str) {
        println!("{name:<44}{:>12}{:>12}{:>12}", self.raw, self.gzip, self.brotli);
    }
}

pub(crate) fn size() -> Result<()> {
    let report = app::build(app::Profile::Release)?.with_extension("json");
    let report: Value = serde_json::from_str(&fs::read_to_string(report)?)?;

    println!("{:<44}{:>12}{:>12}{:>12}", "", "raw", "gzip", "brotli");
    let (mut view, mut offline, mut afterwards) = (Bytes::default(), Bytes::default(), Bytes::default());
    for file in report["files"].as_array().context("no list of files in the app's report")? {
        let bytes = Bytes::of(file)?;
        bytes.print(file["path"].as_str().unwrap_or("?"));
        match file["group"].as_str() {
            Some("afterwards") => afterwards.add(bytes),
            group => {
                offline.add(bytes);
                if group == Some("view") {
                    view.add(bytes);
                }
            }
        }
    }
    view.print("view on screen");
    offline.print("everything needed to record offline");
    afterwards.print("fetched afterwards");

    let budgets = [("view on screen", view, VIEW_BYTES_MAX), ("record offline", offline, OFFLINE_BYTES_MAX)];
    let over: Vec<_> = budgets.iter().filter(|(_, bytes, max)| bytes.brotli > *max).collect();
    let sum =
        |bytes: Bytes, max: u64| json!({ "raw": bytes.raw, "gzip": bytes.gzip, "brotli": bytes.brotli, "budget": max });
    println!(
        "{}",
        json!({
            "view": sum(view, VIEW_BYTES_MAX),
            "offline": sum(offline, OFFLINE_BYTES_MAX),
            "afterwards": { "brotli": afterwards.brotli, "gzip": afterwards.gzip, "raw": afterwards.raw },
            "within": over.is_empty(),
        })
    );
    if let Some((name, bytes, max)) = over.first() {
        bail!("over budget: {name} is {} bytes with brotli, {max} are allowed", bytes.brotli);
    }
    Ok(())
}
