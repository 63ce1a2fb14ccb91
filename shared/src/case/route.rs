//! 分级交办的建议 (§6.5): where a voice should go, with the reasons in one line. A proposal and
//! nothing more: station and town decide, and may decide otherwise without saying why.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::act::{ExitKind, UnitRef};
use crate::{
    schema::{CodeList, Label},
    text::Language,
};

/// The tables behind the proposal: data, because towns and districts differ.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Routes {
    /// Category → the town's office for it.
    pub town_offices: BTreeMap<String, String>,
    /// Category → the district's bureau for it.
    pub bureaus: BTreeMap<String, UnitRef>,
    /// The town's office for what is dangerous.
    pub danger_office: String,
    /// Words that hint at a petition matter (信访).
    pub petition_words: Vec<String>,
    /// Words that hint at a matter of the district, whatever its category.
    pub district_words: Vec<String>,
}

/// What is known of the matter.
#[derive(Debug, Clone, Copy)]
pub struct Matter<'a> {
    /// A code of `category`.
    pub category: &'a str,
    /// A code of `urgency`.
    pub urgency: &'a str,
    /// The town or street, by name.
    pub place: &'a str,
    /// 镇 yes, 街道 no.
    pub has_congress: bool,
    /// Where the deputy thinks it should go.
    pub guess: Option<ExitKind>,
    /// What was said.
    pub text: &'a str,
}

/// Where it should go, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    pub exit: ExitKind,
    /// The office or bureau, where the tables know one.
    pub unit: Option<String>,
    pub because: Vec<Because>,
}

/// A reason, in the order in which they weigh.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Because {
    /// A word in the text.
    Word {
        word: String,
    },
    Urgency {
        code: String,
    },
    Guess {
        exit: ExitKind,
    },
    Category,
    Place {
        name: String,
    },
    /// 街道不设人大: the express, and not counted as a statutory suggestion.
    Street,
    /// The tables say nothing of the category.
    NoTable,
}

/// The proposal for a matter.
pub fn propose(routes: &Routes, matter: Matter<'_>) -> Proposal {
    let place = || Because::Place { name: matter.place.to_owned() };
    let word = |words: &[String]| words.iter().find(|word| matter.text.contains(word.as_str())).cloned();
    let bureau = routes.bureaus.get(matter.category).map(|bureau| bureau.name.clone());
    if let Some(word) = word(&routes.petition_words) {
        return Proposal { exit: ExitKind::Petition, unit: None, because: vec![Because::Word { word }] };
    }
    if matter.urgency == "danger" && !routes.danger_office.is_empty() {
        let because = vec![Because::Urgency { code: matter.urgency.to_owned() }, place()];
        return in_town(matter, Some(routes.danger_office.clone()), because);
    }
    if let Some(exit) = matter.guess {
        let guess = Because::Guess { exit };
        return match exit {
            ExitKind::Town => in_town(
                matter,
                routes.town_offices.get(matter.category).cloned(),
                vec![guess, Because::Category, place()],
            ),
            ExitKind::District => Proposal { exit, unit: bureau, because: vec![guess, Because::Category] },
            exit => Proposal { exit, unit: None, because: vec![guess] },
        };
    }
    if let Some(word) = word(&routes.district_words) {
        let because = vec![Because::Word { word }, Because::Category];
        return Proposal { exit: ExitKind::District, unit: bureau, because };
    }
    if let Some(office) = routes.town_offices.get(matter.category) {
        return in_town(matter, Some(office.clone()), vec![Because::Category, place()]);
    }
    let because = if bureau.is_some() { vec![Because::Category] } else { vec![Because::Category, Because::NoTable] };
    Proposal { exit: ExitKind::District, unit: bureau, because }
}

fn in_town(matter: Matter<'_>, office: Option<String>, mut because: Vec<Because>) -> Proposal {
    if !matter.has_congress {
        because.push(Because::Street);
    }
    Proposal { exit: ExitKind::Town, unit: office, because }
}

impl Proposal {
    /// The reason line: 「类别=村庄整治, 地点=芝麻镇 → 建议镇街办理(直通车): 镇农业农村综合服务中心」.
    /// `category` is what the matter's category is called.
    pub fn line(&self, language: Language, category: &str) -> String {
        let zh = language == Language::Zh;
        let because: Vec<String> = self.because.iter().map(|because| because.words(zh, category)).collect();
        let exit = exit_words(self.exit, zh);
        let arrow = if zh { "建议" } else { "proposed: " };
        let unit = self.unit.as_deref().map(|unit| format!(": {unit}")).unwrap_or_default();
        format!("{} → {arrow}{exit}{unit}", because.join(", "))
    }
}

impl Because {
    fn words(&self, zh: bool, category: &str) -> String {
        let urgency = |code: &str| {
            let label = CodeList::find("urgency").and_then(|list| list.label(code));
            label
                .map_or_else(|| code.to_owned(), |Label { zh: chinese, en }| (if zh { chinese } else { en }).to_owned())
        };
        let pair = |chinese: &str, english: &str, value: &str| {
            if zh { format!("{chinese}={value}") } else { format!("{english}={value}") }
        };
        match self {
            Because::Word { word } => pair("关键词", "word", word),
            Because::Urgency { code } => pair("紧急程度", "urgency", &urgency(code)),
            Because::Guess { exit } => pair("代表判断", "deputy's view", exit_words(*exit, zh)),
            Because::Category => pair("类别", "category", category),
            Because::Place { name } => pair("地点", "place", name),
            Because::Street if zh => "街道不设人大，不计入法定建议".into(),
            Because::Street => "a street has no congress: no statutory suggestion".into(),
            Because::NoTable if zh => "对照表无此类别".into(),
            Because::NoTable => "the table lacks this category".into(),
        }
    }
}

fn exit_words(exit: ExitKind, zh: bool) -> &'static str {
    let (chinese, english) = match exit {
        ExitKind::Spot => ("当场答复", "answered on the spot"),
        ExitKind::Petition => ("信访引导", "petition office"),
        ExitKind::Declined => ("不予受理", "not accepted"),
        ExitKind::Village => ("村居办理", "village"),
        ExitKind::Town => ("镇街直通车", "town's express"),
        ExitKind::District => ("报区", "district"),
        ExitKind::Upper => ("转上级", "higher up"),
        ExitKind::Merged => ("并入", "merge"),
    };
    if zh { chinese } else { english }
}

impl Routes {
    /// Sample tables (示例), with generic names of units.
    pub fn sample() -> Routes {
        let text = |text: &str| text.to_owned();
        let town = |(category, office): (&str, &str)| (text(category), text(office));
        let district = |(category, code, name): (&str, &str, &str)| {
            (text(category), UnitRef { code: crate::id::UnitCode(text(code)), name: text(name) })
        };
        Routes {
            town_offices: [
                ("industry", "镇农业农村综合服务中心"),
                ("village", "镇农业农村综合服务中心"),
                ("water", "镇农业农村综合服务中心"),
                ("roads", "镇规划建设办"),
                ("housing", "镇规划建设办"),
                ("city", "镇规划建设办"),
                ("welfare", "镇社会事务办"),
                ("order", "镇综治办"),
            ]
            .map(town)
            .into(),
            bureaus: [
                ("industry", "520303U01", "区农业农村局"),
                ("village", "520303U01", "区农业农村局"),
                ("roads", "520303U02", "区交通运输局"),
                ("water", "520303U03", "区水务局"),
                ("education_health", "520303U04", "区教育体育局"),
                ("housing", "520303U06", "区住房和城乡建设局"),
                ("ecology", "520303U08", "市生态环境局汇川分局"),
                ("welfare", "520303U10", "区人力资源和社会保障局"),
                ("culture", "520303U11", "区文化旅游局"),
                ("city", "520303U12", "区综合行政执法局"),
                ("power", "520303U13", "区工业和信息化部门"),
            ]
            .map(district)
            .into(),
            danger_office: text("镇应急管理站"),
            petition_words: ["拖欠工资", "征地补偿纠纷", "举报", "判决", "打架"].map(text).into(),
            district_words: ["县道", "区里", "跨镇"].map(text).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MATTER: Matter<'_> = Matter {
        category: "village",
        urgency: "normal",
        place: "芝麻镇",
        has_congress: true,
        guess: None,
        text: "垃圾没人收",
    };

    fn line(matter: Matter<'_>) -> String {
        let category = CodeList::find("category").and_then(|list| list.label(matter.category));
        let category = category.map_or(matter.category, |label| label.zh);
        propose(&Routes::sample(), matter).line(Language::Zh, category)
    }

    #[test]
    fn the_line_says_what_it_rests_on() {
        assert_eq!(line(MATTER), "类别=村庄整治, 地点=芝麻镇 → 建议镇街直通车: 镇农业农村综合服务中心");
        let english = propose(&Routes::sample(), MATTER).line(Language::En, "Village improvement");
        assert_eq!(
            english,
            "category=Village improvement, place=芝麻镇 → proposed: town's express: 镇农业农村综合服务中心"
        );
    }

    #[test]
    fn a_street_goes_by_the_express_and_the_line_says_that_it_does_not_count() {
        let line = line(Matter { place: "上海路街道", has_congress: false, category: "city", ..MATTER });
        assert_eq!(line, "类别=城市管理, 地点=上海路街道, 街道不设人大，不计入法定建议 → 建议镇街直通车: 镇规划建设办");
    }

    #[test]
    fn petition_words_come_first_then_danger_then_the_deputy() {
        let routes = Routes::sample();
        let all = Matter { text: "老板拖欠工资", urgency: "danger", guess: Some(ExitKind::District), ..MATTER };
        assert_eq!(line(all), "关键词=拖欠工资 → 建议信访引导");
        let danger = Matter { text: "边坡要垮", ..all };
        assert_eq!(line(danger), "紧急程度=安全隐患, 地点=芝麻镇 → 建议镇街直通车: 镇应急管理站");
        let guess = Matter { urgency: "urgent", ..danger };
        assert_eq!(line(guess), "代表判断=报区, 类别=村庄整治 → 建议报区: 区农业农村局");
        let road = Matter { category: "roads", text: "新民村到县道那截", guess: None, ..guess };
        assert_eq!(propose(&routes, road).exit, ExitKind::District);
    }

    #[test]
    fn what_the_town_cannot_do_and_what_no_table_knows_goes_to_the_district() {
        assert_eq!(line(Matter { category: "education_health", ..MATTER }), "类别=教育医疗 → 建议报区: 区教育体育局");
        assert_eq!(line(Matter { category: "other", ..MATTER }), "类别=其他, 对照表无此类别 → 建议报区");
        assert_eq!(line(Matter { category: "newer", ..MATTER }), "类别=newer, 对照表无此类别 → 建议报区");
    }
}
