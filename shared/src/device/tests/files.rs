//! Photos on the phone: durable before their form, named by its edit, delivered after their record.

use proptest::prelude::*;

use std::collections::BTreeMap;

use super::*;
use crate::{
    blob::Refusal,
    id::BlobHash,
    limits::{BLOB_BYTES_MAX, PREVIEW_BYTES_MAX},
    record::{Op, Value},
};

fn enter(hash: BlobHash) -> Edit {
    Edit { field: "files".into(), op: Op::Enter { element: hash.to_string(), value: Value::text("") } }
}

fn remove(hash: BlobHash) -> Edit {
    Edit { field: "files".into(), op: Op::Remove { element: hash.to_string() } }
}

impl Phone {
    fn keep(&mut self, bytes: &[u8], preview: Option<&[u8]>, at_ms: i64) -> BlobHash {
        let (hash, prepared) =
            self.device.prepare_keep(bytes.to_vec(), preview.map(<[u8]>::to_vec), NOW + at_ms).unwrap();
        self.store(prepared);
        hash
    }

    fn voice_with(&mut self, hashes: &[BlobHash]) -> RecordId {
        let (target, mut edits) = voice();
        edits.extend(hashes.iter().map(|hash| enter(*hash)));
        self.edit(target, edits).unwrap()
    }

    fn delivers_records(&mut self) {
        self.delivers_records_to(answer().hello.epoch);
    }

    fn delivers_records_to(&mut self, epoch: u64) {
        let exchange = self.device.exchange(NOW, "test", 1000);
        let receipts = (1..=exchange.sent.len() as u64).map(received).collect();
        let mut answer = Answer { receipts, ..answer() };
        answer.hello.epoch = epoch;
        self.receive(&exchange, &answer);
    }

    fn next(&self) -> Option<Upload> {
        self.device.next_upload(Allowed::Everything)
    }

    fn delivers(&mut self, upload: Upload) {
        let prepared = self.device.prepare_delivered(upload);
        self.store(prepared);
    }

    fn has_bytes(&self, hash: BlobHash) -> bool {
        self.stored.contains_key(&(Store::Blobs, hash.to_string()))
    }
}

#[test]
fn a_photo_waits_for_its_form_then_for_its_record_then_goes_preview_first() {
    let mut phone = Phone::new(1);
    let hash = phone.keep(b"the road", Some(b"small"), 0);
    assert!(phone.has_bytes(hash), "durable before the form is saved");
    assert_eq!((phone.next(), phone.device.unsent_files()), (None, (0, 0)), "a form is no record");

    let id = phone.voice_with(&[hash]);
    assert_eq!((phone.next(), phone.device.unsent_files()), (None, (1, 8)), "not before its record");
    let mut phone = phone.reopen(2);
    phone.delivers_records();

    let preview = phone.next().unwrap();
    assert_eq!(preview, Upload { hash, record: id, what: Part::Preview, bytes: 8 });
    assert_eq!(phone.device.next_upload(Allowed::Nothing), None);
    assert_eq!(phone.device.next_upload(Allowed::Previews), Some(preview));
    phone.delivers(preview);
    assert_eq!(phone.device.next_upload(Allowed::Previews), None, "the original waits for Wi-Fi");

    let original = phone.next().unwrap();
    assert_eq!(original.what, Part::Original);
    phone.device.note_progress(hash, 3);
    let view = FileView { hash, bytes: 8, sent: 3, refused: None };
    assert_eq!((phone.device.files_of(id), phone.device.unsent_files()), (vec![view], (1, 5)));
    let mut phone = phone.reopen(3);
    assert_eq!((phone.next(), phone.device.progress(hash)), (Some(original), None), "the server is asked again");
    phone.delivers(original);
    let view = FileView { hash, bytes: 8, sent: 8, refused: None };
    assert_eq!((phone.next(), phone.device.files_of(id), phone.device.unsent_files()), (None, vec![view], (0, 0)));
    assert!(phone.has_bytes(hash), "its person goes on seeing it");
}

#[test]
fn a_server_that_was_restored_is_asked_again_for_what_it_had() {
    let mut phone = Phone::new(1);
    let hash = phone.keep(b"the road", Some(b"small"), 0);
    let id = phone.voice_with(&[hash]);
    phone.delivers_records();
    for _ in 0..2 {
        let upload = phone.next().unwrap();
        phone.delivers(upload);
    }
    assert_eq!(phone.next(), None);
    let exchange = phone.device.exchange(NOW, "test", 1000);
    let mut restored = answer();
    restored.hello.epoch += 1;
    phone.receive(&exchange, &restored);
    let mut phone = phone.reopen(2);
    assert_eq!(phone.next(), None, "its record goes first");
    phone.delivers_records_to(restored.hello.epoch);
    let upload = Upload { hash, record: id, what: Part::Preview, bytes: 8 };
    assert_eq!((phone.next(), phone.device.unsent_files()), (Some(upload), (1, 8)));
}

#[test]
fn a_form_that_is_given_up_leaves_nothing() {
    let mut phone = Phone::new(1);
    let hash = phone.keep(b"blurred", None, 0);
    let prepared = phone.device.prepare_drop(hash);
    phone.store(prepared);
    assert!(!phone.has_bytes(hash));
    let hash = phone.keep(b"forgotten", None, 0);
    assert_eq!(phone.device.forgotten_files(NOW + 29 * 86_400_000), vec![]);
    assert_eq!(phone.device.forgotten_files(NOW + 31 * 86_400_000), vec![hash]);
    let id = phone.voice_with(&[hash]);
    assert_eq!(phone.device.forgotten_files(NOW + 31 * 86_400_000), vec![], "a record names it");
    // A late tap on a form's button does not take away what a record names.
    let prepared = phone.device.prepare_drop(hash);
    phone.store(prepared);
    assert!(phone.has_bytes(hash) && phone.device.files_of(id).len() == 1);
}

#[test]
fn two_records_may_name_one_photo_and_each_delivers_it() {
    let mut phone = Phone::new(1);
    let hash = phone.keep(b"one", None, 0);
    let (first, second) = (phone.voice_with(&[hash]), phone.voice_with(&[hash]));
    phone.delivers_records();
    let upload = phone.next().unwrap();
    phone.delivers(upload);
    let other = phone.next().unwrap();
    assert_eq!(std::collections::BTreeSet::from([upload.record, other.record]), [first, second].into());
}

#[test]
fn what_is_taken_away_or_refused_does_not_travel() {
    let mut phone = Phone::new(1);
    let (one, two) = (phone.keep(b"one", None, 0), phone.keep(b"two", None, 1));
    let id = phone.voice_with(&[one, two]);
    phone.edit(Target::Existing { record: id }, vec![remove(two)]).unwrap();
    phone.delivers_records();
    let upload = phone.next().unwrap();
    assert_eq!(upload.hash, one);
    let prepared = phone.device.prepare_file_refused(upload, Refusal::Located);
    phone.store(prepared);
    let phone = phone.reopen(2);
    assert_eq!(phone.next(), None);
    assert_eq!(phone.device.files_of(id)[0].refused, Some("located"));
    assert_eq!(phone.device.unsent_files(), (1, 3), "it is on this phone only, and that is said");
}

#[test]
fn what_is_no_file_is_not_kept() {
    let device = Phone::new(1).device;
    for (original, preview) in [(vec![], None), (vec![0; BLOB_BYTES_MAX + 1], None), (vec![0], Some(vec![]))] {
        assert_eq!(device.prepare_keep(original, preview, NOW).map(|(hash, _)| hash), Err(BadFile));
    }
    let preview = Some(vec![0; PREVIEW_BYTES_MAX + 1]);
    assert_eq!(device.prepare_keep(vec![0], preview, NOW).map(|(hash, _)| hash), Err(BadFile));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    /// However often the phone dies, all previews are delivered before any original, the newest photos first, each
    /// once, and nothing is left.
    #[test]
    fn every_photo_goes_once_previews_first_newest_first(
        photos in proptest::collection::vec((any::<bool>(), 0_i64..1_000), 1..8),
        dies in proptest::collection::vec(any::<bool>(), 16),
        allowed in prop_oneof![Just(Allowed::Nothing), Just(Allowed::Previews), Just(Allowed::Everything)],
    ) {
        let mut phone = Phone::new(1);
        let mut kept = BTreeMap::new();
        for (number, (previewed, at_ms)) in photos.iter().enumerate() {
            let preview = previewed.then_some(&b"small"[..]);
            let hash = phone.keep(&[number as u8; 9], preview, *at_ms);
            kept.insert(hash, (*previewed, *at_ms));
        }
        phone.voice_with(&kept.keys().copied().collect::<Vec<_>>());
        phone.delivers_records();
        let mut sent = Vec::new();
        while let Some(upload) = phone.device.next_upload(allowed) {
            prop_assert!(sent.len() < 16, "it ends");
            if dies[sent.len()] {
                phone = phone.reopen(100 + sent.len() as u8);
                prop_assert_eq!(phone.device.next_upload(allowed), Some(upload), "where it was");
            }
            phone.delivers(upload);
            sent.push((upload.what == Part::Preview, kept[&upload.hash].1, upload.hash));
        }
        prop_assert!(sent.windows(2).all(|pair| (pair[0].0, pair[0].1) >= (pair[1].0, pair[1].1)), "{:?}", sent);
        let previews = kept.values().filter(|(previewed, _)| *previewed).count();
        let expected = match allowed {
            Allowed::Nothing => (0, 0),
            Allowed::Previews => (previews, 0),
            Allowed::Everything => (previews, kept.len()),
        };
        let first = sent.iter().filter(|(preview, ..)| *preview).count();
        prop_assert_eq!((first, sent.len() - first), expected);
        let distinct: std::collections::BTreeSet<_> = sent.iter().map(|(preview, _, hash)| (*preview, *hash)).collect();
        prop_assert_eq!(distinct.len(), sent.len(), "each once");
        prop_assert_eq!(phone.device.unsent_files().0, kept.len() - expected.1);
    }
}
