//! HTTP as the phone speaks it: one connection that is kept, and no limit that assumes a speed.

use std::{
    io::{self, Read, Write as _},
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::body::Bytes;
use clap::ValueEnum;
use flate2::{Compression, write::GzEncoder};
use http_body_util::{BodyExt, Full};
use hyper::{
    Request,
    client::conn::http1::{SendRequest, handshake},
    header,
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::sleep,
};

/// No byte for so long: the connection is dead (`client-wasm/src/network.rs`).
const STILL_MAX: Duration = Duration::from_secs(60);
/// How often that is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is sent around a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Headers {
    /// What the protocol needs, as a program of one's own sends it
    Lean,
    /// What Chrome on Android adds of its own accord
    Chrome,
}

/// What Chrome on Android sends with an XMLHttpRequest of the app.
const CHROME: [(&str, &str); 11] = [
    ("connection", "keep-alive"),
    ("sec-ch-ua-platform", "\"Android\""),
    (
        "user-agent",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
    ),
    ("sec-ch-ua", "\"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\", \"Google Chrome\";v=\"140\""),
    ("sec-ch-ua-mobile", "?1"),
    ("accept", "*/*"),
    ("origin", "https://lianxin.example.cn"),
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "cors"),
    ("sec-fetch-dest", "empty"),
    ("accept-language", "zh-CN,zh;q=0.9,en;q=0.8"),
];
/// What both accept.
const ACCEPT_ENCODING: &str = "gzip, deflate, br, zstd";

/// What came back.
pub(super) struct Reply {
    pub(super) status: u16,
    /// Decoded.
    pub(super) body: Vec<u8>,
    /// As it travelled.
    pub(super) body_bytes: u64,
}

/// No reply came.
#[derive(Debug)]
pub(super) struct NoReply;

/// One phone's, or one driver's, connection to the server.
pub(super) struct Connection {
    server: SocketAddr,
    headers: Headers,
    open: Option<(SendRequest<Full<Bytes>>, Moved)>,
}

impl Connection {
    pub(super) fn to(server: SocketAddr, headers: Headers) -> Self {
        Self { server, headers, open: None }
    }

    /// `POST /api/v1/sync`. `body` is what [`compressed`] made.
    pub(super) async fn exchange(&mut self, token: &str, body: &Body) -> Result<Reply, NoReply> {
        let request = self.request(token, body)?;
        self.send(request).await
    }

    /// `GET` of a page, with the cookie of a session.
    pub(super) async fn page(&mut self, address: &str, cookie: &str) -> Result<Reply, NoReply> {
        let request = Request::get(address)
            .header(header::HOST, "lianxin.example.cn")
            .header(header::COOKIE, cookie)
            .body(Full::default())
            .map_err(|_| NoReply)?;
        self.send(request).await
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Reply, NoReply> {
        let result = self.patiently(request).await;
        if result.is_err() {
            self.open = None;
        }
        result
    }

    /// Gives up when nothing has moved for long.
    async fn patiently(&mut self, request: Request<Full<Bytes>>) -> Result<Reply, NoReply> {
        let (sender, moved) = self.opened().await?;
        let mut replying = std::pin::pin!(reply(sender, request));
        loop {
            tokio::select! {
                result = &mut replying => return result,
                () = sleep(LOOK_EVERY) => if moved.still_for() > STILL_MAX { return Err(NoReply) },
            }
        }
    }

    fn request(&self, token: &str, body: &Body) -> Result<Request<Full<Bytes>>, NoReply> {
        let mut request = Request::post("/api/v1/sync")
            .header(header::HOST, "lianxin.example.cn")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header(header::ACCEPT_ENCODING, ACCEPT_ENCODING);
        if body.gzip {
            request = request.header(header::CONTENT_ENCODING, "gzip");
        }
        if self.headers == Headers::Chrome {
            request = CHROME.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        }
        request.body(Full::new(body.bytes.clone())).map_err(|_| NoReply)
    }

    async fn opened(&mut self) -> Result<(&mut SendRequest<Full<Bytes>>, Moved), NoReply> {
        if self.open.as_ref().is_none_or(|(sender, _)| sender.is_closed()) {
            let stream = TcpStream::connect(self.server).await.map_err(|_| NoReply)?;
            stream.set_nodelay(true).map_err(|_| NoReply)?;
            let moved = Moved::now();
            let watched = TokioIo::new(Watched { stream, moved: moved.clone() });
            let (sender, connection) = handshake(watched).await.map_err(|_| NoReply)?;
            // It ends with its sender, or when the line breaks.
            tokio::spawn(connection);
            self.open = Some((sender, moved));
        }
        let (sender, moved) = self.open.as_mut().ok_or(NoReply)?;
        moved.note();
        Ok((sender, moved.clone()))
    }
}

async fn reply(sender: &mut SendRequest<Full<Bytes>>, request: Request<Full<Bytes>>) -> Result<Reply, NoReply> {
    sender.ready().await.map_err(|_| NoReply)?;
    let response = sender.send_request(request).await.map_err(|_| NoReply)?;
    let (parts, body) = response.into_parts();
    let encoded = body.collect().await.map_err(|_| NoReply)?.to_bytes();
    let encoding = parts.headers.get(header::CONTENT_ENCODING).map_or(&b"identity"[..], |encoding| encoding.as_bytes());
    let body = decoded(encoding, &encoded).map_err(|_| NoReply)?;
    Ok(Reply { status: parts.status.as_u16(), body, body_bytes: encoded.len() as u64 })
}

fn decoded(encoding: &[u8], bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut decoded = Vec::new();
    match encoding {
        b"zstd" => zstd::stream::copy_decode(bytes, &mut decoded)?,
        b"br" => drop(brotli::Decompressor::new(bytes, 4096).read_to_end(&mut decoded)?),
        b"gzip" => drop(flate2::read::GzDecoder::new(bytes).read_to_end(&mut decoded)?),
        b"identity" => decoded.extend_from_slice(bytes),
        other => return Err(io::Error::other(format!("encoding {other:?}"))),
    }
    Ok(decoded)
}

/// A request's body as it travels.
#[derive(Debug, Clone)]
pub(super) struct Body {
    pub(super) bytes: Bytes,
    gzip: bool,
}

/// Compressed if that makes it smaller, as `client-wasm/src/network.rs` has browsers do it: at their one level, 6.
pub(super) fn compressed(body: &[u8]) -> Body {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let smaller = encoder.write_all(body).and_then(|()| encoder.finish()).ok().filter(|gzip| gzip.len() < body.len());
    let gzip = smaller.is_some();
    Body { bytes: smaller.unwrap_or_else(|| body.to_vec()).into(), gzip }
}

/// When the last byte of a connection has moved.
#[derive(Debug, Clone)]
struct Moved {
    opened: Instant,
    after_ms: Arc<AtomicU64>,
}

impl Moved {
    fn now() -> Self {
        Self { opened: Instant::now(), after_ms: Arc::default() }
    }

    fn note(&self) {
        self.after_ms.store(self.opened.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    fn still_for(&self) -> Duration {
        self.opened.elapsed().saturating_sub(Duration::from_millis(self.after_ms.load(Ordering::Relaxed)))
    }
}

struct Watched {
    stream: TcpStream,
    moved: Moved,
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_read(context, into);
        if polled.is_ready() {
            self.moved.note();
        }
        polled
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        if polled.is_ready() {
            self.moved.note();
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
