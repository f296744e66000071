#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use serde_json::json;

use super::{
    fits::fits,
    readers::{Reader, lists, readers},
    samples::{required, samples},
    *,
};
use crate::policy::{
    officer::{Officer, TEMPLATE},
    yaml,
};

/// Shapes that no type of their own reads: parts of a file that are text, numbers, or one-or-many of another.
const PLAIN: &[&str] = &[
    "policy_rule",
    "statute_rule",
    "text",
    "blank_text",
    "texts",
    "label",
    "names",
    "count",
    "day",
    "length",
    "bin",
    "users",
    "language",
    "conditions_of_record",
    "deadlines",
    "purposes",
    "obligation_types",
    "events",
    "rights",
    "refusable_rights",
    "scopes",
    "pauses",
    "exceptions",
    "channels",
    "notice_places",
    "effects",
    "officer_fields",
    "moment",
    "moments",
    "occasion",
];

/// Shapes of the calendar, which its own layer reads.
const CALENDAR: &[&str] = &["calendar", "week", "day_off", "working_weekend"];

/// Keys that a type knows only to refuse them with a sentence.
const REFUSED: &[(&str, &str)] = &[("system", "url"), ("system", "password")];

fn shapes() -> Shapes {
    serde_json::from_str(SHAPES).unwrap()
}

/// The keys of an object; the words and keys of a choice.
fn keys(shape: &Value) -> BTreeSet<String> {
    let words = shape.get("enum").and_then(Value::as_array).into_iter().flatten();
    let own = words.filter_map(Value::as_str).map(str::to_owned);
    let members = shape.get("properties").and_then(Value::as_object).into_iter().flatten();
    let choices = shape.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    own.chain(members.map(|(key, _)| key.clone())).chain(choices.flat_map(keys)).collect()
}

/// A shape has the keys of its reader; what it offers is read, and what it requires is missed.
pub fn agree(reader: &Reader) {
    let all = shapes();
    has_the_keys(&all, reader);
    offers_what_is_read(&all, reader);
    requires_what_is_required(&all, reader);
}

fn has_the_keys(all: &Shapes, reader: &Reader) {
    let refused = |key: &&&str| REFUSED.contains(&(reader.shape, **key));
    let read: BTreeSet<String> =
        reader.keys.iter().filter(|key| !refused(key)).map(|key| (*key).to_owned()).collect();
    assert!(!read.is_empty(), "{} tells no keys", reader.shape);
    assert_eq!(keys(&all[reader.shape]), read, "{}", reader.shape);
}

fn offers_what_is_read(all: &Shapes, reader: &Reader) {
    let samples = samples(all, &all[reader.shape]);
    assert!(samples.len() > 1 || keys(&all[reader.shape]).len() == 1, "{}", reader.shape);
    for sample in samples {
        let read = (reader.read)(&sample.to_string());
        assert_eq!(read, Ok(()), "{}: {sample}", reader.shape);
    }
}

fn requires_what_is_required(all: &Shapes, reader: &Reader) {
    let shape = &all[reader.shape];
    let full = samples(all, shape).pop().filter(|_| shape.get("properties").is_some());
    for key in full.iter().flat_map(|_| keys(shape)) {
        let mut without = full.clone().unwrap();
        let _ = without.as_object_mut().unwrap().remove(&key);
        let read = (reader.read)(&without.to_string()).is_ok();
        assert_eq!(read, !required(shape).contains(&key.as_str()), "{} without {key}", reader.shape);
    }
}

#[test]
fn each_shape_agrees_with_its_reader() {
    readers().iter().for_each(agree);
}

#[test]
fn each_list_has_the_words_of_the_vocabulary() {
    let shapes = shapes();
    for (shape, words) in lists() {
        assert_eq!(shapes[shape]["enum"], json!(words), "{shape}");
    }
}

#[test]
fn no_shape_is_left_out() {
    let known = readers().into_iter().map(|reader| reader.shape).chain(lists().into_iter().map(|l| l.0));
    let known: BTreeSet<String> =
        known.chain(PLAIN.iter().chain(CALENDAR).copied()).map(str::to_owned).collect();
    assert_eq!(shapes().into_keys().collect::<BTreeSet<_>>(), known);
}

#[test]
fn every_key_says_what_it_means() {
    fn silent(at: &str, shape: &Value, found: &mut Vec<String>) {
        for (key, member) in shape.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if member["description"].as_str().is_none_or(|text| text.len() < 4) {
                found.push(format!("{at}.{key}"));
            }
        }
        shape.get("anyOf").and_then(Value::as_array).into_iter().flatten().for_each(|s| silent(at, s, found));
    }
    let mut found = Vec::new();
    for (name, shape) in shapes() {
        silent(&name, &shape, &mut found);
        assert!(shape["description"].is_string(), "{name}");
    }
    assert_eq!(found, Vec::<String>::new());
}

/// As an editor sees it.
fn fits_file(of: Written, text: &str) -> bool {
    let schema: Value = serde_json::from_str(&super::text(of).unwrap()).unwrap();
    let shapes: Shapes = serde_json::from_value(schema["$defs"].clone()).unwrap();
    let value = yaml::read("file", text).unwrap();
    fits(&shapes, &json!({ "$ref": schema["$ref"] }), &value)
}

#[test]
fn the_shipped_files_fit() {
    macro_rules! file {
        ($path:literal) => {
            include_str!(concat!("../../../", $path))
        };
    }
    for (of, name, text) in [
        (Written::Policy, "first", file!("policies/mycar.yaml")),
        (Written::Policy, "second", file!("policies/automaster.yaml")),
        (Written::Policy, "garage", file!("fixtures/other-laws/garage.yaml")),
        (Written::Policy, "shop", file!("fixtures/other-laws/shop.yaml")),
        (Written::Statute, "kz", file!("policies/kz.yaml")),
        (Written::Statute, "gdpr", file!("fixtures/other-laws/gdpr.yaml")),
        (Written::Statute, "california", file!("fixtures/other-laws/california.yaml")),
        (Written::Officer, "template", TEMPLATE),
        (Written::Officer, "dealership", file!("fixtures/dealership/dsr.yaml")),
        (Written::Cases, "first", file!("policies/mycar.cases.yaml")),
        (Written::Cases, "second", file!("policies/automaster.cases.yaml")),
        (Written::Cases, "kz", file!("policies/kz.cases.yaml")),
        (Written::Cases, "shop", file!("fixtures/other-laws/shop.cases.yaml")),
        (Written::Cases, "garage", file!("fixtures/other-laws/garage.cases.yaml")),
        (Written::Calendar, "kz", file!("policies/kz.calendar.yaml")),
    ] {
        assert!(fits_file(of, text), "{name}");
    }
}

#[test]
fn the_template_fits_when_it_is_filled_in() {
    let open = |line: &str| {
        let filled = line.starts_with("#  ") || line.starts_with("#roles:");
        line.strip_prefix('#').filter(|_| filled).unwrap_or(line).to_owned() + "\n"
    };
    let text: String = TEMPLATE.replace("controllers: {}", "controllers:").lines().map(open).collect();
    assert!(text.contains("\n    legal_name: "), "{text}");
    assert!(Officer::read("dsr.yaml", &text).is_ok());
    assert!(fits_file(Written::Officer, &text));
}

const START: &str = "policy: p\ntitle: P\nlaw: kz\nversion: '1'\nsource: {sha256: \
                     0f00000000000000000000000000000000000000000000000000000000000000, language: en}\n\
                     controller: {name: P}\ncategories: [{id: c, title: c}]\npurposes: []\nrules:\n";

#[test]
fn an_editor_sees_what_is_wrong() {
    for (rule, good) in [
        ("{id: R, clause: '8', says: s, keep: {at_most: purpose_reached}}", true),
        ("{id: R, clause: 8.1, says: s, keep: {at_most: purpose_reached}, then: destroy}", true),
        ("{id: R, clause: '8', not_operational: a heading}", true),
        ("{id: R, clause: '8', says: s, keep: {at_most: {elapsed: {for: 3y, after: collected}}}}", true),
        ("{id: R, clause: '8', says: s, category: c, collects: {}}", true),
        ("{id: R, says: s, keep: {at_most: purpose_reached}}", false),
        ("{id: R, clause: '8', keep: {at_most: purpose_reached}}", false),
        ("{id: R, clause: '8', says: s}", false),
        ("{id: R, clause: '8', says: s, keep: {}}", false),
        ("{id: R, clause: '8', says: s, keep: {at_most: purpose_reached}, definition: d}", false),
        ("{id: R, clause: '8', says: s, category: c, definition: d}", false),
        ("{id: R, clause: '8', says: s, definition: d, then: destroy}", false),
        ("{id: R, clause: '8', says: s, keeps: {at_most: purpose_reached}}", false),
        (
            "{id: R, clause: '8', says: s, keep: {at_most: {elapsed: {for: 3 years, after: collected}}}}",
            false,
        ),
        ("{id: R, clause: '8', says: s, keep: {at_most: {earliest_of: []}}}", false),
        ("{id: R, clause: '8', says: s, deadline: {right: access}}", false),
        ("{id: R, clause: '8', says: s, deadline: {right: access, limit: {working_days: 3}}}", true),
        ("{id: R, clause: '8', says: s, deadline: {right: access, limit: {days: 3}}}", false),
        ("{id: R, clause: '8', says: s, refusal: refuse}", false),
        ("{id: R, clause: '8', says: s, refusal: refuse, rights: [breach]}", false),
        ("{id: R, clause: '8', says: s, valid_from: 18.01.2026, definition: d}", false),
    ] {
        assert_eq!(fits_file(Written::Policy, &format!("{START}- {rule}\n")), good, "{rule}");
    }
}

#[test]
fn an_editor_sees_what_is_wrong_with_a_system() {
    for (system, good) in [
        ("crm: {kind: postgres, owner: IT, env: CRM_URL, map: crm.yaml}", true),
        ("paper: {kind: manual, owner: Archive}", true),
        ("crm: {kind: postgres, owner: IT, env: CRM_URL}", false),
        ("crm: {kind: postgres, owner: IT, env: CRM_URL, url_file: crm.url, map: crm.yaml}", false),
        ("crm: {kind: postgres, owner: IT, url: x, map: crm.yaml}", false),
        ("crm: {kind: postgres, owner: IT, env: 'postgres://x', map: crm.yaml}", false),
        ("notes: {kind: csv, owner: IT, map: notes.yaml}", false),
        ("CRM: {kind: manual, owner: IT}", false),
    ] {
        let text = format!("controllers: {{p: {{systems: {{{system}}}}}}}\n");
        assert_eq!(fits_file(Written::Officer, &text), good, "{system}");
        assert_eq!(Officer::read("dsr.yaml", &text).is_ok(), good, "{system}");
    }
}

#[test]
fn a_schema_holds_what_it_leads_to_and_no_more() {
    for of in Written::ALL {
        let schema: Value = serde_json::from_str(&super::text(*of).unwrap()).unwrap();
        let mut names = vec![of.as_str()];
        references(&schema["$defs"], &mut names);
        let names: BTreeSet<&str> = names.into_iter().collect();
        let held: BTreeSet<&str> = schema["$defs"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, held, "{of}");
    }
}

#[test]
fn an_editor_sees_what_is_wrong_with_a_case_or_a_calendar() {
    let case = |text: &str| format!("retention:\n- {{name: n, today: 2026-01-18, {text}}}\n");
    let day = |text: &str| {
        let head = "id: c\nversion: '1'\ncountry: KZ\nweek: five_day\nknown_from: 2026-01-01\nknown_until: 2026-12-31\n";
        format!("{head}days_off:\n- {{{text}}}\n")
    };
    let record = "record: {category: contact, collected: 2020-01-01T10:00}";
    for (of, text, good) in [
        (Written::Cases, case(&format!("{record}, expect: {{keep: 2027-02-28}}")), true),
        (
            Written::Cases,
            case(&format!("{record}, expect: gap, contacts: [2025-06-01, 2025-06-02T10:00]")),
            true,
        ),
        (Written::Cases, case(&format!("{record}, expect: {{keeps: 2027-02-28}}")), false),
        (Written::Cases, case(&format!("{record}, expect: gap, contact: 2025-06-01")), false),
        (Written::Cases, case("record: {category: contact, collected: 1 May}, expect: gap"), false),
        (Written::Cases, "rules:\n- {ask: {age: 17}, expect: minor}\n".into(), true),
        (Written::Cases, "rules:\n- {ask: {ages: 17}, expect: minor}\n".into(), false),
        (Written::Calendar, day("date: 2026-03-20, name: n, source: s"), true),
        (Written::Calendar, day("date: 20.03.2026, name: n, source: s"), false),
        (Written::Calendar, day("date: 2026-03-20, name: n"), false),
    ] {
        assert_eq!(fits_file(of, &text), good, "{text}");
    }
}
