//! The JSON of an answer, name by name as `docs/output.md` promises it.

use serde::Serialize;
use serde_json::Value;

use super::{Form, Holdings, PolicyCard, Searched, terms};
use crate::{
    decide::{
        access::{Dossier, Held, Outside},
        consents::stopped_parts,
    },
    domain::{Category, Consent, Disclosure, Moment, Obligation, Purpose, SubjectFacts, facts::CaseSummary},
};

/// Both ways, whatever the record: data of one system is never handled by machine or by hand alone.
const WAYS: [&str; 2] = ["automated", "manual"];

#[derive(Serialize)]
struct Body<'a> {
    subject: SubjectBody,
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
    audit: AuditBody,
    searched: &'a Searched,
}

#[derive(Serialize)]
struct SubjectBody {
    id: Option<String>,
}

#[derive(Serialize)]
struct CaseBody<'a> {
    number: &'a str,
    right: &'a str,
    received: String,
    state: &'a str,
    due: Option<String>,
}

#[derive(Serialize)]
struct AuditBody {
    head: HeadBody,
}

#[derive(Serialize)]
struct HeadBody {
    size: u64,
    root: String,
}

#[derive(Serialize)]
struct RecordBody<'a> {
    id: String,
    category: &'a str,
    system: &'a str,
    source: &'a str,
    purposes: Vec<&'a str>,
    collected_at: Option<String>,
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
    annotations: Vec<AnnotationBody<'a>>,
    masked: &'a [String],
    free_text: &'a [String],
}

/// What the person says is wrong in a document that is not overwritten.
#[derive(Serialize)]
struct AnnotationBody<'a> {
    field: &'a str,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<Value>,
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
    stopped: Vec<StoppedBody>,
    method: &'a str,
    evidence: &'a str,
    policy_version: &'a str,
    third_party: bool,
    cross_border: bool,
    publication: bool,
}

#[derive(Serialize)]
struct StoppedBody {
    purpose: String,
    since: String,
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

/// The body; a person about whom nothing is held has empty lists and no id.
pub(super) fn body(answer: &Holdings) -> serde_json::Result<Value> {
    let dossier = answer.dossier.as_ref();
    let facts = dossier.map(|dossier| &dossier.facts);
    let records = answer.held().iter().map(|held| record(held, answer.form));
    serde_json::to_value(Body {
        subject: SubjectBody { id: facts.map(|facts| facts.subject.to_string()) },
        controller: &answer.controller,
        identity: answer.identity,
        draft: answer.is_draft(),
        answered: answer.day.to_string(),
        policy: &answer.policy,
        purposes: dossier.iter().flat_map(|dossier| dossier.purposes()).map(Purpose::as_str).collect(),
        sources: dossier.map(Dossier::sources).unwrap_or_default(),
        ways: WAYS,
        records: records.collect::<serde_json::Result<_>>()?,
        outside: dossier.iter().flat_map(|dossier| &dossier.outside).map(outside).collect(),
        consents: facts
            .iter()
            .flat_map(|facts| facts.consents.iter().map(|one| consent(one, facts)))
            .collect(),
        obligations: facts.iter().flat_map(|facts| &facts.obligations).map(obligation).collect(),
        disclosures: facts.iter().flat_map(|facts| &facts.disclosures).map(disclosure).collect(),
        cases: answer.cases().map(case).collect(),
        request: case(&answer.case),
        searched: &answer.searched,
        audit: AuditBody { head: HeadBody { size: answer.head.size, root: answer.head.root.to_string() } },
    })
}

fn record(held: &Held, form: Form) -> serde_json::Result<RecordBody<'_>> {
    let (record, why) = (&held.record, held.verdict.reason());
    Ok(RecordBody {
        id: terms::reference(record),
        category: record.category.as_str(),
        system: &record.system,
        source: &record.source,
        purposes: record.purposes.iter().map(Purpose::as_str).collect(),
        collected_at: terms::collected(record).map(Moment::rfc3339),
        verdict: held.verdict.as_str(),
        keep_until: held.verdict.until().map(|day| day.to_string()),
        rule: why.map(|why| why.rule.as_str()),
        clause: why.and_then(|why| why.clause.as_deref()),
        law: why.and_then(|why| why.law.as_deref()),
        blocked: held.is_blocked(),
        restricted_until: held.restricted_until().map(|day| day.to_string()),
        excess: held.excess,
        fields: (form == Form::Access).then(|| terms::field_names(record)),
        data: (form == Form::Export).then(|| serde_json::from_str(&record.data)).transpose()?,
        annotations: record.annotations.iter().map(|note| annotation(note, form)).collect(),
        masked: &record.caveats.masked,
        free_text: &record.caveats.free_text,
    })
}

/// An annotation is told in every answer; its value, like the payload, only in a copy.
fn annotation((field, note, at): &(String, String, Moment), form: Form) -> AnnotationBody<'_> {
    let says = (form == Form::Export).then(|| terms::said(note));
    AnnotationBody { field, at: at.rfc3339(), says }
}

fn case(case: &CaseSummary) -> CaseBody<'_> {
    CaseBody {
        number: case.number.as_str(),
        right: case.right.as_str(),
        received: case.received.rfc3339(),
        state: &case.state,
        due: case.due.map(|day| day.to_string()),
    }
}

fn outside(outside: &Outside) -> OutsideBody<'_> {
    OutsideBody {
        category: outside.category.as_str(),
        count: outside.count,
        rule: &outside.why.rule,
        clause: outside.why.clause.as_deref(),
    }
}

fn consent<'a>(consent: &'a Consent, facts: &SubjectFacts) -> ConsentBody<'a> {
    let stopped = stopped_parts(consent, &facts.suppressions).into_iter();
    let stopped =
        stopped.map(|(purpose, since)| StoppedBody { purpose: purpose.to_string(), since: since.rfc3339() });
    ConsentBody {
        stopped: stopped.collect(),
        scope: consent.scope.as_str(),
        purposes: consent.purposes.iter().map(Purpose::as_str).collect(),
        given_at: consent.given_at.rfc3339(),
        given_by: &consent.given_by,
        expires_at: consent.expires_at.map(Moment::rfc3339),
        withdrawn_at: consent.withdrawn_at.map(Moment::rfc3339),
        method: &consent.method,
        evidence: &consent.evidence,
        policy_version: &consent.policy_version,
        third_party: consent.third_party,
        cross_border: consent.cross_border,
        publication: consent.publication,
    }
}

fn obligation(obligation: &Obligation) -> ObligationBody<'_> {
    ObligationBody {
        reference: &obligation.reference,
        r#type: &obligation.kind,
        opened_at: obligation.opened_at.rfc3339(),
        closed_at: obligation.closed_at.map(Moment::rfc3339),
    }
}

fn disclosure(disclosure: &Disclosure) -> DisclosureBody<'_> {
    DisclosureBody {
        recipient: &disclosure.recipient,
        country: &disclosure.country,
        categories: disclosure.categories.iter().map(Category::as_str).collect(),
        purpose: disclosure.purpose.as_str(),
        basis: &disclosure.basis,
        at: disclosure.at.rfc3339(),
    }
}
