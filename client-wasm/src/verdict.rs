//! What an HTTP answer means. Pure. The network between phone and server belongs to others: gateways
//! answer 502 with a page, captive portals answer 200 with theirs.

use lianxin_shared::{
    json::{Object, Unfit},
    sealed::SealedOutcome,
    wire::{Answer, ExchangeError, Outcome, Retry, VERSION, Verdict},
};

/// Why an exchange as a whole brought nothing. Everything unsent is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No answer, or not from the server.
    Network,
    /// The server cannot now; if it says so, not for so many seconds.
    Server {
        seconds: Option<u32>,
    },
    /// The body was too large.
    Smaller,
    SignInNeeded {
        revoked: bool,
    },
    UpdateNeeded,
}

/// What the server says beside exchanges: `{"error": …, "seconds": …}`.
#[derive(Debug)]
pub(crate) struct ErrorBody {
    pub(crate) error: String,
    pub(crate) seconds: Option<u32>,
    /// Of a file, how many bytes are there.
    pub(crate) at: Option<u64>,
}

impl ErrorBody {
    /// `None` if this is not how the server puts an error: then someone else is speaking.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let said = Object::read(body).and_then(Self::of).ok()?;
        Some(said).filter(|said| !said.error.is_empty() || said.at.is_some())
    }

    fn of(mut said: Object) -> Result<Self, Unfit> {
        Ok(Self {
            error: said.maybe("error", Object::text)?.unwrap_or_default(),
            seconds: said.maybe("seconds", Object::counted)?,
            at: said.maybe("at", Object::counted)?,
        })
    }
}

/// Reads the answer to an exchange.
pub(crate) fn of_exchange(status: u16, body: &[u8]) -> Result<Answer, Failure> {
    if status != 200 {
        return Err(of_error(status, body));
    }
    match body.first() {
        Some(&VERSION) => Answer::decode(body).map_err(|_| Failure::Server { seconds: None }),
        // A page that begins with a bracket or a blank: the portal of a hotel, not the server.
        _ => Err(Failure::Network),
    }
}

/// What an answer means that is no success.
pub(crate) fn of_error(status: u16, body: &[u8]) -> Failure {
    let said = ErrorBody::read(body);
    let seconds = said.as_ref().and_then(|said| said.seconds);
    let known = said.as_ref().and_then(|said| ExchangeError::from_key(&said.error));
    match (known, status) {
        (Some(error), _) => match error.retry() {
            Retry::Later => Failure::Server { seconds },
            Retry::AfterSignIn => Failure::SignInNeeded { revoked: error == ExchangeError::Revoked },
            Retry::Smaller => Failure::Smaller,
            Retry::AfterUpdate => Failure::UpdateNeeded,
        },
        // A gateway in front of the server has a limit of its own.
        (None, 413) => Failure::Smaller,
        (None, 429 | 500..) => Failure::Server { seconds },
        _ if said.is_some() => Failure::Server { seconds },
        _ => Failure::Network,
    }
}

/// What follows an answer that was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// More is to be fetched or sent.
    Again,
    Idle,
    /// More is there, but this exchange has moved nothing: a pause, or phone and server would spin.
    Stuck,
}

/// `sent`: what the exchange carried; `unsent`: what waits on the phone after the answer was believed and could go.
pub(crate) fn next(sent: usize, answer: &Answer, unsent: usize) -> Next {
    let mut sealed = answer.sealed.iter().flat_map(|sealed| &sealed.outcomes);
    let accepted = answer.receipts.iter().any(|receipt| receipt.outcome != Outcome::Missing)
        || sealed.any(|outcome| *outcome != SealedOutcome::Waiting)
        || answer.verdicts.iter().any(|verdict| *verdict != Verdict::Missing);
    let received = answer.brings_something()
        // Then the next request says more.
        || answer.hello.name_all
        || answer.grants.is_some()
        || answer.sealed.as_ref().is_some_and(|sealed| !sealed.changed.is_empty());
    let edited_meanwhile = sent == 0 && unsent > 0;
    match (answer.hello.more || unsent > 0, accepted || received || edited_meanwhile) {
        (false, _) => Next::Idle,
        (true, true) => Next::Again,
        (true, false) => Next::Stuck,
    }
}

#[cfg(test)]
mod tests {
    use lianxin_shared::{
        id::Position,
        wire::{AnswerHello, Receipt, SealedAnswer},
    };

    use super::*;

    #[test]
    fn a_captive_portal_is_a_network_problem() {
        assert_eq!(of_exchange(200, b"<!doctype html><title>Wi-Fi</title>"), Err(Failure::Network));
        assert_eq!(of_exchange(200, b""), Err(Failure::Network));
        assert_eq!(of_exchange(403, b"<html>please pay</html>"), Err(Failure::Network));
        assert_eq!(of_exchange(401, b""), Err(Failure::Network), "nobody is signed out by a gateway");
    }

    #[test]
    fn every_error_of_the_protocol_is_understood() {
        for error in ExchangeError::ALL {
            let body = format!(r#"{{"error":"{}"}}"#, error.key());
            let failure = of_exchange(error.status(), body.as_bytes()).unwrap_err();
            let expected = match error {
                ExchangeError::Malformed | ExchangeError::UnknownVersion => Failure::UpdateNeeded,
                ExchangeError::TooLarge => Failure::Smaller,
                ExchangeError::SignedOut => Failure::SignInNeeded { revoked: false },
                ExchangeError::Revoked => Failure::SignInNeeded { revoked: true },
                _ => Failure::Server { seconds: None },
            };
            assert_eq!(failure, expected);
        }
        assert_eq!(of_exchange(502, b"<html>"), Err(Failure::Server { seconds: None }));
        assert_eq!(of_exchange(413, b"<html>"), Err(Failure::Smaller));
        let wait = br#"{"error":"too_many","seconds":30}"#;
        assert_eq!(of_exchange(429, wait), Err(Failure::Server { seconds: Some(30) }));
    }

    fn answer(more: bool, outcomes: &[Outcome]) -> Answer {
        let receipts = outcomes.iter().map(|outcome| Receipt { outcome: outcome.clone() }).collect();
        Answer { hello: AnswerHello { more, ..AnswerHello::default() }, receipts, ..Answer::default() }
    }

    #[test]
    fn exchanges_go_on_while_they_move_something() {
        let received = Outcome::Received { position: Position(1), received_ms: 0 };
        assert_eq!(next(0, &answer(false, &[]), 0), Next::Idle);
        assert_eq!(next(0, &answer(false, &[]), 1), Next::Again, "an edit came during the exchange");
        assert_eq!(next(2, &answer(false, &[received.clone(), Outcome::Missing]), 1), Next::Again);
        assert_eq!(next(1, &answer(false, &[Outcome::Missing]), 1), Next::Stuck);
        assert_eq!(next(0, &answer(true, &[]), 0), Next::Stuck, "more without a page would spin");
        let sealed = |outcome| {
            let sealed = Some(SealedAnswer { outcomes: vec![outcome], ..SealedAnswer::default() });
            Answer { sealed, ..answer(false, &[]) }
        };
        let stored = SealedOutcome::Stored { version: 1, received_ms: 0, expires_ms: 0 };
        assert_eq!(next(1, &sealed(stored), 1), Next::Again);
        assert_eq!(next(1, &sealed(SealedOutcome::Waiting), 1), Next::Stuck);
        assert_eq!(next(1, &answer(false, &[]), 1), Next::Stuck, "a server that knows nothing of sealed records");
    }

    #[test]
    fn a_stored_answer_decodes() {
        assert_eq!(of_exchange(200, &answer(true, &[]).encode()), Ok(answer(true, &[])));
    }
}
