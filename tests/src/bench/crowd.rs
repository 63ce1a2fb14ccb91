//! Many phones at once, as the server sees them: requests that were made before, sent over kept
//! connections.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use lianxin_shared::wire::{Answer, Cursor, Outcome, Request, RequestHello, SentChange};

use super::{
    http::{Body, Connection, Headers, compressed},
    people::Badge,
};

/// A request of a phone, ready to be sent.
pub(super) struct Ready {
    pub(super) token: String,
    pub(super) body: Body,
    pub(super) changes: usize,
}

/// A request that hands changes in, and asks for so many bytes.
pub(super) fn ready(badge: &Badge, hello: RequestHello, cursors: Vec<Cursor>, changes: Vec<SentChange>) -> Ready {
    let (token, count) = (badge.token.secret().to_owned(), changes.len());
    let request = Request { hello, cursors, changes, ..Request::default() };
    Ready { token, body: compressed(&request.encode()), changes: count }
}

/// What a phone says that wants to fetch nothing.
pub(super) fn hands_in_only(epoch: u64) -> RequestHello {
    RequestHello { epoch, app_version: "0.1.0".into(), ..RequestHello::default() }
}

/// Sends all at once, each over a connection of its own that is open already; the seconds until the
/// last is answered.
///
/// # Errors
/// When a request fails or a change is not accepted.
pub(super) async fn send_at_once(server: SocketAddr, requests: Vec<Ready>) -> anyhow::Result<f64> {
    let mut opened = Vec::with_capacity(requests.len());
    for request in requests {
        let mut connection = Connection::to(server, Headers::Lean);
        let (answer, _) = exchange(&mut connection, &request.token, &idle()).await?;
        opened.push((connection, request, answer.hello.epoch));
    }
    let start = Arc::new(tokio::sync::Barrier::new(opened.len() + 1));
    let mut sending = tokio::task::JoinSet::new();
    for (mut connection, request, _) in opened {
        let start = start.clone();
        sending.spawn(async move {
            start.wait().await;
            let (answer, _) = exchange(&mut connection, &request.token, &request.body).await?;
            anyhow::ensure!(accepted(&answer) == request.changes, "not every change was accepted");
            Ok(())
        });
    }
    start.wait().await;
    let began = Instant::now();
    while let Some(sent) = sending.join_next().await {
        sent??;
    }
    Ok(began.elapsed().as_secs_f64())
}

/// How many of the sent changes the server has taken.
pub(super) fn accepted(answer: &Answer) -> usize {
    answer.receipts.iter().filter(|receipt| matches!(receipt.outcome, Outcome::Received { .. })).count()
}

/// An exchange that must succeed; the answer and the bytes of its body.
///
/// # Errors
/// When there is no answer or it is a refusal.
pub(super) async fn exchange(connection: &mut Connection, token: &str, body: &Body) -> anyhow::Result<(Answer, u64)> {
    let reply = connection.exchange(token, body).await.map_err(|_| anyhow::anyhow!("no reply"))?;
    anyhow::ensure!(reply.status == 200, "answered {}: {}", reply.status, String::from_utf8_lossy(&reply.body));
    let answer = Answer::decode(&reply.body).map_err(|bad| anyhow::anyhow!("{bad:?}"))?;
    Ok((answer, reply.body_bytes))
}

fn idle() -> Body {
    compressed(&Request { hello: hands_in_only(0), ..Request::default() }.encode())
}
