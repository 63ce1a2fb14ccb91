//! What becomes of the suggestions (DOMAIN §6.4 b): deputies and bureaus with an account act themselves, for the others
//! the desk types in what they sent on paper.
//!
//! In reading order: how they go; then what is done until they are answered, and what comes after.

mod answered;
mod assigned;

use jiff::civil::Date;
use lianxin_shared::{
    case::{self, Act, Decline, Tier, UnitRef},
    id::{RecordId, UnitCode},
    schema::Kind,
};

use super::{
    answers::Suggestions,
    chance::Chance,
    docket::{Docket, Hand, Way},
    office::Suggested,
    places::UNITS,
    vocabulary::concern,
};

/// How a suggestion goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    /// Never handed in.
    Draft,
    Declined,
    /// 撤回 before it was assigned.
    Withdrawn,
    /// 办结 after one reply.
    Settled,
    /// 退回修改, and handed in again.
    Revised,
    /// 改派 by the desk.
    Reassigned,
    /// 申请退办, granted: another unit handles it.
    HandedBack,
    /// 申请退办, refused.
    Kept,
    /// With another unit's opinion (协办).
    Joint,
    /// More time was asked for and granted.
    Extended,
    /// Something was promised with a day (B类), which is followed.
    Promised,
    /// Answered after the limit, and accepted on paper proof (补录).
    Late,
    /// 不满意, handled again, and then accepted.
    Again,
    /// 不满意 twice: 协调督办.
    Coordinated,
    /// A second evaluation came on paper (争议).
    Disputed,
    /// 未测评, though the deputy was reminded.
    Unevaluated,
    /// Signed for; the reply is overdue and urged (催办).
    Slow,
}

/// Of a session: all of them were accepted and are long done.
const OF_A_SESSION: &[(Course, usize)] = &[
    (Course::Settled, 74),
    (Course::Extended, 8),
    (Course::Promised, 8),
    (Course::Again, 4),
    (Course::Reassigned, 2),
    (Course::Joint, 4),
];
/// Of the demo year: in every state.
const OF_THE_YEAR: &[(Course, usize)] = &[
    (Course::Settled, 92),
    (Course::Revised, 6),
    (Course::Reassigned, 5),
    (Course::HandedBack, 5),
    (Course::Kept, 4),
    (Course::Joint, 8),
    (Course::Extended, 14),
    (Course::Promised, 18),
    (Course::Late, 4),
    (Course::Again, 8),
    (Course::Coordinated, 5),
    (Course::Disputed, 4),
    (Course::Unevaluated, 6),
    (Course::Slow, 8),
    (Course::Declined, 14),
    (Course::Withdrawn, 7),
    (Course::Draft, 10),
];
/// Of accepted suggestions, those in a hundred that are under 重点督办.
const SUPERVISED_PERCENT: usize = 4;
/// What an office may give a matter to when it is not the first one's: the units of these categories.
const OTHER_CATEGORIES: [&str; 3] = ["roads", "education_health", "ecology"];

/// What voices behind a suggestion learn of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    /// Handed in, so that voices can be routed to it.
    pub(super) submitted: Option<Date>,
    /// Replies, or that there will be none: each is a result for the voices that wait for one then.
    pub(super) results: Vec<Date>,
}

/// 上收: an express whose matter goes on before the district.
pub(super) struct Moved {
    pub(super) from: RecordId,
    pub(super) to: Suggested,
}

/// Plans the ways of all suggestions, each at its desk; how far they came, by voice.
pub(super) fn plan_all<'s>(
    docket: &mut Docket<'_>,
    suggestions: impl Iterator<Item = (Hand, &'s Suggested)>,
    moved: &[Moved],
) -> Suggestions {
    let mut progress = Suggestions::new();
    for (desk, suggested) in suggestions {
        let reached = match moved.iter().find(|moved| moved.from == suggested.id) {
            Some(moved) => plan_moved(docket, suggested, &desk, moved),
            None => vec![(suggested.id, plan(docket, suggested, &desk))],
        };
        for voice in &suggested.voices {
            progress.entry(*voice).or_default().extend(reached.clone());
        }
    }
    progress
}

/// The way of a suggestion at the district's desk, or at that of a town or street.
fn plan(docket: &mut Docket<'_>, suggested: &Suggested, desk: &Hand) -> Progress {
    let mut chance = Chance::of(&format!("handling {}", suggested.id));
    let courses = if suggested.in_session { OF_A_SESSION } else { OF_THE_YEAR };
    let course = *chance.weighted(courses);
    let mut file = File::open(docket, suggested, desk, suggested.day);
    if course != Course::Draft {
        file.runs(&mut chance, course);
    }
    file.progress
}

/// The way of an express to the district, and on there.
fn plan_moved(docket: &mut Docket<'_>, express: &Suggested, town: &Hand, moved: &Moved) -> Vec<(RecordId, Progress)> {
    let (from, to, tier) = (moved.from, &moved.to, Tier::District);
    let mut chance = Chance::of(&format!("handling {}", to.id));
    let mut file = File::open(docket, express, town, express.day);
    let converted = file.is_converted(&mut chance, tier, to.id);
    let mut reached = vec![(from, file.progress)];
    if let Some(converted) = converted {
        let mut file = File::open(docket, to, &Hand::District, converted.max(to.day));
        file.way.follows(from);
        let opened = file.way.step(chance.between(1, 3), &Hand::District, |_| Act::Opened { origin: from, tier });
        opened.and_then(|_| file.is_handled(&mut chance, Course::Settled));
        reached.push((to.id, file.progress));
    }
    reached
}

/// One suggestion's way through the desk.
struct File<'d, 'a, 's> {
    suggested: &'s Suggested,
    desk: Hand,
    /// Who handles it.
    unit: UnitRef,
    lead: Hand,
    way: Way<'d, 'a>,
    progress: Progress,
}

impl<'d, 'a, 's> File<'d, 'a, 's> {
    fn open(docket: &'d mut Docket<'a>, suggested: &'s Suggested, desk: &Hand, day: Date) -> Self {
        Self {
            suggested,
            desk: desk.clone(),
            unit: unit(&suggested.category, desk),
            lead: Hand::Deputy(suggested.lead),
            way: docket.way(Kind::Suggestion, suggested.id, day, desk.clone()),
            progress: Progress::default(),
        }
    }

    /// `None` when the demo year ends on the way.
    fn runs(&mut self, chance: &mut Chance, course: Course) -> Option<()> {
        self.hand_in()?;
        self.by_desk(chance.between(1, 2), Act::Review)?;
        match course {
            Course::Declined => {
                let text = "反映的事项属于企业自主经营范围，建议与经营者协商。".into();
                let declined = self.by_desk(chance.between(1, 3), Act::Decline { reason: Decline::Other, text })?;
                self.progress.results.push(declined);
                Some(())
            }
            Course::Withdrawn => {
                let text = "村里已经自己修好，代表书面申请撤回。".into();
                let withdrawn = self.way.step(chance.between(1, 3), &self.lead, |_| Act::Withdraw { text })?;
                self.progress.results.push(withdrawn);
                Some(())
            }
            Course::Revised => {
                self.is_revised(chance)?;
                self.is_handled(chance, course)
            }
            _ => self.is_handled(chance, course),
        }
    }

    /// From acceptance (立案) to the archive.
    fn is_handled(&mut self, chance: &mut Chance, course: Course) -> Option<()> {
        self.accept(chance)?;
        self.assign(chance, course)?;
        match course {
            Course::Slow => return self.urge(chance),
            Course::Extended => self.extend(chance)?,
            _ => {}
        }
        let promised = course == Course::Promised;
        let class = if promised { "B" } else { *chance.weighted(&[("A", 70), ("B", 15), ("C", 10), ("D", 5)]) };
        self.answer(chance, 1, class, course)?;
        self.is_judged(chance, course)?;
        self.is_published(chance)?;
        if promised {
            self.settle(chance)?;
        }
        self.by_desk(chance.between(10, 30), Act::Archive).map(drop)
    }

    /// Some days after the last step, by the desk.
    fn by_desk(&mut self, after_days: i64, act: Act) -> Option<Date> {
        self.way.step(after_days, &self.desk.clone(), |_| act)
    }

    /// By the unit that handles it.
    fn by_unit(&mut self, after_days: i64, act: impl FnOnce(case::Date) -> Act) -> Option<Date> {
        self.way.step(after_days, &Hand::Unit(self.unit.code.clone()), act)
    }

    fn is_express(&self) -> bool {
        matches!(self.desk, Hand::Town(_))
    }

    /// A unit of the same desk that does not handle it.
    fn another_unit(&self) -> UnitRef {
        let mut units = OTHER_CATEGORIES.iter().map(|category| unit(category, &self.desk));
        units.find(|other| other.name != self.unit.name).unwrap_or_else(|| self.unit.clone())
    }
}

/// Who handles suggestions of this category: an office of the town, or a bureau.
fn unit(category: &str, desk: &Hand) -> UnitRef {
    if let Hand::Town(town) = desk {
        let office = concern(category).offices.first().copied().unwrap_or("党政办公室");
        return UnitRef { code: UnitCode(format!("{}-{category}", UNITS[*town].code)), name: office.to_owned() };
    }
    let routes = case::route::Routes::sample();
    let bureau = routes.bureaus.get(category).or_else(|| routes.bureaus.values().next()).cloned();
    bureau.unwrap_or_else(|| UnitRef { code: UnitCode("520303U00".into()), name: "区政府办公室".into() })
}
