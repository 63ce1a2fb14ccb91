//! What befalls a single phone, and what a tampered one tries.

use lianxin_shared::{
    id::{Actor, RecordId},
    record::{Edit, NewChange, Record},
    rights::Role,
    schema::{Class, Field, Kind, Place},
    wire::{Outcome, Request, SentChange},
};

use super::{
    Letter, Verdict, World, check,
    fault::Fault,
    phone::Held,
    random::Random,
    step::{Session, Step},
};

impl World {
    pub(super) fn befalls_phone(&mut self, step: &Step) -> Verdict {
        match step {
            Step::Reopen { phone } => {
                self.tally.fault(Fault::Kill);
                self.phones[*phone].reopen();
            }
            Step::SetClock { phone, ahead_ms } => {
                self.tally.fault(Fault::Clock);
                self.phones[*phone].ahead_ms = *ahead_ms;
            }
            Step::Evict { phone } => return self.evict(*phone),
            Step::Copy { phone } => {
                self.tally.event("copies of a storage");
                self.phones[*phone].copy();
                self.ledger.copied(*phone);
            }
            Step::SetBack { phone, session } => self.set_back(*phone, *session),
            Step::Clone { phone, onto, session } => self.clone_phone(*phone, *onto, *session),
            Step::EndToken { phone } => {
                self.tally.fault(Fault::Token);
                self.server.end_token(self.phones[*phone].id);
            }
            Step::Update { phone } => {
                let old = self.phones[*phone].update();
                self.tally.events("apps updated", usize::from(old));
            }
            _ => {}
        }
        Ok(())
    }

    /// The phone is as new: what it had not sent is lost, which is why the app asks for persistent
    /// storage and says what is on this phone only.
    fn evict(&mut self, phone: usize) -> Verdict {
        self.tally.fault(Fault::Eviction);
        let holder = self.phones[phone].holder;
        let left_behind = self.server.left_behind(holder);
        let id = self.server.sign_in(holder, self.now_ms);
        self.phones[phone].evict(id, &left_behind);
        self.ledger.evicted(phone);
        self.exchange(phone).map(drop)
    }

    fn set_back(&mut self, phone: usize, session: Session) {
        if self.phones[phone].set_back(session) {
            self.tally.fault(Fault::SetBack);
            self.ledger.set_back(phone);
        }
    }

    fn clone_phone(&mut self, from: usize, onto: usize, session: Session) {
        if from == onto {
            return;
        }
        self.tally.fault(Fault::Clone);
        let [original, copy] = self.phones.get_disjoint_mut([from, onto]).expect("two phones");
        copy.become_copy_of(original, session);
        self.ledger.cloned(from, onto);
    }

    /// A tampered app sends what the phone's own check would not let through.
    pub(super) fn forge(&mut self, place: usize, record: usize) -> Verdict {
        let Some(Forged { space, kind, id, change }) = self.forged(place, record) else { return Ok(()) };
        self.tally.fault(Fault::Forgery);
        self.ledger.forbid(change.hash);
        let sent = SentChange { space, kind: kind as u8, record: id, hash: change.hash, bytes: change.bytes };
        let request = Request { changes: vec![sent], ..Request::default() };
        let (device, holder) = (self.phones[place].id, self.phones[place].holder);
        if !self.server.knows(device) {
            return Ok(());
        }
        let body = self.serve(&Letter { phone: place, device, holder, number: 0, body: request.encode() })?;
        match &check::receipts(&body)?[..] {
            [Outcome::Refused(_) | Outcome::Missing] => Ok(()),
            other => Err(format!("a forged change of {id} was answered with {other:?}")),
        }
    }

    fn forged(&self, place: usize, record: usize) -> Option<Forged> {
        let phone = &self.phones[place];
        let held = phone.nth_record(record)?;
        let person = self.server.person(phone.holder);
        let writable = self.server.may_write(&person, held.space);
        let author = held.contents().reference("author");
        let foreign = author.is_some_and(|author| person.mandates().all(|own| own != author));
        let random = Actor(Random::new(self.now_ms as u64).bytes());
        let (actor, edit) = if !writable {
            (random, Edit::write(first_prose(held.kind)?, "篡改"))
        } else if held.kind == Kind::Voice && foreign && phone.holder.role() == Role::Deputy {
            (random, Edit::write("verbatim", "我没有这样说"))
        } else {
            (self.colleagues_actor(&held, person.user)?, Edit::write(first_prose(held.kind)?, "冒名"))
        };
        let (kind, space, id) = (held.kind, held.space, held.record.id());
        let mut tampered: Record = held.record;
        let change = tampered.edit(actor, self.now_ms, None, &[edit]).ok()??;
        Some(Forged { space, kind, id, change })
    }

    /// Under whose name one could write into a record.
    fn colleagues_actor(&self, held: &Held, user: lianxin_shared::id::UserId) -> Option<Actor> {
        let mut actors = held.record.history().into_iter().map(|entry| entry.actor);
        actors.find(|actor| self.server.owner(*actor).is_some_and(|owner| owner != user))
    }
}

struct Forged {
    space: lianxin_shared::id::SpaceId,
    kind: Kind,
    id: RecordId,
    change: NewChange,
}

fn first_prose(kind: Kind) -> Option<&'static str> {
    let schema = kind.schema();
    // Prose that came later needs the record's extension first.
    let first = |field: &&Field| field.class == Class::Prose && schema.place(field) == Place::Genesis;
    schema.fields.iter().find(first).map(|field| field.key)
}
