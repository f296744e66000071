//! Words in English, Russian and Kazakh. Keys and codes of machine formats are never translated.

use std::{collections::BTreeMap, sync::OnceLock};

use chrono::{Datelike, NaiveDate};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

mod days;
mod shipped;

use super::phrases::{self, Phrases};
use crate::{
    domain::{Moment, STATE_BODY},
    policy::{explain::Tongue, model::Rule},
};

/// A language of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Lang {
    /// English.
    En,
    /// Russian.
    Ru,
    /// Kazakh.
    Kk,
}

impl Lang {
    /// The tag of BCP 47, as HTML wants it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
            Self::Kk => "kk",
        }
    }

    /// From the value of `LANG` and its kin, e.g. `ru_RU.UTF-8`.
    pub fn of_locale(locale: &str) -> Option<Self> {
        match locale.split(['_', '.', '-', '@']).next()?.to_lowercase().as_str() {
            "ru" => Some(Self::Ru),
            "kk" | "kz" => Some(Self::Kk),
            "en" | "c" | "posix" => Some(Self::En),
            _ => None,
        }
    }

    fn source(self) -> &'static str {
        match self {
            Self::En => concat!(include_str!("locales/en.ftl"), include_str!("locales/day.en.ftl")),
            Self::Ru => concat!(include_str!("locales/ru.ftl"), include_str!("locales/day.ru.ftl")),
            Self::Kk => concat!(include_str!("locales/kk.ftl"), include_str!("locales/day.kk.ftl")),
        }
    }

    /// Sentences made below the edge.
    pub(super) fn phrases(self) -> &'static str {
        match self {
            Self::En => {
                concat!(include_str!("locales/phrases.en.ftl"), include_str!("locales/errors.en.ftl"))
            }
            Self::Ru => {
                concat!(include_str!("locales/phrases.ru.ftl"), include_str!("locales/errors.ru.ftl"))
            }
            Self::Kk => {
                concat!(include_str!("locales/phrases.kk.ftl"), include_str!("locales/errors.kk.ftl"))
            }
        }
    }

    /// What the rules say, by rule id. English stands in the rules themselves.
    fn rules(self) -> &'static str {
        match self {
            Self::En => "",
            Self::Ru => include_str!("../../policies/words.ru.ftl"),
            Self::Kk => include_str!("../../policies/words.kk.ftl"),
        }
    }
}

/// The words of one language.
pub struct Words {
    lang: Lang,
    bundle: FluentBundle<FluentResource>,
    rules: OnceLock<FluentBundle<FluentResource>>,
    phrases: OnceLock<(Phrases, FluentBundle<FluentResource>)>,
}

impl Words {
    /// Loads a language; a test keeps the three files complete.
    pub fn new(lang: Lang) -> Self {
        Self { lang, bundle: bundle(lang, lang.source()), rules: OnceLock::new(), phrases: OnceLock::new() }
    }

    /// The same with more words, of which the later count.
    pub fn with(lang: Lang, more: &[&str]) -> Self {
        let mut words = Self::new(lang);
        more.iter().for_each(|source| words.bundle.add_resource_overriding(resource(source)));
        words
    }

    /// The language.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// A word or sentence by key; an unknown key shows itself, so that a gap is seen and not silent.
    pub fn say(&self, key: &str) -> String {
        self.say_with(key, &[])
    }

    /// Whether there is such a word.
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// What a rule says, in this language; `None`: the words of the rule itself must do.
    pub fn rule(&self, id: &str) -> Option<String> {
        let rules = self.rules.get_or_init(|| bundle(self.lang, self.lang.rules()));
        let pattern = rules.get_message(&rule_key(id))?.value()?;
        Some(rules.format_pattern(pattern, None, &mut Vec::new()).into_owned())
    }

    /// What stands beside the words of a rule in this language: `note`, how it is read here; `own`, what it names.
    fn attribute(&self, id: &str, name: &str) -> Option<String> {
        let rules = self.rules.get_or_init(|| bundle(self.lang, self.lang.rules()));
        let found = rules.get_message(&rule_key(id))?.get_attribute(name)?;
        Some(rules.format_pattern(found.value(), None, &mut Vec::new()).into_owned())
    }

    /// A sentence made below the edge, in this language; as it is where its form is not known.
    pub fn phrase(&self, text: &str) -> String {
        self.phrase_within(text, 0, false).unwrap_or_else(|| text.to_owned())
    }

    /// A value inside a sentence may be a sentence itself, four deep at most.
    fn phrase_within(&self, text: &str, depth: u8, parts: bool) -> Option<String> {
        if self.lang == Lang::En || depth > 4 {
            return None;
        }
        let (forms, said) =
            self.phrases.get_or_init(|| (Phrases::new(), bundle(self.lang, self.lang.phrases())));
        let (key, values) = forms.find(text, parts)?;
        let pattern = said.get_message(key)?.value()?;
        let inner =
            |text: &str| self.phrase_within(text, depth + 1, parts).unwrap_or_else(|| text.to_owned());
        let list = |group: &str, text: &str| {
            text.split(", ").map(|word| self.term(group, word)).collect::<Vec<_>>().join(", ")
        };
        let spoken = |name: &str, text: &str| match name {
            "categories" => list("category", text),
            "purposes" => list("purpose", text),
            "fields" => text.split(", ").map(|word| self.field(word)).collect::<Vec<_>>().join(", "),
            "right" => self.term("right", text),
            "clause" => self.known("clause", text).unwrap_or_else(|| inner(text)),
            "kinds" => list("vocabulary", text),
            "deal" => self.known("vocabulary", text).unwrap_or_else(|| text.to_owned()),
            "item" => self.known("item", text).unwrap_or_else(|| text.to_owned()),
            "faults" => text.split("; ").map(inner).collect::<Vec<_>>().join("; "),
            "state" => self.term("state", text),
            "pause" => self.term("pause", text),
            "move" => self.term("event", &text.replace(' ', "_")),
            "last" => self.iso(text),
            _ => inner(text),
        };
        let args: FluentArgs<'_> =
            values.into_iter().map(|(name, text)| (name, phrases::value(spoken(name, text)))).collect();
        Some(said.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned())
    }

    /// `contact.phone` in words, with its category.
    fn field(&self, word: &str) -> String {
        match word.split_once('.') {
            Some((category, field)) => {
                format!("{}: {}", self.term("category", category), self.term("field", field))
            }
            None => self.known("field", word).unwrap_or_else(|| self.phrase(word)),
        }
    }

    /// A part of a sentence that is being composed.
    pub fn say_part(&self, english: &str) -> String {
        self.phrase_within(english, 0, true).unwrap_or_else(|| english.to_owned())
    }

    /// Why something is decided: the rule's words in this language, and what makes them true here.
    pub fn reason(&self, rule: &str, says: &str) -> String {
        if let Some(meaning) = self.phrase_within(says, 0, false) {
            return meaning;
        }
        match (self.rule(rule), says.split_once(": ")) {
            (Some(gist), Some((_, here))) => format!("{gist}: {}", self.phrase(here)),
            (Some(gist), None) => gist,
            (None, _) => says.to_owned(),
        }
    }

    /// A sentence with values set in.
    pub fn say_with(&self, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        let pattern = self.bundle.get_message(key).and_then(|message| message.value());
        let Some(pattern) = pattern else { return key.to_owned() };
        let args: FluentArgs<'_> = values.iter().map(|(name, value)| (*name, value.clone())).collect();
        self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }

    /// Every word of the language, with `_` for `-`: what a page's template may say.
    pub fn all(&self) -> BTreeMap<String, String> {
        keys(self.lang).map(|key| (key.replace('-', "_"), self.say(key))).collect()
    }

    /// A day as people write it there.
    pub fn day(&self, day: NaiveDate) -> String {
        let form = if self.lang == Lang::En { "%Y-%m-%d" } else { "%d.%m.%Y" };
        day.format(form).to_string()
    }

    /// An ISO day as people write it there; other text as it is.
    pub fn iso(&self, day: &str) -> String {
        day.parse::<NaiveDate>().map_or_else(|_| day.to_owned(), |day| self.day(day))
    }

    /// A sentence with the days and moments in it as people write them there: `2026-11-22T10:00:00+05:00` is
    /// `22.11.2026 10:00`, in English `2026-11-22 10:00`.
    pub fn dated(&self, text: &str) -> String {
        days::in_words(text, |day| self.day(day))
    }

    /// A day with its weekday: due dates are checked against a calendar on the wall.
    pub fn weekday(&self, day: NaiveDate) -> String {
        let name = self.say(&format!("weekday-{}", day.weekday().number_from_monday()));
        format!("{}, {name}", self.day(day))
    }

    /// The last day of a term, and of one that ends at its hour that hour.
    pub fn due(&self, day: NaiveDate, at: Option<Moment>) -> String {
        at.map_or_else(|| self.day(day), |at| self.moment(at))
    }

    /// A moment as people write it there: day and time of the clock in Kazakhstan.
    pub fn moment(&self, at: Moment) -> String {
        let clock: String = at.rfc3339().chars().skip(11).take(5).collect();
        format!("{} {clock}", self.day(at.day()))
    }

    /// A citation with the names of the codes in this language.
    pub fn law(&self, citation: &str) -> String {
        let known = [
            ("Tax Code", "law-tax-code"),
            ("Digital Code", "law-digital-code"),
            ("Civil Code", "law-civil-code"),
            ("Rules", "law-rules"),
            (" as amended by ", "law-amended"),
            ("art.", "law-art"),
            (" p. ", "law-paragraph"),
        ];
        known.iter().fold(citation.to_owned(), |text, (english, key)| {
            let said = self.say(key);
            text.replace(english, &if english.starts_with(' ') { format!(" {said} ") } else { said })
        })
    }

    /// A code of a closed list: as it is in English, where people know it from the command line; else its word.
    pub fn code(&self, group: &str, word: &str) -> String {
        if self.lang == Lang::En { word.to_owned() } else { self.term(group, word) }
    }

    /// A recipient by name, or in words where only the kind is known.
    pub fn recipient(&self, name: &str) -> String {
        if name == STATE_BODY { self.phrase(name) } else { name.to_owned() }
    }

    /// A word of a closed list, where it stands in it.
    pub fn known(&self, group: &str, word: &str) -> Option<String> {
        let key = format!("{group}-{}", word.replace(['_', '.', ' '], "-"));
        self.has(&key).then(|| self.say(&key))
    }

    /// A value of the data as people read it: a day in their form, a word of a closed list in theirs; anything else as
    /// it is. In English as it stands.
    pub fn value(&self, text: &str) -> String {
        if self.lang == Lang::En {
            return text.to_owned();
        }
        self.known("value", text).unwrap_or_else(|| self.iso(text))
    }

    /// A word of a closed list by group and word (`category-contact`), or the word itself where no
    /// translation is known: policies may bring words of their own.
    pub fn term(&self, group: &str, word: &str) -> String {
        let key = format!("{group}-{}", word.replace(['_', '.'], "-"));
        if self.bundle.has_message(&key) { self.say(&key) } else { word.replace('_', " ") }
    }
}

impl Tongue for Words {
    fn say(&self, english: &str) -> String {
        self.law(&self.say_part(english))
    }

    fn gist(&self, rule: &Rule) -> String {
        self.rule(&rule.id).unwrap_or_else(|| rule.says.clone())
    }

    fn quoted(&self, rule: &Rule) -> String {
        let known = self.lang != Lang::En && shipped::says_the_same(rule);
        known.then(|| self.rule(&rule.id)).flatten().unwrap_or_else(|| rule.says.clone())
    }

    fn called(&self, rule: &Rule, english: &str) -> String {
        let known = self.lang != Lang::En && shipped::names_the_same(rule);
        if known { self.own(rule, english) } else { english.to_owned() }
    }

    fn note(&self, rule: &Rule) -> Option<String> {
        rule.note.as_ref().map(|note| self.attribute(&rule.id, "note").unwrap_or_else(|| note.clone()))
    }

    fn own(&self, rule: &Rule, english: &str) -> String {
        self.attribute(&rule.id, "own").unwrap_or_else(|| english.to_owned())
    }

    fn word(&self, group: &str, word: &str) -> String {
        self.code(group, word)
    }
}

/// One sentence in a language, for who speaks once: English needs no words. A command in it is to be typed as it is.
pub fn in_language(lang: Lang, text: &str) -> String {
    if lang == Lang::En {
        return text.to_owned();
    }
    let words = Words::new(lang);
    let said = words.phrase(text);
    if said.contains("dsr ") { said } else { words.dated(&said) }
}

fn bundle(lang: Lang, source: &str) -> FluentBundle<FluentResource> {
    let tag = lang.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource(source));
    bundle
}

/// What can be read of a file; a test keeps those built in whole.
fn resource(source: &str) -> FluentResource {
    match FluentResource::try_new(source.to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    }
}

/// `KZ-7.8/9` → `KZ-7_8_9`: Fluent's keys have no dots and no slashes.
fn rule_key(id: &str) -> String {
    id.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "_")
}

/// The keys of a language, in the order of its file.
fn keys(lang: Lang) -> impl Iterator<Item = &'static str> {
    keys_of(lang.source())
}

/// The keys of a file, in its order.
pub(in crate::render) fn keys_of(source: &str) -> impl Iterator<Item = &str> {
    let words = source.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()));
    words.filter_map(|line| Some(line.split_once(" =")?.0))
}

#[cfg(test)]
mod tests;
