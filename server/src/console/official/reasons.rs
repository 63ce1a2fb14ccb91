//! Where the rules would send a voice, and why, in a sentence.

use lianxin_shared::case::{
    ExitKind,
    route::{Because, Proposal},
};

use super::super::{codes::Codes, words::Words};

/// 「类别是“村庄整治”，地点在芝麻镇，建议走镇街直通车，由镇农业农村综合服务中心办理。」
pub(super) fn line(words: Words, codes: &Codes, proposal: &Proposal) -> String {
    let because: Vec<String> = proposal.because.iter().map(|because| reason(words, codes, because)).collect();
    let because = because.join(words.get("proposal.comma"));
    let exit = exit(words, proposal.exit);
    let said = [("because", because.as_str()), ("exit", exit.as_str())];
    match proposal.unit.as_deref() {
        Some(unit) => words.fill("proposal.said_to", &[&said[..], &[("unit", unit)]].concat()),
        None => words.fill("proposal.said", &said),
    }
}

fn reason(words: Words, codes: &Codes, because: &Because) -> String {
    let said = |key: &'static str, value: &str| words.fill(key, &[("value", value)]);
    match because {
        Because::Word { word } => said("proposal.because.word", word),
        Because::Urgency { code } => said("proposal.because.urgency", &codes.word(words, "urgency", code)),
        Because::Guess { exit: guess } => said("proposal.because.guess", &exit(words, *guess)),
        Because::Category { code } => said("proposal.because.category", &codes.word(words, "category", code)),
        Because::Place { name } => said("proposal.because.place", name),
        Because::Street => words.get("proposal.because.street").to_owned(),
        Because::NoTable => words.get("proposal.because.no_table").to_owned(),
    }
}

fn exit(words: Words, exit: ExitKind) -> String {
    words.of_key(&format!("proposal.exit.{}", exit.key()))
}

#[cfg(test)]
mod tests {
    use lianxin_shared::text::Language;

    use super::*;

    #[test]
    fn the_sentence_says_what_it_rests_on() {
        let category = |code: &str| Because::Category { code: code.into() };
        let place = Because::Place { name: "芝麻镇".into() };
        let village = Proposal {
            exit: ExitKind::Town,
            unit: Some("镇规划建设办".into()),
            because: vec![category("village"), place],
        };
        let zh = |proposal: &Proposal| line(Words(Language::Zh), &Codes::default(), proposal);
        assert_eq!(zh(&village), "类别是“村庄整治”，地点在芝麻镇，建议走镇街直通车，由镇规划建设办办理。");
        let guess = Because::Guess { exit: ExitKind::Declined };
        let declined = Proposal { exit: ExitKind::Declined, unit: None, because: vec![guess] };
        assert_eq!(zh(&declined), "代表的意见是不予受理，建议不予受理。");
        let newer =
            Proposal { exit: ExitKind::District, unit: None, because: vec![category("newer"), Because::NoTable] };
        assert_eq!(zh(&newer), "类别是“newer”，对照表里没有这一类别，建议报区。");
        let english = line(Words(Language::En), &Codes::default(), &village);
        assert_eq!(
            english,
            "Proposed: the town's express, to be handled by 镇规划建设办. Why: the category is “Village improvement”, \
             the place is 芝麻镇."
        );
    }

    #[test]
    fn every_reason_and_exit_has_words() {
        let code = || "danger".to_owned();
        let reasons = [
            Because::Word { word: code() },
            Because::Urgency { code: code() },
            Because::Guess { exit: ExitKind::Spot },
            Because::Place { name: code() },
            Because::Street,
        ];
        for language in [Language::Zh, Language::En] {
            for exit in ExitKind::ALL {
                let said = line(
                    Words(language),
                    &Codes::default(),
                    &Proposal { exit: *exit, unit: None, because: reasons.to_vec() },
                );
                assert!(!said.contains("proposal.") && !said.contains('{'), "{said}");
            }
        }
    }
}
