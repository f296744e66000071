//! A case file as typed, and the facts made of it.

use std::str::FromStr;

use chrono::NaiveDate;
use serde::Deserialize;

use super::{
    super::{
        ask::Ask,
        word::{self, Day, OneOrMany, Word},
        yaml::Spanned,
    },
    Cases, DeadlineCase, Expected, Layer, RetentionCase, RuleCase,
};
use crate::domain::{
    Block, CaseNumber, Category, Consent, Contact, Hold, Moment, Obligation, Pause, Purpose, Record,
    RecordKey, Right, Scope, StartEvent, SubjectFacts, SubjectId, Tick, Ticked,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct RawCases {
    #[serde(default)]
    retention: Vec<RawRetention>,
    #[serde(default)]
    deadlines: Vec<RawDeadlineCase>,
    #[serde(default)]
    rules: Vec<RawRuleCase>,
}

impl RawCases {
    pub(super) fn checked(self) -> Cases {
        Cases {
            retention: self.retention.into_iter().map(RawRetention::checked).collect(),
            deadlines: self.deadlines.into_iter().map(RawDeadlineCase::checked).collect(),
            rules: self.rules.into_iter().map(RawRuleCase::checked).collect(),
        }
    }
}

/// One line: `{ ask: {purpose: service.site}, expect: contract, rule: MC-2.1-04 }`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct RawRuleCase {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    controller: Option<String>,
    ask: Spanned<Ask>,
    expect: String,
    #[serde(default)]
    rule: Option<String>,
}

impl RawRuleCase {
    fn checked(self) -> RuleCase {
        let rule = self.rule.as_deref().unwrap_or("no rule");
        let name = self.name.unwrap_or_else(|| format!("{rule}: {}", self.expect));
        RuleCase {
            name,
            controller: self.controller,
            ask: self.ask.value,
            expect: self.expect,
            rule: self.rule,
            at: self.ask.referenced,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct RawRetention {
    name: Spanned<String>,
    #[serde(default)]
    controller: Option<String>,
    today: Word<Day>,
    record: RawRecord,
    #[serde(default)]
    born: Option<Word<Day>>,
    #[serde(default)]
    consents: Vec<RawConsent>,
    #[serde(default)]
    obligations: Vec<RawObligation>,
    /// Days on which the person contacted the company.
    #[serde(default)]
    contacts: OneOrMany<Word<At>>,
    /// Days on which the company wrote to the person.
    #[serde(default)]
    mailings: OneOrMany<Word<At>>,
    /// Number of a hold over everything.
    #[serde(default)]
    hold: Option<String>,
    /// A block over everything.
    #[serde(default)]
    block: bool,
    expect: Expected,
    #[serde(default)]
    rule: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct RawRecord {
    category: String,
    collected: Word<At>,
    #[serde(default)]
    last_contact: Option<Word<At>>,
    #[serde(default)]
    document: Option<Word<At>>,
    #[serde(default)]
    purpose_reached: Option<Word<At>>,
    #[serde(default)]
    obligation: Option<String>,
    #[serde(default)]
    consent: Option<String>,
    #[serde(default)]
    archived_until: Option<Word<Day>>,
    #[serde(default)]
    given_by: Option<String>,
    #[serde(default)]
    purposes: OneOrMany<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct RawConsent {
    #[serde(rename = "ref")]
    reference: String,
    #[serde(deserialize_with = "word::one")]
    scope: Scope,
    given: Word<At>,
    #[serde(default)]
    withdrawn: Option<Word<At>>,
    #[serde(default)]
    expires: Option<Word<At>>,
    #[serde(default)]
    given_by: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct RawObligation {
    #[serde(rename = "ref")]
    reference: String,
    #[serde(rename = "type")]
    kind: String,
    opened: Word<At>,
    #[serde(default)]
    closed: Option<Word<At>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct RawDeadlineCase {
    name: Spanned<String>,
    #[serde(default)]
    controller: Option<String>,
    #[serde(deserialize_with = "word::one")]
    right: Right,
    received: Word<At>,
    #[serde(default)]
    events: Vec<RawTick>,
    #[serde(default)]
    now: Option<Word<At>>,
    #[serde(default)]
    first_due: Option<Word<Day>>,
    #[serde(default, deserialize_with = "word::some")]
    waits_for: Option<StartEvent>,
    #[serde(default)]
    due: Option<Word<Day>>,
    #[serde(default)]
    target: Option<Word<Day>>,
    #[serde(default, deserialize_with = "word::some")]
    binding: Option<Layer>,
    #[serde(default)]
    rule: Option<String>,
}

/// `{ at: 2026-02-02T09:00, what: { paused: identity } }`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct RawTick {
    at: Word<At>,
    what: RawWhat,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::policy) enum RawWhat {
    Started(#[serde(deserialize_with = "word::one")] StartEvent),
    Paused(#[serde(deserialize_with = "word::one")] Pause),
    Resumed(#[serde(deserialize_with = "word::one")] Pause),
    /// With notice to the person.
    Extended,
    /// Without.
    ExtendedSilently,
}

impl RawTick {
    fn checked(self) -> Ticked {
        let what = match self.what {
            RawWhat::Started(event) => Tick::Started(event),
            RawWhat::Paused(why) => Tick::Paused(why),
            RawWhat::Resumed(why) => Tick::Resumed(why),
            RawWhat::Extended => Tick::Extended { told: true },
            RawWhat::ExtendedSilently => Tick::Extended { told: false },
        };
        Ticked { at: self.at.0.0, what }
    }
}

/// A moment as the command line writes it.
#[derive(Clone, Copy)]
struct At(Moment);

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        Moment::parse(text).map(Self)
    }
}

fn moment(at: Option<Word<At>>) -> Option<Moment> {
    at.map(|at| at.0.0)
}

fn day(day: Option<Word<Day>>) -> Option<NaiveDate> {
    day.map(|day| day.0.0)
}

impl RawRetention {
    fn checked(self) -> RetentionCase {
        let record = self.record.checked();
        let contact = |inbound| move |at: Word<At>| Contact { at: at.0.0, inbound };
        let contacts = self.contacts.0.into_iter().map(contact(true));
        let facts = SubjectFacts {
            born: day(self.born),
            records: vec![record.clone()],
            consents: self.consents.into_iter().map(RawConsent::checked).collect(),
            obligations: self.obligations.into_iter().map(RawObligation::checked).collect(),
            contacts: contacts.chain(self.mailings.0.into_iter().map(contact(false))).collect(),
            holds: self.hold.into_iter().map(|number| hold(number, record.collected_at)).collect(),
            blocks: if self.block { vec![block(record.collected_at)] } else { Vec::new() },
            ..SubjectFacts::nobody("", SubjectId::from_bytes([0; 16]))
        };
        RetentionCase {
            name: self.name.value,
            controller: self.controller,
            today: self.today.0.0,
            record,
            facts,
            expect: self.expect,
            rule: self.rule,
            at: self.name.referenced,
        }
    }
}

fn hold(number: String, since: Moment) -> Hold {
    Hold { id: 1, number, category: None, since, basis: String::new() }
}

fn block(since: Moment) -> Block {
    Block { id: 1, case: CaseNumber::new(2026, 1), category: None, since }
}

impl RawRecord {
    fn checked(self) -> Record {
        Record {
            annotations: Vec::new(),
            caveats: crate::domain::facts::Caveats::default(),
            key: RecordKey { id: 1, version: 1 },
            reference: "R-1".into(),
            category: Category::new(&self.category),
            system: "own".into(),
            source: String::new(),
            given_by: self.given_by.unwrap_or_else(|| "self".into()),
            purposes: self.purposes.0.iter().map(|word| Purpose::new(word)).collect(),
            collected_at: self.collected.0.0,
            last_contact_at: moment(self.last_contact),
            document_at: moment(self.document),
            purpose_reached_at: moment(self.purpose_reached),
            obligation: self.obligation,
            consent: self.consent,
            archived_until: day(self.archived_until),
            activity_at: None,
            contact_since: None,
            data: "{}".into(),
        }
    }
}

impl RawConsent {
    fn checked(self) -> Consent {
        Consent {
            id: 1,
            reference: self.reference,
            scope: self.scope,
            purposes: Vec::new(),
            given_at: self.given.0.0,
            given_by: self.given_by.unwrap_or_else(|| "self".into()),
            expires_at: moment(self.expires),
            withdrawn_at: moment(self.withdrawn),
            method: String::new(),
            evidence: String::new(),
            policy_version: String::new(),
            third_party: false,
            cross_border: false,
            publication: false,
        }
    }
}

impl RawObligation {
    fn checked(self) -> Obligation {
        Obligation {
            id: 1,
            reference: self.reference,
            kind: self.kind,
            opened_at: self.opened.0.0,
            closed_at: moment(self.closed),
        }
    }
}

impl RawDeadlineCase {
    fn checked(self) -> DeadlineCase {
        DeadlineCase {
            name: self.name.value,
            controller: self.controller,
            right: self.right,
            received: self.received.0.0,
            events: self.events.into_iter().map(RawTick::checked).collect(),
            now: moment(self.now),
            first_due: day(self.first_due),
            waits_for: self.waits_for,
            due: day(self.due),
            target: day(self.target),
            binding: self.binding,
            rule: self.rule,
            at: self.name.referenced,
        }
    }
}
