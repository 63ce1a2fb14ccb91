//! What can happen in a world, and a plan of it from a seed.
//!
//! A step names things by "the n-th of those that there are", so that any part of a plan is a plan
//! too: that is what makes a failing one shrink.

use lianxin_shared::schema::Kind;

use super::{
    cast::{CAST, Member, Standing},
    fault::{Fault, Faults},
    random::Random,
};

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Someone opens a record and will edit it as seen now.
    Look { phone: usize, record: usize },
    /// Someone edits.
    Edit { phone: usize, deed: Deed, disk: DiskFault },
    /// A phone sends an exchange; its letter is now under way.
    Send { phone: usize },
    /// A letter reaches the server.
    Request { letter: usize, fate: Fate },
    /// An answer reaches its phone.
    Answer { letter: usize, fate: Fate, disk: DiskFault },
    /// An exchange without trouble.
    Exchange { phone: usize },
    /// The browser is killed and started again.
    Reopen { phone: usize },
    /// The browser throws the phone's storage away; its user signs in anew.
    Evict { phone: usize },
    /// A phone's storage is copied away.
    Copy { phone: usize },
    /// A phone's storage is what was last copied away of it.
    SetBack { phone: usize, session: Session },
    /// A phone's storage is copied onto another phone of the same person.
    Clone { phone: usize, onto: usize, session: Session },
    /// A phone's token ends.
    EndToken { phone: usize },
    /// An old app is brought up to date.
    Update { phone: usize },
    /// A phone's clock is set wrong by this much.
    SetClock { phone: usize, ahead_ms: i64 },
    /// Time passes.
    Pass { ms: i64 },
    /// A server is killed and started again.
    Restart { server: usize },
    /// The server's files are copied.
    Backup,
    /// The server's machine burns down; another one starts on the last copy.
    Restore,
    /// Someone's rights change.
    Grant { member: Member, standing: Standing },
    /// A tampered app sends a change that its user has no right to.
    Forge { phone: usize, record: usize },
}

/// Under which name a phone goes on that has another one's storage, or its own of yesterday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Session {
    /// A new one: the app was started on that storage.
    New,
    /// The one that ran when the copy was made: the worst case, as where a whole machine is set back.
    Same,
}

/// What becomes of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Arrives,
    Lost,
    /// Arrives, and will do so again at some later time.
    ArrivesTwice,
    /// Only for requests: the server dies before it has committed anything of it.
    ServerDiesBefore,
    /// Only for requests: the server dies after the commit, before its answer is out.
    ServerDiesAfter,
}

/// What a phone's storage does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskFault {
    Works,
    /// The batch is refused.
    Full,
    /// The phone dies before the batch is durable.
    DiesBefore,
    /// The phone dies after the batch is durable, before anyone is told.
    DiesAfter,
}

/// What someone writes. The numbers choose among what there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    NewVoice,
    NewActivity,
    NewSuggestion,
    /// The same record on every phone that does this with the same numbers, online or not.
    OpenDay {
        station: usize,
        date: usize,
    },
    /// Edits fields of a record, as it was when the person last looked at it.
    Change {
        record: usize,
        edits: Vec<FieldEdit>,
    },
}

/// An edit of the `field`-th field of a kind; `words` chooses the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldEdit {
    pub field: usize,
    pub words: u64,
}

/// A whole world before it has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    /// Who holds each phone. Someone may hold two.
    pub phones: Vec<Member>,
    /// What the app of each phone does not know yet.
    pub old_apps: Vec<Option<Kind>>,
    pub servers: usize,
    pub steps: Vec<Step>,
}

const PHONES_MIN: usize = 2;
const PHONES_MAX: usize = 12;
/// In most worlds there are no more, so that many fit into a night.
const PHONES_MOSTLY_MAX: usize = 5;
const SERVERS_MAX: usize = 3;
const STEPS_MIN: usize = 60;
const STEPS_MAX: usize = 220;
const DATES: usize = 2;
/// Every so manieth world sees its server restored from a backup.
const WORLDS_PER_RESTORE: u64 = 6;
pub(super) const YEAR_MS: i64 = 365 * 86_400_000;
const ANY: usize = 1 << 16;

/// What cannot happen in the same world as [`Fault::Restore`]: what a phone had to hand over or lost
/// with its storage cannot come back to a server that lost it too.
const NOT_WITH_RESTORE: [Fault; 6] =
    [Fault::Eviction, Fault::Revoked, Fault::Moved, Fault::Mandate, Fault::SetBack, Fault::Clone];

impl Plan {
    /// The world of a seed, with all that may go wrong.
    pub fn from_seed(seed: u64) -> Self {
        Self::with_faults(seed, &Faults::all())
    }

    /// The world of a seed; what may not go wrong goes well.
    pub fn with_faults(seed: u64, faults: &Faults) -> Self {
        let mut random = Random::new(seed);
        let max = if random.percent(85) { PHONES_MOSTLY_MAX } else { PHONES_MAX };
        let count = PHONES_MIN + random.below(max - PHONES_MIN + 1);
        let mut phones = vec![Member(0), Member(1)];
        phones.extend((PHONES_MIN..count).map(|_| Member(random.below(CAST.len()))));
        let old_apps = (0..count).map(|_| old_app(&mut random).filter(|_| faults.has(Fault::OldApp))).collect();
        let servers = if random.percent(50) { 1 } else { 1 + random.below(SERVERS_MAX) };
        let servers = if faults.has(Fault::Servers) { servers } else { 1 };
        let length = STEPS_MIN + random.below(STEPS_MAX - STEPS_MIN);
        // A day of many people is longer.
        let length = length * count.max(PHONES_MOSTLY_MAX) / PHONES_MOSTLY_MAX;
        let others = faults.has_any(&NOT_WITH_RESTORE);
        let restores = faults.has(Fault::Restore) && (seed.is_multiple_of(WORLDS_PER_RESTORE) || !others);
        let drawing = Drawing { phones: &phones, faults, restores };
        let steps = (0..length).flat_map(|_| drawing.steps(&mut random)).collect();
        Self { seed, phones, old_apps, servers, steps }
    }
}

fn old_app(random: &mut Random) -> Option<Kind> {
    let old = random.percent(15);
    let kind = *random.pick(&[Kind::Activity, Kind::ReceptionDay, Kind::Suggestion]);
    old.then_some(kind)
}

struct Drawing<'a> {
    phones: &'a [Member],
    faults: &'a Faults,
    /// Whether this is a world of restores, or of everything that cannot happen beside one.
    restores: bool,
}

impl Drawing<'_> {
    /// A step, and, where a session may be there twice, what makes its numbers meet.
    fn steps(&self, random: &mut Random) -> Vec<Step> {
        let step = self.step(random);
        let (record, words) = (random.below(2), random.draw());
        let edit = |phone| {
            let edits = vec![FieldEdit { field: words as usize % 4, words: words ^ phone as u64 }];
            Step::Edit { phone, deed: Deed::Change { record, edits }, disk: DiskFault::Works }
        };
        match step {
            Step::Clone { phone, onto, session: Session::Same } => vec![step, edit(phone), edit(onto)],
            Step::SetBack { phone, session: Session::Same } => {
                vec![Step::Copy { phone }, edit(phone), Step::Exchange { phone }, step, edit(phone)]
            }
            _ => vec![step],
        }
    }

    /// Everything is drawn whether it may happen or not, so that a seed gives alike worlds.
    fn step(&self, random: &mut Random) -> Step {
        let phone = random.below(self.phones.len());
        let instead = Step::Exchange { phone };
        let if_may = |fault: Fault, step: Step| if self.faults.has(fault) { step } else { instead.clone() };
        match random.below(100) {
            0..8 => Step::Look { phone, record: random.below(ANY) },
            8..42 => Step::Edit { phone, deed: deed(random), disk: self.disk_fault(random) },
            42..55 => Step::Send { phone },
            55..70 => Step::Request { letter: self.letter(random), fate: self.request_fate(random) },
            70..79 => {
                let (letter, fate) = (self.letter(random), self.answer_fate(random));
                Step::Answer { letter, fate, disk: self.disk_fault(random) }
            }
            79..86 => instead,
            86..89 => if_may(Fault::Kill, Step::Reopen { phone }),
            89..91 => if_may(Fault::Clock, Step::SetClock { phone, ahead_ms: wrong_clock(random) }),
            91..93 => Step::Pass { ms: self.time(random) },
            93 => if_may(Fault::ServerCrash, Step::Restart { server: random.below(ANY) }),
            94 => if_may(Fault::Forgery, Step::Forge { phone, record: random.below(ANY) }),
            _ => self.heavy(random, phone),
        }
    }

    /// What happens to a phone, a person or a server at most a few times in a life.
    fn heavy(&self, random: &mut Random, phone: usize) -> Step {
        let instead = Step::Exchange { phone };
        if self.restores {
            return if random.percent(25) { Step::Restore } else { Step::Backup };
        }
        let session = *random.pick(&[Session::New, Session::Same]);
        let (fault, step) = match random.below(12) {
            0 => (Fault::Eviction, Step::Evict { phone }),
            1 | 2 => (Fault::SetBack, Step::Copy { phone }),
            3 | 4 => (Fault::SetBack, Step::SetBack { phone, session }),
            5 | 6 => (Fault::Clone, Step::Clone { phone, onto: random.below(self.phones.len()), session }),
            7 => (Fault::Token, Step::EndToken { phone }),
            8 => (Fault::OldApp, Step::Update { phone }),
            _ => return self.grant(random).unwrap_or(instead),
        };
        if self.faults.has(fault) { step } else { instead }
    }

    fn grant(&self, random: &mut Random) -> Option<Step> {
        let member = *random.pick(self.phones);
        let (standing, fault) = *random.pick(&[
            (Standing::Full, None),
            (Standing::Full, None),
            (Standing::Elsewhere, Some(Fault::Moved)),
            (Standing::NewMandate, Some(Fault::Mandate)),
            (Standing::Out, Some(Fault::Revoked)),
        ]);
        fault.is_none_or(|fault| self.faults.has(fault)).then_some(Step::Grant { member, standing })
    }

    fn time(&self, random: &mut Random) -> i64 {
        let (ms, year) = (random.below(86_400_000) as i64, random.percent(15));
        if year && self.faults.has(Fault::Year) { YEAR_MS } else { ms }
    }

    fn letter(&self, random: &mut Random) -> usize {
        let letter = random.below(ANY);
        if self.faults.has(Fault::Reordering) { letter } else { 0 }
    }

    fn disk_fault(&self, random: &mut Random) -> DiskFault {
        let (fault, needs) = match random.below(20) {
            0 => (DiskFault::Full, Fault::FullDisk),
            1 => (DiskFault::DiesBefore, Fault::PhoneCrash),
            2 => (DiskFault::DiesAfter, Fault::PhoneCrash),
            _ => return DiskFault::Works,
        };
        if self.faults.has(needs) { fault } else { DiskFault::Works }
    }

    fn request_fate(&self, random: &mut Random) -> Fate {
        let (fate, needs) = match random.below(20) {
            0..4 => (Fate::Lost, Fault::Loss),
            4..6 => (Fate::ArrivesTwice, Fault::Duplication),
            6 => (Fate::ServerDiesBefore, Fault::ServerCrash),
            7 => (Fate::ServerDiesAfter, Fault::ServerCrash),
            _ => return Fate::Arrives,
        };
        if self.faults.has(needs) { fate } else { Fate::Arrives }
    }

    fn answer_fate(&self, random: &mut Random) -> Fate {
        let (fate, needs) = match random.below(20) {
            0..4 => (Fate::Lost, Fault::Loss),
            4..8 => (Fate::ArrivesTwice, Fault::Duplication),
            _ => return Fate::Arrives,
        };
        if self.faults.has(needs) { fate } else { Fate::Arrives }
    }
}

fn deed(random: &mut Random) -> Deed {
    match random.below(20) {
        0..3 => Deed::NewVoice,
        3..5 => Deed::NewActivity,
        5 => Deed::NewSuggestion,
        6..9 => Deed::OpenDay { station: random.below(10) / 9, date: random.below(DATES) },
        _ => {
            // Half of all edits go to few records and few fields, so that people meet.
            let edit = |random: &mut Random| FieldEdit { field: among_few(random, 4), words: random.draw() };
            let edits = (0..1 + random.below(3)).map(|_| edit(random)).collect();
            let record = among_few(random, 2);
            Deed::Change { record, edits }
        }
    }
}

fn among_few(random: &mut Random, few: usize) -> usize {
    if random.percent(50) { random.below(few) } else { random.below(ANY) }
}

fn wrong_clock(random: &mut Random) -> i64 {
    *random.pick(&[0, 0, -7 * YEAR_MS, 2 * YEAR_MS, -2 * YEAR_MS, 3 * YEAR_MS, -55 * YEAR_MS, 11 * 60_000])
}
