//! `dsr/access/v1` and `dsr/export/v1`: what is held about a person, why, from where, how long, and
//! who got it. Access lists the fields; an export is the copy and holds the values.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;

use crate::{
    decide::access::{Dossier, Held},
    domain::{Consent, Error, Moment, Record, Verdict},
    render::{Answer, Block, Sheet, Words, html},
};

/// Which of the two answers it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The answer of art. 24: fields, not values.
    Access,
    /// The copy: with values.
    Export,
}

/// Controller and policy, as the head of an answer names them.
#[derive(Clone, Debug, Serialize)]
pub struct PolicyCard {
    /// Policy id.
    pub id: String,
    /// Version or date of the policy.
    pub version: String,
    /// Digest of the policy file that decided.
    pub sha256: String,
    /// Controller's name.
    #[serde(skip)]
    pub name: String,
    /// Controller's BIN, where known.
    #[serde(skip)]
    pub bin: Option<String>,
    /// Where to write, as published.
    #[serde(skip)]
    pub contacts: Vec<String>,
    /// The person responsible (art. 25(2)(10)), where the officer's file names one.
    #[serde(skip)]
    pub responsible: Option<String>,
}

/// The answer about one person, or that nothing is held.
pub struct Holdings {
    /// Access or export.
    pub form: Form,
    /// Controller's id.
    pub controller: String,
    /// The policy.
    pub policy: PolicyCard,
    /// What was found; `None`: nothing is held.
    pub dossier: Option<Dossier>,
    /// How identity was confirmed; `None` makes the answer a draft.
    pub identity: Option<&'static str>,
    /// Day of the answer.
    pub day: NaiveDate,
    /// Number, right, receipt and due date of the case.
    pub case: CaseLine,
    /// Size and root of the audit log before this entry.
    pub audit_head: (u64, String),
}

/// A case as the answer shows it.
#[derive(Clone, Debug)]
pub struct CaseLine {
    /// Number.
    pub number: String,
    /// What was asked.
    pub right: String,
    /// Receipt.
    pub received: Moment,
    /// State.
    pub state: String,
    /// Due date.
    pub due: Option<NaiveDate>,
}

#[derive(Serialize)]
struct CaseBody<'a> {
    number: &'a str,
    right: &'a str,
    received: String,
    state: &'a str,
    due: Option<String>,
}

impl CaseLine {
    /// The receipt as people write it.
    pub fn received(&self, words: &Words) -> String {
        words.moment(self.received)
    }

    /// The due date as people write it.
    pub fn due(&self, words: &Words) -> String {
        self.due.map_or_else(|| "–".into(), |day| words.day(day))
    }

    fn body(&self) -> CaseBody<'_> {
        CaseBody {
            number: &self.number,
            right: &self.right,
            received: self.received.rfc3339(),
            state: &self.state,
            due: self.due.map(|day| day.to_string()),
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    subject: Subject,
    controller: &'a str,
    identity: Option<&'a str>,
    draft: bool,
    answered: String,
    policy: &'a PolicyCard,
    purposes: Vec<&'a str>,
    sources: Vec<&'a str>,
    ways: [&'static str; 2],
    records: Vec<RecordBody<'a>>,
    outside: Vec<OutsideBody<'a>>,
    consents: Vec<ConsentBody<'a>>,
    obligations: Vec<ObligationBody<'a>>,
    disclosures: Vec<DisclosureBody<'a>>,
    cases: Vec<CaseBody<'a>>,
    request: CaseBody<'a>,
    audit: AuditBody<'a>,
}

#[derive(Serialize)]
struct Subject {
    id: Option<String>,
}

#[derive(Serialize)]
struct AuditBody<'a> {
    head: HeadBody<'a>,
}

#[derive(Serialize)]
struct HeadBody<'a> {
    size: u64,
    root: &'a str,
}

#[derive(Serialize)]
struct RecordBody<'a> {
    id: String,
    category: &'a str,
    system: &'a str,
    source: &'a str,
    purposes: Vec<&'a str>,
    collected_at: String,
    verdict: &'static str,
    keep_until: Option<String>,
    rule: Option<&'a str>,
    clause: Option<&'a str>,
    law: Option<&'a str>,
    blocked: bool,
    restricted_until: Option<String>,
    excess: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    annotations: Vec<super::holdings_terms::Annotation<'a>>,
}

#[derive(Serialize)]
struct OutsideBody<'a> {
    category: &'a str,
    count: usize,
    rule: &'a str,
    clause: Option<&'a str>,
}

#[derive(Serialize)]
struct ConsentBody<'a> {
    scope: &'a str,
    purposes: Vec<&'a str>,
    given_at: String,
    given_by: &'a str,
    expires_at: Option<String>,
    withdrawn_at: Option<String>,
    method: &'a str,
    evidence: &'a str,
    policy_version: &'a str,
    third_party: bool,
    cross_border: bool,
    publication: bool,
}

#[derive(Serialize)]
struct ObligationBody<'a> {
    reference: &'a str,
    r#type: &'a str,
    opened_at: String,
    closed_at: Option<String>,
}

#[derive(Serialize)]
struct DisclosureBody<'a> {
    recipient: &'a str,
    country: &'a str,
    categories: Vec<&'a str>,
    purpose: &'a str,
    basis: &'a str,
    at: String,
}

impl Answer for Holdings {
    fn schema(&self) -> &'static str {
        match self.form {
            Form::Access => "dsr/access/v1",
            Form::Export => "dsr/export/v1",
        }
    }

    fn body(&self) -> serde_json::Result<Value> {
        let (dossier, cases) = (self.dossier.as_ref(), self.cases());
        let held = dossier.map_or(&[][..], |dossier| &dossier.held);
        let records =
            held.iter().map(|held| record(held, self.form)).collect::<serde_json::Result<Vec<_>>>()?;
        serde_json::to_value(Body {
            subject: Subject { id: dossier.map(|dossier| dossier.facts.subject.to_string()) },
            controller: &self.controller,
            identity: self.identity,
            draft: self.is_draft(),
            answered: self.day.to_string(),
            policy: &self.policy,
            purposes: dossier.iter().flat_map(|d| d.purposes()).map(|purpose| purpose.as_str()).collect(),
            sources: dossier.iter().flat_map(|d| d.sources()).collect(),
            ways: ["automated", "manual"],
            records,
            outside: self.outside(),
            consents: dossier.iter().flat_map(|d| &d.facts.consents).map(consent).collect(),
            obligations: self.obligations(),
            disclosures: self.disclosures(),
            cases: cases.iter().map(CaseLine::body).collect(),
            request: self.case.body(),
            audit: AuditBody { head: HeadBody { size: self.audit_head.0, root: &self.audit_head.1 } },
        })
    }

    fn page(&self, words: &Words) -> Vec<Block> {
        super::holdings_page::page(self, words)
    }

    fn sheet(&self) -> Option<Sheet> {
        Some(super::holdings_page::sheet(self))
    }

    fn lines_of(&self) -> Option<&'static str> {
        Some("records")
    }

    fn html(&self, words: &Words) -> Option<Result<String, Error>> {
        Some(html::holdings(self, words))
    }
}

impl Holdings {
    /// Without confirmed identity the answer is a draft for the officer, not for sending.
    pub fn is_draft(&self) -> bool {
        self.identity.is_none()
    }

    fn outside(&self) -> Vec<OutsideBody<'_>> {
        let lines = self.dossier.iter().flat_map(|dossier| &dossier.outside);
        lines
            .map(|(category, count, why)| OutsideBody {
                category: category.as_str(),
                count: *count,
                rule: &why.rule,
                clause: why.clause.as_deref(),
            })
            .collect()
    }

    fn obligations(&self) -> Vec<ObligationBody<'_>> {
        let obligations = self.dossier.iter().flat_map(|dossier| &dossier.facts.obligations);
        obligations
            .map(|o| ObligationBody {
                reference: &o.reference,
                r#type: &o.kind,
                opened_at: o.opened_at.rfc3339(),
                closed_at: o.closed_at.map(|at| at.rfc3339()),
            })
            .collect()
    }

    fn disclosures(&self) -> Vec<DisclosureBody<'_>> {
        let disclosures = self.dossier.iter().flat_map(|dossier| &dossier.facts.disclosures);
        disclosures
            .map(|d| DisclosureBody {
                recipient: &d.recipient,
                country: &d.country,
                categories: d.categories.iter().map(|category| category.as_str()).collect(),
                purpose: d.purpose.as_str(),
                basis: &d.basis,
                at: d.at.rfc3339(),
            })
            .collect()
    }

    /// The person's own cases, this one included.
    pub fn cases(&self) -> Vec<CaseLine> {
        let known = self.dossier.iter().flat_map(|dossier| &dossier.facts.cases);
        let line = |case: &crate::domain::facts::CaseSummary| CaseLine {
            number: case.number.to_string(),
            right: case.right.to_string(),
            received: case.received,
            state: case.state.clone(),
            due: case.due,
        };
        let mut cases: Vec<CaseLine> =
            known.map(line).filter(|case| case.number != self.case.number).collect();
        cases.push(self.case.clone());
        cases
    }
}

/// The word of a verdict in JSON and CSV.
pub fn verdict_word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Keep { .. } => "keep",
        Verdict::Destroy { .. } => "destroy",
        Verdict::Archive { .. } => "archive",
        Verdict::Block { .. } => "block",
        Verdict::Hold { .. } => "hold",
        Verdict::Gap { .. } => "gap",
    }
}

/// The date up to which a record is kept out of use, where a law keeps it.
pub fn restricted_until(held: &Held) -> Option<String> {
    match &held.verdict {
        Verdict::Archive { until, .. } => Some(until.to_string()),
        _ => held.record.archived_until.map(|day| day.to_string()),
    }
}

/// The names of the fields of a record, without its values.
pub fn field_names(record: &Record) -> Vec<String> {
    match serde_json::from_str(&record.data) {
        Ok(Value::Object(fields)) => fields.into_iter().map(|(name, _)| name).collect(),
        _ => Vec::new(),
    }
}

fn record(held: &Held, form: Form) -> serde_json::Result<RecordBody<'_>> {
    let why = held.verdict.reason();
    Ok(RecordBody {
        id: super::holdings_terms::reference(&held.record),
        category: held.record.category.as_str(),
        system: &held.record.system,
        source: &held.record.source,
        purposes: held.record.purposes.iter().map(|purpose| purpose.as_str()).collect(),
        collected_at: held.record.collected_at.rfc3339(),
        verdict: verdict_word(&held.verdict),
        keep_until: held.verdict.until().map(|day| day.to_string()),
        rule: why.map(|why| why.rule.as_str()),
        clause: why.and_then(|why| why.clause.as_deref()),
        law: why.and_then(|why| why.law.as_deref()),
        blocked: held.blocked_by.is_some(),
        restricted_until: restricted_until(held),
        excess: held.excess,
        fields: (form == Form::Access).then(|| field_names(&held.record)),
        data: (form == Form::Export).then(|| serde_json::from_str(&held.record.data)).transpose()?,
        annotations: held.record.annotations.iter().map(|note| super::holdings_terms::annotation(note, form)).collect(),
    })
}

fn consent(consent: &Consent) -> ConsentBody<'_> {
    ConsentBody {
        scope: consent.scope.as_str(),
        purposes: consent.purposes.iter().map(|purpose| purpose.as_str()).collect(),
        given_at: consent.given_at.rfc3339(),
        given_by: &consent.given_by,
        expires_at: consent.expires_at.map(|at| at.rfc3339()),
        withdrawn_at: consent.withdrawn_at.map(|at| at.rfc3339()),
        method: &consent.method,
        evidence: &consent.evidence,
        policy_version: &consent.policy_version,
        third_party: consent.third_party,
        cross_border: consent.cross_border,
        publication: consent.publication,
    }
}
