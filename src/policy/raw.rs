//! A file as typed. Nothing outside the checker may look at these.

use serde::Deserialize;

use super::{
    body::{BanRule, BasisRule, Change, ChannelRule, DutyRule, Fee, Notice, Recipient},
    register::RegisterTerms,
    until::{Length, Until, When},
    vocabulary::{
        Basis, Class, Duty, FieldType, Mark, ObligationKind, OfficerField, OnWithdrawal, RefusalEffect,
        Sensitivity, Silence, StartEvent,
    },
    word::{self, Day, Names, OneOrMany, Word},
    yaml::Spanned,
};
use crate::domain::{IdentifierType, Pause, Right, Roll, Scope, Term};

/// `kz.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatuteFile {
    pub statute: Spanned<String>,
    pub title: String,
    pub version: String,
    pub rules: Vec<RawRule>,
}

/// `mycar.yaml`, `automaster.yaml` and any further policy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyFile {
    pub policy: Spanned<String>,
    pub title: String,
    pub law: Spanned<String>,
    pub version: String,
    #[serde(default)]
    pub dated: Option<Word<Day>>,
    pub source: super::model::Source,
    pub controller: super::model::Controller,
    #[serde(default)]
    pub identifiers: Vec<RawIdentifier>,
    pub categories: Vec<RawCategory>,
    pub purposes: Vec<RawPurpose>,
    pub rules: Vec<RawRule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawIdentifier {
    #[serde(rename = "type", deserialize_with = "word::one")]
    pub kind: IdentifierType,
    pub category: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCategory {
    pub id: Spanned<String>,
    pub title: String,
    #[serde(default, deserialize_with = "word::some")]
    pub sensitivity: Option<Sensitivity>,
    #[serde(default = "yes")]
    pub personal: bool,
    #[serde(default)]
    pub open: bool,
    #[serde(default)]
    pub excess: bool,
    #[serde(default)]
    pub document: Option<RawDocument>,
    #[serde(default, deserialize_with = "word::some")]
    pub consent: Option<Scope>,
    #[serde(default, deserialize_with = "word::some")]
    pub on_withdrawal: Option<OnWithdrawal>,
    #[serde(default)]
    pub fields: Vec<RawField>,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawDocument {
    Always,
    Of(#[serde(deserialize_with = "word::list")] Vec<ObligationKind>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawField {
    pub name: Spanned<String>,
    pub key: String,
    #[serde(default, rename = "type", deserialize_with = "word::some")]
    pub kind: Option<FieldType>,
    #[serde(default, deserialize_with = "word::some")]
    pub identifier: Option<IdentifierType>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPurpose {
    pub word: Spanned<String>,
    #[serde(deserialize_with = "word::one")]
    pub class: Class,
    #[serde(deserialize_with = "word::one")]
    pub basis: Basis,
}

/// A rule as typed: exactly one of the fields after `then` is its body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    pub id: Spanned<String>,
    #[serde(default)]
    pub clause: Option<String>,
    #[serde(default)]
    pub article: Option<String>,
    #[serde(default)]
    pub says: Option<String>,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub law: Names,
    #[serde(default)]
    pub valid_from: Option<Word<Day>>,
    #[serde(default)]
    pub valid_to: Option<Word<Day>>,
    #[serde(default)]
    pub confirmed: bool,
    #[serde(default, deserialize_with = "word::some")]
    pub mark: Option<Mark>,
    #[serde(default)]
    pub category: Names,
    #[serde(default)]
    pub when: Option<OneOrMany<When>>,
    #[serde(default)]
    pub then: Option<Spanned<Then>>,
    #[serde(default)]
    pub keep: Option<Box<Spanned<RawKeep>>>,
    #[serde(default)]
    pub right: Option<Box<RawRight>>,
    #[serde(default)]
    pub deadline: Option<Box<OneOrMany<RawDeadline>>>,
    #[serde(default)]
    pub purpose: Option<Box<OneOrMany<RawPurpose>>>,
    #[serde(default)]
    pub collects: Option<Box<RawCollects>>,
    #[serde(default)]
    pub source: Option<Box<OneOrMany<String>>>,
    #[serde(default)]
    pub ban: Option<Box<BanRule>>,
    #[serde(default)]
    pub condition: Option<Box<RawCondition>>,
    #[serde(default)]
    pub minors: Option<Box<RawMinors>>,
    #[serde(default)]
    pub cookie: Option<Box<RawCookie>>,
    #[serde(default)]
    pub basis: Option<Box<BasisRule>>,
    #[serde(default)]
    pub recipient: Option<Box<Recipient>>,
    #[serde(default)]
    pub channel: Option<Box<ChannelRule>>,
    #[serde(default)]
    pub fee: Option<Fee>,
    #[serde(default)]
    pub notice: Option<Box<Notice>>,
    #[serde(default)]
    pub change: Option<Box<Change>>,
    #[serde(default)]
    pub duty: Option<Box<DutyRule>>,
    #[serde(default)]
    pub definition: Option<String>,
    #[serde(default, deserialize_with = "word::list")]
    pub asks_for: Vec<OfficerField>,
    #[serde(default, deserialize_with = "word::some")]
    pub refusal: Option<RefusalEffect>,
    #[serde(default, deserialize_with = "word::list")]
    pub rights: Vec<Right>,
    #[serde(default, deserialize_with = "word::some")]
    pub silent: Option<Silence>,
    #[serde(default)]
    pub register_data: Option<Box<RegisterTerms>>,
    #[serde(default)]
    pub not_operational: Option<String>,
}

/// What follows when a retention rule's day has come.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Then {
    Destroy,
    Archive,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawKeep {
    #[serde(default)]
    pub at_most: Option<Until>,
    #[serde(default)]
    pub at_least: Option<Until>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRight {
    #[serde(deserialize_with = "word::list")]
    pub grants: Vec<Right>,
    #[serde(default)]
    pub limit: Option<RawTerm>,
    #[serde(default)]
    pub target: Option<RawTerm>,
    #[serde(default, deserialize_with = "word::some")]
    pub from: Option<StartEvent>,
    #[serde(default, deserialize_with = "word::some")]
    pub roll: Option<Roll>,
    #[serde(default, deserialize_with = "word::list")]
    pub stops_for: Vec<Pause>,
    #[serde(default)]
    pub extend: Option<RawExtension>,
    #[serde(default)]
    pub gives: OneOrMany<String>,
    #[serde(default)]
    pub stops: Names,
    #[serde(default, deserialize_with = "word::list")]
    pub always: Vec<Scope>,
    #[serde(default)]
    pub unless_open_obligation: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDeadline {
    #[serde(default, deserialize_with = "word::list")]
    pub right: Vec<Right>,
    #[serde(default, deserialize_with = "word::some")]
    pub duty: Option<Duty>,
    #[serde(default)]
    pub limit: Option<RawTerm>,
    #[serde(default)]
    pub target: Option<RawTerm>,
    #[serde(default, deserialize_with = "word::some")]
    pub from: Option<StartEvent>,
    #[serde(default, deserialize_with = "word::some")]
    pub roll: Option<Roll>,
    #[serde(default, deserialize_with = "word::list")]
    pub stops_for: Vec<Pause>,
    #[serde(default)]
    pub extend: Option<RawExtension>,
}

/// `{by: {months: 2}, times: 1, notice: true}`: once and with notice where nothing else is written.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExtension {
    pub by: RawTerm,
    #[serde(default = "once")]
    pub times: u32,
    #[serde(default = "yes")]
    pub notice: bool,
}

fn once() -> u32 {
    1
}

/// `at_once`, `{working_days: 3}`, …
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawTerm {
    AtOnce,
    Hours(u32),
    WorkingDays(u32),
    CalendarDays(u32),
    Weeks(u32),
    Months(u32),
    Years(u32),
}

impl From<RawTerm> for Term {
    fn from(raw: RawTerm) -> Self {
        match raw {
            RawTerm::AtOnce => Self::AtOnce,
            RawTerm::Hours(n) => Self::Hours(n),
            RawTerm::WorkingDays(n) => Self::WorkingDays(n),
            RawTerm::CalendarDays(n) => Self::CalendarDays(n),
            RawTerm::Weeks(n) => Self::Weeks(n),
            RawTerm::Months(n) => Self::Months(n),
            RawTerm::Years(n) => Self::Years(n),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCollects {
    #[serde(default)]
    pub fields: Names,
    #[serde(default, deserialize_with = "word::some")]
    pub on_withdrawal: Option<OnWithdrawal>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawCondition {
    OpenObligation(Vec<RawNeeds>),
    UnfulfilledObligation,
    LegalHold,
    Identity,
    Documents,
    Violation,
    OwnContacts,
    MandatoryStorage,
    Age(u32),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawNeeds {
    #[serde(rename = "type", deserialize_with = "word::one")]
    pub kind: ObligationKind,
    pub needs: Names,
    #[serde(default, deserialize_with = "word::some")]
    pub usual: Option<Length>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMinors {
    pub under: u32,
    #[serde(default)]
    pub limit: Option<RawTerm>,
    #[serde(default)]
    pub words: Option<String>,
    #[serde(default)]
    pub deny_access: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCookie {
    #[serde(deserialize_with = "word::one")]
    pub scope: Scope,
    #[serde(default)]
    pub falls_back_to: Option<Spanned<String>>,
}
