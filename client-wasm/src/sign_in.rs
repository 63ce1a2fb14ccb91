//! What signing in sends and what the answers mean. Pure.

use lianxin_shared::{
    device::LeftBehind,
    id::DeviceId,
    json::{FromObject, Object, Unfit},
    limits::LABEL_CHARS_MAX,
};
use serde::Serialize;

use crate::{api::Problem, network::Reply, storage::Credentials, verdict::ErrorBody};

pub(crate) const PATH: &str = "/api/v1/sign-in";
pub(crate) const SIGN_OUT_PATH: &str = "/api/v1/sign-out";

/// The body of the request.
#[derive(Serialize)]
pub(crate) struct Attempt<'a> {
    pub(crate) login: &'a str,
    pub(crate) password: &'a str,
    pub(crate) device_label: &'a str,
    /// Devices that accounts on this phone are locked under, behind a PIN.
    #[serde(skip_serializing_if = "<[DeviceId]>::is_empty")]
    pub(crate) locked: &'a [DeviceId],
}

/// Someone whom the server has let in.
pub(crate) struct Welcomed {
    pub(crate) credentials: Credentials,
    /// Phones of the same person that were left with something unsent, the latest first.
    pub(crate) left_behind: Vec<LeftBehind>,
    /// The key of the first of the locked devices that is this person's.
    pub(crate) opens: Option<String>,
}

/// Reads the server's answer; `None` when nobody answered.
pub(crate) fn read(reply: Option<&Reply>) -> Result<Welcomed, Problem> {
    let Some(reply) = reply else { return Err(Problem::of("sign_in.network")) };
    if reply.status == 200 {
        // A captive portal's page is no welcome.
        return Object::read(&reply.body).and_then(welcomed).map_err(|Unfit(_)| Problem::of("sign_in.network"));
    }
    let said = ErrorBody::read(&reply.body);
    let seconds = said.as_ref().and_then(|said| said.seconds);
    let key = said.as_ref().map(|said| said.error.as_str()).unwrap_or_default();
    Err(match (key, reply.status) {
        ("wrong", _) => Problem::of("sign_in.wrong"),
        ("wait", _) => Problem { seconds, ..Problem::of("sign_in.wait") },
        ("locked" | "revoked", _) => Problem::of("sign_in.locked"),
        ("must_change", _) => Problem::of("sign_in.must_change"),
        ("", ..500) => Problem::of("sign_in.network"),
        _ => Problem { seconds, ..Problem::of("sign_in.server") },
    })
}

fn welcomed(mut said: Object) -> Result<Welcomed, Unfit> {
    let credentials = Credentials::take_from(&mut said)?;
    let left_behind = said.maybe("left_behind", Object::objects)?.unwrap_or_default();
    let opens = said.maybe("opens", Object::text)?;
    Ok(Welcomed { credentials, opens, left_behind })
}

/// What the list of devices calls this phone: system and browser, out of the browser's name for itself.
pub(crate) fn device_label(user_agent: &str) -> String {
    let system = user_agent.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(system, _)| system);
    let browsers = ["Firefox/", "EdgA/", "MiuiBrowser/", "HuaweiBrowser/", "SamsungBrowser/", "Chrome/", "Version/"];
    let browser = browsers.iter().find_map(|name| user_agent.split(' ').find(|word| word.starts_with(name)));
    let browser = browser.unwrap_or_default().split('.').next().unwrap_or_default();
    format!("{system} {browser}").trim().chars().take(LABEL_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use lianxin_shared::id::UserId;

    use super::*;

    fn problem(status: u16, body: &str) -> Problem {
        read(Some(&Reply { status, body: body.into() })).err().unwrap()
    }

    #[test]
    fn each_answer_has_its_words() {
        assert_eq!(read(None).err().unwrap().text, "sign_in.network");
        assert_eq!(problem(200, "<html>pay for Wi-Fi</html>").text, "sign_in.network");
        assert_eq!(problem(401, r#"{"error":"wrong"}"#).text, "sign_in.wrong");
        let wait = problem(429, r#"{"error":"wait","seconds":30}"#);
        assert_eq!((wait.text.as_ref(), wait.seconds), ("sign_in.wait", Some(30)));
        assert_eq!(problem(403, r#"{"error":"locked"}"#).text, "sign_in.locked");
        assert_eq!(problem(403, r#"{"error":"must_change"}"#).text, "sign_in.must_change");
        assert_eq!(problem(403, "<html>").text, "sign_in.network");
        assert_eq!(problem(502, "<html>").text, "sign_in.server");
        assert_eq!(problem(500, r#"{"error":"internal"}"#).text, "sign_in.server");
    }

    #[test]
    fn a_welcome_gives_credentials() {
        let body = r#"{"token":"t","device":7,"user":3,"name":"黄光明"}"#;
        let Welcomed { credentials, left_behind, .. } =
            read(Some(&Reply { status: 200, body: body.into() })).ok().unwrap();
        assert!(left_behind.is_empty(), "an older server says nothing of it");
        assert_eq!((credentials.device, credentials.user), (DeviceId(7), UserId(3)));
    }

    #[test]
    fn a_phone_is_known_by_system_and_browser() {
        let agent = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile";
        assert_eq!(device_label(agent), "Linux; Android 10; K Chrome/124");
        assert_eq!(device_label(""), "");
    }
}
