//! What the guards need to know of the field record and of the world.

use super::{
    Case, Machine,
    act::{Exit, ExitKind, Tier},
    calendar::Date,
    complete::{Obstacle, in_the_way},
};
use crate::{
    check::{self, privacy},
    id::{BlobHash, RecordId, TextHash},
    record::{Contents, Value},
    rights::{Post, owner_fields},
    schema::Kind,
    sorted::Set,
};

/// The facts of one record. [`Facts::of`] reads the record, [`Facts::to_hand_in`] checks it too; the server adds what only
/// it knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The keys of the fields that hold something.
    pub filled: Set<&'static str>,
    /// The mandate that recorded it (`author`), raises it (`lead`) or whose entry it is (`mandate`).
    pub owner: Option<RecordId>,
    /// Mandates that take part: attendees, collectors, co-signers.
    pub taking_part: Set<RecordId>,
    /// The tier that the record names, of a suggestion.
    pub tier: Option<Tier>,
    /// The hash of what people put their names to, of a suggestion.
    pub text: Option<TextHash>,
    /// Where the deputy thinks a voice should go.
    pub tier_suggest: Option<ExitKind>,
    /// The voices behind a suggestion.
    pub voices: Vec<RecordId>,
    /// The lead deputy asks to be met before the reply (要求面商).
    pub wants_meeting: bool,
    /// The lead deputy wrote that it is not to be published (同意公开: 否).
    pub refuses_publicity: bool,
    /// Fields with something like a telephone or identity number.
    pub personal: Set<&'static str>,
    /// What stands in the way of handing it in, once that was asked.
    pub in_the_way: Vec<Obstacle>,

    // What the server adds.
    /// The next free number of the series that [`super::series`] names. From 1.
    pub next_number: u32,
    /// Whether the town that the space lies in has a congress (镇 yes, 街道 no).
    pub has_congress: bool,
    /// What that town is called; empty where nobody has entered its unit.
    pub place: String,
    /// Whether the owner's mandate has ended (换届).
    pub owner_ended: bool,
    /// Mandates of the person who asks whose exercise is suspended (暂停执行, 代表法 第六十一条): nothing is done by them.
    pub suspended: Set<RecordId>,
    /// The post by which the person held the owner's mandate, where it has been taken away ([`crate::rights::taken_away`]).
    pub former: Option<Post>,
    /// Its files that may be published ([`crate::blob::may_be_public`]).
    pub public_files: Vec<BlobHash>,
    /// Of the record that [`super::Exit::Merged`] or [`super::Act::Opened`] names, if it is there.
    pub target: Option<Target>,
}

/// What must be known of a record that an act names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    pub closed: bool,
    /// Of a voice: the one into which it was merged itself, and so on.
    pub merged_into: Vec<RecordId>,
    /// Of a suggestion: the case in which it goes on, and its tier.
    pub moved_to: Option<(RecordId, Tier)>,
}

/// The fields that name the mandates that take part.
pub(crate) const TAKING_PART: [&str; 5] = ["attendees", "collectors", "cosigners", "deputies", "roster"];
/// The fields whose wording is a suggestion.
const WORDING: [&str; 4] = ["title", "facts", "analysis", "asks"];

impl Facts {
    pub fn of(contents: &Contents) -> Facts {
        let owner = owner_fields(contents.kind).iter().find_map(|field| contents.reference(field));
        Facts {
            filled: contents.fields.keys().copied().collect(),
            owner,
            taking_part: TAKING_PART
                .iter()
                .flat_map(|key| contents.elements(key))
                .filter_map(|id| id.parse().ok())
                .collect(),
            tier: Tier::from_key(contents.text("tier")),
            tier_suggest: ExitKind::from_key(contents.text("tier_suggest")),
            voices: contents.elements("voices").iter().filter_map(|id| id.parse().ok()).collect(),
            wants_meeting: contents.is_true("wants_meeting"),
            refuses_publicity: contents.single("may_be_public") == Some(&Value::Bool(false)),
            text: (contents.kind == Kind::Suggestion).then(|| TextHash::of(&WORDING.map(|key| contents.text(key)))),
            personal: check::private_fields(contents),
            ..Facts::default()
        }
    }

    /// The facts of a record that may be about to be handed in.
    pub fn to_hand_in(contents: &Contents, today: Date) -> Facts {
        Facts { in_the_way: in_the_way(contents, today), ..Facts::of(contents) }
    }

    pub fn has(&self, field: &str) -> bool {
        self.filled.contains(field)
    }
}

/// Whether a text holds something like a mobile number or an identity number.
pub fn looks_personal(text: &str) -> bool {
    !privacy::slips(text).is_empty()
}

impl Target {
    /// As a case tells; `beyond` are the voices behind the one into which it was merged.
    pub fn of(case: &Case, beyond: &[RecordId]) -> Target {
        let voice = match &case.machine {
            Machine::Voice(voice) => voice,
            Machine::Suggestion(suggestion) => return Target { moved_to: suggestion.moved_to, ..Target::default() },
            _ => return Target::default(),
        };
        let into = match &voice.exit {
            Some(Exit::Merged { into }) => Some(*into),
            _ => None,
        };
        Target {
            closed: voice.state == super::voice::State::Closed,
            merged_into: into.into_iter().chain(beyond.iter().copied()).collect(),
            moved_to: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Actor;
    use crate::record::{Edit, Record};

    /// One of seven hundred random ids holds eleven digits that look like a mobile number.
    #[test]
    fn an_id_is_no_telephone_number_and_what_is_typed_is_one_wherever_it_stands() {
        let mut lead = [0xab; 16];
        lead[2..8].copy_from_slice(&[0x13, 0x80, 0x01, 0x23, 0x45, 0x6a]);
        let lead = RecordId(lead);
        assert!(looks_personal(&lead.to_string()), "the pattern is in it: {lead}");
        let mut record = Record::new(Kind::Suggestion, RecordId([5; 16]));
        let edits = [Edit::put("lead", lead), Edit::add("cosigners", lead), Edit::write("facts", "路没有修")];
        record.edit(Actor([1; 16]), 1_760_000_000_000, None, &edits).unwrap();
        assert!(Facts::of(&record.read()).personal.is_empty());
        let edits = [Edit::add("wish_units", "找张三13800123456"), Edit::write("asks", "请打13800123456")];
        record.edit(Actor([1; 16]), 1_760_000_000_000, None, &edits).unwrap();
        assert_eq!(Facts::of(&record.read()).personal, Set::from(["asks", "wish_units"]));
    }
}
