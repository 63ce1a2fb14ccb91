//! Reception days (E7, form F1's head).

use jiff::civil::Date;
use lianxin_shared::{id::RecordId, record::Edit};

use super::{
    calendar::{ms, spoken},
    phone::add_all,
    team::{By, Team},
    vocabulary::Scene,
};

/// Deputies on duty on one day.
const ON_DUTY: usize = 2;

const SPOT_ANSWERS: &[&str] = &["当场答复{n}件", "能答复的当场作了解释", "对政策类问题翻开文件逐条讲明"];
const REMARKS: &[&str] = &[
    "来访群众以中老年人居多，反映较集中的是出行和饮水。",
    "逢赶场天，来的人比上月多。",
    "上次来过的群众专门来说明办理进度，表示满意。",
    "下雨，来访较少，代表利用空档核对了上月台账。",
    "有两位群众是替邻居带话，已约定下周上门核实。",
    "对不属于受理范围的事项讲清了去处，并留下联系电话。",
    "部分群众担心说了没有下文，代表承诺十个工作日内回话。",
];

/// Who is on duty: two of the deputies who write, by turns.
fn on_duty(team: &Team, day: Date) -> Vec<usize> {
    let count = team.deputies.len();
    let first = usize::try_from(i32::from(day.month()) + i32::from(day.day())).unwrap_or(0) % count;
    (0..ON_DUTY.min(count)).map(|n| (first + n) % count).collect()
}

/// The officer publishes the notice.
pub(super) fn announce(team: &mut Team, day: Date, today: Date) -> anyhow::Result<RecordId> {
    let duty: Vec<RecordId> = on_duty(team, day).into_iter().map(|n| team.deputies[n].mandate).collect();
    let station = &team.station;
    let notice = format!(
        "兹定于{}{}在{}开展代表接待选民活动，欢迎选民前来反映意见建议。接待范围：本辖区公共事务、民生实事、政策咨询；涉法涉诉、信访事项请到综治（信访）办。行动不便的可电话预约上门。{} {}",
        spoken(day),
        station.rule.slot(),
        station.address(),
        station.name,
        spoken(today)
    );
    let mut edits = vec![
        Edit::put("slot", station.rule.slot()),
        Edit::put("venue", station.address()),
        Edit::write("notice", &notice),
    ];
    edits.extend(add_all("deputies", duty));
    let (record, space, at) = (station.record(), team.space, ms(today, 17, 10));
    team.staff.reception_day(record, day, space, edits, at)
}

/// The day itself, with so many voices: usually the officer notes what happened, else one of the
/// deputies on duty, on a phone that may not have the notice yet: it is one day all the same.
pub(super) fn hold(team: &mut Team, day: Date, voices: usize) -> anyhow::Result<(RecordId, Vec<usize>)> {
    let duty = on_duty(team, day);
    let by = if team.chance.percent(65) { By::Staff } else { By::Deputy(duty[0]) };
    let visitors = voices as i64 + team.chance.between(0, 3);
    let scene = Scene { village: team.station.unit.name, town: team.station.unit.name, month: day.month() };
    let spot = scene.one_of(&mut team.chance, SPOT_ANSWERS);
    let remarks = scene.some_of(&mut team.chance, REMARKS, 2);
    let minutes = format!("{}接待选民{visitors}人次，登记意见{voices}条，{spot}。{remarks}", spoken(day));
    let mut edits = vec![Edit::put("visitors", visitors), Edit::write("minutes", &minutes)];
    edits.extend(add_all("deputies", duty.iter().map(|n| team.deputies[*n].mandate)));
    let at = ms(day, team.station.rule.hour() + 3, 20);
    let (station, space) = (team.station.record(), team.space);
    let record = team.phone(by).reception_day(station, day, space, edits, at)?;
    Ok((record, duty))
}
