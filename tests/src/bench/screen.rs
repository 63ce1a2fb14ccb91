//! `bench app`: the app in a real browser on a slow processor, without a network, with thousands of records: what a person
//! waits for; and how many bytes the app itself is, at first and when a new version comes.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use brotli::enc::BrotliEncoderParams;
use clap::Args;
use lianxin_server::{account::hash_password, store::Store};

use super::{
    people::{self, Numbers},
    report::{Line, rounded},
    stock,
    workload::{self, Entry},
};
use crate::{
    browser::{Browser, Page, Screen},
    district::PASSWORD,
    link::Link,
    scratch::Scratch,
    server::Server,
};

/// What the design allows from the start until the list is on the screen.
const START_MS_MAX: f64 = 1_000.0;
const STATION: Numbers = Numbers { stations: 1, deputies_per_station: 3 };
const LOGIN: &str = "deputy0";
/// Of a record's title, to find it by.
const SEARCHED_CHARS: usize = 6;
const PIN: &str = "271828";
const ROW: &str = "[data-testid=row]";
const SEES_ROW: &str = "document.querySelector('[data-testid=row]')";
/// The records that are listed.
const LISTED: &str = "[...document.querySelectorAll('[data-testid=row]')].map(it => it.dataset.id).join()";
/// When the first of them was drawn.
const NOTES_FIRST_ROW: &str = "(look => look(look))(look => document.querySelector('[data-testid=row]') \
    ? requestAnimationFrame(() => window.lianxinRow = performance.now()) : requestAnimationFrame(() => look(look)))";
/// A slow processor and a long download.
const LONG: Duration = Duration::from_secs(300);

#[derive(Debug, Args)]
pub struct Options {
    /// A workload: one JSON object a line [default: records made up from a seed]
    #[arg(long, value_name = "FILE")]
    workload: Option<PathBuf>,
    /// Records on the phone
    #[arg(long, default_value_t = 5_000)]
    records: usize,
    /// So many times slower than this machine
    #[arg(long, default_value_t = 6)]
    slowed: u32,
    /// Times that each thing is done
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

/// Measures; a line for each thing that a person waits for.
///
/// # Errors
/// When the workload cannot be read.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let entries = workload::read(options.workload.as_deref())?;
    let data = Scratch::new("bench-app");
    let store = people::open(&data.path().join("lianxin.sqlite").to_string_lossy()).await;
    lay(&store, &entries, options.records).await?;
    store.close().await;
    let app = own_app()?;
    let searched: String = entries[0].title().chars().take(SEARCHED_CHARS).collect();
    tokio::task::block_in_place(|| measure(&options, &mut Server::start_with_app(data, app.path()), &app, &searched))
}

async fn lay(store: &Arc<dyn Store>, entries: &[Entry], records: usize) -> anyhow::Result<()> {
    let deputies = people::settle(store, STATION, entries).await;
    store.set_password(deputies[0].person.user, &hash_password(PASSWORD)?).await?;
    let mut badges = Vec::new();
    for deputy in &deputies {
        badges.push(people::sign_in(&**store, deputy).await);
    }
    stock::enter(store, &badges, entries.iter().cycle().take(records)).await;
    Ok(())
}

/// A copy of the app, of which a new version can be made.
fn own_app() -> anyhow::Result<Scratch> {
    let from = std::env::var_os("LIANXIN_APP_DIR").context("LIANXIN_APP_DIR says where the app is")?;
    let app = Scratch::new("bench-app-files");
    let copied = Command::new("cp").arg("-r").arg(PathBuf::from(from).join(".")).arg(app.path()).status()?;
    ensure!(copied.success(), "the app was not copied");
    Ok(app)
}

fn measure(options: &Options, server: &mut Server, app: &Scratch, searched: &str) -> anyhow::Result<()> {
    let link = Link::to(server.address());
    let browser = Browser::start(Screen::Phone);
    let page = browser.open("about:blank");
    page.runs_first(NOTES_FIRST_ROW);
    load_the_app(&page, &link);
    fetch_records(&page, options.records);
    link.cut();

    let bench = Bench { options, browser: &browser, page: &page, searched };
    bench.start("start to list", "");
    bench.uses("");
    let set = bench.timed(|| set_pin(&page));
    line("set a PIN", options).with("ms", rounded(set, 0)).print();
    bench.start("PIN to list", PIN);
    bench.uses(" with a PIN");

    link.restore();
    update(server, app, &page, &link)
}

/// What a phone downloads before it can record without a network, and what it fetches afterwards.
fn load_the_app(page: &Page, link: &Link) {
    page.go(&link.url());
    page.until_within(
        LONG,
        "what records",
        "navigator.serviceWorker.getRegistration().then(it => it?.waiting ?? it?.active)",
    );
    let (up, down) = link.bytes();
    page.until_within(LONG, "all of the app", &has_cached("/assets/words.en-"));
    let (up_after, down_after) = link.bytes();
    Line::new("app", "first load").with("bytes_up", up).with("bytes_down", down).print();
    Line::new("app", "the rest of it").with("bytes_up", up_after - up).with("bytes_down", down_after - down).print();
}

fn has_cached(part: &str) -> String {
    format!(
        "caches.keys().then(names => Promise.all(names.map(name => caches.open(name).then(cache => cache.keys())))) \
         .then(all => all.flat().some(one => one.url.includes('{part}')))"
    )
}

fn fetch_records(page: &Page, records: usize) {
    page.write("[data-testid=login]", LOGIN);
    page.write("[data-testid=password]", PASSWORD);
    page.tap("[data-testid=sign-in]");
    page.see(ROW);
    let stored = "new Promise((done, failed) => { const opening = indexedDB.open('lianxin'); opening.onerror = failed; \
         opening.onsuccess = () => { const counting = opening.result.transaction('docs').objectStore('docs').count(); \
         counting.onsuccess = () => { opening.result.close(); done(counting.result); }; }; })";
    page.until_within(LONG, "all records", &format!("{stored}.then(count => count >= {records})"));
}

fn set_pin(page: &Page) {
    page.run("location.hash = '/account'");
    page.tap("[data-testid=pin-begin]");
    page.write("[data-testid=pin]", PIN);
    page.tap("[data-testid=pin-enter]");
    page.see_words("[data-testid=pin-card] label", "再输一遍");
    page.write("[data-testid=pin]", PIN);
    page.tap("[data-testid=pin-enter]");
    page.see_words_within(LONG, "[data-testid=pin-said]", "已加密");
    page.run("location.hash = '/'");
    page.see(ROW);
}

/// What is fetched when a new version comes in which nothing has changed but its number; where everything has, that is a
/// first load and the rest.
fn update(server: &mut Server, app: &Scratch, page: &Page, link: &Link) -> anyhow::Result<()> {
    let index = fs::read_to_string(app.path().join("index.html"))?;
    let version = index.split("data-version=\"").nth(1).and_then(|rest| rest.split('"').next());
    let version = version.context("the app's page says its version")?;
    let next: String = version.chars().rev().collect();
    for name in ["index.html", "sw.js"] {
        let file = app.path().join(name);
        let text = fs::read_to_string(&file)?.replace(version, &next);
        let mut compressed = Vec::new();
        brotli::BrotliCompress(&mut text.as_bytes(), &mut compressed, &BrotliEncoderParams::default())?;
        fs::write(&file, text)?;
        fs::write(app.path().join(format!("{name}.br")), compressed)?;
    }
    server.stop();
    server.restart();
    let (up, down) = link.bytes();
    page.run("navigator.serviceWorker.ready.then(it => it.update())");
    page.until_within(LONG, "the new version", &format!("caches.keys().then(names => names.includes('app-{next}'))"));
    page.until_within(LONG, "all of it", &format!("document.documentElement.dataset.version === '{next}'"));
    let (up_after, down_after) = link.bytes();
    Line::new("app", "smallest update").with("bytes_up", up_after - up).with("bytes_down", down_after - down).print();
    Ok(())
}

struct Bench<'a> {
    options: &'a Options,
    browser: &'a Browser,
    page: &'a Page,
    /// A word of one of the oldest records.
    searched: &'a str,
}

impl Bench<'_> {
    /// Starts the app anew, and enters the PIN where there is one.
    fn start(&self, case: &str, pin: &str) {
        let times = (0..self.options.rounds).map(|_| {
            let _slowed = self.browser.slowed(self.options.slowed);
            self.page.reload();
            if !pin.is_empty() {
                self.page.until_within(LONG, "the PIN's field", "document.querySelector('[data-testid=pin]')");
                return self.waits(&enters("[data-testid=pin]", pin, "[data-testid=pin-enter]"), SEES_ROW);
            }
            self.page.until_within(LONG, "the list", "window.lianxinRow");
            self.page.run("window.lianxinRow").as_f64().unwrap_or_default()
        });
        let times: Vec<f64> = times.collect();
        self.tell(case, &times, Some(START_MS_MAX));
    }

    /// What a person does all day.
    fn uses(&self, how: &str) {
        let open = "document.querySelectorAll('[data-testid=row]')[3].click()";
        self.repeat(
            &format!("open a record{how}"),
            || (),
            open,
            "document.querySelector('[data-testid=record-title]')",
        );
        let search = format!(
            "window.lianxinBefore = {LISTED}; (it => {{ it.value = '{}'; \
             it.dispatchEvent(new Event('input', {{ bubbles: true }})); }})(document.querySelector('[type=search]'))",
            self.searched
        );
        let found = format!("document.querySelector('[data-testid=row]') && {LISTED} !== window.lianxinBefore");
        self.repeat(&format!("search{how}"), || (), &search, &found);
        let written = || {
            self.page.run("location.hash = '/new/voice'");
            self.page.tap("label:has([data-testid=option-channel-visit])");
            self.page.write("[data-testid=field-verbatim]", "井水浑了，三天没有清过");
            self.page.write("[data-testid=field-summary]", "查一查井水");
            self.page.see("[data-testid=slip-number]");
        };
        let save = "document.querySelector('[data-testid=save]').click()";
        self.repeat(&format!("save{how}"), written, save, "document.querySelector('[data-testid=saved]')");
    }

    /// Does something from the list on, several times; what goes before it is not slowed and not measured.
    fn repeat(&self, case: &str, before: impl Fn(), act: &str, seen: &str) {
        let times = (0..self.options.rounds).map(|_| {
            // By way of another screen, so that nothing is left of what was typed.
            self.page.run("location.hash = '/account'");
            self.page.see("[data-testid=account-name]");
            self.page.run("location.hash = '/'");
            self.page.see(ROW);
            before();
            let _slowed = self.browser.slowed(self.options.slowed);
            self.waits(act, seen)
        });
        let times: Vec<f64> = times.collect();
        self.tell(case, &times, None);
    }

    /// Milliseconds from an act until something is seen, by the page's own clock.
    fn waits(&self, act: &str, seen: &str) -> f64 {
        let waited = self.page.run(&format!(
            "(async () => {{ const drawn = () => new Promise(requestAnimationFrame); \
             const began = performance.now(); {act}; \
             do await drawn(); while (!({seen})); await drawn(); return performance.now() - began; }})()"
        ));
        waited.as_f64().unwrap_or_default()
    }

    fn timed(&self, act: impl FnOnce()) -> f64 {
        let _slowed = self.browser.slowed(self.options.slowed);
        let began = Instant::now();
        act();
        began.elapsed().as_secs_f64() * 1e3
    }

    fn tell(&self, case: &str, times: &[f64], ms_max: Option<f64>) {
        let mut sorted = times.to_vec();
        sorted.sort_by(f64::total_cmp);
        let median = sorted[sorted.len() / 2];
        let told = line(case, self.options)
            .with("ms_median", rounded(median, 0))
            .with("ms_most", rounded(sorted[sorted.len() - 1], 0));
        match ms_max {
            Some(most) => told.with("ms_max", most).with("within", median <= most),
            None => told,
        }
        .print();
    }
}

fn line(case: &str, options: &Options) -> Line {
    Line::new("app", case).with("records", options.records).with("slowed", options.slowed)
}

/// Types into a field and presses a button.
fn enters(field: &str, text: &str, button: &str) -> String {
    format!(
        "(it => {{ it.value = '{text}'; it.dispatchEvent(new Event('input', {{ bubbles: true }})); }}) \
         (document.querySelector('{field}')); await drawn(); document.querySelector('{button}').click()"
    )
}
