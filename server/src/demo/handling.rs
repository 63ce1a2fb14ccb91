//! What became of the suggestions (DOMAIN §6.4): one act after the other on its day, filed like everybody's, by the desk
//! that decides on them. What deputies and bureaus did is typed in from paper (代录), as the desks do it for those
//! without an account.

use anyhow::{Context, bail};
use jiff::civil::Date;
use lianxin_shared::{
    case::{
        self, Act, Assign, Decline, Evaluation, Facts, Opinion, Promise, Reply, Request, ReturnReason, UnitRef, Way,
    },
    id::{EventId, RecordId, UnitCode},
    schema::Kind,
};

use super::{
    calendar::{Calendar, ms, plus},
    chance::{Chance, sixteen_bytes},
    office::Suggested,
    phone::Phone,
    vocabulary::concern,
};
use crate::hub::{Acted, Hub};

/// 代录: what stands beside an act that the desk types in.
const FROM_PAPER: &str = "按签字的纸质材料录入";

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

/// The desk that decides, and whose suggestions these are.
#[derive(Clone, Copy)]
pub(super) struct Office<'a> {
    pub(super) hub: &'a Hub,
    pub(super) calendar: Calendar,
    pub(super) clerk: &'a Phone,
    /// Of the town or street whose express these are; the district's bureaus handle the others.
    pub(super) town: Option<&'static str>,
}

/// Of a session: all of them were accepted and are long done.
pub(super) async fn of_session(office: Office<'_>, suggested: &[Suggested]) -> anyhow::Result<()> {
    let mut chance = Chance::of("handling of the session");
    let courses = [(Course::Settled, 80), (Course::Extended, 8), (Course::Promised, 8), (Course::Again, 4)];
    for one in suggested {
        handle(office, &mut chance, one, &courses).await?;
    }
    Ok(())
}

/// Of the demo year: in every state.
pub(super) async fn of_the_year(office: Office<'_>, name: &str, suggested: &[Suggested]) -> anyhow::Result<()> {
    let mut chance = Chance::of(&format!("handling {name}"));
    let courses = [
        (Course::Settled, 52),
        (Course::Extended, 8),
        (Course::Promised, 10),
        (Course::Again, 6),
        (Course::Slow, 8),
        (Course::Declined, 6),
        (Course::Withdrawn, 4),
        (Course::Draft, 6),
    ];
    for one in suggested {
        handle(office, &mut chance, one, &courses).await?;
    }
    Ok(())
}

async fn handle(
    office: Office<'_>,
    chance: &mut Chance,
    suggested: &Suggested,
    courses: &[(Course, usize)],
) -> anyhow::Result<()> {
    let course = *chance.weighted(courses);
    if course == Course::Draft {
        return Ok(());
    }
    let page = office.hub.record_page(office.clerk.person(), suggested.id).await?;
    let facts = page.context("the desk reads what it has entered")?.facts();
    let mut file = File { office, case: suggested.id, day: suggested.day, seen: 0 };
    if file.hand_in(&facts).await?
        && let Some(unit) = file.take_up(chance, course, suggested).await?
    {
        file.settle(chance, course, &unit).await?;
    }
    Ok(())
}

/// One suggestion's way through the desk. Each step says whether its day has come; the story ends with the demo year.
struct File<'a> {
    office: Office<'a>,
    case: RecordId,
    day: Date,
    /// The number of the last event.
    seen: u32,
}

impl File<'_> {
    /// 联名确认 and 提交.
    async fn hand_in(&mut self, facts: &Facts) -> anyhow::Result<bool> {
        let text = facts.text.context("a suggestion has its wording")?;
        for cosigner in facts.taking_part.iter().filter(|mandate| Some(**mandate) != facts.owner) {
            if !self.type_in(0, Act::Confirm { text, mandate: Some(*cosigner) }).await? {
                return Ok(false);
            }
        }
        self.type_in(0, Act::Submit { text: Some(text), declared: true, again: None }).await
    }

    /// 审查, 立案, 交办, 签收: to whom it went, if it went to anybody.
    async fn take_up(
        &mut self,
        chance: &mut Chance,
        course: Course,
        suggested: &Suggested,
    ) -> anyhow::Result<Option<String>> {
        if !self.act(chance.between(1, 2), Act::Review).await? {
            return Ok(None);
        }
        match course {
            Course::Declined => {
                let text = "反映的事项属于企业自主经营范围,建议与经营者协商。".into();
                self.act(chance.between(1, 3), Act::Decline { reason: Decline::Other, text }).await?;
                return Ok(None);
            }
            Course::Withdrawn => {
                let text = "村里已经自己修好,代表书面申请撤回。".into();
                self.type_in(chance.between(1, 3), Act::Withdraw { text }).await?;
                return Ok(None);
            }
            _ => {}
        }
        let unit = self.office.unit(suggested);
        let assign = Assign {
            lead: unit.clone(),
            co: Vec::new(),
            separate: Vec::new(),
            wide: false,
            text: "请按时限办理,办理中与代表联系沟通。".into(),
        };
        let officer = Act::Sign { officer: super::people::staff_name(&suggested.id.to_string()), phone: String::new() };
        let taken = self.act(chance.between(1, 3), Act::Accept).await?
            && self.act(chance.between(1, 4), Act::Assign(assign)).await?
            && self.type_in(chance.between(1, 2), officer).await?;
        Ok(taken.then_some(unit.name))
    }

    /// 办理, 答复, 测评, 办结.
    async fn settle(&mut self, chance: &mut Chance, course: Course, unit: &str) -> anyhow::Result<()> {
        // An express is answered within working days, the others within months (Book::sample).
        let (contact, wait) = if self.office.town.is_some() { ((2, 5), (4, 9)) } else { ((8, 25), (15, 50)) };
        if !self.contact(chance.between(contact.0, contact.1)).await? || course == Course::Slow {
            return Ok(());
        }
        if course == Course::Extended && !self.extend(chance).await? {
            return Ok(());
        }
        let promised = course == Course::Promised;
        let class = if promised { "B" } else { *chance.weighted(&[("A", 70), ("B", 15), ("C", 10), ("D", 5)]) };
        let reply = self.reply(unit, 1, class, promised.then(|| plus(self.day, 120)));
        let first = if course == Course::Again { Opinion::Dissatisfied } else { good(chance) };
        if !self.type_in(chance.between(wait.0, wait.1), Act::Reply(reply)).await?
            || !self.evaluate(chance.between(3, 9), 1, first).await?
        {
            return Ok(());
        }
        if course == Course::Again {
            let text = "代表对办理结果不满意,请重新研究后再次答复。".into();
            let again = self.reply(unit, 2, "A", None);
            let opinion = good(chance);
            let handled = self.act(chance.between(1, 3), Act::Rehandle { text }).await?
                && self.contact(chance.between(2, 6)).await?
                && self.type_in(chance.between(5, 15), Act::Reply(again)).await?
                && self.evaluate(chance.between(3, 9), 2, opinion).await?;
            if !handled {
                return Ok(());
            }
        }
        if self.act(chance.between(1, 4), Act::Close { text: String::new() }).await? && !promised {
            self.act(chance.between(10, 30), Act::Archive).await?;
        }
        Ok(())
    }

    async fn contact(&mut self, after_days: i64) -> anyhow::Result<bool> {
        let on = plus(self.day, after_days);
        let contact = Act::Contact {
            way: Way::Visit,
            on: days(on)?,
            place: String::new(),
            text: "到现场查看并征求代表意见。".into(),
        };
        self.type_in(after_days, contact).await
    }

    async fn extend(&mut self, chance: &mut Chance) -> anyhow::Result<bool> {
        // Longer than the limit, and less than the longest that may be asked for.
        let more = if self.office.town.is_some() { 35 } else { 90 };
        let until = days(plus(self.day, more))?;
        let text = "工程需要重新勘察,申请延长办理期限。".into();
        Ok(self.type_in(chance.between(1, 3), Act::AskExtension { until, text }).await?
            && self.act(chance.between(1, 2), Act::DecideExtension { grant: true, text: String::new() }).await?)
    }

    fn reply(&self, unit: &str, round: u32, class: &str, promise: Option<Date>) -> Reply {
        let text = match class {
            "A" => "已安排专人到现场核实,问题已经解决,并落实了后续管护责任。",
            "B" => "已列入年度计划,正在按进度推进,完成后及时向代表和群众反馈。",
            "C" => "受资金和建设条件限制,目前暂不能实施,待条件具备后优先安排。",
            _ => "所提意见很有价值,已转业务科室在今后工作中参考。",
        };
        let promise = promise
            .and_then(|due| Some(Promise { text: "按计划完成并通过验收".into(), due: days(due).ok()? }));
        Reply {
            letter: format!("{unit}函〔{}〕{}号", self.day.year(), u32::from(self.case.0[15]) + round),
            class: class.into(),
            text: text.into(),
            signer: "分管负责人".into(),
            commitments: promise.into_iter().collect(),
            may_publish: true,
        }
    }

    async fn evaluate(&mut self, after_days: i64, round: u32, result: Opinion) -> anyhow::Result<bool> {
        let text = if result == Opinion::Dissatisfied { "答复没有说清什么时候动工。" } else { "" };
        let attitude = if result == Opinion::Dissatisfied { Opinion::Mostly } else { Opinion::Satisfied };
        let evaluation = Evaluation { round, attitude, result, way: Way::Visit, text: text.into() };
        self.type_in(after_days, Act::Evaluate(evaluation)).await
    }

    async fn act(&mut self, after_days: i64, act: Act) -> anyhow::Result<bool> {
        self.file(after_days, None, act).await
    }

    async fn type_in(&mut self, after_days: i64, act: Act) -> anyhow::Result<bool> {
        self.file(after_days, Some(FROM_PAPER.to_owned()), act).await
    }

    async fn file(&mut self, after_days: i64, proxy: Option<String>, act: Act) -> anyhow::Result<bool> {
        self.day = plus(self.day, after_days);
        if self.day > self.office.calendar.last() {
            return Ok(false);
        }
        let at = ms(self.day, 16, 0) + i64::from(self.seen) * 60_000;
        let key = act.key().to_owned();
        let id = EventId(sixteen_bytes(&format!("event {} {}", self.case, self.seen)));
        let (case, kind, seen) = (self.case, Kind::Suggestion, self.seen);
        let request = Request { id, case, kind, seen, made_ms: at, proxy, act };
        match self.office.clerk.act(self.office.hub, &request, at).await? {
            Acted::Accepted { seq } => self.seen = seq,
            // Without the table of the year nothing is assigned, in the demo set either.
            Acted::Returned(why) if why.reason == ReturnReason::NoHolidayTable => return Ok(false),
            Acted::Returned(why) => bail!("{key} of the demo set came back: {why:?}"),
        }
        Ok(true)
    }
}

impl Office<'_> {
    /// Who handles a suggestion of this category.
    fn unit(&self, suggested: &Suggested) -> UnitRef {
        let category = suggested.category.as_str();
        if let Some(town) = self.town {
            let office = concern(category).offices.first().copied().unwrap_or("党政办公室");
            return UnitRef { code: UnitCode(format!("{town}-{category}")), name: office.to_owned() };
        }
        let routes = case::Book::sample().routes;
        let bureau = routes.bureaus.get(category).or_else(|| routes.bureaus.values().next()).cloned();
        bureau.unwrap_or_else(|| UnitRef { code: UnitCode("520303U00".into()), name: "区政府办公室".into() })
    }
}

fn good(chance: &mut Chance) -> Opinion {
    *chance.weighted(&[(Opinion::Satisfied, 80), (Opinion::Mostly, 20)])
}

/// The day as official events have it.
fn days(day: Date) -> anyhow::Result<case::Date> {
    let (month, of_month) = (u32::from(day.month().unsigned_abs()), u32::from(day.day().unsigned_abs()));
    case::Date::new(day.year().into(), month, of_month).context("a day of the calendar")
}
