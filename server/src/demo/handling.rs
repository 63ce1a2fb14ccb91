//! What becomes of the suggestions (DOMAIN §6.4 b): deputies and bureaus with an account act themselves, for the others
//! the desk types in what they sent on paper.

use jiff::civil::Date;
use lianxin_shared::{
    case::{
        self, Act, Assign, CommitmentOutcome, Decline, Evaluation, Opinion, Promise, Reply, UnitRef, Way as Contacted,
    },
    id::UnitCode,
    schema::Kind,
};

use super::{
    calendar::plus,
    chance::Chance,
    docket::{Docket, Hand, Way},
    office::Suggested,
    people::staff_name,
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
    /// More time was asked for and granted.
    Extended,
    /// Something was promised with a day (B类), which is followed.
    Promised,
    /// 不满意, handled again, and then accepted.
    Again,
    /// Signed for; the reply is overdue.
    Slow,
}

/// Of a session: all of them were accepted and are long done.
const OF_A_SESSION: &[(Course, usize)] =
    &[(Course::Settled, 80), (Course::Extended, 8), (Course::Promised, 8), (Course::Again, 4)];
/// Of the demo year: in every state.
const OF_THE_YEAR: &[(Course, usize)] = &[
    (Course::Settled, 54),
    (Course::Extended, 8),
    (Course::Promised, 10),
    (Course::Again, 6),
    (Course::Slow, 4),
    (Course::Declined, 8),
    (Course::Withdrawn, 4),
    (Course::Draft, 6),
];
/// Days until what was promised is due, and of promises those in a hundred that are kept.
const PROMISED_DAYS: i32 = 120;
const KEPT_PERCENT: usize = 85;

/// What voices behind a suggestion learn of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    /// Handed in, so that voices can be routed to it.
    pub(super) submitted: Option<Date>,
    /// Each is a result for the voices that wait for one then.
    pub(super) replies: Vec<Date>,
}

/// Plans the way of a suggestion at the district's desk, or at that of a town or street.
pub(super) fn plan(docket: &mut Docket<'_>, suggested: &Suggested, desk: &Hand) -> Progress {
    let mut chance = Chance::of(&format!("handling {}", suggested.id));
    let courses = if suggested.in_session { OF_A_SESSION } else { OF_THE_YEAR };
    let course = *chance.weighted(courses);
    let mut file = File {
        unit: unit(suggested, desk),
        desk: desk.clone(),
        lead: Hand::Deputy(suggested.lead),
        way: docket.way(Kind::Suggestion, suggested.id, suggested.day, desk.clone()),
        progress: Progress::default(),
    };
    if course != Course::Draft {
        file.runs(&mut chance, course, suggested);
    }
    file.progress
}

/// One suggestion's way through the desk.
struct File<'d, 'a> {
    desk: Hand,
    /// Who handles it.
    unit: UnitRef,
    lead: Hand,
    way: Way<'d, 'a>,
    progress: Progress,
}

impl File<'_, '_> {
    /// `None` when the demo year ends on the way.
    fn runs(&mut self, chance: &mut Chance, course: Course, suggested: &Suggested) -> Option<()> {
        let desk = self.desk.clone();
        self.hand_in(suggested)?;
        self.way.step(chance.between(1, 2), &desk, |_| Act::Review)?;
        match course {
            Course::Declined => {
                let text = "反映的事项属于企业自主经营范围，建议与经营者协商。".into();
                self.way.step(chance.between(1, 3), &desk, |_| Act::Decline { reason: Decline::Other, text })?;
                return None;
            }
            Course::Withdrawn => {
                let text = "村里已经自己修好，代表书面申请撤回。".into();
                self.way.step(chance.between(1, 3), &self.lead, |_| Act::Withdraw { text })?;
                return None;
            }
            _ => self.assign(chance, suggested)?,
        }
        if course == Course::Slow {
            return None;
        }
        if course == Course::Extended {
            self.extend(chance)?;
        }
        let promised = course == Course::Promised;
        let class = if promised { "B" } else { *chance.weighted(&[("A", 70), ("B", 15), ("C", 10), ("D", 5)]) };
        self.answer(chance, suggested, 1, class, promised)?;
        let first = if course == Course::Again { Opinion::Dissatisfied } else { good(chance) };
        self.evaluate(chance.between(3, 9), 1, first)?;
        if course == Course::Again {
            let text = "代表对办理结果不满意，请重新研究后再次答复。".into();
            self.way.step(chance.between(1, 3), &desk, |_| Act::Rehandle { text })?;
            self.contact(chance.between(2, 6))?;
            self.answer(chance, suggested, 2, "A", false)?;
            self.evaluate(chance.between(3, 9), 2, good(chance))?;
        }
        self.way.step(chance.between(1, 4), &desk, |_| Act::Close { text: String::new() })?;
        if promised {
            self.settle(chance)?;
        }
        self.way.step(chance.between(10, 30), &desk, |_| Act::Archive).map(drop)
    }

    /// 联名确认 and 提交.
    fn hand_in(&mut self, suggested: &Suggested) -> Option<()> {
        // Until it is handed in it lies at the desk that entered it; the deputies have signed on paper.
        let text = suggested.text;
        for cosigner in &suggested.cosigners {
            self.way.typed(0, |_| Act::Confirm { text, mandate: Some(*cosigner) })?;
        }
        let submit = |_| Act::Submit { text: Some(text), declared: true, again: None };
        self.progress.submitted = Some(self.way.typed(0, submit)?);
        Some(())
    }

    /// 立案, 交办, 签收, and the first talk.
    fn assign(&mut self, chance: &mut Chance, suggested: &Suggested) -> Option<()> {
        let (desk, unit) = (self.desk.clone(), Hand::Unit(self.unit.code.clone()));
        let assign = Assign {
            lead: self.unit.clone(),
            co: Vec::new(),
            separate: Vec::new(),
            wide: false,
            text: "请按时限办理，办理中与代表联系沟通。".into(),
        };
        let officer = staff_name(&suggested.id.to_string());
        self.way.step(chance.between(1, 3), &desk, |_| Act::Accept)?;
        self.way.step(chance.between(1, 4), &desk, |_| Act::Assign(assign))?;
        self.way.step(chance.between(1, 2), &unit, |_| Act::Sign { officer, phone: String::new() })?;
        let (first, last) = if self.is_express() { (2, 4) } else { (8, 25) };
        self.contact(chance.between(first, last))
    }

    fn contact(&mut self, after_days: i64) -> Option<()> {
        let contact = |on| Act::Contact {
            way: Contacted::Visit,
            on,
            place: String::new(),
            text: "到现场查看并征求代表意见。".into(),
        };
        self.way.step(after_days, &Hand::Unit(self.unit.code.clone()), contact).map(drop)
    }

    fn extend(&mut self, chance: &mut Chance) -> Option<()> {
        // Longer than the limit, and less than the longest that may be asked for.
        let more = if self.is_express() { 35 } else { 90 };
        let ask = |today: case::Date| Act::AskExtension {
            until: today.plus_days(more),
            text: "工程需要重新勘察，申请延长办理期限。".into(),
        };
        self.way.step(chance.between(1, 2), &Hand::Unit(self.unit.code.clone()), ask)?;
        let grant = |_| Act::DecideExtension { grant: true, text: String::new() };
        self.way.step(chance.between(1, 2), &self.desk.clone(), grant).map(drop)
    }

    /// 答复. An express is answered within working days, the others within months ([`case::Book::sample`]).
    fn answer(
        &mut self,
        chance: &mut Chance,
        suggested: &Suggested,
        round: u32,
        class: &str,
        promised: bool,
    ) -> Option<()> {
        let (first, last) = if self.is_express() { (3, 8) } else { (15, 50) };
        let text = match class {
            "A" => "已安排专人到现场核实，问题已经解决，并落实了后续管护责任。",
            "B" => "已列入年度计划，正在按进度推进，完成后及时向代表和群众反馈。",
            "C" => "受资金和建设条件限制，目前暂不能实施，待条件具备后优先安排。",
            _ => "所提意见很有价值，已转业务科室在今后工作中参考。",
        };
        let unit = self.unit.name.clone();
        let reply = |today: case::Date| {
            let due = today.plus_days(PROMISED_DAYS);
            let promise = promised.then(|| Promise { text: "按计划完成并通过验收".into(), due });
            Act::Reply(Reply {
                letter: format!("{unit}函〔{}〕{}号", today.year(), u32::from(suggested.id.0[15]) + round),
                class: class.into(),
                text: text.into(),
                signer: "分管负责人".into(),
                commitments: promise.into_iter().collect(),
                may_publish: true,
            })
        };
        let replied = self.way.step(chance.between(first, last), &Hand::Unit(self.unit.code.clone()), reply)?;
        self.progress.replies.push(replied);
        Some(())
    }

    fn evaluate(&mut self, after_days: i64, round: u32, result: Opinion) -> Option<()> {
        let text = if result == Opinion::Dissatisfied { "答复没有说清什么时候动工。" } else { "" };
        let attitude = if result == Opinion::Dissatisfied { Opinion::Mostly } else { Opinion::Satisfied };
        let evaluation = Evaluation { round, attitude, result, way: Contacted::Visit, text: text.into() };
        self.way.step(after_days, &self.lead.clone(), |_| Act::Evaluate(evaluation)).map(drop)
    }

    /// 承诺事项: whether it was kept.
    fn settle(&mut self, chance: &mut Chance) -> Option<()> {
        let due = plus(*self.progress.replies.first()?, PROMISED_DAYS.into());
        self.way.not_before(due);
        let (outcome, text) = match chance.percent(KEPT_PERCENT) {
            true => (CommitmentOutcome::Kept, "已完工并通过验收。"),
            false => (CommitmentOutcome::Broken, "配套资金没有到位，到期未能完成。"),
        };
        let settle = |_| Act::Commitment { commitment: 1, outcome, due: None, text: text.into() };
        self.way.step(chance.between(1, 12), &Hand::Unit(self.unit.code.clone()), settle).map(drop)
    }

    fn is_express(&self) -> bool {
        matches!(self.desk, Hand::Town(_))
    }
}

/// Who handles a suggestion of this category: an office of the town, or a bureau.
fn unit(suggested: &Suggested, desk: &Hand) -> UnitRef {
    let category = suggested.category.as_str();
    if let Hand::Town(town) = desk {
        let office = concern(category).offices.first().copied().unwrap_or("党政办公室");
        return UnitRef { code: UnitCode(format!("{}-{category}", UNITS[*town].code)), name: office.to_owned() };
    }
    let routes = case::Book::sample().routes;
    let bureau = routes.bureaus.get(category).or_else(|| routes.bureaus.values().next()).cloned();
    bureau.unwrap_or_else(|| UnitRef { code: UnitCode("520303U00".into()), name: "区政府办公室".into() })
}

fn good(chance: &mut Chance) -> Opinion {
    *chance.weighted(&[(Opinion::Satisfied, 80), (Opinion::Mostly, 20)])
}
