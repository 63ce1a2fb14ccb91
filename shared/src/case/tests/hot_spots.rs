//! The hot spots of DOMAIN §6.7 that official events decide, by their numbers. The others: 1 to 6, 8 and 9 in `record`,
//! 7 in `sealed`, 12 in `device`.

use super::{voice::voice, *};

/// The road is the boundary: both towns think that it is theirs, and each hands its case up.
#[test]
fn hot_spot_10_what_two_towns_claim_is_one_case_with_one_lead() {
    let handed_up = |name: &str, code: &str, record: RecordId| {
        let mut town = Play::suggestion();
        town.record = RecordId::derived(Kind::Suggestion, &[code]);
        town.space = space(SpaceKind::TownOffice, code, name);
        town.facts.tier = Some(Tier::Express);
        town.ok(&lead(), submit());
        let clerk = person("王大文", Role::Town, code, None);
        town.ok(&clerk, Act::Review);
        let event = town.ok(&clerk, Act::Convert { tier: Tier::District, to: record, text: text("界线上的路") });
        assert_eq!(town.case.row().next_due(), None, "no second clock runs");
        caused(&town.case, &event, &town.book).remove(0).enter(&Case::new(Kind::Suggestion), &event).unwrap()
    };
    let mut case = Play::suggestion();
    let opened = handed_up("芝麻镇", TOWN, RECORD);
    case.case.apply(&opened);
    case.events.push(opened);
    case.ok(&district(), Act::Accept);
    // The other's is declined with the number of the first; it never gets units of its own.
    let mut other = Play::suggestion();
    let opened = handed_up("山盆镇", "520303107", OTHER_RECORD);
    other.case.apply(&opened);
    other.events.push(opened);
    let number = case.case.row().number.unwrap();
    other.ok(&district(), Act::Decline { reason: Decline::Other, text: format!("与{number}合并办理") });
    assert_eq!(
        other.no(&district(), Act::Assign(assign(unit(ROADS, "区交通运输局")))).reason,
        ReturnReason::WrongState
    );

    // Two leads are not to be had: not at the same time, and not as lead and helper in one.
    let second = case.request(Act::Assign(assign(unit("520303107U02", "山盆镇规划建设办"))));
    let mut both = assign(unit("520303108U02", "芝麻镇规划建设办"));
    both.co = vec![unit("520303107U02", "山盆镇规划建设办")];
    case.ok(&district(), Act::Assign(both));
    assert_eq!(case.back(&district(), &second).reason, ReturnReason::AlreadyAssigned);
    let suggestion = case.suggestion_state();
    assert_eq!(suggestion.lead().map(|lead| lead.name.as_str()), Some("芝麻镇规划建设办"));
    assert_eq!(
        suggestion.units().map(|unit| unit.name.as_str()).collect::<Vec<_>>(),
        ["芝麻镇规划建设办", "山盆镇规划建设办"]
    );
}

/// 并入: one case, five names, five who are told (浙江 第十八、二十二条).
#[test]
fn hot_spot_11_what_five_deputies_heard_is_one_case_and_each_villager_is_told() {
    let voices: Vec<RecordId> = (20..25).map(|n| RecordId([n; 16])).collect();
    let heard = |record: RecordId| {
        let mut voice = voice();
        voice.record = record;
        voice.ok(&lead(), hand_in());
        voice
    };
    let mut first = heard(voices[0]);
    let mut others: Vec<Play> = voices[1..].iter().map(|record| heard(*record)).collect();
    for other in &mut others {
        other.ok(&station(), Act::Sort { proposed: ExitKind::Merged, text: String::new() });
        other.facts.target = Some(Target::default());
        let merged = other.ok(&station(), Act::Route { exit: Exit::Merged { into: voices[0] } });
        let joined = caused(&other.case, &merged, &other.book).remove(0);
        assert_eq!(joined.case, voices[0]);
        let joined = joined.enter(&first.case, &merged).unwrap();
        first.case.apply(&joined);
        first.events.push(joined);
    }
    first.ok(&station(), Act::Sort { proposed: ExitKind::Village, text: String::new() });
    first.ok(&town(), Act::Route { exit: Exit::Village { unit: unit("520303108V01", "竹元村委会") } });
    let result = first.ok(&station(), Act::Outcome { text: text("已清理") });
    let told = caused(&first.case, &result, &first.book);
    assert_eq!(told.iter().map(|one| one.case).collect::<Vec<_>>(), &voices[1..]);
    for (other, told) in others.iter_mut().zip(&told) {
        let told = told.enter(&other.case, &result).unwrap();
        other.case.apply(&told);
        assert_eq!(other.state(), "result", "each has its own villager to be told");
    }
}
