//! What can happen in a world, and a plan of it from a seed.
//!
//! A step names things by "the n-th of those that there are", so that any part of a plan is a plan
//! too: that is what makes a failing one shrink.

use super::{
    cast::{CAST, Member, Standing},
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
    /// A phone's clock is set wrong by this much.
    SetClock { phone: usize, ahead_ms: i64 },
    /// Time passes.
    Pass { ms: i64 },
    /// The server is killed and started again.
    Restart,
    /// The server's files are copied.
    Backup,
    /// The server's machine burns down; another one starts on the last copy.
    Restore,
    /// Someone's rights change.
    Grant { member: Member, standing: Standing },
    /// A tampered app sends a change that its user has no right to.
    Forge { phone: usize, record: usize },
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
    pub steps: Vec<Step>,
}

const PHONES_MIN: usize = 2;
const PHONES_MAX: usize = 6;
const STEPS_MIN: usize = 60;
const STEPS_MAX: usize = 220;
const DATES: usize = 2;
/// Every so manieth world sees its server restored from a backup.
const WORLDS_PER_RESTORE: u64 = 6;
const ANY: usize = 1 << 16;

impl Plan {
    pub fn from_seed(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let count = PHONES_MIN + random.below(PHONES_MAX - PHONES_MIN + 1);
        let mut phones = vec![Member(0), Member(1)];
        phones.extend((PHONES_MIN..count).map(|_| Member(random.below(CAST.len()))));
        let length = STEPS_MIN + random.below(STEPS_MAX - STEPS_MIN);
        let era = if seed.is_multiple_of(WORLDS_PER_RESTORE) { Era::OfRestores } else { Era::OfRights };
        let steps = (0..length).map(|_| step(&mut random, &phones, era)).collect();
        Self { seed, phones, steps }
    }
}

/// What befalls a world beside daily trouble. Not both: what a phone had to hand over or lost with
/// its storage cannot come back to a server that lost it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Era {
    OfRights,
    OfRestores,
}

fn step(random: &mut Random, phones: &[Member], era: Era) -> Step {
    let phone = random.below(phones.len());
    match random.below(100) {
        0..8 => Step::Look { phone, record: random.below(ANY) },
        8..42 => Step::Edit { phone, deed: deed(random), disk: disk_fault(random) },
        42..55 => Step::Send { phone },
        55..70 => Step::Request { letter: random.below(ANY), fate: request_fate(random) },
        70..79 => Step::Answer { letter: random.below(ANY), fate: answer_fate(random), disk: disk_fault(random) },
        79..87 => Step::Exchange { phone },
        87..90 => Step::Reopen { phone },
        90 if era == Era::OfRestores => Step::Restore,
        90 => Step::Evict { phone },
        91..93 => Step::SetClock { phone, ahead_ms: wrong_clock(random) },
        93..95 => Step::Pass { ms: random.below(86_400_000) as i64 },
        95 => Step::Restart,
        96..98 if era == Era::OfRestores => Step::Backup,
        96..98 => Step::Grant { member: *random.pick(phones), standing: standing(random) },
        _ => Step::Forge { phone, record: random.below(ANY) },
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

fn disk_fault(random: &mut Random) -> DiskFault {
    match random.below(20) {
        0 => DiskFault::Full,
        1 => DiskFault::DiesBefore,
        2 => DiskFault::DiesAfter,
        _ => DiskFault::Works,
    }
}

fn request_fate(random: &mut Random) -> Fate {
    match random.below(20) {
        0..4 => Fate::Lost,
        4..6 => Fate::ArrivesTwice,
        6 => Fate::ServerDiesBefore,
        7 => Fate::ServerDiesAfter,
        _ => Fate::Arrives,
    }
}

fn answer_fate(random: &mut Random) -> Fate {
    match random.below(20) {
        0..4 => Fate::Lost,
        4..8 => Fate::ArrivesTwice,
        _ => Fate::Arrives,
    }
}

fn standing(random: &mut Random) -> Standing {
    *random.pick(&[Standing::Full, Standing::Full, Standing::Elsewhere, Standing::NewMandate, Standing::Out])
}

fn wrong_clock(random: &mut Random) -> i64 {
    const YEAR_MS: i64 = 365 * 86_400_000;
    *random.pick(&[0, 0, -7 * YEAR_MS, 3 * YEAR_MS, -55 * YEAR_MS, 11 * 60_000])
}
