//! What becomes of what villagers said (DOMAIN §6.4 a): sorted by the station, routed by station or town, answered,
//! told back, struck off.

use std::collections::HashMap;

use jiff::civil::Date;
use lianxin_shared::{
    case::{Act, Decline, Exit, ExitKind, Opinion, Petition, UnitRef, Way as Told},
    id::{RecordId, UnitCode},
    schema::Kind,
};

use super::{
    chance::Chance,
    docket::{Docket, Hand, Way},
    handling::Progress,
    places::{UNITS, Unit, Village},
    voices::Heard,
};

/// The suggestions that were made of voices, by voice.
pub(super) type Suggestions = HashMap<RecordId, Vec<(RecordId, Progress)>>;

/// Of voices about the same thing in the same village, those in a hundred that are merged (并入).
const MERGED_PERCENT: usize = 25;
/// Villagers who are not reached, in a hundred.
const MISSED_PERCENT: usize = 4;

/// Plans the ways of what was heard at a station of a unit, both by their places.
pub(super) fn plan(
    docket: &mut Docket<'_>,
    heard: &[Heard],
    (station, unit): (usize, usize),
    suggestions: &Suggestions,
) {
    let mut open = Vec::new();
    for voice in heard {
        let Some(arrived) = voice.arrived else { continue };
        let way = docket.way(Kind::Voice, voice.record, arrived, Hand::Town(unit));
        let mut file = File { station: Hand::Station(station), town: Hand::Town(unit), unit: &UNITS[unit], way };
        let made = suggestions.get(&voice.record).map(Vec::as_slice).unwrap_or_default();
        file.runs(voice, made, &mut open);
    }
}

/// A voice that the village is at work on: others about the same thing are merged into it.
struct Open {
    record: RecordId,
    about: (&'static str, usize),
    from: Date,
    until: Date,
}

struct File<'d, 'a> {
    station: Hand,
    town: Hand,
    unit: &'static Unit,
    way: Way<'d, 'a>,
}

impl File<'_, '_> {
    /// `None` when the demo year ends on the way.
    fn runs(&mut self, heard: &Heard, made: &[(RecordId, Progress)], open: &mut Vec<Open>) -> Option<()> {
        let mut chance = Chance::of(&format!("answers {}", heard.record));
        let (station, town) = (self.station.clone(), self.town.clone());
        let proposed = ExitKind::from_key(heard.tier)?;
        let sorted = self.way.step(chance.between(1, 3), &station, |_| Act::Sort { proposed, text: String::new() })?;
        match proposed {
            ExitKind::Spot => {
                let text = (*chance.pick(SPOT)).to_owned();
                self.way.step(0, &station, |_| Act::Route { exit: Exit::Spot { text } })?;
            }
            ExitKind::Petition => {
                let office =
                    UnitRef { code: UnitCode(format!("{}U05", self.unit.code)), name: "综治（信访）办".into() };
                let matter = *chance.pick(&[Petition::Request, Petition::Appeal, Petition::Litigation]);
                self.way.step(0, &station, |_| Act::Route { exit: Exit::Petition { matter, office } })?;
            }
            ExitKind::Declined => {
                let reason = *chance.pick(&[Decline::Personal, Decline::Vague, Decline::Other]);
                self.way.step(0, &station, |_| Act::Route { exit: Exit::Declined { reason } })?;
            }
            // What nobody made a suggestion of, the town gives to the village after all.
            ExitKind::Town if made.is_empty() => self.goes_to_village(&mut chance, heard, sorted, open)?,
            ExitKind::Village => self.goes_to_village(&mut chance, heard, sorted, open)?,
            ExitKind::Upper => {
                let office = (*chance.pick(&["市交通运输局", "市水务局", "贵州电网遵义供电局"])).to_owned();
                self.way.step(chance.between(1, 3), &town, |_| Act::Route { exit: Exit::Upper { office } })?;
                self.outcome(chance.between(20, 45), "已由上级部门列入计划，完成时限另行告知。")?;
            }
            ExitKind::Town | ExitKind::District => self.goes_to_suggestion(&mut chance, proposed, made)?,
            ExitKind::Merged => return None,
        }
        self.tell(&mut chance, proposed, Hand::Deputy(heard.collector))
    }

    /// 村居办理, or 并入 another voice about the same.
    fn goes_to_village(
        &mut self,
        chance: &mut Chance,
        heard: &Heard,
        sorted: Date,
        open: &mut Vec<Open>,
    ) -> Option<()> {
        let about = (heard.category, heard.village);
        let (after_days, merges) = (chance.between(1, 3), chance.percent(MERGED_PERCENT));
        let same = open.iter().find(|open| open.about == about && open.from <= sorted && sorted < open.until);
        if let Some(same) = same.filter(|_| merges) {
            let (into, until) = (same.record, same.until);
            self.way.step(0, &self.station.clone(), |_| Act::Route { exit: Exit::Merged { into } })?;
            // Its result comes with the other's.
            self.way.not_before(until);
            return Some(());
        }
        let unit = committee(&self.unit.village(heard.village));
        let from = self.way.step(after_days, &self.town.clone(), |_| Act::Route { exit: Exit::Village { unit } })?;
        let until = self.outcome(chance.between(4, 25), chance.pick::<&str>(VILLAGE))?;
        open.push(Open { record: heard.record, about, from, until });
        Some(())
    }

    /// 代表直通车, 报区: with a suggestion, whose reply is the result, or that it comes to nothing. Of several that name the voice, the first.
    fn goes_to_suggestion(
        &mut self,
        chance: &mut Chance,
        proposed: ExitKind,
        made: &[(RecordId, Progress)],
    ) -> Option<()> {
        let submitted = |(suggestion, progress): &(RecordId, Progress)| Some((*suggestion, progress.submitted?));
        let (suggestion, day) = made.iter().find_map(submitted)?;
        self.way.not_before(day);
        let exit = match proposed {
            ExitKind::District => Exit::District { suggestion },
            _ => Exit::Town { suggestion },
        };
        let routed = self.way.step(chance.between(1, 3), &self.town.clone(), |_| Act::Route { exit })?;
        let results = |(suggestion, progress): &(RecordId, Progress)| {
            let suggestion = *suggestion;
            progress.results.clone().into_iter().map(move |day| (day, suggestion))
        };
        let ended = made.iter().flat_map(results);
        match ended.clone().filter(|(day, _)| *day > routed).min() {
            Some((day, suggestion)) => {
                self.way.follows(suggestion);
                self.way.not_before(day);
                Some(())
            }
            // It was answered before this voice was joined to it.
            None if ended.count() > 0 => {
                self.outcome(chance.between(1, 5), "同一事项已有答复，按答复内容反馈。").map(drop)
            }
            None => None,
        }
    }

    fn outcome(&mut self, after_days: i64, text: &str) -> Option<Date> {
        self.way.step(after_days, &self.station.clone(), |_| Act::Outcome { text: text.into() })
    }

    /// 反馈 and 销号.
    fn tell(&mut self, chance: &mut Chance, exit: ExitKind, collector: Hand) -> Option<()> {
        let by = if chance.percent(40) { collector } else { self.station.clone() };
        if chance.percent(MISSED_PERCENT) {
            for _ in 0..2 {
                self.way.step(chance.between(1, 4), &self.station.clone(), |on| Act::Miss { on, way: Told::Phone })?;
            }
        } else {
            let way = *chance.weighted(&[(Told::Phone, 5), (Told::Visit, 4), (Told::Meeting, 1)]);
            let attitude = *chance.weighted(&[
                (Some(Opinion::Satisfied), 68),
                (Some(Opinion::Mostly), 22),
                (Some(Opinion::Dissatisfied), 6),
                (None, 4),
            ]);
            // Of a petition nothing is told.
            let text = if exit == ExitKind::Petition { "" } else { chance.pick::<&str>(TOLD) };
            let feedback = |on| Act::Feedback { on, way, text: text.into(), attitude };
            self.way.step(chance.between(1, 4), &by, feedback)?;
        }
        self.way.step(chance.between(1, 5), &self.station.clone(), |_| Act::Close { text: String::new() }).map(drop)
    }
}

/// 村(居)委会.
fn committee(village: &Village) -> UnitRef {
    let kind = if village.name.ends_with('村') { "委会" } else { "居委会" };
    UnitRef { code: UnitCode(village.code.clone()), name: format!("{}{kind}", village.name) }
}

const SPOT: &[&str] = &[
    "当场讲清政策和办理流程，群众表示明白。",
    "当场电话联系村干部落实，已答复。",
    "翻开文件逐条说明申报条件，群众认可。",
    "现场查询到办理进度并告知。",
];
const VILLAGE: &[&str] = &[
    "村里组织人员清理疏通，现场已恢复正常。",
    "已安排公益岗位人员处理，并纳入日常巡查。",
    "经村民小组会商议定，本周内完成。",
    "村委会上门核实后给予解决。",
    "已列入村级一事一议项目，先行临时处置。",
];
const TOLD: &[&str] = &[
    "已当面告知办理情况，本人知晓。",
    "电话告知结果，表示感谢。",
    "上门反馈，现场查看后认可。",
    "告知暂不具备条件的原因，表示理解。",
    "反馈后仍有意见，已说明后续安排。",
];
