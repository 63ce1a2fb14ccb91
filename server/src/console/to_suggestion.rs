//! Turning what a villager said into a deputy's suggestion: two records, linked both ways (one
//! voice may stand behind several suggestions, and one suggestion on several voices).

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use lianxin_shared::{
    id::SpaceId,
    record::{Contents, Edit, FieldValue, Value},
    rights::{Space, SpaceKind},
    schema::{Field, Kind, Type},
    sorted::Map,
};

use super::{
    desk::Desk,
    edit_record::{self, FormPage, Source, Typed, Written, refused, to_record},
    form::{self, Filling, Form, Offers, Treat, Widget},
    input::{Pairs, Sent},
    layout::{self, Page, ledger_href, record_href},
    names::Names,
    problem::Problem,
    record::{self, prefilled},
    session,
    values::{Shown, references, show_text},
    words::{Words, today},
};
use crate::hub::{Command, RecordPage, Target};

/// Where a suggestion of a tier is handled, and so where its record lies.
fn desk_of(tier: &str) -> Option<SpaceKind> {
    match tier {
        "express" | "town" => Some(SpaceKind::TownOffice),
        "district" | "upper" => Some(SpaceKind::DistrictOffice),
        _ => None,
    }
}

const TIERS: [&str; 4] = ["express", "town", "district", "upper"];

/// The tiers at which the person may raise a suggestion for a voice of this space, each with the
/// space where it goes.
pub(super) fn tiers(desk: &Desk, voice: &Space) -> Vec<(&'static str, SpaceId)> {
    let spaces = desk.spaces_to_create(Kind::Suggestion);
    let offices = spaces.iter().filter(|space| voice.unit.within(&space.unit));
    let offices: Vec<&&Space> = offices.collect();
    TIERS
        .into_iter()
        .filter_map(|tier| {
            let kind = desk_of(tier)?;
            Some((tier, offices.iter().find(|space| space.kind == kind)?.id))
        })
        .collect()
}

pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> Result<Response, Problem> {
    let (voice, tiers) = convertible(&desk, &id).await?;
    let offers = Offers::of(&desk, Kind::Suggestion).await?;
    Ok(layout::html(&form_page(&desk, &voice, &tiers, &offers, Typed::default()).await?)?.into_response())
}

pub(super) async fn submit(desk: Desk, Path(id): Path<String>, Sent(sent): Sent) -> Result<Response, Problem> {
    let (voice, tiers) = convertible(&desk, &id).await?;
    let offers = Offers::of(&desk, Kind::Suggestion).await?;
    let written = match form::edits(desk.words, &offers, Kind::Suggestion, &sent) {
        Ok(edits) => raise(&desk, &voice, &tiers, edits).await,
        Err(errors) => refused(&desk, errors),
    };
    let suggestion = match written {
        Written::Done(suggestion) => suggestion,
        Written::Refused { status, errors, error } => {
            let page = form_page(&desk, &voice, &tiers, &offers, Typed::again(&sent, errors, error)).await?;
            return Ok((status, layout::html(&page)?).into_response());
        }
    };
    let link = Command {
        target: Target::Existing { record: voice.id },
        base: None,
        edits: vec![Edit::add("suggestions", suggestion)],
    };
    match edit_record::write(&desk, link).await {
        Written::Done(_) => Ok(to_record(suggestion, "suggested")),
        // The suggestion is there and names its voice: nothing is lost, but it must be said.
        Written::Refused { .. } => Ok(to_record(suggestion, "half_suggested")),
    }
}

async fn raise(desk: &Desk, voice: &RecordPage, tiers: &[(&str, SpaceId)], mut edits: Vec<Edit>) -> Written {
    let tier = edits.iter().find_map(|edit| edit.puts_text("tier"));
    let space = tiers.iter().find(|(offered, _)| Some(*offered) == tier).map(|(_, space)| *space);
    let Some(space) = space else {
        return refused(desk, vec![("tier".into(), desk.words.get("edit.required").to_owned())]);
    };
    edits.push(Edit::add("voices", voice.id));
    edit_record::write(desk, Command { target: Target::New { new: Kind::Suggestion, space }, base: None, edits }).await
}

async fn convertible(desk: &Desk, id: &str) -> Result<(RecordPage, Vec<(&'static str, SpaceId)>), Problem> {
    let voice = record::readable(desk, id).await?;
    if voice.kind != Kind::Voice {
        return Err(Problem::NotFound);
    }
    let tiers = tiers(desk, &voice.space);
    if tiers.is_empty() { Err(Problem::NotAllowed) } else { Ok((voice, tiers)) }
}

async fn form_page(
    desk: &Desk,
    voice: &RecordPage,
    tiers: &[(&str, SpaceId)],
    offers: &Offers,
    Typed { sent, errors, error }: Typed<'_>,
) -> Result<FormPage, Problem> {
    let words = desk.words;
    let mut contents = prefill(words, voice, tiers, desk.now_ms());
    session::prefill(desk, &mut contents.fields).await?;
    let filling = Filling { desk, offers, contents: &contents, sent, errors: &errors, new: true };
    let mut form = Form::fill(&filling, treat).await?;
    offer_tiers(&mut form, tiers);
    Ok(FormPage {
        page: Page::new(desk, words.get("suggest.title"), &ledger_href(Kind::Voice), &Pairs::default()),
        purpose: "suggestion",
        action: format!("{}/suggestion", record_href(voice.id)),
        cancel: record_href(voice.id),
        submit: words.get("suggest.submit"),
        intro: words.get("suggest.intro"),
        error,
        findings: Vec::new(),
        source: Some(source(desk, voice).await?),
        heads: Vec::new(),
        spaces: Vec::new(),
        form,
        people: offers.people(),
    })
}

fn treat(field: &Field) -> Treat {
    let links = matches!(field.ty, Type::Ref { kind: Kind::Voice }) || field.key == "deleted";
    if links { Treat::Leave } else { Treat::Ask }
}

/// Only the tiers that the person may raise it at.
fn offer_tiers(form: &mut Form, tiers: &[(&str, SpaceId)]) {
    for input in form.inputs.iter_mut().filter(|input| input.key == "tier") {
        if let Widget::Choice { options } = &mut input.widget {
            options.retain(|option| tiers.iter().any(|(tier, _)| *tier == option.key));
        }
    }
}

/// What the voice says of the suggestion. The villager's own words stay with the voice.
fn prefill(words: Words, voice: &RecordPage, tiers: &[(&str, SpaceId)], now_ms: i64) -> Contents {
    let said = &voice.contents;
    let suggested = match said.text("tier_suggest") {
        "town" | "village" => "express",
        "district" => "district",
        "upper" => "upper",
        _ => "",
    };
    let tier = tiers.iter().map(|(tier, _)| *tier).find(|tier| *tier == suggested);
    let tier = tier.or(tiers.first().map(|(tier, _)| *tier)).unwrap_or_default();
    let mut fields: Map<&'static str, FieldValue> = Map::new();
    let texts = [
        ("tier", tier.to_owned()),
        ("type", "suggestion".to_owned()),
        ("date", today(now_ms)),
        ("title", title(words, said.text("summary"))),
        ("category", said.text("category").to_owned()),
        ("lead", said.elements("collectors").first().cloned().unwrap_or_default()),
    ];
    for (key, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        fields.insert(key, prefilled(Value::Text(text)));
    }
    let others = said.elements("collectors").iter().skip(1).cloned().collect::<Vec<_>>();
    if !others.is_empty() {
        fields.insert("cosigners", FieldValue::Set { elements: others });
    }
    fields.insert("facts", FieldValue::Prose { text: said.text("summary").to_owned() });
    Contents { kind: Kind::Suggestion, fields, unknown: Map::new() }
}

/// 「关于…的建议」 from the beginning of what was said, short enough for the field.
fn title(words: Words, summary: &str) -> String {
    /// What the pattern adds leaves so many of the title's 50 characters.
    const MATTER_CHARS_MAX: usize = 40;
    let sentence = summary.split(['\n', '。', '；', '，', ',', '.', ';']).next().unwrap_or_default().trim();
    let matter: String = sentence.chars().take(MATTER_CHARS_MAX).collect();
    if matter.is_empty() { matter } else { words.fill("suggest.pattern", &[("matter", &matter)]) }
}

pub(super) async fn source(desk: &Desk, voice: &RecordPage) -> Result<Source, Problem> {
    let words = desk.words;
    let names = Names::of(desk, references(&voice.contents, std::iter::empty())).await?;
    let shown = ["date", "village", "collectors", "category", "urgency", "summary", "verbatim", "suggestions"];
    let fields = shown.iter().filter_map(|key| Kind::Voice.schema().field(key));
    let lines = fields.filter_map(|field| {
        let values: Vec<Shown> = match voice.contents.fields.get(field.key)? {
            FieldValue::Set { elements } => {
                elements.iter().map(|element| show_text(words, &names, Some(field), element)).collect()
            }
            _ => vec![show_text(words, &names, Some(field), voice.contents.text(field.key))],
        };
        Some((words.label(field.label), values))
    });
    Ok(Source {
        title: record::title(words, voice, &names),
        href: record_href(voice.id),
        lines: lines.collect(),
        confidential: voice.contents.is_true("confidential"),
    })
}

#[cfg(test)]
mod tests {
    use lianxin_shared::text::Language;

    use super::*;

    #[test]
    fn the_title_is_made_of_the_first_thing_said() {
        let words = Words(Language::Zh);
        assert_eq!(title(words, "三组断头路没有修，雨天过不去。"), "关于三组断头路没有修的建议");
        assert_eq!(title(words, ""), "");
        assert!(title(words, &"长".repeat(200)).chars().count() <= 50);
    }

    #[test]
    fn every_tier_has_its_desk() {
        assert!(TIERS.iter().all(|tier| desk_of(tier).is_some()));
        assert_eq!(desk_of("moon"), None);
    }
}
