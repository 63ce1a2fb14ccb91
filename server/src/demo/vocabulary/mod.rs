//! The words: what villagers say, what deputies do, what they suggest.
//!
//! Titles, place lore and dialect snippets are those of DOMAIN §9; the rest is composed in their manner.
//! Texts have slots: `{v}` village, `{t}` town, `{g}` group, `{n}` people, `{h}` households, `{k}`
//! kilometres, `{m}` month, `{y}` ten thousand yuan, `{lore}` a place that everybody knows.

mod concerns;
mod doings;

use super::chance::Chance;

pub(super) use concerns::{Concern, OTHERS_IN_SESSION, RURAL_TITLES, concern, concern_by_chance};
pub(super) use doings::{Doing, FOCUS_SENTENCES, Visit, doing, station_doings};

/// Where a text is about, and the chance that fills its other slots.
pub(super) struct Scene<'a> {
    pub(super) village: &'a str,
    pub(super) town: &'a str,
    pub(super) month: i8,
}

const GROUPS: &[&str] = &["一组", "二组", "三组", "四组", "五组", "六组", "七组", "八组"];
const LORE: &[&str] = &["海龙囤", "娄山关", "仁江河", "芝麻坪"];

impl Scene<'_> {
    /// A village's group (村民组).
    pub(super) fn group(chance: &mut Chance) -> &'static str {
        chance.pick::<&str>(GROUPS)
    }

    /// The template with its slots filled.
    pub(super) fn fill(&self, chance: &mut Chance, template: &str) -> String {
        let mut text = String::with_capacity(template.len() * 2);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let (slot, after) = after.split_once('}').unwrap_or((after, ""));
            self.slot(chance, slot, &mut text);
            rest = after;
        }
        text.push_str(rest);
        text
    }

    fn slot(&self, chance: &mut Chance, slot: &str, text: &mut String) {
        match slot {
            "v" => text.push_str(self.village),
            "t" => text.push_str(self.town),
            "g" => text.push_str(Self::group(chance)),
            "n" => text.push_str(&chance.between(6, 320).to_string()),
            "h" => text.push_str(&chance.between(5, 96).to_string()),
            "k" => text.push_str(&format!("{}.{}", chance.between(0, 6), chance.between(1, 9))),
            "m" => text.push_str(&self.month.to_string()),
            "y" => text.push_str(&chance.between(2, 48).to_string()),
            "lore" => text.push_str(chance.pick::<&str>(LORE)),
            unknown => text.push_str(unknown),
        }
    }

    /// One of the templates, filled.
    pub(super) fn one_of(&self, chance: &mut Chance, templates: &[&str]) -> String {
        let template = *chance.pick(templates);
        self.fill(chance, template)
    }

    /// Some of the templates, each filled, one after the other.
    pub(super) fn some_of(&self, chance: &mut Chance, templates: &[&str], count: usize) -> String {
        let chosen = chance.sample(templates, count);
        chosen.iter().map(|template| self.fill(chance, template)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_filled() {
        let scene = Scene { village: "竹元村", town: "芝麻镇", month: 3 };
        let mut chance = Chance::of("slots");
        let text = scene.fill(&mut chance, "{t}{v}{g}有{h}户，{m}月");
        assert!(text.starts_with("芝麻镇竹元村") && text.ends_with("户，3月") && !text.contains('{'), "{text}");
    }
}
