//! The whole thing, as people use it: phones in real browsers, lines that are cut, the real server,
//! and the town's clerk at a desk. Stories 1 to 3 of the domain.
//!
//! `cargo xtask test browser` builds what it needs. Pictures are in target/screenshots.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "browser/screens.rs"]
mod screens;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use lianxin_tests::{
    browser::{Browser, Page, Screen},
    district::{self, Account, DEPUTIES, DISTRICT_CLERK, PASSWORD, STATION_NAME, TOWN_CLERK},
    link::{EDGE, Link},
    scratch::Scratch,
    server::Server,
};

const BANNER: &str = "[data-testid=banner]";
const ROW: &str = "[data-testid=row]";
/// The drafts on the disk.
const DRAFTS: &str = "new Promise(done => {
    const opening = indexedDB.open('lianxin-drafts');
    opening.onsuccess = () => {
        const all = opening.result.transaction('drafts').objectStore('drafts').getAll();
        all.onsuccess = () => { opening.result.close(); done(all.result); };
    };
})";
/// Until a phone has tried again by itself after several failures.
const BY_ITSELF: Duration = Duration::from_secs(150);

#[test]
fn three_deputies_one_day_offline_and_the_town_sees_one_record() {
    let _alone = alone();
    let mut server = a_server();
    let [huang, mut li, chen] = DEPUTIES.map(|deputy| Phone::signed_in(&server, deputy));
    for phone in [&huang, &li, &chen] {
        phone.keeps_the_app();
    }
    huang.page.see_words(BANNER, "全部已到服务器");
    huang.page.screenshot("phone-1-home");

    for phone in [&huang, &li, &chen] {
        phone.link.cut();
    }
    huang.opens_the_day();
    huang.page.screenshot("phone-2-day-offline");
    huang.writes_minutes("黄光明:来访群众三人。");
    huang.records_a_voice("三组的路断了半年", "修通三组断头路");
    li.opens_the_day();
    li.writes_minutes("李秀碧:饮水管网要换。");
    li.records_a_voice("水管漏了", "更换饮水管网");
    li.page.screenshot("phone-3-saved-offline");
    // Right after "saved": what the person was told is safe.
    li.browser.kill();
    chen.opens_the_day();
    chen.records_a_voice("路灯不亮", "维修路灯");

    huang.page.reload();
    huang.is_on_this_phone_only("修通三组断头路");
    huang.page.see_words(BANNER, "仅在本机");
    huang.page.see_words(BANNER, "等有信号自动发送");
    huang.page.screenshot("phone-4-home-offline");
    li.starts_again();
    li.is_on_this_phone_only("更换饮水管网");

    // The signal comes back, for one of them only for an instant.
    chen.link.cut_after_sending(700);
    huang.link.restore();
    li.link.restore();
    for phone in [&huang, &li] {
        phone.has_delivered_everything();
    }
    chen.link.restore();
    chen.link.cut_after_sending(700);
    chen.page.tap("[data-testid=banner-send]");
    lianxin_tests::wait::until(BY_ITSELF, || chen.link.is_cut().then_some(())).unwrap();
    // An exchange that broke off is not a delivery; the phone says so once it has noticed.
    assert!(!chen.page.words(BANNER).contains("全部已到"));
    chen.page.see_words_within(BY_ITSELF, BANNER, "仅在本机");
    server.kill();
    chen.link.restore();
    server.restart();
    chen.has_delivered_everything();

    for phone in [&huang, &li, &chen] {
        phone.goes_home();
        phone.page.tap("label:has([data-testid=view-all])");
        phone.page.until_within(BY_ITSELF, "the others' voices", &rows("voice", 3));
        phone.page.tap("[data-testid=row][data-kind=reception_day]");
        for deputy in DEPUTIES {
            phone.page.see_words_within(BY_ITSELF, "[data-testid=contributors]", deputy.name);
        }
        phone
            .page
            .until("three voices", "document.querySelectorAll('[data-testid=voices] [data-testid=row]').length == 3");
        let minutes = phone.page.words("[data-testid=value-minutes]");
        assert!(minutes.contains("来访群众三人") && minutes.contains("饮水管网要换"), "both paragraphs: {minutes}");
    }
    huang.page.screenshot("phone-5-day-merged");

    let clerk = Desk::of(&server, TOWN_CLERK);
    clerk.sees_one_day_of_three();
    clerk.sees_a_new_voice_without_reloading(&huang);
    clerk.makes_a_suggestion_of("修通三组断头路");
    // With phones and desk still listening.
    server.stop();
    huang.records_a_voice("服务器停了", "停机时也能记");
    server.restart();
    huang.has_delivered_everything();
}

#[test]
fn what_the_server_refuses_is_shown_with_a_reason_and_the_rest_goes_on() {
    let _alone = alone();
    let server = a_server();
    let phone = Phone::without_signal(&server);
    phone.opens_the_day();
    phone.writes_minutes("今天来了五位群众。");
    phone.records_a_voice("渠道堵了", "疏通灌渠");
    // With the mandate goes the right to write into what belongs to the station; the last drafts of one's own arrive.
    district::end_mandate(server.data(), DEPUTIES[0]);
    phone.link.restore();

    phone.goes_home();
    phone.page.see_words_within(BY_ITSELF, "[data-testid=refused]", "接待日");
    phone.page.see_words(BANNER, "被退回");
    phone.page.screenshot("phone-6-refused");
    phone.page.tap("[data-testid=refused] [data-testid=row]");
    assert!(phone.page.words("[data-testid=refusal]").len() > 10, "a refusal says why");
    phone.page.see_words("body", "今天来了五位群众。");
    phone.page.screenshot("phone-7-refusal");

    let clerk = Desk::of(&server, TOWN_CLERK);
    clerk.opens_ledger("voice");
    clerk.page.see_words(ROW, "疏通灌渠");
    clerk.page.see_words(ROW, "已转交");
    clerk.page.go(&format!("{}/console/quarantine", server.url()));
    clerk.page.see_words("main", DEPUTIES[0].name);
    clerk.page.screenshot("console-5-quarantine");
}

/// Story 8 of the domain, with thumbs: after the notice, name and number go into the sealed record alone.
#[test]
fn a_villagers_number_is_sealed_opened_at_the_desk_with_a_reason_and_deleted_on_request() {
    const NUMBER: &str = "13987654321";
    let _alone = alone();
    let server = a_server();
    let phone = Phone::without_signal(&server);
    phone.records_a_voice("水管漏了", "更换饮水管网");
    phone.page.tap("[data-testid=sealed-add]");
    phone.page.see("[data-testid=form-sealed]");
    assert_eq!(phone.page.count("[data-testid=field-phone]"), 0, "the notice comes first");
    phone.page.tap("label:has([data-testid=field-noticed])");
    phone.page.write("[data-testid=field-alias]", "张大爷");
    phone.page.write("[data-testid=field-phone]", NUMBER);
    phone.page.screenshot("phone-7-sealed-form");
    phone.page.tap("[data-testid=save]");
    phone.page.see_words("[data-testid=sealed-phone]", NUMBER);
    phone.page.see("[data-testid=sealed-one][data-at=phone]");
    assert_eq!(phone.page.run("JSON.stringify(Object.entries(localStorage)).includes('13987654321')"), false);
    phone.link.restore();
    phone.page.until_within(
        BY_ITSELF,
        "the receipt",
        "document.querySelector('[data-testid=sealed-one]')?.dataset.at == 'received'",
    );
    phone.page.screenshot("phone-8-sealed");

    let desk = Desk::of(&server, TOWN_CLERK);
    desk.opens_ledger("voice");
    desk.page.tap_words(&format!("{ROW} a"), "更换饮水管网");
    desk.page.see("[data-testid=sealed-mark]");
    assert!(!desk.page.words("body").contains(NUMBER));
    desk.page.screenshot("console-5-sealed-mark");
    desk.states_a_reason("open", "回访核实办理情况");
    desk.page.see_words("[data-testid=sealed-contents]", NUMBER);
    desk.page.screenshot("console-6-sealed-open");
    phone.page.reload();
    phone.page.see_words_within(BY_ITSELF, "[data-testid=sealed-opening]", "回访核实办理情况");
    desk.opens_ledger("voice");
    desk.page.tap_words(&format!("{ROW} a"), "更换饮水管网");
    desk.states_a_reason("delete", "群众来站要求删除");
    desk.page.see("[data-testid=receipt-number]");
    desk.page.screenshot("console-7-sealed-receipt");
    phone.page.reload();
    phone.page.see_words_within(BY_ITSELF, "[data-testid=sealed]", "该信息已按群众要求删除");
    assert!(!phone.page.words("body").contains(NUMBER));
}

/// A number in the villager's words is noticed, and goes into the sealed record instead: of a new voice, and of one that
/// there is.
#[test]
fn a_telephone_number_moves_from_the_text_into_the_sealed_record() {
    const NUMBER: &str = "13987654321";
    let _alone = alone();
    let server = a_server();
    let phone = Phone::without_signal(&server);
    begin_a_voice(&phone.page);
    phone.page.write("[data-testid=field-verbatim]", "水管漏了，打139-8765-4321找我");
    phone.page.write("[data-testid=field-summary]", "更换饮水管网");
    phone.page.see_words(".remark", "像是手机号");
    phone.page.tap("[data-testid=move]");
    phone.page.see_words(".remark", "点保存后");
    phone.page.run("document.querySelector('[data-testid=move]').scrollIntoView({ block: 'end' })");
    phone.page.screenshot("phone-move-1-planned");
    let drafted = format!("{DRAFTS}.then(all => all.some(it => it.values.verbatim.includes('139-8765-4321')))");
    phone.page.until("the number in the draft, until it has another place", &drafted);
    phone.page.tap("[data-testid=save]");

    phone.page.see_words("[data-testid=not-sealed-yet]", NUMBER);
    assert_eq!(phone.page.run(&format!("location.href.includes('{NUMBER}')")), false);
    assert_eq!(
        phone.page.run(&format!("JSON.stringify([history.state, {{ ...localStorage }}]).includes('{NUMBER}')")),
        false
    );
    phone.page.until("no draft of it", &format!("{DRAFTS}.then(all => all.length == 0)"));
    // Who turns to something else first finds it again.
    phone.goes_home();
    phone.page.tap_words(ROW, "更换饮水管网");
    phone.page.see_words("[data-testid=value-verbatim]", "水管漏了，打找我");
    phone.page.see_words("[data-testid=not-sealed-yet]", NUMBER);
    phone.page.tap("[data-testid=sealed-add]");
    phone.page.tap("label:has([data-testid=field-noticed])");
    phone.page.screenshot("phone-move-2-sealed");
    phone.page.write("[data-testid=field-alias]", "张大爷");
    phone.page.tap("[data-testid=save]");
    phone.page.see_words("[data-testid=sealed-phone]", NUMBER);
    assert_eq!(phone.page.count("[data-testid=not-sealed-yet]"), 0);

    phone.page.tap("[data-testid=edit]");
    phone.page.write("[data-testid=field-summary]", "更换管网，问13812345678");
    phone.page.tap("[data-testid=move]");
    phone.page.tap("[data-testid=save]");
    phone.page.see_words("[data-testid=not-sealed-yet]", "13812345678");
    phone.goes_home();
    phone.page.tap_words(ROW, "更换管网，问");
    phone.page.see_words("[data-testid=value-summary]", "更换管网，问");
    assert!(!phone.page.words("[data-testid=value-summary]").contains("138"));
    // The villager would rather not leave it.
    phone.page.tap("[data-testid=forget-number]");
    phone.page.until("no number", "!document.querySelector('[data-testid=not-sealed-yet]')");
    phone.page.tap("[data-testid=sealed-add]");
    phone.page.tap("label:has([data-testid=field-noticed])");
    phone.page.until("an empty field", "document.querySelector('[data-testid=field-phone]').value === ''");
}

/// What the console says of a record, the phone says before it is saved: the same rules.
#[test]
fn a_form_says_what_is_missing_or_doubtful_before_it_is_saved() {
    let _alone = alone();
    let server = a_server();
    let phone = Phone::signed_in(&server, DEPUTIES[0]);
    begin_an_activity(&phone.page, "院坝会，联系13812345678");
    phone.page.see_words(".remark", "像是手机号");
    assert_eq!(phone.page.count("[data-testid=move]"), 0, "an activity has no sealed record");
    phone.page.choose("[data-testid=field-start]", "2100-01-01T10:00");
    phone.page.see_words(".field:has([data-testid=field-start])", "还没到");
    phone.page.tap("[data-testid=more]");
    phone.page.choose("[data-testid=field-end]", "2100-01-01T09:00");
    phone.page.write("[data-testid=field-crowd]", "许多");
    phone.page.tap("[data-testid=save]");
    phone.page.see_words(".field:has([data-testid=field-crowd])", "只填数字");
    phone.page.write("[data-testid=field-crowd]", "32");
    phone.page.tap("[data-testid=save]");
    phone.page.see_words(".field:has([data-testid=field-end])", "结束早于开始");
    phone.page.see_words(".field:has([data-testid=select-kind])", "还没有填");
    phone.page.screenshot("phone-form-findings");
    phone.page.choose("[data-testid=field-end]", "2100-01-01T11:00");
    phone.page.choose("[data-testid=select-kind]", "courtyard");
    phone.page.tap("[data-testid=save]");
    phone.page.see("[data-testid=saved]");
}

#[test]
fn a_wrong_password_is_said_and_guessing_has_to_wait() {
    let _alone = alone();
    let server = a_server();
    let phone = Phone::of(&server, DEPUTIES[0]);
    phone.tries_to_sign_in("不对的密码");
    phone.page.see_words("[data-testid=sign-in-problem]", "账号或密码不对");
    for _ in 0..30 {
        phone.tries_to_sign_in("还是不对");
        phone.page.until("an answer", "!document.querySelector('[data-testid=sign-in][aria-disabled=true]')");
        if phone.page.words("[data-testid=sign-in-problem]").contains("秒") {
            phone.page.screenshot("phone-8-wait");
            return;
        }
    }
    panic!("nobody has to wait after thirty wrong passwords");
}

#[test]
fn a_second_tab_shows_and_writes_the_same_records() {
    let _alone = alone();
    let server = a_server();
    let phone = Phone::signed_in(&server, DEPUTIES[0]);
    let second = phone.browser.open(&phone.link.url());
    second.see_words("[data-testid=station]", STATION_NAME);
    phone.records_a_voice("第一个窗口写的", "第一个窗口");
    second.see_words(ROW, "第一个窗口");
    record_a_voice(&second, "第二个窗口写的", "第二个窗口");
    phone.goes_home();
    phone.page.see_words(ROW, "第二个窗口");
    // The tab in which the engine runs goes; the other one takes over.
    let Phone { page, browser: _browser, link: _link, .. } = phone;
    page.close();
    record_a_voice(&second, "只剩一个窗口", "最后一个窗口");
    go_home(&second);
    second.see_words(ROW, "最后一个窗口");
    second.see_words_within(BY_ITSELF, BANNER, "全部已到服务器");
}

/// English is not needed to record, so it comes behind everything else; once it is here it needs no network.
#[test]
fn english_is_kept_on_the_phone() {
    let _alone = alone();
    let server = a_server();
    let phone = Phone::without_signal(&server);
    phone.page.run("location.hash = '/account'");
    phone.page.tap("label:has([data-testid=language-en])");
    phone.page.see_words("h1", "Me");
    phone.page.reload();
    phone.page.see_words("h1", "Me");
    phone.page.screenshot("phone-english");
}

#[test]
fn english_that_is_not_here_yet_is_said_and_comes_by_itself() {
    let _alone = alone();
    let app = Scratch::new("app-without-english");
    let english = copied_without(&app_folder(), app.path(), "words.en-");
    let server = a_server_with(app.path());
    let phone = Phone::signed_in(&server, DEPUTIES[0]);
    phone.keeps_what_records();
    phone.page.run("location.hash = '/account'");
    phone.page.tap("label:has([data-testid=language-en])");
    phone.page.see_words("[data-testid=no-words]", "英文还没有下载完");
    phone.page.see_words("h1", "我的");
    phone.page.screenshot("phone-english-missing");
    for (from, to) in english {
        fs::copy(from, to).unwrap();
    }
    phone.goes_home();
    phone.page.tap("[data-testid=banner-send]");
    phone.page.see_words(BANNER, "Everything is at the server");
}

/// What nobody needs to record is fetched after the rest. Until it is here the screen says so.
#[test]
fn a_part_that_is_not_here_yet_is_said_and_comes_by_itself() {
    let _alone = alone();
    let app = Scratch::new("app-without-later");
    let later = copied_without(&app_folder(), app.path(), "later-");
    let server = a_server_with(app.path());
    let phone = Phone::signed_in(&server, DEPUTIES[0]);
    phone.keeps_what_records();
    phone.link.cut();
    phone.records_a_voice("水管漏了", "更换饮水管网");
    phone.page.see("[data-testid=record-state]");
    phone.page.tap("[data-testid=see-record]");
    phone.page.see_words("[data-testid=later-coming]", "有信号时会自动下载");
    phone.page.screenshot("phone-later-missing");
    for (from, to) in later {
        fs::copy(from, to).unwrap();
    }
    phone.link.restore();
    phone.page.until_within(BY_ITSELF, "all of it", "!document.querySelector('[data-testid=later-coming]')");
    phone.page.see("[data-testid=sealed-add]");
    phone.page.see("[data-testid=contributors]");

    phone.link.cut();
    phone.page.reload();
    phone.page.see("[data-testid=sealed-add]");
    phone.page.run("location.hash = '/account'");
    phone.page.see_words("[data-testid=account-name]", DEPUTIES[0].name);
}

fn app_folder() -> PathBuf {
    std::env::var_os("LIANXIN_APP_DIR").expect("`cargo xtask test browser` says where the app is").into()
}

/// Copies a folder but for the files whose name holds a word; returns these with where they would have gone.
fn copied_without(from: &Path, to: &Path, word: &str) -> Vec<(PathBuf, PathBuf)> {
    let mut left = Vec::new();
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            left.extend(copied_without(&path, &target, word));
        } else if entry.file_name().to_string_lossy().contains(word) {
            left.push((path, target));
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
    left
}

#[test]
fn on_a_slow_line_a_record_arrives_in_one_exchange() {
    let _alone = alone();
    let server = a_server();
    let phone = Phone::signed_in(&server, DEPUTIES[0]);
    phone.keeps_the_app();
    phone.link.set_speed(Some(EDGE));
    let (up, _) = phone.link.bytes();
    phone.records_a_voice("信号只有一格", "山上也要能发");
    phone.has_delivered_everything();
    let (up_after, _) = phone.link.bytes();
    assert!(up_after - up < 8_000, "{} bytes went up for one record", up_after - up);
}

/// Browsers share two cores: one story at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn a_server() -> Server {
    let data = Scratch::new("server");
    district::lay(data.path());
    Server::start(data)
}

/// A server that gives phones the app of this folder.
fn a_server_with(app: &Path) -> Server {
    let data = Scratch::new("server");
    district::lay(data.path());
    Server::start_with_app(data, app)
}

/// The promise is that a killed browser loses the last second of typing at most.
#[test]
fn what_was_typed_into_a_form_survives_a_killed_browser() {
    let _alone = alone();
    let server = a_server();
    let mut huang = Phone::without_signal(&server);
    begin_an_activity(&huang.page, "三组");
    for typed in ["三组的", "三组的路", "三组的路断了"] {
        huang.page.write("[data-testid=field-title]", typed);
    }
    // Not for anything to be ready: this second is what is promised.
    thread::sleep(Duration::from_secs(1));
    huang.browser.kill();
    huang.starts_again();
    goes_on_with(&huang.page, "三组的路断了");
    huang.page.screenshot("phone-draft-after-kill");

    // What was saved does not come back as a draft.
    huang.page.choose("[data-testid=select-kind]", "courtyard");
    huang.page.tap("[data-testid=save]");
    huang.page.see("[data-testid=saved]");
    huang.goes_home();
    huang.page.see_words(ROW, "三组的路断了");
    assert_eq!(huang.page.count("[data-testid=draft]"), 0);
    huang.page.reload();
    huang.page.see_words(ROW, "三组的路断了");
    assert_eq!(huang.page.count("[data-testid=draft]"), 0);
}

#[test]
fn two_tabs_with_the_same_form_keep_both_texts() {
    let _alone = alone();
    let server = a_server();
    let mut huang = Phone::signed_in(&server, DEPUTIES[0]);
    huang.keeps_the_app();
    let second = huang.browser.open(&huang.link.url());
    second.see_words("[data-testid=station]", STATION_NAME);
    second.run("location.hash = '/new/activity'");
    second.see("[data-testid=field-title]");
    huang.page.to_front();
    begin_an_activity(&huang.page, "第一个窗口");
    keeps_the_draft(&huang.page);
    second.to_front();
    begin_an_activity(&second, "第二个窗口");
    keeps_the_draft(&second);
    second.write("[data-testid=field-title]", "第二个窗口又写");
    huang.page.to_front();
    huang.page.write("[data-testid=field-title]", "第一个窗口又写");
    thread::sleep(Duration::from_secs(1));
    huang.browser.kill();
    huang.starts_again();
    goes_on_with(&huang.page, "第一个窗口又写");
    goes_on_with(&huang.page, "第二个窗口又写");
}

#[test]
fn a_draft_that_cannot_be_kept_is_said() {
    let _alone = alone();
    let server = a_server();
    let huang = Phone::signed_in(&server, DEPUTIES[0]);
    begin_an_activity(&huang.page, "三组");
    keeps_the_draft(&huang.page);
    huang.page.run(
        "window.goodDisk = IDBDatabase.prototype.transaction; \
         IDBDatabase.prototype.transaction = () => { throw new DOMException('full', 'QuotaExceededError') }; 0",
    );
    huang.page.write("[data-testid=field-title]", "三组的路");
    huang.page.see_words("[data-testid=save-state]", "草稿没能留在手机上");
    huang.page.screenshot("phone-draft-not-kept");
    huang.page.run("IDBDatabase.prototype.transaction = window.goodDisk; 0");
    huang.page.write("[data-testid=field-title]", "三组的路断了");
    keeps_the_draft(&huang.page);
    huang.page.reload();
    goes_on_with(&huang.page, "三组的路断了");
}

/// Earlier versions of the app kept drafts in localStorage. And a draft leaves the phone with its account.
#[test]
fn drafts_of_an_earlier_app_are_taken_over_and_go_with_the_account() {
    const BEFORE: &str = "(() => {
        const { user } = JSON.parse(localStorage['lianxin.account']);
        const draft = { kind: 'activity', values: { title: '从前写的' }, initial: {}, base: null,
            saved_ms: Date.now(), touched: true, excerpt: '从前写的' };
        localStorage['lianxin.' + user + '.draft./new/activity'] = JSON.stringify(draft);
    })()";
    let _alone = alone();
    let server = a_server();
    let huang = Phone::signed_in(&server, DEPUTIES[0]);
    huang.has_delivered_everything();
    huang.page.run(BEFORE);
    huang.page.reload();
    goes_on_with(&huang.page, "从前写的");
    assert_eq!(huang.page.run("Object.keys(localStorage).some(key => key.includes('.draft.'))"), false);
    assert_eq!(huang.page.run(&format!("{DRAFTS}.then(all => all.length)")), 1);

    huang.page.run("location.hash = '/account'");
    huang.page.tap("[data-testid=sign-out]");
    huang.page.tap("[data-testid=sign-out-sure]");
    huang.page.see("[data-testid=login]");
    assert_eq!(huang.page.run(&format!("{DRAFTS}.then(all => all.length)")), 0);
}

#[test]
fn a_photo_taken_offline_survives_a_killed_browser_and_goes_up_after_its_record() {
    let _alone = alone();
    let server = a_server();
    let mut huang = Phone::without_signal(&server);

    // In the middle of a form: the photo is on the phone as soon as it is there.
    begin_a_voice(&huang.page);
    huang.page.write("[data-testid=field-summary]", "三组的路断了");
    huang.takes_a_photo();
    huang
        .page
        .until("the preview", "document.querySelector('[data-testid=file][data-at=photo] img')?.naturalWidth > 0");
    huang.page.screenshot("phone-files-1-form");
    // What was added last may be a moment behind.
    huang.page.until(
        "the draft with the photo",
        &format!("{DRAFTS}.then(all => all.some(it => it.values.files?.length == 1))"),
    );
    huang.page.reload();
    huang.page.see("[data-testid=draft-restored]");
    huang
        .page
        .until("the photo again", "document.querySelector('[data-testid=file][data-at=photo] img')?.naturalWidth > 0");
    huang.page.tap("[data-testid=save]");
    huang.page.see("[data-testid=saved]");
    huang.browser.kill();
    huang.starts_again();

    // Text only: the record goes, the photo stays and says so.
    huang.page.run("location.hash = '/account'");
    huang.page.tap("label:has([data-testid=field-text-only])");
    huang.link.restore();
    huang.goes_home();
    huang.page.see_words_within(BY_ITSELF, BANNER, "按您的设置留在本机");
    huang.page.tap_words(ROW, "三组的路断了");
    huang.page.see("[data-testid=file][data-state=phone]");
    huang.page.run("document.querySelector('[data-testid=files]').scrollIntoView({ block: 'end' })");
    huang.page.screenshot("phone-files-2-held-back");

    // A slow line that breaks in the middle of the photo: it goes on at the byte.
    let (before, _) = huang.link.bytes();
    huang.link.set_speed(Some(EDGE));
    huang.link.cut_after_sending(60_000);
    huang.page.run("location.hash = '/account'");
    huang.page.tap("label:has([data-testid=field-text-only])");
    lianxin_tests::wait::until(BY_ITSELF, || huang.link.is_cut().then_some(())).unwrap();
    huang.goes_home();
    assert!(huang.page.words(BANNER).contains("照片或录音"), "half a photo is not a delivery");
    huang.link.set_speed(None);
    huang.link.restore();
    huang.page.tap_words(ROW, "三组的路断了");
    let received = "document.querySelector('[data-testid=file]')?.dataset.state == 'received'";
    huang.page.until_within(BY_ITSELF, "the delivery", received);
    let (after, _) = huang.link.bytes();
    assert!(after - before < 2 * 300 * 1024, "{} bytes went up: what had arrived was not sent again", after - before);
    huang.page.run("document.querySelector('[data-testid=files]').scrollIntoView({ block: 'end' })");
    huang.page.screenshot("phone-files-3-received");
    huang.goes_home();
    huang.has_delivered_everything();

    let clerk = Desk::of(&server, TOWN_CLERK);
    clerk.opens_ledger("voice");
    clerk.page.tap_words(&format!("{ROW} a"), "三组的路断了");
    clerk.page.until("the photo", "document.querySelector('[data-testid=files] img')?.naturalWidth > 0");
    clerk.page.run("document.querySelector('[data-testid=files]').scrollIntoView({ block: 'end' })");
    clerk.page.screenshot("console-files");
    let original = clerk.page.run(
        "(async () => { const answer = await fetch(document.querySelector('[data-testid=files] a').href); \
         const picture = await createImageBitmap(await answer.blob()); \
         return [answer.status, Math.max(picture.width, picture.height)]; })()",
    );
    assert_eq!(original, serde_json::json!([200, 1600]), "shrunk on the phone, whole at the desk");

    // A colleague of the station sees it, too: the preview at once, the original by a tap.
    let li = Phone::signed_in(&server, DEPUTIES[1]);
    li.page.tap("label:has([data-testid=view-all])");
    li.page.tap_words(ROW, "三组的路断了");
    li.page
        .until("the preview", "document.querySelector('[data-testid=file][data-at=photo] img')?.naturalWidth <= 240");
    li.page.tap("[data-testid=file] button");
    li.page.until("the original", "document.querySelector('[data-testid=file] img')?.naturalWidth == 1600");
}

#[test]
fn a_villagers_own_words_are_recorded_offline_and_heard_at_the_desk() {
    let _alone = alone();
    let server = a_server();
    let huang = Phone::without_signal(&server);
    begin_a_voice(&huang.page);
    huang.page.write("[data-testid=field-summary]", "水管漏了");
    huang.page.tap("[data-testid=record-voice]");
    huang.page.see_words("[data-testid=record-stop]", "2 秒");
    huang.page.screenshot("phone-files-4-recording");
    huang.page.tap("[data-testid=record-stop]");
    huang.page.until("something to hear", "document.querySelector('[data-testid=recording]')?.readyState > 0");
    huang.page.run("document.querySelector('[data-testid=recording]').scrollIntoView({ block: 'center' })");
    huang.page.screenshot("phone-files-5-recorded");
    huang.page.tap("[data-testid=save]");
    huang.page.see("[data-testid=saved]");
    huang.link.restore();
    huang.goes_home();
    huang.has_delivered_everything();

    let clerk = Desk::of(&server, TOWN_CLERK);
    clerk.opens_ledger("voice");
    clerk.page.tap_words(&format!("{ROW} a"), "水管漏了");
    clerk.page.see("[data-testid=files] audio");
    clerk.page.run("document.querySelector('[data-testid=files] audio').load()");
    clerk.page.run("document.querySelector('[data-testid=files] audio').play()");
    clerk.page.until("it is heard", "document.querySelector('[data-testid=files] audio').currentTime > 0");
}

/// Drafted offline where nobody else sees it, handed in from the phone, then at the town's desk.
#[test]
fn a_deputy_hands_in_a_suggestion_from_the_phone() {
    const TITLE: &str = "关于修通新民村断头路的建议";
    let _alone = alone();
    let server = a_server();
    let phone = Phone::signed_in(&server, DEPUTIES[0]);
    phone.has_delivered_everything();
    phone.page.tap("[data-testid=record]");
    phone.page.see("[data-testid=new-suggestion]");
    phone.page.screenshot("phone-suggestion-1-choose");
    phone.link.cut();
    phone.page.tap("[data-testid=new-suggestion]");
    phone.page.write("[data-testid=field-title]", TITLE);
    phone.page.write("[data-testid=field-facts]", "三组断头路,雨天不通。");
    phone.page.write("[data-testid=field-analysis]", "未列入计划。");
    phone.page.write("[data-testid=field-asks]", "列入今年通组路计划。");
    phone.page.tap("label:has([data-testid=option-category-roads])");
    phone.page.tap("label:has([data-testid=option-tier-express])");
    phone.page.screenshot("phone-suggestion-2-form");
    phone.page.tap("[data-testid=save]");
    phone.page.see_words("[data-testid=record-title]", TITLE);
    phone.is_on_this_phone_only(TITLE);
    phone.page.run("location.hash = '/dossier'");
    phone.page.see("[data-testid=dossier-head]");
    let figures = "[...document.querySelectorAll('.figures div')].map(it => it.innerText.replace(/\\s/g, '')).join()";
    assert_eq!(phone.page.run(figures), "", "a draft is no figure for voters");
    phone.link.restore();
    phone.goes_home();
    phone.has_delivered_everything();
    let desk = Desk::of(&server, TOWN_CLERK);
    desk.opens_ledger("suggestion");
    assert_eq!(desk.page.count(ROW), 0, "a draft is its deputy's alone");

    phone.page.tap(ROW);
    phone.page.tap("[data-testid=act-submit]");
    phone.page.see_words_within(BY_ITSELF, "[data-testid=case-state]", "已提交");
    phone.page.until("a text that stands", "!document.querySelector('[data-testid=edit]')");
    phone.page.screenshot("phone-suggestion-3-submitted");
    // What the office has to do by when stands beside the suggestion, and not among what its deputy has to do.
    phone.page.run("location.hash = '/work'");
    phone.page.see_words("[data-testid=my-suggestions]", "已提交 · 审查立案");
    assert_eq!(phone.page.count("[data-testid=due]"), 0);
    phone.page.run("location.hash = '/dossier'");
    phone.page.see_words("[data-testid=dossier-suggestions]", TITLE);
    assert_eq!(phone.page.run(figures), "代表建议1");
    assert!(!phone.page.words("[data-testid=dossier-suggestions]").contains("已提交"), "figures and titles only");
    desk.opens_ledger("suggestion");
    desk.page.see_words(ROW, TITLE);
}

/// A category of the district's own is offered on the phone, without a network and from the first moment.
#[test]
fn a_code_that_the_district_adds_is_offered_on_the_phone() {
    let _alone = alone();
    let server = a_server();
    let desk = Desk::of(&server, DISTRICT_CLERK);
    desk.opens_ledger("code_entry");
    desk.page.tap("[data-testid=new-record]");
    desk.page.see("#i-list");
    desk.page.run("document.querySelector('#i-list').value = 'category'");
    desk.page.write("#i-code", "broadband");
    desk.page.write("#i-zh", "宽带网络");
    desk.page.write("#i-order", "15");
    desk.page.screenshot("console-8-code");
    desk.page.tap("[data-testid=save]");
    desk.page.see("[data-testid=done]");

    let phone = Phone::signed_in(&server, DEPUTIES[0]);
    phone.keeps_the_app();
    phone.has_delivered_everything();
    phone.link.cut();
    phone.page.reload();
    begin_a_voice(&phone.page);
    phone.page.see_words("label:has([data-testid=option-category-broadband])", "宽带网络");
    let place = "[...document.querySelectorAll('[data-testid=field-category] input')].map(it => it.value).slice(0, 3)";
    assert_eq!(phone.page.run(&format!("{place}.join()")), "industry,broadband,roads");
    phone.page.tap("label:has([data-testid=option-category-broadband])");
    fill_in_a_voice(&phone.page, "网络断了三天", "三组没有宽带");
    phone.page.tap("[data-testid=see-record]");
    phone.page.see_words("[data-testid=value-category]", "宽带网络");
    phone.link.restore();
    phone.has_delivered_everything();
    let clerk = Desk::of(&server, TOWN_CLERK);
    clerk.opens_ledger("voice");
    clerk.page.see_words(ROW, "宽带网络");
}

/// 反馈投诉, which the law asks for inside the app: written without a signal, answered at the district's desk.
#[test]
fn what_a_deputy_says_of_the_app_is_answered_by_the_district() {
    const TEXT: &str = "回执号的字太小";
    let _alone = alone();
    let server = a_server();
    let phone = Phone::signed_in(&server, DEPUTIES[0]);
    phone.keeps_the_app();
    phone.has_delivered_everything();
    phone.link.cut();
    phone.page.tap("[data-testid=account]");
    phone.page.tap("[data-testid=new-feedback]");
    phone.page.tap("[data-testid=save]");
    phone.page.see("[data-testid=form-app_feedback] .remark.tone-bad");
    phone.page.tap("label:has([data-testid=option-kind-fault])");
    phone.page.write("[data-testid=field-text]", TEXT);
    phone.page.screenshot("phone-feedback-1-form");
    phone.page.tap("[data-testid=save]");
    phone.page.see_words("[data-testid=record-title]", TEXT);
    phone.page.see_words("[data-testid=record-state]", "仅在本机");
    phone.link.restore();
    phone.has_delivered_everything();

    let desk = Desk::of(&server, DISTRICT_CLERK);
    desk.opens_ledger("app_feedback");
    desk.page.tap_words(&format!("{ROW} a"), TEXT);
    desk.page.tap("[data-testid=edit]");
    desk.page.see("#i-state");
    desk.page.run("document.querySelector('#i-state').value = 'done'");
    desk.page.write("#i-answers", "新版本已改大");
    desk.page.tap("[data-testid=save]");
    desk.page.see("[data-testid=done]");
    phone.page.see_words_within(BY_ITSELF, "[data-testid=value-answers]", "新版本已改大");
    go_home(&phone.page);
    phone.page.tap("[data-testid=account]");
    phone.page.see_words("[data-testid=feedback]", TEXT);
    phone.page.screenshot("phone-feedback-2-account");
}

/// A phone without a network saves what it has not sent; the town's desk takes the file in; the phone sends the same later.
#[test]
fn what_a_phone_could_not_send_is_carried_to_the_desk_as_a_file_and_comes_once() {
    let _alone = alone();
    let server = a_server();
    let phone = Phone::without_signal(&server);
    phone.records_a_voice("井水浑了", "查一查井水");
    phone.goes_home();
    phone.page.tap("[data-testid=account]");
    let file = phone.saves_a_file();
    phone.page.screenshot("phone-parcel");

    let clerk = Desk::of(&server, TOWN_CLERK);
    clerk.takes_in(&file);
    clerk.page.see_words("[data-testid=parcel]", DEPUTIES[0].name);
    clerk.page.see_words("[data-testid=parcel]", "已收到");
    clerk.page.screenshot("console-parcel");
    clerk.opens_ledger("voice");
    clerk.page.tap_words(&format!("{ROW} a"), "查一查井水");
    clerk.page.see_words("[data-testid=history-entry]", DEPUTIES[0].name);

    // Another deputy's phone carries it once more, and then the line is back.
    let other = Phone::signed_in(&server, DEPUTIES[1]);
    other.keeps_the_app();
    other.page.tap("[data-testid=account]");
    other.page.see("[data-testid=parcel-file]");
    choose_file(&other.page, "[data-testid=parcel-file]", &file);
    other.page.see_words("[data-testid=parcel-carried]", "早已收到");
    phone.link.restore();
    phone.has_delivered_everything();
    clerk.opens_ledger("voice");
    assert_eq!(clerk.page.count(ROW), 1);
}

#[test]
fn a_phone_that_was_ended_hands_over_what_it_had_not_sent_and_keeps_nothing() {
    const NUMBER: &str = "13987654321";
    const STORED: &str = "new Promise(done => {
        const opening = indexedDB.open('lianxin');
        opening.onsuccess = () => {
            const all = opening.result.transaction('rows').objectStore('rows').count();
            all.onsuccess = () => { opening.result.close(); done(all.result); };
        };
    })";
    let _alone = alone();
    let server = a_server();
    let phone = Phone::without_signal(&server);
    begin_a_voice(&phone.page);
    phone.takes_a_photo();
    phone.page.see("[data-testid=file][data-at=photo] img");
    fill_in_a_voice(&phone.page, "井水浑了", "查一查井水");
    phone.page.tap("[data-testid=sealed-add]");
    phone.page.tap("label:has([data-testid=field-noticed])");
    phone.page.write("[data-testid=field-alias]", "张大爷");
    phone.page.write("[data-testid=field-phone]", NUMBER);
    phone.page.tap("[data-testid=save]");
    phone.page.see("[data-testid=sealed-one][data-at=phone]");
    begin_an_activity(&phone.page, "没写完的");
    keeps_the_draft(&phone.page);
    Desk::of(&server, DISTRICT_CLERK).ends_the_phone_of(DEPUTIES[0]);
    phone.link.restore();

    phone.page.see_words_within(BY_ITSELF, "[data-testid=ended]", "已被停用");
    phone.page.screenshot("phone-ended");
    phone.page.reload();
    phone.page.see("[data-testid=ended]");
    assert_eq!(phone.page.count("[data-testid=evicted]"), 0);
    assert_eq!(phone.page.run(STORED), 0);
    assert_eq!(phone.page.run(&format!("{DRAFTS}.then(all => all.length)")), 0);
    let town = Desk::of(&server, TOWN_CLERK);
    town.page.go(&format!("{}/console/quarantine", server.url()));
    town.page.see_words("main", DEPUTIES[0].name);
    town.page.see_words("main", "停用后才送来");
    town.opens_ledger("voice");
    assert_eq!(town.page.count(ROW), 0);

    // What came with the voice is the voice's once it is accepted.
    town.page.go(&format!("{}/console/quarantine", server.url()));
    town.page.see("[data-testid=beside-files] img");
    town.page.see("[data-testid=beside-sealed]");
    assert!(!town.page.words("body").contains(NUMBER) && !town.page.words("body").contains("张大爷"));
    town.page.screenshot("console-quarantine-beside");
    town.page.tap("details:has([data-testid=settle]) summary");
    town.page.tap("[data-testid=settle] [value=accept]");
    town.page.see("[data-testid=done]");
    town.opens_ledger("voice");
    town.page.tap_words(&format!("{ROW} a"), "查一查井水");
    town.page.see("[data-testid=files] img");
    town.states_a_reason("open", "回访核实办理情况");
    town.page.see_words("[data-testid=sealed-contents]", NUMBER);
}

/// Signed in before there were keys, or on a page that may not encrypt.
#[test]
fn a_phone_that_was_ended_and_cannot_encrypt_says_so_and_keeps_what_it_has() {
    const LOSE_THE_KEY: &str = "new Promise(done => {
        const opening = indexedDB.open('lianxin');
        opening.onsuccess = () => {
            const writing = opening.result.transaction('credentials', 'readwrite');
            const store = writing.objectStore('credentials');
            const read = store.get('session');
            read.onsuccess = () => {
                const { parcel_key, ...rest } = JSON.parse(new TextDecoder().decode(read.result));
                store.put(new TextEncoder().encode(JSON.stringify(rest)), 'session');
                writing.oncomplete = () => { opening.result.close(); done(typeof parcel_key); };
            };
        };
    })";
    let _alone = alone();
    let server = a_server();
    let phone = Phone::signed_in(&server, DEPUTIES[0]);
    phone.keeps_the_app();
    assert_eq!(phone.page.run(LOSE_THE_KEY), "string");
    phone.page.reload();
    phone.has_delivered_everything();
    phone.link.cut();
    phone.records_a_voice("井水浑了", "查一查井水");
    phone.goes_home();
    Desk::of(&server, DISTRICT_CLERK).ends_the_phone_of(DEPUTIES[0]);
    phone.link.restore();
    phone.page.see_words_within(BY_ITSELF, BANNER, "已被停用");
    phone.is_on_this_phone_only("查一查井水");
}

#[test]
fn an_account_whose_leaving_cannot_be_stored_is_here_with_all_it_has() {
    let _alone = alone();
    let server = a_server();
    let phone = Phone::without_signal(&server);
    phone.records_a_voice("井水浑了", "查一查井水");
    // As if a newer app had been here: this one cannot write the list of accounts.
    phone.page.run(
        "new Promise(done => { const opening = indexedDB.open('lianxin-accounts', 99); \
         opening.onsuccess = () => { opening.result.close(); done(); }; })",
    );
    phone.page.run("location.hash = '/account'");
    phone.page.tap("[data-testid=sign-out]");
    phone.page.tap("[data-testid=sign-out-sure]");
    phone.page.tap("[data-testid=sign-out-discard]");
    phone.page.see_words("[data-testid=sign-out-sheet] .notice", "更新的版本");
    phone.page.run("new Promise(done => { indexedDB.deleteDatabase('lianxin-accounts').onsuccess = () => done(); })");
    phone.page.reload();
    phone.is_on_this_phone_only("查一查井水");
    phone.link.restore();
    phone.has_delivered_everything();
}

/// Who signs in on a phone where another account was ended takes nothing from who used it in between.
#[test]
fn a_draft_waits_while_somebody_signs_in_where_an_account_was_ended() {
    let _alone = alone();
    let server = a_server();
    let [huang, li, third] = DEPUTIES;
    let phone = Phone::signed_in(&server, huang);
    phone.keeps_the_app();
    phone.to_other_people();
    phone.is_signed_in(li);
    phone.has_delivered_everything();
    phone.to_other_people();
    phone.page.tap("[data-testid=switch]");
    phone.page.see_words("header", huang.name);
    Desk::of(&server, DISTRICT_CLERK).ends_the_phone_of(huang);
    phone.page.see_words_within(BY_ITSELF, "[data-testid=ended]", "已被停用");

    phone.page.tap("[data-testid=switch]");
    phone.page.see_words("header", li.name);
    begin_an_activity(&phone.page, "没写完的");
    keeps_the_draft(&phone.page);
    phone.to_other_people();
    phone.is_signed_in(third);
    phone.to_other_people();
    phone.page.tap("[data-testid=switch]");
    phone.page.see_words("header", li.name);
    phone.page.see_words("[data-testid=draft]", "没写完的");
}

/// Two deputies with one phone: what one has not sent, and has not finished, waits unseen while the other works.
#[test]
fn two_people_use_one_phone_and_neither_sees_or_sends_what_is_the_others() {
    let _alone = alone();
    let server = a_server();
    let [huang, li, _] = DEPUTIES;
    let phone = Phone::signed_in(&server, huang);
    phone.keeps_the_app();
    phone.link.cut();
    phone.records_a_voice("井水浑了", "查一查井水");
    begin_an_activity(&phone.page, "没写完的");
    keeps_the_draft(&phone.page);
    phone.to_other_people();
    phone.page.see("[data-testid=login]");
    phone.link.restore();
    phone.is_signed_in(li);
    phone.page.see_words("[data-testid=station]", STATION_NAME);
    assert_eq!(phone.page.count("[data-testid=draft]"), 0, "another's draft");

    // Back without a network, also after the app was closed.
    phone.link.cut();
    phone.page.reload();
    phone.page.see_words("header", li.name);
    phone.to_other_people();
    phone.page.see_words("[data-testid=other-account]", huang.name);
    phone.page.screenshot("phone-other-people");
    phone.page.tap("[data-testid=switch]");
    phone.page.see_words("header", huang.name);
    phone.page.see_words("[data-testid=draft]", "没写完的");
    phone.page.see_words(ROW, "查一查井水");
    phone.link.restore();
    phone.has_delivered_everything();

    // Signed out with the data kept: closed until its person comes back.
    phone.page.tap("[data-testid=account]");
    phone.page.tap("[data-testid=sign-out]");
    phone.page.tap("[data-testid=sign-out-keep]");
    phone.page.see_words("[data-testid=other-account]", "已退出");
    phone.page.tap("[data-testid=switch]");
    phone.page.see_words("header", li.name);
    assert_eq!(phone.page.count("[data-testid=draft]"), 0, "another's draft");
    phone.to_other_people();
    phone.is_signed_in(huang);
    phone.page.see_words("[data-testid=draft]", "没写完的");
    // As if a newer app had opened it: what cannot be opened says why.
    phone.to_other_people();
    phone.page.see_words("[data-testid=other-account]", li.name);
    phone.page.run(
        "indexedDB.databases().then(all => new Promise(done => { \
         const opening = indexedDB.open(all.find(it => /^lianxin-[0-9]+$/.test(it.name)).name, 99); \
         opening.onsuccess = () => { opening.result.close(); done(); }; }))",
    );
    phone.page.tap("[data-testid=switch]");
    phone.page.see_words("[role=alert] .notice", "更新的版本");
    let clerk = Desk::of(&server, TOWN_CLERK);
    clerk.opens_ledger("voice");
    assert_eq!(clerk.page.count(ROW), 1);
    clerk.page.tap_words(&format!("{ROW} a"), "查一查井水");
    clerk.page.see_words("[data-testid=history-entry]", huang.name);
}

/// Whatever lies in the browser's databases, as text, one after the other.
const ON_THE_DISK: &str = "(async () => { \
    const text = value => value instanceof Uint8Array ? new TextDecoder().decode(value) : JSON.stringify(value, \
        (_, part) => part instanceof Uint8Array ? new TextDecoder().decode(part) : part); \
    const done = request => new Promise((resolve, reject) => { \
        request.onsuccess = () => resolve(request.result); request.onerror = reject; }); \
    let all = ''; \
    for (const { name } of await indexedDB.databases()) { \
        const database = await done(indexedDB.open(name)); \
        for (const store of database.objectStoreNames) \
            all += (await done(database.transaction(store).objectStore(store).getAll())).map(text).join(); \
        database.close(); \
    } \
    return all + JSON.stringify(localStorage); })()";

/// With a PIN nothing that was written can be read off the phone; without a network it opens, and who has forgotten it
/// loses nothing.
#[test]
fn a_pin_locks_all_that_lies_on_the_phone_and_who_forgets_it_loses_nothing() {
    let _alone = alone();
    let server = a_server();
    let phone = Phone::signed_in(&server, DEPUTIES[0]);
    let page = &phone.page;
    phone.keeps_the_app();
    phone.link.cut();
    phone.records_a_voice("井水浑了", "查一查井水");
    begin_an_activity(page, "没写完的");
    keeps_the_draft(page);
    let readable = |words: &str| page.run(&format!("{ON_THE_DISK}.then(all => all.includes('{words}'))")) == true;
    let enters = |pin: &str| {
        page.write("[data-testid=pin]", pin);
        page.tap("[data-testid=pin-enter]");
    };
    let opens = || {
        page.until("open screens", "!document.querySelector('[data-testid=shut]')");
        page.see_words("header", DEPUTIES[0].name);
        page.see_words("[data-testid=draft]", "没写完的");
        page.see_words(ROW, "查一查井水");
    };
    for words in ["井水浑了", "查一查井水", "没写完的"] {
        assert!(readable(words), "{words} lies there without a PIN");
    }

    phone.goes_home();
    page.tap("[data-testid=account]");
    page.tap("[data-testid=pin-begin]");
    enters("12345");
    page.see_words("[data-testid=pin-problem]", "至少要 6 位");
    enters("123456");
    page.see_words("[data-testid=pin-card] label", "再输一遍");
    enters("123457");
    page.see_words("[data-testid=pin-said]", "两遍不一样");
    enters("123456");
    page.see_words("[data-testid=pin-card] label", "再输一遍");
    enters("123456");
    page.see_words("[data-testid=pin-said]", "已加密");
    page.screenshot("phone-pin-set");
    for words in ["井水浑了", "查一查井水", "没写完的", DEPUTIES[0].login] {
        page.until(&format!("{words} locked"), &format!("{ON_THE_DISK}.then(all => !all.includes('{words}'))"));
    }
    phone.goes_home();
    opens();

    // Started anew without a network.
    page.reload();
    page.see_words("[data-testid=other-account]", "用 PIN 锁着");
    page.screenshot("phone-pin");
    assert_eq!((page.count(ROW), page.count("[data-testid=evicted]")), (0, 0));
    for _ in 0..4 {
        enters("654321");
        page.see_words("[data-testid=pin-problem]", "PIN 不对");
    }
    enters("123456");
    opens();

    // Another one.
    page.tap("[data-testid=account]");
    page.tap("[data-testid=pin-begin]");
    enters("222222");
    page.see_words("[data-testid=pin-card] label", "再输一遍");
    enters("222222");
    page.see_words("[data-testid=pin-said]", "已加密");
    phone.goes_home();
    page.reload();
    page.see("[data-testid=pin]");
    enters("123456");
    page.see_words("[data-testid=pin-problem]", "PIN 不对");
    enters("222222");
    opens();

    // Nobody touches it for a while.
    let idle = "localStorage.setItem('lianxin.touched_ms', '0'); document.dispatchEvent(new Event('visibilitychange'))";
    page.run(idle);
    page.see_words("[data-testid=shut]", "已锁屏");
    page.screenshot("phone-pin-shut");
    assert_eq!(page.run("[...document.querySelectorAll('.open *')].some(it => it.checkVisibility())"), false);
    enters("222222");
    opens();

    // Forgotten.
    page.reload();
    page.see("[data-testid=pin]");
    for _ in 0..4 {
        enters("654321");
        page.see_words("[data-testid=pin-problem]", "PIN 不对");
    }
    enters("654321");
    page.see_words("[data-testid=pin-problem]", "PIN 不对");
    enters("222222");
    page.see_words("[data-testid=pin-problem]", "请等");
    phone.link.restore();
    page.write("[data-testid=login]", DEPUTIES[0].login);
    page.write("[data-testid=password]", PASSWORD);
    page.tap("[data-testid=sign-in]");
    opens();
    phone.has_delivered_everything();
    assert!(!readable("没写完的"));

    // Taken away: what it locked is all here.
    phone.link.cut();
    page.tap("[data-testid=account]");
    page.tap("[data-testid=pin-drop]");
    page.see_words("[data-testid=pin-said]", "已取消");
    assert!(readable("查一查井水"));
    assert_eq!(
        page.run("indexedDB.databases().then(all => all.length)"),
        4,
        "accounts, nobody, drafts, and this one's"
    );
    page.reload();
    phone.goes_home();
    opens();
}

#[test]
fn a_phone_that_is_nearly_full_says_so_before_it_is() {
    let _alone = alone();
    let server = a_server();
    let phone = Phone::signed_in(&server, DEPUTIES[0]);
    phone.keeps_the_app();
    assert_eq!(phone.page.count("[data-testid=notice-room]"), 0);
    phone.page.run("navigator.storage.estimate = async () => ({ usage: 90 << 20, quota: 100 << 20 })");
    phone.records_a_voice("井水浑了", "查一查井水");
    phone.goes_home();
    phone.page.see_words("[data-testid=notice-room]", "快存满了");
    phone.page.tap("[data-testid=account]");
    phone.page.see_words("[data-testid=status]", "最多可用");
}

/// As if picked on this device: a file that a phone has saved.
fn choose_file(page: &Page, selector: &str, base64: &str) {
    page.run(&format!(
        "(() => {{ const list = new DataTransfer(); \
         const bytes = Uint8Array.from(atob('{base64}'), letter => letter.charCodeAt(0)); \
         list.items.add(new File([bytes], 'phone.lxp')); \
         const input = document.querySelector('{selector}'); input.files = list.files; \
         input.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()"
    ));
}

/// 告知, 签到 and 我的履职: what a deputy does after the recording, from the phone.
#[test]
fn a_deputy_tells_the_villager_signs_colleagues_in_and_sees_the_years_work() {
    let _alone = alone();
    let server = a_server();
    let phone = Phone::signed_in(&server, DEPUTIES[0]);
    phone.keeps_the_app();
    phone.has_delivered_everything();
    // A day that is planned is no work of its year yet, and the year that is shown first is this one.
    phone.page.run("location.hash = '/new/day'");
    phone.page.choose("[data-testid=field-date]", &format!("{}-03-02", phone.year() + 1));
    phone.page.tap("[data-testid=open-day]");
    phone.page.see("[data-testid=voices]");
    phone.opens_the_day();
    // Two quick taps: the second comes while the first is being stored.
    let [_, second, third] = DEPUTIES.map(|deputy| {
        let labels = "[...document.querySelectorAll('[data-testid=present] label')]";
        format!("{labels}.find(it => it.innerText.includes('{}'))", deputy.name)
    });
    phone.page.until("all colleagues", &format!("{second} && {third}"));
    phone.page.run(&format!(
        "(async () => {{ {second}.click(); await new Promise(done => setTimeout(done)); {third}.click(); }})()"
    ));
    phone.page.see_words("[data-testid=value-deputies]", DEPUTIES[1].name);
    phone.page.see_words("[data-testid=value-deputies]", DEPUTIES[2].name);
    phone.page.tap("[data-testid=add-voice]");
    for (key, list) in [("village", 0), ("category", 0)] {
        let first = format!("[data-testid=field-{key}] label.chip");
        phone.page.see(&first);
        phone.page.run(&format!("document.querySelectorAll('{first}')[{list}].click()"));
    }
    fill_in_a_voice(&phone.page, "水管漏了", "更换饮水管网");
    phone.page.see("[data-testid=record-state]");
    phone.page.tap("[data-testid=see-record]");
    phone.page.tap("[data-testid=act-submit]");
    phone.page.see_words_within(BY_ITSELF, "[data-testid=case-state]", "已登记");

    let clerk = Desk::of(&server, TOWN_CLERK);
    clerk.opens_ledger("voice");
    clerk.page.tap_words(&format!("{ROW} a"), "更换饮水管网");
    clerk.acts("sort", &[("proposed", "spot")]);
    clerk.acts("route.spot", &[("text", "当场联系水厂，三天内换管")]);

    phone.page.see_words_within(BY_ITSELF, "[data-testid=case-state]", "待反馈");
    let voice = phone.page.run("location.hash");
    phone.page.run("location.hash = '/work'");
    phone.page.see_words("[data-testid=reminders]", "反馈群众");
    phone.page.run(&format!("location.hash = {voice}"));
    phone.page.tap("[data-testid=open-miss]");
    phone.page.tap("[data-testid=act-miss]");
    phone.page.see_words("[data-testid=official] .notice", "还有一项没有选");
    phone.page.tap("[data-testid=official] label:has([data-testid=option-way-phone])");
    phone.page.tap("[data-testid=act-miss]");
    phone.page.see_words_within(BY_ITSELF, "[data-testid=official] summary", "办理经过");
    phone.page.until_within(BY_ITSELF, "the try as an event", &events(4));
    phone.link.cut();
    phone.page.tap("[data-testid=open-feedback]");
    phone.page.tap("[data-testid=official] label:has([data-testid=option-way-visit])");
    phone.page.tap("[data-testid=official] label:has([data-testid=option-opinion-satisfied])");
    phone.page.write("[data-testid=field-feedback]", "已上门告知，水管换好了");
    phone.page.screenshot("phone-feedback-3-told");
    phone.page.tap("[data-testid=act-feedback]");
    phone.page.see_words("[data-testid=request-waiting]", "已上门告知");
    phone.link.restore();
    phone.page.see_words_within(BY_ITSELF, "[data-testid=case-state]", "已反馈");

    // What comes back is said again without the opinion that was taken back.
    phone.link.cut();
    phone.page.tap("[data-testid=open-feedback]");
    phone.page.tap("[data-testid=official] label:has([data-testid=option-way-phone])");
    phone.page.tap("[data-testid=official] label:has([data-testid=option-opinion-mostly])");
    phone.page.write("[data-testid=field-feedback]", "电话里又说了一遍");
    phone.page.tap("[data-testid=act-feedback]");
    phone.page.see_words("[data-testid=request-waiting]", "又说了一遍");
    clerk.page.reload();
    clerk.acts("close", &[("text", "已换管")]);
    phone.link.restore();
    phone.page.see_words_within(BY_ITSELF, "[data-testid=request-returned]", "又说了一遍");
    phone.page.tap("[data-testid=request-again]");
    phone.page.tap("[data-testid=official] label:has([data-testid=option-opinion-mostly])");
    phone.page.run(
        "window.filed = null; const post = Worker.prototype.postMessage; Worker.prototype.postMessage = function (message) { \
         if (message.call == 'act') window.filed = message.args.act; return post.call(this, message) }; 0",
    );
    phone.link.cut();
    phone.page.tap("[data-testid=act-feedback]");
    phone.page.until("the request", "window.filed");
    assert_eq!(phone.page.run("[window.filed.way, window.filed.attitude]"), serde_json::json!(["phone", null]));
    phone.page.tap("[data-testid=request-dismiss]");
    phone.page.until("no request", "!document.querySelector('[data-testid=request-returned]')");

    phone.goes_home();
    phone.page.tap("[data-testid=work]");
    phone.page.see_words("[data-testid=reminders]", "您值班");
    // What was shown before stands there until the list has been read anew.
    phone.page.until(
        "no feedback to give",
        "!document.querySelector('[data-testid=reminders]').innerText.includes('反馈群众')",
    );
    assert_eq!(phone.page.run("document.querySelector('[data-testid=year]').options.length"), 1);
    phone.page.until("one voice", &figure("群众意见", 1));
    phone.page.until("one reception day", &figure("接待日", 1));
    phone.page.tap("[data-testid=dossier]");
    phone.page.see_words("[data-testid=dossier-head]", "竹元村选区");
    assert!(!phone.page.words("body").contains("水管"), "nothing that a villager said");
    phone.page.run("location.hash = '/work'");
    phone.page.tap("[data-testid=contest]");
    phone.page.tap("[data-testid=open-contest]");
    phone.page.tap("[data-testid=official] label:has([data-testid=option-fault-missing])");
    phone.page.tap("[data-testid=act-contest]");
    phone.page.see_words("[data-testid=official] .notice", "请填写");
    phone.page.write("[data-testid=field-contest]", "六月的走访没有记上");
    phone.page.tap("[data-testid=act-contest]");
    phone.page.see_words("[data-testid=request-waiting]", "六月的走访");
    phone.link.restore();
    phone.page.until_within(BY_ITSELF, "the contest as an event", &events(1));
}

/// 简介: one's own words, in a record that the town keeps.
#[test]
fn a_deputy_introduces_oneself_without_a_signal_and_voters_read_it() {
    let _alone = alone();
    let server = a_server();
    let phone = Phone::signed_in(&server, DEPUTIES[0]);
    phone.keeps_the_app();
    phone.has_delivered_everything();
    phone.link.cut();
    phone.page.tap("[data-testid=account]");
    phone.page.see_words("[data-testid=introduction]", "还没有写");
    phone.page.tap("[data-testid=edit-introduction]");
    phone.page.write("[data-testid=field-profile]", "在竹元村种了三十年辣椒，最想把三组的路修通。");
    phone.page.tap("[data-testid=save]");
    phone.page.see_words("[data-testid=introduction]", "最想把三组的路修通");
    phone.page.see_words("[data-testid=introduction] [data-testid=record-state]", "仅在本机");
    phone.page.screenshot("phone-introduction");
    phone.link.restore();
    phone.page.see_words_within(BY_ITSELF, "[data-testid=introduction] [data-testid=record-state]", "服务器已收到");

    let clerk = Desk::of(&server, TOWN_CLERK);
    clerk.opens_ledger("mandate");
    clerk.page.tap_words(&format!("{ROW} a"), DEPUTIES[0].name);
    let mandate = clerk.page.run("location.pathname.split('/').pop()");
    let mandate = mandate.as_str().unwrap();
    clerk.page.go(&format!("{}/public/deputy/{mandate}", server.url()));
    clerk.page.see_words("main", "最想把三组的路修通");
}

/// 代表述职: begun without a signal, put aside, gone on with, handed in.
#[test]
fn a_duty_report_is_written_in_two_sittings_and_handed_in() {
    let _alone = alone();
    let server = a_server();
    let phone = Phone::without_signal(&server);
    let page = &phone.page;
    page.run("location.hash = '/work'");
    page.tap("[data-testid=new-report]");
    page.write("[data-testid=field-venue]", "竹元村院坝");
    page.write("[data-testid=field-text]", "一年来走访一百二十户，");
    keeps_the_draft(page);
    phone.goes_home();
    page.tap_words("[data-testid=draft]", "代表述职");
    page.see("[data-testid=draft-restored]");
    page.write("[data-testid=field-text]", "一年来走访一百二十户，修通了三组的路。");
    page.write("[data-testid=field-listeners]", "46");
    page.tap("[data-testid=more]");
    page.write("[data-testid=field-satisfied]", "47");
    page.see_words(".remark", "票数之和多于到会人数");
    page.write("[data-testid=field-satisfied]", "40");
    page.tap("[data-testid=save]");
    page.see_words("[data-testid=value-text]", "修通了三组的路");
    page.screenshot("phone-duty-report");
    page.tap("[data-testid=act-submit]");
    page.see_words("[data-testid=request-waiting]", "等待发送");
    phone.link.restore();
    page.see_words_within(BY_ITSELF, "[data-testid=case-state]", "已提交");
    page.run("location.hash = '/work'");
    page.until(
        "one report, with its listeners",
        &format!("{} && {}", figure("代表述职", 1), figure("接触群众（人次）", 46)),
    );
}

/// 签到 at an activity: who holds the phone signs in who is there.
#[test]
fn colleagues_are_signed_in_at_an_activity() {
    let _alone = alone();
    let server = a_server();
    let phone = Phone::without_signal(&server);
    let page = &phone.page;
    begin_an_activity(page, "院坝会");
    page.choose("[data-testid=select-kind]", "courtyard");
    page.tap("[data-testid=save]");
    page.see("[data-testid=record-state]");
    page.tap("[data-testid=see-record]");
    page.see_words("[data-testid=value-attendees]", DEPUTIES[0].name);
    let label = "[data-testid=present] label:not(:has(:checked))";
    page.tap_words(label, DEPUTIES[1].name);
    page.see_words("[data-testid=value-attendees]", DEPUTIES[1].name);
    page.screenshot("phone-activity-present");
    phone.link.restore();
    phone.has_delivered_everything();
    let li = Phone::signed_in(&server, DEPUTIES[1]);
    li.keeps_the_app();
    li.page.run("location.hash = '/work'");
    li.page.until_within(BY_ITSELF, "the colleague's year", &figure("履职活动", 1));
}

/// 结对联系 counts what the town has verified.
#[test]
fn an_activity_counts_for_its_pairing_once_it_is_verified() {
    let _alone = alone();
    let server = a_server();
    let phone = Phone::signed_in(&server, DEPUTIES[0]);
    phone.keeps_the_app();
    let district = Desk::of(&server, DISTRICT_CLERK);
    district.opens_ledger("pairing");
    district.page.tap("[data-testid=new-record]");
    district.page.see("#i-town");
    for key in ["street", "town"] {
        let town = "[...it.options].find(option => option.text == '芝麻镇').value";
        district.page.run(&format!("(it => {{ it.value = {town} }})(document.querySelector('#i-{key}'))"));
    }
    district.page.write("#i-year", &phone.year().to_string());
    district.page.write("#i-target", "4");
    district.page.tap("[data-testid=save]");
    district.page.see("[data-testid=done]");

    begin_an_activity(&phone.page, "结对座谈");
    phone.page.choose("[data-testid=select-kind]", "pairing");
    let village = "[data-testid=field-village] label.chip";
    phone.page.tap(village);
    phone.page.write("[data-testid=field-body]", "商量了两地的产业。");
    phone.page.tap("[data-testid=save]");
    phone.page.see("[data-testid=record-state]");
    phone.page.tap("[data-testid=see-record]");
    phone.page.see("[data-testid=record-title]");
    let activity = phone.page.run("location.hash");
    phone.has_delivered_everything();
    let clerk = Desk::of(&server, TOWN_CLERK);
    clerk.opens_ledger("activity");
    clerk.page.tap_words(&format!("{ROW} a"), "结对座谈");
    clerk.page.tap("[data-testid=edit]");
    clerk.page.see("#i-pairing");
    clerk.page.run("document.querySelector('#i-pairing').selectedIndex = 1");
    clerk.page.tap("[data-testid=save]");
    clerk.page.see("[data-testid=done]");
    let count = |n: u32| {
        phone.page.run("location.hash = '/work'");
        phone.page.see_words_within(BY_ITSELF, "[data-testid=pairing]", &format!("已核实{n}次"));
    };
    phone.page.run(&format!("location.hash = {activity}"));
    phone.page.see("[data-testid=value-pairing]");
    count(0);
    phone.page.run(&format!("location.hash = {activity}"));
    phone.page.tap("[data-testid=act-submit]");
    phone.page.see_words_within(BY_ITSELF, "[data-testid=case-state]", "已提交");
    count(0);
    clerk.page.reload();
    clerk.acts("verify", &[]);
    count(1);
}

/// For whoever helps: nothing that was written, no names.
#[test]
fn the_support_bundle_holds_nothing_personal() {
    let _alone = alone();
    let server = a_server();
    let phone = Phone::without_signal(&server);
    phone.records_a_voice("水管漏了", "更换饮水管网");
    begin_an_activity(&phone.page, "写了一半的活动");
    keeps_the_draft(&phone.page);
    phone.page.run("location.hash = '/account'");
    phone.page.see("[data-testid=support-bundle]");
    phone.page.run("window.revoked = 0; URL.revokeObjectURL = () => { window.revoked += 1; }; 0");
    phone.page.run("window.kept = null; const made = URL.createObjectURL; \
                    URL.createObjectURL = blob => { blob.text().then(text => window.kept = text); return made(blob) }; 0");
    phone.page.tap("[data-testid=support-bundle]");
    phone.page.until("a file", "window.kept");
    assert_eq!(phone.page.run("window.revoked"), 0, "some browsers begin to read only after the click");
    let bundle = phone.page.run("window.kept");
    let bundle = bundle.as_str().unwrap();
    for personal in ["水管", "更换", "写了一半", DEPUTIES[0].name, DEPUTIES[0].login, STATION_NAME, "竹元"] {
        assert!(!bundle.contains(personal), "{personal} in {bundle}");
    }
    let bundle: serde_json::Value = serde_json::from_str(bundle).unwrap();
    assert_eq!(bundle["records"]["voice phone"], 1);
    assert_eq!(bundle["drafts"][0]["kind"], "activity");
    assert_eq!(bundle["posts"], serde_json::json!(["deputy"]));
}

/// So many events of the case are shown.
fn events(count: usize) -> String {
    format!("document.querySelectorAll('[data-testid=case-event]').length == {count}")
}

/// A deputy's phone, on a line of its own.
struct Phone {
    // Dropped in this order: the page's browser before its line.
    page: Page,
    browser: Browser,
    link: Link,
    deputy: Account,
}

impl Phone {
    fn of(server: &Server, deputy: Account) -> Self {
        let link = Link::to(server.address());
        let browser = Browser::start(Screen::Phone);
        let page = browser.open(&link.url());
        Self { page, browser, link, deputy }
    }

    fn signed_in(server: &Server, deputy: Account) -> Self {
        let phone = Self::of(server, deputy);
        phone.tries_to_sign_in(PASSWORD);
        phone.page.see_words("[data-testid=station]", STATION_NAME);
        phone.page.see_words("header", deputy.name);
        phone
    }

    /// The first deputy's, far from any mast, with all of the app on it.
    fn without_signal(server: &Server) -> Self {
        let phone = Self::signed_in(server, DEPUTIES[0]);
        phone.keeps_the_app();
        phone.link.cut();
        phone
    }

    fn tries_to_sign_in(&self, password: &str) {
        self.page.write("[data-testid=login]", self.deputy.login);
        self.page.write("[data-testid=password]", password);
        self.page.tap("[data-testid=sign-in]");
    }

    /// On the page of signing in, whoever used the phone before.
    fn is_signed_in(&self, who: Account) {
        self.page.write("[data-testid=login]", who.login);
        self.page.write("[data-testid=password]", PASSWORD);
        self.page.tap("[data-testid=sign-in]");
        self.page.see_words("header", who.name);
    }

    fn to_other_people(&self) {
        self.goes_home();
        self.page.tap("[data-testid=account]");
        self.page.tap("[data-testid=other-people]");
    }

    /// From now on the app starts without a network, and records.
    fn keeps_what_records(&self) {
        self.page
            .until("a service worker", "navigator.serviceWorker.ready.then(it => it.active?.state == 'activated')");
    }

    /// From now on everything works without a network: English is what is fetched last.
    fn keeps_the_app(&self) {
        self.keeps_what_records();
        self.page.until(
            "all of the app",
            "caches.keys().then(([name]) => caches.open(name)).then(cache => cache.keys())
             .then(all => all.some(one => one.url.includes('/assets/words.en-')))",
        );
    }

    fn goes_home(&self) {
        go_home(&self.page);
    }

    /// By the phone's clock.
    fn year(&self) -> u64 {
        self.page.run("new Date().getFullYear()").as_u64().unwrap()
    }

    fn opens_the_day(&self) {
        self.goes_home();
        self.page.tap("[data-testid=record]");
        self.page.tap("[data-testid=new-day]");
        self.page.tap("[data-testid=open-day]");
        self.page.see("[data-testid=voices]");
        self.page.see_words("[data-testid=record-state]", "仅在本机");
    }

    /// On the day that is open.
    fn writes_minutes(&self, text: &str) {
        self.page.tap("[data-testid=edit]");
        self.page.write("[data-testid=field-minutes]", text);
        self.page.tap("[data-testid=save]");
        self.page.see_words("[data-testid=value-minutes]", text);
        self.page.see_words("[data-testid=record-state]", "仅在本机");
    }

    fn records_a_voice(&self, verbatim: &str, summary: &str) {
        if self.page.sees("[data-testid=add-voice]") {
            self.page.tap("[data-testid=add-voice]");
            fill_in_a_voice(&self.page, verbatim, summary);
        } else {
            record_a_voice(&self.page, verbatim, summary);
        }
    }

    fn is_on_this_phone_only(&self, title: &str) {
        self.goes_home();
        self.page.see_words(ROW, title);
        let state = format!(
            "[...document.querySelectorAll('{ROW}')].find(it => it.innerText.includes('{title}'))\
             .querySelector('[data-testid=record-state]').dataset.at == 'phone'"
        );
        self.page.until("the state", &state);
    }

    /// As if picked from the camera: a photo of 12 megapixels with enough in it to be worth shrinking.
    fn takes_a_photo(&self) {
        self.page.see("[data-testid=take-photo]");
        self.page.run(
            "(async () => { const canvas = Object.assign(document.createElement('canvas'), { width: 4000, height: 3000 }); \
             const context = canvas.getContext('2d'); \
             for (let n = 0; n < 6000; n++) { context.fillStyle = `hsl(${n * 137 % 360} 60% ${n * 7 % 100}%)`; \
             context.fillRect(n * 7919 % 4000, n * 104729 % 3000, 90, 60); } \
             const blob = await new Promise(done => canvas.toBlob(done, 'image/jpeg', 0.9)); \
             const list = new DataTransfer(); list.items.add(new File([blob], 'photo.jpg', { type: 'image/jpeg' })); \
             const input = document.querySelector('[data-testid=take-photo]'); input.files = list.files; \
             input.dispatchEvent(new Event('change', { bubbles: true })); })()",
        );
    }

    /// On the page of the account; the file, as base64.
    fn saves_a_file(&self) -> String {
        self.page.see("[data-testid=parcel-save]");
        self.page.run(
            "(() => { const make = URL.createObjectURL; URL.createObjectURL = blob => { const reader = new FileReader(); \
             reader.onload = () => { window.savedFile = reader.result.split(',')[1]; }; reader.readAsDataURL(blob); \
             return make.call(URL, blob); }; })()",
        );
        self.page.tap("[data-testid=parcel-save]");
        self.page.see("[data-testid=parcel-saved]");
        self.page.until("the file", "!!window.savedFile");
        self.page.run("window.savedFile").as_str().unwrap().to_owned()
    }

    fn has_delivered_everything(&self) {
        self.page.see_words_within(BY_ITSELF, BANNER, "全部已到服务器");
    }

    /// After the browser was killed.
    fn starts_again(&mut self) {
        self.browser.restart();
        self.page = self.browser.open(&self.link.url());
        self.page.see_words("[data-testid=station]", STATION_NAME);
    }
}

/// The form says that what was typed is on the phone.
fn keeps_the_draft(page: &Page) {
    page.see_words("[data-testid=save-state]", "草稿已留在手机上");
}

fn begin_an_activity(page: &Page, title: &str) {
    page.run("location.hash = '/new/activity'");
    page.write("[data-testid=field-title]", title);
}

/// From the list of forms that were begun.
fn goes_on_with(page: &Page, title: &str) {
    go_home(page);
    page.tap_words("[data-testid=draft]", title);
    page.see("[data-testid=draft-restored]");
    let there = format!("document.querySelector('[data-testid=field-title]').value == '{title}'");
    page.until("what was typed", &there);
}

fn go_home(page: &Page) {
    page.run("location.hash = '/'");
    page.see("[data-testid=record]");
}

fn record_a_voice(page: &Page, verbatim: &str, summary: &str) {
    begin_a_voice(page);
    fill_in_a_voice(page, verbatim, summary);
}

/// One that was heard on a visit.
fn begin_a_voice(page: &Page) {
    go_home(page);
    page.tap("[data-testid=record]");
    page.tap("[data-testid=new-voice]");
    page.tap("label:has([data-testid=option-channel-visit])");
}

fn fill_in_a_voice(page: &Page, verbatim: &str, summary: &str) {
    page.write("[data-testid=field-verbatim]", verbatim);
    page.write("[data-testid=field-summary]", summary);
    page.see("[data-testid=slip-number]");
    page.tap("[data-testid=save]");
    page.see("[data-testid=saved]");
}

/// My year says so many.
fn figure(name: &str, n: u32) -> String {
    format!(
        "[...document.querySelectorAll('[data-testid=my-year] .figures div')].some(it => \
         it.innerText.replace(/\\s/g, '') == '{name}{n}')"
    )
}

/// So many rows of a kind are shown.
fn rows(kind: &str, count: usize) -> String {
    format!("document.querySelectorAll('[data-testid=row][data-kind={kind}]').length == {count}")
}

/// The town's clerk at an office computer.
struct Desk {
    page: Page,
    url: String,
    _browser: Browser,
}

impl Desk {
    fn of(server: &Server, clerk: Account) -> Self {
        let browser = Browser::start(Screen::Office);
        let page = browser.open(&format!("{}/console", server.url()));
        page.write("#login", clerk.login);
        page.write("#password", PASSWORD);
        page.tap("[data-testid=sign-in-form] button");
        page.see_words("[data-testid=who]", clerk.name);
        page.screenshot("console-1-overview");
        Self { page, url: server.url(), _browser: browser }
    }

    fn opens_ledger(&self, kind: &str) {
        self.page.go(&format!("{}/console/ledger/{kind}", self.url));
        self.page.see(&format!("#ledger[data-kind={kind}]"));
    }

    fn ends_the_phone_of(&self, who: Account) {
        self.page.go(&format!("{}/console/devices", self.url));
        self.page.see(ROW);
        let row = format!("[...document.querySelectorAll('{ROW}')].find(it => it.innerText.includes('{}'))", who.name);
        self.page.run(&format!("{row}.querySelector('summary').click()"));
        self.page.run(&format!("{row}.querySelector('[data-testid=revoke]').click()"));
        self.page.see("[data-testid=done]");
    }

    fn takes_in(&self, file: &str) {
        self.page.go(&format!("{}/console/parcel", self.url));
        self.page.see("[data-testid=file]");
        choose_file(&self.page, "[data-testid=file]", file);
        self.page.tap("[data-testid=submit]");
    }

    /// On a record's page: files an act with what its form asks for.
    fn acts(&self, act: &str, fields: &[(&str, &str)]) {
        let form = format!("[data-testid=act][data-act='{act}']");
        self.page.see(&form);
        self.page.run(&format!("document.querySelector(`{form}`).open = true"));
        for (name, value) in fields {
            self.page.choose(&format!("{form} [name={name}]"), value);
        }
        // What an earlier act has said is no word of this one.
        self.page.run("document.querySelector('[data-testid=done]')?.remove()");
        self.page.tap(&format!("[data-testid='do-{act}']"));
        self.page.see("[data-testid=done]");
    }

    /// On a voice's page.
    fn states_a_reason(&self, act: &str, reason: &str) {
        let form = format!("details:has([data-testid=sealed-{act}])");
        self.page.tap(&format!("{form} summary"));
        self.page.write(&format!("{form} input[name=reason]"), reason);
        self.page.tap(&format!("[data-testid=sealed-{act}]"));
    }

    fn sees_one_day_of_three(&self) {
        self.opens_ledger("reception_day");
        assert_eq!(self.page.count(ROW), 1, "one reception day, whoever opened it");
        self.page.tap(&format!("{ROW} a"));
        self.page.see("[data-testid=record]");
        assert_eq!(self.page.count("[data-testid=contributor]"), 3);
        for deputy in DEPUTIES {
            self.page.see_words("[data-testid=contributor]", deputy.name);
            self.page.see_words("[data-testid=history-entry]", deputy.name);
        }
        for summary in ["修通三组断头路", "更换饮水管网", "维修路灯"] {
            self.page.see_words("[data-testid=related]", summary);
        }
        assert!(self.page.count("[data-testid=history-change][data-field=minutes]") >= 2, "the history of each field");
        self.page.screenshot("console-2-day");
    }

    fn sees_a_new_voice_without_reloading(&self, phone: &Phone) {
        self.opens_ledger("voice");
        assert_eq!(self.page.count(ROW), 3);
        self.page.run("window.neverReloaded = true");
        phone.goes_home();
        phone.records_a_voice("刚刚说的", "现场新提的一条");
        self.page.see_words(ROW, "现场新提的一条");
        assert_eq!(self.page.run("window.neverReloaded === true"), true);
        self.page.screenshot("console-3-live");
    }

    fn makes_a_suggestion_of(&self, summary: &str) {
        self.opens_ledger("voice");
        self.page.tap_words(&format!("{ROW} a"), summary);
        self.page.tap("[data-testid=make-suggestion]");
        self.page.see("[data-testid=source]");
        self.page.write("#i-title", "关于修通三组断头路的建议");
        self.page.screenshot("console-4-suggestion");
        self.page.tap("[data-testid=save]");
        self.page.see("[data-testid=done]");
        self.opens_ledger("suggestion");
        self.page.see_words(ROW, "关于修通三组断头路的建议");
    }
}
