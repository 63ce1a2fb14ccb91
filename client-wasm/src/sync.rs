//! The loop that brings everything to the server and back by itself.
//!
//! It sleeps until an exchange is due (`schedule`), goes on while exchanges move something, and after a
//! failure waits longer each time. Whatever happens, what is unsent stays.

use std::rc::Rc;

use futures_util::future::select;
use lianxin_shared::{
    device::{Ask, Exchange},
    id::RecordId,
    sorted::Map,
    wire::Answer,
};

use crate::{
    api::{Event, Problem},
    backoff::Backoff,
    browser::{now_ms, random, sleep},
    engine::Engine,
    files,
    network::Carries,
    pages::Carried,
    parcel,
    schedule::Wish,
    status::Phase,
    storage::StorageError,
    verdict::{self, Failure, Next},
};

const PATH: &str = "/api/v1/sync";
pub(crate) const APP_VERSION: &str = env!("CARGO_PKG_VERSION");
/// Without a live stream, how often it looks for news while the app is seen.
const POLL_MS: i64 = 5 * 60_000;
/// How often a phone whose app is too old tries all the same: the server may have been the one to blame.
const OUTDATED_RETRY_MS: i64 = 60 * 60_000;
/// The longest pause that a server may ask for.
const ASKED_PAUSE_SECONDS_MAX: u32 = 60 * 60;

/// Why a series of exchanges ended early.
pub(crate) enum Stop {
    Failed(Failure),
    /// The phone could not store what came.
    Storage(Problem),
    /// The account or the storage was replaced meanwhile.
    Overtaken,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Stop::Failed(failure)
    }
}

impl From<StorageError> for Stop {
    fn from(error: StorageError) -> Self {
        Stop::Storage(error.into())
    }
}

/// Runs as long as the engine.
pub(crate) async fn run(engine: Rc<Engine>) {
    let mut backoff = Backoff::default();
    loop {
        wait_until_due(&engine).await;
        let line = engine.line.lock().await;
        engine.schedule.begin();
        if !engine.may_exchange() {
            continue;
        }
        engine.set_phase(Phase::Exchanging);
        let end = match exchange_all(&engine).await {
            Ok(Next::Idle) => files::deliver(&engine).await.map(|()| Next::Idle),
            Err(Stop::Failed(Failure::SignInNeeded { revoked: true })) => {
                Err(parcel::leave(&engine).await.err().unwrap_or(Stop::Overtaken))
            }
            end => end,
        };
        settle(&engine, &mut backoff, end);
        drop(line);
        engine.look_whether_persistent();
    }
}

/// The first exchanges after signing in: until the rights and a page of records are there.
pub(crate) async fn first(engine: &Rc<Engine>) -> Result<(), Problem> {
    let _line = engine.line.lock().await;
    engine.set_phase(Phase::Exchanging);
    let end = loop {
        match exchange(engine).await {
            Ok((next, received)) if next != Next::Again || received && engine.has_account() => break Ok(()),
            Ok(_) => {}
            Err(stop) => break Err(stop),
        }
    };
    engine.set_phase(Phase::Idle);
    // The loop goes on with what is left, or tries again.
    engine.schedule.ask(Wish::Now);
    engine.live.changed.raise();
    match end {
        Ok(()) if engine.has_account() => Ok(()),
        Ok(()) => Err(Problem::of("sign_in.no_access")),
        Err(Stop::Storage(problem)) => Err(problem),
        Err(Stop::Failed(Failure::Network) | Stop::Overtaken) => Err(Problem::of("sign_in.network")),
        Err(Stop::Failed(Failure::UpdateNeeded)) => Err(Problem::of("sign_in.update")),
        Err(Stop::Failed(_)) => Err(Problem::of("sign_in.server")),
    }
}

async fn wait_until_due(engine: &Engine) {
    loop {
        let changed = std::pin::pin!(engine.schedule.changed.wait());
        match engine.schedule.due_ms().map(|due| due.saturating_sub(now_ms())) {
            Some(..=0) => return,
            Some(ms) => {
                select(std::pin::pin!(sleep(ms)), changed).await;
            }
            None => changed.await,
        }
    }
}

async fn exchange_all(engine: &Engine) -> Result<Next, Stop> {
    loop {
        match exchange(engine).await? {
            (Next::Again, _) => {}
            (end, _) => return Ok(end),
        }
    }
}

/// One exchange, from the outbox to the stored answer. Also says whether records came.
async fn exchange(engine: &Engine) -> Result<(Next, bool), Stop> {
    let era = engine.era.get();
    let (exchange, token) = {
        let state = engine.state.borrow();
        let credentials = state.credentials.as_ref().ok_or(Stop::Overtaken)?;
        let ask = Ask {
            upload_bytes_max: state.pages.upload,
            download_bytes_max: state.pages.download,
            since_ms: engine.older_since(&state),
        };
        let exchange = state.device.exchange_asking(now_ms(), APP_VERSION, ask);
        (exchange, credentials.token.clone())
    };
    let began_ms = now_ms();
    let reply = engine.network.post(PATH, Some(&token), Carries::Exchange, &exchange.body).await;
    let network_ms = now_ms() - began_ms;
    engine.count_traffic();
    if engine.era.get() != era {
        return Err(Stop::Overtaken);
    }
    let down = reply.as_ref().map_or(0, |reply| reply.body.len());
    let reply = reply.map_err(|_| Failure::Network);
    let answer = reply.and_then(|reply| verdict::of_exchange(reply.status, &reply.body));
    let answer = answer.inspect_err(|failure| {
        let pages = &mut engine.state.borrow_mut().pages;
        match failure {
            Failure::Smaller => pages.shrink_upload(),
            Failure::Network => pages.broke_off(),
            _ => {}
        }
    })?;
    let carried = Carried { up: exchange.body.len(), down, network_ms, merging_ms: 0 };
    let next = believe(engine, era, &exchange, &answer, carried).await?;
    Ok((next, !answer.page.is_empty() || !answer.snapshot.records.is_empty()))
}

async fn believe(
    engine: &Engine,
    era: u32,
    exchange: &Exchange,
    answer: &Answer,
    carried: Carried,
) -> Result<Next, Stop> {
    let _turn = engine.take_turn().await.map_err(Stop::Storage)?;
    if engine.era.get() != era {
        return Err(Stop::Overtaken);
    }
    let began_ms = now_ms();
    let needed = engine.state.borrow().device.records_needed(answer);
    let documents = engine.documents(&needed).await?;
    let documents: Map<RecordId, Vec<u8>> =
        needed.into_iter().zip(documents).filter_map(|(id, document)| Some((id, document?))).collect();
    let needed = engine.state.borrow().device.cases_needed(answer);
    let cases = engine.cases(&needed).await?;
    let cases: Map<RecordId, Vec<u8>> =
        needed.into_iter().zip(cases).filter_map(|(id, events)| Some((id, events?))).collect();
    let prepared = engine.state.borrow().device.prepare_receive(exchange, answer, &documents, &cases, now_ms());
    // An answer that does not fit is not stored, so the same comes again: the server's to mend.
    let prepared = prepared.map_err(|_| Failure::Server { seconds: None })?;
    engine.store(prepared).await?;
    mend(engine).await?;
    engine.state.borrow_mut().pages.went_well(Carried { merging_ms: now_ms() - began_ms, ..carried });
    if answer.grants.is_some() {
        engine.tell(&Event::Ready);
    }
    Ok(verdict::next(exchange.carries(), answer, engine.state.borrow().device.sendable()))
}

/// Makes anew what was refused because this phone was set back or copied. The caller holds the turn.
async fn mend(engine: &Engine) -> Result<(), Stop> {
    loop {
        let Some(id) = engine.state.borrow().device.record_to_mend() else { return Ok(()) };
        let document = engine.documents(&[id]).await?.pop().flatten().unwrap_or_default();
        let prepared = engine.state.borrow().device.prepare_mend(id, &document, now_ms());
        // What cannot be mended stays refused, and its user is told so.
        let Ok(prepared) = prepared else { return Ok(()) };
        engine.store(prepared).await?;
    }
}

/// Draws the consequences: the phase that people see, and when it goes on.
fn settle(engine: &Engine, backoff: &mut Backoff, end: Result<Next, Stop>) {
    let failure = match end {
        Ok(Next::Idle | Next::Again) => {
            backoff.reset();
            engine.live.set_online(true);
            engine.schedule.succeeded(engine.live.is_silent_but_wanted().then(|| now_ms() + POLL_MS));
            engine.set_phase(Phase::Idle);
            engine.live.changed.raise();
            return;
        }
        Err(Stop::Overtaken) => {
            engine.schedule.succeeded(Some(now_ms()));
            engine.set_phase(Phase::Idle);
            return;
        }
        Ok(Next::Stuck) | Err(Stop::Storage(_)) => Failure::Server { seconds: None },
        Err(Stop::Failed(failure)) => failure,
    };
    let pause_ms = match failure {
        Failure::SignInNeeded { .. } => None,
        Failure::UpdateNeeded => Some(OUTDATED_RETRY_MS),
        Failure::Server { seconds: Some(asked) } => {
            let asked_ms = i64::from(asked.min(ASKED_PAUSE_SECONDS_MAX)) * 1_000;
            Some(backoff.next_ms(random()).max(asked_ms))
        }
        Failure::Server { seconds: None } | Failure::Network | Failure::Smaller => Some(backoff.next_ms(random())),
    };
    let retry_ms = pause_ms.map(|pause| now_ms() + pause);
    engine.schedule.failed(retry_ms, failure != Failure::Network);
    engine.set_phase(Phase::after(&failure, retry_ms.unwrap_or_default()));
    engine.live.changed.raise();
}
