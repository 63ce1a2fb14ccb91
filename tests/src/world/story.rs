//! A world that a test tells step by step, with the same checks after each as a world from a seed.

use lianxin_shared::{
    device::{Notice, RecordState},
    id::RecordId,
    record::Contents,
    schema::Kind,
};

use super::{
    Flaw, World,
    cast::{Member, Standing},
    step::{Deed, DiskFault, Fate, FieldEdit, Plan, Session, Step},
    writing::editable,
};

/// A story of some phones and one server.
pub struct Story {
    world: World,
    told: u64,
}

/// Breaks the test with the rule that was broken.
fn held<T>(kept: Result<T, String>) -> T {
    kept.unwrap_or_else(|what| panic!("{what}"))
}

impl Story {
    /// Everybody has signed in and received the stations.
    pub fn of<const N: usize>(phones: [Member; N]) -> Self {
        Self::with_old_app(phones, None)
    }

    /// The same; the last phone's app does not know a kind yet.
    pub fn with_old_app<const N: usize>(phones: [Member; N], lacks: Option<Kind>) -> Self {
        let mut old_apps = vec![None; N];
        old_apps[N - 1] = lacks;
        let plan = Plan { seed: 0, phones: phones.into(), old_apps, servers: 1, steps: Vec::new() };
        let mut world = World::new(&plan, Flaw::None);
        held(world.everybody_signs_in());
        Self { world, told: 0 }
    }

    pub fn happens(&mut self, step: Step) {
        held(self.world.step(&step).and_then(|()| self.world.check_now()));
    }

    /// Writes something new; returns its record.
    pub fn writes(&mut self, phone: usize, deed: Deed) -> RecordId {
        self.happens(Step::Edit { phone, deed, disk: DiskFault::Works });
        self.world.ledger.saved_on(phone).last().expect("it was saved").record
    }

    /// Adds something to a field of a record.
    pub fn edits(&mut self, phone: usize, record: RecordId, field: &str) {
        let saved = self.world.ledger.saved_on(phone).len();
        let (nth, kind) = (0..)
            .map_while(|n| Some((n, self.world.phones[phone].nth_record(n)?)))
            .find(|(_, held)| held.record.id() == record)
            .map(|(n, held)| (n, held.kind))
            .expect("the phone holds the record");
        let field = editable(kind).iter().position(|known| known.key == field).expect("a field that can be edited");
        self.told += 1;
        let edits = vec![FieldEdit { field, words: self.told }];
        self.happens(Step::Edit { phone, deed: Deed::Change { record: nth, edits }, disk: DiskFault::Works });
        assert_eq!(self.world.ledger.saved_on(phone).len(), saved + 1, "it was saved");
    }

    pub fn exchanges(&mut self, phone: usize) {
        self.happens(Step::Exchange { phone });
    }

    /// Exchanges until nothing waits.
    pub fn delivers(&mut self, phone: usize) {
        while self.unsent(phone) > 0 {
            self.exchanges(phone);
        }
    }

    /// The server receives the first page of what waits; the phone never hears of it.
    pub fn sends_without_hearing(&mut self, phone: usize) {
        self.happens(Step::Send { phone });
        self.happens(Step::Request { letter: 0, fate: Fate::Arrives });
        self.happens(Step::Answer { letter: 0, fate: Fate::Lost, disk: DiskFault::Works });
    }

    pub fn moves(&mut self, member: Member, standing: Standing) {
        self.happens(Step::Grant { member, standing });
    }

    pub fn is_set_back(&mut self, phone: usize, session: Session) {
        self.happens(Step::SetBack { phone, session });
    }

    /// The person taps "try again" on a record that was returned.
    pub fn offers_again(&mut self, phone: usize, record: RecordId) {
        let remade = held(self.world.phones[phone].offer_again(record));
        self.world.ledger.offered_again(phone, &remade);
        held(self.world.check_now());
    }

    pub fn now_ms(&self) -> i64 {
        self.world.now_ms
    }

    pub fn unsent(&self, phone: usize) -> usize {
        self.world.phones[phone].device().unsent()
    }

    pub fn refused(&self, phone: usize) -> usize {
        self.world.phones[phone].device().refused()
    }

    pub fn state(&self, phone: usize, record: RecordId) -> RecordState {
        self.world.phones[phone].device().state(record)
    }

    pub fn notices(&self, phone: usize) -> &[Notice] {
        self.world.phones[phone].device().notices()
    }

    pub fn lacks_kinds(&self, phone: usize) -> bool {
        self.world.phones[phone].device().lacks_kinds()
    }

    /// How far the phone's clock is ahead, as far as the phone knows.
    pub fn clock_offset_ms(&self, phone: usize) -> i64 {
        self.world.phones[phone].device().clock_offset_ms()
    }

    /// A record as the phone holds it.
    pub fn reads(&self, phone: usize, record: RecordId) -> Option<Contents> {
        Some(self.world.phones[phone].held(record)?.contents())
    }

    /// How many changes staff find in the quarantine.
    pub fn quarantined(&self) -> usize {
        self.world.server.quarantined().len()
    }

    /// Everybody exchanges; then every rule must hold.
    pub fn comes_to_rest(&mut self) {
        held(self.world.come_to_rest().and_then(|()| self.world.check_holdings()));
    }

    /// The same, and the end.
    pub fn ends(mut self) {
        self.comes_to_rest();
        held(self.world.check_at_rest().map(drop));
    }
}
