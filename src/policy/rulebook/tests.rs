//! What decisions ask of the shipped policies.

use super::*;
use crate::{domain::Kind, policy::Library};

fn book(controller: &str) -> Rulebook {
    Library::embedded().rulebook(controller).unwrap()
}

/// `rule limit/target`, as `KZ-8.7 15 working days/-`.
fn words(rules: &[TermRule]) -> String {
    let term = |term: Option<crate::domain::Term>| term.map_or("-".to_owned(), |term| term.to_string());
    let one = |rule: &TermRule| format!("{} {}/{}", rule.why.rule, term(rule.limit), term(rule.target));
    rules.iter().map(one).collect::<Vec<_>>().join("; ")
}

#[test]
fn terms_by_right_and_edition() {
    let (before, after, now) = ("2026-01-17", "2026-01-18", "2026-11-22");
    for (controller, right, day, law, policy) in [
        ("mycar", Right::Access, now, "KZ-R16 3 working days/-", "MC-8.10-access -/-"),
        ("mycar", Right::Export, now, "KZ-R16 3 working days/-", "MC-8.10-access -/-"),
        ("mycar", Right::Rectify, now, "KZ-25.8a 1 working day/-", "MC-8.10-rectify -/-"),
        ("mycar", Right::Restrict, now, "KZ-25.8b 1 working day/-", "MC-4.2-block at once/-"),
        ("mycar", Right::Unblock, now, "KZ-25.8d 1 working day/-", ""),
        ("mycar", Right::Revoke, before, "KZ-24.5 -/-", "MC-8.10-revoke-deadline 1 working day/-"),
        (
            "mycar",
            Right::Revoke,
            after,
            "KZ-8.7 15 working days/-",
            "MC-8.10-revoke-deadline 1 working day/-",
        ),
        (
            "mycar",
            Right::OptOut,
            now,
            "KZ-8.7 15 working days/1 working day",
            "MC-8.10-optout -/1 working day",
        ),
        ("mycar", Right::Object, before, "", ""),
        ("mycar", Right::Object, now, "KZ-19-1.3 3 working days/1 working day", ""),
        ("mycar", Right::Complaint, now, "KZ-R16 3 working days/-", "MC-8.10-complaint -/-"),
        ("mycar", Right::Minor, now, "KZ-25.8c 1 working day/-", "MC-8.7-minor 1 working day/-"),
        ("mycar", Right::Breach, now, "KZ-25.8e 1 working day/-", ""),
        ("mycar", Right::Breach, "2024-06-30", "", ""),
        ("mycar", Right::Erase, "2026-07-11", "KZ-8.7 15 working days/1 working day", ""),
        (
            "automaster",
            Right::Erase,
            now,
            "KZ-8.7 15 working days/1 working day; DC-41.2 15 working days/1 working day",
            "AM-9-erase -/1 working day",
        ),
        ("automaster", Right::Erase, before, "KZ-24.4 -/-", "AM-9-erase -/1 working day"),
        ("automaster", Right::Revoke, before, "KZ-24.5 -/-", "AM-9-withdraw -/1 working day"),
        ("automaster", Right::Revoke, after, "KZ-8.7 15 working days/-", "AM-9-withdraw -/1 working day"),
        ("automaster", Right::Restrict, now, "KZ-25.8b 1 working day/-", "AM-9-restrict -/-"),
        ("automaster", Right::Export, now, "KZ-R16 3 working days/-", "AM-9-port -/-"),
        (
            "automaster",
            Right::Object,
            now,
            "KZ-19-1.3 3 working days/1 working day",
            "AM-9-object -/1 working day",
        ),
        ("automaster", Right::Minor, now, "KZ-25.8c 1 working day/-", ""),
    ] {
        let (of_law, of_policy) = book(controller).terms(right, day.parse().unwrap());
        assert_eq!((&*words(&of_law), &*words(&of_policy)), (law, policy), "{controller} {right} {day}");
        assert!(of_law.iter().all(|rule| rule.confirmed == Some(false)), "no lawyer has read it");
    }
}

#[test]
fn the_registers_own_data_has_terms() {
    let day = "2026-11-22".parse().unwrap();
    let book = book("mycar");
    let (rule, terms) = book.register_terms(day).unwrap();
    let words = terms.named().map(|(what, length)| format!("{what} {length}")).join(", ");
    assert_eq!(
        (rule.id.as_str(), &*words),
        (
            "KZ-REGISTER",
            "cases 5 years, acts 5 years, suppressions 10 years, consents 3 years, disclosures 3 years"
        )
    );
    let before_the_law = "2013-11-24".parse().unwrap();
    assert!(book.register_terms(before_the_law).is_none());
}

#[test]
fn a_reason_names_clause_and_article() {
    let book = book("automaster");
    let why = book.reason(book.rule("AM-8-service").unwrap());
    assert_eq!((why.clause.as_deref(), why.law.as_deref()), (Some("8"), Some("Tax Code art. 206(3)")));
    let why = book.reason(book.rule("KZ-8.7").unwrap());
    assert_eq!((why.clause, why.law.as_deref()), (None, Some("94-V art. 8(7)")));
}

#[test]
fn purposes_are_found_above_the_word() {
    let book = book("mycar");
    for (word, rule, class) in [
        ("promotion", Some("MC-2.1-05"), "consent"),
        ("promotion.targeted", Some("MC-2.1-16"), "consent"),
        ("promotion.targeted.mail", Some("MC-2.1-16"), "consent"),
        ("promotion.unknown", Some("MC-2.1-05"), "consent"),
        ("legal.audit", Some("MC-2.1-13"), "legal"),
        ("service", Some("MC-2.1-01"), "contract"),
    ] {
        let def = book.purpose(&Purpose::from(word)).unwrap();
        assert_eq!((def.rule.as_deref(), def.class.as_str()), (rule, class), "{word}");
    }
    assert!(book.purpose(&Purpose::from("promotional")).is_none());
}

#[test]
fn each_policy_knows_its_own_categories() {
    let (mycar, automaster) = (book("mycar"), book("automaster"));
    assert_eq!((mycar.categories().len(), automaster.categories().len()), (21, 9));
    for def in automaster.categories() {
        assert!(mycar.category(&def.id).is_some(), "{} is in both", def.id);
    }
    let iin = |book: &Rulebook| book.identifier_category(IdentifierType::Iin).map(ToString::to_string);
    assert_eq!((iin(&mycar), iin(&automaster)), (Some("identity".into()), Some("contact".into())));
    let contact = automaster.category(&"contact".into()).unwrap();
    assert_eq!(contact.field("phone").unwrap().identifier, Some(IdentifierType::Phone));
    assert!(mycar.category(&"contract".into()).unwrap().is_document());
}

#[test]
fn withdrawal_differs_by_data_alone() {
    let (mycar, automaster) = (book("mycar"), book("automaster"));
    let own = mycar.withdrawal().unwrap();
    assert!(own.unless_open_obligation && own.always == [Scope::Promotion, Scope::Biometric]);
    assert_eq!(
        own.effects.map(|(rule, effects)| (rule.id.as_str(), effects.len())),
        Some(("MC-8.10-revoke-effects", 4))
    );
    let other = automaster.withdrawal().unwrap();
    assert!(!other.unless_open_obligation && other.effects.is_none());
}

#[test]
fn controllers_come_from_files() {
    let mut library = Library::embedded();
    assert_eq!(library.controllers(), ["automaster", "mycar"]);
    let (_, text) = library.file("automaster.yaml").unwrap();
    let text = text.replace("policy: automaster", "policy: third");
    library.replace("third.yaml", "dir/third.yaml", text);
    assert_eq!(library.controllers(), ["automaster", "mycar", "third"]);
    assert_eq!(library.rulebook("third").unwrap().policy.rules.len(), 52);
    let error = library.rulebook("mycra").unwrap_err();
    assert_eq!((error.kind(), error.hint_text()), (Kind::Usage, Some("did you mean `--controller mycar`?")));
    for no_policy in ["kz", "kz.calendar", "mycar.cases", ""] {
        assert_eq!(library.rulebook(no_policy).unwrap_err().kind(), Kind::Usage, "{no_policy}");
    }
    library.replace("mycar.yaml", "dir/mycar.yaml", String::new());
    assert_eq!(library.rulebook("mycar").unwrap_err().message(), "dir/mycar.yaml is empty");
}

#[test]
fn digests_are_of_the_text() {
    let book = book("mycar");
    assert_eq!(book.policy_sha256().len(), 64);
    assert!(!book.source_matches(b"another text"));
    assert_ne!(book.policy_sha256(), book.statute_sha256());
}

#[test]
fn every_confirmed_article_that_was_in_force_is_cited() {
    let mut library = Library::embedded();
    let (law, policy) = ("kz.yaml", "automaster.yaml");
    let mut text = library.file(law).unwrap().1.to_owned();
    for id in ["KZ-25.9", "KZ-30", "KZ-8.7"] {
        let line = format!("  - id: {id}\n");
        assert!(text.contains(&line), "{id}");
        text = text.replace(&line, &format!("{line}    confirmed: true\n"));
    }
    library.replace(law, law, text);
    let text = library.file(policy).unwrap().1.to_owned();
    let leans = "    law: KZ-25.9\n    silent: fee\n";
    assert!(text.contains(leans));
    let more = "    law: [KZ-14, KZ-25.9, KZ-30, KZ-8.7]\n    silent: fee\n";
    library.replace(policy, policy, text.replace(leans, more));
    let book = library.rulebook("automaster").unwrap();
    let cited = |id: &str, day: &str| book.citation(id, day.parse().unwrap());
    let (both, all) =
        ("94-V art. 25(2)(9); 94-V art. 30", "94-V art. 25(2)(9); 94-V art. 30; 94-V art. 8(7)");
    for (id, day, expected) in [
        ("AM-silence-fee", "2026-11-22", Some(all)),
        ("AM-silence-fee", "2026-01-17", Some(both)),
        ("KZ-30", "2026-11-22", Some("94-V art. 30")),
        ("AM-silence-crossborder", "2026-11-22", None),
        ("no-such", "2026-11-22", None),
    ] {
        assert_eq!(cited(id, day).as_deref(), expected, "{id} {day}");
    }
}
