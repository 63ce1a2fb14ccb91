//! The console's style, script and icon: inside the program, under addresses that change with their
//! contents, so that browsers keep them for good.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

const HASH_DIGITS: usize = 12;

/// A file that pages refer to.
pub(super) struct Asset {
    /// The last part of the address.
    name: String,
    mime: &'static str,
    body: &'static str,
}

/// The app's colours and type, then the console's own rules.
pub(super) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    const CSS: &str =
        concat!(include_str!("../../../client-wasm/view/src/tokens.css"), include_str!("../../assets/console.css"));
    Asset::new("css", "text/css; charset=utf-8", CSS)
});

pub(super) static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("js", "text/javascript; charset=utf-8", include_str!("../../assets/console.js")));

pub(super) static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("svg", "image/svg+xml", include_str!("../../assets/icon.svg")));

impl Asset {
    fn new(ending: &str, mime: &'static str, body: &'static str) -> Self {
        let digest = Sha256::digest(body.as_bytes());
        let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { name: format!("console-{}.{ending}", &hash[..HASH_DIGITS]), mime, body }
    }

    /// The address.
    pub(super) fn href(&self) -> String {
        format!("/console/assets/{}", self.name)
    }
}

pub(super) async fn asset(Path(name): Path<String>) -> Response {
    let asset = [&*STYLE, &*SCRIPT, &*ICON].into_iter().find(|asset| asset.name == name);
    match asset {
        Some(asset) => {
            let headers =
                [(header::CONTENT_TYPE, asset.mime), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
            (headers, asset.body).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
