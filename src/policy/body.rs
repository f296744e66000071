//! What a rule can say: the closed set of bodies, as checked. `decide` sees these and never raw text.

use std::{fmt, str::FromStr};

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};

use super::{
    register::RegisterTerms,
    until::{Length, Until, When},
    vocabulary::{
        Ban, Basis, Class, Duty, Effect, Exception, NoticeTo, ObligationKind, OfficerField, OnWithdrawal,
        RefusalEffect, Silence,
    },
    word::{self, OneOrMany},
};
use crate::domain::{Category, Channel, ClockRule, Purpose, Right, Scope, Term};

/// The one thing a rule says.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// How long data may or must stay.
    Keep(Keep),
    /// A right is granted.
    Right(RightRule),
    /// A term is set.
    Deadline(Vec<DeadlineRule>),
    /// Purposes are named.
    Purpose(Vec<PurposeRule>),
    /// Data of a category is collected.
    Collects(Collects),
    /// Data comes from these sources.
    Source(Vec<String>),
    /// Something is forbidden.
    Ban(BanRule),
    /// Something must be true first.
    Condition(Condition),
    /// What is done with data of minors.
    Minors(Minors),
    /// What cookies rest on.
    Cookie(Cookie),
    /// The footing of processing.
    Basis(BasisRule),
    /// Who may receive data.
    Recipient(Recipient),
    /// How requests come.
    Channel(ChannelRule),
    /// What an answer costs.
    Fee(Fee),
    /// Whom to tell of something.
    Notice(Notice),
    /// How the policy itself changes.
    Change(Change),
    /// Something has to be done.
    Duty(DutyRule),
    /// A word is defined.
    Definition(Definition),
    /// A ground of refusal (RF codes).
    Refusal(Ground),
    /// The policy says nothing; the law's rules named by the rule apply.
    Silent(Silence),
    /// How long the register's own data stays.
    Register(RegisterTerms),
    /// Read and found to carry nothing for a request, with the reason.
    NotOperational(String),
}

impl Body {
    /// The word for the kind, as coverage prints it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Keep(_) => "retention",
            Self::Right(_) => "right",
            Self::Deadline(_) => "deadline",
            Self::Purpose(_) => "purpose",
            Self::Collects(_) => "category",
            Self::Source(_) => "source",
            Self::Ban(_) => "ban",
            Self::Condition(_) => "condition",
            Self::Minors(_) => "minors",
            Self::Cookie(_) => "cookie",
            Self::Basis(_) => "basis",
            Self::Recipient(_) => "recipient",
            Self::Channel(_) => "channel",
            Self::Fee(_) => "fee",
            Self::Notice(_) => "notice",
            Self::Change(_) => "change",
            Self::Duty(_) => "duty",
            Self::Definition(_) => "definition",
            Self::Refusal(_) => "refusal",
            Self::Silent(_) => "silence",
            Self::Register(_) => "register",
            Self::NotOperational(_) => "not_operational",
        }
    }
}

/// A ground of refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// What it leads to.
    pub effect: RefusalEffect,
    /// The rights that it can refuse: those its article is about.
    pub rights: Vec<Right>,
}

/// How long data of some categories may (`at_most`) or must (`at_least`) stay.
#[derive(Clone, Debug, PartialEq)]
pub struct Keep {
    /// The categories; empty = every one.
    pub categories: Vec<Category>,
    /// All of these must hold.
    pub when: Vec<When>,
    /// Due for destruction on this day.
    pub at_most: Option<Until>,
    /// The last day kept.
    pub at_least: Option<Until>,
}

/// A right that is granted, with the terms it names itself.
#[derive(Clone, Debug, PartialEq)]
pub struct RightRule {
    /// The rights.
    pub grants: Vec<Right>,
    /// The terms, if any.
    pub terms: Terms,
    /// What an answer gives, in words.
    pub gives: Vec<String>,
    /// The purposes that stop.
    pub stops: Vec<Purpose>,
    /// Scopes that are withdrawn whatever obligation is open.
    pub always: Vec<Scope>,
    /// Refused for the data an open obligation needs.
    pub unless_open_obligation: bool,
}

/// Limit, target and start of a term.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terms {
    /// The binding limit.
    pub limit: Option<Term>,
    /// The careful target.
    pub target: Option<Term>,
    /// From which event it counts (receipt where none is named), what stops and what lengthens it.
    pub clock: ClockRule,
    /// The measure of the text in our words, where it gives no number and the limit is our reading.
    pub words: Option<String>,
}

/// A term of some rights, or of a duty that nobody asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadlineRule {
    /// The rights.
    pub rights: Vec<Right>,
    /// The duty.
    pub duty: Option<Duty>,
    /// The terms.
    pub terms: Terms,
}

/// One purpose and what withdrawal of consent means for it.
#[derive(Clone, Debug, PartialEq)]
pub struct PurposeRule {
    /// The word.
    pub word: Purpose,
    /// Its class.
    pub class: Class,
    /// Its basis.
    pub basis: Basis,
}

/// Fields of a category that a clause names.
#[derive(Clone, Debug, PartialEq)]
pub struct Collects {
    /// The categories.
    pub categories: Vec<Category>,
    /// The fields; empty = the whole category.
    pub fields: Vec<String>,
    /// What withdrawal of consent does to them.
    pub on_withdrawal: Option<OnWithdrawal>,
}

/// What is forbidden, and the exceptions.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct BanRule {
    /// What is forbidden.
    #[serde(deserialize_with = "word::one")]
    pub what: Ban,
    /// When it is allowed nevertheless.
    #[serde(default, deserialize_with = "word::list")]
    pub except: Vec<Exception>,
}

/// What must be true first.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// No open obligation needs the data: by type, the data it needs.
    OpenObligation(Vec<Needs>),
    /// The statutory bar of art. 8(2), without a list.
    UnfulfilledObligation,
    /// A hold or a ground of Digital Code art. 41(4) keeps data.
    LegalHold,
    /// The person or the authority of a representative is confirmed.
    Identity,
    /// Documents confirm it.
    Documents,
    /// There is information of a violation.
    Violation,
    /// The contacts given are the person's own.
    OwnContacts,
    /// No law demands storage.
    MandatoryStorage,
    /// The person is of this age.
    Age(u32),
}

/// The data that an open obligation of one type needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Needs {
    /// The type.
    pub kind: ObligationKind,
    /// The categories that stay while it is open.
    pub categories: Vec<Category>,
    /// Open longer than this, it is reported as stale.
    pub usual: Option<Length>,
}

/// What is done with data that a person under age gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Minors {
    /// Under this age at collection.
    pub under: u32,
    /// The terms, counted from learning of it.
    pub terms: Terms,
    /// Access to the site may be denied.
    pub deny_access: bool,
}

/// What the data of cookies rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Cookie {
    /// The consent.
    pub scope: Scope,
    /// The retention rule that applies where the policy names no term of its own.
    pub falls_back_to: Option<String>,
}

/// The footing of processing.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct BasisRule {
    /// Which.
    #[serde(deserialize_with = "word::one")]
    pub on: Basis,
    /// Scopes of consent it is about.
    #[serde(default, deserialize_with = "word::list")]
    pub scopes: Vec<Scope>,
    /// Acts of the person that are taken as consent.
    #[serde(default)]
    pub events: Vec<String>,
    /// Consent by mere use: weak as evidence (art. 8(1)).
    #[serde(default)]
    pub weak: bool,
}

/// Who may receive data.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Who, in words.
    pub who: String,
    /// The roles of `dsr.yaml` it is about; empty = any that no other rule names.
    #[serde(default, deserialize_with = "words_of")]
    pub roles: Vec<String>,
    /// On which grounds.
    #[serde(rename = "exception", deserialize_with = "word::list")]
    pub exceptions: Vec<Exception>,
    /// A controller of its own: told, not ordered.
    #[serde(default)]
    pub own_controller: bool,
    /// May lie abroad: the country is registered.
    #[serde(default)]
    pub abroad: bool,
}

/// How requests come; other ways are never refused.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ChannelRule {
    /// The ways the policy names.
    #[serde(deserialize_with = "word::list")]
    pub by: Vec<Channel>,
    /// The rights it names them for; empty = all.
    #[serde(default, rename = "for", deserialize_with = "word::list")]
    pub rights: Vec<Right>,
}

/// What an answer costs.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// Whether the policy allows one.
    pub allowed: bool,
    /// What is charged, in tenge: 0, since the law makes it free (art. 25(2)(9)).
    pub charged: u32,
}

/// Whom to tell of something.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Where.
    #[serde(deserialize_with = "word::list")]
    pub to: Vec<NoticeTo>,
    /// Of what, in words.
    pub of: String,
}

/// How the policy itself changes.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// When a new text takes effect.
    #[serde(deserialize_with = "word::one")]
    pub effective: Effective,
    /// Whether the policy promises to tell of it.
    pub told: bool,
}

/// When a published text takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effective {
    /// On the day of its publication, unless it names another.
    Publication,
    /// On a day that the text names.
    On(NaiveDate),
}

impl FromStr for Effective {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "publication" {
            return Ok(Self::Publication);
        }
        let day = text.parse::<word::Day>().map(|day| Self::On(day.0));
        day.map_err(|_| "a text takes effect on `publication` or on a day such as 2025-12-15".into())
    }
}

impl fmt::Display for Effective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Publication => f.write_str("the day of publication"),
            Self::On(day) => write!(f, "{day}"),
        }
    }
}

/// A word the text defines, and what of it only the officer knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// The word.
    pub word: String,
    /// Fields of `dsr.yaml` without which the definition says less.
    pub asks_for: Vec<OfficerField>,
}

fn words_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    OneOrMany::deserialize(deserializer).map(|words| words.0)
}

/// Something that has to be done.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct DutyRule {
    /// What, in words.
    pub task: String,
    /// When this right is carried out.
    #[serde(default, rename = "on", deserialize_with = "word::some")]
    pub right: Option<Right>,
    /// The effects it has, in order.
    #[serde(default, deserialize_with = "word::list")]
    pub effects: Vec<Effect>,
}
