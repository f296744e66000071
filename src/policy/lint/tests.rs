//! Each finding once, and each thing that is no finding but a stop.

use super::*;
use crate::domain::Kind;

fn changed(file: &str, from: &str, to: &str) -> Library {
    let mut library = Library::embedded();
    let (_, text) = library.file(file).unwrap();
    assert!(text.contains(from), "{from}");
    let text = text.replacen(from, to, 1);
    library.replace(file, file, text);
    library
}

#[test]
fn shipped_policies_have_warnings_only() {
    let library = Library::embedded();
    for controller in library.controllers() {
        let found = lint(&library, &controller).unwrap();
        let errors: Vec<&str> =
            found.iter().filter(|f| f.severity == Severity::Error).map(|f| f.error.message()).collect();
        assert!(errors.is_empty(), "{controller}: {errors:?}");
        assert!(found.iter().any(|finding| finding.code == "not-confirmed"), "{controller}");
    }
}

#[test]
fn findings_have_code_and_place() {
    for (about, file, from, to, code, place) in [
        (
            "no retention",
            "automaster.yaml",
            "[technical, usage, cookie]",
            "[technical, cookie]",
            "category-without-retention",
            "automaster.yaml:",
        ),
        (
            "dead rule",
            "automaster.yaml",
            "category: [account, correspondence]\n    keep:",
            "category: [account, correspondence]\n    when: in_document\n    keep:",
            "matches-nothing",
            "automaster.yaml:",
        ),
        ("too short", "automaster.yaml", "count: 5", "count: 3", "under-legal-minimum", "automaster.yaml:"),
        (
            "row lost",
            "automaster.yaml",
            "id: AM-9-port",
            "id: AM-9-prot",
            "row-without-rule",
            "automaster.yaml",
        ),
        ("no proof", "kz.yaml", "consents: 3y", "consents: 30mo", "under-limitation", "kz.yaml:"),
        ("statute row lost", "kz.yaml", "id: KZ-27-2", "id: KZ-27-3", "row-without-rule", "kz.yaml"),
        (
            "no such rule",
            "automaster.yaml",
            "falls_back_to: AM-8-tech",
            "falls_back_to: AM-8-tehc",
            "unknown-rule",
            "automaster.yaml:",
        ),
    ] {
        let found = lint(&changed(file, from, to), "automaster").unwrap();
        let first = &found[0];
        assert_eq!((first.code, first.severity), (code, Severity::Error), "{about}");
        assert!(first.error.message().starts_with(place), "{about}: {}", first.error.message());
        let pointed = place.ends_with(':') == first.error.picture_text().is_some_and(|p| p.contains('^'));
        assert!(pointed, "{about}: {:?}", first.error.picture_text());
    }
}

#[test]
fn what_is_not_valid_stops() {
    for (about, file, from, to, says) in [
        ("unknown field", "automaster.yaml", "    keep:", "    kepe:", "unknown field `kepe`"),
        ("duplicate id", "automaster.yaml", "id: AM-9-port", "id: AM-9-erase", "stands twice"),
        ("an id of two words", "automaster.yaml", "id: AM-9-port", "id: AM 9", "could not name this rule"),
        (
            "unknown category",
            "automaster.yaml",
            "[account, correspondence]",
            "[acount]",
            "unknown category `acount`",
        ),
        ("unknown purpose", "automaster.yaml", "stops: [promotion,", "stops: [promotoin,", "unknown purpose"),
        (
            "unknown law",
            "automaster.yaml",
            "law: KZ-TAX-206.3",
            "law: KZ-TAX-206",
            "unknown rule of the statute",
        ),
        (
            "unknown field of a category",
            "mycar.yaml",
            "fields: [isp]",
            "fields: [ips]",
            "unknown field `ips`",
        ),
        ("two bodies", "mycar.yaml", "    fee: {", "    definition: fee\n    fee: {", "says 2 things"),
        ("no body", "mycar.yaml", "    fee: { allowed: true, charged: 0 }\n", "", "says nothing"),
        ("no clause", "automaster.yaml", "    clause: head\n", "", "has no clause"),
        ("no article", "kz.yaml", "    article: 94-V art. 6(3)\n", "", "has no article"),
        (
            "a ground of no right",
            "kz.yaml",
            "    refusal: refuse\n    rights: rectify\n",
            "    refusal: refuse\n",
            "names no right",
        ),
        (
            "a right that nobody may refuse",
            "kz.yaml",
            "rights: rectify",
            "rights: breach",
            "cannot be refused",
        ),
        ("a right of no such name", "kz.yaml", "rights: rectify", "rights: rectfy", "rectify"),
        (
            "rights without a ground",
            "mycar.yaml",
            "    fee: {",
            "    rights: rectify\n    fee: {",
            "belongs to",
        ),
        ("no term", "mycar.yaml", "limit: at_once, ", "", "no term"),
        ("a bad edition", "kz.yaml", "valid_from: 2026-01-18", "valid_from: 18.01.2026", "a day is written"),
        (
            "an edition that ends before it begins",
            "kz.yaml",
            "valid_from: 2026-01-18",
            "valid_from: 2026-01-18\n    valid_to: 2026-01-17",
            "lies before",
        ),
        ("an empty list", "automaster.yaml", "for: 2y, after: collected", "for: 2y, after: []", "empty"),
        ("a wrong length", "automaster.yaml", "for: 2y", "for: 2 years", "a length is written 3y"),
        ("a contradiction", "automaster.yaml", "then: archive", "then: destroy", "contradicts"),
        ("a slip", "automaster.yaml", "at_least: {", "at_lesat: {", "unknown field `at_lesat`"),
        (
            "no day",
            "mycar.yaml",
            "    keep:\n      at_most: purpose_reached\n    then: destroy\n",
            "    keep: {}\n",
            "sets no day",
        ),
        (
            "when without keep",
            "automaster.yaml",
            "    silent: fee",
            "    silent: fee\n    when: in_document",
            "belong",
        ),
        ("another name", "automaster.yaml", "policy: automaster", "policy: auto", "is called `auto`"),
        ("another law", "automaster.yaml", "law: kz\n", "law: kg\n", "no statute"),
    ] {
        let controller = if file == "mycar.yaml" { "mycar" } else { "automaster" };
        let error = lint(&changed(file, from, to), controller).unwrap_err();
        assert_eq!(error.kind(), Kind::Config, "{about}");
        assert!(error.message().contains(says), "{about}: {}", error.message());
        assert!(error.message().starts_with(file), "{about}: {}", error.message());
    }
}
