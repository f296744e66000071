#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::policy::Library;

#[test]
fn no_key_is_missing_in_any_language() {
    for lang in [Lang::Ru, Lang::Kk] {
        assert!(keys(lang).eq(keys(Lang::En)), "{lang:?}");
        assert!(keys_of(lang.phrases()).eq(keys_of(Lang::En.phrases())), "{lang:?}");
    }
}

#[test]
fn every_rule_speaks_both_languages_and_no_word_is_of_no_rule() {
    let of = |lang: Lang| keys_of(lang.rules()).collect::<Vec<_>>();
    assert_eq!(of(Lang::Ru), of(Lang::Kk));
    let policies = [
        include_str!("../../../policies/kz.yaml"),
        include_str!("../../../policies/mycar.yaml"),
        include_str!("../../../policies/automaster.yaml"),
    ];
    let ids = policies.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("  - id: "));
    let ids: std::collections::BTreeSet<String> = ids.map(rule_key).collect();
    let lost: Vec<&str> = of(Lang::Ru).into_iter().filter(|key| !ids.contains(*key)).collect();
    assert_eq!(lost, [""; 0]);
    let known = of(Lang::Ru);
    let rules = ids.iter().filter(|id| id.starts_with(|c: char| c.is_ascii_uppercase()));
    let silent: Vec<&String> = rules.filter(|id| !known.contains(&id.as_str())).collect();
    assert_eq!(silent, [""; 0], "say them in policies/words.ru.ftl and words.kk.ftl");
    let library = Library::embedded();
    for rulebook in ["mycar", "automaster"].map(|controller| library.rulebook(controller).unwrap()) {
        for rule in rulebook.policy.rules.iter().chain(&rulebook.statute.rules) {
            let said =
                [Lang::Ru, Lang::Kk].map(|lang| Words::new(lang).attribute(&rule.id, "note").is_some());
            assert_eq!(said, [rule.note.is_some(); 2], "the note of {}", rule.id);
        }
    }
    let words = Words::new(Lang::Ru);
    assert_eq!(words.rule("RF-DC41.4-2").as_deref(), Some("нужно по делу о правонарушении"));
    assert_eq!((words.rule("MC-9.9"), Words::new(Lang::En).rule("RF-ID")), (None, None));
}

#[test]
fn every_file_is_valid() {
    for lang in [Lang::En, Lang::Ru, Lang::Kk] {
        for source in [lang.source(), lang.rules(), lang.phrases()] {
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
fn sentences_and_reasons_speak_every_language() {
    let (ru, kk, en) = (Words::new(Lang::Ru), Words::new(Lang::Kk), Words::new(Lang::En));
    let waits = "an obligation is not fulfilled, for the data it needs: obligation O-1 (purchase) is open";
    for (words, text, expected) in [
        (&ru, "case 2026-000001 is of another person", "обращение 2026-000001 – другого субъекта"),
        (&kk, "day off for Nauryz", "Наурыз үшін демалыс күні"),
        (
            &ru,
            "system `crm`: `people`: a right is missing (42501)",
            "система `crm`: `people`: не хватает права (42501)",
        ),
        (&kk, "crm, shop: the maps fit; 2 warnings", "crm, shop: карталар сәйкес келеді; ескертулер: 2"),
        (&ru, "a sentence nobody has heard", "a sentence nobody has heard"),
        (&en, "nothing was done", "nothing was done"),
    ] {
        assert_eq!(words.phrase(text), expected);
    }
    assert!(
        ru.reason("RF-OBLIG", waits).ends_with("нужны эти данные: обязательство O-1 (покупка) не исполнено")
    );
    assert_eq!(en.reason("RF-OBLIG", waits), waits);
    assert_eq!(ru.reason("MC-9.9", "its own words"), "its own words");
    assert_eq!(kk.reason("RF-ID", "a document that confirms the change"), "өзгерісті растайтын құжат");
}

#[test]
fn locales_of_the_environment() {
    assert_eq!(Lang::of_locale("ru_RU.UTF-8"), Some(Lang::Ru));
    assert_eq!(Lang::of_locale("kk_KZ"), Some(Lang::Kk));
    assert_eq!(Lang::of_locale("C.UTF-8"), Some(Lang::En));
    assert_eq!(Lang::of_locale("fr_FR"), None);
}
