//! Until the reply: handing in, acceptance, assignment and what goes wrong with it, the talks with the deputy.

use jiff::civil::Date;
use lianxin_shared::{
    case::{self, Act, Assign, Flag, Tier, UnitRef, Way as Contacted},
    id::RecordId,
};

use super::{Course, File, Hand, SUPERVISED_PERCENT};
use crate::demo::{calendar::official, chance::Chance, people::staff_name};

impl File<'_, '_, '_> {
    /// 联名确认 and 提交.
    pub(super) fn hand_in(&mut self) -> Option<()> {
        // Until it is handed in it lies at the desk that entered it; the deputies have signed on paper.
        // What was entered in the day is on the server in the evening.
        let text = self.suggested.text;
        let mut after_days = 1;
        for cosigner in &self.suggested.cosigners {
            self.way.typed(after_days, |_| Act::Confirm { text, mandate: Some(*cosigner) })?;
            after_days = 0;
        }
        let submit = self.submit();
        self.progress.submitted = Some(self.way.typed(after_days, |_| submit)?);
        Some(())
    }

    fn submit(&self) -> Act {
        Act::Submit { text: Some(self.suggested.text), declared: true, again: None }
    }

    /// 退回修改: the deputies stand by their wording.
    pub(super) fn is_revised(&mut self, chance: &mut Chance) -> Option<()> {
        let text = "请与联名代表核对涉及户数和地点，核实后重新提交。".into();
        self.by_desk(chance.between(1, 3), Act::AskRevision { text })?;
        let submit = self.submit();
        self.way.step(chance.between(2, 9), &self.lead, |_| submit)?;
        self.by_desk(chance.between(1, 3), Act::Review).map(drop)
    }

    /// 上收: on which day.
    pub(super) fn is_converted(&mut self, chance: &mut Chance, tier: Tier, to: RecordId) -> Option<Date> {
        self.hand_in()?;
        self.by_desk(chance.between(1, 2), Act::Review)?;
        let text = "涉及区级资金和部门职责，镇街难以办理，报区统筹。".into();
        self.by_desk(chance.between(1, 3), Act::Convert { tier, to, text })
    }

    /// 立案.
    pub(super) fn accept(&mut self, chance: &mut Chance) -> Option<()> {
        self.by_desk(chance.between(1, 3), Act::Accept)?;
        if chance.percent(SUPERVISED_PERCENT) {
            let text = "主任会议确定为重点督办建议。".into();
            self.by_desk(0, Act::Mark { flag: Flag::KeySupervision, on: true, text })?;
        }
        Some(())
    }

    /// 交办, 签收, and the first talk.
    pub(super) fn assign(&mut self, chance: &mut Chance, course: Course) -> Option<()> {
        let co = if course == Course::Joint { vec![self.another_unit()] } else { Vec::new() };
        let assign = to(&self.unit, co.clone());
        self.by_desk(chance.between(1, 4), Act::Assign(assign))?;
        match course {
            Course::Reassigned => {
                self.unit = self.another_unit();
                let assign = Assign {
                    text: "职责分工调整，改由你单位主办。".into(), ..to(&self.unit, co.clone())
                };
                self.by_desk(chance.between(1, 3), Act::Reassign(assign))?;
            }
            Course::HandedBack | Course::Kept => self.ask_return(chance, course == Course::HandedBack)?,
            _ => {}
        }
        let officer = staff_name(&self.suggested.id.to_string());
        self.by_unit(chance.between(1, 2), |_| Act::Sign { officer, phone: String::new() })?;
        let (first, last) = if self.is_express() { (2, 4) } else { (8, 25) };
        self.contact(chance.between(first, last))?;
        for unit in co {
            let text = "同意主办单位意见，管线迁改和交通组织由我单位配合。".into();
            self.way.step(chance.between(1, 3), &Hand::Unit(unit.code), |_| Act::CoOpinion { text })?;
        }
        Some(())
    }

    /// 申请退办, and what the desk says to it.
    fn ask_return(&mut self, chance: &mut Chance, granted: bool) -> Option<()> {
        let other = self.another_unit();
        let text = "事项不属于本单位职责范围，建议改由相关单位办理。".into();
        let propose = Some(other.clone());
        self.by_unit(chance.between(1, 2), |_| Act::ReturnAssignment { text, propose })?;
        if granted {
            self.by_desk(chance.between(1, 3), Act::DecideReturn { grant: true, text: String::new() })?;
            let assign = to(&other, Vec::new());
            self.unit = other;
            return self.by_desk(chance.between(0, 2), Act::Assign(assign)).map(drop);
        }
        let refuse = Act::DecideReturn {
            grant: false, text: "“三定”规定明确由你单位主管，请继续办理。".into()
        };
        self.by_desk(chance.between(1, 3), refuse.clone())?;
        // A colleague at the desk had it on the screen still.
        self.way.in_vain(0, &self.desk, refuse)
    }

    pub(super) fn contact(&mut self, after_days: i64) -> Option<()> {
        let contact = |on| Act::Contact {
            way: Contacted::Visit,
            on,
            place: String::new(),
            text: "到现场查看并征求代表意见。".into(),
        };
        self.by_unit(after_days, contact).map(drop)
    }

    pub(super) fn extend(&mut self, chance: &mut Chance) -> Option<()> {
        // Longer than the limit, and less than the longest that may be asked for.
        let more = if self.is_express() { 35 } else { 90 };
        let ask = |today: case::Date| Act::AskExtension {
            until: today.plus_days(more),
            text: "工程需要重新勘察，申请延长办理期限。".into(),
        };
        self.by_unit(chance.between(1, 2), ask)?;
        let until = self.by_desk(chance.between(1, 2), Act::DecideExtension { grant: true, text: String::new() })?;
        if self.suggested.in_session {
            return Some(());
        }
        // 延期 is granted once.
        let more = official(until)?.plus_days(more);
        let ask = Act::AskExtension { until: more, text: "材料价格上涨，申请再次延期。".into() };
        let unit = Hand::Unit(self.unit.code.clone());
        self.way.in_vain(2, &unit, ask)
    }

    /// 催办: twice, since the reply is overdue.
    pub(super) fn urge(&mut self, chance: &mut Chance) -> Option<()> {
        let overdue = if self.is_express() { 30 } else { 95 };
        let text = "办理期限已过，请抓紧答复代表。";
        self.by_desk(overdue, Act::Urge { level: 1, text: text.into() })?;
        self.by_desk(chance.between(8, 14), Act::Urge { level: 2, text: text.into() }).map(drop)
    }
}

fn to(lead: &UnitRef, co: Vec<UnitRef>) -> Assign {
    Assign {
        lead: lead.clone(),
        co,
        separate: Vec::new(),
        wide: false,
        text: "请按时限办理，办理中与代表联系沟通。".into(),
    }
}
