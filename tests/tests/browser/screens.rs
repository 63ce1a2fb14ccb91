//! The app's screens in their main states, as different people see them, but for the pages of an ended phone and of a
//! browser that is too old, and the notices of what has happened to a phone: nothing that axe-core calls serious or
//! critical, nothing wider than its window, main buttons as large as a working hand needs. And a voice by keyboard alone,
//! and the pages of stations in the console.
//! The pictures are in target/screenshots, as `screen-NAME-LOOK.png`.

use lianxin_tests::browser::{Key, Look};

use super::*;

const PHONE: Look = Look { name: "phone", width: 360, height: 740, dark: false, large: false };
const DARK: Look = Look { name: "dark", dark: true, ..PHONE };
const LARGE: Look = Look { name: "large", large: true, ..PHONE };
const NARROW: Look = Look { name: "320", width: 320, height: 568, ..PHONE };
const NARROW_LARGE: Look = Look { name: "320-large", large: true, ..NARROW };
const SIDEWAYS: Look = Look { name: "sideways", width: 740, height: 360, ..PHONE };
const TABLET: Look = Look { name: "tablet", width: 800, height: 1100, ..PHONE };
const OFFICE: Look = Look { name: "office", width: 1366, height: 768, ..PHONE };
const OFFICE_DARK: Look = Look { name: "office-dark", dark: true, ..OFFICE };
const LOOKS: [Look; 7] = [DARK, LARGE, NARROW, NARROW_LARGE, SIDEWAYS, TABLET, PHONE];

const PIN: &str = "123456";

/// As much as people write when they write.
const LONG: &str = "三组断头路全长一点二公里，雨天泥泞不通车，二十三户村民的蔬菜和烟叶运不出去，学生上学要绕行四公里，\
                    老人看病也要靠人背，村民代表大会已经讨论过三次，希望今年列入通组路建设计划并尽早开工，资金缺口由村里自筹一部分。";

#[test]
fn everybody_can_use_every_screen() {
    let _alone = alone();
    let server = a_server();
    let mut barriers = Vec::new();
    let mut shows = |phone: &Phone, screen| {
        let found = phone.barriers(screen);
        // Also of a run that does not get to its end.
        found.iter().for_each(|what| eprintln!("{what}"));
        barriers.extend(found);
    };
    let phone = Phone::of(&server, DEPUTIES[0]);
    phone.page.see("[data-testid=login]");
    shows(&phone, "sign-in");
    phone.tries_to_sign_in("不对的密码");
    phone.page.see("[data-testid=sign-in-problem] .notice");
    shows(&phone, "sign-in-refused");
    phone.tries_to_sign_in(PASSWORD);
    phone.page.see_words("[data-testid=station]", STATION_NAME);
    phone.keeps_the_app();
    phone.has_delivered_everything();
    shows(&phone, "home-empty");
    phone.page.tap("[data-testid=record]");
    phone.page.see("[data-testid=new-day]");
    shows(&phone, "choose");

    phone.link.cut();
    let li = Phone::signed_in(&server, DEPUTIES[1]);
    li.has_delivered_everything();
    li.link.cut();
    phone.page.run("location.hash = '/new/day'");
    phone.page.see("[data-testid=open-day]");
    shows(&phone, "open-day");
    for (one, venue) in [(&phone, "村委会二楼会议室"), (&li, "竹元小学旁边的院坝")] {
        one.opens_the_day();
        one.page.tap("[data-testid=edit]");
        one.page.tap("[data-testid=more]");
        one.page.write("[data-testid=field-venue]", venue);
        one.page.tap("[data-testid=save]");
        one.page.see_words("[data-testid=value-venue]", venue);
    }
    shows(&phone, "day-offline");
    phone.page.tap("[data-testid=edit]");
    phone.page.see("[data-testid=field-minutes]");
    shows(&phone, "day-edit");
    begin_a_voice(&phone.page);
    shows(&phone, "voice-form-empty");
    phone.page.write("[data-testid=field-verbatim]", LONG);
    phone.page.write("[data-testid=field-summary]", "联系13812345678");
    phone.page.see_words(".remark", "像是手机号");
    phone.page.run("document.querySelector('[data-testid=more]').click()");
    shows(&phone, "voice-form-long");
    phone.page.write("[data-testid=field-summary]", "修通三组断头路");
    phone.page.tap("[data-testid=save]");
    phone.page.see("[data-testid=saved]");
    shows(&phone, "saved");
    phone.page.tap("[data-testid=sealed-add]");
    phone.page.tap("label:has([data-testid=field-noticed])");
    phone.page.see("[data-testid=field-phone]");
    shows(&phone, "sealed-form");
    phone.page.write("[data-testid=field-alias]", "张大爷");
    phone.page.write("[data-testid=field-phone]", "13987654321");
    phone.page.tap("[data-testid=save]");
    phone.page.see("[data-testid=sealed-phone]");
    phone.page.see("[data-testid=contributors]");
    shows(&phone, "voice-offline");

    begin_an_activity(&phone.page, &LONG[..LONG.len() / 2 - LONG.len() / 2 % 3]);
    phone.page.tap("[data-testid=save]");
    phone.page.see(".remark.tone-bad");
    shows(&phone, "activity-form-findings");
    phone.page.choose("[data-testid=select-kind]", "courtyard");
    phone.page.tap("[data-testid=save]");
    phone.page.see("[data-testid=saved]");
    phone.page.tap("[data-testid=see-record]");
    phone.page.see("[data-testid=present]");
    shows(&phone, "activity-offline");
    phone.page.run("location.hash = '/new/suggestion'");
    phone.page.write("[data-testid=field-title]", "关于修通新民村三组断头路的建议");
    phone.page.write("[data-testid=field-facts]", LONG);
    shows(&phone, "suggestion-form");
    phone.page.write("[data-testid=field-analysis]", LONG);
    phone.page.write("[data-testid=field-asks]", LONG);
    phone.page.tap("label:has([data-testid=option-category-roads])");
    phone.page.tap("label:has([data-testid=option-tier-express])");
    phone.page.tap("[data-testid=save]");
    phone.page.see("[data-testid=record-title]");
    phone.page.see("[data-testid=act-submit]");
    shows(&phone, "suggestion-draft");
    phone.page.run("location.hash = '/new/feedback'");
    phone.page.see("[data-testid=field-text]");
    shows(&phone, "feedback-form");
    phone.page.run("location.hash = '/new/report'");
    phone.page.write("[data-testid=field-text]", LONG);
    phone.page.tap("[data-testid=more]");
    phone.page.see("[data-testid=field-satisfied]");
    shows(&phone, "report-form");
    phone.page.run("location.hash = '/account'");
    phone.page.tap("[data-testid=edit-introduction]");
    phone.page.write("[data-testid=field-profile]", LONG);
    shows(&phone, "introduction-form");
    phone.page.tap("[data-testid=save]");
    phone.page.see_words("[data-testid=introduction]", "三组断头路");
    begin_an_activity(&phone.page, "写了一半的活动");
    keeps_the_draft(&phone.page);
    phone.goes_home();
    phone.page.see("[data-testid=draft]");
    shows(&phone, "home-offline");
    phone.page.write("[data-testid=search]", "查无此事");
    phone.page.see("[data-testid=empty]");
    shows(&phone, "home-nothing-found");
    for (address, wanted, screen) in [
        ("/work", "[data-testid=my-year]", "work"),
        ("/dossier", "[data-testid=dossier-head]", "dossier"),
        ("/help/home", "[data-testid=help]", "help"),
    ] {
        phone.page.run(&format!("location.hash = '{address}'"));
        phone.page.see(wanted);
        shows(&phone, screen);
    }
    phone.page.run("location.hash = '/work'");
    phone.page.tap("[data-testid=contest]");
    phone.page.tap("[data-testid=open-contest]");
    phone.page.see("[data-testid=act-contest]");
    shows(&phone, "act-form");
    phone.page.run("location.hash = '/account'");
    phone.page.see("[data-testid=status]");
    shows(&phone, "account");
    phone.page.tap("[data-testid=pin-begin]");
    phone.page.see("[data-testid=pin]");
    shows(&phone, "pin");
    phone.enters_pin("12345");
    phone.page.see("[data-testid=pin-problem] .notice");
    shows(&phone, "pin-refused");
    phone.enters_pin(PIN);
    phone.page.see_words("[data-testid=pin-card] label", "再输一遍");
    phone.enters_pin(PIN);
    phone.page.see_words("[data-testid=pin-said]", "已加密");
    shows(&phone, "pin-set");
    phone.page.tap("[data-testid=pin-shut]");
    phone.page.see("[data-testid=shut]");
    shows(&phone, "shut");
    phone.page.reload();
    phone.page.see_words("[data-testid=other-account]", "用 PIN 锁着");
    shows(&phone, "sign-in-locked");
    phone.enters_pin("654321");
    phone.page.see("[data-testid=pin-problem] .notice");
    shows(&phone, "sign-in-locked-refused");
    phone.enters_pin(PIN);
    phone.page.tap("[data-testid=account]");
    phone.page.tap("[data-testid=pin-drop]");
    phone.page.see_words("[data-testid=pin-said]", "已取消");
    phone.page.tap("[data-testid=other-people]");
    phone.page.see("[data-testid=login]");
    shows(&phone, "other-people");
    phone.page.run("location.hash = '/account'");
    phone.page.tap("[data-testid=sign-out]");
    phone.page.tap("[data-testid=sign-out-sure]");
    phone.page.see("[data-testid=sign-out-sheet] .notice");
    shows(&phone, "account-sign-out-refused");
    phone.page.run("location.hash = '/record/00000000000000000000000000000000'");
    phone.page.see("main .notice");
    shows(&phone, "record-unknown");

    // The two venues meet.
    for one in [&phone, &li] {
        one.link.restore();
        one.goes_home();
        one.page.tap("[data-testid=banner-send]");
        one.has_delivered_everything();
    }
    phone.page.tap("label:has([data-testid=view-reception_day])");
    phone.page.see_words_within(BY_ITSELF, "[data-testid=row-conflict]", "1");
    phone.has_delivered_everything();
    shows(&phone, "home-full");
    phone.page.tap("[data-testid=row]:has([data-testid=row-conflict])");
    phone.page.see("[data-testid=conflicts]");
    phone.page.tap("[data-testid=history]");
    shows(&phone, "day-conflict");
    phone.goes_home();
    phone.page.tap("label:has([data-testid=view-suggestion])");
    phone.page.tap_words(ROW, "断头路的建议");
    phone.page.tap("[data-testid=act-submit]");
    phone.page.see_words_within(BY_ITSELF, "[data-testid=case-state]", "已提交");
    shows(&phone, "suggestion-submitted");

    // What the server does not take.
    phone.link.cut();
    phone.goes_home();
    phone.page.tap("[data-testid=row][data-kind=reception_day]");
    phone.writes_minutes("今天来了五位群众。");
    district::end_mandate(server.data(), DEPUTIES[0]);
    phone.link.restore();
    phone.goes_home();
    phone.page.see_words_within(BY_ITSELF, "[data-testid=refused]", "接待日");
    shows(&phone, "home-refused");
    phone.page.tap("[data-testid=refused] [data-testid=row]");
    phone.page.see("[data-testid=refusal]");
    shows(&phone, "day-refused");
    assert!(barriers.is_empty(), "{}", barriers.join("\n"));
}

/// A deputy whose screen is broken, or who does not see it: with Tab, Enter and the space bar.
#[test]
fn a_voice_is_recorded_by_keyboard_alone() {
    let _alone = alone();
    let server = a_server();
    let phone = Phone::of(&server, DEPUTIES[0]);
    let page = &phone.page;
    page.see("[data-testid=login]");
    page.tabs_to("[data-testid=login]");
    page.types(phone.deputy.login);
    page.tabs_to("[data-testid=password]");
    page.types(PASSWORD);
    page.presses(Key::Enter);
    page.see_words("[data-testid=station]", STATION_NAME);
    for next in ["record", "new-voice"] {
        page.see(&format!("[data-testid={next}]"));
        page.tabs_to(&format!("[data-testid={next}]"));
        page.presses(Key::Enter);
    }
    page.see("[data-testid=field-verbatim]");
    page.tabs_to("[data-testid=field-verbatim]");
    page.types("三组的路断了半年");
    page.tabs_to("[data-testid=field-summary]");
    page.types("修通三组断头路");
    page.tabs_to("[data-testid=field-channel] input");
    page.presses(Key::Space);
    page.see("[data-testid=slip-number]");
    page.tabs_to("[data-testid=save]");
    page.presses(Key::Enter);
    page.see("[data-testid=saved]");
    page.tabs_to("[data-testid=see-record]");
    page.presses(Key::Enter);
    page.see_words("[data-testid=value-verbatim]", "三组的路断了半年");
    page.tabs_to("[data-testid=back]");
    page.presses(Key::Enter);
}

/// A station's form is saved as a browser sends it; its month, the week and the diagram are for an office computer, in
/// light and dark, and for a phone.
#[test]
fn everybody_can_use_the_pages_of_stations() {
    let _alone = alone();
    let server = a_server();
    let desk = Desk::of(&server, TOWN_CLERK);
    desk.opens_ledger("station");
    desk.page.tap(&format!("{ROW} a"));
    desk.page.tap("[data-testid=edit]");
    desk.page.write("#i-reception_rule", "每周一、三、五 9:00—11:00，遇节假日顺延");
    desk.page.write("#i-geo", "27.8893,106.6634");
    desk.page.tap("[data-testid=save]");
    desk.page.see("[data-testid=done]");
    desk.page.tap("[data-testid=calendar]");
    desk.page.see("[data-testid=entry]");
    let month = desk.page.run("location.pathname");
    let mut barriers = Vec::new();
    for (path, shown, name) in [
        (month.as_str().unwrap(), "entry", "month"),
        ("/console/week", "entry", "week"),
        ("/console/stations", "mark", "map"),
    ] {
        desk.page.go(&format!("{}{path}", desk.url));
        desk.page.see(&format!("[data-testid={shown}]"));
        for look in [PHONE, DARK, OFFICE, OFFICE_DARK] {
            desk.page.looked_at(look);
            desk.page.screenshot(&format!("console-stations-{name}-{}", look.name));
            barriers.extend(desk.page.hard_to_use().into_iter().map(|what| format!("{name} ({}): {what}", look.name)));
            let wide = desk.page.run("document.documentElement.scrollWidth > innerWidth") == true;
            barriers.extend(wide.then(|| format!("{name} ({}): wider than its window", look.name)));
        }
    }
    assert!(barriers.is_empty(), "{}", barriers.join("\n"));
}

impl Phone {
    fn enters_pin(&self, pin: &str) {
        self.page.write("[data-testid=pin]", pin);
        self.page.tap("[data-testid=pin-enter]");
    }

    /// What of a screen somebody cannot use, by all who may look at it.
    fn barriers(&self, screen: &str) -> Vec<String> {
        let of = |look| {
            self.page.looked_at(look);
            self.page.screenshot(&format!("screen-{screen}-{}", look.name));
            let found = self.page.hard_to_use().into_iter().chain(self.out_of_measure(look));
            found.map(|what| format!("{screen} ({}): {what}", look.name)).collect::<Vec<_>>()
        };
        LOOKS.into_iter().flat_map(of).collect()
    }

    /// Sizes that hands and eyes need.
    fn out_of_measure(&self, look: Look) -> Vec<String> {
        let found = self.page.run(&format!(
            "(() => {{ const all = selector => [...document.querySelectorAll(selector)]; \
             const say = (what, found) => found.map(it => what + ': ' + it.outerHTML.slice(0, 160)); \
             const text = parseFloat(getComputedStyle(document.body).fontSize); \
             return [ \
               ...say('wider than its window', all('body *').filter(it => !it.closest('.chips-line') \
                 && it.getBoundingClientRect().right > innerWidth + 1)), \
               ...say('a main button below 60 px', all('main .button-main, main .button-record') \
                 .filter(it => it.getBoundingClientRect().height < 60)), \
               ...({}) ? [] : ['text of ' + text + ' px'], ]; }})()",
            if look.large { "text >= 24 && text <= 30" } else { "text == 18" }
        ));
        found.as_array().into_iter().flatten().filter_map(|what| what.as_str()).map(str::to_owned).collect()
    }
}
