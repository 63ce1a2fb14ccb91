//! Points of a dossier (评分, E17b), where the district has switched scoring on: by entering a period, and rules with the
//! document that they rest on. Off otherwise. A sheet shows the points of its own deputy; no page compares two.

use lianxin_shared::{
    case::{
        Date,
        score::{Done, Points, Rule, points},
    },
    id::SpaceId,
    record::Contents,
    rights::SpaceKind,
    schema::Kind,
};

use super::{desk::Desk, overview::year_of, problem::Problem, words::Words};
use crate::{hub::contents_of, store::LedgerQuery};

/// Rules and periods that are looked through.
const RULES_MAX: u32 = 200;
const PERIODS_MAX: u32 = 50;

/// What a dossier says of its points.
pub(super) struct Scores {
    pub(super) period: String,
    pub(super) lines: Vec<Line>,
    pub(super) total: String,
    /// A rule among them is a sample.
    pub(super) sample: bool,
}

pub(super) struct Line {
    pub(super) title: String,
    pub(super) count: String,
    pub(super) points: String,
}

/// The points for what was verified in the year's period; `None` while scoring is off. Who is told of them, the dossier
/// says (DOMAIN §6.6: the deputy's own, town and district).
pub(super) async fn of(
    desk: &Desk,
    year: i64,
    district: &str,
    done: &[(&'static str, String)],
) -> Result<Option<Scores>, Problem> {
    let spaces = desk.store().lasting_spaces().await?;
    let offices = spaces.iter().filter(|space| space.kind == SpaceKind::DistrictOffice && space.unit.0 == district);
    let offices: Vec<SpaceId> = offices.map(|space| space.id).collect();
    let (from, to) = year_of(year);
    let periods = read(desk, Kind::ScoreBatch, &offices, PERIODS_MAX).await?;
    let ends_in = |period: &&Contents| (from.as_str()..=to.as_str()).contains(&period.text("end"));
    let Some(period) = periods.iter().find(ends_in) else { return Ok(None) };
    let dates = (period.text("start").parse::<Date>(), period.text("end").parse::<Date>());
    let (Ok(start), Ok(end)) = dates else { return Ok(None) };
    let rules = read(desk, Kind::ScoreRule, &offices, RULES_MAX).await?;
    let rules: Vec<Rule> = rules.iter().filter_map(Rule::of).collect();
    let done: Vec<Done<'_>> =
        done.iter().filter_map(|(section, date)| Some(Done { section, on: date.get(..10)?.parse().ok()? })).collect();
    let points = points(&rules, &done, (start, end));
    let counted: Vec<&Points<'_>> = points.iter().filter(|points| points.count > 0).collect();
    Ok(Some(Scores {
        period: period.text("title").to_owned(),
        lines: counted.iter().map(|points| line(desk.words, points)).collect(),
        total: hundredths(counted.iter().map(|points| points.points).sum()),
        sample: counted.iter().any(|points| points.rule.sample),
    }))
}

/// What the records of a kind say. The rules are everybody's to know who is scored by them, wherever they lie.
async fn read(desk: &Desk, kind: Kind, spaces: &[SpaceId], limit: u32) -> Result<Vec<Contents>, Problem> {
    let rows = desk.store().ledger(&LedgerQuery::of(kind, spaces.to_vec()), None, limit).await?;
    let mut read = Vec::new();
    for row in rows {
        let Some(stored) = desk.store().record(row.id).await? else { continue };
        read.extend(contents_of(&stored, row.id));
    }
    Ok(read)
}

fn line(words: Words, points: &Points<'_>) -> Line {
    let count = points.count.to_string();
    Line {
        title: points.rule.title.clone(),
        count: words.fill("score.count", &[("n", &count), ("value", &hundredths(points.rule.value))]),
        points: hundredths(points.points),
    }
}

/// 150 hundredths are 1.5 points.
fn hundredths(points: i64) -> String {
    let sign = if points < 0 { "-" } else { "" };
    let points = points.unsigned_abs();
    match points % 100 {
        0 => format!("{sign}{}", points / 100),
        rest if rest % 10 == 0 => format!("{sign}{}.{}", points / 100, rest / 10),
        rest => format!("{sign}{}.{rest:02}", points / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_written_as_people_write_them() {
        let written = [0, 150, 205, 1200, -50].map(hundredths);
        assert_eq!(written, ["0", "1.5", "2.05", "12", "-0.5"]);
    }
}
