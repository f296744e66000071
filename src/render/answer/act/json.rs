//! The act as JSON: names, types, order.

use serde::Serialize;
use serde_json::Value;

use super::{ActAnswer, people};
use crate::{
    domain::Reason,
    render::answer::{duty::DutyBody, plan::Part},
    store::{destroy::KeptLine, facts::OWN},
};

#[derive(Serialize)]
struct Body<'a> {
    number: &'a str,
    state: &'static str,
    controller: ControllerBody<'a>,
    started: String,
    finished: Option<String>,
    cause: &'static str,
    case: Option<String>,
    right: Option<&'static str>,
    run: Option<String>,
    subject: Option<String>,
    basis: Vec<BasisBody<'a>>,
    by_hand: bool,
    records: u64,
    register_rows: u64,
    biometric: u64,
    values_replaced: bool,
    categories: Vec<CategoryBody<'a>>,
    kept: Vec<KeptBody<'a>>,
    duties: Vec<DutyBody<'a>>,
    elsewhere: &'a [Part],
    systems: Vec<&'a str>,
    method: Option<&'a str>,
    level: Option<&'a str>,
    not_reached: Vec<String>,
    scan: Option<ScanBody>,
    audit: AuditBody<'a>,
}

#[derive(Serialize)]
struct ControllerBody<'a> {
    id: &'a str,
    name: &'a str,
    bin: Option<&'a str>,
}

#[derive(Serialize)]
struct BasisBody<'a> {
    rule: &'a str,
    clause: Option<&'a str>,
    law: Option<&'a str>,
    says: &'a str,
}

#[derive(Serialize)]
struct CategoryBody<'a> {
    category: &'a str,
    records: u64,
    biometric: bool,
}

#[derive(Serialize)]
struct KeptBody<'a> {
    category: &'a str,
    records: u64,
    rule: &'a str,
    clause: Option<&'a str>,
    law: Option<&'a str>,
    until: Option<&'a str>,
}

#[derive(Serialize)]
struct ScanBody {
    clean: bool,
    files: u64,
    bytes: u64,
    pages: u64,
    values: u64,
    residue: u64,
    nonzero: u64,
}

#[derive(Serialize)]
struct AuditBody<'a> {
    effects: Option<u64>,
    destroyed: Option<u64>,
    head: &'a str,
    key: Option<&'a str>,
}

pub(super) fn body(answer: &ActAnswer) -> serde_json::Result<Value> {
    let act = &answer.act;
    let by_hand = answer.is_by_hand();
    let category = |(category, records): (&'_ String, &u64)| (category.clone(), *records);
    let counts: Vec<(String, u64)> = act.counts.iter().map(category).collect();
    serde_json::to_value(Body {
        number: &act.number,
        state: answer.state(),
        controller: ControllerBody { id: &act.controller, name: &answer.name, bin: answer.bin.as_deref() },
        started: act.started.rfc3339(),
        finished: act.finished.map(|at| at.rfc3339()),
        cause: act.cause(),
        case: act.case.as_ref().map(ToString::to_string),
        right: answer.right.map(|right| right.as_str()),
        run: act.run.map(|run| run.to_string()),
        subject: answer.subject.map(|id| id.to_string()),
        basis: answer.basis.iter().map(basis).collect(),
        by_hand,
        records: answer.act.records(),
        register_rows: act.register_rows(),
        biometric: answer.biometric_records(),
        values_replaced: answer.replaces_values(),
        categories: counts
            .iter()
            .map(|(category, records)| CategoryBody {
                category,
                records: *records,
                biometric: answer.biometric.contains(category),
            })
            .collect(),
        kept: act.kept.iter().map(|line| kept(answer, line)).collect(),
        duties: answer.elsewhere().map(DutyBody::of).collect(),
        elsewhere: &answer.elsewhere,
        systems: if by_hand { people::places(answer, |_| true) } else { vec![OWN] },
        method: Some(act.method.as_str()).filter(|_| !by_hand),
        level: act.reached().filter(|_| !by_hand),
        not_reached: answer.out_of_reach(),
        scan: act.scan.as_ref().filter(|_| !by_hand).map(|scan| ScanBody {
            clean: scan.is_clean(),
            files: scan.files,
            bytes: scan.bytes,
            pages: scan.pages,
            values: scan.values,
            residue: scan.residue,
            nonzero: scan.structural_nonzero,
        }),
        audit: AuditBody {
            effects: act.seq,
            destroyed: act.done_seq,
            head: &answer.seal.note,
            key: answer.seal.key.as_deref(),
        },
    })
}

fn basis(reason: &Reason) -> BasisBody<'_> {
    BasisBody {
        rule: &reason.rule,
        clause: reason.clause.as_deref(),
        law: reason.law.as_deref(),
        says: &reason.says,
    }
}

fn kept<'a>(answer: &'a ActAnswer, line: &'a KeptLine) -> KeptBody<'a> {
    let reason = answer.reason(&line.rule);
    KeptBody {
        category: &line.category,
        records: line.count,
        rule: &line.rule,
        clause: reason.and_then(|reason| reason.clause.as_deref()),
        law: reason.and_then(|reason| reason.law.as_deref()),
        until: line.until.as_deref(),
    }
}
