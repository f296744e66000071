//! Answers that need a person: one is made of what the case says, and of nothing else.

use super::{Reply, category};
use crate::{
    decide::{
        hand_over::{HandOver, Parcel, hand_over as decide},
        recognised,
    },
    domain::{
        Block, CaseNumber, Consent, Moment, Purpose, Record, RecordKey, Scope, SubjectFacts, SubjectId,
        Suppression,
    },
    policy::{
        Rulebook,
        ask::{AskHandOver, AskIdentity},
    },
};

/// The day of a case that names none.
const DAY: &str = "2026-11-22T12:00";

pub(super) fn hand_over(rulebook: &Rulebook, ask: &AskHandOver) -> Reply {
    let now = ask.today.map_or_else(day, |day| Moment::start_of(day.0.0));
    let facts = person(rulebook, ask, now);
    let kind = category(ask.category.as_deref().unwrap_or("contact"));
    let fields = ask.field.iter().map(|field| (kind.clone(), field.clone())).collect();
    let order = HandOver {
        recipient: "the recipient".into(),
        country: ask.country.clone(),
        role: ask.role.clone(),
        ground: ask.ground,
        purpose: ask.purpose.as_deref().map(Purpose::new),
        demand: ask.demand.clone(),
        approved_by: ask.approved_by.clone(),
        document: ask.document.clone(),
        provider: ask.provider,
        categories: Vec::new(),
        fields,
    };
    reply(&decide(&facts, rulebook, &order, now))
}

fn reply(parcel: &Parcel) -> Reply {
    let kept = parcel.plan.kept.first().map(|kept| &kept.why);
    let masked = parcel.plan.steps.iter().find(|step| !step.fields.is_empty()).map(|step| &step.why);
    let (word, why) = match (&parcel.refused, kept, masked) {
        (Some(why), ..) | (None, Some(why), _) => ("deny", why),
        (None, None, Some(why)) => ("without ip", why),
        (None, None, None) => ("allow", &parcel.why),
    };
    Reply { word: word.into(), rule: Some(why.rule.clone()) }
}

fn day() -> Moment {
    Moment::parse(DAY).unwrap_or(Moment::from_unix(0))
}

fn nobody(rulebook: &Rulebook) -> SubjectFacts {
    SubjectFacts::nobody(&rulebook.policy.id, SubjectId::from_bytes([0; 16]))
}

fn person(rulebook: &Rulebook, ask: &AskHandOver, now: Moment) -> SubjectFacts {
    let held_for: Vec<Purpose> = match ask.held_for.0.as_slice() {
        [] => vec![Purpose::new("service")],
        words => words.iter().map(|word| Purpose::new(word)).collect(),
    };
    let stop = |word: &String| Suppression { id: 1, purpose: Purpose::new(word), since: now };
    let blocks = vec![Block { id: 1, case: CaseNumber::new(2026, 1), category: None, since: now }];
    SubjectFacts {
        records: vec![record(ask.category.as_deref().unwrap_or("contact"), held_for, now)],
        consents: ask.consents.iter().map(|scope| consent(*scope, now)).collect(),
        suppressions: ask.stopped.0.iter().map(stop).collect(),
        blocks: if ask.blocked { blocks } else { Vec::new() },
        ..nobody(rulebook)
    }
}

fn record(word: &str, purposes: Vec<Purpose>, at: Moment) -> Record {
    Record {
        key: RecordKey { id: 1, version: 1 },
        reference: "R-1".into(),
        category: category(word),
        system: "own".into(),
        source: String::new(),
        given_by: "self".into(),
        purposes,
        collected_at: at,
        last_contact_at: None,
        document_at: None,
        purpose_reached_at: None,
        obligation: None,
        consent: None,
        archived_until: None,
        activity_at: None,
        contact_since: None,
        data: "{}".into(),
        annotations: Vec::new(),
        caveats: crate::domain::facts::Caveats::default(),
    }
}

fn consent(scope: Scope, given_at: Moment) -> Consent {
    Consent {
        id: 1,
        reference: "K-1".into(),
        scope,
        purposes: Vec::new(),
        given_at,
        given_by: "self".into(),
        expires_at: None,
        withdrawn_at: None,
        method: String::new(),
        evidence: String::new(),
        policy_version: String::new(),
        third_party: scope == Scope::ThirdParty,
        cross_border: scope == Scope::CrossBorder,
        publication: scope == Scope::Publication,
    }
}

pub(super) fn identity(rulebook: &Rulebook, ask: &AskIdentity) -> Reply {
    let now = day();
    let ago = |days: u32| Moment::from_unix(now.unix() - i64::from(days) * 86_400);
    let contact = record("contact", Vec::new(), ago(ask.contact_changed_days_ago.unwrap_or(1000)));
    let facts = SubjectFacts { records: vec![contact], ..nobody(rulebook) };
    let needed = recognised::needed(&facts, rulebook, &[category(&ask.category)], now);
    Reply::of(needed.level.to_string(), recognised::rule(rulebook))
}
