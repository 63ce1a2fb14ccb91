//! Things built wrong on purpose, to see that the checkers notice.

use lianxin_shared::{
    device::{Store, with_skipped_kinds},
    record::{Record, inspect},
    rights::{Person, Post},
    schema::Kind,
    sorted::Set,
    wire::{Request, SentChange},
};

use super::{
    Letter,
    cast::{CAST, Member, Standing},
    ledger::Ledger,
    server::Server,
};

/// What is built wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    None,
    /// The phone shows and says "saved" what its storage refused.
    PhoneBelievesBeforeStoring,
    /// The phone's storage is not atomic: the cursors become durable before the records.
    PhoneStoresCursorsFirst,
    /// The phone keeps no note of what it could not read.
    PhoneForgetsWhatItSkipped,
    /// The phone leaves it at the refusal when a number of its is taken, and cannot take what took it.
    PhoneDoesNotMend,
    /// Slip numbers are the device's number and a counter in its storage.
    PhoneCountsSlipsAlone,
    /// The server acknowledges, then dies before it has committed.
    ServerAcknowledgesBeforeCommit,
    /// The server answers everybody with what the district may read.
    ServerShowsEverything,
    /// The server takes a change that comes again for another one.
    ServerAppendsTwice,
    /// The server believes that a change comes from the person whose actor it carries.
    ServerBelievesTheActor,
    /// The server takes everybody for the author of everything.
    ServerAcceptsAnyAuthor,
    /// The server keeps nothing of what it refuses.
    ServerThrowsAwayWhatItRefuses,
    /// The server goes on after a restore as if nothing had happened.
    ServerKeepsItsEpoch,
}

impl Flaw {
    pub const ALL: [Flaw; 12] = [
        Flaw::PhoneBelievesBeforeStoring,
        Flaw::PhoneStoresCursorsFirst,
        Flaw::PhoneForgetsWhatItSkipped,
        Flaw::PhoneDoesNotMend,
        Flaw::PhoneCountsSlipsAlone,
        Flaw::ServerAcknowledgesBeforeCommit,
        Flaw::ServerShowsEverything,
        Flaw::ServerAppendsTwice,
        Flaw::ServerBelievesTheActor,
        Flaw::ServerAcceptsAnyAuthor,
        Flaw::ServerThrowsAwayWhatItRefuses,
        Flaw::ServerKeepsItsEpoch,
    ];

    pub(super) fn written(self, store: Store, value: Vec<u8>) -> Vec<u8> {
        if self != Flaw::PhoneForgetsWhatItSkipped || store != Store::Meta {
            return value;
        }
        with_skipped_kinds(&value, |_| None).expect("the device's state")
    }

    /// Whom the server takes the sender for.
    pub(super) fn person(self, server: &Server, letter: &Letter) -> Person {
        let person = server.person(letter.holder);
        let everybody = (0..CAST.len()).map(Member);
        match self {
            Flaw::ServerShowsEverything => server.person(Member(5)),
            Flaw::ServerAcceptsAnyAuthor => {
                let mandates =
                    everybody.flat_map(|member| member.posts(Standing::Full)).filter_map(|post| post.mandate);
                let with =
                    |mandate| person.posts.iter().map(move |post| Post { mandate: Some(mandate), ..post.clone() });
                let posts = person.posts.iter().cloned().chain(mandates.flat_map(with)).collect();
                Person { posts, ..person }
            }
            Flaw::ServerBelievesTheActor => {
                let sent = Request::decode(&letter.body).map(|request| request.changes).unwrap_or_default();
                let owner = sent.first().and_then(|sent| {
                    let kind = Kind::from_number(sent.kind)?;
                    server.owner(inspect(kind, sent.record, &sent.bytes).ok()?.actor)
                });
                Person { user: owner.unwrap_or(person.user), ..person }
            }
            _ => person,
        }
    }

    /// A request with what comes again, as it looks to a server that does not know it again.
    pub(super) fn sent_before(self, server: &Server, ledger: &Ledger, letter: &Letter) -> Option<Vec<u8>> {
        if self != Flaw::ServerAppendsTwice {
            return None;
        }
        let request = Request::decode(&letter.body).ok()?;
        let again: Vec<SentChange> = request
            .changes
            .into_iter()
            .filter(|sent| ledger.logged(sent.hash).is_some())
            .filter_map(|sent| {
                let stored = server.record(sent.record)?;
                let record = Record::load(stored.kind, sent.record, &stored.doc).ok()?;
                let change = record.remake(&Set::from([sent.hash]), |_| true).ok()?.changes.into_iter().next()?;
                Some(SentChange { hash: change.change.hash, bytes: change.change.bytes, ..sent })
            })
            .collect();
        (!again.is_empty()).then(|| Request { changes: again, ..Request::default() }.encode())
    }
}
