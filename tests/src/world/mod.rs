//! A whole world in one process: phones, their disks and clocks, the network, the server and its
//! store. Everything follows from a seed; there are no sockets, no sleeps and no clock.
//!
//! A [`Plan`] is drawn from the seed, [`World`] carries it out step by step, and the checkers
//! ([`check`]) compare what they know to be true with what everybody holds. The phones run the real
//! device core and the server is the real hub on a real SQLite file; only disk, network and clock
//! are played.

pub mod batch;
mod befall;
pub mod cast;
mod check;
pub mod fault;
mod flaw;
mod ledger;
mod old_app;
mod phone;
pub mod random;
mod server;
pub mod step;
pub mod story;
mod writing;

use std::fmt;

use lianxin_shared::id::DeviceId;
use sha2::{Digest, Sha256};

use cast::{Member, Standing};
use fault::{Fault, Tally};
use ledger::Ledger;
use old_app::OldApp;
use phone::Phone;
use server::Server;
use step::{Deed, DiskFault, Fate, Plan, Step};

pub use flaw::Flaw;

/// What a world came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcomes {
    /// SHA-256 over every answer and, at the end, the server's logs: equal for equal plans.
    pub digest: [u8; 32],
    /// What happened, and how often.
    pub tally: Tally,
}

/// A rule was broken.
#[derive(Debug, Clone)]
pub struct Broken {
    pub plan: Plan,
    /// The step after which it was seen; `None` for the comparison at the end.
    pub after: Option<usize>,
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}: {}", self.plan.seed, self.what)?;
        writeln!(f, "  servers: {}", self.plan.servers)?;
        for (number, (holder, old)) in self.plan.phones.iter().zip(&self.plan.old_apps).enumerate() {
            let app = old.map_or_else(String::new, |kind| format!(", an app without {}", kind.key()));
            writeln!(f, "  phone {number}: {} ({}){app}", holder.name(), holder.role().key())?;
        }
        for (number, step) in self.plan.steps.iter().enumerate() {
            let here = if self.after == Some(number) { "→" } else { " " };
            writeln!(f, "{here} {number:3} {step:?}")?;
        }
        Ok(())
    }
}

/// A rule that does not hold, in words.
type Verdict = Result<(), String>;

/// When every world begins: 2026-01-01 08:00 in the district.
const BEGINNING_MS: i64 = 1_767_225_600_000;
/// How long an ordinary step takes.
const STEP_MS: i64 = 1_700;
/// Rounds of exchanges after which a world without faults must be at rest.
const ROUNDS_TO_REST_MAX: usize = 60;

/// A letter under way between a phone and the server.
#[derive(Debug, Clone)]
struct Letter {
    phone: usize,
    /// Who the phone was at the server when it wrote, and whose.
    device: DeviceId,
    holder: Member,
    /// Which of the phone's exchanges.
    number: u64,
    body: Vec<u8>,
}

struct World {
    now_ms: i64,
    flaw: Flaw,
    phones: Vec<Phone>,
    server: Server,
    requests: Vec<Letter>,
    answers: Vec<Letter>,
    letters: u64,
    ledger: Ledger,
    answered: Sha256,
    tally: Tally,
}

/// Carries out a plan and checks everything.
///
/// # Errors
/// The first rule that was broken.
pub fn run(plan: &Plan, flaw: Flaw) -> Result<Outcomes, Box<Broken>> {
    let broken = |after, what| Box::new(Broken { plan: plan.clone(), after, what });
    let mut world = World::new(plan, flaw);
    world.everybody_signs_in().map_err(|what| broken(None, what))?;
    for (number, step) in plan.steps.iter().enumerate() {
        world.step(step).and_then(|()| world.check_now()).map_err(|what| broken(Some(number), what))?;
    }
    world
        .come_to_rest()
        .and_then(|()| world.check_holdings())
        .and_then(|()| world.everybody_updates())
        .and_then(|()| world.check_at_rest())
        .map_err(|what| broken(None, what))
}

/// The shortest plan found that is still broken: what a person wants to read.
pub fn shrink(broken: Box<Broken>, flaw: Flaw) -> Box<Broken> {
    let mut best = broken;
    let mut chunk = best.plan.steps.len() / 2;
    while chunk > 0 {
        let mut from = 0;
        while from < best.plan.steps.len() {
            let mut plan = best.plan.clone();
            plan.steps.drain(from..(from + chunk).min(plan.steps.len()));
            match run(&plan, flaw) {
                Err(shorter) => best = shorter,
                Ok(_) => from += chunk,
            }
        }
        chunk /= 2;
    }
    best
}

impl World {
    fn new(plan: &Plan, flaw: Flaw) -> Self {
        let mut server = Server::start(plan.servers, flaw, BEGINNING_MS);
        let holders = plan.phones.iter().zip(&plan.old_apps).enumerate();
        let phones = holders.map(|(place, (holder, old))| {
            let id = server.sign_in(*holder, BEGINNING_MS);
            Phone::new(plan.seed, place, *holder, id, OldApp(*old), flaw)
        });
        let phones = phones.collect();
        let mut tally = Tally::default();
        plan.old_apps.iter().flatten().for_each(|_| tally.fault(Fault::OldApp));
        if plan.servers > 1 {
            tally.fault(Fault::Servers);
        }
        Self {
            now_ms: BEGINNING_MS,
            flaw,
            phones,
            server,
            requests: Vec::new(),
            answers: Vec::new(),
            letters: 0,
            ledger: Ledger::default(),
            answered: Sha256::new(),
            tally,
        }
    }

    fn everybody_signs_in(&mut self) -> Verdict {
        self.ledger.read(&self.server, Some(server::FOUNDER))?;
        (0..self.phones.len()).try_for_each(|phone| self.exchange(phone).map(drop))
    }

    fn step(&mut self, step: &Step) -> Verdict {
        self.now_ms += STEP_MS;
        match step {
            Step::Look { phone, record } => self.phones[*phone].look(*record),
            Step::Edit { phone, deed, disk } => self.edit(*phone, deed, *disk),
            Step::Send { phone } => self.send(*phone)?,
            Step::Request { letter, fate } => return self.request_meets(*letter, *fate),
            Step::Answer { letter, fate, disk } => return self.answer_meets(*letter, *fate, *disk),
            Step::Exchange { phone } => return self.exchange(*phone).map(drop),
            Step::Pass { ms } => {
                self.now_ms += ms;
                if *ms >= step::YEAR_MS {
                    self.tally.fault(Fault::Year);
                }
            }
            Step::Restart { server } => {
                self.tally.fault(Fault::ServerCrash);
                self.server.restart(*server);
            }
            Step::Backup => {
                self.tally.event("backups");
                self.server.back_up();
            }
            Step::Restore => return self.restore(),
            Step::Grant { member, standing } => self.grant(*member, *standing),
            Step::Forge { phone, record } => return self.forge(*phone, *record),
            _ => return self.befalls_phone(step),
        }
        Ok(())
    }

    fn edit(&mut self, phone: usize, deed: &Deed, disk: DiskFault) {
        self.note_disk(disk);
        // Refused by the phone itself: the person sees why, nothing is stored.
        let Ok(saved) = self.phones[phone].edit(deed, self.now_ms, disk) else {
            self.tally.event("edits not allowed");
            return;
        };
        self.tally.events("edits saved", saved.iter().len());
        self.ledger.saved(phone, saved);
    }

    fn restore(&mut self) -> Verdict {
        if !self.server.restore() {
            return Ok(());
        }
        self.tally.fault(Fault::Restore);
        self.ledger.restored();
        self.ledger.read(&self.server, None)
    }

    fn grant(&mut self, member: Member, standing: Standing) {
        match standing {
            Standing::Full => self.tally.event("rights given back"),
            Standing::Elsewhere => self.tally.fault(Fault::Moved),
            Standing::NewMandate => self.tally.fault(Fault::Mandate),
            Standing::Out => self.tally.fault(Fault::Revoked),
        }
        self.server.grant(member, standing);
    }

    fn note_disk(&mut self, disk: DiskFault) {
        match disk {
            DiskFault::Works => {}
            DiskFault::Full => self.tally.fault(Fault::FullDisk),
            DiskFault::DiesBefore | DiskFault::DiesAfter => self.tally.fault(Fault::PhoneCrash),
        }
    }

    fn letter(&mut self, phone: usize) -> Result<Letter, String> {
        if !self.server.knows(self.phones[phone].id) {
            let id = self.server.sign_in(self.phones[phone].holder, self.now_ms);
            self.phones[phone].sign_in(id);
        }
        self.letters += 1;
        let body = self.phones[phone].send(self.letters, self.now_ms);
        self.check_request(phone, &body)?;
        let (device, holder) = (self.phones[phone].id, self.phones[phone].holder);
        Ok(Letter { phone, device, holder, number: self.letters, body })
    }

    fn send(&mut self, phone: usize) -> Verdict {
        let letter = self.letter(phone)?;
        self.requests.push(letter);
        Ok(())
    }

    fn request_meets(&mut self, letter: usize, fate: Fate) -> Verdict {
        let Some(letter) = take(&mut self.requests, letter, fate, &mut self.tally) else { return Ok(()) };
        // The server turns away whom it does not know.
        if !self.server.knows(letter.device) {
            return Ok(());
        }
        match fate {
            Fate::Lost => {}
            Fate::Arrives | Fate::ArrivesTwice => {
                let body = self.serve(&letter)?;
                self.answers.push(Letter { body, ..letter });
            }
            Fate::ServerDiesBefore => {
                if self.flaw == Flaw::ServerAcknowledgesBeforeCommit {
                    let body = self.server.acknowledge_without_storing(&letter.body, self.now_ms);
                    self.answers.push(Letter { body, ..letter.clone() });
                }
                self.server.restart(letter.server());
            }
            Fate::ServerDiesAfter => {
                self.serve(&letter)?;
                self.server.restart(letter.server());
            }
        }
        Ok(())
    }

    fn answer_meets(&mut self, letter: usize, fate: Fate, disk: DiskFault) -> Verdict {
        let Some(letter) = take(&mut self.answers, letter, fate, &mut self.tally) else { return Ok(()) };
        if fate == Fate::Lost {
            return Ok(());
        }
        self.note_disk(disk);
        self.receive(letter.phone, letter.number, &letter.body, disk)
    }

    fn receive(&mut self, phone: usize, number: u64, body: &[u8], disk: DiskFault) -> Verdict {
        let remade = self.phones[phone].receive(number, body, self.now_ms, disk)?;
        self.tally.events("changes made anew", remade.len());
        self.ledger.remade(phone, &remade);
        Ok(())
    }

    /// The server's part of an exchange; the answer is checked before anyone receives it.
    fn serve(&mut self, letter: &Letter) -> Result<Vec<u8>, String> {
        let person = self.flaw.person(&self.server, letter);
        if let Some(twice) = self.flaw.sent_before(&self.server, &self.ledger, letter) {
            self.server.exchange(letter.server(), letter.device, &person, &twice, self.now_ms)?;
        }
        let body = self.server.exchange(letter.server(), letter.device, &person, &letter.body, self.now_ms)?;
        self.answered.update(&body);
        if check::sends_changes(&letter.body) {
            self.ledger.read(&self.server, Some(letter.holder))?;
        }
        check::answer(&self.server, &self.ledger, letter.holder, &letter.body, &body)?;
        Ok(body)
    }

    /// An exchange without trouble. Returns whether anything was new to either side.
    fn exchange(&mut self, phone: usize) -> Result<bool, String> {
        let letter = self.letter(phone)?;
        let answer = self.serve(&letter)?;
        self.receive(phone, letter.number, &answer, DiskFault::Works)?;
        Ok(check::carries_news(&letter.body, &answer) || self.phones[phone].device().unsent() > 0)
    }

    /// Faults stop; everybody exchanges until nobody hears anything new.
    fn come_to_rest(&mut self) -> Verdict {
        self.requests.clear();
        self.answers.clear();
        for _ in 0..ROUNDS_TO_REST_MAX {
            let mut news = false;
            for phone in 0..self.phones.len() {
                self.now_ms += STEP_MS;
                news |= self.exchange(phone)?;
                self.check_now()?;
            }
            if !news {
                return Ok(());
            }
        }
        Err(format!("after {ROUNDS_TO_REST_MAX} rounds without a fault there is still something new"))
    }

    /// Every app that is still an old one learns what it did not know, and then there may be news.
    fn everybody_updates(&mut self) -> Verdict {
        let old = (0..self.phones.len()).filter(|phone| self.phones[*phone].update()).count();
        if old == 0 { Ok(()) } else { self.come_to_rest() }
    }
}

/// Takes a letter out of the post, or a copy of it when it is to arrive again.
fn take(post: &mut Vec<Letter>, n: usize, fate: Fate, tally: &mut Tally) -> Option<Letter> {
    let place = n % post.len().max(1);
    let letter = post.get(place)?.clone();
    if place > 0 {
        tally.fault(Fault::Reordering);
    }
    match fate {
        Fate::Arrives => {}
        Fate::Lost => tally.fault(Fault::Loss),
        Fate::ArrivesTwice => tally.fault(Fault::Duplication),
        Fate::ServerDiesBefore | Fate::ServerDiesAfter => tally.fault(Fault::ServerCrash),
    }
    if fate != Fate::ArrivesTwice {
        post.remove(place);
    }
    Some(letter)
}

impl Letter {
    /// Which of the servers it reaches.
    fn server(&self) -> usize {
        self.number as usize
    }
}
