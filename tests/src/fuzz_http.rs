//! The fuzz target `http`: the server behind its router. Whatever is sent, it answers, and never with a fault of its own.

use std::sync::{LazyLock, Mutex};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use lianxin_fuzz::Target;
use lianxin_server::store::DeviceKind;
use tokio::runtime::{self, Runtime};

use crate::office::{Office, Phone};

pub static TARGET: Target = Target { name: "http", run: any_request };

/// Where the bytes go; the first of them chooses.
#[derive(Clone, Copy)]
enum Way {
    /// The body of an exchange, with this encoding.
    Exchange(&'static str),
    /// The body of a phone's sign-in.
    SignIn,
    /// A form of the console, by a member of staff.
    Form(&'static str),
    /// The part of an address behind this.
    Address(&'static str),
}

const WAYS: [Way; 8] = [
    Way::Exchange("identity"),
    Way::Exchange("gzip"),
    Way::SignIn,
    Way::Form("/console/sign-in"),
    Way::Form("/console/new/voice"),
    Way::Form("/console/new/activity"),
    Way::Address("/console/ledger/voice?"),
    Way::Address("/console/"),
];

struct Behind {
    runtime: Runtime,
    office: Office,
    phone: Phone,
    console: Phone,
}

/// One office for all inputs: what an input left behind is what the next one finds, as on a real server.
static BEHIND: LazyLock<Mutex<Behind>> = LazyLock::new(|| {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (office, phone, console) = runtime.block_on(async {
        let office = Office::new().await;
        let phone = office.phone("huang").await;
        let console = office.device("zhao", DeviceKind::Console).await;
        (office, phone, console)
    });
    Mutex::new(Behind { runtime, office, phone, console })
});

fn any_request(bytes: &[u8]) {
    let Some((way, bytes)) = bytes.split_first() else { return };
    let Some(way) = WAYS.get(usize::from(*way)) else { return };
    let behind = BEHIND.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let Some(request) = behind.request(*way, bytes) else { return };
    let status = behind.runtime.block_on(behind.office.send(request)).status();
    assert!(!status.is_server_error() || status == StatusCode::SERVICE_UNAVAILABLE, "{status}");
}

impl Behind {
    fn request(&self, way: Way, bytes: &[u8]) -> Option<Request<Body>> {
        let cookie = self.console.cookie();
        let of_staff = |request: axum::http::request::Builder| {
            request.header(header::COOKIE, &cookie).header("sec-fetch-site", "same-origin")
        };
        match way {
            Way::Exchange(encoding) => {
                let mut request = self.phone.sync(bytes.to_vec());
                request.headers_mut().insert(header::CONTENT_ENCODING, encoding.parse().ok()?);
                Some(request)
            }
            Way::SignIn => Request::post("/api/v1/sign-in").body(bytes.to_vec().into()).ok(),
            Way::Form(path) => of_staff(Request::post(path))
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(bytes.to_vec().into())
                .ok(),
            Way::Address(path) => {
                let address = [path.as_bytes(), bytes].concat();
                of_staff(Request::get(address.as_slice())).body(Body::empty()).ok()
            }
        }
    }
}
