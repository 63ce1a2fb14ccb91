//! Official acts by the forms of a page, and what happens when two act at once.

use axum::http::{Request, StatusCode};
use lianxin_server::store::DeviceKind;
use lianxin_shared::{
    blob,
    case::{self, Act},
    id::{BlobHash, EventId, RecordId, SpaceId, UnitCode},
    record::{Edit, Op, Record},
    rights::{Role, SpaceKind},
    schema::Kind,
    wire::{self, SentRequest},
};
use lianxin_tests::office::{Draft, NOW, Office, mandate, request, suggestion};

use super::browser::{Browser, choice, do_act, filled, form_keys};
use super::district::{
    add_neighbours, add_user, hand_in, raised, record, recorded, suggestion_at_the_district, voice, written,
};

#[tokio::test]
async fn a_voice_becomes_a_suggestion_linked_both_ways() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    let huang = office.phone("huang").await;
    let more = [Edit::put("category", "roads"), Edit::put("tier_suggest", "town")];
    let draft = voice(&office, &huang, 1, "三组断头路没有修，雨天过不去。", &more).await;
    let path = format!("{}/suggestion", record(draft.record.id()));

    // Station staff prepare; they raise no suggestions.
    let zhao = Browser::of(&office, "zhao").await;
    assert_eq!(zhao.get(&record(draft.record.id())).await.marked("make-suggestion"), 0);
    assert_eq!(zhao.get(&path).await.status, StatusCode::FORBIDDEN);

    let zhou = Browser::of(&office, "zhou").await;
    assert_eq!(zhou.get(&record(draft.record.id())).await.marked("make-suggestion"), 1);
    let form = zhou.get(&path).await;
    assert!(form.has("关于三组断头路没有修的建议") && form.has("value=\"express\" selected"));
    assert!(!form.has("value=\"district\""), "the town does not write at the district's desk");
    let answers = [
        ("was.tier", ""),
        ("tier", "express"),
        ("was.type", ""),
        ("type", "suggestion"),
        ("was.date", ""),
        ("date", "2026-01-02"),
        ("was.title", ""),
        ("title", "关于修通三组断头路的建议"),
        ("was.facts", ""),
        ("facts", "三组断头路没有修"),
    ];
    // At a desk where one may not write, nothing is made.
    let elsewhere: Vec<_> =
        answers.iter().map(|(key, value)| (*key, if *key == "tier" { "district" } else { value })).collect();
    let refused = zhou.post(&path, &elsewhere).await;
    assert_eq!((refused.status, refused.marked("field-error")), (StatusCode::UNPROCESSABLE_ENTITY, 1));
    assert!(refused.has("关于修通三组断头路的建议"), "what was typed is still there");

    let made = zhou.post(&path, &answers).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    let suggestion = zhou.get(&made.location).await;
    assert!(suggestion.marked("done") == 1 && suggestion.has(&record(draft.record.id())));
    let id: RecordId = made.location["/console/record/".len()..][..32].parse().unwrap();
    assert_eq!(office.store.record(id).await.unwrap().unwrap().space, office.town_office);
    assert!(zhou.get(&record(draft.record.id())).await.has(&record(id)), "the voice names its suggestion");
    let reads = zhao.get(&record(draft.record.id())).await;
    assert!(!reads.has("关于修通三组断头路的建议"), "what lies at the town's desk is not the station's to read");

    let wu = Browser::of(&office, "wu").await;
    let district: Vec<_> =
        answers.iter().map(|(key, value)| (*key, if *key == "tier" { "district" } else { value })).collect();
    let made = wu.post(&path, &district).await;
    let id: RecordId = made.location["/console/record/".len()..][..32].parse().unwrap();
    assert_eq!(office.store.record(id).await.unwrap().unwrap().space, desk);
}

#[tokio::test]
async fn a_case_number_begins_with_the_towns_name_and_not_with_its_desks() {
    let office = Office::new().await;
    add_neighbours(&office).await;
    let (wu, zhou) = (office.device("wu", DeviceKind::Console).await, office.device("zhou", DeviceKind::Console).await);
    let town = UnitCode("520303108".into());
    let public = office.store.create_space(SpaceKind::TownPublic, &town, "芝麻镇公开").await.unwrap();
    let accepted = async || {
        let edits = raised("express", Some("roads"), false, false);
        let id = office.enter(&zhou, Kind::Suggestion, office.town_office, edits).await;
        hand_in(&office, &zhou, id, [Act::Review, Act::Accept]).await;
        office.store.case_rows(&[id]).await.unwrap()[&id].number.clone().unwrap()
    };
    assert_eq!(accepted().await, "三合镇直通车〔2026〕001号", "nobody has entered the unit: the desk's name");
    let unit = vec![Edit::put("code", town.0), Edit::put("name", "芝麻镇"), Edit::put("level", "town")];
    office.enter(&wu, Kind::AdminUnit, public, unit).await;
    assert_eq!(accepted().await, "芝麻镇直通车〔2026〕002号");
}

#[tokio::test]
async fn staff_act_on_a_case_and_the_second_of_two_gets_the_text_back() {
    let office = Office::new().await;
    let space = office.stations[0];
    let huang = office.phone("huang").await;
    let mut activity = Draft::new(Kind::Activity, &huang, space, 1);
    let edits = [
        Edit::put("author", mandate(0)),
        Edit::put("kind", "courtyard"),
        Edit::put("title", "竹元院坝会"),
        Edit::put("start", "2026-01-01T09:00"),
        Edit::put("village", RecordId([2; 16])),
        Edit::add("attendees", mandate(0)),
        Edit::write("body", "讲解新国发2号文件"),
    ];
    activity.edit(huang.actor, &edits);
    let (id, kind, seen) = (activity.record.id(), Kind::Activity, 0);
    let act = Act::Submit { text: None, declared: true, again: None };
    let submit = case::Request { id: EventId([1; 16]), case: id, kind, seen, made_ms: NOW, proxy: None, act };
    let sent = wire::Request { requests: vec![SentRequest::of(space, &submit)], ..request(activity.changes, &[]) };
    office.exchange(&huang, &sent).await;

    let (zhou, other) = (Browser::of(&office, "zhou").await, Browser::of(&office, "zhou").await);
    let (page, seen_by_other) = (zhou.get(&record(id)).await.html, other.get(&record(id)).await.html);
    assert!(
        page.contains("已提交") && page.contains("data-act=\"verify\"") && page.contains("data-act=\"ask_revision\"")
    );
    assert!(!page.contains("data-act=\"submit\"") && !page.contains("data-act=\"assign\""), "only what is possible");
    let request_of = |html: &str, act: &str| {
        let form = html.split(&format!("name=\"act\" value=\"{act}\"")).nth(1).unwrap();
        form.split("name=\"request\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let verify = request_of(&page, "verify");
    let form = [("act", "verify"), ("request", verify.as_str()), ("seen", "1")];
    let done = zhou.post(&format!("{}/act", record(id)), &form).await;
    assert_eq!((done.status, done.location.contains("done=acted")), (StatusCode::SEE_OTHER, true));
    let again = zhou.post(&format!("{}/act", record(id)), &form).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "a form that is sent twice is one act");

    let revise = request_of(&seen_by_other, "ask_revision");
    let words = "请补充<到场>群众人数";
    let form = [("act", "ask_revision"), ("request", revise.as_str()), ("seen", "1"), ("text", words)];
    let back = other.post(&format!("{}/act", record(id)), &form).await;
    assert_eq!(back.status, StatusCode::CONFLICT);
    assert!(back.html.contains("请补充&#60;到场&#62;群众人数"), "the text is in the form again");
    assert!(back.html.contains("已核实") && back.html.contains("周正") && back.html.contains("data-testid=\"error\""));
    assert_ne!(request_of(&back.html, "ask_revision"), revise, "trying again is another request");

    let page = zhou.get(&record(id)).await.html;
    assert_eq!(page.matches("data-testid=\"case-event\"").count(), 2);
    assert!(!page.contains("data-act=\"verify\"") && page.contains("data-act=\"correct\""));
    let empty = [("act", "correct"), ("request", "nonsense"), ("seen", "1")];
    assert_eq!(zhou.post(&format!("{}/act", record(id)), &empty).await.status, StatusCode::BAD_REQUEST);
    let quarantine = zhou.get("/console/quarantine").await.html;
    assert!(quarantine.contains("请补充&#60;到场&#62;群众人数"), "staff see what came back");
}

#[tokio::test]
async fn a_suggestion_goes_its_whole_way_by_the_forms_of_its_page() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    let id = suggestion_at_the_district(&office, desk, "关于修通三组断头路的建议").await;
    let wu = Browser::of(&office, "wu").await;
    let proxy = ("proxy", "替黄光明代表，依据纸质建议纸");
    let done = async |form: &str, fields: &[(&str, &str)]| {
        let page = do_act(&wu, id, form, fields).await;
        assert_eq!(
            page.status,
            StatusCode::SEE_OTHER,
            "{form}: {}",
            page.html.split("data-testid=\"error\"").nth(1).unwrap_or_default().chars().take(200).collect::<String>()
        );
    };
    // From paper: it must be said for whom.
    let silent = do_act(&wu, id, "submit", &[("declared", "yes")]).await;
    assert_eq!(silent.status, StatusCode::CONFLICT);
    assert!(silent.has("代录请注明") && silent.has("name=\"proxy\""));
    done("submit", &[("declared", "yes"), proxy]).await;
    done("review", &[]).await;
    done("accept", &[]).await;
    let page = wu.get(&record(id)).await.html;
    let (road, water) = (choice(&page, "区交通运输局"), "520303U03|区水务局");
    assert!(page.contains(&format!("name=\"co\" value=\"{water}\"")), "joint units are chosen from the list");
    let same = do_act(&wu, id, "assign", &[("lead", &road), ("co", &road)]).await;
    assert!(same.status == StatusCode::CONFLICT && same.has("不能指向它自己"));
    let note = "请按时答复";
    done("assign", &[("lead", &road), ("co", water), ("text", note)]).await;
    let page = wu.get(&record(id)).await;
    assert!(page.has("区交通运输局") && page.has("区水务局") && page.has(note) && page.has("汇人建〔2026〕001号"));
    done("sign", &[("officer", "陈工"), proxy]).await;
    // A day further than the limit is what an extension asks for; the form begins with the first possible.
    assert!(wu.get(&record(id)).await.has("name=\"until\" value=\"2026-04-0"));
    let far = do_act(&wu, id, "ask_extension", &[("until", "2027-01-01"), ("text", "要重新设计"), proxy]).await;
    assert!(far.status == StatusCode::CONFLICT && far.has("要重新设计") && far.has("最多只能延到"));
    done("ask_extension", &[("until", "2026-05-06"), ("text", "要重新设计"), proxy]).await;
    done("decide_extension", &[("grant", "no"), ("text", "请按期")]).await;
    done("contact", &[("on", "2026-01-01"), ("way", "visit"), ("place", "竹元村"), proxy]).await;
    done("co_opinion", &[("text", "管道可同步迁改"), proxy]).await;
    let reply = [
        ("letter", "汇交函〔2026〕3号"),
        ("class", "B"),
        ("signer", "刘局长"),
        ("text", "列入今年计划"),
        ("may_publish", "yes"),
        ("commitments.0.text", "六月底前完工"),
        proxy,
    ];
    let without_day = do_act(&wu, id, "reply", &reply).await;
    assert_eq!(without_day.status, StatusCode::CONFLICT);
    assert!(without_day.has("列入今年计划") && without_day.has("承诺事项要写明完成日期"));
    done("reply", &[&reply[..], &[("commitments.0.due", "2026-06-30")]].concat()).await;
    done("urge", &[("level", "1"), ("text", "请测评")]).await;
    done("evaluate", &[("attitude", "satisfied"), ("result", "mostly"), ("way", "letter"), proxy]).await;
    done("mark", &[("flag", "key_supervision"), ("on", "yes")]).await;
    done("close", &[]).await;
    let page = wu.get(&record(id)).await;
    assert!(page.has("承诺跟踪") && page.has("重点督办") && page.has("基本满意") && page.has("2026年6月30日"));
    done("commitment", &[("commitment", "1"), ("outcome", "adjusted"), ("due", "2026-07-31"), ("text", "雨季")]).await;
    done("commitment", &[("commitment", "1"), ("outcome", "kept"), ("text", "已完工")]).await;
    done("publish", &[]).await;
    done("archive", &[]).await;
    let page = wu.get(&record(id)).await;
    assert!(page.has("已归档") && page.has("data-act=\"unpublish\"") && !page.has("data-act=\"reply\""));
    assert!(!page.html.contains(">act.") && !page.html.contains("urge."), "all has words");
}

/// A suggestion's photos that are here, by their hashes.
async fn with_photos<const N: usize>(office: &Office, desk: SpaceId) -> (RecordId, [BlobHash; N]) {
    let photos: [Vec<u8>; N] =
        std::array::from_fn(|n| [&[0xff, 0xd8, 0xff, 0xe0, 0, 2], &[n as u8 + 1; 200][..]].concat());
    let hashes = photos.each_ref().map(|photo| BlobHash::of(photo));
    let wu = office.phone("wu").await;
    let named = hashes.iter().map(|hash| Edit::enter("files", hash, "现场"));
    let edits = suggestion("district", "关于修通三组断头路的建议").into_iter().chain(named).collect();
    let id = office.enter(&wu, Kind::Suggestion, desk, edits).await;
    for (photo, hash) in photos.iter().zip(&hashes) {
        let address = format!("/api/v1/files/{id}/{hash}?at=0&of={}", photo.len());
        let request = wu.authorized(Request::post(address)).body(photo.clone().into()).unwrap();
        assert_eq!(office.send(request).await.status(), StatusCode::OK);
    }
    (id, hashes)
}

/// 附件: with a suggestion those of its files are published that somebody holds may be, and nobody may not.
#[tokio::test]
async fn a_publication_takes_along_the_files_that_may_be_public() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    let (id, [first, second, third]) = with_photos::<3>(&office, desk).await;
    let say = |hash: BlobHash| format!("{}/file/{hash}/say", record(id));
    let wu = Browser::of(&office, "wu").await;
    assert_eq!(wu.get(&record(id)).await.marked("file-say"), 0, "a draft moves, and what was said would stay behind");
    assert_eq!(wu.get(&say(first)).await.status, StatusCode::FORBIDDEN);
    let proxy = ("proxy", "替黄光明代表，依据纸质建议纸");
    let done = async |form: &str, fields: &[(&str, &str)]| {
        assert_eq!(do_act(&wu, id, form, fields).await.status, StatusCode::SEE_OTHER, "{form}");
    };
    done("submit", &[("declared", "yes"), proxy]).await;

    // The deputy may object to a file, and allow none.
    let huang = Browser::of(&office, "huang").await;
    let form = huang.get(&say(second)).await;
    assert!(form.has("name=\"not_public\"") && !form.has("name=\"may_be_public\""));
    let kind = [("was.kind", ""), ("kind", "photo")];
    let allowed = [&kind[..], &[("was.may_be_public", ""), ("may_be_public", "yes")]].concat();
    assert_eq!(huang.post(&say(third), &allowed).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let objects = [&kind[..], &[("was.not_public", ""), ("not_public", "yes")]].concat();
    assert_eq!(huang.post(&say(second), &objects).await.location, format!("{}?done=saved", record(id)));
    // Whoever has no part in the case, and who asks for a file that it does not name, finds nothing.
    let li = Browser::of(&office, "li").await;
    assert_eq!(li.post(&say(first), &objects).await.status, StatusCode::NOT_FOUND);
    assert_eq!(wu.get(&say(BlobHash([9; 32]))).await.status, StatusCode::NOT_FOUND);
    assert_eq!(wu.get(&format!("{}/file/no-hash/say", record(id))).await.status, StatusCode::NOT_FOUND);

    let more = [
        &allowed[..],
        &[("was.blurred", ""), ("blurred", "yes"), ("was.transcribed_by", ""), ("transcribed_by", "赵小兰")],
    ];
    assert_eq!(wu.post(&say(first), &more.concat()).await.status, StatusCode::SEE_OTHER);
    assert_eq!(wu.post(&say(first), &allowed).await.status, StatusCode::CONFLICT, "it is there already");
    let page = wu.get(&record(id)).await;
    assert!(page.has("data-testid=\"file-mark\">可公开<") && page.has(">已打码<") && page.has("转写人：赵小兰"));
    // The office allows what the deputy objected to: the objection stands.
    let of_second = blob::attachment(id, second);
    let chief = office.device("wu", DeviceKind::Console).await;
    office.revise(&chief, of_second, vec![Edit { field: "may_be_public".into(), op: Op::Mark }]).await;

    // What a station says where it may write says nothing here.
    let zhao = office.phone("zhao").await;
    let of_third = blob::attachment(id, third);
    let mut forged =
        Draft { record: Record::new(Kind::Attachment, of_third), space: office.stations[0], changes: vec![] };
    let names = [("record", id.to_string()), ("hash", third.to_string())].map(|(field, value)| Edit::put(field, value));
    forged.edit(zhao.actor, &[&names[..], &[Edit { field: "may_be_public".into(), op: Op::Mark }]].concat());
    office.exchange(&zhao, &request(forged.changes, &[])).await;
    assert!(office.store.record(of_third).await.unwrap().is_some(), "it is stored");

    done("review", &[]).await;
    done("accept", &[]).await;
    let road = choice(&wu.get(&record(id)).await.html, "区交通运输局");
    done("assign", &[("lead", &road)]).await;
    done("sign", &[("officer", "陈工"), proxy]).await;
    done("contact", &[("on", "2026-01-01"), ("way", "visit"), ("place", "竹元村"), proxy]).await;
    let reply = [
        ("letter", "汇交函〔2026〕3号"),
        ("class", "A"),
        ("signer", "刘局长"),
        ("text", "已修通"),
        ("may_publish", "yes"),
    ];
    done("reply", &[&reply[..], &[proxy]].concat()).await;
    done("evaluate", &[("attitude", "satisfied"), ("result", "satisfied"), ("way", "letter"), proxy]).await;
    done("close", &[]).await;
    assert!(wu.get(&record(id)).await.has("附件共3个，会一起公开的有1个"));
    done("publish", &[]).await;

    let events = office.store.case_events(id).await.unwrap();
    let published = events.last().unwrap().read().unwrap();
    assert_eq!((published.act.key(), published.added.files), ("publish", vec![first]));
    let page = wu.get(&record(id)).await;
    assert!(page.has("data-testid=\"file-mark\">已公开<") && page.has("公开的附件数"));
    // An objection that comes later still wins.
    let of_first = blob::attachment(id, first);
    office.revise(&chief, of_first, vec![Edit { field: "not_public".into(), op: Op::Mark }]).await;
    assert!(!wu.get(&record(id)).await.has("data-testid=\"file-mark\">已公开<"));
}

#[tokio::test]
async fn of_two_who_assign_at_once_the_second_learns_to_whom_it_went_and_may_reassign() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    add_user(&office, "tang", "唐丽", Role::District, "520303").await;
    let id = suggestion_at_the_district(&office, desk, "关于修通三组断头路的建议").await;
    let (wu, tang) = (Browser::of(&office, "wu").await, Browser::of(&office, "tang").await);
    for (form, fields) in
        [("submit", vec![("declared", "yes"), ("proxy", "替黄光明，纸质")]), ("review", vec![]), ("accept", vec![])]
    {
        assert_eq!(do_act(&wu, id, form, &fields).await.status, StatusCode::SEE_OTHER, "{form}");
    }
    let (request, seen) = form_keys(&tang.get(&record(id)).await.html, "assign");
    let road = "520303U02|区交通运输局";
    assert_eq!(do_act(&wu, id, "assign", &[("lead", road)]).await.status, StatusCode::SEE_OTHER);
    let late = [
        ("act", "assign"),
        ("request", request.as_str()),
        ("seen", seen.as_str()),
        ("lead", ""),
        ("lead.other", "区自然资源局"),
        ("co", road),
        ("text", "先看用地"),
    ];
    let back = tang.post(&format!("{}/act", record(id)), &late).await;
    assert_eq!(back.status, StatusCode::CONFLICT);
    assert!(back.has("已由吴敏于") && back.has("区交通运输局") && back.has("是否改派"));
    assert!(back.has("先看用地") && back.has("value=\"区自然资源局\""), "what was typed is in the form again");
    assert!(back.has(&format!("value=\"{road}\" checked")), "and what was ticked");
    let again = do_act(&tang, id, "reassign", &[("lead.other", "区自然资源局"), ("text", "先看用地")]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert!(wu.get(&record(id)).await.has("区自然资源局"));
}

#[tokio::test]
async fn voices_are_sorted_by_the_station_and_sent_each_its_way_by_the_town() {
    let office = Office::new().await;
    let huang = office.phone("huang").await;
    let road = recorded(&office, &huang, 1, "三组断头路没有修", &[]).await;
    let same = recorded(&office, &huang, 2, "三组的路还是断头", &[]).await;
    let (zhao, zhou) = (Browser::of(&office, "zhao").await, Browser::of(&office, "zhou").await);
    let page = zhao.get(&record(road)).await;
    assert_eq!(page.marked("proposal"), 1);
    assert!(
        page.has("类别是“交通基础设施”") && page.has("value=\"town\" selected"),
        "the form begins with the proposal"
    );
    for id in [road, same] {
        let sorted = do_act(&zhao, id, "sort", &[("proposed", "town"), ("text", "按类别")]).await;
        assert_eq!(sorted.status, StatusCode::SEE_OTHER);
    }
    let page = zhao.get(&record(road)).await;
    assert!(page.has("data-act=\"route.spot\"") && page.has("data-act=\"route.merged\""));
    assert!(!page.has("data-act=\"route.upper\""), "that is the town's to decide");
    let page = zhou.get(&record(road)).await;
    for exit in ["spot", "upper", "petition", "declined", "merged"] {
        assert!(page.has(&format!("data-act=\"route.{exit}\"")), "{exit}");
    }
    assert!(!page.has("data-act=\"route.town\""), "there is no suggestion yet for it to go on as");
    assert_eq!((page.marked("lacks-suggestion"), zhao.get(&record(road)).await.marked("lacks-suggestion")), (1, 0));
    let made = zhou
        .post(
            &format!("{}/suggestion", record(road)),
            &[
                ("was.tier", ""),
                ("tier", "express"),
                ("was.type", ""),
                ("type", "suggestion"),
                ("was.date", ""),
                ("date", "2026-01-01"),
                ("was.title", ""),
                ("title", "关于修通三组断头路的建议"),
            ],
        )
        .await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    let page = zhou.get(&record(road)).await;
    assert!(page.has("data-act=\"route.town\"") && page.has("关于修通三组断头路的建议</option>"));
    assert!(page.marked("lacks-suggestion") == 0 && !page.has("data-act=\"route.district\""));
    let merged = do_act(&zhou, same, "route.merged", &[("into", &road.to_string())]).await;
    assert_eq!(merged.status, StatusCode::SEE_OTHER);
    let page = zhou.get(&record(same)).await;
    assert!(page.has("已并入") && page.has(&record(road)), "where it went is a link");
    let circle = do_act(&zhou, road, "route.merged", &[("into", &same.to_string())]).await;
    assert!(circle.status == StatusCode::CONFLICT && circle.has("不能指向它自己"));
    let told = do_act(&zhou, road, "route.petition", &[("matter", "appeal"), ("office.other", "区信访局")]).await;
    assert!(told.status == StatusCode::CONFLICT && told.has("信访事项只登记"), "of a petition nothing is told");
    assert!(told.has("value=\"区信访局\""));
    assert_eq!(do_act(&zhou, road, "route.spot", &[("text", "已列入计划")]).await.status, StatusCode::SEE_OTHER);
    for day in ["2025-12-30", "2025-12-31"] {
        assert_eq!(do_act(&zhao, road, "miss", &[("on", day), ("way", "phone")]).await.status, StatusCode::SEE_OTHER);
    }
    let again = format!("{}/again", record(road));
    assert_eq!(zhao.get(&again).await.status, StatusCode::NOT_FOUND, "the matter is still open");
    let closed = do_act(&zhao, road, "close", &[]).await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER);
    assert!(zhao.get(&record(road)).await.has("已销号"));

    // 再次反映: the closed one stays closed, and the new one names it.
    let form = zhao.get(&zhao.get(&record(road)).await.link("raise-again")).await;
    assert!(form.marked("again-form") == 1 && form.marked("source") == 1);
    let refused = zhao.post(&again, &[("was.summary", ""), ("summary", "又塌了")]).await;
    assert!(
        refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.has("又塌了"),
        "what is missing is asked for"
    );
    let said = [("slip_no", "9-009"), ("channel", "visit"), ("date", "2026-01-05"), ("summary", "又塌了")];
    let said = filled(&said);
    let mut said: Vec<(&str, &str)> = said.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let by = mandate(0).to_string();
    said.extend([("was.collectors", ""), ("collectors", by.as_str())]);
    let made = zhao.post(&again, &said).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.html);
    let page = zhao.get(&made.location).await;
    assert!(page.has("再次反映") && page.links().contains(&record(road)));
}

/// 督促指导: what a visit found is a line of today for the town and the district until it is solved.
#[tokio::test]
async fn what_guidance_visits_found_is_followed_until_it_is_solved() {
    let office = Office::new().await;
    let desk = add_neighbours(&office).await;
    let unit = RecordId::derived(Kind::AdminUnit, &["520303108"]);
    let visit = vec![Edit::put("date", "2025-12-20"), Edit::put("unit", unit), Edit::put("topic", "督导站室建设")];
    let visit = written(&office, "wu", Kind::GuidanceVisit, desk, visit).await;
    let problem = |state: &str| {
        vec![
            Edit::put("visit", visit),
            Edit::put("unit", unit),
            Edit::put("title", "反馈日期未填"),
            Edit::put("date", "2025-12-20"),
            Edit::put("due", "2026-01-20"),
            Edit::put("state", state),
        ]
    };
    let open = written(&office, "wu", Kind::Rectification, office.town_office, problem("open")).await;
    written(&office, "wu", Kind::Rectification, office.town_office, problem("solved")).await;
    let zhou = Browser::of(&office, "zhou").await;
    let today = zhou.get("/console").await;
    assert_eq!((today.marked("today.rectification.open"), today.marked("today.rectification.mending")), (1, 0));
    assert_eq!(zhou.get(&today.link("today.rectification.open")).await.rows(), [open.to_string()]);
    let at_desk = office.device("zhou", DeviceKind::Console).await;
    office.revise(&at_desk, open, vec![Edit::put("state", "mending")]).await;
    let today = Browser::of(&office, "wu").await.get("/console").await;
    assert_eq!((today.marked("today.rectification.open"), today.marked("today.rectification.mending")), (0, 1));
}
