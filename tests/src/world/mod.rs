//! A whole world in one process: phones, their disks and clocks, the network, the server and its
//! store. Everything follows from a seed; there are no sockets, no sleeps and no clock.
//!
//! A [`Plan`] is drawn from the seed, [`World`] carries it out step by step, and the checkers
//! ([`check`]) compare what they know to be true with what everybody holds. The phones run the real
//! device core and the server is the real hub on a real SQLite file; only disk, network and clock
//! are played.

pub mod cast;
mod check;
mod disk;
mod ledger;
mod phone;
pub mod random;
mod server;
pub mod step;
mod writing;

use std::fmt;

use lianxin_shared::{
    id::DeviceId,
    record::{Edit, Record},
    rights::Role,
    schema::{Class, Kind},
    wire::{Outcome, Request, SentChange},
};
use sha2::{Digest, Sha256};

use cast::Member;
use ledger::Ledger;
use phone::Phone;
use random::Random;
use server::Server;
use step::{Fate, Plan, Step};

/// Something built wrong on purpose, to see that the checkers notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    None,
    /// The phone shows and says "saved" what its storage refused.
    PhoneBelievesBeforeStoring,
    /// The phone's storage is not atomic: the cursors become durable before the records.
    PhoneStoresCursorsFirst,
    /// The server acknowledges, then dies before it has committed.
    ServerAcknowledgesBeforeCommit,
    /// The server answers everybody with what the district may read.
    ServerShowsEverything,
}

/// What a world came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcomes {
    /// SHA-256 over every answer and, at the end, the server's logs: equal for equal plans.
    pub digest: [u8; 32],
    pub accepted: usize,
    pub refused: usize,
    pub conflicts: usize,
    pub exchanges: u64,
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
        for (number, holder) in self.plan.phones.iter().enumerate() {
            writeln!(f, "  phone {number}: {} ({})", holder.name(), holder.role().key())?;
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
    /// Who the phone was at the server when it wrote.
    device: DeviceId,
    /// Which of the phone's exchanges.
    number: u64,
    body: Vec<u8>,
}

struct World {
    seed: u64,
    now_ms: i64,
    flaw: Flaw,
    phones: Vec<Phone>,
    server: Server,
    requests: Vec<Letter>,
    answers: Vec<Letter>,
    letters: u64,
    ledger: Ledger,
    answered: Sha256,
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
    world.come_to_rest().and_then(|()| world.check_at_rest()).map_err(|what| broken(None, what))
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
        let mut server = Server::start(BEGINNING_MS);
        let phones = plan.phones.iter().enumerate().map(|(place, holder)| {
            let id = server.sign_in(*holder, BEGINNING_MS);
            Phone::new(plan.seed, place, *holder, id, flaw)
        });
        let phones = phones.collect();
        Self {
            seed: plan.seed,
            now_ms: BEGINNING_MS,
            flaw,
            phones,
            server,
            requests: Vec::new(),
            answers: Vec::new(),
            letters: 0,
            ledger: Ledger::default(),
            answered: Sha256::new(),
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
            Step::Edit { phone, deed, disk } => {
                // Refused by the phone itself: the person sees why, nothing is stored.
                let saved = self.phones[*phone].edit(deed, self.now_ms, *disk).unwrap_or(None);
                self.ledger.saved(*phone, saved);
            }
            Step::Send { phone } => self.send(*phone),
            Step::Request { letter, fate } => return self.request_meets(*letter, *fate),
            Step::Answer { letter, fate, disk } => {
                if let Some(letter) = take(&mut self.answers, *letter, *fate)
                    && *fate != Fate::Lost
                {
                    return self.phones[letter.phone].receive(letter.number, &letter.body, self.now_ms, *disk);
                }
            }
            Step::Exchange { phone } => return self.exchange(*phone).map(drop),
            Step::Reopen { phone } => self.phones[*phone].reopen(),
            Step::Evict { phone } => return self.evict(*phone),
            Step::SetClock { phone, ahead_ms } => self.phones[*phone].ahead_ms = *ahead_ms,
            Step::Pass { ms } => self.now_ms += ms,
            Step::Restart => self.server.restart(),
            Step::Backup => self.server.back_up(),
            Step::Restore => {
                self.server.restore();
                self.ledger.restored();
                return self.ledger.read(&self.server, None);
            }
            Step::Grant { member, standing } => self.server.grant(*member, *standing),
            Step::Forge { phone, record } => return self.forge(*phone, *record),
        }
        Ok(())
    }

    fn letter(&mut self, phone: usize) -> Letter {
        self.letters += 1;
        let body = self.phones[phone].send(self.letters, self.now_ms);
        Letter { phone, device: self.phones[phone].id, number: self.letters, body }
    }

    fn send(&mut self, phone: usize) {
        let letter = self.letter(phone);
        self.requests.push(letter);
    }

    fn request_meets(&mut self, letter: usize, fate: Fate) -> Verdict {
        let Some(letter) = take(&mut self.requests, letter, fate) else { return Ok(()) };
        match fate {
            Fate::Lost => {}
            Fate::Arrives | Fate::ArrivesTwice => {
                let body = self.serve(&letter)?;
                self.answers.push(Letter { body, ..letter });
            }
            Fate::ServerDiesBefore => {
                if self.flaw == Flaw::ServerAcknowledgesBeforeCommit {
                    let body = self.server.acknowledge_without_storing(&letter.body, self.now_ms);
                    self.answers.push(Letter { body, ..letter });
                }
                self.server.restart();
            }
            Fate::ServerDiesAfter => {
                self.serve(&letter)?;
                self.server.restart();
            }
        }
        Ok(())
    }

    /// The server's part of an exchange; the answer is checked before anyone receives it.
    fn serve(&mut self, letter: &Letter) -> Result<Vec<u8>, String> {
        let holder = self.phones[letter.phone].holder;
        let reader = if self.flaw == Flaw::ServerShowsEverything { Member(5) } else { holder };
        let body = self.server.exchange(letter.device, reader, &letter.body, self.now_ms)?;
        self.answered.update(&body);
        if check::sends_changes(&letter.body) {
            self.ledger.read(&self.server, Some(holder))?;
        }
        check::answer(&self.server, &self.ledger, holder, &letter.body, &body)?;
        Ok(body)
    }

    /// An exchange without trouble. Returns whether anything was new to either side.
    fn exchange(&mut self, phone: usize) -> Result<bool, String> {
        let letter = self.letter(phone);
        let answer = self.serve(&letter)?;
        self.phones[phone].receive(letter.number, &answer, self.now_ms, step::DiskFault::Works)?;
        Ok(check::carries_news(&letter.body, &answer))
    }

    /// The phone is as new: what it had not sent is lost, which is why the app asks for persistent
    /// storage and says what is on this phone only.
    fn evict(&mut self, place: usize) -> Verdict {
        let (holder, ahead_ms) = (self.phones[place].holder, self.phones[place].ahead_ms);
        let id = self.server.sign_in(holder, self.now_ms);
        self.phones[place] = Phone::new(self.seed, place, holder, id, self.flaw);
        self.phones[place].ahead_ms = ahead_ms;
        self.ledger.evicted(place);
        self.exchange(place).map(drop)
    }

    /// A tampered app sends what the phone's own check would not let through.
    fn forge(&mut self, place: usize, record: usize) -> Verdict {
        let phone = &self.phones[place];
        let Some(held) = phone.nth_record(record) else { return Ok(()) };
        let person = self.server.person(phone.holder);
        let writable = self.server.may_write(&person, held.space);
        let author = held.contents().reference("author");
        let foreign = author.is_some_and(|author| person.mandates().all(|own| own != author));
        let edit = if !writable {
            first_prose(held.kind).map(|field| Edit::write(field, "篡改"))
        } else if held.kind == Kind::Voice && foreign && phone.holder.role() == Role::Deputy {
            Some(Edit::write("verbatim", "我没有这样说"))
        } else {
            None
        };
        let Some(edit) = edit else { return Ok(()) };
        let (kind, space, id, device) = (held.kind, held.space, held.record.id(), phone.id);
        let mut tampered: Record = held.record;
        let actor = lianxin_shared::id::Actor(Random::new(self.now_ms as u64).bytes());
        let Ok(Some(change)) = tampered.edit(actor, self.now_ms, None, &[edit]) else { return Ok(()) };
        let sent = SentChange { space, kind: kind as u8, record: id, hash: change.hash, bytes: change.bytes };
        let request = Request { changes: vec![sent], ..Request::default() };
        self.ledger.forbid(change.hash);
        let body = self.serve(&Letter { phone: place, device, number: 0, body: request.encode() })?;
        match &check::receipts(&body)?[..] {
            [Outcome::Refused(_) | Outcome::Missing] => Ok(()),
            other => Err(format!("a forged change of {id} was answered with {other:?}")),
        }
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
}

/// Takes a letter out of the post, or a copy of it when it is to arrive again.
fn take(post: &mut Vec<Letter>, n: usize, fate: Fate) -> Option<Letter> {
    let place = n % post.len().max(1);
    match fate {
        Fate::ArrivesTwice => post.get(place).cloned(),
        _ => (place < post.len()).then(|| post.remove(place)),
    }
}

fn first_prose(kind: Kind) -> Option<&'static str> {
    kind.schema().fields.iter().find(|field| field.class == Class::Prose).map(|field| field.key)
}
