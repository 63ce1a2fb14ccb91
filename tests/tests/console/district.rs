//! The people and records that the stories begin with.

use lianxin_server::{
    account::hash_password,
    store::{DeviceKind, NewUser},
};
use lianxin_shared::{
    case::{self, Act},
    id::{EventId, RecordId, SpaceId, UnitCode, UserId},
    record::Edit,
    rights::{Post, Role, SpaceKind},
    schema::Kind,
    wire::{self, SentRequest},
};
use lianxin_tests::office::{Draft, NOW, Office, PASSWORD, Phone, mandate, request, suggestion, voice_by};
pub(super) use lianxin_tests::office::{file, hand_in, submit};

pub(super) fn post(role: Role, unit: &str, mandate: Option<RecordId>) -> Post {
    Post { role, unit: UnitCode(unit.into()), mandate }
}

pub(super) async fn add_user(office: &Office, login: &str, name: &str, role: Role, unit: &str) {
    add_holder(office, login, name, vec![post(role, unit, None)]).await;
}

pub(super) async fn add_holder(office: &Office, login: &str, name: &str, posts: Vec<Post>) {
    let password_hash = hash_password(PASSWORD).unwrap();
    let user = NewUser { login: login.into(), name: name.into(), password_hash, posts };
    office.store.create_user(user).await.unwrap().unwrap();
}

/// Another town with a station and staff, and the district's desk with its staff.
pub(super) async fn add_neighbours(office: &Office) -> SpaceId {
    let unit = |code: &str| UnitCode(code.into());
    let desk = office.store.create_space(SpaceKind::DistrictOffice, &unit("520303"), "汇川区").await.unwrap();
    office.store.create_space(SpaceKind::TownOffice, &unit("520303109"), "松林镇").await.unwrap();
    office.store.create_space(SpaceKind::Station, &unit("520303109S01"), "松林镇联络站").await.unwrap();
    add_user(office, "lou", "娄方勇", Role::Town, "520303109").await;
    add_user(office, "wu", "吴敏", Role::District, "520303").await;
    add_user(office, "guan", "管理员", Role::Admin, "520303").await;
    desk
}

/// A voice that a deputy's phone has sent.
pub(super) async fn voice(office: &Office, phone: &Phone, number: u64, summary: &str, more: &[Edit]) -> Draft {
    let mut edits = voice_by(mandate(0), summary);
    edits.extend_from_slice(more);
    let draft = Draft::voice(phone, office.stations[0], number, &edits);
    office.exchange(phone, &request(draft.changes.clone(), &[])).await;
    draft
}

pub(super) fn record(id: RecordId) -> String {
    format!("/console/record/{id}")
}

/// A suggestion of 五届一次.
pub(super) fn raised(tier: &str, category: Option<&str>, themed: bool, in_session: bool) -> Vec<Edit> {
    let mut edits = vec![
        Edit::put("tier", tier),
        Edit::put("type", "suggestion"),
        Edit::put("date", "2026-01-06"),
        Edit::put("title", "关于修通三组断头路的建议"),
        Edit::put("term", "五届"),
        Edit::put("session", "一次"),
        Edit::put("in_session", in_session),
        Edit::put("lead", mandate(0)),
        Edit::write("facts", "三组断头路没有修"),
        Edit::write("analysis", "资金没有落实"),
        Edit::write("asks", "请修通"),
    ];
    edits.extend(category.map(|category| Edit::put("category", category)));
    edits.extend(themed.then(|| Edit::add("themes", "rural_revitalization")));
    edits
}

pub(super) async fn suggestion_at_the_district(office: &Office, desk: SpaceId, title: &str) -> RecordId {
    let mut edits = suggestion("district", title);
    edits.extend([Edit::put("term", "五届"), Edit::put("session", "一次")]);
    written(office, "wu", Kind::Suggestion, desk, edits).await
}

/// Submits a voice from a phone.
pub(super) async fn recorded(office: &Office, phone: &Phone, number: u64, summary: &str, more: &[Edit]) -> RecordId {
    let more = [
        &[Edit::put("category", "roads"), Edit::put("village", RecordId([2; 16])), Edit::write("verbatim", summary)],
        more,
    ]
    .concat();
    let draft = voice(office, phone, number, summary, &more).await;
    let id = draft.record.id();
    let act = Act::Submit { text: None, declared: true, again: None };
    let submit = case::Request {
        id: EventId([number as u8; 16]),
        case: id,
        kind: Kind::Voice,
        seen: 0,
        made_ms: NOW,
        proxy: None,
        act,
    };
    let sent =
        wire::Request { requests: vec![SentRequest::of(office.stations[0], &submit)], ..request(Vec::new(), &[]) };
    office.exchange(phone, &sent).await;
    id
}

/// What was noted of an act, with who did it.
pub(super) async fn noted(office: &Office, act: &str) -> Vec<(Option<UserId>, String, String)> {
    let log = office.store.audit_after(0, 1000).await.unwrap().into_iter().filter(|entry| entry.act == act);
    log.map(|entry| (entry.user, entry.subject, entry.reason)).collect()
}

/// A record that somebody enters at a desk of their own.
pub(super) async fn written(office: &Office, login: &str, kind: Kind, space: SpaceId, edits: Vec<Edit>) -> RecordId {
    let desk = office.device(login, DeviceKind::Console).await;
    office.enter(&desk, kind, space, edits).await
}
