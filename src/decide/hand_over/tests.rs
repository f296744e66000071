//! What goes to whom: the people of the fixtures, and the clauses that decide.

use super::*;
use crate::decide::cast::{at, now, person, rules};
use crate::domain::{Block, CaseNumber, Suppression};

fn order(recipient: &str) -> HandOver {
    HandOver { recipient: recipient.into(), country: "KZ".into(), ..HandOver::default() }
}

fn on(ground: Exception) -> HandOver {
    HandOver { ground: Some(ground), ..order("someone") }
}

fn parcel(reference: &str, order: &HandOver) -> Parcel {
    let facts = person(reference);
    hand_over(&facts, rules(&facts), order, now())
}

fn refusal(parcel: &Parcel) -> Option<&str> {
    parcel.refused.as_ref().map(|why| why.rule.as_str())
}

#[test]
fn the_ground_decides_first() {
    let demand = HandOver { demand: Some("7/26-114".into()), ..order("court") };
    let abroad = |base: HandOver| HandOver { country: "CN".into(), ..base };
    let purpose = |word: &str| HandOver { purpose: Some(Purpose::new(word)), ..on(Exception::Purpose) };
    let agreed = |word: &str| HandOver { purpose: Some(Purpose::new(word)), ..on(Exception::Consent) };
    for (about, reference, order, refused) in [
        ("a purpose of the policy", "C-1", order("insurer"), None),
        ("no purpose of the policy", "C-1", purpose("politics"), Some("MC-4.2-purpose")),
        ("consent that stands", "C-26", agreed("promotion"), None),
        ("consent for something else", "C-26", agreed("analytics"), Some("MC-6.2-consent")),
        ("consent for something, and nothing named", "C-26", on(Exception::Consent), Some("MC-6.2-consent")),
        ("consent nobody gave", "C-1", on(Exception::Consent), Some("MC-6.2-consent")),
        ("a contract that is open", "C-2", on(Exception::Contract), None),
        ("a demand with its number", "C-1", demand.clone(), None),
        ("a demand without", "C-1", on(Exception::StateDemand), Some("MC-6.2-state")),
        ("defence without a lawyer", "C-1", on(Exception::Defence), Some("MC-6.2-defence")),
        ("abroad with a consent of its own", "C-26", abroad(agreed("service")), None),
        ("abroad without", "C-1", abroad(order("maker")), Some("KZ-16")),
        ("a foreign demand", "C-1", abroad(demand.clone()), Some("KZ-16")),
        ("a ban without an exception", "A-15", order("partner"), Some("AM-6-ban")),
        ("contract is none of the four", "A-15", on(Exception::Contract), Some("AM-6-ban")),
        ("a provider nobody named", "A-15", on(Exception::Provider), Some("AM-6-providers")),
        ("a provider", "A-15", HandOver { provider: true, ..on(Exception::Provider) }, None),
        ("a court", "A-15", demand, None),
    ] {
        assert_eq!(refusal(&parcel(reference, &order)), refused, "{about}");
    }
}

#[test]
fn an_address_goes_to_nobody_but_by_demand() {
    let insurer = parcel("C-1", &order("insurer"));
    let technical = insurer.records.iter().find(|one| one.record.category.as_str() == "technical");
    assert_eq!(technical.map(|one| one.dropped.clone()), Some(vec!["ip".to_owned()]));
    let masks: Vec<_> = insurer.plan.steps.iter().filter(|step| step.action == Action::Mask).collect();
    assert_eq!(masks.iter().map(|step| step.why.rule.as_str()).collect::<Vec<_>>(), ["MC-3.3-iplink"]);
    let address = vec![(Category::new("technical"), "ip".to_owned())];
    let asked = HandOver { fields: address.clone(), ..order("insurer") };
    assert_eq!(refusal(&parcel("C-1", &asked)), Some("MC-3.3-iplink"));
    let court = HandOver { fields: address, demand: Some("7/26-114".into()), ..order("court") };
    let court = parcel("C-1", &court);
    assert_eq!(court.records.len(), 1);
    assert!(court.records.iter().all(|one| one.dropped.is_empty() && one.only == ["ip"]));
}

#[test]
fn what_stays_has_its_rule() {
    let mut facts = person("C-1");
    let kept = |facts: &SubjectFacts, order: &HandOver| {
        let parcel = hand_over(facts, rules(facts), order, now());
        let words = parcel.plan.kept.iter().map(|kept| format!("{} {}", kept.category, kept.why.rule));
        words.collect::<Vec<_>>().join(", ")
    };
    let service = HandOver { purpose: Some(Purpose::new("service")), ..order("insurer") };
    assert!(
        kept(&facts, &service).ends_with("technical MC-4.2-purpose, vehicle KZ-TAX-206.3"),
        "archived, due"
    );
    facts.suppressions.push(Suppression {
        id: 1,
        purpose: Purpose::new("analytics"),
        since: at("2026-11-01"),
    });
    assert!(kept(&facts, &order("insurer")).contains("technical MC-4.2-purpose"));
    let stopped = HandOver { purpose: Some(Purpose::new("analytics.site")), ..order("insurer") };
    assert_eq!(refusal(&hand_over(&facts, rules(&facts), &stopped, now())), Some("MC-4.2-purpose"));
    facts.blocks.push(Block { id: 1, case: CaseNumber::new(2026, 1), category: None, since: now() });
    let all = hand_over(&facts, rules(&facts), &order("insurer"), now());
    assert!(all.records.is_empty() && all.plan.decision == Decision::Refuse);
    assert!(all.plan.kept.iter().all(|kept| kept.why.rule == "MC-4.2-block"));
}

#[test]
fn nobody_gets_biometric_data_without_its_own_consent() {
    for facts in crate::decide::cast::everybody() {
        let parcel = hand_over(&facts, rules(&facts), &order("insurer"), now());
        let found = parcel.records.iter().any(|one| one.record.category.as_str() == "biometric");
        assert!(!found, "{facts:?}");
    }
}
