//! From the reply on: evaluation and what follows from it, publication, what was promised.

use lianxin_shared::case::{self, Act, CommitmentOutcome, Evaluation, Flag, Opinion, Promise, Reply, Way as Contacted};

use super::{Course, File, Hand};
use crate::demo::{
    calendar::{official, plus},
    chance::Chance,
};

/// Days until what was promised is due, and of promises those in a hundred that are kept.
const PROMISED_DAYS: i32 = 120;
const KEPT_PERCENT: usize = 85;
/// Of promises, those in a hundred whose day is put off (调整), and for how long.
const ADJUSTED_PERCENT: usize = 25;
const ADJUSTED_DAYS: i64 = 45;
/// So long before the day it is said.
const ADJUSTED_EARLIER_DAYS: i64 = 12;
/// Of co-signing deputies, those in a hundred who say what they think of the reply.
const VIEWS_PERCENT: usize = 25;
/// Of closed suggestions, those in a hundred that are published, excellent; of the published ones, those to which the
/// lead deputy had objected, and those that are taken back.
const PUBLISHED_PERCENT: usize = 30;
const EXCELLENT_PERCENT: usize = 5;
const OBJECTED_PERCENT: usize = 8;
const UNPUBLISHED_PERCENT: usize = 4;
/// Of a reply: when a deputy who says nothing is reminded, and how much later it counts as 未测评 (more than 15 working
/// days after the reply, with the longest holidays between).
const REMINDED_DAYS: i64 = 15;
const GIVEN_UP_DAYS: i64 = 20;

const UNCLEAR: &str = "答复没有说清什么时候动工。";

impl File<'_, '_, '_> {
    /// 答复. An express is answered within working days, the others within months ([`case::Book::sample`]).
    pub(super) fn answer(&mut self, chance: &mut Chance, round: u32, class: &str, course: Course) -> Option<()> {
        let (first, last) = match (course, self.is_express()) {
            (Course::Late, true) => (36, 42),
            (Course::Late, false) => (96, 110),
            (_, true) => (3, 8),
            (_, false) => (15, 50),
        };
        let text = match class {
            "A" => "已安排专人到现场核实，问题已经解决，并落实了后续管护责任。",
            "B" => "已列入年度计划，正在按进度推进，完成后及时向代表和群众反馈。",
            "C" => "受资金和建设条件限制，目前暂不能实施，待条件具备后优先安排。",
            _ => "所提意见很有价值，已转业务科室在今后工作中参考。",
        };
        let (unit, number) = (self.unit.name.clone(), u32::from(self.suggested.id.0[15]) + round);
        let promised = course == Course::Promised;
        let reply = |today: case::Date| {
            let due = today.plus_days(PROMISED_DAYS);
            let promise = promised.then(|| Promise { text: "按计划完成并通过验收".into(), due });
            Act::Reply(Reply {
                letter: format!("{unit}函〔{}〕{number}号", today.year()),
                class: class.into(),
                text: text.into(),
                signer: "分管负责人".into(),
                commitments: promise.into_iter().collect(),
                may_publish: true,
            })
        };
        let replied = self.by_unit(chance.between(first, last), reply)?;
        self.progress.results.push(replied);
        Some(())
    }

    /// 测评, as the course has it, and 办结.
    pub(super) fn is_judged(&mut self, chance: &mut Chance, course: Course) -> Option<()> {
        match course {
            Course::Settled if !self.suggested.in_session => {
                let text = "村里已经自己修好，不再需要答复。".into();
                self.way.in_vain(1, &self.lead, Act::Withdraw { text })?;
            }
            Course::Late => {
                let (event, text) = (self.way.seq(), "邮戳日期在办理期限内，凭纸质答复件补录。".into());
                self.by_desk(chance.between(1, 4), Act::AcceptLate { event, text })?;
            }
            _ => {}
        }
        self.cosigners_say(chance)?;
        match course {
            Course::Unevaluated => self.is_not_evaluated()?,
            Course::Again | Course::Coordinated => self.is_handled_again(chance, course)?,
            _ => self.evaluate(chance.between(3, 9), 1, good(chance))?,
        }
        if course == Course::Disputed {
            self.is_disputed(chance)?;
        }
        // A coordination ends with its conclusion.
        if course != Course::Coordinated {
            self.by_desk(chance.between(1, 4), Act::Close { text: String::new() })?;
        }
        if chance.percent(EXCELLENT_PERCENT) {
            let text = "调研深入、办理见效，评为优秀代表建议。".into();
            self.by_desk(0, Act::Mark { flag: Flag::Excellent, on: true, text })?;
        }
        Some(())
    }

    fn cosigners_say(&mut self, chance: &mut Chance) -> Option<()> {
        for cosigner in &self.suggested.cosigners {
            if chance.percent(VIEWS_PERCENT) {
                let text = "赞同领衔代表意见。";
                let view = evaluation(1, good(chance), text);
                let view = |_| Act::CosignerView { view, mandate: Some(*cosigner) };
                self.way.step(chance.between(1, 3), &Hand::Deputy(*cosigner), view)?;
            }
        }
        Some(())
    }

    fn evaluate(&mut self, after_days: i64, round: u32, result: Opinion) -> Option<()> {
        let text = if result == Opinion::Dissatisfied { UNCLEAR } else { "" };
        let evaluation = evaluation(round, result, text);
        self.way.step(after_days, &self.lead, |_| Act::Evaluate(evaluation)).map(drop)
    }

    /// 未测评, after a reminder.
    fn is_not_evaluated(&mut self) -> Option<()> {
        let text = "答复已送达，请领衔代表及时测评。".into();
        self.by_desk(REMINDED_DAYS, Act::Urge { level: 1, text })?;
        self.by_desk(GIVEN_UP_DAYS, Act::NotEvaluated).map(drop)
    }

    /// 重新办理, and where the second reply is no better, 协调督办.
    fn is_handled_again(&mut self, chance: &mut Chance, course: Course) -> Option<()> {
        self.evaluate(chance.between(3, 9), 1, Opinion::Dissatisfied)?;
        let text = "代表对办理结果不满意，请重新研究后再次答复。".into();
        self.by_desk(chance.between(1, 3), Act::Rehandle { text })?;
        self.contact(chance.between(2, 6))?;
        self.answer(chance, 2, "A", course)?;
        if course == Course::Again {
            return self.evaluate(chance.between(3, 9), 2, good(chance));
        }
        self.evaluate(chance.between(3, 9), 2, Opinion::Dissatisfied)?;
        let text = "两次答复代表均不满意，由分管领导牵头协调督办。".into();
        self.by_desk(chance.between(1, 3), Act::Coordinate { text })?;
        let conclude = Act::Conclude {
            deputy: "要求明确开工时间和管护责任。".into(),
            unit: "资金已落实，下月进场施工，完工后移交村里管护。".into(),
            text: "双方当面达成一致：按约定时间开工，联络站每月跟踪一次。".into(),
        };
        self.by_desk(chance.between(7, 15), conclude).map(drop)
    }

    /// 争议: the desk typed in a second evaluation from paper; the first stands.
    fn is_disputed(&mut self, chance: &mut Chance) -> Option<()> {
        let keep = self.way.seq();
        let second = evaluation(1, Opinion::Dissatisfied, UNCLEAR);
        self.way.typed(chance.between(1, 3), |_| Act::Evaluate(second))?;
        let text = "经与领衔代表本人核实，以先收到的测评为准。".into();
        self.by_desk(chance.between(1, 3), Act::SettleEvaluation { keep, text }).map(drop)
    }

    /// 公开, sometimes though the lead deputy had objected; and rarely taken back.
    pub(super) fn is_published(&mut self, chance: &mut Chance) -> Option<()> {
        if !chance.percent(PUBLISHED_PERCENT) {
            return Some(());
        }
        let objected = chance.percent(OBJECTED_PERCENT);
        if objected {
            let text = "涉及的农户担心影响邻里关系，建议暂不公开。".into();
            self.way.step(chance.between(1, 3), &self.lead, |_| Act::Object { text })?;
        }
        self.by_desk(chance.between(2, 6), Act::Publish { objection_considered: objected })?;
        if chance.percent(UNPUBLISHED_PERCENT) {
            let text = "项目名称有误，更正后再行公开。".into();
            self.by_desk(chance.between(2, 9), Act::Unpublish { text })?;
        }
        Some(())
    }

    /// 承诺事项: whether it was kept, perhaps by a later day.
    pub(super) fn settle(&mut self, chance: &mut Chance) -> Option<()> {
        let mut due = plus(*self.progress.results.first()?, PROMISED_DAYS.into());
        if chance.percent(ADJUSTED_PERCENT) {
            let later = plus(due, ADJUSTED_DAYS);
            self.way.not_before(plus(due, -ADJUSTED_EARLIER_DAYS));
            self.commitment(0, CommitmentOutcome::Adjusted, official(later), "连续降雨影响施工，完成时间顺延。")?;
            due = later;
        }
        self.way.not_before(due);
        let (outcome, text) = match chance.percent(KEPT_PERCENT) {
            true => (CommitmentOutcome::Kept, "已完工并通过验收。"),
            false => (CommitmentOutcome::Broken, "配套资金没有到位，到期未能完成。"),
        };
        self.commitment(chance.between(1, 12), outcome, None, text)
    }

    fn commitment(
        &mut self,
        after_days: i64,
        outcome: CommitmentOutcome,
        due: Option<case::Date>,
        text: &str,
    ) -> Option<()> {
        let commitment = |_| Act::Commitment { commitment: 1, outcome, due, text: text.into() };
        self.by_unit(after_days, commitment).map(drop)
    }
}

fn evaluation(round: u32, result: Opinion, text: &str) -> Evaluation {
    let attitude = if result == Opinion::Dissatisfied { Opinion::Mostly } else { Opinion::Satisfied };
    Evaluation { round, attitude, result, way: Contacted::Visit, text: text.into() }
}

fn good(chance: &mut Chance) -> Opinion {
    *chance.weighted(&[(Opinion::Satisfied, 80), (Opinion::Mostly, 20)])
}
