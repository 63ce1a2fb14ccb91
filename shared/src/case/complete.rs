//! What a record must hold when it is handed in.

use super::{ReturnReason, act::ExitKind, desk::No, facts::Facts};
use crate::{
    check::NARRATIVE,
    schema::{Kind, Need},
};

impl Facts {
    /// Whether everything is there that a record of this kind needs.
    pub(super) fn are_complete(&self, kind: Kind) -> Result<(), No> {
        match kind {
            // Of a petition no summary is wanted; the other fields are.
            Kind::Voice if self.tier_suggest == Some(ExitKind::Petition) => {
                self.tell_nothing(ReturnReason::PetitionNarrative)?;
                self.have(required(kind).filter(|field| *field != "summary"))
            }
            Kind::Voice => {
                self.have(required(kind))?;
                self.have_words()
            }
            Kind::Suggestion => {
                self.have(required(kind))?;
                match self.personal.first() {
                    Some(field) => Err(No::because(ReturnReason::PersonalData).detail(field)),
                    None => Ok(()),
                }
            }
            _ => self.have(required(kind)),
        }
    }

    /// These fields hold something.
    pub(super) fn have(&self, fields: impl IntoIterator<Item = &'static str>) -> Result<(), No> {
        match fields.into_iter().find(|field| !self.has(field)) {
            Some(missing) => Err(No::because(ReturnReason::Missing).detail(missing)),
            None => Ok(()),
        }
    }

    /// 群众原话 or its sound, and the deputy's summary.
    pub(super) fn have_words(&self) -> Result<(), No> {
        if !self.has("verbatim") && !self.has("audio") {
            return Err(No::because(ReturnReason::Missing).detail("verbatim"));
        }
        self.have(["summary"])
    }

    /// No words of what people said.
    pub(super) fn tell_nothing(&self, reason: ReturnReason) -> Result<(), No> {
        match NARRATIVE.iter().find(|field| self.has(field)) {
            Some(field) => Err(No::because(reason).detail(*field)),
            None => Ok(()),
        }
    }
}

/// The fields that a record of this kind needs when it is handed in.
pub(super) fn required(kind: Kind) -> impl Iterator<Item = &'static str> {
    let fields = kind.schema().fields.iter();
    fields.filter(|field| field.need != Need::Optional).map(|field| field.key)
}
