//! The outcomes that must come out for the people of `fixtures/`, line by line.

use super::{
    cast::{self, assert_story, at, carried_out, now, person, rules, told},
    erase::{Erasure, erase},
    object::{Objection, object},
    revoke::{Withdrawal, revoke},
};
use crate::domain::{Decision, Plan, Purpose, Right, Scope, SubjectFacts, Waiting};

fn revoked(facts: &SubjectFacts) -> Plan {
    revoke(facts, rules(facts), &Withdrawal::default(), now())
}

fn revoked_of(facts: &SubjectFacts, purposes: &[&str], scopes: &[Scope]) -> Plan {
    let purposes = purposes.iter().map(|word| Purpose::new(word)).collect();
    let ask = Withdrawal { purposes, scopes: scopes.to_vec(), ..Withdrawal::default() };
    revoke(facts, rules(facts), &ask, now())
}

fn erased(facts: &SubjectFacts, categories: &[&str]) -> Plan {
    let categories = categories.iter().map(|word| crate::domain::Category::new(word)).collect();
    erase(facts, rules(facts), &Erasure { categories, ..Erasure::default() }, now())
}

fn objected(facts: &SubjectFacts, purposes: &[&str]) -> Plan {
    let purposes = purposes.iter().map(|word| Purpose::new(word)).collect();
    object(facts, rules(facts), &Objection { purposes, ..Objection::default() }, now())
}

#[test]
fn mycar_withdrawal_with_nothing_open_has_four_effects() {
    let facts = person("C-1");
    let expected = [
        "1: withdraw consent [K-101 K-102] by MC-8.10-revoke-effects",
        "2: destroy account [R-106] by MC-8.10-revoke-effects",
        "3: destroy contact [R-101] by MC-8.10-revoke-effects",
        "3: destroy shopping [R-107] by MC-8.10-revoke-effects",
        "3: destroy technical [R-108] by MC-8.10-revoke-effects",
        "4: destroy biometric [] by MC-8.10-revoke-effects",
        "suppress suppression [] (analytics) by MC-8.10-revoke",
        "suppress suppression [] (promotion) by MC-8.10-revoke",
        "archive contract [R-103] until 2029-12-31 by KZ-TAX-206.3",
        "archive identity [R-102] until 2029-12-31 by KZ-TAX-206.3",
        "archive payment [R-104] until 2029-12-31 by KZ-TAX-206.3",
        "archive vehicle [R-105] until 2029-12-31 by KZ-TAX-206.3",
        "manual  [] (stop collection: forms, trackers and feeds of partners) by MC-8.10-revoke-effects",
    ];
    let plan = revoked(&facts);
    assert_story("C-1", &facts, &plan, "partial", &expected);
    assert!(plan.steps.iter().all(|step| !step.why.says.is_empty()));
}

#[test]
fn mycar_withdrawal_with_an_open_purchase_waits_for_it() {
    let facts = person("C-2");
    let expected = [
        "3: destroy shopping [R-206] by MC-8.10-revoke-effects",
        "4: destroy biometric [R-205] by MC-8.10-revoke-effects",
        "suppress suppression [] (analytics) by MC-8.10-revoke",
        "suppress suppression [] (promotion) by MC-8.10-revoke",
        "withdraw consent [K-202 K-203] by MC-8.10-revoke-effects",
        "manual  [] (stop collection: forms, trackers and feeds of partners) by MC-8.10-revoke-effects",
        "keep contact [R-201] by MC-8.10-revoke-cond",
        "keep contract [R-203] by MC-8.10-revoke-cond",
        "keep identity [R-202] by MC-8.10-revoke-cond",
        "keep payment [R-204] by MC-8.10-revoke-cond",
        "wait [R-201 R-202 R-203 R-204] for the end of obligation O-201",
    ];
    let plan = revoked(&facts);
    assert_story("C-2", &facts, &plan, "partial", &expected);
    let why = &plan.kept[0].why;
    assert_eq!((why.clause.as_deref(), why.law.as_deref()), (Some("8.10"), Some("94-V art. 8(2)")));
    assert!(why.says.contains("O-201 (purchase)"), "{}", why.says);
    let waiting = facts.consents.iter().find(|consent| consent.reference == "K-201").map(|c| c.id);
    assert_eq!(plan.waits[0].consents, waiting.into_iter().collect::<Vec<_>>(), "processing waits too");
}

#[test]
fn the_deal_ends_and_the_rest_goes() {
    let mut facts = person("C-2");
    facts = carried_out(&facts, &revoked(&facts));
    let expected = [
        "keep contact [R-201] by MC-8.10-revoke-cond",
        "keep contract [R-203] by MC-8.10-revoke-cond",
        "keep identity [R-202] by MC-8.10-revoke-cond",
        "keep payment [R-204] by MC-8.10-revoke-cond",
        "wait [R-201 R-202 R-203 R-204] for the end of obligation O-201",
    ];
    assert_story("still open", &facts, &revoked(&facts), "partial", &expected);
    facts.obligations[0].closed_at = Some(now());
    let expected = [
        "1: withdraw consent [K-201] by MC-8.10-revoke-effects",
        "2: destroy account [] by MC-8.10-revoke-effects",
        "4: destroy biometric [] by MC-8.10-revoke-effects",
        "archive contact [R-201] until 2031-12-31 by KZ-TAX-206.3",
        "archive contract [R-203] until 2031-12-31 by KZ-TAX-206.3",
        "archive identity [R-202] until 2031-12-31 by KZ-TAX-206.3",
        "archive payment [R-204] until 2031-12-31 by KZ-TAX-206.3",
        "manual  [] (stop collection: forms, trackers and feeds of partners) by MC-8.10-revoke-effects",
    ];
    assert_story("closed", &facts, &revoked(&facts), "partial", &expected);
}

#[test]
fn automaster_withdrawal_at_any_time() {
    for (reference, decision, expected) in [
        (
            "A-1",
            "partial",
            &[
                "suppress suppression [] (analytics) by AM-9-withdraw",
                "suppress suppression [] (promotion) by AM-9-withdraw",
                "withdraw consent [K-101] by AM-9-withdraw",
                "destroy contact [R-101] by AM-8-contact",
                "archive service [R-103] until 2030-12-31 by AM-8-service",
                "archive vehicle [R-102] until 2030-12-31 by AM-8-service",
                "manual  [] (stop collection: forms, trackers and feeds of partners) by AM-9-withdraw",
            ][..],
        ),
        (
            "A-2",
            "partial",
            &[
                "suppress suppression [] (analytics) by AM-9-withdraw",
                "suppress suppression [] (promotion) by AM-9-withdraw",
                "withdraw consent [K-201] by AM-9-withdraw",
                "manual  [] (stop collection: forms, trackers and feeds of partners) by AM-9-withdraw",
                "keep contact [R-201] by AM-5-contract",
                "keep service [R-203] by AM-5-contract",
                "keep vehicle [R-202] by AM-5-contract",
                "wait [R-201 R-202 R-203] for the end of obligation O-201",
            ],
        ),
        (
            "A-8",
            "partial",
            &[
                "suppress suppression [] (analytics) by AM-9-withdraw",
                "suppress suppression [] (promotion) by AM-9-withdraw",
                "destroy contact [R-801] by AM-8-contact",
                "destroy service [R-802] by AM-9-withdraw",
                "archive service [R-803] until 2026-12-31 by AM-8-service",
                "manual  [] (stop collection: forms, trackers and feeds of partners) by AM-9-withdraw",
            ],
        ),
        (
            "A-15",
            "grant",
            &[
                "suppress suppression [] (analytics) by AM-9-withdraw",
                "suppress suppression [] (promotion) by AM-9-withdraw",
                "withdraw consent [K-1501 K-1502 K-1503] by AM-9-withdraw",
                "destroy account [R-1502] by AM-9-withdraw",
                "destroy contact [R-1501] by AM-8-contact",
                "destroy cookie [R-1505] by AM-9-withdraw",
                "destroy technical [R-1503] by AM-9-withdraw",
                "destroy usage [R-1504] by AM-9-withdraw",
                "destroy vehicle [R-1506] by AM-8-contact",
                "notify disclosure [#] (ТОО «Пример Аналитика») by AM-9-withdraw",
                "manual  [] (stop collection: forms, trackers and feeds of partners) by AM-9-withdraw",
            ],
        ),
    ] {
        let facts = person(reference);
        assert_story(reference, &facts, &revoked(&facts), decision, expected);
    }
}

#[test]
fn withdrawal_of_a_part() {
    let all = ["promotion"];
    for (about, reference, purposes, scopes, expected) in [
        (
            "the newsletter, by purpose",
            "A-15",
            &all[..],
            &[][..],
            &[
                "suppress suppression [] (promotion) by AM-9-withdraw",
                "withdraw consent [K-1502] by AM-9-withdraw",
            ][..],
        ),
        (
            "the newsletter, by scope",
            "A-15",
            &[],
            &[Scope::Promotion],
            &[
                "suppress suppression [] (promotion) by AM-9-withdraw",
                "withdraw consent [K-1502] by AM-9-withdraw",
            ],
        ),
        (
            "a finer word",
            "A-15",
            &["promotion.sms"],
            &[],
            &["suppress suppression [] (promotion.sms) by AM-9-withdraw"],
        ),
        (
            "an open deal is not touched",
            "C-2",
            &all,
            &[],
            &[
                "suppress suppression [] (promotion) by MC-8.10-revoke",
                "withdraw consent [K-202] by MC-8.10-revoke",
                "destroy shopping [R-206] by MC-8.10-revoke",
            ],
        ),
        (
            "by its nature, whatever the purpose",
            "C-2",
            &[],
            &[Scope::Biometric],
            &["withdraw consent [K-203] by MC-8.10-revoke", "destroy biometric [R-205] by MC-8.10-revoke"],
        ),
        (
            "what rested on the cookie consent",
            "C-27",
            &[],
            &[Scope::Cookie],
            &[
                "withdraw consent [K-2704] by MC-8.10-revoke",
                "destroy cookie [R-2714] by MC-8.5-cookie-term",
                "destroy technical [R-2712] by MC-8.5-cookie-term",
                "destroy usage [R-2713] by MC-8.5-cookie-term",
            ],
        ),
    ] {
        let facts = person(reference);
        assert_story(about, &facts, &revoked_of(&facts, purposes, scopes), "grant", expected);
    }
}

#[test]
fn what_a_contract_or_a_law_carries_is_not_withdrawn() {
    let facts = person("C-2");
    let plan = revoked_of(&facts, &["service"], &[]);
    let expected = [
        "withdraw consent [K-203] by MC-8.10-revoke",
        "destroy biometric [R-205] by MC-8.10-revoke",
        "keep contact [R-201] by MC-8.10-revoke-cond",
        "keep payment [R-204] by MC-8.10-revoke-cond",
        "wait [R-201 R-204] for the end of obligation O-201",
    ];
    assert_story("the deal goes on, so service is not stopped", &facts, &plan, "partial", &expected);
    let plan = revoked_of(&person("C-1"), &["legal"], &[]);
    assert_eq!(plan.decision, Decision::Refuse);
    assert!(plan.kept.iter().all(|kept| kept.why.rule == "RF-LAW") && plan.kept.len() == 3);
}

#[test]
fn a_withdrawal_during_a_block_waits_with_the_date_of_the_law() {
    let mut facts = person("C-1");
    cast::block(&mut facts, Some("contact"), 5);
    let statutory = "2026-12-14".parse().ok();
    let ask = Withdrawal { statutory, ..Withdrawal::default() };
    let plan = revoke(&facts, rules(&facts), &ask, now());
    let lines = told(&facts, &plan);
    assert!(lines.contains(&"keep contact [R-101] until 2026-12-14 by MC-4.2-block".into()), "{lines:#?}");
    assert!(lines.iter().all(|line| !line.contains("destroy contact")), "{lines:#?}");
    assert!(lines.contains(&"3: destroy shopping [R-107] by MC-8.10-revoke-effects".into()), "{lines:#?}");
    assert!(matches!(plan.waits[0].on, Waiting::Block(_)) && plan.waits[0].statutory == statutory);
    assert_eq!(plan.decision, Decision::Partial);
}

#[test]
fn erasure_takes_all_that_no_ground_keeps() {
    let facts = person("C-1");
    let expected = [
        "destroy account [R-106] by DC-41.1",
        "destroy contact [R-101] by DC-41.1",
        "destroy shopping [R-107] by DC-41.1",
        "destroy technical [R-108] by DC-41.1",
        "archive contract [R-103] until 2029-12-31 by KZ-TAX-206.3",
        "archive identity [R-102] until 2029-12-31 by KZ-TAX-206.3",
        "archive payment [R-104] until 2029-12-31 by KZ-TAX-206.3",
        "archive vehicle [R-105] until 2029-12-31 by KZ-TAX-206.3",
    ];
    assert_story("C-1", &facts, &erased(&facts, &[]), "partial", &expected);
    let contact = ["destroy contact [R-101] by DC-41.1"];
    assert_story("one category", &facts, &erased(&facts, &["contact"]), "grant", &contact);
    let facts = person("C-28");
    let excess = ["destroy unlisted [R-2802] by KZ-7.8/9"];
    assert_story("excess", &facts, &erased(&facts, &["unlisted"]), "grant", &excess);
}

#[test]
fn erasure_keeps_by_the_grounds_of_the_law() {
    let mut facts = person("C-1");
    cast::hold(&mut facts, Some("account"), "RF-DC41.4-3, court order 17");
    cast::block(&mut facts, Some("shopping"), 6);
    facts = carried_out(&facts, &erased(&facts, &["contract", "identity", "payment", "vehicle"]));
    let expected = [
        "destroy contact [R-101] by DC-41.1",
        "destroy technical [R-108] by DC-41.1",
        "keep account [R-106] by RF-DC41.4-3",
        "keep contract [R-103] until 2029-12-31 by RF-RETAIN",
        "keep identity [R-102] until 2029-12-31 by RF-RETAIN",
        "keep payment [R-104] until 2029-12-31 by RF-RETAIN",
        "keep shopping [R-107] by MC-4.2-block",
        "keep vehicle [R-105] until 2029-12-31 by RF-RETAIN",
        "wait [R-107] for the end of the check in case 2026-000006",
        "wait [R-106] for the end of hold H-3",
    ];
    assert_story("held, blocked, archived", &facts, &erased(&facts, &[]), "partial", &expected);
    let facts = person("A-2");
    let plan = erased(&facts, &[]);
    let expected = [
        "keep contact [R-201] by RF-OBLIG",
        "keep service [R-203] by RF-OBLIG",
        "keep vehicle [R-202] by RF-OBLIG",
        "wait [R-201 R-202 R-203] for the end of obligation O-201",
    ];
    assert_story("an order needs all of it", &facts, &plan, "refuse", &expected);
    assert_eq!(plan.kept[0].why.clause.as_deref(), Some("5"));
}

#[test]
fn data_of_an_organisation_is_outside() {
    let facts = person("C-15");
    let organisation = |plan: &Plan| told(&facts, plan).iter().filter(|l| l.contains("organisation")).count();
    assert_eq!((organisation(&erased(&facts, &[])), organisation(&revoked(&facts))), (0, 0));
    let plan = erased(&facts, &["organisation"]);
    assert_eq!((plan.decision, plan.kept[0].why.rule.as_str()), (Decision::Refuse, "RF-NOTPD"));
}

#[test]
fn an_answer_still_owed_is_given_first() {
    let mut facts = person("A-10");
    cast::case(&mut facts, Right::Access, "verified");
    let owed = "manual  [] (answer case 2026-000040 first: what it asks for will be gone) by AM-9-access";
    assert!(told(&facts, &erased(&facts, &[])).contains(&owed.into()));
    facts.cases[0].state = "executed".into();
    assert!(!told(&facts, &erased(&facts, &[])).contains(&owed.into()));
}

#[test]
fn objection() {
    for (about, reference, purposes, decision, expected) in [
        (
            "none named: all that no contract and no law needs",
            "A-15",
            &[][..],
            "grant",
            &[
                "suppress suppression [] (analytics) by AM-9-object",
                "suppress suppression [] (fraud) by AM-9-object",
                "suppress suppression [] (promotion) by AM-9-object",
                "destroy cookie [R-1505] by KZ-18",
                "destroy technical [R-1503] by KZ-18",
                "destroy usage [R-1504] by KZ-18",
                "notify disclosure [#] (ТОО «Пример Аналитика») by AM-9-object",
            ][..],
        ),
        (
            "analytics at AutoMaster: technical data has lost its purpose",
            "A-15",
            &["analytics"],
            "grant",
            &[
                "suppress suppression [] (analytics) by AM-9-object",
                "destroy cookie [R-1505] by KZ-18",
                "destroy technical [R-1503] by KZ-18",
                "destroy usage [R-1504] by KZ-18",
                "notify disclosure [#] (ТОО «Пример Аналитика») by AM-9-object",
            ],
        ),
        (
            "advertising: surveys too, the partner is told",
            "C-26",
            &["promotion"],
            "grant",
            &[
                "suppress suppression [] (analytics.surveys) by MC-8.10-optout",
                "suppress suppression [] (promotion) by MC-8.10-optout",
                "notify disclosure [#] (Рекламная сеть «Пример Медиа») by MC-8.10-optout",
            ],
        ),
        (
            "advertising during a deal: its messages go on and are named",
            "C-2",
            &["promotion"],
            "partial",
            &[
                "suppress suppression [] (analytics.surveys) by MC-8.10-optout",
                "suppress suppression [] (promotion) by MC-8.10-optout",
                "destroy shopping [R-206] by KZ-18",
                "keep contact [R-201] by MC-8.10-optout",
            ],
        ),
        (
            "one list only",
            "A-15",
            &["promotion.newsletter"],
            "grant",
            &["suppress suppression [] (promotion.newsletter) by AM-9-object"],
        ),
        (
            "what the deal needs",
            "A-2",
            &["service"],
            "refuse",
            &[
                "keep contact [R-201] by AM-5-contract",
                "keep service [R-203] by AM-5-contract",
                "keep vehicle [R-202] by AM-5-contract",
                "wait [R-201 R-202 R-203] for the end of obligation O-201",
            ],
        ),
    ] {
        let facts = person(reference);
        assert_story(about, &facts, &objected(&facts, purposes), decision, expected);
    }
    let plan = objected(&person("C-2"), &["promotion"]);
    assert!(plan.kept[0].why.says.starts_with("service messages continue: obligation O-201"));
}

#[test]
fn an_objection_is_taken_back() {
    let facts = person("C-2");
    let facts = carried_out(&facts, &objected(&facts, &["promotion"]));
    let lift = |purposes: &[&str]| {
        let purposes = purposes.iter().map(|word| Purpose::new(word)).collect();
        let ask = Objection { purposes, lift: true, ..Objection::default() };
        object(&facts, rules(&facts), &ask, now())
    };
    let expected = [
        "unblock suppression [#] (analytics.surveys) by MC-8.10-optout",
        "unblock suppression [#] (promotion) by MC-8.10-optout",
        "manual  [] (analytics.surveys needs a new consent before it begins again) by MC-8.10-optout",
    ];
    assert_story("its consent stands", &facts, &lift(&["promotion"]), "grant", &expected);
    let expected = ["gap [] promotion.sms is stopped as part of promotion: only promotion can be lifted"];
    assert_story("a part of it", &facts, &lift(&["promotion.sms"]), "partial", &expected);
}

#[test]
fn before_the_law_of_2026_the_older_article_grants() {
    let facts = person("C-1");
    let plan = erase(&facts, rules(&facts), &Erasure::default(), at("2026-07-11T10:00"));
    assert_eq!(plan.steps[0].why.rule, "KZ-24.4");
}
