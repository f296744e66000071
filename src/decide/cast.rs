//! The people of `fixtures/` as facts, for the tests of every right.

use std::sync::OnceLock;

use serde_json::Value;

use crate::{
    domain::{
        Block, CaseNumber, Category, Consent, Disclosure, Hold, Moment, Obligation, Plan, Purpose, Record,
        RecordKey, Right, Step, SubjectFacts, SubjectId, Suppression, facts::CaseSummary, plan::Action,
    },
    policy::{Library, Rulebook},
};

const MYCAR: &str = include_str!("../../fixtures/mycar.ndjson");
const AUTOMASTER: &str = include_str!("../../fixtures/automaster.ndjson");

/// The day of the stories.
pub fn now() -> Moment {
    at("2026-11-22T10:00")
}

pub fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub fn mycar() -> &'static Rulebook {
    static BOOK: OnceLock<Rulebook> = OnceLock::new();
    BOOK.get_or_init(|| book("mycar"))
}

pub fn automaster() -> &'static Rulebook {
    static BOOK: OnceLock<Rulebook> = OnceLock::new();
    BOOK.get_or_init(|| book("automaster"))
}

fn book(controller: &str) -> Rulebook {
    Library::embedded().rulebook(controller).unwrap_or_else(|error| panic!("{error}"))
}

/// The rules over one person's facts.
pub fn rules(facts: &SubjectFacts) -> &'static Rulebook {
    if facts.controller == "mycar" { mycar() } else { automaster() }
}

/// A person of the fixtures: `C-2` at MyCar, `A-2` at AutoMaster.
pub fn person(reference: &str) -> SubjectFacts {
    let (controller, text) =
        if reference.starts_with('A') { ("automaster", AUTOMASTER) } else { ("mycar", MYCAR) };
    let mut facts = nobody(controller);
    for (id, line) in (1..).zip(text.lines()) {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}"));
        if line["subject"] == reference {
            add(&mut facts, &line, id);
        }
    }
    assert!(!facts.records.is_empty(), "{reference} is in no fixture");
    facts.records.sort_by(|a, b| (&a.category, a.key.id).cmp(&(&b.category, b.key.id)));
    facts
}

/// Everybody who has a record.
pub fn everybody() -> Vec<SubjectFacts> {
    let of = |letter: &'static str, last: u32| (1..=last).map(move |n| format!("{letter}-{n}"));
    let named = |reference: &String| {
        let text = if reference.starts_with('A') { AUTOMASTER } else { MYCAR };
        text.contains(&format!(r#""kind":"record","ref":"R-{}01","subject":"{reference}""#, &reference[2..]))
    };
    of("C", 31).chain(of("A", 16)).filter(named).map(|reference| person(&reference)).collect()
}

pub fn nobody(controller: &str) -> SubjectFacts {
    SubjectFacts::nobody(controller, SubjectId::from_bytes([7; 16]))
}

fn add(facts: &mut SubjectFacts, line: &Value, id: i64) {
    match text(line, "kind").as_str() {
        "record" => facts.records.push(record(line, id)),
        "consent" => facts.consents.push(consent(line, id)),
        "obligation" => facts.obligations.push(Obligation {
            id,
            reference: text(line, "ref"),
            kind: text(line, "type"),
            opened_at: at(&text(line, "opened_at")),
            closed_at: moment(line, "closed_at"),
        }),
        "disclosure" => facts.disclosures.push(Disclosure {
            id,
            reference: text(line, "ref"),
            recipient: text(line, "recipient"),
            country: text(line, "country"),
            categories: words(line, "categories").iter().map(|word| Category::new(word)).collect(),
            purpose: Purpose::new(&text(line, "purpose")),
            basis: text(line, "basis"),
            document: None,
            at: at(&text(line, "at")),
        }),
        _ => {}
    }
}

fn record(line: &Value, id: i64) -> Record {
    Record {
        annotations: Vec::new(),
        caveats: crate::domain::facts::Caveats::default(),
        key: RecordKey { id, version: 1 },
        reference: text(line, "ref"),
        category: Category::new(&text(line, "category")),
        system: "own".into(),
        source: text(line, "source"),
        given_by: text(line, "given_by"),
        purposes: words(line, "purposes").iter().map(|word| Purpose::new(word)).collect(),
        collected_at: at(&text(line, "collected_at")),
        last_contact_at: moment(line, "last_contact_at"),
        document_at: moment(line, "document_at"),
        purpose_reached_at: moment(line, "purpose_reached_at"),
        obligation: some(line, "obligation"),
        consent: some(line, "consent"),
        archived_until: None,
        activity_at: None,
        contact_since: None,
        data: line["data"].to_string(),
    }
}

fn consent(line: &Value, id: i64) -> Consent {
    Consent {
        id,
        reference: text(line, "ref"),
        scope: text(line, "scope").parse().unwrap_or_else(|error| panic!("{error}")),
        purposes: words(line, "purposes").iter().map(|word| Purpose::new(word)).collect(),
        given_at: at(&text(line, "given_at")),
        given_by: text(line, "given_by"),
        expires_at: moment(line, "expires_at"),
        withdrawn_at: moment(line, "withdrawn_at"),
        method: text(line, "method"),
        evidence: text(line, "evidence"),
        policy_version: text(line, "policy_version"),
        third_party: line["third_party"] == true,
        cross_border: line["cross_border"] == true,
        publication: line["publication"] == true,
    }
}

fn text(line: &Value, name: &str) -> String {
    some(line, name).unwrap_or_default()
}

fn some(line: &Value, name: &str) -> Option<String> {
    line[name].as_str().map(str::to_owned)
}

fn moment(line: &Value, name: &str) -> Option<Moment> {
    some(line, name).map(|text| at(&text))
}

fn words(line: &Value, name: &str) -> Vec<String> {
    let all = line[name].as_array().into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

pub fn hold(facts: &mut SubjectFacts, category: Option<&str>, basis: &str) {
    let category = category.map(Category::new);
    facts.holds.push(Hold { id: 3, number: "H-3".into(), category, since: now(), basis: basis.into() });
}

pub fn block(facts: &mut SubjectFacts, category: Option<&str>, case: u32) {
    let category = category.map(Category::new);
    facts.blocks.push(Block {
        id: i64::from(case),
        case: CaseNumber::new(2026, case),
        category,
        since: now(),
    });
}

/// A letter that asks for a block, which nobody has set yet.
pub fn ask_block(facts: &mut SubjectFacts, case: u32) {
    let case = CaseNumber::new(2026, case);
    facts.asked_blocks.push(Block { id: 0, case, category: None, since: now() });
}

pub fn case(facts: &mut SubjectFacts, right: Right, state: &str) {
    let number = CaseNumber::new(2026, 40);
    let (state, open) = (state.to_owned(), true);
    facts.cases.push(CaseSummary { number, right, received: now(), state, due: None, open });
}

/// What the store would hold once a plan was carried out.
pub fn carried_out(facts: &SubjectFacts, plan: &Plan) -> SubjectFacts {
    let mut after = facts.clone();
    for step in &plan.steps {
        match step.action {
            Action::Destroy => after.records.retain(|record| !step.keys.contains(&record.key)),
            Action::Archive => archive(&mut after, step),
            Action::Withdraw => {
                let taken = |id| step.keys.iter().any(|key| key.id == id);
                let consents = after.consents.iter_mut().filter(|consent| taken(consent.id));
                consents.for_each(|consent| consent.withdrawn_at = Some(now()));
            }
            Action::Suppress => after.suppressions.extend(step.about.iter().map(|word| Suppression {
                id: 1,
                purpose: Purpose::new(word),
                since: now(),
            })),
            Action::Block => after.blocks.push(Block {
                id: 9,
                case: CaseNumber::new(2026, 9),
                category: step.category.clone(),
                since: step.since.unwrap_or_else(now),
            }),
            Action::Unblock if step.collection == "block" => {
                after.blocks.retain(|block| !step.keys.iter().any(|key| key.id == block.id));
            }
            Action::Unblock => after.suppressions.clear(),
            _ => {}
        }
    }
    after
}

fn archive(after: &mut SubjectFacts, step: &Step) {
    let named = after.records.iter_mut().filter(|record| step.keys.contains(&record.key));
    named.for_each(|record| record.archived_until = step.until);
}

/// A plan in a few words a line: what is done with which records, by which rule.
pub fn told(facts: &SubjectFacts, plan: &Plan) -> Vec<String> {
    let names = |keys: &[RecordKey]| {
        let name = |key: &RecordKey| {
            let record = facts.records.iter().find(|r| r.key == *key).map(|r| r.reference.clone());
            let consent = || facts.consents.iter().find(|c| c.id == key.id).map(|c| c.reference.clone());
            record.or_else(consent).unwrap_or_else(|| "#".into())
        };
        keys.iter().map(name).collect::<Vec<_>>().join(" ")
    };
    let mut lines = Vec::new();
    for step in &plan.steps {
        let effect = step.effect.map_or(String::new(), |effect| format!("{effect}: "));
        let until = step.until.map_or(String::new(), |day| format!(" until {day}"));
        let what = step.category.as_ref().map_or(step.collection.as_str(), |category| category.as_str());
        let about = step.about.first().map_or(String::new(), |about| format!(" ({about})"));
        lines.push(format!(
            "{effect}{} {what} [{}]{about}{until} by {}",
            step.action,
            names(&step.keys),
            step.why.rule
        ));
    }
    for kept in &plan.kept {
        let until = kept.until.map_or(String::new(), |day| format!(" until {day}"));
        lines.push(format!("keep {} [{}]{until} by {}", kept.category, names(&kept.keys), kept.why.rule));
    }
    lines.extend(plan.gaps.iter().map(|gap| format!("gap [{}] {}", names(&gap.keys), gap.missing)));
    lines.extend(plan.waits.iter().map(|wait| format!("wait [{}] for {}", names(&wait.keys), wait.reopens)));
    lines
}

/// Compares a plan with the lines of a story, whole and in order.
pub fn assert_story(about: &str, facts: &SubjectFacts, plan: &Plan, decision: &str, lines: &[&str]) {
    assert_eq!(told(facts, plan), lines, "{about}");
    assert_eq!(plan.decision.as_str(), decision, "{about}");
}
