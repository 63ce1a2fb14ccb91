//! A station's people: the liaison officer and the deputies who write, each with a phone.

use jiff::civil::Date;
use lianxin_shared::{
    id::{RecordId, SpaceId},
    rights::{Post, Role},
};

use super::{
    calendar::{Calendar, plus},
    chance::Chance,
    office::{Spaces, create_user, post},
    phone::Phone,
    photos::Picture,
    places::Station,
    roster::{Roster, Seated, liaison},
};
use crate::hub::Hub;

/// Deputies of a station who keep records themselves.
const WRITING_MIN: i64 = 2;
const WRITING_MAX: i64 = 4;

pub(super) struct Team {
    pub(super) station: Station,
    pub(super) space: SpaceId,
    /// 联络员.
    pub(super) staff: Phone,
    pub(super) deputies: Vec<Writer>,
    /// The mandates of all deputies of the station.
    pub(super) members: Vec<RecordId>,
    pub(super) chance: Chance,
    pub(super) calendar: Calendar,
    /// Records with a photo, and on whose phone it is.
    pub(super) photographed: Vec<(By, RecordId, &'static Picture)>,
}

/// A deputy who writes.
pub(super) struct Writer {
    pub(super) phone: Phone,
    pub(super) mandate: RecordId,
}

/// Who of a team does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Staff,
    Deputy(usize),
}

impl Team {
    pub(super) async fn gather(
        hub: &Hub,
        calendar: Calendar,
        spaces: &Spaces,
        roster: &Roster,
        station: (usize, &Station),
    ) -> anyhow::Result<Self> {
        let (number, station) = station;
        let mut chance = Chance::of(&format!("year {}", station.code));
        let day = plus(calendar.first(), -1);
        let writing = usize::try_from(chance.between(WRITING_MIN, WRITING_MAX)).unwrap_or_default();
        let announced = announced_deputies(station);
        let writing = if announced > 0 { announced } else { writing };
        let mut deputies = Vec::new();
        let here = roster.seated.iter().filter(|seated| seated.deputy.station == number).take(writing);
        for (n, seated) in here.enumerate() {
            deputies.push(writer(hub, station, n, seated, day).await?);
        }
        let login = staff_login(station);
        let posts = vec![post(Role::Station, station.code())];
        let person = create_user(hub, &login, &liaison(station), posts).await?;
        let staff = Phone::sign_in(hub, person, &login, day).await?;
        let space = spaces.stations[number];
        let members = roster.of_station(number);
        let photographed = Vec::new();
        Ok(Self { station: station.clone(), space, staff, deputies, members, chance, calendar, photographed })
    }

    pub(super) fn phone(&mut self, by: By) -> &mut Phone {
        match by {
            By::Staff => &mut self.staff,
            By::Deputy(n) => &mut self.deputies[n].phone,
        }
    }

    pub(super) fn holder(&self, by: By) -> &Phone {
        match by {
            By::Staff => &self.staff,
            By::Deputy(n) => &self.deputies[n].phone,
        }
    }

    pub(super) fn phones(&self) -> impl Iterator<Item = &Phone> {
        std::iter::once(&self.staff).chain(self.deputies.iter().map(|writer| &writer.phone))
    }

    /// Who writes something down: mostly deputies, sometimes the officer for them (代录).
    pub(super) fn someone(&mut self) -> By {
        if self.chance.percent(22) { By::Staff } else { By::Deputy(self.chance.below(self.deputies.len())) }
    }

    /// The mandates that a record by this person names: the deputy's own, or some who were there.
    pub(super) fn mandate_of(&mut self, by: By) -> RecordId {
        match by {
            By::Deputy(n) => self.deputies[n].mandate,
            By::Staff => *self.chance.pick(&self.members),
        }
    }

    pub(super) async fn sync_if_due(&mut self, hub: &Hub, day: Date) -> anyhow::Result<()> {
        self.staff.sync_if_due(hub, day).await?;
        for writer in &mut self.deputies {
            writer.phone.sync_if_due(hub, day).await?;
        }
        Ok(())
    }

    pub(super) async fn sync(&mut self, hub: &Hub, day: Date) -> anyhow::Result<()> {
        self.staff.sync(hub, day).await?;
        for writer in &mut self.deputies {
            writer.phone.sync(hub, day).await?;
        }
        Ok(())
    }
}

async fn writer(hub: &Hub, station: &Station, n: usize, seated: &Seated, day: Date) -> anyhow::Result<Writer> {
    let posts = seated
        .mandates
        .iter()
        .map(|mandate| Post { role: Role::Deputy, unit: station.code(), mandate: Some(*mandate) })
        .collect();
    let login = deputy_login(station, n, &seated.deputy.name);
    let person = create_user(hub, &login, &seated.deputy.name, posts).await?;
    let phone = Phone::sign_in(hub, person, &login, day).await?;
    Ok(Writer { phone, mandate: seated.mandates[0] })
}

/// The announced deputies of a station: all of its deputies who write.
fn announced_deputies(station: &Station) -> usize {
    super::ACCOUNTS.iter().filter(|account| account.role == Role::Deputy && account.unit == station.name).count()
}

fn deputy_login(station: &Station, n: usize, name: &str) -> String {
    let mut announced = super::ACCOUNTS.iter().filter(|account| account.unit == station.name && account.name == name);
    announced.next().map_or_else(|| format!("deputy-{}-{}", station.code, n + 1), |account| account.login.into())
}

fn staff_login(station: &Station) -> String {
    let mut announced =
        super::ACCOUNTS.iter().filter(|account| account.role == Role::Station && account.unit == station.name);
    announced.next().map_or_else(|| format!("station-{}", station.code), |account| account.login.into())
}
