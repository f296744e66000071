//! Words in English, Russian and Kazakh. Keys and codes of machine formats are never translated.

use std::{collections::BTreeMap, sync::OnceLock};

use chrono::NaiveDate;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use crate::domain::Moment;

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
}

impl Words {
    /// Loads a language; a test keeps the three files complete.
    pub fn new(lang: Lang) -> Self {
        Self { lang, bundle: bundle(lang, lang.source()), rules: OnceLock::new() }
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
            ("art.", "law-art"),
        ];
        known.iter().fold(citation.to_owned(), |text, (english, key)| text.replace(english, &self.say(key)))
    }

    /// A word of a closed list by group and word (`category-contact`), or the word itself where no
    /// translation is known: policies may bring words of their own.
    pub fn term(&self, group: &str, word: &str) -> String {
        let key = format!("{group}-{}", word.replace(['_', '.'], "-"));
        if self.bundle.has_message(&key) { self.say(&key) } else { word.replace('_', " ") }
    }
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
pub(super) fn keys_of(source: &str) -> impl Iterator<Item = &str> {
    let words = source.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()));
    words.filter_map(|line| Some(line.split_once(" =")?.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_missing_in_any_language() {
        for lang in [Lang::Ru, Lang::Kk] {
            assert!(keys(lang).eq(keys(Lang::En)), "{lang:?}");
        }
    }

    #[test]
    fn the_rules_speak_in_both_languages_and_no_word_is_of_no_rule() {
        let of = |lang: Lang| keys_of(lang.rules()).collect::<Vec<_>>();
        assert_eq!(of(Lang::Ru), of(Lang::Kk));
        let policies = [
            include_str!("../../policies/kz.yaml"),
            include_str!("../../policies/mycar.yaml"),
            include_str!("../../policies/automaster.yaml"),
        ];
        let ids =
            policies.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("  - id: "));
        let ids: std::collections::BTreeSet<String> = ids.map(rule_key).collect();
        let lost: Vec<&str> = of(Lang::Ru).into_iter().filter(|key| !ids.contains(*key)).collect();
        assert_eq!(lost, [""; 0]);
        let words = Words::new(Lang::Ru);
        assert_eq!(words.rule("RF-DC41.4-2").as_deref(), Some("нужно по делу о правонарушении"));
        assert_eq!((words.rule("MC-9.9"), Words::new(Lang::En).rule("RF-ID")), (None, None));
    }

    #[test]
    fn every_file_is_valid() {
        for lang in [Lang::En, Lang::Ru, Lang::Kk] {
            for source in [lang.source(), lang.rules()] {
                assert!(FluentResource::try_new(source.to_owned()).is_ok(), "{lang:?}");
            }
        }
    }

    #[test]
    fn plurals_are_right() {
        for (lang, n, expected) in [
            (Lang::Ru, 1, "1 запись"),
            (Lang::Ru, 3, "3 записи"),
            (Lang::Ru, 11, "11 записей"),
            (Lang::Ru, 21, "21 запись"),
            (Lang::En, 1, "1 record"),
            (Lang::En, 2, "2 records"),
            (Lang::Kk, 5, "5 жазба"),
        ] {
            assert_eq!(Words::new(lang).say_with("n-records", &[("n", n.into())]), expected);
        }
    }

    #[test]
    fn locales_of_the_environment() {
        assert_eq!(Lang::of_locale("ru_RU.UTF-8"), Some(Lang::Ru));
        assert_eq!(Lang::of_locale("kk_KZ"), Some(Lang::Kk));
        assert_eq!(Lang::of_locale("C.UTF-8"), Some(Lang::En));
        assert_eq!(Lang::of_locale("fr_FR"), None);
    }
}
