//! Scenes of DOMAIN §8 that need several hands at once: what merges, and what asks to be decided.

use jiff::civil::Date;
use lianxin_shared::{id::RecordId, record::Edit, schema::Kind};

use super::{
    calendar::{date_time, ms, plus, spoken},
    phone::{Receives, add_all, increment},
    team::{By, Team},
    vocabulary::Scene,
    voices::{self, Heard},
};
use crate::hub::Hub;

/// Activities and voices that the scenes of one station make.
pub(super) const ACTIVITIES: usize = 1;
pub(super) const VOICES: usize = 1;
/// How long the scenes take.
pub(super) const DAYS: i64 = 5;
/// R9 (吸纳50名残疾人、生活困难群众就业): one project, its latest figure counts.
pub(super) const JOBS: [i64; 3] = [32, 41, 50];
pub(super) const JOBS_STATION: &str = "群兴村联络室";

/// Attendees ticked by both scribes of 竹元村 (DOMAIN §8, story 2).
const ATTENDEES: usize = 41;

/// All scenes of a station, from a day on. The officer and one deputy write into the same records
/// without having seen what the other wrote.
pub(super) async fn tell(hub: &Hub, team: &mut Team, day: Date, neighbours: &[RecordId]) -> anyhow::Result<()> {
    let minutes = plan_meeting(team, day, neighbours)?;
    let voice = take_down_for_another(team, day)?;
    team.staff.sync(hub, day).await?;
    let deputy = &mut team.deputies[0].phone;
    deputy.receives = Receives::Everything;
    deputy.sync(hub, day).await?;
    deputy.receives = Receives::Nothing;

    let meeting = plus(day, 1);
    write_minutes(team, minutes, meeting, neighbours)?;
    sort(team, &voice, meeting)?;
    team.sync(hub, meeting).await?;

    let reception = plus(day, DAYS - 2);
    hold_reception_twice(team, reception)?;
    team.sync(hub, reception).await
}

/// The meeting that both come to: planned by the officer, with the agenda.
fn plan_meeting(team: &mut Team, day: Date, neighbours: &[RecordId]) -> anyhow::Result<RecordId> {
    let village = team.station.village.unwrap_or(0);
    let unit = team.station.unit;
    let name = unit.villages[village];
    let edits = vec![
        Edit::put("station", team.station.record()),
        Edit::put("kind", "courtyard"),
        Edit::put("title", format!("{name}院坝会暨人居环境整治宣讲")),
        Edit::put("start", date_time(plus(day, 1), 19, 0)),
        Edit::put("village", unit.village(village).record()),
        Edit::put("place", format!("{name}三组院坝")),
        Edit::put("organizer", "station"),
        Edit::add("attendees", team.deputies[0].mandate),
        Edit::add("role", "publicist"),
        Edit::add("focus", "ecology"),
        Edit::add("themes", "rural_revitalization"),
        Edit::write("body", "议程：一、宣讲人居环境整治；二、听取群众意见；三、商议每月清洁日。\n"),
    ];
    let first: Vec<Edit> = add_all("attendees", neighbours.iter().take(2));
    let space = team.space;
    team.staff.create(Kind::Activity, space, [edits, first].concat(), ms(day, 16, 30))
}

/// Two scribes, no signal: crowd 32 and 35 (a conflict), leaflets 38 + 22 (added up), both paragraphs.
fn write_minutes(team: &mut Team, minutes: RecordId, day: Date, attending: &[RecordId]) -> anyhow::Result<()> {
    const AGENDA: &str = "议程：一、宣讲人居环境整治；二、听取群众意见；三、商议每月清洁日。\n";
    let scene = Scene { village: team.station.unit.villages[0], town: team.station.unit.name, month: day.month() };
    let attending = &attending[..attending.len().min(ATTENDEES)];
    let half = attending.len() * 2 / 3;
    let officer =
        scene.fill(&mut team.chance, "群众会上，{h}户签了门前三包。大家说渣渣车一周来一次不够，要求赶场天加一趟。\n");
    let mut edits =
        vec![Edit::put("crowd", 32_i64), increment("leaflets", 38), Edit::write("body", &format!("{AGENDA}{officer}"))];
    edits.extend(add_all("attendees", &attending[..half]));
    team.staff.edit(minutes, edits, ms(day, 20, 45))?;

    let deputy =
        scene.fill(&mut team.chance, "几位老人提出三组沟渠堵塞，雨天倒灌，当场议定周六投工疏通，{n}人报名。\n");
    let mut edits = vec![
        Edit::put("crowd", 35_i64),
        increment("leaflets", 22),
        Edit::add("focus", "civility"),
        Edit::write("body", &format!("{AGENDA}{deputy}")),
    ];
    edits.extend(add_all("attendees", &attending[attending.len() - half..]));
    team.deputies[0].phone.edit(minutes, edits, ms(day, 21, 5))
}

/// 代录: the officer takes down what a villager says, for a deputy who is not there.
fn take_down_for_another(team: &mut Team, day: Date) -> anyhow::Result<Heard> {
    voices::record(team, By::Staff, day, voices::Source::Other("phone"), &[])
}

/// The officer and the deputy sort the same voice differently.
fn sort(team: &mut Team, voice: &Heard, day: Date) -> anyhow::Result<()> {
    // Neither leaves it as it was: that would be no edit.
    let others: Vec<&str> = ["village", "roads", "water"].into_iter().filter(|it| *it != voice.category).collect();
    let office = vec![Edit::put("category", others[0])];
    team.staff.edit(voice.record, office, ms(day, 21, 30))?;
    let deputy = vec![Edit::put("category", others[1])];
    team.deputies[0].phone.edit(voice.record, deputy, ms(day, 21, 40))
}

/// An extra reception day that both open offline: one day, because station and date make its id.
fn hold_reception_twice(team: &mut Team, day: Date) -> anyhow::Result<()> {
    let (station, space) = (team.station.record(), team.space);
    let on_duty = Edit::add("deputies", team.deputies[0].mandate);
    let note = |visitors: i64, text: &str| {
        let minutes = format!("{}应群众预约加开接待。{text}\n", spoken(day));
        vec![Edit::put("visitors", visitors), Edit::write("minutes", &minutes), on_duty.clone()]
    };
    let officer = note(6, "来访6人，登记后均发了回执号。");
    let deputy = note(7, "连陪同的一共7人，有一位是替邻居来问危房鉴定的。");
    team.staff.reception_day(station, day, space, officer, ms(day, 12, 10))?;
    team.deputies[0].phone.reception_day(station, day, space, deputy, ms(day, 12, 25)).map(drop)
}

/// R9: the deputy's own project, reported three times.
pub(super) fn report_jobs(team: &mut Team, n: usize, day: Date) -> anyhow::Result<()> {
    let Some(jobs) = JOBS.get(n) else { return Ok(()) };
    let village = team.station.village.unwrap_or(0);
    let unit = team.station.unit;
    let edits = vec![
        Edit::put("station", team.station.record()),
        Edit::put("kind", "industry"),
        Edit::put("title", "领办辣椒合作社带动就业"),
        Edit::put("start", date_time(day, 9, 0)),
        Edit::put("village", unit.village(village).record()),
        Edit::put("organizer", "person"),
        Edit::add("attendees", team.deputies[0].mandate),
        Edit::put("jobs", *jobs),
        Edit::add("role", "pathfinder"),
        Edit::add("focus", "industry"),
        Edit::add("themes", "rural_revitalization"),
        Edit::write(
            "body",
            &format!("合作社加工车间目前吸纳残疾人和生活困难群众{jobs}名务工，按件计酬、月底结清，中午管一顿饭。"),
        ),
    ];
    let (space, at) = (team.space, ms(day, 20, 15));
    let phone = &mut team.deputies[0].phone;
    let activity = phone.create(Kind::Activity, space, edits, at)?;
    phone.hand_in(Kind::Activity, activity, at)
}
