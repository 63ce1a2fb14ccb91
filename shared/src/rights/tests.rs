use super::*;
use crate::{
    case::Tier,
    record::{Action, Value},
    schema::Class,
};

fn unit(code: &str) -> UnitCode {
    UnitCode(code.into())
}

fn space(kind: SpaceKind, code: &str) -> Space {
    Space { id: SpaceId(1), kind, unit: unit(code), name: String::new(), parties: Vec::new() }
}

const DISTRICT: &str = "520303";
const TOWN: &str = "520303108";
const STATION: &str = "520303108S01";
const MANDATE: RecordId = RecordId([7; 16]);

fn person(role: Role, code: &str) -> Person {
    let mandate = (role == Role::Deputy).then_some(MANDATE);
    Person { user: UserId(1), name: "陈德贵".into(), posts: vec![Post { role, unit: unit(code), mandate }] }
}

fn touch(field: &str, action: Action) -> Touch {
    Touch { field: field.into(), action }
}

fn put(field: &str, value: impl Into<Value>) -> Touch {
    touch(field, Action::Put(value.into()))
}

/// Who reaches which space: read down the columns district public, district office, town public,
/// town office, own station, another station of the town, a station of another town.
#[test]
fn access_by_role_and_space() {
    let spaces = [
        space(SpaceKind::DistrictPublic, DISTRICT),
        space(SpaceKind::DistrictOffice, DISTRICT),
        space(SpaceKind::TownPublic, TOWN),
        space(SpaceKind::TownOffice, TOWN),
        space(SpaceKind::Station, STATION),
        space(SpaceKind::Station, "520303108S02"),
        space(SpaceKind::Station, "520303107S01"),
    ];
    let table = [
        (person(Role::Deputy, STATION), "r-r-w--"),
        (person(Role::Station, STATION), "r-w-w--"),
        (person(Role::Town, TOWN), "r-wwww-"),
        (person(Role::District, DISTRICT), "wwwwwww"),
        (person(Role::Leader, DISTRICT), "rwrwrrr"),
        (person(Role::Unit, DISTRICT), "-------"),
        (person(Role::GroupLeader, STATION), "r-w-w--"),
        (person(Role::Auditor, DISTRICT), "-------"),
        (person(Role::Admin, DISTRICT), "-------"),
        (person(Role::Unit, "520303U07"), "-------"),
    ];
    for (person, expected) in table {
        let actual: String = spaces
            .iter()
            .map(|space| match best_access(&person, space) {
                Access::None => '-',
                Access::Read => 'r',
                Access::Write => 'w',
            })
            .collect();
        assert_eq!(actual, expected, "{:?}", person.posts[0].role);
    }
}

/// What nobody else reads before it is handed in, and who takes part afterwards.
#[test]
fn access_to_a_private_space_and_to_a_case() {
    let own = UnitCode::of_deputy(&unit(STATION), MANDATE);
    let other = Person {
        posts: vec![Post { role: Role::Deputy, unit: unit(STATION), mandate: Some(RecordId([9; 16])) }],
        ..person(Role::Deputy, STATION)
    };
    let of = |kind, parties: &[UnitCode]| Space { parties: parties.into(), unit: own.clone(), ..space(kind, STATION) };
    let (lead, unit_7) = (person(Role::Deputy, STATION), unit("520303U07"));
    let cosigner = UnitCode::of_mandate(RecordId([9; 16]));
    let spaces = [
        of(SpaceKind::Private, &[]),
        of(SpaceKind::Private, &[unit_7.clone(), unit(TOWN), cosigner.clone()]),
        of(SpaceKind::Case, std::slice::from_ref(&cosigner)),
        of(SpaceKind::Case, &[unit(TOWN)]),
        of(SpaceKind::Case, &[unit(DISTRICT), unit_7]),
    ];
    let table = [
        (lead, "wwwww"),
        (other, "--w--"),
        (person(Role::Station, STATION), "---ww"),
        (person(Role::Station, "520303108S02"), "-----"),
        (person(Role::GroupLeader, STATION), "-----"),
        (person(Role::Town, TOWN), "---w-"),
        (person(Role::Town, "520303107"), "-----"),
        (person(Role::District, DISTRICT), "---ww"),
        (person(Role::Leader, DISTRICT), "---rr"),
        (person(Role::Unit, "520303U07"), "----r"),
        (person(Role::Unit, "520303U08"), "-----"),
        (person(Role::Unit, "520303U0"), "-----"),
        (person(Role::Admin, DISTRICT), "-----"),
        (person(Role::Auditor, DISTRICT), "-----"),
    ];
    for (person, expected) in table {
        let letter = |space: &Space| match best_access(&person, space) {
            Access::None => '-',
            Access::Read => 'r',
            Access::Write => 'w',
        };
        let actual: String = spaces.iter().map(letter).collect();
        assert_eq!(actual, expected, "{:?}", person.posts[0]);
    }
}

/// 换届 (DOMAIN §6.4, ordering conflict 8): who has lost a mandate, and of what record.
#[test]
fn what_still_arrives_of_a_mandate_that_was_taken_away() {
    let former = person(Role::Deputy, STATION).posts;
    let nobody = Person { posts: vec![], ..person(Role::Deputy, STATION) };
    let place = UnitCode::of_deputy(&unit(STATION), MANDATE);
    let (station, elsewhere) = (space(SpaceKind::Station, STATION), space(SpaceKind::Station, "520303108S02"));
    let (public, office) = (space(SpaceKind::TownPublic, TOWN), space(SpaceKind::TownOffice, TOWN));
    let private = Space { unit: place.clone(), ..space(SpaceKind::Private, STATION) };
    let case = Space { unit: place, parties: vec![unit(TOWN)], ..space(SpaceKind::Case, STATION) };
    let colleague = RecordId([9; 16]);
    let (author, title, words) = (
        [put("author", MANDATE), touch("verbatim", Action::Splice)],
        [put("title", "院坝会")],
        [touch("verbatim", Action::Splice)],
    );
    let own = |kind, space| Target { exists: true, author: Some(MANDATE), ..Target::new(kind, space) };
    let stage = |stage| Target { stage, ..own(Kind::Voice, &station) };
    let rows: [(&str, Target<'_>, RecordId, &[Touch], bool); 13] = [
        ("a new voice", Target::new(Kind::Voice, &station), MANDATE, &author, true),
        ("an own draft", own(Kind::Voice, &station), MANDATE, &words, true),
        ("an own draft in private", own(Kind::Suggestion, &private), MANDATE, &title, true),
        ("an own draft that others were named in", own(Kind::Suggestion, &case), MANDATE, &title, true),
        ("handed in", stage(Stage::Submitted), MANDATE, &title, false),
        ("verified", stage(Stage::Verified), MANDATE, &title, false),
        ("a colleague's", Target { author: Some(colleague), ..own(Kind::Voice, &station) }, colleague, &title, false),
        ("in a colleague's name", Target::new(Kind::Voice, &station), MANDATE, &[put("author", colleague)], false),
        ("at another station", Target::new(Kind::Voice, &elsewhere), MANDATE, &author, false),
        ("where it only read", own(Kind::Station, &public), MANDATE, &title, false),
        ("at the office", own(Kind::Suggestion, &office), MANDATE, &title, false),
        ("what belongs elsewhere", Target::new(Kind::Training, &station), MANDATE, &title, false),
        ("what deputies do not write", own(Kind::Notice, &station), MANDATE, &title, false),
    ];
    for (what, target, owner, touches, expected) in rows {
        let may = may_still_change(&nobody, &former, owner, target, touches);
        assert_eq!(may, former.first().filter(|_| expected), "{what}");
        assert!(may_change(&nobody, target, touches).is_err(), "{what}: only as what it was");
        assert_eq!(may_still_change(&nobody, &[], owner, target, touches), None, "{what}: nobody was it");
    }
    let anew = Person { posts: vec![Post { mandate: Some(colleague), ..former[0].clone() }], ..nobody.clone() };
    assert_eq!(taken_away(&anew, &former, MANDATE, &station), former.first(), "elected anew, it is another mandate");
    let moved = Person { posts: vec![Post { unit: unit("520303108S02"), ..former[0].clone() }], ..nobody.clone() };
    assert_eq!(taken_away(&moved, &former, MANDATE, &station), None, "who has moved holds the mandate still");
    assert_eq!(best_access(&nobody, &station), Access::None, "and nothing is read");
    assert!(!replicates(&nobody, &private) && !replicates(&nobody, &case));
}

/// A phone holds the cases that its person takes part in, not those that an office decides on.
#[test]
fn offices_read_cases_without_holding_them() {
    let case = Space { parties: vec![unit(TOWN), unit("520303U07")], ..space(SpaceKind::Case, STATION) };
    assert!(
        !replicates(&person(Role::Town, TOWN), &case) && best_access(&person(Role::Town, TOWN), &case) > Access::None
    );
    assert!(replicates(&person(Role::Unit, "520303U07"), &case));
    assert!(replicates(&person(Role::Town, TOWN), &space(SpaceKind::TownOffice, TOWN)));
}

#[test]
fn several_posts_add_up() {
    let mut both = person(Role::Deputy, STATION);
    both.posts.extend(person(Role::Town, "520303107").posts);
    assert_eq!(best_access(&both, &space(SpaceKind::Station, "520303107S01")), Access::Write);
    assert_eq!(best_access(&both, &space(SpaceKind::Station, STATION)), Access::Write);
    assert_eq!(best_access(&both, &space(SpaceKind::Station, "520303110S01")), Access::None);
}

#[test]
fn a_deputy_writes_what_deputies_write_where_it_belongs() {
    let deputy = person(Role::Deputy, STATION);
    let (station, town) = (space(SpaceKind::Station, STATION), space(SpaceKind::TownPublic, TOWN));
    let target = Target::new;
    let title = [put("title", "院坝会")];
    assert_eq!(may_change(&deputy, target(Kind::Activity, &station), &title), Ok(()));
    assert_eq!(may_change(&deputy, target(Kind::Training, &station), &title), Err(Denied::WrongPlace));
    assert_eq!(may_change(&deputy, target(Kind::Station, &town), &title), Err(Denied::Space));
    let elsewhere = space(SpaceKind::Station, "520303107S01");
    assert_eq!(may_change(&deputy, target(Kind::Activity, &elsewhere), &title), Err(Denied::Space));
}

#[test]
fn the_villagers_words_are_the_authors_alone() {
    let station = space(SpaceKind::Station, STATION);
    let words = [touch("verbatim", Action::Splice)];
    let theirs = Target { exists: true, author: Some(RecordId([9; 16])), ..Target::new(Kind::Voice, &station) };
    let own = Target { author: Some(MANDATE), ..theirs };
    let unclaimed = Target { author: None, ..theirs };
    let (deputy, staff) = (person(Role::Deputy, STATION), person(Role::Station, STATION));
    assert_eq!(may_change(&deputy, own, &words), Ok(()));
    assert_eq!(may_change(&deputy, theirs, &words), Err(Denied::NotAuthor));
    assert_eq!(may_change(&staff, theirs, &words), Err(Denied::NotAuthor));
    assert_eq!(may_change(&person(Role::Town, TOWN), theirs, &words), Err(Denied::NotAuthor));
    assert_eq!(may_change(&staff, unclaimed, &words), Ok(()), "taken down for someone who is no deputy");
    assert_eq!(may_change(&deputy, unclaimed, &words), Err(Denied::NotAuthor));
}

#[test]
fn nobody_writes_under_another_name() {
    let station = space(SpaceKind::Station, STATION);
    let new = Target::new(Kind::Voice, &station);
    let deputy = person(Role::Deputy, STATION);
    assert_eq!(may_change(&deputy, new, &[put("author", MANDATE), touch("verbatim", Action::Splice)]), Ok(()));
    let foreign = [put("author", RecordId([9; 16])), touch("verbatim", Action::Splice)];
    assert_eq!(may_change(&deputy, new, &foreign), Err(Denied::ForeignAuthor));
    let later = Target { exists: true, ..new };
    assert_eq!(may_change(&deputy, later, &[put("author", MANDATE)]), Err(Denied::ForeignAuthor));
}

#[test]
fn only_the_district_opens_and_closes_stations() {
    let public = space(SpaceKind::TownPublic, TOWN);
    let station = Target { exists: true, ..Target::new(Kind::Station, &public) };
    let close = [put("state", "closed")];
    assert_eq!(may_change(&person(Role::Town, TOWN), station, &close), Err(Denied::Field));
    assert_eq!(may_change(&person(Role::District, DISTRICT), station, &close), Ok(()));
    assert_eq!(may_change(&person(Role::Town, TOWN), station, &[put("address", "村委会一楼")]), Ok(()));
}

/// DOMAIN §6.6, "w own part", typed in by hand: of which deputy's record, in which field, who writes.
#[test]
fn deputies_write_what_the_public_reads_of_them_and_nothing_else_of_their_record() {
    let (town, district) = (space(SpaceKind::TownPublic, TOWN), space(SpaceKind::DistrictPublic, DISTRICT));
    let elsewhere = space(SpaceKind::TownPublic, "520303107");
    let deputy = person(Role::Deputy, STATION);
    let mut leader = person(Role::GroupLeader, STATION);
    leader.posts[0].mandate = Some(MANDATE);
    let profile = [touch("profile", Action::Splice)];
    let (name, both) = ([put("name", "陈德富")], [touch("profile", Action::Splice), put("post", "村支书")]);
    let of = |space, author| Target { exists: true, author, ..Target::new(Kind::Deputy, space) };
    let (own, colleague) = (Some(MANDATE), Some(RecordId([9; 16])));
    let new = |space| Target { exists: false, ..of(space, own) };
    let rows: [(&Person, Target<'_>, &[Touch], Option<Denied>); 14] = [
        (&deputy, of(&town, own), &profile, None),
        (&deputy, of(&district, own), &profile, None),
        (&leader, of(&town, own), &profile, None),
        (&deputy, of(&town, colleague), &profile, Some(Denied::Space)),
        (&deputy, of(&town, None), &profile, Some(Denied::Space)),
        (&leader, of(&town, colleague), &profile, Some(Denied::Kind)),
        (&deputy, of(&elsewhere, own), &profile, Some(Denied::Space)),
        (&deputy, of(&town, own), &name, Some(Denied::Space)),
        (&deputy, of(&town, own), &both, Some(Denied::Space)),
        (&deputy, of(&town, own), &[], Some(Denied::Space)),
        (&deputy, new(&town), &profile, Some(Denied::Space)),
        (&deputy, Target { kind: Kind::Mandate, ..of(&town, own) }, &profile, Some(Denied::Space)),
        (&person(Role::Station, STATION), of(&town, own), &profile, Some(Denied::Kind)),
        (&person(Role::Town, TOWN), of(&town, None), &profile, None),
    ];
    for (row, (person, target, touches, expected)) in rows.into_iter().enumerate() {
        assert_eq!(may_change(person, target, touches).err(), expected, "row {row}");
    }
}

/// Of the person's mandates, the one whose row names the deputy.
#[test]
fn a_deputys_record_is_ones_own_by_the_mandate_that_names_it() {
    let deputy = RecordId([3; 16]);
    let rows = [(MANDATE, vec![deputy.to_string()]), (RecordId([9; 16]), vec![RecordId([4; 16]).to_string()])];
    let people = |mandate| rows.iter().find(|(id, _)| *id == mandate).map(|(_, people)| people.as_slice());
    let person = person(Role::Deputy, STATION);
    assert_eq!(own_mandate(&person, deputy, people), Some(MANDATE));
    assert_eq!(own_mandate(&person, RecordId([4; 16]), people), None, "a colleague's");
    assert_eq!(own_mandate(&person, deputy, |_| None), None, "a mandate that is not here names nobody");
}

/// Whoever gives feedback does not say what was done about it.
#[test]
fn feedback_is_followed_up_by_town_and_district() {
    let station = space(SpaceKind::Station, STATION);
    let feedback = Target { exists: true, ..Target::new(Kind::AppFeedback, &station) };
    let follow_up = [put("state", "done"), touch("answers", Action::Append("已修复".into()))];
    for touch in &follow_up {
        let touch = std::slice::from_ref(touch);
        for (role, unit) in [(Role::Deputy, STATION), (Role::Station, STATION)] {
            assert_eq!(may_change(&person(role, unit), feedback, touch), Err(Denied::Field), "{role:?}");
            let new = Target { exists: false, ..feedback };
            assert_eq!(may_change(&person(role, unit), new, touch), Err(Denied::Field), "{role:?} from the first");
        }
        assert_eq!(may_change(&person(Role::Town, TOWN), feedback, touch), Ok(()));
        assert_eq!(may_change(&person(Role::District, DISTRICT), feedback, touch), Ok(()));
    }
}

/// DOMAIN §6.6, typed in by hand: who writes records of a kind at all, each at the place where they
/// belong. Columns D S T C L A U G B.
#[test]
fn the_kinds_that_each_role_writes() {
    let table = [
        (Kind::AdminUnit, "--ww-----"),
        (Kind::Station, "-www-----"),
        (Kind::Deputy, "--ww-----"),
        (Kind::Mandate, "--ww-----"),
        (Kind::DeputyContact, "--ww-----"),
        (Kind::Activity, "wwww---w-"),
        (Kind::ReceptionDay, "www------"),
        (Kind::Voice, "www------"),
        (Kind::Suggestion, "wwww-----"),
        (Kind::Training, "-www-----"),
        (Kind::Pairing, "---w-----"),
        (Kind::GuidanceVisit, "---ww----"),
        (Kind::Term, "--ww-----"),
        (Kind::Group, "--ww---w-"),
        (Kind::MechanismPlan, "--ww-----"),
        (Kind::DutyReport, "ww-------"),
        (Kind::DossierEntry, "w-ww-----"),
        (Kind::ChecklistDefinition, "---w-----"),
        (Kind::ChecklistAnswer, "-www-----"),
        (Kind::Notice, "--ww-----"),
        (Kind::AppFeedback, "wwww---w-"),
        (Kind::CodeEntry, "---w-----"),
        (Kind::Attachment, "wwww---w-"),
        (Kind::ScoreRule, "---w-----"),
        (Kind::ScoreBatch, "---w-----"),
        (Kind::Rectification, "--ww-----"),
    ];
    assert_eq!(table.len(), Kind::ALL.len());
    for (kind, expected) in table {
        let writes = |role: Role| {
            SpaceKind::ALL.into_iter().any(|place| {
                let space = matrix::space(place);
                may_change(&matrix::person(role), Target::new(kind, &space), &[]).is_ok()
            })
        };
        let actual: String = Role::ALL.map(|role| if writes(role) { 'w' } else { '-' }).iter().collect();
        assert_eq!(actual, expected, "{kind:?}");
    }
}

/// Every role × kind × place × field × stage: what is written down in `RIGHTS.md` is what the rules say.
#[test]
fn the_printed_matrix_is_current() {
    assert!(matrix() == include_str!("../../RIGHTS.md"), "`cargo xtask matrix` prints it anew");
}

/// Of records of a kind, in a space, of a tier: who files these acts.
type Letters<'a> = (Kind, SpaceKind, Option<Tier>, &'a [&'a str], &'a str);

/// DOMAIN §6.6, typed in by hand: who files which act on which entity, each in their own area; from paper too. A group
/// leader (G) is a deputy, with a mandate.
#[test]
fn the_acts_that_each_role_files() {
    use SpaceKind::{Case, DistrictOffice, DistrictPublic, Station, TownPublic};
    // Handling and what its unit asks for: the unit, or the office for one without an account.
    const HANDLING: [&str; 6] = ["sign", "return_assignment", "ask_extension", "contact", "co_opinion", "reply"];
    // The office's own decisions.
    const DECISIONS: [&str; 21] = [
        "opened",
        "review",
        "ask_revision",
        "decline",
        "accept",
        "convert",
        "assign",
        "reassign",
        "decide_return",
        "decide_extension",
        "accept_late",
        "not_evaluated",
        "settle_evaluation",
        "rehandle",
        "coordinate",
        "conclude",
        "close",
        "archive",
        "publish",
        "unpublish",
        "fix_dates",
    ];
    const DEPUTYS: [&str; 4] = ["withdraw", "object", "evaluate", "cosigner_view"];
    const TOWNS_EXITS: [&str; 4] = ["route town", "route district", "route upper", "route village"];
    const STATIONS_EXITS: [&str; 4] = ["route spot", "route petition", "route declined", "route merged"];
    let letters: &[Letters<'_>] = &[
        // Voice: w own | w station | w/e area; the district reads.
        (Kind::Voice, Station, None, &["submit", "miss", "feedback"], "DSTG"),
        (Kind::Voice, Station, None, &["sort", "outcome", "close", "fix_dates"], "ST"),
        (Kind::Voice, Station, None, &STATIONS_EXITS, "ST"),
        (Kind::Voice, Station, None, &TOWNS_EXITS, "T"),
        // Suggestion: own before submit, e | help draft | e town tier | e district tier | U e assigned | L 督办 e.
        (Kind::Suggestion, Case, Some(Tier::Town), &["submit"], "DSTG"),
        (Kind::Suggestion, Case, Some(Tier::Town), &["confirm"], "DSTG"),
        (Kind::Suggestion, Case, Some(Tier::Town), &DEPUTYS, "DST"),
        (Kind::Suggestion, Case, Some(Tier::Town), &DECISIONS, "T"),
        (Kind::Suggestion, Case, Some(Tier::Town), &HANDLING, "TU"),
        (Kind::Suggestion, Case, Some(Tier::Town), &["commitment"], "TU"),
        (Kind::Suggestion, Case, Some(Tier::Town), &["mark"], "TL"),
        (Kind::Suggestion, Case, Some(Tier::Town), &["urge"], "TCL"),
        (Kind::Suggestion, Case, Some(Tier::District), &["submit"], "DSCG"),
        (Kind::Suggestion, Case, Some(Tier::District), &["confirm"], "DSCG"),
        (Kind::Suggestion, Case, Some(Tier::District), &DEPUTYS, "DSC"),
        (Kind::Suggestion, Case, Some(Tier::District), &DECISIONS, "C"),
        (Kind::Suggestion, Case, Some(Tier::District), &HANDLING, "CU"),
        (Kind::Suggestion, Case, Some(Tier::District), &["commitment"], "CU"),
        (Kind::Suggestion, Case, Some(Tier::District), &["mark", "urge"], "CL"),
        // Activity: w own/joined | w group | w station | w area, verify | verify district.
        (Kind::Activity, Station, None, &["submit", "void", "correct"], "DSTG"),
        (Kind::Activity, Station, None, &["ask_revision", "verify", "void verified", "settle_contest"], "T"),
        (Kind::Activity, Station, None, &["contest"], "DG"),
        (Kind::Activity, DistrictOffice, None, &["submit", "void", "correct", "ask_revision", "verify"], "C"),
        (Kind::Activity, DistrictOffice, None, &["void verified", "settle_contest"], "C"),
        (Kind::Activity, DistrictOffice, None, &["contest"], ""),
        (Kind::DutyReport, Station, None, &["submit", "void", "correct"], "DSTG"),
        (Kind::DutyReport, Station, None, &["ask_revision", "verify", "void verified", "settle_contest"], "T"),
        (Kind::DutyReport, Station, None, &["contest"], "DG"),
        // Dossier: own, contest | S w manual | w, verify | w, verify.
        (Kind::DossierEntry, Case, None, &["submit", "void", "correct"], "DST"),
        (Kind::DossierEntry, Case, None, &["contest"], "D"),
        (Kind::DossierEntry, Case, None, &["ask_revision", "verify", "void verified", "settle_contest"], "T"),
        (Kind::DossierEntry, DistrictOffice, None, &["submit", "void", "correct", "ask_revision", "verify"], "C"),
        (Kind::DossierEntry, DistrictOffice, None, &["void verified", "settle_contest"], "C"),
        (Kind::DossierEntry, DistrictOffice, None, &["contest"], ""),
        // Deputy/Mandate: w town | w.
        (Kind::Mandate, TownPublic, None, &["suspend", "resume", "end", "settle_contest"], "TC"),
        (Kind::Mandate, TownPublic, None, &["contest"], "DG"),
        (Kind::Mandate, DistrictPublic, None, &["suspend", "resume", "end", "settle_contest"], "C"),
        (Kind::Mandate, DistrictPublic, None, &["contest"], "DG"),
    ];
    for table in matrix::acts::tables() {
        for row in table.rows {
            let act = format!("{} {}", row.act, row.note);
            let (kind, place, tier, act) = (table.kind, table.place, table.tier, act.trim_end());
            let known =
                letters.iter().find(|line| (line.0, line.1, line.2) == (kind, place, tier) && line.3.contains(&act));
            let files = Role::ALL.iter().zip(row.cells).filter(|(role, cell)| cell.shown(**role) != "-");
            let files: String = files.map(|(role, _)| role.letter()).collect();
            assert_eq!(Some(files.as_str()), known.map(|line| line.4), "{kind:?} {place:?} {tier:?} {act}");
        }
    }
}

/// Whatever can be asked for is in the tables; the golden lines hold one of each act.
#[test]
fn no_act_is_left_out_of_the_tables() {
    let printed: Vec<String> = matrix::acts::tables().flat_map(|table| table.rows).map(|row| row.act).collect();
    for line in include_str!("../../golden/acts.v1.jsonl").lines() {
        let act: crate::case::Act = serde_json::from_str(line).unwrap();
        let by_the_server = ["hand_over", "joined", "disputed_evaluation"].contains(&act.key());
        assert_ne!(printed.iter().any(|printed| printed == act.key()), by_the_server, "{}", act.key());
    }
}

/// DOMAIN §6.6, row SealedPerson: own only | - | with reason | with reason | with reason + approver | - | - | -. Columns D S
/// T C L A U G B.
#[test]
fn who_opens_what_is_sealed() {
    let [write, open, delete] = matrix::sealed::rows(SpaceKind::Station).map(|(_, cells)| cells);
    assert_eq!(write, ["own", "own", "own", "-", "-", "-", "-", "-", "-"]);
    assert_eq!(open, ["own", "reason", "reason", "approved", "-", "-", "-", "-", "-"]);
    assert_eq!(delete, ["own", "asked", "asked", "asked", "-", "-", "-", "-", "-"]);
}

/// DOMAIN §6.6, row Deputy/Mandate: T of the town's own, C of all; row A: accounts. Columns D S T C L A U G B.
#[test]
fn who_gives_posts() {
    for (given, cells) in matrix::posts::rows() {
        let gives: String = cells.map(|may| if may { 'w' } else { '-' }).iter().collect();
        let expected = match given.as_str() {
            "deputy *town*" | "group_leader" => "--ww-w---",
            "deputy *district*" => "---w-w---",
            _ => "-----w---",
        };
        assert_eq!(gives, expected, "{given}");
    }
    // Not beyond the own area, and no deputy without a mandate.
    let town = person(Role::Town, TOWN);
    let post = |code: &str, mandate| Post { role: Role::Deputy, unit: unit(code), mandate };
    assert!(may_give(&town, &post(STATION, Some(MANDATE)), Some("town")));
    assert!(!may_give(&town, &post("520303107S01", Some(MANDATE)), Some("town")));
    assert!(!may_give(&town, &post(STATION, Some(MANDATE)), None), "of a mandate that is not on record");
    assert!(!may_give(&person(Role::District, DISTRICT), &post(STATION, None), None));
    assert!(!may_give(&person(Role::Admin, "520304"), &post(STATION, Some(MANDATE)), None));
}

/// Staff decide where they write. Columns D S T C L A U G B.
#[test]
fn who_decides_on_what_was_refused() {
    let table = [
        (SpaceKind::DistrictPublic, "---w-----"),
        (SpaceKind::DistrictOffice, "---w-----"),
        (SpaceKind::TownPublic, "-www-----"),
        (SpaceKind::TownOffice, "--ww-----"),
        (SpaceKind::Station, "-www-----"),
        (SpaceKind::Private, "---------"),
        (SpaceKind::Case, "-www-----"),
    ];
    for (kind, expected) in table {
        let decides: String = matrix::settle::cells(kind).map(|may| if may { 'w' } else { '-' }).iter().collect();
        assert_eq!(decides, expected, "{kind:?}");
    }
}

/// A stranger's record becomes the station's by the staff's right; the author's words stay the author's to write.
#[test]
fn a_lent_right_adds_what_staff_may_and_nothing_else() {
    let place = space(SpaceKind::Station, STATION);
    let author = person(Role::Deputy, "520303107S01");
    let staff = person(Role::Station, STATION);
    let target = Target::new(Kind::Voice, &place);
    let created = [put("author", MANDATE), touch("verbatim", Action::Splice)];
    assert_eq!(may_change(&author, target, &created), Err(Denied::Space));
    assert_eq!(may_change(&lent(&author, &staff, &place), target, &created), Ok(()));
    let foreign = Target { exists: true, author: Some(RecordId([8; 16])), ..target };
    assert_eq!(may_change(&lent(&author, &staff, &place), foreign, &created[1..]), Err(Denied::NotAuthor));
    let verified = Target { exists: true, author: Some(MANDATE), stage: Stage::Verified, ..target };
    assert_eq!(may_change(&lent(&author, &staff, &place), verified, &created[1..]), Err(Denied::Stage));
    let elsewhere = person(Role::Station, "520303108S02");
    assert_eq!(may_change(&lent(&author, &elsewhere, &place), target, &created), Err(Denied::Space));
}

/// What holds for every role, kind, place, field and stage, whatever the tables say.
#[test]
fn no_cell_of_the_matrix_breaks_a_rule_of_all() {
    let mut cells = 0;
    for (role, kind, place) in cells_of_the_matrix() {
        let (person, space) = (matrix::person(role), matrix::space(place));
        for field in kind.schema().fields {
            for stage in [Stage::Draft, Stage::Submitted, Stage::Verified] {
                let target = Target { exists: true, stage, ..Target::new(kind, &space) };
                let may = may_change(&person, target, &[matrix::touch(field)]).is_ok();
                let case = format!("{role:?} {kind:?} {place:?} {} {stage:?}", field.key);
                assert!(!may || best_access(&person, &space) == Access::Write, "{case} without a right to the space");
                assert!(!may || place.holds(kind), "{case} where it does not belong");
                // How it is filed is an office's to correct at any time.
                let files = kind == Kind::Suggestion && ["category", "themes", "voices"].contains(&field.key);
                let corrects = files && matches!(role, Role::Town | Role::District);
                assert!(!may || stage != Stage::Verified || corrects, "{case} after it is verified");
                assert!(!may || stage == Stage::Draft || field.key != "deleted", "{case} deletes what was handed in");
                let stands = stage != Stage::Draft && kind == Kind::Suggestion;
                assert!(!may || !stands || corrects, "{case} changes a text that stands");
                assert!(!may || field.key != "author", "{case} takes a record over");
                let holds_none = matches!(role, Role::Admin | Role::Unit | Role::Auditor);
                assert!(!may || !holds_none, "{case}");
                let words = role == Role::Deputy && field.class == Class::AuthorProse;
                assert!(!may || !words, "{case} in a record that is nobody's");
                cells += 1;
            }
        }
    }
    assert!(cells > 20_000, "{cells} cells");
}

fn cells_of_the_matrix() -> impl Iterator<Item = (Role, Kind, SpaceKind)> {
    let places = |role, kind| SpaceKind::ALL.into_iter().map(move |place| (role, kind, place));
    Role::ALL.into_iter().flat_map(move |role| Kind::ALL.into_iter().flat_map(move |kind| places(role, kind)))
}

#[test]
fn a_stations_staff_write_their_own_station() {
    let public = space(SpaceKind::TownPublic, TOWN);
    let address = [put("address", "村委会一楼")];
    let of = |code: &str| Target {
        record: Some(RecordId::derived(Kind::Station, &[code])),
        exists: true,
        ..Target::new(Kind::Station, &public)
    };
    assert_eq!(may_change(&person(Role::Station, STATION), of(STATION), &address), Ok(()));
    assert_eq!(may_change(&person(Role::Station, STATION), of("520303108S02"), &address), Err(Denied::Kind));
    assert_eq!(may_change(&person(Role::Town, TOWN), of("520303108S02"), &address), Ok(()));
}

#[test]
fn the_states_of_cases_are_stages_of_records() {
    for (state, stage) in [
        ("", Stage::Draft),
        ("draft", Stage::Draft),
        ("handed_over", Stage::Draft),
        ("returned", Stage::Draft),
        ("submitted", Stage::Submitted),
        ("revision", Stage::Draft),
        ("active", Stage::Submitted),
        ("closed", Stage::Verified),
        ("assigned", Stage::Submitted),
        ("verified", Stage::Verified),
        ("void", Stage::Verified),
    ] {
        assert_eq!(Stage::of_state(state), stage, "{state}");
    }
}

#[test]
fn a_confirmed_text_stands_and_nothing_handed_in_is_deleted() {
    let station = space(SpaceKind::Station, STATION);
    let deputy = person(Role::Deputy, STATION);
    let submitted =
        |kind| Target { exists: true, author: Some(MANDATE), stage: Stage::Submitted, ..Target::new(kind, &station) };
    let title = [put("title", "关于修路的建议")];
    assert_eq!(may_change(&deputy, submitted(Kind::Suggestion), &title), Err(Denied::Stage));
    assert_eq!(may_change(&deputy, submitted(Kind::Activity), &title), Ok(()));
    assert_eq!(may_change(&deputy, submitted(Kind::Activity), &[put("deleted", true)]), Err(Denied::Stage));
    let verified = Target { stage: Stage::Verified, ..submitted(Kind::Activity) };
    assert_eq!(may_change(&deputy, verified, &title), Err(Denied::Stage));
}

/// DOMAIN §8, story 10: a wrong theme is corrected by the office, and the figure changes with it.
#[test]
fn how_a_suggestion_is_filed_is_the_offices_to_correct() {
    let case = Space { parties: vec![unit(TOWN)], ..space(SpaceKind::Case, STATION) };
    let (deputy, town) = (person(Role::Deputy, STATION), person(Role::Town, TOWN));
    let at = |stage| Target { exists: true, stage, ..Target::new(Kind::Suggestion, &case) };
    let theme = [Touch { field: "themes".into(), action: Action::Remove("rural".into()) }];
    for stage in [Stage::Submitted, Stage::Verified] {
        assert_eq!(may_change(&town, at(stage), &theme), Ok(()));
        assert_eq!(may_change(&town, at(stage), &[put("category", "roads")]), Ok(()));
        assert_eq!(may_change(&town, at(stage), &[put("title", "另一个题目")]), Err(Denied::Stage));
        assert!(may_change(&deputy, at(stage), &theme).is_err());
    }
}
