//! 分级交办的建议 (§6.5): where a voice should go, with the reasons in one line. A proposal and
//! nothing more: station and town decide, and may decide otherwise without saying why.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::act::{ExitKind, UnitRef};

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
    Category {
        code: String,
    },
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
    let category = || Because::Category { code: matter.category.to_owned() };
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
            ExitKind::Town => {
                in_town(matter, routes.town_offices.get(matter.category).cloned(), vec![guess, category(), place()])
            }
            ExitKind::District => Proposal { exit, unit: bureau, because: vec![guess, category()] },
            exit => Proposal { exit, unit: None, because: vec![guess] },
        };
    }
    if let Some(word) = word(&routes.district_words) {
        let because = vec![Because::Word { word }, category()];
        return Proposal { exit: ExitKind::District, unit: bureau, because };
    }
    if let Some(office) = routes.town_offices.get(matter.category) {
        return in_town(matter, Some(office.clone()), vec![category(), place()]);
    }
    let because = if bureau.is_some() { vec![category()] } else { vec![category(), Because::NoTable] };
    Proposal { exit: ExitKind::District, unit: bureau, because }
}

fn in_town(matter: Matter<'_>, office: Option<String>, mut because: Vec<Because>) -> Proposal {
    if !matter.has_congress {
        because.push(Because::Street);
    }
    Proposal { exit: ExitKind::Town, unit: office, because }
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

    /// Where it should go, to whom, and why.
    fn proposed(matter: Matter<'_>) -> (ExitKind, String, Vec<Because>) {
        let Proposal { exit, unit, because } = propose(&Routes::sample(), matter);
        (exit, unit.unwrap_or_default(), because)
    }

    fn category(code: &str) -> Because {
        Because::Category { code: code.into() }
    }

    fn place(name: &str) -> Because {
        Because::Place { name: name.into() }
    }

    #[test]
    fn a_towns_matter_goes_to_the_towns_office_for_it() {
        let office = "镇农业农村综合服务中心".to_owned();
        assert_eq!(proposed(MATTER), (ExitKind::Town, office, vec![category("village"), place("芝麻镇")]));
    }

    #[test]
    fn a_street_goes_by_the_express_and_it_is_said_that_it_does_not_count() {
        let street = Matter { place: "上海路街道", has_congress: false, category: "city", ..MATTER };
        let because = vec![category("city"), place("上海路街道"), Because::Street];
        assert_eq!(proposed(street), (ExitKind::Town, "镇规划建设办".to_owned(), because));
    }

    #[test]
    fn petition_words_come_first_then_danger_then_the_deputy() {
        let all = Matter { text: "老板拖欠工资", urgency: "danger", guess: Some(ExitKind::District), ..MATTER };
        let word = vec![Because::Word { word: "拖欠工资".into() }];
        assert_eq!(proposed(all), (ExitKind::Petition, String::new(), word));
        let danger = Matter { text: "边坡要垮", ..all };
        let because = vec![Because::Urgency { code: "danger".into() }, place("芝麻镇")];
        assert_eq!(proposed(danger), (ExitKind::Town, "镇应急管理站".to_owned(), because));
        let guess = Matter { urgency: "urgent", ..danger };
        let because = vec![Because::Guess { exit: ExitKind::District }, category("village")];
        assert_eq!(proposed(guess), (ExitKind::District, "区农业农村局".to_owned(), because));
        let road = Matter { category: "roads", text: "新民村到县道那截", guess: None, ..guess };
        assert_eq!(proposed(road).0, ExitKind::District);
    }

    #[test]
    fn what_the_town_cannot_do_and_what_no_table_knows_goes_to_the_district() {
        let school = (ExitKind::District, "区教育体育局".to_owned(), vec![category("education_health")]);
        assert_eq!(proposed(Matter { category: "education_health", ..MATTER }), school);
        for code in ["other", "newer"] {
            let unknown = (ExitKind::District, String::new(), vec![category(code), Because::NoTable]);
            assert_eq!(proposed(Matter { category: code, ..MATTER }), unknown);
        }
    }
}
