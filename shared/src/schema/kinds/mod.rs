//! The fields of each kind (DOMAIN §6.3; the paper forms F1 to F10 of §1.5).

pub(super) mod dossier;
pub(super) mod fieldwork;
pub(super) mod mechanisms;
pub(super) mod office;
pub(super) mod people;
pub(super) mod places;
pub(super) mod voices;

use super::{Class, Class::*, Field, Kind, Need, Need::*, Schema, Type, Type::*, label};

/// A field of the first version.
const fn field(key: &'static str, zh: &'static str, en: &'static str, class: Class, ty: Type, need: Need) -> Field {
    Field::new(key, label(zh, en), class, ty, need)
}

/// A field of the second version.
const fn added(key: &'static str, zh: &'static str, en: &'static str, class: Class, ty: Type, need: Need) -> Field {
    field(key, zh, en, class, ty, need).since(2)
}

/// A field of the third version.
const fn third(key: &'static str, zh: &'static str, en: &'static str, class: Class, ty: Type, need: Need) -> Field {
    field(key, zh, en, class, ty, need).since(3)
}

const TITLE: Type = Line { chars_max: 60 };
const NAME: Type = Line { chars_max: 60 };
const PLACE: Type = Line { chars_max: 120 };
const NOTE: Type = Line { chars_max: 500 };
const UNIT_CODE: Type = Line { chars_max: 20 };
const MANDATE_REF: Type = Ref { kind: Kind::Mandate };
const UNIT_REF: Type = Ref { kind: Kind::AdminUnit };
const STATION_REF: Type = Ref { kind: Kind::Station };

const ATTENDANCE: Type = code("attendance");
const CHECKED: Type = code("checklist_answer");

const fn code(list: &'static str) -> Type {
    Code { list }
}

/// 附件: the files of a record with their captions. Whoever writes a caption keeps a file that a
/// colleague takes out at the same time (DOMAIN §6.7).
const FILES: Field = added("files", "附件", "Files", Entries, Each { of: &Blob, value: &NOTE }, Optional).help(
    "照片、扫描件等，可各写一句说明；不强制拍照。",
    "Photos and scans, with a caption each if you like; never required.",
);

/// 代录: somebody else's words typed in, and why.
const PROXY: Field = added("proxy", "代录原因", "Entered for someone", Once, NOTE, Optional).help(
    "替他人录入时写明替谁、凭什么录（如纸质登记表）。",
    "When you enter this for someone else: for whom, and from what (a paper register).",
);

/// The key of the field that hides a draft.
pub(crate) const DELETED_KEY: &str = "deleted";

const DELETED: Field = field(DELETED_KEY, "已删除", "Deleted", Quiet, Bool, Optional)
    .help("草稿可以隐藏；交出后不再删除。", "A draft can be hidden; what was handed in is not deleted.");
