//! What the night would touch is in one of the ages, whatever the columns that the map has.

use proptest::prelude::*;

use super::*;
use crate::{
    decide::{
        nightly::{Fate, fate},
        sieve::sieves,
        sieve_laws::{person, rules},
    },
    domain::{Category, Consent, Record, SubjectFacts},
    system::map::{ColumnOrWord, ConsentSource, Field},
};

/// Which columns the map has: when collected, last contact, document, purpose, activity, given by.
type Has = [bool; 6];

fn collection(category: &Category, has: Has) -> Collection {
    let column = |nth: usize| has[nth].then(|| nth.to_string());
    let meaning = Meaning {
        collected_at: column(0),
        last_contact_at: column(1),
        document_at: column(2),
        purpose_reached_at: column(3),
        activity_at: column(4),
        given_by: column(5),
        ..Meaning::default()
    };
    of(Some(category.clone()), meaning)
}

fn of(category: Option<Category>, meaning: Meaning) -> Collection {
    let field = Field {
        name: "held".into(),
        column: "held".into(),
        data_categories: Vec::new(),
        category,
        field: None,
        kind: None,
        length: None,
        identity: None,
        exact: false,
        primary_key: false,
        read_only: false,
        references: Vec::new(),
        masking: None,
        third_party: false,
        free_text: false,
        not_personal: false,
        learnt: false,
        generated: false,
        declared: None,
    };
    Collection {
        name: "one".into(),
        fields: vec![field],
        after: Vec::new(),
        erase_after: Vec::new(),
        skip: false,
        erase: None,
        meaning,
    }
}

/// A consent in a table of its own.
fn consents() -> Collection {
    let consent = ConsentSource {
        scope: ColumnOrWord::Column("scope".into()),
        given_at: "given".into(),
        withdrawn_at: Some("withdrawn".into()),
        expires_at: Some("expires".into()),
    };
    of(None, Meaning { consent: Some(consent), ..Meaning::default() })
}

/// The record as it is read where only these columns are; `undated`: what stands in the first is no time.
fn read(record: &mut Record, has: Has, undated: bool) {
    record.archived_until = None;
    record.caveats.undated = undated || !has[0];
    let dates = [
        &mut record.last_contact_at,
        &mut record.document_at,
        &mut record.purpose_reached_at,
        &mut record.activity_at,
    ];
    dates.into_iter().zip(&has[1..]).filter(|(_, has)| !**has).for_each(|(date, _)| *date = None);
    if !has[5] {
        record.given_by = String::new();
    }
}

fn is_in(ages: Option<Vec<Age>>, value: impl Fn(&str) -> Option<Moment>) -> bool {
    let fits = |age: &Age| match age {
        Age::Before(column, text) => {
            Moment::parse(text).ok().zip(value(column)).is_some_and(|(cut, at)| at < cut)
        }
        Age::Unknown(column) => value(column).is_none(),
    };
    ages.is_some_and(|ages| ages.is_empty() || ages.iter().any(fits))
}

fn of_record(record: &Record, column: &str) -> Option<Moment> {
    match column {
        "0" => (!record.caveats.undated).then_some(record.collected_at),
        "1" => record.last_contact_at,
        "2" => record.document_at,
        "3" => record.purpose_reached_at,
        _ => record.activity_at,
    }
}

fn of_consent(consent: &Consent, column: &str) -> Option<Moment> {
    match column {
        "given" => Some(consent.given_at),
        "withdrawn" => consent.withdrawn_at,
        _ => consent.expires_at,
    }
}

fn is_touched(record: &Record, facts: &SubjectFacts, sieves: &Sieves) -> bool {
    match fate(record, facts, rules(facts), sieves.today) {
        Fate::Destroy(_) | Fate::Archive(..) | Fate::Held(..) => true,
        Fate::Gap(_) => sieves.of.get(&record.category).is_some_and(|sieve| !sieve.gap),
        Fate::Stays => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_the_night_would_touch_is_in_an_age(
        mut facts in person(), has in any::<Has>(), undated in any::<bool>(), day in 0..8_000_u64,
    ) {
        let today = NaiveDate::from_ymd_opt(2010, 1, 1).unwrap_or_default() + chrono::Days::new(day);
        facts.records.iter_mut().for_each(|record| read(record, has, undated));
        let sieves = sieves(rules(&facts), today);
        let by_consent = facts.consents.iter().any(|consent| {
            is_in(ages(&consents(), &sieves), |column| of_consent(consent, column))
        });
        for record in facts.records.iter().filter(|record| is_touched(record, &facts, &sieves)) {
            let own = ages(&collection(&record.category, has), &sieves);
            let found = by_consent || is_in(own, |column| of_record(record, column));
            let fate = fate(record, &facts, rules(&facts), today);
            let sieve = sieves.of.get(&record.category);
            prop_assert!(found, "{today} {has:?} {record:?} {fate:?} {sieve:?}");
        }
    }
}

#[test]
fn a_shipped_policy_is_narrowed_by_every_date() {
    let rulebook = crate::policy::Library::embedded().rulebook("automaster");
    let sieves =
        rulebook.map(|rulebook| sieves(&rulebook, NaiveDate::from_ymd_opt(2026, 11, 22).unwrap_or_default()));
    let shown = |category: &str, has| {
        let ages = sieves.as_ref().ok().and_then(|sieves| ages(&collection(&category.into(), has), sieves));
        let one = |age: Age| match age {
            Age::Before(column, text) => format!("{column} < {}", &text[..10]),
            Age::Unknown(column) => format!("{column} ?"),
        };
        ages.map_or("nothing".to_owned(), |ages| ages.into_iter().map(one).collect::<Vec<_>>().join(", "))
    };
    let (day, own, others) = ("< 2024-11-28", [true, false, true, false, true, false], [true; 6]);
    assert_eq!(shown("technical", own), format!("0 ?, 0 {day}, 2 {day}, 4 {day}"));
    assert_eq!(shown("technical", [false, true, true, true, true, false]), "", "nothing is dated");
    assert_eq!(shown("contact", others), "", "others may have given it");
    assert_eq!(shown("account", [true, false, false, true, false, false]), "0 ?, 3 < 2026-11-24");
    assert_eq!(shown("account", own), "0 ?", "when its purpose is reached, nobody says");
}
