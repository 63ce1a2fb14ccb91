//! A station's year: reception days, activities, voices and what became of them, day by day.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use lianxin_shared::{id::RecordId, record::Edit, schema::Kind};

use super::{
    activities::{self, Occasion},
    calendar::{NOTICE_DAYS, plus},
    chance::Chance,
    phone::{APP_VERSION, append},
    reception, stories,
    team::{By, Team},
    vocabulary::Visit,
    voices::{self, Heard, Source},
    volumes::RECEPTION_DAYS_PER_STATION,
};
use crate::hub::Hub;

/// How much happens at a station in the year.
#[derive(Debug, Clone)]
pub(super) struct Share {
    pub(super) activities: usize,
    pub(super) voices: usize,
    /// Days of the year's pairing activities that the station records, with the pair and the guests' mandates.
    pub(super) pairing: Vec<(Date, RecordId, Vec<RecordId>)>,
    /// Whether the scenes of [`stories`] take place here, and who may come.
    pub(super) stories: Option<Vec<RecordId>>,
    /// Whether R9's project is here.
    pub(super) jobs: bool,
}

/// Of a station's voices, in a hundred: heard on reception days, heard during activities. The rest
/// comes by telephone, box and code.
const RECEPTION_PERCENT: usize = 60;
const ACTIVITY_PERCENT: usize = 30;
/// Records of which something is said later, in a hundred.
const FOLLOWED_UP_PERCENT: usize = 34;
const OUTCOME_LATER_PERCENT: usize = 12;
/// Of a hundred deputies who write, those who report to their voters in the year.
const REPORTING_PERCENT: usize = 45;
/// Of a hundred stations, those with a deputy who says what is wrong with the app.
const FEEDBACK_PERCENT: usize = 25;

/// Something to do on a day.
enum Deed {
    Notice { day: Date },
    Reception { voices: usize },
    Activity { voices: usize },
    Pairing { pairing: RecordId, guests: Vec<RecordId> },
    Voice,
    FollowUp { by: By, heard: Box<Heard>, last: bool },
    Outcome { by: By, activity: RecordId, occasion: Box<Occasion> },
    Jobs { n: usize },
    DutyReport { deputy: usize },
    AppFeedback { deputy: usize },
    Stories,
}

/// Deeds by day, in the order in which they were planned.
#[derive(Default)]
struct Agenda(BTreeMap<(Date, usize), Deed>, usize);

impl Agenda {
    fn plan(&mut self, day: Date, deed: Deed) {
        self.1 += 1;
        self.0.insert((day, self.1), deed);
    }
}

/// Lives through the year; what was heard, in the order of days.
pub(super) async fn live(hub: &Hub, team: &mut Team, share: &Share) -> anyhow::Result<Vec<Heard>> {
    let mut agenda = plan(team, share);
    let mut heard = Vec::new();
    while let Some(((day, _), deed)) = agenda.0.pop_first() {
        // There is signal where pairs meet and projects are, so that their figures are on time.
        let has_signal = matches!(deed, Deed::Pairing { .. } | Deed::Jobs { .. });
        match (deed, &share.stories) {
            (Deed::Stories, Some(neighbours)) => stories::tell(hub, team, day, neighbours).await?,
            (deed, _) => carry_out(team, day, deed, &mut agenda, &mut heard)?,
        }
        if has_signal {
            team.sync(hub, day).await?;
        }
        team.sync_if_due(hub, day).await?;
    }
    announce_next_day(team)?;
    let last = team.calendar.last();
    team.sync(hub, last).await?;
    let arrived: HashMap<RecordId, Date> =
        team.phones().flat_map(|phone| &phone.arrived).map(|arrived| (arrived.record, arrived.day)).collect();
    heard.iter_mut().for_each(|heard| heard.arrived = arrived.get(&heard.record).copied());
    Ok(heard)
}

fn plan(team: &mut Team, share: &Share) -> Agenda {
    let mut agenda = Agenda::default();
    let calendar = team.calendar;
    let days = team.station.rule.days(calendar, RECEPTION_DAYS_PER_STATION);
    let at_receptions = share.voices * RECEPTION_PERCENT / 100;
    let at_activities = share.voices * ACTIVITY_PERCENT / 100;
    let weights: Vec<usize> = days.iter().map(|_| 1 + team.chance.below(5)).collect();
    for (day, voices) in days.iter().zip(team.chance.shares(at_receptions, &weights)) {
        agenda.plan(plus(*day, -NOTICE_DAYS).max(calendar.first()), Deed::Notice { day: *day });
        agenda.plan(*day, Deed::Reception { voices });
    }
    let weights: Vec<usize> = (0..share.activities).map(|_| team.chance.below(4)).collect();
    for (n, voices) in team.chance.shares(at_activities, &weights).into_iter().enumerate() {
        let shift = team.chance.below(365) as i64;
        agenda.plan(calendar.spread(n, share.activities, shift), Deed::Activity { voices });
    }
    for (day, pairing, guests) in &share.pairing {
        agenda.plan(*day, Deed::Pairing { pairing: *pairing, guests: guests.clone() });
    }
    if share.jobs {
        for n in 0..stories::JOBS.len() {
            agenda.plan(calendar.spread(n, stories::JOBS.len(), 40), Deed::Jobs { n });
        }
    }
    for deputy in 0..team.deputies.len() {
        if team.chance.percent(REPORTING_PERCENT) {
            let day = plus(calendar.first(), team.chance.between(20, 330));
            agenda.plan(day, Deed::DutyReport { deputy });
        }
    }
    // A stream of its own, so that nothing else of the year shifts.
    let mut chance = Chance::of(&format!("feedback {}", team.station.code));
    if chance.percent(FEEDBACK_PERCENT) {
        let day = plus(calendar.first(), chance.between(30, 350));
        agenda.plan(day, Deed::AppFeedback { deputy: chance.below(team.deputies.len()) });
    }
    if share.stories.is_some() {
        agenda.plan(plus(calendar.last(), -stories::DAYS), Deed::Stories);
    }
    let others = share.voices - at_receptions - at_activities;
    for n in 0..others {
        let shift = team.chance.below(365) as i64;
        agenda.plan(calendar.spread(n, others, shift), Deed::Voice);
    }
    agenda
}

fn carry_out(
    team: &mut Team,
    day: Date,
    deed: Deed,
    agenda: &mut Agenda,
    heard: &mut Vec<Heard>,
) -> anyhow::Result<()> {
    match deed {
        Deed::Notice { day: reception } => reception::announce(team, reception, day).map(drop),
        Deed::Reception { voices } => {
            let (record, duty) = reception::hold(team, day, voices)?;
            for n in 0..voices {
                let by = if team.chance.percent(25) { By::Staff } else { By::Deputy(duty[n % duty.len()]) };
                listen(team, by, day, Source::Reception(record), agenda, heard)?;
            }
            Ok(())
        }
        Deed::Activity { voices } => {
            let (by, activity, occasion) = activities::record(team, day, voices > 0)?;
            let channel = if occasion.doing.visit == Visit::Homes { "visit" } else { "courtyard" };
            for _ in 0..voices {
                listen(team, by, day, Source::Activity(activity, channel), agenda, heard)?;
            }
            if team.chance.percent(OUTCOME_LATER_PERCENT) {
                let later = team.calendar.no_later(plus(day, team.chance.between(5, 30)));
                agenda.plan(later, Deed::Outcome { by, activity, occasion: Box::new(occasion) });
            }
            Ok(())
        }
        Deed::Pairing { pairing, guests } => activities::record_pairing(team, day, pairing, &guests),
        Deed::Voice => {
            let by = team.someone();
            let channel = *team.chance.weighted(&[("phone", 5), ("visit", 4), ("box", 2), ("code", 2), ("other", 1)]);
            listen(team, by, day, Source::Other(channel), agenda, heard)
        }
        Deed::FollowUp { by, heard: voice, last } => {
            let text = voices::follow_up(&mut team.chance, &voice, day, last);
            let at = voices::evening(&mut team.chance, day);
            team.phone(by).edit(voice.record, vec![append("follow_ups", text)], at)
        }
        Deed::Outcome { by, activity, occasion } => activities::add_outcome(team, by, activity, &occasion, day),
        Deed::Jobs { n } => stories::report_jobs(team, n, day),
        Deed::DutyReport { deputy } => report(team, deputy, day),
        Deed::AppFeedback { deputy } => complain(team, deputy, day),
        Deed::Stories => Ok(()),
    }
}

fn listen(
    team: &mut Team,
    by: By,
    day: Date,
    source: Source,
    agenda: &mut Agenda,
    all: &mut Vec<Heard>,
) -> anyhow::Result<()> {
    let heard = voices::record(team, by, day, source, all)?;
    let last = team.calendar.last();
    let mut after = day;
    if heard.tier != "petition" && team.chance.percent(FOLLOWED_UP_PERCENT) {
        let times = if team.chance.percent(30) { 2 } else { 1 };
        for n in 1..=times {
            after = plus(after, team.chance.between(2, 26));
            if after < last {
                let heard = Box::new(heard.clone());
                agenda.plan(after, Deed::FollowUp { by, heard, last: n == times });
            }
        }
    }
    all.push(heard);
    Ok(())
}

/// 述职 (E16).
fn report(team: &mut Team, deputy: usize, day: Date) -> anyhow::Result<()> {
    let unit = team.station.unit;
    let village = unit.villages[voices::village(team)];
    let listeners = team.chance.between(24, 90);
    let dissatisfied = team.chance.between(0, 2);
    let basically = team.chance.between(2, 9);
    let visits = team.chance.between(12, 60);
    let text = format!(
        "一年来走访选民{visits}户次，参加接待日{}次，围绕{village}的道路、饮水和产业提出意见建议{}件，逐件反馈。存在不足：政策学习不够系统，对老人家庭走访偏少。下一步按季度走访，继续跟踪未办结的意见。",
        team.chance.between(3, 11),
        team.chance.between(1, 6),
    );
    let edits = vec![
        Edit::put("station", team.station.record()),
        Edit::put("date", day.to_string()),
        Edit::put("venue", format!("{village}文化广场")),
        Edit::put("listeners", listeners),
        Edit::write("text", &text),
        Edit::put("satisfied", listeners - basically - dissatisfied),
        Edit::put("basically", basically),
        Edit::put("dissatisfied", dissatisfied),
        Edit::put("abstained", 0_i64),
        append("questions", "通组路什么时候能硬化到家门口？"),
    ];
    let (space, at) = (team.space, voices::evening(&mut team.chance, day));
    let phone = &mut team.deputies[deputy].phone;
    let report = phone.create(Kind::DutyReport, space, edits, at)?;
    phone.hand_in(Kind::DutyReport, report, at)
}

/// 反馈投诉 (E21).
fn complain(team: &mut Team, deputy: usize, day: Date) -> anyhow::Result<()> {
    let mut chance = Chance::of(&format!("feedback of {}", team.station.code));
    let (kind, text) = *chance.pick(FEEDBACKS);
    let edits = vec![
        Edit::put("kind", kind),
        Edit::put("date", day.to_string()),
        Edit::write("text", text),
        Edit::put("app_version", APP_VERSION),
    ];
    let (space, at) = (team.space, voices::evening(&mut chance, day));
    team.deputies[deputy].phone.create(Kind::AppFeedback, space, edits, at).map(drop)
}

const FEEDBACKS: &[(&str, &str)] = &[
    ("fault", "在山上没有信号时录音能存，但回到村里要等一会儿才显示已上传，希望有提示。"),
    ("fault", "手机字体调到最大以后，回执号换行显示，念给群众听容易念错。"),
    ("idea", "走访时一只手拿伞，希望入户数的加号按钮再大一点。"),
    ("idea", "希望院坝会记录能先选常用的会议议程，再补充内容。"),
    ("complaint", "同一件事站里和我都登记了一次，合并的时候不知道该找谁。"),
];

/// The reception day that is to come, so that the notice on the phone is of use.
fn announce_next_day(team: &mut Team) -> anyhow::Result<()> {
    match team.station.rule.next(team.calendar) {
        Some(next) => reception::announce(team, next, team.calendar.last()).map(drop),
        None => Ok(()),
    }
}
