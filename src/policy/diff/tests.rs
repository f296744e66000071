//! Each change has its class.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::policy::Library;

fn changed(edits: &[(&str, &str)]) -> Vec<String> {
    let mut library = Library::embedded();
    let before = library.rulebook("automaster").unwrap().policy;
    let mut text = library.file("automaster.yaml").unwrap().1.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    library.replace("automaster.yaml", "new.yaml", text);
    let after = library.rulebook("automaster").unwrap().policy;
    let word = |change: &Change| format!("{} {} {}", change.class, change.what, change.rule);
    diff(&before, &after).iter().map(word).collect()
}

#[test]
fn each_change_has_its_class() {
    assert!(changed(&[]).is_empty());
    for (from, to, expected) in [
        ("word: promotion.news,", "word: promotion.partners,", "new_purpose promotion.partners AM-4-4"),
        ("who: service providers,", "who: anybody,", "new_recipient anybody (provider) AM-6-providers"),
        (
            "exception: provider }",
            "exception: provider, abroad: true }",
            "new_country service providers (provider) AM-6-providers",
        ),
        (
            "for: 2y, after: collected",
            "for: 4y, after: collected",
            "longer_retention technical, usage, cookie AM-8-tech",
        ),
        (
            "for: 2y, after: collected",
            "for: 1y, after: collected",
            "shorter_retention technical, usage, cookie AM-8-tech",
        ),
        (
            "[consent, provider, state_demand, defence]",
            "[consent, provider, state_demand, defence, affiliate]",
            "weaker_ban transfer AM-6-ban",
        ),
        (
            "right: { grants: export, gives: [json, csv] }",
            "right: { grants: export, gives: [json] }",
            "shorter_right export AM-9-port",
        ),
        (
            "right: { grants: erase, target: { working_days: 1 } }",
            "right: { grants: erase, target: { working_days: 5 } }",
            "shorter_right erase AM-9-erase",
        ),
        (
            "right: { grants: restrict }",
            "right: { grants: restrict, limit: { hours: 4 } }",
            "more_right restrict AM-9-restrict",
        ),
        (
            "- { name: patronymic, key: user.name }",
            "- { name: patronymic, key: user.name }\n      - { name: sex, key: user.demographic.gender }",
            "new_data contact.sex AM-2-contact",
        ),
        ("says: from calls to support", "says: from calls and chats", "other source AM-3-calls"),
        ("        earliest_of:", "        latest_of:", "longer_retention contact, vehicle AM-8-contact"),
        ("          - consent_withdrawn: processing\n", "", "longer_retention contact, vehicle AM-8-contact"),
        ("category: [contact, vehicle]", "category: contact", "longer_retention contact AM-8-contact"),
        (
            "word: promotion, class: consent, basis: consent",
            "word: promotion, class: contract, basis: contract",
            "new_basis promotion AM-4-4",
        ),
    ] {
        let found = changed(&[(from, to)]);
        assert_eq!(found.first().map(String::as_str), Some(expected), "{from}: {found:?}");
    }
}

#[test]
fn what_is_significant() {
    let told: Vec<&str> =
        Class::ALL.iter().filter(|class| class.is_significant()).map(|c| c.as_str()).collect();
    assert_eq!(told.len(), 8);
    assert!(!Class::Other.is_significant() && Class::ShorterRight.is_significant());
    let document =
        include_str!("../../../docs/output.md").split("`class` of `dsr/policy-diff/v1`").nth(1).unwrap();
    let listed = document.split("\n\n").next().unwrap();
    let silent: Vec<&Class> =
        Class::ALL.iter().filter(|class| !listed.contains(&format!("`{class}`"))).collect();
    assert!(silent.is_empty(), "not in docs/output.md: {silent:?}");
}

#[test]
fn how_it_was_and_how_it_is_differ() {
    let mut library = Library::embedded();
    let before = library.rulebook("automaster").unwrap().policy;
    let text = library.file("automaster.yaml").unwrap().1.to_owned();
    for (from, to) in [
        ("category: [contact, vehicle]", "category: contact"),
        (
            "word: promotion, class: consent, basis: consent",
            "word: promotion, class: contract, basis: contract",
        ),
        (
            "{ type: warranty, usual: 2y, needs: [vehicle, service, contact] }",
            "{ type: warranty, usual: 2y, needs: vehicle }",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        library.replace("automaster.yaml", "new.yaml", text.replacen(from, to, 1));
        let after = library.rulebook("automaster").unwrap().policy;
        let changes = diff(&before, &after);
        assert!(!changes.is_empty(), "{from}");
        assert!(changes.iter().all(|change| change.before != change.after), "{from}: {changes:?}");
    }
}
