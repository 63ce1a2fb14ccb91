//! A browser before the real router, and a page as it got it.

use std::io::Read;

use axum::{
    body::Body,
    http::{Request, Response, StatusCode, header},
};
use flate2::read::GzDecoder;
use lianxin_shared::{id::RecordId, schema::Kind};
use lianxin_tests::office::{Office, PASSWORD, bytes_of};

use super::district::record;

/// A browser with a session.
pub(super) struct Browser<'a> {
    pub(super) office: &'a Office,
    pub(super) cookie: String,
}

/// A page as a browser got it.
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) location: String,
    pub(super) html: String,
}

impl<'a> Browser<'a> {
    pub(super) async fn of(office: &'a Office, login: &str) -> Self {
        let mut browser = Self { office, cookie: String::new() };
        let form = [("login", login), ("password", PASSWORD), ("next", "/console/ledger/voice")];
        let response = browser.office.send(browser.form("/console/sign-in", &form)).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        browser.cookie = cookie.split(';').next().unwrap().to_owned();
        browser
    }

    pub(super) async fn get(&self, path: &str) -> Page {
        let request = Request::get(path).header(header::COOKIE, &self.cookie);
        Page::of(self.office.send(request.body(Body::empty()).unwrap()).await).await
    }

    /// The same page compressed, as every browser asks for it.
    pub(super) async fn get_gzipped(&self, path: &str) -> String {
        let request = Request::get(path).header(header::COOKIE, &self.cookie).header(header::ACCEPT_ENCODING, "gzip");
        let response = self.office.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
        let (mut page, packed) = (String::new(), bytes_of(response).await);
        GzDecoder::new(&packed[..]).read_to_string(&mut page).unwrap();
        page
    }

    pub(super) async fn get_bytes(&self, path: &str) -> Vec<u8> {
        let request = Request::get(path).header(header::COOKIE, &self.cookie);
        bytes_of(self.office.send(request.body(Body::empty()).unwrap()).await).await
    }

    pub(super) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Page {
        Page::of(self.office.send(self.form(path, form)).await).await
    }

    pub(super) fn form(&self, path: &str, form: &[(&str, &str)]) -> Request<Body> {
        let encoded: Vec<String> =
            form.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        Request::post(path)
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(encoded.join("&").into())
            .unwrap()
    }
}

impl Page {
    pub(super) async fn of(response: Response<Body>) -> Self {
        let location = response.headers().get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
        let status = response.status();
        let html = String::from_utf8(bytes_of(response).await).unwrap();
        Self { status, location: location.unwrap_or_default(), html }
    }

    pub(super) fn has(&self, text: &str) -> bool {
        self.html.contains(text)
    }

    pub(super) fn marked(&self, testid: &str) -> usize {
        self.html.matches(&format!("data-testid=\"{testid}\"")).count()
    }

    /// The ids of a ledger's rows.
    pub(super) fn rows(&self) -> Vec<String> {
        self.html.split("<tr data-id=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    }

    /// The values of the hidden inputs of this name.
    pub(super) fn hidden(&self, name: &str) -> Vec<String> {
        let before = format!("name=\"{name}\" value=\"");
        self.html.split(&before).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    }

    pub(super) fn links(&self) -> Vec<String> {
        let links = self.html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        links.map(|href| href.replace("&#38;", "&")).collect()
    }

    /// What stands in the link to an address.
    pub(super) fn number_at(&self, href: &str) -> String {
        let link = format!("href=\"{}\"", href.replace('&', "&#38;"));
        let rest = self.html.split(&link).nth(1).unwrap_or_else(|| panic!("no link to {href}"));
        rest.split_once('>').unwrap().1.split('<').next().unwrap().to_owned()
    }

    /// The links behind this mark, each with the number that stands in it.
    pub(super) fn numbers(&self, testid: &str) -> Vec<(String, String)> {
        let section = self.html.split(&format!("data-testid=\"{testid}\"")).nth(1).unwrap();
        let links = section.split("</section>").next().unwrap().split("href=\"").skip(1);
        let number = |link: &str| {
            let (href, rest) = link.split_once("\">").unwrap();
            (href.replace("&#38;", "&"), rest.split('<').next().unwrap().to_owned())
        };
        links.map(number).collect()
    }

    pub(super) fn link(&self, testid: &str) -> String {
        let (before, _) = self.html.split_once(&format!("data-testid=\"{testid}\"")).unwrap();
        let (_, address) = before.rsplit_once("href=\"").unwrap();
        address.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&")
    }
}

pub(super) fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// The fields of a form that showed nothing before.
pub(super) fn filled<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(String, &'a str)> {
    fields.iter().flat_map(|(name, value)| [(format!("was.{name}"), ""), ((*name).to_owned(), *value)]).collect()
}

/// A new record by the form of a desk.
pub(super) async fn create(browser: &Browser<'_>, kind: Kind, fields: &[(&str, &str)]) -> Page {
    let fields = filled(fields);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    browser.post(&format!("/console/new/{}", kind.key()), &fields).await
}

/// Does an act by the form that the page offers, and says what became of it.
pub(super) async fn do_act(browser: &Browser<'_>, id: RecordId, form: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.get(&record(id)).await;
    let (request, seen) = form_keys(&page.html, form);
    let mut sent = vec![("act", form), ("request", request.as_str()), ("seen", seen.as_str())];
    sent.extend_from_slice(fields);
    browser.post(&format!("{}/act", record(id)), &sent).await
}

/// The id of the request and what was seen, as a form carries them.
pub(super) fn form_keys(html: &str, form: &str) -> (String, String) {
    let offered = html.split(&format!("name=\"act\" value=\"{form}\"")).nth(1);
    let offered = offered.unwrap_or_else(|| panic!("{form} is not offered"));
    let value = |name: &str| {
        let value = offered.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        value.split('"').next().unwrap().to_owned()
    };
    (value("request"), value("seen"))
}

/// The value of the choice with this label.
pub(super) fn choice(html: &str, label: &str) -> String {
    let before = html.split(&format!("{label}</option>")).next().unwrap();
    before.rsplit("value=\"").next().unwrap().split('"').next().unwrap().to_owned()
}

pub(super) fn authorized(browser: &Browser<'_>, path: &str) -> Request<Body> {
    Request::get(path).header(header::COOKIE, &browser.cookie).body(Body::empty()).unwrap()
}

/// Sends a file with these fields, as a browser's form does.
pub(super) async fn upload(browser: &Browser<'_>, path: &str, file: &[u8], fields: &[(&str, &str)]) -> Page {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--xx\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.as_bytes());
    }
    if !file.is_empty() {
        body.extend(b"--xx\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\n\r\n");
        body.extend(file);
        body.extend(b"\r\n");
    }
    body.extend(b"--xx--\r\n");
    let request = Request::post(path)
        .header(header::COOKIE, &browser.cookie)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xx")
        .header("sec-fetch-site", "same-origin");
    Page::of(browser.office.send(request.body(body.into()).unwrap()).await).await
}
