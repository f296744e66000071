//! Cases beside a policy: facts and the verdict that must come out, with the deciding rule.
//!
//! Deliberately absent: running them. Deciding is not a policy's business; see `decide::prove`.

use std::str::FromStr;

use chrono::NaiveDate;
use serde::Deserialize;

use super::{
    word::{self, Day, OneOrMany, Word},
    yaml::{self, Place, Spanned},
};
use crate::domain::{
    Block, CaseNumber, Category, Consent, Contact, Hold, Moment, Obligation, Purpose, Record, RecordKey,
    Result, Right, Scope, SubjectFacts, SubjectId, channel::words,
};

/// All cases of one file.
#[derive(Debug)]
pub struct Cases {
    /// What becomes of a record.
    pub retention: Vec<RetentionCase>,
    /// When an answer is due.
    pub deadlines: Vec<DeadlineCase>,
}

/// One record on one day.
#[derive(Debug)]
pub struct RetentionCase {
    /// What it shows.
    pub name: String,
    /// Whose policy; `None` = the one the file lies beside.
    pub controller: Option<String>,
    /// The day.
    pub today: NaiveDate,
    /// The record.
    pub record: Record,
    /// Its person.
    pub facts: SubjectFacts,
    /// The verdict that must come out.
    pub expect: Expected,
    /// The deciding rule; `None` for a gap.
    pub rule: Option<String>,
    /// Where the case stands.
    pub at: Place,
}

/// A verdict as a case writes it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// Stays until this day.
    Keep(#[serde(deserialize_with = "word::one")] Day),
    /// Stays while an event has not happened.
    KeepOpen,
    /// Due for destruction since this day.
    Destroy(#[serde(deserialize_with = "word::one")] Day),
    /// Out of use until this day, its last.
    Archive(#[serde(deserialize_with = "word::one")] Day),
    /// Blocked.
    Block,
    /// Held by this.
    Hold(String),
    /// No rule speaks.
    Gap,
}

words! {
    /// Which layer binds.
    Layer, "layer" {
        /// The law.
        Law = "law",
        /// The policy.
        Policy = "policy",
    }
}

/// When the answer to one request is due.
#[derive(Debug)]
pub struct DeadlineCase {
    /// What it shows.
    pub name: String,
    /// Whose policy; `None` = the one the file lies beside.
    pub controller: Option<String>,
    /// The right.
    pub right: Right,
    /// When the request came.
    pub received: Moment,
    /// The binding limit; `None` = no term was in force.
    pub due: Option<NaiveDate>,
    /// The careful target, where it is earlier.
    pub target: Option<NaiveDate>,
    /// Which layer binds.
    pub binding: Option<Layer>,
    /// The rule behind it.
    pub rule: Option<String>,
    /// Where the case stands.
    pub at: Place,
}

/// Reads a case file.
///
/// # Errors
/// Exit 6 with the place.
pub fn read(shown_name: &str, text: &str) -> Result<Cases> {
    let raw: RawCases = yaml::read(shown_name, text)?;
    Ok(Cases {
        retention: raw.retention.into_iter().map(RawRetention::checked).collect(),
        deadlines: raw.deadlines.into_iter().map(RawDeadlineCase::checked).collect(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCases {
    #[serde(default)]
    retention: Vec<RawRetention>,
    #[serde(default)]
    deadlines: Vec<RawDeadlineCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRetention {
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
struct RawRecord {
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
struct RawConsent {
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
struct RawObligation {
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
struct RawDeadlineCase {
    name: Spanned<String>,
    #[serde(default)]
    controller: Option<String>,
    #[serde(deserialize_with = "word::one")]
    right: Right,
    received: Word<At>,
    #[serde(default)]
    due: Option<Word<Day>>,
    #[serde(default)]
    target: Option<Word<Day>>,
    #[serde(default, deserialize_with = "word::some")]
    binding: Option<Layer>,
    #[serde(default)]
    rule: Option<String>,
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
            subject: SubjectId::from_bytes([0; 16]),
            controller: String::new(),
            born: day(self.born),
            identifiers: Vec::new(),
            records: vec![record.clone()],
            seen_elsewhere: None,
            consents: self.consents.into_iter().map(RawConsent::checked).collect(),
            obligations: self.obligations.into_iter().map(RawObligation::checked).collect(),
            disclosures: Vec::new(),
            contacts: contacts.chain(self.mailings.0.into_iter().map(contact(false))).collect(),
            holds: self.hold.into_iter().map(|number| hold(number, record.collected_at)).collect(),
            blocks: if self.block { vec![block(record.collected_at)] } else { Vec::new() },
            suppressions: Vec::new(),
            cases: Vec::new(),
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
            due: day(self.due),
            target: day(self.target),
            binding: self.binding,
            rule: self.rule,
            at: self.name.referenced,
        }
    }
}
