//! The desks' work (DOMAIN §6.4): official acts, each on a day on which its hand works, filed like everybody's. First
//! all of it is planned, then it happens day by day, so that numbers are given in the order of the days.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    mem::{Discriminant, discriminant},
};

use anyhow::{Context, bail};
use jiff::civil::{Date, Weekday};
use lianxin_shared::{
    case::{self, Act, Request, ReturnReason},
    id::{EventId, RecordId, UnitCode},
    rights::Person,
    schema::Kind,
};
use tokio::task::JoinSet;

use super::{
    calendar::{Calendar, ms, official, plus},
    chance::sixteen_bytes,
};
use crate::{
    hub::{Acted, Hub},
    store::Device,
};

/// 代录: what stands beside an act that a desk types in for somebody without an account.
const FROM_PAPER: &str = "按签字的纸质材料录入";

/// Who acts. On one day they act in this order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Hand {
    District,
    Unit(UnitCode),
    /// By the place of the town or street in the list of units.
    Town(usize),
    /// By the place of the station in the list of stations.
    Station(usize),
    /// By mandate.
    Deputy(RecordId),
}

impl Hand {
    /// Nobody runs to the desk for each paper.
    fn works_on(&self, day: Date) -> bool {
        use Weekday::*;
        let days: &[Weekday] = match self {
            Hand::District => &[Monday, Wednesday, Friday],
            Hand::Unit(_) => &[Tuesday, Thursday],
            Hand::Town(_) => &[Monday, Thursday],
            Hand::Station(_) => &[Tuesday, Friday],
            Hand::Deputy(_) => &[Wednesday, Saturday, Sunday],
        };
        days.contains(&day.weekday())
    }
}

/// A person at a desk.
#[derive(Clone)]
pub(super) struct Clerk {
    pub(super) device: Device,
    pub(super) person: Person,
}

/// Everybody who has an account and acts.
#[derive(Default)]
pub(super) struct Hands(BTreeMap<Hand, Clerk>);

impl Hands {
    pub(super) fn join(&mut self, hand: Hand, clerk: Clerk) {
        self.0.insert(hand, clerk);
    }

    pub(super) fn have(&self, hand: &Hand) -> bool {
        self.0.contains_key(hand)
    }
}

/// One act, planned.
struct Deed {
    day: Date,
    hand: Hand,
    proxy: bool,
    case: RecordId,
    kind: Kind,
    /// A case without whose progress this makes no sense.
    after: Option<RecordId>,
    act: Act,
    /// It comes back.
    in_vain: bool,
}

/// What is to be done.
pub(super) struct Docket<'a> {
    pub(super) hands: &'a Hands,
    pub(super) calendar: Calendar,
    deeds: Vec<Deed>,
    /// What came too late once.
    in_vain: HashSet<Discriminant<Act>>,
}

impl<'a> Docket<'a> {
    pub(super) fn new(hands: &'a Hands, calendar: Calendar) -> Self {
        Self { hands, calendar, deeds: Vec::new(), in_vain: HashSet::new() }
    }

    /// The way of a case from a day on. Its desk types in what people without an account do.
    pub(super) fn way(&mut self, kind: Kind, case: RecordId, day: Date, desk: Hand) -> Way<'_, 'a> {
        Way { docket: self, kind, case, desk, day, last: None, after: None, seq: 0, over: false }
    }

    /// Does it all.
    pub(super) async fn carry_out(mut self, hub: &Hub) -> anyhow::Result<()> {
        // What one hand does on a day stays in the order in which it was planned.
        self.deeds.sort_by(|a, b| (a.day, &a.hand).cmp(&(b.day, &b.hand)));
        let (hands, mut standing) = (self.hands, Standing::default());
        let mut deeds = self.deeds.into_iter().peekable();
        while let Some(first) = deeds.next() {
            let (day, sort) = (first.day, discriminant(&first.hand));
            let mut batches = vec![(first.hand.clone(), vec![first])];
            while let Some(deed) = deeds.next_if(|deed| deed.day == day && discriminant(&deed.hand) == sort) {
                match batches.last_mut() {
                    Some((hand, batch)) if *hand == deed.hand => batch.push(deed),
                    _ => batches.push((deed.hand.clone(), vec![deed])),
                }
            }
            // Different towns, stations and units are at work in different cases.
            let mut at_work = JoinSet::new();
            for (hand, batch) in batches {
                let clerk = hands.0.get(&hand).with_context(|| format!("{hand:?} has no account"))?.clone();
                let requests = standing.requests(batch, day);
                let hub = hub.clone();
                at_work.spawn(async move {
                    let acted = hub.acts(&clerk.device, &clerk.person, &requests, at(day)).await;
                    acted.map(|acted| (requests, acted))
                });
            }
            while let Some(done) = at_work.join_next().await {
                let (requests, acted) = done.context("a desk")??;
                requests.iter().zip(acted).try_for_each(|(request, acted)| standing.hear(request, acted))?;
            }
        }
        Ok(())
    }
}

/// The hour at which a desk files.
fn at(day: Date) -> i64 {
    ms(day, 16, 0)
}

/// Where the cases stand.
#[derive(Default)]
struct Standing {
    /// The number of each case's last event, and how many acts were filed in it.
    seen: HashMap<RecordId, u32>,
    filed: HashMap<RecordId, u32>,
    /// Cases that wait for a holiday table that is not there.
    stuck: HashSet<RecordId>,
    /// Requests that come back.
    in_vain: HashSet<EventId>,
}

impl Standing {
    fn requests(&mut self, deeds: Vec<Deed>, day: Date) -> Vec<Request> {
        let mut requests = Vec::with_capacity(deeds.len());
        for Deed { proxy, case, kind, after, act, in_vain, .. } in deeds {
            if self.stuck.contains(&case) || after.is_some_and(|after| self.stuck.contains(&after)) {
                continue;
            }
            let filed = self.filed.entry(case).or_default();
            let id = EventId(sixteen_bytes(&format!("event {case} {filed}")));
            *filed += 1;
            if in_vain {
                self.in_vain.insert(id);
            }
            let earlier = requests.iter().filter(|request: &&Request| request.case == case).count();
            let seen = self.seen.get(&case).copied().unwrap_or(0) + u32::try_from(earlier).unwrap_or_default();
            let proxy = proxy.then(|| FROM_PAPER.to_owned());
            requests.push(Request { id, case, kind, seen, made_ms: at(day), proxy, act });
        }
        requests
    }

    fn hear(&mut self, request: &Request, acted: Acted) -> anyhow::Result<()> {
        match acted {
            Acted::Accepted { .. } if self.in_vain.contains(&request.id) => {
                bail!("{} of the demo set did not come back", request.act.key())
            }
            Acted::Accepted { seq } => drop(self.seen.insert(request.case, seq)),
            // Without the table of the year nothing is assigned, in the demo set either.
            Acted::Returned(why) if why.reason == ReturnReason::NoHolidayTable => {
                self.stuck.insert(request.case);
            }
            Acted::Returned(_) if self.stuck.contains(&request.case) || self.in_vain.contains(&request.id) => {}
            Acted::Returned(why) => {
                bail!("{} of the demo set's {} came back: {why:?}", request.act.key(), request.kind.key())
            }
        }
        Ok(())
    }
}

/// A case on its way, step by step. When a step falls behind the demo year, neither it nor what follows happens.
pub(super) struct Way<'d, 'a> {
    docket: &'d mut Docket<'a>,
    kind: Kind,
    case: RecordId,
    desk: Hand,
    day: Date,
    last: Option<Hand>,
    after: Option<RecordId>,
    /// The number of its last event, where nothing but this way leads on.
    seq: u32,
    over: bool,
}

impl Way<'_, '_> {
    /// From now on it follows what another case comes to.
    pub(super) fn follows(&mut self, case: RecordId) {
        self.after = Some(case);
    }

    /// Nothing happens before this day.
    pub(super) fn not_before(&mut self, day: Date) {
        self.day = self.day.max(day);
    }

    /// Some days after the last step, by a hand, or by the desk for it; on which day, `None` when that is not yet.
    pub(super) fn step(&mut self, after_days: i64, hand: &Hand, act: impl FnOnce(case::Date) -> Act) -> Option<Date> {
        if self.docket.hands.have(hand) {
            self.enter(after_days, hand.clone(), false, act)
        } else {
            self.typed(after_days, act)
        }
    }

    /// Like [`Way::step`], typed in by the desk from paper.
    pub(super) fn typed(&mut self, after_days: i64, act: impl FnOnce(case::Date) -> Act) -> Option<Date> {
        self.enter(after_days, self.desk.clone(), true, act)
    }

    /// Like [`Way::step`], but it comes back, because something else happened first. Of each act one is enough.
    pub(super) fn in_vain(&mut self, after_days: i64, hand: &Hand, act: Act) -> Option<()> {
        let which = discriminant(&act);
        if !self.docket.in_vain.contains(&which) {
            self.step(after_days, hand, |_| act)?;
            self.seq -= 1;
            self.docket.in_vain.insert(which);
            self.docket.deeds.last_mut()?.in_vain = true;
        }
        Some(())
    }

    /// The number of the last step's event.
    pub(super) fn seq(&self) -> u32 {
        self.seq
    }

    fn enter(&mut self, after_days: i64, hand: Hand, proxy: bool, act: impl FnOnce(case::Date) -> Act) -> Option<Date> {
        let mut day = plus(self.day, after_days);
        // Nobody acts on what somebody else did an hour ago.
        if day == self.day && self.last.as_ref().is_some_and(|last| *last != hand) {
            day = plus(day, 1);
        }
        while !hand.works_on(day) {
            day = plus(day, 1);
        }
        self.over |= day > self.docket.calendar.last();
        if self.over {
            return None;
        }
        (self.day, self.last) = (day, Some(hand.clone()));
        let (case, kind, after) = (self.case, self.kind, self.after);
        let act = act(official(day)?);
        self.docket.deeds.push(Deed { day, hand, proxy, case, kind, after, act, in_vain: false });
        self.seq += 1;
        Some(day)
    }
}
