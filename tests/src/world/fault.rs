//! The ways in which a world may go wrong, by name, and how often they did.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// A kind of trouble. Names are for the command line and for the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// A request or an answer is lost.
    Loss,
    /// A request or an answer arrives again.
    Duplication,
    /// Letters overtake each other.
    Reordering,
    /// A server dies, idle, before a commit, or between a commit and its answer.
    ServerCrash,
    /// A phone dies before or after its write became durable.
    PhoneCrash,
    /// A phone's storage refuses a write.
    FullDisk,
    /// The browser is killed between two things.
    Kill,
    /// A phone's clock is wrong, by minutes or by years.
    Clock,
    /// The browser throws the phone's storage away.
    Eviction,
    /// Someone's posts end.
    Revoked,
    /// Someone is moved to another station, online or not.
    Moved,
    /// Someone is elected again: older records are another mandate's.
    Mandate,
    /// A phone's token ends; its user signs in again.
    Token,
    /// A tampered app sends what its user has no right to, or under a colleague's name.
    Forgery,
    /// The server is restored from an older backup.
    Restore,
    /// A phone is set back to an older copy of its storage, also with the session of that time.
    SetBack,
    /// A phone's storage is copied onto another phone, also with its running session.
    Clone,
    /// A year passes.
    Year,
    /// An old app that does not know a kind of records, and its update.
    OldApp,
    /// Several servers on one store.
    Servers,
}

impl Fault {
    pub const ALL: [Fault; 20] = [
        Fault::Loss,
        Fault::Duplication,
        Fault::Reordering,
        Fault::ServerCrash,
        Fault::PhoneCrash,
        Fault::FullDisk,
        Fault::Kill,
        Fault::Clock,
        Fault::Eviction,
        Fault::Revoked,
        Fault::Moved,
        Fault::Mandate,
        Fault::Token,
        Fault::Forgery,
        Fault::Restore,
        Fault::SetBack,
        Fault::Clone,
        Fault::Year,
        Fault::OldApp,
        Fault::Servers,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Fault::Loss => "loss",
            Fault::Duplication => "duplication",
            Fault::Reordering => "reordering",
            Fault::ServerCrash => "server-crash",
            Fault::PhoneCrash => "phone-crash",
            Fault::FullDisk => "full-disk",
            Fault::Kill => "kill",
            Fault::Clock => "clock",
            Fault::Eviction => "eviction",
            Fault::Revoked => "revoked",
            Fault::Moved => "moved",
            Fault::Mandate => "mandate",
            Fault::Token => "token",
            Fault::Forgery => "forgery",
            Fault::Restore => "restore",
            Fault::SetBack => "set-back",
            Fault::Clone => "clone",
            Fault::Year => "year",
            Fault::OldApp => "old-app",
            Fault::Servers => "servers",
        }
    }
}

/// Which kinds of trouble a world may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(BTreeSet<Fault>);

impl Faults {
    pub fn all() -> Self {
        Self(Fault::ALL.into())
    }

    pub fn only<const N: usize>(faults: [Fault; N]) -> Self {
        Self(faults.into())
    }

    /// Reads `loss,clone`; `Err` is the name that is none.
    pub fn parse(list: &str) -> Result<Self, String> {
        let fault = |name: &str| {
            let known = Fault::ALL.into_iter().find(|fault| fault.name() == name);
            known.ok_or_else(|| name.to_owned())
        };
        list.split(',').filter(|name| !name.is_empty()).map(fault).collect::<Result<_, _>>().map(Self)
    }

    pub fn has(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }

    pub fn has_any(&self, faults: &[Fault]) -> bool {
        faults.iter().any(|fault| self.has(*fault))
    }
}

/// How often what happened. Only what had an effect counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    faults: BTreeMap<Fault, u64>,
    events: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub(super) fn fault(&mut self, fault: Fault) {
        *self.faults.entry(fault).or_default() += 1;
    }

    pub(super) fn event(&mut self, event: &'static str) {
        self.events(event, 1);
    }

    pub(super) fn events(&mut self, event: &'static str, count: usize) {
        *self.events.entry(event).or_default() += count as u64;
    }

    pub fn add(&mut self, other: &Tally) {
        other.faults.iter().for_each(|(fault, count)| *self.faults.entry(*fault).or_default() += count);
        other.events.iter().for_each(|(event, count)| *self.events.entry(event).or_default() += count);
    }

    pub fn faults(&self, fault: Fault) -> u64 {
        self.faults.get(&fault).copied().unwrap_or(0)
    }

    pub fn count(&self, event: &str) -> u64 {
        self.events.get(event).copied().unwrap_or(0)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "faults")?;
        self.faults.iter().try_for_each(|(fault, count)| writeln!(f, "  {:<22}{count:>10}", fault.name()))?;
        writeln!(f, "events")?;
        self.events.iter().try_for_each(|(event, count)| writeln!(f, "  {event:<22}{count:>10}"))
    }
}
