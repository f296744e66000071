//! What holds for every record, person and day, whatever the rules.

use chrono::{Datelike, Days, NaiveDate};
use proptest::prelude::*;

use super::retention::{by_rules, in_document, verdict};
use crate::{
    domain::{
        Block, CaseNumber, Category, Consent, Contact, Hold, Moment, Obligation, Purpose, Record, RecordKey,
        Scope, SubjectFacts, SubjectId, Verdict,
    },
    policy::{Library, Rulebook},
};

fn books() -> &'static [Rulebook] {
    static BOOKS: std::sync::LazyLock<Vec<Rulebook>> = std::sync::LazyLock::new(|| {
        let library = Library::embedded();
        library.controllers().iter().filter_map(|id| library.rulebook(id).ok()).collect()
    });
    &BOOKS
}

fn day(number: i64) -> NaiveDate {
    NaiveDate::default() + Days::new(u64::try_from(number).unwrap_or_default())
}

/// Noon of a day between 2010 and 2037.
fn moment() -> impl Strategy<Value = Moment> {
    (14_610i64..24_500).prop_map(|number| Moment::from_unix(number * 86_400 + 7 * 3600))
}

fn maybe() -> impl Strategy<Value = Option<Moment>> {
    prop::option::of(moment())
}

fn record() -> impl Strategy<Value = Record> {
    let words = (0usize..30, 0usize..4, prop::bool::ANY, prop::bool::ANY);
    let dates = (moment(), maybe(), maybe(), maybe());
    (words, dates, prop::option::of(14_610i64..24_500)).prop_map(|(words, dates, archived)| {
        let (category, given_by, obligation, consent) = words;
        let (collected_at, last_contact_at, document_at, purpose_reached_at) = dates;
        let names: Vec<&Category> = books().iter().flat_map(|b| b.categories()).map(|def| &def.id).collect();
        Record {
            annotations: Vec::new(),
            caveats: crate::domain::facts::Caveats::default(),
            key: RecordKey { id: 1, version: 1 },
            reference: "R-1".into(),
            category: names[category % names.len()].clone(),
            system: "own".into(),
            source: "web_form".into(),
            given_by: ["self", "parent", "partner", "self"][given_by].into(),
            purposes: vec![Purpose::from(["service", "promotion"][given_by % 2])],
            collected_at,
            last_contact_at,
            document_at,
            purpose_reached_at,
            obligation: obligation.then(|| "O-1".into()),
            consent: consent.then(|| "K-1".into()),
            archived_until: archived.filter(|number| number % 5 == 0).map(day),
            activity_at: None,
            contact_since: None,
            data: "{}".into(),
        }
    })
}

fn consent() -> impl Strategy<Value = Consent> {
    (0..Scope::ALL.len(), moment(), maybe(), maybe(), 1u8..4).prop_map(|(scope, given_at, out, end, id)| {
        Consent {
            id: i64::from(id),
            reference: format!("K-{id}"),
            scope: Scope::ALL[scope],
            purposes: Vec::new(),
            given_at,
            given_by: if id == 3 { "parent".into() } else { "self".into() },
            expires_at: end,
            withdrawn_at: out.filter(|at| *at > given_at),
            method: String::new(),
            evidence: String::new(),
            policy_version: String::new(),
            third_party: false,
            cross_border: false,
            publication: false,
        }
    })
}

fn obligation(kind: &str, opened_at: Moment, closed_at: Option<Moment>) -> Obligation {
    Obligation { id: 1, reference: "O-1".into(), kind: kind.into(), opened_at, closed_at }
}

fn facts() -> impl Strategy<Value = SubjectFacts> {
    let deal = (prop::bool::ANY, 0usize..5, moment(), maybe());
    let contacts = prop::collection::vec((moment(), prop::bool::ANY), 0..3);
    let born = prop::option::of(8_000i64..18_000);
    (record(), prop::collection::vec(consent(), 0..4), deal, contacts, born).prop_map(
        |(record, consents, (has_deal, kind, opened, closed), contacts, born)| {
            let kind = ["purchase", "work_order", "warranty", "claim", "unheard_of"][kind];
            SubjectFacts {
                born: born.map(day),
                records: vec![record],
                consents,
                obligations: has_deal.then(|| obligation(kind, opened, closed)).into_iter().collect(),
                contacts: contacts.into_iter().map(|(at, inbound)| Contact { at, inbound }).collect(),
                ..SubjectFacts::nobody("any", SubjectId::from_bytes([7; 16]))
            }
        },
    )
}

fn since(verdict: &Verdict) -> Option<NaiveDate> {
    if let Verdict::Destroy { since, .. } = verdict { Some(*since) } else { None }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_was_due_stays_due(facts in facts(), today in 14_610i64..25_000, later in 0i64..4_000) {
        for book in books() {
            let record = &facts.records[0];
            if let Some(first) = since(&verdict(record, &facts, book, day(today))) {
                let then = verdict(record, &facts, book, day(today + later));
                prop_assert_eq!(since(&then), Some(first), "{:?}", then);
            }
        }
    }

    #[test]
    fn dates_stand_on_the_right_side_of_today(facts in facts(), today in 14_610i64..25_000) {
        let today = day(today);
        for book in books() {
            let record = &facts.records[0];
            match verdict(record, &facts, book, today) {
                Verdict::Destroy { since, .. } => prop_assert!(since <= today),
                Verdict::Archive { until, .. } => prop_assert!(until >= today),
                Verdict::Keep { until, .. } => prop_assert!(until.is_none_or(|until| until >= today)),
                Verdict::Block { .. } | Verdict::Hold { .. } | Verdict::Gap { .. } => {}
            }
        }
    }

    #[test]
    fn protections_never_destroy(facts in facts(), today in 14_610i64..25_000, block in prop::bool::ANY) {
        let today = day(today);
        let mut guarded = facts.clone();
        let since = guarded.records[0].collected_at;
        if block {
            let case = CaseNumber::new(2026, 1);
            guarded.blocks.push(Block { id: 1, case, category: None, since });
        } else {
            guarded.holds.push(Hold { id: 1, number: "H-1".into(), category: None, since, basis: "x".into() });
        }
        for book in books() {
            let verdict = verdict(&guarded.records[0], &guarded, book, today);
            let protected = matches!(verdict, Verdict::Block { .. } | Verdict::Hold { .. });
            prop_assert!(protected, "{:?}", verdict);
        }
    }

    #[test]
    fn an_open_obligation_destroys_nothing_more(facts in facts(), today in 14_610i64..25_000) {
        let today = day(today);
        let mut open = facts.clone();
        for deal in &mut open.obligations {
            deal.closed_at = None;
        }
        for book in books() {
            let record = &facts.records[0];
            if since(&verdict(record, &facts, book, today)).is_none() {
                let then = verdict(record, &open, book, today);
                prop_assert!(since(&then).is_none(), "{:?}", then);
            }
        }
    }

    #[test]
    fn documents_outlast_their_tax_years(facts in facts(), today in 14_610i64..25_000) {
        let today = day(today);
        for book in books() {
            let record = &facts.records[0];
            if record.archived_until.is_some() || !in_document(record, &facts, book) {
                continue;
            }
            let year = record.document_at.unwrap_or(record.collected_at).day().year();
            let destroyed = since(&by_rules(record, &facts, book, today)).is_some();
            prop_assert!(!destroyed || today.year() > year + 5);
        }
    }
}
