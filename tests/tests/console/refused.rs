//! Refused changes, and what staff decide on them.

use axum::http::StatusCode;
use lianxin_server::store::DeviceKind;
use lianxin_shared::{record::Edit, schema::Kind, wire};
use lianxin_tests::office::{Draft, Office, mandate, outcomes, request, suggestion, voice_by};

use super::browser::Browser;
use super::district::{add_neighbours, hand_in, record};

#[tokio::test]
async fn refused_changes_are_seen_by_the_staff_of_the_place() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let li = office.phone("li").await;
    // A deputy of the other station writes here.
    let stranger = Draft::voice(&li, office.stations[0], 1, &voice_by(mandate(1), "写错了地方"));
    office.exchange(&li, &request(stranger.changes.clone(), &[])).await;
    let page = Browser::of(&office, "zhou").await.get("/console/quarantine").await;
    assert_eq!(page.marked("row"), 1);
    assert!(page.has("李秀碧") && page.has("无权在此填写") && page.has("群众意见"));
    assert_eq!(Browser::of(&office, "lou").await.get("/console/quarantine").await.marked("row"), 0);
}

/// Changes that were refused in a case's own space are decided on like others.
#[tokio::test]
async fn what_was_refused_in_a_case_is_decided_on_by_the_staff_of_its_office() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let desk = office.device("zhou", DeviceKind::Console).await;
    let id = office.enter(&desk, Kind::Suggestion, office.town_office, suggestion("town", "硬化三组断头路")).await;
    hand_in(&office, &desk, id, []).await;
    let case = office.store.record(id).await.unwrap().unwrap().space;
    assert_ne!(case, office.town_office, "it has a space of its own");
    let li = office.phone("li").await;
    let mut stranger = Draft::new(Kind::Suggestion, &li, case, 1);
    stranger.edit(li.actor, &[Edit::put("title", "写错了地方")]);
    office.exchange(&li, &request(stranger.changes.clone(), &[])).await;
    let zhou = Browser::of(&office, "zhou").await;
    let [which] = &offered(&zhou).await[..] else { panic!("one is offered") };
    let done = zhou.post("/console/quarantine", &deciding(which, "discard", "写错了地方")).await;
    assert_eq!(done.location, "/console/quarantine?done=settled");
    assert_eq!(decided(&office).await, ["refused_discard"]);
}

/// What staff would send to decide on a refused change.
fn deciding<'a>(page: &'a [(String, String)], what: &'a str, note: &'a str) -> Vec<(&'a str, &'a str)> {
    let shown = page.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    shown.chain([("what", what), ("note", note)]).collect()
}

/// The refused changes that a page offers to decide on, the newest first.
async fn offered(browser: &Browser<'_>) -> Vec<[(String, String); 2]> {
    let page = browser.get("/console/quarantine").await;
    let (users, hashes) = (page.hidden("user"), page.hidden("hash"));
    users.into_iter().zip(hashes).map(|(user, hash)| [("user".into(), user), ("hash".into(), hash)]).collect()
}

/// What the audit log has of decisions on refused changes.
async fn decided(office: &Office) -> Vec<String> {
    let log = office.store.audit_after(0, 1000).await.unwrap().into_iter();
    log.map(|entry| entry.act).filter(|act| act.starts_with("refused_")).collect()
}

#[tokio::test]
async fn staff_accept_return_or_discard_what_was_refused_and_the_phone_learns_of_it() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let li = office.phone("li").await;
    let mut sent = Vec::new();
    for (number, summary) in [(1, "收下"), (2, "退回去"), (3, "作废掉"), (4, "冒名的")] {
        // The last one is in somebody else's name: that no lent right makes good.
        let author = mandate(usize::from(number != 4));
        let mut draft = Draft::voice(&li, office.stations[0], number, &voice_by(author, summary));
        if number == 1 {
            draft.edit(li.actor, &[Edit::put("category", "roads")]);
        }
        office.exchange(&li, &request(draft.changes.clone(), &[])).await;
        office.wait_ms(1000);
        sent.push(draft);
    }
    let zhou = Browser::of(&office, "zhou").await;
    let all = offered(&zhou).await;
    assert_eq!(all.len(), 5);
    let of = |draft: &Draft, change: usize| {
        let hash = draft.changes[change].hash.to_string();
        all.iter().find(|[_, (_, offered)]| *offered == hash).unwrap()
    };
    let (accepted, rests) = (of(&sent[0], 0), of(&sent[0], 1));
    let (returned, discarded, forged) = (of(&sent[1], 0), of(&sent[2], 0), of(&sent[3], 0));
    assert!(zhou.get("/console").await.links().contains(&"/console/quarantine".to_owned()));

    // Who has no right there, or decides on their own, learns nothing of it.
    for login in ["lou", "li", "guan"] {
        let page =
            Browser::of(&office, login).await.post("/console/quarantine", &deciding(accepted, "accept", "")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{login}");
    }
    let page = zhou.post("/console/quarantine", &deciding(rests, "accept", "")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "what it rests on is not here");
    assert!(page.has("请先处理那一条"));
    assert!(zhou.post("/console/quarantine", &deciding(forged, "accept", "")).await.has("记录人不是本人"));
    for (what, note) in [("return", ""), ("discard", "略"), ("return", "请打13985000123问")] {
        let page = zhou.post("/console/quarantine", &deciding(returned, what, note)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{what} {note}");
        assert!(note.is_empty() || page.has(&format!(">{note}</textarea>")), "the text is still there");
    }
    assert_eq!(zhou.post("/console/quarantine", &[("what", "burn")]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(offered(&zhou).await.len(), 5, "nothing was decided so far");

    let done = "/console/quarantine?done=settled";
    for (which, what, note) in [
        (accepted, "accept", ""),
        (rests, "accept", "由站里补录"),
        (returned, "return", "请改到本站再提交"),
        (discarded, "discard", "与上一条重复"),
    ] {
        assert_eq!(zhou.post("/console/quarantine", &deciding(which, what, note)).await.location, done, "{what}");
    }
    // Deciding twice changes nothing, whoever does it and whatever they want.
    let zhao = Browser::of(&office, "zhao").await;
    for which in [accepted, returned, discarded] {
        for what in ["accept", "discard"] {
            let page = zhao.post("/console/quarantine", &deciding(which, what, "再来一次")).await;
            assert_eq!(page.status, StatusCode::CONFLICT);
        }
    }
    let page = zhao.get("/console/quarantine").await;
    assert_eq!((page.marked("row"), page.marked("settled")), (1, 4));
    assert!(page.has("与上一条重复") && !page.has("作废掉"), "what was discarded is not here any more");

    let record = zhao.get(&record(sent[0].record.id())).await;
    assert!(record.has("收下") && record.has("李秀碧") && record.has("交通基础设施"), "under its author's name");
    assert_eq!(decided(&office).await, ["refused_accept", "refused_accept", "refused_return", "refused_discard"]);

    // The phone asks for all five, and for one of another phone, of which it learns nothing.
    let hash = |which: &[(String, String); 2]| which[1].1.parse().unwrap();
    let asked = wire::Request {
        refused: [forged, discarded, returned, rests, accepted].map(hash).into(),
        ..request(Vec::new(), &[])
    };
    let huang = office.phone("huang").await;
    assert!(office.exchange(&huang, &asked).await.settled.is_empty());
    let answer = office.exchange(&li, &asked).await;
    let told = |which| answer.settled.iter().find(|settled| settled.hash == hash(which));
    assert!(told(forged).is_none(), "nobody has decided on it");
    for which in [accepted, rests] {
        assert!(matches!(told(which).unwrap().outcome, wire::Outcome::Received { .. }));
    }
    assert_eq!(told(returned).unwrap().note, "请改到本站再提交");
    assert_eq!(told(discarded).unwrap().note, "与上一条重复");
    assert!(matches!(told(discarded).unwrap().outcome, wire::Outcome::Refused(_)));
    // Sent once more, each has the answer that it has now.
    let again: Vec<_> = sent.iter().flat_map(|draft| draft.changes.clone()).collect();
    let outcomes = outcomes(&office.exchange(&li, &request(again, &[])).await);
    let received = outcomes.iter().map(|outcome| matches!(outcome, wire::Outcome::Received { .. }));
    assert_eq!(received.collect::<Vec<_>>(), [true, true, false, false, false]);
}

#[tokio::test]
async fn of_two_who_decide_at_once_on_a_refused_change_one_does() {
    let office = Office::new().await;
    let li = office.phone("li").await;
    let draft = Draft::voice(&li, office.stations[0], 1, &voice_by(mandate(1), "写错了地方"));
    office.exchange(&li, &request(draft.changes.clone(), &[])).await;
    let (zhou, zhao) = (Browser::of(&office, "zhou").await, Browser::of(&office, "zhao").await);
    let [which] = &offered(&zhou).await[..] else { panic!("one is offered") };
    let (accept, discard) = (deciding(which, "accept", ""), deciding(which, "discard", "写错了地方"));
    let (one, other) =
        tokio::join!(zhou.post("/console/quarantine", &accept), zhao.post("/console/quarantine", &discard));
    let mut statuses = [one.status, other.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::CONFLICT]);
    assert_eq!(decided(&office).await.len(), 1);
    let stored = office.store.record(draft.record.id()).await.unwrap();
    assert_eq!(stored.is_some(), one.status == StatusCode::SEE_OTHER);
}
